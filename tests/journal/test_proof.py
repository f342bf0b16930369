"""Each way to tamper with the file is found, and the report says where."""

import asyncio
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.journal.conftest import KEY
from tests.journal.events import ME, RUN, S1, accepted, ended, failed

from doer.domain.action import Change, Receipt
from doer.domain.decision import Grant
from doer.domain.errors import UsageError
from doer.domain.event import CancelRequested, StepApplied, StepStarted
from doer.domain.value import Digest, Key, RunId
from doer.journal.chain import ORIGIN, link
from doer.journal.key import SigningKey
from doer.journal.proof import Finding, verify
from doer.journal.store import SqliteJournal
from doer.testing.clock import ManualClock

TWO = RunId("run2")
OTHER_KEY = SigningKey(bytes(32))


@contextmanager
def editing(journal: SqliteJournal) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(journal.path, isolation_level=None)) as db:
        yield db


def rehash(db: sqlite3.Connection, run: str, start: int = 1, stop: int = 1_000) -> None:
    """What a careful forger does: make the hashes of these events anew."""
    prev = db.execute("SELECT hash FROM events WHERE run = ? AND seq = ?", (run, start - 1)).fetchone()
    head: bytes = prev[0] if prev else ORIGIN
    rows = db.execute("SELECT seq, at, CAST(body AS BLOB) FROM events WHERE run = ? ORDER BY seq", (run,)).fetchall()
    for seq, at, body in rows:
        if start <= seq <= stop:
            made = link(run, seq, at, head, body)
            db.execute("UPDATE events SET prev = ?, hash = ? WHERE run = ? AND seq = ?", (head, made, run, seq))
            head = made


def edit(db: sqlite3.Connection, run: str, seq: int) -> None:
    db.execute("UPDATE events SET body = replace(body, 's1', 's7') WHERE run = ? AND seq = ?", (run, seq))


def places(findings: Sequence[Finding]) -> list[tuple[str, str | None, int | None]]:
    return [(each.what, each.run, each.seq) for each in findings]


@pytest.fixture
async def receipt(sqlite: SqliteJournal) -> str:
    """Two runs of five events, their appends taking turns, under three signed tree heads; one event more is not covered."""
    for seq in range(5):
        for run in (RUN, TWO):
            await sqlite.append(run, seq, [accepted() if seq == 0 else failed(seq)])
        if seq == 2:
            await sqlite.checkpoint()
    kept = await sqlite.checkpoint()
    await sqlite.append(RUN, 5, [failed(5)])
    return kept


def test_an_untouched_journal_is_whole(sqlite: SqliteJournal, receipt: str) -> None:
    report = verify(sqlite, receipt)

    assert report.ok
    assert (report.events, report.runs, report.checkpoints, report.covered) == (11, 2, 2, 10)
    assert report.receipt == receipt
    assert report.erased == ()


def test_an_empty_journal_is_whole_and_has_no_receipt(sqlite: SqliteJournal) -> None:
    report = verify(sqlite)

    assert report.ok
    assert (report.events, report.receipt) == (0, None)


async def test_a_receipt_still_holds_after_the_journal_grew(sqlite: SqliteJournal, receipt: str) -> None:
    await sqlite.append(TWO, 5, [ended()])

    assert verify(sqlite, receipt).ok
    assert verify(sqlite).receipt != receipt


@pytest.mark.parametrize("seq", [1, 3, 5, 6])
def test_an_edit_is_located(sqlite: SqliteJournal, receipt: str, seq: int) -> None:
    with editing(sqlite) as db:
        db.execute("UPDATE events SET body = body || ' ' WHERE run = 'run1' AND seq = ?", (seq,))

    assert places(verify(sqlite, receipt).findings) == [("edited", RUN, seq)]


@pytest.mark.parametrize("column", ["at", "seq"])
def test_an_edit_of_time_or_place_is_located(sqlite: SqliteJournal, receipt: str, column: str) -> None:
    value = {"at": "2020-01-01T00:00:00+00:00", "seq": 7}[column]
    with editing(sqlite) as db:
        db.execute(f"UPDATE events SET {column} = ? WHERE run = 'run1' AND seq = 6", (value,))

    assert ("edited", RUN, 6 if column == "at" else 7) in places(verify(sqlite).findings)


