"""Lookups: what nobody says, the id of a row and the address of somebody, is told by a read while planning.

The person says which row is meant; a read that policy grants tells its id; symbols alone see what was read. One row that
agrees with all that was said is meant; several are all meant where that was said, else a question; none is told plainly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from doer.domain.action import Manifest
from doer.domain.errors import ToolError, UsageError
from doer.domain.goal import Abstention, Answer, Goal, Option, Question
from doer.domain.ports import Reader
from doer.domain.value import Json, JsonObject, Provenance
from doer.intent.text import stem
from doer.intent.vocabulary import FUNCTION_WORDS
from doer.planning.action.assign import Filled
from doer.planning.action.sense import words_of_name
from doer.planning.lookup.asking import askings
from doer.planning.lookup.described import described, of_a_role
from doer.planning.lookup.loose import is_loose
from doer.planning.lookup.people import addresses, as_name, is_owner, recipient
from doer.planning.lookup.readings import Readings, Spent
from doer.planning.lookup.rows import Sieve, key_of, rows_of, told_apart
from doer.planning.lookup.tools import (
    Read,
    directories,
    lean,
    name_parameter,
    nouns,
    parameters,
    readers,
    reads_among,
    required,
    takes_address,
    untold,
)  # fmt: skip
from doer.planning.lookup.words import Wanted, wanted
from doer.planning.stop import Stop

MOST_READS: Final = 4
MOST_CALLS: Final = 20
"""Rows that one sentence may mean; more are asked about."""
TOLD: Final = 0.98
"""How sure an argument is that a read told; what was read may be old."""
_TURNED: Final = 0.5
"""The same where the network took somebody else for it."""
Span = tuple[int, int]


class NotLooked(Exception):
    """It cannot be looked up here, or may not: what was missing is asked of the person, as without any lookup."""


@dataclass(frozen=True, slots=True)
class Told:
    """One argument, as a read told it."""

    argument: str
    values: tuple[Json, ...]
    """One, or one for each call."""
    origins: tuple[Provenance, ...]
    spans: tuple[Span, ...]
    """Of the words of the last turn that say which is meant."""
    sure: float = TOLD
    dropped: tuple[str, ...] = ()
    """Arguments that were taken for new values, and are what the row is called."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One call, for which something may have to be looked up."""

    tool: Manifest
    step: str
    filled: Sequence[Filled]
    malformed: Mapping[str, str]
    """Argument -> the words that were said for it and cannot be it."""
    last: int
    """Where the last turn begins, in the text of which the spans of `filled` are."""
    alone: bool
    """No other call is made."""

    @property
    def taken(self) -> list[Span]:
        """The words of the last turn that are arguments already."""
        return [(start - self.last, end - self.last) for each in self.filled for start, end in each.spans]


