"""What language models cost: a reading of the journal."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal

from doer.domain.errors import DoerError
from doer.domain.event import ModelAsked
from doer.domain.ports import Clock, Journal


@dataclass(frozen=True, slots=True)
class RecordedSpending:
    """A `Spending` over the latest runs of a journal."""

    journal: Journal
    clock: Clock
    latest: int = 500
    """How many runs are looked at; a day with more goals than that is bounded by their own budgets."""

    async def today(self) -> tuple[int, Decimal]:
        """Return tokens, asked and answered, and US dollars since midnight UTC."""
        day, tokens, dollars = self.clock.now().date(), 0, Decimal(0)
        for run in (await self.journal.runs())[: self.latest]:
            with suppress(DoerError):  # what cannot be read cost what it cost: it is bounded by its own day
                for record in await self.journal.read(run):
                    if isinstance(record.event, ModelAsked) and record.at.date() == day:
                        tokens += record.event.tokens_in + record.event.tokens_out
                        dollars += Decimal(record.event.cost)
        return tokens, dollars
