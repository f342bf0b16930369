"""The fold: `evolve(run, event)` is pure and total, so the journal alone tells where a run stands.

An event that does not fit (a step that is not in the plan) changes nothing: the record is never contradicted by a crash.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias, assert_never

from doer.domain.action import Effect, Receipt
from doer.domain.decision import Ask, Deny
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
    Recorded,
    RedoRequested,
    Refused,
    RunAccepted,
    RunClaimed,
    RunEnded,
    RunRestored,
    SelectionRead,
    Status,
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
from doer.domain.foreseen import Foreseen
from doer.domain.goal import CORRECTION, Answer
from doer.domain.order import prerequisites
from doer.domain.run import Run, StepState, replace
from doer.domain.value import RunId, StepId

LONGEST_DELAY = 30.0
FIRST_DELAY = 0.1


def fold(run: RunId, records: Iterable[Recorded], start: Run | None = None) -> Run:
    """Return the run that its records tell of."""
    state = start or Run(run)
    taken = list(records)
    for record in taken:
        state = evolve(state, record.event)
    return told(state, taken)


def told(run: Run, records: Sequence[Recorded]) -> Run:
    """Return the run with place and time of the records that it is the fold of."""
    if not records:
        return run
    last = records[-1]
    return replace(run, seq=last.seq, accepted_at=run.accepted_at or records[0].at, recorded_at=last.at)


def delay(attempt: int, seed: int, step: StepId) -> timedelta:
    """Return how long to wait before another try: doubling from 0.1 s to 30 s, times 0.5 … 1.5 by the run's seed."""
    jitter = 0.5 + (zlib.crc32(f"{seed}/{step}/{attempt}".encode()) % 1000) / 1000
    return timedelta(seconds=min(FIRST_DELAY * 2.0 ** min(attempt, 20), LONGEST_DELAY) * jitter)


def _not_before(again_at: datetime | None, due: datetime) -> datetime:
    return due if again_at is None else max(again_at, due)


_Work: TypeAlias = StepStarted | StepApplied | StepVerified | StepUnconfirmed | StepUnproven | StepRefuted
_Driven: TypeAlias = RunClaimed | RunEnded | TimerFired
_Trouble: TypeAlias = StepFailed | StepUnknown | StepAbsent | StepSkipped | OutcomeSettled | ChangesDiffered
_Word: TypeAlias = Approved | Refused | CancelRequested | QuestionAnswered | Corrected | RedoRequested
_Planned: TypeAlias = RunAccepted | QuestionAsked | PlanProposed | PlanRejected | Abstained
_Foreseen: TypeAlias = PlanPreviewed | PlanJudged
_Undo: TypeAlias = UndoRequested | UndoPreviewed | UndoApproved | UndoRefused | UndoStarted
_Undone: TypeAlias = StepUndone | UndoConflicted | UndoFailed


def evolve(run: Run, event: Event) -> Run:
    """Return the run after one more event."""
    if isinstance(event, _Work):  # asked in groups: every case of a `match` asks for each class again
        return _work(run, event)
    if isinstance(event, _Driven):
        return _driven(run, event)
    if isinstance(event, _Foreseen):
        return _foreseen(run, event)
    if isinstance(event, _Planned):
        return _planning(run, event)
    if isinstance(event, _Word):
        return _said(run, event)
    if isinstance(event, _Trouble):
        return _trouble(run, event)
    if isinstance(event, _Undo):
        return _undo(run, event)
    if isinstance(event, _Undone):
        return _undone(run, event)
    match event:
        case StepBlocked():
            return _blocked(run, event.step, event.reason)
        case CredentialRenewed():
            free = {step: replace(state, blocked="") if state.blocked else state for step, state in run.steps.items()}
            return replace(run, steps=free)
        case RunRestored():
            return _restored(run, event.saved_at)
        case SelectionRead():
            return run
        case ModelAsked():
            return replace(run, tokens=run.tokens + event.tokens_in + event.tokens_out)
        case PlanOutdated():
            return _unplanned(run) if run.correctable else run
        case _:
            assert_never(event)


def _driven(run: Run, event: _Driven) -> Run:
    match event:
        case RunClaimed():
            return _claimed(run, event)
        case TimerFired():
            return _told(run, event.at)
        case RunEnded():
            return replace(run, ended=event.status, reason=event.reason, undo="", undo_foresights=())
        case _:
            assert_never(event)


def _told(run: Run, moment: datetime) -> Run:
    return run if run.now is not None and run.now >= moment else replace(run, now=moment)


def _put(run: Run, state: StepState) -> Run:
    return replace(run, steps={**run.steps, state.step.id: state})


