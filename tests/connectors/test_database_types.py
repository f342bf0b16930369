"""Every type of column is shown as exact JSON, refused when it does not fit, and comes back unchanged from an undo."""

import contextlib
import sqlite3
from collections.abc import Mapping
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from tests.connectors.database_servers import PostgresCluster, World, new_sqlite

from doer.connectors.tools.database import database_tools, literal
from doer.connectors.tools.database.faults import translate
from doer.domain.action import Intent
from doer.domain.errors import OutcomeUnknown, Permanent, Transient
from doer.domain.outcome import Undone, Verified
from doer.domain.ports import Tool
from doer.domain.value import Json, JsonObject, Key, canonical

KEY = Key("k1")

POSTGRES = """CREATE TABLE "Odd Table%" (
    "Select" uuid, "a b" integer, PRIMARY KEY ("Select", "a b"),
    big bigint, exact numeric, money numeric(12,2), f8 double precision, f4 real, yes boolean, t text, v varchar(5), c char(4),
    raw bytea, d date, clock time, naive timestamp, aware timestamptz, j json, jb jsonb, ints integer[], texts text[],
    nested numeric[], mood public.mood, r int4range, span interval, ip inet, bits bit(3), twice integer GENERATED ALWAYS AS ("a b" * 2) STORED,
    "x:y" text, "p(1)" text, "qu""ote" text)"""
GIVEN: dict[str, Json] = {
    "Select": "7d444840-9dc0-11d1-b245-5ffdce74fad2", "a b": 1, "big": "9223372036854775807",
    "exact": "12345678901234567890.123456789", "money": "12.5", "f8": 0.1, "f4": 1.5, "yes": False,
    "t": "naïve 😀 'quoted' \\ %s", "v": "abcde", "c": "ab", "raw": {"$bytes": "AAH/"}, "d": "2026-02-28", "clock": "17:30:01.5",
    "naive": "2026-03-29T02:30:00", "aware": "2026-03-29T02:30:00+02:00", "j": {"b": 1, "a": [1.5, None]},
    "jb": {"n": 12345678901234567890}, "ints": [1, None, 3], "texts": ["a,b", '"q"', "NULL", "\\", ""], "nested": [[1, 2], [3, 4]],
    "mood": "glad", "r": "[1,5)", "span": "P1M2DT3H", "ip": "10.0.0.1", "bits": "101", "x:y": "1", "p(1)": "2", 'qu"ote': "3",
}  # fmt: skip
SHOWN: dict[str, Json] = {
    **GIVEN, "money": "12.50", "aware": "2026-03-29T00:30:00+00:00", "nested": [["1", "2"], ["3", "4"]], "twice": 2,
    "jb": {"n": "12345678901234567890"}, "ip": "10.0.0.1/32",
}  # fmt: skip


def tools(url: str, once: str | None = "operations-table") -> Mapping[str, Tool]:
    made = database_tools("crm", url, once=once, writable=("*",))
    return {each.manifest.name.removeprefix("crm."): each for each in made}


async def done(tool: Tool, arguments: JsonObject, key: str) -> Json:
    """Preview, apply, verify, find it by its key, and undo; return the row as it was read back."""
    intent = Intent(arguments, Key(key), (await tool.preview(arguments, ())).changes)
    receipt = await tool.apply(arguments, intent.key, intent.changes)
    canonical({"result": receipt.result, "undo": receipt.undo, "before": intent.changes[0].before})
    assert isinstance(await tool.verify(intent, receipt), Verified)
    found = await tool.verify(intent)
    assert isinstance(found, Verified)
    assert isinstance(await tool.undo(found.receipt), Undone)
    assert isinstance(receipt.result, Mapping)
    return receipt.result["row"]


def texts(world: World) -> list[str]:
    """Return the rows as PostgreSQL writes them, also where Python has no such value (infinity, before our era)."""
    return [str(row[0]) for row in world.rows('SELECT CAST(t AS text) FROM "Odd Table%" t')]


