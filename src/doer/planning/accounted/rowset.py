"""Which rows are meant by what was said of them: words, people, days, states, amounts, order; all, several or one."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final

from doer.domain.goal import Goal
from doer.domain.value import JsonObject
from doer.intent.numbers import WORD_NUMBERS
from doer.intent.text import stem, words
from doer.planning.accounted.world import shown
from doer.planning.action.sense import words_of_name
from doer.planning.lookup.rows import Sieve
from doer.planning.lookup.tools import is_key
from doer.planning.lookup.whose import Named
from doer.planning.lookup.words import Moment, Text, Wanted
from doer.planning.words.conditions import masked

_N: Final = rf"(?P<n>\d+(?:\.\d+)?|{'|'.join(WORD_NUMBERS)})"
_MEASURES: Final[tuple[tuple[str, Callable[[float, float], bool]], ...]] = (
    (r"no more than|at most|up to", operator.le),
    (r"no (?:fewer|less) than|at least", operator.ge),
    (r"(?:fewer|less|shorter|lower|cheaper|smaller) than|under|below", operator.lt),
    (r"(?:more|greater|longer|higher|bigger|larger) than|over|above", operator.gt),
)
_AFTER: Final = re.compile(r"\s*(?:\W)?\s*([a-z]+)?", re.IGNORECASE)
_FAR: Final = ("0001-01-01", "9999-12-31")


@dataclass(frozen=True, slots=True)
class Measure:
    """A number in rows must be so high, or so low."""

    said: str
    span: tuple[int, int]
    holds: Callable[[float, float], bool]
    limit: float
    unit: str
    """The stem of the word after the number."""

    def field(self, rows: Sequence[JsonObject], near: frozenset[str]) -> str | None:
        """Return the one field that it is about: the one that was said, else the only number that rows have."""
        numbers = [
            name
            for name in (rows[0] if rows else {})
            if not is_key(name)
            and all(isinstance(row.get(name), int | float) and not isinstance(row.get(name), bool) for row in rows)
        ]
        named = [each for each in numbers if {stem(one) for one in words_of_name(each)} & (near | {self.unit})]
        return named[0] if len(named) == 1 else numbers[0] if len(numbers) == 1 and not named else None


def measures(text: str) -> Iterator[Measure]:
    """Yield the numbers of a text that must be exceeded, reached or undercut."""
    plain, taken = masked(text), list[tuple[int, int]]()
    for pattern, holds in _MEASURES:
        for found in re.finditer(rf"\b(?:{pattern})\s+{_N}\b", plain, re.IGNORECASE):
            if any(start < found.end() and found.start() < end for start, end in taken):
                continue
            taken.append(found.span())
            said = found["n"].lower()
            after = _AFTER.match(plain, found.end())
            unit = stem(after[1].lower()) if after is not None and after[1] else ""
            yield Measure(found[0], found.span(), holds, float(WORD_NUMBERS.get(said, said)), unit)


@dataclass(slots=True)
class Query:
    """What was said of rows."""

    goal: Goal
    people: Mapping[str, tuple[str, ...]]
    texts: list[Text] = field(default_factory=list)
    perhaps: list[Text] = field(default_factory=list)
    """Words of the tool that rows may have as well."""
    moments: list[Moment] = field(default_factory=list)
    states: set[str] = field(default_factory=set)
    order: set[str] = field(default_factory=set)
    measures: list[Measure] = field(default_factory=list)
    kept: list[frozenset[str]] = field(default_factory=list)
    """Of each flag of the read that was said the rows that it keeps."""
    every: bool = False
    several: bool = False
    near: set[str] = field(default_factory=set)
    """Stems of all words that were said."""

    @property
    def said(self) -> bool:
        """Whether anything tells which rows."""
        return bool(self.texts or self.moments or self.states or self.measures or self.kept or self.order)

    def rows(self, rows: Sequence[JsonObject]) -> list[JsonObject]:
        """Return the rows that agree with everything."""
        plain = [each for each in self.texts if each.kind != "person"]
        found = [row for row in rows if all(_has(each, row, self.goal) for each in plain if each.kind != "quoted")]
        quoted = tuple(each for each in plain if each.kind == "quoted")
        for each in quoted:
            kept = Sieve(Wanted(texts=(each,)), self.goal).agreeing(found)
            found = kept
        for person in self.texts:
            if person.kind == "person":
                found = self._of(person, found)
        wanted = Wanted(moments=tuple(self.moments), states=frozenset(self.states))
        found = Sieve(wanted, self.goal).agreeing(found) if found else []
        found = [row for row in found if all(shown(row) in each for each in self.kept)]
        for measure in self.measures:
            name = measure.field(rows, frozenset(self.near))
            found = (
                [] if name is None else [row for row in found if measure.holds(float(str(row[name])), measure.limit)]
            )
        for word in self.perhaps if len(found) > 1 and not (self.every or self.several) else ():
            found = [row for row in found if _has(word, row, self.goal)] or found
        order = "".join(self.order) if len(self.order) == 1 else ""
        return Sieve(replace(wanted, order=order), self.goal).first(found) if order else found

    def _of(self, person: Text, rows: list[JsonObject]) -> list[JsonObject]:
        """The rows of somebody: all in the same field; else those in which the name is a word."""
        told = Named(person, self.people.get(person.text, ()), self.goal)
        own = [row for row in rows if told.of(row)]
        return own or [row for row in rows if _has(replace(person, kind=""), row, self.goal)]


def _has(text: Text, row: JsonObject, goal: Goal) -> bool:
    """Tell whether a word stands in a row, or is what one of its flags says."""
    if Sieve(Wanted(texts=(text,)), goal).agreeing([row]):
        return True
    said = {each.stem for each in words(text.text)}
    low = text.text.lower()
    for name, value in row.items():
        if isinstance(value, bool):
            own = {stem(each) for each in words_of_name(name)}
            if (said <= own and value) or (low.startswith("un") and stem(low[2:]) in own and not value):
                return True
    return False


def bounded(moment: Moment, link: str) -> Moment | None:
    """Return the days that `before`, `after`, `since` or `until` a day says; None where the day is not plain."""
    if len(moment.ways) != 1 or moment.clock or not moment.ways[0][0]:
        return None
    first, last = (date.fromisoformat(each) for each in moment.ways[0])
    day = timedelta(days=1)
    match link:
        case "before":
            return replace(moment, ways=((_FAR[0], (first - day).isoformat()),))
        case "after":
            return replace(moment, ways=(((last + day).isoformat(), _FAR[1]),))
        case "since":
            return replace(moment, ways=((first.isoformat(), _FAR[1]),))
        case "until" | "till":
            return replace(moment, ways=((_FAR[0], last.isoformat()),))
        case _:
            return None
