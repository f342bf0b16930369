"""The calendar's tools keep the four verbs' promises against a real radicale."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

import pytest
from tests.connectors.calendar_server import PASSWORD, USER, CalendarServer, calendar_server

from doer.connectors.secrets import fixed
from doer.connectors.tools.calendar import calendar_tools
from doer.domain.ports import Tool
from doer.domain.value import Json, JsonObject, Key
from doer.testing.conformance import LIE, Honest, check, check_names
from doer.testing.faults import KINDS, FaultyServer

STANDUP = """DTSTAMP:20200101T000000Z
DTSTART;TZID=Europe/Berlin:20261005T091500
DTEND;TZID=Europe/Berlin:20261005T093000
SUMMARY:Standup
LOCATION:Room 4
CATEGORIES:team
BEGIN:VALARM
ACTION:DISPLAY
DESCRIPTION:soon
TRIGGER:-PT10M
END:VALARM"""
LUNCH = "DTSTAMP:20200101T000000Z\nDTSTART:20261005T100000Z\nDTEND:20261005T110000Z\nSUMMARY:Lunch"

CASES: dict[str, JsonObject] = {
    "create_event": {
        "title": "Welcome, Ada; bring a laptop",
        "start": "2026-10-05T09:00:00+02:00",
        "duration_minutes": 90,
        "zone": "Europe/Berlin",
        "location": "Room 1",
        "description": "First line\nsecond — line with é and 你好",
    },
    "create_series": {
        "title": "Standup of all",
        "rule": "FREQ=WEEKLY;BYDAY=WE",
        "time": "09:00",
        "end_time": "09:15",
        "first": "2026-12-02",
        "until": "2027-03-31",
        "zone": "Europe/Berlin",
    },
    "move_event": {"event": "Standup", "start": "2026-10-06T11:00:00+02:00"},
    "change_event": {"event": "standup-1", "title": "Daily", "location": "", "description": "new notes"},
    "find_events": {"start": "2026-10-05", "end": "2026-10-06", "text": "stand"},
    "cancel_event": {"event": "Standup", "on": "2026-10-05"},
}


WRITING = tuple(name for name in CASES if name != "find_events")
LIES = tuple(KINDS)
LIED_TO = ("create_event", "change_event", "cancel_event")
"""One tool for each way to write: moving an event is sent, and read back, as any other change of it."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CalendarServer]:
    with calendar_server(tmp_path_factory.mktemp("radicale")) as running:
        running.make("seed")
        running.put("seed", "standup-1", STANDUP)
        running.put("seed", "lunch-1", LUNCH)
        yield running


@dataclass
class CalendarSetting:
    """One tool on a calendar of its own."""

    server: CalendarServer
    calendar: str
    tools: list[Tool]
    tool: Tool
    arguments: JsonObject

    async def observe(self) -> Json:
        return self.server.world(self.calendar)

    def _written(self) -> str:
        return next((name for name in self.server.names(self.calendar) if name.startswith("doer-")), "standup-1.ics")

    async def meddle(self) -> None:
        if self._written() in self.server.names(self.calendar):
            self.server.edit(self.calendar, self._written(), "SUMMARY:", "SUMMARY:Our ")
        else:
            self.server.put(self.calendar, "standup-1", LUNCH)


class WritingSetting(CalendarSetting):
    """What was written can also be removed."""

    async def remove(self) -> None:
        self.server.drop(self.calendar, self._written())


@dataclass
class LyingSetting(CalendarSetting):
    """The same behind a proxy that can lie. A write is spoilt once; reads as long as they are made."""

    proxy: FaultyServer
    find: Tool
    lies: tuple[str, ...] = LIES

    async def observe(self) -> Json:
        await self.proxy.settled()
        return self.server.world(self.calendar)

    async def lie(self, kind: str) -> None:
        span: JsonObject = {"start": "2026-10-01", "end": "2026-11-01"}
        await self.find.apply(span, Key("read"), ())  # the proxy gets to know the other events
        if kind == "delay":  # only there is a time-out waited for; elsewhere a slow machine must not run into one
            hasty = tools_on(self.proxy.url, self.calendar, timeout=0.5)
            self.tool = next(each for each in hasty if each.manifest.name == self.tool.manifest.name)
        self.proxy.break_(kind, times=1 if KINDS[kind].strikes == "writes" else None)


def tools_on(url: str, calendar: str, timeout: float = 10) -> list[Tool]:
    place = f"/{USER}/{calendar}"
    return calendar_tools("work", url, calendar=place, username=USER, password=fixed(PASSWORD), timeout=timeout)


_numbers = itertools.count()


def case(
    server: CalendarServer, action: str, url: str = ""
) -> Callable[[], AbstractAsyncContextManager[CalendarSetting]]:
    @asynccontextmanager
    async def make() -> AsyncIterator[CalendarSetting]:
        calendar = f"c{next(_numbers)}"
        server.copy(calendar, of="seed")
        tools = tools_on(url or server.url, calendar)
        tool = next(each for each in tools if each.manifest.name == f"work.{action}")
        kind = CalendarSetting if action == "cancel_event" else WritingSetting
        yield kind(server, calendar, tools, tool, CASES[action])
        server.remove(calendar)

    return make


def lying(server: CalendarServer, action: str) -> Callable[[], AbstractAsyncContextManager[LyingSetting]]:
    @asynccontextmanager
    async def make() -> AsyncIterator[LyingSetting]:
        async with FaultyServer(server.url, slow=0.02) as proxy, case(server, action, proxy.url)() as honest:
            (find,) = (each for each in honest.tools if each.manifest.effect == "read")
            yield LyingSetting(server, honest.calendar, honest.tools, honest.tool, honest.arguments, proxy, find)

    return make


@pytest.fixture(scope="module")
def honest(server: CalendarServer) -> dict[str, Honest]:
    return {action: Honest(case(server, action)) for action in LIED_TO}


@pytest.mark.parametrize("action", LIED_TO)
@pytest.mark.parametrize("name", LIES)
async def test_a_lying_server_is_never_believed(
    server: CalendarServer, honest: dict[str, Honest], action: str, name: str
) -> None:
    await check(LIE + name, lying(server, action), honest[action])


@pytest.mark.parametrize("action", [name for name in WRITING if name != "cancel_event"])
@pytest.mark.parametrize("name", check_names("write"))
async def test_writing_tools_keep_their_promises(server: CalendarServer, action: str, name: str) -> None:
    await check(name, case(server, action))


@pytest.mark.parametrize("name", check_names("write", once=False))
async def test_cancelling_keeps_its_promises(server: CalendarServer, name: str) -> None:
    await check(name, case(server, "cancel_event"))


@pytest.mark.parametrize("name", check_names("read"))
async def test_finding_keeps_its_promises(server: CalendarServer, name: str) -> None:
    await check(name, case(server, "find_events"))
