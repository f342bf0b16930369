"""Dividing: which clauses of a goal stand each for itself, judged by the units that could do them.

A goal stays whole where one unit accounts for all of it; where a text may as well end before a new request, it is asked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from doer.domain.goal import Abstention, Answer, Option, Question
from doer.domain.value import Provenance
from doer.intent.text import stem
from doer.intent.vocabulary import alike
from doer.planning.matching.match import ACCEPTED, Fit
from doer.planning.matching.pick import MEANT
from doer.planning.matching.profile import is_content
from doer.planning.matching.space import Space
from doer.planning.stop import Stop
from doer.planning.words.clauses import ASKING, LIGHT, Clause, cuts, divisions
from doer.planning.words.utterance import Put, Span, Utterance

_GOOD, _FAIR, _POOR, _BAD = 3, 2, 1, 0
_BETTER = 0.1
PARTS = "parts"
"""The slot under which it is asked whether a text goes on or a new request begins."""


def divide(space: Space, said: Utterance, left: Sequence[str], answers: Sequence[Answer]) -> tuple[Clause, ...]:
    """Return the clauses of a goal that asks for several things; nothing where it is one request.

    Raises Stop with an abstention that names the clause that nothing here can do, and with a question where a text may
    go on or end.
    """
    if any(each.slot == MEANT for each in answers):
        return ()
    found = cuts(said, space.lexicon.heads.__contains__)
    if not found:
        return ()
    whole = Clause(1, (len(said.text) - len(said.text.lstrip()), len(said.text.rstrip())), later=False)
    scale = _Scale(space, said, left, tuple(each.start for each in found), {})
    ways = [(whole,), *(parts for parts in divisions(whole.span, found) if not _is_one(scale, parts))]
    good = [parts for parts in ways if all(scale.of(each.span).worth == _GOOD for each in parts)]
    if good:
        told = [parts for parts in good if not any(scale.of(each.span).lacks for each in parts)]
        parts = _asked_apart(scale, _plainest(scale, told or good), ways, answers)
        return parts if len(parts) > 1 else ()
    if fair := next((parts for parts in ways[1:] if all(scale.of(each.span).worth >= _FAIR for each in parts)), ()):
        return fair
    if scale.of(whole.span).worth == _BAD:
        _name_the_lost(scale, ways[1:])
    return ()


_ROW = re.compile(r"\b(?P<noun>[a-z]+)\s+(?:number\s+|no\.?\s+|#\s*)?(?P<number>\d+)\b", re.IGNORECASE)
_IT = re.compile(r"\bit\b", re.IGNORECASE)
_WHOM = re.compile(r"\b(?:him|her(?=\s+(?:a|an|the|that|to|in|on|by)\b|\W*$))\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Weighed:
    """How well one unit accounts for a stretch of the goal."""

    worth: int
    texts: tuple[tuple[str, Span], ...] = ()
    """Slot and span of what it takes as free text."""
    reason: str = ""
    """Why nothing is done with it."""
    unit: str = ""
    """The unit that comes nearest."""
    filled: frozenset[str] = frozenset()
    nearest: tuple[str, ...] = ()
    score: float = 0.0
    lacks: bool = False
    """True: something that must be told is not told here."""


@dataclass(frozen=True, slots=True)
class _Scale:
    space: Space
    said: Utterance
    left: Sequence[str]
    begins: tuple[int, ...]
    """Where verbs stand with which a request may begin."""
    known: dict[Span, _Weighed]

    def of(self, span: Span) -> _Weighed:
        if span not in self.known:
            weighed = self._weigh(self.space.hear(self.said.goal, self.left, span))
            if weighed.worth < _GOOD and (standing := self._standing(span)) is not None:
                weighed = max(weighed, self._weigh(standing), key=lambda each: each.worth)
            self.known[span] = weighed
        return self.known[span]

    def _standing(self, span: Span) -> Utterance | None:
        """The clause with what was named last before it in the place of its pointers: `ticket 12` of `it`, `Ana` of `her`."""
        rows = list(_ROW.finditer(self.said.text, 0, span[0]))
        people = [each for each in self.said.atoms if each.kind == "person" and each.end <= span[0]]
        puts: list[Put] = []
        for pointer, named in (
            (_IT, [(f"{each['noun']} {each['number']}", each.span()) for each in rows]),
            (_WHOM, [(each.text, (each.start, each.end)) for each in people]),
        ):
            back = list(pointer.finditer(self.said.text, *span))
            if len(back) == 1 and named:
                text, place = named[-1]
                puts.append(Put(back[0].span(), text, Provenance("words", text, *place)))
        return self.space.hear(self.said.goal, self.left, span, puts) if puts else None

    def _weigh(self, said: Utterance) -> _Weighed:
        try:
            fit = self.space.choose(said).fit
        except Stop as stopped:
            fits = self.space.fits(said)
            if isinstance(stopped.proposal, Abstention):
                name = fits[0].profile.unit.name if fits and fits[0].score else ""
                near = stopped.proposal.nearest
                return _Weighed(_BAD, reason=stopped.proposal.reason, unit=name, nearest=near)
            fair = fits[0].whole and fits[0].score >= ACCEPTED - 0.2 and not said.mood.tells
            return _weighed(_FAIR if fair else _POOR, fits[0], (), stopped.proposal.text)
        quoted = [(each.start, each.end) for each in said.mentions if each.kind == "quoted"]
        specs = {slot.name: slot for slot in fit.profile.unit.slots}
        texts = tuple(
            (name, way.span)
            for name, way in fit.assignment.chosen.items()
            if specs[name].type == "text" and way.span not in quoted
        )
        if fit.whole and not said.puzzles and self._does(fit, said):
            return _weighed(_GOOD, fit, texts, "")
        spans = [(each.start, each.end) for each in (*fit.foreign, *fit.odd)] + [
            (each.start, each.end) for each in fit.loose
        ]
        lost = ", ".join(repr(said.text[slice(*each)]) for each in spans)
        return _weighed(_POOR, fit, texts, f"{fit.profile.unit.name} has no place for {lost}")

    def _does(self, fit: Fit, said: Utterance) -> bool:
        """Tell whether every verb with which a request may begin is one of the unit's examples, or stands in a value."""
        if fit.exactly:
            return True
        taken = [*said.polite, *(span for way in fit.assignment.chosen.values() for span in way.taken)]
        own = {stem for each in fit.profile.skeletons for stem in each}
        if any(word.start in self.begins and word.lower in ASKING for word in said.words[1:]):
            return False  # two questions are not one
        if self._light(fit, said):
            return False
        heads = [word for word in said.words if word.start in self.begins and is_content(word.lower)]
        return all(
            any(alike(word.stem, each) for each in own) or any(start <= word.start < end for start, end in taken)
            for word in heads
        )

    def _light(self, fit: Fit, said: Utterance) -> bool:
        """Tell whether another request is begun by a verb so light that no unit asks for it: `make a folder …, move … into it`."""
        if not said.words or not any(word.start in self.begins for word in said.words[1:]):
            return False
        first = said.words[0]
        begun = {stem(example.split(maxsplit=1)[0].lower()) for example in fit.profile.unit.examples if example}
        return first.lower in LIGHT and first.stem not in begun

    def words(self, span: Span) -> str:
        return self.said.text[slice(*span)].strip()


