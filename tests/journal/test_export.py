"""What is exported can be checked by a script that shares no code with us, and shows no other run."""

import io
import json
import sqlite3
from contextlib import closing

import pytest
from tests.journal.checking import check
from tests.journal.events import RUN, S1, accepted, ended, failed

from doer.domain.action import Receipt
from doer.domain.errors import UnknownRun
from doer.domain.event import StepApplied
from doer.domain.value import RunId
from doer.journal.export import export
from doer.journal.store import SqliteJournal

TWO = RunId("run2")


@pytest.fixture
async def filled(sqlite: SqliteJournal) -> SqliteJournal:
    sqlite.put(b"small")
    sqlite.put(b"l" * 70_000)
    for seq in range(4):
        await sqlite.append(RUN, seq, [accepted() if seq == 0 else failed(seq)])
        await sqlite.append(TWO, seq, [accepted("of nobody's business") if seq == 0 else failed(seq)])
    await sqlite.append(RUN, 4, [StepApplied(S1, Receipt("y" * 70_000)), ended()])
    await sqlite.append(TWO, 4, [ended()])
    await sqlite.append(TWO, 5, [failed(9)])
    return sqlite


def exported(journal: SqliteJournal, run: RunId | None = None) -> list[str]:
    out = io.StringIO()
    count = export(journal, out, run)
    lines = out.getvalue().splitlines()
    assert sum('"body"' in each for each in lines) == count
    return lines


def test_the_whole_journal_is_shown_to_be_under_all_its_tree_heads(filled: SqliteJournal) -> None:
    lines = exported(filled)

    assert check(lines) == 2
    assert sum('"content"' in each for each in lines) == 3


def test_one_run_is_shown_to_be_under_the_newest_tree_head_without_showing_others(filled: SqliteJournal) -> None:
    for run in (RUN, TWO):
        assert check(exported(filled, run)) == 1
    assert not any("business" in each for each in exported(filled, RUN))


@pytest.mark.parametrize("place", [1, 3, 6])
def test_the_independent_check_sees_an_edit(filled: SqliteJournal, place: int) -> None:
    lines = exported(filled, RUN)
    lines[place] = lines[place].replace('"at":"2026', '"at":"2027')

    with pytest.raises(AssertionError):
        check(lines)


def test_a_run_that_no_tree_head_covers_is_exported_without_a_proof(
    sqlite: SqliteJournal, filled: SqliteJournal
) -> None:
    with closing(sqlite3.connect(sqlite.path, isolation_level=None)) as db:
        db.execute("DELETE FROM checkpoints")

    assert check(exported(filled, RUN)) == 0


async def test_an_erased_run_is_exported_without_what_was_erased(filled: SqliteJournal) -> None:
    await filled.erase(TWO)
    lines = exported(filled, TWO)

    assert check(lines) == 1
    assert {json.loads(each)["payload"] for each in lines if '"body"' in each} == {None}


def test_an_unknown_run_is_not_exported(filled: SqliteJournal) -> None:
    with pytest.raises(UnknownRun, match="nobody"):
        exported(filled, RunId("nobody"))


def test_an_empty_journal_is_exported_as_its_first_line(sqlite: SqliteJournal) -> None:
    [line] = exported(sqlite)

    assert set(json.loads(line)) == {"journal", "public"}
