"""Fill: one way to fill one slot, and the goal as one unit sees it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from doer.domain.goal import Option
from doer.planning.skills.slots import SlotSpec
from doer.planning.words.phrases import Phrase
from doer.planning.words.utterance import Span, Utterance

MOST = 6
PLAIN = 0.45
"""Evidence from which on a text is taken without more ado."""


@dataclass(frozen=True, slots=True)
class Fill:
    """One way to fill one slot."""

    slot: str
    span: Span
    """The words, for provenance."""
    taken: tuple[Span, ...]
    """Spans that nothing else may take."""
    shared: tuple[Span, ...]
    """Spans that other values of the same kind may take too: the one date of two times."""
    options: tuple[Option, ...]
    """Ways to read it; several are asked about."""
    score: float
    evidence: float
    problem: str = ""

    def clashes(self, other: Fill) -> bool:
        """Tell whether both want the same words."""
        return any(overlap(one, two) for one in self.taken for two in (*other.taken, *other.shared)) or any(
            overlap(one, two) for one in self.shared for two in other.taken
        )


def overlap(one: Span, two: Span) -> bool:
    """Tell whether two spans share a character."""
    return one[0] < two[1] and two[0] < one[1]


def overlaps(one: Span, others: Iterable[Span]) -> bool:
    """Tell whether a span shares a character with any of the others."""
    return any(overlap(one, each) for each in others)


@dataclass(frozen=True, slots=True)
class Scene:
    """A goal as one unit sees it."""

    said: Utterance
    phrases: tuple[Phrase, ...]
    wide: tuple[Phrase, ...]
    """The phrases with the names of people and towns in them: `our Vienna office`."""
    labels: Mapping[str, tuple[Span, Span]]
    """Slot -> label and value."""
    places: tuple[Span, ...]
    """Addresses, where the unit has a slot for one."""
    apart: bool
    """True: another slot takes the currency of an amount."""
    known: frozenset[str]
    """The unit's own stems."""
    matter: frozenset[str]
    """Those that speak of the matter, and not only of grammar."""


def in_place(fill: Fill, scene: Scene) -> bool:
    """Tell whether a fill is a part of an address: a street is no person, and its number no amount."""
    return any(start <= fill.span[0] and fill.span[1] <= end for start, end in scene.places)


def cuts(span: Span, scene: Scene) -> bool:
    """Tell whether a span is a part of a phrase: then it says something else than what was said."""
    return any(
        overlap(span, each.span) and not (span[0] <= each.span[0] and each.span[1] <= span[1]) for each in scene.phrases
    )


def writes(scene: Scene, span: Span) -> bool:
    """Tell whether words only name whose mail address follows: `Jana at jana.kuhn@acme.example`."""
    said = scene.said
    return any(
        each.kind == "email"
        and each.start >= span[1]
        and said.text[span[1] : each.start].strip().lower() in {"at", "(", "<", ",", ""}
        for each in said.atoms
    )


def made(spec: SlotSpec, span: Span, options: tuple[Option, ...], base: float, near: float) -> Fill:
    return Fill(spec.name, span, (span,), (), options, base + near, near)
