"""The office at its beginning, as data: who is there, what is sold, what is in the mailbox, the files and the repositories."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from doer.demos.office.servers import OWNER
from doer.demos.onboard.wire import Record

ZONE = "Europe/Berlin"
CALENDAR_PATH = "/sam/work/"
USER_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:Group"

_EVENT = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Acme//Office//EN
BEGIN:VEVENT
UID:stock-taking@acme.example
DTSTAMP:20261101T090000Z
DTSTART:20261231T090000Z
DTEND:20261231T150000Z
SUMMARY:Stock-taking
LOCATION:Warehouse
END:VEVENT
END:VCALENDAR
"""
CALENDAR_FILES: Mapping[str, str] = MappingProxyType(
    {
        "sam/work/.Radicale.props": '{"tag": "VCALENDAR", "D:displayname": "Work"}',
        "sam/work/stock-taking.ics": _EVENT.replace("\n", "\r\n"),
        "sam/home/.Radicale.props": '{"tag": "VCALENDAR", "D:displayname": "Home"}',
    }
)
"""The calendar server's storage by path below collection-root. Home is there so that a write can go astray."""

PEOPLE: Mapping[str, str] = MappingProxyType(
    {OWNER: "Sam Rivera", "jo@acme.example": "Jo Park", "ana@acme.example": "Ana Lopez"}
)
GROUPS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"everyone": tuple(PEOPLE), "launch": (OWNER,), "design": ("ana@acme.example",)}
)

SCHEMA = """
CREATE TABLE launches (season TEXT PRIMARY KEY, day TEXT NOT NULL, status TEXT NOT NULL, note TEXT NOT NULL DEFAULT '')
"""
LAUNCHES = (("winter", "2025-12-01", "out", ""), ("autumn", "2026-09-01", "out", "late"))

_PRODUCTS = {"LMP-1": ("Desk lamp", "39.90"), "CHR-7": ("Office chair", "249.00"), "MUG-2": ("Mug", "12.50")}


def shop() -> Record:
    """Everything that the shop has."""
    products: Record = {sku: {"id": sku, "name": name, "price": price} for sku, (name, price) in _PRODUCTS.items()}
    moving: Record = {"id": "1000", "title": "We are moving", "day": "2026-09-30"}
    return {"products": products, "announcements": {"1000": moving}}


FILES: Mapping[str, str] = MappingProxyType(
    {
        "prices/prices.csv": "sku,name,price\n" + "".join(f"{sku},{n},{p}\n" for sku, (n, p) in _PRODUCTS.items()),
        "prices/spring-new.csv": "sku,price\nLMP-1,41.90\nCHR-7,259.00\n",
        "prices/history.csv": "season,day\nwinter,2025-12-01\nautumn,2026-09-01\n",
        "notes.md": "# Notes\n\nNothing yet.\n",
    }
)
SITE: Mapping[str, str] = MappingProxyType(
    {"README.md": "# Our web site\n", "prices.md": "# Prices\n\n- winter: from 2025-12-01\n"}
)
EDITED: Mapping[str, str] = MappingProxyType(
    {"site/prices.md": "# Prices\n\n- winter: from 2025-12-01\n- spring: lamps and chairs cost more\n"}
)
"""Written in the clone of the web site, and not committed yet."""
MANUAL: Mapping[str, str] = MappingProxyType({"manual.md": "# How we sell\n\nListen first.\n"})

FOLDERS = ("Archive", "Drafts", "Sent", "Receipts")
_JO = "Jo Park <jo@acme.example>"
LETTERS: tuple[tuple[str, str, str, str, str], ...] = (
    ("INBOX", _JO, "Prices for spring", "2026-11-19T09:10:00+01:00", "Hi Sam,\n\ncan the spring prices go out?\n\nJo"),
    ("INBOX", _JO, "Lunch", "2026-11-19T10:00:00+01:00", "Canteen or outside?\n\nJo"),
    ("Archive", "Ana Lopez <ana@acme.example>", "Old drawings", "2026-10-01T10:00:00+02:00", "Here they are.\n\nAna"),
)
"""Folder, sender, subject, when it came, text."""
REMINDERS = (("r1", "Renew the lease", "2027-03-01T09:00:00+01:00"),)
