"""Portions: a text made of some pieces of what was heard, heard for itself, and the way back to the places in the whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from doer.domain.scoring import TURN
from doer.intent.grounder import Grounder
from doer.planning.words.candidates import Listened, listen

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Portion:
    """Some pieces of a text, as if nothing else had been said."""

    listened: Listened
    places: tuple[tuple[int, int, int], ...]
    """Of each piece: where it begins here, where in the whole, and its length."""

    def back(self, span: Span) -> tuple[Span, ...]:
        """Return where words of it are in the whole; of words that lie over a seam the places on both sides."""
        found = list[Span]()
        for here, there, length in self.places:
            start, end = max(span[0], here), min(span[1], here + length)
            if start < end:
                found.append((there + start - here, there + end - here))
        return tuple(found)


def turns_of(listened: Listened) -> list[Span]:
    """Return where the turns are, the last one too."""
    found, start = list[Span](), 0
    for turn in listened.heard.text.split(TURN):
        found.append((start, start + len(turn)))
        start += len(turn) + len(TURN)
    return found


def portion(whole: Listened, turns: Sequence[Sequence[Span]], grounder: Grounder) -> Portion:
    """Return the turns, each put together of pieces of the whole. Raises UsageError for invisible characters."""
    places, texts, at = list[tuple[int, int, int]](), list[str](), 0
    for pieces in turns:
        for start, end in pieces:
            texts.append(whole.heard.text[start:end])
            places.append((at, start, end - start))
            at += end - start
        texts.append(TURN)
        at += len(TURN)
    return Portion(listen("".join(texts[:-1]).split(TURN), grounder), tuple(places))
