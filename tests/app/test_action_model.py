"""The action model behind Doer: asked where no wording matches, and not before; what it proposes is a plan like any other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from doer import Abstention, Doer, Plan, ToolSpec, tool
from doer.testing import CountingEntropy, ManualClock, MemoryJournal
from doer.testing.scorer import ScriptedScorer


@tool(effect="write", once=True, examples=["leave {recipient} a note that {text}"])
def add_note(recipient: str, text: str) -> None:
    """Leave a note for somebody."""


def noting(wanted: Mapping[str, Mapping[str, str | Sequence[str]]] | None, sure: float = 0.97) -> Doer:
    clock = ManualClock()
    scorer = False if wanted is None else ScriptedScorer(wanted, sure=sure)
    return Doer(
        tools=[add_note],
        action_model=scorer,
        journal=MemoryJournal(clock),
        clock=clock,
        entropy=CountingEntropy(),
        me="sam",
    )


UNUSUAL = "Jot something down so that Ana knows: lunch is late"
WANTED = {"add_note": {"recipient": "Ana", "text": "lunch is late"}}


async def test_a_wording_that_nothing_matches_is_understood_by_the_action_model() -> None:
    assert isinstance(await noting(None).plan(UNUSUAL), Abstention)
    plan = await noting(WANTED).plan(UNUSUAL)
    assert isinstance(plan, Plan)
    assert plan.planner == "scripted"
    assert {name: each.text for name, each in plan.steps[0].provenance.items()} == {
        "recipient": "Ana", "text": "lunch is late",
    }  # fmt: skip


async def test_a_wording_that_matches_is_not_put_to_the_action_model() -> None:
    plan = await noting({"add_note": {"recipient": "demo"}}).plan("leave Ana a note that the demo moved to 3pm")
    assert isinstance(plan, Plan)
    assert plan.planner == "add_note"


async def test_what_the_action_model_does_not_know_is_an_abstention() -> None:
    assert isinstance(await noting({}).plan(UNUSUAL), Abstention)


@pytest.mark.parametrize(
    "said",
    [
        "How do I jot something down so that Ana knows: lunch is late?",
        "Did you jot something down so that Ana knows: lunch is late?",
        "I already jotted something down so that Ana knows: lunch is late",
        "Don't jot something down so that Ana knows: lunch is late",
        "Jot something down for everyone but Ana: lunch is late",
    ],
)
async def test_what_is_asked_about_or_told_or_forbidden_becomes_no_change(said: str) -> None:
    assert isinstance(await noting(WANTED).plan(said), Abstention)


async def test_a_reading_that_is_unsure_is_shown_and_not_done() -> None:
    app = noting(WANTED, sure=0.3)
    plan = await app.plan(UNUSUAL)
    assert isinstance(plan, Plan)
    assert plan.confidence < 0.5
    assert (await app.do(UNUSUAL)).status == "abstained"


async def test_the_weights_of_the_package_show_a_plan_unless_they_are_unwanted() -> None:
    clock = ManualClock()
    app = Doer(tools=[add_note], journal=MemoryJournal(clock), clock=clock, me="sam")
    plan = await app.plan(UNUSUAL)
    assert isinstance(plan, Plan)
    assert plan.planner.startswith("action:")
    assert (await app.do(UNUSUAL)).status == "abstained"


async def test_a_question_over_tools_that_are_only_described_is_planned() -> None:
    described = ToolSpec.from_json_schema(
        {
            "name": "stock_price",
            "description": "The price of a stock",
            "parameters": {"type": "dict", "properties": {"symbol": {"type": "str"}}, "required": ["symbol"]},
        }
    )
    clock = ManualClock()
    scorer = ScriptedScorer({"stock_price": {"symbol": "SQ"}})
    app = Doer(tools=[described], action_model=scorer, journal=MemoryJournal(clock), clock=clock, me="sam")
    plan = await app.plan('Was "SQ" cheap yesterday?')
    assert isinstance(plan, Plan), plan
    assert [step.tool for step in plan.steps] == ["stock_price"]


async def test_what_is_asked_about_may_be_read() -> None:
    @tool(effect="read")
    def notes_of(recipient: str) -> list[str]:
        """The notes of somebody."""
        return []

    clock = ManualClock()
    scorer = ScriptedScorer({"notes_of": {"recipient": "Ana"}})
    app = Doer(tools=[notes_of, add_note], action_model=scorer, journal=MemoryJournal(clock), clock=clock, me="sam")
    plan = await app.plan("What was jotted down so that Ana knows?")
    assert isinstance(plan, Plan), plan
    assert [step.tool for step in plan.steps] == ["notes_of"]


async def test_a_reading_of_the_action_model_that_is_half_sure_is_asked_about_and_recorded() -> None:
    app = noting(WANTED, sure=0.66)
    run = await app.do(UNUSUAL)
    assert run.status == "needs_answer"
    assert run.question is not None
    assert [option.label for option in run.question.options] == ["yes", "no"]
    agreed = await app.answer(run.id, "yes")
    assert (agreed.status, agreed.plan.planner if agreed.plan else "") == ("waiting", "scripted")


async def test_a_reading_that_was_not_meant_ends_there() -> None:
    app = noting(WANTED, sure=0.66)
    run = await app.do(UNUSUAL)
    assert (await app.answer(run.id, "no")).status == "abstained"
