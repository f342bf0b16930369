"""A quick yes: whether a value plainly is what a JSON Schema allows, so that the full validator need not be asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from doer.domain.value import Json

_WORDS: Final = frozenset(
    {"type", "properties", "required", "additionalProperties", "items", "title", "description", "default", "examples"}
)
"""What a schema may say that is judged here; all after `items` constrain nothing."""

_IS: Final[Mapping[str, Callable[[object], bool]]] = MappingProxyType(
    {
        "string": lambda value: isinstance(value, str),
        "integer": lambda value: type(value) is int,
        "number": lambda value: type(value) in (int, float),
        "boolean": lambda value: isinstance(value, bool),
        "object": lambda value: type(value) is dict,
        "array": lambda value: type(value) is list,
        "null": lambda value: value is None,
    }
)


def plainly(value: Json, schema: Json) -> bool:
    """Tell whether the value is valid for certain (JSON Schema 2020-12). False: it is not, or the validator must say."""
    if not isinstance(schema, Mapping) or not schema.keys() <= _WORDS:
        return False
    kind = schema.get("type")
    if not isinstance(kind, str) or kind not in _IS or not _IS[kind](value):
        return False
    if isinstance(value, dict):
        return _fields(value, schema)
    if isinstance(value, list) and "items" in schema:
        return all(plainly(each, schema["items"]) for each in value)
    return True


def _fields(value: Mapping[str, Json], schema: Mapping[str, Json]) -> bool:
    known, required = schema.get("properties", {}), schema.get("required", ())
    if not isinstance(known, Mapping) or not isinstance(required, list | tuple):
        return False
    if any(name not in value for name in required):
        return False
    return all(name in known and plainly(each, known[name]) for name, each in value.items())
