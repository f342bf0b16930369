"""Noun phrases that may mean rows of a table: `the dark mode ticket`, `all of Initech's open orders`, `4810 and 4812`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from doer.intent.numbers import WORD_NUMBERS
from doer.intent.text import Word, word_set, words
from doer.planning.derived.ground import GroundTable
from doer.planning.words.conditions import masked
from doer.planning.words.utterance import Span

_DEFINITE: Final = word_set("the that this our my your these those")
_EVERY: Final = word_set("all both every each")
_BREAKS: Final = word_set(
    "a an some any no to into as and or then but with without for in on at of by from not is are was were"
)
"""Words over which a phrase never reaches to its left."""
_LINKS: Final = word_set(
    "of from by for about with on in at called named titled regarding concerning that which who under over above below worth placed opened without"
)
_ENDS: Final = word_set(
    "to into as and or then but should must can could has have please gets goes is are was were be so because if"
)
"""Words that end what stands behind a noun, but where they follow `that`, `which` or `who`."""
_RELATIVE: Final = word_set("that which who whose")
_MOST_BEFORE, _MOST_BEHIND = 6, 7
_NUMBER = r"(?<![\w.,/@-])#?\d{2,}(?![\w/@-]|[.,]\d)"
_KEYS = re.compile(rf"{_NUMBER}(?:(?:\s*,\s*(?:and\s+)?|\s+(?:and|&)\s+){_NUMBER})*")
COUNTS: Final = {name: value for name, value in WORD_NUMBERS.items() if 2 <= value <= 10}
"""How many, said in a word."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that may mean one row or several."""

    span: Span
    ground: GroundTable
    said: tuple[Word, ...]
    """The words that tell which, the noun not among them."""
    asked: str
    """The same words as something that can be asked for: `open orders of Initech`."""
    many: bool
    count: int | None = None
    """How many there must be, where that was said."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Numbers that may be keys of rows, with the noun where one stands before them."""

    span: Span
    numbers: tuple[int, ...]
    noun: str = ""


def keys(text: str) -> Iterator[Keys]:
    """Yield the numbers, or lists of them, that may be keys."""
    plain = masked(text)
    for found in _KEYS.finditer(plain):
        numbers = tuple(int(each) for each in re.findall(r"\d+", found.group()))
        before = re.search(r"(?:\bthe\s+)?\b([^\W\d_]+)\s+(?:numbers?\s+|nos?\.?\s+)?$", plain[: found.start()])
        yield Keys(found.span(), numbers, before[1].lower() if before else "")
        if before:
            yield Keys((before.start(), found.end()), numbers, before[1].lower())


def phrases(text: str, grounds: Sequence[GroundTable]) -> Iterator[Phrase]:
    """Yield the phrases, for each noun those that reach furthest first; never a noun alone, which means all or none."""
    said = words(masked(text))
    for place, word in enumerate(said):
        for ground in grounds:
            one, many = (each.split(" ")[-1] for each in (ground.words.one, ground.words.many))
            if word.lower in {one, many}:
                yield from _around(text, said, place, ground, many=word.lower == many != one)


def _around(text: str, said: Sequence[Word], place: int, ground: GroundTable, *, many: bool) -> Iterator[Phrase]:
    start, first = _start(text, said, place, many=many)
    if start is None:
        return
    every = [each.lower for each in said[start:place] if each.lower in _EVERY]
    narrow = tuple(each for each in said[first:place] if each.lower not in _EVERY | _DEFINITE | {"of"} | COUNTS.keys())
    count = next(
        (COUNTS[each.lower] for each in said[start:place] if each.lower in COUNTS), 2 if "both" in every else None
    )
    several = many or bool(every)
    noun = ground.words.many if several else ground.words.one
    for end in _behind(text, said, place):
        behind = said[place + 1 : end + 1]
        more = tuple(each for each in behind if each.lower not in _LINKS | _DEFINITE | {"is", "are"})
        if not narrow and not more:
            continue
        tail = text[said[place].end : said[end].end]
        asked = " ".join([*(each.text for each in narrow), noun]) + tail
        yield Phrase((said[start].start, said[end].end), ground, (*narrow, *more), asked, several, count)


def _start(text: str, said: Sequence[Word], place: int, *, many: bool) -> tuple[int | None, int]:
    """Where a phrase begins, and the first of its words that narrows; None where nothing tells that certain rows are meant."""
    at = place
    while at > 0 and place - at < _MOST_BEFORE:
        before = said[at - 1]
        if text[before.end : said[at].start].strip(" -") or before.lower in _BREAKS:
            break
        at -= 1
        owner = before.lower.endswith(("'s", "s'"))
        if before.lower in _DEFINITE | _EVERY or owner:
            return _reach(text, said, at), at
    # `close dark mode ticket`: said in haste, after the first word of the request.
    hasty = not many and 0 < at < place and at <= 2 and not text[: said[at].start].strip(" ").count(",")
    return (1, 1) if hasty and place > 1 else (None, at)


def _reach(text: str, said: Sequence[Word], at: int) -> int:
    """Where `all of the …` begins, of which `the` was found."""
    while (
        at > 0
        and said[at - 1].lower in _EVERY | _DEFINITE | {"of"}
        and not text[said[at - 1].end : said[at].start].strip()
    ):
        if said[at - 1].lower == "of" and (at < 2 or said[at - 2].lower not in _EVERY):
            break
        at -= 1
    return at


def _behind(text: str, said: Sequence[Word], place: int) -> list[int]:
    """The last words of what may belong to the noun behind it, the furthest first; the noun itself is the last of them."""
    found = [place]
    for at in range(place + 1, min(len(said), place + 1 + _MOST_BEHIND)):
        word, before = said[at], said[at - 1]
        if text[before.end : word.start].strip(" -"):
            break
        if at == place + 1 and word.lower not in _LINKS:
            break
        if word.lower in _ENDS and said[place + 1].lower not in _RELATIVE:
            break
        if word.lower not in _LINKS | _DEFINITE:
            found.append(at)
    return found[::-1]
