"""Cells named in words: texts that begin with a column's name, as `name=Ada`, `team: platform`, `age 41`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from doer.connectors.tools.files.place import text_argument
from doer.connectors.tools.tables.table import Table, column_named, folded
from doer.connectors.tools.tables.typed import typed
from doer.domain.errors import Permanent
from doer.domain.value import JsonObject

# After an equals sign every character counts; a colon is prose, and so is the blank that follows it.
_PAIR = re.compile(r"\s*([^=:]{1,200}?)\s*(?:=|:\s*)(.*)", re.DOTALL)


def pairs(arguments: JsonObject, name: str, table: Table) -> Mapping[str, str]:
    """Return the values by column of a list as ["name=Ada", "team: platform", "age 41"]. Raises Permanent."""
    given = arguments.get(name, [])
    if isinstance(given, str) or not isinstance(given, Sequence):
        raise Permanent(f"{name} must be a list of column=value")
    values: dict[str, str] = {}
    for each in given:
        text = text_argument({name: each}, name)
        column, value = (of_its_kind(text, table), text) if is_bare(text, table) else pair(text, table)
        if column in values:
            raise Permanent(f"{column} is given twice")
        values[column] = value
    return values


def is_bare(text: str, table: Table) -> bool:
    """Tell whether a text names no column: `18.40`, `Taxi to the station`; what has an equals sign or a colon meant to."""
    words = text.strip().split()
    named = any(_is_column(" ".join(words[:count]), table) for count in range(1, len(words)))
    return bool(table.rows) and not named and not re.search(r"[=:]", text)


def of_its_kind(text: str, table: Table) -> str:
    """Return the one column that holds values of this kind alone: days, numbers, or words. Raises Permanent."""
    wanted = typed(text).kind
    kinds = {name: {typed(row.get(name)).kind for row in table.rows} - {"empty"} for name in table.columns}
    found = [name for name, held in kinds.items() if held == {wanted}]
    if len(found) == 1:
        return found[0]
    told = " and ".join(found) or "no column"
    raise Permanent(f"{text!r:.80} names no column, and {told} may hold it: write column=value, one for each column")


def pair(text: str, table: Table) -> tuple[str, str]:
    """Return column and value of a text that begins with a column's name. Raises Permanent."""
    found = _PAIR.fullmatch(text)
    if found is not None and (not table.columns or _is_column(found[1], table)):
        # A table without a row has no columns yet (JSON): then any name is one.
        return column_named(found[1], table.columns) if table.columns else found[1], found[2]
    words = text.strip().split()
    for count in range(len(words) - 1, 0, -1):
        name = " ".join(words[:count])
        if _is_column(name, table):
            return column_named(name, table.columns), text.strip().split(maxsplit=count)[-1]
    if found is not None:
        column_named(found[1], table.columns)  # says which it may have been
    raise Permanent(f"{text!r:.80} does not begin with a column's name: write column=value, one for each column")


def _is_column(said: str, table: Table) -> bool:
    return any(folded(each) == folded(said) for each in table.columns)
