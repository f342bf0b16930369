"""Division: a request in several parts, each read by itself, and after the others where it lacks something or points back.

The network reads a tool with all that was said; of a request that asks for several things every tool then sees the words of
the others. A division stands where each part has a tool that it means, with words of its own and nothing missing, and where the
whole read as one calls fewer tools; a part that is no request by itself is one with the part before it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from doer.domain.ports import ActionScorer
from doer.domain.scoring import ToolText
from doer.intent.grounder import Grounder
from doer.planning.action.alike import Alike
from doer.planning.action.assign import lent, together
from doer.planning.action.choice import Draft, Hearing, heads_of, weighed
from doer.planning.action.mapped import mapped
from doer.planning.schema import names
from doer.planning.words.portions import Span, portion, turns_of
from doer.planning.words.requests import begins_request, follows

MOST: Final = 5
"""Parts that are read, each for itself."""
_READ: Final = 3
"""Tools that are read with a part."""
_FAR: Final = 0.22
"""How much farther in meaning than the nearest such a tool may be."""
_MEANT: Final = 0.3
"""Probability from which a tool is meant by a part of a request."""
_RELEVANT: Final = 0.15
"""Relevance of a tool for the part, or for the whole, that is needed below the next."""
_AS_SURE: Final = 0.1
"""Of the confidence in what all of it calls as one: what parts need that call more."""
_ALONE: Final = 0.5
"""Relevance from which a tool is meant by words none of which is an argument."""
_CLEAR: Final = 0.6
"""Probability from which a tool is meant by a part that does not begin as a request, or that the network does not think is about it."""
_POINTS: Final = re.compile(
    r"\b(?:it|its|there|them|him|her|his|their|he|she|they|this|these|those|that|same)\b", re.IGNORECASE
)
"""Words that stand for what was said before."""


@dataclass(frozen=True, slots=True)
class _Part:
    span: Span
    """In the heard text."""
    drafts: Sequence[Draft]
    believed: Mapping[str, float]
    """How relevant the network holds each tool for the whole."""
    begins: bool
    """Whether it begins as a request does."""
    points: bool
    """Whether it says `it`, `there`, `that`."""


def divided(scorer: ActionScorer, hearing: Hearing, whole: Sequence[Draft], grounder: Grounder) -> list[Draft]:
    """Return what each part calls, in the order in which it was said; nothing where it is one request.

    `whole`: the drafts of all of it, which know its parts.
    """
    last = hearing.listened.last
    spans = [(last + start, last + end) for start, end in (whole[0].parts if whole else ())]
    spans[MOST - 1 :] = [(start, spans[-1][1]) for start, _ in spans[MOST - 1 : MOST]]
    if len(spans) < 2:
        return []
    believed = {each.manifest.name: each.seen.relevance for each in whole}
    reading = _Reading(scorer, hearing, grounder, believed, heads_of(hearing.tools))
    read = [reading.part(spans, number) for number in range(len(spans))]
    while (first := _unfit(read)) is not None:
        if len(read) <= 2:
            return []
        spans[first : first + 2] = [(spans[first][0], spans[first + 1][1])]
        read[first : first + 2] = [reading.part(spans, first)]
    alike = Alike(scorer, hearing, grounder)
    own = [(draft, each.span) for each in read if (draft := _own(each)) is not None]
    return _joined([replace(draft, made=alike.read(draft, span) or draft.made) for draft, span in own])


def better(own: Sequence[Draft], whole: Sequence[Draft]) -> bool:
    """Tell whether what parts call by themselves is rather meant than what all of it calls as one."""
    if not whole or any(each.made.missing for each in whole):
        return bool(own)
    called = {each.manifest.name for each in own}
    if len(called) > max(len(whole), 1):
        return _sureness(own) >= _AS_SURE * _sureness(whole)
    return bool(own) and len(whole) == 1 and _sureness(own) > _sureness(whole)


def _sureness(drafts: Sequence[Draft]) -> float:
    return math.prod(each.seen.meant * each.made.confidence for each in drafts) ** (1 / len(drafts))


def _unfit(read: Sequence[_Part]) -> int | None:
    """The first part that is one with the next: one of the two is no request, or the second says more of the first."""
    for number, each in enumerate(read):
        if _own(each) is None:
            return max(number - 1, 0)
    return next((number for number, (one, other) in enumerate(pairwise(read)) if _goes_on(one, other)), None)


def _goes_on(one: _Part, other: _Part) -> bool:
    """Tell whether a part says more of what the part before it asks for, and does not ask for the same again."""
    first, second = _own(one), _own(other)
    if first is None or second is None or first.manifest.name != second.manifest.name:
        return False
    said, more = _said(first, one), _said(second, other)
    again = {name for name in said if name in more and said[name] != more[name]}
    return not again or said.keys() != more.keys() or bool(_said(second, one))


def _said(draft: Draft, part: _Part) -> dict[str, str]:
    """The required arguments that words of the part are."""
    start, end = part.span
    required = names(draft.manifest.parameters.get("required"))
    return {
        each.name: str(each.value)
        for each in draft.made.filled
        if each.name in required and any(start <= s and e <= end for s, e in each.spans)
    }


def _own(part: _Part) -> Draft | None:
    """What a part calls by itself, if it is a request."""
    best = next(iter(part.drafts), None)
    if best is None or best.made.missing or best.seen.meant < _MEANT:
        return None
    relevance = max(best.seen.relevance, part.believed.get(best.manifest.name, 0.0) if part.begins else 0.0)
    if best.seen.meant < _CLEAR and (relevance < _RELEVANT or not part.begins):
        return None
    spans = [span for each in best.made.filled for span in each.spans]
    own = any(start >= part.span[0] for start, _ in spans)
    relevance = min(best.seen.relevance, part.believed.get(best.manifest.name, 0.0))
    alone = not spans and not part.points and relevance >= _ALONE
    return best if own or alone else None


@dataclass(frozen=True, slots=True)
class _Reading:
    scorer: ActionScorer
    hearing: Hearing
    grounder: Grounder
    believed: Mapping[str, float]
    heads: Container[str]

    def part(self, spans: Sequence[Span], number: int) -> _Part:
        """Read one part with the tools that are nearest to it; what it lacks is what was said before."""
        here = spans[number]
        text = self.hearing.listened.heard.text
        words = text[here[0] : here[1]]
        texts = [ToolText(each.name, each.description, ()) for each in self.hearing.tools]
        told = self.scorer.nearest(words, texts)
        ranked = sorted(range(len(told)), key=lambda place: -told[place])[:_READ]
        near = {place: told[place] for place in ranked if told[place] >= told[ranked[0]] - _FAR}
        alone = self._read((here,), near)
        best = next(iter(alone), None)
        later = any(follows(text, start) for start, _ in spans[max(number, 1) : number + 2])
        begins = begins_request(words, self.heads) or later
        points = _POINTS.search(words) is not None
        if best is None or not number or not (best.made.missing or points):
            return _Part(here, alone, self.believed, begins, points)
        (after,) = self._read((*spans[:number], here), {best.place: near[best.place]})
        return _Part(here, [_after(best, after, points=points), *alone[1:]], self.believed, begins, points)

    def _read(self, spans: Sequence[Span], near: Mapping[int, float]) -> list[Draft]:
        context = turns_of(self.hearing.listened)[:-1]
        heard = portion(self.hearing.listened, [[each] for each in (*context, *spans)], self.grounder)
        drafts = weighed(self.scorer, replace(self.hearing, listened=heard.listened), near)
        return [mapped(heard, each, self.hearing) for each in drafts]


def _after(alone: Draft, after: Draft, *, points: bool) -> Draft:
    """What was read by itself, with what it lacks out of the reading after the other parts; that one, where the words point back."""
    if points and len(after.made.missing) <= len(alone.made.missing):
        surer = replace(alone.seen, relevance=max(alone.seen.relevance, after.seen.relevance))
        return replace(alone, made=after.made, read=after.read, seen=surer)
    return replace(alone, made=lent(alone.made, after.made.filled))


def _joined(drafts: Sequence[Draft]) -> list[Draft]:
    """One draft for each tool, with as many calls as it has parts."""
    by_tool = dict[str, list[Draft]]()
    for each in drafts:
        by_tool.setdefault(each.manifest.name, []).append(each)
    return [_of_one_tool(each) for each in by_tool.values()]


def _of_one_tool(drafts: Sequence[Draft]) -> Draft:
    if len(drafts) == 1:
        return drafts[0]
    weakest = min(drafts, key=lambda each: each.seen.meant)
    every = [each.made for each in drafts]
    made = replace(
        together(every[0], every),
        margin=min(each.margin for each in every),
        undecided=max(each.undecided for each in every),
        unannounced=sum(each.unannounced for each in every),
    )
    return replace(weakest, made=made)
