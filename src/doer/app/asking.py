"""Asking an approver what a run waits for, and the run as a report."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from doer.app.consent import ApprovalRequest, Approver, consents
from doer.domain.event import Event, Refused, UndoRefused
from doer.domain.run import Run
from doer.domain.value import Principal, StepId
from doer.execution.command import Rest
from doer.execution.decide import rest, standing
from doer.observation.report import RunReport, report
from doer.planning.accounted import ASKS
from doer.policy.approval import approve, approve_undo, must_be_named


async def asked(run: Run, approver: Approver, me: Principal, now: datetime, declined: set[StepId]) -> Event | None:
    """Return the approver's word on what the run waits for; None when there is nothing to ask, or no answer.

    Steps that cannot be taken back are asked about one by one; those that were `declined` are not asked about again.
    """
    resting = rest(run)
    if resting is None or run.question is not None:
        return None

    def shown() -> RunReport:
        return _told_of(run, resting)

    if run.undo == "previewed":
        agreed = await consents(approver, ApprovalRequest("undo", resting.steps, shown))
        return approve_undo(run, me) if agreed else UndoRefused(me)
    unapproved = run.unapproved
    by_name = [step for step in unapproved if must_be_named(run, step)]
    plain = tuple([step for step in unapproved if step not in by_name])
    if plain and not await consents(approver, ApprovalRequest("plan", plain, shown)):
        return Refused(me)
    named: list[StepId] = []
    for step in by_name:
        if step not in declined:
            request = ApprovalRequest("irreversible", (step,), shown)
            (named.append if await consents(approver, request) else declined.add)(step)
    return approve(run, me, now, named) if plain or named else None


def told(run: Run) -> RunReport:
    """Return the run as people see it."""
    return _told_of(run, rest(run))


def _told_of(run: Run, resting: Rest | None) -> RunReport:
    shown = report(run, *standing(run, resting), until=None if resting is None else resting.until)
    if run.plan is None or run.plan.planner != ASKS or run.goal is None:
        return shown
    from doer.planning.accounted.telling import told as told_by  # heavy, and few runs are questions

    answer = told_by(run.goal, run.plan, run.results)
    return shown if answer is None else replace(shown, told=answer.value)
