"""Dates: absolute and relative, resolved against the moment at which they were said; doubt gives several readings.

Conventions. A bare weekday is the next one after the day of speaking (said on that day itself: doubtful). `next Friday`
is the one that comes where that lies in next ISO week; where it still lies in this week, people differ (this one or the
one in a week) and both are readings. With a locale of a land whose weeks begin on Sunday the same is asked for
`next Monday` said on a Sunday. `this Friday` is that of this ISO week. `3/4/2026` is plain only where the locale names
a territory, or where one order is impossible.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from doer.intent.labels import day_label
from doer.intent.mention import Kind, Mention, Reading, Setting
from doer.intent.numbers import WORD_NUMBERS
from doer.intent.text import word_list, word_set
from doer.intent.years import lent

MONTHS = word_list("""
    january february march april may june july august september october november december
    """)
_DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_MONTH = "|".join([*MONTHS, *(f"{each[:3]}\\.?(?![a-z])" for each in MONTHS), "sept\\.?(?![a-z])"])
_DAY = "|".join([*_DAYS, "mon", "tues?", "wed", "thurs?", "thu", "fri", "sat", "sun"])
_N = rf"\d{{1,3}}|an?|{'|'.join(WORD_NUMBERS)}"
_ISO = re.compile(r"(?<![\d-])(?P<y>\d{4})[-/](?P<m>\d{1,2})[-/](?P<d>\d{1,2})(?![\d-])(?!T)")
_SLASHED = re.compile(r"(?<![\d/.-])(?P<a>\d{1,2})(?P<mark>[/.-])(?P<b>\d{1,2})(?P=mark)(?P<y>\d{4}|\d{2})(?![\d/-])")
_SHORT = re.compile(
    r"\b(?:on|by|from|until|starting|due|pick-?up|date:?|day:?|when:?)\s+(?P<a>\d{1,2})/(?P<b>\d{1,2})(?![\d/])",
    re.IGNORECASE,
)
_NAMED = re.compile(
    rf"\b(?:(?P<w>{_DAY})\b\.?,?\s+(?:the\s+)?)?(?:"
    rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\.?(?:\s+(?:day\s+)?of)?\s+(?P<m>{_MONTH})(?:,?\s+(?P<y>\d{{4}})\b)?"
    rf"|(?P<m2>{_MONTH})\s+(?:the\s+)?(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\b(?!:)(?!\s?[ap]m)(?:,?\s+(?P<y2>\d{{4}})\b)?)",
    re.IGNORECASE,
)
_ORDINAL = re.compile(
    rf"\b(?:(?P<w>{_DAY})\b\.?,?\s+)?(?:the\s+)?(?P<d>\d{{1,2}})(?:st|nd|rd|th)\b(?!\s+(?:of\s+)?(?:floor|time|week|day))",
    re.IGNORECASE,
)
_WEEKDAY = re.compile(
    rf"\b(?:(?P<which>next|this|coming|this coming|following|last|past|a week on|in a week on)\s+)?(?P<w>{_DAY})\b"
    rf"(?P<after>\s+(?:in a week|week|next week|in\s+(?P<n>two|2|three|3)\s+weeks))?(?!\s+\d{{1,2}}(?:st|nd|rd|th)\b)",
    re.IGNORECASE,
)
_NEAR = re.compile(
    r"\b(?P<word>the day after tomorrow|day after tomorrow|tomorrow|tmrw|tomorow|today|tonight|yesterday)\b",
    re.IGNORECASE,
)
_FROM = re.compile(
    rf"\b(?:in\s+(?P<n>{_N})\s+(?P<u>day|week|month|year)s?(?:['’]s?\s+time)?"
    rf"|(?P<n2>{_N})\s+(?P<u2>day|week|month)s?\s+(?:from\s+(?P<base>now|today|tomorrow)|(?P<ago>ago)))\b",
    re.IGNORECASE,
)
_SPAN = re.compile(
    rf"\b(?:(?P<which>next|this|coming|last)\s+(?P<unit>week|month|year|weekend)"
    rf"|(?:the\s+|his\s+|her\s+|their\s+)?first\s+week(?:\s+of\s+(?P<m>{_MONTH})(?:\s+(?P<y>\d{{4}}))?)?)\b",
    re.IGNORECASE,
)
_TO = r"(?:-|–|—|to|until|till|through|and)"
_SHARED = re.compile(
    rf"(?<![\d.,:/-])(?P<first>(?:\bthe\s+)?(?P<a>\d{{1,2}})(?:st|nd|rd|th)?)\.?\s*{_TO}\s*(?:the\s+)?"
    rf"(?P<last>(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\.?\s+(?:of\s+)?(?P<m>{_MONTH})(?:,?\s+(?P<y>\d{{4}})\b)?)",
    re.IGNORECASE,
)
_SHARED_AFTER = re.compile(
    rf"\b(?P<first>(?P<m>{_MONTH})\s+(?:the\s+)?(?P<a>\d{{1,2}})(?:st|nd|rd|th)?)\s*{_TO}\s*(?:the\s+)?"
    rf"(?P<last>(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:]|\s?[ap]m)(?:,?\s+(?P<y>\d{{4}})\b)?)",
    re.IGNORECASE,
)
_SUNDAY_LANDS = word_set("""
    US CA MX BR JP IL IN KR TW HK PH ZA
    """)


def find(text: str, setting: Setting) -> Iterator[Mention]:
    """Yield dates and ranges of dates, overlapping ones too; the grounder keeps the longest."""
    today = setting.local.date()
    for found in _ISO.finditer(text):
        yield _exact(found, [(int(found["y"]), int(found["m"]), int(found["d"]))])
    for found in _SLASHED.finditer(text):
        yield _slashed(found, setting)
    for found in _SHORT.finditer(text):
        yield _short(found, setting, today)
    for found in _SHARED.finditer(text):
        yield from _shared(found, "first", today)
    for found in _SHARED_AFTER.finditer(text):
        yield from _shared(found, "first", today)
    named = list(_NAMED.finditer(text))
    for found, year in zip(named, lent(named, text, _month), strict=True):
        yield _named(found, today, year)
    for found in _ORDINAL.finditer(text):
        yield _ordinal(found, today)
    for found in _WEEKDAY.finditer(text):
        yield _weekday(found, setting, today)
    for found in _NEAR.finditer(text):
        away = {"yest": -1, "toda": 0, "toni": 0}.get(found["word"].lower()[:4], 1)
        away = 2 if "after" in found["word"].lower() else away
        yield _of(found, [today + timedelta(days=away)])
    for found in _FROM.finditer(text):
        yield _of(found, [_away(found, today)])
    for found in _SPAN.finditer(text):
        yield _span(found, today)


def _of(found: re.Match[str], days: list[date], group: int | str = 0, problem: str = "") -> Mention:
    readings = tuple(Reading(each.isoformat(), day_label(each)) for each in dict.fromkeys(days))
    return Mention("date", *found.span(group), found.group(group), readings, problem=problem)


def _exact(found: re.Match[str], options: list[tuple[int, int, int]], group: int | str = 0) -> Mention:
    days = [day for option in options if (day := _day(*option))]
    return _of(found, days, group, "" if days else f"there is no {found.group(group)}: that day does not exist")


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _slashed(found: re.Match[str], setting: Setting) -> Mention:
    year = int(found["y"]) + (2000 if len(found["y"]) == 2 else 0)
    first, second = int(found["a"]), int(found["b"])
    if found["mark"] == ".":
        return _exact(found, [(year, second, first)])
    return _exact(found, _orders(year, first, second, setting))


def _orders(year: int, first: int, second: int, setting: Setting) -> list[tuple[int, int, int]]:
    """Both orders, or the one of the locale's land (CLDR short date format) where there is one."""
    both = [(year, second, first), (year, first, second)]
    if not setting.territory:
        return both
    from babel import Locale, UnknownLocaleError

    try:
        pattern = str(Locale.parse(setting.locale.replace("-", "_")).date_formats["short"].pattern)
    except (UnknownLocaleError, ValueError):
        return both
    return both[:1] if pattern.find("d") < pattern.find("M") else both[1:]


