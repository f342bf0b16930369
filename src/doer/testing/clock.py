"""Time and randomness that a test holds in its hand."""

from __future__ import annotations

import asyncio
import heapq
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Final

from doer.domain.value import RunId

START: Final = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
"""Where a ManualClock starts unless told otherwise: a Monday morning."""


class ManualClock:
    """`Clock` that stands still until it is told to go on."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start.astimezone(UTC)
        self._order = count()
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        """Return the time that it was set to."""
        return self._now

    async def sleep_until(self, moment: datetime) -> None:
        """Return when the clock has been moved to `moment` or beyond."""
        if moment <= self._now:
            return
        woken = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (moment, next(self._order), woken))
        await woken

    def advance(self, by: timedelta | float) -> None:
        """Move the clock on, by a span or by seconds, and wake those whose moment has come, in order."""
        self.advance_to(self._now + (by if isinstance(by, timedelta) else timedelta(seconds=by)))

    def advance_to(self, moment: datetime) -> None:
        """Move the clock to `moment`; never back."""
        self._now = max(self._now, moment.astimezone(UTC))
        while self._sleepers and self._sleepers[0][0] <= self._now:
            _, _, woken = heapq.heappop(self._sleepers)
            if not woken.done():  # else its sleeper was cancelled
                woken.set_result(None)

    @property
    def next_moment(self) -> datetime | None:
        """The earliest moment that somebody sleeps until; None when nobody does."""
        return min((moment for moment, _, woken in self._sleepers if not woken.done()), default=None)


class EagerClock(ManualClock):
    """A manual clock that goes on to the moment as soon as somebody waits for it: nobody ever waits, and time still passes."""

    def __init__(self, start: datetime = START) -> None:
        super().__init__(start)
        self.waited: list[float] = []
        """Seconds of each wait, in order."""

    async def sleep_until(self, moment: datetime) -> None:
        """Move the clock on to `moment`, once everybody else had a turn."""
        self.waited.append((moment - self.now()).total_seconds())
        await asyncio.sleep(0)
        self.advance_to(moment)


class CountingEntropy:
    """`Entropy` that counts: run1, run2, … and the seeds 1, 2, …"""

    def __init__(self) -> None:
        self._runs = count(1)
        self._seeds = count(1)

    def run_id(self) -> RunId:
        """Return the next name."""
        return RunId(f"run{next(self._runs)}")

    def seed(self) -> int:
        """Return the next seed."""
        return next(self._seeds)
