"""Whether a condition holds over rows that were read, where every word of it is accounted for; None where that cannot be told."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from doer.domain.goal import Goal
from doer.domain.value import JsonObject
from doer.intent.text import stem, word_set
from doer.planning.accounted.about import Said, strictly
from doer.planning.accounted.pieces import Heard, names
from doer.planning.accounted.rowset import Query
from doer.planning.accounted.world import Table
from doer.planning.action.sense import words_of_name
from doer.planning.lookup.condition import Count, Outcome, State, Undecided, said_by
from doer.planning.lookup.rows import told_apart
from doer.planning.lookup.tools import is_key
from doer.planning.lookup.whose import Named

_STOCKED: Final = word_set("left stock stocked remaining available quantity qty amount count units")
_OWN: Final = re.compile(r"\b(?:my|your|own|our)\b", re.IGNORECASE)
_AUXILIARY: Final = re.compile(r"^(?P<aux>is|are|was|were)\s+(?P<rest>.+)$", re.IGNORECASE)
_HAS: Final = re.compile(r"^(?:do|does|did)\s+(?P<who>.+?)\s+have\s+(?P<rest>.+)$", re.IGNORECASE)
_HAS_BARE: Final = re.compile(
    r"^(?:has|have)\s+(?P<who>.+?)\s+(?:got\s+)?(?P<rest>(?:more|less|fewer|any|no|at|an?)\b.+)$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Conditions:
    """Tables, and whom they may speak of."""

    goal: Goal
    tables: Sequence[Table]
    people: Mapping[str, tuple[str, ...]]

    def outcome(self, text: str) -> Outcome | None:
        """Return whether what the words say is so."""
        told = " ".join(text.split()).rstrip(" .!?,")
        asked = _AUXILIARY.match(told)
        if asked is not None:
            return self._asked(asked["rest"], asked["aux"].lower())
        has = _HAS.match(told) or _HAS_BARE.match(told)
        if has is not None:
            told = f"{has['who']} has {has['rest']}"
        said = said_by(told)
        match said:
            case Count():
                return self._count(said, told)
            case State():
                return self._state(said.subject, said.told, negated=said.negated) if said.subject else None
            case None:
                return None

    def _asked(self, rest: str, auxiliary: str) -> Outcome | None:
        """`is the price list overdue`: what it is ends the words."""
        if rest.lower().startswith("there"):
            return self.outcome(f"there {auxiliary} {rest[5:].strip()}")
        parts = rest.split()
        for size in range(1, min(4, len(parts))):
            found = self._state(" ".join(parts[:-size]), " ".join(parts[-size:]), negated=False)
            if found is not None:
                return found
        return None

    def _said(self, text: str, idle: frozenset[str] = frozenset()) -> list[Said]:
        heard = Heard.of(text, self.goal, self.people)
        heard = replace(heard, named=frozenset(each for each in names(heard.mentions) if self._stands(each)))
        found = [each for table in self.tables if (each := strictly(heard, table, idle)) is not None and not each.left]
        plain = [each for each in found if self._plain(each)]
        return [each for each in plain if each.thing] or [each for each in plain if each.taken]

    def _plain(self, said: Said) -> bool:
        """Tell whether rows tell whose they are, and which of several people of a name is meant."""
        for each in said.query.texts:
            if each.kind == "person":
                told = self.people.get(each.text, ())
                try:
                    Named(each, told, self.goal).check(said.table.rows)
                except Undecided:
                    if not self._told_of(each.text, said.table):
                        return False
                if said.rows and len(told) > 1:
                    return False
        return True

    def _stands(self, name: str) -> bool:
        said = name.casefold()
        return any(
            said in str(value).casefold() for table in self.tables for row in table.rows for value in row.values()
        )

    def _told_of(self, name: str, table: Table) -> bool:
        """Tell whether a field that the rows have, too, tells the name in rows of another kind."""
        fields = set(table.rows[0]) if table.rows else set[str]()
        return any(
            name.casefold() == str(row.get(field)).casefold()
            for other in self.tables
            for row in other.rows
            for field in fields & set(row)
        )

    def _count(self, said: Count, whole: str) -> Outcome | None:
        found = self._said(said.rest, _STOCKED)
        if len(found) != 1 or said.days or (said.own and _OWN.search(found[0].table.read.description) is None):
            return None  # whose rows it tells is not said
        told, rows = found[0], found[0].rows
        near = {stem(each) for each in re.findall(r"[a-z]+", whole.lower())}
        field = _number(told.table.rows, near)
        if said.numbered and field and len(rows) == 1:
            value = float(str(rows[0][field]))
            return Outcome(said.holds(value), f"{told_apart(rows)[0]} has {field} {value:g}", told.table.read.name)
        if not told.thing:
            return None  # its words stand in these rows, and may be about others
        if not said.past and not told.query.moments and not told.query.states:
            coming = Query(self.goal, self.people, states={"coming"}).rows(rows)
            if coming and said.holds(len(coming)) != said.holds(len(rows)):
                return None  # those that were as well?
        return Outcome(
            said.holds(len(rows)), f"{told.table.read.name} told of {len(rows) or 'none'}", told.table.read.name
        )

    def _state(self, subject: str, told: str, *, negated: bool) -> Outcome | None:
        found = [each for each in self._said(subject) if len(each.rows) == 1 and each.taken]
        if len(found) != 1:
            return None
        table, row = found[0].table, found[0].rows[0]
        state = strictly(Heard.of(told, self.goal, self.people), table)
        if state is None or state.left or not state.query.said:
            return None
        so = any(row is each for each in state.rows)
        return Outcome(so != negated, f"{told_apart([row])[0]}", table.read.name)


def _number(rows: Sequence[JsonObject], near: set[str]) -> str:
    """The one number of rows that was named, else the one that says how many there are."""
    numbers = [
        name
        for name in (rows[0] if rows else {})
        if not is_key(name)
        and all(isinstance(row.get(name), int | float) and not isinstance(row.get(name), bool) for row in rows)
    ]
    named = [each for each in numbers if {stem(one) for one in words_of_name(each)} & near]
    stocked = (
        [each for each in numbers if set(words_of_name(each)) & _STOCKED]
        if near & {stem(each) for each in _STOCKED}
        else []
    )
    found = named or stocked
    return found[0] if len(found) == 1 else ""
