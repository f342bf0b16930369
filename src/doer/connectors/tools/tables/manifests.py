"""What the table tools say of themselves."""

from __future__ import annotations

from doer.domain.action import Manifest, Role
from doer.domain.value import JsonObject

_PATH: JsonObject = {"type": "string", "description": "The file: .csv, .tsv, .json or .jsonl."}
_READ_PATH: JsonObject = {"type": "string", "description": "The file: .csv, .tsv, .json, .jsonl or .xlsx."}
_COLUMN: JsonObject = {"type": "string", "minLength": 1, "description": "name of a column"}
_ROW: JsonObject = {"type": "string", "description": "a value that only this row has, e.g. its name or number"}
_KEY: JsonObject = {
    "type": "string",
    "minLength": 1,
    "description": "the column in which to look for it; any unless given",
}
# The same conditions as the database's, so that who knows one knows both.
_WHERE: JsonObject = {
    "type": "array",
    "description": "conditions that all must hold",
    "items": {
        "type": "object",
        "properties": {
            "column": {"type": "string"},
            "op": {"enum": ["equals", "differs", "less", "greater", "in", "contains", "is_null"]},
            "value": {},
        },
        "required": ["column", "op"],
        "additionalProperties": False,
    },
}
_ORDER: JsonObject = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {"column": {"type": "string"}, "descending": {"type": "boolean"}},
        "required": ["column"],
        "additionalProperties": False,
    },
}
_PAIRS: JsonObject = {
    "type": "array",
    "items": {"type": "string", "minLength": 1},
    "description": "each as column=value",
}
_FILTER: JsonObject = {
    "path": _READ_PATH,
    "column": {"type": "string", "minLength": 1, "description": "only rows with the value in this column"},
    "value": {"type": "string", "description": "the value that they have in that column"},
    "where": _WHERE,
    "sheet": {"type": "string", "description": "of a workbook; the first unless named"},
}
_WRITTEN: JsonObject = {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}
_COUNTED: JsonObject = {
    "count": {"type": "integer", "description": "all rows that were found"},
    "not_compared": {"type": "integer", "description": "rows whose cell could not be compared; not counted as found"},
    "read_as": {"type": "string", "description": "kind of file, separator and encoding"},
}


def _object(properties: JsonObject, *required: str) -> JsonObject:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


def read_rows(name: str) -> Manifest:
    """Return the manifest of `name.read_rows`."""
    parameters: JsonObject = {
        **_FILTER,
        "columns": {"type": "array", "items": {"type": "string"}, "description": "all unless given"},
        "order": _ORDER,
        "limit": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100},
    }
    result: JsonObject = {
        "columns": {"type": "array", "items": {"type": "string"}},
        "rows": {"type": "array", "items": {"type": "object"}},
        **_COUNTED,
        "more": {"type": "boolean", "description": "there are more rows than the limit"},
    }
    return Manifest(
        f"{name}.read_rows",
        "Read the rows of a table in a file: CSV, JSON or a workbook.",
        _object(parameters, "path"),
        "read",
        _object(result, "columns", "rows", "count"),
        (
            "show the rows of {path}",
            "read the rows of {path}",
            "show the rows of {path} where {column} is {value}",
            "list everyone in {path}",
            "who is in {path}",
            "who is listed in {path}",
            "list the rows in {path} with {column} {value}",
            "which rows of {path} have {column} {value}",
            "what rows are in {path}",
        ),
        once=True,
        roles={"path": "destination"},
        timeout=60,
    )


_TOTALS = (
    "(what is|what's|tell me|show me|give me) the (total|sum|overall total|grand total) (of|in|from|for|according to) [the file] {path}",
    "(what is|what's|tell me|show me|give me|[the]) (total|sum) of [the|all] [column] {added} [column|values] (in|of|from|according to) [the file] {path}",
    "(what is|what's|tell me|show me|give me) the total {added} (in|of|from|according to) [the file] {path}",
    "(add up|sum up|total|sum|add together) [the|all] [numbers|figures|entries] [in|of|from] [the file] {path}",
    "(add up|sum up|total|sum|add together) [the|all] [column] {added} [column|values] (in|of|from) [the file] {path}",
    "(what|how much) (do|does) [the|all] {added} (in|of|from) [the file] {path} (add up to|come to|sum up to|make) [in total|altogether|in all]",
    "(what|how much) (do|does) {path} (add up to|come to|sum up to|make) [in total|altogether|in all]",
    "how much (is|are|was|were) [the|all] {added} (in|of|from) [the file] {path} [in total|altogether|in all|together]",
    "how much (did|have|has) (we|I) (spend|spent|pay|paid) [in total|altogether|in all] (according to|in|as of) [the file] {path}",
)


