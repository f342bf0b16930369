"""Notation: what is written otherwise than in plain words: formulas, codes, texts that are dictated, numbers said as something else."""

from __future__ import annotations

import re
from ast import literal_eval
from collections.abc import Iterator, Sequence
from contextlib import suppress
from decimal import Decimal
from json import dumps, loads
from typing import Final, cast

from doer.domain.value import Json
from doer.intent.dates import MONTHS
from doer.intent.mention import Mention, Reading
from doer.intent.text import word_list

_ORDINALS: Final = word_list("first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth")
_ATOM: Final = r"(?:\w+(?:\.\w+)?)?\((?:[^()]|\([^()]*\)){1,60}\)|\w+(?:\.\w+)?"
_FORMULA: Final = re.compile(rf"-?(?:{_ATOM})(?:\s*(?:\*\*|[<>=]=|[-+*/^=<>])\s*-?(?:{_ATOM})){{1,20}}")
_OF_A_FORMULA: Final = re.compile(r"[\d(^=]")
_DICTATED: Final = re.compile(
    r":\s+|\b(?:saying|says?|write|writes|reading|with the (?:text|note|message|words?|body|comment|description))\b[:,]?\s+(?:that\s+)?",
    re.IGNORECASE,
)
"""What a text follows that goes on to the end."""
_SENTENCE: Final = re.compile(r"[.!?](?=\s)")
_TEXT: Final = 600
_TOKEN: Final = 80
"""Characters, at most, of a text that is dictated, and of what stands between two blanks."""
_SCIENTIFIC: Final = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?[eE][-+]?\d{1,3}\b")
_MEASURED: Final = re.compile(
    r"(?<![\w.,-])(\d[\d,]*(?:\.\d+)?)(?:[kmµc]?[gml]|lbs?|oz|ft|in|mi|mph|kph|[kMGT]B|[kMG]?Hz|[km]?Wh?|px|dpi|ppm|rpm)(?![\w-])"
)
"""A number with its unit beside it: `5g`, `2GB`."""
_ORDINAL: Final = re.compile(rf"\b(?:(\d{{1,9}})(?:st|nd|rd|th)|{'|'.join(_ORDINALS)})\b", re.IGNORECASE)
_MONTH: Final = re.compile(rf"\b(?:{'|'.join(MONTHS)})\b", re.IGNORECASE)
_MONTHS: Final = re.compile(
    rf"\b({'|'.join(MONTHS)})\s+(?:to|through|until|till|and|-)\s+({'|'.join(MONTHS)})\b(?!\s+\d{{1,2}}\b)",
    re.IGNORECASE,
)
"""From one month to another."""
_DAY: Final = re.compile(r"\b\d{1,2}\b")
_YEAR: Final = re.compile(r"\b\d{4}\b")
_LIST: Final = re.compile(
    r"\[(?:[^\[\]\n]|\[(?:[^\[\]\n]|\[[^\[\]\n]*\])*\]){1,2000}\]|\(\s*-?[\d.]+(?:\s*,\s*-?[\d.]+){1,50}\s*\)"
)
"""A list that is written out, three deep at most; a tuple of numbers."""
_ROW: Final = re.compile(
    r"(?<![\w.,/-])-?\d+(?:\.\d+)?(?:,\s+-?\d+(?:\.\d+)?)+,?(?:\s+(?:and|&)\s+-?\d+(?:\.\d+)?|(?<!,))(?![\w/%-]|[.,]\d)"
)
_FEWEST: Final = 3
"""Numbers of a row."""
_PAIR: Final = re.compile(r"(\w+)/(\w+)")
_OPEN: Final = "([{<\"'“‘«"
_CLOSE: Final = ")]}>\"'”’»"


