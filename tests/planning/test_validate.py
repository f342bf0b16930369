"""The plan validator: what is refused, with which words, and that all problems are told at once."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doer.domain.action import Manifest
from doer.domain.errors import PlanInvalid
from doer.domain.plan import Guard, Plan, Step
from doer.domain.template import Fields, Items, Literal, Reference, Slot, Template, Transform
from doer.domain.value import StepId
from doer.planning.order import critical_path, topological
from doer.planning.validate import validate

MAKE = Manifest(
    "crm.make",
    "Makes a record",
    {
        "type": "object",
        "properties": {
            "name": {"type": "string", "minLength": 1},
            "count": {"type": "integer"},
            "tags": {"type": "array", "items": {"type": "string"}},
            "owner": {"$ref": "#/$defs/Owner"},
        },
        "required": ["name"],
        "$defs": {"Owner": {"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]}},
    },
    "write",
    {"type": "object", "properties": {"id": {"type": "string"}, "size": {"type": "integer"}}},
)


def step(called: str, /, tool: str = "crm.make", needs: tuple[str, ...] = (), **arguments: Template) -> Step:
    return Step(StepId(called), tool, arguments or {"name": Literal("x")}, tuple(StepId(each) for each in needs))


def plan(*steps: Step) -> Plan:
    return Plan(steps, manifests={each.tool: MAKE.digest for each in steps if each.tool == MAKE.name})


def problems(*steps: Step) -> tuple[str, ...]:
    with pytest.raises(PlanInvalid) as caught:
        validate(plan(*steps), [MAKE])
    return caught.value.problems


def test_a_plan_that_keeps_the_rules_is_accepted() -> None:
    first = step("one", name=Literal("x"), count=Literal(3), tags=Items((Literal("a"), Reference("zero", ("id",)))))
    second = step(
        "two",
        name=Transform("join", (Reference("one", ("id",)), Literal("!"))),
        owner=Fields({"id": Reference("one", ("size",))}),
    )

    validate(plan(step("zero"), first, second), [MAKE])


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (step("a", tool="crm.mak"), "no tool 'crm.mak'; did you mean 'crm.make'"),
        (step("a", nam=Literal("x"), name=Literal("y")), "no argument 'nam'; did you mean 'name'"),
        (step("a", count=Literal(1)), "argument 'name' is missing"),
        (step("a", name=Literal("")), "argument 'name': "),
        (step("a", name=Literal("x"), count=Literal("three")), "'three' is not of type 'integer'"),
        (step("a", name=Literal("x"), owner=Literal({"id": "u"})), "id: 'u' is not of type 'integer'"),
        (step("a", name=Literal("x"), owner=Fields({"x": Slot("s")})), "field 'id' is missing"),
        (step("a", name=Slot("start")), "slot 'start' is still empty"),
        (step("a", name=Reference("b", ("id",))), "refers to step 'b', which is not in the plan"),
        (step("a", needs=("b",)), "needs step 'b', which is not in the plan"),
        (step("a", name=Transform("jion", (Literal("x"),))), "no transform 'jion'; did you mean 'join'"),
        (step("a", name=Transform("add_days", (Literal("2026-01-01"),))), "add_days takes 2 inputs and has 1"),
        (step("a", name=Transform("add_days", (Literal("31 February"), Literal(1)))), "add_days cannot take"),
        (step("a", name=Literal("x"), count=Literal(2**60)), "no canonical JSON form"),
        (step("a", name=Literal("x"), count=Literal(float("nan"))), "no canonical JSON form"),
        (step("a.b"), "must have no dot"),
        (replace(step("a"), guard=Guard(Literal(1), "equals")), "needs a right side"),
        (replace(step("a"), guard=Guard(Literal(1), "exists", Literal(1))), "compares nothing"),
        (replace(step("a"), guard=Guard(Literal(1), "in", Literal("abc"))), "needs a list"),
        (replace(step("a"), guard=Guard(Literal(True), "less", Literal(2))), "compares numbers or texts"),
    ],
)
def test_a_breach_is_named(wrong: Step, words: str) -> None:
    assert any(words in problem for problem in problems(wrong)), problems(wrong)


def test_a_reference_is_checked_by_the_declared_result() -> None:
    assert "has no field 'idd'; did you mean 'id'" in problems(step("a"), step("b", name=Reference("a", ("idd",))))[0]
    assert "integer, and string is wanted" in problems(step("a"), step("b", name=Reference("a", ("size",))))[0]


def test_all_problems_are_told_at_once() -> None:
    found = problems(step("a", tool="x"), step("a", name=Slot("s")), step("c", count=Literal("n")))

    assert len(found) >= 4


def test_an_empty_plan_and_a_plan_of_too_many_steps_are_refused() -> None:
    assert problems() == ("the plan has no steps",)
    assert "1001 steps" in problems(*(step(f"s{each}") for each in range(1001)))[0]


def test_a_plan_made_with_another_manifest_is_refused() -> None:
    with pytest.raises(PlanInvalid, match="has changed since the plan was made"):
        validate(plan(step("a")), [replace(MAKE, description="Makes something else")])
    with pytest.raises(PlanInvalid, match="does not say with which manifest"):
        validate(Plan((step("a"),)), [MAKE])


@st.composite
def graphs(draw: st.DrawFn) -> Plan:
    """Random directed acyclic graphs: a step needs or refers to earlier ones only; then the order is shuffled."""
    size = draw(st.integers(2, 12))
    steps = []
    for number in range(size):
        earlier = draw(st.lists(st.integers(0, number - 1), max_size=3, unique=True)) if number else []
        needs = tuple(f"s{each}" for each in earlier[:1])
        parts: list[Template] = [Literal("x"), *(Reference(f"s{each}", ("id",)) for each in earlier[1:])]
        steps.append(step(f"s{number}", needs=needs, name=Transform("join", tuple(parts))))
    return plan(*draw(st.permutations(steps)))


@given(graphs())
def test_every_acyclic_graph_is_accepted_and_ordered_by_its_needs(drawn: Plan) -> None:
    validate(drawn, [MAKE])

    seen: set[StepId] = set()
    for each in topological(drawn):
        assert each.all_needs <= seen
        seen.add(each.id)
    assert len(seen) == len(drawn.steps)


@given(graphs(), st.data())
def test_closing_any_path_to_a_circle_is_refused(drawn: Plan, data: st.DataObject) -> None:
    edges = [(each.id, need) for each in drawn.steps for need in each.all_needs]
    later, earlier = data.draw(st.sampled_from(edges)) if edges else (drawn.steps[0].id, drawn.steps[0].id)
    steps = tuple(replace(each, needs=(*each.needs, later)) if each.id == earlier else each for each in drawn.steps)

    with pytest.raises(PlanInvalid, match="wait for each other"):
        validate(replace(drawn, steps=steps), [MAKE])


@given(graphs(), st.integers(0, 50))
def test_the_critical_path_is_the_longest_chain_to_the_end(drawn: Plan, seconds: int) -> None:
    path = critical_path(drawn, {MAKE.name: float(seconds)})

    after: Mapping[StepId, list[StepId]] = {
        one.id: [two.id for two in drawn.steps if one.id in two.all_needs] for one in drawn.steps
    }
    for name, length in path.items():
        assert length == seconds + max((path[each] for each in after[name]), default=0.0)


def test_estimates_go_by_step_before_tool_and_the_unknown_counts_a_second() -> None:
    chain = plan(step("a"), step("b", needs=("a",)))

    assert critical_path(chain, {"a": 5.0, "crm.make": 2.0}) == {"a": 7.0, "b": 2.0}
    assert critical_path(chain, {}) == {"a": 2.0, "b": 1.0}