def total(name: str) -> Manifest:
    """Return the manifest of `name.total`."""
    added: JsonObject = {
        "type": "string",
        "minLength": 1,
        "description": "the column to add up; unless given, the only one that holds numbers alone",
        "x-said": {"verbatim": True},
    }
    parameters: JsonObject = {"path": _READ_PATH, "added": added, **_FILTER}
    return Manifest(
        f"{name}.total",
        "Add up one column of a table in a file, in exact decimals: CSV, JSON or a workbook.",
        {**_object(parameters, "path"), "x-said": {"patterns": list(_TOTALS)}},
        "read",
        _object(
            {"total": {"type": "string", "description": "decimal"}, **_COUNTED, "column": _COLUMN}, "total", "count"
        ),
        ("add up the {added} column of {path}", "what is the total of {added} in {path}", "sum up {path}"),
        once=True,
        roles={"path": "destination"},
        timeout=60,
    )


_COUNTS = "how many (rows|entries|lines|items|people|persons|names|records) (are|are there|are listed|are named|do we have) (in|on) [the file] {path}"


def count_rows(name: str) -> Manifest:
    """Return the manifest of `name.count_rows`."""
    return Manifest(
        f"{name}.count_rows",
        "Count the rows of a table in a file: CSV, JSON or a workbook.",
        {**_object(_FILTER, "path"), "x-said": {"patterns": [_COUNTS]}},
        "read",
        _object(_COUNTED, "count"),
        (
            "how many rows are in {path}",
            "how many rows does {path} have",
            "count the rows in {path}",
            "count the rows of {path}",
            "how many rows of {path} have {column} {value}",
            "count the rows of {path} where {column} is {value}",
            "how many entries are in {path}",
        ),
        once=True,
        roles={"path": "destination"},
        timeout=60,
    )


def add_row(name: str) -> Manifest:
    """Return the manifest of `name.add_row`."""
    return _writing(
        f"{name}.add_row",
        "Add one row at the end of a table in a file: CSV or JSON.",
        _object({"path": _PATH, "values": {**_PAIRS, "minItems": 1}}, "path", "values"),
        (
            "add a row to {path} with {values}",
            "add a row with {values} to {path}",
            "add a new row to {path}: {values}",
            "append a row to {path} with {values}",
            "put a row with {values} into {path}",
            "insert a row into {path} with {values}",
        ),
        {"path": "destination"},
    )


def change_row(name: str) -> Manifest:
    """Return the manifest of `name.change_row`."""
    parameters: JsonObject = {
        "path": _PATH,
        "row": _ROW,
        "column": {**_COLUMN, "description": "the column to set"},
        "value": {"type": "string", "description": "what it shall say"},
        "key_column": _KEY,
        "also": {**_PAIRS, "description": "further columns to set in that row, each as column=value"},
    }
    return _writing(
        f"{name}.change_row",
        "Set a column of one row of a table in a file: CSV or JSON.",
        _object(parameters, "path", "row", "column", "value"),
        (
            "set {column} to {value} for {row} in {path}",
            "set {column} of {row} to {value} in {path}",
            "set the {column} of {row} to {value} in {path}",
            "change {column} to {value} for {row} in {path}",
            "change the {column} of {row} to {value} in {path}",
            "change {row}'s {column} to {value} in {path}",
            "set the {column} of {row} in {path} to {value}",
        ),
        {"path": "destination", "row": "destination", "key_column": "destination"},
    )


def remove_row(name: str) -> Manifest:
    """Return the manifest of `name.remove_row`."""
    return _writing(
        f"{name}.remove_row",
        "Remove one row from a table in a file: CSV or JSON.",
        _object({"path": _PATH, "row": _ROW, "key_column": _KEY}, "path", "row"),
        (
            "remove {row} from {path}",
            "remove the row {row} from {path}",
            "remove the row of {row} from {path}",
            "delete the row {row} in {path}",
            "delete the row of {row} from {path}",
            "take {row} out of {path}",
            "remove the row where {key_column} is {row} from {path}",
        ),
        {"path": "destination", "row": "destination", "key_column": "destination"},
    )


def sort_rows(name: str) -> Manifest:
    """Return the manifest of `name.sort_rows`."""
    parameters: JsonObject = {
        "path": {"type": "string", "description": "The file: .csv or .tsv."},
        "column": {**_COLUMN, "description": "the column by which"},
        "descending": {"type": "boolean", "description": "true: the largest, the latest, or Z first"},
    }
    return _writing(
        f"{name}.sort_rows",
        "Put the rows of a table in a file in the order of one column: CSV.",
        _object(parameters, "path", "column"),
        (),
        {"path": "destination"},
    )


def _writing(
    name: str, description: str, parameters: JsonObject, examples: tuple[str, ...], roles: dict[str, Role]
) -> Manifest:
    return Manifest(name, description, parameters, "write", _WRITTEN, examples, once=True, roles=roles, timeout=60)
