"""The ledger: what one thread does to the database, a batch of work in one durable transaction.

The cache of heads makes an append cost no look-up while the fence holds. It is valid as long as nobody else wrote: SQLite's
data_version tells, once the transaction has the write lock. The unique index (run, seq) stands behind it.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Final, TypeAlias, assert_never

from doer.domain.errors import DoerError, Outdated
from doer.domain.ports import Clock
from doer.domain.quick import quick
from doer.domain.value import Digest, RunId
from doer.journal.blob import BlobFolder
from doer.journal.chain import ORIGIN, Head, link
from doer.journal.codec import Encoded, read_body
from doer.journal.key import SigningKey, fingerprint
from doer.journal.merkle import Frontier
from doer.journal.note import Receipt, TreeHead, note_hash
from doer.journal.schema import BUSY_SECONDS, connect, meaning

_MOST_HEADS: Final = 10_000
_TEXTS = "SELECT CAST(body AS BLOB), CAST(payload AS BLOB) FROM events WHERE run"
_DIGEST = re.compile(rb"sha256:[0-9a-f]{64}")


@quick
@dataclass(frozen=True, slots=True)
class Append:
    """Append these to the run, all or none."""

    run: RunId
    after: int
    at: str
    events: Sequence[Encoded]
    seals: bool
    """Sign a tree head in the same transaction."""


@dataclass(frozen=True, slots=True)
class Seal:
    """Sign a tree head over everything so far."""


@dataclass(frozen=True, slots=True)
class Put:
    """Store a small payload."""

    digest: Digest
    content: bytes


@dataclass(frozen=True, slots=True)
class Erase:
    """Erase the payloads of a run that no other run refers to."""

    run: RunId


Work: TypeAlias = Append | Seal | Put | Erase
Result: TypeAlias = str | None
"""Of `Seal` the receipt."""
Row: TypeAlias = tuple[str, int, str, bytes, bytes, bytes, bytes | None]


class Ledger:
    """The writing connection. Used by one thread only."""

    def __init__(self, path: Path, clock: Clock, key: SigningKey, blobs: BlobFolder) -> None:
        self._path = path
        self._clock = clock
        self._key = key
        self._blobs = blobs
        self._db: sqlite3.Connection | None = None
        self._data_version = -1
        self._heads: dict[str, Head] = {}

    def commit(self, batch: Sequence[Work]) -> list[Result | DoerError]:
        """Do the whole batch in one transaction, on disk on return; one answer for each.

        A stale append fails alone, with Outdated. Where the disk does not take it all fail and nothing is written.
        """
        try:
            return self._transact(batch)
        except sqlite3.Error as failure:
            self._roll_back()
            return [meaning(failure, self._path) for _ in batch]
        except BaseException:
            self._roll_back()
            raise

    def close(self) -> None:
        """Close the connection."""
        if self._db is not None:
            self._db.close()
            self._db = None

    def _transact(self, batch: Sequence[Work]) -> list[Result | DoerError]:
        if self._db is None:
            self._db = connect(self._path)
            self._db.execute("PRAGMA secure_delete = ON")
        db, rows, answers = self._db, list[Row](), list[Result | DoerError]()
        db.execute("BEGIN IMMEDIATE")
        self._notice_others(db)
        for work in batch:
            answers.append(self._prepare(db, work, rows))
        if rows:
            db.executemany(
                "INSERT INTO events (run, seq, at, prev, hash, body, payload) VALUES (?, ?, ?, ?, ?, ?, ?)", rows
            )
        erased = [work.run for work in batch if isinstance(work, Erase)]
        orphans = [digest for run in erased for digest in self._erase(db, run)]
        if erased or any(isinstance(work, Seal) or (isinstance(work, Append) and work.seals) for work in batch):
            receipt = self._seal(db, erased)
            answers = [
                receipt if isinstance(work, Seal) else answer for work, answer in zip(batch, answers, strict=True)
            ]
        db.execute("COMMIT")
        if erased:
            self._wipe(db, orphans)
        return answers

    def _prepare(self, db: sqlite3.Connection, work: Work, rows: list[Row]) -> Outdated | None:
        match work:
            case Append():
                return self._link(db, work, rows)
            case Put(digest, content):
                db.execute("INSERT OR REPLACE INTO payloads (digest, content) VALUES (?, ?)", (digest, content))
            case Seal() | Erase():
                pass  # after the rows are in
            case _:
                assert_never(work)
        return None

    def _notice_others(self, db: sqlite3.Connection) -> None:
        version = int(db.execute("PRAGMA data_version").fetchone()[0])
        if version != self._data_version or len(self._heads) > _MOST_HEADS:
            self._heads.clear()
            self._data_version = version

    def _link(self, db: sqlite3.Connection, work: Append, rows: list[Row]) -> Outdated | None:
        head = self._heads.get(work.run) or _find_head(db, work.run)
        self._heads[work.run] = head
        if head.seq != work.after:
            return Outdated(
                f"run {work.run} is at {head.seq}, not at {work.after}: somebody appended first; read again"
            )
        seq, prev = head.seq, head.hash
        for each in work.events:
            seq += 1
            made = link(work.run, seq, work.at, prev, each.body)
            rows.append((work.run, seq, work.at, prev, made, each.body, each.payload))
            prev = made
        self._heads[work.run] = Head(seq, prev)
        return None

    def _seal(self, db: sqlite3.Connection, erased: Sequence[str]) -> str:
        last = db.execute(
            "SELECT size, CAST(note AS TEXT), CAST(frontier AS BLOB) FROM checkpoints ORDER BY id DESC LIMIT 1"
        ).fetchone()
        size, note, edge = last or (0, None, b"")
        tree = Frontier.load(size, edge)
        heads: dict[str, tuple[int, str]] = {}
        for run, seq, head in db.execute(
            "SELECT run, seq, CAST(hash AS BLOB) FROM events WHERE n > ? ORDER BY n", (size,)
        ):
            tree.push(head)
            heads[run] = (seq, head.hex()[:16])
        root = tree.root()
        if note is None or heads or erased:
            at = self._clock.now().astimezone(UTC).isoformat()
            signed = TreeHead(tree.size, root, at, note_hash(note), heads, tuple(erased)).sign(self._key)
            row = (tree.size, signed, tree.dump())
            db.execute("INSERT INTO checkpoints (size, note, frontier) VALUES (?, ?, ?)", row)
        return str(Receipt(tree.size, root, fingerprint(self._key.public)))

    def _erase(self, db: sqlite3.Connection, run: str) -> list[Digest]:
        """Erase in the database; return the digests whose files may go once that is committed."""
        mine = self._named_in(db.execute(f"{_TEXTS} = ?", (run,)))
        others = self._named_in(db.execute(f"{_TEXTS} <> ?", (run,)))
        orphans = [Digest(each.decode()) for each in sorted(mine - others)]
        db.execute("UPDATE events SET payload = NULL WHERE run = ?", (run,))
        db.executemany("DELETE FROM payloads WHERE digest = ?", [(each,) for each in orphans])
        return orphans

    def _named_in(self, rows: Iterable[tuple[bytes, bytes | None]]) -> set[bytes]:
        """Return every digest that these events mention, also in payloads that are files."""
        named: set[bytes] = set()
        for body, payload in rows:
            named.update(_DIGEST.findall(body), _DIGEST.findall(payload or b""))
            outside = read_body(body).get("payload") if payload is None else None
            if outside is not None:
                named.update(_DIGEST.findall(self._blobs.read(Digest(outside)) or b""))
        return named

    def _wipe(self, db: sqlite3.Connection, orphans: Iterable[Digest]) -> None:
        for each in orphans:
            self._blobs.remove(each)
        # The erased bytes are still in the write-ahead log. A long reader in the middle of it puts this off to the next
        # erasure: nobody else waits for it longer than a second.
        db.execute("PRAGMA busy_timeout = 1000")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        db.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000:.0f}")

    def _roll_back(self) -> None:
        self._heads.clear()
        if self._db is not None and self._db.in_transaction:
            with suppress(sqlite3.Error):  # SQLite may have rolled back by itself
                self._db.execute("ROLLBACK")


def _find_head(db: sqlite3.Connection, run: str) -> Head:
    row = db.execute(
        "SELECT seq, CAST(hash AS BLOB) FROM events WHERE run = ? ORDER BY seq DESC LIMIT 1", (run,)
    ).fetchone()
    return Head(0, ORIGIN) if row is None else Head(*row)