@pytest.mark.parametrize("seq", [1, 2, 4])
def test_an_edit_with_its_own_hash_made_anew_is_located(sqlite: SqliteJournal, receipt: str, seq: int) -> None:
    with editing(sqlite) as db:
        edit(db, RUN, seq) if seq > 1 else db.execute("UPDATE events SET body = body || ' ' WHERE n = 1")
        rehash(db, RUN, seq, seq)

    assert places(verify(sqlite).findings) == [("rewritten", RUN, seq)]


@pytest.mark.parametrize(("seq", "named"), [(2, 1), (4, 4), (5, 4)])
def test_an_edit_with_all_later_hashes_made_anew_is_located_between_two_tree_heads(
    sqlite: SqliteJournal, receipt: str, seq: int, named: int
) -> None:
    with editing(sqlite) as db:
        edit(db, RUN, seq)
        rehash(db, RUN, seq)
    findings = verify(sqlite).findings

    assert places(findings) == [("rewritten", RUN, named)]
    assert f"events {named} to" in findings[0].detail


def test_a_rewritten_run_with_a_single_event_between_tree_heads_is_located_exactly(sqlite: SqliteJournal) -> None:
    async def write() -> None:
        for seq in range(3):
            await sqlite.append(RUN, seq, [failed(seq)])
            await sqlite.checkpoint()

    asyncio.run(write())
    with editing(sqlite) as db:
        edit(db, RUN, 2)
        rehash(db, RUN, 2)
    [finding] = verify(sqlite).findings

    assert (finding.what, finding.seq) == ("rewritten", 2)
    assert finding.detail.startswith("event 2,")


def test_a_deletion_is_located(sqlite: SqliteJournal, receipt: str) -> None:
    with editing(sqlite) as db:
        db.execute("DELETE FROM events WHERE run = 'run1' AND seq IN (2, 4)")

    assert places(verify(sqlite).findings) == [("deleted", RUN, 2), ("deleted", RUN, 4)]


def test_a_deleted_beginning_is_located(sqlite: SqliteJournal, receipt: str) -> None:
    with editing(sqlite) as db:
        db.execute("DELETE FROM events WHERE run = 'run2' AND seq = 1")

    assert places(verify(sqlite).findings) == [("deleted", TWO, 1)]


def test_a_whole_run_that_is_gone_is_named(sqlite: SqliteJournal, receipt: str) -> None:
    with editing(sqlite) as db:
        db.execute("DELETE FROM events WHERE run = 'run2'")

    assert places(verify(sqlite).findings) == [("deleted", TWO, 1)]


def test_a_run_that_is_gone_is_named_even_when_the_others_close_ranks(sqlite: SqliteJournal, receipt: str) -> None:
    with editing(sqlite) as db:
        db.execute("DELETE FROM events WHERE run = 'run2'")
        for number, (old,) in enumerate(db.execute("SELECT n FROM events ORDER BY n").fetchall(), start=1):
            db.execute("UPDATE events SET n = ? WHERE n = ?", (number, old))

    assert places(verify(sqlite).findings) == [("deleted", TWO, 1)]


async def test_events_that_no_tree_head_covers_are_missed_by_their_number(sqlite: SqliteJournal, receipt: str) -> None:
    await sqlite.append(RunId("run3"), 0, [accepted()])
    await sqlite.append(RUN, 6, [failed(6)])
    with editing(sqlite) as db:
        db.execute("DELETE FROM events WHERE run = 'run3'")

    assert places(verify(sqlite).findings) == [("deleted", None, None)]


def test_two_events_of_a_run_that_changed_places_are_located(sqlite: SqliteJournal, receipt: str) -> None:
    with editing(sqlite) as db:
        for old, new in ((3, -1), (5, 3), (-1, 5)):
            db.execute("UPDATE events SET n = ? WHERE n = ?", (new, old))

    assert places(verify(sqlite).findings) == [("reordered", RUN, 2)]


