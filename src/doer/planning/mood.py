"""Mood: whether a sentence asks for something to be done, asks about it, tells of it, or forbids it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_FRIENDLY = re.compile(
    r"\b(?:do not|don['’]?t) (?:forget|hesitate) to\b|\b(?:why don['’]?t (?:you|we)|can['’]?t you|couldn['’]?t you|won['’]?t you"
    r"|wouldn['’]?t you|would you not mind|no later than|not later than|no problem|no rush|no worries|if you (?:can|could|please)"
    r"|if possible|if you don['’]?t mind|not urgent|why not)\b",
    re.IGNORECASE,
)
_NEGATION = re.compile(
    r"\b(?:do not|don['’]?t|does not|doesn['’]?t|did not|didn['’]?t|must not|mustn['’]?t|should not|shouldn['’]?t|shall not|will not"
    r"|won['’]?t|cannot|can not|can['’]?t|never|not|no longer|no need|without|instead of|except|unless|avoid|refrain"
    r"|is not|isn['’]?t|aren['’]?t|neither|nor|nobody|no one|rather than|hold off|stop)\b",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"^\W*(?:(?:hi|hello|hey|please|so|and|ok|okay|well)\b[\s,!]*)*(?:how (?:do|can|could|would|should|to|does|did|come)\b"
    r"|(?:what|who|when|where|why|which|whose|how)\b|(?:is|are|was|were|did|does|has|had|may|am)\b"
    r"|have (?:you|we|they|i|any|all|there|he|she|it)\b|(?:should|must) (?:i|we|you|they|he|she)\b"
    r"|do (?:i|we|you|they)\b|(?:can|could) i\b(?! (?:have|get|ask|please|book|request))"
    r"|(?:can|could|would|will) you (?:please )?(?:explain|describe|tell me (?:how|what|why|when|who|whether|if|about)|show me how)\b"
    r"|(?:explain|describe|tell me (?:how|what|why|when|about|whether)|show me how|is it possible|i wonder\b(?! if (?:you|we) c)|i(?: a|['’])m wondering\b(?! if (?:you|we) c)"
    r"|any idea|when (?:is|was|will)|what if|suppose|imagine|i was asked|i(?: woul|['’])d like to know|i want to know|i need to know))",
    re.IGNORECASE,
)
_POLITE_WHICH = re.compile(r"^\W*(?:why don['’]?t (?:you|we)|why not|what about|how about)\b", re.IGNORECASE)
_TELLING = re.compile(
    r"^\W*(?:(?:(?i:i|we|he|she|they)|[A-Z][\w'-]+(?: [A-Z][\w'-]+){0,3})\s+(?:(?:have|has|had) (?:been|already|just|\w+ed)|already|just|was|were|did)\b(?! to\b)"
    r"|(?i:i|we|he|she|they)\s+(?!need)\w+ed\b(?! to\b))|\b(?:has|have|had) (?:already )?been\b|\b(?:was|were) (?:already )?\w+ed\b"
    r"|\balready (?:been |done|\w+ed)\b",
)


@dataclass(frozen=True, slots=True)
class Mood:
    """What kind of sentence it is; each reason is empty where it does not apply."""

    asks_about: bool
    tells: bool
    negations: tuple[tuple[int, int], ...]
    """Places of words that turn something around."""


def mood(text: str, quoted: Sequence[tuple[int, int]]) -> Mood:
    """Tell the mood of a sentence. What stands in quotes is not looked at."""
    plain = _blank(text, quoted)
    friendly = _FRIENDLY.sub(lambda found: " " * len(found.group()), plain)
    about = bool(_ABOUT.match(plain)) and not _POLITE_WHICH.match(plain)
    return Mood(about, bool(_TELLING.search(friendly)), tuple(found.span() for found in _NEGATION.finditer(friendly)))


def friendly_spans(text: str) -> tuple[tuple[int, int], ...]:
    """Places of turns of politeness, which say nothing of what should be done."""
    return tuple(found.span() for found in _FRIENDLY.finditer(text))


def _blank(text: str, spans: Sequence[tuple[int, int]]) -> str:
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text
