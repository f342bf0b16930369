"""The journal in a file: SQLite in WAL mode with synchronous=FULL, any number of processes, one writing thread in each."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from doer.domain.errors import JournalBroken, PayloadErased
from doer.domain.event import Event, Recorded, RunEnded, StepStarted
from doer.domain.ports import Clock
from doer.domain.value import Digest, RunId
from doer.journal.blob import LARGEST_ROW, BlobFolder
from doer.journal.chain import ORIGIN, check_name, link
from doer.journal.codec import Codec, Encoded, digest_of
from doer.journal.growth import Growth
from doer.journal.key import SigningKey, load_key
from doer.journal.ledger import Append, Erase, Ledger, Put, Seal
from doer.journal.lock import LOCK, driving_lock
from doer.journal.rows import payload_of, rows_of
from doer.journal.schema import connect, meaning, prepare
from doer.journal.writer import Writer

_FEW = 64
"""Events that are read without leaving the event loop: about a millisecond."""


class SqliteJournal:
    """`Journal` and `Payloads` in the folder of `path`, with `driving.lock` and the folder `payloads` beside it.

    Raises JournalUnwritable, JournalBroken or NewerRecord when the file cannot be used. Close it, or use it in `with`.
    """

    def __init__(self, path: Path, clock: Clock, key: SigningKey, codec: Codec | None = None) -> None:
        prepare(path)
        self.path = path
        self.key = key
        self.blobs = BlobFolder(path.parent / "payloads")
        self._lock = str(path.with_name(LOCK))
        self._clock = clock
        self._codec = codec or Codec()
        self._growth = Growth(path)
        self._writer = Writer(Ledger(path, clock, key, self.blobs), self._growth.notice)
        self._reader = connect(path)
        self._reading = threading.Lock()

    async def append(self, run: RunId, after: int, events: Sequence[Event]) -> Sequence[Recorded]:
        """Append durably, all or none. The end of a run, and a step that cannot be taken back, also sign a tree head.

        Raises Outdated, JournalUnwritable, or DoerBug for an event that JSON cannot hold.
        """
        check_name(run)
        events = tuple(events)  # the caller may go on with its list while we wait for the disk
        if not events:
            return ()
        now = self._clock.now().astimezone(UTC)
        encoded = [self._codec.encode(each) for each in events]
        if any(each.payload is not None and len(each.payload) > LARGEST_ROW for each in encoded):
            encoded = await asyncio.to_thread(self._set_aside, encoded)
        await self._writer.do(Append(run, after, now.isoformat(), encoded, any(map(seals, events))))
        return [Recorded(run, after + place, now, each) for place, each in enumerate(events, start=1)]

    async def read(self, run: RunId, after: int = 0) -> Sequence[Recorded]:
        """Return the run's events with seq > after; the chain is checked on the way.

        Raises JournalBroken where it does not hold, PayloadErased, or NewerRecord.
        """
        ((last,),) = self._select("SELECT COALESCE(MAX(seq), 0) FROM events WHERE run = ?", (run,))
        if last <= after:
            return []
        if last - after <= _FEW:
            # Readers wait for nobody in WAL mode, and handing so little to a thread costs more than reading it.
            return self._read(run, after)
        return await asyncio.to_thread(self._read, run, after)

    async def runs(self) -> Sequence[RunId]:
        """Return all runs, newest first."""
        rows = await asyncio.to_thread(self._select, "SELECT run FROM events WHERE seq = 1 ORDER BY n DESC", ())
        return [RunId(run) for (run,) in rows]

    def driving(self, run: RunId) -> AbstractContextManager[None]:
        """Hold the right to drive the run. Raises AlreadyDriven."""
        return driving_lock(self._lock, run)

    async def grown(self, run: RunId, after: int) -> None:
        """Return as soon as the run has an event with seq > after, whoever appended it."""
        await self._growth.wait(run, after)

    async def checkpoint(self) -> str:
        """Sign a tree head over everything so far and return its receipt, one line to be kept somewhere else."""
        receipt = await self._writer.do(Seal())
        assert receipt is not None
        return receipt

    async def erase(self, run: RunId) -> None:
        """Erase what the run's events held of personal data, and its payloads that no other run refers to.

        The chain stays whole and the erasure is in the next signed tree head. Afterwards `read` raises PayloadErased.
        Raises AlreadyDriven while somebody drives the run.
        """
        with self.driving(run):
            await self._writer.do(Erase(run))

    def put(self, content: bytes) -> Digest:
        """Store the bytes durably, from any thread. Raises JournalUnwritable."""
        if len(content) > LARGEST_ROW:
            return self.blobs.write(content)
        digest = digest_of(content)
        if self._find(digest) != content:
            self._writer.do_blocking(Put(digest, content))
        return digest

    def get(self, digest: Digest) -> bytes:
        """Return the bytes, from any thread. Raises PayloadErased, or JournalBroken when they were edited."""
        content = self._find(digest)
        if content is None:
            raise PayloadErased(f"{digest} is gone: it was erased, or never stored here")
        if digest_of(content) != digest:
            raise JournalBroken(f"the payload {digest} was edited; `doer audit verify` says what else")
        return content

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """One consistent view of the database, to read only, while others write. For verifying and exporting."""
        with self._meaningful(), closing(connect(self.path)) as db:
            db.execute("PRAGMA query_only = ON")
            db.execute("BEGIN")
            yield db

    def close(self) -> None:
        """Finish what is queued and close the file. Safe to call again."""
        self._writer.close()
        self._growth.close()
        with self._reading:
            self._reader.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _set_aside(self, events: Sequence[Encoded]) -> list[Encoded]:
        """Write large payloads to files; they are on disk before the events that refer to them."""
        kept = []
        for each in events:
            if each.payload is not None and len(each.payload) > LARGEST_ROW:
                self.blobs.write(each.payload)
                kept.append(Encoded(each.body, None))
            else:
                kept.append(each)
        return kept

    def _find(self, digest: Digest) -> bytes | None:
        rows = self._select("SELECT CAST(content AS BLOB) FROM payloads WHERE digest = ?", (digest,))
        return rows[0][0] if rows else self.blobs.read(digest)

    def _read(self, run: RunId, after: int) -> list[Recorded]:
        with self._reading, self._meaningful():
            rows = rows_of(self._reader, run, after)
        recorded: list[Recorded] = []
        last, head = (0, ORIGIN) if after == 0 else (after - 1, None)
        for row in rows:
            follows = row.seq == last + 1 and head in (None, row.prev)
            if not follows or link(run, row.seq, row.at, row.prev, row.body) != row.hash:
                raise JournalBroken(
                    f"run {run}: event {row.seq} is not what follows {last}; `doer audit verify` says where"
                )
            last, head = row.seq, row.hash
            if row.seq > after:
                event = self._codec.decode(row.body, payload_of(row, self.blobs))
                recorded.append(Recorded(run, row.seq, datetime.fromisoformat(row.at), event))
        return recorded

    def _select(self, query: str, values: tuple[str, ...]) -> list[tuple[Any, ...]]:
        try:
            with self._reading:
                return self._reader.execute(query, values).fetchall()
        except sqlite3.Error as failure:
            raise meaning(failure, self.path) from failure

    @contextmanager
    def _meaningful(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as failure:
            raise meaning(failure, self.path) from failure


def seals(event: Event) -> bool:
    """Tell whether a tree head is signed with this event: the end of a run, or a step that cannot be taken back."""
    match event:
        case RunEnded():
            return True
        case StepStarted(changes=changes):
            return not all(each.reversible for each in changes)
        case _:
            return False


def open_journal(folder: Path, clock: Clock) -> SqliteJournal:
    """Open the journal of a workspace: `folder` is its `.doer`, made with journal and keys if missing.

    Raises JournalBroken when only a part of it is there.
    """
    path, keys = folder / "journal.db", folder / "keys"
    if (keys / "journal.key").exists() and not (path.is_file() and path.stat().st_size):
        raise JournalBroken(f"{path} is gone, and its key is still there: restore it from a backup, or remove {folder}")
    prepare(path)  # before the key, so that a crash in between leaves an empty journal and no key
    if not (keys / "journal.key").exists():
        with closing(connect(path)) as db:
            if db.execute("SELECT 1 FROM checkpoints LIMIT 1").fetchone():
                raise JournalBroken(f"the key of {path} is gone from {keys}: restore it; nothing is written without it")
    return SqliteJournal(path, clock, load_key(keys))
