"""Clocks: what a day or a time of day means for a slot that looks back, lies ahead, or is of everyday life."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from doer.domain.goal import Goal, Option
from doer.intent.labels import day_label, moment_label
from doer.intent.mention import Mention
from doer.intent.times import join
from doer.planning.skills.slots import SlotSpec

DAY_BEGINS, DAY_ENDS = "06:00", "21:00"
"""Of two readings of a time that are twelve hours apart, one within these (the end excluded) is meant, not the other."""
WORK_BEGINS, WORK_ENDS = "07:00", "18:00"
"""The same of what is said of every working day: `every weekday at 7` is in the morning."""
_WORKDAYS = re.compile(r"\b(?:every|each|on)\s+(?:weekday|workday|working\s+day)s?\b", re.IGNORECASE)
_WEEKDAY = re.compile(r"(?:on\s+)?(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?", re.IGNORECASE)
_OF_YEAR = re.compile(
    r"(?=.*\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec))(?=.*\d)(?!.*\d{4})(?!.*\bend\b).+", re.IGNORECASE
)
_OF_MONTH = re.compile(r"(?:the\s+)?\d{1,2}(?:st|nd|rd|th)", re.IGNORECASE)


def timed(spec: SlotSpec, mention: Mention, options: Sequence[Option], goal: Goal) -> tuple[Option, ...]:
    """Return the ways to read a mention as a date, a time or a datetime of this slot; several are asked about."""
    found = tuple(options)
    if spec.past and mention.kind == "date":
        found = behind(mention, found, goal.local_time.date())
    if spec.coming and spec.type == "datetime" and len(found) > 1:
        ahead = tuple(each for each in found if datetime.fromisoformat(str(each.value)) > goal.said_at)
        found = ahead or found
    hours = (WORK_BEGINS, WORK_ENDS) if _WORKDAYS.search(goal.text) else (DAY_BEGINS, DAY_ENDS)
    return _everyday(found, *hours) if spec.everyday or spec.coming else found


def coming(spec: SlotSpec, mention: Mention, goal: Goal) -> tuple[Option, ...]:
    """Return the next moments with that time of day, for a datetime of which no day was said.

    Where the everyday reading of an hour has passed today, the other is offered beside it: at 9:30, `at 9` may be tonight.
    """
    if not spec.coming or spec.type != "datetime" or mention.kind != "time":
        return ()
    clocks = tuple(Option(each.label, each.value) for each in mention.readings)
    every = [each for clock in clocks if (each := _next(str(clock.value), goal)) is not None]
    plain = [each for clock in _everyday(clocks) if (each := _next(str(clock.value), goal)) is not None]
    today = goal.local_time.date().isoformat()
    if len(plain) == 1 and (len(every) == 1 or str(plain[0].value).startswith(today)):
        return tuple(plain)
    return tuple(sorted(every, key=lambda each: datetime.fromisoformat(str(each.value))))


def _next(clock: str, goal: Goal) -> Option | None:
    for away in range(2):
        day = goal.local_time.date() + timedelta(days=away)
        for moment in join(day.isoformat(), clock, goal.zone)[:1]:
            if moment > goal.said_at:
                return Option(moment_label(moment), moment.isoformat())
    return None


def _everyday(options: tuple[Option, ...], begins: str = DAY_BEGINS, ends: str = DAY_ENDS) -> tuple[Option, ...]:
    """Without the hours of the night, where the same hour of the day is among them."""
    by_day = {(_day(each), _clock(each)): each for each in options}
    kept = tuple(
        each for each in options if begins <= _clock(each) < ends or (_day(each), _opposite(_clock(each))) not in by_day
    )
    return kept or options


def _day(option: Option) -> str:
    return str(option.value).rpartition("T")[0]


def _clock(option: Option) -> str:
    return str(option.value).rpartition("T")[2][:5]


def _opposite(clock: str) -> str:
    hour = int(clock[:2]) if clock[:2].isdigit() else 0
    return f"{(hour + 12) % 24:02d}{clock[2:]}"


def behind(mention: Mention, options: tuple[Option, ...], today: date) -> tuple[Option, ...]:
    """Days that have come: a bare weekday is the last one, a day of the year the one of this year or of the last."""
    days = [date.fromisoformat(str(each.value)) for each in options]
    words = mention.text.strip()
    if _WEEKDAY.fullmatch(words):  # said on that very day it may be today or a week ago
        return tuple(dict.fromkeys(_option(day - timedelta(days=7)) for day in days if day > today - timedelta(days=7)))
    if any(day <= today for day in days):
        return tuple(each for each, day in zip(options, days, strict=True) if day <= today)
    if _OF_MONTH.fullmatch(words):
        return tuple(_option(_months_before(day, today)) for day in days)
    if _OF_YEAR.fullmatch(words):
        return tuple(_option(day) for day in dict.fromkeys(_years_before(days, today))) or options
    return options


def _years_before(days: Sequence[date], today: date) -> Iterator[date]:
    for day in days:
        years = (day.year - away for away in range(1, 9))
        earlier = (date(year, day.month, day.day) for year in years if _is_day(year, day))
        yield from [each for each in earlier if each <= today][:1]


def _months_before(day: date, today: date) -> date:
    """The last day of that number that has come."""
    from dateutil.relativedelta import relativedelta

    earlier = (day - relativedelta(months=away) for away in range(1, 4))
    return next((each for each in earlier if each <= today and each.day == day.day), day)


def _is_day(year: int, day: date) -> bool:
    return day.month != 2 or day.day != 29 or (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0))


def _option(day: date) -> Option:
    return Option(day_label(day), day.isoformat())
