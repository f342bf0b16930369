"""Saying corrections: how people word them, and which of two mentions a new value stands for."""

from __future__ import annotations

import re
from collections.abc import Sequence

from doer.intent.grounder import Grounder
from doer.intent.mention import Mention
from doer.intent.text import word_set, words

_LEAD = re.compile(
    r"^\W*(?:(?:no|nope|sorry|actually|wait|hmm|oops|rather|instead|i meant?|make (?:it|that)|let['’]?s (?:make it|do|say)"
    r"|change (?:it|that) to|(?:it|that) should be|should be|better|please|but|and|ok|okay)\b[\s,:;.–-]*)+",
    re.IGNORECASE,
)
_TAIL = re.compile(r"[\s,]*\b(?:instead|please|rather|thanks|thank you|then)\b[\s.!]*$|[\s.!]+$", re.IGNORECASE)
_NOT = re.compile(
    r"^(?P<new>.+?),? (?:and )?(?:not|instead of|rather than) (?:on |at |to |the )*(?P<old>.+)$|^not (?:on |at |to |the )*(?P<old2>.+?)(?:,| but) (?:but )?(?P<new2>.+)$",
    re.IGNORECASE,
)
WITHOUT = re.compile(
    r"^\W*(?:(?:but|and|please|ok|yes|do it|just) )*(?:without|skip|leave out|drop|omit|don['’]?t|do not|no) (?:the |a |an |any |my |send(?:ing)? (?:the |a |any )?)*(?P<what>[\w][\w @.'-]*?)[\s.!]*$",
    re.IGNORECASE,
)
ONLY = re.compile(
    r"^\W*(?:(?:no|but|please|ok|yes),? )*(?:only|just) (?:the )?first(?: (?P<n>\d+|one|two|three|four|five|six|seven|eight|nine|ten))?\b(?: \w+)?[\s.!]*$",
    re.IGNORECASE,
)
ADDING = re.compile(
    r"^\W*(?:(?:no|ok|yes|please|and|but),? )*(?:(?:also|plus|add|as well as|also (?:add|invite|include|to)|invite|include)\b[\s:]*)(?P<what>\S.*?)(?:\s+(?:too|as well))?[\s.!]*$"
    r"|^\W*(?:(?:please|and),? )*(?P<what2>\S.*?),?\s+(?:too|as well)[\s.!]*$",
    re.IGNORECASE,
)
"""One more of several: `also Bob`, `Bob too`."""
_PLAIN = re.compile(
    r"\S.*\binstead\W*$|^\W*(?:(?:no|sorry|actually|wait|oops|but)[,\s]+)*(?:make (?:it|that) \S|without \S|(?:only|just) the first\b)"
    r"|^\W*(?:no|sorry|wait|oops),? (?:to|on|at|from|in|for|by) \S",
    re.IGNORECASE,
)
_WORDS = word_set("y yes n no ok okay yeah nope sure done fine approve approved")
COUNTS = {
    name: place
    for place, name in enumerate(["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"], 1)
}
_ALIKE = tuple(
    word_set(each)
    for each in ("to until till through", "from starting", "on", "at", "by due before", "cc", "bcc", "in into")
)
TYPED = frozenset(
    {"date", "time", "amount", "number", "email", "person", "path", "identifier", "duration", "url", "phone"}
)


def says_something(text: str) -> bool:
    """Tell whether words can change a plan: a bare number, a yes or a no cannot."""
    said = text.strip(" .!").casefold()
    return any(letter.isalpha() for letter in said) and said not in _WORDS


def corrects(text: str) -> bool:
    """Tell whether words are plainly a correction, and no answer to a question."""
    return bool(_PLAIN.search(text))


def new_and_old(text: str) -> tuple[str, str]:
    """The new words and the old ones that they replace, where those are named."""
    core = _LEAD.sub("", text)
    core = _TAIL.sub("", core) or text
    found = _NOT.match(core)
    if found is None:
        return core, ""
    return (found["new"] or found["new2"]), (found["old"] or found["old2"])


def same_kind(old: Mention, new: Mention) -> bool:
    """Tell whether a new value may stand for an old one by its kind: a bare number for an amount."""
    return (
        old.kind == new.kind
        or (old.kind == "amount" and new.kind == "number")
        or {old.kind, new.kind} == {"identifier", "number"}
    )


def is_called(mention: Mention, old: str, grounder: Grounder) -> bool:
    """Tell whether words name a mention: its text, its number, or a value that it can be read as."""
    digits = re.findall(r"\d+", mention.text)
    if old.strip().lower() in mention.text.lower() or (digits and re.findall(r"\d+", old) == digits):
        return True
    values = [reading.value for each in grounder.mentions(old) for reading in each.readings]
    return any(reading.value in values for reading in mention.readings)


def word_before(text: str, place: int) -> str:
    """Return the word before a place, articles aside."""
    before = [word.lower for word in words(text[:place]) if word.lower not in {"the", "a", "an"}]
    return before[-1] if before else ""


def alike_links(one: str, other: str) -> bool:
    """Tell whether two small words before values say the same: `until`, `to`."""
    return bool(one) and (one == other or any({one, other} <= group for group in _ALIKE))


def says_all(wanted: Sequence[str], stems: Sequence[str]) -> bool:
    """Tell whether stems stand in a row among others."""
    return bool(wanted) and any(list(stems[place : place + len(wanted)]) == list(wanted) for place in range(len(stems)))
