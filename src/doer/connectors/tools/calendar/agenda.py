"""One connected calendar as the tools see it: names of resources, events by id or title, and what to compare later."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from urllib.parse import quote, unquote

import httpx2

from doer.connectors.tools.calendar.caldav import Collection, Stored
from doer.connectors.tools.calendar.moment import in_zone, instant, moment
from doer.connectors.tools.calendar.vevent import Event, Reading, read_event, texts
from doer.domain.action import Change
from doer.domain.errors import Permanent
from doer.domain.value import JsonObject, Key


def system_time() -> datetime:
    """Return the time now, for the stamps that RFC 5545 demands, and for the first time of what repeats."""
    return datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True, slots=True)
class Found:
    """An event on the server: the object, and what it says."""

    stored: Stored
    reading: Reading


@dataclass(frozen=True, slots=True)
class Baseline:
    """What was there when a change was foretold; kept as the change's version."""

    etag: str | None = None
    url: str | None = None
    text: str | None = None
    """The whole object, so that a write whose outcome was lost can be taken back to the letter."""
    token: str | None = None
    """The server's mark, from which it tells what else changed since."""

    def to_version(self) -> str:
        """Return it as text for `Change.version`."""
        return json.dumps({name: value for name, value in asdict(self).items() if value is not None}, sort_keys=True)

    @classmethod
    def from_version(cls, version: str | None) -> Baseline:
        """Read it again; an unknown version is an empty baseline."""
        try:
            parts = json.loads(version or "{}")
            return cls(**{name: str(value) for name, value in parts.items()})
        except (ValueError, TypeError, AttributeError):
            return cls()


@dataclass(frozen=True, slots=True)
class Agenda:
    """One connected calendar. `owner` is the address that invites; `zone` the IANA zone in which new events are kept."""

    name: str
    calendar: Collection
    owner: str | None = None
    zone: str | None = None
    now: Callable[[], datetime] = system_time
    removed: set[str] = field(default_factory=set)
    """Addresses of what this connection has removed, so that one step does not suspect another that ran beside it."""

    def resource(self, uid: str) -> str:
        """Return the URI of the event with that UID."""
        return f"caldav:{self.name}/{quote(uid, safe='@')}"

    def resource_to_be(self, event: Event) -> str:
        """Return the URI of an event that does not exist yet, and so has no UID: what it will be."""
        return f"caldav:{self.name}/new:{instant(event.start).isoformat()}:{quote(event.title[:200])}"

    def uid(self, change: Change, key: Key) -> str:
        """Return the UID that a change is about; a new event's comes from the key."""
        if change.before is None:
            return f"doer-{key}"
        return unquote(change.resource.removeprefix(f"caldav:{self.name}/"))

    async def baseline(self, client: httpx2.AsyncClient, found: Found | None) -> Baseline:
        """Return what to compare with after the write that is foretold now."""
        token = await self.calendar.token(client)
        stored = None if found is None else found.stored
        if stored is None:
            return Baseline(token=token)
        return Baseline(stored.etag, stored.url, stored.text, token)

    async def by_uid(self, client: httpx2.AsyncClient, uid: str) -> Found | None:
        """Return the event of that UID, wherever in this calendar it lies. Raises Permanent when there are two."""
        found = await self.copies(client, uid)
        if len(found) > 1:
            raise Permanent(f"{len(found)} events have the id {uid}: the server's calendar is damaged, mend that first")
        return found[0] if found else None

    async def copies(self, client: httpx2.AsyncClient, uid: str) -> list[Found]:
        """Return every event of that UID in this calendar, the one at the usual address first."""
        usual = await self.calendar.get(client, self.calendar.address(uid))
        found = [] if usual is None else [Found(usual, read_event(usual.text))]
        others = [each for each in await self.calendar.with_uid(client, uid) if usual is None or each.url != usual.url]
        found += [Found(each, read_event(each.text)) for each in others]
        return [each for each in found if each.reading.uid == uid]

    async def by_words(self, client: httpx2.AsyncClient, words: str, on: str | None) -> Found:
        """Return the one event of that id, or of that title. Raises Permanent for none and for several."""
        if (found := await self.by_uid(client, words)) is not None:
            return found
        named: list[Found] = []
        for stored in await self.calendar.with_title(client, words):
            reading = read_event(stored.text)
            if reading.event.title.casefold().strip() == words.casefold().strip() and _is_on(
                reading.event, on, self.zone
            ):
                named.append(Found(stored, reading))
        when = f" on {on}" if on else ""
        if not named:
            raise Permanent(f"no event in {self.name} has the id or the title {words[:80]!r}{when}")
        if len(named) > 1:
            raise Permanent(
                f"{len(named)} events in {self.name} are called {words[:80]!r}{when}: {_told(named)}; say which"
            )
        fresh = await self.calendar.get(client, named[0].stored.url)  # a query may be answered from an index
        if fresh is None:
            raise Permanent(f"the event {words[:80]!r} was removed just now")
        return Found(fresh, read_event(fresh.text))


def event_of(said: JsonObject) -> Event:
    """Return the event of its plain JSON, as previews hold it. Raises Permanent for what is none."""
    zone = said.get("zone")
    start, end = (_kept(said.get(name), name, zone if isinstance(zone, str) else None) for name in ("start", "end"))
    plain = {
        name: value
        for name in ("location", "description", "organizer", "repeats")
        if isinstance(value := said.get(name), str)
    }
    return Event(
        title=str(said.get("title", "")),
        start=start,
        end=end,
        location=plain.get("location"),
        description=plain.get("description"),
        organizer=plain.get("organizer"),
        repeats=plain.get("repeats"),
        attendees=texts(said.get("attendees")),
        other=texts(said.get("other")),
    )


def _kept(text: object, what: str, zone: str | None) -> datetime | date:
    if isinstance(text, str) and len(text) > 10 and zone is None:
        return datetime.fromisoformat(text)  # it floats: somebody else made it so
    return in_zone(moment(text, what), zone)


def _is_on(event: Event, on: str | None, zone: str | None) -> bool:
    if on is None:
        return True
    when = moment(on, "on")
    if isinstance(when, datetime):
        return instant(event.start) == instant(when)
    start = event.start
    days = {start.date(), instant(start).date()} if isinstance(start, datetime) else {start}
    if zone is not None and isinstance(start, datetime) and start.tzinfo is not None:
        local = in_zone(start, zone)
        days = {local.date() if isinstance(local, datetime) else local}
    return when in days


def _told(found: Sequence[Found]) -> str:
    return ", ".join(f"{each.reading.event.start.isoformat()} (id {each.reading.uid})" for each in found[:5])
