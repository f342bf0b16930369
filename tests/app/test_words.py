"""A person's word, from any process: approve, answer, refuse, cancel; and resume, which drives what waits for nobody."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from examples.note import note_tool
from tests.app.desk import PUT, SEND, Approving, Desk

from doer import Answer, Doer, Goal, Option, Plan, Question, Reader, SystemClock, UsageError, open_journal
from doer.domain.errors import NotNow, OutcomeUnknown, UnknownRun
from doer.domain.value import RunId
from doer.testing import PutTool, scripted_plan, scripted_step
from doer.testing.world import Fail

WHO = Question("who", "Who is meant?", (Option("Ana Lima, web", "ana1"), Option("Ana Roth, data", "ana2")))


async def said(goal: Goal, answers: Sequence[Answer], reader: Reader) -> Plan:
    """A plan that writes down the answer as it came: its words, or the value of the option."""
    return scripted_plan(
        scripted_step("put", "memory.put", {"name": "who", "value": answers[-1].value or answers[-1].text})
    )


async def test_without_an_approver_a_run_waits_and_changes_nothing() -> None:
    desk = Desk()

    run = await desk.scripted(PUT).do("do it")

    assert (run.status, run.reason, desk.world.values) == ("waiting", "1 step to be approved", {})


async def test_another_doer_at_the_same_journal_approves_and_carries_on() -> None:
    desk = Desk()
    run = await desk.scripted(PUT).do("do it")

    done = await desk.scripted(PUT, me="boss").approve(run.id)

    assert (done.status, desk.world.values) == ("done", {"a": 1})


async def test_another_process_on_the_same_folder_approves_and_undoes(tmp_path: Path) -> None:
    async with Doer(tools=[note_tool(tmp_path / "notes.db")], folder=tmp_path) as app:
        waiting = await app.do("leave Ana a note that the demo moved to 3pm")
    async with Doer(tools=[note_tool(tmp_path / "notes.db")], folder=tmp_path) as app:
        done = await app.approve(waiting.id)
        undone = await app.undo(waiting.id, approve=lambda _: True)

    assert [run.status for run in (waiting, done, undone)] == ["waiting", "done", "undone"]


async def test_what_was_looked_at_is_what_is_approved() -> None:
    desk = Desk()
    app = desk.scripted(PUT, SEND)
    shown = await app.do("do it")
    await app.approve(shown.id)

    with pytest.raises(NotNow, match="has moved on since it was shown"):
        await app.approve(shown.id, ["send"], seen=shown.seq)
    assert desk.world.now.letters == ()


async def test_approving_the_plan_does_not_approve_what_must_be_named() -> None:
    desk = Desk()
    app = desk.scripted(SEND)
    run = await app.do("do it")

    with pytest.raises(NotNow, match="must be approved by name: send"):
        await app.approve(run.id)
    with pytest.raises(NotNow, match="post of run run1 waits for no approval; waiting: send"):
        await app.approve(run.id, ["post"])
    assert (await app.approve(run.id, ["send"])).status == "done"


@pytest.mark.parametrize(
    ("answer", "value"),
    [("2", "ana2"), ("ana lima, WEB", "ana1"), (" Ana Roth, data ", "ana2"), ("Ana Cruz", "Ana Cruz"), ("3", "3")],
    ids=["number", "any case", "with spaces", "own words", "no such number"],
)
async def test_a_question_is_answered_by_number_by_option_or_in_words(answer: str, value: str) -> None:
    desk = Desk()
    app = desk.saying({"do it": [WHO, said]})
    asked = await app.do("do it")

    run = await app.answer(asked.id, answer)

    assert (asked.status, asked.question) == ("needs_answer", WHO)
    assert (run.status, run.changes[0].after) == ("waiting", value)


async def test_an_empty_answer_and_an_answer_to_nothing_are_refused() -> None:
    desk = Desk()
    app = desk.saying({"do it": [WHO, said]})
    asked = await app.do("do it")

    with pytest.raises(NotNow, match="the answer is empty"):
        await app.answer(asked.id, "  ")
    waiting = await app.answer(asked.id, "1")
    with pytest.raises(NotNow, match=f"run {waiting.id} has asked nothing"):
        await app.answer(waiting.id, "1")


async def unsure(desk: Desk) -> tuple[Doer, RunId]:
    """A run whose only step may or may not have happened, on a system that keeps no keys."""
    put = PutTool(desk.world, "memory.put", once=False)
    put.befall("apply", Fail(OutcomeUnknown("the line went dead"), after=False))
    desk.tools = (put,)
    app = desk.scripted(PUT)
    run = await app.do("do it", approve=Approving())
    assert (run.status, run.steps[0].state) == ("waiting", "unknown")
    return app, run.id


@pytest.mark.parametrize(
    ("answer", "status", "values"),
    [("2", "done", {"a": 1}), ("not done", "done", {"a": 1}), ("3", "partly_rolled_back", {})],
    ids=["number", "words", "give up"],
)
async def test_a_lost_outcome_is_settled_by_a_person(answer: str, status: str, values: dict[str, int]) -> None:
    desk = Desk()
    app, name = await unsure(desk)

    run = await app.answer(name, answer)

    assert (run.status, desk.world.values) == (status, values)


async def test_a_lost_outcome_is_not_settled_by_anything_else() -> None:
    desk = Desk()
    app, name = await unsure(desk)

    with pytest.raises(NotNow, match=r"was put done\? Answer: 1 \(it is done\), 2 \(it is not done: do it\), 3"):
        await app.answer(name, "perhaps")
    assert desk.world.deeds == ()


async def test_a_refused_run_changes_nothing_and_says_why() -> None:
    desk = Desk()
    app = desk.scripted(PUT)
    run = await app.do("do it")

    refused = await app.refuse(run.id, "not today")

    assert (refused.status, refused.reason, desk.world.values) == ("refused", "not today", {})
    with pytest.raises(NotNow, match="has ended"):
        await app.approve(run.id)
    with pytest.raises(NotNow, match="has ended \\(refused\\)"):
        await app.refuse(run.id)


async def test_a_run_that_is_cancelled_half_way_takes_back_what_it_did() -> None:
    desk = Desk()
    app = desk.scripted(PUT, SEND)
    run = await app.do("do it", approve=Approving("irreversible"))
    assert desk.world.values == {"a": 1}

    cancelled = await app.cancel(run.id)

    assert (cancelled.status, cancelled.steps[0].state) == ("rolled_back", "undone")
    assert (desk.world.values, desk.world.now.letters) == ({}, ())
    with pytest.raises(NotNow, match="has ended"):
        await app.cancel(run.id)


async def test_resume_drives_what_waits_for_nobody_and_only_that() -> None:
    desk = Desk()
    app = desk.scripted(PUT)
    waiting = await app.do("do it")
    recorded = await app.accept("do it")

    first, second = await app.resume(), await app.resume()

    assert [(run.id, run.status) for run in first] == [(recorded, "waiting")]
    assert second == []
    assert (await app.show(waiting.id)).status == "waiting"


async def test_resume_can_be_told_one_run() -> None:
    desk = Desk()
    app = desk.scripted(PUT)
    one, other = await app.accept("do it"), await app.accept("do it")

    assert [run.id for run in await app.resume(other)] == [other]
    assert (await app.show(one)).status == "running"


@pytest.mark.parametrize("verb", ["approve", "refuse", "cancel", "undo", "show", "history", "fold", "resume"])
async def test_an_unknown_run_is_said_to_be_unknown(verb: str) -> None:
    app = Desk().scripted(PUT)

    with pytest.raises(UnknownRun, match="there is no run nope: `doer runs` lists those that are"):
        await getattr(app, verb)(RunId("nope"))


async def test_an_answer_to_an_unknown_run_is_said_to_be_unknown() -> None:
    with pytest.raises(UnknownRun):
        await Desk().scripted(PUT).answer(RunId("nope"), "1")


async def test_a_name_that_is_taken_is_not_taken_twice() -> None:
    desk, elsewhere = Desk(), Desk()
    name = await elsewhere.scripted(PUT).accept("do it")
    await desk.journal.append(name, 0, [(await elsewhere.journal.read(name))[0].event])

    assert (name, await desk.scripted(PUT).accept("do it")) == ("run1", "run2")


async def test_leaving_the_context_closes_the_embedded_journal(tmp_path: Path) -> None:
    closed: list[str] = []
    async with Doer(folder=tmp_path, closing=[lambda: closed.append("mine")]) as app:
        run = await app.do("do it")
        assert closed == []

    assert closed == ["mine"]
    assert run.status == "abstained"
    with open_journal(tmp_path / ".doer", SystemClock()) as journal:
        assert list(await journal.runs()) == [run.id]


async def test_a_journal_that_was_handed_in_is_left_open(tmp_path: Path) -> None:
    clock = SystemClock()
    with open_journal(tmp_path / ".doer", clock) as journal:
        async with Doer(journal=journal, clock=clock) as app:
            run = await app.do("do it")
        assert list(await journal.runs()) == [run.id]


class Closing(PutTool):
    """A tool that holds something."""

    closed = 0

    async def close(self) -> None:
        self.closed += 1


async def test_tools_that_hold_something_are_closed() -> None:
    desk = Desk()
    put = Closing(desk.world)
    desk.tools = (put,)

    async with desk.scripted(PUT):
        assert put.closed == 0
    assert put.closed == 1


def test_the_synchronous_door_plans_does_and_undoes(tmp_path: Path) -> None:
    sentence = "leave Ana a note that the demo moved to 3pm"

    with Doer(tools=[note_tool(tmp_path / "notes.db")], folder=tmp_path) as app:
        plan = app.plan_sync(sentence)
        dry = app.do_sync(sentence, dry_run=True)
        waiting = app.do_sync(sentence)
        done = app.approve_sync(waiting.id)
        undone = app.undo_sync(done.id, approve=lambda _: True)
        asked = app.do_sync("leave a note that the demo moved to 3pm")
        answered = app.answer_sync(asked.id, "Ana")

    assert isinstance(plan, Plan)
    statuses = [run.status for run in (dry, waiting, done, undone, asked)]
    assert statuses == ["planned", "waiting", "done", "undone", "needs_answer"]
    assert answered.status in {"waiting", "needs_answer"}
    assert answered.question != asked.question


async def test_the_synchronous_door_is_closed_inside_an_event_loop() -> None:
    with pytest.raises(UsageError, match="an event loop is running here: use the asynchronous method"):
        Desk().scripted(PUT).do_sync("do it")
