"""Rows that a read told: which agree with what was said of them, which comes first or last, and what they are called."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from doer.domain.goal import Goal
from doer.domain.value import Json, JsonObject
from doer.intent.text import stem, word_set, words
from doer.planning.action.sense import words_of_name
from doer.planning.lookup.tools import is_key
from doer.planning.lookup.words import Moment, Text, Wanted, stems_in

MOST_ROWS: Final = 500
_LONG: Final = 160
"""Characters from which on a field is a text of its own, in which a name is only mentioned."""
_PROSE: Final = word_set("body text content description notes note comment comments snippet message preview details")
DUE: Final = word_set("due deadline by until")
SENT_AT: Final = word_set("received sent came created placed ordered opened joined")
"""In what a day is called on which something came to be: nothing is overdue since then."""
_ENDED: Final = word_set(
    "paid settled returned delivered shipped done ended finished completed complete closed resolved cancelled canceled archived"
)
_STATUS: Final = word_set("status state stage progress")
_BEGINS: Final = (
    "start",
    "starts",
    "begin",
    "begins",
    "when",
    "date",
    "day",
    "received",
    "sent",
    "time",
    "due",
    "deadline",
)
_AFTERWARDS: Final = word_set("end ends until finish created updated modified changed deleted birthday joined")
SENDERS: Final = word_set("from sender author")
RECEIVERS: Final = word_set("to recipient recipients")
_LISTED: Final = re.compile(r"[\s\"'”’]*(?:,|,?\s*and|&)[\s\"'“‘]*")
_TITLES: Final = ("title", "name", "subject", "summary", "label")


def rows_of(result: Json) -> list[JsonObject] | None:
    """Return the objects that a read told, whatever they are wrapped in; None where they are not all, or not told apart."""
    if isinstance(result, str) and result.strip()[:1] in ("[", "{"):
        with suppress(ValueError):
            result = json.loads(result)
    if isinstance(result, Mapping):
        if any(
            result.get(each)
            for each in ("next", "next_page", "next_page_token", "nextPageToken", "has_more", "truncated")
        ):
            return None
        lists = [each for each in result.values() if isinstance(each, Sequence) and not isinstance(each, str)]
        tables = [each for each in lists if all(isinstance(row, Mapping) for row in each)]
        if not tables:
            return [result] if result else []
        if len(lists) != 1 or any(is_key(name) for name in result):
            return [result] if any(is_key(name) for name in result) else None
        result = tables[0]
    if result is None:
        return []
    if isinstance(result, str) or not isinstance(result, Sequence):
        return None
    rows = [row for row in result if isinstance(row, Mapping)]
    return rows if len(rows) == len(result) <= MOST_ROWS else None


def key_of(row: JsonObject, name: str, nouns: set[str], schema: JsonObject) -> str | int | None:
    """Return the row's own id as the argument takes it; None where it is not plain which field that is."""
    fields = {"".join(words_of_name(each)): each for each in row}
    keys = [each for each in row if is_key(each)]
    said = words_of_name(name)
    field = fields.get("".join(said))
    if field is None and len(said) == 1:
        own = [each for each in keys if {stem(word) for word in words_of_name(each)[:-1]} & nouns]
        field = own[0] if len(own) == 1 else None
    if field is None:
        field = fields.get(said[-1]) or (keys[0] if len(keys) == 1 and len(words_of_name(keys[0])) == 1 else None)
    value = None if field is None else row[field]
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        return None
    if schema.get("type") == "integer":
        return int(value) if str(value).lstrip("-").isdigit() else None
    return str(value)


