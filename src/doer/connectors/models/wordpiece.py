"""WordPiece (Wu et al. 2016, as in uncased BERT): text to numbers of word pieces, each with its characters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from doer.domain.scoring import TURN

_WORDS: Final = re.compile(rf"{TURN}|[^\W_]+|[^\w\s]|_")
_LONGEST: Final = 100
"""Letters; a longer word is unknown, as in BERT."""


class WordPiece:
    """Splits text by a vocabulary."""

    __slots__ = ("_known", "_numbers", "classify", "pad", "parameter", "separate", "turn", "unknown", "value")

    def __init__(self, vocabulary: Sequence[str]) -> None:
        """Take the pieces in the order of their numbers; those inside a word begin with `##`."""
        self._numbers: Mapping[str, int] = {piece: number for number, piece in enumerate(vocabulary)}
        self._known: dict[str, tuple[tuple[int, int, int], ...]] = {}
        self.pad = self._numbers["[PAD]"]
        self.unknown = self._numbers["[UNK]"]
        self.classify = self._numbers["[CLS]"]
        self.separate = self._numbers["[SEP]"]
        self.parameter = self._numbers["[unused0]"]
        self.value = self._numbers["[unused1]"]
        self.turn = self._numbers["[unused2]"]

    def pieces(self, text: str) -> Iterator[tuple[int, int, int]]:
        """Yield (number, start, end) of each piece, in characters of `text`."""
        for found in _WORDS.finditer(text):
            word, at = found[0], found.start()
            if word == TURN:
                yield self.turn, at, at + 1
                continue
            if word not in self._known:
                if len(self._known) > 50_000:
                    self._known.clear()
                self._known[word] = tuple(self._split(word))
            for number, start, end in self._known[word]:
                yield number, at + start, at + end

    def numbers(self, text: str, most: int) -> list[int]:
        """Return the numbers of the first pieces."""
        return [number for number, _, _ in self.pieces(text)][:most]

    def _split(self, word: str) -> Iterator[tuple[int, int, int]]:
        plain, places = _plain(word)
        if len(plain) > _LONGEST or not plain:
            yield self.unknown, 0, len(word)
            return
        start, found = 0, list[tuple[int, int, int]]()
        while start < len(plain):
            end = next(
                (e for e in range(len(plain), start, -1) if ("##" if start else "") + plain[start:e] in self._numbers),
                None,
            )
            if end is None:
                yield self.unknown, 0, len(word)
                return
            piece = ("##" if start else "") + plain[start:end]
            found.append((self._numbers[piece], places[start], places[end - 1] + 1))
            start = end
        yield from found


def _plain(word: str) -> tuple[str, list[int]]:
    """Return the word in small letters without accents, and the place in the word that each letter came from."""
    letters, places = list[str](), list[int]()
    for place, letter in enumerate(word):
        for each in unicodedata.normalize("NFD", letter.lower()):
            if unicodedata.category(each) != "Mn":
                letters.append(each)
                places.append(place)
    return "".join(letters), places
