"""What is wished of an event: arguments turned into the event as it should become, checked word by word."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from doer.connectors.tools.calendar.agenda import Agenda
from doer.connectors.tools.calendar.moment import Moment, as_kept, in_zone, instant, later, moment, zone
from doer.connectors.tools.calendar.vevent import Event
from doer.connectors.tools.recurrence import check_first, checked_rule, clock, next_time
from doer.domain.errors import Permanent
from doer.domain.value import Json, JsonObject

MINUTES = 60
"""How long a new event lasts when nobody says it; shown in the preview."""

_CHANGED = ("title", "location", "description", "attendees", "without", "end", "duration_minutes")
_ADDRESS = re.compile(r"[^\s@<>,;:\"\\\x00-\x1f]{1,64}@[^\s@<>,;:\"\\\x00-\x1f]{1,253}")
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def new_event(agenda: Agenda, arguments: JsonObject) -> Event:
    """Return the event to create."""
    return _new(agenda, arguments, moment(arguments.get("start"), "start"))


def new_series(agenda: Agenda, arguments: JsonObject) -> Event:
    """Return the event to create that repeats. Its first time is the next one of its rule, or the next from `first` on."""
    name = _kept_in(agenda, arguments) or "UTC"
    local = zone(name)
    now = agenda.now().astimezone(local)
    day = moment(arguments["first"], "first") if "first" in arguments else now.date()
    if isinstance(day, datetime):
        raise Permanent("first is a date, as 2026-12-02; the time of day is said by time")
    begun = datetime.combine(day, clock(_text(arguments.get("time"), "time")), local)
    rule = checked_rule(_text(arguments.get("rule"), "rule"), begun)
    if "first" not in arguments and not _says_days(rule):
        raise Permanent(f"{rule} does not say on which day: give first, the day of the first one, as 2026-12-02")
    start = next_time(rule, begun, begun if "first" in arguments else max(begun, now))
    if start is None:
        raise Permanent(f"{rule} never comes; check its days")
    if "first" in arguments:
        check_first(rule, begun)
    given = dict(arguments)
    if "end_time" in arguments:
        if "duration_minutes" in arguments:
            raise Permanent("say either end_time or duration_minutes, not both")
        ends = clock(_text(arguments["end_time"], "end_time"))
        over = timedelta(days=ends <= start.time())  # it goes past midnight
        given["end"] = datetime.combine(start.date() + over, ends, local).isoformat()
    return replace(_new(agenda, given, start), repeats=_until(rule, arguments, start))


def _says_days(rule: str) -> bool:
    return "BY" in rule or rule.startswith(("FREQ=DAILY", "FREQ=HOURLY"))


def _until(rule: str, arguments: JsonObject, start: datetime) -> str:
    """The rule with its last day, whose end is written in UTC as its start has a zone (RFC 5545 §3.3.10)."""
    if "until" not in arguments:
        return rule
    if "UNTIL=" in rule or "COUNT=" in rule:
        raise Permanent(f"{rule} says by itself when it ends: leave until out")
    last = moment(arguments["until"], "until")
    day = last.astimezone(start.tzinfo).date() if isinstance(last, datetime) else last
    if day < start.date():
        raise Permanent(f"it would end on {day}, before its first time, {start:%Y-%m-%d %H:%M}")
    return f"{rule};UNTIL={datetime.combine(day, time(23, 59, 59), start.tzinfo).astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _kept_in(agenda: Agenda, arguments: JsonObject) -> str | None:
    wanted = arguments.get("zone")
    return wanted if isinstance(wanted, str) else agenda.zone


def _new(agenda: Agenda, arguments: JsonObject, begins: Moment) -> Event:
    kept_in = _kept_in(agenda, arguments)
    start = in_zone(begins, kept_in)
    end = in_zone(_end(start, arguments), kept_in)
    if instant(end) <= instant(start):
        raise Permanent(f"the event would end at {end.isoformat()}, before it begins")
    attendees = addresses(arguments.get("attendees"))
    return Event(
        title=line(arguments.get("title"), "title"),
        start=start,
        end=end,
        location=_optional(arguments.get("location"), "location"),
        description=_optional(arguments.get("description"), "description"),
        attendees=attendees,
        organizer=agenda.owner if attendees else None,
    )


def _end(start: Moment, arguments: JsonObject) -> Moment:
    end, minutes = arguments.get("end"), arguments.get("duration_minutes")
    if end is not None and minutes is not None:
        raise Permanent("say either end or duration_minutes, not both")
    if end is not None:
        found = moment(end, "end")
        if isinstance(found, datetime) is not isinstance(start, datetime):
            raise Permanent("start and end must both be times, or both be dates for a whole day")
        return found
    if not isinstance(start, datetime):
        if minutes is not None:
            raise Permanent("an event of whole days has an end date and no minutes")
        return start + timedelta(days=1)
    if minutes is None:
        minutes = MINUTES
    if isinstance(minutes, bool) or not isinstance(minutes, int) or not 1 <= minutes <= 60 * 24 * 31:
        raise Permanent("duration_minutes must be a whole number from 1 to 44640")
    return later(start, timedelta(minutes=minutes))


def moved(event: Event, arguments: JsonObject) -> Event:
    """Return the event at its new start, as long as before, on the clocks that it was kept in."""
    start = moment(arguments.get("start"), "start")
    if isinstance(start, datetime) is not isinstance(event.start, datetime):
        kind = "a time" if isinstance(event.start, datetime) else "a date, because it is a whole day"
        raise Permanent(f"{event.title!r} needs {kind} as its new start")
    if isinstance(event.start, datetime) and event.start.tzinfo is None:
        raise Permanent(f"{event.title!r} has no time zone; give it one in a calendar application first")
    by = instant(start) - instant(event.start)
    if not by:
        return event
    return replace(event, start=as_kept(start, event.start), end=later(event.end, by))


def changed(agenda: Agenda, event: Event, arguments: JsonObject) -> Event:
    """Return the event with the fields replaced that are named; an empty text takes a field away."""
    named = {*_CHANGED} & {*arguments}
    if not named:
        raise Permanent(f"say what to change: {', '.join(_CHANGED)}")
    after = event
    if "title" in named:
        after = replace(after, title=line(arguments["title"], "title"))
    if "location" in named:
        after = replace(after, location=_optional(arguments["location"], "location"))
    if "description" in named:
        after = replace(after, description=_optional(arguments["description"], "description"))
    if named & {"attendees", "without"}:
        wanted = _invited(event, arguments)
        same = set(wanted) == set(event.attendees)
        inviting = (event.organizer or agenda.owner) if wanted else event.organizer
        after = after if same else replace(after, attendees=wanted, organizer=inviting)
    if named & {"end", "duration_minutes"}:
        after = replace(after, end=_new_end(event, arguments))
    return after


def _invited(event: Event, arguments: JsonObject) -> tuple[str, ...]:
    """Those who are invited afterwards. Raises Permanent for somebody who is to go and was not there."""
    wanted = addresses(arguments["attendees"]) if "attendees" in arguments else event.attendees
    gone = addresses(arguments.get("without"))
    if strange := [each for each in gone if each not in event.attendees]:
        raise Permanent(f"{', '.join(strange)} is not invited to {event.title!r}")
    return tuple(each for each in wanted if each not in gone)


def _new_end(event: Event, arguments: JsonObject) -> Moment:
    """When it ends afterwards, on the clocks that it was kept in."""
    if isinstance(event.start, datetime) and event.start.tzinfo is None:
        raise Permanent(f"{event.title!r} has no time zone; give it one in a calendar application first")
    end = as_kept(_end(event.start, arguments), event.end)
    if instant(end) <= instant(event.start):
        raise Permanent(f"{event.title!r} would end at {end.isoformat()}, before it begins")
    return event.end if instant(end) == instant(event.end) else end


def line(value: Json, what: str) -> str:
    """Return a text of one line. Raises Permanent for an empty one and for control characters."""
    text = _text(value, what).strip()
    if not text:
        raise Permanent(f"{what} is empty")
    if "\n" in text or len(text) > 1000:
        raise Permanent(f"{what} must be one line of at most 1000 characters")
    return text


def addresses(value: Json) -> tuple[str, ...]:
    """Return the addresses, in lower case, each once. Raises Permanent for what is no address."""
    if value is None:
        return ()
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise Permanent("attendees must be a list of mail addresses")
    for each in value:
        if not isinstance(each, str) or not _ADDRESS.fullmatch(each.strip()):
            raise Permanent(f"{str(each)[:80]!r} is not a mail address")
    return tuple(dict.fromkeys(str(each).strip().lower() for each in value))


def _optional(value: Json, what: str) -> str | None:
    if value is None:
        return None
    text = _text(value, what).strip()
    if len(text) > 100_000:
        raise Permanent(f"{what} is longer than 100000 characters")
    return text or None


def _text(value: Json, what: str) -> str:
    if not isinstance(value, str):
        raise Permanent(f"{what} must be text")
    text = value.replace("\r\n", "\n")
    if found := _NOT_TEXT.search(text):
        raise Permanent(f"{what} holds the control character U+{ord(found[0]):04X}; write it without")
    return text


def echoes(owner: str | None, before: Event | None, after: Event | None) -> tuple[str, ...]:
    """Return whom the server mails because of the change; nothing when only the owner is concerned."""
    own = (owner or "").lower()
    were = {each for each in (before.attendees if before else ()) if each != own}
    will = {each for each in (after.attendees if after else ()) if each != own}
    if before == after:
        return ()
    told = [f"invitation mailed to {each}" for each in sorted(will - were)]
    told += [f"update mailed to {each}" for each in sorted(will & were)]
    told += [f"cancellation mailed to {each}" for each in sorted(were - will)]
    return tuple(told)