@dataclass(frozen=True, slots=True)
class Sieve:
    """Which rows agree with what is wanted, when and where it was said."""

    wanted: Wanted
    goal: Goal

    def agreeing(self, rows: Sequence[JsonObject]) -> list[JsonObject]:
        """Return the rows that agree with all that was said, in their order."""
        kept = [row for row in rows if self._agrees(row)]
        if "open" in self.wanted.states:  # called so by a field; else every one that is not ended
            called = [row for row in kept if any(value.casefold() == "open" for _, value in _flat(row))]
            kept = called or [row for row in kept if _is_open(row)]
        quoted = [each for each in self.wanted.texts if each.kind == "quoted"]
        for each in quoted:  # a title that was quoted whole is meant, and not another that has it as a part
            exact = [
                row for row in kept if any(str(value).casefold() == each.text.casefold() for _, value in _flat(row))
            ]
            kept = exact or kept
        return kept

    def each(self, rows: Sequence[JsonObject]) -> list[JsonObject]:
        """Return, where several quotations stand in one list, the one row of each of them; nothing where one has none or two."""
        quoted = [each for each in self.wanted.texts if each.kind == "quoted"]
        between = [self.goal.text[one.span[1] : other.span[0]] for one, other in pairwise(quoted)]
        if len(quoted) < 2 or not all(_LISTED.fullmatch(each) for each in between):
            return []
        others = tuple(each for each in self.wanted.texts if each.kind != "quoted")
        ways = [Sieve(replace(self.wanted, texts=(each, *others)), self.goal).agreeing(rows) for each in quoted]
        return [row for way in ways for row in way] if all(len(each) == 1 for each in ways) else []

    def fields(self, row: JsonObject) -> frozenset[str]:
        """Return the fields in which the names that were said stand: of a set of rows they should be the same ones."""
        people = [each for each in self.wanted.texts if each.kind in ("person", "email")]
        return frozenset(name for each in people for name, value in _fields_for(each, row) if _has(each, value))

    def first(self, rows: Sequence[JsonObject]) -> list[JsonObject]:
        """Return the row that order words choose; all of them where there are none, or where it is not plain."""
        if not self.wanted.order or len(rows) < 2:
            return list(rows)
        name = dated(rows)
        stamps = [] if name is None else [_local(row[name], self.goal) for row in rows]
        if name is None or len(set(stamps)) < len(stamps) or len({len(each) for each in stamps}) > 1:
            return list(rows)
        ranked = sorted(zip(stamps, range(len(rows)), strict=True))
        now = self.goal.local_time.isoformat()
        if self.wanted.order == "next":
            ranked = [each for each in ranked if each[0] >= now[: len(each[0])]]
            return [rows[ranked[0][1]]] if ranked else []
        mixed = stamps and min(stamps) < now[: len(stamps[0])] < max(stamps) and not self.wanted.moments
        if mixed:
            return list(rows)  # the last that was, or the last that will be?
        return [rows[ranked[-1 if self.wanted.order == "last" else 0][1]]]

    def _agrees(self, row: JsonObject) -> bool:
        texts = all(any(_has(each, value) for _, value in _fields_for(each, row)) for each in self.wanted.texts)
        moments = all(self._is_of(row, each) for each in self.wanted.moments)
        states = self.wanted.states
        return (
            texts
            and moments
            and ("overdue" not in states or self._overdue(row))
            and ("coming" not in states or self._coming(row))
        )

    def _is_of(self, row: JsonObject, moment: Moment) -> bool:
        name = dated([row])
        stamps = [_local(row[name], self.goal)] if name else []
        for each in stamps:
            on = any(not first or first <= each[:10] <= last for first, last in moment.ways)
            begins, ends = moment.part
            within = not ends or (len(each) > len("2026-11-24") and begins <= each[11:16] < ends)
            if on and within and (not moment.clock or each[11:16] == moment.clock):
                return True
        return False

    def _coming(self, row: JsonObject) -> bool:
        name = dated([row])
        stamp = _local(row[name], self.goal) if name else ""
        return stamp >= self.goal.local_time.replace(tzinfo=None).isoformat()[: len(stamp)] and bool(stamp)

    def _overdue(self, row: JsonObject) -> bool:
        today = self.goal.local_time.date().isoformat()
        due = [str(value) for name, value in row.items() if set(words_of_name(name)) & DUE and _is_date(value)]
        state = _state(row)
        name = dated([row]) if not due and state else None
        due += [] if name is None or set(words_of_name(name)) & SENT_AT else [str(row[name])]
        ended = state == "ended"
        return bool(due) and all(_local(each, self.goal)[:10] < today for each in due) and not ended


