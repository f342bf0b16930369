"""The machine's own clock and randomness, behind their ports."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from doer.domain.value import RunId

_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
"""No 0, 1, i, l or o: a run's name is read aloud and typed."""


@dataclass(frozen=True, slots=True)
class SystemClock:
    """A `Clock` that tells the machine's time."""

    def now(self) -> datetime:
        """Return the current time in UTC."""
        return datetime.now(UTC)

    async def sleep_until(self, moment: datetime) -> None:
        """Return when `moment` has come on the wall clock, also after the machine slept."""
        while (left := (moment - self.now()).total_seconds()) > 0:  # noqa: ASYNC110  # there is no event to wait for
            await asyncio.sleep(min(left, 60.0))


@dataclass(frozen=True, slots=True)
class SystemEntropy:
    """An `Entropy` from the operating system."""

    def run_id(self) -> RunId:
        """Return a new name of six letters and digits: 729 million of them, and the journal refuses a second use."""
        number = secrets.randbelow(len(_LETTERS) ** 6)
        return RunId("".join([_LETTERS[number // len(_LETTERS) ** place % len(_LETTERS)] for place in range(6)]))

    def seed(self) -> int:
        """Return 31 random bits."""
        return secrets.randbits(31)
