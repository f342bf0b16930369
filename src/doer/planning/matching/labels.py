"""Labels: `Supplier: Vogel Catering` lines, and which slot each label names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from doer.intent.text import stem, words
from doer.intent.vocabulary import alike_nouns
from doer.planning.matching.cues import Cues
from doer.planning.skills.slots import SlotSpec
from doer.planning.words.utterance import Span

_LABEL = re.compile(
    r"(?:^|(?<=[\n;,.•]))[ \t]*(?:[-*•][ \t]*)?(?P<label>[^\W\d_][\w -]{0,30}?)[ \t]*[:=](?=\s)[ \t]*", re.MULTILINE
)
_ASKING: Mapping[str, frozenset[str]] = {
    "who": frozenset({"person"}),
    "when": frozenset({"date", "datetime"}),
    "day": frozenset({"date"}),
    "where": frozenset({"address"}),
    "what": frozenset({"text"}),
    "how much": frozenset({"amount", "decimal"}),
    "price": frozenset({"amount"}),
    "total": frozenset({"amount"}),
    "sum": frozenset({"amount"}),
    "email": frozenset({"email"}),
}


def labelled(text: str, slots: Sequence[SlotSpec], cues: Mapping[str, Cues]) -> Mapping[str, tuple[Span, Span]]:
    """Return each labelled slot's (label, value) spans; nothing unless two labels or more name slots, each another."""
    found = [(each, _named(each["label"], slots, cues)) for each in _LABEL.finditer(text)]
    right = [(each, name) for each, name in found if name]
    names = [name for _, name in right]
    if len(set(names)) < 2 or len(set(names)) < len(names):
        return {}
    spans: dict[str, tuple[Span, Span]] = {}
    for place, (each, name) in enumerate(right):
        after = right[place + 1][0].start() if place + 1 < len(right) else len(text)
        piece = text[each.end() : after].split("\n", maxsplit=1)[0].split(";", maxsplit=1)[0]
        end = each.end() + len(piece.rstrip(" \t,.;"))
        if end > each.end():
            spans[name] = (each.span("label"), (each.end(), end))
    return spans


def _named(label: str, slots: Sequence[SlotSpec], cues: Mapping[str, Cues]) -> str:
    """The one slot that a label names; nothing where none or several could be meant."""
    said = tuple(word.lower for word in words(label))
    exact = [
        slot.name
        for slot in slots
        if said == tuple(word.lower for word in words(slot.name.replace("_", " "))) or said in _cues(slot)
    ]
    if not exact:
        exact = [slot.name for slot in slots if _near(said, cues[slot.name])]
    if not exact:
        kinds = _ASKING.get(" ".join(said), frozenset())
        exact = [slot.name for slot in slots if slot.asked_as in kinds]
    return exact[0] if len(exact) == 1 else ""


def _cues(slot: SlotSpec) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(word.lower for word in words(each)) for each in slot.cues)


def _near(said: tuple[str, ...], cues: Cues) -> bool:
    meant = [each for each in said if each not in {"the", "no", "number", "date", "of"}]
    return bool(meant) and all(any(alike_nouns(stem(noun), stem(each)) for noun in cues.nouns) for each in meant)
