"""What the database tools find, foretell, refuse, read back and take back, on real SQLite and PostgreSQL."""

import asyncio
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.connectors.database_servers import PostgresCluster, World, new_sqlite, seen

from doer.connectors.tools.database import Access, Database, database_tools
from doer.domain.action import Intent, Receipt
from doer.domain.errors import Permanent, Transient, UsageError
from doer.domain.outcome import Absent, Conflict, Refuted, Undone, Unknown, Verified
from doer.domain.ports import Tool
from doer.domain.value import Hole, Json, JsonObject, Key

SCHEMA = (
    "CREATE TABLE people (email varchar(30) PRIMARY KEY, name text NOT NULL, salary numeric(10,2), started date)",
    "CREATE TABLE tickets (id integer PRIMARY KEY, owner text REFERENCES people (email) ON DELETE CASCADE, state text)",
    "CREATE TABLE notes (body text)",
    "CREATE VIEW staff AS SELECT email FROM people",
    "INSERT INTO people VALUES ('ada@x.org', 'Ada', 70.25, '2026-02-02'), ('grace@x.org', 'Grace', 90, '2020-01-01')",
    "INSERT INTO people VALUES ('alan@x.org', 'Alan', NULL, NULL)",
    "INSERT INTO tickets VALUES (1, 'ada@x.org', 'open'), (2, 'grace@x.org', 'open')",
)
KEY = Key("k1")


