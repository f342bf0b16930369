"""Rows as they are read back, in the types that they were written in even after a hand edit (SQLite lets any type in)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from doer.domain.errors import JournalBroken
from doer.domain.value import Digest
from doer.journal.blob import BlobFolder
from doer.journal.codec import digest_of, read_body

_COLUMNS = (
    "n, CAST(run AS TEXT), CAST(seq AS INTEGER), CAST(at AS TEXT), CAST(prev AS BLOB), CAST(hash AS BLOB), "
    "CAST(body AS BLOB), CAST(payload AS BLOB)"
)


@dataclass(frozen=True, slots=True)
class Stored:
    """One event as it lies in the database."""

    n: int
    run: str
    seq: int
    at: str
    prev: bytes
    hash: bytes
    body: bytes
    payload: bytes | None


def all_rows(db: sqlite3.Connection) -> Iterator[Stored]:
    """Yield every event in the order of commits."""
    return (Stored(*row) for row in db.execute(f"SELECT {_COLUMNS} FROM events ORDER BY n"))  # noqa: S608 - a constant


def rows_of(db: sqlite3.Connection, run: str, start: int = 1) -> list[Stored]:
    """Return the run's events with seq >= start, in order."""
    query = f"SELECT {_COLUMNS} FROM events WHERE run = ? AND seq >= ? ORDER BY seq"  # noqa: S608 - a constant
    return [Stored(*row) for row in db.execute(query, (run, start))]


def payload_of(row: Stored, blobs: BlobFolder) -> bytes | None:
    """Return the payload as it is there now, out of the row or its file; None when there is none or it was erased."""
    if row.payload is not None:
        return row.payload
    digest = named_payload(row)
    return None if digest is None else blobs.read(digest)


def named_payload(row: Stored) -> Digest | None:
    """Return the digest that the body names. Raises JournalBroken for a body that names rubbish."""
    if b'"payload":' not in row.body:
        return None
    named = read_body(row.body).get("payload")
    if named is None:
        return None
    if not isinstance(named, str) or len(named) != len(digest_of(b"")):
        raise JournalBroken(f"run {row.run}, event {row.seq} names a payload {named!r}: it was edited")
    return Digest(named)
