"""Values are whole or asked about: quotations, names with a number, names of nobody, columns that are not there."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.connectors.database_servers import SqliteWorld
from tests.planning.connected import SATURDAY, ZONE, Servers, office

from doer.app.doer import Doer
from doer.connectors.tools.database import database_tools
from doer.domain.goal import Abstention, Question
from doer.domain.known import Entity, Known
from doer.domain.plan import Plan
from doer.domain.template import to_json
from doer.planning.grounded import GroundedPlanner
from doer.planning.matching.lexicon import Profiles
from doer.planning.matching.quotes import odd_quote, unquoted
from doer.testing import ManualClock


def _given(plan: object, argument: str) -> list[object]:
    assert isinstance(plan, Plan), plan
    return [to_json(each.arguments[argument]) for each in plan.steps]


QUOTED: Sequence[tuple[str, str]] = [
    ('Send spent.csv to everybody in the platform group, subject "What we spent"', "What we spent"),
    ('Send invoice.pdf to Ana, subject "The invoice"', "The invoice"),
    ("Send invoice.pdf to Ana with the subject 'The invoice'", "The invoice"),
    ("Send invoice.pdf to bob.stone@acme.example with subject “Our invoice”", "Our invoice"),
    ("email invoice.pdf to Ana with subject «The invoice» please", "The invoice"),
    ('mail invoice.pdf to Ana, subject "The invoice".', "The invoice"),
    ("Send Ana invoice.pdf, subject \"The 'new' invoice\"", "The 'new' invoice"),
]


@pytest.mark.parametrize(("words", "subject"), QUOTED, ids=[each[0] for each in QUOTED])
async def test_a_subject_in_quotes_is_what_stands_in_them(
    words: str, subject: str, made: Servers, tmp_path: Path
) -> None:
    async with office(made, tmp_path) as doer:
        plan = await doer.plan(words)

    if isinstance(plan, Question):  # asked about is right, half a quotation is not
        assert "subject" not in plan.slot
        return
    assert set(map(str, _given(plan, "subject"))) == {subject}


@given(st.text("ab c", min_size=1), st.text("xy ", max_size=6), st.sampled_from(['""', "“”", "«»"]))
def test_no_span_that_ends_within_a_quotation_is_kept(inner: str, after: str, marks: str) -> None:
    text = f"subject {marks[0]}{inner}{marks[1]}{after}"
    quote = (8, 10 + len(inner))
    for start in range(8, len(text)):
        for end in range(start + 1, len(text) + 1):
            found = unquoted((start, end), text, [quote])
            if found is not None:
                held = text[slice(*found)]
                assert (marks[0] in held) == (marks[1] in held)
                assert not odd_quote(held)


@pytest.mark.parametrize(
    "text", ['Current prices"', '"Current prices', "Current prices”", "“Current prices", "«Prices", "Prices»"]
)
def test_a_text_with_half_a_quotation_is_told(text: str) -> None:
    assert odd_quote(text)
    assert not odd_quote(f"the word {text.strip(chr(34) + '”“«»')} alone")


PLACES: Sequence[tuple[str, str]] = [
    ('Set up "Closing" with Ana and Bob, Monday at 2 pm, 45 minutes, Room 1', "Room 1"),
    ('Schedule a meeting "Budget" with Ana on Monday at 2 pm in Room 1', "Room 1"),
    ('Schedule a meeting "Budget" with Ana on Monday at 2 pm in room 1', "room 1"),
    ('Book "Budget talk" with Ana, Tuesday at 3 pm, Room 12', "Room 12"),
    ("Schedule a meeting with Ana on Tuesday at 3 pm in Room 7", "Room 7"),
    ("Book a meeting with Bob Stone for Tuesday at 3 pm, Hall 3", "Hall 3"),
    ("The design review takes place in Room 5", "Room 5"),
    ("put Lunch talk on the calendar from Tuesday 12:00 to Tuesday 13:00 in Studio 4", "Studio 4"),
]


@pytest.mark.parametrize(("words", "place"), PLACES, ids=[each[0] for each in PLACES])
async def test_a_room_is_called_by_its_noun_and_its_number(
    words: str, place: str, made: Servers, tmp_path: Path
) -> None:
    async with office(made, tmp_path) as doer:
        plan = await doer.plan(words)

    if isinstance(plan, Plan):
        assert set(_given(plan, "location")) == {place}
    else:
        assert isinstance(plan, Question), plan


NAMELESS = [
    "Tag the last commit on main and push the tag",
    "tag the current commit on main",
    "push the tag on main",
    "create a branch from main",
    "tag the commit from today",
]


@pytest.mark.parametrize("words", NAMELESS)
async def test_words_that_say_where_are_no_name(words: str, made: Servers, tmp_path: Path) -> None:
    async with office(made, tmp_path) as doer:
        assert not isinstance(await doer.plan(words), Plan)


TABLES = (
    "CREATE TABLE tickets (id INTEGER PRIMARY KEY, title TEXT NOT NULL, assignee TEXT, customer TEXT NOT NULL)",
    """INSERT INTO tickets VALUES (4810, 'Login', 'bob', 'Globex'), (4811, 'Invoice', 'eve', 'Initech'),
    (4812, 'Export', 'ana', 'Globex'), (4814, 'Password', 'bob', 'Globex'), (4815, 'Dark mode', NULL, 'Initech')""",
)


def _person(user: str, name: str) -> Entity:
    return Entity("person", name, f"{user}@acme.example", (f"{user}@acme.example",))


PEOPLE = (
    _person("ana", "Ana Lopez"), _person("bob", "Bob Stone"), _person("eve", "Eve Martin"), _person("dana", "Dana Weiss"),
    _person("chris.young", "Chris Young"), _person("chris.adeyemi", "Chris Adeyemi"),
)  # fmt: skip


@pytest.fixture(scope="module")
def profiles() -> Profiles:
    return Profiles()


@pytest.fixture
async def crm(tmp_path: Path, profiles: Profiles) -> AsyncIterator[Doer]:
    world = SqliteWorld(tmp_path / "crm.db")
    world.run(*TABLES)
    tools = database_tools("crm", world.url, writable=("*",), once="operations-table")
    people = Known("directory", "directory", datetime(2026, 11, 21, tzinfo=UTC), (), PEOPLE)
    planner = GroundedPlanner((), (people,), {"crm": "database"}, profiles=profiles)
    async with Doer(
        tools=tools, planners=[planner], folder=tmp_path, clock=ManualClock(SATURDAY), timezone=ZONE
    ) as made:
        yield made


ASSIGNED: Sequence[tuple[str, str]] = [
    ("assign ticket 4815 to bob", "bob"),
    ("give ticket 4815 to Dana please", "dana"),
    ("assign ticket 4815 to Ana Lopez", "ana"),
    ("hand ticket 4815 over to eve", "eve"),
    ("ticket 4815 should go to Chris Young", "chris.young"),
]


@pytest.mark.parametrize(("words", "user"), ASSIGNED, ids=[each[0] for each in ASSIGNED])
async def test_somebody_who_is_known_is_written_as_the_column_writes_people(words: str, user: str, crm: Doer) -> None:
    assert _given(await crm.plan(words), "values") == [{"assignee": user}]


@pytest.mark.parametrize(
    "words",
    [
        "give ticket 4815 to Chris please", "assign ticket 4815 to Chris", "assign ticket 4815 to chris",
        "Ticket 4815 goes to Chris", "hand ticket 4815 over to Chris", "delegate ticket 4815 to Chris",
    ],
)  # fmt: skip
async def test_of_two_who_are_called_so_none_is_written(words: str, crm: Doer) -> None:
    asked = await crm.plan(words)

    assert isinstance(asked, Question), asked
    assert [each.value for each in asked.options] == ["chris.young", "chris.adeyemi"]


@pytest.mark.parametrize(
    "words", ["assign ticket 4815 to Peter", "give ticket 4815 to Peter", "the customer of ticket 4815 should be Nokia"]
)
async def test_a_value_that_nobody_has_and_nobody_is_called_is_asked_about_and_may_be_confirmed(
    words: str, crm: Doer
) -> None:
    run = await crm.do(words)

    assert run.question is not None, run
    said = run.question.options[-1]
    assert said.label.endswith("as it was said")
    done = await crm.answer(run.id, said.label)
    assert [dict(each.arguments["values"]) for each in done.steps if isinstance(each.arguments["values"], Mapping)]


COLUMNS: Sequence[tuple[str, str]] = [
    ("what do the amounts in spent.csv add up to", "59.90"),
    ("add up the amounts in spent.csv", "59.90"),
    ("add up the Amount column of spent.csv", "59.90"),
    ("sum of column amount in spent.csv", "59.90"),
    ("what is the total of the amounts in spent.csv", "59.90"),
]


@pytest.mark.parametrize(("words", "total"), COLUMNS, ids=[each[0] for each in COLUMNS])
async def test_a_column_is_found_whether_one_or_many_are_said(
    words: str, total: str, made: Servers, tmp_path: Path
) -> None:
    async with office(made, tmp_path) as doer:
        done = await doer.do(words)

    assert done.status == "done", done
    assert isinstance(done.steps[-1].result, Mapping)
    assert done.steps[-1].result["total"] == total


@pytest.mark.parametrize(
    "words",
    [
        "add up the discounts in spent.csv", "what do the prices in spent.csv add up to", "sum of column cost in spent.csv",
        "What do the hires in new_hires.csv add up to?", "add up the amounts in nowhere.csv",
    ],
)  # fmt: skip
async def test_a_total_that_is_known_to_fail_is_not_proposed(words: str, made: Servers, tmp_path: Path) -> None:
    async with office(made, tmp_path) as doer:
        assert isinstance(await doer.plan(words), Abstention | Question)