@pytest.fixture(params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    if request.param == "sqlite":
        return new_sqlite(tmp_path, 1, *SCHEMA)
    servers: PostgresCluster = request.getfixturevalue("cluster")
    return servers.world(*SCHEMA)


def tools(world: World, once: str | None = None, volatile: Sequence[str] = ()) -> Mapping[str, Tool]:
    made = database_tools("crm", world.url, once=once, writable=("*",), volatile=volatile)
    return {each.manifest.name.removeprefix("crm."): each for each in made}


async def read(world: World, tool: str, **arguments: Json) -> Json:
    return (await tools(world)[tool].apply(arguments, KEY, ())).result


async def done(tool: Tool, arguments: JsonObject, key: str = "k1") -> tuple[Intent, Receipt]:
    changes = (await tool.preview(arguments, ())).changes
    return Intent(arguments, Key(key), changes), await tool.apply(arguments, Key(key), changes)


# --- find and count ---------------------------------------------------------------------------------------------------

FILTERS: list[tuple[JsonObject, list[str]]] = [
    ({"column": "email", "op": "equals", "value": "ada@x.org"}, ["ada@x.org"]),
    ({"column": "salary", "op": "differs", "value": "70.25"}, ["alan@x.org", "grace@x.org"]),
    ({"column": "salary", "op": "less", "value": 80}, ["ada@x.org"]),
    ({"column": "started", "op": "greater", "value": "2021-01-01"}, ["ada@x.org"]),
    ({"column": "name", "op": "in", "value": ["Ada", "Alan"]}, ["ada@x.org", "alan@x.org"]),
    ({"column": "name", "op": "in", "value": []}, []),
    ({"column": "name", "op": "contains", "value": "a"}, ["ada@x.org", "alan@x.org", "grace@x.org"]),
    ({"column": "name", "op": "contains", "value": "%"}, []),
    ({"column": "salary", "op": "is_null"}, ["alan@x.org"]),
    ({"column": "salary", "op": "is_null", "value": False}, ["ada@x.org", "grace@x.org"]),
    ({"column": "name", "op": "equals", "value": "' OR 1=1 --"}, []),
]


@pytest.mark.parametrize(("condition", "emails"), FILTERS)
async def test_a_typed_filter_finds_just_its_rows(world: World, condition: JsonObject, emails: list[str]) -> None:
    found = await read(world, "find", table="people", where=[condition], columns=["email"])
    assert found == {"rows": [{"email": each} for each in emails], "more": False}
    assert await read(world, "count", table="people", where=[condition]) == {"count": len(emails)}


async def test_rows_come_in_order_with_exact_values_and_say_when_there_are_more(world: World) -> None:
    order: Json = [{"column": "name", "descending": True}]
    found = await read(world, "find", table="people", order=order, limit=1)
    row = {"email": "grace@x.org", "name": "Grace", "salary": "90.00", "started": "2020-01-01"}
    assert found == {"rows": [row], "more": True}


async def test_a_view_is_read_and_not_written(world: World) -> None:
    assert await read(world, "count", table="staff") == {"count": 3}
    with pytest.raises(Permanent, match="staff is a view"):
        await tools(world)["insert"].preview({"table": "staff", "values": {"email": "x"}}, ())


# --- what is wrong is said plainly ------------------------------------------------------------------------------------

WRONG: list[tuple[str, JsonObject, str]] = [
    ("insert", {"table": "peopel", "values": {"name": "x"}}, "no table 'peopel'.*nearest: people"),
    ("insert", {"table": "people", "values": {"nmae": "x"}}, "no column 'nmae'; nearest: name"),
    ("insert", {"table": "people", "values": {"email": "x"}}, "needs name"),
    ("insert", {"table": "people", "values": {"email": "x", "name": 5}}, "column name .(text|TEXT). takes text, not 5"),
    ("insert", {"table": "people", "values": {"email": "ada@x.org", "name": "A"}}, "sql:crm/people/ada@x.org is there"),
    ("update", {"table": "people", "key": "ada@x.org", "values": {"salary": "much"}}, "salary.*takes a number"),
    ("update", {"table": "people", "key": "ada@x.org", "values": {"started": "31.1.2026"}}, "takes a date as"),
    ("update", {"table": "people", "key": "ada@x.org", "values": {"name": None}}, "name must have a value"),
    ("update", {"table": "people", "key": {"name": "Ada"}, "values": {"salary": 1}}, "does not name one row.*{email}"),
    ("update", {"table": "people", "key": "eve@x.org", "values": {"salary": 1}}, "people/eve@x.org is not there"),
    ("delete", {"table": "people", "key": "ada@x.org"}, "1 row of tickets refer to this row"),
    (
        "update",
        {"table": "people", "key": "ada@x.org", "values": {"email": "b@x.org"}},
        "1 row of tickets refer to email",
    ),
    ("delete", {"table": "notes", "key": "x"}, "notes has no key"),
    ("insert", {"table": "doer_operations", "values": {"key": "x"}}, "no table 'doer_operations'"),
]


@pytest.mark.parametrize(("tool", "arguments", "message"), WRONG)
async def test_what_cannot_be_done_is_refused_in_the_preview(
    world: World, tool: str, arguments: JsonObject, message: str
) -> None:
    with pytest.raises(Permanent, match=message):
        await tools(world, "operations-table")[tool].preview(arguments, ())


async def test_a_table_that_may_not_be_written_is_refused(world: World) -> None:
    insert = next(
        each for each in database_tools("crm", world.url, writable=("tick*",)) if "insert" in each.manifest.name
    )
    with pytest.raises(Permanent, match=r"people may not be written; its connection allows tick\*"):
        await insert.preview({"table": "people", "values": {"email": "x", "name": "x"}}, ())


async def test_a_table_made_later_is_found_without_a_restart(world: World) -> None:
    found = tools(world)["find"]
    with pytest.raises(Permanent, match="no table 'later'"):
        await found.apply({"table": "later"}, KEY, ())
    world.run("CREATE TABLE later (a integer)")
    assert (await found.apply({"table": "later"}, KEY, ())).result == {"rows": [], "more": False}
    world.run("ALTER TABLE later ADD COLUMN b integer")
    assert (await found.apply({"table": "later", "columns": ["b"]}, KEY, ())).result == {"rows": [], "more": False}


@pytest.mark.parametrize(
    ("url", "message"),
    [("sqlite://", "in memory"), ("mysql://x/y", "mysql is not a database"), ("nonsense", "cannot be read")],
)
def test_a_url_that_cannot_be_is_a_usage_error(url: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        database_tools("crm", url)


async def test_a_missing_file_is_not_made(tmp_path: Path) -> None:
    find = database_tools("crm", f"sqlite:///{tmp_path}/none.db")[0]
    with pytest.raises(Permanent, match="cannot be opened"):
        await find.apply({"table": "people"}, KEY, ())
    assert not (tmp_path / "none.db").exists()


async def test_a_relative_file_lies_in_the_folder_that_is_handed_in(tmp_path: Path) -> None:
    new_sqlite(tmp_path, 7, *SCHEMA)
    count = database_tools("crm", "sqlite:///7.db", folder=tmp_path)[1]
    assert (await count.apply({"table": "people"}, KEY, ())).result == {"count": 3}


async def test_an_unreachable_server_is_transient(tmp_path: Path) -> None:
    find = database_tools("crm", f"postgresql://postgres@/postgres?host={tmp_path}")[0]
    with pytest.raises(Transient, match="cannot be reached"):
        await find.apply({"table": "people"}, KEY, ())


# --- preview ----------------------------------------------------------------------------------------------------------


async def test_a_later_step_sees_what_earlier_ones_leave_however_they_address_the_row(world: World) -> None:
    made = tools(world)
    eve: JsonObject = {"email": "eve@x.org", "name": "Eve"}
    first = (await made["insert"].preview({"table": "people", "values": eve}, ())).changes
    raised: JsonObject = {"table": "people", "key": {"email": "eve@x.org"}, "values": {"salary": "5"}}
    second = (await made["update"].preview(raised, first)).changes
    assert [(each.resource, each.kind) for each in (*first, *second)] == [
        ("sql:crm/people/eve@x.org", "create"), ("sql:crm/people/eve@x.org", "update"),
    ]  # fmt: skip
    assert second[0].before == first[0].after
    third = (await made["delete"].preview({"table": "people", "key": "eve@x.org"}, (*first, *second))).changes
    assert third[0].before == second[0].after
    with pytest.raises(Permanent, match="not there, once earlier steps ran"):
        await made["update"].preview(raised, (*first, *second, *third))
    again = await made["insert"].preview({"table": "people", "values": eve}, (*first, *third))
    assert again.changes[0].kind == "create"


async def test_a_row_can_be_deleted_once_earlier_steps_delete_what_depends_on_it(world: World) -> None:
    delete = tools(world)["delete"]
    child = (await delete.preview({"table": "tickets", "key": 1}, ())).changes
    assert (await delete.preview({"table": "people", "key": "ada@x.org"}, child)).changes[0].kind == "delete"


async def test_values_known_later_are_shown_as_holes(world: World) -> None:
    hole = Hole.of("email of account")
    preview = await tools(world)["insert"].preview({"table": "people", "values": {"email": hole, "name": "Eve"}}, ())
    assert preview.changes[0].resource == f"sql:crm/people/{hole}"
    assert preview.foreseeable
    later = await tools(world)["update"].preview({"table": "people", "key": hole, "values": {"name": "Eve"}}, ())
    assert not later.foreseeable


# --- apply, verify, undo against others -------------------------------------------------------------------------------

RAISE: JsonObject = {"table": "people", "key": "ada@x.org", "values": {"salary": "80"}}
REMOVE: JsonObject = {"table": "tickets", "key": 1}
EVE: JsonObject = {"table": "people", "values": {"email": "eve@x.org", "name": "Eve"}}


@pytest.mark.parametrize(
    ("tool", "arguments", "edit", "message"),
    [
        (
            "update",
            RAISE,
            "UPDATE people SET name = 'Adah' WHERE email = 'ada@x.org'",
            "changed since it was previewed",
        ),
        ("update", RAISE, "DELETE FROM people WHERE email = 'ada@x.org'", "is not there any more"),
        ("delete", REMOVE, "UPDATE tickets SET state = 'closed' WHERE id = 1", "changed since it was previewed"),
        ("insert", EVE, "INSERT INTO people VALUES ('eve@x.org', 'Eva', 1, NULL)", "there is such a row|constraint"),
    ],
)
@pytest.mark.parametrize("once", [None, "operations-table", "unique:email"])
async def test_an_edit_between_preview_and_apply_stops_it(
    world: World, tool: str, arguments: JsonObject, edit: str, message: str, once: str | None
) -> None:
    used = tools(world, once)[tool]
    changes = (await used.preview(arguments, ())).changes
    world.run(*([] if world.dialect == "postgresql" else ["PRAGMA foreign_keys = ON"]), edit)
    edited = seen(world, "people", "tickets")
    with pytest.raises(Permanent, match=message):
        await used.apply(arguments, KEY, changes)
    assert seen(world, "people", "tickets") == edited


async def test_a_row_put_back_by_somebody_is_not_taken_for_one_never_changed(world: World) -> None:
    update = tools(world)["update"]
    intent, _ = await done(update, RAISE)
    world.run("UPDATE people SET salary = 70.25 WHERE email = 'ada@x.org'")
    found = await update.verify(intent)
    assert not update.manifest.once
    if world.dialect == "postgresql":  # xmin tells versions of a row apart
        assert isinstance(found, Unknown)
        assert found.final
    else:
        assert isinstance(found, Absent)  # and a person is asked, since the manifest promises nothing


@pytest.mark.parametrize(
    ("edit", "finding"),
    [
        ("DELETE FROM people WHERE email = 'eve@x.org'", Absent),
        ("UPDATE people SET name = NULL WHERE email = 'eve@x.org'", Refuted),
        ("UPDATE people SET email = 'adam@x.org' WHERE email = 'eve@x.org'", Absent),
    ],
)
async def test_a_dropped_halved_or_misplaced_row_is_not_verified(world: World, edit: str, finding: type) -> None:
    if world.dialect == "sqlite":
        world.run(
            "DROP VIEW staff",
            "ALTER TABLE people RENAME TO old",
            "CREATE TABLE people (email text PRIMARY KEY, name text)",
        )
    else:
        world.run("ALTER TABLE people ALTER name DROP NOT NULL")
    insert = tools(world)["insert"]
    intent, receipt = await done(insert, EVE)
    assert isinstance(await insert.verify(intent, receipt), Verified)
    world.run(edit)
    assert isinstance(await insert.verify(intent, receipt), finding)


async def test_a_doubled_row_without_a_key_is_refuted_and_a_lost_outcome_asks(world: World) -> None:
    insert = tools(world)["insert"]
    arguments: JsonObject = {"table": "notes", "values": {"body": "hello"}}
    preview = await insert.preview(arguments, ())
    intent = Intent(arguments, KEY, preview.changes)
    assert isinstance(await insert.verify(intent), Absent)
    receipt = await insert.apply(arguments, KEY, preview.changes)
    lost = await insert.verify(intent)
    assert isinstance(lost, Unknown)
    assert lost.final
    assert not insert.manifest.once
    world.run("INSERT INTO notes VALUES ('hello')")
    doubled = await insert.verify(intent, receipt)
    # PostgreSQL can tell that the other row is not of our transaction; SQLite cannot, and does not believe it.
    assert isinstance(doubled, Verified if world.dialect == "postgresql" else Refuted)


async def test_undo_refuses_while_a_later_row_depends_on_ours(world: World) -> None:
    insert = tools(world)["insert"]
    _, receipt = await done(insert, EVE)
    world.run("INSERT INTO tickets VALUES (9, 'eve@x.org', 'open')")
    before = seen(world, "people", "tickets")
    reversal = await insert.undo(receipt)
    assert isinstance(reversal, Conflict)
    assert "1 row of tickets refer to sql:crm/people/eve@x.org now" in reversal.reason
    assert seen(world, "people", "tickets") == before


async def test_undo_of_a_delete_refuses_when_its_parent_is_gone(world: World) -> None:
    delete = tools(world)["delete"]
    _, receipt = await done(delete, REMOVE)
    world.run("DELETE FROM people WHERE email = 'ada@x.org'")
    reversal = await delete.undo(receipt)
    assert isinstance(reversal, Conflict)
    assert isinstance(await delete.verify(Intent(REMOVE, KEY), receipt), Verified)


async def test_two_steps_on_one_row_are_taken_back_in_reverse(world: World) -> None:
    made = tools(world, "operations-table")
    start = seen(world, "people")
    _, first = await done(made["update"], RAISE, "k1")
    moved: JsonObject = {"table": "people", "key": "alan@x.org", "values": {"email": "turing@x.org", "salary": "1.5"}}
    _, second = await done(made["update"], moved, "k2")
    again: JsonObject = {"table": "people", "key": "turing@x.org", "values": {"name": "Turing"}}
    _, third = await done(made["update"], again, "k3")
    assert isinstance(await made["update"].undo(second), Conflict)
    for receipt in (third, second, first):
        assert isinstance(await made["update"].undo(receipt), Undone)
    assert seen(world, "people") == start


async def test_a_column_that_the_database_sets_is_refused_unless_declared_volatile(world: World) -> None:
    world.run("ALTER TABLE people ADD COLUMN touched integer")
    body = "UPDATE people SET touched = 1 WHERE email = NEW.email AND touched IS NULL"
    if world.dialect == "sqlite":
        world.run(f"CREATE TRIGGER touch AFTER UPDATE ON people BEGIN {body}; END")
    else:
        world.run(
            "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.touched = 1; RETURN NEW; END $$",
            "CREATE TRIGGER touch BEFORE UPDATE ON people FOR EACH ROW EXECUTE FUNCTION touch()",
        )
    start = seen(world, "people")
    with pytest.raises(Permanent, match=r"left touched of .* otherwise|something else than the one row"):
        await done(tools(world)["update"], RAISE)
    assert seen(world, "people") == start
    update = tools(world, volatile=["people.touched"])["update"]
    intent, receipt = await done(update, RAISE)
    assert intent.changes[0].echoes == ("trigger touch of people may run",)
    assert isinstance(await update.verify(intent, receipt), Verified)
    assert isinstance(await update.undo(receipt), Undone)


async def test_a_trigger_that_only_writes_elsewhere_is_counted_and_told(world: World) -> None:
    world.run("CREATE TABLE log (email text)")
    body = "INSERT INTO log VALUES (NEW.email)"
    if world.dialect == "sqlite":
        world.run(f"CREATE TRIGGER log AFTER INSERT ON people BEGIN {body}; END")
    else:
        world.run(
            f"CREATE FUNCTION log() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body}; RETURN NULL; END $$",
            "CREATE TRIGGER log AFTER INSERT ON people FOR EACH ROW EXECUTE FUNCTION log()",
        )
    insert = tools(world)["insert"]
    intent, receipt = await done(insert, EVE)
    assert intent.changes[0].echoes == ("trigger log of people may run",)
    found = await insert.verify(intent, receipt)
    assert isinstance(found, Verified)
    assert found.evidence == "sql:crm/people/eve@x.org read back and 1 by its triggers"


async def test_undone_work_leaves_no_image_in_the_operations_table(world: World) -> None:
    made = tools(world, "operations-table")
    intent, receipt = await done(made["update"], RAISE)
    assert "70.25" in str(world.rows("SELECT what FROM doer_operations"))
    await made["update"].undo(receipt)
    assert world.rows("SELECT what FROM doer_operations")[0][0] == '{"undone": true}'
    with pytest.raises(Permanent, match="done and taken back"):
        await made["update"].apply(RAISE, KEY, intent.changes)


async def test_a_natural_key_is_required_where_it_is_the_promise(world: World) -> None:
    insert = tools(world, "unique:email")["insert"]
    assert insert.manifest.once
    with pytest.raises(Permanent, match="notes has no unique column email"):
        await insert.preview({"table": "notes", "values": {"body": "x", "email": "x"}}, ())
    preview = await insert.preview({"table": "people", "values": {"name": "Keyed"}}, ())
    assert preview.changes[0].resource == "sql:crm/people/‹key of this step›"
    await insert.apply({"table": "people", "values": {"name": "Keyed"}}, KEY, preview.changes)
    assert [tuple(row) for row in world.rows("SELECT email FROM people WHERE name = 'Keyed'")] == [("k1",)]


async def test_a_write_that_nobody_waits_for_any_more_is_rolled_back(world: World) -> None:
    database = Database("crm", world.url, Access(writable=("*",)))
    loop, started, gate = asyncio.get_running_loop(), asyncio.Event(), threading.Event()

    def work(connection: sa.Connection) -> None:
        connection.execute(sa.text("DELETE FROM tickets"))
        loop.call_soon_threadsafe(started.set)
        gate.wait()

    writing = asyncio.create_task(database.write(work))
    await started.wait()
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    gate.set()
    await loop.shutdown_default_executor()  # waits for the thread
    assert world.rows("SELECT count(*) FROM tickets")[0][0] == 2
