"""The tool that finds events in a span of time; series are shown as their instances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from doer.connectors.tools.calendar.agenda import Agenda
from doer.connectors.tools.calendar.moment import instant, moment, zone
from doer.connectors.tools.calendar.series import instances
from doer.connectors.tools.calendar.vevent import Event, Reading
from doer.domain.action import Change, Intent, Manifest, Preview, Receipt
from doer.domain.errors import NoEffect, Permanent
from doer.domain.outcome import Reversal, Undone, Verification, Verified
from doer.domain.value import Json, JsonObject, Key

_MOST_DAYS = 3700
_FAR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class FindEvents:
    """Reads; its result is `events`, by start, and `count`."""

    agenda: Agenda
    manifest: Manifest

    async def preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        """Change nothing, foretell nothing: a read is made when it is needed."""
        return Preview()

    async def apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        """Return the events that touch the span from `start` to `end`, `end` excluded."""
        start, end = (self._bound(arguments.get(name), name) for name in ("start", "end"))
        if not start < end <= start + timedelta(days=_MOST_DAYS):
            raise Permanent("end must come after start, and at most ten years after it")
        words, guest = (str(arguments.get(name) or "").casefold().strip() for name in ("text", "guest"))
        async with self.agenda.calendar.open() as client:
            # A day wider: servers place whole days and floating times in zones of their own.
            stored = await self.agenda.calendar.between(client, start - _FAR, end + _FAR)
        readings = [reading for each in stored for reading in _legible(each.text, end + _FAR)]
        fitting = [
            each
            for each in readings
            if self._touches(each.event, start, end)
            and _says(each.event, words)
            and (not guest or guest in each.event.attendees)
        ]
        fitting.sort(key=lambda each: (instant(each.event.start), each.event.title, each.uid))
        events: list[Json] = [self._told(each) for each in fitting]
        return Receipt({"events": events, "count": len(events)})

    async def verify(self, intent: Intent, receipt: Receipt | None = None) -> Verification:
        """A read needs no proof: it is what was read."""
        return Verified(receipt or Receipt(), "read")

    async def undo(self, receipt: Receipt) -> Reversal:
        """A read changed nothing."""
        return Undone(evidence="a read changes nothing")

    def _bound(self, value: Json, what: str) -> datetime:
        when = moment(value, what)
        if isinstance(when, datetime):
            return instant(when)
        return datetime(when.year, when.month, when.day, tzinfo=zone(self.agenda.zone or "UTC"))

    def _touches(self, event: Event, start: datetime, end: datetime) -> bool:
        first = self._bound(event.start.isoformat(), "start") if _is_day(event) else instant(event.start)
        last = self._bound(event.end.isoformat(), "end") if _is_day(event) else instant(event.end)
        return first < end and (last > start or first == last == start)

    def _told(self, reading: Reading) -> Json:
        event = reading.event
        said = event.to_json()
        said.pop("other", None)
        return {"id": reading.uid, **said, "recurring": reading.recurring}


def _is_day(event: Event) -> bool:
    return not isinstance(event.start, datetime)


def _legible(text: str, until: datetime) -> list[Reading]:
    try:
        return instances(text, until)
    except NoEffect:
        return []  # one damaged object of somebody's must not hide all others


def _says(event: Event, words: str) -> bool:
    return not words or any(
        words in (part or "").casefold() for part in (event.title, event.location, event.description)
    )
