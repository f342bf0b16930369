"""Beside: the words next to a number or a code that say which parameter it is of: `8 g of 9 karat`, `latitude 34.05`, `in 5 throws`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from doer.intent.text import stem, word_set
from doer.planning.action.sense import words_of_name

NAMED: Final = 1.5
"""What it is worth, in log odds, that a word beside a number is one of its parameter's name, or of another one's."""
_AFTER: Final = re.compile(r"(?:\s|\s?-)?(?P<word>°?[A-Za-zµΩ]+|%)")
_BEFORE: Final = re.compile(
    r"(?P<word>[A-Za-z]+)(?:\s+(?:of|is|was|are|be|being|at|as|to|equals?|about|set to)|\s*[:=#])?\s+[$€£(\"'“‘]{0,2}$"
)
_COUNTED: Final = re.compile(r"\d[\s-]?$")
_VALUE: Final = re.compile(r"[-+$€£]?\d")
_UNITS: Final[Mapping[str, str]] = {
    each: named
    for named, written in {
        "gram": "g gr", "kilogram": "kg kilo", "milligram": "mg", "pound": "lb lbs", "ounce": "oz", "ton": "t tonne",
        "meter": "m metre", "centimeter": "cm centimetre", "millimeter": "mm millimetre", "kilometer": "km kilometre",
        "foot": "ft feet", "inch": "in", "mile": "mi", "second": "s sec", "minute": "min mins", "hour": "h hr hrs",
        "millisecond": "ms", "liter": "l litre", "milliliter": "ml millilitre", "hertz": "hz", "kilohertz": "khz", "megahertz": "mhz",
        "watt": "w", "kilowatt": "kw", "volt": "v", "ampere": "a amp", "percent": "% percentage pct", "celsius": "c °c",
        "fahrenheit": "f °f", "pixel": "px", "gigabyte": "gb", "megabyte": "mb", "euro": "€ eur", "dollar": "$ usd",
    }.items()
    for each in written.split()
}  # fmt: skip
_EMPTY: Final = word_set("""
    number value id name first second amount count total in of the a an to for by at on with and or per from is as result data type num
    """)
"""Words of names that say nothing of what a number is."""


def beside(names: Sequence[str], place: int, text: str, span: tuple[int, int]) -> float:
    """Return how much likelier a number or a code of the text is as a value of the parameter at `place` for the words beside it.

    A word that more than one parameter is called by says nothing; nor do words on its two sides that say different things.
    """
    start, end = span
    if not _VALUE.match(text, start, end):
        return 0.0
    before = _BEFORE.search(text, max(0, start - 32), start)
    if before is not None and _COUNTED.search(text, 0, before.start()):
        before = None  # `g` of `8 g of 9 karat` is of the 8
    found = before, _AFTER.match(text, end)
    said = [_owner(names, each["word"]) for each in found if each is not None]
    owners = {each for each in said if each is not None}
    if len(owners) != 1:
        return 0.0
    return NAMED if place in owners else -NAMED


def _owner(names: Sequence[str], word: str) -> int | None:
    """The one parameter that is called by the word."""
    told = _plain(word, alone=False)
    if not told or told in _EMPTY:
        return None
    owners = [place for place, name in enumerate(names) if told in _telling(name)]
    return owners[0] if len(owners) == 1 else None


@lru_cache(maxsize=2048)
def _telling(name: str) -> frozenset[str]:
    words = words_of_name(name)
    told = words[: words.index("per")] if "per" in words else words  # `price_per_gram` is no gram
    return frozenset(_plain(each, alone=len(words) == 1) for each in told if each not in _EMPTY)


def _plain(word: str, *, alone: bool) -> str:
    """A word without its ending; a unit as it is called in full: `kg`, though not a letter that is all of a name."""
    low = word.lower()
    return stem(_UNITS.get(low, low)) if len(low) > 1 or not alone else low
