"""Telling: what each event is in one line for a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, assert_never

from doer.domain.event import (
    Abstained,
    Approved,
    CancelRequested,
    ChangesDiffered,
    Corrected,
    CredentialRenewed,
    Event,
    ModelAsked,
    OutcomeSettled,
    PlanJudged,
    PlanOutdated,
    PlanPreviewed,
    PlanProposed,
    PlanRejected,
    QuestionAnswered,
    QuestionAsked,
    RedoRequested,
    Refused,
    RunAccepted,
    RunClaimed,
    RunEnded,
    RunRestored,
    SelectionRead,
    StepAbsent,
    StepApplied,
    StepBlocked,
    StepFailed,
    StepRefuted,
    StepSkipped,
    StepStarted,
    StepUnconfirmed,
    StepUndone,
    StepUnknown,
    StepUnproven,
    StepVerified,
    TimerFired,
    UndoApproved,
    UndoConflicted,
    UndoFailed,
    UndoPreviewed,
    UndoRefused,
    UndoRequested,
    UndoStarted,
)  # fmt: skip

Tone = Literal["good", "bad", "doubt", "move", "quiet"]
"""good: proved; bad: it did not work; doubt: a person should look; move: under way; quiet: only for the record."""


@dataclass(frozen=True, slots=True)
class Telling:
    """One event in words."""

    tone: Tone
    words: str
    step: str = ""


def tell(event: Event) -> Telling:
    """Return what the event says. Text out of data is not made visible here: whoever prints it does that."""
    match event:
        case (
            StepSkipped() | StepStarted() | StepApplied() | StepVerified() | StepUnconfirmed() | StepUnproven()
            | StepRefuted() | StepFailed() | StepUnknown() | StepAbsent() | OutcomeSettled() | ChangesDiffered()
            | StepBlocked()
        ):  # fmt: skip
            return _of_step(event)
        case (
            UndoRequested() | UndoPreviewed() | UndoApproved() | UndoRefused() | UndoStarted() | StepUndone()
            | UndoConflicted() | UndoFailed() | RedoRequested()
        ):  # fmt: skip
            return _of_undo(event)
        case (
            RunAccepted() | RunClaimed() | SelectionRead() | ModelAsked() | PlanOutdated() | PlanProposed() | PlanRejected() | QuestionAsked()
            | QuestionAnswered() | Corrected() | Abstained() | PlanPreviewed() | PlanJudged() | Approved() | Refused()
            | CancelRequested() | CredentialRenewed() | RunRestored() | TimerFired() | RunEnded()
        ):  # fmt: skip
            return _of_run(event)
        case _:
            assert_never(event)


_OfRun = (
    RunAccepted | RunClaimed | SelectionRead | ModelAsked | PlanOutdated | PlanProposed | PlanRejected | QuestionAsked | QuestionAnswered | Corrected | Abstained
    | PlanPreviewed | PlanJudged | Approved | Refused | CancelRequested | CredentialRenewed | RunRestored | TimerFired
    | RunEnded
)  # fmt: skip
_OfStep = (
    StepSkipped | StepStarted | StepApplied | StepVerified | StepUnconfirmed | StepUnproven | StepRefuted | StepFailed
    | StepUnknown | StepAbsent | OutcomeSettled | ChangesDiffered | StepBlocked
)  # fmt: skip
_OfUndo = (
    UndoRequested | UndoPreviewed | UndoApproved | UndoRefused | UndoStarted | StepUndone | UndoConflicted | UndoFailed
    | RedoRequested
)  # fmt: skip


def _of_run(event: _OfRun) -> Telling:
    match event:
        case RunAccepted(goal, mode, _, _):
            how = {"do": " asked", "plan": " asked for a plan", "look": " looked"}[mode]
            return Telling("quiet", f"{goal.by}{how}: {goal.text}")
        case RunClaimed(epoch, driver):
            return Telling("quiet", f"driven by {driver}" + (f" (the {_nth(epoch)} to drive it)" if epoch > 1 else ""))
        case SelectionRead(tool, _, _):
            return Telling("quiet", f"read: {tool}")
        case PlanProposed(plan, _):
            number = len(plan.steps)
            return Telling("move", f"planned: {number} step{'' if number == 1 else 's'}, by {plan.proposer}")
        case ModelAsked(model, tokens_in, tokens_out, cost, _, _):
            price = "" if cost == "0" else f", {cost} USD"
            return Telling("quiet", f"asked the model {model}: {tokens_in:,} tokens in, {tokens_out:,} out{price}")
        case PlanOutdated(reason):
            return Telling("doubt", f"to be planned anew: {reason}")
        case PlanRejected(problems):
            return Telling("bad", f"no valid plan: {'; '.join(problems)}")
        case QuestionAsked(question):
            return Telling("doubt", f"asks: {question.text}")
        case QuestionAnswered(answer, by):
            return Telling("move", f"{by} answered {answer.slot}: {answer.text}")
        case Corrected(by, text, _):
            return Telling("move", f"{by} corrected: {text}")
        case Abstained(abstention):
            return Telling("bad", f"no plan: {abstention.reason}")
        case PlanPreviewed(foresights):
            number = sum(len(each.preview.changes) for each in foresights)
            return Telling("move", f"previewed: {number} change{'' if number == 1 else 's'}, nothing changed yet")
        case PlanJudged():
            return Telling("quiet", "policy has decided what needs a person")
        case Approved(by, bindings, named, _):
            also = f", by name: {', '.join(named)}" if named else ""
            return Telling("move", f"{by} approved {', '.join(bindings)}{also}")
        case Refused(by, reason):
            return Telling("bad", f"{by} refused{f': {reason}' if reason else ''}")
        case CancelRequested(by):
            return Telling("bad", f"{by} wants it stopped and taken back")
        case CredentialRenewed(by):
            return Telling("move", f"{by} renewed the credential")
        case RunRestored(by, saved_at):
            moment = saved_at.isoformat(timespec="minutes")
            return Telling(
                "doubt", f"{by} restored it from a backup of {moment}; what happened after that is not in here"
            )
        case TimerFired():
            return Telling("quiet", "a time that it waited for has come")
        case RunEnded(status, reason):
            tone: Tone = "good" if status in ("done", "undone") else "bad"
            return Telling(tone, f"ended: {status.replace('_', ' ')}{f': {reason}' if reason else ''}")
        case _:
            assert_never(event)


def _of_step(event: _OfStep) -> Telling:
    match event:
        case StepSkipped(step, reason):
            return Telling("quiet", f"left out: {reason}", step)
        case StepStarted(step, _, _, _, _, grant):
            return Telling("move", f"started, granted by {grant.by}", step)
        case StepApplied(step, _):
            return Telling("move", "applied, not believed yet", step)
        case StepVerified(step, _, evidence):
            return Telling("good", f"verified{f': {evidence}' if evidence else ''}", step)
        case StepUnconfirmed(step, reason, _):
            return Telling("doubt", f"not seen yet, reading again: {reason}", step)
        case StepUnproven(step, reason):
            return Telling("doubt", f"unproven: {reason}", step)
        case StepRefuted(step, reason, _):
            return Telling("bad", f"refuted: {reason}", step)
        case StepFailed(step, error, transient, _):
            return Telling(
                "doubt" if transient else "bad", f"had no effect{' for now' if transient else ''}: {error}", step
            )
        case StepUnknown(step, reason, _):
            return Telling("doubt", f"outcome unknown, reading back: {reason}", step)
        case StepBlocked(step, reason):
            return Telling("doubt", f"waits for a credential: {reason}", step)
        case StepAbsent(step, reason):
            return Telling("doubt", f"nothing of it was found{f': {reason}' if reason else ''}", step)
        case OutcomeSettled(step, outcome, by):
            return Telling("move", f"{by} settled it: {outcome.replace('_', ' ')}", step)
        case ChangesDiffered(step, _, _, reason):
            return Telling("doubt", f"asks again: {reason}", step)
        case _:
            assert_never(event)


def _of_undo(event: _OfUndo) -> Telling:
    match event:
        case UndoRequested(by):
            return Telling("move", f"{by} wants it taken back")
        case UndoPreviewed(foresights):
            stay = [each.step for each in foresights if each.obstacle]
            also = f"; stays: {', '.join(stay)}" if stay else ""
            return Telling("move", f"the undo was previewed{also}")
        case UndoApproved(by, _):
            return Telling("move", f"{by} approved the undo")
        case UndoRefused(by):
            return Telling("quiet", f"{by} decided against the undo")
        case UndoStarted(step):
            return Telling("move", "taking it back", step)
        case StepUndone(step, _, evidence):
            return Telling("good", f"taken back{f': {evidence}' if evidence else ''}", step)
        case UndoConflicted(step, reason, partial):
            return Telling("bad", f"{'put back in part' if partial else 'left as it is'}: {reason}", step)
        case UndoFailed(step, error, transient, _):
            return Telling(
                "doubt" if transient else "bad", f"could not be taken back{' yet' if transient else ''}: {error}", step
            )
        case RedoRequested(by):
            return Telling("move", f"{by} wants it done again")
        case _:
            assert_never(event)


def _nth(number: int) -> str:
    suffix = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th") if number % 100 not in (11, 12, 13) else "th"
    return f"{number}{suffix}"
