"""Where each argument came from, down to the parts of a loop's item."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from doer.domain.action import Manifest
from doer.domain.goal import Goal
from doer.domain.plan import Plan
from doer.domain.value import Principal
from doer.planning.propose import SkillPlanner
from doer.planning.skills.file import load_skills
from doer.testing.planner import NothingToRead

SKILL = """
name = "prepare-talks"
description = "Put the talks of a visitor on the calendar"
examples = ["prepare the talks of {visitor} on {day}", "set up talks for {visitor} on {day}"]
[slots.visitor]
type = "person"
[slots.day]
type = "date"
[values]
talks = [{ title = "Hello {visitor}", day = "$day", room = "Babbage" }, { title = "Bye", day = "$day", room = "Ada" }]
[[step]]
id = "talk"
tool = "calendar.book"
for_each = "$talks"
as = "talk_item"
arguments = { title = "$talk_item.title", day = "$talk_item.day", room = "$talk_item.room" }
"""
BOOK = Manifest(
    "calendar.book",
    "Book a talk.",
    {
        "type": "object",
        "properties": {name: {"type": "string"} for name in ("title", "day", "room")},
        "required": ["title", "day", "room"],
        "additionalProperties": False,
    },
    "write",
)


async def test_each_part_of_a_loops_item_says_where_it_came_from(tmp_path: Path) -> None:
    (tmp_path / "talks.toml").write_text(SKILL)
    said_at = datetime(2026, 3, 11, 9, tzinfo=ZoneInfo("Europe/Berlin"))
    goal = Goal("prepare the talks of Ada Lovelace on 3 April 2026", Principal("sam"), said_at, "Europe/Berlin")

    plan = await SkillPlanner(load_skills([tmp_path])).propose(goal, (), [BOOK], NothingToRead())

    assert isinstance(plan, Plan), plan
    told = [{name: (each.source, each.text) for name, each in step.provenance.items()} for step in plan.steps]
    assert told == [
        {"title": ("words", "Ada Lovelace"), "day": ("words", "3 April 2026"), "room": ("skill", "prepare-talks")},
        {"title": ("skill", "prepare-talks"), "day": ("words", "3 April 2026"), "room": ("skill", "prepare-talks")},
    ]
