"""What a request says in other shapes than a value of its own: options of a description, records, periods, lists of names and words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import pytest

from doer.domain.action import Manifest
from doer.domain.goal import Goal, Question
from doer.domain.plan import Plan
from doer.domain.ports import Proposal
from doer.domain.scoring import Candidate, Heard, ParameterScore, ParameterText, ToolScore, ToolText
from doer.domain.template import Literal
from doer.domain.value import Json, JsonObject, Principal
from doer.intent.grounder import Grounder
from doer.intent.mention import Setting
from doer.planning.action.flags import told as flag
from doer.planning.action.forms import date_form
from doer.planning.action.options import called, told_options
from doer.planning.action.periods import told_by
from doer.planning.action.records import written
from doer.planning.action.schema import leaf, tool_text
from doer.planning.action.sense import shown
from doer.planning.action.values import read_value
from doer.planning.action_model import ActionPlanner
from doer.planning.words.candidates import listen
from doer.planning.words.coordination import chain
from doer.testing.planner import NothingToRead
from doer.testing.scorer import ScriptedScorer

GROUNDER = Grounder(Setting(datetime(2026, 11, 20, 8, tzinfo=UTC)))
TEXT: JsonObject = {"type": "string"}
Wanted = Mapping[str, str | Sequence[str]]


def told(description: str) -> JsonObject:
    return {"type": "string", "description": description}


def tool(name: str, properties: JsonObject, *required: str) -> Manifest:
    parameters: JsonObject = {"type": "object", "properties": properties, "required": list(required)}
    return Manifest(name, f"{name.replace('_', ' ')} for somebody", parameters, "write")


class Leaning(ScriptedScorer):
    """A scorer that leans a little to other words as well."""

    def __init__(self, wanted: Mapping[str, Wanted], leans: Mapping[str, Mapping[str, float]]) -> None:
        super().__init__(wanted)
        self._leans = leans

    def score(self, heard: Heard, tools: Sequence[ToolText]) -> Sequence[ToolScore]:
        """Return what was written down, and the leaning."""
        return [
            replace(score, parameters=tuple(map(partial(self._leaning, heard), tool.parameters, score.parameters)))
            for tool, score in zip(tools, super().score(heard, tools), strict=True)
        ]

    def _leaning(self, heard: Heard, parameter: ParameterText, score: ParameterScore) -> ParameterScore:
        leans = self._leans.get(parameter.name, {})
        words = [heard.text[each.start : each.end] for each in heard.candidates]
        more = [max(chance, leans.get(each, 0.0)) for each, chance in zip(words, score.spans, strict=False)]
        return replace(score, spans=tuple(more))


async def said_of(scorer: ScriptedScorer, text: str, *tools: Manifest) -> dict[str, Json]:
    goal = Goal(text, Principal("sam"), datetime(2026, 11, 20, 8, 0, tzinfo=UTC))
    plan = await ActionPlanner(scorer, 0.0, 0.0).propose(goal, (), tools, NothingToRead())
    assert isinstance(plan, Plan), plan
    return {name: each.value for name, each in plan.steps[0].arguments.items() if isinstance(each, Literal)}


async def propose(text: str, wanted: Mapping[str, Wanted], *tools: Manifest) -> Proposal:
    goal = Goal(text, Principal("sam"), datetime(2026, 11, 20, 8, 0, tzinfo=UTC))
    return await ActionPlanner(ScriptedScorer(wanted), 0.0, 0.0).propose(goal, (), tools, NothingToRead())


async def call(text: str, wanted: Mapping[str, Wanted], one: Manifest) -> dict[str, Json]:
    return await said_of(ScriptedScorer(wanted), text, one)


@pytest.mark.parametrize(
    ("description", "options"),
    [
        ("One of flat, 3d, material.", ("flat", "3d", "material")), ("One of: [m, s, f]. The unit.", ("m", "s", "f")),
        ("Whether to keep it, 'yes' or 'no'.", ("yes", "no")), ("Keep it (Yes/No)", ("Yes", "No")), ("e.g. 'yes', 'no'", ("yes", "no")),
        ("Sort order (asc/desc)", ("asc", "desc")), ('Set to "low", "medium" or "high".', ("low", "medium", "high")),
        ("The method, options include 'Credit Card', 'Cash'.", ("Credit Card", "Cash")), ("('M' for male or 'F' for female)", ("M", "F")),
        ("Must be one of the following: celsius, fahrenheit", ("celsius", "fahrenheit")), ("Sort: asc|desc", ("asc", "desc")),
    ],
)  # fmt: skip
def test_a_list_that_closes_is_all_that_a_parameter_takes(description: str, options: tuple[str, ...]) -> None:
    assert told_options(description) == options


@pytest.mark.parametrize(
    "description",
    [
        "A colour, e.g. 'red' or 'blue'", "A style such as 'modern' or 'cosy'", "A colour, 'red', 'blue' or a hex code", "A city name or a zip code",
        "The country (e.g., Norway, Sweden)", "One of your friends", "The time to switch the device on or off", "The place as city/state",
        "formatted as 'Q1 2023' or '2023'", "The distance in km or miles",
    ],
)  # fmt: skip
def test_examples_and_prose_close_nothing(description: str) -> None:
    assert told_options(description) == ()


def test_what_takes_yes_or_no_in_words_is_asked_about_as_a_boolean() -> None:
    properties: JsonObject = {"keep": told("Keep a copy, 'no' or 'yes'."), "unit": told("One of: [m, f]")}
    one, other = tool_text("t", "", {"type": "object", "properties": properties}).parameters
    assert (one.shape, one.choices) == ("boolean", ("true", "false"))
    assert (other.shape, other.choices) == ("string", ("m", "f"))


async def test_yes_is_written_as_the_description_writes_it() -> None:
    fetch = tool("fetch", {"title": TEXT, "keep": told("Keep a copy, 'No' or 'Yes'.")}, "title")
    assert await call("Fetch Dune and keep a copy", {"fetch": {"title": "Dune", "keep": "true"}}, fetch) == {
        "title": "Dune",
        "keep": "Yes",
    }


async def test_a_code_is_taken_only_where_what_it_stands_for_is_said() -> None:
    weather = tool("weather", {"city": TEXT, "unit": told("One of: [m, f]. (m: Metric, f: Fahrenheit)")}, "city")
    wanted: Wanted = {"city": "Oslo", "unit": "f"}
    assert called("f", "One of: [m, f]. (m: Metric, f: Fahrenheit)") == "Fahrenheit"
    assert await call("weather of Oslo in fahrenheit", {"weather": wanted}, weather) == {"city": "Oslo", "unit": "f"}
    assert await call("I'm off: weather of Oslo", {"weather": {**wanted, "unit": "m"}}, weather) == {"city": "Oslo"}


@pytest.mark.parametrize(
    ("name", "words", "value"),
    [
        ("start_date", "2010", "2010-01-01"), ("end_date", "2010", "2010-12-31"), ("end", "February 2024", "2024-02-29"),
        ("since", "this week", "2026-11-16"), ("day", "2010", "2010"), ("start", "soon", None),
    ],
)  # fmt: skip
def test_a_period_begins_and_ends_where_days_are_asked_for(name: str, words: str, value: Json) -> None:
    mention = next((each for each in GROUNDER.mentions(words) if each.text == words), None)
    assert read_value(words, "", mention, name, told("Day in YYYY-MM-DD format")) == value


async def test_one_period_tells_its_first_day_and_its_last() -> None:
    day = told("Day in YYYY-MM-DD format")
    report = tool("report", {"start_date": day, "end_date": day}, "start_date", "end_date")
    wanted = {"report": {"start_date": "July 2021", "end_date": "July 2021"}}
    assert await call("report for July 2021", wanted, report) == {"start_date": "2021-07-01", "end_date": "2021-07-31"}


async def test_a_month_that_was_named_is_its_number_and_no_day_is_taken_that_begins_or_ends_nothing() -> None:
    month: JsonObject = {"type": "integer", "description": "month, 1 to 12"}
    report = tool("report", {"month": month, "year": month}, "month", "year")
    said = "report for July 2021"
    assert await call(said, {"report": {"month": "July", "year": "2021"}}, report) == {"month": 7, "year": 2021}
    assert told_by("2021-07-31", "all of July 2021") == "July 2021"
    assert told_by("2021-12-31", "in 2021") == "2021"
    assert told_by("2021-07-30", "all of July 2021, and 2021") is None


@pytest.mark.parametrize(
    ("asked", "form"),
    [("MM/YY", "%m/%y"), ("YYYY-MM or YYYY-Qn", "%Y-%m"), ("'YYYY-YYYY'", ""), ("MM-DD-YYYY", "%m-%d-%Y")],
)
def test_two_years_are_no_date_and_two_digits_are_a_year(asked: str, form: str) -> None:
    assert date_form(asked) == form


def test_forms_of_months_leave_room_for_others_and_are_written() -> None:
    schema = told("Format should be YYYY-MM or YYYY-Qn")
    assert read_value("Q1 2023", "", None, "timeFrame", schema) == "Q1 2023"
    assert read_value("July 2021", "", None, "timeFrame", schema) == "2021-07"
    assert read_value("12/25", "", None, "expiryDate", told("in MM/YY format")) == "12/25"


def test_a_moment_with_its_offset_stays_as_it_was_written() -> None:
    words = "2020-05-06T10:00:00Z"
    schema: JsonObject = {"type": "string", "format": "date-time"}
    assert read_value(words, "", GROUNDER.mentions(words)[0], "at", schema) == words


def test_parts_of_a_month_and_the_length_of_a_period_may_be_said() -> None:
    listened = listen(("logs of the past two weeks, and the report for July 2021",), GROUNDER)
    kinds = {listened.heard.text[each.start : each.end]: each.kind for each in listened.heard.candidates}
    assert (kinds["two weeks"], kinds["July"], kinds["2021"]) == ("duration", "number", "number")


def test_names_and_plain_words_are_of_one_list_and_hardly_likely_ones_where_edges_are_plain() -> None:
    text = "metrics such as time savings, cost and LED"
    words = {"time savings": "", "savings": "", "cost": "", "LED": "person"}
    candidates = [Candidate(text.index(each), text.index(each) + len(each), kind) for each, kind in words.items()]
    chances = [0.002, 0.003, 0.9, 0.1]
    found = chain(text, candidates, chances, 2, 0.004, loose=True)
    assert [text[candidates[each].start : candidates[each].end] for each in found] == ["time savings", "cost", "LED"]
    assert chain(text, candidates, chances, 2, 0.004) == [2]


ROW: JsonObject = {
    "type": "object",
    "properties": {"visit_id": TEXT, "day": {"type": "string", "format": "date"}, "tags": {"type": "array", "items": TEXT}, "level": {"type": "integer"}},
    "required": ["visit_id"],
}  # fmt: skip
ROWS: JsonObject = {"type": "object", "properties": {"visits": {"type": "array", "items": ROW}}}


@pytest.mark.parametrize(
    "said",
    [
        'log [{"visit_id": "E1", "level": 7, "tags": ["a", "b"]}, {"visit_id": "E2", "level": 4}]',
        "log [{'visit_id': 'E1', 'level': 7, 'tags': ['a', 'b']}, {'visit_id': 'E2', 'level': 4}], please",
        "Here they are:\n1. Visit ID: E1, Level: 7, Tags: a and b\n2. Visit ID: E2, Level: 4",
        "- ID: E1\n- Tags: a, b\n- Level: 7\n- ID: E2\n- Level: 4.",
        "1. E1:\n - Level: 7\n - Tags: a, b\n2. E2:\n - Level: 4",
        '"visit_id": "E1", "level": 7, "tags": ["a", "b"]; "visit_id": "E2", "level": 4.',
    ],
)
def test_records_are_read_as_they_are_written(said: str) -> None:
    found = written(listen((said,), GROUNDER), ROWS, "visits")
    assert found is not None
    assert found[0] == [{"visit_id": "E1", "level": 7, "tags": ["a", "b"]}, {"visit_id": "E2", "level": 4}]


@pytest.mark.parametrize(
    "said",
    ["log [1, 2]", 'log [{"visit": "E1"}]', "Level: 7, Tags: a", "see visit: level 7", "ID: E1, Level: seven or so"],
)
def test_what_is_no_whole_record_is_not_read_as_one(said: str) -> None:
    assert written(listen((said,), GROUNDER), ROWS, "visits") is None


async def test_words_of_a_written_list_are_no_other_argument() -> None:
    log = tool("log", {**ROWS["properties"], "level": {"type": "integer"}}, "visits")  # type: ignore[dict-item]
    said = 'log [{"visit_id": "E1", "level": 7}]'
    assert await call(said, {"log": {"level": "7"}}, log) == {"visits": [{"visit_id": "E1", "level": 7}]}


async def test_words_of_an_unasked_list_are_free_for_what_is_needed() -> None:
    figure: JsonObject = {"type": "object", "properties": {"name": TEXT, "deed": TEXT}, "required": ["name", "deed"]}
    look = tool("look", {"figures": {"type": "array", "items": figure}, "name": TEXT}, "name")
    assert await call("look for Helena", {"look": {"figures.name": "Helena", "name": "Helena"}}, look) == {
        "name": "Helena"
    }


async def test_a_list_that_a_begun_object_needs_is_asked_for() -> None:
    sample: JsonObject = {"type": "object", "properties": {"id": TEXT, "state": TEXT}, "required": ["id", "state"]}
    fields: JsonObject = {"id": TEXT, "samples": {"type": "array", "items": sample}}
    nested: JsonObject = {"type": "object", "properties": fields, "required": ["id", "samples"]}
    check = tool("check", {"site": nested})
    assert isinstance(
        await propose("check M1 with A", {"check": {"site.id": "M1", "site.samples.id": "A"}}, check), Question
    )


@pytest.mark.parametrize(
    ("name", "said", "meant"),
    [
        ("include_contact_info", "find contact information for Ada", True), ("logActivity", "Yes, please log the activity.", True),
        ("includeVideo", "the guide without the video", False), ("accessibilityNeeds", "we don't have any accessibility needs", False),
        ("calendar_integration", "keep it short. Yes, integrate it with the calendar", True), ("include_user", "include texts and user details", True),
        ("video", "send me the video of Ada", None), ("only", "only this", None), ("exclude_ads", "without ads", None),
        ("detailed_analysis", "a detailed plan. The analysis can wait", None),
    ],
)  # fmt: skip
def test_a_flag_is_said_or_denied_by_the_words_of_its_name(name: str, said: str, meant: bool | None) -> None:
    assert flag(name, said) is meant


def test_an_example_of_the_description_is_likelier_than_what_stands_beside_it() -> None:
    described = "The level of difficulty (e.g., beginner, ground state, advanced)"
    assert (
        worth(described, "Beginner-level yoga", "Beginner") == worth(described, "in ground state", "ground state") > 0
    )
    assert worth(described, "the state", "state") == worth("The level", "a beginner", "beginner") == 0
    assert worth("Order (e.g. top, new)", "the top-20", "top") == worth("The scale (e.g. A, B)", "a", "a") == 0


def worth(described: str, text: str, words: str) -> float:
    return shown(described, text, (text.index(words), text.index(words) + len(words)))


def test_numbers_with_their_unit_and_numbers_in_quotation_marks_are_numbers() -> None:
    listened = listen(("300g of rice, 2GB, study '69' called 'B 7', room 12C, on 15th March",), GROUNDER)
    kinds = {listened.heard.text[each.start : each.end]: each.kind for each in listened.heard.candidates}
    assert (kinds["300"], kinds["2"], kinds["69"]) == ("number", "number", "number")
    assert "12" not in kinds
    assert kinds["B 7"] == "quoted"
    assert kinds["15th March"] == "date"


COSTS: JsonObject = {
    "type": "object", "properties": {"name": TEXT, "amount": {"type": "number"}}, "required": ["name", "amount"],
}  # fmt: skip
BUDGET = tool("budget", {"costs": {"type": "array", "items": COSTS}, "saving": {"type": "number"}}, "costs")


async def test_rows_that_are_built_alike_are_objects_though_the_network_sees_but_one() -> None:
    said = "a budget with rent $900, food $150, and power $100. Save $300"
    wanted: Wanted = {"costs.name": ["rent", "food", "power"], "costs.amount": ["$100"], "saving": ["$300"]}
    scores = Leaning({"budget": wanted}, {"costs.amount": {"$900": 0.004, "$150": 0.004}})
    found = await said_of(scores, said, BUDGET)
    rows = [("rent", 900), ("food", 150), ("power", 100)]
    assert found == {"costs": [{"name": name, "amount": amount} for name, amount in rows], "saving": 300}


def test_a_moment_whose_zone_is_told_beside_it_or_that_is_shown_without_one_has_no_offset() -> None:
    moment: JsonObject = {"type": "string", "format": "date-time"}
    beside: JsonObject = {"type": "object", "properties": {"start": moment, "timeZone": TEXT}}
    alone: JsonObject = {"type": "object", "properties": {"start": moment}}
    shown_so: JsonObject = {**moment, "description": "e.g. 2026-01-01T09:00:00"}
    shown_else: JsonObject = {**moment, "description": "e.g. 2026-01-01T09:00:00+02:00"}
    words = "10 December 2026 at 15:00"
    mention = GROUNDER.mentions(words)[0]
    for schema, value in (
        (leaf(beside, "start"), "2026-12-10T15:00:00"), (leaf(alone, "start"), "2026-12-10T15:00:00+00:00"),
        (shown_so, "2026-12-10T15:00:00"), (shown_else, "2026-12-10T15:00:00+00:00"),
    ):  # fmt: skip
        assert read_value(words, "", mention, "start", schema) == value


@pytest.mark.parametrize(
    ("name", "words", "after", "value"),
    [
        ("company", "XYZ Inc", ". in Oslo", "XYZ Inc."), ("company", "XYZ Inc", " in Oslo", "XYZ Inc"), ("degree", "Ph.D", ". in", "Ph.D."),
        ("country", "U.S", ".", "U.S."), ("city", "Oslo", ".", "Oslo"), ("year", "March 2026", "", "2026"), ("title", "March 2026", "", "March 2026"),
    ],
)  # fmt: skip
def test_marks_that_belong_to_a_value_stay_and_a_year_is_a_year(name: str, words: str, after: str, value: str) -> None:
    assert read_value(words, after, None, name, TEXT) == value
