"""From a path to the table that is in the file: the kind is told by the name's ending."""

from __future__ import annotations

from doer.connectors.tools.files.place import Place
from doer.connectors.tools.tables.csv_table import read_csv
from doer.connectors.tools.tables.encoding import decoded
from doer.connectors.tools.tables.json_table import read_json
from doer.connectors.tools.tables.spreadsheet import read_spreadsheet
from doer.connectors.tools.tables.table import EditableTable, Table
from doer.domain.errors import Permanent

_ENDINGS = ".csv, .tsv, .json, .jsonl, .ndjson"


def ending(place: Place) -> str:
    """Return the ending of a name, in lower case, without the dot; empty where it has none."""
    return place[-1].rpartition(".")[2].lower() if place and "." in place[-1] else ""


def open_table(place: Place, content: bytes, sheet: str | None = None) -> Table:
    """Return the table in a file, to be read. Raises Permanent that names the file and what is wrong with it."""
    if ending(place) in ("xlsx", "xlsm"):
        try:
            return read_spreadsheet(content, sheet)
        except Permanent as wrong:
            raise _named(place, wrong) from wrong
    if sheet:
        raise Permanent(f"{'/'.join(place)} has no sheets; only a workbook (.xlsx) has")
    return open_editable(place, content)


def open_editable(place: Place, content: bytes) -> EditableTable:
    """Return the table in a file, to be edited. Raises Permanent that names the file and what is wrong with it."""
    try:
        return _editable(ending(place), content)
    except Permanent as wrong:
        raise _named(place, wrong) from wrong


def _editable(kind: str, content: bytes) -> EditableTable:
    match kind:
        case "csv" | "tsv":
            return read_csv(decoded(content), tabs=kind == "tsv")
        case "json" | "jsonl" | "ndjson":
            return read_json(decoded(content), lines=kind != "json")
        case "xlsx" | "xlsm":
            raise Permanent("workbooks are only read here; save the sheet as .csv to change it")
        case "xls" | "ods":
            raise Permanent("this kind of spreadsheet is not read here; save it as .xlsx or .csv")
        case _:
            raise Permanent(f"its name does not say what kind of table it is; there are: {_ENDINGS}, .xlsx (read)")


def _named(place: Place, wrong: Permanent) -> Permanent:
    return Permanent(f"{'/'.join(place)}: {wrong}")
