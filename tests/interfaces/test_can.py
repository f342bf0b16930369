"""`doer can`: each sentence that is shown really plans, with names that are there; nothing is run, and what is missing is named."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from tests.interfaces.conftest import Cli


@pytest.fixture
def crm(cli: Cli, tmp_path: Path) -> Path:
    """A fresh workspace with a file, a folder and a database."""
    assert cli("init").code == 0
    (tmp_path / "todo.md").write_text("- call Jo\n")
    with sqlite3.connect(tmp_path / "crm.db") as made:
        made.execute(
            "CREATE TABLE tickets (id INTEGER PRIMARY KEY, title TEXT NOT NULL, "
            "status TEXT NOT NULL CHECK (status IN ('open', 'closed')))"
        )
        made.execute("INSERT INTO tickets VALUES (4812, 'Printer', 'open')")
    made.close()
    assert cli("connect", "database", "crm", "--url", "crm.db", "--write", "tickets").code == 0
    return tmp_path


def texts(said: object) -> dict[str, list[str]]:
    assert isinstance(said, dict)
    return {each["name"]: [one["text"] for one in each["sentences"]] for each in said["connections"]}


def test_every_sentence_that_is_shown_gives_a_plan_with_names_that_are_there(cli: Cli, crm: Path) -> None:
    found = cli("can", "--json")

    assert found.code == 0
    said = texts(found.json)
    assert {"files", "crm", "reminders"} <= said.keys()
    assert any("ticket 4812" in each for each in said["crm"])
    assert any("todo.md" in each for each in said["files"])
    for sentence in [each for name in said for each in said[name][:3]]:
        assert cli("plan", "--json", sentence).json["status"] in ("planned", "done"), sentence


def test_showing_what_can_be_said_changes_nothing_and_records_what_was_read(cli: Cli, crm: Path) -> None:
    looks = len(cli("runs", "--all", "--json").json["runs"])
    before = sorted(each.name for each in crm.iterdir())

    assert cli("can", "--all").code == 0

    assert cli("runs", "--json").json["runs"] == []
    [look, *_] = cli("runs", "--all", "--json").json["runs"][: -looks or None]
    assert (look["goal"], look["status"], look["can_undo"]) == ("doer can", "done", False)
    record = cli("audit", "report", look["run"], "--format", "json").out
    assert all(tool in record for tool in ("crm.tables", "crm.find", "files.list"))
    assert '{\\"rows\\": 1}' in record, "how much was read is kept, not what it said"
    assert sorted(each.name for each in crm.iterdir()) == before
    with sqlite3.connect(crm / "crm.db") as made:
        assert made.execute("SELECT * FROM tickets").fetchall() == [(4812, "Printer", "open")]
    made.close()


def test_words_narrow_it_down_by_meaning_and_the_closest_comes_first(cli: Cli, crm: Path) -> None:
    said = texts(cli("can", "close", "ticket", "--json").json)

    assert list(said) == ["crm"]
    assert said["crm"][0] == "close ticket 4812"


def test_a_whole_sentence_that_works_is_shown_first(cli: Cli, crm: Path) -> None:
    said = texts(cli("can", "set ticket 4812 to closed", "--json").json)

    assert said["crm"][0] == "set ticket 4812 to closed"


def test_what_is_not_connected_is_named_with_a_sentence_and_the_command(cli: Cli, crm: Path) -> None:
    missing = {each["kind"]: each for each in cli("can", "--json").json["missing"]}

    assert {"calendar", "mail", "git", "directory", "http"} == missing.keys()
    assert missing["git"]["command"] == "doer connect git site"
    assert "doer connect calendar calendar" in cli("can").out


def test_words_that_only_a_missing_connection_knows_name_its_command(cli: Cli, crm: Path) -> None:
    said = cli("can", "commit everything in docs")

    assert said.code == 1
    assert said.account["you"].startswith("doer connect git site  # ")


def test_words_that_nothing_knows_are_told_as_that(cli: Cli, crm: Path) -> None:
    said = cli("can", "frobnicate", "the", "zorp")

    assert (said.code, said.account["you"]) == (1, "doer can  # shows what works here")


def test_wordings_stand_in_for_sentences_where_no_name_is_there_to_fill_them(cli: Cli, crm: Path) -> None:
    said = cli("can", "extract", "archive", "--json").json

    assert said["connections"] == []
    assert any("‹path›" in each for each in said["wordings"]["files"])


def test_own_tools_and_skills_are_shown_with_blanks_where_nobody_is_known(cli: Cli, office: Path) -> None:
    wordings = cli("can", "--json").json["wordings"]

    assert wordings["people"] == ["add ‹name› with ‹email›"]
    assert "add ‹name› with ‹email›" in cli("can").out
