"""The examples do what they say: each is run, and the record, the files and the rows are looked at."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
from examples import approve_in_code, files_and_sql, note, resume_and_undo, schema_only
from examples.own_skill import run as own_skill
from examples.test_my_tool import NoteCase, fresh_world
from examples.test_with_fakes import test_what_was_approved_is_written_and_can_be_taken_back as _with_fakes

from doer import Absent, Abstention, Intent, Plan, Question, Receipt, Undone, Verified
from doer.domain.value import Key
from doer.testing import conform

ROOT = Path(__file__).parents[2]
SCRIPTS = sorted(
    str(path.relative_to(ROOT))
    for path in (ROOT / "examples").rglob("*.py")
    if "__main__" in path.read_text(encoding="utf-8") and path.name != "own_scenario.py"
)


def rows(database: Path, statement: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(statement).fetchall()


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_example_runs_as_a_script_and_leaves_nothing_behind(script: str, tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, str(ROOT / script)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONWARNINGS": "error::ResourceWarning"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert told.returncode == 0, told.stderr
    assert told.stderr == ""
    assert told.stdout.strip()
    assert list(tmp_path.iterdir()) == []


def test_the_list_of_scripts_is_not_empty() -> None:
    assert "examples/note.py" in SCRIPTS
    assert len(SCRIPTS) >= 6


async def test_a_note_is_left_and_taken_back(tmp_path: Path) -> None:
    run = await note.main(tmp_path)

    assert (run.status, run.steps[0].state, run.steps[0].tool) == ("undone", "undone", "add_note")
    assert run.steps[0].arguments == {"recipient": "Ana", "text": "the demo moved to 3pm"}
    assert run.steps[0].provenance["recipient"].source == "words"
    assert rows(tmp_path / "notes.db", "SELECT * FROM notes") == []


async def test_the_note_tool_conforms() -> None:
    report = await conform(fresh_world)

    assert report.conforms, str(report)
    assert len(report.kept) >= 18


async def test_the_conformance_kit_catches_a_note_tool_that_deletes_whatever_is_there() -> None:
    @asynccontextmanager
    async def careless() -> AsyncIterator[NoteCase]:
        async with fresh_world() as case:
            case.tool = CarelessUndo(case)
            yield case

    report = await conform(careless)

    assert "undo_after_a_foreign_edit_is_a_conflict" in report.broken
    assert not report.conforms


class CarelessUndo:
    """The note tool, but for an undo that does not look."""

    def __init__(self, case: NoteCase) -> None:
        self.case = case
        self.tool = case.tool
        self.manifest = case.tool.manifest
        self.preview, self.apply, self.verify = case.tool.preview, case.tool.apply, case.tool.verify

    async def undo(self, receipt: Receipt) -> Undone:
        self.case.sql("DELETE FROM notes")
        return Undone()


async def test_the_note_tool_finds_a_lost_outcome_by_its_key(tmp_path: Path) -> None:
    tool = note.note_tool(tmp_path / "notes.db")
    arguments = {"recipient": "Ana", "text": "hi"}

    assert isinstance(await tool.verify(Intent(arguments, Key("k"))), Absent)
    receipt = await tool.apply(arguments, Key("k"), ())
    found = await tool.verify(Intent(arguments, Key("k")))

    assert found == Verified(receipt, "the note was read back")


async def test_a_row_and_a_line_are_one_plan_and_one_undo(tmp_path: Path) -> None:
    files_and_sql.make_world(tmp_path)

    done, undone = await files_and_sql.main(tmp_path)

    assert (done.status, undone.status) == ("done", "undone")
    assert [step.tool for step in done.steps] == ["tracker.update", "files.append_line"]
    assert done.steps[1].arguments["line"] == "- 4812 The lamp flickers: the lamp was replaced"
    assert (tmp_path / "log.md").read_text() == "# Closed tickets\n"
    assert rows(tmp_path / "tracker.db", "SELECT status FROM tickets") == [("open",)]


async def test_the_skill_asks_which_ana_and_loops_over_her_open_tickets(tmp_path: Path) -> None:
    own_skill.make_world(tmp_path)

    run = await own_skill.main(tmp_path)

    assert run.status == "done"
    assert [(step.tool, step.state) for step in run.steps] == [
        ("tracker.update", "verified"),
        ("tracker.update", "verified"),
        ("files.append_line", "verified"),
    ]
    owners = rows(tmp_path / "tracker.db", "SELECT owner FROM tickets ORDER BY id")
    assert owners == [("ben",), ("ana1",), ("ben",), ("ana2",)]
    assert (tmp_path / "handover.md").read_text() == "- Ana Lima -> Ben Okri\n"


async def test_a_program_approves_only_what_its_rules_allow(tmp_path: Path) -> None:
    approve_in_code.ANNOUNCED.clear()

    approved, refused, waiting, given_up = await approve_in_code.main(tmp_path)

    assert [run.status for run in (approved, refused, waiting, given_up)] == ["done", "refused", "waiting", "refused"]
    assert given_up.reason == "not by a program"
    assert (tmp_path / "notes.md").read_text() == "the demo moved to 3pm\n"
    assert not (tmp_path / "sudoers.md").exists()
    assert approve_in_code.ANNOUNCED == []


async def test_a_run_is_carried_through_by_five_processes_and_never_overwrites_somebody_else(tmp_path: Path) -> None:
    resumed, done, undone, redone, last = await resume_and_undo.main(tmp_path)

    assert [run.status for run in (resumed, done, undone, redone, last)] == [
        "waiting", "done", "undone", "done", "partly_undone",
    ]  # fmt: skip
    assert len({run.id for run in (resumed, done, undone, redone, last)}) == 1
    assert last.steps[0].state == "conflict"
    assert (tmp_path / "todo.md").read_text() == "call Ben at one"


async def test_tools_that_are_only_described_can_be_planned_over(tmp_path: Path) -> None:
    plan, question, abstention = await schema_only.main(tmp_path)

    assert isinstance(plan, Plan)
    assert [step.tool for step in plan.steps] == ["book_room"]
    assert plan.steps[0].provenance["start"].text == "next Monday at 14:00"
    assert isinstance(question, Question)
    assert question.slot == "start"
    assert isinstance(abstention, Abstention)


async def test_the_example_of_a_test_with_fakes_passes() -> None:
    await _with_fakes()
