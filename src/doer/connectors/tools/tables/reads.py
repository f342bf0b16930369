"""The tools that read a table: its rows by a filter, how many there are, and what a column adds up to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import PurePosixPath

from doer.connectors.tools.files.disk import Disk
from doer.connectors.tools.files.place import parse, text_argument
from doer.connectors.tools.files.view import LARGEST_KEPT
from doer.connectors.tools.tables.filtering import Found, conditions, filtered
from doer.connectors.tools.tables.opening import open_table
from doer.connectors.tools.tables.table import Table, column_named, folded, shown
from doer.connectors.tools.tables.typed import in_order, typed
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
    every = _ordered(found.rows, arguments.get("order"), table)
    rows: list[JsonObject] = [{name: row.get(name) for name in columns} for row in every[:limit]]
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


def _ordered(rows: Sequence[JsonObject], order: Json, table: Table) -> Sequence[JsonObject]:
    """The rows by the columns of `order`, the first of them the weightiest."""
    by = [each for each in order if isinstance(each, Mapping)] if isinstance(order, Sequence) else []
    for each in reversed(by):
        column = column_named(str(each.get("column")), table.columns)
        places = in_order([row.get(column) for row in rows], descending=each.get("descending") is True)
        rows = [rows[place] for place in places]
    return rows


def count_rows(disk: Disk, arguments: JsonObject, protected: Sequence[str]) -> Json:
    """Return count, not_compared, and what the file was read as."""
    table, found = _found(disk, arguments, protected)
    return {"count": len(found.rows), "not_compared": found.not_compared, "read_as": table.read_as}


def total(disk: Disk, arguments: JsonObject, protected: Sequence[str]) -> Json:
    """Return total, count, column, not_compared, and what the file was read as. Raises Permanent for what is no number.

    Without a column it is the one that holds numbers alone; the file's own name (`the expenses in expenses.csv`) is none.
    """
    told = arguments.get("added")
    table, found = _found(disk, arguments, protected)
    stem = PurePosixPath(text_argument(arguments, "path")).stem
    if isinstance(told, str) and (folded(told) != folded(stem) or told in table.columns):
        column = column_named(told, table.columns)
    else:
        column = _of_numbers(table)
    cells = [(place, typed(row.get(column))) for place, row in enumerate(found.rows, 1)]
    filled = [(place, cell) for place, cell in cells if cell.kind != "empty"]
    if wrong := next(((place, cell) for place, cell in filled if cell.kind != "number"), None):
        raise Permanent(
            f"row {wrong[0]} of those that were found has {shown(wrong[1].text)!r} in {column}, which is no number"
        )
    return {
        "total": format(sum((cell.number for _, cell in filled), Decimal(0)), "f"),
        "count": len(filled),
        "column": column,
        "not_compared": found.not_compared,
        "read_as": table.read_as,
    }


def _of_numbers(table: Table) -> str:
    """The only column that holds numbers alone. Raises Permanent where there is none, or several."""
    kinds = {name: {typed(row.get(name)).kind for row in table.rows} - {"empty"} for name in table.columns}
    found = [name for name, held in kinds.items() if held == {"number"}]
    if len(found) == 1:
        return found[0]
    told = " and ".join(found) or "none"
    raise Permanent(f"name the column to add up: of the columns {', '.join(table.columns)}, {told} can be added up")


def _found(disk: Disk, arguments: JsonObject, protected: Sequence[str]) -> tuple[Table, Found]:
    place = parse(text_argument(arguments, "path"), protected)
    entry = disk.look(place)
    if entry is None or entry.is_folder:
        raise Permanent(f"{'/'.join(place) or 'the workspace'} is {'a folder' if entry else 'not there'}; name a file")
    sheet = arguments.get("sheet")
    table = open_table(place, disk.read(place, LARGEST_KEPT), sheet if isinstance(sheet, str) else None)
    return table, filtered(table, conditions(arguments, table))
