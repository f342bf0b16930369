"""The order of steps: never a cycle, one writer of a resource after the other, what cannot be taken back last."""

from __future__ import annotations

from graphlib import TopologicalSorter

from hypothesis import given
from hypothesis import strategies as st
from tests.domain.strategies import EFFECTS

from doer.domain.action import Effect
from doer.domain.order import prerequisites, sequence
from doer.domain.value import StepId

STEPS = [StepId(name) for name in "abcdefg"]
resources = st.dictionaries(st.sampled_from(STEPS), st.lists(st.sampled_from("xyz"), max_size=2), max_size=7)
effects = st.dictionaries(st.sampled_from(STEPS), st.sampled_from(EFFECTS), max_size=7)


@st.composite
def dags(draw: st.DrawFn) -> dict[StepId, frozenset[StepId]]:
    steps = STEPS[: draw(st.integers(1, 7))]
    needs = {
        step: frozenset(draw(st.sets(st.sampled_from(steps[:place]), max_size=3))) if place else frozenset[StepId]()
        for place, step in enumerate(steps)
    }
    return {step: needs[step] for step in draw(st.permutations(steps))}


@given(dags(), resources, effects)
def test_what_must_come_first_never_makes_a_cycle(
    needs: dict[StepId, frozenset[StepId]], writes: dict[StepId, list[str]], kinds: dict[StepId, Effect]
) -> None:
    first = prerequisites(needs, writes, kinds)

    assert set(TopologicalSorter(first).static_order()) == set(needs)
    assert all(needs[step] <= first[step] for step in needs)


@given(dags())
def test_steps_go_round_by_round_whatever_their_needs(needs: dict[StepId, frozenset[StepId]]) -> None:
    placed: list[StepId] = []
    while len(placed) < len(needs):  # all that is ready, in the order in which it is written (Kahn)
        placed += [step for step in needs if step not in placed and needs[step] <= set(placed)]

    assert sequence(needs) == tuple(placed)


def before(first: dict[StepId, frozenset[StepId]], step: StepId) -> set[StepId]:
    """All that must be finished before the step, directly or not."""
    found: set[StepId] = set()
    waiting = list(first[step])
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.add(each)
            waiting.extend(first[each])
    return found


@given(dags(), resources, effects)
def test_two_writers_of_one_resource_are_never_under_way_at_once(
    needs: dict[StepId, frozenset[StepId]], writes: dict[StepId, list[str]], kinds: dict[StepId, Effect]
) -> None:
    first = prerequisites(needs, writes, kinds)
    for one in needs:
        for other in needs:
            shared = set(writes.get(one, ())) & set(writes.get(other, ()))
            if one != other and shared and "read" not in (kinds.get(one), kinds.get(other)):
                assert one in before(first, other) or other in before(first, one)


@given(dags(), resources, effects)
def test_what_cannot_be_taken_back_comes_after_all_that_does_not_need_it(
    needs: dict[StepId, frozenset[StepId]], writes: dict[StepId, list[str]], kinds: dict[StepId, Effect]
) -> None:
    first = prerequisites(needs, writes, kinds)
    final = {step for step in needs if kinds.get(step) == "irreversible"}
    for step in final:
        for other in set(needs) - final:
            assert other in before(first, step) or final & before(dict(needs), other)


@given(dags())
def test_a_sequence_respects_needs_and_otherwise_the_order_in_which_the_steps_were_written(
    needs: dict[StepId, frozenset[StepId]],
) -> None:
    line = sequence(needs)

    assert sorted(line) == sorted(needs)
    assert all(line.index(need) < line.index(step) for step in needs for need in needs[step])
    if not any(needs.values()):
        assert line == tuple(needs)


def test_steps_on_a_cycle_are_left_out() -> None:
    a, b, c = STEPS[:3]

    assert sequence({a: frozenset({b}), b: frozenset({a}), c: frozenset()}) == (c,)
    assert prerequisites({a: frozenset({a}), c: frozenset()}, {}, {}) == {c: frozenset()}


def test_a_step_that_writes_one_resource_twice_does_not_wait_for_itself() -> None:
    assert prerequisites({STEPS[0]: frozenset()}, {STEPS[0]: ["x", "x"]}, {}) == {STEPS[0]: frozenset()}
