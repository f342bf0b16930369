"""Rows: the result of a read narrowed by typed conditions, put in order, and cut to what was meant. No expressions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from fnmatch import fnmatchcase
from typing import assert_never
from zoneinfo import ZoneInfo

from doer.domain.errors import UsageError
from doer.domain.value import Json
from doer.intent.text import word_set, words
from doer.intent.vocabulary import FUNCTION_WORDS
from doer.planning.skills.skill import Select, Test

_ONE_TO_ONE = re.compile(r"\b(?:one|1)[- ](?:to|on)[- ](?:one|1)\b", re.IGNORECASE)
_ARTICLES = word_set("a an the my our")


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition whose value is known."""

    fields: tuple[str, ...]
    test: Test
    value: Json


def narrow(select: Select, rows: Sequence[Json], conditions: Sequence[Condition], zone: str) -> list[Json]:
    """Return the rows that fit, in order, cut as the select says. Raises UsageError for a value that no row can be held to."""
    found = [row for row in rows if all(_fits(row, each, zone) for each in conditions)]
    for name in reversed(select.order):
        found.sort(key=lambda row: _rank(_at(row, name.lstrip("-"))), reverse=name.startswith("-"))
    if select.unique:
        found = list({str(_at(row, select.unique)): row for row in reversed(found)}.values())[::-1]
    if select.first and found:
        best = _at(found[0], select.first)
        found = [row for row in found if _at(row, select.first) == best]
    if select.limit:
        found = found[: select.limit]
    if select.pick:
        found = [{name: _at(row, field) for name, field in select.pick.items()} for row in found]
    return found


def _at(row: Json, path: str) -> Json:
    value = row
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _fits(row: Json, each: Condition, zone: str) -> bool:
    values = [_at(row, field) for field in each.fields]
    match each.test:
        case "mentions":
            said = {word.lower for word in words(_ONE_TO_ONE.sub("1:1", str(each.value)))}
            wanted = said - _ARTICLES or said
            return any(wanted <= set(_words(value)) for value in values)
        case "recalls":
            told = set(_content(str(each.value)))
            held = {stem for value in values for text in _flat(value) for stem in _content(str(text))}
            return bool(told) and told <= held
        case "contains":
            texts = [str(text).casefold() for value in values for text in _flat(value)]
            return all(any(str(one).casefold() in text for text in texts) for one in _flat(each.value))
        case _:
            return any(_is(value, each, zone) for value in values)


def _is(value: Json, each: Condition, zone: str) -> bool:
    match each.test:
        case "equals":
            return _same(value, each.value)
        case "called":
            return isinstance(value, str) and _stems(value) == _stems(str(each.value))
        case "differs":
            return not _same(value, each.value)
        case "in":
            return any(_same(value, one) for one in _flat(each.value))
        case "like":
            return isinstance(value, str) and fnmatchcase(value.lower(), str(each.value).lower())
        case "less" | "greater":
            return _ordered(value, each)
        case "on_day":
            return _local(value, zone)[:10] == str(each.value)[:10]
        case "from_day":
            return _local(value, zone)[:10] >= str(each.value)[:10]
        case "to_day":
            return "" < _local(value, zone)[:10] <= str(each.value)[:10]
        case "at_clock":
            return _local(value, zone)[11:16] == str(each.value)[:5]
        case "from_clock":
            return _local(value, zone)[11:16] >= str(each.value)[:5]
        case "before_clock":
            return "" < _local(value, zone)[11:16] < str(each.value)[:5]
        case "mentions" | "recalls" | "contains":
            return False
        case _:
            assert_never(each.test)


def _stems(text: str) -> tuple[str, ...]:
    return tuple(word.stem for word in words(text))


def _content(text: str) -> Iterator[str]:
    """Stems of the words that tell something: `called the landlord` recalls `Call the landlord`."""
    return (word.stem for word in words(text) if word.lower not in FUNCTION_WORDS)


def _ordered(value: Json, each: Condition) -> bool:
    left, right = _rank(value), _rank(each.value)
    if left[0] != right[0]:
        return False
    return left < right if each.test == "less" else left > right


def _same(one: Json, other: Json) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return one.casefold() == other.casefold()
    if one is None or other is None:
        return (one or "") == (other or "")  # an empty text is asked for where nothing is to be there
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _flat(value: Json) -> Iterator[Json]:
    if isinstance(value, Mapping):
        for each in value.values():
            yield from _flat(each)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for each in value:
            yield from _flat(each)
    elif value is not None:
        yield value


def _words(value: Json) -> Iterator[str]:
    for text in _flat(value):
        yield from (part for word in words(str(text)) for part in _parts(word.lower))


def _parts(word: str) -> Iterator[str]:
    yield word
    # `ana.lopez@acme.example` mentions ana and lopez; `ana's` mentions ana.
    plain = "".join(letter if letter.isalnum() else " " for letter in word.removesuffix("'s").removesuffix("’s"))
    yield from plain.split()


def _local(value: Json, zone: str) -> str:
    if not isinstance(value, str):
        return ""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as wrong:
        raise UsageError(f"{value!r} is no moment to compare with a day or a time") from wrong
    return value if moment.utcoffset() is None else moment.astimezone(ZoneInfo(zone)).isoformat()


def _rank(value: Json) -> tuple[int, Decimal, str]:
    """Numbers by size, moments by time, texts by letters; what is nothing comes first."""
    if value is None:
        return 0, Decimal(0), ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return 1, Decimal(str(value)), ""
    text = str(value)
    try:
        return 1, Decimal(text), ""
    except InvalidOperation:
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return 3, Decimal(0), text.casefold()
    return (2, Decimal(str(moment.timestamp())), "") if moment.utcoffset() is not None else (3, Decimal(0), text)
