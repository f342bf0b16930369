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
from doer.planning.lookup.rows import DUE, SENT_AT, Sieve, dated
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
_LIST: Final = re.compile(r"['’]?s?\s*(?:,\s*(?:and\s+)?|\band\s+|&\s*)(?:of\s+|with\s+|for\s+|the\s+)?", re.IGNORECASE)
_WEEKDAY: Final = re.compile(r"(?:on )?(?:mon|tues|wednes|thurs|fri|satur|sun)day", re.IGNORECASE)
_CAME: Final = re.compile(r"\b(?:came|arrived|received|sent|wrote|got|was|were)\b", re.IGNORECASE)
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
    other: str = ""
    """The stem of the field that it is held against, where it is no number."""

    def field(self, rows: Sequence[JsonObject], near: frozenset[str]) -> str | None:
        """Return the one field that it is about: the one that was said, else the only number that rows have."""
        if self.other:
            return self._against(rows)
        numbers = _numbers(rows)
        named = [each for each in numbers if {stem(one) for one in words_of_name(each)} & (near | {self.unit})]
        return named[0] if len(named) == 1 else numbers[0] if len(numbers) == 1 and not named else None

    def limit_of(self, row: JsonObject) -> float:
        """Return what a row's number is held against."""
        own = [name for name in row if self.other and self.other in {stem(one) for one in words_of_name(name)}]
        return float(str(row[own[0]])) if own else self.limit

    def _against(self, rows: Sequence[JsonObject]) -> str | None:
        """The one other number of rows that have the field."""
        numbers = _numbers(rows)
        limits = [each for each in numbers if self.other in {stem(one) for one in words_of_name(each)}]
        others = [each for each in numbers if each not in limits]
        return others[0] if len(limits) == 1 == len(others) else None


def _numbers(rows: Sequence[JsonObject]) -> list[str]:
    """The fields of rows that are numbers and no ids."""
    return [
        name
        for name in (rows[0] if rows else {})
        if not is_key(name)
        and all(isinstance(row.get(name), int | float) and not isinstance(row.get(name), bool) for row in rows)
    ]


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
    for pattern, holds in _MEASURES[2:]:
        for found in re.finditer(rf"\b(?:{pattern})\s+(?:its|their|the)\s+(?P<field>[a-z]+)\b", plain, re.IGNORECASE):
            yield Measure(found[0], found.span(), holds, 0.0, "", stem(found["field"].lower()))


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
    said_in: str = ""
    """The words in which the texts stand: those joined by `and` are alternatives."""
    near: set[str] = field(default_factory=set)
    """Stems of all words that were said."""

    @property
    def said(self) -> bool:
        """Whether anything tells which rows."""
        return bool(self.texts or self.moments or self.states or self.measures or self.kept or self.order)

    def stands(self, text: Text, rows: Sequence[JsonObject]) -> bool:
        """Tell whether a word stands in some row."""
        return any(_has(text, row, self.goal) for row in rows)

    def rows(self, rows: Sequence[JsonObject]) -> list[JsonObject]:
        """Return the rows that agree with everything."""
        plain = [each for each in self.texts if each.kind != "person"]
        found = [row for row in rows if all(_has(each, row, self.goal) for each in plain if each.kind != "quoted")]
        for group in self._groups():
            ways = [self._of(each, found) for each in group]
            titled = len(group) > 1 and group[0].kind == "quoted" and not self.every
            if not all(ways) or (titled and any(len(each) > 1 for each in ways)):
                return []  # of one of them there is none, or it is not plain which
            found = [row for row in found if any(row is each for way in ways for each in way)]
        wanted = Wanted(moments=tuple(self.moments), states=frozenset(self.states))
        found = Sieve(wanted, self.goal).agreeing(found) if found else []
        found = [row for row in found if all(shown(row) in each for each in self.kept)]
        for measure in self.measures:
            name = measure.field(rows, frozenset(self.near))
            found = (
                []
                if name is None
                else [row for row in found if measure.holds(float(str(row[name])), measure.limit_of(row))]
            )
        for word in self.perhaps if len(found) > 1 and not (self.every or self.several) else ():
            found = [row for row in found if _has(word, row, self.goal)] or found
        order = "".join(self.order) if len(self.order) == 1 else ""
        return Sieve(replace(wanted, order=order), self.goal).first(found) if order else found

    def _groups(self) -> list[list[Text]]:
        """People and quotations, those together that stand in one list."""
        made = list[list[Text]]()
        for each in sorted((one for one in self.texts if one.kind in ("person", "quoted")), key=lambda one: one.span):
            last = made[-1][-1] if made else None
            between = "" if last is None else self.said_in[last.span[1] : each.span[0]]
            if last is not None and last.kind == each.kind and _LIST.fullmatch(between):
                made[-1].append(each)
            else:
                made.append([each])
        return made

    @property
    def listed(self) -> bool:
        """Whether several are named in one list."""
        return any(len(each) > 1 for each in self._groups())

    def _of(self, person: Text, rows: list[JsonObject]) -> list[JsonObject]:
        """The rows of somebody, else those in which the name is a word; of a quotation those that are called so."""
        if person.kind == "quoted":
            return Sieve(Wanted(texts=(person,)), self.goal).agreeing(rows)
        told = Named(person, self.people.get(person.text, ()), self.goal)
        own = [row for row in rows if told.of(row)]
        return own or [row for row in rows if _has(replace(person, kind=""), row, self.goal)]


def _has(text: Text, row: JsonObject, goal: Goal) -> bool:
    """Tell whether a word stands in a row, or is what one of its flags says."""
    if text.text.isdigit():  # a number is a part of what it is called, or no word of it
        row = {name: value for name, value in row.items() if isinstance(value, str)}
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


def past(moment: Moment, said: str, text: str, goal: Goal) -> Moment:
    """`that came on Monday`: a day of the week on which something has come is the one that was last."""
    if not _WEEKDAY.fullmatch(said.strip()) or not _CAME.search(text) or len(moment.ways) != 1:
        return moment
    day = date.fromisoformat(moment.ways[0][0]) if moment.ways[0][0] else None
    if day is None or day <= goal.local_time.date():
        return moment
    before = (day - timedelta(days=7)).isoformat()
    return replace(moment, ways=((before, before),))


def upcoming(rows: list[JsonObject], goal: Goal) -> list[JsonObject]:
    """Return those of rows that begin at some time which are still to come; all where none is, or where they do not begin."""
    name = dated(rows) if rows else None
    if name is None or set(words_of_name(name)) & (DUE | SENT_AT):
        return rows
    return Sieve(Wanted(states=frozenset({"coming"})), goal).agreeing(rows) or rows


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
