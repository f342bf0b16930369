"""SQLite's catalogue, read through its table-valued pragmas (sqlite.org/pragma.html)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, text

from doer.connectors.tools.database.shapes import Column, Inbound, Kind, Shape

_TABLES = text(
    "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    " ORDER BY name"
)
_ENTRY = text("SELECT type, sql FROM sqlite_master WHERE type IN ('table', 'view') AND name = :name")
_COLUMNS = text('SELECT name, type, "notnull", dflt_value, pk, hidden FROM pragma_table_xinfo(:name) ORDER BY cid')
_INDEXES = text('SELECT name, origin FROM pragma_index_list(:name) WHERE "unique" = 1 AND partial = 0 ORDER BY seq')
_INDEX = text("SELECT name FROM pragma_index_info(:name) ORDER BY seqno")
_FOREIGN = text('SELECT id, "table", "from", "to" FROM pragma_foreign_key_list(:name) ORDER BY id, seq')
_TRIGGERS = text(
    "SELECT name FROM sqlite_master WHERE type = 'trigger' AND lower(tbl_name) = lower(:name) ORDER BY name"
)
_WITHOUT_ROWID = text("SELECT wr FROM pragma_table_list(:name) WHERE schema = 'main'")
_CHECK = re.compile(
    r"""CHECK\s*\(\s*["`\[]?(\w+)["`\]]?\s+IN\s*\(((?:\s*'(?:[^']|'')*'\s*,?)+)\)\s*\)""", re.IGNORECASE
)
_TEXT = re.compile(r"'((?:[^']|'')*)'")
_SCALE = re.compile(r"\(\s*\d+\s*,\s*(\d+)\s*\)")
_EXACT: dict[str, Kind] = {"DATE": "date", "TIME": "time", "UUID": "uuid"}
_PARTS: tuple[tuple[str, Kind], ...] = (
    ("BOOL", "boolean"), ("JSON", "json"), ("DATETIME", "timestamp"), ("TIMESTAMP", "timestamp"), ("INT", "integer"),
    ("CHAR", "text"), ("CLOB", "text"), ("TEXT", "text"), ("BLOB", "bytes"), ("BINARY", "bytes"), ("REAL", "float"),
    ("FLOA", "float"), ("DOUB", "float"), ("DEC", "decimal"), ("NUM", "decimal"), ("MONEY", "decimal"),
)  # fmt: skip


def titles(connection: Connection) -> Sequence[str]:
    """Return the names of all tables and views."""
    return [str(name) for (name,) in connection.execute(_TABLES)]


def shape(connection: Connection, title: str) -> Shape | None:
    """Return what the table looks like; names are matched exactly."""
    entry = connection.execute(_ENTRY, {"name": title}).one_or_none()
    if entry is None:
        return None
    listed = connection.execute(_COLUMNS, {"name": title}).all()
    ranked = sorted((row for row in listed if row.pk), key=lambda row: int(row.pk))
    primary = tuple(str(row.name) for row in ranked)
    view = entry.type == "view"
    alias = len(ranked) == 1 and str(ranked[0].type).upper() == "INTEGER"
    without = bool(connection.execute(_WITHOUT_ROWID, {"name": title}).scalar()) if not view else True
    counted = "AUTOINCREMENT" in str(entry.sql or "").upper()
    columns = tuple(
        _column(row.name, row.type, row.notnull, row.dflt_value, row.hidden, rowid=alias and row.pk, counted=counted)
        for row in listed
        if row.hidden != 1
    )
    return Shape(
        title, None, columns, primary, _uniques(connection, title), _inbound(connection, title),
        tuple(str(name) for (name,) in connection.execute(_TRIGGERS, {"name": title})),
        view=view, place="" if without else _place(columns),
    )  # fmt: skip


def declared_values(connection: Connection, title: str) -> Mapping[str, Sequence[str]]:
    """Return the texts that a `CHECK (column IN ('a', 'b'))` allows, by column."""
    entry = connection.execute(_ENTRY, {"name": title}).one_or_none()
    return {
        column: [each.replace("''", "'") for each in _TEXT.findall(listed)]
        for column, listed in _CHECK.findall(str(entry.sql or "") if entry is not None else "")
    }


def _column(
    name: str, declared: str, required: object, default: object, hidden: int, *, rowid: object, counted: bool
) -> Column:
    scale = _SCALE.search(declared)
    return Column(
        str(name), _kind(declared), declared, declared,
        nullable=not required and not rowid, filled=default is not None or bool(rowid),
        numbered=bool(rowid) and counted, computed=hidden in (2, 3), scale=int(scale[1]) if scale else None,
    )  # fmt: skip


def _kind(declared: str) -> Kind:
    name = declared.upper().split("(")[0].strip()
    if name in _EXACT:
        return _EXACT[name]
    return next((kind for part, kind in _PARTS if part in name), "other")


def _place(columns: Sequence[Column]) -> str:
    taken = {each.name.lower() for each in columns}
    return next((name for name in ("rowid", "_rowid_", "oid") if name not in taken), "")


def _uniques(connection: Connection, title: str) -> tuple[tuple[str, ...], ...]:
    found = []
    for index in connection.execute(_INDEXES, {"name": title}).all():
        columns = tuple(name for (name,) in connection.execute(_INDEX, {"name": index.name}))
        if index.origin != "pk" and None not in columns:  # None: an expression
            found.append(columns)
    return tuple(found)


def _inbound(connection: Connection, title: str) -> tuple[Inbound, ...]:
    found: list[Inbound] = []
    for table in titles(connection):
        keys: dict[int, list[tuple[str, str | None]]] = {}
        for row in connection.execute(_FOREIGN, {"name": table}).all():
            if str(row.table).lower() == title.lower():
                keys.setdefault(int(row.id), []).append((getattr(row, "from"), row.to))
        for pairs in keys.values():
            targets = tuple(to for _, to in pairs if to is not None) or _primary(connection, title)
            found.append(Inbound(table, None, tuple(source for source, _ in pairs), targets))
    return tuple(found)


def _primary(connection: Connection, title: str) -> tuple[str, ...]:
    listed = connection.execute(_COLUMNS, {"name": title}).all()
    return tuple(str(row.name) for row in sorted((each for each in listed if each.pk), key=lambda row: int(row.pk)))
