"""Once: what is told and asked for as well, or spelt as it often is, in the words that say it once and plainly."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from doer.planning.words.utterance import Span

_ASKED = re.compile(
    r"^(?:[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)?|he|she|they|somebody|someone) (?:has |have )?(?:just )?(?:asked|wants|wanted|would like|['’]d like)"
    r"(?: me| us| you)? to (?P<wish>[^.;!?]+?)(?:[,.;!]| -| and) (?:so )?(?:please|can you|could you|would you)(?: please)?"
    r" (?:do|arrange|handle|see to|take care of) (?:that|it|so|this)[\s.!?]*$",
    re.IGNORECASE,
)
"""What somebody else wishes, and is to be done: `Bob asked to start the review earlier, please do that`."""
_ECHOED = re.compile(
    r"^(?P<told>[^.;!?]*\b(?:belongs?|should (?:be|go|join)|needs? to (?:be|go|join)|ha(?:s|ve) to (?:be|go|join)|joins?)\b[^.;!?]*?)"
    r"(?:[,.;!]| -| and) (?:so )?(?:(?:please|can you|could you|would you)[ ,]*)*(?:add|put|move) (?:them|him|her|it|that)"
    r"(?: (?:there|in|in there|to it))?[\s.!?]*$",
    re.IGNORECASE,
)
"""What is told, and asked for once more: `Mia belongs in platform, can you add her?`"""
_SPELT = re.compile(
    r"\b(?:(?P<calendar>cal[ae]nd[ae]r(?<!calendar))|(?P<address>adress)|(?P<schedule>she?dule|scedule|schedual)|(?P<account>acount|accout)"
    r"|(?P<meeting>meating|meetting)|(?P<reminder>remider|remindr)|(?P<tomorrow>tommorr?ow|tomorow))\b",
    re.IGNORECASE,
)


def said_once(text: str, begins: Callable[[str], bool]) -> Iterator[Span]:
    """Yield the words that are the request, where others only say that it is one. `begins`: whether words begin a request."""
    found = _ASKED.match(text)
    if found and begins(found["wish"]):
        yield found.span("wish")
    if found := _ECHOED.match(text):
        yield found.span("told")


def misspelt(text: str) -> Iterator[tuple[Span, str]]:
    """Yield the first word that is often misspelt so and is no other word, and how it is spelt: `calender`."""
    if found := _SPELT.search(text):
        yield found.span(), found.lastgroup or ""
