"""Events as plain values, and as iCalendar objects (RFC 5545); what is not modelled is kept, word for word."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache

from icalendar import Calendar, Component
from icalendar import Event as VEvent
from icalendar.prop import vCalAddress, vRecur, vText

from doer.connectors.tools.calendar.moment import Moment, instant, later, zone_name
from doer.domain.errors import Permanent, Transient
from doer.domain.value import Json, JsonObject, digest

KEY = "X-DOER-KEY"
SEAL = "X-DOER-SEAL"
_MODELLED = frozenset(
    {"SUMMARY", "DTSTART", "DTEND", "DURATION", "LOCATION", "DESCRIPTION", "ATTENDEE", "ORGANIZER", "UID"}
)
_VOLATILE = frozenset({"DTSTAMP", "SEQUENCE", "LAST-MODIFIED", "CREATED", "PRODID", "RECURRENCE-ID", KEY, SEAL})

_FORESEEN = 10
"""Years for which the zone of a series is written down; after that a reader's own knowledge of the zone counts."""
_SHORT = 10_000
"""Letters of a calendar object that is kept as it was read."""


@dataclass(frozen=True, slots=True)
class Event:
    """What an event says. `start` and `end` are both times or both dates; `end` is the first moment after it."""

    title: str
    start: Moment
    end: Moment
    location: str | None = None
    description: str | None = None
    attendees: tuple[str, ...] = ()
    organizer: str | None = None
    repeats: str | None = None
    """How it repeats, as the value of its one RRULE (RFC 5545 §3.8.5.3); None: once, or in a way that stays in `other`."""
    other: tuple[str, ...] = ()
    """Content lines of what is not modelled (categories, alarms, …), in order; nothing of it is ever lost."""

    def to_json(self) -> dict[str, Json]:
        """Return it as the plain JSON of previews and results."""
        said: dict[str, Json] = {
            "title": self.title,
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "zone": zone_name(self.start),
            "location": self.location,
            "description": self.description,
            "attendees": list(self.attendees),
        }
        if self.organizer is not None:
            said["organizer"] = self.organizer
        if self.repeats is not None:
            said["repeats"] = self.repeats
        if self.other:
            said["other"] = list(self.other)
        return said

    def differences(self, wanted: JsonObject) -> list[str]:
        """Return the names of the fields in which this is not what was wanted.

        Instants are compared, not clocks. A server may add an organizer and other properties; it may lose none.
        """
        mine = self.to_json()
        wrong = [name for name in ("title", "location", "description") if mine[name] != wanted.get(name)]
        wrong += [name for name in ("start", "end") if not _same_moment(mine[name], wanted.get(name))]
        if sorted(self.attendees) != sorted(texts(wanted.get("attendees"))):
            wrong.append("attendees")
        if _parts(self.repeats) != _parts(wanted.get("repeats")):
            wrong.append("repeats")
        if not set(texts(wanted.get("other"))) <= set(self.other):
            wrong.append("other properties")
        return wrong


@dataclass(frozen=True, slots=True)
class Reading:
    """One event as it was read from a server."""

    uid: str
    event: Event
    key: str | None
    """Key of the doer action that wrote it last, where the server kept it."""
    recurring: bool
    stamped: str
    """DTSTAMP and LAST-MODIFIED: an editor says with them that it was there (RFC 5545 §3.8.7)."""
    seal: str | None


def seal(event: Event, stamped: str) -> str:
    """Return what shows that nothing but a doer wrote this: the stamp, and a digest of the words."""
    words = event.to_json()
    words.update(start=instant(event.start).isoformat(), end=instant(event.end).isoformat(), zone=None, other=[])
    words.pop("organizer", None)
    return f"{stamped}/{hashlib.sha256(digest(words).encode()).hexdigest()[:20]}"


def unreadable() -> tuple[type[Exception], ...]:
    """Return the errors that icalendar and dateutil answer rubbish with."""
    return (ValueError, KeyError, IndexError, AttributeError, TypeError, OverflowError)


