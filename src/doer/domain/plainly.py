"""A quick yes: whether a value plainly is what a JSON Schema allows, so that the full validator need not be asked.

A schema is read once, and becomes a function that is called for every value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import Final, TypeAlias, TypeGuard

from doer.domain.value import Json

_SHAPE: Final = frozenset(
    {"type", "properties", "required", "additionalProperties", "items", "title", "description", "default", "examples"}
)
"""What a schema may say beside limits, and beside what begins with `x-`; all after `items` constrain nothing."""

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
    if not isinstance(schema, Mapping):
        return _no
    kind = schema.get("type")
    if isinstance(kind, list):
        ways = [quick_yes({**schema, "type": each}) for each in kind]
        return lambda value: any(way(value) for way in ways)
    said = [name for name in schema if name not in _SHAPE and not name.startswith("x-")]
    if any(name not in _LIMITS for name in said):
        return _no
    limits = [_LIMITS[name](schema[name]) for name in said]
    shape = _untyped(schema) if kind is None else _shape(kind, schema)
    return shape if not limits else lambda value: shape(value) and all(limit(value) for limit in limits)


def _no(_: Json) -> bool:
    return False


def _yes(_: Json) -> bool:
    return True


def _untyped(schema: Mapping[str, Json]) -> Check:
    """Anything, or what has the required names; what else an object or an array must be is told with its type."""
    required = schema.get("required", ())
    if not schema.keys().isdisjoint(("properties", "additionalProperties", "items")) or not _are_words(required):
        return _no
    needed = frozenset(required)
    return lambda value: not needed or (type(value) is dict and needed <= value.keys())


def _are_words(listed: Json | tuple[()]) -> TypeGuard[Sequence[str]]:
    return isinstance(listed, list | tuple) and all(isinstance(each, str) for each in listed)


def _shape(kind: Json, schema: Mapping[str, Json]) -> Check:
    if not isinstance(kind, str) or kind not in _IS:
        return _no
    if kind == "object":
        return _fields(schema.get("properties", {}), schema.get("required", ()), schema.get("additionalProperties"))
    if kind == "array" and "items" in schema:
        return _items(quick_yes(schema["items"]))
    return _IS[kind]


def _items(item: Check) -> Check:
    return lambda value: type(value) is list and all(map(item, value))


def _fields(properties: Json, required: Json, others: Json) -> Check:
    """Names that the schema does not have are plainly right only where it says so, and says what their values are."""
    if not isinstance(properties, Mapping) or not _are_words(required):
        return _no
    needed, known = frozenset(required), {name: quick_yes(each) for name, each in properties.items()}
    other = _yes if others is True else quick_yes(others)

    def check(value: Json) -> bool:
        if type(value) is not dict or not needed <= value.keys():
            return False
        return not [name for name, each in value.items() if not known.get(name, other)(each)]

    return check


# Limits: each is asked of a value of the schema's type, and constrains only what it is about.


def _at_least(limit: Json) -> Check:
    if not isinstance(limit, int | float):
        return _no
    return lambda value: not isinstance(value, int | float) or value >= limit


def _at_most(limit: Json) -> Check:
    if not isinstance(limit, int | float):
        return _no
    return lambda value: not isinstance(value, int | float) or value <= limit


def _no_less(limit: Json) -> Check:
    if not isinstance(limit, int):
        return _no
    return lambda value: not isinstance(value, str | list | dict) or len(value) >= limit


def _no_more(limit: Json) -> Check:
    if not isinstance(limit, int):
        return _no
    return lambda value: not isinstance(value, str | list | dict) or len(value) <= limit


def _one_of(options: Json) -> Check:
    words = frozenset(each for each in options if isinstance(each, str)) if isinstance(options, list) else frozenset()
    return lambda value: isinstance(value, str) and value in words


def _any_of(options: Json) -> Check:
    ways = [quick_yes(each) for each in options] if isinstance(options, list) else []
    return lambda value: any(way(value) for way in ways)


def _found(pattern: Json) -> Check:
    try:
        searched = re.compile(str(pattern))
    except re.error:
        return _no
    return lambda value: not isinstance(value, str) or searched.search(value) is not None


def _differing(wanted: Json) -> Check:
    def check(value: Json) -> bool:
        return isinstance(value, list) and all(isinstance(each, str) for each in value) and len({*value}) == len(value)

    return check if wanted is True else _no


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(_DAY.pattern + r"T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|[+-][0-9]{2}:[0-9]{2})")
_ADDRESS = re.compile(r"[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+")


def _written(name: Json) -> Check:
    """The formats of which it is plain that a text has them (RFC 3339, and everyday addresses)."""
    match name:
        case "path":  # says to planners what a text is, and nothing to a validator
            return _IS["string"]
        case "email":
            return lambda value: isinstance(value, str) and _ADDRESS.fullmatch(value) is not None
        case "date":
            return lambda value: isinstance(value, str) and _reads(_DAY, date.fromisoformat, value)
        case "date-time":
            return lambda value: isinstance(value, str) and _reads(_MOMENT, datetime.fromisoformat, value)
        case _:
            return _no


def _reads(form: re.Pattern[str], read: Callable[[str], object], text: str) -> bool:
    try:
        return form.fullmatch(text) is not None and bool(read(text))
    except ValueError:  # 31 February
        return False


_LIMITS: Final[Mapping[str, Callable[[Json], Check]]] = MappingProxyType(
    {
        "minimum": _at_least, "maximum": _at_most, "enum": _one_of, "anyOf": _any_of,
        "format": _written, "pattern": _found, "uniqueItems": _differing,
        "minLength": _no_less, "minItems": _no_less, "minProperties": _no_less,
        "maxLength": _no_more, "maxItems": _no_more, "maxProperties": _no_more,
    }
)  # fmt: skip
