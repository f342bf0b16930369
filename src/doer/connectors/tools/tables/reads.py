"""The tools that read a table: its rows by a filter, and how many there are."""

from __future__ import annotations

from collections.abc import Sequence

from doer.connectors.tools.files.disk import Disk
from doer.connectors.tools.files.place import parse, text_argument
from doer.connectors.tools.files.view import LARGEST_KEPT
from doer.connectors.tools.tables.filtering import Found, conditions, filtered
from doer.connectors.tools.tables.opening import open_table
from doer.connectors.tools.tables.table import Table, column_named
from doer.domain.errors import Permanent
from doer.domain.value import Json, JsonObject

DEFAULT_ROWS, MOST_SHOWN = 100, 1000
"""Rows that are handed on unless a limit is given, and at most."""
_MOST_CHARACTERS = 800_000


def read_rows(disk: Disk, arguments: JsonObject, protected: Sequence[str]) -> Json:
    """Return columns, rows, count (of all that were found), more, not_compared, and what the file was read as."""
    table, found = _found(disk, arguments, protected)
    named = arguments.get("columns")
    wanted = [str(each) for each in named] if isinstance(named, Sequence) and not isinstance(named, str) else []
    columns = [column_named(each, table.columns) for each in wanted] or list(table.columns)
    asked = arguments.get("limit", DEFAULT_ROWS)
    limit = min(asked, MOST_SHOWN) if isinstance(asked, int) else DEFAULT_ROWS
    rows: list[JsonObject] = [{name: row.get(name) for name in columns} for row in found.rows[:limit]]
    if sum(len(str(each)) for row in rows for each in (*row, *row.values())) > _MOST_CHARACTERS:
        raise Permanent("the rows are too long to be handed on; name fewer columns, or lower the limit")
    return {
        "columns": columns,
        "rows": rows,
        "count": len(found.rows),
        "more": len(found.rows) > limit,
        "not_compared": found.not_compared,
        "read_as": table.read_as,
    }


def count_rows(disk: Disk, arguments: JsonObject, protected: Sequence[str]) -> Json:
    """Return count, not_compared, and what the file was read as."""
    table, found = _found(disk, arguments, protected)
    return {"count": len(found.rows), "not_compared": found.not_compared, "read_as": table.read_as}


def _found(disk: Disk, arguments: JsonObject, protected: Sequence[str]) -> tuple[Table, Found]:
    place = parse(text_argument(arguments, "path"), protected)
    entry = disk.look(place)
    if entry is None or entry.is_folder:
        raise Permanent(f"{'/'.join(place) or 'the workspace'} is {'a folder' if entry else 'not there'}; name a file")
    sheet = arguments.get("sheet")
    table = open_table(place, disk.read(place, LARGEST_KEPT), sheet if isinstance(sheet, str) else None)
    return table, filtered(table, conditions(arguments, table))