def _short(found: re.Match[str], setting: Setting, today: date) -> Mention:
    orders = _orders(today.year, int(found["a"]), int(found["b"]), setting)
    days = [day for _, month, each in orders if (day := _coming(month, each, today))]
    start, end = found.start("a"), found.end("b")
    words = found.string[start:end]
    whole = _of(found, days, problem="" if days else f"there is no {words}: that day does not exist")
    return Mention("date", start, end, words, whole.readings, problem=whole.problem)


def _coming(month: int, day: int, today: date) -> date | None:
    """The next day of that name that exists within eight years (29 February), today included."""
    options = (_day(today.year + away, month, day) for away in range(9))
    return next((each for each in options if each and each >= today), None)


def _recent(month: int, day: int, today: date) -> date | None:
    """The day of that name in this year, where it has been in the last 90 days."""
    past = _day(today.year, month, day)
    return past if past is not None and timedelta(0) < today - past <= timedelta(days=90) else None


def _month(word: str) -> int:
    return next(place for place, name in enumerate(MONTHS, 1) if name[:3] == word.lower()[:3])


def _weekday_number(word: str) -> int:
    return next(place for place, name in enumerate(_DAYS) if name[:3] == word.lower()[:3])


def _named(found: re.Match[str], today: date, lent_year: int | None) -> Mention:
    month, day = _month(found["m"] or found["m2"]), int(found["d"] or found["d2"])
    year = found["y"] or found["y2"] or lent_year
    if year:
        mention = _exact(found, [(int(year), month, day)])
    else:
        coming = _coming(month, day, today)
        days = [each for each in (coming, _recent(month, day, today)) if each]
        mention = _of(found, days, problem="" if days else f"there is no {found.group()}: that day does not exist")
    if not found["w"] or not mention.readings:
        return mention
    wanted = _weekday_number(found["w"])
    days = [date.fromisoformat(str(each.value)) for each in mention.readings]
    if right := [each for each in days if each.weekday() == wanted]:
        return _of(found, right)
    is_a = f"{days[0].isoformat()} is a {days[0]:%A}"
    return _of(found, [], problem=f"{found.group()!r} does not fit together: {is_a}")


