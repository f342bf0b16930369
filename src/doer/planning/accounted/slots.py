"""What a tool can be given, as slots with a kind of value; a tool that takes a field and its value is one way for each field."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from doer.domain.action import Manifest
from doer.domain.value import Json, JsonObject
from doer.intent.text import stem, word_set
from doer.planning.accounted.lexicon import Lexicon, lexicon_of
from doer.planning.action.forms import date_form, has_clock
from doer.planning.action.schema import listed_choices
from doer.planning.action.sense import words_of_name
from doer.planning.lookup.tools import clauses, is_key, parameters, required, wants_address

SlotKind = Literal["address", "date", "datetime", "number", "choice", "flag", "text", "ref", "other"]
_WHEN: Final = word_set("date day deadline")
_STAMPED: Final = re.compile(r"\b(?:hh:mm|date-time|timestamp|date and time|day and time)\b", re.IGNORECASE)
_DAY: Final = re.compile(r"\b(?:day|date|yyyy-mm-dd|iso)\b", re.IGNORECASE)
_MAIL: Final = re.compile(r"\be-?mails?\b", re.IGNORECASE)
_LISTED: Final = re.compile(r"[\w-]+")
_SMALL: Final = word_set(
    "a an the or and for of its it is be new e mail email address day date as one this that what colleague s number text with"
)
_VAGUE: Final = word_set("new name value text to id e mail email address from of the is for s by at")


@dataclass(frozen=True, slots=True)
class Slot:
    """One argument that may be said."""

    name: str
    kind: SlotKind
    schema: JsonObject
    required: bool
    stems: frozenset[str]
    """Of its own name, without words that any argument may have."""
    told: frozenset[str]
    """Of its name and description."""
    choices: tuple[Json, ...] = ()
    known: tuple[str, ...] = ()
    """Values of this field in rows that are there."""
    domains: frozenset[str] = frozenset()
    """Of addresses that this field has in rows."""
    entries: tuple[tuple[str, Json], ...] = ()
    """Of a `ref`, the id of a row of another kind: what these rows are called, and their ids."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to use a tool: the slots, and what is fixed with it."""

    tool: Manifest
    key: str
    """The id of the row that it is about; empty where it needs none."""
    slots: tuple[Slot, ...]
    fixed: Mapping[str, Json]
    field: str
    """The argument that takes the value of the one slot that is a field; empty where slots are arguments."""
    lexicon: Lexicon


Entries = Mapping[str, tuple[tuple[str, Json], ...]]


def ways_of(
    tool: Manifest, key: str, rows: Sequence[JsonObject], reads: Sequence[Manifest], refs: Entries | None = None
) -> Iterator[Way]:
    """Yield the ways to use a tool; `rows`: of the table that its id `key` is of; `refs`: what the rows that its other ids are of are called."""
    needed, fields, lexicon = required(tool), parameters(tool), lexicon_of(tool)
    own = [name for name in fields if name != key]
    chosen = [each for each in needed if each != key and listed_choices(fields[each])]
    given = [each for each in needed if each not in (key, *chosen)]
    if key and len(chosen) == 1 == len(given) and len(own) == 2 and _is_field(fields, chosen[0], rows):
        told = clauses(given[0], tool)
        for choice in map(str, listed_choices(fields[chosen[0]])):
            slot = _field_slot(choice, told.get(choice, ""), rows, reads)
            yield Way(tool, key, (slot,), {chosen[0]: choice}, given[0], lexicon)
        return
    slots = [_slot(each, tool, rows, reads) for each in own]
    entries = refs or {}
    slots = [replace(each, kind="ref", entries=entries[each.name]) if each.name in entries else each for each in slots]
    yield Way(tool, key, tuple(slots), {}, "", lexicon)


def _is_field(fields: Mapping[str, JsonObject], chosen: str, rows: Sequence[JsonObject]) -> bool:
    listed = [str(each) for each in listed_choices(fields[chosen])]
    columns = {"".join(words_of_name(name)) for row in rows[:5] for name in row}
    return bool(listed) and sum("".join(words_of_name(each)) in columns for each in listed) * 2 >= len(listed)


