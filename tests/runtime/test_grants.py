"""What was approved is what is done: a changed world, rule or tool asks again, or is refused."""

from __future__ import annotations

from datetime import timedelta

from tests.runtime.workbench import ME, Bench, Rules, asked_about, put, states

from doer.domain.decision import Ask, Deny
from doer.domain.errors import UsageError
from doer.domain.event import (
    Approved,
    ChangesDiffered,
    PlanOutdated,
)
from doer.domain.plan import Step
from doer.domain.value import Digest, StepId
from doer.execution.decide import status
from doer.testing.planner import scripted_step as step
from doer.testing.tools import PutTool
from doer.testing.world import MemoryWorld


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


class Unreadable(Rules):
    """Rules that cannot even say which they are."""

    @property
    def digest(self) -> Digest:
        raise UsageError("the file of rules is gone")


async def test_a_policy_that_cannot_say_which_it_is_denies() -> None:
    bench = Bench(policy=Unreadable())

    run = await bench.propose(put("a"))

    assert (run.ended, "the policy failed: UsageError: the file of rules is gone" in run.reason) == ("refused", True)


async def test_a_policy_that_begins_to_raise_after_the_approval_denies() -> None:
    rules = Rules(a=Ask("writes ask"))
    bench = Bench(policy=rules)
    await bench.propose(put("a"))
    rules.decisions["a"] = UsageError("broken")

    run = await bench.approve()

    assert (run.ended, bench.world.deeds) == ("failed", ())


async def test_a_tool_that_changed_since_the_plan_is_planned_with_and_asked_about_anew() -> None:
    bench = Bench()
    await bench.propose(put("a"))
    bench.tools["put"] = PutTool(bench.world, once=False)

    run = await bench.approve()

    assert (bench.world.deeds, asked_about(run).steps, len(await bench.of_kind(PlanOutdated))) == ((), ("a",), 1)
    assert (await bench.approve()).ended == "done"


async def test_a_tool_that_changes_when_something_was_begun_already_is_not_called() -> None:
    bench = Bench()
    await bench.propose(put("a"), step("b", "memory.put_unkeyed", {"name": "b", "value": 2}, needs=["a"]))
    bench.tools["put2"] = PutTool(bench.world, "memory.put_unkeyed", once=True)

    run = await bench.approve()

    assert (run.ended, bench.world.values, "is not the tool that was planned with" in run.reason) == (
        "rolled_back",
        {},
        True,
    )


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

    judged = Bench(tools={"read": bench.tools["read"]}).loop().performer.granting.judge(run)

    assert isinstance(judged[0].decisions[StepId("a")], Deny)  # type: ignore[union-attr]


async def test_rules_that_became_stricter_since_it_was_done_stand_in_the_way_of_taking_it_back() -> None:
    rules = Rules()
    bench = Bench(policy=rules)
    await bench.propose(put("a"))
    rules.decisions["a"] = Deny("not any more")

    run = await bench.preview_undo()

    assert run.undo_foresights is not None
    assert [each.obstacle for each in run.undo_foresights] == ["not permitted: not any more"]
    assert bench.world.values == {"a": 1}
