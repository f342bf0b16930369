"""Postal addresses: a street with a number, a postcode with its town, and the places that follow them after commas."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from doer.intent.mention import Mention, one
from doer.intent.text import word_set, words
from doer.intent.vocabulary import FUNCTION_WORDS, plain_words

_UPPER = r"[A-ZÀ-ÖØ-ÞĀ-Ž]"
_WORD = rf"{_UPPER}(?:[^\W\d]|['’.-](?=[^\W\d]))*"
_INNER = rf"(?:{_WORD}|(?:St|Str|Dr|Ave|Rd|Sq)\.|de|del|della|di|da|do|dos|das|der|den|des|du|la|le|les|van|von|zum|zur|am|an|in|im|of|the|y)"
_LANE = r"(?:rue|via|calle|rua|avenue|avenida|boulevard|place|chemin|piazza|plaza)(?: (?:de|du|des|della|la|le|dei))*"
_NUMBER = r"\d{1,4}(?:\s?[a-zA-Z](?![\w]))?(?:[-/]\d{1,4}[a-z]?){0,2}"
_CODE = r"(?:[A-Z]{1,2}-)?\d{4,5}(?:-\d{3,4}|\s[A-Z]{2}(?!\w))?|[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}|[A-Z]{2}\s\d{5}"
_TOWN = rf"{_WORD}(?:[ -](?:{_INNER}[ -])?{_WORD}){{0,2}}"
_PLACE = rf"(?:(?:{_CODE})\s{_TOWN}(?:\s(?:{_CODE}))?|{_TOWN}(?:\s(?:{_CODE}))?|{_CODE})(?!\w)"
_STREET = (
    rf"(?:{_WORD}(?: {_INNER}){{0,3}}\.? {_NUMBER}(?![\w:.]\d)|{_NUMBER},? (?:{_LANE} )?{_WORD}(?: {_INNER}){{0,3}}"
    rf"|(?:Flat|Suite|Unit|Apt\.?|Floor) \w+)"
)
_FULL = re.compile(rf"(?<![\w-])(?P<street>{_STREET})(?:\s?,\s?|\s+in\s+)(?P<town>{_PLACE}(?:, {_PLACE}){{0,3}})")
_WITH_CODE = re.compile(rf"(?<![\w-])(?P<street>)(?P<town>(?:{_CODE}) {_TOWN})(?!\w)")
_LOWER = re.compile(
    r"(?<=, )(?P<street>[^\W\d]+(?: [^\W\d]+){0,3} \d{1,4}[a-z]?|\d{1,4}[a-z]? [^\W\d]+(?: [^\W\d]+){1,3})"
    r", (?P<town>(?:\d{4,5} )?[^\W\d]+)(?=\s*(?:[,.;!?]|$|on\b|by\b|with\b|for\b|tomorrow\b|and\b))"
)
_NEVER = word_set("""
    january february march april may june july august september october november december monday tuesday wednesday
    thursday friday saturday sunday mon tue wed thu fri sat sun jan feb mar apr jun jul aug sep sept oct nov dec eur
    usd gbp chf euro euros pounds dollars am pm
    """)


def find(text: str, known: Callable[[str], bool]) -> Iterator[Mention]:
    """Yield addresses that do not overlap. `known` tells a word of the tools at hand: `Invoice 12, Hansa` is no street."""
    taken = 0
    lower = not any(letter.isupper() for letter in text)
    for found in (_LOWER if lower else _FULL).finditer(text):
        street = [word.lower for word in words(found["street"])]
        if any(word in _NEVER or (len(street) <= 2 and _plain(word, known)) for word in street):
            continue
        end = _end(text, found.start("town"), found.end(), known)
        if end > found.start("town") and found.start() >= taken:
            yield one("address", text, (found.start(), end), text[found.start() : end])
            taken = end
    for found in _WITH_CODE.finditer(text):
        before = words(text[: found.start()])[-1:]
        inside = [word.lower for word in (*before, *words(found["town"]))]
        if found.start() < taken or any(word not in FUNCTION_WORDS and _plain(word, known) for word in inside):
            continue
        if any(word in _NEVER for word in inside[len(before) :]):
            continue
        yield one("address", text, found.span("town"), found["town"])
        taken = found.end()


def _plain(word: str, known: Callable[[str], bool]) -> bool:
    return (
        not word.isdigit() and word not in {"court", "close", "park", "via"} and (word in plain_words() or known(word))
    )


def _end(text: str, start: int, end: int, known: Callable[[str], bool]) -> int:
    """Where the last place ends that is no month, and no word of the tools at hand (`…, Lisbon, Express`)."""
    reach = start
    for part in re.finditer(r"[^,]+", text[start:end]):
        inside = [word.lower for word in words(part.group())]
        if any(word in _NEVER or _plain(word, known) for word in inside):
            break
        reach = start + part.end()
    piece = text[:reach].rstrip()
    return len(piece[:-1]) if piece.endswith(".") else len(piece)
