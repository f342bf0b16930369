"""Spans of days: `the last 7 days`, `in March`, `in 2026`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from doer.intent.mention import Mention, Reading
from doer.intent.numbers import WORD_NUMBERS

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"january|february|march|april|may|june|july|august|september|october|november|december"
    r"|(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\.?(?![a-z])"
)
_N = rf"\d{{1,3}}|an?|{'|'.join(WORD_NUMBERS)}"
_LATELY = re.compile(rf"\b(?:the\s+)?(?:last|past)\s+(?P<n>{_N})\s+(?P<u>day|week|month)s\b", re.IGNORECASE)
_IN_MONTH = re.compile(
    rf"\b(?:in|during|for(?!\s+may\b))\s+(?P<m>{_MONTH})(?:\s+(?P<y>\d{{4}}))?\b(?!\s+(?:the\s+)?\d)(?!\.\d)",
    re.IGNORECASE,
)
_IN_YEAR = re.compile(r"\b(?:in|during)\s+(?P<y>(?:19|20)\d{2})\b(?![-/.:]\d)", re.IGNORECASE)


def find(text: str, today: date) -> Iterator[Mention]:
    """Yield ranges of dates that a length or a month names; a month without a year is the one begun last or the next."""
    for found in _LATELY.finditer(text):
        yield _lately(found, today)
    for found in (*_IN_MONTH.finditer(text), *_IN_YEAR.finditer(text)):
        yield _calendar(found, today)


def _lately(found: re.Match[str], today: date) -> Mention:
    """`the last 7 days`: today is the last of them."""
    word, unit = found["n"].lower(), found["u"].lower()
    count = 1 if word in {"a", "an"} else WORD_NUMBERS[word] if word in WORD_NUMBERS else int(word)
    if unit == "month":
        from dateutil.relativedelta import relativedelta

        start = today - relativedelta(months=count) + timedelta(days=1)
    else:
        start = today - timedelta(days=count * (7 if unit == "week" else 1) - 1)
    return Mention("date_range", *found.span(), found.group(), (_reading(start, today),))


def _calendar(found: re.Match[str], today: date) -> Mention:
    """`in March`: the one that has begun last, and the one that comes; `in March 2026` and `in 2026` are plain."""
    months = found.groupdict()
    name = "m" if months.get("m") else "y"
    words = found.string[found.start(name) : found.end()]
    if name == "y":
        year = int(found["y"])
        spans = [(date(year, 1, 1), date(year, 12, 31))]
    else:
        month = _MONTHS.index(found["m"][:3].lower()) + 1
        recent = today.year if month <= today.month else today.year - 1
        years = [int(found["y"])] if found["y"] else [recent, recent + 1]
        spans = [(date(y, month, 1), date(y + month // 12, month % 12 + 1, 1) - timedelta(days=1)) for y in years]
    return Mention("date_range", found.start(name), found.end(), words, tuple(_reading(*each) for each in spans))


def _reading(start: date, end: date) -> Reading:
    value = {"start": start.isoformat(), "end": end.isoformat()}
    return Reading(value, f"{start.isoformat()} to {end.isoformat()}")