@dataclass(slots=True)
class Lookups:
    """The lookups of one plan: which arguments are looked up, and what the reads told; at most MOST_READS reads."""

    goal: Goal
    answers: Mapping[str, Answer]
    tools: Sequence[Manifest]
    reader: Reader
    _reads: list[Read] = field(default_factory=list)
    _keys: dict[str, list[str]] = field(default_factory=dict)
    _readings: Readings = field(init=False)

    def __post_init__(self) -> None:
        self._readings = Readings(self.reader, MOST_READS)

    def lean(self) -> list[Manifest]:
        """Return the tools as they are understood: without the ids that a read could tell, where no turn says one."""
        self._reads = reads_among(self.tools)
        self._keys = untold(self.goal, self.tools, self._reads)
        return [lean(each, self._keys.get(each.name, ())) for each in self.tools]

    async def told(self, asked: Asked) -> list[Told]:
        """Return what the reads told of one call; nothing where nothing is to be looked up.

        Raises Stop with a question or an abstention, NotLooked where it is to be as if nothing could be looked up.
        """
        found = list[Told]()
        if self._keys.get(asked.tool.name):
            asked = replace(asked, filled=[self._turned(asked, each) for each in asked.filled])
        chosen = [each.value for each in asked.filled]
        for name in parameters(asked.tool):
            if takes_address(name, asked.tool, chosen) and (told := await self._address(asked, name)) is not None:
                found.append(told)
        for name in self._keys.get(asked.tool.name, ()):
            if not asked.alone:
                raise NotLooked
            found.append(await self._row(asked, name, [span for each in found for span in each.spans]))
        return found

    # --- rows

    async def _row(self, asked: Asked, name: str, taken: Sequence[Span]) -> Told:
        """The row, first with the words that may be what it is called and not what it is to be called from now on."""
        loose = [each.name for each in asked.filled if is_loose(self.goal.text, asked.tool, each, asked.last)]
        if loose:
            left = replace(asked, filled=[each for each in asked.filled if each.name not in loose])
            try:
                return replace(await self.row(left, name, [*left.taken, *taken]), dropped=tuple(loose))
            except Stop as stopped:
                if not stopped.absent:
                    raise
        return await self.row(asked, name, [*asked.taken, *taken])

    async def row(self, called: Asked, name: str, taken: Sequence[Span]) -> Told:
        """Return the rows that are meant for one argument. Raises as `told` does."""
        tool, chosen = called.tool, [each.value for each in called.filled]
        kind = nouns(name, tool) | {stem(each) for each in words_of_name(tool.name.rpartition(".")[2])[1:]}
        meant = wanted(self.goal, tool, taken, chosen, kind)
        if meant is None:
            raise NotLooked
        asked = list[str]()
        for read in readers(name, tool, self._reads)[:2]:
            for arguments in askings(read, meant, self.goal):
                rows = rows_of(await self._reading(read, arguments))
                if rows is None:
                    break
                asked += [read.name] if read.name not in asked else []
                sieve = Sieve(meant, self.goal)
                agreeing = sieve.agreeing(rows) or sieve.each(rows)
                kept = {
                    key: row
                    for row in agreeing
                    if (key := key_of(row, name, nouns(name, tool), parameters(tool)[name])) is not None
                }
                if kept:
                    return self._chosen(f"{called.step}.{name}", read, meant, sieve, kept)
        if not asked:
            raise NotLooked
        looked = f" that agrees with {meant.said}" if meant.said else ""
        raise Stop(Abstention(f"{tool.name}: {' and '.join(asked)} told nothing{looked}", (tool.name,)), absent=True)

    def _chosen(
        self, slot: str, read: Manifest, meant: Wanted, sieve: Sieve, kept: Mapping[str | int, JsonObject]
    ) -> Told:
        argument = slot.partition(".")[2]
        names = dict(zip(kept, told_apart(list(kept.values())), strict=True))
        if (answer := self.answers.get(slot)) is not None:
            return self._answered(argument, answer, meant, names)
        first = sieve.first(list(kept.values()))
        keys = [key for key, row in kept.items() if any(row is each for each in first)]
        if not keys:
            raise Stop(Abstention(f"{read.name} told of none that is still to come with {meant.said}"), absent=True)
        said = bool(meant.said or meant.order or meant.every)
        alike = len({sieve.fields(kept[key]) for key in keys}) == 1
        single = all(len(each.ways) == 1 or each.set for each in meant.moments)
        if (len(keys) == 1 and said) or (
            meant.every and not meant.order and alike and single and len(keys) <= MOST_CALLS
        ):
            origins = tuple(Provenance("read", f"{read.name}: {names[key]}") for key in keys)
            return Told(argument, tuple(keys), origins, meant.spans)
        told = (
            f"{len(keys)} rows of {read.name} agree with {meant.said}"
            if meant.said
            else f"{read.name} told of {len(keys)}"
        )
        options = tuple(Option(names[key], key) for key in keys[:MOST_CALLS])
        raise Stop(Question(slot, f"Which is meant? {told}", options if len({*names.values()}) == len(names) else ()))

    def _answered(self, argument: str, answer: Answer, meant: Wanted, names: Mapping[str | int, str]) -> Told:
        """The row that a person chose among those that agree; by its id, by its number among the options, or in words of its own."""
        said = answer.text.strip().casefold()
        by_name = [key for key, name in names.items() if said and said in name.casefold()]
        value: Json = (
            answer.value if answer.value is not None else by_name[0] if len(by_name) == 1 else answer.text.strip()
        )
        return Told(argument, (value,), (Provenance("answer", answer.text),), meant.spans)

    # --- addresses

    def _turned(self, called: Asked, value: Filled) -> Filled:
        """Whose the rows are is nobody whom they are given to: of `all of Ada's tasks to Bob` the one who is meant is Bob."""
        chosen = [each.value for each in called.filled]
        spans = [(start - called.last, end - called.last) for start, end in value.spans]
        owner = [end for start, end in spans if is_owner(self.goal, end) or "'s " in self.goal.text[start:end]]
        if not owner or not isinstance(value.value, str) or not takes_address(value.name, called.tool, chosen):
            return value
        person = recipient(self.goal, [each for each in called.taken if each not in spans])
        if person is None:
            raise Stop(
                Question(
                    f"{called.step}.{value.name}",
                    f"{value.value!r} says whose it is. Who is meant for {called.tool.name}?",
                )
            )
        start, end = person[1]
        return replace(value, value=person[0], spans=((start + called.last, end + called.last),), confidence=_TURNED)

    async def _address(self, called: Asked, name: str) -> Told | None:
        tool, slot = called.tool, f"{called.step}.{name}"
        names, spans, listed = self._people(called, name)
        answer = self.answers.get(slot)
        if answer is not None:
            names = [str(answer.value) if answer.value is not None else answer.text.strip()]
        if not names and answer is None and name in required(tool):
            return await self._described(called, name)
        known = all("@" in each or each.lower() in FUNCTION_WORDS for each in names)
        if not names or not directories(self.tools) or (known and answer is None):
            return None
        found = [(each, "") if "@" in each else await self.address_of(tool, slot, as_name(each)) for each in names]
        read = "; ".join(f"{by}: {each}" for each, (_, by) in zip(names, found, strict=True) if by)
        origin = Provenance("read", read) if answer is None else Provenance("answer", answer.text)
        told = [each for each, _ in found]
        value = next((each for each in called.filled if each.name == name), None)
        sure = _TURNED if value is not None and value.confidence == _TURNED else TOLD
        return Told(name, (told if listed else told[0],), (origin,), spans, sure)

    async def _described(self, called: Asked, name: str) -> Told | None:
        """Who is said by rows, and by no name; several people are written to one by one."""
        found = await described(self.goal, self.tools, self.reader)
        if found is None or not (called.alone or len(found.addresses) == 1):
            return None
        listed = parameters(called.tool)[name].get("type") == "array"
        values: tuple[Json, ...] = (list(found.addresses),) if listed else found.addresses
        told = tuple(Provenance("read", f"{found.read}: {each}") for each in found.addresses)
        return Told(name, values, told[: len(values)], (found.span,))

    def _people(self, called: Asked, name: str) -> tuple[list[str], tuple[Span, ...], bool]:
        """Who is named for the argument, with which words, and whether it is a list; who stands where it would be said."""
        value = next((each for each in called.filled if each.name == name), None)
        if value is not None:
            listed = isinstance(value.value, list)
            said = [str(each) for each in (value.value if isinstance(value.value, list) else [value.value])]
            return said, tuple((start - called.last, end - called.last) for start, end in value.spans), listed
        if words := called.malformed.get(name):
            place = self.goal.text.find(words)
            return [words], ((place, place + len(words)),) if place >= 0 else (), False
        values = [each.value for each in called.filled]
        person = recipient(self.goal, called.taken, values) if name in required(called.tool) else None
        return ([], (), False) if person is None else ([person[0]], (person[1],), False)

    async def address_of(self, tool: Manifest, slot: str, person: str) -> tuple[str, str]:
        """Return the one address of somebody, and which read told it."""
        if (by_row := await of_a_role(person, self.goal, self.tools, self.reader)) is not None:
            return by_row
        asked = list[str]()
        for read in directories(self.tools)[:2]:
            parameter = name_parameter(read)
            found = addresses(await self._reading(read, {str(parameter): person}), person)
            asked.append(read.name)
            if len(found) == 1:
                return found[0], read.name
            if found:
                options = tuple(Option(each, each) for each in found[:MOST_CALLS])
                raise Stop(Question(slot, f"Which {person} is meant?", options))
        told = f"{' and '.join(asked)} told no address of {person!r}"
        raise Stop(Question(slot, f"{told}. What is the address for {tool.name}?"), absent=True)

    # --- reads

    async def _reading(self, read: Manifest, arguments: JsonObject) -> Json:
        try:
            return await self._readings.of(read, arguments)
        except (Spent, UsageError) as refused:
            raise NotLooked from refused
        except ToolError as failed:
            raise Stop(
                Abstention(f"{read.name} could not be read: {' '.join(str(failed).split())[:200]}", (read.name,))
            ) from failed
