"""What a person says of a run, as the event that records it: pure, and refused with NotNow where it cannot be said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from doer.domain.errors import NotNow
from doer.domain.event import (
    CancelRequested,
    Corrected,
    Event,
    RedoRequested,
    Refused,
    UndoRefused,
    UndoRequested,
)  # fmt: skip
from doer.domain.run import Run
from doer.domain.value import Principal, StepId
from doer.policy.approval import approve, approve_undo


def approval(run: Run, by: Principal, now: datetime, named: Sequence[StepId]) -> Event:
    """Approve what the run waits for, or its undo."""
    return approve_undo(run, by) if run.undo == "previewed" else approve(run, by, now, named)


def refusal(run: Run, by: Principal, reason: str) -> Event:
    """Refuse what the run waits for, or its undo."""
    if run.undo == "previewed":
        return UndoRefused(by)
    if run.ended is not None:
        raise NotNow(_has_ended(run))
    return Refused(by, reason)


def cancellation(run: Run, by: Principal) -> Event:
    """Stop a run that has not ended."""
    if run.ended is not None:
        raise NotNow(_has_ended(run))
    return CancelRequested(by)


def undo_request(run: Run, by: Principal) -> Event:
    """Ask that an ended run that touched something is taken back."""
    if run.ended is None:
        raise NotNow(f"run {run.id} has not ended: `doer cancel {run.id}` stops it and takes it back")
    if run.undo == "approved":
        raise NotNow(f"run {run.id} is being taken back: `doer resume {run.id}` goes on with that")
    if not any(state.touched for state in run.steps.values()):
        raise NotNow(f"run {run.id} ({run.ended}) changed nothing: there is nothing to take back")
    return UndoRequested(by)


def redo_request(run: Run, by: Principal) -> Event:
    """Ask that an undone run is done again."""
    if not run.redoable:
        raise NotNow(f"run {run.id} is not undone: only what was taken back can be done again")
    return RedoRequested(by)


def correction(run: Run, by: Principal, now: datetime, text: str) -> Event:
    """Say what should be otherwise in a plan of which nothing was begun."""
    text = text.strip()
    if not text:
        raise NotNow("the correction is empty: say what should be otherwise, e.g. `Tuesday instead`")
    if run.correctable:
        return Corrected(by, text, now)
    if run.ended is not None:
        raise NotNow(_has_ended(run))
    raise NotNow(
        f"run {run.id} was begun: what is done is not corrected; `doer cancel {run.id}` stops it and takes it back"
    )


def _has_ended(run: Run) -> str:
    left = run.ended != "undone" and any(state.touched for state in run.steps.values())
    return f"run {run.id} has ended ({run.ended})" + (f"; `doer undo {run.id}` takes it back" if left else "")
