"""A quick yes: whether a value plainly is what a JSON Schema allows, so that the full validator need not be asked.

A schema is read once, and becomes a function that is called for every value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

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


Check: TypeAlias = Callable[[Json], bool]


def quick_yes(schema: Json) -> Check:
    """Return what tells whether a value is valid for certain (JSON Schema 2020-12). False: it is not, or the validator must say."""
    if not isinstance(schema, Mapping) or not schema.keys() <= _WORDS:
        return _no
    kind = schema.get("type")
    if not isinstance(kind, str) or kind not in _IS:
        return _no
    if kind == "object":
        return _fields(schema.get("properties", {}), schema.get("required", ()))
    if kind == "array" and "items" in schema:
        return _items(quick_yes(schema["items"]))
    return _IS[kind]


def _no(_: Json) -> bool:
    return False


def _items(item: Check) -> Check:
    return lambda value: type(value) is list and all(map(item, value))


def _fields(properties: Json, required: Json) -> Check:
    if not isinstance(properties, Mapping) or not isinstance(required, list | tuple):
        return _no
    if not all(isinstance(name, str) for name in required):
        return _no
    needed, known = frozenset(required), {name: quick_yes(each) for name, each in properties.items()}

    def check(value: Json) -> bool:
        if type(value) is not dict or not needed <= value.keys():
            return False
        return not [name for name, each in value.items() if not known.get(name, _no)(each)]

    return check
