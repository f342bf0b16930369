"""Nesting: flat arguments with dots in their names as the objects, and the lists of objects, that a schema wants."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from doer.domain.value import Json, JsonObject
from doer.planning.schema import mapping, settled

_DEPTH: Final = 4


def assembled(flat: Mapping[str, Json], schema: JsonObject) -> dict[str, Json]:
    """`{"a.b": 1}` as `{"a": {"b": 1}}`, or as `{"a": [{"b": 1}]}` where `a` is a list of objects. `schema`: of the object, or its list."""
    whole = dict[str, Json]()
    for name, value in flat.items():
        *path, last = name.split(".")
        here: dict[str, Json] = whole
        for part in path:
            inner = here.setdefault(part, {})
            assert isinstance(inner, dict)
            here = inner
        here[last] = value
    return _wrapped(whole, schema, schema)


def _wrapped(value: Mapping[str, Json], schema: JsonObject, root: JsonObject) -> dict[str, Json]:
    fields = mapping(_object(schema, root).get("properties"))
    found = dict[str, Json]()
    for name, each in value.items():
        field = settled(mapping(fields.get(name)), root)
        if isinstance(each, Mapping):
            inner = _wrapped(each, field, root)
            found[name] = [inner] if field.get("type") == "array" else inner
        else:
            found[name] = each
    return found


def _object(schema: JsonObject, root: JsonObject) -> JsonObject:
    return settled(mapping(schema.get("items")), root) if schema.get("type") == "array" else schema


def item(schema: JsonObject, root: JsonObject) -> JsonObject:
    """Return what one object of a list of objects is; {} for all else."""
    inner = settled(mapping(schema.get("items")), root) if schema.get("type") == "array" else {}
    return inner if mapping(inner.get("properties")) else {}


def object_lists(schema: JsonObject) -> Iterator[str]:
    """Yield the names of the outermost lists of objects: `order.items`."""
    yield from _lists(schema, schema, "", 0)


def _lists(schema: JsonObject, root: JsonObject, prefix: str, depth: int) -> Iterator[str]:
    for name, given in mapping(schema.get("properties")).items():
        field = settled(mapping(given), root)
        if item(field, root):
            yield f"{prefix}{name}"
        elif mapping(field.get("properties")) and depth < _DEPTH:
            yield from _lists(field, root, f"{prefix}{name}.", depth + 1)
