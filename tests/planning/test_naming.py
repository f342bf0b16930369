"""Rows and files in other words than their keys and paths: what is said of them must be true of one row alone; in doubt nothing is planned."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.connectors.database_servers import SqliteWorld
from tests.connectors.files_case import MemoryPayloads
from tests.planning.connected import ZONE

from doer.app.doer import Doer
from doer.connectors.tools.database import database_tools
from doer.connectors.tools.files import file_tools
from doer.connectors.tools.files.manifests import manifests as file_manifests
from doer.domain.goal import Abstention, Goal, Question
from doer.domain.model import Prompt, Reply
from doer.domain.plan import Plan
from doer.domain.ports import Model
from doer.domain.template import to_json
from doer.domain.value import Json, JsonObject, Principal
from doer.planning.grounded import GroundedPlanner
from doer.planning.matching.lexicon import Profiles
from doer.planning.naming.files import said_in
from doer.planning.naming.money import names_a_currency, plain
from doer.planning.words.reword import Reworded
from doer.testing import ManualClock

NOW = datetime(2026, 11, 21, 13, 0, tzinfo=UTC)
STATEMENTS = (
    """CREATE TABLE jobs (id INTEGER PRIMARY KEY, title TEXT NOT NULL, state TEXT NOT NULL
       CHECK (state IN ('open', 'waiting', 'closed')), urgency TEXT NOT NULL CHECK (urgency IN ('low', 'normal', 'high')),
       owner TEXT, client TEXT NOT NULL)""",
    "CREATE TABLE parts (code TEXT PRIMARY KEY, name TEXT NOT NULL, price NUMERIC(10,2) NOT NULL, stock INTEGER NOT NULL)",
    """CREATE TABLE clients (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT UNIQUE, city TEXT NOT NULL,
       discount NUMERIC(5,2) NOT NULL)""",
    """CREATE TABLE sales (id INTEGER PRIMARY KEY, client TEXT NOT NULL, part TEXT NOT NULL REFERENCES parts,
       state TEXT NOT NULL CHECK (state IN ('new', 'shipped')))""",
    """INSERT INTO jobs VALUES (710, 'Roof of the north hall leaks', 'open', 'high', 'ada', 'Hansa'),
       (711, 'New lift for the yard', 'open', 'low', NULL, 'Sol'), (712, 'Paint the north gate', 'waiting', 'low', NULL, 'Hansa')""",
    "INSERT INTO parts VALUES ('PMP-1', 'Water pump', 80.00, 7), ('VLV-2', 'Brass valve', 12.50, 40), ('VLV-3', 'Steel valve', 9.90, 5)",
    """INSERT INTO clients VALUES (11, 'Hansa', 'info@hansa.example', 'Oslo', 0), (12, 'Sol', 's@sol.example', 'Bergen', 5)""",
    "INSERT INTO sales VALUES (501, 'Hansa', 'PMP-1', 'new'), (502, 'Sol', 'PMP-1', 'new'), (503, 'Sol', 'VLV-2', 'shipped')",
)  # fmt: skip


@pytest.fixture(scope="module")
def profiles() -> Profiles:
    """Of the tables' skills and tools, which are the same in all tests."""
    return Profiles()


@pytest.fixture
async def doer(tmp_path: Path, profiles: Profiles) -> AsyncIterator[Doer]:
    world = SqliteWorld(tmp_path / "shop.db")
    world.run(*STATEMENTS)
    tools = database_tools("shop", world.url, writable=("*",), once="operations-table")
    planner = GroundedPlanner((), (), {"shop": "database"}, profiles=profiles)
    async with Doer(tools=tools, planners=[planner], folder=tmp_path, clock=ManualClock(NOW), timezone=ZONE) as opened:
        yield opened


def _updates(*rows: tuple[str, str, object, object]) -> list[dict[str, object]]:
    return [{"table": table, "key": {key: value}, "values": values} for table, key, value, values in rows]


