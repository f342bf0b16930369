"""Approvals: what a person says yes to, bound to exactly what was shown."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from doer.domain.decision import Ask
from doer.domain.errors import NotNow
from doer.domain.event import Approved, UndoApproved
from doer.domain.run import Run
from doer.domain.value import Principal, StepId

LASTS = timedelta(days=7)
"""How long an approval may be used."""


def approve(run: Run, by: Principal, at: datetime, named: Collection[StepId] = ()) -> Approved:
    """Return the approval of every step that waits for one; steps that cannot be taken back only if they are `named`.

    Raises NotNow when nothing waits for approval, or when a named step does not.
    """
    if run.ended is not None:
        raise NotNow(f"run {run.id} has ended ({run.ended}): it waits for no approval")
    if run.decisions is None:
        raise NotNow(f"run {run.id} was not previewed yet: there is nothing to approve that was shown")
    waiting = run.unapproved
    if strangers := [step for step in named if step not in waiting]:
        raise NotNow(
            f"{', '.join(strangers)} of run {run.id} waits for no approval; waiting: {', '.join(waiting) or '-'}"
        )
    covered = [step for step in waiting if step in named or not must_be_named(run, step)]
    if not covered and run.mode == "do":
        raise NotNow(
            f"run {run.id} waits for no approval"
            if not waiting
            else f"what waits cannot be taken back and must be approved by name: {', '.join(waiting)}"
        )
    return Approved(by, {step: run.binding(step) for step in covered}, tuple(named), at + LASTS)


def must_be_named(run: Run, step: StepId) -> bool:
    """Tell whether approving the plan is not enough for this step."""
    decision = (run.decisions or {}).get(step)
    return isinstance(decision, Ask) and decision.by_name


def approve_undo(run: Run, by: Principal) -> UndoApproved:
    """Return the approval of the undo that was previewed. Raises NotNow when none was."""
    if run.undo != "previewed":
        raise NotNow(f"no undo of run {run.id} waits for approval")
    return UndoApproved(by, run.undo_binding)