async def test_postgresql_values_come_back_exactly(cluster: PostgresCluster) -> None:
    world = cluster.world("CREATE TYPE mood AS ENUM ('glad', 'sad')", POSTGRES.replace("public.mood", "mood"))
    made, table = tools(world.url), "Odd Table%"
    empty = texts(world)
    row = await done(made["insert"], {"table": table, "values": GIVEN}, "k1")
    assert row == SHOWN
    assert texts(world) == empty

    arguments: JsonObject = {"table": table, "values": GIVEN}
    await made["insert"].apply(arguments, Key("k2"), (await made["insert"].preview(arguments, ())).changes)
    world.run(f"""UPDATE "{table}" SET aware = 'infinity', exact = 'NaN', f8 = '-Infinity', d = '0044-03-15 BC'""")
    there = texts(world)
    key: Json = {"Select": GIVEN["Select"], "a b": 1}
    changed: JsonObject = {**dict.fromkeys(set(GIVEN) - {"Select", "a b"}), "t": "x" * 50_000}
    await done(made["update"], {"table": table, "key": key, "values": changed}, "k3")
    assert texts(world) == there
    await done(made["delete"], {"table": table, "key": key}, "k4")
    assert texts(world) == there
    for name in set(GIVEN) - {"exact", "f8", "aware", "d", "j"}:
        where: Json = [{"column": name, "op": "equals", "value": GIVEN[name]}]
        assert (await made["count"].apply({"table": table, "where": where}, KEY, ())).result == {"count": 1}, name


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("a b", True), ("a b", 1.5), ("a b", 2**40), ("money", "1.005"), ("money", "NaN"), ("v", "abcdef"), ("t", "a\0b"),
        ("naive", "2026-01-01T10:00:00+01:00"), ("aware", "2026-01-01T10:00:00"), ("mood", "angry"), ("raw", "AAH/"),
        ("ints", [1, "x"]), ("ints", 5), ("Select", "7d44"), ("d", "2026-02-30"), ("twice", 4), ("ip", "10.0.0.300"), ("t", "\ud800"),
    ],
)  # fmt: skip
async def test_postgresql_refuses_what_a_column_cannot_hold(cluster: PostgresCluster, column: str, value: Json) -> None:
    world = cluster.world("CREATE TYPE mood AS ENUM ('glad', 'sad')", POSTGRES.replace("public.mood", "mood"))
    with pytest.raises(Permanent, match=f"{column}|characters that no database"):
        await tools(world.url)["insert"].preview({"table": "Odd Table%", "values": {**GIVEN, column: value}}, ())


SQLITE = """CREATE TABLE "Odd Table%" (
    "Select" TEXT, "a b" INTEGER, big BIGINT, exact NUMERIC, money DECIMAL(12,2), f REAL, yes BOOLEAN, t TEXT,
    raw BLOB, d DATE, clock TIME, at DATETIME, j JSON, any, twice INTEGER GENERATED ALWAYS AS ("a b" * 2), "qu""ote" TEXT,
    PRIMARY KEY ("Select", "a b")) WITHOUT ROWID"""
SQLITE_GIVEN: dict[str, Json] = {
    "Select": "k/1", "a b": 1, "big": "-9223372036854775808", "exact": "0.1", "money": "12.5", "f": 0.1, "yes": True,
    "t": "naïve 😀 \0 'quoted'", "raw": {"$bytes": "AAH/"}, "d": "2026-02-28", "clock": "17:30:00",
    "at": "2026-03-29T02:30:00", "j": {"a": [1, None]}, "any": 1.5, 'qu"ote': "x",
}  # fmt: skip


async def test_sqlite_values_come_back_exactly_with_their_storage_class(tmp_path: Path) -> None:
    world = new_sqlite(tmp_path, 1, SQLITE)
    made, table = tools(world.url), "Odd Table%"
    row = await done(made["insert"], {"table": table, "values": SQLITE_GIVEN}, "k1")
    assert row == {**SQLITE_GIVEN, "money": "12.50", "twice": 2}
    world.run(
        f"""INSERT INTO "{table}" VALUES ('x', 2, 'not a number', 9e999, 7, 5, 2, 'é', 'text', 'soon', 3, '2026-01-01T09:00Z',
        'not json', x'00ff', 'y')""".replace("VALUES", """("Select", "a b", big, exact, money, f, yes, t, raw, d, clock,
        at, j, any, "qu""ote") VALUES""")
    )  # fmt: skip
    classes = f'SELECT *, typeof(big), typeof(exact), typeof(raw), typeof(clock) FROM "{table}"'
    there = world.rows(classes)
    key: Json = {"Select": "x", "a b": 2}
    await done(made["update"], {"table": table, "key": key, "values": {"big": 1, "exact": "2.5", "any": "z"}}, "k2")
    assert world.rows(classes) == there
    await done(made["delete"], {"table": table, "key": key}, "k3")
    assert world.rows(classes) == there
    where: Json = [{"column": "at", "op": "less", "value": "2026-01-01T10:00:01+01:00"}]
    assert (await made["count"].apply({"table": table, "where": where}, KEY, ())).result == {"count": 1}


