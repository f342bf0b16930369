"""Coordination: what stands in one list with a span: `Ana, Bob and Cy`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from doer.domain.scoring import Candidate

_JOINT: Final = re.compile(
    r"""["'“”‘’)]*\s*(?:,\s*(?:and|or|&|as well as)?|;|&|\+|/|\b(?:and|or|as well as|plus)\b)\s*["'“”‘’(]*""",
    re.IGNORECASE,
)
_WORD_JOINT: Final = re.compile(r"and|or|&|as well as|plus|\+", re.IGNORECASE)
MOST: Final = 12


def chain(text: str, candidates: Sequence[Candidate], chances: Sequence[float], place: int, least: float) -> list[int]:
    """Return the candidates in one list with that at `place`, itself included, in their order.

    Of the candidates that begin, or end, at a joint the likeliest is the next; its chance is at least `least`. It is a list where a
    word joins two of them, or where there are three and more.
    """
    first = candidates[place]
    after, before, joined = list[int](), list[int](), False
    end, start = first.end, first.start
    while (joint := _JOINT.match(text, end)) and joint[0] and len(after) < MOST:
        next_ = _likeliest(candidates, chances, least, first.kind, begins=joint.end())
        if next_ is None:
            break
        joined = joined or _WORD_JOINT.search(joint[0]) is not None
        after.append(next_)
        end = candidates[next_].end
    while (joint := _last_joint(text, start)) and len(before) < MOST:
        next_ = _likeliest(candidates, chances, least, first.kind, ends=joint.start())
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


def _likeliest(
    candidates: Sequence[Candidate],
    chances: Sequence[float],
    least: float,
    kind: str,
    *,
    begins: int = -1,
    ends: int = -1,
) -> int | None:
    fitting = [
        place
        for place, each in enumerate(candidates)
        if (each.start == begins or each.end == ends) and chances[place] >= least and each.kind == kind
    ]
    return max(fitting, key=lambda place: chances[place], default=None)
