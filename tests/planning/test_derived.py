"""Skills out of a schema: what tables let a person say, in SQLite and PostgreSQL, and what is a question."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.connectors.database_servers import PostgresCluster, SqliteWorld, postgres_cluster
from tests.planning.connected import SATURDAY, STATEMENTS, ZONE

from doer.app.doer import Doer
from doer.connectors.tools.database import database_tools
from doer.domain.goal import Abstention, Question
from doer.domain.known import Known, KnownColumn, KnownTable, tables_from
from doer.domain.value import Key
from doer.planning.derived.tables import derive
from doer.planning.grounded import GroundedPlanner
from doer.planning.matching.lexicon import Profiles
from doer.planning.words.nouns import TableWords, infinitive, participle, phrase
from doer.testing import ManualClock

READ_AT = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.fixture
def cluster() -> Iterator[PostgresCluster]:
    """A server of its own: what may be said is made of every table that is there, also of other worlds' schemas."""
    with postgres_cluster() as started:
        yield started


@pytest.fixture
def crm(tmp_path: Path) -> SqliteWorld:
    world = SqliteWorld(tmp_path / "crm.db")
    world.run(*STATEMENTS)
    return world


@pytest.fixture(scope="module")
def profiles() -> Profiles:
    """Of the table's skills and tools, which are the same in most tests."""
    return Profiles()


@pytest.fixture
async def doer(crm: SqliteWorld, tmp_path: Path, profiles: Profiles) -> AsyncIterator[Doer]:
    async with _opened(crm.url, tmp_path, profiles=profiles) as opened:
        yield opened


def _opened(url: str, folder: Path, writable: tuple[str, ...] = ("*",), profiles: Profiles | None = None) -> Doer:
    tools = database_tools("crm", url, writable=writable, once="operations-table")
    planner = GroundedPlanner((), (), {"crm": "database"}, profiles=profiles)
    return Doer(tools=tools, planners=[planner], folder=folder, clock=ManualClock(SATURDAY), timezone=ZONE)


ANSWERED: list[tuple[str, object]] = [
    ("How many orders came in yesterday?", {"count": 2}),
    ("How many orders did we get last week?", {"count": 1}),
    ("How many orders came in today?", {"count": 0}),
    ("How many orders were placed in November?", {"count": 3}),
    ("How many tickets are open?", {"count": 2}),
    ("how many high priority tickets are open?", {"count": 1}),
    ("How many tickets came in yesterday?", {"count": 1}),
    ("How many tickets were closed yesterday?", {"count": 1}),
    ("how many open tickets came in yesterday?", {"count": 1}),
    ("how many active customers do we have?", {"count": 2}),
    ("How many customers do we have in Oslo?", {"count": 1}),
    ("total amount of orders in March", {"total": "15.54", "count": 2}),
    ("What's the sum of the amounts of paid orders in March?", {"total": "15.54", "count": 2}),
    ("What is the status of ticket 4812?", {"rows": [{"status": "open"}], "more": False}),
    ("How many orders came in before yesterday?", {"count": 3}),
    ("how many orders were placed since yesterday?", {"count": 2}),
    ("How many orders came in after 12 November?", {"count": 2}),
    ("How many orders came in until 12 November?", {"count": 3}),
    ("how many orders were placed between 12 and 20 November?", {"count": 3}),
    ("total amount of the orders placed from 1 to 31 March", {"total": "15.54", "count": 2}),
    ("how many orders came in since the 20th?", {"count": 2}),
    ("how many orders have not been paid yet?", {"count": 2}),
    ("How many invoices are unpaid?", {"count": 1}),
    ("how many invoices have not been paid yet?", {"count": 1}),
    ("How many invoices are due this week?", {"count": 1}),
    ("how many invoices were paid yesterday?", {"count": 1}),
    ("how many tickets were opened before 13 November?", {"count": 2}),
    ("What's the price of product A-13?", {"rows": [{"price": "3.50"}], "more": False}),
]


@pytest.mark.parametrize(("words", "result"), ANSWERED, ids=[each[0] for each in ANSWERED])
async def test_a_question_about_a_table_is_answered_by_a_read(doer: Doer, words: str, result: object) -> None:
    done = await doer.do(words)

    assert done.status == "done", (done.reason, done.question)
    assert done.steps[0].result == result
    assert not done.changes