def test_two_events_that_took_each_others_place_and_hash_are_located(sqlite: SqliteJournal, receipt: str) -> None:
    with editing(sqlite) as db:
        for old, new in ((2, -1), (3, 2), (-1, 3)):
            db.execute("UPDATE events SET seq = ? WHERE run = 'run1' AND seq = ?", (new, old))

    found = places(verify(sqlite).findings)
    assert ("edited", RUN, 2) in found
    assert ("edited", RUN, 3) in found


def test_an_event_that_comes_twice_is_located(sqlite: SqliteJournal, receipt: str) -> None:
    with editing(sqlite) as db:
        db.execute("DROP INDEX fence")
        db.execute("INSERT INTO events SELECT 12, run, seq, at, prev, hash, body, payload FROM events WHERE n = 3")

    assert places(verify(sqlite).findings) == [("reordered", RUN, 2)]


def test_events_of_two_runs_that_changed_places_are_found_by_the_tree(sqlite: SqliteJournal, receipt: str) -> None:
    with editing(sqlite) as db:
        for old, new in ((7, -1), (8, 7), (-1, 8)):
            db.execute("UPDATE events SET n = ? WHERE n = ?", (new, old))
    [finding] = verify(sqlite).findings

    assert (finding.what, finding.run) == ("reordered", None)
    assert "number 7 to 10" in finding.detail


def test_a_cut_tail_is_located(sqlite: SqliteJournal, receipt: str) -> None:
    with editing(sqlite) as db:
        db.execute("DELETE FROM events WHERE seq >= 4")

    assert places(verify(sqlite).findings) == [("cut", RUN, 4), ("cut", TWO, 4)]


def test_a_tail_cut_together_with_its_tree_head_is_found_against_a_receipt(sqlite: SqliteJournal, receipt: str) -> None:
    with editing(sqlite) as db:
        db.execute("DELETE FROM events WHERE n > 6")
        db.execute("DELETE FROM checkpoints WHERE id > 1")

    assert verify(sqlite).ok, "nothing in the journal itself can tell"
    assert places(verify(sqlite, receipt).findings) == [("rolled_back", None, None)]


async def test_a_journal_rolled_back_to_an_older_copy_is_found_against_a_receipt(
    sqlite: SqliteJournal, tmp_path: Path
) -> None:
    await sqlite.append(RUN, 0, [accepted()])
    old = tmp_path / "old"
    shutil.copytree(sqlite.path.parent, old)
    await sqlite.append(RUN, 1, [failed(1), ended()])
    receipt = await sqlite.checkpoint()
    with SqliteJournal(old / "journal.db", ManualClock(), KEY) as back:
        assert places(verify(back, receipt).findings) == [("rolled_back", None, None)]
        # Grown again past the receipt's size: what was vouched for is still not there.
        await back.append(RUN, 1, [failed(7), failed(8), ended()])
        assert verify(back).ok
        assert places(verify(back, receipt).findings) == [("rewritten", None, None)]


async def test_a_journal_written_anew_by_who_holds_the_key_is_found_against_a_receipt(
    sqlite: SqliteJournal, receipt: str
) -> None:
    with editing(sqlite) as db:
        edit(db, RUN, 2)
        rehash(db, RUN, 2)
        db.execute("DELETE FROM checkpoints")
    await sqlite.checkpoint()

    assert verify(sqlite).ok
    assert places(verify(sqlite, receipt).findings) == [("rewritten", None, None)]


def test_a_swapped_key_is_found(sqlite: SqliteJournal, receipt: str) -> None:
    with SqliteJournal(sqlite.path, ManualClock(), OTHER_KEY) as swapped:
        assert places(verify(swapped).findings) == [("key", None, None)]
        assert places(verify(swapped, receipt).findings) == [("key", None, None), ("key", None, None)]


