"""The arbiter: the skills' plan stands; their question is settled only by the same plan, with words that are no more than words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from doer.domain.action import Manifest
from doer.domain.goal import CORRECTION, Abstention, Answer, Declined, Goal, NotAsked, Option, Question
from doer.domain.plan import Plan
from doer.domain.ports import Proposal
from doer.domain.value import Json, JsonObject, Principal, Provenance
from doer.planning.action_model import ActionPlanner
from doer.planning.arbiter import Arbiter
from doer.planning.propose import SkillPlanner
from doer.planning.thresholds import SETTLES
from doer.testing.planner import Line, NothingToRead, ScriptedPlanner, scripted_plan, scripted_step
from doer.testing.scorer import ScriptedScorer

SAID = "Get Ana to hear of the late lunch on Monday, 3 copies"
TEXT: JsonObject = {"type": "string"}


def tool(name: str, roles: Mapping[str, str] | None = None) -> Manifest:
    properties: JsonObject = {
        "to": TEXT,
        "text": TEXT,
        "day": TEXT,
        "copies": {"type": "integer"},
        "tags": {"type": "array"},
    }
    parameters: JsonObject = {"type": "object", "properties": properties, "additionalProperties": False}
    return Manifest(name, f"{name} somebody something", parameters, "write", roles=roles or {"to": "destination"})  # type: ignore[arg-type]


NOTE, CALL = tool("notes.leave"), tool("phone.call")


def said(words: str, value: Json = None) -> tuple[Json, Provenance]:
    """A value with the words of the sentence that it was taken from."""
    start = SAID.index(words)
    return (words if value is None else value), Provenance("words", words, start, start + len(words))


def plan(name: str, by: str = "leave_note", sure: float = 0.97, /, **given: tuple[Json, Provenance]) -> Plan:
    step = scripted_step("s1", name, {each: value for each, (value, _) in given.items()})
    told = {each: origin for each, (_, origin) in given.items()}
    return replace(scripted_plan(replace(step, provenance=told)), planner=by, confidence=sure)


def answered(text: str, value: Json = None) -> tuple[Json, Provenance]:
    return (text if value is None else value), Provenance("answer", text)


TO, LATE = said("Ana"), said("the late lunch")
WHAT = Question("text", "What is to be told?")


async def weighed(
    first: Line | Sequence[Line], second: Line, answers: Sequence[Answer] = (), settles: float = SETTLES
) -> Proposal:
    goal = Goal(SAID, Principal("sam"), datetime(2026, 11, 20, 8, 0, tzinfo=UTC), "Europe/Berlin")
    arbiter = Arbiter(ScriptedPlanner({SAID: first}), ScriptedPlanner({SAID: second}), settles)
    return await arbiter.propose(goal, answers, [NOTE, CALL], NothingToRead())


def of_model(sure: float = 0.97, tool: str = "notes.leave", /, **given: tuple[Json, Provenance]) -> Plan:
    return plan(tool, "action:9", sure, **given)


async def test_a_plan_of_the_skills_stands_and_nobody_else_is_asked() -> None:
    own = plan("notes.leave", to=TO, text=LATE)

    async def never(goal: Goal, answers: object, reader: object) -> Proposal:
        raise AssertionError("asked")

    assert await weighed(own, never) is own


@pytest.mark.parametrize("own", [Abstention("no"), Declined("not this"), NotAsked("only told")])
async def test_an_abstention_is_left_to_whoever_is_asked_next(own: Abstention) -> None:
    assert await weighed(own, of_model(to=TO, text=LATE)) is own


async def test_a_question_is_settled_by_the_same_plan_and_the_words_are_told_where_they_stand() -> None:
    own: list[Line] = [WHAT, plan("notes.leave", to=TO, text=answered("the late lunch"))]

    made = await weighed(own, of_model(to=TO, text=LATE))

    assert isinstance(made, Plan)
    assert made.planner == "leave_note, seconded by action:9"
    assert made.confidence == 0.97
    assert made.steps[0].provenance == {"to": TO[1], "text": LATE[1]}


async def test_a_plan_that_is_not_sure_enough_suggests_and_settles_nothing() -> None:
    own: list[Line] = [WHAT, plan("notes.leave", to=TO, text=answered("the late lunch"))]

    asked = await weighed(own, of_model(0.8, to=TO, text=LATE))

    assert asked == Question(
        "text", "What is to be told? (action:9 suggests: the late lunch)", (Option("the late lunch", None),)
    )


async def test_a_question_stands_where_the_second_abstains_or_asks() -> None:
    own: list[Line] = [WHAT, plan("notes.leave", to=TO, text=answered("the late lunch"))]

    assert await weighed(own, Abstention("no")) is WHAT
    assert await weighed(own, Question("understood", "Is this meant?")) is WHAT


@pytest.mark.parametrize(
    "other",
    [
        of_model(to=said("lunch"), text=LATE),
        of_model(text=LATE),
        of_model(to=TO, text=LATE, day=said("Monday", "2026-11-23")),
    ],
    ids=["another destination", "no destination", "one argument more"],
)
async def test_a_reading_that_differs_in_anything_settles_nothing(other: Plan) -> None:
    own: list[Line] = [WHAT, plan("notes.leave", to=TO, text=answered("the late lunch"))]

    assert isinstance(await weighed(own, other), Question)


@pytest.mark.parametrize(
    ("name", "words", "value"),
    [("to", "Ana", None), ("day", "Monday", "2026-11-23"), ("copies", "3", 3), ("text", "Ana", None), ("text", "Monday", None)],
    ids=["a destination", "a date", "a number", "a name", "a day as a text"],
)  # fmt: skip
async def test_who_and_when_and_how_many_are_never_settled_by_a_network(name: str, words: str, value: Json) -> None:
    own: list[Line] = [Question(name, "Which?"), plan("notes.leave", **{name: answered(words, value)})]

    asked = await weighed(own, of_model(0.99, **{name: said(words, value)}))

    assert isinstance(asked, Question)
    assert asked.text == f"Which? (action:9 suggests: {words})"


async def test_a_list_is_never_settled_by_a_network() -> None:
    own: list[Line] = [
        Question("tags", "Which?"),
        plan("notes.leave", tags=answered("the late lunch", ["the late lunch"])),
    ]

    assert isinstance(await weighed(own, of_model(tags=said("the late lunch", ["the late lunch"]))), Question)


async def test_which_of_several_rows_is_meant_is_never_settled_and_not_even_tried() -> None:
    rows = (Option("Ana Lopez", {"id": 1}), Option("Ana Ruiz", {"id": 2}))
    own = Question("to", "2 were found for Ana. Which is meant?", rows)
    first = ScriptedPlanner({SAID: own})
    goal = Goal(SAID, Principal("sam"), datetime(2026, 11, 20, 8, 0, tzinfo=UTC))
    arbiter = Arbiter(first, ScriptedPlanner({SAID: of_model(0.99, to=TO, text=LATE)}))

    assert await arbiter.propose(goal, (), [NOTE], NothingToRead()) is own
    assert len(first.heard) == 1


async def test_what_the_sentence_did_not_make_plain_is_settled_among_the_options() -> None:
    options = (Option("lunch", "lunch"), Option("the late lunch", "the late lunch"))
    own: list[Line] = [replace(WHAT, options=options), plan("notes.leave", to=TO, text=answered("the late lunch"))]

    assert isinstance(await weighed(own, of_model(to=TO, text=LATE)), Plan)
    asked = await weighed(own, of_model(0.8, to=TO, text=LATE))
    assert isinstance(asked, Question)
    assert asked.options == options[::-1]


def by_choice(goal: Goal, answers: Sequence[Answer], tools: Mapping[str, Plan], asked: Question) -> Proposal:
    chosen = [tools[str(each.value)] for each in answers if each.slot == "meant" and each.value in tools]
    return chosen[-1] if chosen else asked


async def test_which_tool_is_meant_is_settled_where_one_of_them_alone_leads_to_the_same_plan() -> None:
    options = (Option("leave", "leave_note"), Option("call", "phone.call"), Option("none of these", "none"))
    which = Question("meant", "What is meant?", options)
    plans = {"leave_note": plan("notes.leave", to=TO, text=LATE), "phone.call": plan("phone.call", to=TO, text=LATE)}

    async def own(goal: Goal, answers: Sequence[Answer], reader: object) -> Proposal:
        return by_choice(goal, answers, plans, which)

    made = await weighed(own, of_model(0.97, "phone.call", to=TO, text=LATE))
    assert isinstance(made, Plan)
    assert made.steps[0].tool == "phone.call"

    asked = await weighed(own, of_model(0.8, "phone.call", to=TO, text=LATE))
    assert isinstance(asked, Question)
    assert [each.value for each in asked.options] == ["phone.call", "leave_note", "none"]


async def test_where_the_two_would_use_different_tools_a_person_is_asked_which_is_meant() -> None:
    own: list[Line] = [WHAT, plan("notes.leave", to=TO, text=answered("the late lunch"))]

    asked = await weighed(own, of_model(0.97, "phone.call", to=TO, text=LATE))

    assert isinstance(asked, Question)
    assert asked.slot == "meant"
    assert [each.value for each in asked.options] == ["leave_note", "phone.call", "none"]


@pytest.mark.parametrize("slot", ["leave_out", "1.leave_out", "parts", "if", f"{CORRECTION}.1"])
async def test_whether_words_are_left_out_or_something_is_so_is_no_matter_of_reading(slot: str) -> None:
    own: list[Line] = [
        Question(slot, "Go on without?", (Option("the late lunch", "the late lunch"),)),
        of_model(to=TO, text=LATE),
    ]

    assert await weighed(own, of_model(to=TO, text=LATE)) is own[0]


async def test_what_a_person_answered_before_stays_an_answer() -> None:
    told = Answer("to", "Bob")
    own: list[Line] = [WHAT, WHAT, plan("notes.leave", to=answered("Bob"), text=answered("the late lunch"))]

    made = await weighed(own, of_model(to=said("Ana", "Bob"), text=LATE), [told])

    assert isinstance(made, Plan)
    assert made.steps[0].provenance == {"to": Provenance("answer", "Bob"), "text": LATE[1]}


BOARD = Manifest(
    "board.pin",
    "Pin a note on the board.",
    {
        "type": "object",
        "properties": {"title": TEXT, "text": TEXT},
        "required": ["title", "text"],
        "additionalProperties": False,
    },
    "write",
    examples=("pin {text} on the board as {title}", "pin a note titled {title}: {text}"),
)


async def test_the_skills_and_a_network_together_plan_what_the_skills_alone_would_ask() -> None:
    goal = Goal("board: pin garage hours there under parking", Principal("sam"), datetime(2026, 11, 20, tzinfo=UTC))
    network = ActionPlanner(ScriptedScorer({"board.pin": {"title": "parking", "text": "garage hours"}}))
    alone = await SkillPlanner().propose(goal, (), [BOARD], NothingToRead())

    made = await Arbiter(SkillPlanner(), network).propose(goal, (), [BOARD], NothingToRead())

    assert isinstance(alone, Question)
    assert isinstance(made, Plan)
    assert made.planner == "board.pin, seconded by scripted"
    assert made.steps[0].provenance["title"] == Provenance("words", "parking", 36, 43)
