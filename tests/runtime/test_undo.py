"""Taking back and doing again: in reverse, verified, never over somebody else's work."""

from __future__ import annotations

import pytest
from tests.runtime.workbench import ME, Bench, put, states

from doer.domain.errors import NotNow, OutcomeUnknown, Permanent, Transient
from doer.domain.event import StepStarted, StepUndone, UndoApproved, UndoConflicted, UndoFailed, UndoPreviewed
from doer.domain.outcome import Conflict, Partial
from doer.domain.plan import Step
from doer.domain.value import Digest, StepId
from doer.execution.decide import rest, status
from doer.execution.held_up import MOST_TRIES
from doer.policy.approval import approve_undo
from doer.testing.planner import scripted_step as step
from doer.testing.tools import ALL_VERBS, PutTool
from doer.testing.world import Fail, MemoryWorld, Rubbish


def after(name: str, *needs: str) -> Step:
    return step(name, "memory.put", {"name": name, "value": 1}, needs=needs)


async def obstacles(bench: Bench) -> dict[str, str]:
    run = await bench.run()
    return {str(each.step): each.obstacle for each in run.undo_foresights}


async def test_an_undo_is_previewed_and_waits_for_approval() -> None:
    bench = Bench(MemoryWorld({"a": "old"}))
    await bench.do(put("a"))

    run = await bench.preview_undo()

    (previewed,) = await bench.of_kind(UndoPreviewed)
    assert isinstance(previewed, UndoPreviewed)
    (foresight,) = previewed.foresights
    assert (foresight.changes[0].before, foresight.changes[0].after) == (1, "old")
    assert (status(run), bench.world.values, run.ended) == ("waiting", {"a": 1}, "done")


async def test_an_undone_run_leaves_the_world_as_it_was_in_reverse_order() -> None:
    bench = Bench(MemoryWorld({"a": "old", "gone": "kept"}))
    await bench.do(put("a"), after("b", "a"), step("r", "memory.remove", {"name": "gone"}, needs=["b"]))

    run = await bench.undo()

    assert (run.ended, bench.world.values) == ("undone", {"a": "old", "gone": "kept"})
    assert [line for line in await bench.story() if "Undone" in line] == [
        "StepUndone r",
        "StepUndone b",
        "StepUndone a",
    ]


async def test_steps_on_one_resource_accept_what_our_own_undo_left() -> None:
    bench = Bench(MemoryWorld({"x": 0}))
    steps = [step(f"s{number}", "memory.put", {"name": "x", "value": number}) for number in (1, 2, 3)]
    await bench.do(*steps)
    await bench.preview_undo()
    assert set((await obstacles(bench)).values()) == {""}
    await bench.say(approve_undo(await bench.run(), ME))

    run = await bench.drive()

    assert (run.ended, bench.world.values) == ("undone", {"x": 0})


async def test_a_foreign_edit_is_shown_before_and_never_overwritten() -> None:
    bench = Bench()
    await bench.do(put("a"), put("b"))
    bench.world.edit("a", "somebody else's")
    await bench.preview_undo()
    assert "changed since" in (await obstacles(bench))["a"]
    await bench.say(approve_undo(await bench.run(), ME))

    run = await bench.drive()

    assert (run.ended, bench.world.values) == ("partly_undone", {"a": "somebody else's"})
    assert (states(run), run.reason) == ({"a": "conflict", "b": "undone"}, "not taken back: a")


async def test_what_a_conflicting_step_rests_on_stays_and_independent_steps_go() -> None:
    bench = Bench()
    await bench.do(put("base"), after("middle", "base"), after("top", "middle"), put("other"))
    bench.world.edit("middle", "somebody else's")

    run = await bench.undo()

    assert states(run) == {"base": "conflict", "middle": "conflict", "top": "undone", "other": "undone"}
    kept = [event for event in await bench.of_kind(UndoConflicted) if isinstance(event, UndoConflicted)]
    assert "middle depends on it" in kept[-1].reason


async def test_what_rests_on_a_step_through_a_read_keeps_it_as_well() -> None:
    bench = Bench()
    look = step("look", "memory.read", {"name": "base"}, needs=["base"])
    top = step("top", "memory.put", {"name": "top", "value": {"$ref": "look.value"}})
    await bench.do(put("base"), look, top)
    bench.world.edit("top", "somebody else's")

    run = await bench.undo()

    assert states(run) == {"base": "conflict", "look": "verified", "top": "conflict"}


