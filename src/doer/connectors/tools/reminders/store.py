"""The file that reminders are kept in: SQLite, each deed with its key in the same transaction.

`deeds` is what makes a key count once: it holds the key of every deed that was done and not taken back.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from doer.connectors.tools.reminders.rows import Reminder, reminder_of
from doer.domain.errors import NoEffect, OutcomeUnknown, Permanent, Transient

FILE = "reminders.db"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS reminders (
  id TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, text TEXT NOT NULL, at TEXT NOT NULL,
  zone TEXT NOT NULL, rule TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS deeds (
  key TEXT PRIMARY KEY, id TEXT NOT NULL, origin TEXT NOT NULL, before TEXT, after TEXT
) STRICT;
"""
_IMAGE = "id = ? AND kind = ? AND text = ? AND at = ? AND zone = ? AND rule = ?"


@dataclass(frozen=True, slots=True)
class Deed:
    """One change of one reminder: made, changed or removed."""

    id: str
    origin: str
    """Key of the deed that made the reminder; it is kept with it."""
    before: Reminder | None
    after: Reminder | None


class Store:
    """An open file, within one transaction or for reading."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._before = connection.total_changes
        self._meant = 0

    def check(self) -> None:
        """Raise Permanent when more or other rows were changed than was asked for, as a trigger in the file would."""
        changed = self._connection.total_changes - self._before
        if changed != self._meant:
            raise Permanent(
                f"{FILE} changed {changed} rows where {self._meant} were meant: look at its triggers; nothing was changed"
            )

    def rows(self) -> Mapping[str, Reminder]:
        """Return every reminder by its id, soonest first."""
        found = self._connection.execute("SELECT id, kind, text, at, zone, rule FROM reminders ORDER BY at, id")
        return {str(identity): Reminder(kind, text, at, zone, rule) for identity, kind, text, at, zone, rule in found}

    def origin(self, identity: str) -> str | None:
        """Return the key that made a reminder; None when there is none of that id."""
        found = self._connection.execute("SELECT key FROM reminders WHERE id = ?", (identity,)).fetchone()
        return None if found is None else str(found[0])

    def deed(self, key: str) -> Deed | None:
        """Return what a key did and did not take back."""
        found = self._connection.execute("SELECT id, origin, before, after FROM deeds WHERE key = ?", (key,)).fetchone()
        if found is None:
            return None
        identity, origin, before, after = found
        return Deed(identity, origin, _read(before), _read(after))

    def strays(self, deed: Deed) -> Sequence[str]:
        """Return the ids of copies that a deed should not have left: of its origin, or the same under no id of ours."""
        meant = deed.after or deed.before
        assert meant is not None
        query = """SELECT id, key FROM reminders WHERE id <> ? AND (key = ? OR (kind = ? AND text = ? AND at = ?
                   AND zone = ? AND rule = ?))"""
        found = self._connection.execute(query, (deed.id, deed.origin, *_cells(meant))).fetchall()
        return [str(identity) for identity, key in found if key == deed.origin or identity != identity_of(key)]

    def perform(self, deed: Deed) -> bool:
        """Do it, if the row is as `before` says: compared in the statement that writes. Return whether it was."""
        match deed.before, deed.after:
            case None, Reminder() as after:
                query = """INSERT INTO reminders (id, key, kind, text, at, zone, rule) VALUES (?, ?, ?, ?, ?, ?, ?)
                           ON CONFLICT DO NOTHING"""
                done = self._connection.execute(query, (deed.id, deed.origin, *_cells(after)))
            case Reminder() as before, None:
                done = self._connection.execute(f"DELETE FROM reminders WHERE {_IMAGE}", (deed.id, *_cells(before)))  # noqa: S608
            case Reminder() as before, Reminder() as after:
                query = f"UPDATE reminders SET kind = ?, text = ?, at = ?, zone = ?, rule = ? WHERE {_IMAGE}"  # noqa: S608
                done = self._connection.execute(query, (*_cells(after), deed.id, *_cells(before)))
            case _:
                return True
        self._meant += done.rowcount
        return done.rowcount == 1

    def remember(self, key: str, deed: Deed) -> None:
        """Keep a key with what it did."""
        row = (key, deed.id, deed.origin, _written(deed.before), _written(deed.after))
        self._connection.execute("INSERT INTO deeds (key, id, origin, before, after) VALUES (?, ?, ?, ?, ?)", row)
        self._meant += 1

    def forget(self, key: str) -> None:
        """Drop the key of a deed that was taken back."""
        self._meant += self._connection.execute("DELETE FROM deeds WHERE key = ?", (key,)).rowcount


def identity_of(key: str) -> str:
    """Return the id of the reminder that a key makes."""
    return "r" + hashlib.sha256(key.encode()).hexdigest()[:10]


def _cells(reminder: Reminder) -> tuple[str, str, str, str, str]:
    return reminder.kind, reminder.text, reminder.at, reminder.zone, reminder.rule


def _written(reminder: Reminder | None) -> str | None:
    return None if reminder is None else json.dumps(reminder.state, ensure_ascii=False)


def _read(text: str | None) -> Reminder | None:
    return None if text is None else reminder_of(json.loads(text))


@contextmanager
def reading(folder: Path) -> Iterator[Store]:
    """Open the file to read it, with a connection of its own; without a file, there are no reminders."""
    path = folder / FILE
    with _told(path):
        if not path.exists():
            with closing(sqlite3.connect(":memory:")) as connection:
                connection.executescript(_SCHEMA)
                yield Store(connection)
            return
        # Not mode=ro: what a killed process left half written is put right by whoever opens the file next, and only by
        # one who may write it. Queries are all that can be asked all the same.
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, timeout=10)) as connection:
            connection.execute("PRAGMA query_only = ON")
            connection.execute("BEGIN")
            yield Store(connection)


@contextmanager
def writing(folder: Path) -> Iterator[Store]:
    """Open the file, made if it is not there, for one transaction; kept on leaving, dropped on any error.

    Raises Transient when it is locked, Permanent when it cannot be used, OutcomeUnknown when the disk did not confirm.
    """
    path = folder / FILE
    with _told(path):
        folder.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=10, isolation_level=None)
    with closing(connection):
        with _told(path):
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.executescript(_SCHEMA)
            connection.execute("BEGIN IMMEDIATE")
            try:
                store = Store(connection)
                yield store
                store.check()
            except BaseException:
                connection.execute("ROLLBACK")
                raise
        try:
            connection.execute("COMMIT")
        except sqlite3.Error as failed:
            raise OutcomeUnknown(f"{path.name} did not confirm what was written: {failed}") from failed


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except NoEffect:
        raise
    except sqlite3.OperationalError as failed:
        raise Transient(f"{path.name} cannot be used now: {failed}; nothing was changed") from failed
    except sqlite3.Error as failed:
        raise Permanent(
            f"{path.name} is no file of reminders that can be used: {failed}; nothing was changed"
        ) from failed
    except OSError as failed:
        raise Permanent(f"{path} cannot be opened: {failed.strerror or failed}; nothing was changed") from failed
