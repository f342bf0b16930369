"""Division: a request in several parts, each read by itself, and after the others where it lacks something or points back.

The network reads a tool with all that was said; of a request that asks for several things every tool then sees the words of
the others. A division stands where each part has a tool that it means, with words of its own and nothing missing, and where the
whole read as one calls fewer tools; a part that is no request by itself is one with the part before it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from doer.domain.ports import ActionScorer
from doer.intent.grounder import Grounder
from doer.planning.action.alike import Alike
from doer.planning.action.assign import lent, together
from doer.planning.action.choice import Draft, Hearing, weighed
from doer.planning.action.mapped import mapped
from doer.planning.schema import names
from doer.planning.words.portions import Span, portion, turns_of
from doer.planning.words.requests import begins_request, follows, leads_up

_FEWEST: Final = 2
"""Parts of a request of several."""
MOST: Final = 5
"""Parts that are read, each for itself."""
_READ: Final = 3
"""Tools that are read with a part."""
_FAR: Final = 0.22
"""How much farther in meaning than the nearest such a tool may be."""
MOST_READ: Final = 10
"""Readings of a part with a tool that a request has room for, shared among the parts that are still to come; where not one is left for
each, it stands as it was read as a whole."""
_MEANT: Final = 0.3
"""Probability from which a tool is meant by a part of a request."""
_RELEVANT: Final = 0.15
"""Relevance of a tool for the part, or for the whole, that is needed below the next."""
_LIKELY: Final = 0.1
"""Relevance for the whole from which a tool may be one of several that are meant."""
_AGAIN: Final = 0.03
"""Probability that a tool is called several times from which its calls are looked for in the parts."""
_AS_SURE: Final = 0.1
"""Of the confidence in what all of it calls as one: what parts need that call more."""
_NEARLY: Final = 0.6
"""Of the confidence in what all of it calls as one: what parts need that call the same tool more often."""
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
    believed: Mapping[int, float]
    """How relevant the network holds each tool for the whole, by its place."""
    begins: bool
    """Whether it begins as a request does."""
    points: bool
    """Whether it says `it`, `there`, `that`."""
    readings: int
    """How many tools were read for it."""
    before: bool = False
    """Whether it only leads up to what is asked for: `I'm planning a trip`."""


def divided(
    scorer: ActionScorer, hearing: Hearing, drafts: Sequence[Draft], whole: Sequence[Draft], grounder: Grounder
) -> list[Draft]:
    """Return what each part calls, in the order in which it was said; nothing where it is one request.

    `drafts`: what was read of all of it, which know its parts; `whole`: those of them that are called as one.
    """
    least = _least(drafts, whole)
    spans = _spans(hearing, drafts)
    if len(spans) < least:
        return []
    reading = _Reading(scorer, hearing, grounder, {each.place: each.seen.relevance for each in drafts})
    read = _fitting(reading, spans, least)
    own = [(draft, each.span) for each in read if (draft := _own(each)) is not None]
    if least > _FEWEST and len({draft.manifest.name for draft, _ in own}) < least:
        return []
    alike = Alike(scorer, hearing, grounder)
    return _joined([replace(draft, made=alike.read(draft, span) or draft.made) for draft, span in own])


def _least(drafts: Sequence[Draft], whole: Sequence[Draft]) -> float:
    """How many parts there must be for what they call to be better than the whole; endless where nothing they call could be."""
    likely = [each for each in drafts if each.seen.relevance >= _LIKELY]
    if any(each.read.score.several >= _AGAIN for each in likely):
        return _FEWEST
    if len(whole) < _FEWEST or any(each.made.missing for each in whole):
        return _FEWEST if len(likely) > 1 else math.inf
    return len(whole) + 1 if len(likely) > len(whole) else math.inf


def _spans(hearing: Hearing, drafts: Sequence[Draft]) -> list[Span]:
    """Where the parts are; what neither begins as a request nor is nearest to another tool is one with the part before it."""
    last, text = hearing.listened.last, hearing.listened.heard.text
    spans = [(last + start, last + end) for start, end in (drafts[0].parts if drafts else ())]
    spans[MOST - 1 :] = [(start, spans[-1][1]) for start, _ in spans[MOST - 1 : MOST]]
    leads = {number: each.place for each in drafts for number in each.leads}
    found, begun = list[Span](), False
    for number, (start, end) in enumerate(spans, 1):
        another = number in leads and leads[number] != leads.get(number - 1)
        begins = another or begins_request(text[start:end], hearing.heads) or follows(text, start)
        if found and not (begun and begins):
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
        begun = begun or begins
    return found


def _fitting(reading: _Reading, spans: list[Span], least: float) -> list[_Part]:
    """Read the parts in their order, each that is no request by itself as one with its neighbour; nothing where too few are left.

    One after the other, because the first that does not fit often says that there are no parts; on one core a row of its own costs
    the network no more than one of many.
    """
    read, taken = list[_Part](), 0
    while len(read) < len(spans):
        room = (MOST_READ - taken) / (len(spans) - len(read))
        if room < 1:
            return []
        read.append(reading.part(spans, len(read), min(math.ceil(room), _READ)))
        taken += read[-1].readings
        first = _unfit(read)
        if first is None:
            continue
        if len(spans) <= least:
            return []
        spans[first : first + 2] = [(spans[first][0], spans[first + 1][1])]
        del read[first:]
    return read


def better(own: Sequence[Draft], whole: Sequence[Draft]) -> bool:
    """Tell whether what parts call by themselves is rather meant than what all of it calls as one."""
    if not whole or any(each.made.missing for each in whole):
        return bool(own)
    called = {each.manifest.name for each in own}
    if len(called) > max(len(whole), 1):
        return _sureness(own) >= _AS_SURE * _sureness(whole)
    more = sum(map(_count, own)) > sum(map(_count, whole))
    return bool(own) and len(whole) == 1 and _sureness(own) > _sureness(whole) * (_NEARLY if more else 1.0)


def _count(draft: Draft) -> int:
    return max(len(draft.made.calls), 1)


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
        if each.name.split(".")[0] in required and any(start <= s and e <= end for s, e in each.spans)
    }


def _own(part: _Part) -> Draft | None:
    """What a part calls by itself, if it is a request."""
    best = next(iter(part.drafts), None)
    if best is None or best.made.missing or best.seen.meant < _MEANT:
        return None
    relevance = max(best.seen.relevance, part.believed.get(best.place, 0.0) if part.begins else 0.0)
    if best.seen.meant < _CLEAR and (relevance < _RELEVANT or not part.begins):
        return None
    spans = [span for each in best.made.filled for span in each.spans]
    own = any(start >= part.span[0] for start, _ in spans)
    if part.before:
        return None
    relevance = min(best.seen.relevance, part.believed.get(best.place, 0.0))
    alone = not spans and not part.points and relevance >= _ALONE
    return best if own or alone else None


@dataclass(frozen=True, slots=True)
class _Reading:
    scorer: ActionScorer
    hearing: Hearing
    grounder: Grounder
    believed: Mapping[int, float]

    def part(self, spans: Sequence[Span], number: int, most: int) -> _Part:
        """Read one part with so many tools that are nearest to it; what it lacks is what was said before."""
        here = spans[number]
        text = self.hearing.listened.heard.text
        words = text[here[0] : here[1]]
        told = self.scorer.nearest(words, self.hearing.named)
        ranked = sorted(range(len(told)), key=lambda place: -told[place])[:most]
        near = {place: told[place] for place in ranked if told[place] >= told[ranked[0]] - _FAR}
        alone = self._read((here,), near)
        best = next(iter(alone), None)
        later = any(follows(text, start) for start, _ in spans[max(number, 1) : number + 2])
        begins = begins_request(words, self.hearing.heads) or later
        next_ = text[slice(*spans[number + 1])] if number + 1 < len(spans) else ""
        before = leads_up(words) and begins_request(next_, self.hearing.heads)
        points = _POINTS.search(words) is not None
        if best is None or not number or not (best.made.missing or points):
            return _Part(here, alone, self.believed, begins, points, len(alone), before)
        (after,) = self._read((*spans[:number], here), {best.place: near[best.place]})
        drafts = [_after(best, after, points=points), *alone[1:]]
        return _Part(here, drafts, self.believed, begins, points, len(alone) + 1, before)

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
