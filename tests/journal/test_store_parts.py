"""A journal of which only a part is there is a broken one, never a new one."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from doer.domain.errors import JournalBroken
from doer.domain.event import RunAccepted, RunEnded
from doer.domain.goal import Goal
from doer.domain.value import Principal, RunId
from doer.journal.store import open_journal
from doer.testing.clock import START, ManualClock


def filled(folder: Path) -> None:
    async def fill() -> None:
        with open_journal(folder, ManualClock()) as journal:
            goal = Goal("do it", Principal("sam"), START)
            await journal.append(RunId("r1"), 0, [RunAccepted(goal, "do", 1, 1), RunEnded("done")])

    asyncio.run(fill())


def test_a_removed_journal_whose_key_is_still_there_is_broken(tmp_path: Path) -> None:
    filled(tmp_path)
    (tmp_path / "journal.db").unlink()

    with pytest.raises(JournalBroken, match="restore it from a backup"):
        open_journal(tmp_path, ManualClock())


def test_an_emptied_journal_is_broken(tmp_path: Path) -> None:
    filled(tmp_path)
    (tmp_path / "journal.db").write_bytes(b"")

    with pytest.raises(JournalBroken, match="its key is still there"):
        open_journal(tmp_path, ManualClock())


def test_a_signed_journal_without_its_key_takes_nothing_more(tmp_path: Path) -> None:
    filled(tmp_path)
    (tmp_path / "keys" / "journal.key").unlink()

    with pytest.raises(JournalBroken, match="the key of"):
        open_journal(tmp_path, ManualClock())


def test_a_journal_that_lost_the_race_for_its_key_before_anything_was_signed_gets_one(tmp_path: Path) -> None:
    open_journal(tmp_path, ManualClock()).close()
    (tmp_path / "keys" / "journal.key").unlink()
    (tmp_path / "keys" / "journal.pub").unlink()

    open_journal(tmp_path, ManualClock()).close()

    assert (tmp_path / "keys" / "journal.key").exists()
