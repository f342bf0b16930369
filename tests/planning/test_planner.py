"""The planner as a whole: it answers anything with a plan, a question or an abstention, and changes nothing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.planning.world import Office, goal, planner, propose, tools

from doer.domain.errors import UsageError
from doer.domain.goal import Abstention, Answer, Option, Question
from doer.domain.plan import Plan
from doer.domain.template import Literal
from doer.planning.matching.answers import option_meant
from doer.planning.propose import SkillPlanner

WORDS = [
    "book",
    "room",
    "refund",
    "25",
    "EUR",
    "euros",
    "ada@acme.example",
    "order",
    "4812",
    "tomorrow",
    "Friday",
    "at",
    "3pm",
    "03/04/2026",
    "for",
    "to",
    "and",
    "or",
    "not\ninvite",
    "Ada",
    "Lovelace",
    "Grace",
    "Hopper",
    "party",
    "host",
    "delete",
    "a.txt",
    ",",
    ";",
    '"',
    "'",
    "(",
    ")",
    "{",
    "}",
    "$",
    "山田",
    "the",
    "of",
    "if",
    "every",
    "mail",
    "saying",
    "1.234",
    "$20",
]


@settings(max_examples=75)
@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=25).map(" ".join))
async def test_any_mixture_of_words_gets_an_answer_and_only_reads(words: str) -> None:
    office = Office()
    proposal = await planner().propose(goal(words), (), tools(), office)

    assert isinstance(proposal, Plan | Question | Abstention)
    assert {tool for tool, _ in office.asked} <= {"rooms.find_free", "directory.find_user"}


@given(st.text(alphabet=st.characters(exclude_categories=["C"]), min_size=1, max_size=120).filter(str.strip))
async def test_any_text_gets_an_answer(words: str) -> None:
    assert isinstance(await propose(words), Plan | Question | Abstention)


async def test_a_hidden_character_is_refused_with_its_place() -> None:
    with pytest.raises(UsageError, match="position 7"):
        await propose("refund\u202e 25 EUR to ada@acme.example")


async def test_the_same_words_give_the_same_plan() -> None:
    one, two = [await propose("refund 25 euros to ada@acme.example for order 4812") for _ in range(2)]

    assert one == two
    assert isinstance(one, Plan)
    assert isinstance(two, Plan)
    assert one.digest == two.digest


async def test_a_tool_without_examples_is_never_called_by_itself() -> None:
    assert isinstance(await propose("write hello into files guests.txt"), Abstention | Question)


async def test_an_abstention_names_what_comes_nearest() -> None:
    proposal = await propose("book a flight from Berlin to Paris next Monday")

    assert isinstance(proposal, Abstention)
    assert proposal.nearest[0] == "book-room"
    assert "flight" in proposal.missing
    assert len(proposal.nearest) <= 3


async def test_a_long_goal_is_answered_too() -> None:
    words = "please invite " + ", ".join(f"Ada{'x' * (each % 7)} Lovelace" for each in range(200)) + " to lunch"

    assert isinstance(await propose(words), Question | Abstention)


WORKPLACE = {"files": "files"}


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("book an appointment with Jo Weber at noon", "calendar"),
        ("commit everything and push the branch", "git"),
        ("reply to the last mail from Jo", "mail"),
        ("deactivate the account of Bob", "directory"),
    ],
)
async def test_an_abstention_names_the_kind_of_connection_that_is_missing(words: str, kind: str) -> None:
    files = tuple(each for each in tools() if each.name.startswith("files."))
    proposal = await SkillPlanner((), WORKPLACE).propose(goal(words), (), files, Office())

    assert isinstance(proposal, Abstention)
    assert proposal.missing == f"a {kind} connection: doer connect {kind} NAME"
    assert len(proposal.nearest) <= 3


@pytest.mark.parametrize(("answer", "meant"), [("closd", "closed"), ("Waiting.", "waiting"), ("opne", "open")])
async def test_a_slip_of_the_finger_in_the_answer_to_a_choice_is_understood(answer: str, meant: str) -> None:
    plan = await propose("set ticket 12 to purple", Answer("status", answer), Answer("leave_out", "x", ["purple"]))

    assert isinstance(plan, Plan)
    assert plan.steps[0].arguments["status"] == Literal(meant)


@pytest.mark.parametrize(
    ("said", "number"),
    [("2", 1), ("2.", 1), ("option 1", 0), ("the second", 1), ("first one", 0), ("3", None), ("two", None)],
)
def test_an_option_is_named_by_its_number(said: str, number: int | None) -> None:
    question = Question("who", "Which?", (Option("Ana Lima", "a"), Option("Ana Roth", "b")))

    assert option_meant(question, said) == (None if number is None else question.options[number])


async def test_a_name_that_is_nearly_an_option_is_not_taken_for_it() -> None:
    question = Question("who", "Which?", (Option("Ana Lima", "a"),))

    assert option_meant(question, "Anna Lima") is None
