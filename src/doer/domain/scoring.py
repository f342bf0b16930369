"""Scoring: what a small network is shown of a request and its tools, and what it answers; symbols decide what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Shape = Literal["string", "integer", "number", "boolean", "array", "numbers", "date", "time", "any"]
"""What values a parameter takes, as far as words go: `array` of texts, `numbers` an array of numbers."""
TURN = "\n"
"""Between the turns of one text; no candidate reaches over it."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A span of the text that may be an argument's words, in characters, end exclusive."""

    start: int
    end: int
    kind: str = ""
    """Kind of the mention that it is; empty for words that no rule recognises."""


@dataclass(frozen=True, slots=True)
class Heard:
    """Earlier turns and the request, joined with TURN, and the spans that may be arguments."""

    text: str
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class ParameterText:
    """A parameter in words; that of an object's field is named with dots: `address.city`."""

    name: str
    shape: Shape
    description: str
    choices: tuple[str, ...] = ()
    """Of an enumeration or a boolean; where there are any, one of them is chosen and no span."""


@dataclass(frozen=True, slots=True)
class ToolText:
    """A tool in words."""

    name: str
    description: str
    parameters: tuple[ParameterText, ...]


@dataclass(frozen=True, slots=True)
class ParameterScore:
    """Probabilities of one parameter's ways; `nothing` and the others sum to one. Of a list each item has its share."""

    nothing: float
    spans: tuple[float, ...]
    """One for each candidate; empty for a choice."""
    choices: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ToolScore:
    """What the network makes of one tool for one request."""

    relevance: float
    """Probability that the request asks for this tool."""
    several: float
    """Probability that it asks for more than one call of it."""
    parameters: tuple[ParameterScore, ...]
