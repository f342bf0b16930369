"""What the database tools say of themselves, and how they read their arguments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from doer.domain.action import Manifest
from doer.domain.errors import Permanent
from doer.domain.value import Json, JsonObject

_TABLE: JsonObject = {"type": "string", "minLength": 1, "description": "table, as people or sales.orders"}
_VALUES: JsonObject = {
    "type": "object",
    "minProperties": 1,
    "description": "column -> value; decimals and big integers may be strings, times are ISO 8601, bytes are "
    '{"$bytes": "base64"}',
}
_KEY: JsonObject = {
    "type": ["object", "string", "integer"],
    "minProperties": 1,
    "description": "column -> value of the primary key or of a unique constraint; or just the primary key's value",
}
_WHERE: JsonObject = {
    "type": "array",
    "description": "conditions that all must hold",
    "items": {
        "type": "object",
        "properties": {
            "column": {"type": "string"},
            "op": {"enum": ["equals", "differs", "less", "at_least", "greater", "in", "contains", "is_null"]},
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
_ROW: JsonObject = {
    "type": "object",
    "properties": {
        "table": {"type": "string"},
        "id": {"description": "value of the primary key where it is one column"},
        "key": {"type": "object", "description": "column -> value of the primary key"},
        "row": {"type": "object", "description": "the row as it was read back"},
        "generated": {"type": "object", "description": "what the database filled in"},
    },
    "required": ["table", "id", "key", "row"],
}


def find(name: str) -> Manifest:
    """Return the manifest of `name.find`."""
    return Manifest(
        f"{name}.find",
        f"Find rows of a table in {name} by a typed filter.",
        _object(
            {
                "table": _TABLE,
                "where": _WHERE,
                "columns": {"type": "array", "items": {"type": "string"}, "description": "all unless given"},
                "order": _ORDER,
                "limit": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100},
            },
            "table",
        ),
        "read",
        {
            "type": "object",
            "properties": {
                "rows": {"type": "array", "items": {"type": "object"}},
                "more": {"type": "boolean", "description": "there are more rows than the limit"},
            },
            "required": ["rows", "more"],
        },
        ("find {table} in " + name, "show the rows of {table} in " + name, "list {table} from " + name),
        once=True,
        roles={"table": "destination"},
    )


def count(name: str) -> Manifest:
    """Return the manifest of `name.count`."""
    return Manifest(
        f"{name}.count",
        f"Count the rows of a table in {name} by a typed filter.",
        _object({"table": _TABLE, "where": _WHERE}, "table"),
        "read",
        {"type": "object", "properties": {"count": {"type": "integer"}}, "required": ["count"]},
        ("count {table} in " + name, "how many {table} are in " + name),
        once=True,
        roles={"table": "destination"},
    )


def total(name: str) -> Manifest:
    """Return the manifest of `name.total`."""
    return Manifest(
        f"{name}.total",
        f"Add up one column of a table in {name} over a typed filter, in exact decimals.",
        _object({"table": _TABLE, "column": {"type": "string"}, "where": _WHERE}, "table", "column"),
        "read",
        {
            "type": "object",
            "properties": {
                "total": {"type": "string", "description": "decimal"},
                "count": {"type": "integer", "description": "rows that had a value"},
            },
            "required": ["total", "count"],
        },
        ("add up {column} of {table} in " + name, "total {column} of {table} in " + name),
        once=True,
        roles={"table": "destination"},
    )


def tables(name: str) -> Manifest:
    """Return the manifest of `name.tables`."""
    return Manifest(
        f"{name}.tables",
        f"List the tables of {name} that may be read: columns, types, keys, and the values of columns that have few.",
        _object({}),
        "read",
        {"type": "object", "properties": {"tables": {"type": "array", "items": {"type": "object"}}}},
        ("which tables are in " + name, "list the tables of " + name),
        once=True,
        timeout=60.0,
    )


def insert(name: str, *, once: bool) -> Manifest:
    """Return the manifest of `name.insert`."""
    return Manifest(
        f"{name}.insert",
        f"Add one row to a table in {name}.",
        _object({"table": _TABLE, "values": _VALUES}, "table", "values"),
        "write",
        _ROW,
        ("add {values} to {table} in " + name, "insert {values} into {table} of " + name),
        once=once,
        roles={"table": "destination"},
        issued=("generated",),
    )


def update(name: str, *, once: bool) -> Manifest:
    """Return the manifest of `name.update`."""
    return Manifest(
        f"{name}.update",
        f"Set columns of one row of a table in {name}, named by its key.",
        _object({"table": _TABLE, "key": _KEY, "values": _VALUES}, "table", "key", "values"),
        "write",
        _ROW,
        ("set {values} of {key} in {table} of " + name, "update {table} {key} in " + name + " to {values}"),
        once=once,
        roles={"table": "destination", "key": "destination"},
    )


def delete(name: str, *, once: bool) -> Manifest:
    """Return the manifest of `name.delete`."""
    return Manifest(
        f"{name}.delete",
        f"Delete one row of a table in {name}, named by its key.",
        _object({"table": _TABLE, "key": _KEY}, "table", "key"),
        "write",
        _ROW,
        ("delete {key} from {table} in " + name, "remove {table} {key} from " + name),
        once=once,
        roles={"table": "destination", "key": "destination"},
    )


def table(arguments: JsonObject) -> str:
    """Return the table's title. Raises Permanent when it is no text."""
    title = arguments.get("table")
    if not isinstance(title, str):
        raise Permanent("the table's name must be text")
    return title


def values(arguments: JsonObject) -> JsonObject:
    """Return the values by column; none where the tool takes none. Raises Permanent when they are no object."""
    given = arguments.get("values", {})
    if not isinstance(given, Mapping):
        raise Permanent("values must be an object: column -> value")
    return given


def objects(arguments: JsonObject, name: str) -> Sequence[JsonObject]:
    """Return a list of objects, such as conditions."""
    given = arguments.get(name, [])
    listed = given if isinstance(given, Sequence) and not isinstance(given, str) else []
    return [each for each in listed if isinstance(each, Mapping)]


def strings(arguments: JsonObject, name: str) -> Sequence[str]:
    """Return a list of names."""
    given = arguments.get(name, [])
    return [str(each) for each in given] if isinstance(given, Sequence) and not isinstance(given, str) else []


def _object(properties: Mapping[str, Json], *required: str) -> JsonObject:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }
