"""Alike: one tool several times, where a sentence says the same kind of thing several times: each is read as if it alone had been said.

The network says whether more than one call is asked for; symmetry of the words says where; and each text that is left when all but
one of the pieces are taken out is a request of one call, which the network reads best.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from doer.domain.ports import ActionScorer
from doer.intent.grounder import Grounder
from doer.planning.action.assign import Assignment, together
from doer.planning.action.choice import Draft, Hearing, weighed
from doer.planning.action.consistent import consistent
from doer.planning.action.mapped import mapped
from doer.planning.action.read import Read
from doer.planning.matching.fill import overlaps
from doer.planning.words.portions import Span, portion, turns_of
from doer.planning.words.symmetry import Symmetry, symmetries

_SEVERAL: Final = 0.15
"""What the network holds for it, from which it is looked whether several calls are meant."""
_SURELY: Final = 0.5
_NEARLY_CERTAIN: Final = 0.9
_SURE_OF_SEVERAL: Final = 0.4
"""Of the confidence in one call: what several need where one has room for what all say, and the network is certain of several."""
_LEAST: Final = 0.1
"""Of the confidence in one call: what several need where the network is not sure that there are several."""
_TRIED: Final = 2
"""Ways to see several that are read."""
MOST_READ: Final = 8
"""Pieces that are read, of all ways together: the next likely way only where the likeliest leaves room."""
_LIKELY: Final = 0.3
_WORTH: Final = 0.2
_TORN: Final = 0.7
"""What a value is worth, of one whose words stand together, that is torn."""
_ENDS: Final = re.compile(r"\s*(?:$|[.,;:!?)])")
_CLOSE: Final = 1.4
"""Symmetry at each joint below which they are not; where the network does not hold several for likely."""


@dataclass(frozen=True, slots=True)
class Alike:
    """Reads a tool once for each of several pieces of a text."""

    scorer: ActionScorer
    hearing: Hearing
    grounder: Grounder

    def read(self, draft: Draft, span: Span) -> Assignment | None:
        """Return what a tool is called with, as often as it is said in a part of the last turn; None where that is once."""
        if draft.read.score.several < _SEVERAL:
            return None
        least = _WORTH if draft.read.score.several >= _LIKELY else _CLOSE
        every = symmetries(self.hearing.listened, span)
        ways = self._tried([each for each in every if each.worth >= least * (len(each.segments) - 1)], every)
        while sum(len(each.segments) for each in ways) > MOST_READ:
            ways.pop()
        found = [(_good(each, made, ways[0]), made) for each in ways if (made := self._made(draft, span, each))]
        return max(found, key=lambda pair: pair[0])[1] if found else None

    def _tried(self, ways: Sequence[Symmetry], every: Sequence[Symmetry]) -> list[Symmetry]:
        """The likeliest ways; the same pieces as the likeliest's, but for the last to go on to the end of what is said, is one."""
        text = self.hearing.listened.heard.text
        if not ways or _ENDS.match(text, ways[0].segments[-1][1]):
            return list(ways[:_TRIED])
        first = ways[0].segments
        whole = [
            each
            for each in every
            if each.segments[:-1] == first[:-1]
            and each.segments[-1][0] == first[-1][0]
            and _ENDS.match(text, each.segments[-1][1])
        ]
        return [ways[0], *whole[:1], *ways[1:]][:_TRIED]

    def _made(self, draft: Draft, span: Span, way: Symmetry) -> Assignment | None:
        context = [[each] for each in turns_of(self.hearing.listened)[:-1]]
        begin, end = way.segments[0][0], way.segments[-1][1]
        made, reads = list[Assignment](), list[Read]()
        for piece in way.segments:
            turn = [(span[0], begin), piece, (end, span[1])]
            heard = portion(self.hearing.listened, [*context, turn], self.grounder)
            hearing = replace(self.hearing, listened=heard.listened)
            (one,) = weighed(self.scorer, hearing, {draft.place: draft.seen.near})
            if set(one.made.missing) - set(draft.made.missing):
                return None
            here = mapped(heard, one, self.hearing)
            made.append(here.made)
            reads.append(here.read)
        made = list(consistent(reads, made, way.segments))
        if not _varies(made, way.segments):
            return None
        several = together(draft.made, made)
        return (
            replace(several, margin=min(one.margin for one in made))
            if several.confidence >= _needed(draft, way)
            else None
        )


def _good(way: Symmetry, made: Assignment, first: Symmetry) -> float:
    """How good a way is: sure of what is said, symmetric, and no value put together of words from both sides of what is left out."""
    torn = sum(isinstance(each.value, str) and len(each.spans) > 1 for each in made.filled)
    return made.confidence * math.sqrt(way.worth / first.worth) * _TORN**torn


def _needed(draft: Draft, way: Symmetry) -> float:
    """The confidence that several calls need, beside that of what is read so far."""
    if draft.made.calls:
        return draft.made.confidence
    spans = [span for each in draft.made.filled if not isinstance(each.value, list) for span in each.spans]
    if all(overlaps(segment, spans) for segment in way.segments):
        # One call has a place for each of the pieces.
        return draft.made.confidence * (_SURE_OF_SEVERAL if draft.read.score.several >= _NEARLY_CERTAIN else 1.0)
    return 0.0 if draft.read.score.several >= _SURELY else _LEAST * draft.made.confidence


def _varies(made: Sequence[Assignment], segments: Sequence[Span]) -> bool:
    """Tell whether one argument of each call is words of its own piece, or chosen by them; of a list they are items."""
    values = [{each.name: str(each.value) for each in one.filled} for one in made]
    if any(one == other for at, one in enumerate(values) for other in values[:at]):
        return False
    shared = set.intersection(*(set(each) for each in values))
    return any(_is_own(name, made, segments) for name in shared)


def _is_own(name: str, made: Sequence[Assignment], segments: Sequence[Span]) -> bool:
    told = [next(each for each in one.filled if each.name == name) for one in made]
    if any(isinstance(each.value, list) for each in told):
        return any(each.spans and not isinstance(each.value, list) for each in told)
    if not any(each.spans for each in told):
        return len({str(each.value) for each in told}) == len(told)
    return all(
        any(start <= s and e <= end for s, e in each.spans) for each, (start, end) in zip(told, segments, strict=True)
    )
