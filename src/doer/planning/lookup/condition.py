"""What a condition over rows says, as far as words tell: how many there must be, or what one of them must be."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from doer.intent.numbers import WORD_NUMBERS
from doer.planning.lookup.words import Text
from doer.planning.words.conditions import masked

Comparison = Literal["greater", "less", "equals"]
_N: Final = rf"(?P<n>\d+|{'|'.join(WORD_NUMBERS)})\b"
_LIMITS: Final[tuple[tuple[str, Comparison, int], ...]] = (
    (rf"no more than {_N}", "less", 1),
    (rf"no (?:fewer|less) than {_N}", "greater", -1),
    (rf"(?:more|greater) than {_N}", "greater", 0),
    (rf"(?:fewer|less) than {_N}", "less", 0),
    (rf"at least {_N}", "greater", -1),
    (rf"at most {_N}", "less", 1),
    (rf"{_N} or more", "greater", -1),
    (rf"{_N} or (?:fewer|less)", "less", 1),
    (rf"exactly {_N}", "equals", 0),
)
_NONE: Final = re.compile(
    r"\b(?:(?:do|does|did)(?: not|n['’]t) have(?: an?| any(?:thing)?)?|(?:have|has|had|is|are|was|were)(?: not|n['’]t) (?:got )?(?:an?|any(?:thing)?)"
    r"|no|nothing|none|not a single)\b",
    re.IGNORECASE,
)
_SOME: Final = re.compile(r"\b(?:an?|any|some|something|anything)\b", re.IGNORECASE)
_FRAME: Final = re.compile(
    r"^(?:(?:there(?: is| are| was| were|['’]s| has been| have been)?)|(?P<own>i|we)(?: have| had|['’]ve)?(?: got| received)?)(?:\s+|$)",
    re.IGNORECASE,
)
_HAS: Final = re.compile(r"\b(?:has|have|had)(?: got)?\b", re.IGNORECASE)
_ARRIVED: Final = re.compile(r"\b(?:came|come|has come|have come|arrived|got)\b(?: in\b(?! \w))?", re.IGNORECASE)
_PAST: Final = re.compile(r"\b(?:was|were|had|came|arrived|got|did|has been|have been)\b", re.IGNORECASE)
_ANY_DAY: Final = re.compile(
    r"\b(?:on|in) (?P<which>any|some|one|a|every|each)(?: single)? day\b(?: of)?", re.IGNORECASE
)
_STATE: Final = re.compile(
    r"^(?P<who>.+?)\s+(?:is|are|was|were)(?P<not>n['’]t)?\s+(?P<more>(?:(?:still|already|yet|now|currently|not|no longer)\s+)*)(?P<told>\S.*)$",
    re.IGNORECASE | re.DOTALL,
)
_CAME: Final = re.compile(
    r"^(?:it|that|this)(?P<not> (?:did not|didn['’]t))? (?:came|come|arrived|arrive|was received|was sent|is from|is|was|starts|start|begins)(?: in\b(?= (?:this|last|today|yesterday|on|in)))?\s+(?P<told>\S.*)$",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Count:
    """There must be so many rows, or a figure must be so high."""

    comparison: Comparison
    limit: int
    rest: str
    """What says which rows, without the words that count."""
    own: bool
    """It speaks of what the person has."""
    days: Literal["", "any", "every"] = ""
    """Of figures by day: of any day, or of each; nothing: of all days together."""
    numbered: bool = True
    """A number was said."""
    past: bool = False
    """It speaks of what has been."""

    def holds(self, number: float) -> bool:
        """Tell whether it is so of a number."""
        match self.comparison:
            case "greater":
                return number > self.limit
            case "less":
                return number < self.limit
            case "equals":
                return number == self.limit


@dataclass(frozen=True, slots=True)
class State:
    """One row must be something."""

    subject: str
    """Which row; nothing: the one that the rest of the sentence means."""
    told: str
    negated: bool


class Undecided(Exception):
    """It cannot be told here whether it holds: a person is asked, as where nothing can be read."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether a condition holds, and what was read."""

    holds: bool
    told: str
    read: str


def said_by(words: str) -> Count | State | None:
    """Return what a condition asks for; None where that is not understood."""
    text = words.strip().rstrip(".!")
    if (came := _CAME.match(masked(text))) is not None:
        return State("", text[came.start("told") :], came["not"] is not None)
    if (counted := _count(text)) is not None:
        return counted
    found = _STATE.match(masked(text))
    if found is None or text.lower().startswith("there"):
        return None
    more = found["more"].lower().split()
    negated = found["not"] is not None or "not" in more or "longer" in more
    if found["not"] is not None and ("not" in more or "longer" in more):
        return None
    subject = text[found.start("who") : found.end("who")]
    pointed = subject.lower() in ("it", "that", "this")
    return State("" if pointed else subject, text[found.start("told") :], negated)


def _count(text: str) -> Count | None:
    plain = masked(text)
    for pattern, comparison, more in _LIMITS:
        if found := re.search(rf"\b{pattern}", plain, re.IGNORECASE):
            said = found["n"].lower()
            limit = int(said) if said.isdigit() else WORD_NUMBERS[said]
            return _cut(text, found.span(), comparison, limit + more, numbered=True)
    if found := _NONE.search(plain):
        return _cut(text, found.span(), "less", 1, numbered=False)
    frame = _FRAME.match(plain) or _HAS.search(plain)
    if (
        frame is not None
        and (found := _SOME.search(plain, frame.end()))
        and not plain[frame.end() : found.start()].strip()
    ):
        return _cut(text, found.span(), "greater", 0, numbered=False)
    return None


def _cut(text: str, span: tuple[int, int], comparison: Comparison, limit: int, *, numbered: bool) -> Count:
    before, after = text[: span[0]], text[span[1] :]
    frame = _FRAME.match(masked(before))
    own = (frame is not None and frame["own"] is not None) or re.match(r"\W*i\b", text, re.IGNORECASE) is not None
    if frame is not None:
        before = before[frame.end() :]
    rest = f"{before} {after}"
    found = _ANY_DAY.search(masked(rest))
    days: Literal["", "any", "every"] = ""
    if found is not None:
        days = "every" if found["which"].lower() in ("every", "each") else "any"
        rest = f"{rest[: found.start()]} {rest[found.end() :]}"
    for pattern in (_HAS, _ARRIVED):
        kept = masked(rest)
        for each in reversed(list(pattern.finditer(kept))):
            rest = f"{rest[: each.start()]} {rest[each.end() :]}"
    past = _PAST.search(masked(text)) is not None
    return Count(comparison, limit, " ".join(rest.split()), own, days, numbered, past)


def joined_names(texts: Sequence[Text], told: str) -> list[Text]:
    """Return capitalized words that stand together, as one name, with the small word before them."""
    made = list[Text]()
    for each in texts:
        before = made[-1] if made else None
        if (
            before is not None and before.kind == "person" and not each.kind and each.text[:1].isupper()
            and told[before.span[1] : each.span[0]] == " "
        ):  # fmt: skip
            made[-1] = replace(before, text=f"{before.text} {each.text}", span=(before.span[0], each.span[1]))
        elif not each.kind and each.text[:1].isupper():
            link = re.search(r"(\w+)\W*$", told[: each.span[0]])
            made.append(replace(each, kind="person", link=link[1].lower() if link else ""))
        else:
            made.append(each)
    return made
