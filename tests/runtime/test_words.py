"""A person's word: steps approved by name, plans refused, runs cancelled."""

from __future__ import annotations

import pytest
from tests.runtime.workbench import RUN, Bench, asked_about, put, started, states

from doer.domain.errors import NotNow, Permanent
from doer.domain.event import (
    RunClaimed,
    StepStarted,
)
from doer.domain.goal import Question
from doer.domain.value import StepId
from doer.execution.decide import status
from doer.policy.rules import BuiltInRules
from doer.testing.planner import scripted_step as step
from doer.testing.world import Fail, MemoryWorld


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
