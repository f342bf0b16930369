"""Gathering: a list that each row would give anew is given once with all of them; what is no such list stays as many steps."""

from __future__ import annotations

import pytest

from doer.domain.action import Effect, Manifest
from doer.domain.plan import Step
from doer.domain.template import Literal, Template
from doer.domain.value import Json, Provenance, StepId
from doer.planning.compound.gathering import gathered


def step(number: int, source: str = "read", **given: Json) -> Step:
    arguments: dict[str, Template] = {name: Literal(value) for name, value in given.items()}
    told = {name: Provenance("read" if name == "event" and source == "read" else "words", "x") for name in given}
    return Step(StepId(f"s{number}"), "tool", arguments, provenance=told)


def tool(effect: Effect) -> Manifest:
    return Manifest(name="tool", description="", parameters={"type": "object"}, effect=effect, once=True)


def test_guests_who_are_added_one_after_the_other_are_added_at_once() -> None:
    steps = [step(n, event="e", guests=["bob", each]) for n, each in enumerate(["ana", "jo", "bob"])]
    one = gathered(steps, [tool("write")])
    assert one is not None
    assert one.arguments["guests"] == Literal(["bob", "ana", "jo"])


def test_the_first_guests_of_a_meeting_without_any_are_added_at_once() -> None:
    one = gathered([step(1, event="e", guests=["ana"]), step(2, event="e", guests=["jo"])], [tool("write")])
    assert one is not None
    assert one.arguments["guests"] == Literal(["ana", "jo"])


@pytest.mark.parametrize(
    ("steps", "effect"),
    [
        ([step(1, event="e", guests=["ana"]), step(2, event="e", guests=["jo"])], "irreversible"),
        ([step(1, "said", event="e", guests=["ana"]), step(2, "said", event="e", guests=["jo"])], "write"),
        ([step(1, event="e", guests=["ana"]), step(2, event="f", guests=["jo"])], "write"),
        ([step(1, event="e", place="a"), step(2, event="e", place="b")], "write"),
        ([step(1, event="e", guests=["ana"])], "write"),
    ],
    ids=["mails to each", "nothing that was read", "two meetings", "no list", "one alone"],
)
def test_all_else_stays_as_many_steps(steps: list[Step], effect: Effect) -> None:
    assert gathered(steps, [tool(effect)]) is None
