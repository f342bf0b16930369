"""JSON Schema, as far as plans need it: fields along a path, and whether a result's type fits an argument's."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache

from doer.domain.value import Json, JsonObject


def mapping(value: Json) -> JsonObject:
    """Return the value where it is an object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def names(value: Json) -> tuple[str, ...]:
    """Return the texts of a list, else nothing."""
    if isinstance(value, str) or not isinstance(value, Sequence):
        return ()
    return tuple(each for each in value if isinstance(each, str))


def settled(schema: JsonObject, root: JsonObject) -> JsonObject:
    """Follow local `$ref`s (`#/$defs/Name`) to the schema that they name."""
    for _ in range(20):
        target = schema.get("$ref")
        if not isinstance(target, str) or not target.startswith("#/"):
            return schema
        found: Json = root
        for part in target[2:].split("/"):
            found = mapping(found).get(part.replace("~1", "/").replace("~0", "~"))
        schema = mapping(found)
    return {}


def follow(schema: JsonObject, path: Sequence[str]) -> JsonObject | str:
    """Return the schema at the path; {} where the schema does not say; the missing field's name where it has no such."""
    root, here = schema, settled(schema, schema)
    for name in path:
        fields = mapping(here.get("properties"))
        if name in fields:
            here = settled(mapping(fields[name]), root)
        elif name.isdigit() and "items" in here:
            here = settled(mapping(here["items"]), root)
        elif (fields and here.get("additionalProperties") in (None, False) and not _combined(here)) or (
            _types(here) and not _types(here) & {"object", "array"}
        ):
            return name
        else:
            return {}
    return here


def _combined(schema: JsonObject) -> bool:
    return any(word in schema for word in ("anyOf", "oneOf", "allOf"))


def _types(schema: JsonObject) -> frozenset[str]:
    kind = schema.get("type")
    return frozenset({kind}) if isinstance(kind, str) else frozenset(names(kind))


def fits(given: JsonObject, wanted: JsonObject) -> bool:
    """Tell whether a value of the one schema's type can be one of the other's; unknown types fit."""
    have, need = _types(given), _types(wanted)
    if not have or not need:
        return True
    if "number" in need:
        need |= {"integer"}
    if "number" in have:
        have |= {"integer"}
    return bool(have & need)


def problems(value: Json, schema: JsonObject) -> Iterator[str]:
    """Yield what is wrong with a value (JSON Schema Draft 2020-12, formats checked), each with its place."""
    # Loaded for the first value that is not plainly right: most commands never meet one.
    from jsonschema.exceptions import SchemaError
    from referencing.exceptions import Unresolvable

    try:
        checker = _checker(json.dumps(schema, sort_keys=True))
    except SchemaError as broken:
        yield f"the tool's own schema is not a JSON Schema: {broken.message}"
        return
    try:
        yield from checker(value)
    except Unresolvable as broken:
        yield f"the tool's own schema refers to what it does not have: {broken}"[:300]


@lru_cache(maxsize=1024)
def _checker(schema: str) -> Callable[[Json], Iterator[str]]:
    """Compile a schema to what tells a value's errors; the same few come again with every plan. Raises SchemaError."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError

    parsed = json.loads(schema)
    try:
        Draft202012Validator.check_schema(parsed)
    except SchemaError:
        parsed = mapping(_plain(parsed))  # `"examples": "12, 24"` is wrong, and says nothing of what is valid
        Draft202012Validator.check_schema(parsed)
    validator = Draft202012Validator(parsed, format_checker=Draft202012Validator.FORMAT_CHECKER)

    def errors(value: Json) -> Iterator[str]:
        for error in validator.iter_errors(value):
            place = ".".join(map(str, error.absolute_path))
            message = error.message if len(error.message) < 300 else error.message[:300] + "…"
            yield f"{place}: {message}" if place else message

    return errors


_SAYS_NOTHING = frozenset(
    ("title", "description", "examples", "example", "deprecated", "readOnly", "writeOnly", "$comment")
)
"""Keywords that annotate; under `properties` they are names."""


def _plain(schema: Json) -> Json:
    """The schema without what only annotates it."""
    if isinstance(schema, list):
        return [_plain(each) for each in schema]
    if not isinstance(schema, Mapping):
        return schema
    return {
        name: {key: _plain(field) for key, field in each.items()}
        if name == "properties" and isinstance(each, Mapping)
        else _plain(each)
        for name, each in schema.items()
        if name not in _SAYS_NOTHING
    }
