"""The manual tells the truth: what it says of tools, words and files is held against the code."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

from doer import Tool, calendar_tools, database_tools, directory_tools, file_tools, load_skills, mail_tools
from doer.connectors.tools.mail import MaildirMailbox
from doer.domain.event import Status
from doer.domain.plan import Comparison
from doer.domain.transform import transforms
from doer.planning.slots import TYPES
from doer.testing import ManualClock, MemoryJournal

DOCS = Path(__file__).parents[2] / "docs"


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def shipped(folder: Path, once: str | None) -> dict[str, Tool]:
    tools = [
        *file_tools(folder, MemoryJournal(ManualClock()), namespace="files"),
        *database_tools("database", "sqlite:////nowhere.db", once=once, writable=["*"]),
        *calendar_tools("calendar", "http://localhost", calendar="work"),
        *directory_tools("directory", "http://localhost"),
        *mail_tools("mail", "smtp://localhost", sender="a@acme.example", mailbox=MaildirMailbox(folder)),
    ]
    return {tool.manifest.name: tool for tool in tools}


def said_of_tools() -> dict[str, tuple[str, str]]:
    rows = re.findall(r"^\| `(\w+\.\w+)` \| (.+?) \| (yes|no) \|", page("tools.md"), re.MULTILINE)
    return {name: (second_try, undo) for name, second_try, undo in rows}


def test_the_table_of_shipped_tools_names_each_and_says_how_it_is_taken_back(tmp_path: Path) -> None:
    manifests = {name: tool.manifest for name, tool in shipped(tmp_path, "operations-table").items()}
    writing = {name: each for name, each in manifests.items() if each.effect != "read"}

    assert {name: undo for name, (_, undo) in said_of_tools().items()} == {
        name: "yes" if "undo" in each.verbs and each.effect == "write" else "no" for name, each in writing.items()
    }
    for name in manifests.keys() - writing.keys():
        assert f"`{name}`" in page("tools.md")


@pytest.mark.parametrize(
    ("once", "wanted"),
    [
        ("operations-table", {"once", "once with `once=`, else at most once", "once with `operations-table`, else at most once"}),
        ("unique:ref", {"once", "once with `once=`, else at most once"}),
        (None, {"once"}),
    ],
    ids=["operations table", "unique column", "nothing"],
)  # fmt: skip
def test_the_table_of_shipped_tools_says_where_a_second_try_is_safe(
    once: str | None, wanted: set[str], tmp_path: Path
) -> None:
    manifests = {name: tool.manifest for name, tool in shipped(tmp_path, once).items()}

    said = {name: second_try in wanted for name, (second_try, _) in said_of_tools().items()}

    assert said == {name: manifests[name].once for name in said}


def test_every_status_is_told() -> None:
    told = set(re.findall(r"`(\w+)`", " ".join(re.findall(r"^\| (`.+?) \|", page("python.md"), re.MULTILINE))))

    assert set(get_args(Status)) <= told


@pytest.mark.parametrize(
    "words", [TYPES, tuple(transforms()), get_args(Comparison)], ids=["slots", "transforms", "guards"]
)
def test_the_page_on_skills_names_every_word_of_the_file_format(words: tuple[str, ...]) -> None:
    assert [word for word in words if f"`{word}`" not in page("skills.md")] == []


def test_the_pieces_of_skill_files_on_the_page_are_read_as_one_skill(tmp_path: Path) -> None:
    pieces = re.findall(r"```toml\n(.*?)```", page("skills.md"), re.DOTALL)
    head = (
        'name = "all"\ndescription = "All of the page."\nexamples = ["do all for {name}, {role}, {manager} {start}"]\n'
        '[slots.name]\ntype = "person"\n[slots.role]\n[slots.manager]\ntype = "person"\n'
        '[[step]]\nid = "account"\ntool = "directory.create_user"\narguments = { user_name = "$name" }\n'
    )
    (tmp_path / "all.toml").write_text(head + "\n".join(pieces), encoding="utf-8")

    [skill] = load_skills([tmp_path])

    assert [select.id for select in skill.selects] == ["boss"]
    assert [step.id for step in skill.steps] == ["account", "group", "tell"]
    assert skill.slot("start") is not None
    assert replace(skill, source="").tables["roles"]


def test_every_example_is_on_a_page() -> None:
    pages = "\n".join(path.read_text(encoding="utf-8") for path in DOCS.glob("*.md"))
    examples = DOCS.parent / "examples"

    for path in examples.rglob("*.py"):
        if path.name == "own_scenario.py":
            continue  # the page on faults is about it, and says so in its own words
        assert f"examples/{path.relative_to(examples)}" in pages
