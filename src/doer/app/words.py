"""What a person says of a run, as the event that records it: pure, and refused with NotNow where it cannot be said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

from doer.domain.errors import NotNow
from doer.domain.event import (
    CancelRequested,
    Corrected,
    Event,
    OutcomeSettled,
    QuestionAnswered,
    RedoRequested,
    Refused,
    UndoRefused,
    UndoRequested,
)  # fmt: skip
from doer.domain.goal import CORRECTION, Answer
from doer.domain.run import Run
from doer.domain.value import Principal, StepId
from doer.execution.decide import rest
from doer.planning.compound.saying import corrects, says_something
from doer.planning.matching.answers import option_meant
from doer.policy.approval import approve, approve_undo

_OUTCOMES: Mapping[str, Literal["done", "not_done", "abandon"]] = {
    "1": "done", "done": "done", "yes": "done",
    "2": "not_done", "not done": "not_done", "no": "not_done",
    "3": "abandon", "give up": "abandon", "abandon": "abandon",
}  # fmt: skip


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


def answer(run: Run, by: Principal, now: datetime, text: str) -> Event:
    """Answer the run's question or settle an unknown outcome, by number or in words; or correct a plan that waits."""
    text = text.strip()
    if not text:
        raise NotNow("the answer is empty: say it in words or by the number of an option")
    if run.question is not None:
        chosen = option_meant(run.question, text)
        if chosen is None and corrects(text) and not run.question.slot.startswith(CORRECTION):
            return correction(run, by, now, text)
        said = Answer(run.question.slot, chosen.label if chosen else text, chosen.value if chosen else None)
        return QuestionAnswered(said, by)
    resting = rest(run)
    asked = [step for step in (resting.steps if resting else ()) if run.steps[step].state in ("unknown", "started")]
    if asked:
        return _settlement(asked, by, text)
    if run.correctable and resting is not None and says_something(text):
        return correction(run, by, now, text)
    raise NotNow(f"run {run.id} has asked nothing")


def _settlement(asked: Sequence[StepId], by: Principal, text: str) -> Event:
    named = next((step for step in asked if text.startswith(f"{step} ")), None)
    if named is None and len(asked) > 1:
        raise NotNow(f"several steps are asked about; name one first: {', '.join(f'{step} 1' for step in asked)}")
    step = named or asked[0]
    outcome = _OUTCOMES.get(text.removeprefix(f"{named} ").strip().casefold().replace("_", " "))
    if outcome is None:
        raise NotNow(f"was {step} done? Answer: 1 (it is done), 2 (it is not done: do it), 3 (give up)")
    return OutcomeSettled(step, outcome, by)


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
