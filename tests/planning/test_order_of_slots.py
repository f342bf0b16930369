"""An end that comes before its start is a question."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from doer.domain.action import Manifest
from doer.domain.errors import UsageError
from doer.domain.goal import Answer, Goal, Question
from doer.domain.plan import Plan
from doer.domain.template import Literal
from doer.domain.value import Principal
from doer.planning.propose import SkillPlanner
from doer.planning.skills.file import load_skills
from doer.testing.planner import NothingToRead

SKILL = """
name = "close-office"
description = "Close the office for some days"
examples = ["close the office from {first} to {last}", "close the office {first} until {last}"]
[slots.first]
type = "date"
[slots.last]
type = "date"
not_before = "first"
question = "Which is the last day?"
[[step]]
id = "close"
tool = "office.close"
arguments = { first = "$first", last = "$last" }
"""
CLOSE = Manifest(
    "office.close",
    "Close the office.",
    {
        "type": "object",
        "properties": {"first": {"type": "string"}, "last": {"type": "string"}},
        "required": ["first", "last"],
        "additionalProperties": False,
    },
    "write",
)


async def propose(folder: Path, text: str, *answers: Answer) -> object:
    (folder / "close.toml").write_text(SKILL)
    said_at = datetime(2026, 3, 11, 9, tzinfo=ZoneInfo("Europe/Berlin"))
    goal = Goal(text, Principal("sam"), said_at, "Europe/Berlin")
    return await SkillPlanner(load_skills([folder])).propose(goal, answers, [CLOSE], NothingToRead())


async def test_an_end_before_its_start_is_asked_about_and_the_answer_is_taken(tmp_path: Path) -> None:
    words = "close the office from 15 May 2026 to 4 May 2026"

    asked = await propose(tmp_path, words)
    plan = await propose(tmp_path, words, Answer("last", "24 May 2026"))

    assert asked == Question("last", "2026-05-04 is before 2026-05-15 (first). Which is the last day?")
    assert isinstance(plan, Plan), plan
    assert plan.steps[0].arguments == {"first": Literal("2026-05-15"), "last": Literal("2026-05-24")}


async def test_an_end_on_the_day_of_its_start_is_fine(tmp_path: Path) -> None:
    plan = await propose(tmp_path, "close the office from 15 May 2026 to 15 May 2026")

    assert isinstance(plan, Plan), plan


def test_a_slot_that_is_not_there_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "close.toml").write_text(SKILL.replace('not_before = "first"', 'not_before = "frist"'))

    with pytest.raises(UsageError, match=r"which is no other slot.*first"):
        load_skills([tmp_path])
