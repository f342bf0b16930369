"""Selects in skill files: the part of the reader that reads `[[select]]` and its conditions on rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol, TypeVar, get_args

from doer.domain.errors import UsageError
from doer.domain.template import Template
from doer.domain.value import Json, JsonObject
from doer.intent.text import word_set
from doer.planning.skills.skill import ColumnWanted, Expect, Select, Test, Where

_T = TypeVar("_T")
_SELECT = word_set("""
    id tool arguments expect slot rows label several none where order first first_when unique limit pick column many
    """)
_MOST_ROWS = 1000


class Reading(Protocol):
    """What the reader of a file can do for this part of it."""

    def wrong(self, message: str, near: str = "") -> UsageError: ...
    def table(self, value: Json, where: str) -> JsonObject: ...
    def tables(self, value: Json, where: str) -> tuple[JsonObject, ...]: ...
    def texts(self, value: Json, where: str) -> tuple[str, ...]: ...
    def text_of(self, value: Json, where: str) -> str: ...
    def template(self, value: Json) -> Template: ...
    def templates(self, value: Json, where: str) -> Mapping[str, Template]: ...
    def one_of(self, value: Json, options: tuple[_T, ...], where: str) -> _T: ...
    def required(self, data: JsonObject, name: str, where: str) -> str: ...
    def known(self, data: JsonObject, names_: frozenset[str], where: str) -> None: ...


def read_select(reader: Reading, data: JsonObject) -> Select:
    """Return the select that a table of the file tells of. Raises UsageError with the line."""
    name = reader.required(data, "id", "a select")
    reader.known(data, _SELECT, f"select {name!r}")
    options: tuple[Expect, ...] = get_args(Expect)
    picked = reader.table(data.get("pick", {}), f"pick of {name!r}")
    return Select(
        id=name,
        tool=reader.required(data, "tool", f"select {name!r}"),
        arguments=reader.templates(data.get("arguments", {}), f"arguments of {name!r}"),
        expect=reader.one_of(data.get("expect", "one"), options, f"expect of {name!r}"),
        slot=reader.text_of(data.get("slot", name), "slot"),
        rows=reader.text_of(data.get("rows", ""), "rows"),
        label=reader.text_of(data.get("label", ""), "label"),
        several=reader.text_of(data.get("several", ""), "several"),
        none=reader.text_of(data.get("none", ""), "none"),
        where=tuple(_where(reader, each, name) for each in reader.tables(data.get("where", []), "where")),
        order=reader.texts(data.get("order", []), "order"),
        first=reader.text_of(data.get("first", ""), "first"),
        first_when=reader.template(data["first_when"]) if "first_when" in data else None,
        unique=reader.text_of(data.get("unique", ""), "unique"),
        limit=_limit(reader, data.get("limit", 0)),
        column=_column(reader, reader.table(data["column"], f"column of {name!r}"), name) if "column" in data else None,
        many=reader.template(data["many"]) if "many" in data else None,
        pick={each: reader.text_of(field, "pick") for each, field in picked.items()},
    )


def _where(reader: Reading, data: JsonObject, select: str) -> Where:
    tests: tuple[Test, ...] = get_args(Test)
    where = f"a condition of {select!r}"
    reader.known(data, frozenset(["field", *tests]), where)
    given = [each for each in tests if each in data]
    field = data.get("field")
    fields = (field,) if isinstance(field, str) else reader.texts(field if isinstance(field, Sequence) else [], "field")
    if len(given) != 1 or not fields:
        raise reader.wrong(f"{where} has a field and one test: {', '.join(tests)}", "where")
    return Where(fields, given[0], reader.template(data[given[0]]))


def _column(reader: Reading, data: JsonObject, select: str) -> ColumnWanted:
    where = f"column of {select!r}"
    reader.known(data, frozenset(["called", "names", "holding"]), where)
    holding: tuple[Literal["", "email"], ...] = ("", "email")
    return ColumnWanted(
        reader.required(data, "called", where),
        reader.texts(data.get("names", []), "names"),
        reader.one_of(data.get("holding", ""), holding, where),
    )


def _limit(reader: Reading, value: Json) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST_ROWS:
        raise reader.wrong(f"limit is a whole number up to {_MOST_ROWS}", "limit")
    return value
