"""What a table looks like to the tools: its columns, keys, and who refers to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

Raw: TypeAlias = str | None
"""One cell, lossless, as text in the dialect's own notation; None is NULL. Only its dialect reads it."""

Row: TypeAlias = Mapping[str, Raw]

Kind = Literal[
    "integer", "decimal", "float", "boolean", "text", "bytes", "date", "time", "timestamp", "instant", "uuid", "json",
    "array", "other",
]  # fmt: skip
"""timestamp: without a time zone; instant: with one."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column, and what may be written to it."""

    name: str
    kind: Kind
    declared: str
    """The type as the database names it, with length or precision: `numeric(10,2)`."""
    base: str = ""
    """The same type without length or precision, to cast to without cutting anything off."""
    nullable: bool = True
    filled: bool = False
    """The database fills it when it is left out: a default, an identity, a row id."""
    numbered: bool = False
    """Filled from a counter, so that a number is used up."""
    insistent: bool = False
    """GENERATED ALWAYS AS IDENTITY: it takes a given value only when told to override."""
    computed: bool = False
    """Generated from other columns; nobody can write it."""
    scale: int | None = None
    element: Kind = "other"
    """Kind of the elements of an array."""

    @property
    def optional(self) -> bool:
        """An insert may leave it out."""
        return self.nullable or self.filled or self.computed


@dataclass(frozen=True, slots=True)
class Inbound:
    """A foreign key of another table (or of this one) that refers here."""

    table: str
    schema: str | None
    columns: tuple[str, ...]
    targets: tuple[str, ...]
    """The columns here, in the same order."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One table or view."""

    name: str
    schema: str | None
    """None: the default schema."""
    columns: tuple[Column, ...]
    primary: tuple[str, ...] = ()
    uniques: tuple[tuple[str, ...], ...] = ()
    """Every full unique constraint or index besides the primary key, without expressions or conditions."""
    inbound: tuple[Inbound, ...] = ()
    triggers: tuple[str, ...] = ()
    view: bool = False
    place: str = ""
    """The hidden column that tells rows apart where there is no key: SQLite's row id, PostgreSQL's ctid; or empty."""

    @property
    def title(self) -> str:
        """The name by which people and arguments call it: `people`, or `sales.orders` outside the default schema."""
        return self.name if self.schema is None else f"{self.schema}.{self.name}"

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in the table's order."""
        return tuple(each.name for each in self.columns)

    @property
    def keys(self) -> tuple[tuple[str, ...], ...]:
        """Every set of columns that names one row, the primary key first."""
        return ((self.primary,) if self.primary else ()) + self.uniques

    @property
    def naming(self) -> tuple[tuple[str, ...], ...]:
        """The keys in the order in which they name a row to people: first those that people give, and always."""

        def rank(key: tuple[str, ...]) -> tuple[bool, bool]:
            columns = [self.column(each) for each in key]
            return any(each.filled for each in columns), any(each.nullable for each in columns)

        return tuple(sorted(self.keys, key=rank))

    def column(self, name: str) -> Column:
        """Return the column. Raises KeyError."""
        for each in self.columns:
            if each.name == name:
                return each
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Found:
    """One row as it was read."""

    row: Row
    place: str = ""
    """Where it lies (row id, ctid)."""
    stamp: str = ""
    """Who wrote this version of it (PostgreSQL's xmin); empty where the database does not say."""
