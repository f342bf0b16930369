"""From words to a plan that may be shown: questions, abstentions, granted reads, and what is refused."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from tests.runtime.workbench import GOAL, ME, Bench, Rules, put

from doer.connectors.catalog import Catalog
from doer.domain.action import Manifest
from doer.domain.decision import Deny
from doer.domain.errors import Permanent
from doer.domain.event import (
    Abstained,
    Event,
    PlanPreviewed,
    PlanProposed,
    PlanRejected,
    QuestionAnswered,
    QuestionAsked,
    SelectionRead,
)
from doer.domain.goal import Abstention, Answer, Declined, Goal, NotAsked, Question
from doer.domain.plan import Plan
from doer.domain.ports import Proposal, Reader
from doer.execution.arguments import ArgumentCheck
from doer.execution.decide import rest, status
from doer.runtime.planning import Planning
from doer.testing.planner import ScriptedPlanner, scripted_plan
from doer.testing.planner import scripted_step as step
from doer.testing.world import Fail, MemoryWorld


async def test_a_planned_run_rests_until_it_is_approved() -> None:
    bench = Bench()

    assert status(await bench.propose(put("a"), mode="plan")) == "planned"
    assert (await bench.approve()).ended == "done"


async def test_a_planned_run_of_reads_is_carried_on_by_an_approval_of_nothing() -> None:
    bench = Bench()

    assert status(await bench.propose(step("look", "memory.read", {"name": "x"}), mode="plan")) == "planned"
    assert (await bench.approve()).ended == "done"


async def test_a_question_is_asked_and_its_answer_is_planned_with() -> None:
    bench = Bench()
    planner = ScriptedPlanner({GOAL: [Question("who", "Who?"), scripted_plan(put("a"))]})
    await bench.accept()
    bench.planner = planner

    run = await bench.drive()
    assert (status(run), rest(run) and rest(run).reason) == ("needs_answer", "Who?")  # type: ignore[union-attr]
    await bench.say(QuestionAnswered(Answer("who", "Ada"), ME))
    run = await bench.drive()

    assert status(run) == "waiting"
    assert [answer.text for answer in planner.heard[-1][1]] == ["Ada"]
    assert len(await bench.of_kind(QuestionAsked)) == 1


async def test_what_nothing_here_can_do_is_said() -> None:
    bench = Bench()
    await bench.accept(said=Abstention("no", ("put",)))

    run = await bench.drive()

    assert (run.ended, run.reason, len(await bench.of_kind(Abstained))) == ("abstained", "no", 1)


async def test_without_a_planner_the_run_abstains() -> None:
    bench = Bench()
    await bench.accept()
    bench.planner = ScriptedPlanner({})

    assert (await bench.drive()).ended == "abstained"


@pytest.mark.parametrize(
    "wrong",
    [
        scripted_plan(),
        scripted_plan(step("a", "memory.nothing", {})),
        scripted_plan(step("a", "memory.put", {"name": 3, "value": 1})),
        scripted_plan(step("a", "memory.put", {"name": "a", "value": 1}, needs=["a"])),
    ],
    ids=["empty", "unknown tool", "wrong type", "cycle"],
)
async def test_a_plan_that_breaks_the_rules_is_refused_when_it_is_made(wrong: Plan) -> None:
    bench = Bench()
    await bench.accept(said=wrong)

    run = await bench.drive()

    assert (run.ended, len(await bench.of_kind(PlanRejected)), bench.world.deeds) == ("failed", 1, ())
    assert run.reason


async def test_a_planner_that_raises_ends_the_run_and_loses_nothing() -> None:
    async def raising(goal: Goal, answers: object, reader: Reader) -> Proposal:
        raise ZeroDivisionError("oops")

    bench = Bench()
    await bench.accept()
    bench.planner = ScriptedPlanner({GOAL: raising})

    run = await bench.drive()

    assert (run.ended, "oops" in run.reason) == ("failed", True)


async def test_reads_while_planning_are_recorded_before_the_plan() -> None:
    async def reading(goal: Goal, answers: object, reader: Reader) -> Proposal:
        return scripted_plan(
            step("a", "memory.put", {"name": "a", "value": await reader.read("memory.read", {"name": "x"})})
        )

    bench = Bench(MemoryWorld({"x": 1}))
    await bench.accept()
    bench.planner = ScriptedPlanner({GOAL: reading})

    await bench.drive()

    (read,) = await bench.of_kind(SelectionRead)
    assert isinstance(read, SelectionRead)
    assert (read.tool, read.result) == ("memory.read", {"name": "x", "value": 1})


@pytest.mark.parametrize(
    ("tool", "why"),
    [("memory.put", "is not a read"), ("memory.gone", "there is no tool"), ("memory.read", "may not be read")],
)
async def test_planning_may_only_make_reads_that_policy_grants(tool: str, why: str) -> None:
    async def reading(goal: Goal, answers: object, reader: Reader) -> Proposal:
        await reader.read(tool, {"name": "x", "value": 1} if tool == "memory.put" else {"name": "x"})
        raise AssertionError

    bench = Bench(policy=Rules(planning=Deny("no reads")))
    await bench.accept()
    bench.planner = ScriptedPlanner({GOAL: reading})

    run = await bench.drive()

    assert (run.ended, why in run.reason, bench.world.deeds) == ("failed", True, ())


async def test_what_cannot_be_foreseen_at_all_is_not_begun() -> None:
    bench = Bench()

    run = await bench.propose(step("a", "memory.remove", {"name": "nothing"}))

    assert (run.ended, "there is no record" in run.reason) == ("failed", True)


async def test_a_preview_that_crashes_ends_the_run_before_anything_is_done() -> None:
    bench = Bench()
    bench.tools["put"].befall("preview", Fail(ZeroDivisionError("oops")))

    run = await bench.propose(put("a"))

    assert (run.ended, "its preview failed" in run.reason) == ("failed", True)


async def test_a_preview_that_is_no_preview_ends_the_run() -> None:
    from doer.testing.world import Rubbish

    bench = Bench()
    bench.tools["put"].befall("preview", Rubbish("yes"))

    assert (await bench.propose(put("a"))).ended == "failed"


async def test_a_preview_that_no_digest_could_hold_ends_the_run_and_does_not_lose_it() -> None:
    bench = Bench(MemoryWorld({"a": 2**60}))

    assert (await bench.propose(put("a"))).ended == "failed"


async def test_a_step_made_of_a_later_value_whose_preview_fails_is_asked_as_not_foreseeable() -> None:
    bench = Bench()
    bench.tools["remove"].befall("preview", Fail(Permanent("who knows")))
    later = step("b", "memory.remove", {"name": {"$ref": "a.id"}})

    run = await bench.propose(put("a"), later)

    (previewed,) = await bench.of_kind(PlanPreviewed)
    assert isinstance(previewed, PlanPreviewed)
    assert [each.preview.foreseeable for each in previewed.foresights] == [True, False]
    assert status(run) == "waiting"


async def test_what_a_person_forbids_is_planned_by_nobody_else() -> None:
    bench = Bench()
    await bench.accept(said=Declined("'not' says what should not happen", ("memory.put",)))
    eager = ScriptedPlanner({GOAL: scripted_plan(put("a"))})
    planning = Planning(Catalog(bench.tools.values()), bench.policy, [bench.planner, eager], ArgumentCheck())

    events = await planning.propose(await bench.run())

    assert events == (Abstained(Abstention("'not' says what should not happen", ("memory.put",))),)
    assert eager.heard == []


class Eager:
    """Plans the same whatever it is asked, and remembers which tools it was shown."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.shown: Sequence[Manifest] = ()

    async def propose(
        self, goal: Goal, answers: Sequence[Answer], tools: Sequence[Manifest], reader: Reader
    ) -> Proposal:
        self.shown = tools
        return self.plan


async def after_a_question(eager: Eager) -> Event:
    bench = Bench()
    await bench.accept(said=NotAsked("that asks about something", ("memory.put",)))
    planning = Planning(Catalog(bench.tools.values()), bench.policy, [bench.planner, eager], ArgumentCheck())
    (event,) = await planning.propose(await bench.run())
    return event


async def test_after_a_question_or_a_statement_the_next_planner_is_shown_only_what_reads() -> None:
    eager = Eager(scripted_plan(step("look", "memory.read", {"name": "x"})))

    assert isinstance(await after_a_question(eager), PlanProposed)
    assert {each.effect for each in eager.shown} == {"read"}


async def test_a_change_that_a_planner_makes_of_a_question_is_not_proposed() -> None:
    event = await after_a_question(Eager(scripted_plan(put("a"))))

    told = "that asks about something; script would use memory.put, and nothing was asked to be done"
    assert event == Abstained(Abstention(told, ("memory.put",)))
