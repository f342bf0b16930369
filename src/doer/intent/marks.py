"""Marks: what is recognised by its form alone: quoted text, addresses, links, paths, telephone numbers, identifiers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from doer.intent.mention import Kind, Mention, one

_QUOTED = re.compile(
    r'"(?P<a>[^"\n]+)"|“(?P<b>[^”\n]+)”|„(?P<c>[^“”\n]+)[“”]|«\s?(?P<d>[^»\n]+?)\s?»|`(?P<e>[^`\n]+)`'
    r"|(?<!\w)'(?P<f>[^'\n]+)'(?!\w)|(?<!\w)‘(?P<g>[^’\n]+)’(?!\w)"
)
# A practical part of RFC 5321: one @, no quotes, a dotted domain; letters of any script (RFC 6531).
_EMAIL = re.compile(r"(?<![\w.+-])[\w.!#$%&*+/=?^{|}~-]{1,64}@(?:[\w-]{1,63}\.)+\w{2,63}(?![\w@])")
_URL = re.compile(
    r"\b(?:https?|ftp|mailto|file)://[^\s<>\"'”’)]+[^\s<>\"'”’).,;:!?]|\bwww\.[^\s<>\"')]+[^\s<>\"').,;:!?]"
)
_PATH = re.compile(
    r"(?<![\w@/:.])(?:(?:~|\.{1,2})?/[\w.@~-]+(?:/[\w.@~-]+)*/?|[\w.-]+(?:/[\w.-]+)+/?|[\w-]+\.(?:txt|md|csv|xlsx?|docx?|pptx?"
    r"|pdf|png|jpe?g|json|toml|ya?ml|py|html?|xml|zip|log|sql|tsv|ics|eml|ini|cfg)\b|[A-Za-z]:\\[\w\\.-]+)"
)
_PHONE = re.compile(
    r"(?<![\w.])(?:\+\d{1,3}[\s./-]?)?(?:\(\d{1,5}\)[\s./-]?)?\d{2,5}(?:[\s./-]\d{2,8}){1,4}(?![\w./-])"
)
_MONEY = r"(?!\s?(?:[€£$¥]|EUR|USD|GBP|CHF|euros?|dollars?|pounds?)\b)"
_IDENTIFIER = re.compile(
    r"(?<![\w#/-])(?:#\d+"
    r"|(?!(?:EUR|USD|GBP|CHF|JPY|UTC|GMT)\b)[A-Z]{1,8}(?:[-/][A-Z0-9]+)*[-/]\d+[A-Z]?(?:[-/][A-Z0-9]+)*"  # RE-2026-117
    r"|[A-Z]{1,4}\d{2,}(?:[-/][A-Z0-9]+)*"
    r"|(?!(?:mid|pre|post|non|sub|under|over|top)-)[a-z]{1,6}-\d{3,}(?:-\d+)*"
    r"|[vV]\d+(?:\.\d+)+(?:[-+][\w.]*\w)?|[vV]\d+(?!\.\d)"  # v1.2.0-rc.1
    rf"|\d{{4,}}[-/]\d{{3,}}(?:[-/]\d+)*{_MONEY}"  # 2026-0342, and no range of amounts
    r")(?![\w-]|/\w)"
)


def find(text: str) -> Iterator[Mention]:
    """Yield every mention that its form alone tells. Quoted text is yielded without its quotes."""
    for found in _QUOTED.finditer(text):
        name = found.lastgroup or "a"
        mention = one("quoted", text, found.span(name), found.group(name))
        yield Mention("quoted", found.start(), found.end(), found.group(), mention.readings)
    for kind, pattern in _forms():
        for found in pattern.finditer(text):
            if kind != "phone" or _is_phone(found.group()):
                yield one(kind, text, found.span(), found.group().lstrip("#"))


def _forms() -> tuple[tuple[Kind, re.Pattern[str]], ...]:
    return (("email", _EMAIL), ("url", _URL), ("path", _PATH), ("phone", _PHONE), ("identifier", _IDENTIFIER))


def _is_phone(words: str) -> bool:
    digits = sum(letter.isdigit() for letter in words)
    return 7 <= digits <= 15 and (words[0] in "+0(" or digits >= 9) and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", words)
