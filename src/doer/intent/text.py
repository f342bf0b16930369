"""Text: refuses characters that hide what is said, and cuts a sentence into words with their places."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from doer.domain.errors import UsageError
from doer.domain.quick import quick

_WORD = re.compile(r"\w+(?:['’]\w+)*", re.UNICODE)
# ZWNJ and ZWJ are letters' joints in Persian, Hindi and emoji; everything else that is invisible is refused.
_JOINERS = frozenset("\u200c\u200d")
_BREAKS = frozenset("\t\n\r")

IRREGULAR: Mapping[str, str] = {
    "paid": "pay", "sent": "send", "bought": "buy", "sold": "sell", "told": "tell", "wrote": "write", "written": "write",
    "brought": "bring", "held": "hold", "kept": "keep", "built": "build", "chosen": "choose", "begun": "begin",
    "began": "begin", "withdrawn": "withdraw", "drawn": "draw", "flown": "fly", "frozen": "freeze", "lent": "lend",
    "shown": "show", "taught": "teach", "swept": "sweep", "hid": "hide", "hidden": "hide",
}  # fmt: skip
"""Forms of verbs that no rule of endings leads back."""


@quick
@dataclass(frozen=True, slots=True)
class Word:
    """One word of a sentence: as written, in lower case, its stem, and its place in characters."""

    text: str
    lower: str
    stem: str
    start: int
    end: int


def check(text: str) -> str:
    """Return the text as it is, or raise UsageError naming the first control, bidirectional or invisible character.

    Such characters can make a sentence read differently from what it says (Trojan Source, CVE-2021-42574).
    """
    for place, letter in enumerate(text):
        category = unicodedata.category(letter)
        if letter in _BREAKS or letter in _JOINERS or category not in {"Cc", "Cf", "Cs", "Co"}:
            continue
        name = unicodedata.name(letter, "control character")
        raise UsageError(
            f"the text has an invisible character at position {place + 1}: U+{ord(letter):04X} ({name}); "
            "it could hide what is meant: remove it and say it again"
        )
    return text


@lru_cache(maxsize=8_000)
def words(text: str) -> tuple[Word, ...]:
    """Cut the text into words. Combining marks, apostrophes inside a word and all scripts are kept."""
    return tuple(_word(found) for found in _WORD.finditer(text))


def lowers(text: str) -> Iterator[str]:
    """Yield the words of a text in lower case, as `words` cuts them, without finding their stems."""
    return map(_lower, _WORD.findall(text))


def _word(found: re.Match[str]) -> Word:
    lower = _lower(found.group())
    return Word(found.group(), lower, stem(lower), found.start(), found.end())


def _lower(word: str) -> str:
    return word.replace("’", "'").lower()


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """Return the stem of an English word in lower case (Snowball, Porter 2); a possessive 's is dropped."""
    import snowballstemmer

    plain = word.removesuffix("'s").removesuffix("'")
    plain = IRREGULAR.get(plain, plain)
    return str(snowballstemmer.stemmer("english").stemWord(plain))


def word_list(text: str) -> tuple[str, ...]:
    """Return the words of a text that lists them, in order."""
    return tuple(text.split())


def word_set(text: str) -> frozenset[str]:
    """Return the words of a text that lists them."""
    return frozenset(text.split())
