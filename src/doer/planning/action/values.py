"""Values for arguments: the words of a span, read as the type that the parameter wants; None where they cannot be."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Final

from doer.domain.value import Json, JsonObject
from doer.intent.codes import Table, code
from doer.intent.mention import Mention
from doer.planning.action.forms import date_form, has_clock, has_day, is_written_as, written_as
from doer.planning.action.periods import first_or_last, month_of
from doer.planning.action.schema import BESIDE_ZONE, listed_choices, shape
from doer.planning.action.sense import words_of_name
from doer.planning.action.units import counted_in, measured
from doer.planning.schema import mapping, problems
from doer.planning.words.nouns import phrase

_NUMBER: Final = re.compile(r"-?\d[\d,]*(?:\.\d+)?|-?\.\d+")
_CLOCK: Final = re.compile(r"hh:mm|%H:%M|24[- ]hour", re.IGNORECASE)
_STAMP: Final = re.compile(r"hh:mm:ss|%H:%M:%S|date[- ]?time|\d\d:\d\d:\d\d", re.IGNORECASE)
_CODED: Final[Mapping[Table, re.Pattern[str]]] = {
    "country": re.compile(
        r"country[ _]?code|iso[ -]?3166|alpha-?[23] code|two-letter country|\b(?:iso|code)\b.{0,30}\bcountry",
        re.IGNORECASE,
    ),
    "language": re.compile(
        r"language[ _]?code|lang[ _]?code|iso[ -]?639|\b(?:iso|code)\b.{0,30}\blanguage", re.IGNORECASE
    ),
    "currency": re.compile(
        r"currency[ _]?code|iso[ -]?4217|three-letter currency|\b(?:iso|code)\b.{0,30}\bcurrency|currency.*\b(?:USD|EUR)\b",
        re.IGNORECASE,
    ),
}
_WEEKDAY: Final = re.compile(r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?", re.IGNORECASE)
_DATED: Final = re.compile(r"date|YYYY|%Y|\d{4}", re.IGNORECASE)
"""What tells that a day is wanted as a date: where nothing does, `Wednesday` is a day of every week."""
_ABBREVIATED: Final = re.compile(r"\b(?:Inc|Ltd|Corp|Co|Bros|Jr|Sr|(?:[A-Z]\.)+[A-Z]|Ph\.D)$")
_YEARS: Final = re.compile(r"(?<![\w./-])(?:1[5-9]|20)\d\d(?![\w/-])")
_LOCAL: Final = re.compile(r"\blocal (?:date|time)|\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?![\d:.Z+-])", re.IGNORECASE)
"""What tells that a moment is wanted without its offset."""
_OFFSET: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)")
"""A moment that is written as RFC 3339 wants it: it stays as it is."""
_FIGURES: Final = re.compile(r"\d[\d/. :T-]*\d")
_EXAMPLES: Final = re.compile(r"\b(?:e\.g\.?|for example|such as|like),?\s*([^()]{2,200})", re.IGNORECASE)
_COMMAS: Final = re.compile(
    r"comma[- ](?:separated|delimited)|(?:separated|delimited) (?:by|with) (?:a )?commas?", re.IGNORECASE
)
_CLOSE: Final = re.compile(r"['\"`(]\w+,\w+")
"""Of an example whose commas have no blank after them."""
_SEVERAL: Final = re.compile(r"\s*,\s*(?:(?:and|or)\s+)?|\s+(?:and|or|&)\s+")
_WIDER: Final = 4
"""Words of a span that may say more than the choice that it names."""
_CODE: Final = re.compile(r"[A-Z]{2,3}|[a-z]{2}(?:[-_][A-Za-z]{2})?")
_PERCENT: Final = re.compile(r"\s*(?:%|per ?cent\b)", re.IGNORECASE)
_SHARE: Final = re.compile(r"decimal|fraction|\b0\.\d|between 0 and 1", re.IGNORECASE)


def read_value(
    words: str, after: str, mention: Mention | None, name: str, schema: JsonObject, whole: Mention | None = None
) -> Json:
    """Return the value, valid for the schema; None where the words have none.

    `after` is what follows the words; `whole` the mention that they are a part of: the moment of a date, the length of a number.
    """
    kind = shape(name, schema)
    value: Json
    match kind:
        case "integer" | "number":
            unit = counted_in(name, str(schema.get("description", "")))
            value = _number(words, after, mention, schema, _length(mention, whole), unit)
        case "date":
            weekly = _WEEKDAY.fullmatch(words) and not _DATED.search(f"{name} {schema.get('description', '')}")
            value = words if weekly and "format" not in schema else _date(words, mention, schema, whole, name)
        case "time":
            value = _time(words, mention, schema, whole, name)
        case _:
            told = str(schema.get("description", ""))
            value = _separated(_shown(_part(name, _ended(_text(words, mention), after)), told), told)
            if value is not None and (table := _table(name, schema)) is not None:
                value = code(value, table) or (value if _CODE.fullmatch(value) else None)
    if value is None:
        return None
    listed = listed_choices(schema)
    if listed:
        value = _choice(str(value), listed)
    return None if value is None or next(problems(value, schema), None) is not None else value


def _choice(words: str, listed: Sequence[Json]) -> Json:
    """The one choice that the words name: as it is, in other forms of its words, or by some of them; a range by a number in it."""
    exact = [each for each in listed if str(each).casefold() == words.casefold()]
    if exact:
        return exact[0]
    said = _stems(words)
    same = [each for each in listed if _stems(str(each)) == said]
    part = [each for each in listed if said and said < _stems(str(each))]
    more = [each for each in listed if (stems := _stems(str(each))) and stems < said and len(said) <= _WIDER]
    return next((found[0] for found in (same, part, more) if len(found) == 1), None) if said else None


def _stems(words: str) -> frozenset[str]:
    """Words without endings: `averageScore` and `average scores` are alike."""
    return frozenset(re.sub(r"(?:ies|es|e|s|y)$", "", each) or each for each in phrase(words).split())


def _table(name: str, schema: JsonObject) -> Table | None:
    """Which codes the parameter takes, as far as its name and description say."""
    told = f"{name} {schema.get('description', '')}"
    return next((table for table, pattern in _CODED.items() if pattern.search(told)), None)


def item_schema(schema: JsonObject) -> JsonObject:
    """Return what one item of a list is, with the list's description."""
    inner = mapping(schema.get("items"))
    return {"description": schema.get("description", ""), **inner} if inner else {"type": "string"}