KEYS: list[tuple[str, list[object]]] = [
    ("show me the newest order", [2]),
    ("what was the last paid order?", [2]),
    ("the oldest order", [4]),
    ("list the three latest orders", [2, 1, 3]),
    ("the first two orders placed in November", [3, 1]),
    ("which invoices are not paid yet?", ["INV-1"]),
    ("show me the unpaid invoices due this week", ["INV-1"]),
    ("which tickets were opened since Thursday?", [4812, 4813]),
    ("which customers have no city?", []),
    ("which tickets are not closed?", [4812, 4813, 4815]),
    ("list the orders that have not shipped yet", [1, 2, 4, 5]),
]


@pytest.mark.parametrize(("words", "keys"), KEYS, ids=[each[0] for each in KEYS])
async def test_rows_are_told_apart_by_dates_by_empty_cells_and_by_which_is_newest(
    doer: Doer, words: str, keys: list[object]
) -> None:
    done = await doer.do(words)

    assert done.status == "done", (done.reason, done.question)
    rows = done.steps[0].result["rows"]  # type: ignore[index, call-overload]
    assert [next(iter(each.values())) for each in rows] == keys  # type: ignore[union-attr]


CHANGED: list[tuple[str, str, object]] = [
    ("set ticket 4812 to closed in crm", "SELECT status FROM tickets WHERE id = 4812", "closed"),
    ("set the status of ticket 4812 to closed", "SELECT status FROM tickets WHERE id = 4812", "closed"),
    ("close ticket 4812", "SELECT status FROM tickets WHERE id = 4812", "closed"),
    ("change the price of product A-12 to 19.90", "SELECT price FROM products WHERE sku = 'A-12'", 19.9),
    ("ship order 1", "SELECT status FROM orders WHERE id = 1", "shipped"),
    ("delete ticket 4812", "SELECT count(*) FROM tickets WHERE id = 4812", 0),
    ("add a customer named Blumen Schmidt", "SELECT count(*) FROM customers WHERE name = 'Blumen Schmidt'", 1),
]


@pytest.mark.parametrize(("words", "query", "expected"), CHANGED, ids=[each[0] for each in CHANGED])
async def test_a_plain_sentence_changes_one_row_and_can_be_taken_back(
    doer: Doer, crm: SqliteWorld, words: str, query: str, expected: object
) -> None:
    [[before]] = crm.rows(query)

    done = await doer.do(words, approve=lambda _: True)

    assert done.status == "done", (done.reason, done.question)
    assert crm.rows(query) == [(expected,)]
    await doer.undo(done.id, approve=lambda _: True)
    assert crm.rows(query) == [(before,)]


NEVER = (
    "delete all tickets",
    "set all tickets to closed",
    "close all tickets",
    "delete the tickets",
    "remove every order",
)


@pytest.mark.parametrize("words", NEVER)
async def test_many_rows_are_never_changed_without_a_key(doer: Doer, words: str) -> None:
    assert isinstance(await doer.plan(words), Question | Abstention)


async def test_with_two_databases_the_sentence_says_which_or_it_is_asked(crm: SqliteWorld, tmp_path: Path) -> None:
    other = SqliteWorld(tmp_path / "erp.db")
    other.run(*(each for each in STATEMENTS if "orders" in each and "CREATE" in each))
    tools = [*database_tools("crm", crm.url), *database_tools("erp", other.url)]
    planner = GroundedPlanner((), (), {"crm": "database", "erp": "database"})
    async with Doer(
        tools=tools, planners=[planner], folder=tmp_path, clock=ManualClock(SATURDAY), timezone=ZONE
    ) as doer:
        asked = await doer.plan("How many orders came in yesterday?")
        said = await doer.do("How many orders came in yesterday in erp?")

    assert isinstance(asked, Question)
    assert {each.value for each in asked.options} >= {"crm.count_orders", "erp.count_orders"}
    assert (said.steps[0].tool, said.steps[0].result) == ("erp.count", {"count": 0})


async def test_a_key_that_is_not_there_is_a_question_before_any_plan(doer: Doer) -> None:
    question = await doer.plan("set ticket 9999 to closed")

    assert isinstance(question, Question)
    assert question.text == "There is no ticket 9999 in crm. Which ticket is meant?"


async def test_a_period_over_a_table_with_several_dates_asks_which_date(doer: Doer) -> None:
    question = await doer.plan("How many invoices from last week?")

    assert isinstance(question, Question)
    assert [each.value for each in question.options] == ["due_date", "paid_on"]


