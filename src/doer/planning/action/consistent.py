"""Consistent: pieces of a sentence that are built alike say their arguments in the same places: `30 of 95, 28 of 88 and 41 of 130`.

The network reads each piece by itself and may take its words in another order each time; where it does, what it makes of the
same place in all pieces is put together (a product of experts, Hinton 2002) and each is assigned again.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from doer.domain.scoring import ParameterScore
from doer.planning.action.assign import Assignment
from doer.planning.action.objects import once
from doer.planning.action.read import Read
from doer.planning.words.candidates import Listened
from doer.planning.words.symmetry import Span, paired, tokens_of

_TRACE = 1e-4
Place = tuple[int, bool, int, bool]
"""Of a span the words of the first piece that its first and last words go with, and whether it begins and ends with these."""


def consistent(reads: Sequence[Read], made: Sequence[Assignment], pieces: Sequence[Span]) -> Sequence[Assignment]:
    """Return what each piece says, in the same places where they said it in different ones. `reads` are of the whole text."""
    listened = reads[0].listened
    places = [_places(listened, pieces[0], piece) for piece in pieces]
    if not _differ(made, places):
        return made
    pooled = _pooled(reads, places)
    again = [once(read) for read in pooled]
    lost = any(set(new.missing) - set(old.missing) for new, old in zip(again, made, strict=True))
    return made if lost or _differ(again, places) else again


def _places(listened: Listened, first: Span, piece: Span) -> dict[Span, Place]:
    """For each candidate within a piece where it would be in the first one."""
    own = tokens_of(listened, piece)
    pairs = paired(listened, first, piece)
    found = dict[Span, Place]()
    for each in listened.heard.candidates:
        if not (piece[0] <= each.start and each.end <= piece[1]):
            continue
        begin = next((at for at, (start, end) in enumerate(own) if start <= each.start < end), None)
        stop = next((at for at, (start, end) in enumerate(own) if start < each.end <= end), None)
        if begin is not None and stop is not None and begin in pairs and stop in pairs:
            whole = own[begin][0] == each.start, own[stop][1] == each.end
            found[each.start, each.end] = (pairs[begin], whole[0], pairs[stop], whole[1])
    return found


def _differ(made: Sequence[Assignment], places: Sequence[Mapping[Span, Place]]) -> bool:
    """Tell whether an argument is said in different places of the pieces."""
    said = [
        {each.name: at[each.spans[0]] for each in one.filled if len(each.spans) == 1 and each.spans[0] in at}
        for one, at in zip(made, places, strict=True)
    ]
    names = {name for each in said for name in each}
    return any(len({each.get(name) for each in said}) > 1 for name in names)


def _pooled(reads: Sequence[Read], places: Sequence[Mapping[Span, Place]]) -> list[Read]:
    """The readings, each with the mean chance, in log, of the same place in all of them."""
    candidates = [(each.start, each.end) for each in reads[0].listened.heard.candidates]
    found = [list[ParameterScore]() for _ in reads]
    for scores in zip(*(read.score.parameters for read in reads), strict=True):
        told = [
            {at[span]: chance for span, chance in zip(candidates, score.spans, strict=False) if span in at}
            for score, at in zip(scores, places, strict=True)
        ]
        shared = set.intersection(*(set(each) for each in told)) if told else set[Place]()
        means = {
            place: math.exp(sum(math.log(max(each[place], _TRACE)) for each in told) / len(told)) for place in shared
        }
        nothing = sum(each.nothing for each in scores) / len(scores)
        for kept, score, at in zip(found, scores, places, strict=True):
            if score.choices or not score.spans:
                kept.append(score)
                continue
            spans = tuple(
                means.get(at[span], chance) if span in at else chance
                for span, chance in zip(candidates, score.spans, strict=True)
            )
            kept.append(replace(score, nothing=nothing, spans=spans))
    return [
        replace(read, score=replace(read.score, parameters=tuple(kept)))
        for read, kept in zip(reads, found, strict=True)
    ]
