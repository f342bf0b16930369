"""Getting acquainted: the reads that tell what a connection holds: tables, people, groups, folders, branches."""

from __future__ import annotations

import asyncio
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from doer.domain.errors import ToolError, UsageError
from doer.domain.known import Entity, EntityKind, Known, tables_from
from doer.domain.ports import Reader
from doer.domain.value import Json, JsonObject

LASTS = timedelta(days=1)
"""How long what was learnt is taken as known."""
AGAIN = timedelta(minutes=10)
"""How long a system that did not answer is left alone."""
PATIENCE = 6.0
"""Seconds that planning waits for one system to tell what it holds."""
_AROUND = timedelta(days=45)
_MOST = 2000


def is_stale(known: Known | None, now: datetime) -> bool:
    """Tell whether a connection should be asked again what it holds."""
    return known is None or now - known.read_at > LASTS


async def acquaint(name: str, kind: str, tools: Container[str], reader: Reader, now: datetime) -> Known:
    """Return what the connection holds, by reads only. Raises ToolError, and UsageError where a read is not granted."""
    match kind:
        case "database" if f"{name}.tables" in tools:
            told = _object(await reader.read(f"{name}.tables", {}))
            return Known(name, kind, now, tables_from(told.get("tables")))
        case "directory" if f"{name}.find_users" in tools:
            people = _rows(await reader.read(f"{name}.find_users", {}), "users")
            groups = _rows(await reader.read(f"{name}.find_groups", {}), "groups")
            return Known(name, kind, now, (), (*_users(people), *_groups(groups)))
        case "calendar" if f"{name}.find_events" in tools:
            span = {"start": (now - _AROUND).isoformat(), "end": (now + _AROUND).isoformat()}
            events = _rows(await reader.read(f"{name}.find_events", span), "events")
            return Known(name, kind, now, (), (Entity("calendar", name, name), *_attendees(events)))
        case "mail" if f"{name}.list_folders" in tools:
            folders = _rows(await reader.read(f"{name}.list_folders", {}), "folders")
            return Known(name, kind, now, (), tuple(_named("mail folder", folders)))
        case "git" if f"{name}.branches" in tools:
            branches = _rows(await reader.read(f"{name}.branches", {}), "branches")
            return Known(name, kind, now, (), (Entity("repository", name, name), *_named("branch", branches)))
        case _:
            return Known(name, kind, now)


async def acquaint_quietly(
    name: str, kind: str, tools: Container[str], reader: Reader, now: datetime, before: Known | None
) -> Known:
    """Do the same; where the system does not answer soon or may not be read, what was known before stands for a while."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await acquaint(name, kind, tools, reader, now)
    except (ToolError, UsageError, TimeoutError):
        return replace(before or Known(name, kind, now), read_at=now - LASTS + AGAIN)


def _users(rows: Sequence[JsonObject]) -> Iterator[Entity]:
    for row in rows[:_MOST]:
        shown, login, email = (str(row.get(each) or "") for each in ("display_name", "user_name", "email"))
        given = " ".join(str(row.get(each) or "") for each in ("given_name", "family_name")).strip()
        if login:
            yield Entity("person", shown or given or login, login, tuple(filter(None, (email, given))))


def _groups(rows: Sequence[JsonObject]) -> Iterator[Entity]:
    for row in rows[:_MOST]:
        if name := str(row.get("display_name") or ""):
            yield Entity("group", name, name)


def _attendees(rows: Sequence[JsonObject]) -> Iterator[Entity]:
    seen: set[str] = set()
    for row in rows:
        listed = row.get("attendees")
        for each in listed if isinstance(listed, Sequence) and not isinstance(listed, str) else ():
            address = str(each).lower()
            if address not in seen and "@" in address:
                seen.add(address)
                name = address.split("@")[0].replace(".", " ").replace("_", " ").replace("-", " ").title()
                yield Entity("person", name, address)


def _named(kind: EntityKind, rows: Sequence[JsonObject]) -> Iterator[Entity]:
    for row in rows[:_MOST]:
        if name := str(row.get("name") or row.get("path") or ""):
            yield Entity(kind, name, name)


def _object(value: Json) -> JsonObject:
    return value if isinstance(value, Mapping) else {}


def _rows(value: Json, name: str) -> list[JsonObject]:
    listed = _object(value).get(name)
    rows = listed if isinstance(listed, Sequence) and not isinstance(listed, str) else ()
    return [each if isinstance(each, Mapping) else {"name": str(each)} for each in rows]
