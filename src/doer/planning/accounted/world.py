"""What reads tell while one sentence is planned: tables of rows, whose addresses there are, and which rows a flag of a read keeps."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from doer.domain.action import Manifest
from doer.domain.errors import ToolError, UsageError
from doer.domain.goal import Goal
from doer.domain.ports import Reader
from doer.domain.value import Json, JsonObject
from doer.intent.text import stem, word_set, words
from doer.planning.action.sense import words_of_name
from doer.planning.lookup.asking import askings
from doer.planning.lookup.figures import figures_of
from doer.planning.lookup.people import addresses
from doer.planning.lookup.readings import Readings, Spent
from doer.planning.lookup.rows import key_of, rows_of
from doer.planning.lookup.tools import (
    Read,
    directories,
    is_key,
    name_parameter,
    nouns,
    parameters,
    readers,
    reads_among,
    required,
)
from doer.planning.lookup.words import Wanted, stems_in

_MOST_NAMES: Final = 3
MOST_READS: Final = 14
_MAIL: Final = word_set("email mail e address contact")
_TITLES: Final = word_set("name title label subject summary topic what item")
_NAME: Final = word_set("name fullname full company")
_VAGUE: Final = word_set("only just show include with is are")


class Unread(Exception):
    """It cannot be read, or may not: nothing is planned here."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one kind, and which read tells them."""

    read: Manifest
    rows: tuple[JsonObject, ...]
    called: frozenset[str]
    """Stems of what its rows are called."""

    @property
    def fields(self) -> frozenset[str]:
        """Stems of the names of its fields."""
        return frozenset(stem(part) for name in (self.rows[0] if self.rows else {}) for part in words_of_name(name))


@dataclass(slots=True)
class World:
    """At most MOST_READS reads, each once."""

    goal: Goal
    tools: Sequence[Manifest]
    reader: Reader
    reads: list[Read] = field(init=False)
    names: list[str] = field(default_factory=list)
    """Names and quotations that were said."""
    tabled: list[Manifest] = field(default_factory=list)
    """Reads that told rows."""
    _readings: Readings = field(init=False)

    def __post_init__(self) -> None:
        self._readings = Readings(self.reader, MOST_READS)
        self.reads = reads_among(self.tools)

    async def table_of(self, key: str, tool: Manifest) -> Table | None:
        """Return the table that an id is of; None where no read tells it."""
        for read in readers(key, tool, self.reads)[:3]:
            table = await (self._by_name(read) if required(read) else self.table(read))
            if table is None:
                continue
            kind = nouns(key, tool)
            if table.rows and all(key_of(row, key, kind, parameters(tool)[key]) is not None for row in table.rows):
                return table
        return None

    async def _by_name(self, read: Manifest) -> Table | None:
        """The rows that a read tells of the names that were said, where it must be asked for one."""
        parameter, rows = name_parameter(read), dict[str, JsonObject]()
        if parameter is None:
            return None
        for name in self.names[:_MOST_NAMES]:
            try:
                told = rows_of(await self._readings.of(read, {parameter: name}))
            except (Spent, UsageError, ToolError) as failed:
                raise Unread from failed
            rows.update({shown(each): each for each in told or ()})
        own = {stem(each) for each in words_of_name(read.name.rpartition(".")[2])[1:]}
        return Table(read, tuple(rows.values()), frozenset(own)) if rows else None

    async def table(self, read: Manifest, given: JsonObject | None = None) -> Table | None:
        """Return all that a read tells, asked as given; None where that is not rows, or not all of them."""
        asked = list(askings(read, Wanted(), self.goal))
        if not asked:
            return None
        given = given or {}
        try:
            told = await self._readings.of(read, {**asked[-1], **given})
        except (Spent, UsageError, ToolError) as failed:
            raise Unread from failed
        rows = rows_of(told) if figures_of(told) is None else None
        if rows is None:
            return None
        own = {stem(each) for each in words_of_name(read.name.rpartition(".")[2])[1:]}
        aside = re.search(r"\((\w+)\)", read.description)
        own |= {stem(aside[1].lower())} if aside is not None else set()
        self.tabled.append(read)
        return Table(read, tuple(rows), frozenset(own))

    async def told(self, read: Manifest, arguments: JsonObject) -> Json:
        """Return what a read tells with these arguments. Raises Unread."""
        try:
            return await self._readings.of(read, arguments)
        except (Spent, UsageError, ToolError) as failed:
            raise Unread from failed

    async def tables(self) -> list[Table]:
        """Return the tables of all reads that need nothing."""
        found = [await self.table(each.manifest) for each in self.reads if not required(each.manifest)]
        return [each for each in found if each is not None and each.rows]

    async def flagged(self, table: Table, said: frozenset[str]) -> list[tuple[frozenset[str], frozenset[str]]]:
        """Return of each flag of the read whose every word was said these stems, and the rows that it keeps, as `shown`."""
        found = list[tuple[frozenset[str], frozenset[str]]]()
        for name, schema in parameters(table.read).items():
            stems = frozenset(stem(each) for each in words_of_name(name) if each not in _VAGUE)
            if schema.get("type") == "boolean" and stems and stems <= said and len(stems) > 1:
                kept = await self.table(table.read, {name: True})
                if kept is not None:
                    found.append((stems, frozenset(map(shown, kept.rows))))
        return found

    async def addresses_of(self, person: str) -> tuple[str, ...]:
        """Return the addresses that directories and rows tell of somebody who is called so."""
        found = dict[str, None]()
        for read in directories(self.tools)[:2]:
            try:
                told = await self._readings.of(read, {str(name_parameter(read)): person})
            except (Spent, UsageError, ToolError) as failed:
                raise Unread from failed
            found.update(dict.fromkeys(addresses(told, person)))
            if found:
                break
        if found:
            return tuple(found)
        for table in await self.tables():
            found.update(dict.fromkeys(each for row in table.rows for each in own_addresses(row, person)))
        return tuple(found)


