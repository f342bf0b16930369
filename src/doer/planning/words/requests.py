"""Requests: the sentences and clauses of a text that may each ask for something, cut where the next one seems to begin.

Looser than `clauses`: a cut here is only a place at which another tool may be looked for; whether one is meant is for the network to say.
"""

from __future__ import annotations

import re
from collections.abc import Container
from typing import Final

from doer.intent.text import stem, word_set
from doer.intent.vocabulary import verbs
from doer.planning.words.clauses import ASKING, LIGHT, is_base

_STOPS: Final = re.compile(
    r"(?<=[.!?;])\s+|,?\s+(?:and )?(?:then|also|after that|additionally|finally|next|lastly)\b,?\s+", re.IGNORECASE
)
_SHORT: Final = re.compile(
    r"(?:\b(?:[A-Z]|[Dd]r|[Mm]rs?|[Mm]s|[Pp]rof|[Ss]t|[Jj]r|[Ss]r|vs|[Nn]o|e\.g|i\.e|etc|[Jj]an|[Ff]eb|[Mm]ar|[Aa]pr|[Jj]un|[Jj]ul|[Aa]ug|[Ss]ept?|[Oo]ct"
    r"|[Nn]ov|[Dd]ec)\.)$"
)
_JOINTS: Final = re.compile(
    r"(?:,\s*(?:and|but|plus)?|\s+(?:and|but|plus)|:|;)\s+(?:(?:then|also|just|please|afterwards|instead|finally|could you|can you|would you|will you"
    r"|i(?:'d| would) like (?:you )?to|i (?:need|want) (?:you )?to)\s+)*(?=(?P<word>[A-Za-z']+))",
    re.IGNORECASE,
)
_WISHES: Final = word_set("i'd i'll let's please kindly can could would will")
_MORE: Final = word_set("""
    strike pull resume turn draft note look work take show tell give say let put get set make start stop open shut run try keep leave drop hand throw
    """)
_LEAST: Final = 2
"""Words. What has no more than these is no request of its own."""


def requests(text: str, heads: Container[str] = frozenset()) -> list[tuple[int, int]]:
    """Return the places of the parts, in order; the whole where there is one. `heads`: stems of words that tools are called by."""
    found, start = list[tuple[int, int]](), 0
    for end, after in [*sorted(_joints(text, heads)), (len(text), len(text))]:
        if end < start:
            continue
        if len(text[start:end].split()) > _LEAST:
            found.append((start, end))
        start = after
    return found or [(0, len(text))]


def _joints(text: str, heads: Container[str]) -> set[tuple[int, int]]:
    found = {each.span() for each in _STOPS.finditer(text) if not _SHORT.search(text, 0, each.start())}
    return found | {each.span() for each in _JOINTS.finditer(text) if _begins(each["word"], heads)}


def _begins(word: str, heads: Container[str]) -> bool:
    """Tell whether a request may begin with the word."""
    low = word.lower()
    if low in ASKING or low in _WISHES:
        return True
    if not word.islower() or not is_base(low):
        return False
    return low in LIGHT or low in _MORE or stem(low) in verbs() or stem(low) in heads
