"""From arguments to one deed: which reminder, what it says now, and what it shall say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

from doer.connectors.tools.recurrence import (
    REPEATS,
    check_first,
    check_to_come,
    checked_rule,
    first_of,
    moment,
    next_time,
    today_at,
)
from doer.connectors.tools.reminders.rows import Kind, Reminder
from doer.domain.errors import Permanent
from doer.domain.value import JsonObject

LONGEST = 2000
"""Characters of a reminder's text."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to become of one reminder."""

    id: str | None
    """None: it is to be made."""
    before: Reminder | None
    after: Reminder | None


Planning: TypeAlias = Callable[[Mapping[str, Reminder], JsonObject, str, datetime], Wish]
"""From the reminders, the arguments, the zone and the time now to a wish; raises Permanent."""


def create_reminder(_rows: Mapping[str, Reminder], arguments: JsonObject, zone: str, now: datetime) -> Wish:
    """Make a reminder: at a time, or at the next one of what repeats at a time of day."""
    at = _next_of(arguments, zone, now) if "at" not in arguments else moment(_text(arguments, "at"), zone)
    return Wish(None, None, _made("reminder", _text(arguments, "text"), at, _rule(arguments, at), zone, now))


def _next_of(arguments: JsonObject, zone: str, now: datetime) -> datetime:
    if "time" not in arguments or not {"repeat", "rule"} & arguments.keys():
        raise Permanent("a reminder needs when: `at`, a date with its time; or `time` with how it repeats")
    clock = _text(arguments, "time")
    if "rule" not in arguments:
        return first_of(_text(arguments, "repeat"), clock, None, zone, now)
    rule = checked_rule(_text(arguments, "rule"), now.astimezone(ZoneInfo(zone)))
    coming = next_time(rule, today_at(clock, zone, now), now)
    if coming is None:
        raise Permanent(f"{rule!r:.80} never comes; check its days and its end")
    return coming


def create_schedule(_rows: Mapping[str, Reminder], arguments: JsonObject, zone: str, now: datetime) -> Wish:
    """Make a schedule: first at a given time, or at the next one that its repetition has."""
    weekday = _optional(arguments, "weekday")
    given = dict(arguments)
    if weekday is not None and "repeat" not in given and "rule" not in given:
        given["repeat"] = "weekly"
    if "at" in given:
        if "time" in given:
            raise Permanent("give either `at`, the first date with its time, or `time`, the time of day; not both")
        at = moment(_text(given, "at"), zone)
    elif "time" in given and "rule" in given and "repeat" not in given:
        at = _next_of(given, zone, now)
    elif "time" in given and _optional(given, "repeat") in REPEATS:
        at = first_of(_text(given, "repeat"), _text(given, "time"), weekday, zone, now)
    else:
        raise Permanent(
            "a schedule needs when: `at`, a date with its time; or `time` with `repeat` (daily, weekdays …)"
        )
    return Wish(None, None, _made("schedule", _text(given, "goal"), at, _rule(given, at), zone, now))


def change_reminder(rows: Mapping[str, Reminder], arguments: JsonObject, zone: str, now: datetime) -> Wish:
    """Change what one says, when it is, or how it repeats."""
    identity, before = _meant(rows, arguments)
    if not {"text", "at", "repeat", "rule"} & arguments.keys():
        raise Permanent("say what to change: the text, the time (at), or how it repeats")
    text = _checked(_text(arguments, "text")) if "text" in arguments else before.text
    at = moment(_text(arguments, "at"), zone) if "at" in arguments else before.first
    rule = _rule(arguments, at) if {"repeat", "rule"} & arguments.keys() else before.rule
    after = replace(before, text=text, rule=rule)
    if "at" in arguments:
        check_to_come(at, now)
        after = replace(after, at=at.isoformat(), zone=zone)
    if rule:
        check_first(rule, at)
    return Wish(identity, before, after)


def remove_reminder(rows: Mapping[str, Reminder], arguments: JsonObject, _zone: str, _now: datetime) -> Wish:
    """Remove one."""
    identity, before = _meant(rows, arguments)
    return Wish(identity, before, None)


def _made(kind: Kind, text: str, at: datetime, rule: str, zone: str, now: datetime) -> Reminder:
    check_to_come(at, now)
    if rule:
        check_first(rule, at)
    return Reminder(kind, _checked(text), at.isoformat(), zone, rule)


def _checked(text: str) -> str:
    if not text.strip() or len(text) > LONGEST:
        raise Permanent(f"the text is {'empty' if not text.strip() else 'too long'}: 1 to {LONGEST:,} characters")
    return text.strip()


def _rule(arguments: JsonObject, first: datetime) -> str:
    if "repeat" in arguments and "rule" in arguments:
        raise Permanent("give either repeat or rule, not both")
    if "rule" in arguments:
        return checked_rule(_text(arguments, "rule"), first)
    repeat = _optional(arguments, "repeat")
    if repeat is None or repeat == "never":
        return ""
    if repeat not in REPEATS:
        raise Permanent(f"{repeat!r:.40} is no repetition; there are {', '.join(REPEATS)}, or a rule as in RFC 5545")
    return REPEATS[repeat]


def _meant(rows: Mapping[str, Reminder], arguments: JsonObject) -> tuple[str, Reminder]:
    said = _text(arguments, "reminder")
    if said in rows:
        return said, rows[said]
    found = [identity for identity, each in rows.items() if _alike(each.text, said)]
    if len(found) == 1:
        return found[0], rows[found[0]]
    if not found:
        raise Permanent(f"there is no reminder {said!r:.80}; list the reminders to see what they say")
    told = ", ".join(f"{identity} at {rows[identity].at}" for identity in found[:5])
    raise Permanent(f"{len(found)} reminders say {said!r:.80}: {told}; name one by its id")


def _alike(one: str, other: str) -> bool:
    return " ".join(one.casefold().split()) == " ".join(other.casefold().split())


def _text(arguments: JsonObject, name: str) -> str:
    value = arguments.get(name)
    if not isinstance(value, str):
        raise Permanent(f"{name} is {value!r:.60}: expected text")
    try:
        value.encode()
    except UnicodeEncodeError as wrong:
        raise Permanent(f"{name} has {value[wrong.start]!a} in it, which is no character") from wrong
    return value


def _optional(arguments: JsonObject, name: str) -> str | None:
    return _text(arguments, name) if name in arguments else None