async def test_a_value_that_the_column_does_not_allow_is_never_written(doer: Doer) -> None:
    assert isinstance(await doer.plan("set the status of ticket 4812 to done"), Question | Abstention)


async def test_an_amount_does_not_lose_its_currency_silently(doer: Doer) -> None:
    assert isinstance(await doer.plan("change the price of product A-12 to 19.90 USD"), Question | Abstention)


async def test_a_table_that_may_not_be_written_gives_questions_only(crm: SqliteWorld, tmp_path: Path) -> None:
    async with _opened(crm.url, tmp_path, ()) as doer:
        assert isinstance(await doer.plan("close ticket 4812"), Question | Abstention)
        assert (await doer.do("How many tickets are open?")).steps[0].result == {"count": 2}


async def test_in_postgresql_a_day_is_the_day_of_the_zone_and_enumerations_are_known(
    cluster: PostgresCluster, tmp_path: Path
) -> None:
    postgres = cluster.world(
        "CREATE TYPE stage AS ENUM ('new', 'won', 'lost')",
        "CREATE TABLE deals (id serial PRIMARY KEY, stage stage NOT NULL, level text CHECK (level IN ('a', 'b')),"
        " amount numeric(12,2), created_at timestamptz NOT NULL)",
        "INSERT INTO deals (stage, level, amount, created_at) VALUES"
        " ('new', 'a', 10.10, '2026-11-19T23:30:00Z'), ('won', 'b', 0.20, '2026-11-20T22:59:59Z'),"
        " ('lost', 'b', 5, '2026-11-20T23:00:00Z')",
    )
    async with _opened(postgres.url, tmp_path) as doer:
        assert (await doer.do("How many deals came in yesterday?")).steps[0].result == {"count": 2}
        assert (await doer.do("total amount of deals")).steps[0].result == {"total": "15.30", "count": 3}
        done = await doer.do("set deal 1 to won", approve=lambda _: True)
        assert done.status == "done", (done.reason, done.question)
    assert postgres.rows("SELECT stage FROM deals WHERE id = 1") == [("won",)]


async def test_what_a_database_tells_of_itself_is_what_it_allows(crm: SqliteWorld) -> None:
    tools = {
        each.manifest.name: each for each in database_tools("crm", crm.url, readable=["tickets"], writable=["tickets"])
    }

    told = (await tools["crm.tables"].apply({}, Key("k"), ())).result

    assert isinstance(told, dict)
    [table] = tables_from(told["tables"])
    assert (table.name, table.primary, table.writable) == ("tickets", ("id",), True)
    status = table.column("status")
    assert status is not None
    assert (status.values, status.closed, status.needed) == (("open", "waiting", "closed"), True, True)
    await tools["crm.tables"].close()  # type: ignore[attr-defined]  # every tool of a database has it


def test_a_word_that_two_columns_have_is_no_verb_of_either() -> None:
    both = [KnownColumn(name, "text", values=("closed",), closed=True) for name in ("status", "gate")]
    table = KnownTable("doors", (KnownColumn("id", "integer"), *both), ("id",), (), writable=True)

    names = [each.name for each in derive(Known("house", "database", READ_AT, (table,)))]

    assert "house.close_door" not in names
    assert "house.set_status_of_door" in names


def test_a_row_that_needs_what_words_cannot_say_is_not_offered() -> None:
    columns = (KnownColumn("id", "integer"), KnownColumn("blob", "bytes", needed=True))
    table = KnownTable("images", columns, ("id",), (), writable=True)

    assert not [each for each in derive(Known("x", "database", READ_AT, (table,))) if "add" in each.name]


@pytest.mark.parametrize(
    ("table", "many", "one"),
    [("orders", "orders", "order"), ("sales.order_items", "order items", "order item"), ("Category", "categories", "category"),
     ("addresses", "addresses", "address"), ("people", "people", "person"), ("status", "status", "status")],
)  # fmt: skip
def test_tables_are_called_as_people_call_them(table: str, many: str, one: str) -> None:
    words = TableWords.of(table)

    assert (words.one, words.many if table != "status" else "status") == (one, many)


def test_columns_and_deeds_are_words() -> None:
    assert phrase("unitPrice") == "unit price"
    assert [participle(each) for each in ("placed_at", "due_date", "created")] == ["placed", "due", "created"]
    assert [infinitive(each) for each in ("closed", "shipped", "cancelled", "paused", "resolved", "archived", "blocked")] == [
        "close", "ship", "cancel", "pause", "resolve", "archive", "block",
    ]  # fmt: skip
