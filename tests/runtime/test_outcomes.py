"""What is believed of an outcome: lies are refuted, lost outcomes are reconciled, and a person is asked where nobody can tell."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime

import pytest
from tests.runtime.workbench import Bench, asked_about, put, states, until

from doer.domain.action import Receipt
from doer.domain.errors import OutcomeUnknown, Permanent, Transient
from doer.domain.event import (
    OutcomeSettled,
    StepAbsent,
    StepRefuted,
    StepStarted,
    StepUnconfirmed,
    StepUnknown,
    StepVerified,
)
from doer.domain.outcome import Unknown, Verified
from doer.domain.plan import Step
from doer.domain.value import StepId
from doer.execution.decide import MOST_CHECKS, MOST_CHECKS_UNREAD, status
from doer.execution.held_up import MOST_TRIES
from doer.testing.clock import EagerClock
from doer.testing.planner import scripted_step as step
from doer.testing.tools import MemoryTool
from doer.testing.world import Double, Drop, Fail, Fault, Halve, Hang, MemoryWorld, Rubbish, Stale

LOST = OutcomeUnknown("the connection was cut")


def put2(name: str) -> Step:
    return step(name, "memory.put_unkeyed", {"name": name, "value": "value"})


async def count(bench: Bench, kind: type) -> int:
    return len(await bench.of_kind(kind))


# --- lies -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lie", [Drop(), Halve(), Double()], ids=["dropped", "halved", "doubled"])
async def test_a_write_that_is_not_what_was_asked_is_refuted_and_the_run_is_never_done(lie: Fault) -> None:
    bench = Bench()
    bench.tools["put2"].befall("apply", lie)

    run = await bench.do(put("a"), step("b", "memory.put_unkeyed", {"name": "b", "value": "value"}, needs=["a"]))

    assert await count(bench, StepRefuted) == 1
    assert await count(bench, StepUnconfirmed) == MOST_CHECKS
    assert run.ended in ("rolled_back", "partly_rolled_back")
    assert "a" not in bench.world.values
    assert "b" in run.reason


async def test_a_refuted_write_is_compensated_and_nothing_later_is_begun() -> None:
    bench = Bench()
    bench.tools["put2"].befall("apply", Halve())
    later = step("c", "memory.put", {"name": "c", "value": 1}, needs=["a"])

    run = await bench.do(put("a"), step("b", "memory.put_unkeyed", {"name": "b", "value": "xyz"}), later)

    assert (run.ended, bench.world.values, states(run)["b"]) == ("rolled_back", {}, "undone")


async def test_a_refuted_write_whose_compensation_conflicts_is_named_and_the_run_is_not_done() -> None:
    bench = Bench()
    bench.tools["put"].befall("apply", Halve())
    await bench.propose(step("b", "memory.put", {"name": "b", "value": "xyz"}))
    for _ in range(MOST_CHECKS + 1):
        bench.tools["put"].befall("verify", None)
    bench.tools["put"].befall("undo", Fail(Permanent("read-only")))

    run = await bench.approve()

    assert (run.ended, "not taken back: b" in run.reason) == ("partly_rolled_back", True)


async def test_a_read_that_was_stale_for_a_while_is_read_again_and_believed() -> None:
    bench = Bench()
    bench.tools["put"].befall("verify", Stale(), times=3)

    run = await bench.do(put("a"))

    assert (run.ended, await count(bench, StepUnconfirmed), await count(bench, StepVerified)) == ("done", 3, 1)


async def test_a_letter_sent_twice_by_the_server_is_refuted() -> None:
    bench = Bench()
    bench.tools["send"].befall("apply", Double())

    run = await bench.do(step("mail", "memory.send", {"to": "ada", "text": "hi"}), named=["mail"])

    assert (run.ended, "sent 2 times" in run.reason) == ("partly_rolled_back", True)


async def test_what_cannot_be_read_back_for_long_is_unproven() -> None:
    bench = Bench()
    bench.tools["put"].befall("verify", Fail(Transient("down")), times=MOST_CHECKS_UNREAD + 1)

    run = await bench.do(put("a"))

    assert (run.ended, states(run)) == ("unproven", {"a": "unproven"})


async def test_a_verify_that_returns_rubbish_tells_nothing() -> None:
    bench = Bench()
    bench.tools["put"].befall("verify", Rubbish(None))
    bench.tools["put"].befall("verify", Rubbish(Verified(Receipt({1, 2}))))  # type: ignore[arg-type]

    run = await bench.do(put("a"))

    assert (run.ended, await count(bench, StepUnconfirmed)) == ("done", 2)


async def test_an_apply_that_returns_rubbish_is_an_unknown_outcome() -> None:
    bench = Bench()
    bench.tools["put"].befall("apply", Rubbish("done!"))
    bench.tools["put"].befall("verify", Fail(LOST))

    run = await bench.do(put("a"))

    assert (run.ended, bench.world.deeds) == ("done", (("put", "memory:a"),))
    assert await count(bench, StepUnknown) == 2


async def test_a_result_that_is_too_large_for_the_record_is_an_unknown_outcome() -> None:
    bench = Bench()
    bench.tools["put"].befall("apply", Rubbish(Receipt("x" * 5_000_000)))

    run = await bench.do(put("a"))

    assert (run.ended, await count(bench, StepUnknown)) == ("done", 1)


# --- lost outcomes, with a system that enforces the key ---------------------------------------------------------------


@pytest.mark.parametrize("error", [LOST, ZeroDivisionError("oops"), TimeoutError()], ids=["cut", "crash", "late"])
async def test_a_lost_outcome_that_took_effect_is_adopted(error: Exception) -> None:
    bench = Bench()
    bench.tools["put"].befall("apply", Fail(error, after=True))

    run = await bench.do(put("a"))

    assert (run.ended, bench.world.deeds) == ("done", (("put", "memory:a"),))
    assert [line for line in await bench.story() if line.endswith(" a")] == [
        "StepStarted a", "StepUnknown a", "StepApplied a", "StepVerified a",
    ]  # fmt: skip


async def test_a_lost_outcome_without_a_trace_is_applied_again_where_the_key_is_enforced() -> None:
    bench = Bench()
    bench.tools["put"].befall("apply", Fail(LOST))

    run = await bench.do(put("a"))

    assert (run.ended, bench.world.deeds) == ("done", (("put", "memory:a"),))
    assert (await count(bench, StepAbsent), await count(bench, StepStarted)) == (1, 1)


async def test_a_failure_of_the_second_try_says_nothing_about_the_first() -> None:
    bench = Bench()
    bench.tools["put"].befall("apply", Fail(LOST, after=True))
    bench.tools["put"].befall("apply", Fail(Permanent("forbidden")))
    bench.tools["put"].befall("verify", Stale())

    run = await bench.do(put("a"))

    assert (run.ended, bench.world.deeds) == ("done", (("put", "memory:a"),))


async def test_a_system_that_loses_every_outcome_is_tried_ever_more_slowly_and_then_a_person_is_asked() -> None:
    bench = Bench()
    bench.tools["put"].befall("apply", Fail(LOST), times=50)

    run = await bench.do(put("a"))

    waits = bench.clock.waited  # type: ignore[attr-defined]
    assert (status(run), bench.world.deeds) == ("waiting", ())
    assert bench.tools["put"].calls.count("apply") == MOST_TRIES
    assert max(waits) > 1
    assert "was it done?" in asked_about(run).reason


@pytest.mark.parametrize(("answer", "ended"), [("done", "unproven"), ("abandon", "partly_rolled_back")])
async def test_each_answer_ends_the_asking_about_a_step_that_was_tried_too_often(answer: str, ended: str) -> None:
    bench = Bench()
    bench.tools["put"].befall("apply", Fail(LOST), times=MOST_TRIES)
    await bench.do(put("a"))

    run = await bench.settle("a", answer)  # type: ignore[arg-type]

    assert run.ended == ended


async def test_asking_for_another_try_of_a_step_that_was_tried_too_often_tries_it() -> None:
    bench = Bench()
    bench.tools["put"].befall("apply", Fail(LOST), times=MOST_TRIES)
    await bench.do(put("a"))

    run = await bench.settle("a", "not_done")

    assert (run.ended, bench.world.values) == ("done", {"a": 1})


# --- lost outcomes, with a system that does not -----------------------------------------------------------------------


async def test_a_lost_outcome_without_a_key_is_looked_for_and_adopted() -> None:
    bench = Bench()
    bench.tools["put2"].befall("apply", Fail(LOST, after=True))

    run = await bench.do(put2("a"))

    assert (run.ended, bench.world.deeds) == ("done", (("put_unkeyed", "memory:a"),))


async def asked(bench: Bench) -> None:
    bench.tools["put2"].befall("apply", Fail(LOST))
    run = await bench.do(put2("a"))
    assert (status(run), bench.tools["put2"].calls.count("apply")) == ("waiting", 1)
    assert asked_about(run).steps == ("a",)
    assert "it may still arrive" in asked_about(run).reason


async def test_a_lost_outcome_without_a_key_and_without_a_trace_is_never_tried_again_blindly() -> None:
    bench = Bench()

    await asked(bench)
    await bench.drive()

    assert bench.tools["put2"].calls.count("apply") == 1


async def test_a_person_who_says_that_it_is_done_leaves_it_unproven() -> None:
    bench = Bench()
    await asked(bench)

    run = await bench.settle("a", "done")

    assert (run.ended, states(run)) == ("unproven", {"a": "unproven"})


async def test_a_person_who_says_that_it_was_not_done_has_it_done_under_the_same_key() -> None:
    bench = Bench()
    await asked(bench)

    run = await bench.settle("a", "not_done")

    assert (run.ended, bench.world.deeds) == ("done", (("put_unkeyed", "memory:a"),))


async def test_a_second_try_that_a_person_asked_for_and_that_fails_has_failed() -> None:
    bench = Bench()
    await asked(bench)
    bench.tools["put2"].befall("apply", Fail(Permanent("forbidden")))

    run = await bench.settle("a", "not_done")

    assert (run.ended, bench.world.deeds) == ("failed", ())


async def test_a_person_who_says_not_done_has_the_world_looked_at_again_before_it_is_touched() -> None:
    bench = Bench()
    await asked(bench)
    bench.world.edit("a", "it arrived after all")

    run = await bench.settle("a", "not_done")

    assert (status(run), states(run)) == ("waiting", {"a": "waiting"})
    assert bench.tools["put2"].calls.count("apply") == 1


async def test_a_crash_during_the_try_that_a_person_asked_for_is_not_tried_blindly() -> None:
    bench = Bench()
    await asked(bench)
    hang = Hang()
    bench.tools["put2"].befall("apply", hang)
    going = asyncio.create_task(bench.settle("a", "not_done"))
    await until(lambda: bench.tools["put2"].calls.count("apply") == 2)
    going.cancel()
    await asyncio.wait([going])

    run = await bench.drive()

    assert (status(run), bench.tools["put2"].calls.count("apply")) == ("waiting", 2)


async def test_a_person_who_gives_it_up_has_the_run_taken_back_and_the_step_named() -> None:
    bench = Bench()
    bench.tools["put2"].befall("apply", Fail(LOST))
    await bench.do(put("other"), put2("a"))

    run = await bench.settle("a", "abandon")

    assert (run.ended, bench.world.values) == ("partly_rolled_back", {})
    assert "not taken back: a" in run.reason


async def test_what_a_step_that_was_given_up_rests_on_stays() -> None:
    bench = Bench()
    bench.tools["put2"].befall("apply", Fail(LOST))
    await bench.do(put("first"), step("a", "memory.put_unkeyed", {"name": "a", "value": 1}, needs=["first"]))

    run = await bench.settle("a", "abandon")

    assert (run.ended, bench.world.values, states(run)["first"]) == ("partly_rolled_back", {"first": 1}, "conflict")
    assert "not taken back: a, first" in run.reason


async def test_other_steps_go_on_while_a_person_is_asked_about_one() -> None:
    bench = Bench()
    bench.tools["put2"].befall("apply", Fail(LOST))

    run = await bench.do(put2("a"), put("b"))

    assert (status(run), states(run)) == ("waiting", {"a": "unknown", "b": "verified"})


async def test_a_run_that_is_cancelled_while_an_outcome_is_unknown_first_finds_it_out() -> None:
    bench = Bench()
    await asked(bench)

    run = await bench.cancel()
    assert status(run) == "waiting"
    run = await bench.settle("a", "done")

    assert (run.ended, "not taken back: a" in run.reason) == ("partly_rolled_back", True)


class MeddlingClock(EagerClock):
    """Somebody else edits the world during the first wait."""

    def __init__(self, world: MemoryWorld) -> None:
        super().__init__()
        self.world = world

    async def sleep_until(self, moment: datetime) -> None:
        if not self.waited:
            self.world.edit("a", "somebody else's")
        await super().sleep_until(moment)


async def test_a_lost_outcome_of_which_something_else_is_found_is_refuted_and_left_alone() -> None:
    world = MemoryWorld()
    bench = Bench(world, MeddlingClock(world))
    bench.tools["put2"].befall("apply", Fail(LOST))

    run = await bench.do(put2("a"))

    assert (run.ended, world.values) == ("partly_rolled_back", {"a": "somebody else's"})
    assert (await count(bench, StepUnknown), await count(bench, StepRefuted)) == (1 + MOST_CHECKS - 1, 1)


async def test_an_outcome_that_cannot_be_read_is_asked_about() -> None:
    bench = Bench()
    bench.tools["put"].befall("apply", Fail(LOST))
    bench.tools["put"].befall("verify", Fail(Transient("down")), times=MOST_CHECKS_UNREAD + 1)

    run = await bench.do(put("a"))

    assert (status(run), bench.world.deeds) == ("waiting", ())
    assert "could not be found out" in asked_about(run).reason


async def test_a_tool_that_is_gone_leaves_the_outcome_to_a_person() -> None:
    bench = Bench()
    bench.tools["put"].befall("apply", Fail(LOST, after=True))
    bench.tools["put"].befall("verify", Rubbish(Unknown("not now")), times=MOST_CHECKS_UNREAD + 1)
    assert status(await bench.do(put("a"))) == "waiting"
    del bench.tools["put"]

    assert (await bench.settle("a", "done")).ended == "unproven"


async def test_another_try_with_a_tool_that_is_gone_is_a_clear_failure() -> None:
    bench = Bench()
    await asked(bench)
    del bench.tools["put2"]

    run = await bench.settle("a", "not_done")

    assert (run.ended, "there is no tool memory.put_unkeyed" in run.reason) == ("failed", True)


# --- late answers -----------------------------------------------------------------------------------------------------


def hurried(tool: MemoryTool) -> None:
    """A deadline that has passed as soon as the tool waits for anything."""
    tool.manifest = replace(tool.manifest, timeout=0.001)


async def test_a_call_that_hangs_after_its_effect_is_read_back() -> None:
    bench = Bench()
    hurried(bench.tools["put"])
    bench.tools["put"].befall("apply", Hang(after=True))

    run = await bench.do(put("a"))

    assert (run.ended, bench.world.deeds) == ("done", (("put", "memory:a"),))
    (unknown,) = await bench.of_kind(StepUnknown)
    assert isinstance(unknown, StepUnknown)
    assert unknown.reason == "memory.put did not answer within 0.001 s"


async def test_a_read_back_that_hangs_is_unknown_and_repeated() -> None:
    bench = Bench()
    hurried(bench.tools["put"])
    bench.tools["put"].befall("verify", Hang())

    run = await bench.do(put("a"))

    assert (run.ended, await count(bench, StepUnconfirmed)) == ("done", 1)


async def test_two_steps_are_under_way_at_once() -> None:
    bench = Bench()
    gate = Hang()
    bench.tools["put"].befall("apply", gate)
    await bench.propose(put("a"), put("b"))
    going = asyncio.create_task(bench.approve())
    await until(lambda: bench.tools["put"].calls.count("apply") == 2)
    await until(lambda: bench.tools["put"].calls.count("verify") > 0)
    assert states(await bench.run())["a"] == "started"
    gate.release.set()

    assert (await going).ended == "done"


async def test_an_outcome_with_an_unknown_step_is_ignored() -> None:
    bench = Bench(MemoryWorld())
    await bench.propose(put("a"))
    before = await bench.run()
    await bench.say(OutcomeSettled(StepId("zzz"), "done", before.goal.by))  # type: ignore[union-attr]

    assert states(await bench.run()) == states(before)
