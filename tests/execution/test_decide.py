"""The decider's laws, held against any record and against every course that a run can take."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.domain.strategies import ME, START, begun_histories, histories
from tests.domain.test_fold import A, B, after, begun, receipt, started

from doer.domain.action import Change, Effect, Preview
from doer.domain.decision import Allow, Ask, Deny
from doer.domain.event import (
    CancelRequested,
    Event,
    Foresight,
    OutcomeSettled,
    PlanJudged,
    PlanPreviewed,
    PlanProposed,
    Recorded,
    RunAccepted,
    RunClaimed,
    RunEnded,
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
    UndoConflicted,
    UndoFailed,
    UndoPreviewed,
    UndoStarted,
)
from doer.domain.fold import evolve, told
from doer.domain.goal import Goal
from doer.domain.plan import Guard, Plan, Step
from doer.domain.run import FINISHED, Run
from doer.domain.template import Literal as Value
from doer.domain.template import Reference
from doer.domain.value import Digest, RunId
from doer.execution.command import (
    Apply,
    Command,
    End,
    Judge,
    Keep,
    Prepare,
    PreviewPlan,
    PreviewUndo,
    Propose,
    Reconcile,
    Rest,
    Skip,
    StartUndo,
    Undo,
    Verify,
    Wait,
)
from doer.execution.decide import MOST_AT_ONCE, SO_ALREADY, decided_after, next_commands, rest, status
from doer.execution.held_up import MOST_TRIES
from doer.execution.taking_back import undo_order

BEFORE_APPROVAL = (Propose, PreviewPlan, Judge, Rest, End)


@settings(max_examples=60)
@given(histories())
def test_it_is_total_and_pure_and_never_loses_a_run(history: list[Event]) -> None:
    run = after(*history)
    commands = next_commands(run)

    assert next_commands(replace(run)) == commands
    assert len(set(commands)) == len(commands)
    if run.goal is not None and (run.ended is None or run.undo):
        assert commands, "a run that has not ended wants something, or waits for somebody"
    assert status(run)


@settings(max_examples=60)
@given(histories())
def test_place_and_time_of_the_records_decide_nothing(history: list[Event]) -> None:
    run = after(*history)

    assert next_commands(
        told(run, [Recorded(run.id, 7, START + timedelta(days=9), TimerFired(START))])
    ) == next_commands(run)


@settings(max_examples=100)
@given(histories())
def test_a_step_is_applied_only_when_it_is_started_and_only_when_a_claim_was_not_in_between(
    history: list[Event],
) -> None:
    run = after(*history)

    for command in next_commands(run):
        if isinstance(command, Apply):
            assert run.steps[command.step].state == "started"
    claimed = evolve(run, RunClaimed(run.epoch + 1, "another"))
    assert not [command for command in next_commands(claimed) if isinstance(command, Apply)]


@settings(max_examples=60)
@given(histories())
def test_nothing_but_planning_comes_before_the_approval(history: list[Event]) -> None:
    run = after(*history)
    nothing_begun = not any(state.state in ("verified", "undone") or state.touched for state in run.steps.values())

    plain = [step for step in run.unapproved if not run.decisions[step].by_name]  # type: ignore[index,union-attr]
    if nothing_begun and not run.undo and (not run.previewed or run.decisions is None or plain or run.mode == "plan"):
        assert not [command for command in next_commands(run) if isinstance(command, Prepare | Apply)]


@settings(max_examples=60)
@given(histories())
def test_a_step_is_prepared_only_when_all_it_needs_is_finished_and_it_was_not_denied(history: list[Event]) -> None:
    run = after(*history)

    for command in next_commands(run):
        if isinstance(command, Prepare | Skip):
            state = run.steps[command.step]
            assert all(run.steps[needed].state in FINISHED for needed in state.after if needed in run.steps)
            assert command.step not in run.unapproved or isinstance(command, Skip)
    nothing_begun = not any(state.state in ("verified", "undone") or state.touched for state in run.steps.values())
    if nothing_begun and any(isinstance(each, Deny) for each in (run.decisions or {}).values()):
        assert not [command for command in next_commands(run) if isinstance(command, Prepare | Apply)]


GOING_ON = (StepStarted, StepApplied, StepVerified, RunClaimed, StepFailed, StepUnknown, StepBlocked, CancelRequested)


@settings(max_examples=150)
@given(st.one_of(histories(), begun_histories([*GOING_ON, *GOING_ON[:3], *GOING_ON[:3]])))
def test_what_is_wanted_after_one_more_event_is_what_is_wanted_of_the_run(history: list[Event]) -> None:
    run = Run(RunId("r"))
    wanted = next_commands(run)
    for event in history:
        before, run = run, evolve(run, event)
        wanted = decided_after(before, wanted, event, run)
        assert wanted == next_commands(run)


# --- courses: whatever may come of each command, until the run ends ---------------------------------------------------


def outcomes(run: Run, command: Command) -> list[tuple[Event, ...]]:
    """Everything that performing the command may lead to."""
    now = run.now or START
    match command:
        case Propose():
            return []
        case PreviewPlan():
            return [(PlanPreviewed(tuple(s.foresight for s in begun().steps.values() if s.foresight)),)]
        case Judge():
            return [(PlanJudged({A: Ask("ask"), B: Ask("ask")}, Digest("p")),)]
        case Prepare(step, _):
            return [(started(step),), (StepFailed(step, "busy", transient=True, failed_at=now),),
                    (StepFailed(step, "no", transient=False, failed_at=now),)]  # fmt: skip
        case Apply(step, _):
            lost = (StepUnknown(step, "cut", now),)
            if run.steps[step].again:
                return [(StepApplied(step, receipt()),), lost]
            return [(StepApplied(step, receipt()),), lost, (StepFailed(step, "busy", transient=True, failed_at=now),)]
        case Verify(step, _):
            return [(StepVerified(step, receipt()),), (StepUnproven(step, "?"),), (StepRefuted(step, "half", receipt()),),
                    (StepUnconfirmed(step, "not yet", now),)]  # fmt: skip
        case Reconcile(step, _):
            return [(StepApplied(step, receipt()), StepVerified(step, receipt())), (StepAbsent(step, "nothing"),),
                    (StepUnknown(step, "down", now),), (StepRefuted(step, "half", None),)]  # fmt: skip
        case PreviewUndo():
            return [(UndoPreviewed(()),)]
        case StartUndo(step):
            return [(UndoStarted(step),)]
        case Undo(step, _):
            return [(StepUndone(step, {"x": "v9"}),), (UndoConflicted(step, "changed"),),
                    (UndoFailed(step, "busy", transient=True, failed_at=now),),
                    (UndoFailed(step, "no", transient=False, failed_at=now),)]  # fmt: skip
        case Keep(step, reason):
            return [(UndoConflicted(step, reason),)]
        case Skip(step, reason):
            return [(StepSkipped(step, reason),)]
        case Wait(until):
            return [(TimerFired(until),)]
        case End(ended, reason):
            return [(RunEnded(ended, reason),)]
        case Rest(_, _, steps):
            return [(OutcomeSettled(step, outcome, ME),) for step in steps for outcome in ("done", "not_done", "abandon")
                    if run.steps[step].state in ("unknown", "started")]  # fmt: skip


@settings(max_examples=200)
@given(st.integers(0, 2**31), st.booleans())
def test_every_course_of_an_approved_run_ends_and_says_truly_how(seed: int, once: bool) -> None:
    run = begun(once=once)
    chance = Random(seed)  # a course is too long to be drawn choice by choice
    for _ in range(600):
        commands = next_commands(run)
        if not commands:
            break
        command = chance.choice(commands)
        possible = outcomes(run, command)
        assert possible, f"nothing can come of {command}"
        events: tuple[Event, ...] = chance.choice(possible)
        if chance.randrange(20) == 0:  # a crash in the place of what would have come of it
            events = (RunClaimed(run.epoch + 1, "another"),)
        for event in events:
            check_step(run, event)
            before, run = run, evolve(run, event)
            assert decided_after(before, next_commands(before), event, run) == next_commands(run)

    assert run.ended is not None, "it goes on for ever"
    states = {state.state for state in run.steps.values()}
    assert (run.ended == "done") is (states <= {"verified", "skipped"})
    assert (run.ended == "unproven") is ("unproven" in states and states <= FINISHED)
    if run.ended == "rolled_back":
        assert not any(state.touched for state in run.steps.values())
    if any(state.touched for state in run.steps.values()):
        assert run.ended in ("done", "unproven", "partly_rolled_back")


def check_step(run: Run, event: Event) -> None:
    """Steps that write one resource are never under way at once."""
    if isinstance(event, StepStarted):
        others = [state.state for step, state in run.steps.items() if step != event.step]
        assert not {"started", "applied", "unknown"} & set(others)


# --- single decisions -------------------------------------------------------------------------------------------------


def test_a_run_of_which_nothing_is_recorded_wants_nothing() -> None:
    assert (next_commands(Run(RunId("r"))), status(Run(RunId("r")))) == ((), "running")


def test_an_accepted_run_wants_a_plan() -> None:
    assert next_commands(after(RunAccepted(Goal("x", ME, START), "do", 1, 1))) == (Propose(),)


def test_after_a_claim_every_step_that_was_started_is_reconciled() -> None:
    assert next_commands(begun(started(), RunClaimed(2, "d"))) == (Reconcile(A, 0),)


def test_a_read_back_waits_for_its_time() -> None:
    run = begun(started(), StepApplied(A, receipt()), StepUnconfirmed(A, "not yet", START))
    (wait,) = next_commands(run)
    assert isinstance(wait, Wait)

    assert next_commands(evolve(run, TimerFired(wait.until))) == (Verify(A, 1),)
    assert next_commands(evolve(run, TimerFired(wait.until - timedelta(milliseconds=1)))) == (wait,)


def test_the_earliest_of_several_times_is_waited_for() -> None:
    late = START + timedelta(minutes=5)
    run = begun(
        StepFailed(A, "busy", transient=True, failed_at=START), StepFailed(B, "busy", transient=True, failed_at=START)
    )
    run = replace(
        run, steps={**run.steps, A: replace(run.steps[A], due=late), B: replace(run.steps[B], after=frozenset())}
    )
    (wait,) = next_commands(run)

    assert isinstance(wait, Wait)
    assert wait.until == run.steps[B].due


def test_a_refuted_step_that_was_taken_back_does_not_let_the_run_go_on() -> None:
    run = begun(started(), StepApplied(A, receipt()), StepRefuted(A, "half"), UndoStarted(A), StepUndone(A))

    (end,) = next_commands(run)
    assert isinstance(end, End)
    assert (end.status, end.reason) == ("rolled_back", "a (tool): half")


def test_a_failed_step_ends_the_run_without_asking_for_approvals_that_no_longer_matter() -> None:
    rules = PlanJudged({A: Ask("ask"), B: Ask("ask")}, Digest("q"))
    run = begun(StepFailed(A, "no", transient=False, failed_at=START), rules)

    (end,) = next_commands(run)
    assert isinstance(end, End)
    assert end.status == "failed"


SAME, OTHER, TRUE = Change("x", 1, 1), Change("x", 1, 2), Value(True)


def foreseen(*steps: tuple[Step, Foresight], mode: Literal["do", "plan"] = "do") -> Run:
    """A run whose steps were foreseen so, and of which none is approved."""
    return after(
        RunAccepted(Goal("do it", ME, START), mode, 7, 1),
        PlanProposed(Plan(tuple(step for step, _ in steps))),
        PlanPreviewed(tuple(each for _, each in steps)),
        PlanJudged(
            {step.id: Allow("read") if each.effect == "read" else Ask("ask") for step, each in steps}, Digest("p")
        ),
    )


def write(change: Change, effect: Effect = "write", **more: bool) -> Foresight:
    return Foresight(A, {}, Preview((change,)), effect, once=True, undoable=True, **more)


READ = (Step(B, "tool"), Foresight(B, {}, Preview(), "read", once=True, undoable=False))
MADE_OF_IT = Step(A, "tool", {"of": Reference(B, ("id",))})


@pytest.mark.parametrize("steps", [[(Step(A, "tool"), write(SAME))], [READ, (MADE_OF_IT, write(SAME))]])
def test_a_plan_that_would_change_nothing_is_done_and_asks_nobody(steps: list[tuple[Step, Foresight]]) -> None:
    assert next_commands(foreseen(*steps)) == (End("done", SO_ALREADY),)
    assert status(foreseen(*steps, mode="plan")) == "planned"


@pytest.mark.parametrize(
    "steps",
    [
        [(Step(A, "tool"), write(OTHER))],
        [(Step(A, "tool"), write(SAME)), (Step(B, "tool"), replace(write(OTHER), step=B))],
        [(Step(A, "tool"), write(SAME, "irreversible"))],
        [(Step(A, "tool"), write(replace(SAME, echoes=("told to Bob",))))],
        [(Step(A, "tool"), write(SAME, complete=False))],
        [(Step(A, "tool"), replace(write(SAME), preview=Preview()))],
        [(Step(A, "tool", guard=Guard(TRUE, "equals", TRUE)), write(SAME))],
        [READ, (Step(A, "tool"), write(SAME))],
    ],
    ids=["changes", "one of two changes", "cannot be taken back", "tells somebody", "not all is known", "nothing was foreseen", "if", "reads"],
)  # fmt: skip
def test_a_plan_of_which_anything_else_may_come_is_asked_about(steps: list[tuple[Step, Foresight]]) -> None:
    assert status(foreseen(*steps)) == "waiting"


def test_a_try_that_comes_too_often_is_asked_about() -> None:
    run = begun(started())
    run = replace(run, steps={**run.steps, A: replace(run.steps[A], tries=2 * MOST_TRIES + 1)})

    resting = rest(run)
    assert resting is not None
    assert resting.steps == (A,)
    assert next_commands(evolve(run, OutcomeSettled(A, "not_done", ME))) == (Prepare(A, 0),)


def test_the_latest_effect_is_taken_back_first() -> None:
    run = begun(started(), StepVerified(A, receipt()), started(B), StepVerified(B, receipt()))

    assert undo_order(run) == (B, A)


def test_the_more_urgent_step_is_prepared_first_and_not_too_many_at_once() -> None:
    run = begun()
    free = {step: replace(state, after=frozenset()) for step, state in run.steps.items()}

    assert next_commands(replace(run, steps=free, urgency={A: 1.0, B: 2.0})) == (Prepare(B, 0), Prepare(A, 0))
    assert MOST_AT_ONCE >= 2
