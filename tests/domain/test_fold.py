"""The fold: total, pure, and coherent, whatever the record holds."""

from __future__ import annotations

import typing
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.domain.strategies import EVENTS, ME, START, events, histories

from doer.domain.action import Change, Preview, Receipt
from doer.domain.decision import Ask, Grant
from doer.domain.event import (
    Approved,
    Event,
    Foresight,
    OutcomeSettled,
    PlanJudged,
    PlanPreviewed,
    PlanProposed,
    QuestionAnswered,
    Recorded,
    RunAccepted,
    RunClaimed,
    RunEnded,
    StepAbsent,
    StepApplied,
    StepFailed,
    StepRefuted,
    StepStarted,
    StepUndone,
    StepUnknown,
    StepVerified,
    TimerFired,
    UndoConflicted,
    UndoRequested,
    UndoStarted,
)
from doer.domain.fold import LONGEST_DELAY, delay, evolve, fold
from doer.domain.goal import Answer, Goal
from doer.domain.plan import Plan, Step
from doer.domain.run import FINISHED, TOUCHED, Run, StepState
from doer.domain.run import replace as changed
from doer.domain.value import Digest, Key, RunId, StepId

A, B = StepId("a"), StepId("b")
NOBODY = Grant(Digest(""), Digest(""), Digest(""), Digest(""), "rule")


def after(*told: Event, run: Run | None = None) -> Run:
    run = run or Run(RunId("r"))
    for event in told:
        run = evolve(run, event)
    return run


def begun(*told: Event, once: bool = True, effect: typing.Literal["read", "write"] = "write") -> Run:
    """A run of two approved steps on one resource, and what was told of it then."""
    change = Change("x", None, 1)
    foresights = tuple(Foresight(step, {}, Preview((change,)), effect, once, undoable=True) for step in (A, B))
    run = after(
        RunAccepted(Goal("do it", ME, START), "do", 7, 1),
        PlanProposed(Plan((Step(A, "tool"), Step(B, "tool")))),
        PlanPreviewed(foresights),
        PlanJudged({A: Ask("ask"), B: Ask("ask")}, Digest("p")),
    )
    return after(Approved(ME, {step: run.binding(step) for step in (A, B)}), *told, run=run)


def started(step: StepId = A) -> StepStarted:
    return StepStarted(step, Key("k"), 0, {}, (Change("x", None, 1),), NOBODY)


def receipt(version: str = "v1") -> Receipt:
    return Receipt({"id": 1}, {"x": version})


def test_there_is_a_strategy_for_every_event() -> None:
    assert set(EVENTS) == set(typing.get_args(Event))


@settings(max_examples=60)
@given(histories())
def test_the_fold_is_total_and_pure(history: list[Event]) -> None:
    run = Run(RunId("r"))
    for event in history:
        before = replace(run)
        grown = evolve(run, event)
        assert run == before
        assert evolve(run, event) == grown
        run = grown


@given(histories(), st.data())
def test_a_fold_over_a_prefix_and_then_the_rest_is_the_fold_over_all(history: list[Event], data: st.DataObject) -> None:
    run = RunId("r")
    records = [Recorded(run, seq, START, event) for seq, event in enumerate(history, start=1)]
    cut = data.draw(st.integers(0, len(records)))

    assert fold(run, records[cut:], fold(run, records[:cut])) == fold(run, records)
    assert fold(run, records).seq == len(records)


@settings(max_examples=60)
@given(histories())
def test_whatever_was_recorded_the_states_are_coherent(history: list[Event]) -> None:
    run = after(*history)

    places = [state.finished for state in run.steps.values() if state.finished]
    assert len(places) == len(set(places))
    assert all(place <= run.effects for place in places)
    for step, state in run.steps.items():
        assert state.step.id == step
        assert state.touched is (state.effect != "read" and state.state in TOUCHED)
        assert (step in run.results) is (state.state in FINISHED and state.receipt is not None)
    assert set(run.approved) <= set(run.steps)


