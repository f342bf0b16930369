"""Wordings: sentences as data, word for word but for `{values}`, with `[what may be left out]` and `(one|or another)`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from doer.domain.errors import UsageError
from doer.intent.text import lowers

MARKER = re.compile(r"\{(\w+)\}")
_CUT = re.compile(r"\{\w+\}|[\[\]()|]|[^{\[\]()|]+")
_OWNED = re.compile(r"^['’]s\b")


@dataclass(frozen=True, slots=True)
class Said:
    """A word, in lower case."""

    word: str


@dataclass(frozen=True, slots=True)
class Value:
    """The place of a slot's value."""

    slot: str
    owns: bool = False
    """True: it has a possessive ending, and so may what is said."""
    colon: bool = False
    """True: it stands after a colon, and so must what is said."""


@dataclass(frozen=True, slots=True)
class Either:
    """One of several ways to go on; what may be left out has an empty one."""

    ways: tuple[tuple[Node, ...], ...]


Node = Said | Value | Either


@cache
def plain(example: str) -> tuple[Node, ...]:
    """Return an example of wording as nodes: its brackets, if any, are no more than stops."""
    found: list[Node] = []
    pieces = MARKER.split(example)
    for place, piece in enumerate(pieces):
        found += [_value(piece, pieces[place - 1], pieces[place + 1])] if place % 2 else _said(piece)
    return tuple(found)


@cache
def bracketed(pattern: str) -> tuple[Node, ...]:
    """Return a pattern as nodes. Raises UsageError where its brackets do not close."""
    pieces = _CUT.findall(pattern)
    nodes, rest = _ways(pieces, 0, "")
    if rest != len(pieces) or len(nodes) != 1:
        raise UsageError(f"{pattern!r}: a bracket is closed that was not opened, or a | stands outside of brackets")
    return nodes[0]


def _ways(pieces: Sequence[str], place: int, closing: str) -> tuple[tuple[tuple[Node, ...], ...], int]:
    ways: list[tuple[Node, ...]] = []
    nodes: list[Node] = []
    while place < len(pieces):
        piece = pieces[place]
        place += 1
        if piece in "[(":
            inner, place = _ways(pieces, place, "]" if piece == "[" else ")")
            nodes.append(Either((*inner, ()) if piece == "[" else inner))
        elif piece == "|" and closing:
            ways.append(tuple(nodes))
            nodes = []
        elif piece in "])|":
            if piece != closing:
                break
            return (*ways, tuple(nodes)), place
        elif piece.startswith("{"):
            near = (pieces[place - 2] if place > 1 else "", pieces[place] if place < len(pieces) else "")
            nodes.append(_value(piece[1:-1], *near))
        else:
            nodes += _said(piece)
    if closing:
        raise UsageError(f"{''.join(pieces)!r}: {closing!r} is missing")
    return (tuple(nodes),), place


def _value(slot: str, before: str, after: str) -> Value:
    return Value(slot, bool(_OWNED.match(after)), before.rstrip().endswith(":"))


@cache
def _said(piece: str) -> tuple[Said, ...]:
    """The words of a piece; most are short, and stand in many sentences: ` the `."""
    return tuple(map(Said, lowers(_OWNED.sub("", piece))))


def spoken(nodes: Sequence[Node]) -> Iterator[str]:
    """Yield every word that the nodes may say."""
    for each in nodes:
        match each:
            case Said(word):
                yield word
            case Either(ways):
                for way in ways:
                    yield from spoken(way)
            case Value():
                pass
