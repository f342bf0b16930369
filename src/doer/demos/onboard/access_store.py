"""The store of the access application: grants in one SQLite file, each change with its precondition in one transaction."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

FIELDS = ("person", "resource", "level")
REFERENCE = "reference"
"""Optional: what the client calls its request, so that it can tell its own grant from somebody else's equal one."""
GRANT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@:+-]{0,199}\Z")
MAX_BODY = 65_536
MAX_FIELD = 320

_SCHEMA = """
CREATE TABLE IF NOT EXISTS grants (
    id TEXT PRIMARY KEY, person TEXT NOT NULL, resource TEXT NOT NULL, level TEXT NOT NULL,
    reference TEXT NOT NULL, version INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS clock (version INTEGER NOT NULL);
INSERT INTO clock SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM clock);
"""


class Refusal(Exception):
    """An answer that is not a success: status and the reason told to the client."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Grant:
    """One stored grant. `version` never repeats in the life of the store, so an ETag is never used for two states."""

    id: str
    person: str
    resource: str
    level: str
    reference: str
    version: int

    @property
    def etag(self) -> str:
        return f'"{self.version}"'

    def shown(self) -> dict[str, str]:
        return {
            "id": self.id,
            "person": self.person,
            "resource": self.resource,
            "level": self.level,
            "reference": self.reference,
            "etag": self.etag,
        }


@dataclass(frozen=True, slots=True)
class Conditions:
    """The preconditions of a request, as header texts; None where absent."""

    if_match: str | None
    if_none_match: str | None

    def holds(self, current: Grant | None) -> bool:
        """Whether both allow going on. If-Match compares strongly, If-None-Match weakly (RFC 9110, 13.1)."""
        if self.if_match is not None and not _matches(self.if_match, current, weak=False):
            return False
        return self.if_none_match is None or not _matches(self.if_none_match, current, weak=True)


def _matches(header: str, current: Grant | None, *, weak: bool) -> bool:
    if current is None:
        return False
    if header.strip() == "*":
        return True
    tags = [tag.strip() for tag in header.split(",")]
    return current.etag in ([tag.removeprefix("W/") for tag in tags] if weak else tags)


@dataclass(frozen=True, slots=True)
class GrantStore:
    """Grants in one SQLite file; each change and its precondition are one immediate transaction."""

    path: Path

    def create(self) -> None:
        """Make the tables where they are missing."""
        with closing(sqlite3.connect(self.path)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.executescript(_SCHEMA)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.path, timeout=10, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def find(self, wanted: Mapping[str, str]) -> list[Grant]:
        """Grants whose fields equal `wanted` (names from FIELDS), ordered by id."""
        where = " AND ".join(f"{name} = ?" for name in wanted) or "1"
        order = f"SELECT id, person, resource, level, reference, version FROM grants WHERE {where} ORDER BY id"
        with closing(sqlite3.connect(self.path, timeout=10)) as connection:
            return [Grant(*row) for row in connection.execute(order, tuple(wanted.values()))]

    def get(self, grant_id: str) -> Grant | None:
        with closing(sqlite3.connect(self.path, timeout=10)) as connection:
            return _row(connection, grant_id)

    def put(self, grant_id: str, content: Mapping[str, str], conditions: Conditions) -> tuple[Grant, bool]:
        """Write one grant; True when it is new. Raises Refusal 412 where a precondition fails."""
        with self._transaction() as connection:
            current = _row(connection, grant_id)
            _require(conditions, current)
            person, resource, level = (content[name] for name in FIELDS)
            grant = Grant(grant_id, person, resource, level, content.get(REFERENCE, ""), _tick(connection))
            values = (grant_id, person, resource, level, grant.reference, grant.version)
            connection.execute("INSERT OR REPLACE INTO grants VALUES (?, ?, ?, ?, ?, ?)", values)
            return grant, current is None

    def delete(self, grant_id: str, conditions: Conditions) -> None:
        """Remove one grant. Raises Refusal 412 where a precondition fails, 404 where there is none."""
        with self._transaction() as connection:
            current = _row(connection, grant_id)
            _require(conditions, current)
            if current is None:
                raise Refusal(404, f"no grant {grant_id}")
            connection.execute("DELETE FROM grants WHERE id = ?", (grant_id,))

    def replace_all(self, grants: Mapping[str, Mapping[str, str]]) -> None:
        """Make `grants` (content by id) the only ones there are, each with a version not used before."""
        with self._transaction() as connection:
            connection.execute("DELETE FROM grants")
            for grant_id, content in grants.items():
                values = (grant_id, *(content[name] for name in FIELDS), content.get(REFERENCE, ""), _tick(connection))
                connection.execute("INSERT INTO grants VALUES (?, ?, ?, ?, ?, ?)", values)


def _row(connection: sqlite3.Connection, grant_id: str) -> Grant | None:
    query = "SELECT id, person, resource, level, reference, version FROM grants WHERE id = ?"
    row = connection.execute(query, (grant_id,)).fetchone()
    return None if row is None else Grant(*row)


def _tick(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("UPDATE clock SET version = version + 1 RETURNING version").fetchone()
    return int(version)


def _require(conditions: Conditions, current: Grant | None) -> None:
    if not conditions.holds(current):
        state = "it does not exist" if current is None else f"its ETag is {current.etag}"
        raise Refusal(412, f"precondition failed: {state}")


def parse_content(body: bytes, grant_id: str) -> dict[str, str]:
    """The fields of a grant from a request body. Raises Refusal 413, 400 or 422 with the reason."""
    if len(body) > MAX_BODY:
        raise Refusal(413, f"a grant has at most {MAX_BODY} bytes")
    try:
        content = json.loads(body)
    except ValueError as error:
        raise Refusal(400, f"the body is not JSON: {error}") from error
    if not isinstance(content, dict):
        raise Refusal(422, "the body must be a JSON object")
    unknown = sorted(set(content) - {*FIELDS, REFERENCE, "id", "etag"})
    if unknown:
        raise Refusal(422, f"unknown fields: {', '.join(unknown)}")
    if content.get("id", grant_id) != grant_id:
        raise Refusal(422, "the id in the body differs from the one in the address")
    for name in FIELDS:
        value = content.get(name)
        if not isinstance(value, str) or not value.strip() or len(value) > MAX_FIELD:
            raise Refusal(422, f"{name} must be a text of 1 to {MAX_FIELD} characters")
    reference = content.get(REFERENCE, "")
    if not isinstance(reference, str) or len(reference) > MAX_FIELD:
        raise Refusal(422, f"{REFERENCE} must be a text of at most {MAX_FIELD} characters")
    return {**{name: content[name] for name in FIELDS}, REFERENCE: reference}
