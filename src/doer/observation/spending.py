"""What language models cost: a reading of the journal."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal

from doer.domain.errors import DoerError
from doer.domain.event import Event, ModelAsked, PlanProposed, SelectionRead, StepApplied
from doer.domain.model import EXTRACT
from doer.domain.ports import Clock, Journal
from doer.domain.value import Json, StepId


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
                run_tools = dict[StepId, str]()
                for record in await self.journal.read(run):
                    asked, cost = _cost(record.event, run_tools)
                    if record.at.date() == day:
                        tokens, dollars = tokens + asked, dollars + cost
        return tokens, dollars


def _cost(event: Event, tools: dict[StepId, str]) -> tuple[int, Decimal]:
    """Tokens and dollars that an event tells of; `tools` remembers which step calls which tool."""
    match event:
        case ModelAsked(_, tokens_in, tokens_out, cost):
            return tokens_in + tokens_out, Decimal(cost)
        case PlanProposed(plan):
            tools.update((step.id, step.tool) for step in plan.steps)
        case SelectionRead(tool, _, result) if tool == EXTRACT:
            return _told(result)
        case StepApplied(step, receipt) if tools.get(step) == EXTRACT:
            return _told(receipt.result)
    return 0, Decimal(0)


def _told(result: Json) -> tuple[int, Decimal]:
    asked = result.get("asked") if isinstance(result, Mapping) else None
    if not isinstance(asked, Mapping):
        return 0, Decimal(0)
    return int(str(asked["tokens_in"])) + int(str(asked["tokens_out"])), Decimal(str(asked["cost"]))
