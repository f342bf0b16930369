"""Payloads spoilt with knowledge of their form: JSON (SCIM patches too) and iCalendar halved, renamed, altered, echoed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TypeAlias

Json: TypeAlias = "None | bool | int | float | str | list[Json] | dict[str, Json]"

_IDENTITY = frozenset(
    {"schemas", "id", "meta", "userName", "displayName", "externalId", "uid", "key", "version", "etag"}
)
_NAMES = ("userName", "id", "uid", "name", "displayName")
_KEPT_LINES = re.compile(r"(BEGIN|END|VERSION|PRODID|UID|DTSTAMP|DTSTART|TZ|RRULE)", re.IGNORECASE)
SUFFIX = "-2"


def as_json(body: bytes) -> Json:
    """Return the body as JSON; None when it is something else."""
    try:
        parsed: Json = json.loads(body)
    except ValueError:
        return None
    return parsed


def halved(body: bytes) -> bytes | None:
    """Return the body with half of its fields or lines lost; None when nothing of it would be left."""
    parsed = as_json(body)
    if isinstance(parsed, dict):
        half = _half_of_patch(parsed) if isinstance(parsed.get("Operations"), list) else _half_of_record(parsed)
        return None if half is None else json.dumps(half).encode()
    if body.lstrip().upper().startswith(b"BEGIN:VCALENDAR"):
        return _half_of_calendar(body)
    lines = body.splitlines(keepends=True)
    half_body = b"".join(lines[: len(lines) // 2]) if len(lines) > 1 else body[: len(body) // 2]
    return half_body or None


def _half_of_record(record: Mapping[str, Json]) -> dict[str, Json] | None:
    losable = [name for name in record if name not in _IDENTITY]
    lost = set(losable[len(losable) // 2 :])
    return {name: value for name, value in record.items() if name not in lost} if lost else None


def _half_of_patch(patch: Mapping[str, Json]) -> dict[str, Json] | None:
    operations = patch["Operations"]
    if not isinstance(operations, list) or not operations:
        return None
    if len(operations) > 1:
        return {**patch, "Operations": operations[: len(operations) // 2]}
    only = operations[0]
    if not isinstance(only, dict):
        return None
    value = only.get("value")
    if isinstance(value, list | dict) and len(value) > 1:
        kept: Json = (
            value[: len(value) // 2] if isinstance(value, list) else dict(list(value.items())[: len(value) // 2])
        )
        return {**patch, "Operations": [{**only, "value": kept}]}
    return None


def _half_of_calendar(body: bytes) -> bytes:
    """Lose every second property that a server can do without; what is left is still a calendar object (RFC 5545)."""
    unfolded = re.sub(rb"\r?\n[ \t]", b"", body).decode("utf-8", "replace").splitlines()
    losable = [number for number, line in enumerate(unfolded) if line and not _KEPT_LINES.match(line)]
    lost = set(losable[::2])
    return "".join(f"{line}\r\n" for number, line in enumerate(unfolded) if number not in lost).encode()


def renamed(body: bytes) -> bytes:
    """Return the body with another identity: a second record comes of it, not the same once more."""
    parsed = as_json(body)
    if isinstance(parsed, dict):
        name = next((each for each in _NAMES if isinstance(parsed.get(each), str)), None)
        return body if name is None else json.dumps({**parsed, name: f"{parsed[name]}{SUFFIX}"}).encode()
    return re.sub(rb"(?mi)^(UID:[^\r\n]+)", rb"\g<1>" + SUFFIX.encode(), body)


def renamed_path(path: str) -> str:
    """Return the path of another record beside this one: `/a/b.ics` becomes `/a/b-2.ics`."""
    stem, dot, extension = path.rpartition(".")
    has_extension = bool(dot) and "/" not in extension and len(extension) <= 4
    return f"{stem}{SUFFIX}.{extension}" if has_extension else f"{path}{SUFFIX}"


def altered(body: bytes) -> bytes | None:
    """Return a record with one text of it changed; None when it has none that could be."""
    parsed = as_json(body)
    if isinstance(parsed, dict):
        texts = [name for name, value in parsed.items() if isinstance(value, str) and name not in _IDENTITY]
        if texts:
            return json.dumps({**parsed, texts[-1]: f"{parsed[texts[-1]]} (altered)"}).encode()
        if isinstance(parsed.get("displayName"), str):
            return json.dumps({**parsed, "displayName": f"{parsed['displayName']} (altered)"}).encode()
        return None
    changed, times = re.subn(rb"(?mi)^(SUMMARY[^:\r\n]*:[^\r\n]*)", rb"\g<1> (altered)", body)
    return changed if times else None


def echoed(sent: bytes, answered: bytes) -> bytes:
    """Return the server's answer as it would read if all that was sent had been taken."""
    original, told = as_json(sent), as_json(answered)
    if not isinstance(original, dict) or not isinstance(told, dict) or "Operations" in original:
        return answered
    return json.dumps({**told, **original}).encode()
