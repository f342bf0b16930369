"""`do` and `undo`: asked, done, verified, taken back; and what was asked is what was shown."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from tests.app.desk import PUT, SEND, Approving, Desk

from doer import Allow, ApprovalRequest, Ask, Deny, Request, RunReport, Step
from doer.domain.errors import NotNow
from doer.domain.event import RunAccepted
from doer.domain.value import Digest
from doer.testing import MemoryWorld, PutTool, scripted_step
from doer.testing.world import Drop

READ = scripted_step("look", "memory.read", {"name": "a"})


async def test_what_was_approved_is_done_and_verified() -> None:
    desk, ask = Desk(), Approving()

    run = await desk.scripted(PUT).do("do it", approve=ask)

    assert (run.status, run.steps[0].state, desk.world.values) == ("done", "verified", {"a": 1})
    assert run.steps[0].arguments == {"name": "a", "value": 1}
    assert ask.kinds == ["plan"]
    assert ask.asked[0].steps == ("put",)
    assert [(each.resource, each.after) for each in ask.asked[0].changes] == [("memory:a", 1)]
    assert ask.asked[0].run.status == "waiting"


async def test_parts_that_are_handed_in_are_the_ones_in_the_record() -> None:
    desk = Desk()

    run = await desk.scripted(PUT, me="ana").do("do it")
    first = (await desk.scripted(PUT).history(run.id))[0]

    assert run.id == "run1"
    assert first.at == desk.clock.now()
    assert isinstance(first.event, RunAccepted)
    assert (first.event.goal.by, first.event.goal.said_at, first.event.seed) == ("ana", desk.clock.now(), 1)


async def test_a_read_runs_without_a_word() -> None:
    desk, ask = Desk(world=MemoryWorld({"a": 7})), Approving()
    app = desk.scripted(READ)

    run = await app.do("do it", approve=ask)

    assert (run.status, ask.asked) == ("done", [])
    assert (await app.fold(run.id)).results == {"look": {"name": "a", "value": 7}}


async def test_an_approver_may_be_asynchronous() -> None:
    desk = Desk()

    async def think(request: ApprovalRequest) -> bool:
        await asyncio.sleep(0)
        return request.kind == "plan"

    assert (await desk.scripted(PUT).do("do it", approve=think)).status == "done"


@pytest.mark.parametrize("word", [False, None, 1, "yes"], ids=repr)
async def test_whatever_is_not_true_is_a_no(word: object) -> None:
    desk = Desk()

    run = await desk.scripted(PUT).do("do it", approve=lambda _: word)  # type: ignore[arg-type, return-value]

    assert (run.status, desk.world.values) == ("refused", {})


async def test_the_approver_of_the_doer_is_asked_where_none_is_given() -> None:
    own, given = Approving(), Approving()

    await Desk().scripted(PUT, approve=own).do("do it")
    await Desk().scripted(PUT, approve=own).do("do it", approve=given)

    assert (own.kinds, given.kinds) == (["plan"], ["plan"])


async def test_what_is_so_already_is_done_and_nobody_is_asked() -> None:
    desk, ask = Desk(), Approving()
    app = desk.scripted(PUT, approve=ask)

    await app.do("do it")
    again = await app.do("do it")

    assert (again.status, again.reason) == ("done", "it is so already: nothing was changed")
    assert (ask.kinds, desk.world.deeds) == (["plan"], (("put", "memory:a"),))
    assert again.undo == "there is nothing to take back"


async def test_what_cannot_be_taken_back_is_asked_by_itself_and_comes_last() -> None:
    desk, ask = Desk(), Approving()

    run = await desk.scripted(SEND, PUT).do("do it", approve=ask)

    assert run.status == "done"
    assert [(request.kind, request.steps) for request in ask.asked] == [("plan", ("put",)), ("irreversible", ("send",))]
    assert desk.world.deeds == (("put", "memory:a"), ("sent", "letter:ana"))
    assert [step.id for step in run.irreversible] == ["send"]
    assert run.undo == "cannot be taken back: send (memory.send)"


async def test_a_no_to_what_cannot_be_taken_back_leaves_the_rest_done_and_the_run_waiting() -> None:
    desk = Desk()
    app = desk.scripted(PUT, SEND)

    run = await app.do("do it", approve=Approving("irreversible"))

    assert (run.status, {step.id: step.state for step in run.steps}) == ("waiting", {"put": "verified", "send": "held"})
    assert desk.world.now.letters == ()
    done = await app.approve(run.id, ["send"])
    assert (done.status, len(desk.world.now.letters)) == ("done", 1)


async def test_a_server_that_drops_the_write_is_never_done() -> None:
    desk = Desk()
    put = PutTool(desk.world)
    put.befall("apply", Drop())
    desk.tools = (put,)
    app = desk.scripted(PUT)

    run = await app.do("do it", approve=Approving())

    assert "apply" in put.calls
    assert (run.status == "done") is (desk.world.values == {"a": 1})
    assert run.status in {"done", "rolled_back"}


async def test_undo_is_shown_asked_and_verified_and_the_work_can_be_done_again() -> None:
    desk, ask = Desk(world=MemoryWorld({"a": 0})), Approving()
    app = desk.scripted(PUT)
    done = await app.do("do it", approve=ask)

    undone = await app.undo(done.id, approve=ask)
    values = desk.world.values
    twice = await app.undo(done.id, approve=ask)
    redone = await app.redo(done.id, approve=ask)

    assert (twice.status, twice.seq) == ("undone", undone.seq)
    assert (undone.status, values) == ("undone", {"a": 0})
    assert ask.kinds == ["plan", "undo", "plan"]
    assert [(each.before, each.after) for each in ask.asked[1].changes] == [(1, 0)]
    assert (redone.status, desk.world.values) == ("done", {"a": 1})
    assert redone.steps[0].key != done.steps[0].key


async def test_undo_on_trial_shows_the_diff_and_leaves_everything() -> None:
    desk = Desk()
    app = desk.scripted(PUT)
    done = await app.do("do it", approve=Approving())

    shown = await app.undo(done.id, dry_run=True)

    assert [(each.before, each.after) for each in shown.undo_changes] == [(1, None)]
    assert ((await app.show(done.id)).status, desk.world.values) == ("done", {"a": 1})


async def test_undo_that_is_refused_leaves_the_run_done() -> None:
    desk = Desk()
    app = desk.scripted(PUT)
    done = await app.do("do it", approve=Approving())

    kept = await app.undo(done.id, approve=Approving("undo"))

    assert (kept.status, desk.world.values) == ("done", {"a": 1})


async def test_undo_never_overwrites_somebody_else() -> None:
    desk = Desk()
    app = desk.scripted(PUT)
    done = await app.do("do it", approve=Approving())
    desk.world.edit("a", 99)

    run = await app.undo(done.id, approve=Approving())

    assert (run.status, run.steps[0].state, desk.world.values) == ("partly_undone", "conflict", {"a": 99})


async def test_only_what_has_ended_and_changed_something_can_be_undone() -> None:
    desk = Desk()
    app = desk.scripted(PUT)
    waiting = await app.do("do it")

    with pytest.raises(NotNow, match=f"run {waiting.id} has not ended: `doer cancel {waiting.id}`"):
        await app.undo(waiting.id)
    refused = await app.refuse(waiting.id)
    with pytest.raises(NotNow, match="changed nothing: there is nothing to take back"):
        await app.undo(refused.id)


class Curfew:
    """A policy of one's own: letters never, records only to `a`, everything else as asked."""

    digest = Digest("sha256:curfew-1")

    def decide(self, request: Request) -> Allow | Ask | Deny:
        if request.manifest.name == "memory.send":
            return Deny("no letters after six")
        return Allow("a is a playground") if request.arguments["name"] == "a" else Ask("not the playground")


@pytest.mark.parametrize(
    ("steps", "status", "values"),
    [
        ((PUT,), "done", {"a": 1}),
        ((scripted_step("put", "memory.put", {"name": "b", "value": 1}),), "waiting", {}),
        ((PUT, SEND), "refused", {}),
    ],
    ids=["allowed", "asked", "denied"],
)
async def test_a_policy_of_ones_own_decides(steps: Sequence[Step], status: str, values: dict[str, int]) -> None:
    desk = Desk()

    run: RunReport = await desk.scripted(*steps, policy=Curfew()).do("do it")

    assert (run.status, desk.world.values, desk.world.now.letters) == (status, values, ())
    assert status != "refused" or "no letters after six" in run.reason


class BrokenPolicy:
    """Rules that cannot be read."""

    digest = Digest("sha256:broken")

    def decide(self, request: Request) -> Allow:
        raise RuntimeError("the rules are on a disk that is gone")


async def test_a_policy_that_fails_is_a_no_whoever_approves() -> None:
    desk = Desk()

    run = await desk.scripted(PUT, policy=BrokenPolicy()).do("do it", approve=Approving())

    assert (run.status, desk.world.values) == ("refused", {})
