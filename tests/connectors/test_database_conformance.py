"""Insert, update and delete keep the promises of their verbs on real SQLite and PostgreSQL, also when those lie."""

import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pytest
from tests.connectors.database_servers import PostgresCluster, SqliteWorld, World, new_sqlite, seen

from doer.connectors.tools.database import database_tools
from doer.domain.ports import Tool
from doer.domain.value import Json, JsonObject
from doer.testing.conformance import Make, conform

ONCE = {
    "operations-table": "operations-table",
    "natural-key": "unique:email",
    "key-column": "unique:ref",
    "never": None,
}
PEOPLE = {
    "sqlite": "CREATE TABLE people (id INTEGER PRIMARY KEY AUTOINCREMENT, email TEXT NOT NULL UNIQUE, name TEXT, "
    "salary DECIMAL(10,2), started DATE, active BOOLEAN DEFAULT 1, ref TEXT UNIQUE)",
    "postgresql": "CREATE TABLE people (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text NOT NULL UNIQUE, "
    "name text, salary numeric(10,2), started date, active boolean DEFAULT true, ref text UNIQUE)",
}
COLUMNS = "email, name, salary, started"
SCHEMA = (
    "CREATE TABLE side (email text, name text)",
    "CREATE TABLE notes (author text, body text)",
    f"INSERT INTO people ({COLUMNS}) VALUES ('grace@acme.example', 'Grace', 90.5, '2020-01-02')",
    f"INSERT INTO people ({COLUMNS}) VALUES ('alan@acme.example', 'Alan', 80, '2021-01-02')",
    "INSERT INTO notes VALUES ('Grace', 'hello')",
)
ADA: JsonObject = {"email": "ada@acme.example", "name": "Ada", "salary": "70.25", "started": "2026-02-02"}
EDIT = "UPDATE people SET name = 'Eve' WHERE email = '{email}'"


@dataclass(frozen=True)
class Case:
    """One tool, arguments that change something, what somebody else does to it, and how triggers lie about it."""

    verb: str
    table: str
    arguments: JsonObject
    meddle: str
    remove: str
    event: str
    lies: MappingProxyType[str, str]


PUT_BACK = "UPDATE people SET name = OLD.name, salary = OLD.salary WHERE id = OLD.id"
AGAIN = "INSERT INTO people (email, name, salary, started) VALUES (OLD.email, OLD.name, OLD.salary, OLD.started)"
CASES = {
    "insert": Case(
        "insert", "people", {"table": "people", "values": ADA}, EDIT.format(email="ada@acme.example"),
        "DELETE FROM people WHERE email = 'ada@acme.example'", "INSERT",
        MappingProxyType({
            "drop": "DELETE FROM people WHERE id = NEW.id",
            "halve": "UPDATE people SET name = NULL, salary = NULL WHERE id = NEW.id",
            "double": "INSERT INTO people (email, name) VALUES ('twin@acme.example', NEW.name)",
            "misplace": "UPDATE people SET email = 'eve@acme.example' WHERE id = NEW.id",
            "also": "UPDATE people SET name = NEW.name WHERE email = 'grace@acme.example'",
            "aside": "INSERT INTO side VALUES (NEW.email, NEW.name); DELETE FROM people WHERE id = NEW.id",
        }),
    ),
    "note": Case(
        "insert", "notes", {"table": "notes", "values": {"author": "Ada", "body": "hello"}},
        "UPDATE notes SET body = 'changed' WHERE author = 'Ada'", "DELETE FROM notes WHERE author = 'Ada'", "INSERT",
        MappingProxyType({
            "drop": "DELETE FROM notes WHERE author = NEW.author",
            "halve": "UPDATE notes SET body = NULL WHERE author = NEW.author",
            "double": "INSERT INTO notes VALUES (NEW.author, NEW.body)",
            "misplace": "UPDATE notes SET author = 'Grace' WHERE author = NEW.author",
        }),
    ),
    "update": Case(
        "update", "people",
        {"table": "people", "key": {"email": "grace@acme.example"}, "values": {"name": "Grace Hopper", "salary": 99}},
        EDIT.format(email="grace@acme.example"), "DELETE FROM people WHERE email = 'grace@acme.example'", "UPDATE",
        MappingProxyType({
            "drop": PUT_BACK,
            "halve": "UPDATE people SET salary = OLD.salary WHERE id = OLD.id",
            "double": "UPDATE people SET name = NEW.name WHERE email = 'alan@acme.example'",
            "misplace": PUT_BACK + "; UPDATE people SET name = NEW.name WHERE email = 'alan@acme.example'",
            "aside": "INSERT INTO side VALUES (NEW.email, NEW.name); " + PUT_BACK,
        }),
    ),
    "delete": Case(
        "delete", "people", {"table": "people", "key": {"email": "alan@acme.example"}},
        "INSERT INTO people (email, name) VALUES ('alan@acme.example', 'Another Alan')", "", "DELETE",
        MappingProxyType({
            "drop": AGAIN,
            "halve": "INSERT INTO people (email) VALUES (OLD.email)",
            "double": "DELETE FROM people WHERE email = 'grace@acme.example'",
            "misplace": "DELETE FROM people WHERE email = 'grace@acme.example'; " + AGAIN,
        }),
    ),
}  # fmt: skip
LATE = "late "
"""Prefix of lies told while committing, when the transaction can no longer look (deferred triggers, PostgreSQL)."""


