"""A run from its goal to its end, asserted on the record."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.runtime.workbench import GOAL, ME, RUN, Bench, asked_about, states

from doer.domain.decision import Allow, Ask, Decision, Deny, Request
from doer.domain.errors import NotNow, Permanent, Transient, UsageError
from doer.domain.event import (
    Abstained,
    Approved,
    ChangesDiffered,
    PlanPreviewed,
    PlanRejected,
    QuestionAnswered,
    QuestionAsked,
    RunClaimed,
    SelectionRead,
    StepFailed,
    StepStarted,
    TimerFired,
)
from doer.domain.goal import Abstention, Answer, Goal, Question
from doer.domain.plan import Plan, Step
from doer.domain.ports import Proposal, Reader
from doer.domain.value import Digest, Json, StepId, digest
from doer.execution.decide import MOST_TRIES, rest, status
from doer.policy.rules import BuiltInRules
from doer.testing.planner import ScriptedPlanner, scripted_plan, when
from doer.testing.planner import scripted_step as step
from doer.testing.tools import PutTool
from doer.testing.world import Fail, MemoryWorld


def put(name: str, value: object = 1, **more: object) -> Step:
    return step(name, "memory.put", {"name": name, "value": value, **more})  # type: ignore[dict-item]


async def started(bench: Bench) -> list[str]:
    return [event.step for event in await bench.of_kind(StepStarted) if isinstance(event, StepStarted)]


class Rules:
    """A policy that a test can change."""

    def __init__(self, **decisions: Decision | Exception) -> None:
        self.decisions = decisions
        self.version = 1

    @property
    def digest(self) -> Digest:
        return digest(self.version)

    def decide(self, request: Request) -> Decision:
        decision = self.decisions.get(request.step, Allow("by rule"))
        if isinstance(decision, Exception):
            raise decision
        return decision


# --- the happy path ---------------------------------------------------------------------------------------------------


async def test_an_approved_write_is_started_applied_and_verified_in_that_order() -> None:
    bench = Bench()

    run = await bench.do(put("a"))

    assert await bench.story() == [
        "RunAccepted", "RunClaimed", "PlanProposed", "PlanPreviewed", "PlanJudged", "Approved", "RunClaimed",
        "StepStarted a", "StepApplied a", "StepVerified a", "RunEnded",
    ]  # fmt: skip
    assert (run.ended, bench.world.values) == ("done", {"a": 1})


async def test_nothing_is_touched_before_the_plan_is_approved() -> None:
    bench = Bench()

    run = await bench.propose(put("a"), put("b"))

    assert (status(run), rest(run)) == ("waiting", rest(run))
    assert bench.world.deeds == ()
    assert bench.tools["put"].calls == ["preview", "preview"]


async def test_a_read_runs_without_approval_and_its_result_is_used() -> None:
    bench = Bench(MemoryWorld({"from": "x"}))
    steps = (
        step("look", "memory.read", {"name": "from"}),
        step("copy", "memory.put", {"name": "to", "value": {"$do": "join", "of": [{"$ref": "look.value"}, "!"]}}),
    )

    run = await bench.propose(*steps)
    foresight = run.steps[StepId("copy")].foresight
    assert foresight is not None
    assert foresight.preview.changes[0].after == "‹join of value of from›"
    run = await bench.approve()

    assert (run.ended, bench.world.values) == ("done", {"from": "x", "to": "x!"})


async def test_a_plan_of_reads_needs_nobody() -> None:
    bench = Bench()

    run = await bench.propose(step("look", "memory.read", {"name": "x"}))

    assert (run.ended, states(run)) == ("done", {"look": "verified"})


async def test_a_value_the_system_issues_reaches_the_later_step() -> None:
    bench = Bench()

    run = await bench.do(put("a"), step("b", "memory.put", {"name": "b", "value": {"$ref": "a.id"}}))

    assert (run.ended, bench.world.values["b"]) == ("done", "a@v1")


async def test_the_key_says_what_the_action_is() -> None:
    bench = Bench()

    await bench.do(put("a"))

    (event,) = await bench.of_kind(StepStarted)
    assert isinstance(event, StepStarted)
    assert (event.key, event.grant.by, event.generation) == (bench.world.now.records["a"].key, ME, 0)


async def test_steps_that_write_one_resource_go_one_after_the_other_and_see_each_other() -> None:
    bench = Bench()
    first = step("first", "memory.put", {"name": "x", "value": 1})
    second = step("second", "memory.put", {"name": "x", "value": 2})

    run = await bench.propose(first, second)
    foresight = run.steps[StepId("second")].foresight
    assert foresight is not None
    assert (foresight.preview.changes[0].before, foresight.preview.changes[0].after) == (1, 2)
    run = await bench.approve()

    assert (run.ended, bench.world.values, await started(bench)) == ("done", {"x": 2}, ["first", "second"])


async def test_more_steps_than_may_be_under_way_at_once_are_all_done() -> None:
    bench = Bench()
    names = [f"s{number}" for number in range(25)]

    run = await bench.do(*(put(name) for name in names))

    assert (run.ended, sorted(bench.world.values)) == ("done", sorted(names))


async def test_an_ended_run_is_left_as_it_is_when_driven_again() -> None:
    bench = Bench()
    await bench.do(put("a"))
    before = await bench.events()

    await bench.drive()

    assert await bench.events() == before


async def test_a_waiting_run_is_left_as_it_is_when_driven_again() -> None:
    bench = Bench()
    await bench.propose(put("a"))
    before = await bench.events()

    await bench.drive()

    assert await bench.events() == before


# --- planning ---------------------------------------------------------------------------------------------------------


async def test_a_planned_run_rests_until_it_is_approved() -> None:
    bench = Bench()

    assert status(await bench.propose(put("a"), mode="plan")) == "planned"
    assert (await bench.approve()).ended == "done"


async def test_a_planned_run_of_reads_is_carried_on_by_an_approval_of_nothing() -> None:
    bench = Bench()

    assert status(await bench.propose(step("look", "memory.read", {"name": "x"}), mode="plan")) == "planned"
    assert (await bench.approve()).ended == "done"


async def test_a_question_is_asked_and_its_answer_is_planned_with() -> None:
    bench = Bench()
    planner = ScriptedPlanner({GOAL: [Question("who", "Who?"), scripted_plan(put("a"))]})
    await bench.accept()
    bench.planner = planner

    run = await bench.drive()
    assert (status(run), rest(run) and rest(run).reason) == ("needs_answer", "Who?")  # type: ignore[union-attr]
    await bench.say(QuestionAnswered(Answer("who", "Ada"), ME))
    run = await bench.drive()

    assert status(run) == "waiting"
    assert [answer.text for answer in planner.heard[-1][1]] == ["Ada"]
    assert len(await bench.of_kind(QuestionAsked)) == 1


async def test_what_nothing_here_can_do_is_said() -> None:
    bench = Bench()
    await bench.accept(said=Abstention("no", ("put",)))

    run = await bench.drive()

    assert (run.ended, run.reason, len(await bench.of_kind(Abstained))) == ("abstained", "no", 1)


async def test_without_a_planner_the_run_abstains() -> None:
    bench = Bench()
    await bench.accept()
    bench.planner = ScriptedPlanner({})

    assert (await bench.drive()).ended == "abstained"


@pytest.mark.parametrize(
    "wrong",
    [
        scripted_plan(),
        scripted_plan(step("a", "memory.nothing", {})),
        scripted_plan(step("a", "memory.put", {"name": 3, "value": 1})),
        scripted_plan(step("a", "memory.put", {"name": "a", "value": 1}, needs=["a"])),
    ],
    ids=["empty", "unknown tool", "wrong type", "cycle"],
)
async def test_a_plan_that_breaks_the_rules_is_refused_when_it_is_made(wrong: Plan) -> None:
    bench = Bench()
    await bench.accept(said=wrong)

    run = await bench.drive()

    assert (run.ended, len(await bench.of_kind(PlanRejected)), bench.world.deeds) == ("failed", 1, ())
    assert run.reason


async def test_a_planner_that_raises_ends_the_run_and_loses_nothing() -> None:
    async def raising(goal: Goal, answers: object, reader: Reader) -> Proposal:
        raise ZeroDivisionError("oops")

    bench = Bench()
    await bench.accept()
    bench.planner = ScriptedPlanner({GOAL: raising})

    run = await bench.drive()

    assert (run.ended, "oops" in run.reason) == ("failed", True)


async def test_reads_while_planning_are_recorded_before_the_plan() -> None:
    async def reading(goal: Goal, answers: object, reader: Reader) -> Proposal:
        return scripted_plan(
            step("a", "memory.put", {"name": "a", "value": await reader.read("memory.read", {"name": "x"})})
        )

    bench = Bench(MemoryWorld({"x": 1}))
    await bench.accept()
    bench.planner = ScriptedPlanner({GOAL: reading})

    await bench.drive()

    (read,) = await bench.of_kind(SelectionRead)
    assert isinstance(read, SelectionRead)
    assert (read.tool, read.result) == ("memory.read", {"name": "x", "value": 1})


@pytest.mark.parametrize(
    ("tool", "why"),
    [("memory.put", "is not a read"), ("memory.gone", "there is no tool"), ("memory.read", "may not be read")],
)
async def test_planning_may_only_make_reads_that_policy_grants(tool: str, why: str) -> None:
    async def reading(goal: Goal, answers: object, reader: Reader) -> Proposal:
        await reader.read(tool, {"name": "x", "value": 1} if tool == "memory.put" else {"name": "x"})
        raise AssertionError

    bench = Bench(policy=Rules(planning=Deny("no reads")))
    await bench.accept()
    bench.planner = ScriptedPlanner({GOAL: reading})

    run = await bench.drive()

    assert (run.ended, why in run.reason, bench.world.deeds) == ("failed", True, ())


async def test_what_cannot_be_foreseen_at_all_is_not_begun() -> None:
    bench = Bench()

    run = await bench.propose(step("a", "memory.remove", {"name": "nothing"}))

    assert (run.ended, "there is no record" in run.reason) == ("failed", True)


async def test_a_preview_that_crashes_ends_the_run_before_anything_is_done() -> None:
    bench = Bench()
    bench.tools["put"].befall("preview", Fail(ZeroDivisionError("oops")))

    run = await bench.propose(put("a"))

    assert (run.ended, "its preview failed" in run.reason) == ("failed", True)


async def test_a_preview_that_is_no_preview_ends_the_run() -> None:
    from doer.testing.world import Rubbish

    bench = Bench()
    bench.tools["put"].befall("preview", Rubbish("yes"))

    assert (await bench.propose(put("a"))).ended == "failed"


async def test_a_preview_that_no_digest_could_hold_ends_the_run_and_does_not_lose_it() -> None:
    bench = Bench(MemoryWorld({"a": 2**60}))

    assert (await bench.propose(put("a"))).ended == "failed"


async def test_a_step_made_of_a_later_value_whose_preview_fails_is_asked_as_not_foreseeable() -> None:
    bench = Bench()
    bench.tools["remove"].befall("preview", Fail(Permanent("who knows")))
    later = step("b", "memory.remove", {"name": {"$ref": "a.id"}})

    run = await bench.propose(put("a"), later)

    (previewed,) = await bench.of_kind(PlanPreviewed)
    assert isinstance(previewed, PlanPreviewed)
    assert [each.preview.foreseeable for each in previewed.foresights] == [True, False]
    assert status(run) == "waiting"


# --- guards and skips -------------------------------------------------------------------------------------------------


async def test_a_step_whose_condition_does_not_hold_is_skipped_with_what_is_made_of_it() -> None:
    bench = Bench(MemoryWorld({"x": 5}))
    look = step("look", "memory.read", {"name": "x"})
    guarded = step("a", "memory.put", {"name": "a", "value": 1}, guard=when({"$ref": "look.value"}, "less", 3))
    made = step("b", "memory.put", {"name": "b", "value": {"$ref": "a.id"}})
    after = step("c", "memory.put", {"name": "c", "value": 1}, needs=["b"])

    run = await bench.do(look, guarded, made, after)

    assert states(run) == {"look": "verified", "a": "skipped", "b": "skipped", "c": "verified"}
    assert (run.ended, bench.world.values) == ("done", {"c": 1, "x": 5})


async def test_a_step_whose_condition_holds_is_done() -> None:
    bench = Bench(MemoryWorld({"x": 5}))
    look = step("look", "memory.read", {"name": "x"})
    guarded = step("a", "memory.put", {"name": "a", "value": 1}, guard=when({"$ref": "look.value"}, "greater", 3))

    assert (await bench.do(look, guarded)).ended == "done"
    assert bench.world.values["a"] == 1


async def test_a_condition_that_cannot_be_evaluated_fails_the_step_and_does_not_lose_the_run() -> None:
    bench = Bench(MemoryWorld({"x": [1, 2]}))
    look = step("look", "memory.read", {"name": "x"})
    one: Json = {"$do": "first", "of": [{"$ref": "look.value"}]}
    guarded = step("a", "memory.put", {"name": "a", "value": 1}, guard=when(one, "equals", 1))

    run = await bench.do(look, guarded)

    assert (run.ended, "exactly one was meant" in run.reason, "a" in bench.world.values) == ("failed", True, False)


async def test_a_result_that_lacks_a_field_fails_the_step_and_takes_the_run_back() -> None:
    bench = Bench()
    made = step("b", "memory.put", {"name": "b", "value": {"$ref": "a.nothing"}})

    run = await bench.do(put("a"), made)

    assert (run.ended, "lacks a field" in run.reason, bench.world.values) == ("rolled_back", True, {})


async def test_a_value_that_turns_out_not_to_fit_fails_the_step() -> None:
    bench = Bench(MemoryWorld({"x": 5}))
    look = step("look", "memory.read", {"name": "x"})
    named = step("a", "memory.put", {"name": {"$ref": "look.value"}, "value": 1})

    run = await bench.do(look, named)

    assert (run.ended, "cannot take these arguments" in run.reason) == ("failed", True)


async def test_a_value_that_no_key_could_be_made_of_fails_the_step_and_does_not_lose_the_run() -> None:
    bench = Bench(MemoryWorld({"x": 2**60}))
    look = step("look", "memory.read", {"name": "x"})
    copy = step("a", "memory.put", {"name": "a", "value": {"$ref": "look.value"}})

    run = await bench.do(look, copy)

    assert (run.ended, "a" in bench.world.values) == ("failed", False)


# --- failing without effect -------------------------------------------------------------------------------------------


async def test_a_transient_failure_is_tried_again_with_growing_waits_and_one_key() -> None:
    bench = Bench()
    bench.tools["put"].befall("apply", Fail(Transient("busy")), times=3)

    run = await bench.do(put("a"))

    waits = bench.clock.waited  # type: ignore[attr-defined]
    assert (run.ended, bench.world.deeds) == ("done", (("put", "memory:a"),))
    assert len(waits) == 3
    assert waits == sorted(waits)
    assert len({event.key for event in await bench.of_kind(StepStarted) if isinstance(event, StepStarted)}) == 1
    assert len(await bench.of_kind(TimerFired)) == 3


async def test_a_step_that_keeps_failing_is_given_up_and_what_was_done_is_taken_back_in_reverse() -> None:
    bench = Bench()
    steps = (put("a"), step("b", "memory.put", {"name": "b", "value": 1}, needs=["a"]),
             step("c", "memory.put_unkeyed", {"name": "c", "value": 1}, needs=["b"]))  # fmt: skip
    bench.tools["put2"].befall("apply", Fail(Transient("busy")), times=MOST_TRIES)

    run = await bench.do(*steps)

    assert (run.ended, bench.world.values) == ("rolled_back", {})
    assert len(await bench.of_kind(StepFailed)) == MOST_TRIES
    assert [line for line in await bench.story() if line.startswith("StepUndone")] == ["StepUndone b", "StepUndone a"]
    assert "busy" in run.reason


async def test_a_permanent_failure_takes_the_run_back_at_once() -> None:
    bench = Bench()
    bench.tools["put2"].befall("apply", Fail(Permanent("forbidden")))

    run = await bench.do(put("a"), step("b", "memory.put_unkeyed", {"name": "b", "value": 1}, needs=["a"]), put("c"))

    assert (run.ended, bench.world.values, states(run)["b"]) == ("rolled_back", {}, "failed")
    assert "forbidden" in run.reason


async def test_a_run_whose_only_step_fails_has_failed_and_took_nothing_back() -> None:
    bench = Bench()
    bench.tools["put"].befall("apply", Fail(Permanent("forbidden")))

    run = await bench.do(put("a"))

    assert (run.ended, bench.world.deeds) == ("failed", ())


async def test_a_preview_that_is_late_is_asked_again_as_it_changed_nothing() -> None:
    from doer.domain.errors import OutcomeUnknown

    bench = Bench()
    await bench.propose(put("a"))
    bench.tools["put"].befall("preview", Fail(OutcomeUnknown("500")))
    bench.tools["put"].befall("preview", Fail(TimeoutError()))
    bench.tools["put"].befall("preview", Fail(Transient("busy")))

    assert (await bench.approve()).ended == "done"


async def test_preparing_is_given_up_as_well() -> None:
    bench = Bench()
    await bench.propose(put("a"))
    bench.tools["put"].befall("preview", Fail(Transient("busy")), times=MOST_TRIES)

    run = await bench.approve()

    assert (run.ended, len(await bench.of_kind(StepFailed))) == ("failed", MOST_TRIES)


async def test_a_read_whose_outcome_was_lost_is_read_again_and_nobody_is_asked() -> None:
    bench = Bench(MemoryWorld({"x": 1}))
    bench.tools["read"].befall("apply", Fail(ZeroDivisionError("oops")), times=2)

    run = await bench.propose(step("look", "memory.read", {"name": "x"}))

    assert (run.ended, len(await bench.of_kind(StepFailed))) == ("done", 2)


# --- the world, the rules and the tools change ------------------------------------------------------------------------


async def test_a_world_that_changed_since_the_approval_asks_again_and_an_approval_carries_on() -> None:
    bench = Bench(MemoryWorld({"a": "old"}))
    await bench.propose(put("a"))
    bench.world.edit("a", "edited")

    run = await bench.approve()
    (differed,) = await bench.of_kind(ChangesDiffered)
    assert isinstance(differed, ChangesDiffered)
    assert (status(run), states(run), bench.world.values) == ("waiting", {"a": "waiting"}, {"a": "edited"})
    assert "not as it was when it was approved" in differed.reason
    run = await bench.approve()

    assert (run.ended, bench.world.values) == ("done", {"a": 1})


async def test_a_step_that_asks_again_in_mid_run_holds_only_what_needs_it() -> None:
    bench = Bench(MemoryWorld({"a": "old"}))

    def after(name: str, *needs: str) -> Step:
        return step(name, "memory.put", {"name": name, "value": 1}, needs=needs)

    await bench.propose(put("first"), after("a", "first"), after("b", "a"), after("c", "first"))
    bench.world.edit("a", "edited")

    run = await bench.approve()

    assert states(run) == {"first": "verified", "a": "waiting", "b": "planned", "c": "verified"}
    assert status(run) == "waiting"
    assert (await bench.approve()).ended == "done"


async def test_nothing_starts_while_the_first_steps_ask_again() -> None:
    bench = Bench(MemoryWorld({"a": "old"}))
    await bench.propose(put("a"), put("b"))
    bench.world.edit("a", "edited")

    run = await bench.approve()

    assert (states(run), bench.world.values) == ({"a": "waiting", "b": "planned"}, {"a": "edited"})


async def test_a_later_value_may_be_anything_where_it_was_shown_as_known_later() -> None:
    bench = Bench()

    run = await bench.do(put("a"), step("b", "memory.put", {"name": {"$ref": "a.id"}, "value": {"$ref": "a.value"}}))

    assert (run.ended, bench.world.values) == ("done", {"a": 1, "a@v1": 1})


async def test_an_approval_that_expired_has_no_force() -> None:
    bench = Bench()
    await bench.propose(put("a"))
    word = Approved(ME, {StepId("a"): (await bench.run()).binding(StepId("a"))}, (), bench.clock.now())
    await bench.say(word)

    run = await bench.drive()

    assert (status(run), bench.world.deeds) == ("waiting", ())
    assert "expired" in asked_about(run).reason
    assert (await bench.approve()).ended == "done"


async def test_a_later_approval_of_another_step_does_not_prolong_the_first() -> None:
    bench = Bench(MemoryWorld({"a": "old"}))
    await bench.propose(put("a"), step("b", "memory.put", {"name": "b", "value": 1}, needs=["a"]))
    bench.world.edit("a", "edited")
    await bench.approve(lasts=timedelta(hours=1))
    bench.clock.advance(timedelta(hours=2))

    run = await bench.approve()

    assert (status(run), states(run)) == ("waiting", {"a": "verified", "b": "waiting"})


async def test_an_approval_of_something_else_has_no_force() -> None:
    bench = Bench()
    await bench.propose(put("a"), mode="plan")
    await bench.say(Approved(ME, {StepId("a"): Digest("sha256:other"), StepId("zzz"): Digest("x")}))

    run = await bench.drive()

    assert (status(run), bench.world.deeds) == ("planned", ())


async def test_rules_that_changed_since_the_approval_are_asked_again() -> None:
    rules = Rules(a=Ask("writes ask"), b=Ask("writes ask"))
    bench = Bench(policy=rules)
    await bench.propose(put("a"), put("b"))
    rules.version = 2

    run = await bench.approve()
    assert (status(run), bench.world.deeds) == ("waiting", ())
    run = await bench.approve()

    assert run.ended == "done"


async def test_rules_that_became_stricter_since_the_approval_deny() -> None:
    rules = Rules(a=Ask("writes ask"))
    bench = Bench(policy=rules)
    await bench.propose(put("a"))
    rules.decisions["a"] = Deny("not any more")

    run = await bench.approve()

    assert (run.ended, bench.world.deeds, "not any more" in run.reason) == ("failed", (), True)


async def test_rules_that_ask_by_name_only_now_do_not_take_an_approval_of_the_plan() -> None:
    rules = Rules(a=Ask("writes ask"))
    bench = Bench(policy=rules)
    await bench.propose(put("a"))
    rules.decisions["a"] = Ask("dangerous", by_name=True)

    run = await bench.approve()

    assert (status(run), bench.world.deeds) == ("waiting", ())
    assert (await bench.approve("a")).ended == "done"


async def test_rules_that_ask_only_now_ask() -> None:
    rules = Rules()
    bench = Bench(policy=rules)
    await bench.propose(put("a"), mode="plan")
    rules.decisions["a"] = Ask("after all")

    run = await bench.approve()

    assert (status(run), bench.world.deeds) == ("waiting", ())
    assert (await bench.approve()).ended == "done"


async def test_a_denied_plan_is_refused_and_nothing_of_it_is_done() -> None:
    bench = Bench(policy=Rules(b=Deny("never")))

    run = await bench.propose(put("a"), put("b"))

    assert (run.ended, run.reason, bench.world.deeds) == ("refused", "b is not permitted: never", ())


async def test_a_policy_that_raises_denies() -> None:
    bench = Bench(policy=Rules(a=ZeroDivisionError("oops")))

    run = await bench.propose(put("a"))

    assert (run.ended, "the policy failed" in run.reason) == ("refused", True)


async def test_a_policy_that_begins_to_raise_after_the_approval_denies() -> None:
    rules = Rules(a=Ask("writes ask"))
    bench = Bench(policy=rules)
    await bench.propose(put("a"))
    rules.decisions["a"] = UsageError("broken")

    run = await bench.approve()

    assert (run.ended, bench.world.deeds) == ("failed", ())


async def test_a_tool_that_changed_since_the_plan_is_not_called() -> None:
    bench = Bench()
    await bench.propose(put("a"))
    bench.tools["put"] = PutTool(bench.world, once=False)

    run = await bench.approve()

    assert (run.ended, bench.world.deeds, "not the one that was planned with" in run.reason) == ("failed", (), True)


async def test_a_tool_that_is_gone_fails_the_step() -> None:
    bench = Bench()
    await bench.propose(put("a"))
    del bench.tools["put"]

    run = await bench.approve()

    assert (run.ended, "there is no tool memory.put" in run.reason) == ("failed", True)


async def test_a_tool_that_is_gone_before_policy_is_asked_is_denied() -> None:
    bench = Bench()
    await bench.propose(put("a"))
    await bench.refuse()
    run = await bench.run()

    judged = await Bench(tools={"read": bench.tools["read"]}).loop().performer.judge(run)

    assert isinstance(judged[0].decisions[StepId("a")], Deny)  # type: ignore[union-attr]


# --- what cannot be taken back ----------------------------------------------------------------------------------------


async def test_what_cannot_be_taken_back_is_asked_by_name_and_held_until_all_else_is_done() -> None:
    bench = Bench()
    letter = step("mail", "memory.send", {"to": "ada", "text": "hello"})

    run = await bench.propose(letter, put("a"))
    assert asked_about(run).steps == ("mail", "a")
    run = await bench.approve()
    assert (status(run), states(run), bench.world.letters) == ("waiting", {"mail": "planned", "a": "verified"}, ())
    with pytest.raises(NotNow, match="by name"):
        await bench.approve()
    run = await bench.approve("mail")

    assert (run.ended, bench.world.letters) == ("done", (("ada", "hello"),))
    assert await started(bench) == ["a", "mail"]


async def test_a_letter_approved_by_name_at_once_is_still_sent_last() -> None:
    bench = Bench()

    run = await bench.do(step("mail", "memory.send", {"to": "ada", "text": "hello"}), put("a"), named=["mail"])

    assert (run.ended, await started(bench)) == ("done", ["a", "mail"])


async def test_a_letter_is_not_sent_when_something_before_it_fails() -> None:
    bench = Bench()
    bench.tools["put"].befall("apply", Fail(Permanent("forbidden")))

    run = await bench.do(step("mail", "memory.send", {"to": "ada", "text": "hello"}), put("a"), named=["mail"])

    assert (run.ended, bench.world.letters) == ("failed", ())


async def test_a_write_that_somebody_hears_of_counts_as_irreversible() -> None:
    bench = Bench()

    run = await bench.propose(put("a", tell=["ada"]))
    assert run.steps[StepId("a")].effect == "irreversible"
    run = await bench.approve("a")

    assert run.ended == "done"


async def test_a_letter_that_nobody_can_read_back_leaves_the_run_unproven() -> None:
    bench = Bench()

    run = await bench.do(step("mail", "memory.post", {"to": "ada", "text": "hello"}), named=["mail"])

    assert (run.ended, run.reason, states(run)) == ("unproven", "done, unproven: mail", {"mail": "unproven"})


# --- a person's word --------------------------------------------------------------------------------------------------


async def test_a_refused_plan_ends_refused_with_nothing_done() -> None:
    bench = Bench()
    await bench.propose(put("a"))

    run = await bench.refuse("too early")

    assert (run.ended, run.reason, bench.world.deeds) == ("refused", "too early", ())


async def test_a_cancelled_plan_ends_cancelled_with_nothing_done() -> None:
    bench = Bench()
    await bench.propose(put("a"))

    run = await bench.cancel()

    assert (run.ended, run.reason, bench.world.deeds) == ("cancelled", "cancelled by sam", ())


@pytest.mark.parametrize("word", ["cancel", "refuse"])
async def test_a_run_that_is_stopped_while_it_waits_in_the_middle_is_taken_back(word: str) -> None:
    bench = Bench()
    await bench.do(put("a"), step("mail", "memory.send", {"to": "ada", "text": "hello"}))

    run = await (bench.cancel() if word == "cancel" else bench.refuse())

    assert (run.ended, bench.world.values, bench.world.letters, states(run)["a"]) == ("rolled_back", {}, (), "undone")


@pytest.mark.parametrize(("word", "ended"), [("cancel", "cancelled"), ("refuse", "refused")])
async def test_a_run_that_is_stopped_before_there_is_a_plan_ends(word: str, ended: str) -> None:
    bench = Bench()
    await bench.accept(said=Question("who", "Who?"))
    await bench.drive()

    run = await (bench.cancel() if word == "cancel" else bench.refuse())

    assert run.ended == ended


async def test_a_stopped_run_that_only_read_ends_as_it_was_stopped() -> None:
    bench = Bench(MemoryWorld({"x": 1}))
    await bench.propose(
        step("look", "memory.read", {"name": "x"}), step("mail", "memory.send", {"to": "a", "text": "b"})
    )

    run = await bench.cancel()

    assert (run.ended, states(run)["look"]) == ("cancelled", "verified")


async def test_every_drive_that_moves_something_claims_the_run_once() -> None:
    bench = Bench()
    await bench.do(put("a"))

    epochs = [event.epoch for event in await bench.of_kind(RunClaimed) if isinstance(event, RunClaimed)]
    assert epochs == [1, 2]


async def test_the_built_in_rules_stand_behind_every_grant() -> None:
    bench = Bench()
    await bench.do(put("a"))

    (event,) = await bench.of_kind(StepStarted)
    assert isinstance(event, StepStarted)
    run = await bench.run()
    assert (event.grant.policy, event.grant.plan) == (BuiltInRules().digest, run.plan_digest)
    assert run.id == RUN
