"""Telling: the clauses of a goal that say how things are, beside those that ask for something to be done.

`Bob is running late, can the release check start at 11:30?`: the first clause tells. A clause tells where somebody or
something stands before a verb that is no order, and no word of it bounds or wishes: `if`, `unless`, `should`, `please`.
Judged by form alone, so that verbs need not be known; what begins as a request does never tells.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from doer.intent.text import IRREGULAR, Word, stem, word_set, words
from doer.intent.vocabulary import FUNCTION_WORDS, LIGHT_VERBS, verbs
from doer.planning.words.utterance import Span

MANNERS = word_set("please pls plz kindly just also hi hello hey ok okay so and now then thanks by the way")
MOST = 6
"""Clauses. What has more is read as one."""
_JOINT = re.compile(
    r"(?:,\s+|(?<!\b[A-Z])[.;!?]\s+|:\s+|\s+[-–—]\s+)(?:(?:and\s+)?(?:so|therefore|thus|hence)\b[\s,]*)?"
    r"|\s+(?:and\s+)?so\s+(?=(?:please|pls|can|could|would|you|let|i|we)\b)|\s+and\s+(?=you can\b)",
    re.IGNORECASE,
)
_OPENS = re.compile(
    r"^\W*(?:(?:since|because|as|now that|given that|seeing that|so|and|but|also|fyi|sadly|unfortunately|luckily|finally|just"
    r"|today|yesterday|this (?:morning|afternoon|week)|last (?:night|week))\b[\s,]*)*",
    re.IGNORECASE,
)
_CAUSES = re.compile(
    r"^\W*(?:because of|due to|owing to|on account of|thanks to|given|as (?:discussed|agreed|promised|announced)(?: with| by| in| at)?)\s+\S",
    re.IGNORECASE,
)
_BE = (
    r"is|are|was|were|am|has|have|had|will|won['’]?t|isn['’]?t|aren['’]?t|wasn['’]?t|weren['’]?t|hasn['’]?t|haven['’]?t|hadn['’]?t"
    r"|does|doesn['’]?t|did|didn['’]?t|don['’]?t|can['’]?t|cannot|can not|couldn['’]?t|no longer"
)
_PAST = (
    "left|took|got|came|went|wrote|called|said|told|gave|made|did|fell|quit|lost|found|sent|bought|sold|paid|broke|forgot|met|chose"
    "|began|became|brought|kept|held|saw|thought|felt|spoke|stole|grew|rose|won|built|heard|ran|sat|stood"
)
_THIRD = word_set("""
    want need ask say know work start leav like live take come go call complain prefer think hope believ wait belong mean suggest
    insist report write stay move begin join return feel look seem remain expect plan deserv travel cost run end finish keep get make
    """)
"""Stems of verbs that say in the form for one, `wants`, how things are."""
_VERB = re.compile(
    rf"(?:(?<=\b[iI])['’]m\b|(?<=\w)['’](?:re|ve|ll)\b"
    r"|(?:(?<=\bit)|(?<=\bhe)|(?<=\bshe)|(?<=\bthat)|(?<=\bthere)|(?<=\bIt)|(?<=\bHe)|(?<=\bShe)|(?<=\bThat)|(?<=\bThere))['’]s\b"
    r"|['’]s(?=\s+(?:\w+ing|not|away|out|ill|sick|busy|off|back|gone|late|new|on (?:leave|holiday|vacation))\b)"
    rf"|\s+(?P<verb>{_BE}|{_PAST}|(?:just |already |now |also |really |only |still )*(?P<form>[a-z]{{2,}}(?:ed|s)))\b)",
    re.IGNORECASE,
)
_SPEAKER = re.compile(
    r"^(?:i|we|they)\s+(?:just |already |now |also |really |only |still )*(?P<form>[a-z]{3,})\b", re.IGNORECASE
)
_BLOCKS = re.compile(
    r"\b(?:if|when|whenever|unless|except|provided|providing|assuming|as long as|or|maybe|perhaps|please|pls|should|must|could|would|shall|might|may|otherwise|let['’]?s"
    r"|needs? to|ha(?:s|ve) to|had to|^\W*(?:i|we) (?:just |also |really )?(?:need|want|wish|expect)|(?:i|we) (?:do not|don['’]?t|did not|didn['’]?t|never) (?:want|need|wish|like|approve|agree)|(?:needs?|wants?) (?:an?|another|some)|wants? (?:to|me|us|you)|wanted (?:to|me|us|you)|asked (?:me|us|you|for you)? ?to|'d like)\b|\?|^\W*only\b",
    re.IGNORECASE,
)
_SMALL = word_set("""
    a an the my our your his her their its of to for with in on at by from no every each just already now also still
    """)
_NOT_NAMES = word_set(
    "who what which when where why how whose whom can could would will do does did is are was were may please"
)
_WISHES = re.compile(
    r"\b(?:please|pls|plz|can|could|would|will|should|must|may|needs?|ha(?:s|ve) to|to be|let|want|like|what|which|who|how|when|where|is|are|do|does)\b",
    re.IGNORECASE,
)
_IMPERATIVES = word_set(
    "leave keep forget ignore wait hold let make take use try go do give put get set turn tick drop"
)
_SUBORDINATE = re.compile(r"\b(?:that|it|whether|which|who|because|as|since)\b|[.,;:]", re.IGNORECASE)
_NO_SUBJECTS = word_set(
    "then next afterwards later with in on at to for from by of into not no nothing more all-day also once after before until"
)
_DENIES = re.compile(r"n['’]?t\b|\b(?:not|never|no|nobody|wrong|nothing)\b", re.IGNORECASE)
_INSIDE = word_set("that which who whose")
_EXPECTED = 3


@dataclass(frozen=True, slots=True)
class Told:
    """One clause that tells."""

    span: Span
    subjects: tuple[Span, ...]
    """Who or what it may be about: what stands before each word that may be its verb."""
    rests: tuple[Span, ...]
    """What it may say of that."""


@dataclass(frozen=True, slots=True)
class Part:
    """A clause of a goal."""

    span: Span
    told: Told | None
    """None: it does not tell."""


def parts(text: str, away: Sequence[Span], acts: Callable[[str], bool]) -> tuple[Part, ...]:
    """Return the clauses of a text in order. `away`: values, and what stands in quotes, that no joint cuts; `acts` tells the
    stem of a verb with which a request may begin.
    """
    cut: list[Span] = []
    start = 0
    for joint in _JOINT.finditer(text):
        if any(low < joint.end() and joint.start() < high for low, high in away):
            continue
        if joint[0].startswith(":") and (
            told(text, (start, joint.start()), acts) is None or _DENIES.search(text, start, joint.start())
        ):
            break  # what is to be written follows, and all that does is of it; or what is denied
        cut.append((start, joint.start()))
        start = joint.end()
    cut.append((start, len(text.rstrip())))
    cut = [each for each in cut if text[slice(*each)].strip()]
    return tuple(Part(each, told(text, each, acts)) for each in cut) if len(cut) <= MOST else ()


def told(text: str, span: Span, acts: Callable[[str], bool]) -> Told | None:
    """Return what a clause tells; None where it does not plainly tell."""
    clause = text[slice(*span)]
    if _CAUSES.match(clause):
        return Told(span, (), ((span[0], span[1]),))
    if _BLOCKS.search(clause):
        return None
    opened = _OPENS.match(clause)
    start = opened.end() if opened else 0
    first = words(clause[start:])[:2]
    if not first or first[0].lower in _NOT_NAMES | _NO_SUBJECTS or _orders(first, acts):
        return None
    found = [each for each in _VERB.finditer(clause, start) if _finite(each, clause, start)]
    speaker = _SPEAKER.match(clause[start:])
    if not found and speaker is None:
        return None
    subjects = tuple(
        (span[0] + start, span[0] + each.start()) for each in found if clause[start : each.start()].strip()
    )
    rests = tuple((span[0] + each.end(), span[1]) for each in found)
    if speaker is not None and not found:
        rests = ((span[0] + start + speaker.end(), span[1]),)
    return Told(span, subjects[:_EXPECTED], rests[:_EXPECTED]) if subjects or speaker else None


def asks(text: str, acts: Callable[[str], bool]) -> bool:
    """Tell whether words ask for something: they begin with a verb, or with what makes a wish, or say what should be."""
    first = next((each for each in words(text) if each.lower not in MANNERS), None)
    return first is not None and (
        _WISHES.search(text) is not None or acts(first.stem) or first.stem in verbs() or first.lower in LIGHT_VERBS
    )


def is_order(text: str, acts: Callable[[str], bool]) -> bool:
    """Tell whether a text begins as a request does: `Mail Ana that it has moved`, and not `Invoice 12 of Ana was paid`."""
    first = [each for each in words(text) if each.lower not in MANNERS][:2]
    if not first or first[0].lower in _NOT_NAMES or not _orders(first, acts):
        return False
    stated = next((each.start() for each in _VERB.finditer(text) if each["form"] is None), len(text))
    return stated == len(text) or _SUBORDINATE.search(text, 0, stated) is not None


def _orders(first: Sequence[Word], acts: Callable[[str], bool]) -> bool:
    """Tell whether a clause begins as a request does: with a verb, and not with somebody who is called so."""
    one, *more = first
    if (
        not (acts(one.stem) or one.stem in verbs() or one.lower in _IMPERATIVES)
        or one.lower in IRREGULAR
        or one.lower.endswith(("ed", "ing"))
    ):
        return False
    return not more or re.fullmatch(_BE, more[0].lower) is None


def _finite(found: re.Match[str], clause: str, start: int) -> bool:
    """Tell whether what looks like a verb can be one here: `wants` after a name, and not the `mugs` of `the mugs`."""
    before = words(clause[start : found.start()])
    if not before or (len(before) > 1 and before[-1].lower in _INSIDE | _SMALL) or re.fullmatch(_BE, before[-1].lower):
        return False
    form = found["form"]
    if form is None or found["verb"].lower() in _BE.split("|"):
        return True
    low, opens = form.lower(), before[0]
    if not (opens.text[0].isupper() or opens.text[0].isdigit() or opens.lower in FUNCTION_WORDS):
        return False  # `signature required`
    if low.endswith("ed"):
        return len(low) > 4 and low not in {"need", "hundred", "indeed", "speed", "feed", "seed"}
    return low.endswith("s") and stem(low) in _THIRD and not before[-1].lower.endswith("s")
