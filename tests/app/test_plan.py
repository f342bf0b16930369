"""`plan`: exactly one of a plan, a question, an abstention; and nothing is changed by it."""

from __future__ import annotations

from datetime import datetime

import pytest
from tests.app.desk import PUT, Desk

from doer import Abstention, Doer, Option, Plan, Question, UsageError, tool
from doer.domain.goal import LONGEST_GOAL
from doer.testing import CountingEntropy, ManualClock, MemoryJournal, scripted_plan, scripted_step


@tool(effect="write", roles={"recipient": "destination"}, once=True, examples=["leave {recipient} a note that {text}"])
def add_note(recipient: str, text: str) -> None:
    """Leave a note for somebody."""


def noting() -> Doer:
    clock = ManualClock()
    return Doer(tools=[add_note], journal=MemoryJournal(clock), clock=clock, entropy=CountingEntropy(), me="sam")


async def test_a_sentence_becomes_a_plan_that_says_where_each_value_came_from() -> None:
    plan = await noting().plan("leave Ana a note that the demo moved to 3pm")

    assert isinstance(plan, Plan)
    [step] = plan.steps
    assert step.tool == "add_note"
    assert {name: each.text for name, each in step.provenance.items()} == {
        "recipient": "Ana", "text": "the demo moved to 3pm",
    }  # fmt: skip
    assert 0 < step.confidence <= 1
    assert step.all_needs == frozenset()
    assert plan.manifests == {"add_note": add_note.manifest.digest}


async def test_a_missing_value_is_a_question_with_its_argument() -> None:
    question = await noting().plan("leave a note that the demo moved to 3pm")

    assert isinstance(question, Question)
    assert question.slot in {"recipient", "text"}
    assert question.text.endswith("?") or "?" in question.text


async def test_what_nothing_here_can_do_is_an_abstention() -> None:
    answer = await noting().plan("order twelve pizzas")

    assert isinstance(answer, Abstention)
    assert answer.reason


async def test_without_tools_every_goal_is_an_abstention() -> None:
    answer = await Desk(tools=()).doer([]).plan("do it")

    assert answer == Abstention("there is no planner")


async def test_planning_changes_nothing_and_its_run_can_be_approved_later() -> None:
    desk = Desk()
    app = desk.scripted(PUT)

    plan = await app.plan("do it")
    [name] = await desk.journal.runs()
    report = await app.show(name)

    assert plan == report.plan
    assert (report.status, desk.world.values) == ("planned", {})
    assert [(change.resource, change.before, change.after) for change in report.changes] == [("memory:a", None, 1)]
    assert (await app.approve(name)).status == "done"
    assert desk.world.values == {"a": 1}


async def test_a_dry_run_stops_after_the_preview_whoever_would_approve() -> None:
    desk = Desk()

    run = await desk.scripted(PUT).do("do it", approve=lambda _: True, dry_run=True)

    assert (run.status, run.changes[0].after, desk.world.values) == ("planned", 1, {})


async def test_a_plan_that_breaks_the_rules_is_an_abstention_that_names_the_breach() -> None:
    wrong = scripted_step("put", "memory.putt", {"name": "a", "value": 1})

    answer = await Desk().scripted(wrong).plan("do it")

    assert isinstance(answer, Abstention)
    assert "memory.putt" in answer.reason


async def test_a_plan_whose_change_cannot_be_foreseen_is_an_abstention_with_the_reason() -> None:
    desk = Desk()
    app = desk.saying({"do it": scripted_plan(scripted_step("take", "memory.remove", {"name": "a"}))})

    answer = await app.plan("do it")

    assert isinstance(answer, Abstention)
    assert "memory.remove" in answer.reason


async def test_earlier_turns_reach_the_planner() -> None:
    desk = Desk()
    heard: list[tuple[str, ...]] = []

    async def listen(goal: object, answers: object, reader: object) -> Question:
        heard.append(getattr(goal, "context", ()))
        return Question("who", "Who?", (Option("Ana", "ana"),))

    await desk.saying({"do it": listen}).plan("do it", context=["it is about Ana", "be quick"])

    assert heard == [("it is about Ana", "be quick")]


@pytest.mark.parametrize("text", ["", "  \n\t"], ids=["empty", "blank"])
async def test_an_empty_goal_is_refused_and_leaves_no_run(text: str) -> None:
    desk = Desk()

    with pytest.raises(UsageError, match="the goal is empty: say in words what should be done"):
        await desk.scripted(PUT).do(text)
    assert await desk.journal.runs() == []


async def test_a_goal_of_a_megabyte_is_refused_with_what_to_do_instead() -> None:
    desk = Desk()

    with pytest.raises(
        UsageError, match=rf"1,000,000 characters; {LONGEST_GOAL:,} is the most: put long material into"
    ):
        await desk.scripted(PUT).plan("x" * 1_000_000)
    assert await desk.journal.runs() == []


async def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(UsageError, match="not valid Unicode"):
        await Desk().scripted(PUT).plan("do \udcff it")


async def test_an_unknown_time_zone_is_refused() -> None:
    clock = ManualClock()
    app = Doer(journal=MemoryJournal(clock), clock=clock, timezone="Mars/Olympus")

    with pytest.raises(UsageError, match="unknown time zone 'Mars/Olympus': use an IANA name"):
        await app.plan("do it")


class NaiveClock(ManualClock):
    """A clock that forgot its zone."""

    def now(self) -> datetime:
        return super().now().replace(tzinfo=None)


async def test_a_clock_without_a_zone_is_refused() -> None:
    app = Doer(journal=MemoryJournal(ManualClock()), clock=NaiveClock())

    with pytest.raises(UsageError, match="naive times are refused"):
        await app.plan("do it")
