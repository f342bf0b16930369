"""Somebody else in the office: edits what the job made, by the standard library and git, and no connector's code."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import quote

from doer.demos.office import seed
from doer.demos.office.places import Office
from doer.demos.office.repositories import git
from doer.demos.office.seeing import Snapshot
from doer.demos.office.world import observe
from doer.demos.onboard.ical import Collection, read_listing
from doer.demos.onboard.wire import as_record, ask, basic, bearer, canonical, expect, records

_ROOM = "Room 7"
_PRICE = "1.00"
_NOTE = "checked by Eve"
_LINE = "autumn again,2026-12-24"
_TEXT = "Ask Jo about the orders"
_COMMIT = "Jo was here"


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit of somebody else: how it is made, and how one sees that it is still there."""

    make: Callable[[Office], None]
    there: Callable[[Snapshot], bool]


def _room(office: Office) -> None:
    headers = basic("sam", office.calendar_password)
    listed = ask("PROPFIND", office.calendar_url + seed.CALENDAR_PATH, {**headers, "Depth": "1"})
    for each in read_listing(expect(listed, 207, doing="looking for an event").body):
        if isinstance(each, Collection):
            continue
        url = office.calendar_url + quote(each.path)
        text = expect(ask("GET", url, headers), 200, doing="reading an event").body.decode()
        if "LOCATION:Room 1" in text:
            edited = text.replace("LOCATION:Room 1", f"LOCATION:{_ROOM}").encode()
            reply = ask("PUT", url, {**headers, "Content-Type": "text/calendar"}, edited)
            expect(reply, 201, 204, doing="changing a room")


def _leave(office: Office) -> None:
    """Jo is asked for something else: she is taken out of the group again, by hand."""
    headers = {**bearer(office.directory_token), "Content-Type": "application/scim+json"}
    groups = records(ask("GET", f"{office.directory_url}/Groups?count=100", headers).record().get("Resources"))
    group = as_record(next(each for each in groups if each["displayName"] == "launch"))
    members = [each for each in records(group.get("members")) if each.get("display") != "Jo Park"]
    body = canonical({**group, "displayName": "launch team", "members": list(members)}).encode()
    expect(ask("PUT", f"{office.directory_url}/Groups/{group['id']}", headers, body), 200, doing="changing a group")


def _price(office: Office) -> None:
    url = f"{office.shop_url}/api/products/LMP-1"
    headers = {**bearer(office.shop_token), "Content-Type": "application/merge-patch+json"}
    expect(ask("PATCH", url, headers, canonical({"price": _PRICE}).encode()), 200, doing="changing a price")


def _launch(office: Office) -> None:
    with closing(sqlite3.connect(office.ledger, timeout=10)) as connection, connection:
        connection.execute("UPDATE launches SET note = ? WHERE season = 'spring'", (_NOTE,))


def _history(office: Office) -> None:
    path = office.desk / "prices" / "history.csv"
    if path.exists():
        path.write_text(f"{path.read_text()}{_LINE}\n")


def _reminder(office: Office) -> None:
    with closing(sqlite3.connect(office.reminders, timeout=10)) as connection, connection:
        connection.execute("UPDATE reminders SET text = ? WHERE text LIKE 'Look at the orders%'", (_TEXT,))


def _commit(office: Office) -> None:
    """Jo builds on what was pushed."""
    bare = office.hosted / "site.git"
    made = git(bare, "commit-tree", "main^{tree}", "-p", "main", "-m", _COMMIT)
    git(bare, "update-ref", "refs/heads/main", made)


def _refile(office: Office) -> None:
    """Somebody with the same mailbox files the request where it belongs."""
    with office.mailbox() as client:
        client.select("Archive")
        found = client.uid("SEARCH", "SUBJECT", '"Prices for"')[1][0]
        if found:
            client.uid("MOVE", found.decode(), "Receipts")


EDITS: Mapping[str, Mapping[str, Edit]] = MappingProxyType(
    {
        "calendar": {"the room of the event": Edit(_room, lambda world: _ROOM in canonical(dict(world)))},
        "directory": {"the group's name and members": Edit(_leave, lambda world: "groups/launch team" in world)},
        "shop": {
            "the price of the lamp": Edit(
                _price, lambda world: world.get("shop/products/LMP-1", {}).get("price") == _PRICE
            )
        },
        "ledger": {"the note of the launch": Edit(_launch, lambda world: _NOTE in canonical(dict(world)))},
        "files": {"a line of the history": Edit(_history, lambda world: "autumn again" in canonical(dict(world)))},
        "reminders": {"the text of the reminder": Edit(_reminder, lambda world: f"reminders/{_TEXT}" in world)},
        "git": {
            "a commit on top of what was pushed": Edit(
                _commit, lambda world: world.get("git/host/site.git/heads/main", {}).get("message") == _COMMIT
            )
        },
        "mailbox": {
            "the request filed elsewhere": Edit(_refile, lambda world: "mailbox/Receipts/Prices for spring" in world)
        },
    }
)
"""Service -> what is edited there -> how."""


def meddle(office: Office, where: Sequence[str]) -> list[str]:
    """Make the edits in these services (all of them when none is named); return what was edited."""
    made: list[str] = []
    for service, edits in EDITS.items():
        if where and service not in where:
            continue
        for name, edit in edits.items():
            edit.make(office)
            if edit.there(observe(office)):
                made.append(name)
    return made


def still(office: Office, edits: Sequence[str]) -> list[str]:
    """Return those edits that are still there."""
    world = observe(office)
    known = {name: edit for each in EDITS.values() for name, edit in each.items()}
    return [name for name in edits if known[name].there(world)]
