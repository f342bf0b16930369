"""A sheet of an .xlsx workbook as a table, to be read only; formulas show the value that was last computed."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from doer.connectors.tools.tables.table import check_columns, check_count, column_named
from doer.domain.errors import Permanent
from doer.domain.value import Json, JsonObject

MOST_UNPACKED = 512 * 1024 * 1024
"""Bytes of a workbook when it is unpacked; an .xlsx is a zip, and can be made to burst."""
_EXACT = 2**53


@dataclass(frozen=True, slots=True)
class Spreadsheet:
    """Rows of one sheet."""

    sheet: str
    columns: tuple[str, ...]
    rows: Sequence[JsonObject]

    @property
    def read_as(self) -> str:
        """The sheet's name."""
        return f"the sheet {self.sheet} of a workbook"


def read_spreadsheet(content: bytes, sheet: str | None) -> Spreadsheet:
    """Read a sheet, the first unless named; its first row that is not empty names the columns. Raises Permanent."""
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    _check_size(content)
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError, SyntaxError) as wrong:
        raise Permanent(f"the file is no .xlsx workbook that can be read: {wrong!s:.200}") from wrong
    try:
        name = column_named(sheet, book.sheetnames) if sheet else book.sheetnames[0]
        found = book[name]
        lines = _lines(tuple(_plain(cell) for cell in row) for row in found.iter_rows())
    except Permanent as wrong:
        raise Permanent(str(wrong).replace("column", "sheet")) from wrong
    except (ValueError, KeyError, AttributeError, IndexError, SyntaxError, zipfile.BadZipFile) as wrong:
        raise Permanent(f"the workbook cannot be read: {wrong!s:.200}") from wrong
    finally:
        book.close()
    return _table(name, lines)


def _check_size(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            size = sum(each.file_size for each in packed.infolist())
    except zipfile.BadZipFile as wrong:
        raise Permanent("the file is no .xlsx workbook: it is not even a zip file") from wrong
    if size > MOST_UNPACKED:
        raise Permanent(f"the workbook unpacks to {size:,} bytes; {MOST_UNPACKED:,} is the most that is read")


def _lines(rows: Iterable[tuple[Json, ...]]) -> list[tuple[Json, ...]]:
    lines: list[tuple[Json, ...]] = []
    for row in rows:
        filled = max((place for place, value in enumerate(row, 1) if value is not None), default=0)
        if filled:
            lines.append(row[:filled])
            check_count(len(lines) - 1)
    return lines


def _table(sheet: str, lines: Sequence[tuple[Json, ...]]) -> Spreadsheet:
    if not lines:
        raise Permanent(f"the sheet {sheet} is empty: a table needs a first row that names its columns")
    columns = check_columns("" if each is None else str(each) for each in lines[0])
    rows: list[JsonObject] = []
    for number, line in enumerate(lines[1:], 2):
        if len(line) > len(columns):
            raise Permanent(
                f"row {number} of the sheet {sheet} has {len(line)} cells, and the first row names {len(columns)} columns"
            )
        rows.append({name: line[place] if place < len(line) else None for place, name in enumerate(columns)})
    return Spreadsheet(sheet, columns, rows)


def _plain(cell: object) -> Json:
    value: object = getattr(cell, "value", None)
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return value if abs(value) < _EXACT else str(value)
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < _EXACT else value
    if isinstance(value, datetime):
        shows_time = any(sign in str(getattr(cell, "number_format", "h")).lower() for sign in ("h", "s"))
        whole = value.time() == time() and not shows_time
        return value.date().isoformat() if whole else value.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta | Decimal):
        return str(value)
    return str(value)
