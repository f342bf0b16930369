"""Rows by how much and in which order, rows into a file, old values, files that are meant together, and tables in files."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.connectors.database_servers import SqliteWorld
from tests.connectors.files_case import MemoryPayloads
from tests.planning.connected import ZONE

from doer.app.doer import Doer
from doer.connectors.tools.archive import archive_tools
from doer.connectors.tools.database import database_tools
from doer.connectors.tools.files import file_tools
from doer.connectors.tools.tables import table_tools
from doer.domain.goal import Abstention, Question
from doer.domain.plan import Plan
from doer.domain.template import to_json
from doer.planning.grounded import GroundedPlanner
from doer.planning.matching.lexicon import Profiles
from doer.planning.naming.contrast import contrasts
from doer.planning.naming.exporting import Export, written
from doer.planning.naming.spelling import mended
from doer.planning.skills.uses import workspace_skills
from doer.testing import ManualClock

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)  # a Friday
STATEMENTS = (
    """CREATE TABLE jobs (id INTEGER PRIMARY KEY, title TEXT NOT NULL, state TEXT NOT NULL
       CHECK (state IN ('open', 'waiting', 'closed')), owner TEXT, client TEXT NOT NULL)""",
    "CREATE TABLE parts (code TEXT PRIMARY KEY, name TEXT NOT NULL, price NUMERIC(10,2) NOT NULL, stock INTEGER NOT NULL)",
    """INSERT INTO jobs VALUES (710, 'Roof leaks', 'open', 'ada', 'Hansa'), (711, 'New lift', 'open', NULL, 'Sol'),
       (712, 'Paint the gate', 'waiting', 'ben', 'Hansa')""",
    "INSERT INTO parts VALUES ('PMP-1', 'Water pump', 80.00, 7), ('VLV-2', 'Brass valve', 12.50, 40), ('VLV-3', 'Steel valve', 9.90, 0)",
)  # fmt: skip
FILES = {
    "costs.csv": "day,what,amount\n2026-11-10,Train to Oslo,59.90\n2026-11-12,Coffee,24.00\n2026-11-17,Paper,31.50\n",
    "crew.csv": "name,email,begins\nLena Berg,lena@x.example,2027-01-04\nOmar Haddad,omar@x.example,2026-12-01\n",
    "todo.md": "# To do\n\n- [ ] order paper\n- [x] pay the rent\n",
    "docs/manual.md": "# Manual\n\nOpen from 10 to 15.\n",
    "in/scan_1.pdf": "%PDF-1",
    "in/scan_2.pdf": "%PDF-2",
}


@pytest.fixture(scope="module")
def profiles() -> Profiles:
    return Profiles()


@pytest.fixture
async def doer(tmp_path: Path, profiles: Profiles) -> AsyncIterator[Doer]:
    world = SqliteWorld(tmp_path / "shop.db")
    world.run(*STATEMENTS)
    desk = tmp_path / "desk"
    for name, text in FILES.items():
        (desk / name).parent.mkdir(parents=True, exist_ok=True)
        (desk / name).write_text(text)
    tools = [
        *database_tools("shop", world.url, writable=("*",), once="operations-table"),
        *file_tools(desk, MemoryPayloads()),
        *table_tools(desk, MemoryPayloads()),
        *archive_tools(desk, MemoryPayloads()),
    ]
    kinds = {"shop": "database", "files": "files"}
    skills = workspace_skills((), kinds, [each.manifest.name for each in tools])
    planner = GroundedPlanner(skills, (), kinds, profiles=profiles)
    async with Doer(tools=tools, planners=[planner], folder=tmp_path, clock=ManualClock(NOW), timezone=ZONE) as opened:
        yield opened


async def calls(doer: Doer, words: str) -> list[tuple[str, dict[str, object]]]:
    plan = await doer.plan(words)
    assert isinstance(plan, Plan), plan
    return [(step.tool, {name: to_json(each) for name, each in step.arguments.items()}) for step in plan.steps]


NARROWED: list[tuple[str, str, dict[str, object]]] = [
    ("which parts have less than 10 in stock?", "shop.find", {"where": [{"column": "stock", "op": "less", "value": 10}]}),
    ("which parts are out of stock?", "shop.find", {"where": [{"column": "stock", "op": "equals", "value": 0}]}),
    ("how many parts cost more than 10 euros?", "shop.count", {"where": [{"column": "price", "op": "greater", "value": "10"}]}),
    ("show the parts with a price over 10.50", "shop.find", {"where": [{"column": "price", "op": "greater", "value": "10.50"}]}),
    ("sort the parts by price, cheapest first", "shop.find", {"order": [{"column": "price", "descending": False}]}),
    ("top 2 parts by stock", "shop.find", {"order": [{"column": "stock", "descending": True}], "limit": 2}),
    ("which part is the most expensive?", "shop.find", {"order": [{"column": "price", "descending": True}], "limit": 1}),
    ("the two cheapest parts", "shop.find", {"order": [{"column": "price", "descending": False}], "limit": 2}),
]  # fmt: skip


@pytest.mark.parametrize(("words", "tool", "wanted"), NARROWED, ids=[each[0] for each in NARROWED])
async def test_rows_are_narrowed_by_numbers_and_ordered(
    doer: Doer, words: str, tool: str, wanted: dict[str, object]
) -> None:
    [(used, given)] = await calls(doer, words)
    assert used == tool
    assert {name: given[name] for name in wanted} == wanted


@pytest.mark.parametrize(
    "words",
    [
        "top 3 jobs by weight",
        "which jobs have less than 10 in stock?",
        "show the parts over 10 dollars",
        "the biggest job",
    ],
)
async def test_an_order_or_a_bound_of_what_the_table_does_not_have_is_no_plan(doer: Doer, words: str) -> None:
    assert isinstance(await doer.plan(words), Question | Abstention)


@pytest.mark.parametrize(
    "words",
    [
        "save all jobs of Hansa to hansa.csv",
        "export the jobs of Hansa to hansa.csv, please",
        "put the jobs of Hansa in a file called hansa.csv",
        "make a csv called hansa.csv with all jobs of Hansa",
    ],
)
async def test_rows_that_are_found_are_what_is_written(doer: Doer, words: str) -> None:
    told = "id,title,state,owner,client\n710,Roof leaks,open,ada,Hansa\n712,Paint the gate,waiting,ben,Hansa\n"
    assert await calls(doer, words) == [("files.write", {"path": "hansa.csv", "text": told})]


async def test_words_that_no_read_understands_are_never_the_rows_of_a_table(doer: Doer) -> None:
    asked = await doer.plan("save all the gadgets to gadgets.csv")
    assert isinstance(asked, Question | Abstention)


async def test_a_table_without_a_name_is_asked_for_with_a_name_to_choose(doer: Doer) -> None:
    asked = await doer.plan("make a csv with all the open jobs")
    assert isinstance(asked, Question)
    assert [each.value for each in asked.options] == ["open_jobs.csv"]


async def test_rows_never_go_over_a_file_that_is_there_without_asking(doer: Doer) -> None:
    asked = await doer.plan("save the open jobs to costs.csv")
    assert isinstance(asked, Question)
    assert "costs.csv is there already" in asked.text


def test_what_stands_in_quotes_is_a_content_and_not_rows_to_be_found() -> None:
    assert Export.of('save "the open jobs" to a.csv') is None
    assert Export.of("save the open jobs to a.csv and mail it to Ada") is None
    assert Export.of("save the open jobs to a.csv") == Export("the open jobs", "a.csv")


def test_cells_are_written_as_a_csv_has_them() -> None:
    assert (
        written([{"a": 'x "y", z', "b": None}, {"a": True, "b": "1.50"}], "t.csv") == 'a,b\n"x ""y"", z",\ntrue,1.50\n'
    )
    assert written([{"a": 1, "b": 2}], "t.md") is None


@pytest.mark.parametrize(
    ("words", "key", "values"),
    [
        ("give job 710 to Ben instead of Ada", {"id": 710}, {"owner": "Ben"}),
        ("set the state of the lift job to waiting, not open", {"id": 711}, {"state": "waiting"}),
        ("change the price of the pump from 80 to 85", {"code": "PMP-1"}, {"price": "85"}),
        ("job 712 is not waiting but closed", {"id": 712}, {"state": "closed"}),
    ],
)
async def test_an_old_value_that_is_there_is_no_prohibition(
    doer: Doer, words: str, key: dict[str, object], values: dict[str, object]
) -> None:
    [(tool, given)] = await calls(doer, words)
    assert tool == "shop.update"
    assert given["key"] == key
    assert {name: str(each).lower() for name, each in given["values"].items()} == {  # type: ignore[attr-defined]
        name: str(each).lower() for name, each in values.items()
    }


@pytest.mark.parametrize(
    "words",
    [
        "give job 710 to Ben instead of Carl",  # it is Ada's
        "close job 710 but not 711",
        "do not close job 710",
        "close job 710, not yet",
        "delete job 710 instead of closing it",
    ],
)
async def test_an_old_value_that_is_not_there_and_a_prohibition_are_no_plan(doer: Doer, words: str) -> None:
    assert isinstance(await doer.plan(words), Question | Abstention)


def test_a_deed_is_no_old_value() -> None:
    assert list(contrasts("archive it instead of deleting it")) == []
    mended = contrasts("set the mail of Sol to a@sol.example, not b@sol.example")
    assert {each.old for each in mended} == {"b@sol.example"}


async def test_files_that_are_meant_together_go_into_one_call(doer: Doer) -> None:
    [(tool, given)] = await calls(doer, "pack all csv files into data.zip")
    assert (tool, given["sources"]) == ("files.create_archive", ["costs.csv", "crew.csv"])
    [(tool, given)] = await calls(doer, "zip the scans in the in folder into scans.zip")
    assert given["sources"] == ["in/scan_1.pdf", "in/scan_2.pdf"]


async def test_a_folder_that_is_not_there_is_asked_for_and_a_new_one_is_made(doer: Doer) -> None:
    asked = await doer.plan("move everything from in to archive")
    assert isinstance(asked, Question)
    assert "no folder archive" in asked.text
    made = await calls(doer, "copy costs.csv into a new folder called bills")
    assert [tool for tool, _ in made] == ["files.create_folder", "files.copy"]
    assert made[1][1]["path"] == "bills/costs.csv"


@pytest.mark.parametrize(
    ("words", "tool", "wanted"),
    [
        ("sort costs.csv by amount", "sort_rows", {"path": "costs.csv", "column": "amount"}),
        ("sort costs.csv by amount, largest first", "sort_rows", {"path": "costs.csv", "column": "amount", "descending": True}),
        ("what was the most expensive thing in costs.csv?", "read_rows",
         {"path": "costs.csv", "order": [{"column": "amount", "descending": True}], "limit": 1}),
        ("how many rows in costs.csv are over 30 euros?", "count_rows",
         {"path": "costs.csv", "where": [{"column": "amount", "op": "greater", "value": "30"}]}),
        ("who begins in December according to crew.csv?", "read_rows",
         {"path": "crew.csv", "where": [{"column": "begins", "op": "greater", "value": "2026-11-30"},
                                         {"column": "begins", "op": "less", "value": "2027-01-01"}]}),
        ("the coffee was 26.00, please correct that in costs.csv", "change_row",
         {"path": "costs.csv", "row": "Coffee", "column": "amount", "value": "26.00"}),
        ("Coffee was 26.00 not 24.00, update costs.csv", "change_row",
         {"path": "costs.csv", "row": "Coffee", "column": "amount", "value": "26.00"}),
        ("delete the row with the train to Oslo from costs.csv", "remove_row", {"path": "costs.csv", "row": "Train to Oslo"}),
        ("remove Lena from crew.csv", "remove_row", {"path": "crew.csv", "row": "Lena Berg"}),
        ("add Paul Keller, paul@x.example, 2027-02-01 to crew.csv", "add_row",
         {"path": "crew.csv", "values": ["name=Paul Keller", "email=paul@x.example", "begins=2027-02-01"]}),
        ("tick off order paper in todo.md", "tick_off", {"path": "todo.md", "item": "order paper"}),
        ('replace "Open from 10" with "Open from 9" in the manual', "replace_text",
         {"path": "docs/manual.md", "old": "Open from 10", "new": "Open from 9"}),
        ("which pdf files do we have?", "find_files", {"kind": "pdf"}),
        ("how many scans are in the in folder?", "find_files", {"kind": "any", "path": "in", "name": "scan"}),
        ("I ordered the paper, tick that off in todo.md", "tick_off", {"path": "todo.md", "item": "order paper"}),
        ("untick pay the rent in todo.md", "tick_off", {"path": "todo.md", "item": "pay the rent", "done": False}),
        ("in docs/manual.md change 15 to 16", "replace_text", {"path": "docs/manual.md", "old": "15", "new": "16"}),
        ("the manual should say open from 9 to 15, not 10 to 15", "replace_text",
         {"path": "docs/manual.md", "old": "10 to 15", "new": "9 to 15"}),
        ("write a line to todo.md saying that the numbers were sent", "append_line",
         {"path": "todo.md", "line": "the numbers were sent"}),
        ("create a folder called archive please", "create_folder", {"path": "archive"}),
    ],
)  # fmt: skip
async def test_a_table_or_a_text_in_a_file_is_spoken_of_in_plain_words(
    doer: Doer, words: str, tool: str, wanted: dict[str, object]
) -> None:
    assert await calls(doer, words) == [(f"files.{tool}", wanted)]


@pytest.mark.parametrize(
    "words",
    [
        "Coffee was 26.00 not 25.00, update costs.csv",  # it was 24.00
        "add Paul Keller, paul@x.example to crew.csv",  # a value is missing
        "add 2027-02-01, Paul Keller, paul@x.example to crew.csv",  # in another order
        "the coffee and the paper were 26.00, update costs.csv",
        "sort costs.csv by weight",
        "the manual should say closed on Monday, not 10 to 15",  # `Open from` would be left before it
        "create a file called notes.md please",  # with which text?
        "I paid the baker, tick that off in todo.md",
    ],
)
async def test_a_file_is_left_alone_where_a_word_is_left_over(doer: Doer, words: str) -> None:
    assert isinstance(await doer.plan(words), Question | Abstention)


async def test_rows_in_an_order_are_all_of_them(doer: Doer) -> None:
    [(_, given)] = await calls(doer, "list the parts alphabetically")
    assert given["order"] == [{"column": "name", "descending": False}]
    assert given["limit"] == 100


async def test_a_slip_of_the_hand_is_mended_in_words_of_the_trade_alone(doer: Doer) -> None:
    assert (await calls(doer, "cna you list the jbos of Hansa pls"))[0][0] == "shop.find"
    assert mended("close the Jbos of hansa@jbos.example in ./jbos.csv", ()) is None