async def test_a_journal_signed_anew_with_a_swapped_key_is_found_against_a_receipt(
    sqlite: SqliteJournal, receipt: str
) -> None:
    with editing(sqlite) as db:
        db.execute("DELETE FROM checkpoints")
    with SqliteJournal(sqlite.path, ManualClock(), OTHER_KEY) as swapped:
        await swapped.checkpoint()
        assert verify(swapped).ok
        assert places(verify(swapped, receipt).findings) == [("key", None, None)]


@pytest.mark.parametrize(
    "change", ["note = replace(note, 'head run1 3', 'head run1 2')", "note = 'rubbish'", "note = ''"]
)
def test_an_edited_tree_head_is_found(sqlite: SqliteJournal, receipt: str, change: str) -> None:
    with editing(sqlite) as db:
        db.execute(f"UPDATE checkpoints SET {change} WHERE id = 1")

    assert ("checkpoint", None, None) in places(verify(sqlite).findings)


@pytest.mark.parametrize("cut", ["rtrim(note, char(10) || '=')", "substr(note, 1, instr(note, '—') - 1)"])
def test_a_tree_head_without_its_signature_is_found(sqlite: SqliteJournal, receipt: str, cut: str) -> None:
    with editing(sqlite) as db:
        db.execute(f"UPDATE checkpoints SET note = {cut} WHERE id = 2")

    assert ("checkpoint", None, None) in places(verify(sqlite).findings)


def test_a_tree_head_that_was_taken_out_is_found(sqlite: SqliteJournal, receipt: str) -> None:
    with editing(sqlite) as db:
        db.execute("DELETE FROM checkpoints WHERE id = 1")

    assert places(verify(sqlite).findings) == [("checkpoint", None, None)]


@pytest.mark.parametrize("value", ["'{}'", "NULL"])
def test_an_edited_or_missing_payload_is_located(sqlite: SqliteJournal, receipt: str, value: str) -> None:
    with editing(sqlite) as db:
        db.execute(f"UPDATE events SET payload = {value} WHERE run = 'run2' AND seq = 3")

    assert places(verify(sqlite).findings) == [("payload", TWO, 3)]


async def test_a_payload_that_was_slipped_in_is_located(sqlite: SqliteJournal) -> None:
    await sqlite.append(RUN, 0, [accepted(), CancelRequested(ME), ended()])
    with editing(sqlite) as db:
        db.execute('UPDATE events SET payload = \'{"by":"eve"}\' WHERE seq = 2')

    assert places(verify(sqlite).findings) == [("payload", RUN, 2)]


@pytest.mark.parametrize("body", ['{"payload":7}', '{"payload":"sha256:short"}', '{"payload":', '{"x":{"payload":1}}'])
def test_a_body_that_names_rubbish_is_located_as_an_edit(sqlite: SqliteJournal, receipt: str, body: str) -> None:
    with editing(sqlite) as db:
        db.execute("UPDATE events SET body = ?, payload = NULL WHERE n = 5", (body,))

    assert places(verify(sqlite).findings) == [("edited", RUN, 3)]


async def test_payloads_beside_the_events_are_checked(sqlite: SqliteJournal) -> None:
    sqlite.put(b"small")
    large = sqlite.put(b"l" * 70_000)
    await sqlite.append(RUN, 0, [StepApplied(S1, Receipt("y" * 70_000))])
    assert verify(sqlite).ok
    with editing(sqlite) as db:
        db.execute("UPDATE payloads SET content = 'smell'")
    (sqlite.blobs.folder / large.removeprefix("sha256:")).write_bytes(b"")

    assert places(verify(sqlite).findings) == [("payload", None, None), ("payload", None, None)]


async def test_an_erased_run_is_whole_and_said_to_be_erased(sqlite: SqliteJournal, receipt: str) -> None:
    await sqlite.erase(TWO)
    report = verify(sqlite, receipt)

    assert report.ok
    assert report.erased == (TWO,)


async def test_erasing_by_hand_is_told_from_an_erasure_that_was_recorded(sqlite: SqliteJournal, receipt: str) -> None:
    await sqlite.erase(TWO)
    with editing(sqlite) as db:
        db.execute("UPDATE events SET payload = NULL WHERE run = 'run1' AND seq = 2")

    assert places(verify(sqlite).findings) == [("payload", RUN, 2)]