def _state(row: JsonObject) -> str:
    """Whether a row is `ended` or `open`, by a field that says so; else nothing."""
    told = [(set(words_of_name(name)), value) for name, value in row.items()]
    flags = [value for said, value in told if isinstance(value, bool) and said & _ENDED]
    if flags:
        return "ended" if any(flags) else "open"
    if any(isinstance(value, str) and value.casefold() in _ENDED for _, value in told):
        return "ended"
    return "open" if any(isinstance(value, str) and said & _STATUS for said, value in told) else ""


def _is_open(row: JsonObject) -> bool:
    """Tell whether a row is known not to be ended, or is called open."""
    return _state(row) == "open" or (not _state(row) and any("open" in stems_in(value) for _, value in _flat(row)))


def told_apart(rows: Sequence[JsonObject]) -> list[str]:
    """Return what each row is called: its title and its day."""
    return [_called(row) for row in rows]


def _called(row: JsonObject) -> str:
    names = {each: words_of_name(each) for each in row}
    title = next(
        (
            each
            for word in _TITLES
            for each, said in names.items()
            if said[-1:] == (word,) and isinstance(row[each], str)
        ),
        None,
    )
    when = dated([row])
    shown = [str(row[each]) for each in (title, when) if each is not None]
    rest = [
        f"{each} {value}"
        for each, value in row.items()
        if isinstance(value, str) and each not in (title, when) and len(value) < _LONG and not is_key(each)
    ]
    return " ".join(", ".join([*shown, *rest[: 3 - len(shown)]]).replace("T00:00:00", "").split())[:200]


def _fields_for(text: Text, row: JsonObject) -> Iterator[tuple[str, str]]:
    """The fields in which words may stand: a sender for `from`, and no prose for a name."""
    fields = list(_flat(row))
    person = text.kind in ("person", "email")
    group = SENDERS if text.link == "from" else RECEIVERS if text.link == "to" else frozenset[str]()
    named = [(name, value) for name, value in fields if set(words_of_name(name)) & group]
    if person and named:
        yield from named
        return
    for name, value in fields:
        prose = bool(set(words_of_name(name)) & _PROSE) or len(value) > _LONG
        if not (person and prose):
            yield name, value


def _has(text: Text, value: str) -> bool:
    if text.kind in ("quoted", "email", "url"):
        return text.text.casefold() in value.casefold()
    said = {each.stem for each in words(text.text)}
    return bool(said) and said <= stems_in(value)


def _flat(value: Json, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from _flat(each, key)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for each in value:
            yield from _flat(each, name)
    elif value is not None and not isinstance(value, bool):
        yield name, str(value)


def dated(rows: Sequence[JsonObject]) -> str | None:
    """The field that says when the rows are: the one that begins, not the one that ends or was changed."""
    dated = [name for name in rows[0] if all(_is_date(row.get(name)) for row in rows)]
    kept = [name for name in dated if not set(words_of_name(name)) & _AFTERWARDS] or dated
    if len(kept) == 1:
        return kept[0]
    for word in _BEGINS:
        named = [name for name in kept if word in words_of_name(name)]
        if len(named) == 1:
            return named[0]
    return None


def _is_date(value: Json) -> bool:
    if not isinstance(value, str) or len(value) < len("2026-11-24"):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return value[4:5] == "-" and date.fromisoformat(value[:10]) is not None


def _local(value: Json, goal: Goal) -> str:
    moment = datetime.fromisoformat(str(value))
    if moment.utcoffset() is not None:
        moment = moment.astimezone(ZoneInfo(goal.zone)).replace(tzinfo=None)
    return moment.date().isoformat() if len(str(value)) == len("2026-11-24") else moment.isoformat()