MEANT: list[tuple[str, list[dict[str, object]]]] = [
    ("set the roof job to waiting", _updates(("jobs", "id", 710, {"state": "waiting"}))),
    ("close the job about the lift", _updates(("jobs", "id", 711, {"state": "closed"}))),
    ("Please set Sol's job to high", _updates(("jobs", "id", 711, {"urgency": "high"}))),
    ("ship Hansa's pump sale", _updates(("sales", "id", 501, {"state": "shipped"}))),
    ("mark 502 as shipped", _updates(("sales", "id", 502, {"state": "shipped"}))),
    ("jobs 710 and 712 are closed", _updates(*(("jobs", "id", each, {"state": "closed"}) for each in (710, 712)))),
    ("set both low urgency jobs to normal", _updates(*(("jobs", "id", each, {"urgency": "normal"}) for each in (711, 712)))),
    ("ship all new pump sales", _updates(*(("sales", "id", each, {"state": "shipped"}) for each in (501, 502)))),
    ("Hansa has moved to Kiel", _updates(("clients", "id", 11, {"city": "Kiel"}))),
    ("Hansa is now called Hansa North", _updates(("clients", "id", 11, {"name": "Hansa North"}))),
    ("Sol has a new email address: hello@sol.example", _updates(("clients", "id", 12, {"email": "hello@sol.example"}))),
    ("Sol gets 7.5 percent discount from now on", _updates(("clients", "id", 12, {"discount": "7.5"}))),
    ("The city of Sol is wrong, it's Bodo", _updates(("clients", "id", 12, {"city": "Bodo"}))),
    ("the water pump now costs 85 euros", _updates(("parts", "code", "PMP-1", {"price": "85"}))),
    ("raise the price of the pump by 10 percent", _updates(("parts", "code", "PMP-1", {"price": "88.00"}))),
    ("raise the price of the pump by 10%", _updates(("parts", "code", "PMP-1", {"price": "88.00"}))),
    ("lower the price of the brass valve by 2.50 euros", _updates(("parts", "code", "VLV-2", {"price": "10.00"}))),
    ("make the steel valve 10% cheaper", _updates(("parts", "code", "VLV-3", {"price": "8.91"}))),
    ("add 20 to the stock of the water pump", _updates(("parts", "code", "PMP-1", {"stock": 27}))),
    ("reduce the stock of water pumps by 3", _updates(("parts", "code", "PMP-1", {"stock": 4}))),
]  # fmt: skip


@pytest.mark.parametrize(("words", "wanted"), MEANT, ids=[each[0] for each in MEANT])
async def test_words_that_are_true_of_one_row_alone_mean_it(
    doer: Doer, words: str, wanted: list[dict[str, object]]
) -> None:
    plan = await doer.plan(words)
    assert isinstance(plan, Plan), plan
    assert [each.tool for each in plan.steps] == ["shop.update"] * len(wanted)
    assert [{name: to_json(each) for name, each in step.arguments.items()} for step in plan.steps] == wanted


NOT_MEANT = (
    "close the north job",  # two speak of the north
    "ship the pump sale",  # two are of the pump
    "close the job of Nordwind",
    "set both open jobs of Hansa to waiting",  # there is one
    "set all three low urgency jobs to normal",  # there are two
    "close jobs 710 and 799",
    "close all low urgency jobs, at most 1",
    "raise the price of the valve by 10 percent",
    "raise the price of the pump by 10 dollars",
    "the water pump now costs 85 dollars",
    "reduce the stock of the water pump by 20",  # there are 7
    "raise the price of the pump",
    "give the roof job to",
    "close every job that is not for Hansa",
    "delete all clients",
)


@pytest.mark.parametrize("words", NOT_MEANT)
async def test_what_is_true_of_two_rows_or_none_or_is_not_understood_is_no_plan(doer: Doer, words: str) -> None:
    assert isinstance(await doer.plan(words), Question | Abstention)


async def test_a_row_is_never_a_text_for_another_system(tmp_path: Path) -> None:
    world = SqliteWorld(tmp_path / "shop.db")
    world.run(*STATEMENTS)
    tools = [
        *database_tools("shop", world.url, writable=("*",), once="operations-table"),
        *file_tools(tmp_path, MemoryPayloads()),
    ]
    planner = GroundedPlanner((), (), {"shop": "database", "files": "files"})
    async with Doer(tools=tools, planners=[planner], folder=tmp_path, clock=ManualClock(NOW), timezone=ZONE) as opened:
        for words in ("save all jobs with low urgency as jobs.txt", "save all sales with new state as sales.txt"):
            assert isinstance(await opened.plan(words), Question | Abstention)


async def test_a_row_that_was_found_by_words_says_that_it_was_read(doer: Doer) -> None:
    plan = await doer.plan("set the roof job to waiting")
    assert isinstance(plan, Plan)
    origins = plan.steps[0].provenance
    assert origins["key"].source == "read"
    assert "job 710" in origins["key"].text


