"""Sense: what makes an assignment likelier than the network's scores alone say: kinds of names, and ends that come after beginnings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from doer.domain.value import Json
from doer.intent.codes import Table, code
from doer.intent.text import word_set
from doer.planning.action.options import called
from doer.planning.words.nouns import phrase

KIND: Final = 1.5
"""What it is worth, in log odds, that words are in the table of what their parameter is called, or that they are not."""
DISORDER: Final = 3.0
"""What it costs to end before beginning."""
_TABLES: Final = {
    "country": "country",
    "nation": "country",
    "language": "language",
    "lang": "language",
    "currency": "currency",
}
LED: Final = 2.0
"""What it is worth that `from` or `to` stands before words whose parameter is called so, or the other one."""
SAID: Final = 1.0
"""What it is worth that a choice is said as it is listed."""
SHOWN: Final = 2.0
"""What it is worth that words are among the examples of a description."""
_EXAMPLES: Final = re.compile(r"\b(?:e\.g\.?|for example|such as|like),?\s*([^()]{2,200})", re.IGNORECASE)
_SIDES: Final = {
    **dict.fromkeys(
        word_set("from origin source departure depart departing start starting pickup begin beginning"), "from"
    ),
    **dict.fromkeys(word_set("to destination target arrival arrive end ending dropoff"), "to"),
}
_LEADS: Final = re.compile(r"(?:\b(?P<word>from|to|into|between|and|until|till)\s+(?:the\s+)?)$", re.IGNORECASE)
_PLACES: Final = word_set("city town state province region district street address village")
COMMON: Final = word_set("id path ok status count name message result results data type success title description")
"""Names that results of all kinds have: they say nothing of what they are."""
_FIRST: Final = {
    "start": ("end", "finish", "stop"), "from": ("to", "until", "till"), "begin": ("end",), "min": ("max",), "minimum": ("maximum",),
    "lower": ("upper",), "low": ("high",), "lowest": ("highest",), "since": ("until",), "earliest": ("latest",),
    "departure": ("return",), "depart": ("return",), "in": ("out",), "checkin": ("checkout",), "open": ("close",), "after": ("before",),
    "starting": ("ending",), "beginning": ("ending", "end"), "first": ("last",),
}  # fmt: skip
_ORDERED: Final = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d.*)?|\d\d:\d\d(?::\d\d)?")


def words_of_name(name: str) -> tuple[str, ...]:
    """Return the words of a parameter's name, without the objects that it is in."""
    return tuple(phrase(name.rsplit(".", 1)[-1]).split())


def likelier(name: str, words: str) -> float:
    """Return how much likelier the words are as a value of this parameter for being, or not being, in a table of names."""
    said = words_of_name(name)
    table = next((_TABLES[each] for each in said if each in _TABLES), "")
    if table and "code" not in said and said[-1] in _TABLES:
        return KIND if _known(words, table) else -KIND
    return -KIND if said and said[-1] in _PLACES and _known(words, "country") else 0.0


def shown(described: str, text: str, span: tuple[int, int]) -> float:
    """Return how much likelier words of a text are for being an example that the description shows: `(e.g., beginner, advanced)`."""
    words = text[span[0] : span[1]].casefold()
    more = re.match(r"-\d", text[span[1] : span[1] + 2])  # `top` of `top-20`
    return SHOWN if len(words) > 1 and words in _shown_in(described) and not more else 0.0


@lru_cache(maxsize=2048)
def _shown_in(described: str) -> frozenset[str]:
    found = _EXAMPLES.search(described)
    parts = re.split(r",|;|/|\bor\b|\band\b", found[1]) if found else ()
    return frozenset(each.strip(" '\"`.").casefold() for each in parts)


def led(name: str, text: str, start: int) -> float:
    """Return how much likelier words at a place of the text are as a value of this parameter for what stands before them.

    `from Paris to Rome`, `between Paris and Rome`: the first is where it begins, the second where it ends.
    """
    wanted = next((_SIDES[each] for each in words_of_name(name) if each in _SIDES), "")
    found = _LEADS.search(text, max(0, start - 16), start) if wanted else None
    if found is None:
        return 0.0
    word = found["word"].lower()
    if word == "and" and not re.search(r"\bbetween\b[^.?!]*$", text[: found.start()], re.IGNORECASE):
        return 0.0
    side = "from" if word in ("from", "between") else "to"
    return LED if side == wanted else -LED


def between(text: str, first: tuple[int, int], last: tuple[int, int]) -> bool:
    """Tell whether two words or numbers are said as two ends: `between v1.8 and v1.9`, `from 2 to 9`."""
    joint = text[first[1] : last[0]].strip(" \"'“”‘’").lower()
    before = text[: first[0]].rstrip(" \"'“”‘’").lower()
    return (joint == "and" and before.endswith("between")) or (joint == "to" and before.endswith("from"))


def said_so(choice: Json, text: str, described: str = "") -> float:
    """Return how much likelier a choice is for being said, word for word, or as the description says what it stands for."""
    if not isinstance(choice, str) or not choice.strip():
        return 0.0
    return SAID if any(_stands(each, text) for each in (choice.strip(), called(choice, described)) if each) else 0.0


def _stands(words: str, text: str) -> bool:
    spaced = r"[\s_-]+".join(map(re.escape, re.split(r"[\s_-]+", words)))
    return re.search(rf"(?<![\w'’]){spaced}(?!\w)", text, re.IGNORECASE) is not None


def _known(words: str, table: str) -> bool:
    wanted: Table = "country" if table == "country" else "language" if table == "language" else "currency"
    return code(words, wanted) is not None


def pairs(names: Sequence[str]) -> dict[int, int]:
    """Return, for the place of each name that begins something, the place of the one that ends it."""
    told = [(name.rpartition(".")[0], words_of_name(name)) for name in names]
    places = {each: place for place, each in enumerate(told)}
    found = dict[int, int]()
    for place, (within, words) in enumerate(told):
        for at, word in enumerate(words):
            for other in _FIRST.get(word, ()):
                partner = places.get((within, (*words[:at], other, *words[at + 1 :])))
                if partner is not None:
                    found[place] = partner
    return found


def disordered(first: Json, last: Json) -> bool:
    """Tell whether two values are of one kind that has an order, and the first comes after the last."""
    if isinstance(first, bool) or isinstance(last, bool):
        return False
    if isinstance(first, int | float) and isinstance(last, int | float):
        return first > last
    if not (isinstance(first, str) and isinstance(last, str)):
        return False
    ordered = _ORDERED.fullmatch(first) and _ORDERED.fullmatch(last) and len(first) == len(last)
    return bool(ordered) and (first > last if len(first) > 8 else False)
