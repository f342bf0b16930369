"""The layout: a request and one tool as one row of numbers, the same in training and in use.

`[CLS] request [SEP] tool: description [SEP] [P] name (shape): description [V] choice [V] choice … [P] …`
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from doer.connectors.models.wordpiece import WordPiece
from doer.domain.scoring import TURN, Heard, ParameterText, ToolText

Floats: TypeAlias = NDArray[np.float32]
_NAMES: Final = re.compile(r"[^\W_]+")
MOST_REQUEST: Final = 192
MOST_ALL: Final = 448
"""Pieces. What is said last is kept where the turns are longer; parameters that find no room are not scored."""
_TOOL, _PARAMETER, _CHOICE = 28, 16, 6
MOST_CHOICES: Final = 12
SHAPES: Final = ("string", "integer", "number", "boolean", "array", "numbers", "date", "time", "any")
KINDS: Final = (
    "", "date", "time", "datetime", "date_range", "duration", "amount", "number", "email", "url", "path", "person",
    "quoted", "phone", "identifier", "address",
)  # fmt: skip
WIDEST: Final = 16
_STOP: Final = re.compile(r"[!?;\n]|\.(?=\s)")
_NUMERIC: Final = frozenset({"number", "amount", "duration", "identifier", "date", "phone"})
FEATURES: Final = 10
_AROUND: Final = (6, 4)
"""Words before and after a span, of the same sentence, in which its parameter is looked for."""
_PLAIN: Final = frozenset(
    ("the", "of", "a", "an", "to", "for", "in", "is", "and", "or", "be", "on", "with", "by", "from", "at", "which", "that", "you", "want",
     "this", "it", "as", "e", "g", "eg", "whether", "string", "optional", "required", "if", "should", "will", "not", "are", "your"),
)  # fmt: skip
BEFORE: Final = 3
"""Pieces before a span that are looked at for what announces it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One request with one tool."""

    numbers: list[int]
    tool_from: int
    """Where the second segment begins."""
    parameters: list[tuple[int, int]]
    """From [P] to the end of its words, for each; fewer than the tool's parameters where there was no room for all."""
    choices: list[list[tuple[int, int]]]
    """Of each parameter: from each [V] to the end of its words."""
    said: list[list[bool]]
    """Of each parameter: whether the words of each choice occur in the request."""
    starts: list[int]
    ends: list[int]
    """Of each candidate: place of its first and its last piece; 0 where it was cut off."""


def tool_words(tool: ToolText) -> str:
    """A tool as one line, for the search by meaning."""
    return f"{spoken(tool.name)}: {tool.description}"[:400]


