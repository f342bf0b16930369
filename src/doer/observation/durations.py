"""How long tools take: the median over what the journal saw, for the critical path."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from statistics import median

from doer.domain.errors import DoerError
from doer.domain.event import PlanProposed, Recorded, StepStarted, StepVerified
from doer.domain.ports import Journal
from doer.domain.value import StepId


@dataclass(frozen=True, slots=True)
class MeasuredDurations:
    """A `Durations` over the latest runs of a journal, read when a plan is made and not before."""

    journal: Journal
    latest: int = 10
    """How many runs are looked at."""

    async def expected(self, tools: Iterable[str]) -> Mapping[str, float]:
        """Return the median seconds, from started to verified, of each tool that was seen before."""
        seen: dict[str, list[float]] = {}
        for run in (await self.journal.runs())[: self.latest]:
            with suppress(DoerError):  # a run that cannot be read orders nothing; whoever asks for it is told why
                for tool, seconds in _measured(await self.journal.read(run)):
                    seen.setdefault(tool, []).append(seconds)
        return {tool: median(seen[tool]) for tool in tools if tool in seen}


def _measured(records: Sequence[Recorded]) -> Iterator[tuple[str, float]]:
    tools: dict[StepId, str] = {}
    started = {}
    for record in records:
        match record.event:
            case PlanProposed(plan, _):
                tools = {step.id: step.tool for step in plan.steps}
            case StepStarted(step=step):
                started[step] = record.at
            case StepVerified(step=step) if step in started and step in tools:
                yield tools[step], (record.at - started[step]).total_seconds()
            case _:
                pass