def _planning(run: Run, event: _Planned) -> Run:
    match event:
        case RunAccepted(goal, mode, seed, decider):
            return replace(run, goal=goal, mode=mode, seed=seed, decider=decider, now=goal.said_at)
        case QuestionAsked(question):
            return replace(run, question=question)
        case PlanProposed(plan, urgency):
            steps = {step.id: StepState(step, "planned", None, step.all_needs) for step in plan.steps}
            return replace(
                run, plan=plan, plan_digest=plan.digest, urgency=urgency, steps=steps, question=None, foreseen=None
            )
        case PlanRejected(problems):
            return replace(run, problems=problems)
        case Abstained(abstention):
            return replace(run, abstention=abstention)
        case _:
            assert_never(event)


def _foreseen(run: Run, event: _Foreseen) -> Run:
    match event:
        case PlanPreviewed(foresights):
            known = {foresight.step: foresight for foresight in foresights}
            steps = {step: replace(state, foresight=known.get(step)) for step, state in run.steps.items()}
            return replace(run, steps=_ordered(steps), previewed=True, foreseen=_foreseen_of(steps.values()))
        case PlanJudged(decisions, policy):
            # Approvals were given under the rules that stood then.
            approved = run.approved if policy == run.policy else {}
            judged = replace(run, decisions=decisions, policy=policy, approved=approved)
            return _asking_anew(judged) if run.restored else judged
        case _:
            assert_never(event)


def _foreseen_of(states: Collection[StepState]) -> Foreseen | None:
    """What all steps were foreseen to change; None where one is left out, which counts for nothing."""
    if "skipped" in [state.state for state in states]:
        return None
    return Foreseen(tuple([(each.step.system, each.foresight) for each in states if each.foresight is not None]))


def _ordered(steps: Mapping[StepId, StepState]) -> Mapping[StepId, StepState]:
    """Put the steps into order anew, from what is foreseen of them now."""
    needs: dict[StepId, frozenset[StepId]] = {}
    resources: dict[StepId, Sequence[str]] = {}
    effects: dict[StepId, Effect] = {}
    for step, state in steps.items():
        needed = state.step.all_needs
        needs[step] = needed if needed <= steps.keys() else needed.intersection(steps)
        effects[step] = state.effect
        if state.foresight is not None:
            resources[step] = [change.resource for change in state.foresight.preview.changes]
    after = prerequisites(needs, resources, effects)
    return {
        step: state if after.get(step, state.after) == state.after else replace(state, after=after[step])
        for step, state in steps.items()
    }


def _said(run: Run, event: _Word) -> Run:
    match event:
        case Approved():
            return _approved(run, event)
        case Refused(by, reason):
            return replace(run, refused=reason or f"refused by {by}")
        case CancelRequested(by):
            return replace(run, cancelled=f"cancelled by {by}")
        case QuestionAnswered(answer, _):
            kept = tuple(each for each in run.answers if each.slot != answer.slot)
            return replace(run, answers=(*kept, answer), question=None)
        case Corrected(_, text, said_at):
            if not run.correctable:
                return run
            answers = (*run.answers, Answer(CORRECTION, text, said_at.isoformat()))
            return replace(_unplanned(run), answers=answers, question=None)
        case RedoRequested(_):
            if not run.redoable:
                return run
            steps = {step: StepState(state.step, after=state.step.all_needs) for step, state in run.steps.items()}
            return replace(
                run, steps=steps, generation=run.generation + 1, previewed=False, foreseen=None, decisions=None, approved={},
                expires={}, effects=0, ended=None, reason="", mode="do", cancelled="", refused="", abandoned="",
                restored="", problems=(),
            )  # fmt: skip
        case _:
            assert_never(event)


def _unplanned(run: Run) -> Run:
    return replace(
        run, plan=None, plan_digest=None, urgency={}, steps={}, previewed=False, foreseen=None, decisions=None,
        approved={}, expires={},
    )  # fmt: skip


def _approved(run: Run, event: Approved) -> Run:
    approved = dict(run.approved)
    expires = dict(run.expires)
    accepted = not event.bindings  # a plan of reads is carried on with nothing to bind
    for step, binding in event.bindings.items():
        decision = (run.decisions or {}).get(step)
        if not isinstance(decision, Ask) or step not in run.steps or binding != run.binding(step):
            continue
        if not decision.by_name or step in event.named:
            accepted = True
            approved[step] = event.by
            expires.pop(step, None)
            if event.expires_at is not None:
                expires[step] = event.expires_at
    return replace(run, approved=approved, expires=expires, mode="do") if accepted else run


def _claimed(run: Run, event: RunClaimed) -> Run:
    """A new driver knows of a started step only that it was started."""
    lost = {
        step: replace(state, state="planned" if state.effect == "read" else "unknown", due=None)
        for step, state in run.steps.items()
        if state.state == "started"
    }
    return replace(run, epoch=event.epoch, steps={**run.steps, **lost} if lost else run.steps)


