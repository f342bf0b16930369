"""Coordination: what stands in one list with a span: `Ana, Bob and Cy`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from doer.domain.scoring import Candidate

_JOINT: Final = re.compile(
    r"""["'“”‘’)]*\s*(?:,\s*(?:and|or|&|as well as)?|;|&|\+|/|\b(?:and|or|as well as|plus)\b)\s*["'“”‘’(]*""",
    re.IGNORECASE,
)
_WORD_JOINT: Final = re.compile(r"and|or|&|as well as|plus|\+", re.IGNORECASE)
MOST: Final = 12
_PLAIN: Final = ("", "person", "quoted")
_SMALL: Final = r"and|or|plus|&|the|a|an|such as|including|includes?|like|of|for|with|within|in|on|at|by|to|from|between|both|are|is|as|about|using|use"
_OPENS: Final = re.compile(rf"(?:^|[\n,:;(\[\"'“‘]|\b(?:{_SMALL}))\s*[\"'“‘(]*$", re.IGNORECASE)
_CLOSES: Final = re.compile(rf"[\"'”’)]*\s*(?:$|[\n,.:;)\]?!]|(?:{_SMALL}|as well)\b)", re.IGNORECASE)
_HARDLY: Final = 0.1
"""Of what the next of a list needs: what one needs whose edges are plain."""


def chain(
    text: str,
    candidates: Sequence[Candidate],
    chances: Sequence[float],
    place: int,
    least: float,
    *,
    loose: bool = False,
) -> list[int]:
    """Return the candidates in one list with that at `place`, itself included, in their order.

    Of the candidates that begin, or end, at a joint the likeliest is the next; its chance is at least `least`. It is a list where a
    word joins two of them, or where there are three and more. `loose`: names and plain words may stand in one list, and what a mark or
    a small word stands around is one of it though it is hardly likely: chances of a list's items are shares of one.
    """
    first = candidates[place]
    seek = _Seek(text, candidates, chances, least, first.kind, loose)
    after, before, joined = list[int](), list[int](), False
    end, start = first.end, first.start
    while (joint := _JOINT.match(text, end)) and joint[0] and len(after) < MOST:
        next_ = seek.next(begins=joint.end())
        if next_ is None:
            break
        joined = joined or _WORD_JOINT.search(joint[0]) is not None
        after.append(next_)
        end = candidates[next_].end
    while (joint := _last_joint(text, start)) and len(before) < MOST:
        next_ = seek.next(ends=joint.start())
        if next_ is None:
            break
        joined = joined or _WORD_JOINT.search(joint[0]) is not None
        before.append(next_)
        start = candidates[next_].start
    found = [*reversed(before), place, *after]
    return found if joined or len(found) > 2 else [place]


def _last_joint(text: str, end: int) -> re.Match[str] | None:
    """The joint that ends at a place."""
    return next(
        (found for at in range(max(0, end - 16), end) if (found := _JOINT.match(text, at)) and found.end() == end), None
    )


@dataclass(frozen=True, slots=True)
class _Seek:
    """What may be the next of a list."""

    text: str
    candidates: Sequence[Candidate]
    chances: Sequence[float]
    least: float
    kind: str
    loose: bool

    def next(self, *, begins: int = -1, ends: int = -1) -> int | None:
        alike = _PLAIN if self.loose and self.kind in _PLAIN else (self.kind,)
        fitting = [
            place
            for place, each in enumerate(self.candidates)
            if (each.start == begins or each.end == ends) and each.kind in alike
        ]
        likely = [place for place in fitting if self.chances[place] >= self.least]
        if self.loose and not likely:
            likely = [place for place in fitting if self.chances[place] >= _HARDLY * self.least and self._whole(place)]
        return max(likely, key=lambda place: self.chances[place], default=None)

    def _whole(self, place: int) -> bool:
        """Tell whether nothing that could be more of it stands beside it."""
        here = self.candidates[place]
        return (
            _OPENS.search(self.text[max(0, here.start - 16) : here.start]) is not None
            and _CLOSES.match(self.text, here.end) is not None
        )
