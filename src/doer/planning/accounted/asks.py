"""Plans of questions that rows of one read answer: which read, narrowed by which arguments; every telling word is accounted for.

The read is asked with what was said, and only where what will be told of its result (`telling.py`) are exactly the rows that
agree with everything. A word that is neither the tool's, nor an argument, nor in the rows ends it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from doer.domain.action import Manifest
from doer.domain.errors import PlanInvalid
from doer.domain.goal import Answer, Goal, Option, Question
from doer.domain.plan import Plan, Step
from doer.domain.ports import Reader
from doer.domain.template import Literal
from doer.domain.value import Json, JsonObject, Provenance, StepId
from doer.intent.grounder import Grounder
from doer.intent.text import stem, word_set, words
from doer.planning.accounted import ASKS
from doer.planning.accounted.pieces import names
from doer.planning.accounted.rowset import Query
from doer.planning.accounted.slots import Slot, SlotKind, ways_of
from doer.planning.accounted.telling import Told, days_of, is_dated, is_place, taken_up, told_of
from doer.planning.accounted.wonder import IDLE, UNCALLED, Span, Wonder, called, frame_of, wonder
from doer.planning.accounted.world import Table, Unread, World, shown
from doer.planning.action.sense import words_of_name
from doer.planning.lookup.asking import askings
from doer.planning.lookup.figures import figures_of
from doer.planning.lookup.tools import required
from doer.planning.lookup.words import Text, Wanted
from doer.planning.matching.fill import overlaps
from doer.planning.validate import validate
from doer.planning.words.conditions import masked

CONFIDENCE: Final = 0.9
_APART: Final = 0.12
_MOST_PEOPLE: Final = 5
_FROM: Final = word_set("from since after first min earliest")
_BEGINS: Final = word_set("start starts begin begins")
_UNTIL: Final = word_set("to until till before end ends last max latest through")
_QUERY: Final = word_set("query words word text search keyword keywords term terms q phrase")
_DONE: Final = word_set("status state stage progress done ended finished completed complete closed resolved ready open")
_WHO: Final = "who."
"""Begins the slot of a question about somebody's name."""
_OWN: Final = re.compile(r"\b(?:my|your)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question, heard over one read."""

    table: Table
    cost: float
    heard: Wonder | None
    """None: of figures by day."""
    rows: tuple[JsonObject, ...] = ()
    unclear: str = ""
    """Who may be two."""


@dataclass(frozen=True, slots=True)
class _Given:
    """An argument, and the words that say it."""

    name: str
    value: Json
    span: Span
    text: bool = False
    """Whether it is searched for: what a read finds by words is its own."""
    read: bool = False


async def asked_about(
    goal: Goal, answers: Sequence[Answer], tools: Sequence[Manifest], reader: Reader
) -> Plan | Question | None:
    """Return the plan of a question that the rows or figures of one read answer, or who is meant; None for all others."""
    if frame_of(goal.text) is None or goal.context or len(words(goal.text)) > 40:
        return None
    who = {each.slot.removeprefix(_WHO): str(each.value or each.text) for each in answers if each.slot.startswith(_WHO)}
    asking = _Asking(goal, tools, World(goal, tools, reader), who)
    try:
        return await asking.plan()
    except Unread:
        return None


@dataclass(slots=True)
class _Asking:
    goal: Goal
    tools: Sequence[Manifest]
    world: World
    who: Mapping[str, str]
    """Name -> the address that was answered."""
    people: dict[str, tuple[str, ...]] = field(default_factory=dict)

    async def plan(self) -> Plan | Question | None:
        reads = [each.manifest for each in self.world.reads if not required(each.manifest)]
        tables = [each for read in reads if (each := await self._table(read)) is not None and each.rows]
        for name in names(Grounder.of(self.goal).mentions(self.goal.text))[:_MOST_PEOPLE] if tables else ():
            self.people[name] = (self.who[name],) if name in self.who else await self.world.addresses_of(name)
        found = [heard for table in tables if (heard := await self._heard(table)) is not None]
        ranked = sorted(found, key=lambda each: each.cost)
        if not ranked or (len(ranked) > 1 and ranked[1].cost - ranked[0].cost < _APART):
            return None
        meant = ranked[0]
        if meant.unclear:
            options = tuple(Option(each, each) for each in self.people[meant.unclear])
            return Question(f"{_WHO}{meant.unclear}", f"Which {meant.unclear} is meant?", options)
        return await self._planned(meant)

    # --- over one read

    async def _table(self, read: Manifest) -> Table | None:
        """All that a read tells; of figures by day one row of them."""
        if (table := await self.world.table(read)) is not None:
            return table
        asked = list(askings(read, Wanted(), self.goal))
        told = await self.world.told(read, asked[-1]) if asked else None
        return Table(read, (told,), frozenset()) if isinstance(told, Mapping) and figures_of(told) is not None else None

    async def _heard(self, table: Table) -> _Asked | None:
        figures = figures_of(table.rows[0]) if len(table.rows) == 1 else None
        if figures is not None:
            cost = self._figured(table.read)
            return None if cost is None else _Asked(table, cost, None)
        flags = await self._flags(table)
        heard = wonder(self.goal, table.read.name, table.rows, self.people, [span for span, _ in flags])
        if heard is None or not await self._owned(heard, table.read):
            return None
        heard.query.kept += [rows for _, rows in flags]
        rows = heard.rows(table.rows)
        if not (rows or self._nothing(heard, table)) or not _tells(heard, table.rows[0]):
            return None
        cost = heard.cost + 0.3 * (not rows) + 0.2 * (not self._whole(heard, rows))
        return _Asked(table, cost, heard, tuple(rows), self._unclear(heard, rows))

    async def _flags(self, table: Table) -> list[tuple[Span, frozenset[str]]]:
        """The words that say a flag of the read, and the rows that it keeps."""
        said = words(self.goal.text)
        found = list[tuple[Span, frozenset[str]]]()
        for stems, rows in await self.world.flagged(table, frozenset(each.stem for each in said)):
            own = [each for each in said if each.stem in stems]
            found.append(((own[0].start, own[-1].end), rows))
        return found

    async def _owned(self, heard: Wonder, read: Manifest) -> bool:
        """Whether what is `mine` is told by the read alone, or by who asks."""
        said = heard.self_said
        if said is None or _OWN.search(read.description):
            return True
        me = str(self.goal.by)
        self.people[me] = self.people.get(me) or await self.world.addresses_of(me)
        if len(self.people[me]) != 1:
            return False
        heard.query.texts.append(Text(me, "person", "", (said.start, said.end)))
        return True

    def _unclear(self, heard: Wonder, rows: Sequence[JsonObject]) -> str:
        """Who is named and may be two, of whom these rows tell one or more."""
        told = [str(row) for row in rows]
        for each in heard.query.texts:
            known = self.people.get(each.text, ()) if each.kind == "person" else ()
            if len(known) > 1 and any(one in row for one in known for row in told):
                return each.text
        return ""

    def _nothing(self, heard: Wonder, table: Table) -> bool:
        """Whether that no row agrees is an answer: all that was named is there, and it is not then, or not so."""
        query = heard.query
        narrowed = query.moments or query.states or query.measures or query.kept or query.order
        plain = Query(self.goal, self.people, texts=query.texts).rows(table.rows)
        return bool(narrowed and plain) and heard.cost < UNCALLED

    def _whole(self, heard: Wonder, rows: Sequence[JsonObject]) -> bool:
        """Whether each name is all that a field holds, or somebody's address."""
        cells = {str(value).casefold() for row in rows[:1] for value in row.values()}
        told = " ".join(cells)
        return all(
            each.text.casefold() in cells or any(one.casefold() in told for one in self.people.get(each.text, ()))
            for each in heard.query.texts
            if each.kind == "person"
        )

    def _figured(self, read: Manifest) -> float | None:
        """What it costs to take the question for one about figures by day; None where a word is not the read's."""
        period, frame = days_of(self.goal), frame_of(self.goal.text)
        if period is None or frame is None:
            return None
        told = {stem(each) for each in re.findall(r"[^\W_]+", read.description.lower())}
        free = [each for each in words(self.goal.text) if each.start >= frame.start]
        cost = UNCALLED
        for word in free:
            if overlaps((word.start, word.end), [period[2]]):
                continue
            own = called(read.name, word.stem)
            if own is not None:
                cost = min(cost, own)
            elif word.lower not in IDLE and word.stem not in told:
                return None
        return cost if cost < UNCALLED else None

    # --- the plan

    async def _planned(self, meant: _Asked) -> Plan | None:
        """The plan that is told as it is meant, with as many arguments as may be."""
        read = meant.table.read
        tried = list[str]()
        ways = [(True, 9), (True, 1), (False, 9), (False, 1), (True, 0), (False, 0)]
        asked = [list(self._arguments(meant, people=people, texts=texts)) for people, texts in ways]
        for kept in (*asked, []):
            arguments = {each.name: each.value for each in kept}
            if str(arguments) in tried:
                continue
            tried.append(str(arguments))
            origins = {each.name: self._origin(each) for each in kept}
            try:
                answer = await self._told(read, arguments, origins)
            except Unread:
                continue  # it may not be asked so
            if answer is None or not _same(answer, meant):
                continue
            return self._plan(read, arguments, origins)
        return None

    def _plan(self, read: Manifest, arguments: JsonObject, origins: Mapping[str, Provenance]) -> Plan | None:
        given = {name: Literal(each) for name, each in arguments.items()}
        step = Step(StepId("s1"), read.name, given, provenance=origins, confidence=CONFIDENCE)
        plan = Plan((step,), self.goal.text.strip(), ASKS, CONFIDENCE, {read.name: read.digest})
        try:
            validate(plan, self.tools)
        except PlanInvalid:
            return None
        return plan

    async def _told(self, read: Manifest, arguments: JsonObject, origins: Mapping[str, Provenance]) -> Told | None:
        result = await self.world.told(read, arguments)
        given = {name: Literal(each) for name, each in arguments.items()}
        return told_of(self.goal, read.name, taken_up(origins, given), result)

    def _origin(self, given: _Given) -> Provenance:
        start, end = given.span
        return Provenance("read" if given.read else "words", self.goal.text[start:end], start, end)

    def _arguments(self, meant: _Asked, *, people: bool, texts: int) -> Iterator[_Given]:
        """What of the question the read may be asked with; with or without the addresses of people, and so many words together that are searched for."""
        read = meant.table.read
        way = next(ways_of(read, "", meant.table.rows, ()), None)
        slots = [replace(each, kind=_kind(each)) for each in (way.slots if way is not None else ())]
        used = list[Span]()
        if (period := self._period(meant)) is not None:
            yield from _dated(slots, period, self.goal)
        for slot in sorted(slots, key=lambda each: (each.kind == "text", bool(_words(each.name) & _QUERY))):
            given = self._given(slot, slots, meant, used, texts)
            if given is not None and (texts or not given.text) and (people or not given.read):
                used.append(given.span)
                yield given

    def _period(self, meant: _Asked) -> tuple[str, str, Span] | None:
        if meant.heard is None:
            return days_of(self.goal)
        moments = meant.heard.query.moments
        if len(moments) == 1 and len(moments[0].ways) == 1 and moments[0].ways[0][0]:
            return (*moments[0].ways[0], moments[0].span)
        if not moments and meant.heard.query.order == {"next"}:
            found = re.search(r"\bnext\b", self.goal.text, re.IGNORECASE)
            return (self.goal.local_time.date().isoformat(), "", found.span() if found else (0, 0))
        return None

    def _given(
        self, slot: Slot, slots: Sequence[Slot], meant: _Asked, used: Sequence[Span], most: int
    ) -> _Given | None:
        texts = [each for each in (meant.heard.query.texts if meant.heard else ()) if each.span not in used]
        match slot.kind:
            case "address":
                told = [each for each in texts if each.kind == "person" and len(self.people.get(each.text, ())) == 1]
                alone = sum(each.kind == "address" for each in slots) == 1
                return (
                    _Given(slot.name, self.people[told[0].text][0], told[0].span, read=True) if told and alone else None
                )
            case "choice":
                return self._chosen(slot)
            case "flag":
                return self._flag(slot, meant)
            case "text":
                return self._searched(slot, slots, texts, most)
            case _:
                return None

    def _chosen(self, slot: Slot) -> _Given | None:
        found = list[_Given]()
        for each in slot.choices:
            form = r"[\s_-]+".join(map(re.escape, re.split(r"[\s_-]+", str(each))))
            if str(each) and (
                said := re.search(rf"(?<![\w'])(?:{form})(?![\w])", masked(self.goal.text), re.IGNORECASE)
            ):
                found.append(_Given(slot.name, each, said.span()))
        return found[0] if len(found) == 1 else None

    def _flag(self, slot: Slot, meant: _Asked) -> _Given | None:
        stems = {stem(each) for each in words_of_name(slot.name)} - {"only"}
        said = [
            each
            for each in words(self.goal.text)
            if each.stem in stems or (each.lower == "unread" and stem("unseen") in stems)
        ]
        states = meant.heard.query.states if meant.heard else set[str]()
        kept = bool(said) and stems <= {each.stem for each in said} | (
            {stem("unseen")} if any(each.lower == "unread" for each in said) else set()
        )
        if kept:
            return _Given(slot.name, value=True, span=(said[0].start, said[-1].end))
        if stems == {stem("open")} and "open" in states:
            return _Given(slot.name, value=True, span=(0, 0))
        return None

    def _searched(self, slot: Slot, slots: Sequence[Slot], texts: Sequence[Text], most: int) -> _Given | None:
        known = [(each, one) for each in texts for one in slot.known if one.casefold() == each.text.casefold()]
        if known:
            return _Given(slot.name, known[0][1], known[0][0].span)
        if not _words(slot.name) & _QUERY or not texts:
            return None
        first = texts[0]
        told = self.people.get(first.text, ()) if first.kind == "person" else ()
        if len(told) == 1 and not any(each.kind == "address" for each in slots):
            return _Given(slot.name, told[0], first.span, text=True, read=True)
        end = first.span[1]
        for each in texts[1:most] if not first.kind else ():
            end = each.span[1] if not each.kind and self.goal.text[end : each.span[0]].isspace() else end
        return _Given(
            slot.name,
            self.goal.text[first.span[0] : end] if not first.kind else first.text,
            (first.span[0], end),
            text=True,
        )


def _tells(heard: Wonder, row: JsonObject) -> bool:
    """Whether rows like this one tell what is asked for, and what they are narrowed by: when, where, what is done."""
    query = heard.query
    if heard.frame.what == "when" or query.order or query.moments or query.states - {"open"}:
        return any(is_dated([row], each) for each in row)
    if query.states:
        return any(set(words_of_name(each)) & _DONE for each in row)
    return heard.frame.what != "where" or any(is_place(each) for each in row)


def _dated(slots: Sequence[Slot], period: tuple[str, str, Span], goal: Goal) -> Iterator[_Given]:
    """The first and the last day, where the read takes them."""
    for slot in slots:
        said = _words(slot.name)
        begins = bool(said & _FROM) or (bool(said & _BEGINS) and not said & _UNTIL)
        day = period[0] if begins else period[1] if said & _UNTIL else ""
        if slot.kind not in ("date", "datetime") or not day or day[:4] in ("0001", "9999"):
            continue
        moment = datetime.combine(
            date.fromisoformat(day), time.min if begins else time(23, 59, 59), ZoneInfo(goal.zone)
        )
        yield _Given(slot.name, day if slot.kind == "date" else moment.isoformat(), period[2])


def _kind(slot: Slot) -> SlotKind:
    """The kind of a slot, where its format says one that its name does not: `received_to` is a day."""
    match slot.schema.get("format"):
        case "date":
            return "date"
        case "date-time":
            return "datetime"
        case _:
            return slot.kind


def _words(name: str) -> set[str]:
    return set(re.split(r"[\W_]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()))


def _same(answer: Told, meant: _Asked) -> bool:
    """Whether what is told are the rows that are meant."""
    return meant.heard is None or sorted(map(shown, answer.rows)) == sorted(map(shown, meant.rows))
