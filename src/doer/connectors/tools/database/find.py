"""Find, count and add up: rows by a typed filter."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import cast

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection

from doer.connectors.tools.database import manifests
from doer.connectors.tools.database.database import Database
from doer.connectors.tools.database.dialect import Comparison
from doer.connectors.tools.database.shapes import Shape
from doer.connectors.tools.database.statements import Rows
from doer.domain.action import Change, Intent, Manifest, Preview, Receipt
from doer.domain.errors import Permanent
from doer.domain.outcome import Absent, Reversal, Undone, Verification, Verified
from doer.domain.value import Json, JsonObject, Key

_DEFAULT, _MOST = 100, 1000
_MOST_ADDED = 100_000
_MOST_CHARACTERS = 8_000_000


class Reading(ABC):
    """A tool that reads: it foretells nothing, leaves nothing, and has nothing to take back."""

    __slots__ = ("_database", "manifest")

    def __init__(self, database: Database, manifest: Manifest) -> None:
        self._database = database
        self.manifest = manifest

    async def close(self) -> None:
        """Let go of the database."""
        await self._database.connections.close()

    async def preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        return Preview()

    async def apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        return Receipt(await self._database.read(lambda connection: self._result(connection, arguments)))

    async def verify(self, intent: Intent, receipt: Receipt | None = None) -> Verification:
        if receipt is None:
            return Absent("a read leaves nothing behind; it can be done again")
        return Verified(receipt, "a read")

    async def undo(self, receipt: Receipt) -> Reversal:
        return Undone(evidence="a read changes nothing")

    @abstractmethod
    def _result(self, connection: Connection, arguments: JsonObject) -> JsonObject: ...

    def _rows(self, connection: Connection, arguments: JsonObject) -> tuple[Rows, ColumnElement[bool]]:
        filters = manifests.objects(arguments, "where")
        named = [str(each["column"]) for each in filters] + list(manifests.strings(arguments, "columns"))
        rows = self._database.rows(connection, manifests.table(arguments), "read", named)
        return rows, sa.and_(sa.true(), *(self._condition(connection, rows.shape, each) for each in filters))

    def _condition(self, connection: Connection, shape: Shape, each: JsonObject) -> ColumnElement[bool]:
        column, value = self._database.column(shape, str(each["column"])), each.get("value")
        op = cast("Comparison", each["op"])  # the schema allows just these
        dialect = self._database.dialect
        if op == "is_null":
            empty = dialect.condition(column, "is_null", [None])
            return sa.not_(empty) if value is False else empty
        if value is None:
            raise Permanent(f"{self._database.name}: compare {column.name} with a value; for empty cells use is_null")
        if op == "in" and not (isinstance(value, Sequence) and not isinstance(value, str)):
            raise Permanent(f"{self._database.name}: 'in' compares {column.name} with a list of values")
        if op == "contains" and column.kind not in ("text", "other", "array"):
            raise Permanent(f"{self._database.name}: 'contains' is for text, and {column.name} is {column.declared}")
        many = value if op == "in" and isinstance(value, Sequence) else [value]
        if op == "contains" and column.kind == "array":
            many = [[value]]
        return dialect.condition(column, op, [dialect.canonical(connection, column, one) for one in many])


class Find(Reading):
    """Rows by a typed filter."""

    __slots__ = ()

    def __init__(self, database: Database) -> None:
        super().__init__(database, manifests.find(database.name))

    def _result(self, connection: Connection, arguments: JsonObject) -> JsonObject:
        database = self._database
        rows, where = self._rows(connection, arguments)
        shape, wanted = rows.shape, list(manifests.strings(arguments, "columns")) or list(rows.shape.names)
        columns = [database.column(shape, name) for name in wanted]
        limit = arguments.get("limit", _DEFAULT)
        assert isinstance(limit, int)
        cells = [database.dialect.reading(column).label(f"c{position}") for position, column in enumerate(columns)]
        query = sa.select(*cells).select_from(rows.table).where(where).order_by(*self._order(shape, arguments))
        read = connection.execute(query.limit(min(limit, _MOST) + 1)).all()
        found: list[Mapping[str, Json]] = []
        size = 0
        for row in read[:limit]:
            raws = [database.dialect.raw(value) for value in row]
            size += sum(len(raw or "") for raw in raws)
            found.append({c.name: database.dialect.shown(c, raw) for c, raw in zip(columns, raws, strict=True)})
        if size > _MOST_CHARACTERS:
            raise Permanent(f"{database.name}: the rows hold {size} characters; name fewer columns, or lower the limit")
        return {"rows": found, "more": len(read) > limit}

    def _order(self, shape: Shape, arguments: JsonObject) -> list[ColumnElement[object]]:
        order: list[ColumnElement[object]] = []
        for each in manifests.objects(arguments, "order"):
            column: ColumnElement[object] = sa.column(self._database.column(shape, str(each["column"])).name)
            order.append(column.desc() if each.get("descending") else column.asc())
        return order + [sa.column(name) for name in (shape.keys[0] if shape.keys else ())]


class Count(Reading):
    """How many rows a filter finds."""

    __slots__ = ()

    def __init__(self, database: Database) -> None:
        super().__init__(database, manifests.count(database.name))

    def _result(self, connection: Connection, arguments: JsonObject) -> JsonObject:
        rows, where = self._rows(connection, arguments)
        return {"count": rows.count(where)}


class Total(Reading):
    """The sum of one column, in exact decimals."""

    __slots__ = ()

    def __init__(self, database: Database) -> None:
        super().__init__(database, manifests.total(database.name))

    def _result(self, connection: Connection, arguments: JsonObject) -> JsonObject:
        database, name = self._database, str(arguments["column"])
        rows, where = self._rows(connection, {**arguments, "columns": [name]})
        column = database.column(rows.shape, name)
        if column.kind not in ("integer", "decimal", "float"):
            raise Permanent(f"{database.name}: {name} is {column.declared}, which cannot be added up")
        cell = database.dialect.reading(column).label("cell")
        filled = sa.and_(where, sa.not_(database.dialect.condition(column, "is_null", [None])))
        read = connection.execute(sa.select(cell).select_from(rows.table).where(filled).limit(_MOST_ADDED + 1)).all()
        if len(read) > _MOST_ADDED:
            raise Permanent(f"{database.name}: more than {_MOST_ADDED:,} rows to add up; narrow it down")
        # Added here and not by the database: SQLite adds decimals as binary floats.
        cells = [database.dialect.shown(column, database.dialect.raw(value)) for (value,) in read]
        try:
            added = sum((Decimal(str(each)) for each in cells), Decimal(0))
        except InvalidOperation as wrong:
            raise Permanent(f"{database.name}: {name} holds something that is no number") from wrong
        return {"total": format(added, "f"), "count": len(cells)}
