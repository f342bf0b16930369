"""Earlier: the calls and the results that earlier turns of a dialogue write out, read as typed values; what is no record is words.

A turn is a record where all of it is one: `[find_trip(to="Oslo", days=[1, 2])]` (calls as Python writes them, RFC 8259's `true` and
`null` allowed), `[{"name": "find_trip", "arguments": {…}}]`, `Result: {"id": "T-1"}`, `[find_trip(to="Oslo")] -> {'id': 'T-1'}`.
"""

from __future__ import annotations

import ast
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from doer.domain.errors import UsageError
from doer.domain.value import Json, JsonObject
from doer.intent.text import check

LONGEST: Final = 20_000
"""Characters of a turn; a longer one is a document, and is not read."""
MOST: Final = 40
"""Records that are kept, the latest."""
_DEEPEST: Final = 12
_MOST_VALUES: Final = 2_000
"""Of one turn; one that has more is a table, and no record of a call."""
_EXACT: Final = 2**53
_LEAD: Final = re.compile(
    r"\s*(?:(?:\w+[- ])?(?:request|call|action|result|response|output|answer|observation)s?:\s*)?(?=[\[{])",
    re.IGNORECASE,
)
"""`API-Request: `, before what is recorded."""
_BARE: Final = re.compile(r"\s*[A-Za-z_][\w.]*\(")
_BECOMES: Final = re.compile(r"\s*(?:->|=>|→)\s*")
_CONSTANTS: Final[Mapping[str, Json]] = {"true": True, "false": False, "null": None, "none": None}
_ARGUMENTS: Final = ("arguments", "parameters", "args", "input")


@dataclass(frozen=True, slots=True)
class Record:
    """A call that was made earlier in the dialogue, or an object that a tool answered."""

    tool: str
    """The tool that was called; of an answer the tool whose it is; nothing where that is not on record."""
    told: JsonObject
    """Its arguments, or the fields of the answer."""
    turn: int
    """Place of its turn among the earlier turns."""
    answer: bool = False
    row: int | None = None
    """Of an answer that is a list of several, which of them it is."""


def leaves(value: Json, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Json]]:
    """Yield the plain values of objects and lists, each with the names on the way to it."""
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield from leaves(each, (*path, name))
    elif isinstance(value, list):
        for each in value:
            yield from leaves(each, path)
    else:
        yield path, value


class _NotRead(Exception):
    """What stands there is no value."""


def recorded(turns: Sequence[str]) -> tuple[Record, ...]:
    """Return what earlier turns record, the oldest first. Total: what cannot be read is no record, and is never an error."""
    found = list[Record]()
    for place, turn in enumerate(turns):
        found += _of_turn(turn, place, next((each.tool for each in reversed(found)), ""))
    return tuple(found[-MOST:])


def _of_turn(turn: str, place: int, last: str) -> Iterator[Record]:
    lead = _LEAD.match(turn)
    if len(turn) > LONGEST or not (lead or _BARE.match(turn)):
        return
    for value in _read_all(turn[lead.end() if lead else 0 :].strip()):
        every = value if isinstance(value, list) else [value]
        calls = [call for each in every if (call := _call(each)) is not None]
        if calls and len(calls) == len(every):
            yield from (Record(name, told, place) for name, told in calls)
            last = calls[-1][0]
        elif last or isinstance(value, Mapping):  # a list may as well be a person's own
            rows = [each if isinstance(each, Mapping) else {"": each} for each in every]
            many = len(rows) > 1
            yield from (
                Record(last, each, place, answer=True, row=at if many else None) for at, each in enumerate(rows)
            )


def _read_all(text: str) -> list[Json]:
    """What a text writes out: one value, or a call and what it became."""
    if (value := _read(text)) is not None:
        return [value]
    for arrow in _BECOMES.finditer(text):
        if (before := _read(text[: arrow.start()])) is not None:
            after = _read(text[arrow.end() :])
            return [before] if after is None else [before, after]
    return []


def _read(text: str) -> Json:
    """A text as JSON, else as a list, an object or calls in Python's notation; None where it is neither."""
    if text[:1] not in ("[", "{") and not _BARE.match(text):
        return None
    try:
        return _plain(json.loads(text), 0, [0])
    except (ValueError, RecursionError, _NotRead):
        pass
    try:
        return _plain(_value(ast.parse(text, mode="eval").body, 0), 0, [0])
    except (SyntaxError, ValueError, RecursionError, MemoryError, _NotRead):
        return None


def _value(node: ast.expr, depth: int) -> Json:
    """A node of Python's syntax as a value; a call as the object that JSON writes for it."""
    if depth > _DEEPEST:
        raise _NotRead
    match node:
        case ast.Constant(value=str() | int() | float() | None as value):
            return value
        case ast.Name(id=name) if name.casefold() in _CONSTANTS:
            return _CONSTANTS[name.casefold()]
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
            return -number
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return [_value(each, depth + 1) for each in items]
        case ast.Dict(keys=keys, values=values):
            named = [each.value for each in keys if isinstance(each, ast.Constant) and isinstance(each.value, str)]
            if len(named) == len(keys):
                return {name: _value(each, depth + 1) for name, each in zip(named, values, strict=True)}
        case ast.Call(func=called, args=[], keywords=given):
            names = [each.arg for each in given if each.arg is not None]
            if len(names) == len(given):
                told = {each.arg: _value(each.value, depth + 1) for each in given if each.arg is not None}
                return {"name": _dotted(called), "arguments": told}
        case _:
            pass
    raise _NotRead


def _dotted(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=before, attr=name):
            return f"{_dotted(before)}.{name}"
        case _:
            raise _NotRead


def _plain(value: object, depth: int, count: list[int]) -> Json:
    """The value, where a plan could hold it: of bounded size, with finite numbers and texts that hide nothing. Raises _NotRead."""
    count[0] += 1
    if depth > _DEEPEST or count[0] > _MOST_VALUES:
        raise _NotRead
    match value:
        case None | bool():
            return value
        case int() | float():
            if not math.isfinite(value) or abs(value) > _EXACT:
                raise _NotRead
            return value
        case str():
            try:
                return check(value)
            except UsageError as hidden:
                raise _NotRead from hidden
        case list():
            return [_plain(each, depth + 1, count) for each in value]
        case dict():
            return {
                str(_plain(str(name), depth + 1, count)): _plain(each, depth + 1, count) for name, each in value.items()
            }
        case _:
            raise _NotRead


def _call(value: Json) -> tuple[str, JsonObject] | None:
    """The tool and the arguments of an object that records a call."""
    if not isinstance(value, Mapping):
        return None
    inner = value.get("function")
    if isinstance(inner, Mapping):
        value = inner
    name = value.get("name", value.get("tool"))
    given = next((value[each] for each in _ARGUMENTS if each in value), None)
    if isinstance(given, str):
        given = _read(given)
    return (name, given) if isinstance(name, str) and isinstance(given, Mapping) else None
