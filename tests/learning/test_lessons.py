"""Lessons: only what a person approved and let stand, and only what the sentence itself holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from doer import Doer, tool
from doer.domain.action import Change, Intent, Receipt
from doer.domain.outcome import Undone, Verification, Verified
from doer.domain.plan import Plan
from doer.domain.value import JsonObject, Provenance
from doer.learning.lessons import Lesson, Lessons, gather
from doer.testing import CountingEntropy, ManualClock, MemoryJournal, ScriptedPlanner, scripted_plan, scripted_step


@tool(effect="write", once=True, examples=["leave {recipient} a note that {text}"])
def add_note(recipient: str, text: str) -> None:
    """Leave a note for somebody."""


@add_note.preview
def _(recipient: str, text: str) -> Change:
    return Change(f"note:{recipient}", None, {"text": text})


@add_note.verify
def _(intent: Intent, receipt: Receipt | None = None) -> Verification:
    return Verified(receipt or Receipt(), "there")


@add_note.undo
def _(receipt: Receipt) -> Undone:
    return Undone(evidence="gone")


@tool(effect="read", examples=["what notes does {recipient} have"])
def list_notes(recipient: str) -> list[str]:
    """List the notes of somebody."""
    return []


SAID = "leave Ana a note that lunch is late"


def desk(planner: ScriptedPlanner | None = None, *, approves: bool | None = True) -> Doer:
    clock = ManualClock()
    return Doer(
        tools=[add_note, list_notes], planners=[planner] if planner else None, journal=MemoryJournal(clock), clock=clock,
        entropy=CountingEntropy(), approve=None if approves is None else lambda _: bool(approves), me="sam",
    )  # fmt: skip


async def learnt(app: Doer, tools: Sequence[str] = ("add_note", "list_notes")) -> Lessons:
    runs = [(run, await app.journal.read(run)) for run in await app.journal.runs()]
    manifests: dict[str, JsonObject] = {each.name: each.parameters for each in app.catalog.manifests()}
    return gather(runs, {name: manifests[name] for name in tools})


async def test_an_approved_sentence_that_stands_is_a_lesson_with_the_words_of_its_arguments() -> None:
    app = desk()
    await app.do(SAID)

    (lesson,) = (await learnt(app)).learnt

    assert lesson.right
    assert lesson.gold == (("add_note", {"recipient": "Ana", "text": "lunch is late"}),)
    assert {name: SAID[slice(*span)] for name, span in lesson.calls[0].spans.items()} == {
        "recipient": "Ana", "text": "lunch is late",
    }  # fmt: skip


async def test_a_sentence_said_twice_is_one_lesson() -> None:
    app = desk()
    await app.do(SAID)
    await app.do(SAID)

    assert len((await learnt(app)).learnt) == 1


async def test_what_was_taken_back_teaches_nothing() -> None:
    app = desk()
    run = await app.do(SAID)
    await app.undo(run.id)

    assert await learnt(app) == Lessons((), {"not finished, or taken back": 1})


async def test_what_was_refused_teaches_nothing() -> None:
    app = desk(approves=False)
    await app.do(SAID)

    assert await learnt(app) == Lessons((), {"not finished, or taken back": 1})


async def test_what_only_reads_was_approved_by_nobody() -> None:
    app = desk()
    await app.do("what notes does Ana have")

    assert await learnt(app) == Lessons((), {"approved by nobody": 1})


async def test_a_corrected_plan_is_what_was_not_meant() -> None:
    app = desk(approves=None)
    run = await app.do(SAID)
    await app.correct(run.id, "to Ben instead")

    found = await learnt(app)

    (lesson,) = found.learnt
    assert not lesson.right
    assert lesson.gold == (("add_note", {"recipient": "Ana", "text": "lunch is late"}),)
    assert found.left_out == {"corrected": 1}


@pytest.mark.parametrize("source", ["answer", "skill", "read", "planner", "workspace"])
async def test_values_that_the_sentence_does_not_hold_are_not_learnt(source: str) -> None:
    told = {"recipient": Provenance("words", "Ana", 6, 9), "text": Provenance(source, "?")}  # type: ignore[arg-type]
    step = scripted_step("s1", "add_note", {"recipient": "Ana", "text": "lunch is late"})
    made = Plan((type(step)(step.id, step.tool, step.arguments, provenance=told),), planner="script")
    app = desk(ScriptedPlanner({SAID: made}))
    assert (await app.do(SAID)).status == "done"

    assert await learnt(app) == Lessons((), {"values that the sentence does not hold": 1})


async def test_a_plan_without_provenance_is_not_learnt() -> None:
    app = desk(ScriptedPlanner({SAID: scripted_plan(scripted_step("s1", "add_note", {"recipient": "a", "text": "b"}))}))
    await app.do(SAID)

    assert (await learnt(app)).learnt == ()


async def test_a_tool_that_is_gone_teaches_nothing() -> None:
    app = desk()
    await app.do(SAID)

    assert await learnt(app, ["list_notes"]) == Lessons((), {"a tool that is not here any more": 1})


async def lesson(text: str) -> Lesson:
    app = desk()
    await app.do(f"leave Ana a note that {text}")
    return (await learnt(app)).learnt[0]


async def test_a_sentence_is_always_on_the_same_side_whatever_its_case_and_spaces() -> None:
    one = await lesson("lunch is late")
    again: Callable[[str], Lesson] = lambda text: Lesson(  # noqa: E731
        one.run, type(one.goal)(text, one.goal.by, one.goal.said_at), one.calls, one.right
    )
    assert again(one.goal.text.upper()).held_out == again(f"  {one.goal.text.replace(' ', '  ')}").held_out
    sides = [again(f"leave Ana a note that {number} is late").held_out for number in range(300)]
    assert 60 < sum(sides) < 120, "about three of ten"
