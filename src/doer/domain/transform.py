"""Transforms: the closed set of pure functions that a plan may apply to values. No expressions, no code."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from doer.domain.errors import UsageError
from doer.domain.value import Json


def transforms() -> Mapping[str, Callable[[Sequence[Json]], Json]]:
    """Return the closed set of transforms by name; each takes the list of its resolved inputs.

    join(parts…) text; slug(text, separator="-"); lower(text); first_word(text); last_word(text); add_days(date, n);
    add_workdays(date, n) counting Monday to Friday, from the first of them that is not before the date;
    add_minutes(datetime, n); at_time(date, "HH:MM", zone) an RFC 3339 time with offset; weekday(date) its name;
    add, subtract, multiply(decimals…) decimal strings; count(list); first(list).
    """
    return _TRANSFORMS


def _join(values: Sequence[Json]) -> Json:
    return "".join(_text(each) for each in values)


def _slug(values: Sequence[Json]) -> Json:
    separator = _text(values[1]) if len(values) > 1 else "-"
    folded = unicodedata.normalize("NFKD", _text(values[0])).encode("ascii", "ignore").decode().lower()
    slug = separator.join(re.findall(r"[a-z0-9]+", folded))
    if not slug:
        # An empty name would silently name something else (a folder, a domain): refuse instead.
        raise UsageError(f"no plain letters in {_text(values[0])!r} to make a short name of; name it in full")
    return slug


def _add_days(values: Sequence[Json]) -> Json:
    return (date.fromisoformat(_text(values[0])) + timedelta(days=int(_text(values[1])))).isoformat()


def _add_workdays(values: Sequence[Json]) -> Json:
    day, left = date.fromisoformat(_text(values[0])), int(_text(values[1]))
    if not 0 <= left <= 1000:
        raise UsageError(f"add_workdays counts 0 to 1000 days, not {left}")
    while day.weekday() >= 5 or left:
        left -= day.weekday() < 5
        day += timedelta(days=1)
    return day.isoformat()


def _add_minutes(values: Sequence[Json]) -> Json:
    start = datetime.fromisoformat(_text(values[0]))
    if start.utcoffset() is None:
        raise UsageError(f"{_text(values[0])!r} has no time zone: naive times are refused")
    return (start + timedelta(minutes=int(_text(values[1])))).isoformat()


def _at_time(values: Sequence[Json]) -> Json:
    day, clock, zone = (_text(each) for each in values)
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=ZoneInfo(zone)).isoformat()


def _weekday(values: Sequence[Json]) -> Json:
    names = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    return names[date.fromisoformat(_text(values[0])[:10]).weekday()]


def _decimal(value: Json) -> Decimal:
    try:
        number = Decimal(_text(value))
    except InvalidOperation as wrong:
        raise UsageError(f"{_text(value)!r} is not a decimal number") from wrong
    if not number.is_finite():
        raise UsageError(f"{_text(value)!r} is not a finite number")
    return number


def _add(values: Sequence[Json]) -> Json:
    return str(sum((_decimal(each) for each in values), Decimal(0)))


def _subtract(values: Sequence[Json]) -> Json:
    return str(_decimal(values[0]) - _decimal(values[1]))


def _multiply(values: Sequence[Json]) -> Json:
    product = Decimal(1)
    for each in values:
        product *= _decimal(each)
    return str(product)


def _words(values: Sequence[Json]) -> list[str]:
    words = _text(values[0]).split()
    if not words:
        raise UsageError("an empty text has no words")
    return words


def _list(value: Json) -> Sequence[Json]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise UsageError(f"{value!r} is not a list")
    return value


def _first(values: Sequence[Json]) -> Json:
    items = _list(values[0])
    if len(items) != 1:
        raise UsageError(f"exactly one was meant, and there are {len(items)}")
    return items[0]


def _text(value: Json) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise UsageError(f"{value!r} is neither text nor a number")
    return str(value)


def _checked(function: Callable[[Sequence[Json]], Json], name: str) -> Callable[[Sequence[Json]], Json]:
    def call(values: Sequence[Json]) -> Json:
        try:
            return function(values)
        except (ValueError, LookupError, ArithmeticError, OSError) as wrong:
            raise UsageError(f"transform {name} cannot take {list(values)!r}: {wrong}") from wrong

    return call


_TRANSFORMS: Mapping[str, Callable[[Sequence[Json]], Json]] = {
    name: _checked(function, name)
    for name, function in {
        "join": _join,
        "slug": _slug,
        "lower": lambda values: _text(values[0]).lower(),
        "first_word": lambda values: _words(values)[0],
        "last_word": lambda values: _words(values)[-1],
        "add_days": _add_days,
        "add_workdays": _add_workdays,
        "add_minutes": _add_minutes,
        "at_time": _at_time,
        "weekday": _weekday,
        "add": _add,
        "subtract": _subtract,
        "multiply": _multiply,
        "count": lambda values: len(_list(values[0])),
        "first": _first,
    }.items()
}
