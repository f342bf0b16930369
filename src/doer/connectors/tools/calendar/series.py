"""Series as their single instances (RFC 5545 §3.8.5), on the clocks of their own zone.

Worked out here and not asked of the server: radicale 3.9 expands a weekly event an hour off once the clocks change.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time
from itertools import islice, takewhile

from dateutil.rrule import rrule, rruleset, rrulestr
from icalendar import Calendar, Component
from icalendar.prop import vDDDLists, vRecur

from doer.connectors.tools.calendar.moment import Moment, instant, later
from doer.connectors.tools.calendar.vevent import Reading, read_component, unreadable, value
from doer.domain.errors import Transient

_MOST = 20_000
"""So many instances are counted from a series' beginning, and no further: a rule may well say every second for ever."""


def instances(text: str, until: datetime) -> list[Reading]:
    """Return the events of a calendar object, series as their instances before `until`. Raises Transient when illegible."""
    try:
        components = Calendar.from_ical(text).walk("VEVENT")
        return list(_expanded(components, until))
    except unreadable() as wrong:
        raise Transient(f"the server served something that is not a calendar object: {str(wrong)[:120]}") from wrong


def _expanded(components: list[Component], until: datetime) -> Iterator[Reading]:
    exceptions = [each for each in components if "RECURRENCE-ID" in each]
    ids = [value(each, "RECURRENCE-ID") for each in exceptions]
    replaced = {instant(each) for each in ids if isinstance(each, date)}
    yield from map(read_component, exceptions)
    for component in components:
        if component in exceptions:
            continue
        master = read_component(component)
        if not master.recurring:
            yield master
            continue
        lasting = instant(master.event.end) - instant(master.event.start)
        for start in _starts(component, master.event.start, until):
            if instant(start) not in replaced:
                event = replace(master.event, start=start, end=later(start, lasting))
                yield replace(master, event=event)


def _starts(component: Component, first: Moment, until: datetime) -> Iterator[Moment]:
    """Yield the starts of a series. Rules count on the clocks of the first start's zone, so without any zone here."""
    rules = rruleset()
    rules.rdate(_clock(first, first))
    for each in _several(component, "RRULE"):
        rule = rrulestr(_floating(_rule(each), first), dtstart=_clock(first, first))
        if isinstance(rule, rrule):
            rules.rrule(rule)
    for name, take in (("RDATE", rules.rdate), ("EXDATE", rules.exdate)):
        for one in [one for each in _several(component, name) if isinstance(each, vDDDLists) for one in each.dts]:
            when = one.dt[0] if isinstance(one.dt, tuple) else one.dt
            if isinstance(when, date):
                take(_clock(when, first))
    found = (_like(each, first) for each in islice(rules, _MOST))
    yield from takewhile(lambda start: instant(start) < until, found)


def _rule(rule: vDDDLists | vRecur) -> str:
    encoded: bytes = rule.to_ical()  # type: ignore[no-untyped-call]  # icalendar leaves this one untyped
    return encoded.decode()


def _several(component: Component, name: str) -> list[vDDDLists | vRecur]:
    found = component.get(name)
    listed = found if isinstance(found, list) else [found]
    return [each for each in listed if isinstance(each, vDDDLists | vRecur)]


def _floating(rule: str, first: Moment) -> str:
    parts = dict(part.split("=", 1) for part in rule.split(";"))
    if "UNTIL" in parts:
        end = parts["UNTIL"]
        when: Moment = datetime.strptime(end[:8], "%Y%m%d").replace(tzinfo=UTC).date()
        if len(end) > 8:
            when = datetime.strptime(end[:15], "%Y%m%dT%H%M%S")  # noqa: DTZ007 - floating, or UTC as the next line says
            when = when.replace(tzinfo=UTC) if end.endswith("Z") else when
        clock = _clock(when, first) if isinstance(when, datetime) else datetime.combine(when, time.max)
        parts["UNTIL"] = f"{clock:%Y%m%dT%H%M%S}"
    return ";".join(f"{name}={value}" for name, value in parts.items())


def _clock(when: Moment, first: Moment) -> datetime:
    """Return what the clocks of the series show then."""
    if not isinstance(when, datetime):
        return datetime.combine(when, time.min)
    if when.tzinfo is not None and isinstance(first, datetime) and first.tzinfo is not None:
        when = when.astimezone(first.tzinfo)
    return when.replace(tzinfo=None)


def _like(clock: datetime, first: Moment) -> Moment:
    if isinstance(first, datetime):
        return clock.replace(tzinfo=first.tzinfo)
    found: date = clock.date()
    return found
