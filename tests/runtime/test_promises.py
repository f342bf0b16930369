"""What must hold whatever happens: found in review, each with the story that once broke it."""

from __future__ import annotations

import asyncio

import pytest
from tests.runtime.workbench import ME, RUN, Bench, Rules, put, states

from doer.domain.decision import Deny
from doer.domain.errors import AlreadyDriven, OutcomeUnknown, Permanent, Transient
from doer.domain.event import (
    ChangesDiffered,
    RunClaimed,
    StepApplied,
    StepFailed,
    StepStarted,
    StepUndone,
    UndoRefused,
    UndoRequested,
)
from doer.domain.value import StepId
from doer.execution.decide import rest, status
from doer.observation.report import report
from doer.runtime.course import Course
from doer.testing.planner import scripted_step as step
from doer.testing.planner import when
from doer.testing.world import Drop, Fail, MemoryWorld


async def test_a_destination_that_a_result_chose_is_shown_before_anything_goes_there() -> None:
    bench = Bench(MemoryWorld({"contact": "evil@attacker.example"}))
    look = step("look", "memory.read", {"name": "contact"})
    send = step("send", "memory.send", {"to": {"$ref": "look.value"}, "text": "hello"})

    await bench.propose(look, send)
    run = await bench.approve("send") if (await bench.run()).unapproved else await bench.run()

    assert len(bench.world.letters) == 0
    assert status(run) == "waiting"
    (asked,) = await bench.of_kind(ChangesDiffered)
    assert isinstance(asked, ChangesDiffered)
    assert "evil@attacker.example" in asked.reason
    shown = report(run, status(run), "")
    assert shown.steps[1].arguments["to"] == "evil@attacker.example"

    run = await bench.approve("send")

    assert run.ended == "done"
    assert str(bench.world.letters) == "(('evil@attacker.example', 'hello'),)"


async def test_what_is_shown_for_approval_is_what_will_be_approved_also_after_a_failed_start() -> None:
    bench = Bench(MemoryWorld({"a": "old"}))
    bench.tools["put"].befall("apply", Fail(Transient("busy")), 1)
    await bench.propose(put("a"))
    original = bench.tools["put"].apply

    async def edited_meanwhile(*arguments: object) -> object:
        bench.world.edit("a", "somebody else's")
        return await original(*arguments)  # type: ignore[arg-type]

    bench.tools["put"].apply = edited_meanwhile  # type: ignore[method-assign,assignment]
    run = await bench.approve()

    shown = report(run, status(run), "")
    assert status(run) == "waiting"
    assert [change.before for change in shown.steps[0].changes] == ["somebody else's"]


async def test_a_driver_that_was_taken_over_records_what_it_found_and_touches_nothing_more() -> None:
    bench = Bench()
    await bench.propose(put("a"), put("b"))
    await bench.say(RunClaimed(7, "mine"))
    course = await Course.take(bench.journal, RUN)
    course.epoch = course.run.epoch
    await bench.say(RunClaimed(8, "somebody else's"))

    course.note([StepFailed(StepId("a"), "refused", transient=False, failed_at=bench.clock.now())])
    with pytest.raises(AlreadyDriven, match="taken over"):
        await course.write()

    assert len(await bench.of_kind(StepFailed)) == 1


async def test_done_is_never_said_while_a_step_is_not() -> None:
    bench = Bench()
    await bench.do(put("a"), put("b"))
    await bench.say(UndoRequested(ME), StepUndone(StepId("a")), UndoRefused(ME))

    run = await bench.run()

    assert run.ended == "partly_undone"
    assert states(run) == {"a": "undone", "b": "verified"}


async def test_a_letter_is_held_while_a_write_before_it_is_unproven() -> None:
    bench = Bench()
    bench.tools["put"].befall("verify", Fail(OutcomeUnknown("the record cannot be read")), 100)
    await bench.propose(put("a"), step("send", "memory.send", {"to": "ada", "text": "ready"}))

    run = await bench.approve("send")

    assert (states(run)["a"], bench.world.letters) == ("unproven", ())
    resting = rest(run)
    assert resting is not None
    assert "nobody could prove a" in resting.reason

    run = await bench.approve("send")

    assert (run.ended, len(bench.world.letters)) == ("unproven", 1)


async def test_a_condition_on_what_is_not_known_fails_the_step_instead_of_holding() -> None:
    bench = Bench(MemoryWorld({"x": "1"}))
    look = step("look", "memory.read", {"name": "x"})
    guarded = step("a", "memory.put", {"name": "a", "value": 1}, guard=when({"$ref": "look.nothing"}, "differs", "5"))

    run = await bench.do(look, guarded)

    assert (run.ended, bench.world.values) == ("failed", {"x": "1"})
    assert "not known" in run.reason


async def test_a_tool_that_gives_up_by_itself_takes_no_other_step_with_it() -> None:
    bench = Bench()
    bench.tools["put2"].befall("apply", Fail(asyncio.CancelledError()), 1)  # type: ignore[arg-type]
    run = await bench.do(put("a"), step("b", "memory.put_unkeyed", {"name": "b", "value": 2}))

    assert states(run)["a"] == "verified"
    assert len(await bench.of_kind(StepApplied)) >= 1
    assert len(await bench.of_kind(StepStarted)) == 2


async def test_an_undo_that_policy_forbids_is_an_obstacle() -> None:
    bench = Bench()
    await bench.do(put("a"))
    bench.policy = Rules(a=Deny("frozen"))

    run = await bench.preview_undo()

    assert [each.obstacle for each in run.undo_foresights] == ["not permitted: frozen"]


async def test_a_dropped_write_is_not_followed_by_a_letter() -> None:
    bench = Bench()
    bench.tools["put"].befall("apply", Drop(), 1)
    await bench.propose(put("a"), step("send", "memory.send", {"to": "ada", "text": "ready"}))

    run = await bench.approve("send")

    assert (run.ended, bench.world.values, bench.world.letters) == ("rolled_back", {}, ())


async def test_a_permanent_failure_stays_the_reason_whatever_comes_later() -> None:
    bench = Bench()
    bench.tools["put"].befall("apply", Fail(Permanent("forbidden")), 1)
    run = await bench.do(put("a"))

    assert (run.ended, "forbidden" in run.reason) == ("failed", True)
