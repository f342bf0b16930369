"""Relative changes: `raise the price of product MUG-2 by 10 percent` says `to 13.75`, by what the row holds now, exactly."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Final

from doer.domain.known import KnownColumn
from doer.domain.value import JsonObject
from doer.intent.text import stem, words
from doer.planning.derived.ground import GroundTable
from doer.planning.derived.table_patterns import PRICES, STOCKS, last_word
from doer.planning.words.nouns import phrase
from doer.planning.words.reword import Part, Reworded

_N: Final = r"(?P<n>\d+(?:[.,]\d{1,2})?)(?![\d.,]*\d)"
_UNIT: Final = r"(?P<unit>\s*(?:%|percent|per cent|pieces?|units?)(?!\w))?"
_UP: Final = "raise|increase|lift|bump up|bump|put up"
_DOWN: Final = "lower|reduce|decrease|cut|drop|bring down"
_BY = re.compile(
    rf"\bby\s+{_N}{_UNIT}(?!\s*(?:[€$£]|euros?\b|eur\b|dollars?\b|pounds?\b|francs?\b|usd\b|gbp\b))", re.IGNORECASE
)
_VERB = re.compile(rf"\b(?:(?P<up>{_UP})|(?P<down>{_DOWN}))\b", re.IGNORECASE)
_DEARER = re.compile(
    rf"^(?P<lead>\W*(?:please\s+)?)make\s+(?P<row>.+?)\s+{_N}{_UNIT}\s+(?:(?P<up>more expensive|dearer)|(?P<down>cheaper|less expensive))(?P<end>[\s.!]*)$",
    re.IGNORECASE,
)
_PUT = re.compile(
    rf"\b(?:(?P<up>add)\s+{_N}{_UNIT}\s+to|(?P<down>take|subtract|deduct)\s+{_N.replace('<n>', '<m>')}{_UNIT.replace('<unit>', '<u>')}\s+(?:off|from))(?=\s+the\b)",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"\badd (?P<n>\d+) (?P<what>(?!more\b)[a-z][\w'-]*(?: [\w'-]+){0,2}?)(?P<to> to the [a-z]+)(?! of\b)(?=[\s.,!]|$)",
    re.IGNORECASE,
)
_NUMERIC: Final = frozenset({"integer", "decimal"})


def counted(text: str) -> Reworded | None:
    """Return `add 40 mugs to the stock` as it is said of a row: `add 40 to the stock of mugs`; None where it is not said so."""
    found = _COUNTED.search(text)
    if found is None:
        return None
    parts: Sequence[Part] = (
        (0, found.end("n")), found.span("to"), " of ", found.span("what"), (found.end(), len(text)),
    )  # fmt: skip
    return Reworded.of(text).made(parts)


def absolute(text: str, ground: GroundTable, row: JsonObject) -> Sequence[Part] | None:
    """Return the parts of a sentence about one row that says what a number shall be; None where it says no change of one."""
    if found := _DEARER.match(text):
        prices = [each for each in ground.others if each.kind in _NUMERIC and last_word(each) in PRICES]
        value = _changed(prices, row, found["n"], found["unit"], up=bool(found["up"]))
        told = f"set the {phrase(prices[0].name)} of " if value else ""
        return value and (found.span("lead"), told, found.span("row"), f" to {value}", found.span("end"))
    columns = _columns(text, ground)
    if found := _PUT.search(text):
        value = _changed(columns, row, found["n"] or found["m"], found["unit"] or found["u"], up=bool(found["up"]))
        return value and ((0, found.start()), "set", (found.end(), len(text)), f" to {value}")
    by, verb = list(_BY.finditer(text)), list(_VERB.finditer(text))
    if len(by) != 1 or len(verb) != 1:
        return None
    value = _changed(columns, row, by[0]["n"], by[0]["unit"], up=bool(verb[0]["up"]))
    return value and ((0, by[0].start()), f"to {value}", (by[0].end(), len(text)))


def _columns(text: str, ground: GroundTable) -> list[KnownColumn]:
    """The columns of numbers that are named, and are more than a key."""
    said = {each.stem for each in words(text)}
    numbers = (each for each in ground.others if each.kind in _NUMERIC and not each.name.endswith("_id"))
    return [each for each in numbers if {stem(part) for part in phrase(each.name).split(" ")} <= said]


def _changed(columns: Sequence[KnownColumn], row: JsonObject, by: str, unit: str | None, *, up: bool) -> str | None:
    """The new value, with as many places as the old one; None where it is not plain which, or is no such number."""
    if len(columns) != 1:
        return None
    share = (unit or "").strip().lower() in {"%", "percent", "per cent"}
    pieces = (unit or "").strip().lower().rstrip("s") in {"piece", "unit"}
    if pieces and last_word(columns[0]) not in STOCKS:
        return None
    try:
        old, change = Decimal(str(row[columns[0].name])), Decimal(by.replace(",", "."))
    except (InvalidOperation, KeyError):
        return None
    new = old + (old * change / 100 if share else change) * (1 if up else -1)
    rounded = new.quantize(old if columns[0].kind == "decimal" else Decimal(1), ROUND_HALF_UP)
    exact = rounded == new or (share and columns[0].kind == "decimal")
    return str(rounded) if exact and rounded >= 0 else None
