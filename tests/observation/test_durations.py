"""How long tools took, read from the record."""

from __future__ import annotations

from tests.runtime.workbench import Bench, put

from doer.domain.plan import Plan, Step
from doer.domain.value import StepId
from doer.observation.durations import MeasuredDurations
from doer.planning.order import critical_path
from doer.testing.planner import scripted_step as step


async def test_a_tool_takes_the_median_of_what_it_took_and_an_unseen_one_is_not_guessed() -> None:
    bench = Bench()
    original = bench.tools["put"].apply
    lasts = iter((1.0, 9.0, 2.0))

    async def slow(*arguments: object) -> object:
        bench.clock.advance(next(lasts))
        return await original(*arguments)  # type: ignore[arg-type]

    bench.tools["put"].apply = slow  # type: ignore[method-assign,assignment]
    await bench.do(*(put(name) if not before else step(name, "memory.put", {"name": name, "value": 1}, needs=[before])
                     for name, before in (("a", ""), ("b", "a"), ("c", "b"))))  # fmt: skip

    expected = await MeasuredDurations(bench.journal).expected({"memory.put", "memory.send"})

    assert expected == {"memory.put": 2.0}


async def test_an_empty_journal_tells_nothing() -> None:
    assert await MeasuredDurations(Bench().journal).expected({"memory.put"}) == {}


async def test_the_measured_durations_make_the_longest_path_the_most_urgent() -> None:
    plan = Plan((Step(StepId("slow"), "a.slow"), Step(StepId("quick"), "a.quick")))

    urgency = critical_path(plan, {StepId("slow"): 30.0, StepId("quick"): 0.1})

    assert urgency[StepId("slow")] > urgency[StepId("quick")]
