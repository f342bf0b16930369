"""What a tool is called, what its verbs are, and which words of a sentence that explains, at what cost."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

from doer.domain.action import Manifest
from doer.intent.text import stem, word_set
from doer.intent.vocabulary import FUNCTION_WORDS, PHRASES, alike, alike_nouns, verbs
from doer.planning.action.sense import words_of_name
from doer.planning.lookup.tools import is_key, keys_of, nouns, parameters

_GROUPS: Final = tuple(
    word_set(each)
    for each in """
delete remove cancel calloff bin trash scrap discard erase drop withdraw clear bin
done finish complete close tick resolve check
give hand pass assign reassign transfer move delegate swap reallocate
postpone delay defer reschedule move push shift rebook bring
create add make new setup register book schedule plan log open raise draft enter put arrange reserve start
file put move archive store sort
update edit change modify set adjust correct amend mark revise
send mail email write message drop tell notify inform know
reply answer respond
forward pass
order buy purchase reorder restock get replenish
rename retitle call
invite ask
lengthen extend prolong
""".strip().splitlines()
)
"""Words that may stand for each other where somebody speaks of rows."""
_KIND: Final = {
    "address": word_set("give hand pass assign reassign transfer move delegate go goes swap take put let look"),
    "date": word_set("postpone move push delay shift set change reschedule wait put bring rebook extend prolong defer make"),
    "datetime": word_set("postpone move push delay shift set change reschedule wait put bring rebook start make"),
    "choice": word_set("set mark change move turn switch put make update flag file upgrade downgrade promote bump"),
    "text": word_set("set change update rename make call move correct retitle put edit"),
    "number": word_set("make set shorten lengthen extend cut change correct count raise increase reduce lower update put"),
    "flag": word_set("set mark flag make turn switch"),
}  # fmt: skip
"""Kind of a slot -> verbs for giving it a value."""
_OWN: Final = re.compile(r"^\W*(?P<first>[a-z]+)|(?::|;|\band)\s+(?P<more>[a-z]+)|\((?P<aside>[a-z ]+)\)")
_ARTICLE: Final = re.compile(r"\b(?:a|an|the|one|my|another)\b")


@lru_cache(maxsize=4096)
def same_deed(one: str, other: str) -> bool:
    """Tell whether two stems of verbs may stand for each other."""
    return one == other or alike(one, other) or any(one in group and other in group for group in _groups())


@cache
def _groups() -> tuple[frozenset[str], ...]:
    return tuple(frozenset(stem(each) for each in group) for group in _GROUPS)


def gives(kind: str, word: str) -> bool:
    """Tell whether a verb may give a value of that kind to a field."""
    return word in _kinds().get(kind, frozenset())


@cache
def _kinds() -> dict[str, frozenset[str]]:
    return {kind: frozenset(stem(each) for each in listed) for kind, listed in _KIND.items()}


@cache
def spoken() -> frozenset[str]:
    """Return all words of what may be done."""
    return frozenset().union(*_GROUPS, *_KIND.values())


def is_deed(word: str) -> bool:
    """Tell whether a stem is that of a verb that gives a field a value, whatever the tool."""
    return any(word in each for each in _kinds().values())


def creates(word: str) -> bool:
    """Tell whether a stem says that something is made."""
    return same_deed(word, "creat")


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words of one tool, as stems."""

    deeds: frozenset[str]
    things: frozenset[str]
    told: frozenset[str]

    def cost(self, word: str) -> float | None:
        """Return what it costs to take a stem for one of the tool's words; None where it is none of them."""
        if word in self.deeds or word in self.things:
            return 0.0
        if self.is_deed(word):
            return 0.2
        if any(alike_nouns(word, each) for each in self.things):
            return 0.1
        return 0.3 if word in self.told else None

    def is_deed(self, word: str) -> bool:
        """Tell whether a stem says what the tool does."""
        return word in self.deeds or any(same_deed(word, each) for each in self.deeds)

    def is_thing(self, word: str) -> bool:
        """Tell whether a stem says what the tool is about."""
        return any(alike_nouns(word, each) for each in self.things)


def lexicon_of(tool: Manifest) -> Lexicon:
    """Return the words of a tool."""
    name, described = words_of_name(tool.name.rpartition(".")[2]), tool.description.lower()
    first = described.partition(".")[0]
    phrase = f"{name[0]} {name[1]}" if len(name) > 1 else ""
    own = {PHRASES[phrase]} if phrase in PHRASES else {name[0]} if name else set()
    rest = set(name[2 if phrase in PHRASES else 1 :])
    article = _ARTICLE.search(first)
    things = {each for each in rest if each not in FUNCTION_WORDS}
    for found in _OWN.finditer(first):
        word = found["more"] or found["first"]
        if word and (found["first"] or stem(word) in verbs() or any(stem(word) in each for each in _groups())):
            own.add(word)
        for each in (found["aside"] or "").split():
            early = article is None or found.start() < article.start()
            (own if early or stem(each) in verbs() else things).add(each)
    if phrase := next((each for each in PHRASES if first.startswith(each)), ""):
        own = (own - set(phrase.split())) | {PHRASES[phrase]}
    of = {each for key in keys_of(tool) for each in nouns(key, tool)}
    if article is not None and (noun := re.match(r"\s+(?:new )?([a-z]+)", first[article.end() :])):
        things.add(noun[1])
    told = {*re.findall(r"[^\W_]+", described)}
    for parameter, schema in parameters(tool).items():
        told.update(() if is_key(parameter) else words_of_name(parameter))
        told.update(re.findall(r"[^\W_]+", str(schema.get("description", "")).lower()))
    return Lexicon(
        frozenset(stem(each) for each in own if each not in FUNCTION_WORDS - {"put", "let", "new"}),
        frozenset({stem(each) for each in things - own} | of),
        frozenset(stem(each) for each in told),
    )
