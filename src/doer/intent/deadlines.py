"""Deadlines: days that are told by the end of a period or by the time that is left."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from doer.intent.dates import MONTHS
from doer.intent.labels import day_label
from doer.intent.mention import Mention, Reading
from doer.intent.numbers import WORD_NUMBERS

_END = re.compile(
    rf"\b(?:the\s+)?end\s+of\s+(?:(?:(?P<which>the|this|next)\s+)?(?P<unit>week|month|quarter|year)|(?P<m>{'|'.join(MONTHS)}))\b",
    re.IGNORECASE,
)
_WITHIN = re.compile(
    rf"\bwithin\s+(?:the\s+next\s+)?(?P<n>\d{{1,3}}|an?|{'|'.join(WORD_NUMBERS)})\s+(?P<unit>day|week)s?\b",
    re.IGNORECASE,
)


def find(text: str, today: date) -> Iterator[Mention]:
    """Yield the last day of a month, quarter or year; of a week both its Friday and its Sunday; and `within 10 days`."""
    for found in _END.finditer(text):
        days = (
            _month_end(found["m"], today) if found["m"] else _ends(found["unit"].lower(), found["which"] or "", today)
        )
        yield _of(found, days)
    for found in _WITHIN.finditer(text):
        word = found["n"].lower()
        count = 1 if word in {"a", "an"} else WORD_NUMBERS[word] if word in WORD_NUMBERS else int(word)
        yield _of(found, [today + timedelta(days=count * (7 if found["unit"].lower() == "week" else 1))])


def _of(found: re.Match[str], days: list[date]) -> Mention:
    readings = tuple(Reading(each.isoformat(), day_label(each)) for each in days)
    return Mention("date", *found.span(), found.group(), readings)


def _month_end(name: str, today: date) -> list[date]:
    month = MONTHS.index(name.lower()) + 1
    last = _last(today.year, month)
    return [last if last >= today else _last(today.year + 1, month)]


def _last(year: int, month: int) -> date:
    """The last day of a month; months beyond twelve run on into the next year."""
    months = year * 12 + month
    return date(months // 12, months % 12 + 1, 1) - timedelta(days=1)


def _ends(unit: str, which: str, today: date) -> list[date]:
    step = 1 if which.lower() == "next" else 0
    if unit == "week":  # of work or of the calendar: people differ
        monday = today - timedelta(days=today.weekday()) + timedelta(days=7 * step)
        return [monday + timedelta(days=4), monday + timedelta(days=6)]
    if unit == "month":
        return [_last(today.year, today.month + step)]
    if unit == "quarter":
        return [_last(today.year, (today.month + 2) // 3 * 3 + 3 * step)]
    return [date(today.year + step, 12, 31)]
