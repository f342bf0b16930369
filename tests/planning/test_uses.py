"""Skills over kinds of connections: made for each connection, told apart by its name, replaced by a workspace's own."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.planning.world import Office, goal, text, tool

from doer.domain.action import Manifest
from doer.domain.errors import UsageError
from doer.domain.goal import Question
from doer.domain.plan import Plan
from doer.planning.propose import SkillPlanner
from doer.planning.skills.file import load_skills
from doer.planning.skills.uses import instances, shipped_skills, unmet, workspace_skills

SKILL = """
name = "ring"
description = "Ring a bell"
examples = ["ring the bell at {place}", "ring at {place}", "let the bell ring at {place}"]
covers = ["bell.ring"]
[uses]
bell = "bell"
[slots.place]
[[step]]
id = "ring"
tool = "bell.ring"
arguments = { place = "$place" }
"""


def _bell(name: str) -> Manifest:
    return tool(f"{name}.ring", "Rings", {"place": text()}, ["place"], "ring {place}")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "ring.toml").write_text(SKILL)
    return tmp_path


def test_with_one_connection_the_name_stays_and_the_tools_are_its_own(folder: Path) -> None:
    [skill] = instances(load_skills([folder]), {"tower": "bell"}, ["tower.ring"])

    assert (skill.name, skill.steps[0].tool, skill.covers) == ("ring", "tower.ring", ("tower.ring",))


async def test_with_two_connections_the_sentence_says_which_or_it_is_asked(folder: Path) -> None:
    kinds = {"tower": "bell", "chapel": "bell"}
    tools = tuple(replace(_bell(name), examples=()) for name in kinds)
    skills = tuple(instances(load_skills([folder]), kinds, [each.name for each in tools]))
    planner = SkillPlanner(skills)

    asked = await planner.propose(goal('ring the bell at "noon"'), (), tools, Office())
    said = await planner.propose(goal('ring the chapel bell at "noon"'), (), tools, Office())

    assert [each.name for each in skills] == ["tower.ring", "chapel.ring"]
    assert isinstance(asked, Question)
    assert {each.value for each in asked.options} >= {"tower.ring", "chapel.ring"}
    assert isinstance(said, Plan), said
    assert said.steps[0].tool == "chapel.ring"


def test_a_kind_or_a_tool_that_is_not_there_makes_no_skill(folder: Path) -> None:
    skills = load_skills([folder])

    assert not tuple(instances(skills, {}, []))
    assert not tuple(instances(skills, {"tower": "bell"}, ["tower.polish"]))
    assert [(each.skill.name, each.kinds) for each in unmet(skills, {"crm": "database"})] == [("ring", ("bell",))]


def test_a_workspaces_own_skill_replaces_the_shipped_one(folder: Path) -> None:
    [own] = load_skills([folder])
    own = replace(own, name="move_meeting", uses={}, steps=(replace(own.steps[0], tool="tower.ring"),))
    tools = ["tower.ring", "calendar.find_events", "calendar.move_event"]

    made = [each for each in workspace_skills([own], {"calendar": "calendar"}, tools) if each.name == "move_meeting"]

    assert made == [own]


def test_every_shipped_skill_has_wordings_enough_and_names_its_kinds() -> None:
    for skill in shipped_skills():
        assert len(skill.examples) >= 4, skill.name
        assert Path(skill.source).parent.name in skill.uses.values(), f"{skill.name} lies where nobody looks for it"
    assert len({skill.name for skill in shipped_skills()}) == len(shipped_skills())


@pytest.mark.parametrize(
    ("line", "told"),
    [('where = [{ field = "name" }]', "one test"), ('where = [{ field = "name", like = "a", equals = "b" }]', "one test"),
     ("limit = -1", "limit is a whole number"), ('column = { names = ["a"] }', "needs a called"), ('sort = ["a"]', "unknown key 'sort'")],
)  # fmt: skip
def test_a_mistake_in_a_select_is_told_with_its_file(tmp_path: Path, line: str, told: str) -> None:
    (tmp_path / "ring.toml").write_text(f'{SKILL}[[select]]\nid = "rows"\ntool = "bell.list"\n{line}\n')

    with pytest.raises(UsageError, match=told):
        load_skills([tmp_path])
