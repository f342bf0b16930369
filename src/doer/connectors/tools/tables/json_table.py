"""JSON (an array of objects) and JSON lines as tables; an edit touches the text of its own row only (RFC 8259)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from doer.connectors.tools.tables.encoding import Text
from doer.connectors.tools.tables.table import check_count
from doer.connectors.tools.tables.typed import number_of
from doer.domain.errors import Permanent
from doer.domain.value import Json, JsonObject

_BLANK = re.compile(r"[ \t\r\n]*")
_EXACT = 2**53


@dataclass(frozen=True, slots=True)
class Item:
    """Where one object stands in the text, and what it holds."""

    start: int
    end: int
    value: JsonObject


@dataclass(frozen=True, slots=True)
class _Member:
    key: str
    start: int
    """Where the key begins."""
    value: int
    """Where the value begins."""
    end: int


@dataclass(frozen=True)
class JsonTable:
    """Objects of a JSON file, one a row; a key that a row lacks is an empty cell."""

    source: Text
    items: tuple[Item, ...]
    lines: bool
    """True: one object a line. False: one array."""

    @property
    def read_as(self) -> str:
        """The form and the encoding."""
        return f"{'JSON lines' if self.lines else 'a JSON array'}, {self.source.read_as}"

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Every key, in the order of its first appearance."""
        return tuple(dict.fromkeys(name for item in self.items for name in item.value))

    @cached_property
    def rows(self) -> Sequence[JsonObject]:
        """Each row's values by column."""
        return [{name: item.value.get(name) for name in self.columns} for item in self.items]

    def added(self, values: Mapping[str, str]) -> bytes:
        """Return the file with one more object, laid out as the last one; keys in the order of the columns."""
        names = [name for name in self.columns if name in values] or list(values)
        fitted = {name: self._literal(name, values[name]) for name in names}
        text = self.source.text
        if not self.items:
            start = 0 if self.lines else text.index("[") + 1
            end = len(text) if self.lines else text.rindex("]")
            return self._edited(start, end, self._object(fitted, None) + ("\n" if self.lines else ""))
        last = self.items[-1]
        added = self._object(fitted, last)
        if self.lines:
            newline = "\r\n" if "\r\n" in text else "\n"
            return self._edited(last.end, last.end, newline + added)
        return self._edited(last.end, last.end, self._between() + added)

    def changed(self, position: int, values: Mapping[str, str]) -> bytes:
        """Return the file with these values replaced; a key that the object lacks is put at its end."""
        item, text = self.items[position], self.source.text
        members = _members(text, item.start)
        new = {name: each for name, each in values.items() if name not in item.value}
        if new:
            lead, colon, comma, tail = _layout(text, item)
            more = comma.join(f"{self._text(name)}{colon}{self._literal(name, new[name])}" for name in new)
            inside = f"{{{lead}{more}{tail}}}"
            text = (
                text[: members[-1].end] + comma + more + text[members[-1].end :]
                if members
                else text[: item.start] + inside + text[item.end :]
            )
        for member in reversed(members):
            if member.key in values:
                value = self._literal(member.key, values[member.key], item.value[member.key])
                text = text[: member.value] + value + text[member.end :]
        return self.source.encoded(text)

    def removed(self, position: int) -> bytes:
        """Return the file without one object, and without the one comma, or the line, that was its own."""
        item, text = self.items[position], self.source.text
        if self.lines:
            return self._without_line(item)
        if position:
            return self._edited(self.items[position - 1].end, item.end, "")
        if len(self.items) > 1:
            return self._edited(item.start, self.items[1].start, "")
        return self._edited(text.index("[") + 1, text.rindex("]"), "")

    def _without_line(self, item: Item) -> bytes:
        text = self.source.text
        start = text.rfind("\n", 0, item.start) + 1
        end = text.find("\n", item.end) + 1
        if end:
            return self._edited(start, end, "")
        before = len(text[:start].rstrip("\r\n")) if start else 0
        return self._edited(before, len(text), "")

    def _edited(self, start: int, end: int, text: str) -> bytes:
        return self.source.encoded(self.source.text[:start] + text + self.source.text[end:])

    def _between(self) -> str:
        text = self.source.text
        if len(self.items) > 1:
            return text[self.items[-2].end : self.items[-1].start]
        blank = text[text.index("[") + 1 : self.items[0].start]
        return "," + (blank or " ")

    def _object(self, values: Mapping[str, str], like: Item | None) -> str:
        lead, colon, comma, tail = ("", ": ", ", ", "") if like is None else _layout(self.source.text, like)
        members = [f"{self._text(name)}{colon}{value}" for name, value in values.items()]
        return f"{{{lead}{comma.join(members)}{tail}}}"

    def _text(self, text: str) -> str:
        escapes = self.source.text.isascii() and "\\u" in self.source.text
        return json.dumps(text, ensure_ascii=escapes)

    def _literal(self, column: str, value: str, old: Json = None) -> str:
        """Return a plain text as JSON, of the kind that the cell, else the column, holds. Raises Permanent."""
        column_holds = {_kind(item.value.get(column)) for item in self.items} - {"nothing"}
        kinds = {_kind(old)} if old is not None else column_holds
        bare = value.strip()
        if kinds == {"number"}:
            if number_of(bare) is None:
                raise Permanent(f"column {column} holds numbers, and {value!r:.60} is none")
            return bare.removeprefix("+")
        if kinds == {"boolean"}:
            if bare.lower() not in ("true", "false"):
                raise Permanent(f"column {column} holds true or false, and {value!r:.60} is neither")
            return bare.lower()
        if kinds and kinds <= {"list", "object"}:
            raise Permanent(f"column {column} holds lists or objects, which a plain text cannot set; edit the file")
        return self._text(value)


