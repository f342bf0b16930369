"""Transforms: the closed set of pure functions that a plan may apply to values. No expressions, no code."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation, localcontext
from pathlib import PurePosixPath
from zoneinfo import ZoneInfo

from doer.domain.errors import UsageError
from doer.domain.value import Json


def transforms() -> Mapping[str, Callable[[Sequence[Json]], Json]]:
    """Return the closed set of transforms by name; each takes the list of its resolved inputs.

    join(parts…) text; slug(text, separator="-"); lower(text); first_word(text); last_word(text); add_days(date, n);
    add_workdays(date, n) counting Monday to Friday, from the first of them that is not before the date;
    add_minutes(datetime, n); at_time(date, "HH:MM", zone) an RFC 3339 time with offset; weekday(date) its name;
    add, subtract, multiply(decimals…), divide(a, b, places), round_to(a, places) decimal strings, halves rounded to even;
    count(list); first(list); append(list, items…) without twice the same;
    either(values…) the first that is there. format_date(date or datetime, "YYYY-MM-DD HHmm") with YYYY YY MM DD HH mm and Month, Mon;
    day_of(datetime, zone) its date there; day_start(date, kind, zone) its first moment as a column of that kind writes it;
    clock_of(datetime, zone) its HH:MM there; counter(number, width) 001; field(object, name) of a fixed object;
    name_of, stem_of, suffix_of, folder_of(path): `a/b.tar.gz` is b.tar.gz, b.tar, .gz and a; in_folder(folder, name);
    title_of(path) its stem as words; dated_name(name, date) with the date in front and nowhere else.
    rows_with(rows, field, text) the objects whose field holds all words of the text, with a fourth input those whose field is
    the text; compare(a, b) of two numbers, or two dates or
    times, -1, 0 or 1.
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


def _format_date(values: Sequence[Json]) -> Json:
    moment, pattern = datetime.fromisoformat(_text(values[0])), _text(values[1])
    months = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
              "November", "December")  # fmt: skip
    parts = {
        "YYYY": f"{moment.year:04d}", "YY": f"{moment.year % 100:02d}", "MM": f"{moment.month:02d}",
        "DD": f"{moment.day:02d}", "HH": f"{moment.hour:02d}", "mm": f"{moment.minute:02d}",
        "Month": months[moment.month - 1], "Mon": months[moment.month - 1][:3],
    }  # fmt: skip
    told = re.sub("YYYY|YY|MM|DD|HH|mm|Month|Mon", lambda found: parts[found.group()], pattern)
    if told == pattern:
        raise UsageError(f"{pattern!r} has no part of a date in it: write YYYY-MM-DD")
    return told


def _aware(value: Json) -> datetime:
    moment = datetime.fromisoformat(_text(value))
    if moment.utcoffset() is None:
        raise UsageError(f"{_text(value)!r} has no time zone: naive times are refused")
    return moment


def _day_of(values: Sequence[Json]) -> Json:
    text = _text(values[0])
    return text if len(text) == 10 else _aware(text).astimezone(ZoneInfo(_text(values[1]))).date().isoformat()


def _clock_of(values: Sequence[Json]) -> Json:
    return _aware(values[0]).astimezone(ZoneInfo(_text(values[1]))).strftime("%H:%M")


def _day_start(values: Sequence[Json]) -> Json:
    day, kind, zone = (_text(each) for each in values)
    match kind:
        case "date":
            return date.fromisoformat(day).isoformat()
        case "timestamp":
            return f"{date.fromisoformat(day).isoformat()}T00:00:00"
        case "instant":
            return _at_time([day, "00:00", zone])
        case _:
            raise UsageError(f"{kind!r} is no kind of moment: date, timestamp or instant")


def _counter(values: Sequence[Json]) -> Json:
    number, width = (int(_text(each)) for each in values)
    if number < 0 or not 1 <= width <= 12:
        raise UsageError("counter counts from 0, in 1 to 12 digits")
    return f"{number:0{width}d}"


def _field(values: Sequence[Json]) -> Json:
    whole, name = values[0], _text(values[1])
    if not isinstance(whole, Mapping) or name not in whole:
        raise UsageError(f"there is no {name!r} to look up")
    return whole[name]


def _path(value: Json) -> PurePosixPath:
    path = PurePosixPath(_text(value))
    if not path.name or path.name == "..":
        raise UsageError(f"{_text(value)!r} names no file")
    return path


def _folder_of(values: Sequence[Json]) -> Json:
    folder = str(_path(values[0]).parent)
    return "" if folder == "." else folder


