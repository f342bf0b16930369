"""CalDAV on the wire (RFC 4791, RFC 6578): objects by address, by UID and by time, and what changed since."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import quote, urljoin, urlsplit
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

import httpx2

from doer.connectors.secrets.credential import renewing
from doer.connectors.tools.calendar.moment import instant
from doer.connectors.tools.http_outcome import Response, open_client, send
from doer.domain.errors import CredentialRefused, Permanent, Transient
from doer.domain.ports import Credential

_DAV = "{DAV:}"
_CAL = "{urn:ietf:params:xml:ns:caldav}"
_NAMES = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"'
_HEAD = '<?xml version="1.0" encoding="utf-8"?>'
_XML = {"Content-Type": 'application/xml; charset="utf-8"'}
_REFUSED = (400, 403, 404, 405, 409, 410, 412, 415, 501, 507)


@dataclass(frozen=True, slots=True)
class Stored:
    """A calendar object as the server has it."""

    url: str
    etag: str
    text: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One resource in a multistatus answer: its address, and the texts of its properties by Clark name."""

    url: str
    status: int
    properties: Mapping[str, str] = field(default_factory=dict)
    children: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Names of the elements in a property, e.g. of the resource type."""


@dataclass(frozen=True, slots=True)
class Collection:
    """One calendar on a server. `url` ends in a slash; `timeout` in seconds, for each wait; `name` is its connection's."""

    url: str
    username: str | None = None
    password: Credential | None = None
    timeout: float = 10.0
    name: str = "calendar"

    @asynccontextmanager
    async def open(self) -> AsyncIterator[httpx2.AsyncClient]:
        """Open a client for the calls of one verb; the password is asked for here. Raises CredentialRefused."""
        with renewing("calendar", self.name):
            auth = None
            if self.username is not None:
                auth = (self.username, self.password() if self.password is not None else "")
            async with open_client(self.url, self.timeout, auth) as client:
                yield client

    def address(self, uid: str) -> str:
        """Return where an object of that UID is put."""
        return urljoin(self.url, quote(uid, safe="") + ".ics")

    async def get(self, client: httpx2.AsyncClient, url: str) -> Stored | None:
        """Read one object; None when there is none."""
        answer = await send(client, "read", "GET", self._inside(url), accept=(404, 410))
        if answer.status_code in (404, 410):
            return None
        etag = answer.headers.get("etag", "")
        if not etag or etag.startswith("W/"):
            # RFC 4791 §5.3.4 demands a strong one; without it nothing can be changed without risking another's edit.
            raise Permanent(f"the server gives no strong ETag for {url}; doer changes nothing that it cannot compare")
        return Stored(url, etag, answer.text)

    async def put(self, client: httpx2.AsyncClient, url: str, text: str, etag: str | None) -> Response:
        """Write one object: over the version `etag`, or where there is none. 409 and 412 are returned: nothing was done."""
        condition = {"If-None-Match": "*"} if etag is None else {"If-Match": etag}
        headers = {"Content-Type": "text/calendar; charset=utf-8", **condition}
        return await send(
            client, "write", "PUT", self._inside(url), headers=headers, content=text.encode(), accept=(409, 412)
        )

    async def delete(self, client: httpx2.AsyncClient, url: str, etag: str) -> Response:
        """Remove that version of an object. 404, 410 and 412 are returned: nothing was done."""
        return await send(
            client, "write", "DELETE", self._inside(url), headers={"If-Match": etag}, accept=(404, 410, 412)
        )

    async def with_uid(self, client: httpx2.AsyncClient, uid: str) -> list[Stored]:
        """Return all objects whose text has that UID; the caller compares exactly."""
        match = f'<C:text-match collation="i;octet">{escape(uid)}</C:text-match>'
        return await self._query(client, f'<C:prop-filter name="UID">{match}</C:prop-filter>')

    async def with_title(self, client: httpx2.AsyncClient, title: str) -> list[Stored]:
        """Return all objects whose title has that text, in any case."""
        match = f'<C:text-match collation="i;unicode-casemap">{escape(title)}</C:text-match>'
        return await self._query(client, f'<C:prop-filter name="SUMMARY">{match}</C:prop-filter>')

    async def between(self, client: httpx2.AsyncClient, start: datetime, end: datetime) -> list[Stored]:
        """Return all objects that touch the span, series whole."""
        return await self._query(client, f'<C:time-range start="{_stamp(start)}" end="{_stamp(end)}"/>')

    async def token(self, client: httpx2.AsyncClient) -> str | None:
        """Return the mark from which `since` tells what changed; None when the server keeps none (RFC 6578)."""
        body = f'{_HEAD}<D:propfind xmlns:D="DAV:"><D:prop><D:sync-token/></D:prop></D:propfind>'
        entries = await self._ask(client, "PROPFIND", body, "0")
        return next(
            (each.properties[f"{_DAV}sync-token"] for each in entries if f"{_DAV}sync-token" in each.properties), None
        )

    async def since(self, client: httpx2.AsyncClient, token: str) -> list[Entry] | None:
        """Return what was written (status 200) or removed (404) since the mark; None when the server forgot the mark."""
        body = (
            f'{_HEAD}<D:sync-collection xmlns:D="DAV:"><D:sync-token>{escape(token)}</D:sync-token>'
            "<D:sync-level>1</D:sync-level><D:prop><D:getetag/></D:prop></D:sync-collection>"
        )
        answer = await send(
            client, "read", "REPORT", self.url, headers={**_XML, "Depth": "0"}, content=body.encode(), accept=_REFUSED
        )
        return None if answer.status_code in _REFUSED else multistatus(answer, self.url)

    async def siblings(self, client: httpx2.AsyncClient) -> list[Collection]:
        """Return the other calendars beside this one, as far as this user may see them."""
        body = f'{_HEAD}<D:propfind xmlns:D="DAV:"><D:prop><D:resourcetype/></D:prop></D:propfind>'
        try:
            entries = await self._ask(client, "PROPFIND", body, "1", urljoin(self.url, ".."))
        except CredentialRefused:
            raise
        except Permanent:
            return []  # no right to look there: what lies there is out of our reach too
        kinds = f"{_DAV}resourcetype"
        found = [each.url for each in entries if f"{_CAL}calendar" in each.children.get(kinds, frozenset())]
        here = urlsplit(self.url)
        return [
            replace(self, url=url)
            for url in found
            if urlsplit(url)[:2] == here[:2] and urlsplit(url).path.rstrip("/") != here.path.rstrip("/")
        ]

    async def _query(self, client: httpx2.AsyncClient, condition: str) -> list[Stored]:
        body = (
            f"{_HEAD}<C:calendar-query {_NAMES}><D:prop><D:getetag/><C:calendar-data/></D:prop><C:filter>"
            f'<C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">{condition}</C:comp-filter></C:comp-filter>'
            "</C:filter></C:calendar-query>"
        )
        entries = await self._ask(client, "REPORT", body, "1")
        data_name, etag_name = f"{_CAL}calendar-data", f"{_DAV}getetag"
        return [
            Stored(each.url, each.properties.get(etag_name, ""), each.properties[data_name])
            for each in entries
            if each.properties.get(data_name)
        ]

    async def _ask(
        self, client: httpx2.AsyncClient, method: str, body: str, depth: str, url: str | None = None
    ) -> list[Entry]:
        headers = {**_XML, "Depth": depth}
        answer = await send(client, "read", method, url or self.url, headers=headers, content=body.encode())
        return multistatus(answer, url or self.url)

    def _inside(self, url: str) -> str:
        if urlsplit(url)[:2] != urlsplit(self.url)[:2]:
            raise Permanent(f"the server pointed to {url}, on another machine; doer does not follow")
        return url