def _weighed(worth: int, fit: Fit, texts: tuple[tuple[str, Span], ...], reason: str) -> _Weighed:
    name, filled = fit.profile.unit.name, frozenset(fit.assignment.chosen)
    return _Weighed(worth, texts, reason, name, filled, lacks=bool(fit.missing), score=fit.score)


def _is_one(scale: _Scale, parts: Sequence[Clause]) -> bool:
    """Tell whether two clauses only share out what one unit must be told: then they are one request."""
    weighed = [scale.of(each.span) for each in parts]
    return any(
        one.unit == two.unit and (one.lacks or two.lacks) and not one.filled & two.filled
        for place, one in enumerate(weighed)
        for two in weighed[:place]
    )


def _plainest(scale: _Scale, good: Sequence[tuple[Clause, ...]]) -> tuple[Clause, ...]:
    """The fewest clauses, unless more of them match much better: then a tool has only swallowed what it does not know."""

    def least(parts: tuple[Clause, ...]) -> float:
        return min(scale.of(each.span).score for each in parts)

    return next((each for each in good[1:] if least(each) > least(good[0]) + _BETTER), good[0])


def _asked_apart(
    scale: _Scale, fewest: tuple[Clause, ...], ways: Sequence[tuple[Clause, ...]], answers: Sequence[Answer]
) -> tuple[Clause, ...]:
    """The fewest clauses; where a text of theirs may end before a joint after which a request could begin, it is asked."""
    texts = [text for each in fewest for text in scale.of(each.span).texts]
    for finer in ways:
        if any(scale.of(each.span).worth < _FAIR for each in finer):
            continue
        within = [(name, span, part) for name, span in texts for part in finer if span[0] < part.span[0] < span[1]]
        if not within:
            continue
        word = next((each for each in reversed(answers) if each.slot == PARTS), None)
        if word is not None:
            return finer if str(word.value or word.text).startswith("apart") else fewest
        slot, span, part = within[0]
        name, request = slot.replace("_", " "), scale.words(part.span)
        raise Stop(
            Question(
                PARTS,
                f"Is {request!r} a part of the {name}, or to be done as well?",
                (
                    Option(f"the {name} is {scale.words(span)!r}", "together"),
                    Option(f"do as well: {request}", "apart"),
                ),
            )
        )
    return fewest


def _name_the_lost(scale: _Scale, ways: Sequence[tuple[Clause, ...]]) -> None:
    """Raise Stop with the clauses that nothing can do, where others could be done."""
    for parts in ways:
        lost = [each for each in parts if scale.of(each.span).worth <= _POOR]
        units = {scale.of(each.span).unit for each in parts if each not in lost}
        if any(scale.of(each.span).unit in units for each in lost):
            continue
        if 0 < len(lost) < len(parts) and all(scale.of(each.span).worth in {_GOOD, _BAD} for each in parts):
            told = "; ".join(f"{scale.words(each.span)!r}: {scale.of(each.span).reason}" for each in lost)
            names = " and ".join(repr(scale.words(each.span)) for each in lost)
            near = tuple(dict.fromkeys(name for each in lost for name in scale.of(each.span).nearest))[:3]
            raise Stop(
                Abstention(f"half of it is not done. {told}", near, f"a connection with a tool for {names}"),
                scale.words(lost[0].span),
            )