def _work(run: Run, event: _Work) -> Run:
    state = run.steps.get(event.step)
    if state is None:
        return run
    match event:
        case StepStarted():
            started = replace(
                state, state="started", key=event.key, arguments=event.arguments, changes=event.changes,
                tries=state.tries + 1, checks=0, due=None, absent=False, again=False, reason="",
            )  # fmt: skip
            return _put(run, started)
        case StepApplied():
            if state.effect == "read":  # nothing to read back: it changed nothing
                read = replace(state, state="verified", receipt=event.receipt, reason="", finished=_place(run, state))
                return _effected(run, read)
            return _put(run, replace(state, state="applied", receipt=event.receipt, checks=0, due=None, absent=False))
        case StepVerified():
            place = _place(run, state)
            verified = replace(state, state="verified", receipt=event.receipt, due=None, reason="", finished=place)
            return _effected(run, verified)
        case StepUnproven():
            return _unproven(run, state, event.reason)
        case StepRefuted():
            return _refuted(run, replace(state, receipt=event.receipt or state.receipt), event.reason)
        case StepUnconfirmed():
            due = event.checked_at + delay(state.checks, run.seed, event.step)
            unconfirmed = replace(state, checks=state.checks + 1, due=due, reason=event.reason)
            return _told(_put(run, unconfirmed), event.checked_at)
        case _:
            assert_never(event)


def _place(run: Run, state: StepState) -> int:
    """Return the place of a step in the order in which steps took effect: the one that it has, or the next."""
    return state.finished or run.effects + 1


def _effected(run: Run, state: StepState) -> Run:
    return replace(run, steps={**run.steps, state.step.id: state}, effects=max(run.effects, state.finished))


def _unproven(run: Run, state: StepState, reason: str) -> Run:
    return _effected(run, replace(state, state="unproven", due=None, reason=reason, finished=_place(run, state)))


def _refuted(run: Run, state: StepState, reason: str) -> Run:
    abandoned = run.abandoned or f"{state.step.id} ({state.step.tool}): {reason}"
    refuted = replace(state, state="refuted", due=None, reason=reason, finished=_place(run, state))
    return _effected(replace(run, abandoned=abandoned), refuted)


def _trouble(run: Run, event: _Trouble) -> Run:
    state = run.steps.get(event.step)
    if state is None:
        return run
    match event:
        case StepFailed(_, error, transient, failed_at, again_at):
            # A failure to prepare counts as a try as well, so that an unreachable system is not asked for ever.
            tries = state.tries if state.state == "started" else state.tries + 1
            due = _not_before(again_at, failed_at + delay(tries, run.seed, event.step))
            failed = replace(state, state="failed", transient=transient, tries=tries, due=due, reason=error)
            return _told(_put(run, failed), failed_at)
        case StepUnknown(_, reason, failed_at):
            # Counting the tries as well, so that a system that loses every outcome is not hurried from try to try.
            due = failed_at + delay(state.checks + max(state.tries - 1, 0), run.seed, event.step)
            unknown = replace(state, state="unknown", checks=state.checks + 1, due=due, reason=reason)
            return _told(_put(run, unknown), failed_at)
        case StepAbsent(_, reason):
            if state.foresight is not None and state.foresight.once:
                # The system enforces the key, so that applying again under it is one effect at most.
                return _put(run, _again(state, reason))
            return _put(run, replace(state, state="unknown", absent=True, due=None, reason=reason))
        case StepSkipped(_, reason):
            return _put(replace(run, foreseen=None), replace(state, state="skipped", reason=reason))
        case OutcomeSettled(_, outcome, by):
            return _settled(run, state, outcome, f"{by} said so")
        case ChangesDiffered(_, foresight, decision, reason):
            approved = {step: by for step, by in run.approved.items() if step != event.step}
            decisions = {**(run.decisions or {}), event.step: decision}
            waiting = replace(
                _unstarted(state), state="waiting", foresight=foresight, due=None, transient=False, reason=reason
            )
            steps = _ordered({**run.steps, event.step: waiting})
            return replace(run, steps=steps, approved=approved, decisions=decisions, foreseen=None)
        case _:
            assert_never(event)


def _blocked(run: Run, step: StepId, reason: str) -> Run:
    state = run.steps.get(step)
    if state is None:
        return run
    if state.state == "started":
        # An earlier try under the same key may still have done it; the refusal speaks of this call only.
        fresh = replace(_unstarted(state), state="planned", tries=state.tries - 1)
        state = replace(state, state="unknown") if state.again else fresh
    return _put(run, replace(state, blocked=reason, undoing=False, due=None, reason=reason))