@pytest.mark.parametrize("kept", ["", "hello", "doer1.x.y.z.w", "doer2.1.2.3.4"])
def test_what_is_no_receipt_is_the_askers_fault(sqlite: SqliteJournal, kept: str) -> None:
    with pytest.raises(UsageError, match="no receipt"):
        verify(sqlite, kept)


def test_a_mistyped_receipt_is_not_taken_for_tampering(sqlite: SqliteJournal, receipt: str) -> None:
    with pytest.raises(UsageError, match="mistyped"):
        verify(sqlite, receipt.replace("doer1.10", "doer1.11"))
    assert verify(sqlite, f"  {receipt}\n").ok


def test_a_receipt_is_one_short_line(receipt: str) -> None:
    assert receipt.isprintable()
    assert len(receipt) < 90


async def test_a_checkpoint_of_nothing_new_is_the_same_one(sqlite: SqliteJournal, receipt: str) -> None:
    first = await sqlite.checkpoint()

    assert await sqlite.checkpoint() == first
    assert verify(sqlite).checkpoints == 3


async def test_the_end_of_a_run_is_signed_with_it_and_an_ordinary_step_is_not(sqlite: SqliteJournal) -> None:
    await sqlite.append(RUN, 0, [accepted(), failed(1)])
    assert verify(sqlite).covered == 0
    await sqlite.append(RUN, 2, [ended()])

    assert verify(sqlite).covered == 3


@pytest.mark.parametrize(("reversible", "covered"), [(True, 0), (False, 1)])
async def test_a_step_that_cannot_be_taken_back_is_signed_with_its_intent(
    sqlite: SqliteJournal, *, reversible: bool, covered: int
) -> None:
    change = Change("mail:ada@acme.example", None, {"subject": "Welcome"}, reversible=reversible)
    digest = Digest("sha256:" + "0" * 64)
    grant = Grant(digest, digest, digest, digest, "sam")
    await sqlite.append(RUN, 0, [StepStarted(S1, Key("k"), 0, {}, (change,), grant)])

    assert verify(sqlite).covered == covered


async def test_what_is_appended_in_one_turn_is_one_transaction_with_one_tree_head(sqlite: SqliteJournal) -> None:
    appends = [sqlite.append(RunId(f"run{number}"), 0, [accepted(), ended()]) for number in range(20)]
    await asyncio.gather(*appends)

    assert verify(sqlite).covered == 40
    assert verify(sqlite).checkpoints == 1


MUTATIONS = (
    "UPDATE events SET body = body || ' ' WHERE n = ?",
    "UPDATE events SET at = at || '0' WHERE n = ?",
    "UPDATE events SET run = 'run9' WHERE n = ?",
    "UPDATE events SET seq = seq + 100 WHERE n = ?",
    "UPDATE events SET hash = zeroblob(32) WHERE n = ?",
    "UPDATE events SET prev = randomblob(32) WHERE n = ?",
    "UPDATE events SET payload = 'x' WHERE n = ?",
    "DELETE FROM events WHERE n = ?",
)


@settings(max_examples=40)
@given(st.lists(st.sampled_from(["run1", "run2", "run3"]), min_size=1, max_size=12), st.data())
def test_whatever_one_changes_in_any_journal_is_found(turns: list[str], data: st.DataObject) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        SqliteJournal(Path(folder) / "journal.db", ManualClock(), KEY) as journal,
    ):

        async def write() -> str:
            for place, run in enumerate(turns):
                await journal.append(RunId(run), turns[:place].count(run), [failed(place)])
                if data.draw(st.booleans()):
                    await journal.checkpoint()
            return await journal.checkpoint()

        receipt = asyncio.run(write())
        assert verify(journal, receipt).ok
        with editing(journal) as db:
            db.execute(data.draw(st.sampled_from(MUTATIONS)), (data.draw(st.integers(1, len(turns))),))

        assert not verify(journal, receipt).ok
