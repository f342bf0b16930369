"""The layout: a request and one tool as one row of numbers, the same in training and in use.

`[CLS] request [SEP] tool: description [SEP] [P] name (shape): description [V] choice [V] choice … [P] …`
"""

from __future__ import annotations

import re
from bisect import bisect_right
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
_NUMERIC: Final = frozenset({"number", "amount", "duration", "identifier", "date", "phone"})
FEATURES: Final = 4
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
    """Return [parameter, candidate, 4]: its name stands just before, just after, inside; it is in the last turn."""
    words = [(found.start(), found[0].lower()[:6]) for found in _NAMES.finditer(heard.text)]
    begins = np.array([start for start, _ in words], dtype=np.int64)
    froms = np.array([each.start for each in heard.candidates], dtype=np.int64)
    first = np.searchsorted(begins, froms, side="left")
    last = np.searchsorted(begins, np.array([each.end for each in heard.candidates], dtype=np.int64), side="left")
    told = np.zeros((len(tool.parameters), len(heard.candidates), FEATURES), dtype=np.float32)
    told[:, :, 3] = froms > heard.text.rfind(TURN)
    for place, parameter in enumerate(tool.parameters):
        named = {word[:6] for word in spoken(parameter.name).split() if len(word) > 1}
        sums = np.concatenate(([0], np.cumsum([word in named for _, word in words], dtype=np.int64)))
        told[place, :, 0] = sums[first] > sums[np.maximum(first - 3, 0)]
        told[place, :, 1] = sums[np.minimum(last + 2, len(words))] > sums[last]
        told[place, :, 2] = sums[last] > sums[first]
    return told


def allowed(parameter: ParameterText, kind: str) -> bool:
    """Tell whether a candidate of that kind can be a value of the parameter: numbers must be numbers."""
    return parameter.shape not in ("integer", "number", "numbers") or kind in _NUMERIC
