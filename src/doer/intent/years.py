"""Years: what a day without one has from the day that it is said with: `from July 1 to December 31, 2024`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final

_JOINT: Final = re.compile(r"\s*,?\s*(?:-|–|—|to|until|till|through|and|or)\s*(?:the\s+|on\s+)?", re.IGNORECASE)


def lent(days: Sequence[re.Match[str]], text: str, month: Callable[[str], int]) -> list[int | None]:
    """Return, for each day in its order, the year that its neighbour lends it; the later one is never before the earlier."""
    told = [int(found["y"] or found["y2"] or 0) for found in days]
    at = [(month(found["m"] or found["m2"]), int(found["d"] or found["d2"])) for found in days]
    years: list[int | None] = [None] * len(days)
    for one, other in pairwise(range(len(days))):
        if not _JOINT.fullmatch(text, days[one].end(), days[other].start()):
            continue
        if told[other] and not told[one]:
            years[one] = told[other] - (at[one] > at[other])
        elif told[one] and not told[other]:
            years[other] = told[one] + (at[other] < at[one])
    return years
