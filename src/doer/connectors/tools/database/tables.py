"""Tables: what a database says of itself, as far as its connection may read and write there; the ground of plain sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy import Connection

from doer.connectors.tools.database import manifests, operations
from doer.connectors.tools.database.database import Database
from doer.connectors.tools.database.find import Reading
from doer.connectors.tools.database.shapes import Column, Shape
from doer.domain.errors import Permanent
from doer.domain.value import Json, JsonObject

_MOST_TABLES = 200
_MOST_VALUES = 12
_LONGEST_VALUE = 24
_LOOKED_AT = 10_000
"""Rows in which values are looked for: a sample, and so never what a column is limited to."""


class Tables(Reading):
    """The tables that may be read: columns, keys, and the values of columns that have few."""

    __slots__ = ()

    def __init__(self, database: Database) -> None:
        super().__init__(database, manifests.tables(database.name))

    def _result(self, connection: Connection, arguments: JsonObject) -> JsonObject:
        titles = [each for each in self._database.dialect.titles(connection) if each != operations.TITLE]
        told: list[JsonObject] = []
        for title in titles:
            try:
                shape = self._database.rows(connection, title, "read").shape
            except Permanent:
                continue  # its connection does not allow it: it is not spoken of
            told.append(self._table(connection, shape))
        return {"tables": told[:_MOST_TABLES], "more": len(told) > _MOST_TABLES}

    def _table(self, connection: Connection, shape: Shape) -> JsonObject:
        allowed = self._database.dialect.declared_values(connection, shape.title)
        return {
            "name": shape.title,
            "primary": list(shape.primary),
            "uniques": [list(each) for each in shape.uniques],
            "writable": self._database.may_write(shape),
            "columns": [self._column(connection, shape, each, allowed) for each in shape.columns],
        }

    def _column(
        self, connection: Connection, shape: Shape, column: Column, allowed: Mapping[str, Sequence[str]]
    ) -> JsonObject:
        declared = list(allowed.get(column.name, ()))
        told: dict[str, Json] = {
            "name": column.name,
            "kind": column.kind,
            "needed": not column.optional,
            "writable": not column.computed and not column.insistent,
        }
        values = declared or self._seen(connection, shape, column)
        return told | ({"values": values, "closed": bool(declared)} if values else {})

    def _seen(self, connection: Connection, shape: Shape, column: Column) -> list[str]:
        """The few values that a column of text has; none where it has many, where they are long, or where each is one row's."""
        alone = any(key == (column.name,) for key in shape.keys)
        if column.kind not in ("text", "other") or alone:
            return []
        cell = self._database.dialect.reading(column)
        table = sa.table(shape.name, *(sa.column(each) for each in shape.names), schema=shape.schema)
        some = sa.select(cell.label("cell")).select_from(table).limit(_LOOKED_AT).subquery()
        counted = sa.select(some.c.cell, sa.func.count()).group_by(some.c.cell).limit(_MOST_VALUES + 2)
        found = [(str(value), int(count)) for value, count in connection.execute(counted) if value is not None]
        plain = all(0 < len(each) <= _LONGEST_VALUE and "@" not in each for each, _ in found)
        repeated = any(count > 1 for _, count in found)
        return sorted(each for each, _ in found) if plain and repeated and len(found) <= _MOST_VALUES else []
