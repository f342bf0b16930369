"""Known entities: what a connection is known to hold (tables, people, groups …), learnt by reads; a cache, never a truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from doer.domain.errors import UsageError
from doer.domain.value import Json, JsonObject

EntityKind = Literal["person", "group", "calendar", "mail folder", "repository", "branch"]


@dataclass(frozen=True, slots=True)
class KnownColumn:
    """One column of a table."""

    name: str
    kind: str
    """integer, decimal, float, boolean, text, date, time, timestamp (without a zone), instant (with one), uuid, other …"""
    needed: bool = False
    """An insert must give it."""
    writable: bool = True
    values: tuple[str, ...] = ()
    """The few values that it has; empty where there are many."""
    closed: bool = False
    """True: the database allows no values but these (a CHECK, an enumeration)."""


@dataclass(frozen=True, slots=True)
class KnownTable:
    """One table or view that may be read."""

    name: str
    columns: tuple[KnownColumn, ...]
    primary: tuple[str, ...] = ()
    uniques: tuple[tuple[str, ...], ...] = ()
    writable: bool = False

    def column(self, name: str) -> KnownColumn | None:
        """Return the column of that name, if there is one."""
        return next((each for each in self.columns if each.name == name), None)


@dataclass(frozen=True, slots=True)
class Entity:
    """Something that people call by a name."""

    kind: EntityKind
    name: str
    """As people see it: `Ana Lopez`, `Platform`."""
    value: str
    """What tools take for it: a user name, a mail address, an id."""
    also: tuple[str, ...] = ()
    """Other names of it: mail address, user name."""
    source: str = ""
    """Which connection holds it, and when it was read; told with what it was read from, and not kept by itself."""


@dataclass(frozen=True, slots=True)
class Known:
    """What one connection is known to hold, with its source and time."""

    connection: str
    kind: str
    """Of the connection: database, calendar, directory …"""
    read_at: datetime
    tables: tuple[KnownTable, ...] = ()
    entities: tuple[Entity, ...] = ()


def to_json(known: Known) -> JsonObject:
    """Return the form in which it is kept."""
    return {
        "connection": known.connection,
        "kind": known.kind,
        "read_at": known.read_at.isoformat(),
        "tables": [_table_json(each) for each in known.tables],
        "entities": [
            {"kind": each.kind, "name": each.name, "value": each.value, "also": list(each.also)}
            for each in known.entities
        ],
    }


def from_json(data: Json) -> Known:
    """Read the form in which it is kept. Raises UsageError for anything else."""
    if not isinstance(data, Mapping):
        raise UsageError("what is known of a connection is kept in an unknown form")
    connection, kind, read_at = (data.get(name) for name in ("connection", "kind", "read_at"))
    if not isinstance(connection, str) or not isinstance(kind, str) or not isinstance(read_at, str):
        raise UsageError("what is known of a connection is kept in an unknown form")
    try:
        at = datetime.fromisoformat(read_at)
    except ValueError as wrong:
        raise UsageError(f"what is known of {connection} has no time: {wrong}") from wrong
    made = tuple(filter(None, map(_entity, _objects(data.get("entities")))))
    return Known(connection, kind, at, tables_from(data.get("tables")), made)


def tables_from(data: Json) -> tuple[KnownTable, ...]:
    """Read tables in the form in which a database tells of them and in which they are kept; what is none is left out."""
    return tuple(
        KnownTable(
            str(each.get("name")),
            tuple(_column(inner) for inner in _objects(each.get("columns"))),
            _texts(each.get("primary")),
            tuple(_texts(inner) for inner in _list(each.get("uniques"))),
            each.get("writable") is True,
        )
        for each in _objects(data)
        if isinstance(each.get("name"), str)
    )


def _table_json(table: KnownTable) -> JsonObject:
    return {
        "name": table.name,
        "primary": list(table.primary),
        "uniques": [list(each) for each in table.uniques],
        "writable": table.writable,
        "columns": [
            {"name": each.name, "kind": each.kind, "needed": each.needed, "writable": each.writable,
             "values": list(each.values), "closed": each.closed}
            for each in table.columns
        ],
    }  # fmt: skip


def _column(data: JsonObject) -> KnownColumn:
    return KnownColumn(
        str(data.get("name")), str(data.get("kind", "other")), data.get("needed") is True,
        data.get("writable") is not False, _texts(data.get("values")), data.get("closed") is True,
    )  # fmt: skip


def _entity(data: JsonObject) -> Entity | None:
    kind = next((each for each in get_args(EntityKind) if each == data.get("kind")), None)
    return (
        None if kind is None else Entity(kind, str(data.get("name")), str(data.get("value")), _texts(data.get("also")))
    )


def _list(data: Json) -> Sequence[Json]:
    return data if isinstance(data, Sequence) and not isinstance(data, str) else ()


def _objects(data: Json) -> list[JsonObject]:
    return [each for each in _list(data) if isinstance(each, Mapping)]


def _texts(data: Json) -> tuple[str, ...]:
    return tuple(str(each) for each in _list(data))
