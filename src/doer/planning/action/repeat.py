"""Repetition: one tool called several times, or a list of objects, where a sentence says the same kind of thing several times.

`Berlin on Monday and Paris on Tuesday`: an anchor (the city) has several likely spans; the text is cut between them at the strongest
joint, and each piece is assigned for itself. What is said once, before the first anchor or after the last, is shared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from doer.domain.scoring import TURN, ParameterScore, ParameterText, ToolScore
from doer.domain.value import Json
from doer.planning.action.assign import Assignment, Filled, assign, read_as
from doer.planning.action.read import Read
from doer.planning.action.schema import leaf
from doer.planning.action.sense import words_of_name
from doer.planning.matching.fill import overlaps
from doer.planning.words.coordination import chain

MOST: Final = 8
"""Pieces. A sentence that says more of one kind is a table, and no sentence."""
_LISTING: Final = re.compile(r"separated|\blist of\b|\(s\)|\bmultiple\b|one or more", re.IGNORECASE)
_ABSENT: Final = 0.9
_JOINTS: Final = (
    re.compile(r"\s(?=\d+[.)]\s)|\s[-•*]\s"), re.compile(r"(?<=[.!?])\s+(?=[A-Z])|(?<=[.!?][\"'])\s+"), re.compile(r";"), re.compile(r",\s*(?:and|while|but)\b"), re.compile(r","),
    re.compile(r"\b(?:and|while|but|plus)\b|&"),
)  # fmt: skip
"""What stands between two pieces, the strongest first."""
_ALIKE: Final = (0.008, 0.05, 0.03, 0.12)
"""Of the likeliest span's chance: what another needs to be said as often: in one list with it, typed or in plain words; after the same
word; anywhere."""
_PIECE: Final = 4.0
"""The network reads all pieces at once and likes one best: how much more a span of another piece is worth in its own."""
_TRACE: Final = 1e-5


def pieces(read: Read, single: Assignment, *, objects: bool = False) -> list[Assignment]:
    """Return an assignment for each time that it is said; nothing where once is the better reading."""
    best, gained = list[Assignment](), 0
    once = _told(single, read)
    for place, parameter in enumerate(read.tool.parameters):
        for spans, listed_together in _anchors(read, place, parameter, single):
            cut = _cut(read.listened.heard.text, spans)
            made = _each(read, place, cut, spans, objects=objects) if cut else None
            if made is None or any(_lacks(each, single) for each in made) or not _differ(made):
                continue
            if not (listed_together or _framed(made)):
                continue
            told = {span for each in made for span in _told(each, read)} | set(spans)
            chosen = next(each.spans[0] for each in single.filled if each.name == parameter.name)
            gain = len(told) - len(once | {chosen})
            if gain >= len(spans) - 1 and gain > gained:
                best, gained = made, gain
    return best


def _framed(made: Sequence[Assignment]) -> bool:
    """Tell whether each piece says two things or more, and mostly the same things as the others."""
    said = [{(each.name, str(each.value)) for each in one.filled} for one in made]
    shared = said[0].intersection(*said[1:])
    own = [each - shared for each in said]
    names_said = [{name for name, _ in each} for each in own]
    common = names_said[0].intersection(*names_said[1:])
    varied = [name for name in common if len({value for each in own for named, value in each if named == name}) > 1]
    return len(varied) >= 2


def _told(made: Assignment, read: Read) -> set[tuple[int, int]]:
    """The typed mentions that an assignment takes up."""
    spans = [span for each in made.filled for span in each.spans]
    typed = [
        each for each, mention in zip(read.listened.heard.candidates, read.listened.mentions, strict=True) if mention
    ]
    return {(each.start, each.end) for each in typed if (each.start, each.end) in spans}


def _lacks(made: Assignment, single: Assignment) -> bool:
    return bool(set(made.missing) - set(single.missing))


def _differ(made: Sequence[Assignment]) -> bool:
    said = [str([(each.name, each.value) for each in one.filled]) for one in made]
    return len(set(said)) == len(said)


def _anchors(
    read: Read, place: int, parameter: ParameterText, single: Assignment
) -> Iterator[tuple[list[tuple[int, int]], bool]]:
    """Yield spans of one turn that are values of the parameter alike, in their order, and whether they stand in one list."""
    score, schema = read.score.parameters[place], leaf(read.parameters, parameter.name)
    chosen = next((each.spans[0] for each in single.filled if each.name == parameter.name and each.spans), None)
    if parameter.choices or schema.get("type") == "array" or chosen is None or score.nothing > _ABSENT:
        return
    heard = read.listened.heard
    first = next(at for at, each in enumerate(heard.candidates) if (each.start, each.end) == chosen)
    taken = [span for each in single.filled if each.name != parameter.name for span in each.spans]
    if _record(heard.text, chosen[0]):
        return
    together = (
        []
        if _plural(parameter)
        else chain(
            heard.text,
            heard.candidates,
            score.spans,
            first,
            _ALIKE[not heard.candidates[first].kind] * score.spans[first],
        )
    )
    for places, listed_together in ((together, True), (_spread(read, score, first), False)):
        kept, values = list[int](), list[Json]()
        for each in places:
            value = read_as(read.listened, each, parameter.name, schema)
            if value is not None and value not in values:
                kept.append(each)
                values.append(value)
        spans = sorted((heard.candidates[each].start, heard.candidates[each].end) for each in kept)
        others = [span for span in spans if overlaps(span, taken)]
        if 2 <= len(spans) <= MOST and not (listed_together and others):
            yield spans, listed_together


def _plural(parameter: ParameterText) -> bool:
    """Tell whether one value may list several: `topics`, `a comma-separated list of names`."""
    last = words_of_name(parameter.name)[-1:]
    named = bool(last) and last[0].endswith("s") and not last[0].endswith(("ss", "us", "is", "address"))
    return named or _LISTING.search(parameter.description) is not None


def _spread(read: Read, score: ParameterScore, first: int) -> list[int]:
    """The likeliest spans of the first one's turn and kind that do not overlap."""
    heard = read.listened.heard
    text, own = heard.text, heard.candidates[first]
    kept = [first]
    for each in sorted(range(len(score.spans)), key=lambda at: -score.spans[at])[:24]:
        here = heard.candidates[each]
        before = _before(text, here.start) == _before(text, own.start)
        enough = score.spans[each] >= _ALIKE[2 if before else 3] * score.spans[first]
        apart = all(here.end <= heard.candidates[k].start or heard.candidates[k].end <= here.start for k in kept)
        if (
            enough
            and apart
            and here.kind == own.kind
            and TURN not in text[min(here.start, own.start) : max(here.end, own.end)]
        ):
            kept.append(each)
    return kept


