"""Language models: what one is asked, and what it answered. No prompt of a planner ever holds what a tool has said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from doer.domain.value import Json, JsonObject

EXTRACT: Final = "text.extract"
"""The one tool that asks a model; its result says under `asked` what that cost."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """One question to a model, whose answer is JSON under a schema."""

    instructions: str
    """How to answer; written by us."""
    request: str
    """What it is about: words of a person, and what tools say of themselves."""
    schema: JsonObject
    """JSON Schema (2020-12) of the answer: an object."""
    most_tokens: int = 1000
    """Tokens that the answer may have."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model answered. It is untrusted: it may break the schema, and everything else."""

    content: Json
    """The answer read as JSON; the text itself where it is none."""
    tokens_in: int = 0
    tokens_out: int = 0
    cost: str = "0"
    """US dollars as a decimal number; 0 where it runs on this machine."""
