"""The action model behind Doer: asked where no wording matches, and not before; what it proposes is a plan like any other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from doer import Abstention, Doer, Plan, tool
from doer.testing import CountingEntropy, ManualClock, MemoryJournal
from doer.testing.scorer import ScriptedScorer


@tool(effect="write", once=True, examples=["leave {recipient} a note that {text}"])
def add_note(recipient: str, text: str) -> None:
    """Leave a note for somebody."""


def noting(wanted: Mapping[str, Mapping[str, str | Sequence[str]]] | None) -> Doer:
    clock = ManualClock()
    scorer = None if wanted is None else ScriptedScorer(wanted)
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
