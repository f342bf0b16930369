"""Malformed: words that were meant as a value and cannot be it: an address without @, a day that does not exist, a number out of range."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from doer.domain.scoring import ParameterText
from doer.domain.value import Json, JsonObject
from doer.planning.action.assign import Assignment, read_as
from doer.planning.action.read import Read
from doer.planning.action.schema import leaf, listed_choices, shape
from doer.planning.action.sense import words_of_name
from doer.planning.matching.fill import overlaps
from doer.planning.schema import problems

_MEANT: Final = 0.5
"""Chance from which words are meant as the value, though they cannot be it."""
_PLACES: Final = re.compile(r"\b(?:city|country|state|province|region|town)\b")
_COUNTED: Final = re.compile(
    r"\b(?:weight|height|length|width|size|age|price|cost|budget|count|quantity|distance|duration|people|guests|area|volume)\b"
)
_MAIL: Final = re.compile(r"[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+")
_SIGNS: Final = re.compile(r"\w[@%<>~|]+\w")
_DIGITS: Final = re.compile(r"[A-Za-z]{3,}\d{2,}\b|\b\d{2,}[A-Za-z]{3,}")
_FREE: Final = re.compile(
    r"mail|url|link|user|handle|account|pass|\bid\b|identifier|key|token|code|text|message|content|path|file|query|formula|expression|equation"
    r"|password|tag|version|number|data|percent"
)
"""Names and descriptions of what may hold any sign."""
_SHORT: Final = 4
"""Words of a value that may be a name."""


@dataclass(frozen=True, slots=True)
class Malformed:
    """One value that was said and is none."""

    name: str
    words: str
    reason: str


def malformed(read: Read, made: Assignment) -> tuple[Malformed, ...]:
    """Return what was said for a parameter and cannot be its value, in the order of the parameters."""
    taken = {each.name: each for each in made.filled}
    used = [span for each in made.filled for span in each.spans]
    found = list[Malformed]()
    for place, parameter in enumerate(read.tool.parameters):
        here = taken.get(parameter.name)
        if here is not None:
            reason = _odd(parameter, here.value)
            words = str(here.value)
        else:
            words, reason = _unreadable(read, place, parameter, used)
        if reason:
            found.append(Malformed(parameter.name, words[:80], reason))
    return tuple(found)


def _odd(parameter: ParameterText, value: Json) -> str:
    """What is wrong with a value that its type allows."""
    named = " ".join(words_of_name(parameter.name))
    if isinstance(value, str) and re.search(r"e ?mail(?: address)?$", named) and not _MAIL.fullmatch(value):
        return "that is no mail address" if parameter.shape == "string" else ""
    if isinstance(value, list):
        return next((reason for each in value if (reason := _odd(parameter, each))), "")
    if (
        isinstance(value, str)
        and len(value.split()) <= _SHORT
        and not _FREE.search(f"{named} {parameter.description.lower()}")
    ):
        if _SIGNS.search(value):
            return "a sign is in the middle of a word"
        if _PLACES.search(named) and _DIGITS.search(value):
            return "that is no name of a place: digits and letters are mixed"
    if isinstance(value, int | float) and value < 0 and _COUNTED.search(named):
        return "it cannot be less than nothing"
    return ""


def _unreadable(read: Read, place: int, parameter: ParameterText, used: list[tuple[int, int]]) -> tuple[str, str]:
    """The words that the network is sure of, where they cannot be read as the type; and why not."""
    score, heard = read.score.parameters[place], read.listened.heard
    if parameter.choices or not score.spans:
        return "", ""
    top = max(range(len(score.spans)), key=lambda each: score.spans[each])
    span = (heard.candidates[top].start, heard.candidates[top].end)
    if score.spans[top] < _MEANT or overlaps(span, used):
        return "", ""
    schema = leaf(read.parameters, parameter.name)
    if schema.get("type") == "array" or read_as(read.listened, top, parameter.name, schema) is not None:
        return "", ""
    words = heard.text[span[0] : span[1]]
    mention = read.listened.mentions[top]
    if mention is not None and mention.problem:
        return words, mention.problem
    if mention is not None and mention.kind == "date" and len(mention.readings) > 1:
        return words, f"it may be {' or '.join(each.label for each in mention.readings)}"
    return words, _why(words, schema, shape(parameter.name, schema))


def _why(words: str, schema: JsonObject, kind: str) -> str:
    if kind in ("integer", "number"):
        digits = re.fullmatch(r"[^\d-]*(-?\d[\d,]*(?:\.\d+)?)\D*", words)
        if digits is None:
            return ""
        number = float(digits[1].replace(",", ""))
        whole = int(number) if number == int(number) else number
        return next(problems(whole, schema), "")
    if kind == "date":
        return "" if re.fullmatch(r"[\D]*", words) else "that is no date in the form that is asked for"
    if "enum" in schema:
        return f"it is none of {', '.join(map(str, listed_choices(schema)))}"[:200]
    return next(problems(words, schema), "")
