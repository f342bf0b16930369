"""Held up: what keeps a step from being tried, or taken back, just now."""

from __future__ import annotations

from datetime import timedelta

from doer.domain.run import Run, StepState
from doer.execution.command import Rest, Wait

MOST_TRIES = 5
"""How often a step is tried that fails without effect, before the run is given up."""
LONGEST_WAIT = timedelta(minutes=1)
"""A driver waits no longer for a time; a run that must is left until then, and holds nothing."""


def blocked(state: StepState) -> Rest:
    """Return what a step rests on whose system refused the credential."""
    return Rest("waiting", f"{state.step.id} ({state.step.tool}): {state.blocked}", (state.step.id,))


def put_off(run: Run, state: StepState) -> Wait | Rest | None:
    """Return what there is to do before the step may be tried again; None: it may be tried."""
    if state.due is None or run.now is None or run.now >= state.due:
        return None
    if state.due - run.now <= LONGEST_WAIT:
        return Wait(state.due)
    told = f"{state.step.id} ({state.step.tool}) waits until {state.due.isoformat(timespec='seconds')}: {state.reason}"
    return Rest("waiting", told, until=state.due)