def read_json(source: Text, *, lines: bool) -> JsonTable:
    """Read JSON. Raises Permanent for what is no array (or no lines) of objects, and says where."""
    items = tuple(_lines(source.text) if lines else _array(source.text))
    return JsonTable(source, items, lines)


def _array(text: str) -> Iterable[Item]:
    place = _skip(text, 0)
    if place == len(text):
        raise Permanent("the file is empty: a table in JSON is an array of objects; an empty one is written []")
    if text[place] != "[":
        raise Permanent("the file holds no array: a table in JSON is an array of objects, as [{…}, {…}]")
    place, count = _skip(text, place + 1), 0
    decoder = _decoder()
    while not (text.startswith("]", place) and not count):
        item = _item(decoder, text, place, f"item {count + 1}")
        count += 1
        check_count(count)
        yield item
        place = _skip(text, item.end)
        if text.startswith("]", place):
            break
        if not text.startswith(",", place):
            raise Permanent(f"after item {count} there is neither a comma nor the end of the array; mend the file")
        place = _skip(text, place + 1)
    if _skip(text, place + 1) != len(text):
        raise Permanent("something follows the end of the array; mend the file")


def _lines(text: str) -> Iterable[Item]:
    decoder, place, count = _decoder(), 0, 0
    for number, line in enumerate(text.split("\n"), 1):
        bare = line.strip(" \t\r")
        start = place + (line.index(bare) if bare else 0)
        place += len(line) + 1
        if not bare:
            continue
        item = _item(decoder, text, start, f"line {number}")
        if item.end != start + len(bare):
            raise Permanent(f"line {number} holds more, or less, than one object; JSON lines have one a line")
        count += 1
        check_count(count)
        yield item


def _item(decoder: json.JSONDecoder, text: str, place: int, name: str) -> Item:
    try:
        value, end = decoder.raw_decode(text, place)
    except json.JSONDecodeError as wrong:
        raise Permanent(f"{name} is not JSON: {wrong.msg} in line {wrong.lineno}, column {wrong.colno}") from wrong
    except (ValueError, RecursionError) as wrong:
        raise Permanent(f"{name} cannot be read: {wrong!s:.200}") from wrong
    if not isinstance(value, Mapping):
        raise Permanent(f"{name} is no object: every row of a table in JSON is one, as {{…}}")
    return Item(place, end, value)


def _decoder() -> json.JSONDecoder:
    return json.JSONDecoder(
        object_pairs_hook=_unique, parse_int=_integer, parse_float=_decimal, parse_constant=_no_constant
    )


def _unique(pairs: list[tuple[str, Json]]) -> JsonObject:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice!r:.60} is there twice in one object; rename one")
    return found


def _integer(digits: str) -> Json:
    if len(digits) > 1000:
        raise ValueError("a number has more than 1,000 digits")
    number = int(digits)
    return number if abs(number) < _EXACT else digits


def _decimal(digits: str) -> Json:
    number = float(digits)
    return number if Decimal(digits) == Decimal(repr(number)) else digits


def _no_constant(word: str) -> Json:
    raise ValueError(f"{word} is no JSON")


def _kind(value: Json) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "text"
    return "object" if isinstance(value, Mapping) else "list"


def _members(text: str, start: int) -> list[_Member]:
    decoder, members = _decoder(), []
    place = _skip(text, start + 1)
    while text[place] != "}":
        place = _skip(text, place + (1 if text[place] == "," else 0))
        key, after = decoder.raw_decode(text, place)
        value = _skip(text, _skip(text, after) + 1)
        _, end = decoder.raw_decode(text, value)
        members.append(_Member(str(key), place, value, end))
        place = _skip(text, end)
    return members


def _layout(text: str, item: Item) -> tuple[str, str, str, str]:
    """What stands in an object before its first key, between key and value, between members, and after the last."""
    members = _members(text, item.start)
    if not members:
        return "", ": ", ", ", ""
    first, last = members[0], members[-1]
    lead = text[item.start + 1 : first.start]
    key_end = _decoder().raw_decode(text, first.start)[1]
    comma = text[first.end : members[1].start] if len(members) > 1 else "," + (lead or " ")
    return lead, text[key_end : first.value], comma, text[last.end : item.end - 1]


def _skip(text: str, place: int) -> int:
    found = _BLANK.match(text, place)
    return found.end() if found else place
