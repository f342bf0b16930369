"""Several hands on one run: two drivers, and words that are appended while it is driven."""

from __future__ import annotations

import ast
import asyncio
import inspect
from collections.abc import Sequence

import pytest
from tests.runtime.workbench import GOAL, ME, RUN, Bench, put, states, until

from doer.domain.action import Manifest
from doer.domain.errors import AlreadyDriven, JournalUnwritable, NewerRecord, Transient, UnknownRun
from doer.domain.event import (
    CancelRequested,
    Event,
    Recorded,
    RunAccepted,
    RunClaimed,
    StepApplied,
    StepStarted,
    TimerFired,
)
from doer.domain.goal import Answer, Goal
from doer.domain.plan import Step
from doer.domain.ports import Proposal, Reader
from doer.domain.value import Principal, RunId, StepId
from doer.execution.command import Reconcile
from doer.execution.decide import VERSION
from doer.runtime.course import Course
from doer.runtime.loop import Loop
from doer.testing.clock import START, EagerClock, ManualClock
from doer.testing.journal import MemoryJournal
from doer.testing.planner import ScriptedPlanner, scripted_plan
from doer.testing.planner import scripted_step as step
from doer.testing.world import Fail, Hang


class InterruptedJournal(MemoryJournal):
    """Somebody else appends just before chosen appends of the driver."""

    def __init__(self, word: Event, before: Sequence[int] = (), first: type[Event] | None = None) -> None:
        super().__init__(EagerClock())
        self.word = word
        self.before = before
        self.first = first
        self.appends = 0

    async def append(self, run: RunId, after: int, events: Sequence[Event]) -> Sequence[Recorded]:
        self.appends += 1
        kinds = {type(event) for event in events}
        if self.appends in self.before or self.first in kinds:
            self.first = None
            await super().append(run, after, [self.word])
        return await super().append(run, after, events)


class FullJournal(MemoryJournal):
    """A disk that takes so many appends and no more."""

    def __init__(self, takes: int) -> None:
        super().__init__(EagerClock())
        self.takes = takes

    async def append(self, run: RunId, after: int, events: Sequence[Event]) -> Sequence[Recorded]:
        self.takes -= 1
        if self.takes < 0:
            raise JournalUnwritable("no space left on device")
        return await super().append(run, after, events)


def chain() -> tuple[Step, ...]:
    return put("a"), step("b", "memory.put_unkeyed", {"name": "b", "value": 1}, needs=["a"])


async def test_a_second_driver_is_refused_while_the_first_drives() -> None:
    bench = Bench()
    gate = Hang()
    await bench.propose(put("a"))
    bench.tools["put"].befall("apply", gate)
    going = asyncio.create_task(bench.approve())
    await until(lambda: "apply" in bench.tools["put"].calls)

    with pytest.raises(AlreadyDriven):
        await bench.drive()
    gate.release.set()

    assert (await going).ended == "done"


async def test_an_unknown_run_is_said_to_be_unknown() -> None:
    with pytest.raises(UnknownRun, match="doer runs"):
        await Bench().drive()


async def test_a_run_decided_by_a_newer_doer_is_not_driven() -> None:
    bench = Bench()
    await bench.journal.append(RUN, 0, [RunAccepted(Goal("x", Principal("sam"), START), "do", 1, VERSION + 1)])

    with pytest.raises(NewerRecord, match="upgrade"):
        await bench.drive()


@pytest.mark.parametrize("place", range(3, 12))
async def test_a_cancel_at_any_moment_while_driving_is_heeded_and_nothing_is_done_twice(place: int) -> None:
    journal = InterruptedJournal(CancelRequested(ME), [place])
    bench = Bench(store=journal)
    await bench.accept(*chain())
    run = await bench.drive()
    if run.unapproved and not run.cancelled:
        run = await bench.approve()

    cancelled = any(isinstance(event, CancelRequested) for event in await bench.events())
    assert cancelled is (place <= journal.appends)
    assert run.ended in (("cancelled", "rolled_back") if cancelled else ("done",))
    assert bench.world.values == ({} if cancelled else {"a": 1, "b": 1})
    assert all(bench.world.deeds.count(deed) == 1 for deed in bench.world.deeds)


@pytest.mark.parametrize("place", range(2, 12))
async def test_a_word_that_changes_nothing_changes_nothing(place: int) -> None:
    bench = Bench(store=InterruptedJournal(TimerFired(START), [place, place + 1, place + 2]))
    await bench.accept(*chain())
    await bench.drive()

    run = await bench.approve()

    assert (run.ended, bench.world.deeds) == ("done", (("put", "memory:a"), ("put_unkeyed", "memory:b")))


async def test_what_was_found_in_the_world_is_kept_when_somebody_appended_first() -> None:
    bench = Bench(store=InterruptedJournal(CancelRequested(ME), first=StepApplied))
    await bench.accept(*chain())
    await bench.drive()
    await bench.approve()

    story = await bench.story()
    assert story.index("CancelRequested") < story.index("StepApplied a") < story.index("StepUndone a")
    assert story.count("StepStarted a") == 1
    assert "StepStarted b" not in story


