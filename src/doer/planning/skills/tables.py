"""Tables: rows that a skill file declares, found by the words that a person used."""

from __future__ import annotations

from collections.abc import Mapping

from doer.domain.value import Json
from doer.intent.text import stem, words


def find_row(said: str, rows: Mapping[str, Json]) -> str | None:
    """Return the one key whose words are those that were said, in any case, order of form or inflection; else None."""
    wanted = _stems(said)
    same = [key for key in rows if _stems(key) == wanted]
    return same[0] if len(same) == 1 else None


def _stems(text: str) -> tuple[str, ...]:
    return tuple(stem(word.lower) for word in words(text) if word.lower not in {"a", "an", "the"})
