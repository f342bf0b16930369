"""Times and rules: the first time of what repeats, and the next one (RFC 5545, section 3.3.10, by dateutil)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from itertools import combinations
from types import MappingProxyType
from zoneinfo import ZoneInfo

from doer.domain.errors import Permanent

REPEATS: Mapping[str, str] = MappingProxyType(
    {
        "daily": "FREQ=DAILY",
        "weekdays": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
        "weekly": "FREQ=WEEKLY",
        "monthly": "FREQ=MONTHLY",
    }
)
"""The repetitions that have a name."""
_PARTS = ("morning", "evening", "afternoon", "night")
EVERY: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "daily": (
            "every day", "each day", "every single day", *(f"{each} {part}" for each in ("every", "each") for part in _PARTS),
        ),
        "weekdays": ("every weekday", "each weekday", "every working day", "on weekdays", "every workday"),
        "weekly": ("every week", "each week"),
        "monthly": ("every month", "each month"),
    }
)  # fmt: skip
"""How people say the repetitions that have a name."""
_AS_ADJECTIVE: Mapping[str, Sequence[str]] = MappingProxyType(
    {"daily": ("daily",), "weekly": ("weekly",), "monthly": ("monthly",)}
)
_TWO_WEEKS = ("every two weeks", "every other week", "every second week", "fortnightly", "biweekly", "bi-weekly")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_PLACES: Mapping[int, str] = MappingProxyType({1: "first", 3: "third", 4: "fourth", -1: "last"})
"""Which such day of a month; `every second Monday` is every other one instead."""
_ORDINALS: Mapping[int, str] = MappingProxyType(
    {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", 10: "tenth", 15: "fifteenth", 20: "twentieth"}
)
_RULE = re.compile(r"FREQ=(HOURLY|DAILY|WEEKLY|MONTHLY|YEARLY)(;[A-Z]+=[A-Z0-9,+-]+)*")
_LONGEST_RULE = 300
_FARTHEST = timedelta(days=366 * 100)


def rules_in_words() -> dict[str, list[str]]:
    """Return rules with how people say them: one day of the week or several, every other week, one such day of a month."""
    rules: dict[str, list[str]] = {}
    for count in (1, 2, 3):
        for days in combinations(WEEKDAYS, count):
            said = list(dict.fromkeys((" ".join((*days[:-1], "and", days[-1])), " ".join(days), " and ".join(days))))
            rules[f"FREQ=WEEKLY;BYDAY={','.join(map(_short, days))}"] = (
                [f"{each} {days[0]}" for each in ("every", "each")]
                if count == 1
                else [f"{each} {one}" for each in ("every", "each", "on") for one in said]
                + [f"every {' and every '.join(days)}"]
            )
    for day in WEEKDAYS:
        rules[f"FREQ=WEEKLY;INTERVAL=2;BYDAY={_short(day)}"] = [
            f"{each} {day}" for each in ("every other", "every second", "each second")
        ] + [f"{day} every two weeks", f"every two weeks on {day}", f"{day} every other week"]
        for place, name in _PLACES.items():
            said = [f"{each} {name} {day}" for each in ("every", "each")]
            rules[f"FREQ=MONTHLY;BYDAY={place}{_short(day)}"] = [
                *(f"{each} of the month" for each in said),
                *(f"{name} {day} {of}" for of in ("of every month", "of each month", "every month", "each month")),
                *said,
            ]
    for number in range(1, 32):
        names = [_ordinal(number), *([_ORDINALS[number]] if number in _ORDINALS else [])]
        said = [f"{name}{day} of {each} month" for name in names for day in ("", " day") for each in ("every", "each")]
        said += [f"{name} {each} month" for name in names for each in ("every", "each")]
        rules[f"FREQ=MONTHLY;BYMONTHDAY={number}"] = [
            *(f"{lead}{each}" for each in said for lead in ("on the ", "the ", "")),
            *(f"{each} month on the {name}" for name in names for each in ("every", "each")),
            *(f"{each} {name} of the month" for name in names for each in ("every", "each")),
        ]
    rules["FREQ=MONTHLY;BYMONTHDAY=-1"] = [
        f"{lead}last day of {each} month" for lead in ("on the ", "the ", "") for each in ("every", "each", "the")
    ]
    return rules


def repeats_in_words() -> dict[str, list[str]]:
    """Return every rule that is said in words: those that have a name, and those of `rules_in_words`."""
    named = {REPEATS[name]: [*said, *_AS_ADJECTIVE.get(name, ())] for name, said in EVERY.items()}
    return {**named, "FREQ=WEEKLY;INTERVAL=2": [*_TWO_WEEKS], **rules_in_words()}


def _ordinal(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th") if number not in (11, 12, 13) else "th"
    return f"{number}{ending}"


def _short(day: str) -> str:
    return day[:2].upper()


def moment(text: str, zone: str) -> datetime:
    """Return an RFC 3339 time on the clocks of a zone. Raises Permanent for one without an offset, or that is none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as wrong:
        raise Permanent(f"{text!r:.60} is no time; write it as 2026-12-01T09:00:00+01:00") from wrong
    if found.tzinfo is None:
        raise Permanent(f"{text!r:.60} has no time zone; write it as 2026-12-01T09:00:00+01:00")
    try:
        return found.astimezone(ZoneInfo(zone))
    except OverflowError as wrong:
        raise Permanent(f"{text!r:.60} is out of the calendar") from wrong