def read_events(text: str) -> list[Reading]:
    """Return every event in the calendar object. Raises Transient when it is none: a server should not serve that."""
    try:
        return list(_parsed(text) if len(text) <= _SHORT else _parsed.__wrapped__(text))
    except unreadable() as wrong:
        raise Transient(f"the server served something that is not a calendar object: {str(wrong)[:120]}") from wrong


@lru_cache(maxsize=256)
def _parsed(text: str) -> tuple[Reading, ...]:
    # A verb reads one event half a dozen times, the next verb again, and to parse it takes milliseconds.
    return tuple(read_component(each) for each in Calendar.from_ical(text).walk("VEVENT"))


def read_event(text: str) -> Reading:
    """Return the one event in the calendar object, or the first of a series."""
    found = read_events(text)
    if not found:
        raise Permanent("the calendar object holds no event; only events can be handled")
    return found[0] if len(found) == 1 else replace(found[0], recurring=True)


def compose(event: Event, uid: str, key: str, now: datetime) -> str:
    """Return a new calendar object of the event."""
    calendar = Calendar()
    calendar.add("PRODID", "-//doer//EN")
    calendar.add("VERSION", "2.0")
    component = VEvent()
    component.add("UID", uid)
    component.add("CREATED", now)
    calendar.add_component(component)
    return _written(calendar, component, None, event, key, now)


def edit(text: str, event: Event, key: str, now: datetime) -> str:
    """Return the calendar object with only that changed in which `event` differs."""
    calendar = Calendar.from_ical(text)
    (component,) = calendar.walk("VEVENT")
    before = read_component(component).event
    component["SEQUENCE"] = vText(str(int(str(component.get("SEQUENCE", 0))) + 1))
    return _written(calendar, component, before, event, key, now)


def _written(
    calendar: Component, component: Component, before: Event | None, event: Event, key: str, now: datetime
) -> str:
    for name, value, old in (
        ("SUMMARY", event.title, before.title if before else None),
        ("LOCATION", event.location, before.location if before else None),
        ("DESCRIPTION", event.description, before.description if before else None),
    ):
        if value != old:
            _put(component, name, value)
    if before is None or (event.start, event.end) != (before.start, before.end):
        for name in ("DTSTART", "DTEND", "DURATION"):
            component.pop(name, None)
        component.add("DTSTART", event.start)
        component.add("DTEND", event.end)
        if before is None and event.repeats is not None:
            component.add("RRULE", vRecur.from_ical(event.repeats))
        if isinstance(calendar, Calendar) and zone_name(event.start) not in (None, "UTC"):
            around, years = event.start.year, 2 if event.repeats is None else _FORESEEN
            calendar.add_missing_timezones(date(around - 1, 1, 1), date(around + years, 1, 1))
    if before is None or event.attendees != before.attendees or event.organizer != before.organizer:
        _invite(component, event)
    for name in ("DTSTAMP", "LAST-MODIFIED"):
        component.pop(name, None)
        component.add(name, now)
    _put(component, KEY, key)
    _put(component, SEAL, seal(event, _stamped(component)))
    return str(calendar.to_ical(), "utf-8")


def _put(component: Component, name: str, value: str | None) -> None:
    component.pop(name, None)
    if value is not None:
        component.add(name, value)


def _invite(component: Component, event: Event) -> None:
    known = {_address(each): each for each in _several(component.get("ATTENDEE"))}
    component.pop("ATTENDEE", None)
    for address in event.attendees:
        attendee = known.get(address)
        if attendee is None:
            attendee = vCalAddress(f"mailto:{address}")
            attendee.params["RSVP"] = "TRUE"
            attendee.params["PARTSTAT"] = "NEEDS-ACTION"
        component.add("ATTENDEE", attendee, encode=False)
    if event.organizer is not None and "ORGANIZER" not in component:
        component.add("ORGANIZER", vCalAddress(f"mailto:{event.organizer}"), encode=False)
    elif event.organizer is None:
        component.pop("ORGANIZER", None)