async def test_a_claim_is_on_record_before_anything_is_touched_however_often_somebody_is_faster() -> None:
    bench = Bench(store=InterruptedJournal(TimerFired(START), range(4, 9)))
    await bench.accept(*chain())
    await bench.drive()
    await bench.approve()

    story = await bench.story()
    assert story[story.index("Approved") :].index("RunClaimed") < story[story.index("Approved") :].index(
        "StepStarted a"
    )


async def test_a_driver_that_waits_hears_a_word_and_stops() -> None:
    clock = ManualClock()
    bench = Bench(clock=clock)
    bench.tools["put"].befall("apply", Fail(Transient("busy")), times=9)
    await bench.propose(put("a"))
    going = asyncio.create_task(bench.approve())
    await until(lambda: clock.next_moment is not None)
    await bench.say(CancelRequested(ME))

    run = await going

    assert (run.ended, bench.world.deeds, clock.now()) == ("cancelled", (), START)


async def test_a_wait_fires_when_its_time_has_come() -> None:
    clock = ManualClock()
    bench = Bench(clock=clock)
    bench.tools["put"].befall("apply", Fail(Transient("busy")))
    await bench.propose(put("a"))
    going = asyncio.create_task(bench.approve())
    await until(lambda: clock.next_moment is not None)
    assert not going.done()
    moment = clock.next_moment
    assert moment is not None
    clock.advance_to(moment)

    assert (await going).ended == "done"
    assert len(await bench.of_kind(TimerFired)) == 1


async def test_a_driver_that_is_stopped_leaves_a_run_that_another_finishes() -> None:
    bench = Bench()
    bench.tools["put"].befall("apply", Hang())
    await bench.propose(put("a"))
    going = asyncio.create_task(bench.approve())
    await until(lambda: "apply" in bench.tools["put"].calls)
    going.cancel()
    with pytest.raises(asyncio.CancelledError):
        await going

    run = await bench.drive()

    assert (run.ended, bench.world.deeds) == ("done", (("put", "memory:a"),))


@pytest.mark.parametrize("takes", range(1, 10))
async def test_a_full_disk_stops_everything_and_loses_nothing(takes: int) -> None:
    journal = FullJournal(takes)
    bench = Bench(store=journal)
    try:
        await bench.accept(*chain())
        await bench.drive()
        await bench.approve()
    except JournalUnwritable:
        kept = await bench.events()
        touched = [event.step for event in kept if isinstance(event, StepStarted)]
        assert {resource.removeprefix("memory:") for _, resource in bench.world.deeds} <= set(touched)
    journal.takes = 1000
    run = await bench.drive()
    if run.unapproved:
        run = await bench.approve()

    assert (run.ended, sorted(bench.world.values)) == ("done", ["a", "b"])
    assert all(bench.world.deeds.count(deed) == 1 for deed in bench.world.deeds)


async def test_the_end_of_one_step_and_the_start_of_the_next_are_one_commit() -> None:
    commits: list[list[str]] = []

    class Noting(MemoryJournal):
        async def append(self, run: RunId, after: int, events: Sequence[Event]) -> Sequence[Recorded]:
            commits.append([type(event).__name__ for event in events])
            return await super().append(run, after, events)

    bench = Bench(store=Noting(EagerClock()))
    await bench.do(*chain())

    assert commits == [
        ["RunAccepted"],
        ["RunClaimed", "PlanProposed", "PlanPreviewed", "PlanJudged"],
        ["Approved"],
        ["RunClaimed", "StepStarted"],
        ["StepApplied", "StepVerified", "StepStarted"],
        ["StepApplied", "StepVerified", "RunEnded"],
    ]


async def test_what_was_done_is_on_record_while_it_waits_to_be_read_back() -> None:
    bench = Bench()
    gate = Hang()
    bench.tools["put"].befall("verify", gate)
    await bench.propose(put("a"))
    going = asyncio.create_task(bench.approve())
    await until(lambda: "verify" in bench.tools["put"].calls)
    await asyncio.sleep(0)

    assert (await bench.story())[-1] == "StepApplied a"
    gate.release.set()
    assert (await going).ended == "done"


async def test_what_was_done_is_on_record_while_the_next_step_is_foreseen() -> None:
    bench = Bench()
    gate = Hang()
    await bench.propose(*chain())
    bench.tools["put2"].befall("preview", gate)
    going = asyncio.create_task(bench.approve())
    await until(lambda: bool(bench.world.deeds) and bench.tools["put2"].calls.count("preview") == 2)
    await asyncio.sleep(0)

    assert (await bench.story())[-2:] == ["StepApplied a", "StepVerified a"]
    gate.release.set()
    assert (await going).ended == "done"


