"""A list of choices takes all that are said; one that was said is never left out in silence. And who has no name is not made one."""

from pathlib import Path

import pytest
from tests.planning.world import goal

from doer.domain.action import Manifest
from doer.domain.goal import Question
from doer.domain.plan import Plan
from doer.domain.template import resolve_all
from doer.planning.propose import SkillPlanner
from doer.planning.skills.file import load_skills
from doer.testing.planner import NothingToRead

SKILL = """
name = "pack_box"
description = "Pack a box for somebody"
examples = ["pack a box for {who}", "pack a box for {who} with {things}"]

[slots.who]
type = "person"
question = "For whom?"

[slots.things]
type = "list of choice"
question = "What goes in?"
required = false
[slots.things.choices]
books = ["book"]
toys = ["toy"]
records = ["vinyl"]

[[step]]
id = "box"
tool = "store.pack"
arguments = { who = "$who", things = "$things" }
"""
TOOL = Manifest("store.pack", "Packs a box", {"type": "object", "properties": {"who": {}, "things": {}}}, "write")


@pytest.fixture
def planner(tmp_path: Path) -> SkillPlanner:
    (tmp_path / "pack_box.toml").write_text(SKILL)
    return SkillPlanner(load_skills([tmp_path]))


@pytest.mark.parametrize(
    ("said", "things"),
    [
        ("Pack a box for Hugo Steen with books", ["books"]),
        ("Pack a box for Hugo Steen with books and toys", ["books", "toys"]),
        ("Pack a box for Hugo Steen with vinyl, toys & some books", ["records", "toys", "books"]),
    ],
)
async def test_all_that_are_said_are_taken_in_their_order(planner: SkillPlanner, said: str, things: list[str]) -> None:
    plan = await planner.propose(goal(said), answers=(), tools=[TOOL], reader=NothingToRead())
    assert isinstance(plan, Plan)
    assert resolve_all(plan.steps[0].arguments, {})["things"] == things


@pytest.mark.parametrize("said", ["with books or toys", "with books. Toys too.", "with books instead of toys"])
async def test_what_is_no_plain_list_is_asked_about(planner: SkillPlanner, said: str) -> None:
    asked = await planner.propose(
        goal(f"Pack a box for Hugo Steen {said}"), answers=(), tools=[TOOL], reader=NothingToRead()
    )
    assert isinstance(asked, Question)


@pytest.mark.parametrize("who", ["my neighbour", "our caretaker", "a friend", "the tenant"])
async def test_whoever_has_no_name_is_nobodys_guess(planner: SkillPlanner, who: str) -> None:
    came = await planner.propose(goal(f"Pack a box for {who}"), answers=(), tools=[TOOL], reader=NothingToRead())
    assert not isinstance(came, Plan)
