"""Plans: what is approved is their digest; guards are typed conditions and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from tests.domain.strategies import plans, values

from doer.domain.plan import Candidate, Guard, Plan, Step, contrary, holds
from doer.domain.template import Literal, parse
from doer.domain.value import Digest, Json, Provenance, StepId

STEP = Step(
    StepId("a"),
    "tool",
    {"x": parse({"$ref": "b.id"})},
    (StepId("c"),),
    Guard(parse({"$ref": "b.n"}), "less", Literal(3)),
)
PLAN = Plan((STEP, Step(StepId("b"), "tool")), manifests={"tool": Digest("d")})


def with_step(**other: object) -> Plan:
    return replace(PLAN, steps=(replace(STEP, **other), *PLAN.steps[1:]))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "other",
    [
        with_step(id=StepId("z")),
        with_step(tool="other"),
        with_step(arguments={"x": parse({"$ref": "b.name"})}),
        with_step(arguments={"x": Literal("$ref")}),
        with_step(needs=()),
        with_step(guard=None),
        with_step(guard=Guard(parse({"$ref": "b.n"}), "greater", Literal(3))),
        with_step(guard=Guard(parse({"$ref": "b.n"}), "less", Literal(4))),
        with_step(guard=Guard(parse({"$ref": "b.n"}), "exists")),
        replace(PLAN, manifests={"tool": Digest("e")}),
        replace(PLAN, steps=PLAN.steps[:1]),
    ],
)
def test_a_plan_that_does_something_else_has_another_digest(other: Plan) -> None:
    assert other.digest != PLAN.digest


@pytest.mark.parametrize(
    "same",
    [
        replace(PLAN, title="told", planner="x", confidence=0.1, candidates=(Candidate("other", 0.5, 0.1),)),
        with_step(why="because", confidence=0.2, provenance={"x": Provenance("words", "b")}),
        with_step(needs=(StepId("c"),)),
    ],
)
def test_prose_and_confidence_are_no_part_of_the_digest(same: Plan) -> None:
    assert same.digest == PLAN.digest


@given(plans())
def test_the_digest_is_the_same_whenever_it_is_made(plan: Plan) -> None:
    assert plan.digest == replace(plan, title="other").digest


def test_a_step_needs_what_its_arguments_and_its_condition_refer_to() -> None:
    right = Step(StepId("a"), "tool", guard=Guard(Literal(1), "in", parse([{"$ref": "list"}])))

    assert STEP.all_needs == {"b", "c"}
    assert right.all_needs == {"list"}


@pytest.mark.parametrize(
    ("left", "comparison", "right", "true"),
    [
        (1, "equals", 1, True),
        (1, "equals", 1.0, True),
        (1, "equals", True, False),
        (0, "equals", False, False),
        ("1", "equals", 1, False),
        ([1, {"a": 2}], "equals", [1, {"a": 2}], True),
        ([1], "equals", [True], False),
        ([1], "equals", [1, 2], False),
        ({"a": 1}, "equals", {"a": True}, False),
        ({"a": 1}, "equals", {"b": 1}, False),
        (1, "differs", 2, True),
        (1, "differs", True, True),
        (1, "in", [3, 1], True),
        (True, "in", [1], False),
        ("a", "in", "abc", False),
        (1, "in", None, False),
        (1, "less", 2, True),
        (2, "less", 1, False),
        ("a", "less", "b", True),
        ("b", "greater", "a", True),
        (2.5, "greater", 2, True),
        (True, "less", 2, False),
        (1, "greater", False, False),
        ("1", "less", 2, False),
        (None, "less", None, False),
        (0, "exists", None, True),
        (False, "exists", None, True),
        ("", "exists", None, False),
        ([], "missing", None, True),
        (None, "missing", None, True),
        ("x", "missing", None, False),
    ],
)
def test_a_condition_compares_values_of_one_kind(left: Json, comparison: str, right: Json, true: bool) -> None:
    guard = Guard(Literal(left), comparison, None if right is None else Literal(right))  # type: ignore[arg-type]

    assert holds(guard, {}) is true


def test_a_value_that_is_not_known_does_not_exist() -> None:
    assert not holds(Guard(parse({"$ref": "a.id"}), "exists"), {})
    assert holds(Guard(parse({"$ref": "a.id"}), "missing"), {"a": {}})
    assert holds(Guard(parse({"$ref": "a.id"}), "exists"), {"a": {"id": 0}})


@given(values)
def test_every_value_equals_itself_and_nothing_is_less_than_itself(value: Json) -> None:
    assert holds(Guard(Literal(value), "equals", Literal(value)), {})
    assert not holds(Guard(Literal(value), "less", Literal(value)), {})


N = parse({"$ref": "b.n"})


def condition(comparison: str, right: Json = None) -> Guard:
    return Guard(N, comparison, None if right is None else Literal(right))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "other", "never_both"),
    [
        (condition("exists"), condition("missing"), True),
        (condition("equals", 3), condition("differs", 3), True),
        (condition("equals", 3), condition("differs", 4), False),
        (condition("less", 3), condition("greater", 2), True),
        (condition("less", 3), condition("greater", 3), True),
        (condition("less", 4), condition("greater", 2), False),
        (condition("less", "b"), condition("greater", "c"), False),
        (Guard(N, "less", N), condition("greater", 3), False),
        (condition("less", 3), condition("less", 3), False),
        (condition("exists"), Guard(parse({"$ref": "b.id"}), "missing"), False),
        (condition("exists"), None, False),
    ],
)
def test_of_two_branches_at_most_one_is_taken_only_where_that_is_certain(
    one: Guard, other: Guard | None, never_both: bool
) -> None:
    assert contrary(one, other) is never_both
    assert contrary(other, one) is never_both


@given(values, values)
def test_two_contrary_conditions_never_hold_together(value: Json, right: Json) -> None:
    pairs = [("exists", "missing"), ("equals", "differs"), ("less", "greater")]
    for one, other in pairs:
        first, second = (replace(condition(each), right=Literal(right)) for each in (one, other))
        results: dict[str, Json] = {"b": {"n": value}}
        assert not (contrary(first, second) and holds(first, results) and holds(second, results))


def test_a_proposer_is_named_with_how_sure_it_is_unless_nobody_can_say() -> None:
    assert replace(PLAN, planner="onboard", confidence=0.824).proposer == "onboard, 82% sure"
    assert replace(PLAN, planner="model:small", confidence=0.5).proposer == "model:small"
    assert PLAN.proposer == "a planner"
