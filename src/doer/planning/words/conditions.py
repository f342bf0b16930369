"""Conditions: `if …, do … otherwise …` is cut into what must hold, what is asked for then, and what is asked for else.

Only the words are cut here; whether a condition can be read from a system is for `checking` to find out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from doer.domain.value import Provenance
from doer.intent.text import stem, words
from doer.planning.words.utterance import Span

_WORDS = r"(?:if and )?only if|only when|if|provided(?: that)?|providing(?: that)?|on condition that|as long as|in case|unless|when"
_EACH_TIME = "whenever|every time|each time|any time|as soon as"
_LEAD = re.compile(
    rf"^\W*(?:(?:please|and|but|so|ok|okay|then)\b[\s,]*)*(?P<word>{_WORDS}|{_EACH_TIME}|should)\s+(?=\S)",
    re.IGNORECASE,
)
_TAIL = re.compile(rf"(?:,\s*|\s+)(?:(?:but|and)\s+)?(?P<word>{_WORDS}|{_EACH_TIME})\s+(?=\S)", re.IGNORECASE)
_ELSE = re.compile(r"\s*[,;.]?\s*\b(?:otherwise|or else|else|if not)\b[,:]?\s*", re.IGNORECASE)
_IDLE = re.compile(
    r"^\W*(?:please )?(?:(?:just )?(?:leave|keep) (?:it|them|that|this|everything|things)(?: (?:alone|be|as (?:it|they) (?:is|are|was|were)|untouched))"
    r"|(?:just )?do nothing(?: at all)?|(?:do not|don['’]?t) (?:do anything|touch (?:it|them|anything)|change anything))\W*$",
    re.IGNORECASE,
)
"""What is asked for else, and is nothing."""
_BREAK = re.compile(r"\s*(?:,\s*(?:then\s+)?|:\s+|\s+then\s+)", re.IGNORECASE)
_POLITE = re.compile(
    r"^(?:you (?:can|could|may|like|want|please|have|get|find|do|would|don['’]?t)|possible|necessary|needed|need be|(?:that|this|it)(?:['’]s| is| works)"
    r" ?(?:ok|okay|fine|alright|possible|$)|(?:we|i) (?:can|may)\b|so\b|any\b(?=\W*$))",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"\b(?:check|see|know|tell|ask|wonder|whether|even|as|look|find out|say(?:ing|s)?|that|and|or|what)\W*$",
    re.IGNORECASE,
)
_ONLY = re.compile(r"^\W*only\s+", re.IGNORECASE)
_QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”|(?<!\w)'[^'\n]*'(?!\w)")
_NEGATIVE = frozenset({"unless"})


@dataclass(frozen=True, slots=True)
class Conditional:
    """A goal with a condition."""

    word: str
    condition: Span
    main: Span
    other: Span | None = None
    """What is asked for where it does not hold."""
    trailing: bool = False

    @property
    def watches(self) -> bool:
        """True: it is asked for each time, or as soon as, something happens."""
        return re.fullmatch(_EACH_TIME, self.word) is not None

    @property
    def negated(self) -> bool:
        """True: it is asked for unless the condition holds."""
        return self.word in _NEGATIVE


def masked(text: str) -> str:
    """The text with what stands in quotes made unreadable, every place kept: no word of a quotation cuts a goal."""
    return _QUOTED.sub(lambda found: "¤" * len(found.group()), text)


def has_condition(text: str) -> bool:
    """Tell whether a goal may hold a condition."""
    return next(conditionals(text, lambda _: False), None) is not None


def conditionals(text: str, heads: Callable[[str], bool]) -> Iterator[Conditional]:
    """Yield the ways to cut a goal at a condition, the likeliest first. `heads` knows stems with which a request begins."""
    plain = masked(text)
    end = len(plain.rstrip(" .!\n"))
    lead = _LEAD.match(plain)
    if lead is not None and lead["word"].lower() == "should" and ("," not in plain or plain.rstrip().endswith("?")):
        return  # `should ticket 12 be closed?` asks
    if lead is not None and not _POLITE.match(plain[lead.end() :]):
        for stop, start in _breaks(plain, lead.end(), end, heads):
            yield _with_else(plain, Conditional(lead["word"].lower(), (lead.end(), stop), (start, end)))
        return
    for found in reversed(list(_TAIL.finditer(plain, 0, end))):
        if _ASKS.search(plain[: found.start()]) or _POLITE.match(plain[found.end() :]):
            continue
        only = _ONLY.match(plain)
        main = (only.end() if only else len(plain) - len(plain.lstrip()), found.start())
        made = Conditional(found["word"].lower(), (found.end(), end), main, trailing=True)
        other = _ELSE.search(plain, found.end(), end)
        if other is not None:
            made = _otherwise(plain, replace(made, condition=(found.end(), other.start())), (other.end(), end))
        elif "," in plain[found.end() : end]:
            continue
        if main[0] < main[1]:
            yield made


def _breaks(plain: str, start: int, end: int, heads: Callable[[str], bool]) -> Iterator[Span]:
    """Where a condition may end and the request begin: at a comma or `then`; without any, before a verb."""
    found = [each for each in _BREAK.finditer(plain, start, end) if each.end() < end]
    yield from ((each.start(), each.end()) for each in found[:3])
    if found:
        return
    cut = [each for each in words(plain) if start < each.start < end]
    yield from (
        (len(plain[: each.start].rstrip()), each.start)
        for each in cut[2:]
        if each.lower == each.text and heads(each.stem)
    )


def _with_else(plain: str, made: Conditional) -> Conditional:
    found = _ELSE.search(plain, *made.main)
    if found is None or found.start() == made.main[0]:
        return made
    return _otherwise(plain, replace(made, main=(made.main[0], found.start())), (found.end(), made.main[1]))


def _otherwise(plain: str, made: Conditional, other: Span) -> Conditional:
    """The same with what is asked for where the condition does not hold, if that is anything: `otherwise leave it alone`."""
    return made if _IDLE.match(plain[slice(*other)]) else replace(made, other=other)


def inverted(words_: str) -> str:
    """`ticket 12 still be open`, said after `should`, as a statement: `ticket 12 is still open`."""
    made = re.sub(r"\b(?P<idle>(?:still |not |already )*)be\b", r"is \g<idle>", words_, count=1, flags=re.IGNORECASE)
    return re.sub(r"\bhave\b", "has", made, count=1, flags=re.IGNORECASE) if made == words_ else made


_PERSONAL = r"\b(?P<own>his|her|their|its)\b(?= +\w)|\b(?P<who>he|she|they|him|her|them|it|that one|this one)\b(?!['’])"
_POINTER = re.compile(_PERSONAL, re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Told:
    """A part of a goal, by itself, with words in the place of those that point back; places in the goal can be found."""

    text: str
    offset: int = 0
    """Where it begins in the goal."""
    edits: tuple[tuple[Span, str], ...] = ()
    """Spans of this text that were put there, with the words for which they stand."""

    def origin(self, told: Provenance) -> Provenance:
        """Return where a value came from, by its place in the whole goal."""
        if told.source not in {"words", "known"} or told.start is None or told.end is None:
            return told
        grown = 0
        for (start, end), old in self.edits:
            if start < told.end and told.start < end:
                at = start - grown + self.offset
                return Provenance(told.source, f"{old}: {told.text}", at, at + len(old))
            if end <= told.start:
                grown += end - start - len(old)
        return Provenance(told.source, told.text, told.start - grown + self.offset, told.end - grown + self.offset)


def pointing(text: str) -> bool:
    """Tell whether words of it point to something that is said elsewhere."""
    return _POINTER.search(masked(text)) is not None


def resolved(text: str, offset: int, meant: str) -> Iterator[Told]:
    """Yield the ways to put what is meant in the place of every word that points: `its stock` is the stock of it."""
    for ways in ("'s", " of "):
        made, edits, last = "", [], 0
        for found in _POINTER.finditer(masked(text)):
            old, end = found.group(), found.end()
            new = meant
            if found["own"]:
                noun = re.match(r"\s+(\w+)", text[end:])
                if ways == "'s" or noun is None:
                    new = f"{meant}'s"
                else:
                    new, end = f"the {noun.group(1)} of {meant}", end + noun.end()
                    old = text[found.start() : end]
            made += text[last : found.start()]
            edits.append(((len(made), len(made) + len(new)), old))
            made, last = made + new, end
        yield Told(made + text[last:], offset, tuple(edits))
        if not any(found["own"] for found in _POINTER.finditer(masked(text))):
            return


def stems(text: str) -> frozenset[str]:
    """Return the stems of the words of a text."""
    return frozenset(stem(word.lower) for word in words(text))
