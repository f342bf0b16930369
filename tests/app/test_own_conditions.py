"""Conditions over rows and figures that a user's own reads tell: read while planning, and said in the plan; what is not plain is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Literal

import pytest

from doer import Abstention, Doer, Plan, Question, tool
from doer.domain.event import SelectionRead
from doer.domain.template import to_json
from doer.testing import EagerClock, MemoryJournal
from doer.testing.scorer import ScriptedScorer

SAID_AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)  # a Tuesday
PEOPLE = [("Ivo Lang", "ivo@farm.example"), ("Tess Moor", "tess@farm.example"), ("Tess Hill", "hill@farm.example")]
CHORES = [
    {"chore_id": "c1", "title": "Shear the ewes", "helper": "ivo@farm.example", "status": "to_do", "due_day": "2026-11-23"},
    {"chore_id": "c2", "title": "Mend the gate", "helper": "ivo@farm.example", "status": "done", "due_day": "2026-11-26"},
    {"chore_id": "c3", "title": "Ring Ivo", "helper": "tess@farm.example", "status": "in_progress", "due_day": "2026-11-27"},
    {"chore_id": "c4", "title": "Stack hay", "helper": "ivo@farm.example", "status": "to_do", "due_day": "2026-11-25"},
]  # fmt: skip
LETTERS = [
    {"letter_id": "l1", "sender": "Mill Bank", "subject": "Rates", "received_at": "2026-11-10T08:00:00"},
    {"letter_id": "l2", "sender": "Ivo Lang", "subject": "Mill Bank called", "received_at": "2026-11-18T08:00:00"},
]
EGGS = {f"2026-11-{day}": number for day, number in zip(range(16, 24), (40, 41, 39, 55, 44, 42, 40, 12), strict=True)}


@dataclass
class Farm:
    """Chores, letters and figures; `asked` keeps what was read."""

    asked: list[str] = field(default_factory=list)

    def tools(self) -> tuple[Any, ...]:
        @tool(effect="read")
        def search_chores(
            title: str = "", status: Literal["to_do", "in_progress", "done"] | None = None, due_from: date | None = None, due_to: date | None = None
        ) -> list[dict[str, Any]]:  # fmt: skip
            """Search the chores."""
            self.asked.append("search_chores")
            return [
                each for each in CHORES
                if title.lower() in each["title"].lower() and status in (None, each["status"])
                and (not due_from or each["due_day"] >= str(due_from)) and (not due_to or each["due_day"] <= str(due_to))
            ]  # fmt: skip

        @tool(effect="read")
        def search_letters(
            words: str = "", after: date | None = None, before: date | None = None
        ) -> list[dict[str, Any]]:
            """Search my letters."""
            self.asked.append("search_letters")
            return [
                each for each in LETTERS
                if words.lower() in str(each).lower()
                and (not after or each["received_at"][:10] >= str(after)) and (not before or each["received_at"][:10] <= str(before))
            ]  # fmt: skip

        @tool(effect="read")
        def count_eggs(from_day: date | None = None, to_day: date | None = None) -> dict[str, int]:
            """Count the eggs, by day."""
            self.asked.append("count_eggs")
            return {
                day: each for day, each in EGGS.items()
                if (not from_day or day >= str(from_day)) and (not to_day or day <= str(to_day))
            }  # fmt: skip

        @tool(effect="read")
        def phone_book(name: str) -> str:
            """The e-mail address of a person."""
            return ", ".join(address for known, address in PEOPLE if name.lower() in known.lower())

        @tool(effect="write")
        def order_feed(sacks: int) -> None:
            """Order feed."""

        @tool(effect="write")
        def drop_chore(chore_id: str) -> None:
            """Drop a chore."""

        @tool(effect="write")
        def draw_chart(from_day: date, to_day: date) -> None:
            """Draw a chart of the eggs."""

        @tool(effect="write")
        def plan_fair(day: date) -> None:
            """Plan a fair."""

        return search_chores, search_letters, count_eggs, phone_book, order_feed, drop_chore, draw_chart, plan_fair


FEED: Mapping[str, Mapping[str, str | Sequence[str]]] = {"order_feed": {"sacks": "6"}}


def doer(farm: Farm, wanted: Mapping[str, Mapping[str, str | Sequence[str]]], **more: Any) -> Doer:
    clock = EagerClock(SAID_AT)
    more.setdefault("journal", MemoryJournal(clock))
    return Doer(tools=farm.tools(), action_model=ScriptedScorer(wanted, sure=0.99), clock=clock, me="sam", **more)


@pytest.mark.parametrize(
    "said",
    [
        "If there was nothing from Mill Bank in my letters last week, order 6 sacks of feed",
        "If there was a letter from Ivo last week, order 6 sacks of feed",
        "If Ivo has at least two open chores, order 6 sacks of feed",
        "If there are fewer than 2 overdue chores, order 6 sacks of feed",
        "If 'Mend the gate' is done, order 6 sacks of feed",
        "If 'Shear the ewes' is still not done, order 6 sacks of feed",
        "If 'Stack hay' is due this week, order 6 sacks of feed",
        "If there were more than 50 eggs on 19 November, order 6 sacks of feed",
        "If there were more than 300 eggs last week, order 6 sacks of feed",
        "Order 6 sacks of feed if there were more than 50 eggs on any day last week",
        "Order 6 sacks of feed unless 'Ring Ivo' is done",
        "If Ivo has more than five chores, drop 'Stack hay', otherwise order 6 sacks of feed",
    ],
)
async def test_a_condition_that_own_reads_tell_and_that_holds_is_planned_with_what_was_read(said: str) -> None:
    plan = await doer(Farm(), FEED).plan(said)
    assert isinstance(plan, Plan), plan
    assert [(each.tool, to_json(each.arguments["sacks"])) for each in plan.steps] == [("order_feed", 6)]
    assert "(now: " in plan.steps[0].why
    assert any(name in plan.steps[0].why for name in ("search_", "count_eggs"))


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("If there is no open chore, order 6 sacks of feed", "search_chores told of 3 that agree with open"),
        ("If there was nothing from Ivo in my letters last week, order 6 sacks of feed", "told of 1"),
        ("If Ivo has more than two open chores, order 6 sacks of feed", "told of 2"),
        ("If 'Mend the gate' is not done, order 6 sacks of feed", "status done"),
        ("If there were more than 60 eggs on any day last week, order 6 sacks of feed", "2026-11-19: 55"),
        ("Order 6 sacks of feed unless 'Mend the gate' is done", "status done"),
    ],
)
async def test_what_does_not_hold_is_said_with_what_was_read_and_nothing_is_done(said: str, told: str) -> None:
    proposal = await doer(Farm(), FEED).plan(said)
    assert isinstance(proposal, Abstention), proposal
    assert proposal.reason.startswith("nothing is to be done")
    assert told in proposal.reason


@pytest.mark.parametrize(
    "said",
    [
        "If there is no purple chore, order 6 sacks of feed",
        "If I have no chore this week, order 6 sacks of feed",
        "If Tess has no open chore, order 6 sacks of feed",
        "If 'Mend the roof' is done, order 6 sacks of feed",
        "If 'Mend the gate' is archived, order 6 sacks of feed",
        "If there were more than 50 eggs this week, order 6 sacks of feed",
        "If there is a letter to Ivo, order 6 sacks of feed",
        "If there is a chore in Bergen, order 6 sacks of feed",
        "If it rains, order 6 sacks of feed",
        "If there was a letter last week, order 6 sacks of feed. Drop 'Stack hay'",
    ],
)
async def test_what_reads_do_not_tell_plainly_is_asked_as_before(said: str) -> None:
    proposal = await doer(Farm(), FEED).plan(said)
    assert isinstance(proposal, Question), proposal
    assert proposal.slot.startswith("if")


async def test_it_is_the_row_that_the_rest_of_the_sentence_means() -> None:
    app = doer(Farm(), {"drop_chore": {}})
    plan = await app.plan("Drop the chore 'Stack hay' if it is due this week")
    assert isinstance(plan, Plan), plan
    assert to_json(plan.steps[0].arguments["chore_id"]) == "c4"
    assert "due_day 2026-11-25" in plan.steps[0].why
    done = await app.plan("Drop the chore 'Stack hay' if it is done")
    assert isinstance(done, Abstention)
    assert "status to_do" in done.reason


async def test_the_reads_of_a_condition_are_on_record() -> None:
    farm = Farm()
    app = doer(farm, FEED)
    await app.plan("If there are fewer than 2 overdue chores, order 6 sacks of feed")
    run = (await app.journal.runs())[0]
    events = [each.event for each in await app.journal.read(run)]
    assert {each.tool for each in events if isinstance(each, SelectionRead)} == {"search_chores"} == set(farm.asked)


async def test_days_that_have_just_been_are_meant_by_what_looks_back() -> None:
    wanted = {"draw_chart": {"from_day": "2", "to_day": "8 November"}}
    plan = await doer(Farm(), wanted).plan("Draw a chart of the eggs from 2 to 8 November")
    assert isinstance(plan, Plan), plan
    assert {name: to_json(each) for name, each in plan.steps[0].arguments.items()} == {
        "from_day": "2026-11-02",
        "to_day": "2026-11-08",
    }
    assert plan.steps[0].provenance["to_day"].text == "8 November"


async def test_days_that_have_just_been_are_not_taken_for_granted_where_something_new_is_made() -> None:
    proposal = await doer(Farm(), {"plan_fair": {"day": "8 November"}}).plan("Plan a fair on 8 November")
    assert not isinstance(proposal, Plan), proposal
