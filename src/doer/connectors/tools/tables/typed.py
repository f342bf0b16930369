"""Values compared by what they mean where both sides can be read so: numbers, dates, true and false; else as texts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Literal, TypeAlias

from doer.domain.errors import Permanent
from doer.domain.value import Json

Kind: TypeAlias = Literal["empty", "number", "boolean", "day", "moment", "text"]

# No leading zeros: 007 is a name, not the number 7. No signs of thousands: 1,234 and 1.234 can be read in two ways.
_NUMBER = re.compile(r"[+-]?(?:0|[1-9]\d{0,40})(?:\.\d{1,40})?(?:[eE][+-]?\d{1,2})?")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*")

_NO_MOMENT = datetime(1, 1, 1)  # noqa: DTZ001 - a wall clock's midnight, as cells have it


@dataclass(frozen=True, slots=True)
class Typed:
    """A value as it is compared."""

    kind: Kind
    number: Decimal = Decimal(0)
    moment: datetime = _NO_MOMENT
    text: str = ""


def number_of(text: str) -> Decimal | None:
    """Return the number that a text is, written as JSON does (or with a plus); else None."""
    bare = text.strip()
    return Decimal(bare) if _NUMBER.fullmatch(bare) else None


def typed(value: Json) -> Typed:
    """Return what a value means."""
    if value is None or value == "":
        return Typed("empty")
    if isinstance(value, bool):
        return Typed("boolean", Decimal(value), text=str(value).lower())
    if isinstance(value, int | float):
        return Typed("number", Decimal(str(value)), text=str(value))
    text = str(value)
    bare = text.strip()
    if (number := number_of(bare)) is not None:
        return Typed("number", number, text=text)
    if bare.lower() in ("true", "false"):
        return Typed("boolean", Decimal(bare.lower() == "true"), text=text)
    try:
        if _DAY.fullmatch(bare):
            return Typed("day", moment=datetime.combine(date.fromisoformat(bare), time()), text=text)
        if _MOMENT.fullmatch(bare):
            return Typed("moment", moment=datetime.fromisoformat(bare), text=text)
    except ValueError:
        pass
    return Typed("text", text=text)


def equal(one: Typed, other: Typed) -> bool:
    """Tell whether two values mean the same; a day is the same as every moment in it."""
    if one.kind == other.kind and one.kind in ("number", "boolean"):
        return one.number == other.number
    if "day" in (one.kind, other.kind) and {one.kind, other.kind} <= {"day", "moment"}:
        return one.moment.date() == other.moment.date()
    if one.kind == other.kind == "moment" and _same_clock(one, other):
        return one.moment == other.moment
    return one.text == other.text


def before(one: Typed, other: Typed) -> bool | None:
    """Tell whether one comes before the other; None where they cannot be compared."""
    kinds = {one.kind, other.kind}
    if kinds == {"number"}:
        return one.number < other.number
    if "day" in kinds and kinds <= {"day", "moment"}:
        return one.moment.date() < other.moment.date()
    if kinds == {"moment"} and _same_clock(one, other):
        return one.moment < other.moment
    if kinds == {"text"}:
        return one.text < other.text
    return None


def in_order(cells: Sequence[Json], *, descending: bool) -> list[int]:
    """Return the places of cells, the least first: numbers by value, days and moments by time, texts whatever their case;
    those that are alike as they stood, and the empty ones last either way. Raises Permanent for moments of two clocks.
    """
    read = [typed(each) for each in cells]
    filled = [place for place, each in enumerate(read) if each.kind != "empty"]
    empty = [place for place, each in enumerate(read) if each.kind == "empty"]
    kinds = {read[place].kind for place in filled}
    if kinds <= {"number", "boolean"}:
        return [*sorted(filled, key=lambda place: read[place].number, reverse=descending), *empty]
    if kinds <= {"day", "moment"}:
        if len({read[place].moment.tzinfo is None for place in filled}) > 1:
            raise Permanent("some of these times name a time zone and some do not; they have no order")
        return [*sorted(filled, key=lambda place: read[place].moment, reverse=descending), *empty]
    return [*sorted(filled, key=lambda place: str(cells[place]).casefold(), reverse=descending), *empty]


def _same_clock(one: Typed, other: Typed) -> bool:
    return (one.moment.tzinfo is None) is (other.moment.tzinfo is None)
