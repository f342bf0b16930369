"""The action planner: whatever a network proposes, only valid plans come out, with the words they came from; else a question."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doer.domain.action import Manifest
from doer.domain.goal import Abstention, Answer, Declined, Goal, Question
from doer.domain.plan import Plan
from doer.domain.ports import Proposal
from doer.domain.scoring import Heard, ParameterScore, ParameterText, ToolScore, ToolText
from doer.domain.template import Literal
from doer.domain.value import Json, JsonObject, Principal
from doer.planning.action_model import ActionPlanner
from doer.planning.validate import validate
from doer.testing.planner import NothingToRead
from doer.testing.scorer import ScriptedScorer

SAID_AT = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)  # a Friday


class Wild:
    """A scorer whose every number is drawn at random: nothing that it proposes can be relied on."""

    name = "wild"

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def nearest(self, text: str, tools: Sequence[ToolText]) -> Sequence[float]:
        return [self.chance.uniform(-1, 1) for _ in tools]

    def meant(self, relevance: float, near: float, lead: float) -> float:
        return relevance

    def worth(self, evidence: Sequence[float]) -> float:
        near, relevance, missing, taken, _, before = evidence
        return 3.5 * near + 0.65 * relevance - 0.9 * missing + 1.1 * taken - 3 * before

    def sure(self, signs: Sequence[float]) -> float:
        return 0.5

    def trust(self, raw: float) -> float:
        return 1.0

    def score(self, heard: Heard, tools: Sequence[ToolText]) -> Sequence[ToolScore]:
        return [
            ToolScore(self._any(), self._any(), tuple(self._one(heard, each) for each in tool.parameters))
            for tool in tools
        ]

    def _one(self, heard: Heard, parameter: ParameterText) -> ParameterScore:
        many = len(parameter.choices) or len(heard.candidates)
        drawn = [self._any() ** 4 for _ in range(many + 1)]
        shares = tuple(each / sum(drawn) for each in drawn)
        choice = bool(parameter.choices)
        return ParameterScore(shares[0], () if choice else shares[1:], shares[1:] if choice else ())

    def _any(self) -> float:
        return self.chance.uniform(0.01, 1)


def tool(name: str, properties: JsonObject, required: Sequence[str] = (), **more: object) -> Manifest:
    parameters: JsonObject = {
        "type": "object", "properties": properties, "required": list(required), "additionalProperties": False,
    }  # fmt: skip
    return Manifest(name, f"{name.replace('_', ' ')} for somebody", parameters, "write", **more)  # type: ignore[arg-type]


TEXT: JsonObject = {"type": "string"}
WEATHER = tool("get_weather", {"city": TEXT, "day": {"type": "string", "format": "date"}}, ("city",))
ROOM = tool(
    "book_room",
    {
        "room": {"type": "string", "enum": ["Blue", "Green"]},
        "people": {"type": "integer", "minimum": 1, "maximum": 20},
        "guests": {"type": "array", "items": TEXT},
        "catering": {"type": "boolean"},
        "place": {"type": "object", "properties": {"street": TEXT, "city": TEXT}, "required": ["city"]},
    },
    ("room",),
)


async def propose(
    text: str,
    scorer: object,
    tools: Sequence[Manifest] = (WEATHER, ROOM),
    answers: Sequence[Answer] = (),
    trusted: float = 0.5,
    sure: float = 0.0,
    **more: object,
) -> Proposal:
    goal = Goal(text, Principal("sam"), SAID_AT, "Europe/Berlin", **more)  # type: ignore[arg-type]
    return await ActionPlanner(scorer, trusted, sure).propose(goal, answers, tools, NothingToRead())  # type: ignore[arg-type]


def arguments(proposal: Proposal) -> list[tuple[str, dict[str, Json]]]:
    assert isinstance(proposal, Plan), proposal
    return [
        (step.tool, {name: each.value for name, each in step.arguments.items() if isinstance(each, Literal)})
        for step in proposal.steps
    ]


async def test_words_become_typed_arguments_and_say_where_they_stand() -> None:
    said = "How is the weather in Oslo tomorrow?"
    plan = await propose(said, ScriptedScorer({"get_weather": {"city": "Oslo", "day": "tomorrow"}}))
    assert arguments(plan) == [("get_weather", {"city": "Oslo", "day": "2026-11-21"})]
    assert isinstance(plan, Plan)
    origin = plan.steps[0].provenance["city"]
    assert (origin.source, said[origin.start : origin.end]) == ("words", "Oslo")
    assert plan.planner == "scripted"


async def test_choices_numbers_lists_and_objects_take_their_types() -> None:
    wanted: dict[str, str | Sequence[str]] = {
        "room": "Green",
        "people": "six",
        "guests": ["Ada", "Grace"],
        "catering": "true",
        "place.city": "Bonn",
    }
    plan = await propose(
        "Book Green for six with Ada and Grace in Bonn, with catering", ScriptedScorer({"book_room": wanted})
    )
    assert arguments(plan) == [
        (
            "book_room",
            {"room": "Green", "people": 6, "guests": ["Ada", "Grace"], "catering": True, "place": {"city": "Bonn"}},
        )
    ]


async def test_a_list_of_values_for_one_parameter_makes_one_call_each() -> None:
    plan = await propose(
        "Weather in Oslo and Lima", ScriptedScorer({"get_weather": {"city": ["Oslo", "Lima"]}}, several=0.9)
    )
    assert arguments(plan) == [("get_weather", {"city": "Oslo"}), ("get_weather", {"city": "Lima"})]


async def test_two_tools_are_called_in_the_order_in_which_they_were_said() -> None:
    wanted: dict[str, dict[str, str | Sequence[str]]] = {
        "get_weather": {"city": "Oslo"},
        "book_room": {"room": "Blue", "guests": ["Ada"]},
    }
    plan = await propose("Book the Blue room for Ada. Then tell me the weather in Oslo.", ScriptedScorer(wanted))
    assert [name for name, _ in arguments(plan)] == ["book_room", "get_weather"]


async def test_a_required_parameter_that_nobody_said_is_asked_for_and_the_answer_fills_it() -> None:
    scorer = ScriptedScorer({"get_weather": {"day": "tomorrow"}})
    asked = await propose("What will the weather be tomorrow?", scorer)
    assert isinstance(asked, Question)
    assert asked.slot == "s1.city"
    told = await propose("What will the weather be tomorrow?", scorer, answers=[Answer("s1.city", "Oslo")])
    assert arguments(told) == [("get_weather", {"city": "Oslo", "day": "2026-11-21"})]


async def test_a_tool_that_is_not_meant_is_not_called() -> None:
    gone = await propose("Sing me a song", ScriptedScorer({}))
    assert isinstance(gone, Abstention)
    assert set(gone.nearest) <= {"get_weather", "book_room"}


async def test_what_is_not_sure_enough_is_not_proposed() -> None:
    unsure = await propose("Weather in Oslo", ScriptedScorer({"get_weather": {"city": "Oslo"}}, sure=0.51))
    assert isinstance(unsure, Abstention)
    assert "not sure" in unsure.reason


async def test_a_number_outside_its_range_is_asked_for_again_and_the_answer_fills_it() -> None:
    scorer = ScriptedScorer({"book_room": {"room": "Green", "people": "600"}})
    asked = await propose("Book Green for 600 people", scorer, trusted=0)
    assert isinstance(asked, Question)
    assert (asked.slot, asked.text) == (
        "s1.people",
        "'600' cannot be people for book_room: 600 is greater than the maximum of 20. What is it?",
    )
    told = await propose("Book Green for 600 people", scorer, answers=[Answer("s1.people", "6")], trusted=0)
    assert arguments(told) == [("book_room", {"room": "Green", "people": 6})]


@pytest.mark.parametrize(
    ("name", "schema", "said", "why"),
    [
        ("email", TEXT, "user.example.com", "no mail address"), ("city", TEXT, "New@York", "a sign is in the middle"),
        ("city", TEXT, "Berlin321", "digits and letters"), ("weight", {"type": "number"}, "minus 5", "less than nothing"),
        ("code", {"type": "string", "pattern": "^[0-9]{5}$"}, "1234", "does not match"),
        ("day", {"type": "string", "format": "date"}, "February 30, 2026", "does not exist"),
    ],
)  # fmt: skip
async def test_what_was_said_and_cannot_be_is_named_with_the_reason(
    name: str, schema: JsonObject, said: str, why: str
) -> None:
    asked = await propose(
        f"Set it to {said} now", ScriptedScorer({"set_it": {name: said}}), [tool("set_it", {name: schema})], trusted=0
    )
    assert isinstance(asked, Question), asked
    assert asked.slot == f"s1.{name}"
    assert why in asked.text


async def test_two_parameters_never_share_words() -> None:
    move = tool("move_file", {"source": TEXT, "target": TEXT})
    plan = await propose(
        "Move notes there", ScriptedScorer({"move_file": {"source": "notes", "target": "notes"}}), [move], trusted=0
    )
    ((_, made),) = arguments(plan)
    assert list(made.values()) == ["notes"]


async def test_of_two_tools_that_are_as_near_the_one_whose_call_is_complete_is_chosen() -> None:
    wanted: dict[str, dict[str, str | Sequence[str]]] = {"assess_impact": {}, "get_impact": {"firm": "Acme"}}
    tools = [
        tool("assess_impact", {"firm": TEXT, "year": TEXT}, ("year",)),
        tool("get_impact", {"firm": TEXT}, ("firm",)),
    ]
    plan = await propose("Tell me of the impact of Acme", ScriptedScorer(wanted), tools, trusted=0)
    assert arguments(plan) == [("get_impact", {"firm": "Acme"})]


async def test_two_parameters_take_the_same_words_from_two_places_only_for_want_of_others() -> None:
    trip = tool("plan_trip", {"origin": TEXT, "target": TEXT})

    class Undecided(ScriptedScorer):
        def _one(self, heard: Heard, parameter: ParameterText, wanted: object) -> ParameterScore:
            words = [heard.text[each.start : each.end] for each in heard.candidates]
            shares = tuple(0.32 if each == "Oslo" else 0.26 if each == "Bonn" else 0.0 for each in words)
            return ParameterScore(1 - sum(shares), shares, ())

    plan = await propose("A trip from Bonn to Oslo, yes, to Oslo", Undecided({"plan_trip": {}}), [trip], trusted=0)
    ((_, made),) = arguments(plan)
    assert sorted(map(str, made.values())) == ["Bonn", "Oslo"]


async def test_what_was_said_in_an_earlier_turn_is_used() -> None:
    scorer = ScriptedScorer({"get_weather": {"city": "Oslo"}})
    plan = await propose("Yes, there.", scorer, context=("How is the weather in Oslo?", "In Oslo, Norway?"))
    assert arguments(plan) == [("get_weather", {"city": "Oslo"})]


LEAVES: Sequence[JsonObject] = (
    TEXT, {"type": "string", "maxLength": 5}, {"type": "string", "pattern": "^[a-z]+$"}, {"type": "string", "format": "email"},
    {"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}, {"type": "string", "enum": ["one", "two", "3"]},
    {"type": "integer"}, {"type": "integer", "minimum": 10, "maximum": 12}, {"type": "number", "exclusiveMinimum": 0},
    {"type": "boolean"}, {"enum": [1, 2, None]}, {"type": "array", "items": {"type": "integer"}, "maxItems": 2},
    {"type": "array", "items": TEXT, "minItems": 2}, {"type": ["string", "null"]}, {"const": "fixed"}, {},
    {"type": "array", "items": {"type": "object", "properties": {"a": TEXT}, "required": ["a"]}}, {"$ref": "#/$defs/missing"},
    {"type": "string", "enum": [str(n) for n in range(30)]}, {"type": "null"}, {"anyOf": [{"type": "integer"}, {"type": "boolean"}]},
)  # fmt: skip
NAMES = st.sampled_from(
    ("city", "date", "start_time", "amount", "id", "to", "people", "a b", "größe", "x.y", "items", "n")
)


def objects(inner: st.SearchStrategy[JsonObject]) -> st.SearchStrategy[JsonObject]:
    return st.builds(
        lambda fields, required: {
            "type": "object", "properties": fields, "required": [each for each in fields if each in required],
            "additionalProperties": False,
        },
        st.dictionaries(NAMES, inner, max_size=4), st.sets(NAMES),
    )  # fmt: skip


def lists(inner: st.SearchStrategy[JsonObject]) -> st.SearchStrategy[JsonObject]:
    return st.builds(
        lambda item, least: {"type": "array", "items": item, "minItems": least}, objects(inner), st.integers(0, 3)
    )


PLAIN = st.sampled_from(LEAVES)
SCHEMAS = objects(PLAIN | objects(PLAIN | lists(PLAIN)) | lists(PLAIN | objects(PLAIN) | lists(PLAIN)))
WORDS = st.sampled_from(
    ("send", "12", "to", "ada@x.org", "tomorrow", "at", "5pm", '"two words"', "and", ",", "ten", "$3.50", "one", "false", ".", "?",
     "then", "Oslo", "1/2/2026", "-4", "50%", "é", "/tmp/a.txt", "3", "30 February", "fixed", "\t", "1e400", "99999999999999999999",
     "change it", "add", "without", "also", "the same", "the first one")
)  # fmt: skip
TOLD = st.recursive(
    st.none() | st.booleans() | st.integers(-20, 20) | WORDS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=5,
)  # fmt: skip
ARGUMENTS = st.dictionaries(NAMES, TOLD, max_size=4)
TURNS = (
    st.lists(WORDS, min_size=1, max_size=5).map(" ".join)
    | st.builds(lambda n, told: json.dumps([{"name": f"tool_{n}", "arguments": told}]), st.integers(0, 3), ARGUMENTS)
    | st.lists(ARGUMENTS, min_size=1, max_size=2).map(json.dumps) | ARGUMENTS.map(json.dumps)
)  # fmt: skip


@given(
    schemas=st.lists(SCHEMAS, min_size=1, max_size=4), words=st.lists(WORDS, min_size=1, max_size=14),
    context=st.lists(TURNS, max_size=4), seed=st.integers(0, 2**16),
)  # fmt: skip
@settings(max_examples=150)
async def test_whatever_the_network_says_no_invalid_plan_comes_out(
    schemas: list[JsonObject], words: list[str], context: list[str], seed: int
) -> None:
    tools = [Manifest(f"tool_{n}", "does something", schema, "write") for n, schema in enumerate(schemas)]
    text = " ".join(words)
    if not text.strip():
        text = "go"
    goal = Goal(text, Principal("sam"), SAID_AT, "Europe/Berlin", context=tuple(context))
    proposal = await ActionPlanner(Wild(seed)).propose(goal, (), tools, NothingToRead())
    if isinstance(proposal, Plan):
        validate(proposal, tools)
        for step in proposal.steps:
            for name, origin in step.provenance.items():
                if origin.source == "words" and origin.start is not None:
                    assert text[origin.start : origin.end] == origin.text, name


@pytest.mark.parametrize("make", [Wild, lambda _: ScriptedScorer({"get_weather": {"city": "Oslo"}})])
async def test_no_tools_is_an_abstention(make: Callable[[int], object]) -> None:
    assert isinstance(await propose("Weather in Oslo", make(1), []), Abstention)


HALF_SURE = ScriptedScorer({"get_weather": {"city": "Oslo"}}, sure=0.66)


async def test_a_reading_that_is_not_sure_enough_is_asked_about_and_agreed_to_becomes_the_plan() -> None:
    asked = await propose("Weather in Oslo", HALF_SURE, sure=0.75)
    assert isinstance(asked, Question)
    assert (asked.slot, [each.label for each in asked.options]) == ("understood", ["yes", "no"])
    assert 'get_weather, city "Oslo"' in asked.text
    assert re.search(r"scripted is \d\d% sure", asked.text)

    agreed = Answer(asked.slot, "yes", asked.options[0].value)
    assert arguments(await propose("Weather in Oslo", HALF_SURE, answers=[agreed], sure=0.75)) == [
        ("get_weather", {"city": "Oslo"})
    ]


async def test_an_agreement_holds_for_what_was_shown_and_nothing_else() -> None:
    shown = await propose("Weather in Oslo", HALF_SURE, sure=0.75)
    assert isinstance(shown, Question)
    agreed = Answer(shown.slot, "yes", shown.options[0].value)
    again = await propose("Weather in Oslo", HALF_SURE, [replace(WEATHER, effect="read")], answers=[agreed], sure=0.75)
    assert isinstance(again, Question), "the tool is another one now"


@pytest.mark.parametrize("answer", [Answer("understood", "no", "none"), Answer("understood", "No")])
async def test_a_reading_that_was_refused_is_planned_by_nobody(answer: Answer) -> None:
    assert isinstance(await propose("Weather in Oslo", HALF_SURE, answers=[answer], sure=0.75), Declined)


async def test_a_correction_is_not_passed_over() -> None:
    corrected = Answer("correction", "make it Bergen", SAID_AT.isoformat())
    assert isinstance(await propose("Weather in Oslo", HALF_SURE, answers=[corrected]), Abstention)


async def test_a_figure_within_an_amount_a_length_or_a_year_was_said() -> None:
    loan = Manifest(
        "loan.payment", "What a loan costs a month",
        {"type": "object", "properties": {"principal": {"type": "number"}, "years": {"type": "integer"}, "since": {"type": "integer"}},
         "required": ["principal", "years", "since"]}, "read",
    )  # fmt: skip
    goal = Goal("a loan of $250,000 over 30 years, in 1990", Principal("sam"), datetime(2026, 11, 20, 8, tzinfo=UTC))
    scorer = ScriptedScorer({"loan.payment": {"principal": "$250,000", "years": "30", "since": "1990"}})
    plan = await ActionPlanner(scorer).propose(goal, (), (loan,), NothingToRead())
    assert isinstance(plan, Plan), plan
    assert dict(plan.steps[0].arguments) == {"principal": Literal(250000), "years": Literal(30), "since": Literal(1990)}
