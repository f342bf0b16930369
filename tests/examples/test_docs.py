"""The manual tells the truth: what it says of tools, words and files is held against the code."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

from doer import Tool, calendar_tools, database_tools, directory_tools, file_tools, load_skills, mail_tools
from doer.connectors.tools.archive import archive_tools
from doer.connectors.tools.git import git_tools
from doer.connectors.tools.http import http_tools
from doer.connectors.tools.mail import MaildirMailbox
from doer.connectors.tools.mailbox import mailbox_tools
from doer.connectors.tools.reminders import reminder_tools
from doer.connectors.tools.tables import table_tools
from doer.domain.event import Status
from doer.domain.plan import Comparison
from doer.domain.transform import transforms
from doer.planning.skills.slots import TYPES
from doer.testing import ManualClock, MemoryJournal

DOCS = Path(__file__).parents[2] / "docs"


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def shipped(folder: Path, once: str | None, recreatable: tuple[str, ...] = ()) -> dict[str, Tool]:
    kept = MemoryJournal(ManualClock())
    over_http = None if once is None else "idempotency-key"
    tools = [
        *file_tools(folder, kept, namespace="files"),
        *table_tools(folder, kept, (), "files"),
        *archive_tools(folder, kept, (), "files"),
        *reminder_tools("reminders", folder, "UTC"),
        *database_tools("database", "sqlite:////nowhere.db", once=once, writable=["*"]),
        *calendar_tools("calendar", "http://localhost", calendar="work"),
        *directory_tools("directory", "http://localhost"),
        *mail_tools("mail", "smtp://localhost", sender="a@acme.example", mailbox=MaildirMailbox(folder)),
        *mailbox_tools(
            "mail", "imap://localhost", username="a", password=lambda: "", smtp_url="smtp://localhost", sender="a@acme.example"
        ),
        *http_tools("http", "http://localhost", writable=["*"], once=over_http, recreatable=recreatable),
        *git_tools("git", folder, push=["*"]),
    ]  # fmt: skip
    return {tool.manifest.name: tool for tool in tools}


def said_of_tools() -> dict[str, tuple[str, str]]:
    rows = re.findall(r"^\| `(\w+\.\w+)` \| (.+?) \| ((?:yes|no|only)[^|]*?) \|", page("tools.md"), re.MULTILINE)
    return {name: (second_try, undo) for name, second_try, undo in rows}


def is_once(second_try: str, once: str | None) -> bool:
    """Whether the table calls a second try safe, with this setting of `once`."""
    if second_try.startswith("once with `once=`"):
        return once is not None
    if second_try.startswith("once with `operations-table`"):
        return once == "operations-table"
    return second_try.startswith("once")


def test_the_table_of_shipped_tools_names_each_and_says_how_it_is_taken_back(tmp_path: Path) -> None:
    manifests = {name: tool.manifest for name, tool in shipped(tmp_path, "operations-table").items()}
    writing = {name: each for name, each in manifests.items() if each.effect != "read"}

    assert {name: undo.startswith("yes") for name, (_, undo) in said_of_tools().items()} == {
        name: "undo" in each.verbs and each.effect == "write" for name, each in writing.items()
    }
    for name in manifests.keys() - writing.keys():
        assert f"`{name}`" in page("tools.md"), name


@pytest.mark.parametrize("once", ["operations-table", "unique:ref", None])
def test_the_table_of_shipped_tools_says_where_a_second_try_is_safe(once: str | None, tmp_path: Path) -> None:
    manifests = {name: tool.manifest for name, tool in shipped(tmp_path, once).items()}

    said = {name: is_once(second_try, once) for name, (second_try, _) in said_of_tools().items()}

    assert said == {name: manifests[name].once for name in said}


def test_deleting_over_http_can_be_taken_back_only_at_recreatable_paths(tmp_path: Path) -> None:
    plain, careful = (shipped(tmp_path, None, paths)["http.delete"].manifest for paths in ((), ("*",)))

    assert said_of_tools()["http.delete"] == (
        "once; at most once where it can be undone",
        "only at `recreatable` paths",
    )
    assert (plain.effect, plain.once, "undo" in plain.verbs) == ("irreversible", True, False)
    assert (careful.effect, careful.once, "undo" in careful.verbs) == ("write", False, True)


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
        '[slots.person]\ntype = "person"\n[slots.until]\ntype = "datetime"\n[slots.clock]\ntype = "time"\n[slots.every]\n'
        '[[step]]\nid = "account"\ntool = "directory.create_user"\narguments = { user_name = "$name" }\n'
    )
    (tmp_path / "all.toml").write_text(head + "\n".join(pieces), encoding="utf-8")

    [skill] = load_skills([tmp_path])

    assert [select.id for select in skill.selects] == ["boss", "event"]
    assert [step.id for step in skill.steps] == ["account", "found", "row", "group", "tell"]
    assert skill.slot("start") is not None
    assert replace(skill, source="").tables["roles"]


def test_every_example_is_on_a_page() -> None:
    pages = "\n".join(path.read_text(encoding="utf-8") for path in DOCS.glob("*.md"))
    examples = DOCS.parent / "examples"

    for path in examples.rglob("*.py"):
        if path.name == "own_scenario.py":
            continue  # the page on faults is about it, and says so in its own words
        assert f"examples/{path.relative_to(examples)}" in pages
