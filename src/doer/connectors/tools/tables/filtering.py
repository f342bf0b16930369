"""The typed filter over rows, as the database tools take it: conditions that all must hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from doer.connectors.tools.files.place import text_argument
from doer.connectors.tools.tables.cells import pair
from doer.connectors.tools.tables.table import Table, column_named
from doer.connectors.tools.tables.typed import Typed, before, equal, typed
from doer.domain.errors import Permanent
from doer.domain.value import Json, JsonObject


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition on a column."""

    column: str
    op: str
    value: Json
    values: tuple[Typed, ...]
    """What is compared with: one value, or those of `in`."""

    def holds(self, cell: Json) -> bool | None:
        """Tell whether a cell meets it; None where the two cannot be compared."""
        here = typed(cell)
        match self.op:
            case "is_null":
                return (here.kind == "empty") is not (self.value is False)
            case "equals" | "in":
                return any(equal(here, each) for each in self.values)
            case "differs":
                return not equal(here, self.values[0])
            case "contains":
                return self.values[0].text.casefold() in here.text.casefold()
            case "less":
                return False if here.kind == "empty" else before(here, self.values[0])
            case _:
                return False if here.kind == "empty" else before(self.values[0], here)


@dataclass(frozen=True, slots=True)
class Found:
    """The rows that a filter found, and how many could not be compared."""

    rows: Sequence[JsonObject]
    not_compared: int


def conditions(arguments: JsonObject, table: Table) -> Sequence[Condition]:
    """Return the conditions of `where`, and the one of `column` and `value`. Raises Permanent."""
    where = arguments.get("where", [])
    listed = where if isinstance(where, Sequence) and not isinstance(where, str) else []
    given = [each for each in listed if isinstance(each, Mapping)]
    if "value" in arguments and "column" not in arguments:
        raise Permanent("value is given without a column: name the column that has it")
    if "column" in arguments:
        column, value = arguments["column"], arguments.get("value")
        if value is None:  # `with team platform` names both in one
            column, value = pair(text_argument(arguments, "column"), table)
        given.append({"column": column, "op": "equals", "value": value})
    return [_condition(each, table) for each in given]


def _condition(each: JsonObject, table: Table) -> Condition:
    column = column_named(str(each.get("column")), table.columns)
    op, value = str(each.get("op")), each.get("value")
    if op == "is_null":
        return Condition(column, op, value, ())
    if value is None:
        raise Permanent(f"compare {column} with a value; for empty cells use is_null")
    if op == "in":
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise Permanent(f"'in' compares {column} with a list of values")
        return Condition(column, op, value, tuple(typed(one) for one in value))
    if op not in ("equals", "differs", "less", "greater", "contains"):
        raise Permanent(f"{op!r:.40} is no comparison; there are equals, differs, less, greater, in, contains, is_null")
    return Condition(column, op, value, (typed(value),))


def filtered(table: Table, wanted: Sequence[Condition]) -> Found:
    """Return the rows for which every condition holds, in their order."""
    rows: list[JsonObject] = []
    doubtful = 0
    for row in table.rows:
        holds = [each.holds(row.get(each.column)) for each in wanted]
        if all(holds):
            rows.append(row)
        elif None in holds and False not in holds:
            doubtful += 1
    return Found(rows, doubtful)
