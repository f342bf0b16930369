"""Reminders and schedules: what one is, and how it is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from doer.domain.value import Json, JsonObject

Kind = Literal["reminder", "schedule"]

NOT_RUNNING = "saved, but not yet running: nothing here acts on a time yet, so it will not go off by itself"
"""Said wherever one is shown, until there is a host for triggers."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """One reminder (a text for a person) or schedule (a goal for doer)."""

    kind: Kind
    text: str
    at: str
    """The first time, RFC 3339, with the offset of the zone."""
    zone: str
    """IANA name of the zone whose clocks it keeps."""
    rule: str = ""
    """How it repeats, as the value of an RFC 5545 RRULE; empty: once."""

    @property
    def state(self) -> dict[str, Json]:
        """As shown in a change."""
        return {
            "kind": self.kind,
            "text": self.text,
            "at": self.at,
            "zone": self.zone,
            "rule": self.rule or None,
            "running": False,
        }

    @property
    def first(self) -> datetime:
        """The first time, aware."""
        return datetime.fromisoformat(self.at)


def reminder_of(state: Json) -> Reminder | None:
    """Return the reminder that a change's state describes; None for none."""
    match state:
        case {"kind": "reminder" | "schedule" as kind, "text": str(text), "at": str(at), "zone": str(zone)}:
            rule = state.get("rule") if isinstance(state, Mapping) else None
            return Reminder(kind, text, at, zone, rule if isinstance(rule, str) else "")
        case _:
            return None


def told(identity: str, reminder: Reminder) -> JsonObject:
    """Return a result: the reminder with its id."""
    return {"id": identity, **reminder.state}
