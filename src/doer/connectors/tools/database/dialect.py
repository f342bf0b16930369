"""What differs between databases, as one seam: cells, connections, catalogues, and the count of what else changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from sqlalchemy import ColumnElement, Connection, Engine

from doer.connectors.tools.database.shapes import Column, Raw, Shape
from doer.domain.value import Json

Comparison = Literal["equals", "differs", "less", "at_least", "greater", "in", "contains", "is_null"]


@dataclass(frozen=True, slots=True)
class Footprint:
    """How many rows this transaction has written so far."""

    tables: Mapping[str, tuple[int, int, int]] = field(default_factory=dict)
    """Table title -> rows inserted, updated, deleted; only where the database tells tables apart."""
    total: int = 0

    def since(self, earlier: Footprint) -> Footprint:
        """Return what was written after `earlier`."""
        grown = {
            table: (now[0] - then[0], now[1] - then[1], now[2] - then[2])
            for table, now in self.tables.items()
            for then in [earlier.tables.get(table, (0, 0, 0))]
            if now != then
        }
        return Footprint(grown, self.total - earlier.total)


class Dialect(Protocol):
    """One kind of database. Cells travel as `Raw`: lossless text in the database's own notation."""

    @property
    def lasting_stamp(self) -> bool:
        """Each version of a row has a stamp of its own, so that a comparison sees a change that was changed back."""
        ...

    def engine(self) -> Engine:
        """Return an engine that keeps no connection open."""
        ...

    def prepare(self, connection: Connection, *, writing: bool) -> Connection:
        """Set up a new connection before its transaction begins, so that it reads one snapshot of the world."""
        ...

    def titles(self, connection: Connection) -> Sequence[str]:
        """Return the titles of all tables and views that people made."""
        ...

    def shape(self, connection: Connection, title: str) -> Shape | None:
        """Return what the table looks like, or None where there is none."""
        ...

    def declared_values(self, connection: Connection, title: str) -> Mapping[str, Sequence[str]]:
        """Return, for each column that may hold a few texts only (an enumeration, a CHECK … IN), those texts."""
        ...

    def reading(self, column: Column) -> ColumnElement[object]:
        """Return the expression that reads a cell."""
        ...

    def raw(self, value: object) -> Raw:
        """Return what that expression delivered as a raw cell."""
        ...

    def writing(self, column: Column, raw: Raw) -> ColumnElement[object]:
        """Return the expression that writes a cell, its value bound and never in the text."""
        ...

    def canonical(self, connection: Connection, column: Column, value: Json) -> Raw:
        """Return how the column will hold the value. Raises Permanent where it cannot hold exactly that."""
        ...

    def shown(self, column: Column, raw: Raw) -> Json:
        """Return the cell as JSON: decimals and big integers as strings, times in ISO 8601, bytes as base64."""
        ...

    def condition(self, column: Column, op: Comparison, raws: Sequence[Raw]) -> ColumnElement[bool]:
        """Return the typed comparison of a column with values; `contains` is case-sensitive."""
        ...

    def place(self, shape: Shape) -> ColumnElement[object]:
        """Return the expression for where a row lies, as text; empty text where rows have no place."""
        ...

    def stamp(self, shape: Shape) -> ColumnElement[object]:
        """Return the expression for who wrote this version of the row, as text; empty where the database keeps none."""
        ...

    def transaction(self, connection: Connection) -> str:
        """Return the stamp that rows written by the present transaction bear, or empty text."""
        ...

    def settle(self, connection: Connection) -> None:
        """Let everything happen now that the database would put off to the commit, so that it can still be looked at."""
        ...

    def footprint(self, connection: Connection) -> Footprint:
        """Return how many rows the present transaction has written, by whatever trigger."""
        ...
