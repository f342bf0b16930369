"""A database that lies: real SQLite triggers that lose, cut short, double, move or spread what is written."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

TRIGGER_MARK = "doer_chaos_"
SIDE_TABLE = "chaos_side_table"


@dataclass(frozen=True, slots=True)
class _Table:
    name: str
    key: str
    texts: tuple[str, ...]
    """Its text columns but the key."""
    columns: tuple[str, ...]

    @property
    def losable(self) -> tuple[str, ...]:
        """The second half of its text columns."""
        return self.texts[len(self.texts) // 2 :]


@dataclass(frozen=True, slots=True)
class _Trigger:
    statement: str
    when: str = "1"
    """What keeps one trigger from being set off by what another one did."""


def _drop(table: _Table) -> Mapping[str, _Trigger]:
    back = ", ".join(f"{each} = OLD.{each}" for each in table.columns)
    return {
        "INSERT": _Trigger(f"DELETE FROM {table.name} WHERE rowid = NEW.rowid"),
        "UPDATE": _Trigger(f"UPDATE {table.name} SET {back} WHERE rowid = NEW.rowid"),
    }


def _halve(table: _Table) -> Mapping[str, _Trigger]:
    cut = ", ".join(f"{each} = substr({each}, 1, length({each}) / 2)" for each in table.losable)
    first = table.losable[0]
    own = f"NEW.{first} IS NOT substr(OLD.{first}, 1, length(OLD.{first}) / 2)"
    statement = f"UPDATE {table.name} SET {cut} WHERE rowid = NEW.rowid"
    return {"INSERT": _Trigger(statement), "UPDATE": _Trigger(statement, own)}


def _double(table: _Table) -> Mapping[str, _Trigger]:
    values = ", ".join(f"'2' || NEW.{each}" if each == table.key else f"NEW.{each}" for each in table.columns)
    return {"INSERT": _Trigger(f"INSERT INTO {table.name} ({', '.join(table.columns)}) VALUES ({values})")}


def _misplace(table: _Table) -> Mapping[str, _Trigger]:
    moved = f"UPDATE {table.name} SET {table.key} = '2' || {table.key} WHERE rowid = NEW.rowid"
    return {"INSERT": _Trigger(moved), "UPDATE": _Trigger(moved, f"NEW.{table.key} IS OLD.{table.key}")}


def _side_record(table: _Table) -> Mapping[str, _Trigger]:
    other = f"(SELECT min(rowid) FROM {table.name} WHERE rowid <> NEW.rowid)"
    column = table.texts[0]
    altered = f"UPDATE {table.name} SET {column} = {column} || ' (altered)' WHERE rowid = {other}"
    own = f"NEW.{column} IS NOT OLD.{column} || ' (altered)'"
    return {"INSERT": _Trigger(altered), "UPDATE": _Trigger(altered, own)}


def _lost_record(table: _Table) -> Mapping[str, _Trigger]:
    other = f"(SELECT min(rowid) FROM {table.name} WHERE rowid <> NEW.rowid)"
    return dict.fromkeys(("INSERT", "UPDATE"), _Trigger(f"DELETE FROM {table.name} WHERE rowid = {other}"))


def _side_table(table: _Table) -> Mapping[str, _Trigger]:
    return dict.fromkeys(("INSERT", "UPDATE"), _Trigger(f"INSERT INTO {SIDE_TABLE} VALUES (NEW.{table.key})"))


ACTS: Mapping[str, Callable[[_Table], Mapping[str, _Trigger]]] = MappingProxyType(
    {
        "drop": _drop,
        "halve": _halve,
        "double": _double,
        "misplace": _misplace,
        "side_record": _side_record,
        "lost_record": _lost_record,
        "side_table": _side_table,
    }
)
"""Kinds of lies: the row is taken away again, cut short, there twice, under another key; another row is altered or gone;
or a row appears in another table as well."""


def is_sqlite(path: Path) -> bool:
    """Tell whether the file is an SQLite database."""
    try:
        with path.open("rb") as file:
            return file.read(16) == b"SQLite format 3\x00"
    except OSError:
        return False


def arm(path: Path, kind: str) -> None:
    """Make every write to every table lie from now on, until `disarm`. The side table is made by this."""
    with closing(sqlite3.connect(path, timeout=10)) as connection, connection:
        tables = _tables(connection)
        if kind == "side_table":
            connection.execute(f"CREATE TABLE {SIDE_TABLE} (said TEXT)")
        for table in tables:
            for verb, trigger in ACTS[kind](table).items():
                name = f'"{TRIGGER_MARK}{verb}_{table.name.strip(chr(34))}"'
                made = f"CREATE TRIGGER {name} AFTER {verb} ON {table.name} WHEN {trigger.when}"
                connection.execute(f"{made} BEGIN {trigger.statement}; END")


def disarm(path: Path) -> None:
    """Take the triggers away; what they did stays. A side table in which nothing was written was never there."""
    with closing(sqlite3.connect(path, timeout=10)) as connection, connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
        for name in names:
            if str(name).startswith(TRIGGER_MARK):
                connection.execute(f'DROP TRIGGER "{name}"')
        tables = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
        if connection.execute(tables, (SIDE_TABLE,)).fetchone() is None:
            return
        if connection.execute(f"SELECT count(*) FROM {SIDE_TABLE}").fetchone() == (0,):
            connection.execute(f"DROP TABLE {SIDE_TABLE}")


def _tables(connection: sqlite3.Connection) -> list[_Table]:
    """Return the tables that have a row id and a text column to spoil."""
    listed = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    found = []
    for name, sql in listed.fetchall():
        if "WITHOUT ROWID" in str(sql).upper():
            continue
        rows = connection.execute(f"PRAGMA table_info({_quoted(name)})").fetchall()
        key = next((_quoted(row[1]) for row in rows if row[5]), _quoted(rows[0][1]))
        texts = tuple(_quoted(row[1]) for row in rows if "TEXT" in str(row[2]).upper() and _quoted(row[1]) != key)
        if texts:
            found.append(_Table(_quoted(name), key, texts, tuple(_quoted(row[1]) for row in rows)))
    return found


def _quoted(name: str) -> str:
    return '"' + str(name).replace('"', '""') + '"'
