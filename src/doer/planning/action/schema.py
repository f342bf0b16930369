"""A tool's JSON Schema as parameters in words: objects opened into their fields, enumerations and booleans as choices."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from doer.domain.action import Manifest
from doer.domain.scoring import ParameterText, Shape, ToolText
from doer.domain.value import Json, JsonObject
from doer.planning.action.forms import date_form
from doer.planning.action.nesting import item
from doer.planning.action.options import told_options, yes_or_no
from doer.planning.schema import mapping, names, settled
from doer.planning.words.nouns import phrase

_DEPTH: Final = 3
MOST_CHOICES: Final = 12
_DATE = re.compile(r"(?:^|[_\s.])(?:date|day|birthday|deadline)(?:$|[_\s.])|date$", re.IGNORECASE)
_ZONE = re.compile(r"time_?zone", re.IGNORECASE)
BESIDE_ZONE: Final = "x-beside-zone"
"""What is put into the schema of a moment whose time zone is told by another parameter."""
_TIME = re.compile(r"(?:^|[_\s.])time$|hh:mm|%H:%M", re.IGNORECASE)


def tool_text(name: str, description: str, parameters: JsonObject) -> ToolText:
    """Return the tool as the network reads it."""
    fields = tuple(_fields(parameters, parameters, "", 0))
    return ToolText(name, description, fields)


def leaf(parameters: JsonObject, name: str) -> JsonObject:
    """Return the schema of the parameter that `tool_text` calls so; of a moment with `BESIDE_ZONE` where its time zone is another."""
    here, beside = parameters, set[str]()
    for part in name.split("."):
        here = item(here, parameters) or here
        beside |= set(mapping(here.get("properties")))
        here = settled(mapping(mapping(here.get("properties")).get(part)), parameters)
    zoned = here.get("format") == "date-time" and any(map(_ZONE.search, beside))
    return {**here, BESIDE_ZONE: True} if zoned else here


def _fields(schema: JsonObject, root: JsonObject, prefix: str, depth: int) -> Iterator[ParameterText]:
    for name, given in mapping(schema.get("properties")).items():
        field = settled(mapping(given), root)
        opened = field if mapping(field.get("properties")) else item(field, root)
        if opened and depth < _DEPTH and "." not in name:
            yield from _fields(opened, root, f"{prefix}{name}.", depth + 1)
        elif "." not in name:
            yield _parameter(prefix + name, field)


def _parameter(name: str, schema: JsonObject) -> ParameterText:
    described = str(schema.get("description", ""))
    listed = listed_choices(schema)
    if schema.get("type") == "boolean" or answers(schema):
        return ParameterText(name, "boolean", described, ("true", "false"))
    shown = tuple(str(each) for each in listed) if 0 < len(listed) <= MOST_CHOICES else ()
    return ParameterText(name, shape(name, schema), described, shown if schema.get("type") != "array" else ())


def listed_choices(schema: JsonObject) -> Sequence[Json]:
    """Return the values of an enumeration, or those that the description of a text says are all there are; of yes and no, yes first."""
    given = schema.get("enum")
    if isinstance(given, Sequence) and not isinstance(given, str):
        return list(given)
    described = str(schema.get("description", ""))
    if schema.get("type") != "string" or "format" in schema or "pattern" in schema or date_form(described):
        return []
    told = told_options(described)
    return list(yes_or_no(told) or told)


def answers(schema: JsonObject) -> tuple[str, str] | None:
    """Return the two texts that say yes and no, where the schema takes these; None for all else."""
    return yes_or_no(tuple(map(str, listed_choices(schema)))) if schema.get("type") == "string" else None


def shape(name: str, schema: JsonObject) -> Shape:
    """Return what values the schema takes, as far as words go."""
    kind = schema.get("type")
    kinds = {kind} if isinstance(kind, str) else set(names(kind))
    if "array" in kinds:
        return "numbers" if mapping(schema.get("items")).get("type") in ("integer", "number") else "array"
    if "integer" in kinds:
        return "integer"
    if "number" in kinds:
        return "number"
    told = str(schema.get("description", ""))
    if schema.get("format") in ("date", "date-time") or (_DATE.search(name) and not listed_choices(schema)):
        return "date"
    if schema.get("format") == "time" or _TIME.search(name):
        return "time"
    if date_form(told):
        return "date"
    return "string" if "string" in kinds else "any"


def tool_words(manifest: Manifest) -> frozenset[str]:
    """Return the words of a tool's name, description and parameters, by their first five letters."""
    fields = mapping(manifest.parameters.get("properties"))
    told = " ".join([manifest.name, manifest.description, *fields, *(str(each) for each in fields.values())])
    return frozenset(word[:5] for word in phrase(told).split())