async def test_a_last_step_that_conflicts_keeps_nothing_that_it_does_not_rest_on() -> None:
    bench = Bench()
    await bench.do(put("a"), put("heard", tell=["ada"]), named=["heard"])
    bench.world.edit("heard", "somebody else's")

    run = await bench.undo()

    assert states(run) == {"a": "undone", "heard": "conflict"}


async def test_an_earlier_write_of_a_resource_whose_later_write_conflicts_stays() -> None:
    bench = Bench()
    steps = [step(f"s{number}", "memory.put", {"name": "x", "value": number}) for number in (1, 2)]
    await bench.do(*steps)
    bench.world.edit("x", "somebody else's")

    run = await bench.undo()

    assert (states(run), bench.world.values) == ({"s1": "conflict", "s2": "conflict"}, {"x": "somebody else's"})


async def test_what_cannot_be_taken_back_is_named_and_the_rest_is_taken_back() -> None:
    bench = Bench()
    await bench.do(put("a"), step("mail", "memory.send", {"to": "ada", "text": "hi"}), named=["mail"])
    await bench.preview_undo()
    assert (await obstacles(bench))["mail"] == "cannot be taken back"
    await bench.say(approve_undo(await bench.run(), ME))

    run = await bench.drive()

    assert (run.ended, bench.world.values, run.reason) == ("partly_undone", {}, "not taken back: mail")


async def test_a_tool_without_undo_keeps_what_it_did() -> None:
    world = MemoryWorld()
    bench = Bench(world, tools={"put": PutTool(world, verbs=ALL_VERBS - {"undo"})})
    await bench.do(put("a"), named=["a"])

    run = await bench.undo()

    assert (run.ended, bench.world.values, bench.tools["put"].calls.count("undo")) == ("partly_undone", {"a": 1}, 0)


async def test_a_step_of_which_a_person_said_that_it_is_done_cannot_be_taken_back() -> None:
    bench = Bench()
    bench.tools["put2"].befall("apply", Fail(OutcomeUnknown("cut")))
    await bench.do(step("a", "memory.put_unkeyed", {"name": "a", "value": 1}))
    await bench.settle("a", "done")
    await bench.preview_undo()
    assert (await obstacles(bench))["a"] == "nobody knows what it did"
    await bench.say(approve_undo(await bench.run(), ME))

    assert (await bench.drive()).ended == "partly_undone"


async def test_what_is_gone_already_is_no_obstacle() -> None:
    bench = Bench()
    await bench.do(put("a"))
    bench.world.edit("a", None)
    await bench.preview_undo()

    assert (await obstacles(bench))["a"] == ""


async def test_what_cannot_be_read_now_is_no_obstacle_beforehand() -> None:
    bench = Bench()
    await bench.do(put("a"))
    bench.tools["put"].befall("verify", Fail(Transient("down")))
    await bench.preview_undo()

    assert (await obstacles(bench))["a"] == ""


async def test_an_undo_that_fails_for_a_while_is_tried_again() -> None:
    bench = Bench()
    await bench.do(put("a"))
    bench.tools["put"].befall("undo", Fail(Transient("busy")))
    bench.tools["put"].befall("undo", Fail(OutcomeUnknown("cut"), after=True))

    run = await bench.undo()

    assert (run.ended, bench.world.values, len(await bench.of_kind(UndoFailed))) == ("undone", {}, 2)
    assert bench.world.deeds.count(("undone", "memory:a")) == 1


@pytest.mark.parametrize("answer", [Conflict("changed"), Partial("half of it")])
async def test_a_conflict_ends_the_undo_of_the_step_at_once(answer: object) -> None:
    bench = Bench()
    await bench.do(put("a"))
    bench.tools["put"].befall("undo", Rubbish(answer))

    run = await bench.undo()

    assert (run.ended, states(run), bench.tools["put"].calls.count("undo")) == ("partly_undone", {"a": "conflict"}, 1)


async def test_an_undo_that_returns_rubbish_is_tried_again() -> None:
    bench = Bench()
    await bench.do(put("a"))
    bench.tools["put"].befall("undo", Rubbish("ok"))

    assert (await bench.undo()).ended == "undone"


@pytest.mark.parametrize("error", [Permanent("forbidden"), Transient("busy")], ids=["permanent", "too often"])
async def test_an_undo_that_was_given_up_is_tried_again_when_it_is_asked_for_again(error: Exception) -> None:
    bench = Bench()
    await bench.do(put("a"))
    bench.tools["put"].befall("undo", Fail(error), times=1 if isinstance(error, Permanent) else MOST_TRIES)
    run = await bench.undo()
    assert (run.ended, run.reason) == ("partly_undone", "not taken back: a")

    run = await bench.undo()

    assert (run.ended, bench.world.values) == ("undone", {})


