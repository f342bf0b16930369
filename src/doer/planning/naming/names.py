"""Names in a goal that one row alone has: `Globex`, `the office chair`, `our lamps`; whole, or the greater part of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from doer.intent.text import Word, word_set, words
from doer.intent.vocabulary import FUNCTION_WORDS
from doer.planning.derived.ground import GroundTable
from doer.planning.naming.rows import Reading
from doer.planning.words.conditions import masked
from doer.planning.words.utterance import Span

_ARTICLES: Final = word_set("the our my")
_LONGEST: Final = 8
"""Words of a name from which on it is a sentence, in which things are only mentioned."""


@dataclass(frozen=True, slots=True)
class Name:
    """Words that are the name of one row."""

    span: Span
    ground: GroundTable
    key: str | int
    owned: str = ""
    """`'s` where the words end with it."""


@dataclass(frozen=True, slots=True)
class _Called:
    ground: GroundTable
    key: str | int
    stems: tuple[str, ...]


async def names(text: str, reading: Reading) -> Sequence[Name]:
    """Return the names that one row of all tables has alone, those that say most first."""
    called = [each for ground in reading.grounds for each in await _called(ground, reading)]
    of_one: dict[tuple[str, ...], set[int]] = {}
    for place, each in enumerate(called):
        for run in _runs(each.stems):
            of_one.setdefault(run, set()).add(place)
    sure = {run: called[min(places)] for run, places in of_one.items() if len(places) == 1}
    whole = {each.stems: each for each in called if sum(one.stems == each.stems for one in called) == 1}
    return _found(text, {**sure, **whole})


async def _called(ground: GroundTable, reading: Reading) -> Sequence[_Called]:
    key, found = ground.table.primary[0], list[_Called]()
    columns = ground.naming
    for row in await reading.of(ground) if columns else ():
        for column in columns:
            text, own = row.get(column), row.get(key)
            if not isinstance(text, str) or "@" in text or not isinstance(own, str | int):
                continue
            stems = tuple(each.stem for each in words(text))
            if 0 < len(stems) <= _LONGEST and any(len(each) > 1 for each in stems):
                found.append(_Called(ground, own, stems))
    return found


def _runs(stems: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the runs of words that stand for a whole name: at least half of it, and no small words at their ends."""
    for start in range(len(stems)):
        for end in range(start + 1, len(stems) + 1):
            run = stems[start:end]
            if 2 * len(run) >= len(stems) and not {run[0], run[-1]} & FUNCTION_WORDS:
                yield run


def _found(text: str, called: Mapping[tuple[str, ...], _Called]) -> Sequence[Name]:
    said, found = words(masked(text)), list[tuple[int, Name]]()
    taken: set[int] = set()
    for length in range(_LONGEST, 0, -1):
        for start in range(len(said) - length + 1):
            run = said[start : start + length]
            each = called.get(tuple(word.stem for word in run))
            places = set(range(start, start + length))
            if each is None or places & taken or not _together(text, run):
                continue
            taken |= places
            first = _first(text, said, start, each.ground)
            owned = run[-1].text[-2:] if run[-1].lower.endswith(("'s", "’s")) else ""
            found.append((length, Name((said[first].start, run[-1].end), each.ground, each.key, owned)))
    return [name for _, name in found]


def _together(text: str, run: Sequence[Word]) -> bool:
    """Tell whether nothing but spaces and hyphens stands between the words."""
    return all(not text[one.end : two.start].strip(" -") for one, two in pairwise(run))


def _first(text: str, said: Sequence[Word], start: int, ground: GroundTable) -> int:
    """Where it begins with what stands before a name: `the product Desk lamp`."""
    for own in ({ground.words.one, ground.words.many}, _ARTICLES):
        if start and said[start - 1].lower in own and _together(text, said[start - 1 : start + 1]):
            start -= 1
    return start
