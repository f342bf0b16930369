"""Figures by day that a read tells, held against how high they must be."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from doer.domain.action import Manifest
from doer.domain.value import Json
from doer.intent.text import word_set
from doer.planning.action.sense import words_of_name
from doer.planning.lookup.condition import Count, Outcome, Undecided
from doer.planning.lookup.words import Wanted

_SUMMED: Final = word_set("count counts number total sum")
"""How a read is called whose figures of several days may be added."""


def figures_of(result: Json) -> dict[str, float] | None:
    """Return figures by day (ISO) of a result; None where it is none of such."""
    if isinstance(result, Mapping) and result and all(_is_day(each) for each in result):
        numbers = {str(day): each for day, each in result.items()}
    else:
        return None
    kept = {
        day: float(each)
        for day, each in numbers.items()
        if isinstance(each, int | float) and not isinstance(each, bool)
    }
    return kept if len(kept) == len(numbers) else None


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def compared(said: Count, read: Manifest, meant: Wanted, figures: Mapping[str, float]) -> Outcome:
    """Return whether figures by day are as high as it was said. Raises Undecided where some day is not told of."""
    if meant.texts or meant.states or len(meant.moments) != 1:
        raise Undecided
    first, last = meant.moments[0].ways[0]
    if not first or meant.moments[0].clock or any(meant.moments[0].part):
        raise Undecided
    days = (date.fromisoformat(last) - date.fromisoformat(first)).days + 1
    within = {day: number for day, number in figures.items() if first <= day <= last}
    if len(within) != days:
        raise Undecided  # some day is not told of
    summed = words_of_name(read.name.rpartition(".")[2])[0] in _SUMMED
    if not said.numbered and not summed:
        raise Undecided  # there is always a temperature
    if days == 1 or said.days == "any":
        holds = any(said.holds(each) for each in within.values())
    elif said.days == "every":
        holds = all(said.holds(each) for each in within.values())
    elif summed:
        holds = said.holds(sum(within.values()))
    else:
        raise Undecided
    told = ", ".join(f"{day}: {number:g}" for day, number in within.items())
    return Outcome(holds, f"{read.name} told {told}", read.name)
