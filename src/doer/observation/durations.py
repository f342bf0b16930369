"""How long tools take: the median over what the journal saw, for the critical path."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from doer.domain.event import PlanProposed, Recorded, StepStarted, StepVerified
from doer.domain.value import StepId


@dataclass(frozen=True, slots=True)
class MeasuredDurations:
    """A `Durations` over the records of earlier runs."""

    seconds: Mapping[str, float]
    """Tool name -> median seconds from start to verified."""

    @classmethod
    def of(cls, histories: Iterable[Sequence[Recorded]]) -> MeasuredDurations:
        """Measure from the records of any number of runs."""
        seen: dict[str, list[float]] = {}
        for records in histories:
            tools: dict[StepId, str] = {}
            started = {}
            for record in records:
                match record.event:
                    case PlanProposed(plan, _):
                        tools = {step.id: step.tool for step in plan.steps}
                    case StepStarted(step=step):
                        started[step] = record.at
                    case StepVerified(step=step) if step in started and step in tools:
                        seen.setdefault(tools[step], []).append((record.at - started[step]).total_seconds())
                    case _:
                        pass
        return cls({tool: median(times) for tool, times in seen.items()})

    def expected(self, tools: Iterable[str]) -> Mapping[str, float]:
        """Return the expected seconds of each tool that was seen before."""
        return {tool: self.seconds[tool] for tool in tools if tool in self.seconds}
