"""Known entities and rows of reads: who is meant, which column, and which rows fit; doubt is a question."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doer.domain.errors import Transient
from doer.domain.goal import Question
from doer.domain.known import Entity, Known
from doer.domain.model import Prompt, Reply
from doer.domain.ports import Model
from doer.domain.template import Literal
from doer.domain.value import Json, JsonObject
from doer.planning.derived.acquaint import AGAIN, acquaint, acquaint_quietly, is_stale
from doer.planning.skills.columns import with_column
from doer.planning.skills.known_words import recognised
from doer.planning.skills.rows import Condition, narrow
from doer.planning.skills.skill import ColumnWanted, Select
from doer.planning.skills.slots import SlotSpec
from doer.planning.stop import Stop

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
TOMS = (Entity("person", "Tom Becker", "tom.b", ("tom.becker@acme.example",)), Entity("person", "Tom Hill", "tom.h"),
        Entity("person", "Ana Lopez", "ana", ("ana@acme.example",)))  # fmt: skip
GROUPS = (Entity("group", "Platform", "Platform"), Entity("group", "Sales EMEA", "Sales EMEA"))


def _person(**more: object) -> SlotSpec:
    return SlotSpec("user", "person", known="person", entities=TOMS, **more)  # type: ignore[arg-type]  # a test's short hand


def test_one_known_person_is_meant_by_a_first_name_and_two_are_asked_about() -> None:
    value, known = recognised(_person(), "Ana", "user", {})
    assert (value, [each.name for each in known]) == ("ana", ["Ana Lopez"])
    with pytest.raises(Stop) as stopped:
        recognised(_person(), "Tom", "user", {})
    question = stopped.value.proposal
    assert isinstance(question, Question)
    assert [each.value for each in question.options] == ["tom.b", "tom.h"]
    assert recognised(_person(), "tom.h", "user", {})[0] == "tom.h"


def test_an_address_is_taken_where_one_is_wanted_and_asked_for_where_none_is_known() -> None:
    assert recognised(_person(take="email"), "Ana", "to", {})[0] == "ana@acme.example"
    assert recognised(_person(take="email"), "x@y.example", "to", {})[0] == "x@y.example"
    with pytest.raises(Stop):
        recognised(_person(take="email"), "Tom Hill", "to", {})
    with pytest.raises(Stop):
        recognised(_person(take="email"), "Zoe", "to", {})


def test_a_group_is_known_with_or_without_the_word_team_and_others_are_asked_about() -> None:
    slot = SlotSpec("group", known="group", entities=GROUPS)

    assert recognised(slot, "the platform team", "group", {})[0] == "Platform"
    assert recognised(slot, "sales emea", "group", {})[0] == "Sales EMEA"
    with pytest.raises(Stop):
        recognised(slot, "sales", "group", {})


def test_words_that_are_kept_are_kept_once_they_are_clear() -> None:
    assert recognised(_person(take="said"), "Ana", "who", {}) == ("Ana", ())
    with pytest.raises(Stop):
        recognised(_person(take="said"), "Tom", "who", {})


ROWS: tuple[JsonObject, ...] = (
    {"id": "a", "title": "Pricing", "start": "2026-11-23T15:00:00+01:00", "who": ["ana.lopez@acme.example"]},
    {"id": "b", "title": "Anagram club", "start": "2026-11-24T15:00:00+01:00", "who": []},
    {"id": "c", "title": "1:1 with Ana", "start": "2026-11-24T09:00:00+01:00", "who": []},
    {"id": "c", "title": "1:1 with Ana", "start": "2026-12-01T09:00:00+01:00", "who": []},
)


@pytest.mark.parametrize(
    ("conditions", "more", "ids"),
    [
        ([Condition(("title", "who"), "mentions", "Ana")], {}, ["a", "c", "c"]),
        ([Condition(("title", "who"), "mentions", "Ana")], {"unique": "id"}, ["a", "c"]),
        ([Condition(("start",), "at_clock", "15:00")], {}, ["a", "b"]),
        ([Condition(("start",), "at_clock", "14:00")], {}, []),
        ([Condition(("start",), "on_day", "2026-11-24")], {"order": ("start",)}, ["c", "b"]),
        ([Condition(("title",), "like", "1:1*")], {"order": ("-start",), "limit": 1}, ["c"]),
        ([Condition(("start",), "less", "2026-11-24T00:00:00Z")], {}, ["a"]),
        ([Condition(("title",), "contains", "ANA")], {"first": "start", "order": ("start",)}, ["c"]),
        ([Condition(("id",), "in", ["a", "b"])], {}, ["a", "b"]),
    ],
)
def test_rows_are_narrowed_by_typed_conditions(
    conditions: list[Condition], more: dict[str, object], ids: list[str]
) -> None:
    select = Select("rows", "calendar.find", {}, **more)  # type: ignore[arg-type]  # a test's short hand

    found = narrow(select, ROWS, conditions, "Europe/Berlin")

    assert [each["id"] for each in found if isinstance(each, dict)] == ids


@given(st.lists(st.integers(-50, 50), max_size=20), st.booleans())
def test_order_is_by_size_and_loses_no_row(numbers: list[int], newest: bool) -> None:
    select = Select("rows", "x.y", {"a": Literal(1)}, order=("-n" if newest else "n",))

    found = narrow(select, [{"n": each} for each in numbers], [], "UTC")

    assert [each["n"] for each in found if isinstance(each, dict)] == sorted(numbers, reverse=newest)


PLAIN = ColumnWanted("user", ("user_name", "email"), "email")


def test_the_column_is_found_by_name_then_by_content_and_asked_for_in_doubt() -> None:
    assert with_column(PLAIN, [{"Name": "A", "E-Mail": "a@x.example"}], "c", None)[0]["user"] == "a@x.example"  # type: ignore[index,call-overload]
    assert with_column(PLAIN, [{"who": "A", "reach": "a@x.example"}], "c", None)[0]["user"] == "a@x.example"  # type: ignore[index,call-overload]
    with pytest.raises(Stop):
        with_column(PLAIN, [{"a": "a@x.example", "b": "b@x.example"}], "c", None)
    with pytest.raises(Stop):
        with_column(PLAIN, [{"email": "a@x.example"}, {"email": ""}], "c", None)
    answered = with_column(PLAIN, [{"a": "a@x.example", "b": "b@x.example"}], "c", ("b", None))
    assert answered[0]["user"] == "b@x.example"  # type: ignore[index,call-overload]


class Systems:
    """Answers reads; a tool that is not among them does not answer."""

    def __init__(self, answers: dict[str, Json]) -> None:
        self.answers = answers

    async def read(self, tool: str, arguments: JsonObject) -> Json:
        if tool not in self.answers:
            raise Transient(f"{tool} does not answer")
        return self.answers[tool]

    async def ask(self, model: Model, prompt: Prompt) -> Reply:
        raise AssertionError("what is known is read, no model is asked")


PEOPLE: Json = {
    "users": [{"user_name": "ana", "display_name": "Ana Lopez", "email": "ana@acme.example", "password": "x"}]
}


async def test_people_and_groups_are_learnt_with_source_and_time_and_nothing_else() -> None:
    reader = Systems({"hr.find_users": PEOPLE, "hr.find_groups": {"groups": [{"display_name": "Platform"}]}})

    known = await acquaint("hr", "directory", {"hr.find_users", "hr.find_groups"}, reader, NOW)

    assert (known.connection, known.read_at) == ("hr", NOW)
    assert [(each.kind, each.name, each.value) for each in known.entities] == [
        ("person", "Ana Lopez", "ana"),
        ("group", "Platform", "Platform"),
    ]
    assert "x" not in [text for each in known.entities for text in (each.name, each.value, *each.also)]


async def test_attendees_are_people_with_the_name_in_their_address() -> None:
    events: Json = {"events": [{"attendees": ["Ana.Lopez@acme.example"]}, {"attendees": ["ana.lopez@acme.example"]}]}

    known = await acquaint("work", "calendar", {"work.find_events"}, Systems({"work.find_events": events}), NOW)

    assert [(each.name, each.value) for each in known.entities if each.kind == "person"] == [
        ("Ana Lopez", "ana.lopez@acme.example")
    ]


async def test_a_system_that_does_not_answer_is_left_alone_for_a_while_and_what_was_known_stands() -> None:
    before = Known("hr", "directory", NOW.replace(day=1), (), GROUPS)

    known = await acquaint_quietly("hr", "directory", {"hr.find_users"}, Systems({}), NOW, before)
    never = await acquaint_quietly("hr", "directory", {"hr.find_users"}, Systems({}), NOW, None)

    assert known.entities == GROUPS
    assert never.entities == ()
    assert not is_stale(known, NOW)
    assert is_stale(known, NOW + 2 * AGAIN)


def test_what_is_known_lasts_a_day() -> None:
    fresh = Known("crm", "database", NOW)

    assert is_stale(None, NOW)
    assert not is_stale(fresh, NOW.replace(hour=23))
    assert is_stale(fresh, NOW.replace(day=23))