@pytest.mark.parametrize(
    ("said", "zone", "told"),
    [
        ("it costs 259 euros now", "Europe/Berlin", "it costs 259 now"),
        ("it costs €259", "Europe/Berlin", "it costs 259"),
        ("it costs 259 dollars", "Europe/Berlin", "it costs 259 dollars"),
        ("it costs 259 euros", "America/New_York", "it costs 259 euros"),
        ('call it "9 euros"', "Europe/Berlin", 'call it "9 euros"'),
    ],
)
def test_only_money_of_ones_own_country_is_a_plain_number(said: str, zone: str, told: str) -> None:
    assert plain(Reworded.of(said), zone).text == told


@pytest.mark.parametrize("columns", [("id", "price", "currency"), ("sku", "price_usd"), ("sku", "cents")])
def test_a_table_that_says_which_money_it_holds_is_given_no_amount_of_another(columns: Sequence[str]) -> None:
    assert names_a_currency(columns)
    assert not names_a_currency(("id", "price", "customer", "percent", "centre"))


FILES = {
    "invoice.pdf": "1",
    "in/scan_0001.pdf": "2",
    "in/scan_0002.pdf": "3",
    "docs/handbook.md": "4",
    "notes/monday.md": "5",
}
SAID: list[tuple[str, list[tuple[str, ...]]]] = [
    ("what does the handbook say", [("docs/handbook.md",)]),
    ("delete my monday notes", [("notes/monday.md",)]),
    ("throw away the newest scan", [("in/scan_0002.pdf",)]),
    ("delete both scans", [("in/scan_0001.pdf", "in/scan_0002.pdf")]),
    ("delete the three scans", []),  # there are two
    ("delete the scan", []),
    ("delete the scans", []),
    ("delete the plan", []),
    ("read monday.md", [("notes/monday.md",)]),
    ("scan_0002.pdf in the folder in is old", [("in/scan_0002.pdf",), ("in/scan_0002.pdf",)]),
    ("read invoice.pdf", []),  # said as plainly as it can be
]


@pytest.mark.parametrize(("words", "paths"), SAID, ids=[each[0] for each in SAID])
def test_words_that_are_true_of_one_file_alone_mean_it(words: str, paths: list[tuple[str, ...]]) -> None:
    assert [each.paths for each in said_in(words, FILES)] == paths


class Disk:
    """Folders that can be listed, and nothing else."""

    async def read(self, tool: str, arguments: JsonObject) -> Json:
        assert tool == "files.list"
        folder = f"{arguments['path']}/" if "path" in arguments else ""
        inside = [each[len(folder) :] for each in FILES if each.startswith(folder)]
        folders = sorted({each.split("/")[0] for each in inside if "/" in each})
        entries: list[Json] = [{"name": each, "kind": "folder"} for each in folders]
        entries += [{"name": each, "kind": "file", "modified": ""} for each in inside if "/" not in each]
        return {"path": folder, "entries": entries}

    async def ask(self, model: Model, prompt: Prompt) -> Reply:
        raise AssertionError("no model is asked")


OFFICE = tuple(row[0] for row in file_manifests("files"))
FOUND: list[tuple[str, dict[str, object] | None]] = [
    ("delete scan_0001.pdf", {"path": "in/scan_0001.pdf"}),
    ("read the handbook", {"path": "docs/handbook.md"}),
    ("rename scan_0002.pdf to contract.pdf", {"source": "in/scan_0002.pdf", "target": "in/contract.pdf"}),
    ("copy the handbook to docs/old.md", {"source": "docs/handbook.md", "path": "docs/old.md"}),
    ("delete missing.pdf", {"path": "missing.pdf"}),  # said plainly, and not there: the preview says so
    ("delete the scan", None),
]


@pytest.mark.parametrize(("words", "wanted"), FOUND, ids=[each[0] for each in FOUND])
async def test_a_file_is_found_in_its_folder_and_stays_there(words: str, wanted: dict[str, object] | None) -> None:
    said = Goal(words, Principal("user:sam"), NOW, ZONE, "en")
    proposal = await GroundedPlanner(()).propose(said, (), OFFICE, Disk())
    told = (
        [{name: to_json(each) for name, each in step.arguments.items()} for step in proposal.steps]
        if isinstance(proposal, Plan)
        else None
    )
    assert told == (None if wanted is None else [wanted])
