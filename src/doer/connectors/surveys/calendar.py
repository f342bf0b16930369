"""A CalDAV server surveyed: which calendars a user has (RFC 6764, RFC 4791 §6.2), and what may be done in one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import unquote, urljoin, urlsplit
from xml.etree import ElementTree as ET

import httpx2

from doer.connectors.surveys.survey import Ability, Entity, Survey
from doer.connectors.tools.calendar.caldav import Collection, answer_tree
from doer.connectors.tools.http_outcome import Response, send
from doer.domain.errors import Permanent

_DAV = "{DAV:}"
_CAL = "{urn:ietf:params:xml:ns:caldav}"
_WANTED = (
    '<?xml version="1.0" encoding="utf-8"?><D:propfind xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop>'
    "<D:resourcetype/><D:displayname/><D:current-user-principal/><D:current-user-privilege-set/><D:getetag/>"
    "<D:sync-token/><C:calendar-home-set/><C:supported-calendar-component-set/></D:prop></D:propfind>"
)
_NO_DAV = (400, 403, 404, 405, 410, 501)
_MOVED = (301, 302, 303, 307, 308)


@dataclass(frozen=True, slots=True)
class Place:
    """One resource as the server describes it."""

    url: str
    name: str
    is_calendar: bool
    """It holds events, not only tasks."""
    writable: bool | None
    """None: the server does not say."""
    etag: str
    synced: bool
    principal: str
    homes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CalendarSurveyor:
    """Looks at what lies at an address: a calendar, a user, a user's folder of calendars, or a whole server."""

    place: Collection

    async def survey(self) -> Survey:
        """Return what may be done in this calendar. Raises Permanent when there is no calendar at the address."""
        async with self.place.open() as client:
            entries, answer = await self._look(client, self.place.url, "1")
            here = next((each for each in entries if _same(each.url, self.place.url)), None)
            if here is None or not here.is_calendar:
                raise Permanent(
                    f"{self.place.url} is no calendar that holds events; give the address of the calendar itself"
                )
            etags = [each.etag for each in entries if not _same(each.url, self.place.url) and each.etag]
        return Survey(_server(answer), _abilities(here, etags), (_entity(here),))

    async def calendars(self) -> Sequence[Entity]:
        """Return the calendars that this user has here, by name; the one at the address alone where that is one."""
        async with self.place.open() as client:
            return sorted([_entity(each) for each in await self._discover(client)], key=lambda each: each.name)

    async def _discover(self, client: httpx2.AsyncClient) -> list[Place]:
        for start in (self.place.url, urljoin(self.place.url, "/.well-known/caldav")):
            entries, _ = await self._look(client, start, "0")
            if any(each.is_calendar for each in entries):
                return [each for each in entries if each.is_calendar]
            homes = [home for each in entries for home in each.homes]
            for principal in [each.principal for each in entries if each.principal] if not homes else ():
                of_user, _ = await self._look(client, principal, "0")
                homes += [home for each in of_user for home in each.homes]
            found = [each for home in homes or [start] for each in (await self._look(client, home, "1"))[0]]
            if calendars := [each for each in found if each.is_calendar]:
                return calendars
        return []

    async def _look(self, client: httpx2.AsyncClient, url: str, depth: str) -> tuple[list[Place], Response]:
        headers = {"Content-Type": 'application/xml; charset="utf-8"', "Depth": depth}
        answer = await self._send(client, url, headers)
        if answer.status_code in _MOVED:
            url = urljoin(url, answer.headers.get("location", ""))
            answer = await self._send(client, url, headers)
        if answer.status_code != 207:
            return [], answer
        return [_place(each, url) for each in answer_tree(answer, url).iter(f"{_DAV}response")], answer

    async def _send(self, client: httpx2.AsyncClient, url: str, headers: dict[str, str]) -> Response:
        if urlsplit(url)[:2] != urlsplit(self.place.url)[:2]:
            # The password is for this server only; where it points elsewhere a person says so.
            raise Permanent(f"the server points to {url}, on another machine: give that address if it is yours")
        content = _WANTED.encode()
        return await send(client, "read", "PROPFIND", url, headers=headers, content=content, accept=(*_NO_DAV, *_MOVED))


def at(place: Collection, url: str) -> CalendarSurveyor:
    """Return the surveyor of another address with the same credential."""
    return CalendarSurveyor(replace(place, url=url.rstrip("/") + "/"))


def _place(response: ET.Element, base: str) -> Place:
    url = urljoin(base, (response.findtext(f"{_DAV}href") or "").strip())
    found: dict[str, ET.Element] = {}
    for status in response.iter(f"{_DAV}propstat"):
        if " 200 " in (status.findtext(f"{_DAV}status") or ""):
            found |= {each.tag: each for each in status.iterfind(f"{_DAV}prop/*")}
    kind, components = found.get(f"{_DAV}resourcetype"), found.get(f"{_CAL}supported-calendar-component-set")
    is_calendar = kind is not None and kind.find(f"{_CAL}calendar") is not None
    events = components is None or any(each.get("name") == "VEVENT" for each in components)
    rights = found.get(f"{_DAV}current-user-privilege-set")
    held = {each.tag.removeprefix(_DAV) for each in rights.iter()} if rights is not None else set[str]()
    name = _text(found.get(f"{_DAV}displayname")) or unquote(urlsplit(url).path.rstrip("/").rpartition("/")[2])
    return Place(
        url,
        name,
        is_calendar and events,
        None if rights is None else bool(held & {"all", "write", "write-content", "bind"}),
        _text(found.get(f"{_DAV}getetag")),
        bool(_text(found.get(f"{_DAV}sync-token"))),
        next(iter(_links(found.get(f"{_DAV}current-user-principal"), url)), ""),
        tuple(_links(found.get(f"{_CAL}calendar-home-set"), url)),
    )


def _abilities(here: Place, etags: Sequence[str]) -> tuple[Ability, ...]:
    weak = [each for each in etags if each.startswith("W/")]
    writes = here.writable is not False and not weak
    why = "read-only for you" if here.writable is False else "the server gives no strong ETag" if weak else ""
    seen = "ETag" if etags else "ETag, when there is an event"
    return (
        Ability("find", works=True),
        Ability("create", writes, why),
        Ability("read back", works=True, why="and what else changed" if here.synced else ""),
        Ability("undo", writes, why or seen),
    )


def _entity(place: Place) -> Entity:
    return Entity("calendar", place.name, place.url, {"url": place.url, "writable": place.writable is not False})


def _server(answer: Response) -> str:
    said = answer.headers.get("server", "").strip()
    return f"CalDAV ({said[:60]})" if said else "CalDAV"


def _links(element: ET.Element | None, base: str) -> list[str]:
    if element is None:
        return []
    return [urljoin(base, each.text.strip()) for each in element.iter(f"{_DAV}href") if each.text]


def _text(element: ET.Element | None) -> str:
    return (element.text or "").strip() if element is not None else ""


def _same(one: str, other: str) -> bool:
    return unquote(urlsplit(one).path).rstrip("/") == unquote(urlsplit(other).path).rstrip("/")
