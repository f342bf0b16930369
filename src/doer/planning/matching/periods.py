"""Periods: days and spans of days about which a question is asked; what has been lies before now."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from doer.domain.goal import Option
from doer.domain.value import Json
from doer.intent.labels import day_label
from doer.intent.mention import Mention
from doer.planning.matching.clocks import behind
from doer.planning.skills.slots import SlotSpec

_LIMIT = re.compile(r"\b(?P<limit>since|after|before|until|till|up to)\s+(?:the\s+|last\s+)?$", re.IGNORECASE)
_YEAR = re.compile(r"\b\d{4}\b")
_BARE_DAY = re.compile(r"(?:on\s+)?(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?", re.IGNORECASE)
_WAS = re.compile(r"\b(?:was|were|did|had|went|last|past|ago)\b", re.IGNORECASE)


def limit_before(text: str, place: int) -> tuple[str, int]:
    """Return the word before a period that opens it on one side, `since` or `before`, and where it begins; else nothing."""
    found = _LIMIT.search(text, 0, place)
    return (found["limit"].lower(), found.start()) if found else ("", place)


def opened(options: Sequence[Option], limit: str) -> tuple[Option, ...]:
    """Return periods as the word before them bounds them: `since` and `after` have no end, `before` and `until` no start."""
    return tuple(Option(f"{limit} {each.label}", _opened(each.value, limit)) for each in options)


def _opened(value: Json, limit: str) -> Json:
    assert isinstance(value, Mapping)
    start, end = (date.fromisoformat(str(value[each])) for each in ("start", "end"))
    match limit:
        case "since":
            return {"start": start.isoformat(), "end": None}
        case "after":
            return {"start": (end + timedelta(days=1)).isoformat(), "end": None}
        case "before":
            return {"start": None, "end": (start - timedelta(days=1)).isoformat()}
        case _:
            return {"start": None, "end": end.isoformat()}


def spanned(spec: SlotSpec, ends: Sequence[Json], today: date, text: str) -> Mapping[str, str] | None:
    """Return the period from the first of two to the last; of what has been, without a year, not one that is to come."""
    days = [
        date.fromisoformat(str(each[name]))
        for each, name in zip(ends, ("start", "end"), strict=False)
        if isinstance(each, Mapping)
    ]
    if len(days) == 2 and spec.past and days[0] > today and not _YEAR.search(text):
        from dateutil.relativedelta import relativedelta

        days = [each - relativedelta(years=1) if each > today else each for each in days]
    if len(days) != 2 or days[0] > days[1]:
        return None
    return {"start": days[0].isoformat(), "end": days[1].isoformat()}


def periods(spec: SlotSpec, mention: Mention, options: Sequence[Option], today: date, text: str) -> tuple[Option, ...]:
    """Return the ways to read a mention as a period. A bare weekday is the last one as well as the next one; of what is
    recorded when it happens (`past`), only what has begun is kept; of what lies ahead (`coming`), only the next weekday.
    """
    found = list(options)
    coming = spec.coming and not _WAS.search(text)
    if not coming and mention.kind == "date" and _BARE_DAY.fullmatch(mention.text.strip()):
        days = [day - timedelta(days=7) for day in map(_start, options) if day is not None and day > today]
        found = [*(Option(day_label(day), _one(day)) for day in days), *found]
    if coming:  # `in December`, said in November, is not the last one
        found = [each for each in found if (day := _end(each)) is None or day >= today] or found
    begun = [each for each in found if (day := _start(each)) is not None and day <= today]
    if spec.past and not begun and mention.kind == "date":  # `the 16th`, said on the 10th, is that of last month
        told = tuple(Option(each.label, str(day)) for each in found if (day := _start(each)) is not None)
        earlier = behind(mention, told, today)
        begun = [
            Option(each.label, _one(day)) for each in earlier if (day := date.fromisoformat(str(each.value))) <= today
        ]
    unique = {str(each.value): each for each in (begun if spec.past and begun else found)}
    return tuple(unique.values())


def _start(option: Option) -> date | None:
    value = option.value
    start = value.get("start") if isinstance(value, Mapping) else None
    return date.fromisoformat(start) if isinstance(start, str) else None


def _end(option: Option) -> date | None:
    end = option.value.get("end") if isinstance(option.value, Mapping) else None
    return date.fromisoformat(end) if isinstance(end, str) else None


def _one(day: date) -> Mapping[str, str]:
    return {"start": day.isoformat(), "end": day.isoformat()}