def ids_of(tool: Manifest) -> list[str]:
    """Return the arguments of a tool, required or not, that are ids of rows."""
    fields = parameters(tool)
    kept = [name for name, each in fields.items() if each.get("type") in ("string", "integer") and "enum" not in each]
    return [each for each in kept if is_key(each)]


def called(key: str, tool: Manifest, table: Table) -> tuple[tuple[str, Json], ...]:
    """Return what the rows of a table are called, with the ids that the argument takes."""
    found = list[tuple[str, Json]]()
    for row in table.rows:
        value = key_of(row, key, nouns(key, tool), parameters(tool)[key])
        names = [each for name, each in row.items() if isinstance(each, str) and set(words_of_name(name)) & _TITLES]
        found += [(each, value) for each in names if value is not None and "@" not in each]
    return tuple(found)


def shown(row: JsonObject) -> str:
    """Return a row as a text that is the same for the same row."""
    return json.dumps(row, sort_keys=True, default=str)


def own_address(row: JsonObject) -> tuple[str, str] | None:
    """Return the field and the address of the one whom a row is about; None where it is about nobody, or not plainly."""
    fields = [
        (name, str(value))
        for name, value in row.items()
        if isinstance(value, str) and re.fullmatch(r"[^\s@]+@[^\s@]+", value) and set(words_of_name(name)) <= _MAIL
    ]
    return fields[0] if len(fields) == 1 else None


def own_addresses(row: JsonObject, person: str) -> list[str]:
    """Return the address that stands beside the name of somebody: `name` and `email`, `writer` and `writerEmail`."""
    wanted = {each.stem for each in words(person)}
    named = {
        frozenset(words_of_name(name)) - _NAME
        for name, value in row.items()
        if isinstance(value, str) and wanted and wanted <= stems_in(value) and "@" not in value and len(value) < 60
    }
    return [
        value
        for name, value in row.items()
        if isinstance(value, str) and "@" in value and set(words_of_name(name)) & _MAIL
        and frozenset(words_of_name(name)) - _MAIL in named
    ]  # fmt: skip
