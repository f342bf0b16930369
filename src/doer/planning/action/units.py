"""Units: a length of time as the number that a parameter counts in: `two weeks` is 14 where days are asked for."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

_UNIT: Final = r"(?P<unit>second|sec|minute|min|hour|hr|day|week|month|year)s?"
_NAMED: Final = re.compile(rf"(?:^|[\W_]){_UNIT}$", re.IGNORECASE)
_TOLD: Final = re.compile(
    rf"\b(?:in|number of|amount of|how many|as|unit:?|count of)\s+(?:whole |full |calendar )?{_UNIT}\b|\({_UNIT.replace('unit', 'aside')}\)",
    re.IGNORECASE,
)
_ISO: Final = re.compile(
    r"P(?:(?P<years>[\d.]+)Y)?(?:(?P<months>[\d.]+)M)?(?:(?P<days>[\d.]+)D)?"
    r"(?:T(?:(?P<hours>[\d.]+)H)?(?:(?P<minutes>[\d.]+)M)?(?:(?P<seconds>[\d.]+)S)?)?"
)
_SECONDS: Final = {
    "second": 1, "sec": 1, "minute": 60, "min": 60, "hour": 3600, "hr": 3600, "day": 86400, "week": 604800,
}  # fmt: skip
_MONTHS: Final = {"month": 1, "year": 12}
UNITS: Final = (*_SECONDS, *_MONTHS)
"""What a length can be measured in."""


def counted_in(name: str, described: str) -> str:
    """Return the unit that a parameter counts in, as far as its name and description say; else nothing."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    found = _NAMED.search(spaced) or _TOLD.search(described)
    if found is None:
        return ""
    return str(next(each for each in found.groupdict().values() if each)).lower()


def measured(length: str, unit: str) -> Decimal | None:
    """Return an ISO 8601 duration in the unit; None where that would change its meaning (months have no number of days)."""
    found = _ISO.fullmatch(length)
    if found is None or not any(found.groups()):
        return None
    told = {name: Decimal(value) for name, value in found.groupdict().items() if value}
    if set(told) <= {"years", "months"}:
        months = told.get("years", Decimal(0)) * 12 + told.get("months", Decimal(0))
        return months / _MONTHS[unit] if unit in _MONTHS else None
    if set(told) & {"years", "months"} or unit not in _SECONDS:
        return None
    sizes = {"days": 86400, "hours": 3600, "minutes": 60, "seconds": 1}
    return sum((value * sizes[name] for name, value in told.items()), Decimal(0)) / _SECONDS[unit]