def _text(words: str, mention: Mention | None) -> str | None:
    if mention is not None and mention.kind == "quoted" and isinstance(mention.value, str):
        return mention.value.strip().rstrip(",")
    return words.strip().strip("\"'“”‘’") or None


def _ended(words: str | None, after: str) -> str | None:
    """A name that ends with an abbreviation has its full stop: `XYZ Inc.`."""
    return f"{words}." if words and after.startswith(".") and _ABBREVIATED.search(words) else words


def _part(name: str, words: str | None) -> str | None:
    """Of a month or a day with its year what is asked for, where that is the year."""
    years = _YEARS.findall(words) if words and words_of_name(name)[-1:] == ("year",) else []
    return years[0] if len(years) == 1 else words


def _shown(words: str | None, described: str) -> str | None:
    """The singular where the description has it among its examples: `horses` for `(e.g., dog, horse)`."""
    if words is None or not words.lower().endswith("s") or (found := _EXAMPLES.search(described)) is None:
        return words
    shown = {each.strip(" '\"`.").lower() for each in re.split(r",|;| or | and ", found[1])}
    folded = words.lower()
    stems = (folded[:-1], folded[:-2], f"{folded[:-3]}y" if folded.endswith("ies") else "")
    kept = next((stem for stem in stems if stem in shown), "") if folded not in shown else ""
    if not kept:
        return words
    return words[: len(kept)] if folded.startswith(kept) else f"{words[:-3]}y"


