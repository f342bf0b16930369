"""Which rows words mean: those that agree with every word, by a value of a column, a name, or the name of a row that they point to."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from doer.domain.errors import ToolError, UsageError
from doer.domain.ports import Reader
from doer.domain.value import Json, JsonObject
from doer.intent.text import Word, stem, word_set, words
from doer.intent.vocabulary import FUNCTION_WORDS
from doer.planning.derived.ground import GroundTable
from doer.planning.schema import mapping
from doer.planning.words.nouns import phrase

_MOST: Final = 1000
_LONG: Final = 160
"""Characters from which on a cell is a text of its own, in which things are only mentioned."""
_REFUSED: Final = word_set("""
    before after since until till older newer later earlier than over under above below more less most least except but not
    without no never only other others another unless if yesterday today tomorrow week month year last next first latest oldest
    newest out up down
    """)
"""Words that compare, exclude or order: what they do to a set of rows is asked of the tables' own skills, never guessed."""
_IDLE: Final = (FUNCTION_WORDS - _REFUSED) | word_set("called named titled about regarding concerning")
_NUMBER = re.compile(r"-?[\d.,]+")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(slots=True)
class Reading:
    """The rows of tables, each read once."""

    reader: Reader
    grounds: Sequence[GroundTable]
    _read: dict[tuple[str, str], Sequence[JsonObject]] = field(default_factory=dict)

    async def of(self, ground: GroundTable) -> Sequence[JsonObject]:
        """Return the rows of a table; nothing where there are too many, or they may not be read."""
        place = (ground.connection, ground.table.name)
        if place not in self._read:
            columns: list[Json] = [each.name for each in ground.table.columns if each.kind != "other"]
            asked: JsonObject = {"table": ground.table.name, "columns": columns, "limit": _MOST}
            self._read[place] = await self.told(f"{ground.connection}.find", asked)
        return self._read[place]

    async def told(self, tool: str, arguments: JsonObject) -> Sequence[JsonObject]:
        """Return the rows that a read tells; nothing where it does not tell them all."""
        try:
            result = mapping(await self.reader.read(tool, arguments))
        except (ToolError, UsageError):
            return ()
        rows = result.get("rows")
        if not isinstance(rows, Sequence) or isinstance(rows, str) or result.get("more") is True:
            return ()
        return [each for each in rows if isinstance(each, Mapping)]

    async def agreeing(self, ground: GroundTable, said: Sequence[Word]) -> Sequence[JsonObject]:
        """Return the rows that agree with every word; nothing where a word compares or excludes, or there is none."""
        wanted = [each for each in said if each.lower not in _IDLE]
        if not wanted or any(each.lower in _REFUSED or each.lower.endswith("n't") for each in wanted):
            return ()
        named = await self._named(ground)
        own = {column.name: {stem(value.lower()) for value in column.values} for column in ground.table.columns}
        return [row for row in await self.of(ground) if _agrees(row, {each.stem for each in wanted}, own, named)]

    async def _named(self, ground: GroundTable) -> Mapping[str, frozenset[str]]:
        """The stems of the names of rows of other tables, by their keys in a text."""
        found: dict[str, frozenset[str]] = {}
        for other in self.grounds:
            key = other.key()
            same = (other.connection, other.table.name) == (ground.connection, ground.table.name)
            if same or key is None or not other.naming or other.connection != ground.connection:
                continue
            column = other.table.column(other.table.primary[0])
            if column is None or column.kind != "text":
                continue
            for row in await self.of(other):
                names = " ".join(str(row.get(each) or "") for each in other.naming)
                found[str(row[column.name])] = frozenset(each.stem for each in words(names))
        return found


def _agrees(
    row: JsonObject, wanted: set[str], values: Mapping[str, set[str]], named: Mapping[str, frozenset[str]]
) -> bool:
    stems = {name: _stems(value, named) for name, value in row.items()}
    for each in wanted:
        stating = [name for name, own in values.items() if each in own]
        places = [name for name in stating or stems if each in stems.get(name, ())]
        told = [name for name in stems if each in {stem(part) for part in phrase(name).split(" ")}]
        if not places and not any(wanted & stems[name] for name in told):
            return False
    return True


def _stems(value: Json, named: Mapping[str, frozenset[str]]) -> frozenset[str]:
    if not isinstance(value, str) or len(value) > _LONG or _NUMBER.fullmatch(value) or _MOMENT.match(value):
        return frozenset()
    own = {part for each in words(value) for part in (each.stem, *map(stem, each.lower.split("_")))}
    return frozenset(own) | named.get(value, frozenset())
