"""Statuses in words: which are an end, which are plainly none, and when a status is what a word says."""

from __future__ import annotations

import re
from collections.abc import Container
from typing import Final

from doer.domain.value import JsonObject
from doer.intent.text import word_set
from doer.planning.action.sense import words_of_name
from doer.planning.lookup.condition import Undecided

_STATES: Final = word_set("status state stage progress phase")
ENDED: Final = word_set("done finished completed complete closed resolved cancelled canceled archived")
DONE: Final = word_set("done finished completed complete")
OPEN: Final = word_set("""
    open todo to_do new pending in_progress ongoing doing started active in_review review waiting blocked backlog planned
    not_started unresolved assigned reopened
    """)
"""Values of a status that is plainly not an end."""


def state_of(row: JsonObject) -> str | None:
    """Return the status of a row; None where it has none, or several."""
    found = [value for name, value in row.items() if set(words_of_name(name)) & _STATES and isinstance(value, str)]
    return re.sub(r"[\s-]+", "_", found[0].casefold()) if len(found) == 1 else None


def same_state(state: str, word: str, *, listed: bool) -> bool:
    """Tell whether a status is what a word says. Raises Undecided where two words may or may not be the same."""
    if state == word or (state in DONE and word in DONE):
        return True
    if word == "open":
        if state in OPEN or state in ENDED:
            return state in OPEN
        raise Undecided
    if listed or (word in ENDED and state in OPEN) or (word in OPEN and state in ENDED):
        return False
    raise Undecided


def in_state(row: JsonObject, word: str, listed: Container[str]) -> bool:
    """Tell whether a row has the status that a word says. Raises Undecided where it tells none."""
    if any(isinstance(value, str) and value.casefold() == word for value in row.values()):
        return True
    state = state_of(row)
    if state is None:
        raise Undecided
    return same_state(state, "open" if word == "unfinished" else word, listed=word in listed)
