"""What is there: names in the connected systems, read now, of which sentences are made that work here."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from doer.app.known import KnownStore
from doer.app.sayings import Meeting, Names, names_of
from doer.domain.errors import DoerError
from doer.domain.known import Known
from doer.domain.ports import Reader
from doer.domain.value import JsonObject
from doer.planning.derived.acquaint import acquaint_quietly, is_stale

_PATIENCE: Final = 5.0
"""Seconds that one read may take."""
_TABLES: Final = 6
"""Tables of one connection of which a row is read."""


async def acquainted(
    tools: Collection[str], store: KnownStore, kinds: Mapping[str, str], reader: Reader, now: datetime
) -> tuple[Sequence[Known], tuple[str, ...]]:
    """Return what is known of the connections (name -> kind), learnt and kept where it is old, and which did not answer."""
    kept = {each.connection: each for each in store.load()}
    silent: list[str] = []
    for name, kind in kinds.items():
        if not is_stale(kept.get(name), now):
            continue
        fresh = await acquaint_quietly(name, kind, tools, reader, now, kept.get(name))
        if fresh.read_at != now:
            silent.append(name)
        kept[name] = fresh
        store.keep(fresh)
    return [each for name, each in kept.items() if name in kinds], tuple(silent)


async def names_there(
    known: Sequence[Known], kinds: Mapping[str, str], reader: Reader, now: datetime, zone: ZoneInfo
) -> Names:
    """Return the names that are there now: of what is known, and of files, meetings, mails and rows that are read."""
    names = names_of(known)
    soon = {"start": now.isoformat(), "end": (now + timedelta(days=14)).isoformat()}
    for name, kind in kinds.items():
        match kind:
            case "files":
                listed = await _rows(reader, f"{name}.list", {}, "entries")
                listing = {str(each.get("name")): each.get("kind") for each in listed}
                shown = [each for each in listing if not each.startswith(".")]
                files = [each for each in shown if listing[each] == "file"]
                folders = [each for each in shown if listing[each] == "folder"]
                names = replace(names, files=(*names.files, *files), folders=(*names.folders, *folders))
            case "calendar":
                events = await _rows(reader, f"{name}.find_events", soon, "events")
                names = replace(names, meetings=(*names.meetings, *_meetings(events, zone)))
            case "mail":
                mails = await _rows(reader, f"{name}.search_mail", {"limit": 5}, "messages")
                senders = [str(each.get("from") or "").partition("<")[0].strip(' "') for each in mails]
                names = replace(names, senders=(*names.senders, *filter(None, senders)))
            case _:
                pass
    return replace(names, rows=await _table_rows(known, reader))


async def _table_rows(known: Sequence[Known], reader: Reader) -> Mapping[tuple[str, str], JsonObject]:
    rows: dict[tuple[str, str], JsonObject] = {}
    for each in known:
        for table in each.tables[:_TABLES]:
            asked: JsonObject = {"table": table.name, "limit": 1}
            [row] = (await _rows(reader, f"{each.connection}.find", asked, "rows"))[:1] or [{}]
            key = row.get(table.primary[0]) if len(table.primary) == 1 else None
            rows[each.connection, table.name] = {**row, "": key}
    return rows


async def _rows(reader: Reader, tool: str, arguments: JsonObject, name: str) -> Sequence[JsonObject]:
    """Return the rows that a read gives; none where it is not there or does not answer."""
    try:
        async with asyncio.timeout(_PATIENCE):
            told = await reader.read(tool, arguments)
    except (DoerError, TimeoutError):
        return ()
    listed = told.get(name) if isinstance(told, Mapping) else None
    return [each for each in listed if isinstance(each, Mapping)] if isinstance(listed, list | tuple) else ()


def _meetings(events: Sequence[JsonObject], zone: ZoneInfo) -> Iterator[Meeting]:
    for event in events[:3]:
        try:
            start = datetime.fromisoformat(str(event.get("start"))).astimezone(zone)
        except ValueError:
            continue
        clock = f"{start:%I:%M %p}".lstrip("0").replace(":00", "").lower()
        yield Meeting(str(event.get("title")), clock)