def read_component(component: Component) -> Reading:
    """Return what one VEVENT says. Raises one of `unreadable()` when it lacks what every event has."""
    start, end = _span(component)
    event = Event(
        title=str(component.get("SUMMARY", "")),
        start=start,
        end=end,
        location=_text(component, "LOCATION"),
        description=_text(component, "DESCRIPTION"),
        attendees=tuple(_address(each) for each in _several(component.get("ATTENDEE"))),
        organizer=_address(component["ORGANIZER"]) if "ORGANIZER" in component else None,
        repeats=_rule(component),
        other=tuple(_other(component)),
    )
    recurring = any(name in component for name in ("RRULE", "RDATE", "RECURRENCE-ID"))
    return Reading(
        uid=str(component.get("UID", "")),
        event=event,
        key=_text(component, KEY),
        recurring=recurring,
        stamped=_stamped(component),
        seal=_text(component, SEAL),
    )


def _span(component: Component) -> tuple[Moment, Moment]:
    start = value(component, "DTSTART")
    if not isinstance(start, date):  # a datetime is a date
        raise TypeError("an event without a start")
    end = value(component, "DTEND")
    if isinstance(end, date):
        return start, end
    lasting = value(component, "DURATION")
    if isinstance(lasting, timedelta):
        return start, later(start, lasting)
    return start, start if isinstance(start, datetime) else start + timedelta(days=1)


def value(component: Component, name: str) -> object:
    """Return the time, date or duration of a property; None without it."""
    return getattr(component.get(name), "dt", None)


def _rule(component: Component) -> str | None:
    rule = component.get("RRULE")
    if not isinstance(rule, vRecur):
        return None
    written: bytes = rule.to_ical()  # type: ignore[no-untyped-call]  # icalendar leaves this one untyped
    return written.decode()


def _parts(rule: Json) -> list[str]:
    """The parts of a rule, which may come in any order."""
    return sorted(rule.upper().split(";")) if isinstance(rule, str) else []


def _other(component: Component) -> Iterator[str]:
    depth = 0
    modelled = _MODELLED if _rule(component) is None else _MODELLED | {"RRULE"}
    for line in map(str, component.content_lines()):
        depth += line.startswith("BEGIN:")
        name = line.replace(":", ";", 1).split(";", 1)[0].upper()
        is_own = depth == 1 and (name in modelled or name in _VOLATILE or name in ("BEGIN", "END"))
        if line and not is_own:
            yield line
        depth -= line.startswith("END:")


def _stamped(component: Component) -> str:
    parts = (component.get("DTSTAMP"), component.get("LAST-MODIFIED"))
    return "+".join(each.to_ical().decode() for each in parts if each is not None)


def _text(component: Component, name: str) -> str | None:
    return str(component[name]) if name in component else None


def _several(value: object) -> list[vCalAddress]:
    found = value if isinstance(value, list) else [] if value is None else [value]
    return [each for each in found if isinstance(each, vCalAddress)]


def _address(value: object) -> str:
    text = str(value)
    return text[7:].lower() if text.lower().startswith("mailto:") else text


def _same_moment(one: Json, other: Json) -> bool:
    if not isinstance(one, str) or not isinstance(other, str):
        return one == other
    if (len(one) > 10) != (len(other) > 10):
        return False
    left, right = datetime.fromisoformat(one), datetime.fromisoformat(other)
    if (left.tzinfo is None) != (right.tzinfo is None):
        return False
    return left == right


def texts(value: Json) -> tuple[str, ...]:
    """Return the texts of a list in JSON."""
    if isinstance(value, str | Mapping) or not isinstance(value, Sequence):
        return ()
    return tuple(each for each in value if isinstance(each, str))
