"""Labels: how a day and a moment are told to a person, with the weekday, which catches a wrong week at a glance."""

from __future__ import annotations

from datetime import date, datetime


def day_label(day: date) -> str:
    """`Friday 27 November 2026`."""
    return f"{day:%A} {day.day} {day:%B %Y}"


def moment_label(moment: datetime) -> str:
    """`Friday 27 November 2026 08:30`, as the clock stands in the moment's own zone."""
    return f"{day_label(moment)} {moment:%H:%M}"
