"""Somebody else at Acme: edits what an onboarding made, by the standard library and no connector's code."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import quote

from doer.demos.onboard.places import Services
from doer.demos.onboard.wire import Record, as_record, ask, basic, bearer, canonical, expect, records
from doer.demos.onboard.world import World, observe

MARK = "(part time)"
_NEW_LEVEL = "admin"
_LINE = "- Edited by hand"


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit of somebody else: how it is made, and how one sees that it is still there."""

    make: Callable[[Services, World], None]
    there: Callable[[World], bool]


def _people(services: Services, _: World) -> None:
    with closing(sqlite3.connect(services.database, timeout=10)) as connection, connection:
        connection.execute("UPDATE people SET role = role || ? WHERE email LIKE 'ada.lovelace@%'", (f" {MARK}",))


def _team_page(services: Services, _: World) -> None:
    page = services.workspace / "team.md"
    page.write_text(f"{page.read_text()}{_LINE}\n")


def _new_user(world: World) -> Record | None:
    found = [record for place, record in world["directory"].items() if place.startswith("users/ada.lovelace@")]
    return found[0] if found else None


def _title(services: Services, world: World) -> None:
    user = _new_user(world)
    if user is None:
        return
    url = f"{services.directory_url}/Users/{user['id']}"
    headers = {**bearer(services.directory_token), "Content-Type": "application/scim+json"}
    content: Record = {**as_record(ask("GET", url, headers).record()), "title": f"{user.get('title')} {MARK}"}
    expect(ask("PUT", url, headers, canonical(content).encode()), 200, doing="changing a title")


def _session(world: World) -> str | None:
    events = sorted(world["calendar"].items())
    return next((place for place, record in events if "Ada Lovelace" in str(record.get("summary"))), None)


def _room(services: Services, world: World) -> None:
    place = _session(world)
    if place is None:
        return
    url = services.calendar_url + quote(place)
    headers = {**basic(services.calendar_user, services.calendar_password), "Content-Type": "text/calendar"}
    text = expect(ask("GET", url, headers), 200, doing="reading an event").body.decode()
    edited = text.replace("LOCATION:", f"LOCATION:{MARK} ")
    expect(ask("PUT", url, headers, edited.encode()), 201, 204, doing="changing a room")


def _level(services: Services, world: World) -> None:
    place = next((each for each in sorted(world["access"]) if "ada.lovelace@" in each), None)
    if place is None:
        return
    grant = world["access"][place]
    url = f"{services.access_url}/grants/" + quote(f"{grant['person']}:{grant['resource']}", safe="")
    body = canonical({"person": grant["person"], "resource": grant["resource"], "level": _NEW_LEVEL}).encode()
    headers = {**bearer(services.access_token), "Content-Type": "application/json", "If-Match": "*"}
    expect(ask("PUT", url, headers, body), 200, doing="changing a grant")


def _colleague(services: Services, world: World) -> None:
    """Somebody else joins a group that the run wrote to as well: beside the run's work, not in it."""
    groups = [record for place, record in world["directory"].items() if place == "groups/backend"]
    people = [record for place, record in world["directory"].items() if place.startswith("users/ana.lopez@")]
    url = f"{services.directory_url}/Groups/{groups[0]['id']}"
    headers = {**bearer(services.directory_token), "Content-Type": "application/scim+json"}
    group = as_record(ask("GET", url, headers).record())
    members = [*records(group.get("members")), {"value": people[0]["id"], "type": "User"}]
    expect(
        ask("PUT", url, headers, canonical({**group, "members": list(members)}).encode()), 200, doing="joining a group"
    )


EDITS: Mapping[str, Mapping[str, Edit]] = MappingProxyType(
    {
        "database": {
            "the role in the people database": Edit(_people, lambda world: MARK in canonical(dict(world["database"])))
        },
        "files": {"a line on the team page": Edit(_team_page, lambda world: _LINE in canonical(dict(world["files"])))},
        "directory": {
            "the title of the new account": Edit(
                _title, lambda world: MARK in str((_new_user(world) or {}).get("title"))
            ),
            "a colleague in the same group": Edit(
                _colleague, lambda world: "groups/backend/members/ana.lopez@acme.example" in world["directory"]
            ),
        },
        "calendar": {"the room of a session": Edit(_room, lambda world: MARK in canonical(dict(world["calendar"])))},
        "access": {
            "the level of a grant": Edit(
                _level,
                lambda world: any(
                    "ada.lovelace@" in place and record["level"] == _NEW_LEVEL
                    for place, record in world["access"].items()
                ),
            )
        },
    }
)
"""Service -> what is edited there -> how."""


def meddle(services: Services, where: tuple[str, ...]) -> list[str]:
    """Make the edits in these services (all of them when none is named); return what was edited."""
    made: list[str] = []
    for service, edits in EDITS.items():
        if where and service not in where:
            continue
        for name, edit in edits.items():
            edit.make(services, observe(services))
            if edit.there(observe(services)):
                made.append(name)
    return made


def still(services: Services, edits: tuple[str, ...]) -> list[str]:
    """Return those edits that are still there."""
    world = observe(services)
    known = {name: edit for each in EDITS.values() for name, edit in each.items()}
    return [name for name in edits if known[name].there(world)]
