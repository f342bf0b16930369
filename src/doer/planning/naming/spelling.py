"""Words of the trade that are mistyped: `tikets`, `cna you`, `delte`; names and values are never mended."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from doer.domain.plan import Plan
from doer.domain.template import to_json
from doer.domain.value import Json
from doer.intent.numbers import WORD_NUMBERS
from doer.intent.text import stem, word_set, words
from doer.intent.vocabulary import FUNCTION_WORDS, POLITE, plain_words, verbs
from doer.planning.derived.ground import GroundTable
from doer.planning.words.conditions import masked
from doer.planning.words.nouns import phrase
from doer.planning.words.reword import Reworded

_COMMON: Final = word_set(
    """
    can you could please list show which what many move delete remove rename copy
    create make change update close reopen cancel open send mail email file files folder branch commit push ticket row rows column
    meeting reminder calendar account group everyone member number total highest lowest newest latest oldest cheapest export save write
    assign priority status price stock set add sort find give tell
    """
)
_SHORT: Final = {
    "cna": "can",
    "teh": "the",
    "hte": "the",
    "adn": "and",
    "nad": "and",
    "yuo": "you",
    "si": "is",
    "fo": "of",
    "ot": "to",
}
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Mended:
    """A sentence as it is spelt, and the words that were mended."""

    way: Reworded
    words: tuple[str, ...]

    def only_names(self, plan: Plan) -> bool:
        """Tell whether no mended word is a part of a longer text: a note says what it says, however it is spelt."""
        texts = [text for step in plan.steps for each in step.arguments.values() for text in _texts(to_json(each))]
        return not any(
            word in {one.lower for one in words(text)} and len(text.split()) > 1
            for text in texts
            for word in self.words
        )


def _texts(value: Json) -> Iterator[str]:
    match value:
        case str():
            yield value
        case Mapping():
            for each in value.values():
                yield from _texts(each)
        case list() | tuple():
            for each in value:
                yield from _texts(each)
        case _:
            return


def mended(text: str, grounds: Sequence[GroundTable]) -> Mended | None:
    """Return the text with mistyped words of the trade as they are spelt; None where there are none, or one may be two."""
    own = {word for each in grounds for said in (each.words.many, each.words.one) for word in said.split()}
    own |= {word for each in grounds for column in each.table.columns for word in phrase(column.name).split()}
    right = {each for each in own | _COMMON if len(each) > 2}
    way = Reworded.of(text)
    changes = list(_changes(text, right))
    if not changes:
        return None
    for start, end, word in reversed(changes):
        way = way.made(((0, start), word, (end, len(way.text))))
    return Mended(way, tuple(word for _, _, word in changes))


def _changes(text: str, right: set[str]) -> Iterator[tuple[int, int, str]]:
    stems = {stem(each) for each in right}
    for each in words(masked(text)):
        before, after = text[: each.start][-1:], text[each.end :][:1]
        if before in {".", "/", "@", "-", "_"} or (after in {"/", "@", "_"} or re.match(r"[.-]\w", text[each.end :])):
            continue
        if each.lower in _SHORT:
            yield each.start, each.end, _SHORT[each.lower]
        elif len(each.text) > 3 and each.text.islower() and not _known(each.lower, right, stems):
            near = {word for word in _one_off(each.lower) if word in right}
            if len(each.text) == 4:  # `snow` is no `show`; `mial` is mail
                near = {word for word in near if len(word) != 4 or sorted(word) == sorted(each.lower)}
            if len(near) == 1:
                yield each.start, each.end, near.pop()


def _known(word: str, right: set[str], stems: set[str]) -> bool:
    return (
        word in WORD_NUMBERS
        or word in plain_words()
        or word in right
        or stem(word) in stems
        or stem(word) in verbs()
        or word in FUNCTION_WORDS
        or word in POLITE
    )


def _one_off(word: str) -> set[str]:
    """All that one slip of the hand makes of a word: a letter too much, too few, another, or two in the wrong order."""
    splits = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    fewer = {a + b[1:] for a, b in splits if b}
    swapped = {word[:at] + two + one + word[at + 2 :] for at, (one, two) in enumerate(pairwise(word))}
    other = {a + letter + b[1:] for a, b in splits if b for letter in _LETTERS}
    more = {a + letter + b for a, b in splits for letter in _LETTERS}
    return fewer | swapped | other | more
