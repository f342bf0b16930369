"""Order: what may run when, and how far each step is from the end of the plan."""

from __future__ import annotations

from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter

from doer.domain.errors import PlanInvalid
from doer.domain.plan import Plan, Step
from doer.domain.value import StepId

UNKNOWN_SECONDS = 1.0
"""Assumed for a tool that was never measured."""


def topological(plan: Plan) -> tuple[Step, ...]:
    """Return the steps so that each comes after all it needs; otherwise in the order in which they were written.

    Raises PlanInvalid for a cycle, naming it.
    """
    steps = {step.id: step for step in plan.steps}
    if _is_in_order(plan, steps):
        return plan.steps
    place = {step.id: number for number, step in enumerate(plan.steps)}
    sorter = TopologicalSorter({step.id: step.all_needs & steps.keys() for step in plan.steps})
    try:
        sorter.prepare()
    except CycleError as circle:
        raise PlanInvalid((f"the steps wait for each other: {' -> '.join(map(str, circle.args[1]))}",)) from circle
    order: list[Step] = []
    ready = set(sorter.get_ready())
    while ready:
        chosen = min(ready, key=place.__getitem__)
        ready.discard(chosen)
        order.append(steps[chosen])
        sorter.done(chosen)
        ready.update(sorter.get_ready())
    return tuple(order)


def _is_in_order(plan: Plan, steps: Mapping[StepId, Step]) -> bool:
    """Tell whether each step is written after all that it needs, as nearly always."""
    seen: set[StepId] = set()
    for step in plan.steps:
        if not step.all_needs & steps.keys() <= seen:
            return False
        seen.add(step.id)
    return len(seen) == len(plan.steps)


def critical_path(plan: Plan, estimates: Mapping[StepId, float] | Mapping[str, float]) -> Mapping[StepId, float]:
    """Return, for each step, the seconds from its start to the end of the plan along the longest chain.

    `estimates` are seconds by step id or by tool name; a step without one counts UNKNOWN_SECONDS. Running the largest first is list
    scheduling by critical path (Graham, 1969). Raises PlanInvalid for a cycle.
    """
    seconds: dict[str, float] = {str(name): value for name, value in estimates.items()}
    longest: dict[StepId, float] = {}
    after: dict[StepId, float] = {}
    for step in reversed(topological(plan)):
        longest[step.id] = max(0.0, seconds.get(step.id, seconds.get(step.tool, UNKNOWN_SECONDS))) + after.get(
            step.id, 0.0
        )
        for needed in step.all_needs:
            after[needed] = max(after.get(needed, 0.0), longest[step.id])
    return longest
