"""Points to kill at: every boundary of the journal, and random moments."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from doer.testing.faults.lane import Kill, Told

BY_CHANCE = ("StepUnconfirmed", "StepUnknown", "StepAbsent", "StepFailed", "TimerFired", "UndoFailed")
"""Events that come or not, depending on how quick a server was: a moment around one of them cannot be promised."""


@dataclass(frozen=True, slots=True)
class Point:
    """Where one trial kills; `again` is where the process that resumes is killed as well."""

    first: Kill
    again: Kill | None = None

    @property
    def boundary(self) -> bool:
        """Whether it is a boundary of the journal, else a random moment."""
        return bool(self.first.event)

    def told(self) -> str:
        """In words."""
        return self.first.told() + (f", and the resuming process {self.again.told()}" if self.again else "")


def boundaries(calm: Told) -> list[Point]:
    """Return the moments just before and just after each event of an undisturbed job becomes durable.

    Named by event and step, not by number, as steps run at once and come in another order each time.
    """
    sure = [event for event in calm.events if not event.startswith(BY_CHANCE)]
    return [Point(Kill(event, moment)) for event in sure for moment in ("before", "after")]


def moments(seconds: float, count: int, rng: random.Random) -> list[Point]:
    """Return random moments of a job that takes so long; at every third the resuming process is killed as well."""
    found = []
    for number in range(count):
        again = Kill(seconds=rng.uniform(0.0, 0.6 * seconds)) if number % 3 == 2 else None
        found.append(Point(Kill(seconds=rng.uniform(0.0, 1.05 * seconds)), again))
    return found


def chosen(calm: Told, points: int, rng: random.Random) -> list[Point]:
    """Return so many points: every boundary and then random moments; or, where that is too few, some of the boundaries."""
    around = boundaries(calm)
    if points < len(around):
        return sorted(rng.sample(around, points), key=around.index)
    return [*around, *moments(calm.seconds, points - len(around), rng)]


def covered(points: Sequence[Point]) -> int:
    """Return how many different boundaries there are among the points."""
    return len({point.first for point in points if point.boundary})
