"""Times of day and durations in words and digits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from doer.intent.labels import moment_label
from doer.intent.mention import Kind, Mention, Reading
from doer.intent.numbers import WORD_NUMBERS

_HOURS = {name: value for name, value in WORD_NUMBERS.items() if 1 <= value <= 12}
_HOUR_WORDS = "|".join(_HOURS)
_DAY_NAMES = "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
_WHOLE = "|".join(WORD_NUMBERS)
_COUNT = (
    rf"(?:(?:\d+|{_WHOLE})\s+and\s+a\s+half|(?:three\s+quarters|(?:a\s+)?quarter)\s+of\s+an|\d+(?:[.,]\d+)?|an?|half\s+(?:of\s+)?an?"
    rf"|{_WHOLE})"
)
_HALF = r"(?P<half>a\.?m\.?|p\.?m\.?)(?![a-z])"
_CLOCK = re.compile(
    rf"(?<![\w.,:/])(?:(?P<at>at|from|by|until|till|around|about|@)\s+)?(?:"
    rf"(?P<h>\d{{1,2}})(?P<sep>[:.h])(?P<m>\d{{2}})(?::00)?(?![\d/:]|[.,]\d)(?:\s?{_HALF})?"
    rf"|(?P<h2>\d{{1,2}}|{_HOUR_WORDS})\s?{_HALF.replace('half', 'half2')}"
    rf"|(?P<h3>\d{{1,2}}|{_HOUR_WORDS})\s?o['’]?clock"
    rf"|(?P<h4>\d{{1,2}})\s?(?:h|hrs|Uhr)\b"
    rf")",
    re.IGNORECASE,
)
_BARE = re.compile(
    rf"\b(?:at|from)\s+(?P<h>\d{{1,2}}|{_HOUR_WORDS})(?=\s*(?:$|[,;:.!?)](?!\d)|on\b|to\b|tomorrow\b"
    r"|today\b|and\b|for\b|until\b|till\b|with\b|about\b|that\b|then\b|every\b|each\b|instead\b|next\b|this\b|sharp\b|please\b"
    rf"|remind\b|tonight\b|at\s+night\b|(?:{_DAY_NAMES})\b|in\s+the\s+(?:morning|afternoon|evening)\b))",
    re.IGNORECASE,
)
_EACH = re.compile(
    rf"\b(?:every|each)\s+(?:(?:single|working)\s+)?(?:day|weekday|workday|week|month|morning|afternoon|evening|{_DAY_NAMES})\s+"
    rf"(?:at|from)\s+(?P<h>\d{{1,2}}|{_HOUR_WORDS})(?!\s?[ap]\.?m\b)(?=\s+[A-Za-z])",
    re.IGNORECASE,
)
"""`every weekday at 7 check the inbox`: of what repeats, whatever follows."""
_FROM_NOW = re.compile(
    r"\bin\s+(?P<n>{count})[\s-]*(?P<unit>minutes?|mins?|hours?|hrs?|h)\b(?:['’]s?\s+time\b)?"
    r"(?:\s+and\s+(?:a\s+(?P<plushalf>half)|(?P<n2>\d+)\s*(?:minutes?|mins?)))?(?!\s+(?:blocks?|steps?|slots?|chunks?|intervals?)\b)"
    r"|\b(?P<n3>{count})[\s-]*(?P<unit3>minutes?|mins?|hours?|hrs?|h)\s+from\s+now\b".replace("{count}", _COUNT),
    re.IGNORECASE,
)
_PARTS: Mapping[str, range] = {
    "morning": range(1, 12),
    "afternoon": range(1, 8),
    "evening": range(4, 12),
    "night": range(6, 12),
}
"""Parts of the day, with the hours on a clock face that each has once."""
_PART_BEFORE = re.compile(
    r"\b(?:(?P<part>morning|afternoon|evening|night)|(?P<tonight>tonight))(?:,?\s+(?:at|from|by|around))?\s+$",
    re.IGNORECASE,
)
_EVERY = re.compile(r"\b(?:every|each)\s+$", re.IGNORECASE)
"""`every morning at 8`: the morning belongs to how it repeats, and still tells which 8 is meant."""
_PART_AFTER = re.compile(
    rf"\s+(?:(?P<part>(?:in\s+the|at)\s+(?:morning|afternoon|evening|night))|tonight|this\s+(?:morning|afternoon|evening)"
    rf"|(?:on\s+)?(?:tomorrow|today|{_DAY_NAMES})\s+(?:morning|afternoon|evening|night))\b",
    re.IGNORECASE,
)
_RANGE = re.compile(
    r"\b(?:(?:from|between)\s+)?(?P<a>\d{1,2}(?::\d{2})?)\s?(?P<ah>am|pm)?\s*(?:-|–|to|until|till|and)\s*"
    r"(?P<b>\d{1,2}(?::\d{2})?)(?:\s?(?P<bh>am|pm)\b|\s+in\s+the\s+(?P<part>morning|afternoon|evening)\b)",
    re.IGNORECASE,
)
_QUARTER = re.compile(
    rf"\b(?:at\s+)?(?P<part>half past|quarter past|quarter to)\s+(?P<h>\d{{1,2}}|{_HOUR_WORDS})(?:\s?{_HALF})?",
    re.IGNORECASE,
)
_NAMED = re.compile(r"\b(?:at\s+)?(?P<name>noon|midday|midnight)\b", re.IGNORECASE)
_STAMP = re.compile(
    r"(?<![\w-])(?P<day>\d{4}-\d{2}-\d{2})(?P<by>[T ])(?P<clock>\d{2}:\d{2}(?::\d{2})?)(?P<offset>Z|[+-]\d{2}:\d{2})?(?![\w:])"
)
_LENGTH = re.compile(
    rf"\b(?:(?P<n>{_COUNT})[\s-]*(?P<unit>minutes?|mins?|hours?|hrs?|h|days?|weeks?|months?|years?)"
    rf"(?:\s+and\s+(?:a\s+(?P<plushalf>half)|(?P<n2>\d+)\s*(?P<unit2>minutes?|mins?)))?)\b",
    re.IGNORECASE,
)


def find(text: str) -> Iterator[Mention]:
    """Yield times; `at 3` and `3:30` may be morning or afternoon and have two readings, `15:00` and `03:30` one."""
    for found in _RANGE.finditer(text):
        yield from _range(found)
    for found in _CLOCK.finditer(text):
        if "." in (found.group("sep") or "") and not _dotted_time(found):
            continue  # 19.99 is a number
        if hour := next((found.group(name) for name in ("h", "h2", "h3", "h4") if found.group(name)), ""):
            half = found.group("half") or found.group("half2") or ""
            start = found.end("at") if found.group("at") else found.start()
            start += len(text[start : found.end()]) - len(text[start : found.end()].lstrip())
            plain = bool(found.group("h4")) and int(hour) > 0
            span, told = _part_of_day(text, (start, found.end()), _hour(hour))
            if not half and told:
                yield _time(text, span, hour, found.group("m") or "00", told, plain=plain)
                continue
            yield _time(text, (start, found.end()), hour, found.group("m") or "00", half, plain=plain)
    for found in _QUARTER.finditer(text):
        yield _quarter(text, found)
    for found in (*_BARE.finditer(text), *_EACH.finditer(text)):
        span, half = _part_of_day(text, (found.start("h"), found.end()), _hour(found.group("h")))
        yield _time(text, (span[0], max(span[1], found.end("h"))), found.group("h"), "00", half, plain=False)
    for found in _NAMED.finditer(text):
        value = "00:00" if found.group("name").lower() == "midnight" else "12:00"
        yield Mention("time", found.start("name"), found.end(), found.group("name"), (Reading(value, value),))


def _part_of_day(text: str, span: tuple[int, int], hour: int) -> tuple[tuple[int, int], str]:
    """The half of the day that words beside a time tell, and the span with those that belong to nothing else.

    Nothing for what a part of the day does not have (`14:00 in the afternoon`), or has twice (`tonight at 2`).
    """
    before, after = _PART_BEFORE.search(text, 0, span[0]), _PART_AFTER.match(text, span[1])
    told = before or after
    part = next((each for each in _PARTS if told is not None and each in told.group().lower()), "")
    if told is None or hour not in _PARTS[part]:
        return span, ""
    half = "am" if part == "morning" else "pm"
    if before is not None:
        own = before.group("part") and not _EVERY.search(text, 0, before.start("part"))
        return (before.start("part") if own else span[0], span[1]), half
    return (span[0], told.end() if told.group("part") else span[1]), half


def _dotted_time(found: re.Match[str]) -> bool:
    """`at 14.30` and `2.30 pm` are times; `19.99`, `at 14.30 EUR` are not."""
    after = found.string[found.end() : found.end() + 5].strip().lower()
    if found.group("half") or after.startswith("uhr"):
        return True
    money = re.match(r"[€$£]|[a-z]{3}\b|%", after)
    return (
        bool(found.group("at"))
        and int(found.group("m")) < 60
        and not (money and not after.startswith(("on", "and", "for")))
    )


def stamps(text: str, zone: str) -> Iterator[Mention]:
    """Yield moments written as in ISO 8601; one without an offset is of the zone, and left to date and time without a `T`."""
    for found in _STAMP.finditer(text):
        if not found["offset"] and (found["by"] == " "):
            continue
        try:
            if found["offset"]:
                values = [datetime.fromisoformat(found.group())]
            else:
                values = [*join(found["day"], found["clock"], zone)]
        except ValueError:
            values = []
        told = "" if values else f"there is no {found.group()}"
        readings = tuple(Reading(each.isoformat(), found.group()) for each in values)
        yield Mention("datetime", *found.span(), found.group(), readings, problem=told)


def moments(text: str, said: datetime) -> Iterator[Mention]:
    """Yield moments told by the time until then: `in two hours`, `45 minutes from now`; `said` is on the clocks of the zone.

    They are to the minute, and reckoned in elapsed time, also where the clocks change in between.
    """
    for found in _FROM_NOW.finditer(text):
        count = _count((found.group("n") or found.group("n3")).lower()) + (0.5 if found.group("plushalf") else 0.0)
        hours = (found.group("unit") or found.group("unit3")).lower().startswith("h")
        minutes = count * (60 if hours else 1) + int(found.group("n2") or 0)
        then = said.astimezone(UTC) + timedelta(minutes=minutes)
        at = then.astimezone(said.tzinfo).replace(second=0, microsecond=0)
        label = moment_label(at)
        yield Mention("datetime", found.start(), found.end(), found.group(), (Reading(at.isoformat(), label),))


def _range(found: re.Match[str]) -> Iterator[Mention]:
    last = found.group("bh") or ("am" if found.group("part").lower() == "morning" else "pm")
    hour = int(found.group("a").split(":")[0])
    # "11 to 1pm" begins in the morning, "3 to 4pm" in the afternoon.
    wraps = hour > int(found.group("b").split(":")[0]) and hour != 12
    first = found.group("ah") or ({"pm": "am", "am": "pm"}[last.lower()] if wraps else last)
    for name, half in (("a", first), ("b", last)):
        hours, _, minutes = found.group(name).partition(":")
        end = found.end("part") if name == "b" and found.group("part") else found.end(name)
        yield _time(found.string, (found.start(name), end), hours, minutes or "00", half, plain=False)


def _quarter(text: str, found: re.Match[str]) -> Mention:
    hour = _hour(found.group("h"))
    part = found.group("part").lower()
    minutes = {"half past": 30, "quarter past": 15, "quarter to": 45}[part]
    hour = hour - 1 if part == "quarter to" else hour
    start = found.start("part")
    span, told = _part_of_day(text, (start, found.end()), hour or 12)
    half = found.group("half") or ""
    return _time(text, (start, found.end()) if half else span, str(hour or 12), str(minutes), half or told, plain=False)


def _hour(word: str) -> int:
    return _HOURS.get(word.lower()) or int(word)


def _time(text: str, span: tuple[int, int], hour: str, minute: str, half: str, *, plain: bool) -> Mention:
    words = text[span[0] : span[1]].strip()
    hours, minutes = _hour(hour), int(minute)
    hours_ok = 1 <= hours <= 12 if half else 0 <= hours <= 24
    if not hours_ok or minutes > 59 or (hours == 24 and minutes):
        return Mention("time", *span, words, (), problem=f"there is no time of day {words!r}")
    if half:
        options = [hours % 12 + (12 if half.lower().startswith("p") else 0)]
    elif plain or hours == 0 or hours > 12 or (len(hour) == 2 and hour.startswith("0")):
        options = [hours % 24]
    elif ":" in words and hours >= 7:
        options = [hours]
    else:
        # Nobody can tell 3 in the morning from 3 in the afternoon; working hours come first among the options.
        options = sorted({hours % 12, hours % 12 + 12}, key=lambda each: not 7 <= each < 19)
    return Mention("time", *span, words, tuple(Reading(_clock(h, minutes), _clock(h, minutes)) for h in options))


def _clock(hour: int, minute: int) -> str:
    return f"{hour:02d}:{minute:02d}"


def durations(text: str) -> Iterator[Mention]:
    """Yield durations as ISO 8601: `90 min` PT90M, `half an hour` PT30M, `two weeks` P14D, `3 months` P3M."""
    for found in _LENGTH.finditer(text):
        number, unit = found.group("n").lower(), found.group("unit").lower()
        if unit == "h" and not number[0].isdigit():
            continue
        count = _count(number)
        extra = 0.5 if found.group("plushalf") else 0.0
        minutes = int(found.group("n2") or 0)
        yield _length(found, count + extra, unit, minutes)


def _count(word: str) -> float:
    if word.startswith("half"):
        return 0.5
    if "quarter" in word:
        return 0.75 if word.startswith("three") else 0.25
    if word.endswith("half"):
        return _count(word.split(maxsplit=1)[0]) + 0.5
    if word in {"a", "an"}:
        return 1.0
    return float(WORD_NUMBERS[word]) if word in WORD_NUMBERS else float(word.replace(",", "."))


def _length(found: re.Match[str], count: float, unit: str, more: int) -> Mention:
    kind: Kind = "duration"
    if unit[0] in "hm" and not unit.startswith("mo"):
        minutes = count * (60 if unit[0] == "h" else 1) + more
        value = f"PT{minutes:g}M"
    elif unit[0] in "dw":
        value = f"P{count * (7 if unit[0] == 'w' else 1):g}D"
    else:
        value = f"P{count:g}{unit[0].upper()}"
    return Mention(kind, found.start(), found.end(), found.group(), (Reading(value, found.group()),))


def join(day: str, clock: str, zone: str) -> tuple[datetime, ...]:
    """Return the moments that a wall-clock time on a day can be: none in a gap of the zone, two where it is repeated."""
    local = datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=ZoneInfo(zone))
    later = local.replace(fold=1)
    if local.utcoffset() == later.utcoffset():
        return (local,)
    back = (local.astimezone(ZoneInfo("UTC")) + timedelta(0)).astimezone(ZoneInfo(zone))
    return (local, later) if back.replace(tzinfo=None) == local.replace(tzinfo=None) else ()
