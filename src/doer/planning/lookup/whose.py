"""Whose a row is: who was named stands in a field of people, by the name or by the address, and not only in a title."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from doer.domain.goal import Goal
from doer.domain.value import JsonObject
from doer.intent.text import word_set
from doer.planning.action.sense import words_of_name
from doer.planning.lookup.condition import Undecided
from doer.planning.lookup.rows import RECEIVERS, SENDERS, Sieve
from doer.planning.lookup.words import Text, Wanted

_TITLED: Final = word_set(
    "title subject summary label topic heading body text content description notes note comment preview"
)
"""Fields in which somebody is only spoken of."""


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody who was named, with the addresses that a directory tells of such a name."""

    text: Text
    addresses: tuple[str, ...]
    goal: Goal

    def of(self, row: JsonObject) -> bool:
        """Tell whether a row is of them."""
        fields = {name: value for name, value in row.items() if not set(words_of_name(name)) & _TITLED}
        ways = [self.text, *(replace(self.text, text=each, kind="email") for each in self.addresses)]
        return any(self._sieve(each).agreeing([fields]) for each in ways)

    def check(self, rows: Sequence[JsonObject]) -> None:
        """Raise Undecided where the rows do not tell whose they are."""
        names = {part for row in rows for name in row for part in words_of_name(name)}
        group = SENDERS if self.text.link in ("from", "by") else RECEIVERS if self.text.link == "to" else None
        if rows and group is not None and not names & group:
            raise Undecided
        if rows and not any(map(self.of, rows)) and not (len(self.addresses) == 1 and all(map(_has_address, rows))):
            raise Undecided

    def _sieve(self, text: Text) -> Sieve:
        return Sieve(Wanted(texts=(text,)), self.goal)


def _has_address(row: JsonObject) -> bool:
    return any(isinstance(value, str) and "@" in value for value in row.values())
