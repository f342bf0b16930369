"""What the office's world is, and what has changed in it since its seed, each change as a line equal from run to run."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from doer.demos.office import repositories, seed, seeing
from doer.demos.office.places import Office
from doer.demos.office.seeing import Record, Snapshot
from doer.demos.onboard.wire import ask, bearer, canonical, expect

CLONES = ("site", "manual")
VOLATILE = ("sha256",)
"""Fields of a changed file that follow from its text: left out of an effect's line, not of the world."""


def observe(office: Office) -> Snapshot:
    """Return the whole world now; it changes nothing. Hand in the office without a proxy between."""
    found = seeing.gathered(_everything(office))
    for name in CLONES:
        _as_one(found, name)
    return seeing.gathered(_by_rows(found))


def _as_one(found: Snapshot, name: str) -> None:
    """Tell a clone at its branch: what is not committed, and for one that the job makes, its files as well."""
    state = found.pop(f"git/{name}/state", None)
    if state is None:
        return
    branch = found[f"git/{name}/heads/{state['branch']}"]
    branch["uncommitted"] = state["uncommitted"]
    if name == "manual":
        files = [place for place in found if place.startswith(f"files/{name}/")]
        branch["there"] = {place: found.pop(place) for place in files}


def _by_rows(found: Snapshot) -> Iterator[tuple[str, Record]]:
    """Tell a table file row by row, beside its digest."""
    for place, record in found.items():
        rows = record.pop("rows", ())
        yield place, record
        for row in rows:
            yield f"{place}/{next(iter(row.values()), '')}", row


def _everything(office: Office) -> Iterator[tuple[str, Record]]:
    zone = ZoneInfo(seed.ZONE)
    yield from seeing.calendar(office.calendar_url, seed.CALENDAR_PATH, office.observer, zone)
    yield from _named("home", seeing.calendar(office.calendar_url, "/sam/home/", office.observer, zone))
    yield from seeing.directory(office.directory_url, office.directory_token)
    yield from _shop(office)
    yield from _ledger(office)
    yield from seeing.files(office.desk)
    with office.mailbox() as client:
        yield from seeing.mails(client)
    yield from seeing.delivered(office.places.maildir)
    commits: dict[str, Record] = {}
    for bare in sorted(office.hosted.iterdir()):
        yield from repositories.bare(f"git/host/{bare.name}", bare, commits)
    for name in CLONES:
        yield from repositories.clone(f"git/{name}", office.desk / name, commits)
    yield from seeing.reminders(office.reminders, zone)


def _named(name: str, found: Iterator[tuple[str, Record]]) -> Iterator[tuple[str, Record]]:
    for place, record in found:
        yield f"{name}/{place}", record


def _shop(office: Office) -> Iterator[tuple[str, Record]]:
    """Products by sku; announcements by title, for their ids are issued. Pages are turned to the last."""
    for kind in ("products", "announcements"):
        start, page = 0, _page(office, kind, 0)
        while page:
            start += len(page)
            for each in page:
                shown = {name: value for name, value in each.items() if name != "id"}
                yield f"shop/{kind}/{each['id'] if kind == 'products' else each.get('title')}", shown
            page = _page(office, kind, start)


def _page(office: Office, kind: str, start: int) -> list[Record]:
    url = f"{office.shop_url}/api/{kind}?start={start}"
    found = json.loads(expect(ask("GET", url, bearer(office.shop_token)), 200, doing=f"observing {kind}").body)
    return list(found)


def _ledger(office: Office) -> Iterator[tuple[str, Record]]:
    with seeing.looked_into(office.ledger) as connection:
        connection.row_factory = sqlite3.Row
        listed = connection.execute("SELECT name, type FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY name")
        for name, kind in listed.fetchall():
            yield f"ledger/{name}", {"is": kind}
            if kind == "table":
                rows = [dict(each) for each in connection.execute(f'SELECT * FROM "{name}"')]
                for row in sorted(rows, key=canonical):
                    yield f"ledger/{name}/{next(iter(row.values()))}", row


def effects(before: Snapshot, after: Snapshot) -> Sequence[str]:
    """Every place that is not as it was, as one line each; equal lines in two runs are the same effect.

    A file that is known by its rows alone has no line of its own: its rows have.
    """
    return [line for place in _changed(before, after) if (line := _line(place, before.get(place), after.get(place)))]


def differences(before: Snapshot, after: Snapshot) -> Sequence[str]:
    """The same in words."""
    told = []
    for place in _changed(before, after):
        if _line(place, before.get(place), after.get(place)):
            system, _, rest = place.partition("/")
            change = "added" if place not in before else "removed" if place not in after else "changed"
            told.append(f"{system}: {rest} ({change})")
    return told


def _changed(before: Snapshot, after: Snapshot) -> list[str]:
    return [place for place in sorted(before.keys() | after.keys()) if before.get(place) != after.get(place)]


def _line(place: str, before: Record | None, after: Record | None) -> str:
    if before is None or after is None:
        return f"{'+' if before is None else '-'} {place} {canonical(_told(after or before or {}))}"
    changed = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    told: Record = {name: [before.get(name), after.get(name)] for name in changed if name not in VOLATILE}
    return f"~ {place} {canonical(told)}" if told else ""


def _told(record: Record) -> Record:
    return {name: value for name, value in record.items() if name not in VOLATILE}