def _separated(words: str | None, described: str) -> str | None:
    """Several with commas between them, and nothing else, where the description wants them so: `gym,pool` for `gym and pool`."""
    if words is None or not _COMMAS.search(described):
        return words
    parts = [each for each in _SEVERAL.split(words) if each]
    return ("," if _CLOSE.search(described) else ", ").join(parts)


def _number(
    words: str, after: str, mention: Mention | None, schema: JsonObject, length: Mention | None, unit: str
) -> int | float | None:
    """The number; of a length of time how many of the unit, where one is asked for: none where that would change its meaning."""
    found = measured(str(length.value), unit) if length is not None and unit else _decimal(words, mention)
    if found is None:
        return None
    if _PERCENT.match(after) and _SHARE.search(str(schema.get("description", ""))):
        found /= 100
    if schema.get("type") == "integer":
        return int(found) if found == found.to_integral_value() else None
    return int(found) if found == found.to_integral_value() else float(found)


def _length(mention: Mention | None, whole: Mention | None) -> Mention | None:
    return next(
        (each for each in (mention, whole) if each is not None and each.kind == "duration" and each.plain), None
    )


def _decimal(words: str, mention: Mention | None) -> Decimal | None:
    if mention is not None and (quantity := mention.quantity) is not None:
        told = str(quantity)
    else:
        digits = _NUMBER.findall(words)
        if len(digits) != 1:
            return None
        told = digits[0].replace(",", "")
    try:
        number = Decimal(str(told))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < 2**53 else None


def _date(words: str, mention: Mention | None, schema: JsonObject, whole: Mention | None, name: str) -> str | None:
    """A day as YYYY-MM-DD; with the clock where the schema asks for it; of a period its first day or its last."""
    told = f"{schema.get('description', '')} {schema.get('format', '')}"
    form = date_form(told)
    if form and is_written_as(form, words):
        return words
    if mention is None or mention.kind not in ("date", "datetime"):
        return _undated(words, mention, schema, form, name)
    if not mention.plain:
        return None  # two ways to read it: that is a question, not a value
    clock = has_clock(form) or _STAMP.search(told)
    if clock and whole is not None and whole.plain and whole.kind == "datetime":
        mention = whole
    value = str(mention.value)
    if schema.get("format") == "date-time":
        if mention.kind != "datetime":
            return None
        local = schema.get(BESIDE_ZONE) or _LOCAL.search(told)
        return words if _OFFSET.fullmatch(words) else value[:19] if local else value
    if form:
        return written_as(form, value)
    if mention.kind == "datetime":
        return f"{value[:10]} {value[11:19]}" if clock else value[:10]
    return value


def _undated(words: str, mention: Mention | None, schema: JsonObject, form: str, name: str) -> str | None:
    """What is no day that the rules know: an end of a period where days are wanted, else the words, where these may be a date."""
    strict = schema.get("format") in ("date", "date-time") or has_day(form)
    if strict and not has_clock(form) and schema.get("format") != "date-time":
        day = first_or_last(name, words, mention)
        if day is not None:
            return written_as(form or "%Y-%m-%d", day)
    if form and not has_day(form) and (month := month_of(words, mention)) is not None:
        return written_as(form, month)
    return None if strict and not _FIGURES.fullmatch(words) else _text(words, mention)


def _time(words: str, mention: Mention | None, schema: JsonObject, whole: Mention | None, name: str) -> str | None:
    told = f"{schema.get('description', '')} {schema.get('format', '')}"
    form = date_form(told)
    if _STAMP.search(told) or has_clock(form):
        if mention is not None and mention.kind in ("date", "datetime"):
            return _date(words, mention, schema, whole, name)
        if mention is not None and mention.kind == "time" and whole is not None and whole.plain:
            return written_as(form or "%Y-%m-%d %H:%M:%S", str(whole.value))
        return None if has_day(form) and not _FIGURES.fullmatch(words) else _text(words, mention)
    if mention is not None and mention.plain and mention.kind in ("time", "datetime") and _CLOCK.search(told):
        value = str(mention.value)
        return value[11:16] if mention.kind == "datetime" else value
    return _text(words, mention)