def notations(turn: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of a turn that may be values, and are no runs of words."""
    yield from (each.span() for each in _FORMULA.finditer(turn) if _OF_A_FORMULA.search(each[0]))
    yield from _tokens(turn)
    yield from _dictated(turn)


def literals(text: str, start: int) -> Iterator[tuple[int, int, Json]]:
    """Yield the lists that are written out from a place on: `[1, -2, 1]`, `[[2, 1], [5, 3]]`, `(3, 4)`, each with its place."""
    for found in _LIST.finditer(text, start):
        plain = found[0] if found[0][0] == "[" else f"[{found[0][1:-1]}]"
        with suppress(ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            yield *found.span(), _read(plain)


def rows(text: str, start: int) -> Iterator[tuple[int, int, Json]]:
    """Yield rows of three numbers and more, without a unit, from a place on: `12, 19, 23, 31, 44`, each with its place."""
    for found in _ROW.finditer(text, start):
        numbers_said = [float(each) if "." in each else int(each) for each in re.findall(r"-?\d+(?:\.\d+)?", found[0])]
        if len(numbers_said) >= _FEWEST:
            yield *found.span(), list[Json](numbers_said)


def _read(written: str) -> Json:
    """A list as JSON writes it, or as Python does: in single quotation marks."""
    with suppress(ValueError):
        return cast(Json, loads(written))
    return cast(Json, loads(dumps(literal_eval(written))))


def numbers(turn: str, mentions: Sequence[Mention]) -> Iterator[Mention]:
    """Yield numbers that are said as something else: `1e-9`, `5g`, `the 17th century`, `the third season`, the parts of a date or a month."""
    for found in _SCIENTIFIC.finditer(turn):
        yield _number(found.span(), found[0], str(Decimal(found[0])))
    for found in _MEASURED.finditer(turn):
        yield _number(found.span(1), found[1], found[1].replace(",", ""))
    for found in _ORDINAL.finditer(turn):
        yield _number(found.span(), found[0], found[1] or str(1 + _ORDINALS.index(found[0].lower())))
    for found in _MONTHS.finditer(turn):
        for number in (1, 2):
            yield _number(found.span(number), found[number], str(1 + MONTHS.index(found[number].lower())))
    for each in mentions:
        month = _MONTH.search(turn, each.start, each.end) if each.kind in ("date", "date_range") else None
        if month is not None:
            yield _number(month.span(), month[0], str(1 + MONTHS.index(month[0].lower())))
            part = _DAY if each.kind == "date" else _YEAR
            yield from (_number(here.span(), here[0], here[0]) for here in part.finditer(turn, each.start, each.end))


def _number(span: tuple[int, int], words: str, value: str) -> Mention:
    return Mention("number", *span, words, (Reading(value, words),))


def _tokens(turn: str) -> Iterator[tuple[int, int]]:
    """What stands between two blanks and is no plain word, less the marks around it: `sqrt(x)`, `web:4.18`, `_dmarc`, `EUR/NOK`."""
    for each in re.finditer(r"\S+", turn):
        start, end = each.span()
        while end - start > 1 and (turn[end - 1] in ".,;:!?" or _alone(turn[start:end], turn[end - 1], _CLOSE)):
            end -= 1
        while end - start > 1 and _alone(turn[start:end], turn[start], _OPEN):
            start += 1
        if turn[start:end].isalpha() or len(each[0]) > _TOKEN:
            continue
        yield start, end
        if pair := _PAIR.fullmatch(turn, start, end):
            yield pair.span(1)
            yield pair.span(2)


def _alone(token: str, mark: str, marks: str) -> bool:
    """Tell whether a mark that opens or closes has no partner in the token."""
    if mark not in marks:
        return False
    opens, closes = _OPEN[marks.index(mark)], _CLOSE[marks.index(mark)]
    return token.count(mark) % 2 == 1 if opens == closes else token.count(opens) != token.count(closes)


def _dictated(turn: str) -> Iterator[tuple[int, int]]:
    """What is said to be written, to the end of its sentence and to the end of all, however many words it has."""
    whole = len(turn.rstrip())
    for each in _DICTATED.finditer(turn):
        start = each.end()
        first = _SENTENCE.search(turn, start)
        ends = {whole, *((first.start(), first.end()) if first else ())}
        for end in sorted({*ends, *(end - 1 for end in ends if turn[end - 1] == ".")}):
            if start < end <= start + _TEXT and turn[start].isalnum():
                yield start, end
