"""Words that nothing knows as they are written: mistyped words of the trade, and names in lower case."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from functools import cache
from typing import Final

from doer.domain.action import Manifest
from doer.domain.value import JsonObject
from doer.intent.text import Word, stem, words
from doer.intent.vocabulary import CLOSED_CLASS, plain_words
from doer.planning.accounted.clause import IDLE, REFUSED
from doer.planning.accounted.lexicon import spoken
from doer.planning.accounted.pieces import BODIES, TITLES
from doer.planning.action.sense import words_of_name
from doer.planning.words.conditions import masked

_LEAST: Final = 5
"""Letters from which on a word may be mistyped: shorter ones are too near to each other."""
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"


def known(tools: Sequence[Manifest], rows: Iterable[JsonObject]) -> frozenset[str]:
    """Return the words, in lower case, that tools and rows have, with what every sentence may have."""
    found = set(_common())
    for tool in tools:
        found.update(words_of_name(tool.name))
        found.update(each.lower for each in words(tool.description))
        found.update(each.lower for each in words(re.sub(r"[^a-z']", " ", str(tool.parameters).lower())))
    for row in rows:
        found.update(part for name in row for part in words_of_name(name))
        found.update(each.lower for value in row.values() if isinstance(value, str) for each in words(value))
    return frozenset(each for each in found if not each.isdigit())


@cache
def _common() -> frozenset[str]:
    return frozenset(plain_words() | CLOSED_CLASS | IDLE | REFUSED | TITLES | BODIES | spoken())


def strange(text: str, among: Container[str], stems: Container[str]) -> Iterator[Word]:
    """Yield the words in lower case that are none of these, outside quotations."""
    for each in words(masked(text)):
        plain = re.sub(r"['’]s$", "", each.lower)
        if (
            each.text == each.lower
            and plain.isalpha()
            and len(plain) > 2
            and plain not in among
            and stem(plain) not in stems
        ):
            yield each


def mended(text: str, among: frozenset[str]) -> str:
    """Return the text with each strange word as the one known word that is a letter away from it; as it was where none is, or several are."""
    stems = frozenset(map(stem, among))
    made = text
    for word in reversed(list(strange(text, among, stems))):
        plain = re.sub(r"['’]s$", "", word.lower)
        near = (
            {each for each in _near(plain) if each in among or each.removesuffix("s") in among}
            if len(plain) >= _LEAST
            else set()
        )
        if "please" in near and (not text[: word.start].strip() or not text[word.end :].strip(" .!?")):
            near = {"please"}
        if len({stem(each) for each in near}) == 1:
            made = made[: word.start] + min(near, key=len) + made[word.start + len(plain) :]
    return made


def _near(word: str) -> Iterator[str]:
    """Words that are one letter more, less, other or swapped (Damerau 1964) away."""
    cuts = [(word[:place], word[place:]) for place in range(len(word) + 1)]
    for before, after in cuts:
        if after:
            yield before + after[1:]
            yield from (before + letter + after[1:] for letter in _LETTERS)
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]
        yield from (before + letter + after for letter in _LETTERS)
