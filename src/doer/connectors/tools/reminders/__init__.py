"""Reminders and schedules: saved and shown, and plainly said not to be running until something acts on their times."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from doer.connectors.tools.reminders import manifests, plans
from doer.connectors.tools.reminders.tool import Place, ReminderList, ReminderTool
from doer.domain.errors import UsageError
from doer.domain.ports import Tool

__all__ = ["reminder_tools"]


def _now() -> datetime:
    return datetime.now(UTC)


def reminder_tools(name: str, folder: Path, zone: str, now: Callable[[], datetime] = _now) -> Sequence[Tool]:
    """Return the tools of the reminders kept in `folder`, in one SQLite file `reminders.db`, made when first written.

    `zone`: IANA name; what repeats keeps the clocks there. Raises UsageError for a zone that is none.
    """
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as unknown:
        raise UsageError(f"unknown time zone {zone!r}: use an IANA name such as Europe/Berlin") from unknown
    place = Place(name, folder, zone, now)
    return (
        ReminderTool(manifests.create_reminder(name), plans.create_reminder, place),
        ReminderTool(manifests.create_schedule(name), plans.create_schedule, place),
        ReminderTool(manifests.change_reminder(name), plans.change_reminder, place),
        ReminderTool(manifests.remove_reminder(name), plans.remove_reminder, place),
        ReminderList(manifests.list_reminders(name), place),
    )