async def test_a_disk_that_fails_beside_a_call_stops_the_driver() -> None:
    bench = Bench(store=FullJournal(4))
    gate = Hang()
    bench.tools["put"].befall("verify", gate)
    await bench.propose(put("a"))
    going = asyncio.create_task(bench.approve())
    await until(lambda: "verify" in bench.tools["put"].calls)
    gate.release.set()

    with pytest.raises(JournalUnwritable):
        await going

    assert (await bench.story())[-1] == "StepStarted a"


async def test_a_claim_is_on_record_while_a_planner_thinks() -> None:
    thinking = asyncio.Event()

    class Slow(ScriptedPlanner):
        async def propose(
            self, goal: Goal, answers: Sequence[Answer], tools: Sequence[Manifest], reader: Reader
        ) -> Proposal:
            await thinking.wait()
            return await super().propose(goal, answers, tools, reader)

    bench = Bench()
    await bench.accept(put("a"))
    bench.planner = Slow({GOAL: scripted_plan(put("a"))})
    going = asyncio.create_task(bench.drive())
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    assert await bench.story() == ["RunAccepted", "RunClaimed"]
    thinking.set()
    assert (await going).unapproved == ("a",)


@pytest.mark.parametrize("epoch", [2, 3])
async def test_a_driver_whose_claim_comes_after_that_of_another_touches_nothing(epoch: int) -> None:
    bench = Bench(store=InterruptedJournal(RunClaimed(epoch, "other"), first=StepStarted))
    await bench.propose(put("a"))

    with pytest.raises(AlreadyDriven):
        await bench.approve()

    story = await bench.story()
    assert (story[-1], story.count("RunClaimed"), bench.world.deeds) == ("RunClaimed", 2, ())


async def test_a_start_is_on_record_before_the_tool_is_called() -> None:
    bench = Bench()
    seen: list[list[str]] = []
    apply = bench.tools["put"].apply

    async def watched(*call: object) -> object:
        seen.append(await bench.story())
        return await apply(*call)  # type: ignore[arg-type]

    bench.tools["put"].apply = watched  # type: ignore[method-assign,assignment]
    await bench.do(put("a"))

    assert [story[-1] for story in seen] == ["StepStarted a"]


async def test_a_course_that_was_overtaken_keeps_facts_and_drops_decisions() -> None:
    bench = Bench()
    await bench.do(put("a"))
    course = await Course.take(bench.journal, RUN)
    course.note([TimerFired(START), *await bench.of_kind(StepApplied)])
    await bench.say(RunClaimed(9, "other"))

    assert not await course.write()
    assert (course.run.epoch, states(course.run)["a"]) == (9, "applied")
    assert (await bench.story())[-2:] == ["RunClaimed", "StepApplied a"]


async def test_a_course_whose_claim_came_too_late_keeps_facts_and_is_not_driven() -> None:
    bench = Bench()
    await bench.do(put("a"))
    course = await Course.take(bench.journal, RUN)
    course.claim("us")
    course.note(await bench.of_kind(StepApplied))
    await bench.say(RunClaimed(course.run.epoch, "other"))

    with pytest.raises(AlreadyDriven):
        await course.write()

    assert (await bench.story())[-2:] == ["RunClaimed", "StepApplied a"]


async def test_a_start_that_was_left_is_unknown_to_the_next_driver_even_if_somebody_speaks_before_its_claim() -> None:
    bench = Bench()
    gate = Hang()
    bench.tools["put"].befall("apply", gate)
    await bench.propose(put("a"))
    going = asyncio.create_task(bench.approve())
    await until(lambda: "apply" in bench.tools["put"].calls)
    going.cancel()
    await asyncio.gather(going, return_exceptions=True)
    course = await Course.take(bench.journal, RUN)
    course.claim("next")
    await bench.say(TimerFired(START))

    assert not await course.write()
    assert (states(course.run)["a"], course.commands) == ("unknown", (Reconcile(StepId("a"), 0),))
    assert (await bench.story())[-2:] == ["TimerFired", "RunClaimed"]


def test_the_loop_fits_one_screen_and_reads_aloud() -> None:
    (loop,) = [node for node in ast.walk(ast.parse(inspect.getsource(Loop))) if isinstance(node, ast.ClassDef)]
    methods = {node.name: node for node in loop.body if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef)}
    lines = {name: (node.end_lineno or 0) - node.lineno + 1 for name, node in methods.items()}

    assert lines["drive"] <= 40
    assert depth(methods["drive"]) <= 3
    # One case for each command is a list and not a length.
    assert {name: length for name, length in lines.items() if length > 40 and name != "_perform"} == {}


def depth(node: ast.AST) -> int:
    """How many blocks stand in one another below a function."""
    blocks = ast.If | ast.For | ast.While | ast.With | ast.Try | ast.AsyncFor | ast.AsyncWith | ast.Match
    inner = max((depth(child) for child in ast.iter_child_nodes(node)), default=0)
    return inner + isinstance(node, blocks)