@pytest.mark.parametrize(
    ("column", "value"), [("big", 2**63), ("money", "0.12345678901234567"), ("yes", 1), ("twice", 2), ("t", 5)]
)
async def test_sqlite_refuses_what_it_would_round_or_bend(tmp_path: Path, column: str, value: Json) -> None:
    world = new_sqlite(tmp_path, 1, SQLITE)
    with pytest.raises(Permanent, match=column):
        await tools(world.url)["insert"].preview({"table": "Odd Table%", "values": {**SQLITE_GIVEN, column: value}}, ())


async def test_postgresql_schemas_identities_and_permissions(cluster: PostgresCluster) -> None:
    world = cluster.world(
        "CREATE SCHEMA IF NOT EXISTS sales",
        "CREATE TABLE sales.orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, what text)",
        "INSERT INTO sales.orders (what) VALUES ('chair')",
    )
    made = tools(world.url)
    row = await done(made["delete"], {"table": "sales.orders", "key": 1}, "k1")
    assert row == {"id": 1, "what": "chair"}
    assert [tuple(each) for each in world.rows("SELECT id, what FROM sales.orders")] == [(1, "chair")]
    change = (await made["insert"].preview({"table": "sales.orders", "values": {"what": "desk"}}, ())).changes[0]
    assert change.resource == "sql:crm/sales.orders/‹id of the new row›"
    assert change.echoes == ("a number of sales.orders.id is used up",)
    with pytest.raises(Permanent, match="is numbered by the database"):
        await made["insert"].preview({"table": "sales.orders", "values": {"id": 5, "what": "desk"}}, ())
    world.run("DROP SCHEMA sales CASCADE")


async def test_a_row_too_large_to_be_put_back_is_left_alone(tmp_path: Path) -> None:
    world = new_sqlite(
        tmp_path,
        1,
        "CREATE TABLE big (id INTEGER PRIMARY KEY, body BLOB)",
        "INSERT INTO big VALUES (1, zeroblob(1000000))",
    )
    delete = tools(world.url)["delete"]
    changes = (await delete.preview({"table": "big", "key": 1}, ())).changes
    assert len(canonical(changes[0].before)) < 300
    with pytest.raises(Permanent, match="nothing was changed"):
        await delete.apply({"table": "big", "key": 1}, KEY, changes)
    assert world.rows("SELECT count(*) FROM big")[0][0] == 1


@given(st.recursive(st.none() | st.text(), lambda each: st.lists(each, min_size=1, max_size=3), max_leaves=6))
def test_array_literals_are_read_as_they_were_written(items: literal.Parsed) -> None:
    assert literal.parsed(literal.written([items])) == [items]


def test_a_connection_lost_while_committing_is_an_unknown_outcome(cluster: PostgresCluster) -> None:
    engine = sa.create_engine(cluster.world().url.replace("postgresql:", "postgresql+psycopg:"))
    with (
        contextlib.suppress(psycopg.Error),
        engine.connect() as connection,
        pytest.raises(sa.exc.OperationalError) as cut,
    ):
        connection.execute(sa.text("SELECT pg_terminate_backend(pg_backend_pid())"))
    engine.dispose()
    assert isinstance(translate(cut.value, "crm", "commit"), OutcomeUnknown)
    assert isinstance(translate(cut.value, "crm", "work"), Transient)


def test_a_locked_file_is_transient_also_while_committing(tmp_path: Path) -> None:
    world = new_sqlite(tmp_path, 1, "CREATE TABLE t (a)")
    with (
        contextlib.closing(sqlite3.connect(world.path, isolation_level=None)) as holder,
        contextlib.closing(sqlite3.connect(world.path, timeout=0, isolation_level=None)) as other,
    ):
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(sqlite3.OperationalError) as locked:
            other.execute("BEGIN IMMEDIATE")
    assert isinstance(translate(locked.value, "crm", "commit"), Transient)
