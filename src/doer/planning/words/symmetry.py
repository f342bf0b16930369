"""Symmetry: where a sentence says the same kind of thing several times, and what it says once.

`Weather in Oslo on Monday and in Lima on Tuesday`: what stands on both sides of a joint is aligned word by word, by what the words
are (Needleman and Wunsch 1970), from the joint outwards; where the two begin and end alike they are two of a kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

from doer.intent.text import word_set
from doer.planning.words.candidates import Listened
from doer.planning.words.notation import literals

Span = tuple[int, int]
_MOST: Final = 8
"""Joints of a sentence that are looked at."""
_WIDEST: Final = 14
"""Words of one of several pieces."""
_NUMBERS: Final = frozenset({"number", "amount", "duration", "percent", "quantity"})
_DAYS: Final = frozenset({"date", "datetime", "time", "date_range"})
_CODES: Final = frozenset({"email", "url", "path", "identifier", "phone"})
_JOINT: Final = re.compile(r"and|or|plus|then|also|versus|vs|&|[,;/|]", re.IGNORECASE)
_STOP: Final = re.compile(r"[.!?:]")
_COMPARED: Final = re.compile(r"\b(?:compare|comparing|comparison|difference)\b", re.IGNORECASE)
_AGAINST: Final = word_set("with to against")
_APOSTROPHES: Final = ("'", "’")
_WORDS_BETWEEN: Final = re.compile(r";|\band\b|\bor\b", re.IGNORECASE)
_INNER: Final = re.compile(r",\s|;|\band\b|\bor\b", re.IGNORECASE)
_COUNTED: Final = re.compile(r"(\d(?:[\d.,]*\d)?)\s*(?:[^\W\d]+|[%€$£])\Z")
_TOKEN: Final = re.compile(r"[^\W_](?:[^\s,;!?\"“”()\[\]]*[^\W])?|[^\w\s]|_")
_FUNCTION: Final = word_set("""
    a an the of to for from in on at by with under over up down into as per is are was were be my your our their his her its
    please thanks once between about until till after before than that this these those each both all another not no me i it you
    """)
_GAP: Final = {"f": -0.4, "w": -0.6, "j": -0.8, "s": -1.0}
_LOST: Final = -1.5


@dataclass(frozen=True, slots=True)
class Symmetry:
    """One way to see several of a kind, in places of the text."""

    worth: float
    segments: tuple[Span, ...]
    """What is said of each, in order; before the first and after the last stands what is said of all."""


@dataclass(frozen=True, slots=True)
class _Token:
    start: int
    end: int
    word: str
    kind: str
    """N number, D day or time, Q quoted, I code, L list, C name, f function word, w word, j joint, s stop."""


def symmetries(listened: Listened, span: Span) -> list[Symmetry]:
    """Return the ways to see several of a kind in a part of the text, the likeliest first."""
    tokens = _heard(listened, span)
    joints = list(_joints(tokens))[:_MOST]
    found = dict[tuple[Span, ...], float]()
    for first in range(len(joints)):
        for last in range(first + 1, len(joints) + 1):
            for worth, segments in _at(tokens, joints[first:last]):
                bare = _bare(listened.heard.text, segments)
                found[bare] = max(worth, found.get(bare, 0.0))
    ranked = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
    return [Symmetry(worth, segments) for segments, worth in ranked]


def tokens_of(listened: Listened, span: Span) -> list[Span]:
    """Return where the words of a part of the text are; what is one value is one word."""
    return [(each.start, each.end) for each in _heard(listened, span)]


def paired(listened: Listened, one: Span, other: Span) -> dict[int, int]:
    """Return, for the number of each word of the other, that of the word of the one that it goes with."""
    first, second = _heard(listened, one), _heard(listened, other)
    best = [[0.0] * (len(second) + 1) for _ in range(len(first) + 1)]
    for row, here in enumerate(first, 1):
        best[row][0] = best[row - 1][0] + _gap(here)
    for at, there in enumerate(second, 1):
        best[0][at] = best[0][at - 1] + _gap(there)
    for row, here in enumerate(first, 1):
        for at, there in enumerate(second, 1):
            best[row][at] = max(
                best[row - 1][at - 1] + _like(here, there),
                best[row - 1][at] + _gap(here),
                best[row][at - 1] + _gap(there),
            )
    found, row, at = dict[int, int](), len(first), len(second)
    while row and at:
        here, there = first[row - 1], second[at - 1]
        if best[row][at] == best[row - 1][at - 1] + _like(here, there):
            row, at = row - 1, at - 1
            found[at] = row
        elif best[row][at] == best[row - 1][at] + _gap(here):
            row -= 1
        else:
            at -= 1
    return found


def _heard(listened: Listened, span: Span) -> list[_Token]:
    return list(_names_whole(listened.heard.text, _tokens(listened, span)))


def _bare(text: str, segments: tuple[Span, ...]) -> tuple[Span, ...]:
    """Leave the unit that is said once to all: `10, 15 and 20 years`."""
    *others, (start, end) = segments
    counted = _COUNTED.search(text, start, end)
    if counted is None or not all(text[each - 1].isdigit() for _, each in others):
        return segments
    return (*others, (start, counted.end(1)))


def _tokens(listened: Listened, span: Span) -> Iterator[_Token]:
    """The words, and what is one value as one word."""
    text = listened.heard.text
    atoms = dict[Span, str]()
    for candidate in listened.heard.candidates:
        place = (candidate.start, candidate.end)
        kind = _kind(candidate.kind, text, place, first=place[0] == span[0])
        inner = _WORDS_BETWEEN if kind == "D" else _INNER
        if kind and span[0] <= place[0] and place[1] <= span[1] and (kind == "Q" or not inner.search(text, *place)):
            atoms[place] = kind
    atoms |= {(start, end): "L" for start, end, _ in literals(text, span[0]) if end <= span[1]}
    kept = list[Span]()
    for place in sorted(atoms, key=lambda each: each[0] - each[1]):
        if all(place[1] <= start or end <= place[0] for start, end in kept):
            kept.append(place)
    at = span[0]
    for start, end in [*sorted(kept), (span[1], span[1])]:
        for each in _TOKEN.finditer(text, at, start):
            yield _Token(*each.span(), each[0].casefold(), _plain(each[0], first=each.start() == span[0]))
        if start < end:
            yield _Token(start, end, text[start:end].casefold(), atoms[start, end])
        at = end


def _names_whole(text: str, tokens: Iterator[_Token]) -> Iterator[_Token]:
    """Make one of the words of a name: `Nine Geese`, `the Women's Tour`."""
    last: _Token | None = None
    for each in tokens:
        if last is not None and last.kind == each.kind == "C" and text[last.end : each.start] == " ":
            last = _Token(last.start, each.end, f"{last.word} {each.word}", "C")
            continue
        if last is not None:
            yield last
        last = each
    if last is not None:
        yield last


def _kind(mention: str, text: str, place: Span, *, first: bool) -> str:
    """What a mention is; nothing for a part of a name (`Nine Geese`, `the Women's Tour`); `at 3` may be a number as well as a time."""
    words, after = text[slice(*place)], text[place[1] : place[1] + 2]
    if words.isdigit() or mention in _NUMBERS:
        named = words[0].isupper() and not first and re.match(r" [A-Z]", after)
        return "" if named else "N"
    if mention == "person" and after[:1] in _APOSTROPHES:
        return ""
    if mention in _DAYS:
        return "D"
    if mention in _CODES:
        return "I"
    return {"quoted": "Q", "person": "C", "address": "C"}.get(mention, "")


def _plain(word: str, *, first: bool) -> str:
    low = word.casefold()
    if _JOINT.fullmatch(low):
        return "j"
    if not word[0].isalnum():
        return "s" if _STOP.fullmatch(word) else "f"
    if low in _FUNCTION:
        return "f"
    if any(each.isdigit() for each in word):
        return "N" if word[0].isdigit() and word.replace(".", "").replace(",", "").isdigit() else "I"
    return "C" if word[0].isupper() and not first else "w"


def _joints(tokens: Sequence[_Token]) -> Iterator[Span]:
    """Where a joint begins and ends, in tokens; one after the other is one."""
    compared = any(_COMPARED.fullmatch(each.word) for each in tokens)
    at = 0
    while at < len(tokens):
        end = at
        while end < len(tokens) and (
            tokens[end].kind == "j" or (compared and end == at and tokens[end].word in _AGAINST)
        ):
            end += 1
        if 0 < at < end < len(tokens):
            yield at, end
        at = max(end, at + 1)


def _at(tokens: Sequence[_Token], joints: Sequence[Span]) -> Iterator[tuple[float, tuple[Span, ...]]]:
    """Pieces with just these joints between them."""
    middles = [list(tokens[end:start]) for (_, end), (start, _) in pairwise(joints)]
    if any(not 0 < len(each) <= _WIDEST for each in middles):
        return
    left = tokens[max(0, joints[0][0] - _WIDEST) : joints[0][0]]
    right = tokens[joints[-1][1] : joints[-1][1] + _WIDEST]
    between = sum(_aligned(one, other).get(len(other), _LOST * 2) for one, other in pairwise(middles))
    if between < 0:
        return
    inner = tuple((each[0].start, each[-1].end) for each in middles)
    if not middles:
        for first in range(len(left)):
            for count, worth in _aligned(left[first:], right).items():
                yield worth, ((left[first].start, left[-1].end), (right[0].start, right[count - 1].end))
        return
    begins = [
        (worth, first)
        for first in range(len(left))
        if (worth := _aligned(left[first:], middles[0]).get(len(middles[0]), 0)) > 0
    ]
    ends = [(worth, count) for count, worth in _aligned(middles[-1], right).items()]
    if begins and ends:
        (one, first), (other, count) = max(begins), max(ends, key=lambda pair: (pair[0], -pair[1]))
        segments = ((left[first].start, left[-1].end), *inner, (right[0].start, right[count - 1].end))
        yield one + between + other, segments


def _aligned(one: Sequence[_Token], other: Sequence[_Token]) -> dict[int, float]:
    """How well one goes with the first so many of the other; both begin and end alike, and they are not the same."""
    if not one or not other or _like(one[0], other[0]) <= 0:
        return {}
    rows = [[0.0] + [_LOST * 9] * len(other)]
    for here in one:
        before = rows[-1]
        row = [before[0] + _gap(here)]
        for place, there in enumerate(other):
            row.append(
                max(before[place] + _like(here, there), before[place + 1] + _gap(here), row[place] + _gap(there))
            )
        rows.append(row)
    rows_end = rows[-1]
    return {
        count: rows_end[count]
        for count in range(1, len(other) + 1)
        if rows_end[count] > 0
        and _like(one[-1], other[count - 1]) > 0
        and [e.word for e in one] != [e.word for e in other[:count]]
    }


@lru_cache(maxsize=4096)
def _like(one: _Token, other: _Token) -> float:
    """How alike two words are."""
    kinds = {one.kind, other.kind}
    if one.kind == other.kind:
        same = one.word == other.word
        match one.kind:
            case "f":
                return 1.0 if same else -0.5
            case "j" | "s":
                return 0.5 if same else -0.5
            case "w":
                return 1.5 if same else 0.3
            case "C":
                return 1.5
            case _:
                return 2.0
    if kinds <= {"w", "C", "I"}:
        return 0.2
    return 0.3 if kinds == {"N", "I"} else _LOST


def _gap(token: _Token) -> float:
    return _GAP.get(token.kind, _LOST)
