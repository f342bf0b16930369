"""Reads what a CalDAV server answers, for the observer: a PROPFIND listing (RFC 4918) and an iCalendar text (RFC 5545)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote
from xml.etree import ElementTree as ET

from doer.demos.onboard.wire import Json, Record

STAMPS = frozenset({"DTSTAMP", "CREATED", "LAST-MODIFIED", "SEQUENCE", "PRODID"})
"""Properties that say when and by which program an event was written, not what it is."""

_DAV = "{DAV:}"
_CALENDAR = "{urn:ietf:params:xml:ns:caldav}calendar"


@dataclass(frozen=True, slots=True)
class Collection:
    """A folder on the server; `is_calendar` when it holds events."""

    path: str
    name: str
    is_calendar: bool


@dataclass(frozen=True, slots=True)
class Item:
    """One object in a collection."""

    path: str


def read_listing(body: bytes) -> list[Collection | Item]:
    """The entries of a multistatus answer, the asked folder itself among them."""
    found: list[Collection | Item] = []
    for response in ET.fromstring(body).iter(f"{_DAV}response"):  # noqa: S314 - from the demo's own server
        path = unquote(response.findtext(f"{_DAV}href", ""))
        kind = response.find(f".//{_DAV}resourcetype")
        if kind is not None and kind.find(f"{_DAV}collection") is not None:
            name = response.findtext(f".//{_DAV}displayname", "")
            found.append(Collection(path, name, kind.find(_CALENDAR) is not None))
        else:
            found.append(Item(path))
    return found


def _plain(text: str) -> str:
    """A TEXT value without its escapes (RFC 5545, 3.3.11)."""
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], text)


def event_record(text: str, etag: str) -> Record:
    """One calendar object as a record: what it says, sorted, apart from who issued it (`uid`) and when (`stamps`)."""
    lines = re.sub(r"\r?\n[ \t]", "", text).splitlines()
    said: list[Json] = []
    stamps: list[Json] = []
    first: dict[str, str] = {}
    depth: list[str] = []
    for line in lines:
        name = re.split(r"[:;]", line, maxsplit=1)[0].upper()
        if name == "BEGIN":
            depth.append(line.partition(":")[2])
        elif name == "END" and depth:
            depth.pop()
        within = "/".join(depth)
        if depth[-1:] in (["VEVENT"], ["VTODO"], ["VJOURNAL"]):
            first.setdefault(name, line[len(name) + 1 :] if line[len(name) : len(name) + 1] == ":" else line)
        if name in STAMPS:
            stamps.append(line)
        elif name != "UID":
            said.append(f"{within} {line}")
    said.sort(key=str)
    return {
        "uid": first.get("UID", ""),
        "summary": _plain(first.get("SUMMARY", "")),
        "start": first.get("DTSTART", ""),
        "end": first.get("DTEND", first.get("DURATION", "")),
        "said": said,
        "stamps": stamps,
        "etag": etag,
    }
