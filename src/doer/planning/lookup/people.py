"""Addresses of people who were named: what a directory told, and who a message is for where no argument says it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from doer.domain.goal import Goal
from doer.domain.value import Json, JsonObject
from doer.intent.grounder import Grounder
from doer.intent.text import word_set, words
from doer.planning.action.sense import words_of_name
from doer.planning.lookup.words import stems_in
from doer.planning.matching.fill import overlaps

_ADDRESS: Final = re.compile(r"[^\s@<>,;:\"']+@[^\s@<>,;:\"']+\.[^\s@<>,;:\"'.]+")
_FOR: Final = word_set("to for with invite ask tell email mail send message notify")
_NO_PERSON: Final = word_set("subject body text start starts due received sent sender title content")
"""Fields of what is no person: a message by somebody is no entry of a directory."""


def as_name(said: str) -> str:
    """Return a name as it was said, without the possessive."""
    return re.sub(r"['\u2019]s$", "", said.strip())


def addresses(result: Json, person: str) -> list[str]:
    """Return the addresses that a directory told of somebody, each once; a row must have every word of the name."""
    if isinstance(result, str):
        return list(dict.fromkeys(_ADDRESS.findall(result)))
    wanted = {each.stem for each in words(person)}
    found = dict[str, None]()
    for each in _entries(result, 0):
        if isinstance(each, str):
            found.update(dict.fromkeys(_ADDRESS.findall(each)))
            continue
        if {word for name in each for word in words_of_name(name)} & _NO_PERSON:
            return []
        texts = [value for value in each.values() if isinstance(value, str)]
        told = {each for value in texts for each in stems_in(value)}
        own = [value for value in texts if _ADDRESS.fullmatch(value)]
        if wanted <= told and len(own) == 1:
            found[own[0]] = None
    return list(found)


def _entries(result: Json, depth: int) -> Iterator[str | JsonObject]:
    """Yield texts and objects of a result, whatever they are wrapped in."""
    if isinstance(result, str):
        yield result
    elif isinstance(result, Mapping):
        inner = [
            each
            for each in result.values()
            if isinstance(each, Mapping) or (isinstance(each, Sequence) and not isinstance(each, str) and each)
        ]
        if len(inner) == 1 and depth < 2:  # deeper, no row is looked for
            yield from _entries(inner[0], depth + 1)
        else:
            yield result
    elif isinstance(result, Sequence):
        for each in result:
            yield from _entries(each, depth + 1)


def recipient(
    goal: Goal, taken: Sequence[tuple[int, int]], values: Sequence[Json] = ()
) -> tuple[str, tuple[int, int]] | None:
    """Return the one person who is named and is no argument yet, where the words before say that it is for them.

    `values` are arguments too, wherever they were said: a choice that begins with a capital letter is nobody's name.
    """
    people = [
        each for each in Grounder.of(goal).mentions(goal.text) if each.kind == "person" and each.text not in values
    ]
    free = [each for each in people if not overlaps((each.start, each.end), taken)]
    before = [(each, re.search(r"(\w+)\W*$", goal.text[: each.start])) for each in free]
    meant = [each for each, word in before if word is not None and word[1].lower() in _FOR]
    if len(meant) != 1 or (
        len(free) > 1 and not all(is_owner(goal, each.end) for each in free if each is not meant[0])
    ):
        return None
    return as_name(meant[0].text), (meant[0].start, meant[0].end)


def is_owner(goal: Goal, end: int) -> bool:
    """Tell whether the name that ends there owns what follows: `Otto's chores` are not for Otto."""
    return re.match(r"['\u2019]s\b", goal.text[end:]) is not None
