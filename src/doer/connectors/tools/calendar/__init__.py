"""Calendars over CalDAV (RFC 4791): find, create, repeat, move, change and cancel events, each with all four verbs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urljoin

from doer.connectors.tools.calendar import manifests, wish
from doer.connectors.tools.calendar.agenda import Agenda, system_time
from doer.connectors.tools.calendar.caldav import Collection
from doer.connectors.tools.calendar.finding import FindEvents
from doer.connectors.tools.calendar.moment import zone as zone_of
from doer.connectors.tools.calendar.vevent import Event
from doer.connectors.tools.calendar.writing import EventTool
from doer.domain.ports import Credential, Tool
from doer.domain.value import JsonObject

__all__ = ["calendar_tools"]


def calendar_tools(  # noqa: PLR0913 - a connection's settings, all by name
    name: str,
    url: str,
    *,
    calendar: str,
    username: str | None = None,
    password: Credential | None = None,
    timeout: float = 10.0,
    owner: str | None = None,
    zone: str | None = None,
    now: Callable[[], datetime] = system_time,
) -> list[Tool]:
    """Return the tools of one calendar; nothing is asked of the server yet.

    `password` is asked for whenever the server is spoken to. `url` is the server's address and `calendar` the path (or whole address) of one calendar on it; `timeout` in seconds
    for each wait; `owner` the mail address that invites, who is not mailed; `zone` the IANA zone in which new events are
    kept, UTC without one. Raises Permanent for an unknown zone.
    """
    if zone is not None:
        zone_of(zone)
    address = urljoin(url.rstrip("/") + "/", calendar).rstrip("/") + "/"
    agenda = Agenda(
        name, Collection(address, username, password, timeout, name), owner.lower() if owner else None, zone, now
    )
    return [
        FindEvents(agenda, manifests.find_events(name)),
        EventTool(agenda, manifests.create_event(name)),
        EventTool(agenda, manifests.create_series(name), make=wish.new_series),
        EventTool(agenda, manifests.move_event(name), _moved),
        EventTool(agenda, manifests.change_event(name), wish.changed),
        EventTool(agenda, manifests.cancel_event(name), _cancelled),
    ]


def _moved(_agenda: Agenda, event: Event, arguments: JsonObject) -> Event:
    return wish.moved(event, arguments)


def _cancelled(_agenda: Agenda, _event: Event, _arguments: JsonObject) -> None:
    return None