def _slot(name: str, tool: Manifest, rows: Sequence[JsonObject], reads: Sequence[Manifest]) -> Slot:
    schema = parameters(tool)[name]
    described = str(schema.get("description", ""))
    told = {stem(each) for each in (*words_of_name(name), *re.findall(r"[^\W_]+", described.lower()))}
    column = _column(name, rows)
    known = _known(column, rows)
    choices = tuple(listed_choices(schema)) or (_read_choices(name, reads) if schema.get("type") == "string" else ())
    kind = _kind(name, schema, tool, choices)
    return Slot(
        name, kind, schema, name in required(tool), _own(name), frozenset(told), choices, known, _domains(column, rows)
    )


def _field_slot(choice: str, clause: str, rows: Sequence[JsonObject], reads: Sequence[Manifest]) -> Slot:
    column = _column(choice, rows)
    known = _known(column, rows)
    values = [row[column] for row in rows if column and isinstance(row.get(column), str)]
    kind: SlotKind = "text"
    choices: tuple[Json, ...] = ()
    if _MAIL.search(clause) or (values and all("@" in str(each) for each in values)):
        kind = "address"
    elif _DAY.search(clause) or (values and all(re.fullmatch(r"\d{4}-\d\d-\d\d", str(each)) for each in values)):
        kind = "date"
    elif values and all(re.fullmatch(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*", str(each)) for each in values):
        kind = "datetime"
    else:
        listed = [each for each in _LISTED.findall(clause) if each.lower() not in _SMALL]
        choices = tuple(listed) or _read_choices(choice, reads)
        kind = "choice" if choices else "number" if _numbers(column, rows) else "text"
    schema: JsonObject = {"type": "string", "description": clause}
    if kind == "datetime" and values:
        schema = {"type": "string", "description": clause or "YYYY-MM-DD HH:MM"}
    told = {stem(each) for each in (*words_of_name(choice), *re.findall(r"[^\W_]+", clause.lower()))}
    return Slot(
        choice,
        kind,
        schema,
        required=True,
        stems=_own(choice),
        told=frozenset(told),
        choices=choices,
        known=known,
        domains=_domains(column, rows),
    )


def _numbers(column: str, rows: Sequence[JsonObject]) -> bool:
    values = [row.get(column) for row in rows] if column else []
    return bool(values) and all(isinstance(each, int | float) for each in values)


def _own(name: str) -> frozenset[str]:
    return frozenset(stem(each) for each in words_of_name(name) if each not in _VAGUE)


def _column(name: str, rows: Sequence[JsonObject]) -> str:
    """The field of rows that an argument is for: `vetEmail` is for `vet`, `new_owner` for `owner`."""
    said = words_of_name(name)
    for row in rows[:1]:
        named = {words_of_name(each): each for each in row}
        bare = [each for words, each in named.items() if _bare(words) == _bare(said)]
        return named.get(said) or (bare[0] if len(bare) == 1 else "")
    return ""


def _bare(said: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(each for each in said if each not in ("new", "email", "mail", "address")) or said


def _known(column: str, rows: Sequence[JsonObject]) -> tuple[str, ...]:
    values = [row[column] for row in rows if column and isinstance(row.get(column), str)]
    return tuple(dict.fromkeys(str(each) for each in values if "@" not in str(each) and len(str(each)) < 40))


def _domains(column: str, rows: Sequence[JsonObject]) -> frozenset[str]:
    return frozenset(str(row[column]).rpartition("@")[2] for row in rows if column and "@" in str(row.get(column, "")))


def _read_choices(name: str, reads: Sequence[Manifest]) -> tuple[Json, ...]:
    found = [listed_choices(schema) for each in reads for other, schema in parameters(each).items() if other == name]
    listed = [tuple(each for each in choices if each != "") for choices in found if choices]
    return listed[0] if len(set(listed)) == 1 else ()


def _kind(name: str, schema: JsonObject, tool: Manifest, choices: Sequence[Json]) -> SlotKind:
    kind, described = schema.get("type"), str(schema.get("description", ""))
    if wants_address(name, schema, tool):
        return "address"
    if kind == "boolean":
        return "flag"
    if choices:
        return "choice"
    if kind in ("integer", "number"):
        return "number"
    if kind != "string" or is_key(name):
        return "other"
    form = date_form(described)
    if schema.get("format") == "date-time" or (form and has_clock(form)) or _STAMPED.search(described):
        return "datetime"
    if schema.get("format") == "date" or form or set(words_of_name(name)) & _WHEN:
        return "date"
    if schema.get("format") is not None:
        return "other"
    return "number" if set(words_of_name(name)) & word_set("min mins minute minutes quantity count amount") else "text"