def _before(text: str, start: int) -> str:
    """The word before a place."""
    found = re.search(r"(\w+)\W*$", text[max(0, start - 24) : start])
    return found[1].lower() if found else ""


def _record(text: str, place: int) -> bool:
    """Tell whether the turn at a place is data, not words."""
    start = text.rfind(TURN, 0, place) + 1
    return text[start : start + 1] in ("{", "[")


def _cut(text: str, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]] | None:
    """Where each piece begins and ends; None where nothing stands between two anchors."""
    cuts = [text.rfind(TURN, 0, spans[0][0]) + 1]
    for (_, end), (start, _) in pairwise(spans):
        found = next((here for joint in _JOINTS if (here := list(joint.finditer(text, end, start)))), None)
        if found is None:
            return None
        cuts.append(found[-1].start())
    close = text.find(TURN, spans[-1][1])
    return list(zip(cuts, [*cuts[1:], close if close >= 0 else len(text)], strict=True))


def _each(
    read: Read, place: int, cut: Sequence[tuple[int, int]], spans: Sequence[tuple[int, int]], *, objects: bool
) -> list[Assignment] | None:
    made = [_one(read, place, piece, span, len(cut)) for piece, span in zip(cut, spans, strict=True)]
    anchored = [any(span in each.spans for each in one.filled) for span, one in zip(spans, made, strict=True)]
    if not all(anchored):
        return None
    return [_shared(one, made, spans, objects=objects) for one in made]


def _one(read: Read, place: int, piece: tuple[int, int], anchor: tuple[int, int], count: int) -> Assignment:
    """What one piece says, the anchor in any case."""
    score = within(read, piece, count)
    is_it = [(each.start, each.end) == anchor for each in read.listened.heard.candidates]
    sure = ParameterScore(0.05, tuple(0.95 * each for each in is_it), ())
    score = replace(score, parameters=(*score.parameters[:place], sure, *score.parameters[place + 1 :]))
    made = assign(read.tool, score, read.listened, read.parameters)
    own = {each.name for each in read.tool.parameters}
    return replace(made, missing=tuple(each for each in made.missing if each in own))


def within(read: Read, piece: tuple[int, int], count: int, *, surely: bool = False) -> ToolScore:
    """Return what the network makes of one piece: its spans, and the choices that are named in it.

    `surely`: the piece says as much as the others do, and what it says of a parameter is as likely as that anything is said of it.
    """
    start, end = piece
    inside = [start <= each.start and each.end <= end for each in read.listened.heard.candidates]
    words = read.listened.heard.text[start:end].casefold()
    found = list[ParameterScore]()
    for parameter, score in zip(read.tool.parameters, read.score.parameters, strict=True):
        if parameter.choices:
            said = [each.casefold().replace("_", " ") in words for each in parameter.choices][: len(score.choices)]
            if any(said) and parameter.shape != "boolean":
                there = max(1 - score.nothing, 0.9)
                found.append(ParameterScore(1 - there, (), tuple(there * each / sum(said) for each in said)))
            else:
                found.append(score)
            continue
        kept = [chance if within else 0.0 for chance, within in zip(score.spans, inside, strict=True)]
        mass, whole = sum(kept), sum(score.spans)
        share = 1.0 if surely and mass > _TRACE else min(1.0, _PIECE * count * mass / max(whole, 1e-9))
        there = (1 - score.nothing) * share
        found.append(ParameterScore(1 - there, tuple(there * each / max(mass, 1e-9) for each in kept), ()))
    return replace(read.score, several=0.0, parameters=tuple(found))


def _shared(
    one: Assignment, every: Sequence[Assignment], spans: Sequence[tuple[int, int]], *, objects: bool
) -> Assignment:
    """Add what was said once for all: before the first anchor, or after the last; and what is needed wherever it was said."""
    have = {each.name for each in one.filled}
    more = list[Filled]()
    for source, inside in ((every[0], False), (every[-1], True)):
        for each in source.filled:
            if each.name in have or (objects and each.name not in one.missing):
                continue
            elsewhere = sum(any(f.name == each.name for f in other.filled) for other in every)
            aside = (
                all(end <= spans[0][0] for _, end in each.spans)
                if not inside
                else all(s >= spans[-1][1] for s, _ in each.spans)
            )
            if (elsewhere == 1 and aside) or each.name in one.missing or not each.spans:
                more.append(each)
                have.add(each.name)
    missing = tuple(name for name in one.missing if name not in have)
    return replace(one, filled=(*one.filled, *more), missing=missing)