@settings(max_examples=60)
@given(histories())
def test_what_was_foreseen_of_the_whole_plan_is_what_was_foreseen_of_its_steps_and_none_is_left_out(
    history: list[Event],
) -> None:
    run = after(*history)

    if run.foreseen is not None:
        states = run.steps.values()
        assert run.foreseen.steps == tuple((each.step.system, each.foresight) for each in states if each.foresight)
        assert not any(state.state == "skipped" and state.foresight for state in states) or run.foreseen.steps == ()


@given(histories(), events)
def test_a_step_that_is_not_in_the_plan_changes_no_step(history: list[Event], event: Event) -> None:
    run = after(*history)
    if getattr(event, "step", None) in run.steps or not hasattr(event, "step"):
        return
    assert evolve(run, event).steps == run.steps


@given(st.integers(0, 10_000), st.integers(0, 2**31), st.sampled_from(["a", "b"]))
def test_a_delay_grows_to_half_a_minute_and_is_the_same_for_the_same_run(attempt: int, seed: int, step: str) -> None:
    wait = delay(attempt, seed, StepId(step))

    assert timedelta(seconds=0.05) <= wait <= timedelta(seconds=1.5 * LONGEST_DELAY)
    assert wait == delay(attempt, seed, StepId(step))
    assert delay(attempt + 3, seed, StepId(step)) >= min(wait, timedelta(seconds=LONGEST_DELAY / 2))


def test_different_steps_and_seeds_wait_for_different_times() -> None:
    waits = {delay(3, seed, step) for seed in range(10) for step in (A, B)}

    assert len(waits) > 10


# --- what each event means --------------------------------------------------------------------------------------------


def test_a_claim_makes_every_started_write_unknown_and_every_started_read_planned() -> None:
    assert begun(started(), RunClaimed(2, "d")).steps[A].state == "unknown"
    assert begun(started(), RunClaimed(2, "d"), effect="read").steps[A].state == "planned"
    assert begun(started(), StepApplied(A, receipt()), RunClaimed(2, "d")).steps[A].state == "applied"


def test_an_applied_read_is_verified_at_once() -> None:
    run = begun(started(), StepApplied(A, receipt()), effect="read")

    assert (run.steps[A].state, run.results) == ("verified", {A: {"id": 1}})


def test_a_result_counts_only_when_it_was_verified() -> None:
    assert begun(started(), StepApplied(A, receipt())).results == {}
    assert begun(started(), StepApplied(A, receipt()), StepVerified(A, receipt())).results == {A: {"id": 1}}


def test_steps_are_numbered_in_the_order_in_which_they_took_effect() -> None:
    run = begun(StepVerified(B, receipt()), StepVerified(A, receipt()), StepVerified(B, receipt()))

    assert (run.steps[B].finished, run.steps[A].finished, run.effects) == (1, 2, 2)


@pytest.mark.parametrize(("once", "state"), [(True, "started"), (False, "unknown")])
def test_an_absent_step_is_applied_again_only_where_the_key_is_enforced(once: bool, state: str) -> None:
    run = begun(started(), StepUnknown(A, "cut", START), StepAbsent(A, "nothing there"), once=once)

    assert (run.steps[A].state, run.steps[A].again, run.steps[A].absent) == (state, once, not once)


def test_a_transient_failure_is_due_later_and_tells_the_run_what_time_it_is() -> None:
    late = START + timedelta(hours=1)
    run = begun(started(), StepFailed(A, "busy", transient=True, failed_at=late))

    assert run.now == late
    assert (run.steps[A].due or late) > late
    assert run.steps[A].tries == 1


def test_time_never_runs_back() -> None:
    run = begun(TimerFired(START + timedelta(hours=1)), TimerFired(START))

    assert run.now == START + timedelta(hours=1)


def test_a_failure_to_prepare_counts_as_a_try() -> None:
    assert begun(StepFailed(A, "busy", transient=True, failed_at=START)).steps[A].tries == 1


@pytest.mark.parametrize("state", ["planned", "verified"])
def test_a_word_about_an_outcome_that_is_known_changes_nothing(state: str) -> None:
    run = begun(*([StepVerified(A, receipt())] if state == "verified" else []))

    assert after(OutcomeSettled(A, "abandon", ME), run=run) == run


def test_a_refuted_step_gives_the_run_up_also_after_it_was_taken_back() -> None:
    run = begun(StepRefuted(A, "half of it", receipt()), UndoStarted(A), StepUndone(A))

    assert (run.steps[A].state, run.abandoned) == ("undone", "a (tool): half of it")


