"""Scores: what a planner said of sentences, held against what was right; counts, shares, and how far they can be believed."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from doer.domain.value import Json
from doer.learning.lessons import Calls, Lesson

FEW: Final = 20
"""Sentences below which a share says little."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was said of one lesson."""

    lesson: Lesson
    calls: Calls
    """Empty: it abstained, or asked."""

    @property
    def right(self) -> bool:
        """Whether it is what was meant; of what was not meant: whether it was not said again."""
        alike = same(self.calls, self.lesson.gold)
        return alike if self.lesson.right else not alike


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts over sentences whose meaning is known, and over plans that a person corrected."""

    sentences: int
    exact: int
    tool: int
    """Sentences with the right tools, whatever the arguments."""
    hits: int
    said: int
    gold: int
    """Arguments that are right, that were said, and that there should be."""
    silent: int
    """Sentences of which it said nothing, or asked."""
    wrong: int
    """Sentences for which it proposed something else."""
    corrected: int
    repeated: int
    """Of the corrected plans, those that it proposed again."""

    @property
    def parameter_f1(self) -> float | None:
        """Harmonic mean of the precision and recall of arguments, 0 … 1."""
        return 2 * self.hits / (self.said + self.gold) if self.said + self.gold else None


def tally(readings: Sequence[Reading]) -> Tally:
    """Count."""
    known = [each for each in readings if each.lesson.right]
    refused = [each for each in readings if not each.lesson.right]
    pairs = [(Counter(_fills(each.calls)), Counter(_fills(each.lesson.gold))) for each in known]
    tools = [(sorted(name for name, _ in each.calls), sorted(name for name, _ in each.lesson.gold)) for each in known]
    exact, silent = sum(each.right for each in known), sum(not each.calls for each in known)
    return Tally(
        len(known), exact, sum(said == gold for said, gold in tools), sum((said & gold).total() for said, gold in pairs),
        sum(said.total() for said, _ in pairs), sum(gold.total() for _, gold in pairs), silent,
        len(known) - exact - silent, len(refused), sum(not each.right for each in refused),
    )  # fmt: skip


def interval(hits: int, of: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson 1927); 0 … 1 where there is nothing."""
    if not of:
        return 0.0, 1.0
    z, share = 1.96, hits / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return max(0.0, middle - half), min(1.0, middle + half)


def _fills(calls: Calls) -> list[str]:
    return [f"{name}.{key}={plain(value)}" for name, arguments in calls for key, value in arguments.items()]


def plain(value: Json) -> str:
    """One form of a value for comparison: letters small, numbers as numbers, whatever their type."""
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{k}:{plain(value[k])}" for k in sorted(value)) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ",".join(map(plain, value)) + "]"
    text = " ".join(str(value).casefold().split()).strip(" .")
    try:
        return f"{float(text):g}" if (len(text) < 16 and not re.match(r"0\d", text)) else text
    except ValueError:
        return text


def same(said: Calls, gold: Calls) -> bool:
    """Tell whether these are the same calls, in whatever order."""
    return sorted(f"{name} {plain(arguments)}" for name, arguments in said) == sorted(
        f"{name} {plain(arguments)}" for name, arguments in gold
    )
