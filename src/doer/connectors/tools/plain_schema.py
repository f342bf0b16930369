"""A quick yes: whether a schema plainly is valid JSON Schema, so that the whole meta-schema need not be asked.

Sixty tools are declared each time a workspace opens; their schemas use a handful of keywords, and the meta-schema takes
milliseconds for each.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

_TYPES: Final = frozenset({"string", "integer", "number", "boolean", "object", "array", "null"})


def plainly_schema(schema: object) -> bool:
    """Tell whether this is valid JSON Schema (2020-12) for certain. False: it is not, or the meta-schema must say."""
    if isinstance(schema, bool):
        return True
    return isinstance(schema, dict) and all(_holds(word, told) for word, told in schema.items())


def _holds(word: object, told: object) -> bool:
    if not isinstance(word, str):
        return False
    check = _WORDS.get(word)
    return check(told) if check is not None else word.startswith("x-")


def _text(told: object) -> bool:
    return isinstance(told, str)


def _truth(told: object) -> bool:
    return isinstance(told, bool)


def _number(told: object) -> bool:
    return type(told) in (int, float)


def _size(told: object) -> bool:
    return isinstance(told, int) and not isinstance(told, bool) and told >= 0


def _list(told: object) -> bool:
    return isinstance(told, list)


def _texts(told: object) -> bool:
    return isinstance(told, list) and all(isinstance(each, str) for each in told) and len(set(told)) == len(told)


def _type(told: object) -> bool:
    if isinstance(told, str):
        return told in _TYPES
    return isinstance(told, list) and bool(told) and _texts(told) and _TYPES.issuperset(told)


def _pattern(told: object) -> bool:
    try:
        return isinstance(told, str) and bool(re.compile(told))
    except re.error:
        return False


def _inside(told: object) -> bool:
    """A reference into the schema itself; what it leads to is for whoever follows it."""
    return isinstance(told, str) and told.startswith("#/")


def _schemas(told: object) -> bool:
    return isinstance(told, list) and bool(told) and all(map(plainly_schema, told))


def _named(told: object) -> bool:
    return isinstance(told, dict) and all(isinstance(name, str) and plainly_schema(each) for name, each in told.items())


def _anything(told: object) -> bool:  # noqa: ARG001  # a value of whatever kind
    return True


_WORDS: Final[Mapping[str, Callable[[object], bool]]] = MappingProxyType(
    {
        **dict.fromkeys(("title", "description", "format", "$comment"), _text),
        **dict.fromkeys(("uniqueItems", "deprecated", "readOnly", "writeOnly"), _truth),
        **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _number),
        **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"), _size),
        **dict.fromkeys(("enum", "examples"), _list),
        **dict.fromkeys(("const", "default"), _anything),
        **dict.fromkeys(("items", "additionalProperties", "not"), plainly_schema),
        **dict.fromkeys(("anyOf", "oneOf", "allOf"), _schemas),
        **dict.fromkeys(("properties", "$defs"), _named),
        "type": _type,
        "required": _texts,
        "pattern": _pattern,
        "$ref": _inside,
    }
)
"""What each word of a schema may say."""