def check_to_come(at: datetime, now: datetime) -> None:
    """Raise Permanent for a time that is past, or more than a hundred years away."""
    if at <= now:
        here = now.astimezone(at.tzinfo)
        raise Permanent(
            f"{at:%A %Y-%m-%d %H:%M} is past (it is {here:%Y-%m-%d %H:%M} now); give a time that is to come"
        )
    if at - now > _FARTHEST:
        raise Permanent(f"{at:%Y-%m-%d} is more than a hundred years away; check the year")


def checked_rule(text: str, first: datetime) -> str:
    """Return an RFC 5545 rule in plain form. Raises Permanent for one that is none, too frequent, or never comes."""
    rule = text.strip().upper().removeprefix("RRULE:")
    if len(rule) > _LONGEST_RULE or _RULE.fullmatch(rule) is None:
        raise Permanent(
            f"{text!r:.80} is no rule that is kept here: write it as in RFC 5545, beginning with FREQ=HOURLY, DAILY, "
            "WEEKLY, MONTHLY or YEARLY, e.g. FREQ=WEEKLY;BYDAY=MO,TH"
        )
    if next_time(rule, first, first) is None:
        raise Permanent(f"{text!r:.80} never comes after {first:%Y-%m-%d %H:%M}; check its days and its end")
    return rule


def check_first(rule: str, first: datetime) -> None:
    """Raise Permanent when the first time is none of the rule's: a Saturday, of what repeats on weekdays."""
    coming = next_time(rule, first, first)
    if coming != first:
        shown = f"{coming:%A %Y-%m-%d %H:%M}" if coming else "never"
        raise Permanent(
            f"the first time, {first:%A %Y-%m-%d %H:%M}, is not one of {rule}; the rule's own first is {shown}"
        )


def next_time(rule: str, first: datetime, now: datetime) -> datetime | None:
    """Return the first time at or after `now`; None when there is none. On the clocks of the zone of `first`."""
    if not rule:
        return first if first >= now else None
    from dateutil.rrule import rrulestr

    try:
        return rrulestr(rule, dtstart=first).after(now.astimezone(first.tzinfo), inc=True)
    except (ValueError, TypeError, OverflowError) as wrong:
        raise Permanent(f"{rule!r:.80} is no rule that can be followed: {wrong!s:.120}") from wrong


def first_of(repeat: str, at_clock: str, weekday: str | None, zone: str, now: datetime) -> datetime:
    """Return the next time of what repeats at a time of day. Raises Permanent when more must be known."""
    at = clock(at_clock)
    if repeat == "monthly":
        raise Permanent("a monthly schedule needs its first day too: give `at`, the first date with its time")
    if repeat == "weekly" and weekday is None:
        raise Permanent("a weekly schedule needs its day too: give the weekday, or `at`, the first date with its time")
    here = now.astimezone(ZoneInfo(zone))
    for days in range(8):
        coming = datetime.combine(here.date() + timedelta(days=days), at, here.tzinfo)
        wrong_day = weekday is not None and WEEKDAYS[coming.weekday()] != weekday
        if coming > here and not wrong_day and not (repeat == "weekdays" and coming.weekday() > 4):
            return coming
    raise Permanent(f"{repeat} and {weekday} do not go together: no such day comes")


def today_at(at_clock: str, zone: str, now: datetime) -> datetime:
    """Return that time of day on the present day of a zone. Raises Permanent for one that is none."""
    here = now.astimezone(ZoneInfo(zone))
    return datetime.combine(here.date(), clock(at_clock), here.tzinfo)


def clock(text: str) -> time:
    """Return a time of day on the clocks of the workspace's zone. Raises Permanent for one that is none."""
    try:
        found = time.fromisoformat(text)
    except ValueError as wrong:
        raise Permanent(f"{text!r:.40} is no time of day; write it as 07:00") from wrong
    if found.tzinfo is not None:
        raise Permanent(f"{text!r:.40} has an offset; a time of day is on the clocks of the workspace's zone, as 07:00")
    return found
