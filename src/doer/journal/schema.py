"""The database file: its tables, how it is opened, and what its errors mean.

events       n: 1, 2, 3 … over the whole journal in the order of commits, the leaf number of the Merkle tree;
             UNIQUE (run, seq) is the fence between processes; prev, hash: the chain; body: the exact bytes that were hashed;
             payload: private fields, NULL when erased, when there are none, or when they are a file
payloads     snapshots and attachments up to 64 KiB, content-addressed
checkpoints  signed notes; frontier: the right edge of the tree, so that the next one costs only the events since
"""

from __future__ import annotations

import fcntl
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from doer.domain.errors import JournalBroken, JournalError, JournalUnwritable, NewerRecord

VERSION: Final = 1
BUSY_SECONDS: Final = 30.0

_TABLES = """
CREATE TABLE events (
    n INTEGER PRIMARY KEY,
    run TEXT NOT NULL,
    seq INTEGER NOT NULL,
    at TEXT NOT NULL,
    prev BLOB NOT NULL,
    hash BLOB NOT NULL,
    body BLOB NOT NULL,
    payload BLOB
);
CREATE UNIQUE INDEX fence ON events (run, seq);
CREATE INDEX beginnings ON events (n, run) WHERE seq = 1;
CREATE TABLE payloads (digest TEXT PRIMARY KEY, content BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE checkpoints (
    id INTEGER PRIMARY KEY,
    size INTEGER NOT NULL,
    note TEXT NOT NULL,
    frontier BLOB NOT NULL
);
"""


def prepare(path: Path) -> None:
    """Make the database if it is not there. Raises JournalUnwritable, JournalBroken, or NewerRecord for a newer layout."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or _version(path) == 0:
            with _alone(path):
                _create(path)
        found = _version(path)
    except OSError as unwritable:
        raise JournalUnwritable(f"no journal can be kept in {path.parent}: {unwritable.strerror}") from unwritable
    except sqlite3.Error as failure:
        raise meaning(failure, path) from failure
    if found != VERSION:
        raise NewerRecord(f"{path} has layout {found}, this doer knows {VERSION}: upgrade doer to open it")


def connect(path: Path) -> sqlite3.Connection:
    """Open the database for any thread (its user sees to it that only one is in it at a time)."""
    db = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA synchronous = FULL")
    return db


def meaning(failure: sqlite3.Error, path: Path) -> JournalError:
    """Return what a database error means to the person in front of it."""
    name = getattr(failure, "sqlite_errorname", "") or ""
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")) or re.search("no such|decode to UTF-8", str(failure)):
        return JournalBroken(
            f"{path} is not a whole journal ({failure}): restore it from a backup; nothing is driven from it"
        )
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return JournalUnwritable(
            f"another process has held {path} for {BUSY_SECONDS:.0f} s: see who has it open, then `doer resume`"
        )
    return JournalUnwritable(
        f"{path} does not take the record ({failure}); free space or mend its rights, then `doer resume`"
    )


def _version(path: Path) -> int:
    with closing(sqlite3.connect(path, timeout=BUSY_SECONDS)) as db:
        return int(db.execute("PRAGMA user_version").fetchone()[0])


def _create(path: Path) -> None:
    if path.exists() and _version(path) != 0:
        return  # another process was first
    with closing(connect(path)) as db:
        db.execute("PRAGMA page_size = 8192")
        db.execute("PRAGMA journal_mode = WAL")
        db.executescript(f"BEGIN; {_TABLES} PRAGMA user_version = {VERSION}; COMMIT;")


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold off other processes while the file is made: switching to WAL does not wait for them by itself."""
    file = os.open(path.with_name(f".{path.name}.opening"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)