def _shared(found: re.Match[str], first: str, today: date) -> Iterator[Mention]:
    """`8-12 June 2026`, `June 8 to 12`: two days of one month."""
    month, one, two = _month(found["m"]), int(found["a"]), int(found["d"])
    if one >= two:
        return
    lasts = (
        [_day(int(found["y"]), month, two)] if found["y"] else [_coming(month, two, today), _recent(month, two, today)]
    )
    ends = [each for each in lasts if each is not None]
    begins = [day for each in ends if (day := _day(each.year, month, one)) is not None]
    if not ends or len(begins) < len(ends):
        return
    yield _of(found, begins, first)
    yield _of(found, ends, "last")


def _ordinal(found: re.Match[str], today: date) -> Mention:
    number = int(found["d"])
    months = [(today.year + (today.month - 1 + away) // 12, (today.month - 1 + away) % 12 + 1) for away in range(3)]
    days = [day for year, month in months if (day := _day(year, month, number)) and day >= today]
    if found["w"] and days:
        wanted = _weekday_number(found["w"])
        right = [each for each in days[:2] if each.weekday() == wanted]
        is_a = f"{found.group()!r} does not fit together: {days[0]:%d %B} is a {days[0]:%A}"
        return _of(found, right[:1], problem="" if right else is_a)
    return _of(found, days[:1], problem="" if days else f"no month has a {found['d']}th day")


def _weekday(found: re.Match[str], setting: Setting, today: date) -> Mention:
    which = (found["which"] or "").lower()
    after = (found["after"] or "").lower().strip()
    wanted = _weekday_number(found["w"])
    coming = today + timedelta(days=(wanted - today.weekday() - 1) % 7 + 1)
    monday = today - timedelta(days=today.weekday())
    this_week = monday + timedelta(days=wanted)
    week = timedelta(days=7)
    if which in {"last", "past"}:
        return _of(found, [coming - week if coming - week < today else coming - 2 * week])
    if after == "next week":
        return _of(found, [this_week + week])
    if found["n"]:
        return _of(found, [coming + week * {"two": 2, "2": 2, "three": 3, "3": 3}[found["n"].lower()]])
    if after or "week" in which:
        return _of(found, [coming + week])
    if which == "next":
        return _of(found, _next(coming, this_week, today, setting))
    if which == "this":
        return _of(found, [this_week])
    if wanted == today.weekday() and not which:
        return _of(found, [coming, today])
    return _of(found, [coming])


def _next(coming: date, this_week: date, today: date, setting: Setting) -> list[date]:
    week = timedelta(days=7)
    if coming == this_week:  # still in this week: the classical doubt
        return [coming + week, coming]
    if today.weekday() == 6 and setting.territory in _SUNDAY_LANDS:
        return [coming, coming + week]
    return [coming]


def _away(found: re.Match[str], today: date) -> date:
    word = (found["n"] or found["n2"]).lower()
    count = 1 if word in {"a", "an"} else WORD_NUMBERS[word] if word in WORD_NUMBERS else int(word)
    unit = (found["u"] or found["u2"]).lower()
    count = -count if found["ago"] else count
    base = today + timedelta(days=1) if (found["base"] or "").lower() == "tomorrow" else today
    if unit in {"month", "year"}:
        from dateutil.relativedelta import relativedelta

        return base + (relativedelta(months=count) if unit == "month" else relativedelta(years=count))
    return base + timedelta(days=count * (7 if unit == "week" else 1))


def _span(found: re.Match[str], today: date) -> Mention:
    kind: Kind = "date_range"
    words = found.group()
    if found["unit"]:
        start, end = _period(found["which"].lower(), found["unit"].lower(), today)
    elif found["m"]:
        first = (
            _coming(_month(found["m"]), 1, today) if not found["y"] else date(int(found["y"]), _month(found["m"]), 1)
        )
        start = first or today
        end = start + timedelta(days=6)
    else:
        return Mention(kind, *found.span(), words, (), problem=f"{words!r} of what? Say the dates")
    value = {"start": start.isoformat(), "end": end.isoformat()}
    return Mention(kind, *found.span(), words, (Reading(value, f"{start.isoformat()} to {end.isoformat()}"),))


def _period(which: str, unit: str, today: date) -> tuple[date, date]:
    step = {"next": 1, "coming": 1, "this": 0, "last": -1}[which]
    if unit in {"week", "weekend"}:
        monday = today + timedelta(days=7 * step - today.weekday())
        return (monday + timedelta(days=5 if unit == "weekend" else 0), monday + timedelta(days=6))
    months = today.year * 12 + today.month - 1 + (step if unit == "month" else 0)
    if unit == "year":
        return date(today.year + step, 1, 1), date(today.year + step, 12, 31)
    start = date(months // 12, months % 12 + 1, 1)
    after = date((months + 1) // 12, (months + 1) % 12 + 1, 1)
    return start, after - timedelta(days=1)
