"""Whether a condition holds over rows or figures that the tools' own reads tell; nothing is guessed: what is not plain is asked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from doer.domain.action import Manifest
from doer.domain.errors import ToolError, UsageError
from doer.domain.goal import Goal
from doer.domain.ports import Reader
from doer.domain.value import Json, JsonObject
from doer.intent.text import stem, word_set, words
from doer.intent.vocabulary import FUNCTION_WORDS, like_nouns
from doer.planning.action.recent import recent_day
from doer.planning.action.schema import listed_choices
from doer.planning.action.sense import words_of_name
from doer.planning.lookup.asking import askings
from doer.planning.lookup.condition import Count, Outcome, State, Undecided, joined_names
from doer.planning.lookup.figures import compared, figures_of
from doer.planning.lookup.people import addresses
from doer.planning.lookup.readings import Readings, Spent
from doer.planning.lookup.rows import Sieve, rows_of
from doer.planning.lookup.states import DONE, ENDED, OPEN, in_state, same_state, state_of
from doer.planning.lookup.tools import Read, directories, name_parameter, parameters, reads_among, required
from doer.planning.lookup.whose import Named
from doer.planning.lookup.words import Moment, Text, Wanted, wanted

_MOST_READS: Final = 6
_DEED: Final = "Find "
"""What stands before the words of a condition, so that they read as what is looked for."""
_OWN: Final = re.compile(r"\b(?:my|your|own|our)\b", re.IGNORECASE)
_IDLE: Final = word_set("time times day days often")
_NO_TOOL: Final = Manifest("", "", {}, "read")


@dataclass(slots=True)
class Holding:
    """Reads for one condition; at most _MOST_READS."""

    goal: Goal
    tools: Sequence[Manifest]
    reader: Reader
    _readings: Readings = field(init=False)

    def __post_init__(self) -> None:
        self._readings = Readings(self.reader, _MOST_READS)

    async def counted(self, said: Count) -> Outcome:
        """Return whether there are so many, or whether a figure is so high. Raises Undecided."""
        read, meant, told = await self._told(said.rest, own=said.own, past=said.past)
        if (figures := figures_of(told)) is not None:
            return compared(said, read, meant, figures)
        rows, goal = rows_of(told), replace(self.goal, text=_DEED + said.rest)
        if rows is None or said.days:
            raise Undecided
        kept = await self._agreeing(read, meant, goal, rows)
        if not said.past and not meant.moments:
            coming = [row for row in kept if _is_coming(row, goal)]
            if any(_is_coming(row, goal) for row in rows) and said.holds(len(coming)) != said.holds(len(kept)):
                raise Undecided  # those that were as well?
        by = f" that agree with {meant.said}" if meant.said else ""
        return Outcome(said.holds(len(kept)), f"{read.name} told of {len(kept) or 'none'}{by}", read.name)

    async def rows_that(self, told: str, *, own: bool) -> tuple[Manifest, Sequence[JsonObject]]:
        """Return the rows that agree with all that is told of them, and which read told them. Raises Undecided."""
        read, meant, result = await self._told(told, own=own, past=False)
        rows = rows_of(result)
        if rows is None or not meant.said:
            raise Undecided
        return read, await self._agreeing(read, meant, replace(self.goal, text=_DEED + told), rows)

    async def _told(self, told: str, *, own: bool, past: bool) -> tuple[Manifest, Wanted, Json]:
        read = self._one_read(told)
        goal = replace(self.goal, text=_DEED + told)
        meant = self._wanted(goal, read, past=past)
        if own and _OWN.search(read.description) is None:
            raise Undecided  # whose rows it tells is not said
        return read, meant, await self._reading(read, _broadest(read, meant, goal))

    async def state(self, said: State, row: JsonObject | None) -> Outcome:
        """Return whether one row is what is told. `row`: the one that the rest of the sentence means. Raises Undecided."""
        name = "the row"
        if row is None:
            row, name = await self._subject(said)
        now = self._is(row, said)
        return Outcome(now != said.negated, f"{name}: {_shown(row)}", name)

    async def rows(self, read: Manifest) -> Sequence[JsonObject]:
        """Return all that a read tells. Raises Undecided."""
        told = rows_of(await self._reading(read, _broadest(read, Wanted(), self.goal)))
        if told is None:
            raise Undecided
        return told

    # --- which read

    def _one_read(self, told: str) -> Manifest:
        scored = list[tuple[int, Manifest]]()
        for each in self._reads():
            score = sum(
                2 if _among(word.stem, each.called) else 1
                for word in words(told)
                if word.lower not in FUNCTION_WORDS | _IDLE | OPEN | ENDED
                and (_among(word.stem, each.called | each.told))
            )
            if score:
                scored.append((score, each.manifest))
        best = max((score for score, _ in scored), default=0)
        found = [each for score, each in scored if score == best]
        if len(found) != 1:
            raise Undecided
        return found[0]

    def _reads(self) -> Iterator[Read]:
        return (each for each in reads_among(self.tools) if not required(each.manifest))

    def _wanted(self, goal: Goal, read: Manifest, *, past: bool = False) -> Wanted:
        """What the words say of a row. Raises Undecided where some say what is not understood."""
        bare = {
            name: {key: value for key, value in each.items() if key != "description"}
            for name, each in parameters(read).items()
        }
        plain = replace(read, parameters={**read.parameters, "properties": bare})
        called = {stem(each) for each in words_of_name(read.name.rpartition(".")[2])}
        meant = wanted(goal, plain, (), (), called)
        if meant is None or meant.order:
            raise Undecided
        moments = tuple(_settled(each, self.goal, past=past) for each in meant.moments)
        texts = tuple(each for each in joined_names(meant.texts, goal.text) if each.text.lower() not in _IDLE)
        return replace(meant, texts=texts, moments=moments, every=False)

    # --- rows

    async def _agreeing(
        self, read: Manifest, meant: Wanted, goal: Goal, rows: Sequence[JsonObject]
    ) -> Sequence[JsonObject]:
        """The rows that agree with every word. Raises Undecided where a word is not explained, or a row does not tell."""
        states = [each for each in meant.texts if not each.kind and each.text.lower() in OPEN | ENDED | {"unfinished"}]
        people = [each for each in meant.texts if each.kind == "person"]
        texts = tuple(each for each in meant.texts if each not in (*states, *people))
        everything = rows if not (people or texts) else [*rows, *(await self.rows(read))]
        if not all(each.kind in ("quoted", "email") or _explained((each,), everything, goal) for each in texts):
            raise Undecided
        if meant.moments and any(not _tells_day(row, self.goal) for row in rows):
            raise Undecided
        kept = Sieve(replace(meant, texts=texts, states=meant.states - {"open"}), goal).agreeing(rows)
        for each in people:
            told = Named(each, tuple(await self._addresses(each)), goal)
            told.check(everything)
            kept = [row for row in kept if told.of(row)]
            if kept and len(told.addresses) > 1:
                raise Undecided  # which of them is meant?
        said = [*(each.text.lower() for each in states), *(["open"] if "open" in meant.states else [])]
        return [row for row in kept if all(in_state(row, each, self._choices()) for each in said)]

    async def _addresses(self, text: Text) -> list[str]:
        for read in directories(self.tools)[:1]:
            return addresses(await self._reading(read, {str(name_parameter(read)): text.text}), text.text)
        return []

    # --- one row

    async def _subject(self, said: State) -> tuple[JsonObject, str]:
        goal = replace(self.goal, text=_DEED + said.subject)
        found = list[tuple[JsonObject, str]]()
        for read in self._reads_for(said):
            meant = self._wanted(goal, read)
            if not any(each.kind == "quoted" or each.text[:1].isupper() for each in meant.texts) or meant.states:
                raise Undecided
            rows = rows_of(await self._reading(read, _broadest(read, replace(meant, moments=()), goal)))
            if rows is None:
                continue
            found += [(row, read.name) for row in Sieve(meant, goal).agreeing(rows)]
        if len(found) != 1:
            raise Undecided
        return found[0]

    def _reads_for(self, said: State) -> list[Manifest]:
        """The reads of rows that can be what is told: those that list it among their choices, or speak of it."""
        spoken = {stem(each) for each in re.findall(r"[a-z_]+", said.told.lower()) if each not in FUNCTION_WORDS}
        own = {each.stem for each in words(re.sub(r"'[^']*'|\"[^\"]*\"", " ", said.subject))}
        scored = list[tuple[int, Manifest]]()
        for each in self._reads():
            listed = {
                stem(part)
                for schema in parameters(each.manifest).values()
                for choice in listed_choices(schema)
                for part in (str(choice).lower(), str(choice).lower().replace("_", " "))
            }
            named = {stem(part) for name in parameters(each.manifest) for part in words_of_name(name)}
            score = 2 * bool(own & each.called) + 2 * bool(spoken & listed) + bool(spoken & (named | each.fields))
            scored.append((score, each.manifest))
        best = max((score for score, _ in scored), default=0)
        found = [each for score, each in scored if score == best]
        if not best or len(found) > 3:  # each costs a read
            raise Undecided
        return found

    def _is(self, row: JsonObject, said: State) -> bool:
        told = re.sub(r"^(?:to be )", "", said.told.strip().lower())
        state = state_of(row)
        word = re.sub(r"[\s-]+", "_", told)
        if word in DONE | OPEN | ENDED or (state is not None and word in self._choices()):
            if state is None:
                raise Undecided
            return same_state(state, word, listed=word in self._choices())
        if told == "overdue":
            return bool(Sieve(Wanted(states=frozenset({"overdue"})), self.goal).agreeing([row]))
        goal = replace(self.goal, text=_DEED + re.sub(r"^(?:due|from|on|of|in)\s+", "", said.told.strip()))
        meant = wanted(goal, _NO_TOOL, (), (), set())
        due = bool(re.match(r"due\b", told))
        if meant is None or meant.texts or len(meant.moments) != 1 or meant.states or meant.order:
            raise Undecided
        dated = {name: value for name, value in row.items() if "due" in words_of_name(name)} if due else row
        if not dated or not _tells_day(dated, self.goal):
            raise Undecided
        moments = tuple(_settled(each, self.goal) for each in meant.moments)
        return bool(Sieve(replace(meant, moments=moments), self.goal).agreeing([dated]))

    def _choices(self) -> set[str]:
        return {
            str(choice).lower()
            for each in self._reads()
            for schema in parameters(each.manifest).values()
            for choice in listed_choices(schema)
        }

    # --- reads

    async def _reading(self, read: Manifest, arguments: JsonObject) -> Json:
        try:
            return await self._readings.of(read, arguments)
        except (Spent, UsageError, ToolError) as failed:
            raise Undecided from failed


def _broadest(read: Manifest, meant: Wanted, goal: Goal) -> JsonObject:
    """Arguments with which the read tells the most: no words are searched for. Raises Undecided."""
    nothing = replace(meant, texts=tuple(each for each in meant.texts if not each.kind))
    asked = list(askings(read, replace(nothing, texts=()), goal))
    if not asked:
        raise Undecided
    return asked[-1]


def _settled(moment: Moment, goal: Goal, *, past: bool = False) -> Moment:
    """The moment where it is plain; of a day without a year the one that has just been, where the other is far off. Raises Undecided."""
    if len(moment.ways) == 1:
        return moment
    days = [first for first, last in moment.ways if first == last]
    if past and len(days) == len(moment.ways) and (day := recent_day(days, goal.local_time.date())) is not None:
        return replace(moment, ways=((day, day),))
    raise Undecided


def _explained(texts: Sequence[Text], rows: Sequence[JsonObject], goal: Goal) -> bool:
    """Tell whether each of the words stands in some row."""
    return all(Sieve(Wanted(texts=(each,)), goal).agreeing(rows) for each in texts)


def _is_coming(row: JsonObject, goal: Goal) -> bool:
    """Tell whether a row is still to be; what is due is there already."""
    fields = {name: value for name, value in row.items() if "due" not in words_of_name(name)}
    coming = Moment(((goal.local_time.date().isoformat(), "9999-12-31"),), "", (0, 0))
    return bool(Sieve(Wanted(moments=(coming,)), goal).agreeing([fields]))


def _tells_day(row: JsonObject, goal: Goal) -> bool:
    always = Moment((("0001-01-01", "9999-12-31"),), "", (0, 0))
    return bool(Sieve(Wanted(moments=(always,)), goal).agreeing([row]))


def _among(told: str, stems: frozenset[str]) -> bool:
    return told in stems or bool(like_nouns(told) & stems)


def _shown(row: JsonObject) -> str:
    return ", ".join(f"{name} {value}" for name, value in row.items() if isinstance(value, str) and len(value) < 60)[
        :200
    ]
