"""The world at its beginning: the people, groups, grants, events and files of the fictional company Acme, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from doer.demos.onboard.places import CALENDAR_USER, DOMAIN
from doer.demos.onboard.wire import Json, Record

USER_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:Group"
CALENDAR_PATH = f"/{CALENDAR_USER}/training/"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works at Acme. `groups` come beside the group everyone; `access` maps a resource to a level."""

    given: str
    family: str
    role: str
    team: str
    start_date: str
    mailbox: str
    manager: str
    groups: tuple[str, ...]
    access: tuple[tuple[str, str], ...]

    @property
    def mail(self) -> str:
        return f"{self.mailbox}@{DOMAIN}"

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}"

    @property
    def manager_mail(self) -> str | None:
        return f"{self.manager}@{DOMAIN}" if self.manager else None

    def user(self) -> Record:
        """The SCIM user that stands for this person (RFC 7643, section 4.1)."""
        return {
            "schemas": [USER_SCHEMA],
            "userName": self.mail,
            "name": {"formatted": self.name, "givenName": self.given, "familyName": self.family},
            "displayName": self.name,
            "title": self.role,
            "active": True,
            "emails": [{"value": self.mail, "type": "work", "primary": True}],
        }


_ENGINEER = (("repo", "write"), ("ci", "run"), ("vpn", "use"))

PEOPLE: tuple[Person, ...] = (
    Person("Grace", "Hopper", "Engineering Manager", "backend", "2019-03-04", "grace.hopper", "margaret.hamilton",
           ("engineering", "backend"), (("repo", "admin"), ("ci", "admin"), ("vpn", "use"))),
    Person("Margaret", "Hamilton", "Head of Engineering", "engineering", "2017-09-01", "margaret.hamilton", "",
           ("engineering",), (("repo", "admin"), ("vpn", "use"))),
    Person("Linus", "Berg", "Backend Engineer", "backend", "2021-06-14", "linus.berg", "grace.hopper",
           ("engineering", "backend"), _ENGINEER),
    Person("Katherine", "Johnson", "Data Engineer", "data", "2020-01-13", "katherine.johnson", "margaret.hamilton",
           ("engineering",), _ENGINEER),
    Person("Sam", "Rivera", "People Operations", "people", "2018-05-07", "sam.rivera", "",
           ("people",), (("payroll", "admin"), ("vpn", "use"))),
    Person("Ana", "Lopez", "Account Executive", "sales", "2022-02-01", "ana.lopez", "sam.rivera",
           ("sales",), (("crm", "write"), ("vpn", "use"))),
    Person("Ana", "Lopez", "Frontend Engineer", "frontend", "2023-10-02", "ana.lopez2", "margaret.hamilton",
           ("engineering",), _ENGINEER),
)  # fmt: skip
"""Everybody at Acme. The two people called Ana Lopez are there on purpose: their name alone is a question."""

GROUPS: tuple[str, ...] = ("everyone", "engineering", "backend", "sales", "people")

PEOPLE_TABLE = """
CREATE TABLE people (
    email TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    manager TEXT,
    start_date TEXT NOT NULL,
    team TEXT NOT NULL
)
"""

_EVENT = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Acme//Training//EN
BEGIN:VEVENT
UID:fire-safety-2026@acme.example
DTSTAMP:20251201T090000Z
DTSTART:20260115T130000Z
DTEND:20260115T140000Z
SUMMARY:Fire safety drill
LOCATION:Ground floor
END:VEVENT
END:VCALENDAR
"""

CALENDAR_FILES: Mapping[str, str] = MappingProxyType(
    {
        "sam/training/.Radicale.props": '{"tag": "VCALENDAR", "D:displayname": "Training"}',
        "sam/training/fire-safety-2026.ics": _EVENT.replace("\n", "\r\n"),
        "sam/holidays/.Radicale.props": '{"tag": "VCALENDAR", "D:displayname": "Holidays"}',
    }
)
"""The calendar server's storage by path below collection-root. Holidays is there so that a write can go astray."""


def members_of(group: str) -> list[Person]:
    """The people in one group, in the order of PEOPLE."""
    return [person for person in PEOPLE if group == "everyone" or group in person.groups]


def grant_id(person: str, resource: str) -> str:
    """The natural key of a grant: the person's mail address and the resource."""
    return f"{person}:{resource}"


def grants() -> dict[str, dict[str, str]]:
    """The access grants there are, by id."""
    return {
        grant_id(person.mail, resource): {"person": person.mail, "resource": resource, "level": level}
        for person in PEOPLE
        for resource, level in person.access
    }


def rows() -> list[tuple[str | None, ...]]:
    """The rows of the table people, in the order of its columns."""
    return [(p.mail, p.name, p.role, p.manager_mail, p.start_date, p.team) for p in PEOPLE]


def files() -> dict[str, str]:
    """The files of the workspace, text by path."""
    lines = [f"- {p.name} ({p.mail}): {p.role}" for p in PEOPLE if p.team in ("backend", "engineering")]
    return {
        "team.md": "# Backend team\n\n" + "\n".join(lines) + "\n",
        "handbook/first-week.md": "# Your first week\n\nAsk anything. Nobody expects you to know it all.\n",
    }


def group_record(name: str, ids: Mapping[str, str]) -> Record:
    """The SCIM group of that name; `ids` maps a user name to the id that the server gave it."""
    members: list[Json] = [{"value": ids[p.mail], "type": "User", "display": p.name} for p in members_of(name)]
    return {"schemas": [GROUP_SCHEMA], "displayName": name, "members": members}
