"""A credential that dies in mid-run pauses the run, and a restored run asks before it writes: nothing is lost or doubled."""

from datetime import timedelta

import pytest
from tests.runtime.workbench import ME, Bench, Rules, asked_about, put, states

from doer.domain.decision import Allow
from doer.domain.errors import CredentialRefused, OutcomeUnknown
from doer.domain.event import CredentialRenewed, RunRestored, StepBlocked, StepStarted
from doer.testing.clock import START
from doer.testing.planner import scripted_step as step
from doer.testing.world import Fail

EXPIRED = CredentialRefused("the token has expired: doer connect directory people")
SAVED = START - timedelta(hours=1)


@pytest.mark.parametrize("verb", ["preview", "apply", "verify"])
async def test_a_refused_credential_pauses_the_run_and_a_renewed_one_carries_it_on(verb: str) -> None:
    bench = Bench()
    await bench.propose(put("a"), step("b", "memory.put", {"name": "b", "value": 2}, needs=["a"]))
    bench.tools["put"].befall(verb, Fail(EXPIRED))  # type: ignore[arg-type]

    run = await bench.approve()

    assert "the token has expired" in asked_about(run).reason
    assert run.ended is None
    assert len(await bench.of_kind(StepBlocked)) == 1
    assert await bench.drive() == run, "driving it again asks nothing of a system that refuses us"

    await bench.say(CredentialRenewed(ME))
    run = await bench.drive()

    assert (run.ended, bench.world.values) == ("done", {"a": 1, "b": 2})
    assert len(bench.world.deeds) == 2, "nothing was done twice"


async def test_a_refused_credential_does_not_use_up_the_tries_of_a_step() -> None:
    bench = Bench()
    await bench.propose(put("a"))
    bench.tools["put"].befall("apply", Fail(EXPIRED), times=7)

    run = await bench.approve()
    for _ in range(7):
        await bench.say(CredentialRenewed(ME))
        run = await bench.drive()

    assert (run.ended, bench.world.values) == ("done", {"a": 1})


async def test_a_refusal_while_it_is_applied_again_leaves_the_first_try_unknown() -> None:
    bench = Bench()
    await bench.propose(put("a"))
    bench.tools["put"].befall("apply", Fail(OutcomeUnknown("cut")))
    bench.tools["put"].befall("apply", Fail(EXPIRED))

    run = await bench.approve()

    assert (states(run)["a"], len(await bench.of_kind(StepStarted))) == ("unknown", 1)

    await bench.say(CredentialRenewed(ME))
    run = await bench.drive()

    assert (run.ended, bench.world.values) == ("done", {"a": 1})


async def test_a_refused_credential_pauses_taking_back_and_a_renewed_one_goes_on_with_it() -> None:
    bench = Bench()
    await bench.do(put("a"), put("b"))
    bench.tools["put"].befall("undo", Fail(EXPIRED))

    run = await bench.undo()

    assert "the token has expired" in asked_about(run).reason
    await bench.say(CredentialRenewed(ME))
    run = await bench.drive()
    assert (run.ended, bench.world.values) == ("undone", {})


async def test_a_blocked_run_can_be_cancelled_and_is_taken_back() -> None:
    bench = Bench()
    await bench.propose(put("a"), step("b", "memory.send", {"to": "b", "text": "hello"}, needs=["a"]))
    bench.tools["send"].befall("apply", Fail(EXPIRED))
    await bench.approve("b")

    run = await bench.cancel()

    assert (run.ended, bench.world.values) == ("rolled_back", {})


async def test_a_restored_run_asks_again_for_everything_that_is_still_to_be_written() -> None:
    bench = Bench()
    await bench.propose(put("a"), put("b"))
    await bench.say(RunRestored(ME, SAVED))

    run = await bench.drive()

    assert set(asked_about(run).steps) == {"a", "b"}
    assert "look whether it was done since" in asked_about(run).reason
    assert bench.world.values == {}
    assert (await bench.approve()).ended == "done"


async def test_an_approval_from_before_the_backup_has_no_force_afterwards() -> None:
    bench = Bench()
    await bench.propose(put("a"), step("b", "memory.put", {"name": "b", "value": 2}, needs=["a"]))
    bench.tools["put"].befall("apply", None)
    bench.tools["put"].befall("apply", Fail(EXPIRED))
    await bench.approve()
    await bench.say(CredentialRenewed(ME), RunRestored(ME, SAVED))

    run = await bench.drive()

    assert (states(run), asked_about(run).steps) == ({"a": "verified", "b": "planned"}, ("b",))
    assert (await bench.approve()).ended == "done"


async def test_a_restored_run_asks_also_where_the_rules_would_let_it_go_on() -> None:
    bench = Bench(policy=Rules(a=Allow("by rule")))
    await bench.accept(put("a"))
    await bench.say(RunRestored(ME, SAVED))

    run = await bench.drive()

    assert (bench.world.values, asked_about(run).steps) == ({}, ("a",))
    assert (await bench.approve()).ended == "done"


async def test_a_run_that_had_ended_stays_as_it_was_restored() -> None:
    bench = Bench()
    await bench.do(put("a"))

    await bench.say(RunRestored(ME, SAVED))

    assert (await bench.drive()).ended == "done"
