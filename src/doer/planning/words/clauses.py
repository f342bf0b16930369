"""Clauses: a goal that asks for several things is cut where one request ends and the next begins.

It is cut only where a verb that some unit knows, in the form of a request, follows a joint (`and`, `then`, a stop), and
never inside a value: `Ana and Bob`, `Jones and Sons` and what stands in quotes stay whole. Whether the parts stand each
for itself is for the units to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from doer.intent.text import word_set
from doer.intent.vocabulary import verbs
from doer.planning.words.utterance import Span, Utterance

MOST_CUTS = 6
_LATER = word_set("""
    then afterwards finally lastly next subsequently thereafter
    """)
_FILLERS = word_set("""
    please kindly also just could can would will you and plus & when once done finished first that's is after that this
    """)
ASKING = frozenset({"how", "what", "which", "who", "when", "where", "whose"})
"""Words with which a question begins, also the second of two."""
_JOINTS = frozenset({"and", "plus", "&"})
_STOPS = frozenset(",;.!?:\n–—")
LIGHT = word_set("make take put give let get set")
_WHOLE = frozenset({"quoted", "path", "url", "email", "identifier", "amount", "date", "datetime", "phone"})


@dataclass(frozen=True, slots=True)
class Cut:
    """A place between two requests."""

    end: int
    """Where the words before it end."""
    start: int
    """Where the words after it begin."""
    later: bool
    """True: the words say that what follows comes later."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One request of several."""

    number: int
    """1 for the first."""
    span: Span
    later: bool
    """True: it is to be done after the one before it."""


def cuts(said: Utterance, heads: Callable[[str], bool]) -> tuple[Cut, ...]:
    """Return the places where the goal may be cut. `heads` tells a stem with which the example of some unit begins."""
    return tuple(_cuts(said, heads))[:MOST_CUTS]


def _cuts(said: Utterance, heads: Callable[[str], bool]) -> Iterator[Cut]:
    for place in range(1, len(said.words)):
        if not _commands(said, place, heads):
            continue
        first, joined, later = place, False, False
        while first > 0:
            gap = _gap(said, first)
            before = said.words[first - 1].lower
            joined = joined or bool(set(gap) & _STOPS)
            if before not in _FILLERS | _LATER or (set(gap) & _STOPS and not (gap.strip() == "," and _links(before))):
                break
            joined = joined or before in _JOINTS | _LATER
            later = later or before in _LATER or (before == "once" and joined)
            later = later or (before == "after" and said.words[first].lower in {"that", "this"})
            first -= 1
        if joined and first > 0 and first < place + 1:
            yield Cut(_closed(said.text, said.words[first - 1].end), said.words[place].start, later)


def _closed(text: str, end: int) -> int:
    """Go on over what closes a quotation or a bracket."""
    while end < len(text) and text[end] in "\"'”’»)]}":
        end += 1
    return end


def _links(word: str) -> bool:
    """`After that, …`, `Finally, …`: the comma is within what joins."""
    return word in _LATER or word in {"that", "this", "done", "also"}


def _gap(said: Utterance, place: int) -> str:
    return said.text[said.words[place - 1].end : said.words[place].start]


def _commands(said: Utterance, place: int, heads: Callable[[str], bool]) -> bool:
    """Tell whether a word can be the verb of a request, and is no part of a value."""
    word = said.words[place]
    if word.lower in ASKING:
        return said.words[place - 1].lower in _JOINTS | _LATER or bool(set(_gap(said, place)) & set(".?!;\n"))
    opens = bool(set(_gap(said, place)) & set(".!?\n"))
    if not (word.text.islower() or opens) or not is_base(word.lower):
        return False
    if not (word.stem in verbs() or heads(word.stem) or word.lower in LIGHT):
        return False
    if any(each.start <= word.start < each.end for each in said.atoms if each.kind in _WHOLE):
        return False
    return place + 1 >= len(said.words) or said.words[place + 1].lower not in {"is", "are", "was", "of"}


def is_base(word: str) -> bool:
    """Tell the form of a request: `move`, `push`; not `moved`, `moving`, `moves`."""
    if word.endswith("ing") and len(word) > 5:
        return False
    if word.endswith("ed") and not word.endswith("eed") and len(word) > 4:
        return False
    return not word.endswith("s") or word.endswith(("ss", "us"))


def divisions(whole: Span, found: Sequence[Cut]) -> Iterator[tuple[Clause, ...]]:
    """Yield every way to divide the goal at some of its cuts, those into fewer clauses first; never the whole alone."""
    count = len(found)
    masks = sorted(range(1, 2**count), key=lambda mask: (mask.bit_count(), mask))
    for mask in masks:
        used = [each for place, each in enumerate(found) if mask >> place & 1]
        starts = [whole[0], *(each.start for each in used)]
        ends = [*(each.end for each in used), whole[1]]
        later = [False, *(each.later for each in used)]
        yield tuple(
            Clause(number, (start, end), after)
            for number, (start, end, after) in enumerate(zip(starts, ends, later, strict=True), 1)
        )