def _in_folder(values: Sequence[Json]) -> Json:
    folder, name = _text(values[0]), _text(values[1])
    if not name or "/" in name or name in {".", ".."}:
        raise UsageError(f"{name!r} is no name of a file: it must be one part of a path")
    return name if folder in {"", "."} else f"{folder.rstrip('/')}/{name}"


def _dated_name(values: Sequence[Json]) -> Json:
    path, day = _path(values[0]), date.fromisoformat(_text(values[1])).isoformat()
    if path.name.startswith((day, day.replace("-", ""))):
        return path.name
    rest = re.sub(rf"[-_ .]?{day.replace('-', '[-_.]?')}(?!\d)", "", path.stem, count=1).strip("-_ ")
    return f"{day}_{rest}{path.suffix}" if rest else f"{day}{path.suffix}"


def _title_of(values: Sequence[Json]) -> Json:
    return " ".join(re.split(r"[\s_]+|(?<=\D)-|-(?=\D)", _path(values[0]).stem)).strip() or _path(values[0]).stem


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


def _divide(values: Sequence[Json]) -> Json:
    by = _decimal(values[1])
    if not by:
        raise UsageError("nothing can be divided by zero")
    with localcontext(prec=50):
        return _rounded(_decimal(values[0]) / by, values[2])


def _round_to(values: Sequence[Json]) -> Json:
    return _rounded(_decimal(values[0]), values[1])


def _rounded(number: Decimal, places: Json) -> str:
    digits = int(_text(places))
    if not 0 <= digits <= 20:
        raise UsageError("round to 0 to 20 places")
    with localcontext(prec=60):
        return format(number.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN), "f")


def _words(values: Sequence[Json]) -> list[str]:
    words = _text(values[0]).split()
    if not words:
        raise UsageError("an empty text has no words")
    return words


def _list(value: Json) -> Sequence[Json]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise UsageError(f"{value!r} is not a list")
    return value


def _append(values: Sequence[Json]) -> Json:
    listed = [] if values[0] is None else list(_list(values[0]))
    for item in values[1:]:
        for each in item if isinstance(item, Sequence) and not isinstance(item, str) else [item]:
            listed += [] if each in listed else [each]
    return listed


def _either(values: Sequence[Json]) -> Json:
    return next((each for each in values if each not in (None, "", [])), None)


def _first(values: Sequence[Json]) -> Json:
    items = _list(values[0])
    if len(items) != 1:
        raise UsageError(f"exactly one was meant, and there are {len(items)}")
    return items[0]


def _rows_with(values: Sequence[Json]) -> Json:
    rows, name = _list(values[0]), _text(values[1])
    objects = [each for each in rows if isinstance(each, Mapping)]
    if len(values) > 3:
        return [each for each in objects if each.get(name) == values[2]]
    wanted = _held(values[2])
    return [each for each in objects if wanted <= _held(each.get(name))]


def _held(value: Json) -> frozenset[str]:
    """The words of a value, whole: `4815` is no part of `48150`."""
    return frozenset(re.findall(r"[^\s,;()]+", "" if value is None else str(value).casefold()))


def _compare(values: Sequence[Json]) -> Json:
    one, other = (_text(each) for each in values)
    if re.match(r"\d{4}-\d\d-\d\d", one) and re.match(r"\d{4}-\d\d-\d\d", other):
        first, second = datetime.fromisoformat(one), datetime.fromisoformat(other)
        if (first.tzinfo is None) != (second.tzinfo is None):
            raise UsageError(f"{one!r} and {other!r} cannot be compared: only one of them has a time zone")
        return (first > second) - (first < second)
    left, right = _decimal(one), _decimal(other)
    return (left > right) - (left < right)


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
        "append": _append,
        "either": _either,
        "divide": _divide,
        "round_to": _round_to,
        "format_date": _format_date,
        "day_of": _day_of,
        "clock_of": _clock_of,
        "day_start": _day_start,
        "counter": _counter,
        "field": _field,
        "name_of": lambda values: _path(values[0]).name,
        "stem_of": lambda values: _path(values[0]).stem,
        "suffix_of": lambda values: _path(values[0]).suffix,
        "folder_of": _folder_of,
        "in_folder": _in_folder,
        "title_of": _title_of,
        "dated_name": _dated_name,
        "count": lambda values: len(_list(values[0])),
        "first": _first,
        "rows_with": _rows_with,
        "compare": _compare,
    }.items()
}
