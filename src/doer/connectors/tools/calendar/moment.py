"""Times of events: RFC 3339 with an offset, or a plain date for a whole day; naive times are refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

from doer.domain.errors import Permanent

Moment: TypeAlias = "datetime | date"


def moment(text: object, what: str) -> Moment:
    """Return the aware time or the date that `text` says. Raises Permanent for naive and impossible ones."""
    if not isinstance(text, str):
        raise Permanent(f"{what} must be text, not {type(text).__name__}")
    try:
        found = datetime.fromisoformat(text.strip()) if len(text.strip()) > 10 else date.fromisoformat(text.strip())
    except ValueError as wrong:
        raise Permanent(
            f"{what} {text[:60]!r} is not a time: write 2026-10-05T09:00:00+02:00, or 2026-10-05"
        ) from wrong
    if isinstance(found, datetime) and found.utcoffset() is None:
        raise Permanent(f"{what} {text[:60]!r} has no time zone: write its offset, as in 2026-10-05T09:00:00+02:00")
    if not 1900 <= found.year <= 2200:
        raise Permanent(f"{what} {text[:60]!r} is not in the years 1900 to 2200")
    return found


def zone(name: str) -> ZoneInfo:
    """Return the zone of that IANA name. Raises Permanent when there is none."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError) as wrong:  # ZoneInfoNotFoundError is a KeyError
        raise Permanent(f"{name[:60]!r} is not a time zone; write an IANA name such as Europe/Berlin") from wrong


def in_zone(when: Moment, name: str | None) -> Moment:
    """Return the same instant on the clocks of the zone; in UTC without one.

    The second of two equal hours in autumn stays in UTC: a local time with TZID means the first (RFC 5545 §3.3.5).
    """
    if not isinstance(when, datetime):
        return when
    if name is None or name == "UTC":
        return when.astimezone(UTC)
    local = when.astimezone(zone(name))
    return when.astimezone(UTC) if local.fold else local


def as_kept(when: Moment, other: Moment) -> Moment:
    """Return the same instant on the clocks that `other` is kept in."""
    if isinstance(when, datetime) and isinstance(other, datetime) and other.tzinfo is not None:
        local = when.astimezone(other.tzinfo)
        return when.astimezone(UTC) if local.fold else local
    return when


def zone_name(when: Moment) -> str | None:
    """Return the IANA name that a time is kept in; None for dates, and for times that float."""
    if not isinstance(when, datetime) or when.tzinfo is None:
        return None
    key = getattr(when.tzinfo, "key", None)
    return key if isinstance(key, str) else ("UTC" if not when.utcoffset() else str(when.tzinfo))


def instant(when: Moment) -> datetime:
    """Return the moment in UTC, to compare and to order; dates and floating times as if they were in UTC."""
    if not isinstance(when, datetime):
        return datetime(when.year, when.month, when.day, tzinfo=UTC)
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)


def later(when: Moment, by: timedelta) -> Moment:
    """Return the moment that is `by` later in real time, on the same clocks."""
    if not isinstance(when, datetime) or when.tzinfo is None:
        return when + by
    return (when.astimezone(UTC) + by).astimezone(when.tzinfo)
