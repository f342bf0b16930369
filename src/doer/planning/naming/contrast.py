"""Contrast: the old value beside the new one: `give ticket 4810 to Mia instead of Bob`, `to normal, not low`, `not 24 but 26`.

What is contrasted is no prohibition: it says what a cell holds now. So it is taken out only where the plan of what is left
sets one cell of a table, and a read tells that this cell does hold the old value; where it holds another, that is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from doer.domain.errors import ToolError, UsageError
from doer.domain.goal import Answer, Option, Question
from doer.domain.plan import Plan, Step
from doer.domain.ports import Reader
from doer.domain.template import Literal
from doer.domain.value import Json, JsonObject
from doer.intent.text import word_set, words
from doer.planning.schema import mapping
from doer.planning.words.conditions import masked
from doer.planning.words.reword import Reworded

SLOT: Final = "instead"
"""The slot under which it is asked whether a cell is to be set that does not hold the old value."""
_OLD: Final = r"(?P<old>(?:(?:to|at|on|by|the|a)\s+)?[^,;!?:]{1,40}?)"
_STOP: Final = r"(?=\s*(?:[,;!?:]|\.(?!\w)|$)|\s+(?:please|any ?more|in (?:the )?\w+|on (?:the )?\w+)\b)"
_FORMS: Final = (
    re.compile(rf",?\s+(?:and\s+)?(?:instead of|rather than|in place of)\s+{_OLD}{_STOP}", re.IGNORECASE),
    re.compile(rf",\s*(?:and\s+)?not\s+{_OLD}{_STOP}", re.IGNORECASE),
    re.compile(rf"\s+(?:and\s+)?not\s+(?P<old>[\w.,@-]+(?:\s+[\w.@-]+)?){_STOP}", re.IGNORECASE),
    re.compile(r"\bnot\s+(?P<old>[^,;!?:]{1,40}?),?\s+but\s+(?:rather\s+)?", re.IGNORECASE),
    re.compile(r"\bfrom\s+(?P<old>[^,;!?:]{1,40}?)\s+(?=to\s)", re.IGNORECASE),
    re.compile(r"^\W*(?:instead of|rather than)\s+(?P<old>[^,;!?:]{1,40}?),\s*", re.IGNORECASE),
)
_IDLE: Final = word_set("to at on by the a an any more")
_ACTING: Final = re.compile(r"\b\w+ing\s+\w|\b(?:yet|now|only|all|every|any|before|after|until)\b", re.IGNORECASE)
"""`instead of deleting it`: a deed, and no value; `not yet`, `not all`: how much."""


@dataclass(frozen=True, slots=True)
class Contrast:
    """A sentence without its old value, and the old value."""

    rest: Reworded
    old: str


def contrasts(text: str) -> Iterator[Contrast]:
    """Yield the ways to take an old value out of a sentence."""
    plain = masked(text)
    for form in _FORMS:
        found = form.search(plain)
        if found is None or _ACTING.search(found["old"]):
            continue
        rest = Reworded.of(text).made(((0, found.start()), (found.end(), len(text))))
        yield Contrast(rest, text[slice(*found.span("old"))].strip())


async def weighed(plan: Plan, said: Contrast, answers: Sequence[Answer], reader: Reader) -> Plan | Question | None:
    """Return the plan where each cell that it sets holds the old value now, a question where it holds another; None where it
    sets no cell of a table.
    """
    for step in plan.steps:
        found = await _cell(step, reader)
        if found is None:
            return None
        now, column = found
        if (_number(said.old) is None and re.search(r"\d", said.old)) or (_number(said.old) is None) != (
            _number(str(now)) is None
        ):
            return None  # `close ticket 12 but not 13`: no old value of this cell
        if not _same(now, said.old) and not any(each.slot == SLOT and each.value is True for each in answers):
            told = "empty" if now in (None, "") else str(now)
            text = f"{column} is {told} now, and not {said.old}. Should it be set all the same?"
            return Question(SLOT, text, (Option("yes, set it", value=True), Option("no", value="none")))
    return plan


async def _cell(step: Step, reader: Reader) -> tuple[Json, str] | None:
    """What the one cell that a step sets holds now, and its column; None where it sets no one cell that can be read."""
    given = {name: each.value for name, each in step.arguments.items() if isinstance(each, Literal)}
    space, _, tool = step.tool.rpartition(".")
    if len(given) < len(step.arguments):
        return None
    if tool == "update":
        key, values = given.get("key"), given.get("values")
        if not isinstance(key, Mapping) or not isinstance(values, Mapping) or len(values) != 1:
            return None
        column = str(next(iter(values)))
        where: list[Json] = [{"column": name, "op": "equals", "value": value} for name, value in key.items()]
        asked: JsonObject = {"table": given.get("table"), "where": where, "columns": [column], "limit": 2}
        return await _one(f"{space}.find", asked, column, reader)
    if tool == "change_row" and "also" not in given:
        column = str(given.get("column"))
        rows = await _rows(f"{space}.read_rows", {"path": given.get("path")}, reader)
        row = str(given.get("row")).casefold()
        meant = [each for each in rows if any(str(cell).casefold() == row for cell in each.values())]
        name = next(
            (each for each in (meant[0] if len(meant) == 1 else {}) if each.casefold() == column.casefold()), None
        )
        return None if name is None else (meant[0][name], name)
    return None


async def _one(tool: str, asked: JsonObject, column: str, reader: Reader) -> tuple[Json, str] | None:
    rows = await _rows(tool, asked, reader)
    return (rows[0].get(column), column) if len(rows) == 1 else None


async def _rows(tool: str, asked: JsonObject, reader: Reader) -> Sequence[JsonObject]:
    try:
        rows = mapping(await reader.read(tool, asked)).get("rows")
    except (ToolError, UsageError):
        return ()
    return (
        [each for each in rows if isinstance(each, Mapping)]
        if isinstance(rows, Sequence) and not isinstance(rows, str)
        else ()
    )


def _same(now: Json, old: str) -> bool:
    """Tell whether a cell holds what was said: the same number, or a text with all its words."""
    if (number := _number(old)) is not None:
        return number == _number(str(now))
    said = {each.lower for each in words(old)} - _IDLE
    held = {each.lower for each in words(str(now or "").replace("_", " ").replace(".", " "))}
    return bool(said) and said <= held


def _number(said: str) -> Decimal | None:
    bare = re.sub(r"\s*(?:€|%|euros?|eur|percent)$|^[€$£]\s*", "", said.strip(), flags=re.IGNORECASE)
    try:
        return Decimal(bare)
    except InvalidOperation:
        return None
