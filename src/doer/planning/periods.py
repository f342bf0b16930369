"""Periods: days and spans of days about which a question is asked; what has been lies before now."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from doer.domain.goal import Option
from doer.intent import Mention
from doer.planning.slots import SlotSpec

_BARE_DAY = re.compile(r"(?:on\s+)?(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?", re.IGNORECASE)
_WAS = re.compile(r"\b(?:was|were|did|had|went|last|past|ago)\b", re.IGNORECASE)


def periods(spec: SlotSpec, mention: Mention, options: Sequence[Option], today: date, text: str) -> tuple[Option, ...]:
    """Return the ways to read a mention as a period. A bare weekday is the last one as well as the next one; of what is
    recorded when it happens (`past`), only what has begun is kept; of what lies ahead (`coming`), only the next weekday.
    """
    found = list(options)
    coming = spec.coming and not _WAS.search(text)
    if not coming and mention.kind == "date" and _BARE_DAY.fullmatch(mention.text.strip()):
        days = [day - timedelta(days=7) for day in map(_start, options) if day is not None and day > today]
        found = [*(Option(f"{day:%A} {day.day} {day:%B %Y}", _one(day)) for day in days), *found]
    begun = [each for each in found if (day := _start(each)) is not None and day <= today]
    unique = {str(each.value): each for each in (begun if spec.past and begun else found)}
    return tuple(unique.values())


def _start(option: Option) -> date | None:
    value = option.value
    start = value.get("start") if isinstance(value, Mapping) else None
    return date.fromisoformat(start) if isinstance(start, str) else None


def _one(day: date) -> Mapping[str, str]:
    return {"start": day.isoformat(), "end": day.isoformat()}
