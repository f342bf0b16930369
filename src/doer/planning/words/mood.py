"""Mood: whether a sentence asks for something to be done, asks about it, tells of it, or forbids it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from doer.intent.text import stem
from doer.intent.vocabulary import verbs

_FRIENDLY = re.compile(
    r"\b(?:do not|don['’]?t) (?:forget|hesitate) to\b|\b(?:why don['’]?t (?:you|we)|can['’]?t you|couldn['’]?t you|won['’]?t you"
    r"|wouldn['’]?t you|would you not mind|no later than|not later than|no problem|no rush|no worries|if you (?:can|could|please)"
    r"|if possible|if you don['’]?t mind|not urgent|why not)\b",
    re.IGNORECASE,
)
_NEGATION = re.compile(
    r"\b(?:do not|don['’]?t|does not|doesn['’]?t|did not|didn['’]?t|must not|mustn['’]?t|should not|shouldn['’]?t|shall not|will not"
    r"|won['’]?t|cannot|can not|can['’]?t|never|not|no longer|no need|(?-i:no)(?= (?-i:[a-z]))(?! (?:later|earlier|more|less|fewer|sooner|wait)\b)|without|instead of|except|unless|avoid|refrain"
    r"|is not|isn['’]?t|aren['’]?t|neither|nor|nobody|no one|nothing|rather than|hold off|stop)\b",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"^\W*(?:(?:hi|hello|hey|please|so|and|ok|okay|well)\b[\s,!]*)*(?:how (?:do|can|could|would|should|to|does|did|come)\b"
    r"|(?:what|who|when|where|why|which|whose|how)\b|(?:is|are|was|were|did|does|has|had|should|must|may|am)\b"
    r"|will (?!you\b|u\b)(?=.*\?)|have (?:you|we|they|i|any|all|there|he|she|it)\b|have\b(?=.*\?\s*$)|have\b(?=.*\b(?:been|yet|already)\b)"
    r"|do (?:i|we|you|they)\b|(?:can|could) i\b(?! (?:have|get|ask|please|book|request))"
    r"|(?:can|could|would|will) you (?:please )?(?:explain|describe|tell me (?:how|what|why|when|who|whether|if|about)|show me how)\b"
    r"|(?:explain|describe|tell me (?:how|what|why|when|about|whether)|show me how|is it possible|i wonder\b(?! if (?:you|we) c)|i(?: a|['’])m wondering\b(?! if (?:you|we) c)"
    r"|any idea|what if|suppose|imagine|i was asked|i(?: woul|['’])d like to know|i want to know|i need to know))",
    re.IGNORECASE,
)
_POLITE_WHICH = re.compile(r"^\W*(?:why don['’]?t (?:you|we)|why not|what about|how about)\b", re.IGNORECASE)
_TELLING = re.compile(
    r"^\W*(?:(?:(?i:i|we|he|she|they)|[A-Z][\w'-]+(?: [A-Z][\w'-]+){0,3})\s+(?:(?:have|has|had) (?:been|already|just|\w+ed)|already|just|was|were|did)\b(?! to\b)"
    r"|(?i:i|we|he|she|they)\s+(?!need)\w+ed\b(?! to\b))|\b(?:has|have|had) (?:already )?been\b|\b(?:was|were) (?:already )?(?:paid|sent|bought|\w+ed)\b"
    r"|\balready (?:been |done|\w+ed)\b",
)


_REQUESTS = re.compile(
    r"\b(?:please|pls|kindly|can|could|would|will you|need|needs|needed|required|wanted|want|wants|like|must|should|to be|be|have|has to|get|let['’]?s|make sure)\b",
    re.IGNORECASE,
)
_PAST = re.compile(
    r"^\W*(?P<first>[^\W\d][\w'’&-]*)(?: (?:& )?(?!(?:is|are|be|been|to|being)\b)[\w'’-]+){0,3}? (?:paid|sent|bought|took|gave|wrote|brought|got|made|put|did|(?!need|hundr)\w{2,}ed)\b"
)


_DONE = re.compile(
    r"\b(?:has|have) (?:just |finally |now )?(?:arrived|\w{2,}ed)\b"
    r"|\b(?:paid|sent|bought|took|gave|brought) (?:us|me|them|him|her|the|an?|our|his|her|their)\b",
    re.IGNORECASE,
)
_ALL_BUT = re.compile(
    r"\b(?:all|everything|everyone|anything|every \w+|none) but\b|\bother than\b|\bapart from\b"
    r"|\b(?:every|each) (?:second|third|fourth|fifth|tenth|other|\d+(?:nd|rd|th))\b(?! (?:\w+day|day|week|fortnight|month|quarter|year|hour|minute|"
    r"morning|afternoon|evening|night)s?\b)|\bhalf (?:of )?(?:all|the|our|my|their) \w+s\b",
    re.IGNORECASE,
)
_BUT = re.compile(
    r"(?P<joint>,?\s+(?:but|and)\s+|[.;!]\s+|,\s+)(?:please\s+)?(?:just\s+)?(?:(?:do not|don['’]?t)\s+(?P<verb>(?!forget|hesitate)[a-z]+)"
    r"(?:\s+(?:it|them|that|this|anything|off|out|yet|now|still|for now|just yet|please))*"
    r"|(?:nothing (?:else|more)|that['’]?s (?:all|it)|and that['’]?s (?:all|it)|no more than that)(?: for now| please)?"
    r"|(?:with )?no (?P<noun>push|mail|email|e-mail|invitation|invite|notification|commit|reply|answer)(?:s|es)?(?: yet| now| for now| please| so far)*"
    r"|leave (?P<alone>(?!it\b|them\b|everything\b)[\w./-]+(?: [\w./-]+)?) (?:alone|untouched|as (?:it|they) (?:is|are)|out of it))"
    r"(?=\s*[.!;]?\s*$|\s*[.!;]\s|,\s|\s+and\s)",
    re.IGNORECASE,
)
"""What must not be done beside what is asked for: `but don't push it yet`, `Don't send it.`, `nothing else`, `leave a.md alone`."""
_QUOTED = re.compile(r"[\"“][^\"”]*[\"”]")
_BEGINS = re.compile(r"(?<=[.!;:] )[A-Za-z]+")
_STATES = re.compile(r"\b(?:is|are|was|were|has|had|will|did|does)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mood:
    """What kind of sentence it is; each reason is empty where it does not apply."""

    asks_about: bool
    tells: bool
    later: int
    """Where the first sentence ends, when a later one asks for something; else 0."""
    requests: bool
    """True: a word asks for something to be done: `please`, `could`, `needs`."""
    states: bool
    """True: it has a verb that says how things are."""
    negations: tuple[tuple[int, int], ...]
    """Places of words that turn something around."""


def mood(text: str, quoted: Sequence[tuple[int, int]]) -> Mood:
    """Tell the mood of a sentence. What stands in quotes is not looked at."""
    plain = _blank(text, quoted)
    friendly = _FRIENDLY.sub(lambda found: " " * len(found.group()), plain)
    about = bool(_ABOUT.match(plain)) and not _POLITE_WHICH.match(plain)
    telling = bool(_TELLING.search(friendly)) or _in_past(friendly)
    asked, states = bool(_REQUESTS.search(plain)), bool(_STATES.search(friendly))
    return Mood(
        about, telling, _later(friendly), asked, states, tuple(found.span() for found in _NEGATION.finditer(friendly))
    )


def _in_past(text: str) -> bool:
    """Tell whether somebody did something, and nothing is asked for: `Sam paid invoice 12`."""
    found = _PAST.match(text)
    if _DONE.search(text) and not _REQUESTS.search(text):
        return True
    if not found or stem(found["first"].lower()) in verbs() or _REQUESTS.search(text):
        return False
    return not any(stem(each.group().lower()) in verbs() for each in _BEGINS.finditer(text))


def _later(text: str) -> int:
    end = re.search(r"[.!;](?=\s)", text)
    if end is None:
        return 0
    begins = any(stem(each.group().lower()) in verbs() for each in _BEGINS.finditer(text))
    return end.start() if begins or _REQUESTS.search(text, end.end()) else 0


def all_but(text: str) -> str:
    """Return the words that leave out some of a selection, `everyone but`, `every second`, outside quotes; empty where there are none."""
    found = _ALL_BUT.search(_QUOTED.sub(" ", text))
    return found.group() if found else ""


def friendly_spans(text: str) -> tuple[tuple[int, int], ...]:
    """Places of turns of politeness, which say nothing of what should be done."""
    return tuple(found.span() for found in _FRIENDLY.finditer(text))


def _blank(text: str, spans: Sequence[tuple[int, int]]) -> str:
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def bars(text: str) -> tuple[re.Match[str], ...]:
    """Return the words outside quotes that say what must not be done as well, with the groups `verb`, `noun` and `alone`."""
    return tuple(_BUT.finditer(_QUOTED.sub(lambda found: "\0" * len(found.group()), text)))


def final_bar(text: str) -> re.Match[str] | None:
    """Return the words at the end that say what must not be done as well; None where there are none."""
    found = bars(text)
    return found[-1] if found and not text[found[-1].end() :].strip(" .!;") else None


def stands_apart(found: re.Match[str]) -> bool:
    """Tell whether it is said in a sentence or a clause of its own, which may as well be the end of a text."""
    return not found["joint"].strip(" ,") or found["joint"][0] in ".;!"
