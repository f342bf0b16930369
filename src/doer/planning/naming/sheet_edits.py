"""Rows of a table in a file changed in plain words: `the mug costs 13.50 now, update prices.csv`, `delete the row with the train
to Hamburg from expenses.csv`, `add Paul Keller, paul@x.example, 2027-02-01 to new_hires.csv`.

A row is the only one whose cells hold every word that is said of it; a value goes into the one column of its kind, or the one
that is named. Where a word is left over nothing is planned.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Final

from doer.domain.action import Manifest
from doer.domain.goal import Goal
from doer.domain.plan import Plan, Step
from doer.domain.template import Literal
from doer.domain.value import Json, JsonObject
from doer.intent.grounder import Grounder
from doer.intent.mention import Mention
from doer.intent.text import stem, word_set, words
from doer.intent.vocabulary import POLITE
from doer.planning.derived.table_patterns import PRICES
from doer.planning.naming.contrast import contrasts
from doer.planning.naming.sheets import Sheet, one_step
from doer.planning.words.nouns import phrase

_IDLE: Final = POLITE | word_set(
    """
    is are was were be been now should must has have to of for from on at in it its their our my the a an new set change update correct
    put make only actually really by that this s and so but cost costs starts start row rows line entry value price with as can could would
    you we i fix adjust note enter please euro euros eur
    """
)
_NOTED = re.compile(
    r"(?:^|[,;.]|\s+and)\s*(?:please\s+|can you\s+|could you\s+|so\s+)*(?:update|correct|change|fix|adjust|note|enter|record|put)"
    r"(?:\s+(?:that|it|this))?(?:\s+(?:in|into|to))?\s+(?:the\s+)?(?:file\s+)?$",
    re.IGNORECASE,
)
_IN = re.compile(r"\s*\b(?:in|into|of|to)\s+(?:the\s+)?(?:file\s+|table\s+)?$", re.IGNORECASE)
_SETS = re.compile(
    r"^\W*(?:(?:please|can you|could you)\s+)*(?:set|change|update|correct|put|make|adjust|fix)\b", re.IGNORECASE
)
_REMOVES = re.compile(
    r"^\W*(?:(?:please|can you|could you)\s+)*(?:delete|remove|take out|take|drop|erase|cross out)\s+(?:the\s+)?(?:(?:row|line|entry|record|item)\s+)?"
    r"(?:(?:with|of|for|about|that says|called|named)\s+)?(?P<what>.+?)\s+(?:from|in|out of|off)\s+(?:the\s+)?(?:file\s+)?$",
    re.IGNORECASE,
)
_ADDS = re.compile(
    r"^\W*(?:(?:please|can you|could you)\s+)*(?:add|put|enter|insert|append|write)\s+(?:(?:a|the|this)\s+(?:new\s+)?(?:row|line|entry|record)\s*(?:with\s+(?:the values\s+)?)?:?\s*)?"
    r"(?P<what>.+?)\s+(?:to|in|into)\s+(?:the\s+)?(?:file\s+)?$",
    re.IGNORECASE,
)
_ADDS_TO = re.compile(
    r"^\W*(?:(?:please|can you|could you)\s+)*(?:(?:add|put|enter|insert|append|write)\s+(?:a|the|this|one)\s+)?(?:new\s+)?(?:row|line|entry|record)\s+(?:to|in|into|for)\s+(?:the\s+)?(?:file\s+)?$",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Editing:
    """A goal that changes one table in a file."""

    goal: Goal
    sheet: Sheet
    span: tuple[int, int]
    space: str
    tools: Sequence[Manifest]

    def plan(self) -> Plan | None:
        """Return the one step; None where it is not plain which row, which column or which value is meant."""
        before, after = self.goal.text[: self.span[0]], self.goal.text[self.span[1] :].strip(" .!?")
        if found := _REMOVES.match(before):
            row = self._row(found["what"]) if not after else None
            return None if row is None else self._step("remove_row", {"row": row})
        if values := self._values(before, after):
            return self._step("add_row", {"values": values})
        return next(filter(None, (self._setting(*each) for each in self._statements(before, after))), None)

    def _values(self, before: str, after: str) -> list[Json]:
        """The values of a new row, one for each column in order, each of its column's kind."""
        added, under = _ADDS.match(before), _ADDS_TO.match(before)
        said = added["what"] if added and not after else after.lstrip(": ") if under else ""
        told = [each.strip() for each in re.split(r"\s*[,;]\s*", said)]
        columns = self.sheet.table.columns
        if len(told) != len(columns) or len(told) < 2 or not all(told):
            return []
        found = list[Json]()
        for value, column in zip(told, columns, strict=True):
            cell = self._fitting(value, column.kind, column.name)
            if cell is None:
                return []
            found.append(f"{column.name}={cell}")
        return found

    def _fitting(self, value: str, kind: str, name: str) -> str | None:
        day = _day(self._mentions(value))
        if kind == "date":
            return day
        number = _NUMBER.fullmatch(value.removesuffix("€").removesuffix("euros").strip())
        if kind in {"integer", "decimal"}:
            return number.group() if number and (kind == "decimal" or "." not in number.group()) else None
        mails = all("@" in str(row.get(name) or "") for row in self.sheet.rows)
        fits = not number and not day and ("@" in value) is mails
        return value if fits else None

    def _statements(self, before: str, after: str) -> Iterator[tuple[str, str]]:
        """Yield what is said of a cell, with the old value where one is told."""
        if noted := _NOTED.search(before):
            said = before[: noted.start()] + (f" {after}" if after else "")
        elif (within := _IN.search(before)) and _SETS.match(before):
            said = f"{before[: within.start()]} {after}"
        else:
            return
        yield said, ""
        for each in contrasts(said):
            yield each.rest.text, each.old

    def _setting(self, said: str, old: str) -> Plan | None:
        """`the mug costs 13.50 now`: the row and the column, where every word is accounted for."""
        mentions = [each for each in self._mentions(said) if each.kind in {"number", "amount", "date"}]
        if len(mentions) != 1:
            return None
        one = mentions[0]
        rest = words(said[: one.start] + " " * (one.end - one.start) + said[one.end :])
        day = _day(mentions)
        number = re.search(r"\d+(?:\.\d+)?(?![\d.,]*\d)", said[one.start : one.end])
        kinds = {"date"} if day else {"integer", "decimal"}
        columns = [each for each in self.sheet.table.columns if each.kind in kinds]
        named = [
            each
            for each in columns
            if {stem(part) for part in phrase(each.name).split()} <= {each.stem for each in rest}
        ]
        priced = [each for each in columns if phrase(each.name).split()[-1] in PRICES]
        columns = named or (priced if {each.lower for each in rest} & {"cost", "costs", "price"} else []) or columns
        if len(columns) != 1 or (not day and number is None):
            return None
        column = columns[0].name
        about = [
            each.lower
            for each in rest
            if each.lower not in _IDLE and each.stem not in {stem(part) for part in phrase(column).split()}
        ]
        row = self._found(about)
        if row is None or (old and not self._was(row, column, old)):
            return None
        key = self._key(row)
        value = day or (number.group() if number else "")
        return None if key is None else self._step("change_row", {"row": key, "column": column, "value": value})

    def _was(self, row: JsonObject, column: str, old: str) -> bool:
        now = str(row.get(column) or "")
        try:
            return Decimal(now) == Decimal(old.strip(" €"))
        except InvalidOperation:
            return any(str(reading.value) == now for each in self._mentions(old) for reading in each.readings)

    def with_row(self, plan: Plan) -> Plan:
        """Return the plan in which a row that is called by a part of its words is named by one whole cell: `Lena`."""
        steps = list[Step]()
        for step in plan.steps:
            said = step.arguments.get("row")
            cells = {str(cell).strip().casefold() for each in self.sheet.rows for cell in each.values()}
            named = (
                isinstance(said, Literal) and isinstance(said.value, str) and said.value.strip().casefold() not in cells
            )
            key = self._row(str(said.value)) if isinstance(said, Literal) and named else None
            steps.append(step if key is None else replace(step, arguments={**step.arguments, "row": Literal(key)}))
        return replace(plan, steps=tuple(steps))

    def _row(self, said: str) -> str | None:
        row = self._found([each.lower for each in words(said) if each.lower not in _IDLE])
        return None if row is None else self._key(row)

    def _found(self, about: Sequence[str]) -> JsonObject | None:
        """The only row whose cells of text hold every word."""
        wanted = {stem(each) for each in about}
        found = [
            row
            for row in self.sheet.rows
            if wanted and wanted <= {each.stem for cell in row.values() for each in words(str(cell or ""))}
        ]
        return found[0] if len(found) == 1 else None

    def _key(self, row: JsonObject) -> str | None:
        """A cell of the row that no other cell of the table is like."""
        cells = [str(cell).strip().casefold() for each in self.sheet.rows for cell in each.values()]
        kinds: Mapping[str, str] = {each.name: each.kind for each in self.sheet.table.columns}
        texts = sorted(row, key=lambda name: kinds.get(name) != "text")
        return next(
            (str(row[name]) for name in texts if row[name] and cells.count(str(row[name]).strip().casefold()) == 1),
            None,
        )

    def _mentions(self, said: str) -> Sequence[Mention]:
        return [part for each in Grounder.of(self.goal).mentions(said) for part in each.parts or (each,)]

    def _step(self, tool: str, given: Mapping[str, Json]) -> Plan | None:
        return one_step(self.goal, self.tools, f"{self.space}{tool}", {"path": self.sheet.path, **given}, self.span)


def _day(mentions: Sequence[Mention]) -> str | None:
    """The one day that a value is."""
    days = {str(reading.value) for each in mentions if each.kind == "date" for reading in each.readings}
    return days.pop() if len(days) == 1 and len(mentions) == 1 else None
