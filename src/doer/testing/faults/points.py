"""Points to kill at: every boundary of the journal, and random moments."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from doer.testing.faults.lane import Kill, Told

BY_CHANCE = ("StepUnconfirmed", "StepUnknown", "StepAbsent", "StepFailed", "StepBlocked", "TimerFired", "UndoFailed")
"""Events that come or not, depending on how quick a server was: a moment around one of them cannot be promised."""


@dataclass(frozen=True, slots=True)
class Point:
    """Where one trial kills; `again` is where the process that resumes is killed as well."""

    first: Kill
    again: Kill | None = None

    @property
    def boundary(self) -> bool:
        """Whether it is a boundary of the journal, else a random moment."""
        return self.first.seconds is None

    def told(self) -> str:
        """In words."""
        return self.first.told() + (f", and the resuming process {self.again.told()}" if self.again else "")


def boundaries(calm: Told) -> list[Point]:
    """Return the moments just before and just after each event of an undisturbed job becomes durable.

    Named by event and step, not by number, as steps run at once and come in another order each time.
    """
    sure = [event for event in calm.events if not event.startswith(BY_CHANCE)]
    return [Point(Kill(event, moment)) for event in sure for moment in ("before", "after")]


def moments(calm: Told, count: int, rng: random.Random) -> list[Point]:
    """Return random moments; at every third the resuming process is killed as well.

    Every other one is counted from a random event and not from the start, so that they are spread over the work however
    slow the machine is today.
    """
    gap = 2.0 * calm.seconds / max(1, len(calm.events))
    found = []
    for number in range(count):
        start = Kill(rng.choice(calm.events), "after", rng.uniform(0.0, gap))
        first = start if number % 2 else Kill(seconds=rng.uniform(0.0, 1.2 * calm.seconds))
        again = Kill(seconds=rng.uniform(0.0, 0.6 * calm.seconds)) if number % 3 == 2 else None
        found.append(Point(first, again))
    return found


def chosen(calm: Told, points: int, rng: random.Random) -> list[Point]:
    """Return so many points: every boundary and then random moments; or, where that is too few, some of the boundaries."""
    around = boundaries(calm)
    if points < len(around):
        return sorted(rng.sample(around, points), key=around.index)
    return [*around, *moments(calm, points - len(around), rng)]


def covered(points: Sequence[Point]) -> int:
    """Return how many different boundaries there are among the points."""
    return len({point.first for point in points if point.boundary})