def multistatus(answer: Response, base: str) -> list[Entry]:
    """Read a multistatus answer (RFC 4918 §13). Raises Transient when it is something else."""
    return [_entry(each, base) for each in answer_tree(answer, base).iter(f"{_DAV}response")]


def answer_tree(answer: Response, base: str) -> ET.Element:
    """Return a multistatus answer as its elements. Raises Transient when it is something else."""
    unreadable = Transient(f"{base}: the server's answer is not a WebDAV multistatus")
    if answer.status_code != 207 or re.search(rb"<!(DOCTYPE|ENTITY)", answer.content):
        raise unreadable
    try:
        return ET.fromstring(answer.content)  # noqa: S314 - without a document type there are no entities to expand
    except (ET.ParseError, ValueError) as wrong:
        raise unreadable from wrong


def _entry(response: ET.Element, base: str) -> Entry:
    url = urljoin(base, (response.findtext(f"{_DAV}href") or "").strip())
    properties: dict[str, str] = {}
    children: dict[str, frozenset[str]] = {}
    for propstat in response.iter(f"{_DAV}propstat"):
        if _status(propstat.findtext(f"{_DAV}status")) != 200:
            continue
        for each in propstat.iterfind(f"{_DAV}prop/*"):
            properties[each.tag] = each.text or ""
            children[each.tag] = frozenset(child.tag for child in each)
    return Entry(url, _status(response.findtext(f"{_DAV}status")) or 200, properties, children)


def _status(line: str | None) -> int:
    found = re.search(r" (\d{3})\b", line or "")
    return int(found[1]) if found else 0


def _stamp(when: datetime) -> str:
    return instant(when).strftime("%Y%m%dT%H%M%SZ")