def spoken(name: str) -> str:
    """`getUserName` and `get_user_name` as words."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[_.\-/]+", " ", name).strip().lower()


def lay(heard: Heard, tool: ToolText, pieces: WordPiece, most: int = MOST_ALL) -> Row:
    """Return the row of a request and a tool."""
    said = list(pieces.pieces(heard.text))[-MOST_REQUEST:]
    numbers = [pieces.classify, *(number for number, _, _ in said), pieces.separate]
    begins, stops = [start for _, start, _ in said], [end for _, _, end in said]
    starts, ends = [], []
    for each in heard.candidates:
        first = bisect_right(begins, each.start)
        last = bisect_right(begins, each.end - 1)
        inside = first > 0 and last >= first and stops[last - 1] >= each.end and begins[first - 1] <= each.start
        inside = inside and stops[first - 1] > each.start
        starts.append(first if inside else 0)
        ends.append(last if inside else 0)
    tool_from = len(numbers)
    numbers += pieces.numbers(tool_words(tool), _TOOL)
    numbers.append(pieces.separate)
    places, choices, said_choices = list[tuple[int, int]](), list[list[tuple[int, int]]](), list[list[bool]]()
    lower = heard.text.casefold()
    for parameter in tool.parameters:
        part, valued = _parameter(parameter, pieces)
        if len(numbers) + len(part) > most:
            break
        at = len(numbers)
        places.append((at, at + (valued[0][0] if valued else len(part))))
        choices.append([(at + start, at + end) for start, end in valued])
        said_choices.append(
            [spoken(each) in lower or each.casefold() in lower for each in parameter.choices[:MOST_CHOICES]]
        )
        numbers += part
    return Row(numbers, tool_from, places, choices, said_choices, starts, ends)


def _parameter(parameter: ParameterText, pieces: WordPiece) -> tuple[list[int], list[tuple[int, int]]]:
    words = f"{spoken(parameter.name)} ({parameter.shape}): {parameter.description}"
    part, valued = [pieces.parameter, *pieces.numbers(words[:300], _PARAMETER)], list[tuple[int, int]]()
    for choice in parameter.choices[:MOST_CHOICES]:
        start = len(part)
        part += [pieces.value, *pieces.numbers(choice[:60], _CHOICE)]
        valued.append((start, len(part)))
    return part, valued


def features(heard: Heard, tool: ToolText) -> Floats:
    """Return [parameter, candidate, FEATURES], what can be told without a network.

    Its name stands just before, just after, inside; it is in the last turn; how much of the name is said in the words before and
    after, each word for less the more parameters share it; the words are in the description; the turn before asks for it; how much
    more than for any other parameter its name is said before; how much of the description is.
    """
    words = [(found.start(), found[0].lower()[:6]) for found in _NAMES.finditer(heard.text)]
    said = [word for _, word in words]
    begins = np.array([start for start, _ in words], dtype=np.int64)
    froms = np.array([each.start for each in heard.candidates], dtype=np.int64)
    first = np.searchsorted(begins, froms, side="left")
    last = np.searchsorted(begins, np.array([each.end for each in heard.candidates], dtype=np.int64), side="left")
    told = np.zeros((len(tool.parameters), len(heard.candidates), FEATURES), dtype=np.float32)
    told[:, :, 3] = froms > heard.text.rfind(TURN)
    if not words or not heard.candidates:
        return told
    windows = _windows(heard.text, begins, first, last)
    shares = _shares([_words(each.name) for each in tool.parameters])
    plain = [_plain(heard.text[each.start : each.end]) for each in heard.candidates]
    for place, parameter in enumerate(tool.parameters):
        named = {word[:6] for word in spoken(parameter.name).split() if len(word) > 1}
        sums = _sums([float(word in named) for word in said])
        told[place, :, 0] = sums[first] > sums[np.maximum(first - 3, 0)]
        told[place, :, 1] = sums[np.minimum(last + 2, len(words))] > sums[last]
        told[place, :, 2] = sums[last] > sums[first]
        sums = _sums([shares[place].get(word, 0.0) for word in said])
        for column, (low, high) in zip((4, 5, 7), windows, strict=True):
            told[place, :, column] = np.minimum(sums[high] - sums[low], 1.0)
        described = f" {_plain(parameter.description)} "
        told[place, :, 6] = [f" {each} " in described or f" {each[:-1]} " in described for each in plain]
        meant = set(_words(parameter.description)[:8]) - named
        sums = _sums([float(word in meant) for word in said])
        told[place, :, 9] = np.minimum((sums[windows[0][1]] - sums[windows[0][0]]) / max(len(meant), 1), 1.0)
    before = told[:, :, 4]
    for place in range(len(tool.parameters)):
        others = np.delete(before, place, axis=0)
        told[place, :, 8] = before[place] - (others.max(axis=0) if len(others) else 0.0)
    return told


def _words(text: str) -> list[str]:
    """Words that tell something, by their first six letters."""
    return [word[:6] for word in _NAMES.findall(spoken(text)) if len(word) > 1 and word not in _PLAIN]


def _plain(text: str) -> str:
    return " ".join(_NAMES.findall(text.lower()))


def _sums(weights: list[float]) -> NDArray[np.float64]:
    return np.concatenate(([0.0], np.cumsum(weights)))


def _shares(names: list[list[str]]) -> list[dict[str, float]]:
    """Of each name its words, the rarer the weightier; together one."""
    often = Counter(word for name in names for word in set(name))
    rare = [{word: 1 / often[word] for word in name} for name in names]
    return [{word: weight / sum(name.values()) for word, weight in name.items()} for name in rare]


_Bounds: TypeAlias = tuple[NDArray[np.int64], NDArray[np.int64]]


def _windows(
    text: str, begins: NDArray[np.int64], first: NDArray[np.int64], last: NDArray[np.int64]
) -> tuple[_Bounds, ...]:
    """Of each candidate the words before it, those after it, and those of the turn before its own; as words from and to."""
    count = len(begins)
    stops = np.array([found.end() for found in _STOP.finditer(text)], dtype=np.int64)
    turns = np.array([place + 1 for place, letter in enumerate(text) if letter == TURN], dtype=np.int64)
    at = begins[np.minimum(first, count - 1)]
    begun = np.concatenate(([0], np.searchsorted(begins, stops, side="left")))[np.searchsorted(stops, at, side="right")]
    ended = np.concatenate((np.searchsorted(begins, stops, side="left"), [count]))[
        np.searchsorted(stops, at, side="right")
    ]
    own = np.searchsorted(turns, at, side="right")
    opens = np.concatenate(([0], np.searchsorted(begins, turns, side="left")))
    asked = (np.where(own > 0, opens[np.maximum(own - 1, 0)], 0), np.where(own > 0, opens[own], 0))
    before = (np.minimum(np.maximum(first - _AROUND[0], begun), first), first)
    after = (last, np.maximum(np.minimum(last + _AROUND[1], ended), last))
    return before, after, asked


def allowed(parameter: ParameterText, kind: str) -> bool:
    """Tell whether a candidate of that kind can be a value of the parameter: numbers must be numbers."""
    return parameter.shape not in ("integer", "number", "numbers") or kind in _NUMERIC
