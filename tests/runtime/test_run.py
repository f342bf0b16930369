"""A run from its goal to its end, asserted on the record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tests.runtime.workbench import ME, Bench, put, started, states

from doer.domain.action import Change, Preview
from doer.domain.errors import Permanent, Transient, UsageError
from doer.domain.event import (
    StepFailed,
    StepStarted,
    TimerFired,
)
from doer.domain.value import Json, JsonObject, StepId
from doer.execution.decide import rest, status
from doer.execution.held_up import MOST_TRIES
from doer.testing.planner import scripted_step as step
from doer.testing.planner import when
from doer.testing.tools import PutTool
from doer.testing.world import Fail, MemoryWorld


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
    assert foresight.preview.changes[0].after == "‹value of from›!"
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


async def test_a_read_that_was_asked_wrongly_is_not_asked_again() -> None:
    bench = Bench(MemoryWorld({"x": 1}))
    bench.tools["read"].befall("apply", Fail(UsageError("which one?")), times=2)

    run = await bench.propose(step("look", "memory.read", {"name": "x"}))

    assert (run.ended, len(await bench.of_kind(StepFailed))) == ("failed", 1)


class Quiet(PutTool):
    """Writes a record and does not foretell what it will answer."""

    def _preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        return replace(super()._preview(arguments, pending), result=None)


async def test_what_could_not_be_done_as_things_are_is_planned_where_its_condition_is_open() -> None:
    bench = Bench()
    bench.tools["quiet"] = Quiet(bench.world, "memory.quiet")
    first = step("a", "memory.quiet", {"name": "a", "value": 1})
    gone = step("gone", "memory.remove", {"name": "ghost"}, guard=when({"$ref": "a.value"}, "equals", 2))

    run = await bench.propose(first, gone)
    foresight = run.steps[StepId("gone")].foresight
    assert foresight is not None
    assert not foresight.preview.foreseeable
    assert "as things are it could not be: there is no record 'ghost' to remove" in foresight.preview.note
    run = await bench.approve()

    assert (run.ended, states(run)) == ("done", {"a": "verified", "gone": "skipped"})