def test_the_first_refutation_is_the_reason() -> None:
    assert begun(StepRefuted(A, "one"), StepRefuted(B, "two")).abandoned == "a (tool): one"


def test_an_undo_lets_earlier_receipts_accept_the_version_it_left() -> None:
    run = begun(StepVerified(A, receipt("v1")), StepVerified(B, receipt("v2")), StepUndone(B, {"x": "v3", "y": "v4"}))

    assert run.steps[A].receipt == receipt("v3")
    assert run.steps[B].receipt == receipt("v2")


def test_an_undo_that_left_nothing_changes_no_receipt() -> None:
    run = begun(StepVerified(A, receipt("v1")), StepUndone(B, {"y": "v4"}))

    assert run.steps[A].receipt == receipt("v1")


def test_an_answer_replaces_the_one_given_before() -> None:
    run = begun(QuestionAnswered(Answer("who", "Ada"), ME), QuestionAnswered(Answer("who", "Grace"), ME))

    assert [answer.text for answer in run.answers] == ["Grace"]


def test_rules_that_changed_take_the_approvals_away() -> None:
    same = begun(PlanJudged({A: Ask("ask"), B: Ask("ask")}, Digest("p")))
    other = begun(PlanJudged({A: Ask("ask"), B: Ask("ask")}, Digest("q")))

    assert (set(same.approved), set(other.approved)) == ({A, B}, set())
    assert other.unapproved == (A, B)


def test_an_approval_of_a_named_step_has_force_only_by_name() -> None:
    run = begun(PlanJudged({A: Ask("ask", by_name=True)}, Digest("q")))
    binding = {A: run.binding(A)}

    assert after(Approved(ME, binding), run=run).approved == {}
    assert after(Approved(ME, binding, (A,)), run=run).approved == {A: ME}


@given(st.sampled_from(["plan", "policy", "generation", "effect", "changes"]))
def test_a_binding_depends_on_everything_that_is_shown(what: str) -> None:
    run = begun()
    foresight = run.steps[A].foresight
    assert foresight is not None
    other: dict[str, Run] = {
        "plan": replace(run, plan_digest=Digest("other")),
        "policy": replace(run, policy=Digest("other")),
        "generation": replace(run, generation=1),
        "effect": _seen(run, replace(foresight, effect="irreversible")),
        "changes": _seen(run, replace(foresight, preview=Preview((Change("x", None, 2),)))),
    }
    versions = _seen(run, replace(foresight, preview=Preview((Change("x", None, 1, version="v2"),), note="told")))

    assert other[what].binding(A) != run.binding(A)
    assert versions.binding(A) == run.binding(A)
    assert run.binding(B) != run.binding(A)


def test_what_was_not_foreseen_is_not_bound_like_a_step_that_changes_nothing() -> None:
    unseen = after(RunAccepted(Goal("do it", ME, START), "do", 7, 1), PlanProposed(Plan((Step(A, "tool"),))))
    nothing = _seen(unseen, Foresight(A, {}, Preview(), "write", once=True, undoable=True))

    assert unseen.binding(A) == unseen.binding(A)
    assert unseen.binding(A) != nothing.binding(A)


def _seen(run: Run, foresight: Foresight) -> Run:
    return replace(run, steps={**run.steps, A: replace(run.steps[A], foresight=foresight)})


def test_asking_for_undo_again_tries_again_what_was_given_up_and_proves_nothing() -> None:
    run = begun(StepVerified(A, receipt()), UndoConflicted(A, "changed"), RunEnded("partly_undone"), UndoRequested(ME))

    assert (run.steps[A].stuck, run.steps[A].state) == (False, "conflict")


def test_a_step_of_which_nothing_is_known_counts_as_a_write_that_cannot_be_taken_back() -> None:
    state = StepState(Step(A, "tool"))

    assert (state.effect, state.undoable, state.touched) == ("write", False, False)


def test_a_record_has_no_field_that_it_was_not_made_with() -> None:
    with pytest.raises(TypeError, match="Run has no colour"):
        changed(Run(RunId("r")), colour="red")  # type: ignore[call-arg]
