"""Repetition: several calls of one tool and lists of objects, from one sentence that says the same kind of thing several times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from doer.domain.action import Manifest
from doer.domain.goal import Goal, Question
from doer.domain.plan import Plan
from doer.domain.ports import Proposal
from doer.domain.scoring import Candidate, ParameterScore, ToolScore
from doer.domain.template import Literal, Reference
from doer.domain.value import Json, JsonObject, Principal
from doer.intent.grounder import Grounder
from doer.planning.action.assign import assign
from doer.planning.action.beside import NAMED, beside
from doer.planning.action.consistent import consistent
from doer.planning.action.nesting import assembled, object_lists
from doer.planning.action.read import Read
from doer.planning.action.schema import tool_text
from doer.planning.action.sense import between, disordered, likelier, pairs
from doer.planning.action_model import ActionPlanner
from doer.planning.words.candidates import Listened, listen
from doer.planning.words.coordination import chain
from doer.planning.words.symmetry import symmetries
from doer.testing.planner import NothingToRead
from doer.testing.scorer import ScriptedScorer
from doer.training.examples import SETTING

TEXT: JsonObject = {"type": "string"}
NUMBER: JsonObject = {"type": "number"}
Wanted = Mapping[str, str | Sequence[str]]


def tool(name: str, properties: JsonObject, required: Sequence[str] = ()) -> Manifest:
    parameters: JsonObject = {"type": "object", "properties": properties, "required": list(required)}
    return Manifest(name, f"{name.replace('_', ' ')} for somebody", parameters, "write")


WEATHER = tool("get_weather", {"city": TEXT, "day": {"type": "string", "format": "date"}, "unit": TEXT}, ("city",))
ITEM: JsonObject = {"type": "object", "properties": {"name": TEXT, "price": NUMBER}, "required": ["name"]}
ORDER = tool("order", {"items": {"type": "array", "items": ITEM}, "customer": TEXT}, ("items",))


async def propose(text: str, wanted: Mapping[str, Wanted], *tools: Manifest) -> Proposal:
    goal = Goal(text, Principal("sam"), datetime(2026, 11, 20, 8, 0, tzinfo=UTC))
    return await ActionPlanner(ScriptedScorer(wanted), 0.0, 0.0).propose(goal, (), tools, NothingToRead())


async def calls(text: str, wanted: Mapping[str, Wanted], *tools: Manifest) -> list[dict[str, Json]]:
    plan = await propose(text, wanted, *tools)
    assert isinstance(plan, Plan), plan
    return [
        {name: each.value for name, each in step.arguments.items() if isinstance(each, Literal)} for step in plan.steps
    ]


async def test_values_side_by_side_make_a_call_each_and_what_was_said_once_is_shared() -> None:
    said = "Weather in Oslo, Lima and Rome in celsius"
    wanted: Wanted = {"city": ["Oslo", "Lima", "Rome"], "unit": "celsius"}
    found = await calls(said, {"get_weather": wanted}, WEATHER)
    assert found == [{"city": each, "unit": "celsius"} for each in ("Oslo", "Lima", "Rome")]


async def test_what_is_said_in_step_stays_together() -> None:
    said = "Weather in Berlin on 1 December 2026 and in Paris on 2 December 2026"
    wanted: Wanted = {"city": ["Berlin", "Paris"], "day": ["1 December 2026", "2 December 2026"]}
    assert await calls(said, {"get_weather": wanted}, WEATHER) == [
        {"city": "Berlin", "day": "2026-12-01"},
        {"city": "Paris", "day": "2026-12-02"},
    ]


async def test_a_list_of_objects_has_as_many_as_were_said_each_with_its_own() -> None:
    wanted: Wanted = {"items.name": ["laptop", "mouse"], "items.price": ["900 euros", "20 euros"], "customer": "Ada"}
    (found,) = await calls("Order for Ada a laptop for 900 euros and a mouse for 20 euros", {"order": wanted}, ORDER)
    assert found == {
        "customer": "Ada",
        "items": [{"name": "laptop", "price": 900}, {"name": "mouse", "price": 20}],
    }


async def test_of_a_list_of_objects_the_missing_field_is_asked_for() -> None:
    asked = await propose("Order something at 900 for Ada", {"order": {"items.price": "900", "customer": "Ada"}}, ORDER)
    assert isinstance(asked, Question)
    assert "name" in asked.text


async def test_an_optional_list_of_objects_that_nobody_said_stays_away() -> None:
    fetch = tool("fetch", {"title": TEXT, "details": {"type": "array", "items": ITEM}}, ("title",))
    assert await calls("Fetch Dune", {"fetch": {"title": "Dune"}}, fetch) == [{"title": "Dune"}]


async def test_a_value_that_may_list_several_is_one_call() -> None:
    study = tool("study", {"topics": TEXT})
    assert len(await calls("Study maths and physics", {"study": {"topics": ["maths", "physics"]}}, study)) == 1


async def test_of_several_tools_each_takes_the_words_of_its_own_part() -> None:
    send = tool("send_mail", {"person": TEXT}, ("person",))
    said = "Tell me the weather in Oslo. Then send a mail to Ada."
    plan = await propose(
        said, {"get_weather": {"city": ["Oslo", "Ada"]}, "send_mail": {"person": "Ada"}}, WEATHER, send
    )
    assert isinstance(plan, Plan)
    made = [
        (step.tool, {k: v.value for k, v in step.arguments.items() if isinstance(v, Literal)}) for step in plan.steps
    ]
    assert made == [("get_weather", {"city": "Oslo"}), ("send_mail", {"person": "Ada"})]


@pytest.mark.parametrize(
    ("text", "words", "found"),
    [
        ("Ana, Bob and Cy came", "Bob", ["Ana", "Bob", "Cy"]), ("Ana or Bob", "Ana", ["Ana", "Bob"]),
        ("'A1', 'B2', and 'C3'", "A1", ["A1", "B2", "C3"]), ("Ana, Bob", "Ana", ["Ana"]), ("Ana sees Bob", "Ana", ["Ana"]),
    ],
)  # fmt: skip
def test_a_chain_is_what_joints_hold_together(text: str, words: str, found: list[str]) -> None:
    names = ("Ana", "Bob", "Cy", "A1", "B2", "C3")
    spans = sorted((text.index(each), text.index(each) + len(each)) for each in names if each in text)
    candidates = [Candidate(*span) for span in spans]
    place = next(at for at, each in enumerate(candidates) if text[each.start : each.end] == words)
    made = chain(text, candidates, [0.3] * len(candidates), place, 0.1)
    assert [text[candidates[each].start : candidates[each].end] for each in made] == found


def test_beginnings_are_paired_with_their_ends_within_one_object() -> None:
    assert pairs(["start_date", "end_date", "a.min", "b.max", "checkIn", "checkOut"]) == {0: 1, 4: 5}
    assert disordered("2026-02-01", "2026-01-01")
    assert not disordered("2026-01-01", "2026-02-01")
    assert not disordered("b", "a")
    assert disordered(5, 3)


def test_a_name_in_the_table_of_what_is_asked_for_is_likelier() -> None:
    assert likelier("country", "Norway") > 0 > likelier("country", "Ramona")
    assert likelier("city", "Norway") < 0 == likelier("city", "Oslo")
    assert likelier("title", "Norway") == 0


def test_flat_names_become_objects_and_lists_of_objects() -> None:
    schema: JsonObject = {
        "type": "object",
        "properties": {"o": {"type": "object", "properties": {"items": {"type": "array", "items": ITEM}}}},
    }
    assert list(object_lists(schema)) == ["o.items"]
    assert assembled({"o.items.name": "x"}, schema) == {"o": {"items": [{"name": "x"}]}}


def giving(name: str, properties: JsonObject, result: JsonObject, required: Sequence[str] = ()) -> Manifest:
    return replace(tool(name, properties, required), result={"type": "object", "properties": result})


async def test_what_a_call_needs_and_another_one_answers_is_a_reference_to_it_and_comes_after_it() -> None:
    find = giving("find_employee", {"person": TEXT}, {"id": TEXT, "status": TEXT}, ("person",))
    pay = giving("pay_bonus", {"employee_id": TEXT, "amount": NUMBER}, {"status": TEXT}, ("employee_id",))
    said = "Pay a bonus of 500 euros. Also find the employee Ada."
    wanted: Mapping[str, Wanted] = {"find_employee": {"person": "Ada"}, "pay_bonus": {"amount": "500 euros"}}
    plan = await propose(said, wanted, pay, find)
    assert isinstance(plan, Plan), plan
    assert [step.tool for step in plan.steps] == ["find_employee", "pay_bonus"]
    assert plan.steps[1].arguments["employee_id"] == Reference("s1", ("id",))
    assert plan.steps[1].provenance["employee_id"].source == "result"


async def test_a_field_that_every_result_has_is_no_reference() -> None:
    find = giving("find_employee", {"person": TEXT}, {"status": TEXT}, ("person",))
    post = giving("post_note", {"status": TEXT}, {}, ("status",))
    wanted: Mapping[str, Wanted] = {"find_employee": {"person": "Ada"}, "post_note": {}}
    asked = await propose("Find the employee Ada. Then post the note.", wanted, find, post)
    assert not isinstance(asked, Plan) or all(step.tool != "post_note" for step in asked.steps)


async def test_the_very_call_that_was_made_before_is_not_made_again_where_another_may_be_meant() -> None:
    token = tool("get_token", {"user": TEXT}, ("user",))
    balance = tool("get_balance", {"account": TEXT})
    record = '[{"name": "get_token", "arguments": {"user": "ada"}}]'
    goal = Goal(
        "And my balance?", Principal("sam"), datetime(2026, 11, 20, 8, 0, tzinfo=UTC), context=("I am ada", record)
    )
    scorer = ScriptedScorer({"get_token": {"user": "ada"}, "get_balance": {}})
    plan = await ActionPlanner(scorer, 0.0, 0.0).propose(goal, (), (token, balance), NothingToRead())
    assert isinstance(plan, Plan)
    assert [step.tool for step in plan.steps] == ["get_balance"]


def listened(text: str) -> Listened:
    return listen([text], Grounder(SETTING))


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("sauerkraut times at 15 and at 21 degrees, both mild", ["at 15", "at 21"]),
        ("Put Amber Line, Red Kettle and Nine Geese in the queue", ["Amber Line", "Red Kettle", "Nine Geese"]),
        ("digests on rice exports and on the Women's Tour, please", ["on rice exports", "on the Women's Tour"]),
    ],
)
def test_a_name_or_a_bare_number_is_one_word_of_what_is_said_several_times(text: str, segments: list[str]) -> None:
    best = symmetries(listened(text), (0, len(text)))[0]
    assert [text[start:end] for start, end in best.segments] == segments


@pytest.mark.parametrize(
    ("number", "parameter"), [("8", "grams"), ("9", "karat"), ("34.05", "latitude"), ("5", ""), ("0.5", "")]
)
def test_words_beside_a_number_say_which_parameter_it_is_of(number: str, parameter: str) -> None:
    text = "8 g of 9 karat at latitude 34.05 in 5 throws with a price or weight 0.5 karat or so"
    names = ["karat", "price_per_gram", "grams", "latitude", "weight"]
    at = text.index(number)
    found = [beside(names, place, text, (at, at + len(number))) for place in range(len(names))]
    assert found == [(NAMED if name == parameter else -NAMED) if parameter else 0.0 for name in names]


def test_two_ends_are_said_with_a_word_before_and_a_word_between() -> None:
    text = "between v1.8 and v1.9"
    assert between(text, (8, 12), (17, 21))
    assert not between("both v1.8 and v1.9", (5, 9), (14, 18))


def test_pieces_that_are_built_alike_say_their_arguments_in_the_same_places() -> None:
    text = "30 of 95 and 28 of 88"
    schema: JsonObject = {"properties": {name: {"type": "integer"} for name in ("hits", "at_bats")}}
    heard, told = listened(text), tool_text("average", "An average.", schema)

    def read(hits: Mapping[str, float], at_bats: Mapping[str, float]) -> Read:
        words = [text[each.start : each.end] for each in heard.heard.candidates]
        scores = [ParameterScore(0.02, tuple(each.get(word, 0.0) for word in words), ()) for each in (hits, at_bats)]
        return Read(told, ToolScore(1.0, 1.0, tuple(scores)), schema, heard)

    reads = [
        read({"30": 0.9, "95": 0.08}, {"95": 0.9, "30": 0.08}),
        read({"28": 0.4, "88": 0.58}, {"88": 0.4, "28": 0.58}),
    ]
    made = [assign(each.tool, each.score, heard, schema) for each in reads]
    assert [each.value for each in made[1].filled] == [88, 28]
    again = consistent(reads, made, [(0, 8), (13, 21)])
    assert [[each.value for each in one.filled] for one in again] == [[30, 95], [28, 88]]
