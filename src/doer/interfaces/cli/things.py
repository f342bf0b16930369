"""Things: what a person calls a resource; the resource itself always stands beside it, because that is what is approved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import unquote

from doer.domain.action import Change
from doer.domain.value import Json
from doer.planning.words.nouns import TableWords

_LONGEST = 60


def called(change: Change) -> str:
    """Return what a person calls the resource: `ticket 4812`, `“Standup”, 22 Nov 10:00`; nothing where its name says it."""
    scheme, _, place = change.resource.partition(":")
    match scheme:
        case "sql":
            return _row(place)
        case "scim":
            kind = "group" if "/Groups/" in place else "account of"
            return f"{kind} {_said(change, 'display_name', 'user_name') or unquote(place.rpartition('/')[2])}"
        case "caldav":
            title = _said(change, "title", "summary")
            return f"“{title}”{_moment(change)}" if title else ""
        case "reminder":
            text = _said(change, "text", "title")
            return f"reminder “{text}”{_moment(change)}" if text else ""
        case "imap":
            subject = _said(change, "subject")
            return f"mail “{subject}”" if subject else ""
        case _:
            return ""


def _row(place: str) -> str:
    parts = place.split("/", 2)
    if len(parts) < 3 or not parts[2]:
        return ""
    return f"{TableWords.of(parts[1]).one} {unquote(parts[2])}"


def _said(change: Change, *names: str) -> str:
    """Return the first of these fields, as it was before where it was: a thing is known by the name that it has now."""
    for state in (change.before, change.after):
        if isinstance(state, Mapping):
            for name in names:
                value: Json = state.get(name)
                if isinstance(value, str) and value:
                    return value if len(value) <= _LONGEST else f"{value[: _LONGEST - 1]}…"
    return ""


def _moment(change: Change) -> str:
    told = _said(change, "start", "at", "due")
    try:
        at = datetime.fromisoformat(told)
    except ValueError:
        return ""
    return f", {at.day} {at:%b}" + (f" {at:%H:%M}" if len(told) > len("2026-11-21") else "")
