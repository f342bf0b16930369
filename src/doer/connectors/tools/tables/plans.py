"""How the arguments of the tools that write a table become deeds of the file tools."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from doer.connectors.tools.files.deed import Deed
from doer.connectors.tools.files.place import Place, text_argument
from doer.connectors.tools.files.plans import place_of, written
from doer.connectors.tools.files.view import View
from doer.connectors.tools.tables.cells import pairs
from doer.connectors.tools.tables.csv_table import CsvTable
from doer.connectors.tools.tables.opening import open_editable
from doer.connectors.tools.tables.table import EditableTable, Table, column_named, folded, shown
from doer.connectors.tools.tables.typed import equal, in_order, typed
from doer.domain.errors import Permanent
from doer.domain.value import Json, JsonObject

_Test: TypeAlias = Callable[[Json], bool]
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def add_row(view: View, arguments: JsonObject) -> Sequence[Deed]:
    """Put one row at the end; columns that are not named stay empty."""
    place, table = _open(view, arguments)
    if table is None:
        return written(view, place, None, "")
    values = pairs(arguments, "values", table)
    if not values:
        raise Permanent("a row needs at least one value, as column=value")
    told = ", ".join(f"{name} {shown(each)}" for name, each in values.items())
    note = f"row {len(table.rows) + 1} is added: {told}{_warning(values)}"
    return written(view, place, table.added(values), "", note)


def change_row(view: View, arguments: JsonObject) -> Sequence[Deed]:
    """Set columns of exactly one row."""
    place, table = _open(view, arguments)
    if table is None:
        return written(view, place, None, "")
    position = _position(table, arguments, place)
    values = {column_named(text_argument(arguments, "column"), table.columns): text_argument(arguments, "value")}
    for name, each in pairs(arguments, "also", table).items():
        if name in values:
            raise Permanent(f"{name} is given twice")
        values[name] = each
    row = table.rows[position]
    told = "; ".join(f"{name} {shown(row.get(name))} → {shown(each)}" for name, each in values.items())
    note = f"row {position + 1} ({_told(row)}): {told}{_warning(values)}"
    return written(view, place, table.changed(position, values), "", note)


def remove_row(view: View, arguments: JsonObject) -> Sequence[Deed]:
    """Take exactly one row out."""
    place, table = _open(view, arguments)
    if table is None:
        return written(view, place, None, "")
    position = _position(table, arguments, place)
    note = f"row {position + 1} is removed: {_told(table.rows[position])}"
    return written(view, place, table.removed(position), "", note)


def sort_rows(view: View, arguments: JsonObject) -> Sequence[Deed]:
    """Put the rows of a CSV file in the order of one column."""
    place, table = _open(view, arguments)
    if table is None:
        return written(view, place, None, "")
    if not isinstance(table, CsvTable):
        raise Permanent(f"the rows of {'/'.join(place)} cannot be put in another order; those of .csv and .tsv can")
    column = column_named(text_argument(arguments, "column"), table.columns)
    down = arguments.get("descending") is True
    order = in_order([row.get(column) for row in table.rows], descending=down)
    note = f"{len(order)} rows by {column}{', the largest first' if down else ''}"
    return written(view, place, table.ordered(order), "", note)


def _open(view: View, arguments: JsonObject) -> tuple[Place, EditableTable | None]:
    """Return the place and its table; None for one that is known only when an earlier step has run."""
    place = place_of(view, arguments)
    if (entry := view.at(place)) is None:
        raise Permanent(f"{'/'.join(place)} is not there")
    content = view.content(place, entry)
    return place, None if content is None else open_editable(place, content)


def _position(table: Table, arguments: JsonObject, place: Place) -> int:
    """Return which row is meant: the only one that has the value in the key column, or in any where none is named."""
    said = text_argument(arguments, "row")
    if not said:
        raise Permanent("row is empty: give a value that only one row has, e.g. its name or its number")
    key = arguments.get("key_column")
    columns = [column_named(str(key), table.columns)] if key is not None else list(table.columns)
    wanted = typed(said)
    found = _holding(table, columns, lambda cell: cell is not None and equal(typed(cell), wanted))
    if not found:
        found = _holding(table, columns, lambda cell: isinstance(cell, str) and folded(cell) == folded(said))
    if len(found) == 1:
        return found[0][0]
    where = f"column {columns[0]}" if key is not None else "any column"
    if not found:
        raise Permanent(f"{'/'.join(place)} has no row with {said!r:.80} in {where}")
    told = ", ".join(f"row {position + 1} in {column}" for position, column in found[:5])
    raise Permanent(
        f"{len(found)} rows of {'/'.join(place)} have {said!r:.80} ({told}{' …' if len(found) > 5 else ''}); exactly one "
        "is meant: name the column to look in, or give a value that only one row has"
    )


def _holding(table: Table, columns: Sequence[str], meant: _Test) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    for position, row in enumerate(table.rows):
        column = next((each for each in columns if meant(row.get(each))), None)
        if column is not None:
            found.append((position, column))
    return found


def _told(row: JsonObject) -> str:
    cells = [f"{name} {shown(value)}" for name, value in row.items() if value not in (None, "")]
    return ", ".join(cells[:8]) + (", …" if len(cells) > 8 else "")


def _warning(values: Mapping[str, Json]) -> str:
    risky = [name for name, each in values.items() if str(each).startswith(_FORMULA) and typed(each).kind != "number"]
    if not risky:
        return ""
    return f" (written as given: a spreadsheet program would take {', '.join(risky)} for a formula)"
