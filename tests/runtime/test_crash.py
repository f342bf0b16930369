"""Killed at every boundary of the record, and in the middle of every effect: resumed, each effect is there exactly once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest
from tests.runtime.workbench import ME, RUN, Bench, tools_over

from doer.domain.errors import Permanent
from doer.domain.event import Event, Recorded, StepStarted, UndoRequested
from doer.domain.plan import Step
from doer.domain.run import Run
from doer.domain.value import RunId
from doer.execution.decide import rest
from doer.policy.approval import approve, approve_undo
from doer.testing.clock import EagerClock
from doer.testing.journal import MemoryJournal
from doer.testing.planner import ScriptedPlanner, scripted_plan
from doer.testing.planner import scripted_step as step
from doer.testing.tools import MemoryTool
from doer.testing.world import Fail, MemoryWorld, Standing

MOST_WORDS = 20


class WatchedJournal(MemoryJournal):
    """Notes how the world stood before and after every append."""

    def __init__(self, clock: EagerClock, world: MemoryWorld) -> None:
        super().__init__(clock)
        self.world = world
        self.moments: list[tuple[int, Standing]] = []
        """Events on record, and the world at that moment: every state in which a crash can leave the two."""

    async def append(self, run: RunId, after: int, events: Sequence[Event]) -> Sequence[Recorded]:
        # A group is one commit; a store that tore it would be met here as well.
        self.moments += [(seq, self.world.now) for seq in range(after, after + len(events))]
        recorded = await super().append(run, after, events)
        self.moments.append((after + len(events), self.world.now))
        return recorded


@dataclass(frozen=True)
class Story:
    """A goal, what befalls its tools, and what must have come of it however often it was interrupted."""

    name: str
    steps: tuple[Step, ...]
    ended: str
    values: dict[str, object]
    undone: bool = False
    forbidden: tuple[str, ...] = ()
    letters: int = 0
    world: dict[str, object] = field(default_factory=dict)

    def bench(self, world: MemoryWorld, journal: Callable[[EagerClock], MemoryJournal] = MemoryJournal) -> Bench:
        clock = EagerClock()
        tools: dict[str, MemoryTool] = tools_over(world)
        for name in self.forbidden:
            tools[name].befall("apply", Fail(Permanent("forbidden")), times=50)
        bench = Bench(world, clock, store=journal(clock), tools=tools)
        bench.planner = ScriptedPlanner({"do it": scripted_plan(*self.steps)})
        return bench


def put(name: str, *needs: str, tool: str = "memory.put", target: str = "") -> Step:
    return step(name, tool, {"name": target or name, "value": name}, needs=needs)


MAIL = step("mail", "memory.send", {"to": "ada", "text": {"$ref": "a.id"}})
LOOK = step("look", "memory.read", {"name": "old"})

STORIES = (
    Story(
        "a run",
        (put("a"), LOOK, put("b", "a", tool="memory.put_unkeyed"), put("c"), put("d", target="old"), MAIL),
        "done", {"a": "a", "b": "b", "c": "c", "old": "d"}, letters=1, world={"old": "was"},
    ),
    Story(
        "a rollback",
        (put("a"), put("b", "a", tool="memory.put_unkeyed"), put("c", "b", target="old"), put("d", "c"),
         step("x", "memory.remove", {"name": "old"}, needs=["d"])),
        "rolled_back", {"old": "was"}, forbidden=("remove",), world={"old": "was"},
    ),
    Story(
        "an undo",
        (put("a"), LOOK, put("b", "a", tool="memory.put_unkeyed"), put("c", target="old"), put("d", "c", target="old")),
        "undone", {"old": "was"}, undone=True, world={"old": "was"},
    ),
)  # fmt: skip


def truth(bench: Bench, run: Run, name: str) -> str:
    """What a person finds who looks: done or not."""
    key = next(state.key for step_id, state in run.steps.items() if step_id == name)
    return "done" if any(deed.key == key for deed in bench.world.now.deeds) else "not_done"


async def carry_on(bench: Bench, story: Story) -> Run:
    """Drive, and say what a person would say, until nothing more happens."""
    for _ in range(MOST_WORDS):
        run = await bench.drive()
        if run.undo == "previewed":
            await bench.say(approve_undo(run, ME))
        elif run.ended is not None and (not story.undone or run.ended == story.ended):
            return run
        elif run.ended is not None:
            await bench.say(UndoRequested(ME))
        elif run.unapproved:
            await bench.say(approve(run, ME, bench.clock.now(), run.unapproved))
        else:
            resting = rest(run)
            assert resting is not None, "it neither ended, nor waits, nor moves"
            (asked,) = resting.steps
            foresight = run.steps[asked].foresight
            assert foresight is not None
            assert not foresight.once or story.forbidden, f"asked about {asked}, whose key the system enforces"
            await bench.settle(asked, truth(bench, run, asked))  # type: ignore[arg-type]
    raise AssertionError("it is asked for ever")


def check(story: Story, bench: Bench, run: Run) -> None:
    proven = run.ended == story.ended or (story.ended == "done" and run.ended == "unproven")
    assert proven, (run.ended, run.reason)
    assert bench.world.values == story.values
    assert len(bench.world.letters) == story.letters
    twice = [deed for deed, times in Counter((deed.what, deed.key) for deed in bench.world.now.deeds if deed.key).items()
             if times > 1]  # fmt: skip
    assert twice == []
    undone = Counter(resource for what, resource in bench.world.deeds if what == "undone")
    done = Counter(resource for what, resource in bench.world.deeds if what.startswith("put"))
    if story.letters == 0:
        assert undone == done


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
async def test_killed_at_any_boundary_it_resumes_and_does_nothing_twice(story: Story) -> None:
    world = MemoryWorld(story.world)  # type: ignore[arg-type]
    bench = story.bench(world, lambda clock: WatchedJournal(clock, world))
    await bench.accept(*story.steps)
    check(story, bench, await carry_on(bench, story))
    record = [each.event for each in await bench.journal.read(RUN)]
    journal = bench.journal
    assert isinstance(journal, WatchedJournal)
    moments = [(seq, standing) for seq, standing in journal.moments if seq > 0]
    assert {seq for seq, _ in moments} == set(range(1, len(record) + 1)), "every boundary is met"

    for seq, standing in moments:
        survivor = MemoryWorld()
        survivor._serial = world._serial  # noqa: SLF001  # versions are never used a second time
        survivor.become(standing)
        second = story.bench(survivor)
        await second.journal.append(RUN, 0, record[:seq])
        check(story, second, await carry_on(second, story))


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
async def test_killed_twice_it_resumes_all_the_same(story: Story) -> None:
    world = MemoryWorld(story.world)  # type: ignore[arg-type]
    bench = story.bench(world, lambda clock: WatchedJournal(clock, world))
    await bench.accept(*story.steps)
    await carry_on(bench, story)
    record = [each.event for each in await bench.journal.read(RUN)]
    assert isinstance(bench.journal, WatchedJournal)
    in_flight = [
        (seq, standing) for seq, standing in bench.journal.moments if seq and isinstance(record[seq - 1], StepStarted)
    ]
    for seq, standing in in_flight:
        survivor = MemoryWorld()
        survivor._serial = world._serial  # noqa: SLF001
        survivor.become(standing)
        second = story.bench(survivor, lambda clock, now=survivor: WatchedJournal(clock, now))  # type: ignore[misc]
        await second.journal.append(RUN, 0, record[:seq])
        await carry_on(second, story)
        again = [each.event for each in await second.journal.read(RUN)]
        assert isinstance(second.journal, WatchedJournal)
        for later, after in [moment for moment in second.journal.moments if moment[0] > seq][::6]:
            last = MemoryWorld()
            last._serial = world._serial  # noqa: SLF001
            last.become(after)
            third = story.bench(last)
            await third.journal.append(RUN, 0, again[:later])
            check(story, third, await carry_on(third, story))