async def test_a_conflict_that_was_cleared_is_taken_back_when_it_is_asked_for_again() -> None:
    bench = Bench()
    await bench.do(put("a"))
    bench.tools["put"].befall("undo", Rubbish(Conflict("locked")))
    await bench.undo()

    run = await bench.undo()

    assert (run.ended, bench.world.values) == ("undone", {})


async def test_a_refused_undo_leaves_the_run_as_it_was() -> None:
    bench = Bench()
    await bench.do(put("a"))
    await bench.preview_undo()

    run = await bench.refuse_undo()

    assert (status(run), rest(run), states(run), bench.world.values) == ("done", None, {"a": "verified"}, {"a": 1})


async def test_a_refused_second_undo_does_not_turn_a_conflict_into_a_proof() -> None:
    bench = Bench()
    await bench.do(put("a"))
    bench.world.edit("a", "somebody else's")
    await bench.undo()
    await bench.preview_undo()

    run = await bench.refuse_undo()

    assert (run.ended, states(run)) == ("partly_undone", {"a": "conflict"})


async def test_an_approval_of_another_undo_has_no_force() -> None:
    bench = Bench()
    await bench.do(put("a"))
    await bench.preview_undo()
    await bench.say(UndoApproved(ME, Digest("sha256:other")))

    run = await bench.drive()

    assert (status(run), bench.world.values) == ("waiting", {"a": 1})


async def test_an_undo_is_not_approved_before_it_was_previewed() -> None:
    bench = Bench()
    await bench.do(put("a"))

    with pytest.raises(NotNow, match="no undo of run run1 waits"):
        approve_undo(await bench.run(), ME)


async def test_a_rolled_back_run_that_left_something_can_be_taken_back_later() -> None:
    bench = Bench()
    bench.tools["put2"].befall("apply", Fail(Permanent("forbidden")))
    bench.tools["put"].befall("undo", Fail(Permanent("read-only")))
    run = await bench.do(put("a"), step("b", "memory.put_unkeyed", {"name": "b", "value": 1}, needs=["a"]))
    assert run.ended == "partly_rolled_back"

    run = await bench.undo()

    assert (run.ended, bench.world.values) == ("undone", {})


async def test_an_undone_run_is_done_again_with_new_keys_after_a_new_approval() -> None:
    bench = Bench()
    await bench.do(put("a"))
    await bench.undo()

    run = await bench.redo()
    assert (status(run), bench.world.values, run.generation) == ("waiting", {}, 1)
    run = await bench.approve()

    assert (run.ended, bench.world.values) == ("done", {"a": 1})
    keys = {event.key for event in await bench.of_kind(StepStarted) if isinstance(event, StepStarted)}
    assert len(keys) == 2


async def test_a_redone_run_can_be_undone_and_redone_again() -> None:
    bench = Bench()
    await bench.do(put("a"))
    for _ in range(2):
        await bench.undo()
        await bench.redo()
        await bench.approve()

    assert ((await bench.undo()).ended, bench.world.values, len(await bench.of_kind(StepUndone))) == ("undone", {}, 3)


async def test_a_run_that_was_not_undone_is_not_done_again() -> None:
    bench = Bench()
    await bench.do(put("a"))

    run = await bench.redo()

    assert (run.ended, run.generation, bench.world.deeds) == ("done", 0, (("put", "memory:a"),))


async def test_undo_of_a_run_that_has_not_ended_changes_nothing() -> None:
    bench = Bench()
    await bench.propose(put("a"))

    run = await bench.preview_undo()

    assert (run.undo, status(run)) == ("", "waiting")


async def test_an_approval_for_an_ended_run_is_refused_with_the_reason() -> None:
    bench = Bench()
    await bench.propose(put("a"))
    await bench.refuse()

    with pytest.raises(NotNow, match="has ended"):
        await bench.approve()


async def test_an_undone_step_is_not_undone_twice() -> None:
    bench = Bench()
    await bench.do(put("a"))
    await bench.undo()
    await bench.preview_undo()
    await bench.say(approve_undo(await bench.run(), ME))

    run = await bench.drive()

    assert (run.ended, bench.tools["put"].calls.count("undo")) == ("undone", 1)
    assert StepId("a") in run.steps
