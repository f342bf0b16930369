"""One connected database: its dialect, what may be read and written there, and what its tables look like."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal, TypeVar

from sqlalchemy import Connection, make_url
from sqlalchemy.exc import ArgumentError

from doer.connectors.tools.database import operations
from doer.connectors.tools.database.connections import Connections
from doer.connectors.tools.database.dialect import Dialect
from doer.connectors.tools.database.postgres import Postgres
from doer.connectors.tools.database.shapes import Column, Row, Shape
from doer.connectors.tools.database.sqlite import Sqlite
from doer.connectors.tools.database.statements import Rows
from doer.domain.errors import Permanent, UsageError
from doer.domain.ports import Credential
from doer.domain.value import Digest, digest

T = TypeVar("T")
Right = Literal["read", "write"]


@dataclass(frozen=True, slots=True)
class Access:
    """What a connection may touch; patterns of table titles as in a shell, `*` for all."""

    readable: tuple[str, ...] = ("*",)
    writable: tuple[str, ...] = ()
    once: str | None = None
    """None, `operations-table`, or `unique:column`."""
    volatile: tuple[str, ...] = ()
    """Columns that change by themselves, as `table.column`, patterns allowed: left out of every image."""

    @property
    def unique(self) -> str | None:
        """The column of `unique:column`."""
        return self.once.removeprefix("unique:") if self.once and self.once.startswith("unique:") else None


class Database:
    """One database under the name of its connection."""

    __slots__ = ("_shapes", "access", "connections", "dialect", "name", "operations")

    def __init__(
        self,
        name: str,
        url: str,
        access: Access,
        *,
        password: Credential | None = None,
        folder: Path | None = None,
        timeout: float = 20.0,
    ) -> None:
        if access.once not in (None, "operations-table") and not access.unique:
            raise UsageError(f"{name}: once is {access.once!r}; it can be 'operations-table' or 'unique:COLUMN'")
        self.name = name
        self.access = access
        self.dialect: Dialect = _dialect(name, url, password, folder, timeout)
        self.connections = Connections(name, self.dialect)
        self.operations = operations.Operations(name) if access.once == "operations-table" else None
        self._shapes: dict[str, Shape] = {}

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on one snapshot of the database."""
        return await self.connections.read(work)

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in one transaction and commit it."""
        return await self.connections.write(work)

    async def ready(self) -> None:
        """Make the operations table where it is allowed and missing."""
        if (ledger := self.operations) is not None and not await self.read(ledger.there):
            await self.write(ledger.make)

    def rows(self, connection: Connection, title: str, right: Right, columns: Iterable[str] = ()) -> Rows:
        """Return the table's rows. Raises Permanent: no such table, or not allowed, with what there is instead.

        What is known of the table is read anew before every write, since an image must miss no column, and for a read
        when it lacks one of the `columns`.
        """
        shape = self._shapes.get(title) if right == "read" else None
        if shape is None or not set(columns) <= set(shape.names):
            shape = self.dialect.shape(connection, title)
            if shape is None or not self._allowed(shape, "read"):
                raise self._unknown(connection, title)
            self._shapes[title] = shape
        if right == "write":
            self._check_writable(shape)
        return Rows(connection, self.dialect, shape)

    def may_write(self, shape: Shape) -> bool:
        """Tell whether the table's rows may be written."""
        return self._allowed(shape, "write") and not shape.view

    def volatile(self, shape: Shape) -> tuple[str, ...]:
        """Return the columns of the table that are declared volatile."""
        return tuple(
            name
            for name in shape.names
            if any(fnmatchcase(f"{shape.title}.{name}", each) for each in self.access.volatile)
        )

    def content(self, shape: Shape) -> tuple[str, ...]:
        """Return the columns that make up a row's content: those that somebody writes, and not the volatile ones."""
        left_out = self.volatile(shape)
        return tuple(each.name for each in shape.columns if not each.computed and each.name not in left_out)

    def digest(self, shape: Shape, row: Row) -> Digest:
        """Return the digest of a row's content."""
        return digest({name: row[name] for name in self.content(shape)})

    def column(self, shape: Shape, name: str) -> Column:
        """Return the column. Raises Permanent with the nearest names."""
        try:
            return shape.column(name)
        except KeyError:
            raise Permanent(
                f"{self.name}: {shape.title} has no column {name!r}; {nearest(name, shape.names)}"
            ) from None

    def _allowed(self, shape: Shape, right: Right) -> bool:
        patterns = self.access.readable if right == "read" else self.access.writable
        full = (
            shape.title if shape.schema else f"{'main' if isinstance(self.dialect, Sqlite) else 'public'}.{shape.name}"
        )
        named = any(fnmatchcase(title, each) for each in patterns for title in (shape.title, full))
        return named and shape.name != operations.TITLE

    def _check_writable(self, shape: Shape) -> None:
        if not self._allowed(shape, "write"):
            allowed = ", ".join(self.access.writable) or "nothing"
            raise Permanent(
                f"{self.name}: {shape.title} may not be written; its connection allows {allowed} (allow.write)"
            )
        if shape.view:
            raise Permanent(f"{self.name}: {shape.title} is a view; it can only be read")

    def _unknown(self, connection: Connection, title: str) -> Permanent:
        readable = [
            each
            for each in self.dialect.titles(connection)
            if each != operations.TITLE
            and any(fnmatchcase(name, pattern) for pattern in self.access.readable for name in (each, f"public.{each}"))
        ]
        return Permanent(f"{self.name} has no table {title!r} that may be read; {nearest(title, readable)}")


def nearest(name: str, names: Sequence[str]) -> str:
    """Return the names most like it, as the end of an error's sentence."""
    close = difflib.get_close_matches(name, names, 3, 0.4)
    if close:
        return f"nearest: {', '.join(close)}"
    return f"there are: {', '.join(names[:10])}" if names else "there are none"


def counted(dependents: Mapping[str, int]) -> str:
    """Return `2 rows of orders and 1 row of notes`."""
    return " and ".join(f"{count} row{'s' * (count != 1)} of {title}" for title, count in dependents.items())


def _dialect(name: str, url: str, password: Credential | None, folder: Path | None, timeout: float) -> Dialect:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise UsageError(
            f"{name}: its url cannot be read; write sqlite:///FILE or postgresql://USER@HOST/NAME"
        ) from error
    match re.split(r"\+", parsed.drivername)[0]:
        case "sqlite" if parsed.database and parsed.database != ":memory:":
            return Sqlite(str((folder or Path()) / parsed.database))
        case "sqlite":
            raise UsageError(f"{name}: a database in memory ends with its connection; name a file: sqlite:///FILE")
        case "postgresql" | "postgres":
            psycopg = parsed.set(drivername="postgresql+psycopg")
            return Postgres(psycopg, password, timeout)
        case other:
            raise UsageError(f"{name}: {other} is not a database that doer knows; sqlite and postgresql are")
