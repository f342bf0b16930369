"""What a tool says of itself, checked at the door: its name, its schemas, and what its roles and examples name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from doer.connectors.tools.plain_schema import plainly_schema
from doer.domain.action import Manifest
from doer.domain.errors import UsageError
from doer.domain.value import Json, JsonObject

LONGEST_NAME = 128
"""Characters of a tool's name."""

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*(\.[A-Za-z0-9_][A-Za-z0-9_-]*)*")


def check_name(name: str) -> str:
    """Return the name if it is one: `namespace.name` or `name`, of ASCII letters, digits, `_` and `-`. Raises UsageError.

    Letters of other scripts are refused because some look like Latin ones, and a person approves what they read.
    """
    if strange := [letter for letter in name if not letter.isascii() or not letter.isprintable()]:
        raise UsageError(
            f"tool name {name!r} has {strange[0]!a} in it; use plain ASCII letters, which cannot be mistaken"
        )
    if len(name) > LONGEST_NAME or not _NAME.fullmatch(name):
        raise UsageError(
            f"tool name {name!r:.150} is not of the form namespace.name: each part begins with a letter or digit and has letters, "
            f"digits, '_' and '-'; at most {LONGEST_NAME} characters"
        )
    return name


def check_schema(schema: object, where: str) -> JsonObject:
    """Return the schema if it is valid JSON Schema (2020-12) that refers to nothing outside itself.

    Raises UsageError that names the place, e.g. `parameters/properties/date/type`.
    """
    if not isinstance(schema, Mapping):
        raise UsageError(f"{where} is {schema!r:.60}: a JSON Schema is an object")
    try:
        if plainly_schema(schema):  # its references lead into itself
            return schema
        _ask_meta_schema(schema, where)
    except RecursionError as deep:
        raise UsageError(f"{where} is nested too deeply to be read") from deep
    for place, target in _references(schema, where):
        if not target.startswith("#"):
            raise UsageError(f"{place} refers to {target!r:.100}, which is outside the schema; write it out in `$defs`")
    return schema


def _ask_meta_schema(schema: JsonObject, where: str) -> None:
    import jsonschema

    try:
        jsonschema.Draft202012Validator.check_schema(schema)
    except jsonschema.SchemaError as wrong:
        place = "/".join([where, *map(str, wrong.absolute_path)])
        raise UsageError(f"{place}: {wrong.message:.300}; correct the schema (JSON Schema 2020-12)") from wrong


def check_parameters(schema: object, where: str = "parameters") -> JsonObject:
    """Return the schema of a tool's arguments: valid, of type object, with `properties`. Raises UsageError."""
    checked = check_schema(schema, where)
    if checked.get("type", "object") != "object":
        raise UsageError(f"{where}/type is {checked['type']!r}: the arguments of a tool are an object")
    properties = checked.get("properties", {})
    required = checked.get("required", [])
    if isinstance(properties, Mapping) and isinstance(required, Sequence):
        for name in required:
            if name not in properties:
                raise UsageError(f"{where}/required names {name!r}, which is not among the properties")
    return {**checked, "type": "object", "properties": properties}


def check_manifest(manifest: Manifest) -> Manifest:
    """Return the manifest if its parts fit each other. Raises UsageError that says which does not."""
    check_name(manifest.name)
    check_parameters(manifest.parameters, f"{manifest.name}: parameters")
    check_schema(manifest.result, f"{manifest.name}: result")
    parameters = _properties(manifest.parameters)
    _only(f"{manifest.name}: roles", manifest.roles, parameters)
    for example in manifest.examples:
        named = re.findall(r"\{(\w+)\}", example)
        _only(f"{manifest.name}: example {example!r}", named, parameters)
    if manifest.result.get("properties"):
        _only(f"{manifest.name}: issued", manifest.issued, _properties(manifest.result))
    if not 0 < manifest.timeout < float("inf"):
        raise UsageError(f"{manifest.name}: timeout {manifest.timeout} is not a number of seconds above 0")
    return manifest


def _properties(schema: JsonObject) -> tuple[str, ...]:
    properties = schema.get("properties", {})
    return tuple(properties) if isinstance(properties, Mapping) else ()


def _only(what: str, names: Iterable[str], known: tuple[str, ...]) -> None:
    if unknown := [name for name in names if name not in known]:
        raise UsageError(f"{what} names {', '.join(unknown)}; there are only: {', '.join(known) or 'none'}")


def _references(schema: Json, where: str) -> Iterable[tuple[str, str]]:
    if isinstance(schema, Mapping):
        for name, each in schema.items():
            if name in ("$ref", "$dynamicRef") and isinstance(each, str):
                yield f"{where}/{name}", each
            yield from _references(each, f"{where}/{name}")
    elif isinstance(schema, Sequence) and not isinstance(schema, str):
        for index, each in enumerate(schema):
            yield from _references(each, f"{where}/{index}")
