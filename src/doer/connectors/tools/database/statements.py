"""The few statements that are made of a table's rows, each from SQLAlchemy Core with every value bound."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection, Delete, Insert, TableClause, Update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from doer.connectors.tools.database.dialect import Dialect
from doer.connectors.tools.database.shapes import Found, Raw, Row, Shape

_COUNTING = sa.text("SET LOCAL statement_timeout = '3s'")


class _Overriding(Insert):
    """An insert that gives a value to an identity column GENERATED ALWAYS, to put back a row that was deleted."""

    inherit_cache = True


@compiles(_Overriding, "postgresql")
def _overriding(statement: _Overriding, compiler: SQLCompiler, **options: object) -> str:
    written = str(compiler.visit_insert(statement, **options))  # type: ignore[no-untyped-call]  # SQLAlchemy's own
    head, values, tail = written.rpartition(") VALUES (")
    return f"{head}) OVERRIDING SYSTEM VALUE VALUES ({tail}" if values else tail


class Rows:
    """The rows of one table within one transaction."""

    __slots__ = ("_connection", "_dialect", "shape", "table")

    def __init__(self, connection: Connection, dialect: Dialect, shape: Shape) -> None:
        self._connection = connection
        self._dialect = dialect
        self.shape = shape
        self.table: TableClause = sa.table(shape.name, *(sa.column(n) for n in shape.names), schema=shape.schema)

    def by(self, key: Row) -> ColumnElement[bool]:
        """Return the condition that every named cell is exactly this."""
        conditions = [
            self._dialect.condition(column, "is_null" if raw is None else "equals", [raw])
            for name, raw in key.items()
            for column in [self.shape.column(name)]
        ]
        return sa.and_(sa.true(), *conditions)

    def at(self, place: str) -> ColumnElement[bool]:
        """Return the condition that the row lies there."""
        return self._dialect.place(self.shape) == place

    def read(self, where: ColumnElement[bool], *, lock: bool = False, limit: int = 2) -> list[Found]:
        """Return the rows, at most `limit`; with `lock`, nobody else can change them until the transaction ends."""
        query = sa.select(*self._cells()).select_from(self.table).where(where).limit(limit)
        return [self._found(tuple(row)) for row in self._connection.execute(query.with_for_update() if lock else query)]

    def count(self, where: ColumnElement[bool] | None = None) -> int:
        """Return how many rows there are."""
        query = sa.select(sa.func.count()).select_from(self.table)
        return int(self._connection.execute(query if where is None else query.where(where)).scalar_one())

    def written_by(self, transaction: str) -> int | None:
        """Return how many rows bear this transaction's stamp; None where the table is too large to look through."""
        query = sa.select(sa.func.count()).select_from(self.table)
        try:
            with self._connection.begin_nested():
                self._connection.execute(_COUNTING)
                return int(
                    self._connection.execute(query.where(self._dialect.stamp(self.shape) == transaction)).scalar_one()
                )
        except DBAPIError:
            return None

    def insert(self, cells: Row) -> Found | None:
        """Insert one row and return it as it lies there now, or None when the database stored nothing."""
        numbered = any(self.shape.column(name).insistent for name in cells)
        made = _Overriding(self.table) if numbered else sa.insert(self.table)
        statement = made.values(self._written(cells)) if cells else made
        stored = self._connection.execute(statement.returning(*self._cells())).all()
        self._dialect.settle(self._connection)
        if len(stored) != 1:
            return None
        left = self._found(tuple(stored[0]))
        again = self.read(self.identity(left))  # RETURNING does not see what AFTER triggers did
        return again[0] if len(again) == 1 else None

    def update(self, where: ColumnElement[bool], cells: Row) -> int:
        """Set cells; return how many rows the database says it changed."""
        return self._changed(sa.update(self.table).where(where).values(self._written(cells)))

    def delete(self, where: ColumnElement[bool]) -> int:
        """Delete; return how many rows the database says it deleted."""
        return self._changed(sa.delete(self.table).where(where))

    def identity(self, found: Found) -> ColumnElement[bool]:
        """Return the condition that names exactly this row: by its first key without NULL, else by its place."""
        key = self.key_of(found.row)
        return self.by(key) if key else self.at(found.place)

    def key_of(self, row: Row) -> Row:
        """Return the cells of the row's first key without NULL; empty where it has none."""
        for key in self.shape.keys:
            if all(row.get(name) is not None for name in key):
                return {name: row[name] for name in key}
        return {}

    def with_any_key_of(self, row: Row) -> ColumnElement[bool]:
        """Return the condition that one of the row's keys is the same."""
        keys = [key for key in self.shape.keys if all(row.get(name) is not None for name in key)]
        return sa.or_(sa.false(), *(self.by({name: row[name] for name in key}) for key in keys))

    def dependents(self, row: Row, columns: Sequence[str] | None = None) -> Mapping[str, int]:
        """Return how many rows of each table refer to this row, by those `columns` only when given."""
        found: dict[str, int] = {}
        for each in self.shape.inbound:
            if columns is not None and not set(columns) & set(each.targets):
                continue
            child = sa.table(each.table, *(sa.column(name) for name in each.columns), schema=each.schema)
            pairs = list(zip(each.columns, each.targets, strict=True))
            matching = [
                sa.column(source) == self._dialect.writing(self.shape.column(target), row[target])
                for source, target in pairs
            ]
            query = sa.select(sa.func.count()).select_from(child).where(*matching)
            count = int(self._connection.execute(query).scalar_one())
            itself = (each.table, each.schema) == (self.shape.name, self.shape.schema)
            count -= itself and all(row[source] == row[target] for source, target in pairs)
            if count:
                title = each.table if each.schema is None else f"{each.schema}.{each.table}"
                found[title] = found.get(title, 0) + count
        return found

    def _changed(self, statement: Update | Delete) -> int:
        count = int(self._connection.execute(statement).rowcount)
        self._dialect.settle(self._connection)
        return count

    def _cells(self) -> list[ColumnElement[object]]:
        cells: list[ColumnElement[object]] = [
            self._dialect.reading(column).label(f"c{position}") for position, column in enumerate(self.shape.columns)
        ]
        return [*cells, self._dialect.place(self.shape), self._dialect.stamp(self.shape)]

    def _found(self, row: Sequence[object]) -> Found:
        *cells, place, stamp = row
        return Found(
            {name: self._dialect.raw(cell) for name, cell in zip(self.shape.names, cells, strict=True)},
            str(place),
            str(stamp),
        )

    def _written(self, cells: Row) -> dict[str, ColumnElement[object]]:
        return {name: self._dialect.writing(self.shape.column(name), raw) for name, raw in cells.items()}


def differing(cells: Mapping[str, Raw], row: Row) -> tuple[str, ...]:
    """Return the names of the cells that differ in the row."""
    return tuple(name for name, raw in cells.items() if row.get(name) != raw)
