"""A cell's JSON form checked against its column's kind, and JSON forms that both dialects share."""

from __future__ import annotations

import base64
import json
import re
import uuid
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import assert_never

from doer.connectors.tools.database.shapes import Column, Kind
from doer.domain.errors import Permanent
from doer.domain.value import Json, digest

BYTES = "$bytes"
"""JSON form of binary: {"$bytes": "base64"}."""
LARGE = 16_384
"""Characters from which on an image shows a cell by its digest."""
_SAFE = 2**53 - 1
_WHOLE = re.compile(r"[+-]?\d{1,4000}")
_ODD_NUMBERS = {"NaN", "Infinity", "-Infinity"}


def wrong(column: Column, value: Json, wanted: str) -> Permanent:
    """Return the error for a value that does not fit its column."""
    shown = json.dumps(value, ensure_ascii=False, default=str)
    shown = shown if len(shown) <= 80 else shown[:77] + "..."
    return Permanent(f"column {column.name} ({column.declared or 'no type'}) takes {wanted}, not {shown}")


def checked(column: Column, value: Json) -> Json:
    """Return a value, never None, in its kind's plain form: numbers as their exact decimal text, the rest as it is.

    Raises Permanent that names the column, what it takes, and the value.
    """
    kind: Kind = column.kind
    match kind:
        case "integer" | "decimal" | "float":
            return _number(column, value)
        case "boolean":
            return value if isinstance(value, bool) else _raise(column, value, "true or false")
        case "text":
            return value if isinstance(value, str) else _raise(column, value, "text")
        case "bytes":
            return base64.b64encode(unpacked(column, value)).decode()
        case "date" | "time" | "timestamp" | "instant":
            return _moment(column, value)
        case "uuid":
            return _uuid(column, value)
        case "json":
            return json.dumps(value, ensure_ascii=False)
        case "array":
            return value if isinstance(value, list | tuple) else _raise(column, value, "a list")
        case "other":
            return value
        case _:
            assert_never(kind)


def check_storable(column: Column, value: Json) -> None:
    """Raise Permanent for text that has no UTF-8 form (a lone surrogate): no database stores it, no journal keeps it."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise Permanent(f"column {column.name}: the value holds characters that no database can store") from None


def unpacked(column: Column, value: Json) -> bytes:
    """Return the bytes of a {"$bytes": "base64"}. Raises Permanent."""
    packed = value.get(BYTES) if isinstance(value, Mapping) and len(value) == 1 else None
    wanted = f'bytes as {{"{BYTES}": "base64"}}'
    if not isinstance(packed, str):
        raise wrong(column, value, wanted)
    try:
        return base64.b64decode(packed, validate=True)
    except ValueError:
        raise wrong(column, value, wanted) from None


def integer(number: int) -> Json:
    """Return it as a number where every JSON reader can hold it, else as a decimal string."""
    return number if abs(number) <= _SAFE else str(number)


def from_json(text: str) -> Json:
    """Return parsed JSON, its big integers as strings, or the text itself where it is not JSON."""
    try:
        parsed: Json = json.loads(text, parse_int=lambda digits: integer(int(digits)), parse_constant=str)
    except ValueError:
        return text
    return parsed


def bounded(shown: Json, raw: str) -> Json:
    """Return what an image shows of a cell: itself, or the digest and size of one that is too large to show."""
    return shown if len(raw) <= LARGE else {"$digest": digest(raw), "characters": len(raw)}


def _number(column: Column, value: Json) -> str:
    wanted = "a whole number" if column.kind == "integer" else "a number"
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise wrong(column, value, wanted)
    text = repr(value) if isinstance(value, float) else str(value).strip()
    if column.kind == "integer":
        if isinstance(value, float) or not _WHOLE.fullmatch(text):
            raise wrong(column, value, wanted)
        return str(int(text))
    if column.kind == "float" and text in _ODD_NUMBERS:
        return text
    try:
        if (number := Decimal(text)).is_finite():
            return format(number, "f") if abs(number.adjusted()) < 400 else str(number)
    except InvalidOperation:
        pass
    raise wrong(column, value, wanted)


def _moment(column: Column, value: Json) -> str:
    wanted = {"date": "a date as 2026-01-31", "time": "a time as 17:30", "timestamp": "a date and time without a time "
              "zone, as 2026-01-31T17:30:00", "instant": "a date and time with its time zone, as "
              "2026-01-31T17:30:00+01:00"}[column.kind]  # fmt: skip
    if not isinstance(value, str):
        raise wrong(column, value, wanted)
    try:
        match column.kind:
            case "date":
                return date.fromisoformat(value).isoformat()
            case "time":
                return time.fromisoformat(value).isoformat()
            case _:
                moment = datetime.fromisoformat(value)
    except ValueError:
        raise wrong(column, value, wanted) from None
    if (moment.tzinfo is not None) != (column.kind == "instant"):
        raise wrong(column, value, wanted)
    return moment.isoformat()


def _uuid(column: Column, value: Json) -> str:
    try:
        return str(uuid.UUID(value)) if isinstance(value, str) else _raise(column, value, "a UUID")
    except ValueError:
        raise wrong(column, value, "a UUID") from None


def _raise(column: Column, value: Json, wanted: str) -> str:
    raise wrong(column, value, wanted)
