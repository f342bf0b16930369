"""Spoken: the words of a goal, and whether a sentence could be made of them; told before its values are looked at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import assert_never

from doer.intent.text import Word, stem, word_set
from doer.planning.words.wording import Either, Node, Said, Value

ARTICLES = word_set("a an the my our")
MAIL = word_set("mail email message mails emails messages")


@dataclass(frozen=True, slots=True)
class Must:
    """What a sentence must have of words: to be held against many a `Spoken`."""

    words: tuple[str, ...]
    """The plain ones, told first: most sentences have one that nobody said."""
    either: tuple[Either, ...]

    @classmethod
    def of(cls, sentence: Sequence[Node]) -> Must:
        """Return that of a sentence."""
        plain = [each.word for each in sentence if isinstance(each, Said) and each.word not in ARTICLES]
        # What may be left out has an empty way.
        return cls(tuple(plain), tuple(each for each in sentence if isinstance(each, Either) and all(each.ways)))


@dataclass(frozen=True, slots=True)
class Spoken:
    """The words of a goal in any order."""

    lowers: frozenset[str]
    stems: frozenset[str]
    _told: dict[str, bool] = field(default_factory=dict, init=False, repr=False, compare=False)
    """Of each word that was asked for, whether it is there: a thousand sentences ask for the same few hundred."""

    @classmethod
    def of(cls, said: Iterable[Word]) -> Spoken:
        """Return those of some words."""
        return _spoken(tuple(said))

    def may_follow(self, must: Must) -> bool:
        """Tell whether every word that a sentence must have is there."""
        told = self._told
        for word in must.words:
            there = told.get(word)
            if not (self._asked(word) if there is None else there):
                return False
        return all(any(map(self.may_say, each.ways)) for each in must.either)

    def may_say(self, sentence: Sequence[Node]) -> bool:
        """Tell the same of a sentence that is held against these words alone."""
        return all(map(self._may_have, sentence))

    def _may_have(self, node: Node) -> bool:
        match node:
            case Said(word):
                there = self._told.get(word)
                return self._asked(word) if there is None else there
            case Either(ways):
                return any(map(self.may_say, ways))
            case Value():
                return True
            case _:
                assert_never(node)

    def _asked(self, word: str) -> bool:
        there = self._told[word] = self._there(word)
        return there

    def _there(self, token: str) -> bool:
        if token in ARTICLES or token in self.lowers or stem(token) in self.stems:
            return True
        return token in MAIL and not self.lowers.isdisjoint(MAIL)


@lru_cache(maxsize=64)  # every unit asks for those of the same goal, and of its few clauses
def _spoken(said: tuple[Word, ...]) -> Spoken:
    return Spoken(frozenset(word.lower for word in said), frozenset(word.stem for word in said))