@dataclass
class OnDatabase:
    """A case on a fresh database."""

    tool: Tool
    arguments: JsonObject
    case: Case
    world: World
    lies: Sequence[str]

    async def observe(self) -> Json:
        return seen(self.world, "people", "side", "notes")

    async def meddle(self) -> None:
        self.world.run(self.case.meddle)

    async def lie(self, kind: str) -> None:
        body, table, event = self.case.lies[kind.removeprefix(LATE)], self.case.table, self.case.event
        if self.world.dialect == "sqlite":
            self.world.run(f"CREATE TRIGGER lie AFTER {event} ON {table} BEGIN {body}; END")
            return
        late = kind.startswith(LATE)
        self.world.run(
            f"CREATE FUNCTION lie() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body}; RETURN NULL; END $$",
            f"CREATE {'CONSTRAINT' if late else ''} TRIGGER lie AFTER {event} ON {table} "
            f"{'DEFERRABLE INITIALLY DEFERRED' if late else ''} FOR EACH ROW WHEN (pg_trigger_depth() = 0) "
            "EXECUTE FUNCTION lie()",
        )


class Removable(OnDatabase):
    """A case whose row somebody else can remove."""

    async def remove(self) -> None:
        self.world.run(self.case.remove)


def making(case: Case, once: str | None, new: Callable[[], World]) -> Make:
    @asynccontextmanager
    async def make() -> AsyncIterator[OnDatabase]:
        world = new()
        tools = database_tools("crm", world.url, once=once, writable=("*",))
        tool = next(each for each in tools if each.manifest.name == f"crm.{case.verb}")
        late = [LATE + kind for kind in case.lies] if world.dialect == "postgresql" else []
        yield (Removable if case.remove else OnDatabase)(tool, case.arguments, case, world, [*case.lies, *late])

    return make


def skipping(case: str, once: str) -> dict[str, str]:
    if (case, once) == ("insert", "natural-key"):
        return {"another_key_adopts_nothing": "a natural key says which row it is, not who wrote it"}
    return {}


VARIANTS = [
    (case, once)
    for case in CASES
    for once in ONCE
    if (case, once) not in {("note", "natural-key"), ("note", "key-column"), ("update", "natural-key"),
                            ("update", "key-column"), ("delete", "natural-key"), ("delete", "key-column")}
]  # fmt: skip


# What makes an action happen once does not depend on the dialect; each way, and each case, is there once.
ON_POSTGRESQL = (
    ("insert", "operations-table"),
    ("insert", "natural-key"),
    ("insert", "key-column"),
    ("note", "never"),
    ("update", "operations-table"),
    ("delete", "never"),
)


@pytest.mark.parametrize(("case", "once"), VARIANTS)
async def test_writes_conform_on_sqlite(case: str, once: str, tmp_path: Path) -> None:
    made = iter(range(1, 1000))
    laid_out = new_sqlite(tmp_path, 0, PEOPLE["sqlite"], *SCHEMA)

    def new() -> World:
        return SqliteWorld(Path(shutil.copyfile(laid_out.path, tmp_path / f"{next(made)}.db")))

    report = await conform(making(CASES[case], ONCE[once], new), skipping(case, once))
    assert report.conforms, str(report)


@pytest.mark.parametrize(("case", "once"), ON_POSTGRESQL)
async def test_writes_conform_on_postgresql(case: str, once: str, cluster: PostgresCluster) -> None:
    def new() -> World:
        return cluster.world(PEOPLE["postgresql"], *SCHEMA)

    report = await conform(making(CASES[case], ONCE[once], new), skipping(case, once))
    assert report.conforms, str(report)