def _restored(run: Run, saved_at: datetime) -> Run:
    if run.ended is not None:
        return run
    told = f"restored from a backup of {saved_at.isoformat(timespec='minutes')}: look whether it was done since"
    return _asking_anew(replace(run, restored=told, approved={}, expires={}))


def _asking_anew(run: Run) -> Run:
    """Let a person decide about everything that is still to be written, whatever the rules would allow."""
    decisions = dict(run.decisions or {})
    steps = dict(run.steps)
    for step, state in run.steps.items():
        decision = decisions.get(step)
        if decision is None or isinstance(decision, Deny) or state.effect == "read":
            continue
        if state.state in ("planned", "waiting", "failed"):
            by_name = state.effect == "irreversible" or (isinstance(decision, Ask) and decision.by_name)
            decisions[step] = Ask(run.restored, by_name=by_name)
            steps[step] = replace(
                state, state="waiting" if state.state == "failed" else state.state, reason=run.restored
            )
    return replace(run, decisions=decisions if run.decisions is not None else None, steps=steps)


def _unstarted(state: StepState) -> StepState:
    """Forget what an earlier start was made of, so that what is shown is what will be approved."""
    return replace(state, arguments={}, changes=(), key=None)


def _again(state: StepState, reason: str) -> StepState:
    tries = state.tries + 1
    return replace(state, state="started", tries=tries, checks=0, due=None, absent=False, again=True, reason=reason)


def _settled(run: Run, state: StepState, outcome: str, reason: str) -> Run:
    if state.state not in ("unknown", "applied", "started"):
        return run
    match outcome:
        case "done":
            return _unproven(run, state, f"it is done: {reason}")
        case "not_done":
            # Not started: the next driver's claim could not tell this from a start that crashed, and would ask for ever.
            fresh = replace(_unstarted(state), state="planned", tries=0, checks=0, due=None, absent=False, again=False)
            return _put(run, replace(fresh, reason=reason))
        case _:
            return _refuted(run, state, f"given up: {reason}")


def _undo(run: Run, event: _Undo) -> Run:
    match event:
        case UndoRequested():
            if run.ended is None:
                return run
            steps = {step: _unstuck(state) for step, state in run.steps.items()}
            return replace(run, undo="requested", undo_foresights=(), steps=steps)
        case UndoPreviewed(foresights):
            return replace(run, undo="previewed", undo_foresights=foresights) if run.undo else run
        case UndoApproved(_, binding):
            fits = run.undo == "previewed" and binding == run.undo_binding
            return replace(run, undo="approved") if fits else run
        case UndoRefused():
            if run.undo not in ("requested", "previewed"):
                return run
            return replace(run, undo="", undo_foresights=(), ended=_left_as(run))
        case UndoStarted(step):
            state = run.steps.get(step)
            return run if state is None else _put(run, replace(state, undoing=True, due=None))
        case _:
            assert_never(event)


def _left_as(run: Run) -> Status | None:
    """What a run is called whose undo is refused: an undo before it may have gone half the way."""
    begun = any(state.undoing or state.state in ("undone", "conflict") for state in run.steps.values())
    return "partly_undone" if begun and run.ended in ("done", "unproven", "undone") else run.ended


def _unstuck(state: StepState) -> StepState:
    return replace(state, stuck=False, undo_tries=0, due=None) if state.stuck or state.undo_tries else state


def _undone(run: Run, event: _Undone) -> Run:
    state = run.steps.get(event.step)
    if state is None:
        return run
    match event:
        case StepUndone(_, versions, _):
            run = _put(run, replace(state, state="undone", undoing=False, due=None, reason=""))
            return replace(run, steps={step: _accepting(each, versions) for step, each in run.steps.items()})
        case UndoConflicted(_, reason, _):
            return _put(run, replace(state, state="conflict", undoing=False, stuck=True, due=None, reason=reason))
        case UndoFailed(_, error, transient, failed_at, again_at):
            due = _not_before(again_at, failed_at + delay(state.undo_tries, run.seed, event.step))
            failed = replace(
                state, undo_tries=state.undo_tries + 1, due=due, stuck=not transient, undoing=False, reason=error
            )
            return _told(_put(run, failed), failed_at)
        case _:
            assert_never(event)


def _accepting(state: StepState, versions: Mapping[str, str]) -> StepState:
    """Let an earlier receipt on the same resource accept the version that our own undo left there."""
    if state.receipt is None:
        return state
    newer = {resource: versions[resource] for resource in state.receipt.versions if resource in versions}
    if not newer or state.state == "undone":
        return state
    receipt = Receipt(state.receipt.result, {**state.receipt.versions, **newer}, state.receipt.undo)
    return replace(state, receipt=receipt)
