"""A system that says when it may be asked again is not asked before, and nobody waits for it with anything in hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from tests.runtime.workbench import Bench, asked_about, put, states

from doer.domain.action import Change, Preview
from doer.domain.errors import Transient
from doer.domain.event import ChangesDiffered, StepFailed, TimerFired
from doer.domain.fold import LONGEST_DELAY
from doer.domain.value import Hole, Json, JsonObject
from doer.execution.decide import status
from doer.execution.held_up import LONGEST_WAIT, MOST_TRIES
from doer.testing.planner import scripted_step as step
from doer.testing.tools import PutTool
from doer.testing.world import Fail, MemoryWorld

HOUR = timedelta(hours=1)


def busy(bench: Bench, wait: timedelta = HOUR) -> Fail:
    return Fail(Transient("429", bench.clock.now() + wait))


@pytest.mark.parametrize("verb", ["apply", "preview"])
async def test_a_run_whose_system_asks_to_wait_is_left_until_then_and_goes_on_without_a_word(verb: str) -> None:
    bench = Bench()
    await bench.propose(put("a"))
    bench.tools["put"].befall(verb, busy(bench))  # type: ignore[arg-type]

    run = await bench.approve()

    began = bench.clock.now()
    resting = asked_about(run)
    assert (status(run), resting.steps, resting.until) == ("waiting", (), began + HOUR)
    assert resting.until is not None
    assert f"waits until {resting.until.isoformat(timespec='seconds')}: 429" in resting.reason
    assert (states(run), bench.world.values) == ({"a": "failed"}, {})
    asked = len(bench.tools["put"].calls)

    bench.clock.advance(HOUR - timedelta(seconds=1))
    assert status(await bench.drive()) == "waiting"
    assert len(bench.tools["put"].calls) == asked, "it was asked before its time"
    bench.clock.advance(timedelta(seconds=1))
    run = await bench.drive()

    assert (run.ended, bench.world.values) == ("done", {"a": 1})
    assert len(await bench.of_kind(TimerFired)) == 1


async def test_what_needs_no_such_system_goes_on_meanwhile() -> None:
    bench = Bench()
    await bench.propose(put("a"), step("b", "memory.put_unkeyed", {"name": "b", "value": 2}))
    bench.tools["put"].befall("apply", busy(bench))

    run = await bench.approve()

    assert states(run) == {"a": "failed", "b": "verified"}
    assert asked_about(run).until is not None


async def test_a_system_that_asks_to_wait_again_and_again_is_given_up_in_the_end() -> None:
    bench = Bench()
    await bench.propose(put("a"))
    for _ in range(MOST_TRIES):
        bench.tools["put"].befall("apply", Fail(Transient("429", bench.clock.now() + 9 * HOUR)))
    run = await bench.approve()
    for _ in range(MOST_TRIES):
        bench.clock.advance(9 * HOUR)
        run = await bench.drive()

    assert (run.ended, len(await bench.of_kind(StepFailed))) == ("failed", MOST_TRIES)


async def test_a_cancelled_run_does_not_wait_for_the_time() -> None:
    bench = Bench()
    await bench.propose(put("a"))
    bench.tools["put"].befall("apply", busy(bench))
    await bench.approve()

    assert (await bench.cancel()).ended == "cancelled"


async def test_an_undo_whose_system_asks_to_wait_is_left_until_then_too() -> None:
    bench = Bench()
    await bench.do(put("a"))
    bench.tools["put"].befall("undo", busy(bench))

    run = await bench.undo()

    assert asked_about(run).until == bench.clock.now() + HOUR
    bench.clock.advance(HOUR)
    assert (await bench.drive()).ended == "undone"


async def test_a_short_wait_is_waited_for() -> None:
    bench = Bench()
    await bench.propose(put("a"))
    bench.tools["put"].befall("apply", busy(bench, timedelta(seconds=20)))

    assert (await bench.approve()).ended == "done"


def test_no_back_off_of_our_own_is_longer_than_a_driver_waits() -> None:
    assert timedelta(seconds=1.5 * LONGEST_DELAY) < LONGEST_WAIT


# --- what an earlier step leaves ------------------------------------------------------------------------------------------


class FollowTool(PutTool):
    """Puts down the version that another record has: while planning it is what an earlier step will leave there."""

    def _preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        first = str(arguments["value"])
        later = any(change.resource == f"memory:{first}" for change in pending)
        hole = Hole.of(f"version of {first}")
        version: Json = hole if later else self.version_of(first)
        change = Change(f"memory:{arguments['name']}", None, version)
        return Preview((change,), holes={hole: f"memory:{first}"} if later else {})

    def version_of(self, name: str) -> Json:
        record = self.world.now.records.get(name)
        return None if record is None else record.version

    def _wanted(self, arguments: JsonObject) -> Json:
        return self.version_of(str(arguments["value"]))


def following(world: MemoryWorld) -> Bench:
    bench = Bench(world)
    return Bench(world, tools={**bench.tools, "follow": FollowTool(world, "memory.follow")})


async def test_what_an_earlier_step_leaves_is_approved_with_it_and_not_asked_about_again() -> None:
    bench = following(MemoryWorld())
    await bench.propose(put("a"), step("b", "memory.follow", {"name": "b", "value": "a"}, needs=["a"]))

    await bench.approve()

    assert await bench.of_kind(ChangesDiffered) == []
    assert bench.world.values["b"] == bench.world.now.records["a"].version


async def test_what_somebody_else_left_there_meanwhile_is_asked_about() -> None:
    bench = following(MemoryWorld())
    await bench.propose(put("a"), step("b", "memory.follow", {"name": "b", "value": "a"}, needs=["a"]))
    original = bench.tools["put"].verify

    async def verify_then_edit(*given: object) -> object:
        found = await original(*given)  # type: ignore[arg-type]
        bench.world.edit("a", "theirs")
        return found

    bench.tools["put"].verify = verify_then_edit  # type: ignore[method-assign, assignment]
    run = await bench.approve()

    (differed,) = await bench.of_kind(ChangesDiffered)
    assert isinstance(differed, ChangesDiffered)
    assert "would now become something else" in differed.reason
    assert states(run)["b"] == "waiting"
