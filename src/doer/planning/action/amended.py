"""Amended: a call on record that the last turn changes: what is said now replaces, joins or leaves what was said then; the rest stays."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from doer.domain.scoring import ParameterScore
from doer.domain.value import Json, JsonObject
from doer.intent.text import words
from doer.planning.action.assign import Assignment, Filled
from doer.planning.action.carried import Known
from doer.planning.action.earlier import Record
from doer.planning.action.likeness import FILLERS, SURE, stems
from doer.planning.action.nesting import object_lists
from doer.planning.action.objects import once
from doer.planning.action.read import Read
from doer.planning.action.schema import leaf
from doer.planning.action.sense import said_so
from doer.planning.schema import problems

_CHANGES: Final = re.compile(
    r"\b(?:chang|updat|modif|adjust|replac|switch|extend|shorten|increas|decreas|reduc|lower|rais|remov|includ|exclud|correct|rather|instead"
    r"|without|add\b|drop\b|make (?:it|that|them)\b|set (?:it|that|them)\b|should be\b)",
    re.IGNORECASE,
)
"""What is said where something that was done is to be otherwise."""
_GOES_ON: Final = re.compile(r"\b(?:also|as well|too|actually|let's)\b", re.IGNORECASE)
"""What is said there too, and as often of something else."""
_ADDS: Final = re.compile(r"\b(?:add|also|as well|too|includ\w+|more|another|plus)\b", re.IGNORECASE)
_TAKES: Final = re.compile(
    r"\b(?:remov\w+|without|drop|exclud\w+|except|no longer|take out|leave out)\b", re.IGNORECASE
)
_ONLY: Final = re.compile(r"\b(?:only|just|instead|focus|rather|replac\w+)\b", re.IGNORECASE)
_CHOSEN: Final = 0.5


def amends(last: str) -> float:
    """Return how surely the words are of something that is to be otherwise than it was done: 0, ½ or 1."""
    return 1.0 if _CHANGES.search(last) else 0.5 if _GOES_ON.search(last) else 0.0


def amended(record: Record, read: Read) -> Assignment | None:
    """Return the call on record as the last turn amends it; None where it does not. `read`: its tool."""
    then = dict(_then(record.told, read))
    if not then:
        return None
    heard, begin = read.listened.heard.text, read.listened.last
    last = heard[begin:]
    made = once(_unlike(read.outside([(0, begin)]), then))
    said = {each.name: each for each in made.filled if _is_said(each, last)}
    now = {name: each for name, each in said.items() if each.value != then.get(name)}
    merged = [_merged(each, then.get(each.name), last, leaf(read.parameters, each.name)) for each in now.values()]
    if all(each.value == then.get(each.name) for each in merged):
        return None
    kept = [
        Filled(name, value, (), SURE, Known(tuple(name.split(".")), value, record).origin)
        for name, value in then.items()
        if name not in now
    ]
    have = {each.name for each in (*merged, *kept)}
    missing = tuple(n for n in made.missing if not any(n == h or n.startswith(f"{h}.") for h in have))
    return None if missing else replace(made, filled=(*merged, *kept), missing=(), amends=True)


def _then(told: JsonObject, read: Read) -> Iterator[tuple[str, Json]]:
    """Yield the arguments on record under the names that parameters are read by: `settings.volume`; a list of objects as a whole."""
    lists = tuple(object_lists(read.parameters))
    names = [each.name for each in read.tool.parameters if not any(each.name.startswith(f"{one}.") for one in lists)]
    for name in (*names, *lists):
        value: Json = told
        for part in name.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        if value is not None and next(problems(value, leaf(read.parameters, name)), None) is None:
            yield name, value


def _unlike(read: Read, then: Mapping[str, Json]) -> Read:
    """What was read, without the words that are what a parameter had then: of `from Slack to email` one is new."""
    text = read.listened.heard.text
    heard = [text[each.start : each.end].casefold() for each in read.listened.heard.candidates]

    def unlike(name: str, score: ParameterScore) -> ParameterScore:
        value = then.get(name)
        if not score.spans or not isinstance(value, str | int | float):
            return score
        old = str(value).casefold()
        left = sum(chance for chance, said in zip(score.spans, heard, strict=True) if said == old)
        share = 1 / max(1 - left, 1e-3)
        spans = tuple(0.0 if said == old else chance * share for chance, said in zip(score.spans, heard, strict=True))
        return replace(score, nothing=score.nothing * share, spans=spans)

    scores = (unlike(each.name, score) for each, score in zip(read.tool.parameters, read.score.parameters, strict=True))
    return replace(read, score=replace(read.score, parameters=tuple(scores)))


def _is_said(filled: Filled, last: str) -> bool:
    """Tell whether an argument is of what was said now; of a choice, whether it or its parameter is named."""
    if filled.spans:
        return True
    named = set(stems(filled.name)) - FILLERS
    spoken = {each.stem for each in words(last)}
    return bool(said_so(filled.value, last)) or (filled.confidence >= _CHOSEN and bool(named & spoken))


def _merged(said: Filled, then: Json, last: str, schema: JsonObject) -> Filled:
    """A list with what joins or leaves it; all else is what was said."""
    if not isinstance(said.value, list) or not isinstance(then, list):
        return said
    value: Sequence[Json]
    if any(isinstance(each, Mapping) for each in said.value):
        value = _joined(then, said.value, adds=_ADDS.search(last) is not None)
    elif _TAKES.search(last):
        gone = [str(each).casefold() for each in said.value]
        value = [each for each in then if str(each).casefold() not in gone]
    elif _ADDS.search(last) and not _ONLY.search(last):
        value = [*then, *(each for each in said.value if each not in then)]
    else:
        return said
    if not value or next(problems(list(value), schema), None) is not None:
        return said
    return replace(said, value=list(value))


def _joined(then: Sequence[Json], said: Sequence[Json], *, adds: bool) -> Sequence[Json]:
    """Objects of which some are changed: one that shares a value with what is said is that one; others join, where it adds."""
    found = list(then)
    for each in said:
        if not isinstance(each, Mapping):
            return said
        values = {str(value).casefold() for value in each.values() if isinstance(value, str)}
        place = next(
            (
                at
                for at, item in enumerate(found)
                if isinstance(item, Mapping) and values & {str(value).casefold() for value in item.values()}
            ),
            None,
        )
        if place is None and not adds:
            return said
        if place is None:
            found.append(each)
        else:
            item = found[place]
            assert isinstance(item, Mapping)
            found[place] = _over(item, each)
    return found


def _over(then: JsonObject, said: JsonObject) -> JsonObject:
    """An object with what is said now in the place of what was said then."""
    whole = dict(then)
    for name, value in said.items():
        before = then.get(name)
        whole[name] = _over(before, value) if isinstance(before, Mapping) and isinstance(value, Mapping) else value
    return whole
