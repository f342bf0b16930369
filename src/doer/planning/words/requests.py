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
_QUOTED: Final = re.compile(r"""(?<!\w)(?:"[^"]*"|'[^']*'|“[^”]*”|‘[^’]*’|«[^»]*»)(?!\w)""")
"""What one request says word for word."""
_WISHES: Final = word_set("i'd i'll let's please kindly can could would will")
_RELATIVES: Final = word_set("which who whose where when")
_THEN: Final = re.compile(r"(?:then|after that|afterwards|finally|next|lastly)\W*$", re.IGNORECASE)
_FIRST: Final = re.compile(r"[^\W\d_](?:[\w'-]*\w)?")
_GREETING: Final = r"\s*(?:(?:hey|hi|hello|ok|okay|so|well|and|also|please)\b[\s,!.]*)*"
_WANTS: Final = re.compile(
    rf"{_GREETING}(?:i|we)(?:['’]d| would)?(?: also| really)? (?:need|want|like|wish|prefer)\b", re.IGNORECASE
)
_LEADS_UP: Final = re.compile(
    rf"{_GREETING}(?:(?:i|we)(?:['’](?:m|re|ve|ll be)| am| are| have| was| were| will be| just| recently)\b|(?:my|our) )",
    re.IGNORECASE,
)
_POINTS: Final = re.compile(r"\b(?:it|that|this|them|these|those|so|him|her|me|us|\w+ing)\W*$", re.IGNORECASE)
_SENTENCES: Final = re.compile(r"[.!?]\s+")
_LEADS: Final = word_set("please first then also and now next finally so ok okay hey hi hello well afterwards lastly")
_MORE: Final = word_set("""
    strike pull resume turn draft note look work take show tell give say let put get set make start stop open shut run try keep leave drop hand throw
    """)
_LEAST: Final = 2
"""Words. What has no more than these is no request of its own, unless a word joins it: `End TS-55 and …`."""


def requests(text: str, heads: Container[str] = frozenset()) -> list[tuple[int, int]]:
    """Return the places of the parts, in order; the whole where there is one. `heads`: stems of words that tools are called by."""
    found, start, before = list[tuple[int, int]](), 0, 0
    for end, after in [*sorted(_joints(text, heads)), (len(text), len(text))]:
        if end < start:
            continue
        count = len(text[start:end].split())
        joined = any(map(str.isalpha, text[before:start] if found else text[end:after]))
        if count > _LEAST or (count == _LEAST and joined and _is_short(text[start:end], heads)):
            found.append((start, end))
        elif found:
            found[-1] = (found[-1][0], end)
        else:
            continue
        before, start = end, after
    return found or [(0, len(text))]


def _joints(text: str, heads: Container[str]) -> set[tuple[int, int]]:
    quoted = [each.span() for each in _QUOTED.finditer(text)]
    found = {each.span() for each in _STOPS.finditer(text) if not _SHORT.search(text, 0, each.start())}
    found |= {each.span() for each in _JOINTS.finditer(text) if _begins(each["word"], heads) and not _relative(each)}
    return {each for each in found if not any(start < each[0] and each[1] < end for start, end in quoted)}


def _relative(joint: re.Match[str]) -> bool:
    """`, which is in Turkish` says more of what was named; `, and which …` asks."""
    return joint[0].strip() == "," and joint["word"].lower() in _RELATIVES


def follows(text: str, start: int) -> bool:
    """Tell whether the words before a place say that something else comes after: `then`, `after that`."""
    return _THEN.search(text, max(0, start - 24), start) is not None


def begins_request(text: str, heads: Container[str]) -> bool:
    """Tell whether a text begins as a request does: with a verb, a question or a wish."""
    first = next((low for each in _FIRST.finditer(text) if (low := each[0].lower()) not in _LEADS), "")
    return _begins(first, heads)


def asks(text: str, heads: Container[str]) -> bool:
    """Tell whether a text begins as a request does, or says that somebody needs or wants something."""
    return begins_request(text, heads) or _WANTS.match(text) is not None


def leads_up(text: str, start: int = 0) -> bool:
    """Tell whether the sentence around a place says how somebody is, as one does before one asks: `I'm planning a trip and need …`."""
    begins = max((each.end() for each in _SENTENCES.finditer(text, 0, start)), default=0)
    return _LEADS_UP.match(text, begins) is not None


def _is_short(text: str, heads: Container[str]) -> bool:
    """Tell whether two words are a request: `End TS-55`; `note that` and `get going` are none."""
    return begins_request(text, heads) and _POINTS.search(text) is None


def _begins(word: str, heads: Container[str]) -> bool:
    """Tell whether a request may begin with the word."""
    low = word.lower()
    if low in ASKING or low in _WISHES:
        return True
    if not word.islower() or not is_base(low):
        return False
    return low in LIGHT or low in _MORE or stem(low) in verbs() or stem(low) in heads
