"""Spoken: the words of a goal, and whether a sentence could be made of them; told before its values are looked at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import assert_never

from doer.intent.text import Word, stem, word_set
from doer.planning.words.wording import Either, Node, Said, Value

ARTICLES = word_set("a an the my our")
MAIL = word_set("mail email message mails emails messages")


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
        every = tuple(said)
        return cls(frozenset(word.lower for word in every), frozenset(word.stem for word in every))

    def may_follow(self, sentence: Sequence[Node]) -> bool:
        """Tell whether every word that the sentence must have is there: most sentences have one that nobody said."""
        for node in sentence:
            match node:
                case Said(word):
                    there = self._told.get(word)
                    if there is None:
                        there = self._told[word] = self._there(word)
                case Either(ways):
                    there = any(map(self.may_follow, ways))
                case Value():
                    there = True
                case _:
                    assert_never(node)
            if not there:
                return False
        return True

    def _there(self, token: str) -> bool:
        if token in ARTICLES or token in self.lowers or stem(token) in self.stems:
            return True
        return token in MAIL and not self.lowers.isdisjoint(MAIL)


def must(sentence: Sequence[Node]) -> tuple[Node, ...]:
    """Return what a sentence must have of words, the plain ones first: to be held against many a `Spoken`."""
    plain = [each for each in sentence if isinstance(each, Said) and each.word not in ARTICLES]
    # What may be left out has an empty way.
    return (*plain, *(each for each in sentence if isinstance(each, Either) and all(each.ways)))
