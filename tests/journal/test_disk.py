"""A full disk, a read-only folder, a file that is no journal: said plainly, and nothing half-written."""

import asyncio
import resource
import signal
import sqlite3
import stat
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest
from tests.journal.conftest import KEY
from tests.journal.events import RUN, S1, accepted, ended, failed

from doer.domain.action import Receipt
from doer.domain.errors import (
    AlreadyDriven,
    DoerBug,
    JournalBroken,
    JournalUnwritable,
    NewerRecord,
    PayloadErased,
    UsageError,
)
from doer.domain.event import StepApplied
from doer.domain.value import Digest, RunId
from doer.journal.key import SigningKey, load_key
from doer.journal.lock import LOCK, standstill
from doer.journal.proof import verify
from doer.journal.store import SqliteJournal, open_journal
from doer.testing.clock import ManualClock


@contextmanager
def full_beyond(size: int) -> Iterator[None]:
    """No file may grow beyond `size` bytes: to the program that is a full disk, and it needs no mock."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)


async def test_on_a_full_disk_nothing_is_half_written_and_it_goes_on_when_there_is_room(sqlite: SqliteJournal) -> None:
    await sqlite.append(RUN, 0, [accepted()])
    large = [StepApplied(S1, Receipt({"text": "x" * 50_000})) for _ in range(40)]
    with full_beyond(400_000):
        with pytest.raises(JournalUnwritable, match="doer resume"):
            await sqlite.append(RUN, 1, large)
        assert len(await sqlite.read(RUN)) == 1

    assert len(await sqlite.append(RUN, 1, large)) == 40
    assert verify(sqlite).ok


async def test_on_a_full_disk_a_large_payload_is_refused_and_leaves_no_file(sqlite: SqliteJournal) -> None:
    with full_beyond(200_000):
        with pytest.raises(JournalUnwritable, match="could not be stored"):
            sqlite.put(b"x" * 300_000)
        with pytest.raises(JournalUnwritable):
            await sqlite.append(RUN, 0, [accepted(), StepApplied(S1, Receipt("y" * 300_000))])

    assert await sqlite.runs() == []
    assert sqlite.blobs.digests() == []
    assert list(sqlite.blobs.folder.iterdir()) == []


async def test_a_large_payload_of_an_event_is_a_file_and_reads_back(sqlite: SqliteJournal) -> None:
    event = StepApplied(S1, Receipt("y" * 300_000))
    await sqlite.append(RUN, 0, [event, failed(1)])

    assert [each.event for each in await sqlite.read(RUN)] == [event, failed(1)]
    assert len(sqlite.blobs.digests()) == 1
    await sqlite.erase(RUN)
    assert sqlite.blobs.digests() == []
    with pytest.raises(PayloadErased):
        await sqlite.read(RUN)


async def test_erased_words_are_no_longer_anywhere_in_the_folder(sqlite: SqliteJournal, path: Path) -> None:
    await sqlite.append(RUN, 0, [accepted("tell Wilhelmina that she won")])
    assert any(b"Wilhelmina" in file.read_bytes() for file in path.parent.glob("journal.db*"))

    await sqlite.erase(RUN)

    assert not any(b"Wilhelmina" in file.read_bytes() for file in path.parent.rglob("*") if file.is_file())


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(JournalUnwritable, match="no journal can be kept"):
        SqliteJournal(tmp_path / "file" / "journal.db", ManualClock(), KEY)
    with pytest.raises(JournalUnwritable, match="key cannot be kept"):
        load_key(tmp_path / "file" / "keys")


def test_a_lock_that_cannot_be_made_is_said(sqlite: SqliteJournal, path: Path) -> None:
    (path.parent / "driving.lock").mkdir()

    with pytest.raises(JournalUnwritable, match="no lock"), sqlite.driving(RUN):
        pass


def test_a_file_that_is_no_database_is_broken(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"this is not a database, it only stands where one should be. " * 100)

    with pytest.raises(JournalBroken, match="not a whole journal"):
        SqliteJournal(path, ManualClock(), KEY)


async def test_a_table_that_is_gone_is_broken(sqlite: SqliteJournal, path: Path) -> None:
    await sqlite.append(RUN, 0, [accepted()])
    with closing(sqlite3.connect(path)) as db:
        db.execute("DROP TABLE events")

    with pytest.raises(JournalBroken):
        await sqlite.read(RUN)
    with pytest.raises(JournalBroken):
        await sqlite.append(RUN, 1, [failed(1)])
    with pytest.raises(JournalBroken):
        await sqlite.grown(RUN, 0)
    with pytest.raises(JournalBroken):
        verify(sqlite)


def test_a_journal_of_a_newer_layout_is_not_opened(sqlite: SqliteJournal, path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 99")

    with pytest.raises(NewerRecord, match="layout 99"):
        SqliteJournal(path, ManualClock(), KEY)


async def test_a_database_that_is_read_only_is_unwritable_and_still_readable(sqlite: SqliteJournal, path: Path) -> None:
    await sqlite.append(RUN, 0, [accepted()])
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("CREATE TRIGGER frozen BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'read-only'); END")

    with pytest.raises(JournalUnwritable, match="read-only"):
        await sqlite.append(RUN, 1, [failed(1)])
    assert len(await sqlite.read(RUN)) == 1


async def test_a_hand_edited_event_is_not_driven_from(sqlite: SqliteJournal, path: Path) -> None:
    await sqlite.append(RUN, 0, [accepted(), failed(1), failed(2)])
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("UPDATE events SET body = replace(body, 's1', 's7') WHERE seq = 2")

    with pytest.raises(JournalBroken, match="event 2"):
        await sqlite.read(RUN)
    for after in (1, 2):
        with pytest.raises(JournalBroken, match="event 2"):
            await sqlite.read(RUN, after)


async def test_an_event_taken_out_is_not_driven_over(sqlite: SqliteJournal, path: Path) -> None:
    await sqlite.append(RUN, 0, [accepted(), failed(1), failed(2)])
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("DELETE FROM events WHERE seq = 2")

    with pytest.raises(JournalBroken, match="event 3 is not what follows 1"):
        await sqlite.read(RUN)


def test_an_edited_payload_is_not_handed_out(sqlite: SqliteJournal, path: Path) -> None:
    small, large = sqlite.put(b"small"), sqlite.put(b"l" * 70_000)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("UPDATE payloads SET content = 'smell'")
    (sqlite.blobs.folder / large.removeprefix("sha256:")).write_bytes(b"L" * 70_000)

    for each in (small, large):
        with pytest.raises(JournalBroken, match="edited"):
            sqlite.get(each)
    assert sqlite.put(b"small") == small
    assert sqlite.put(b"l" * 70_000) == large
    assert (sqlite.get(small), sqlite.get(large)) == (b"small", b"l" * 70_000)


@pytest.mark.parametrize("digest", ["", "sha256:../../etc/passwd", "md5:00", "sha256:" + "G" * 64])
def test_a_digest_that_is_none_never_becomes_a_path(sqlite: SqliteJournal, digest: str) -> None:
    with pytest.raises(UsageError, match="digest"):
        sqlite.get(Digest(digest))


async def test_a_closed_journal_refuses(path: Path, clock: ManualClock) -> None:
    journal = SqliteJournal(path, clock, KEY)
    await journal.append(RUN, 0, [accepted()])
    waiting = asyncio.ensure_future(journal.grown(RUN, 5))
    await asyncio.sleep(0)
    journal.close()
    journal.close()

    with pytest.raises(JournalUnwritable, match="closed"):
        await waiting
    with pytest.raises(JournalUnwritable, match="closed"):
        await journal.append(RUN, 1, [failed(1)])
    with pytest.raises(JournalUnwritable, match="closed"):
        await journal.grown(RUN, 5)


async def test_what_was_asked_for_in_the_turn_of_closing_is_written(path: Path, clock: ManualClock) -> None:
    journal = SqliteJournal(path, clock, KEY)
    appending = asyncio.create_task(journal.append(RUN, 0, [accepted()]))
    await asyncio.sleep(0)  # it was asked for, and its turn is not over
    journal.close()

    assert [each.seq for each in await appending] == [1]
    with SqliteJournal(path, clock, KEY) as again:
        assert [each.seq for each in await again.read(RUN)] == [1]


class BrokenClock(ManualClock):
    """Works for appends and fails when a tree head asks it."""

    broken = False

    def now(self):  # type: ignore[no-untyped-def]  # noqa: ANN201
        if self.broken:
            raise ZeroDivisionError
        return super().now()


async def test_a_fault_of_ours_in_the_writer_is_told_and_the_writer_lives_on(path: Path) -> None:
    clock = BrokenClock()
    with SqliteJournal(path, clock, KEY) as journal:
        await journal.append(RUN, 0, [accepted()])
        clock.broken = True
        with pytest.raises(DoerBug, match="ZeroDivisionError"):
            await journal.checkpoint()
        clock.broken = False
        assert await journal.append(RUN, 1, [ended()])


async def test_a_caller_that_gave_up_does_not_stop_the_writer(sqlite: SqliteJournal) -> None:
    given_up = [asyncio.ensure_future(sqlite.append(RunId(f"r{number}"), 0, [accepted()])) for number in range(3)]
    await asyncio.sleep(0)
    for each in given_up:
        each.cancel()
    await asyncio.gather(*given_up, return_exceptions=True)
    await sqlite.append(RUN, 0, [accepted()])

    assert {RUN} <= set(await sqlite.runs()) <= {RUN, "r0", "r1", "r2"}


def test_one_journal_serves_one_event_loop_after_another(sqlite: SqliteJournal) -> None:
    asyncio.run(sqlite.append(RUN, 0, [accepted()]))
    asyncio.run(sqlite.append(RUN, 1, [failed(1)]))

    assert len(asyncio.run(sqlite.read(RUN))) == 2


def test_a_workspace_gets_its_journal_and_a_key_that_only_its_owner_reads(tmp_path: Path) -> None:
    with open_journal(tmp_path / ".doer", ManualClock()) as one, open_journal(tmp_path / ".doer", ManualClock()) as two:
        assert one.key == two.key
        assert repr(one.key) == "SigningKey(…)"
    key = tmp_path / ".doer" / "keys" / "journal.key"

    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert {each.name for each in key.parent.iterdir()} == {"journal.key", "journal.pub"}


@pytest.mark.parametrize("content", [b"", b"c2hvcnQ=", b"\xff\xfe"])
def test_a_key_file_that_is_no_key_is_broken(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "journal.key").write_bytes(content)

    with pytest.raises(JournalBroken, match="not a key"):
        load_key(tmp_path)


def test_driving_a_run_leaves_nothing_behind_for_it(sqlite: SqliteJournal, path: Path) -> None:
    with sqlite.driving(RUN):
        there = sorted(path.parent.iterdir())
    for name in ("a", "b"):
        with sqlite.driving(RunId(name)):
            assert sorted(path.parent.iterdir()) == there

    assert (path.parent / "driving.lock").read_bytes() == b""


def test_threads_that_race_for_a_run_never_drive_it_together(sqlite: SqliteJournal) -> None:
    inside: list[int] = []
    together: list[int] = []

    def race() -> None:
        driven = 0
        while driven < 300:
            with suppress(AlreadyDriven), sqlite.driving(RUN):
                inside.append(1)
                together.append(len(inside))
                inside.pop()
                driven += 1

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # so that they meet between any two steps
    try:
        with ThreadPoolExecutor(3) as threads:
            for each in [threads.submit(race) for _ in range(3)]:
                each.result()
    finally:
        sys.setswitchinterval(interval)

    assert together == [1] * 900


def test_processes_that_race_for_a_new_workspace_get_one_key_and_one_journal(tmp_path: Path) -> None:
    def start(_: int) -> SigningKey:
        with open_journal(tmp_path / ".doer", ManualClock()) as journal:
            return journal.key

    with ThreadPoolExecutor(8) as threads:
        keys = list(threads.map(start, range(8)))

    assert all(each == keys[0] for each in keys)


async def test_waiting_again_after_everybody_had_left_works(sqlite: SqliteJournal) -> None:
    for seq in range(3):
        waiting = asyncio.ensure_future(sqlite.grown(RUN, seq))
        await asyncio.sleep(0)
        await sqlite.append(RUN, seq, [failed(seq)])
        await waiting


def test_at_a_standstill_no_run_is_driven_and_none_can_be(sqlite: SqliteJournal, path: Path) -> None:
    with standstill(path.with_name(LOCK)), pytest.raises(AlreadyDriven, match=RUN), sqlite.driving(RUN):
        pass
    with sqlite.driving(RUN), pytest.raises(AlreadyDriven, match="a run"), standstill(path.with_name(LOCK)):
        pass
    with standstill(path.with_name(LOCK)):
        pass
