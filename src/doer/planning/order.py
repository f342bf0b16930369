"""Order: what may run when, and how far each step is from the end of the plan."""

from __future__ import annotations

from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter

from doer.domain.errors import PlanInvalid
from doer.domain.order import is_in_order
from doer.domain.plan import Plan, Step
from doer.domain.value import StepId

UNKNOWN_SECONDS = 1.0
"""Assumed for a tool that was never measured."""


def topological(plan: Plan) -> tuple[Step, ...]:
    """Return the steps so that each comes after all it needs; otherwise in the order in which they were written.

    Raises PlanInvalid for a cycle, naming it.
    """
    needs = {step.id: step.all_needs for step in plan.steps}
    if len(needs) == len(plan.steps) and is_in_order(needs):
        return plan.steps
    steps = {step.id: step for step in plan.steps}
    place = {step.id: number for number, step in enumerate(plan.steps)}
    sorter = TopologicalSorter({step: needed & steps.keys() for step, needed in needs.items()})
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


def critical_path(plan: Plan, estimates: Mapping[StepId, float] | Mapping[str, float]) -> Mapping[StepId, float]:
    """Return, for each step, the seconds from its start to the end of the plan along the longest chain.

    `estimates` are seconds by step id or by tool name; a step without one counts UNKNOWN_SECONDS. Running the largest first is list
    scheduling by critical path (Graham, 1969). Raises PlanInvalid for a cycle.
    """
    seconds: dict[str, float] = {str(name): value for name, value in estimates.items()}
    longest: dict[StepId, float] = {}
    after: dict[StepId, float] = {}
    for step in reversed(topological(plan)):
        lasts = max(0.0, seconds.get(step.id, seconds.get(step.tool, UNKNOWN_SECONDS))) if seconds else UNKNOWN_SECONDS
        longest[step.id] = reach = lasts + after.get(step.id, 0.0)
        for needed in step.all_needs:
            if reach > after.get(needed, 0.0):
                after[needed] = reach
    return longest
