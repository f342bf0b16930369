"""A workbench: one memory world, a scripted planner and a loop, so that a test says a goal and reads the record."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from doer.connectors.catalog import Catalog
from doer.domain.decision import Allow, Decision, Request
from doer.domain.errors import Outdated
from doer.domain.event import (
    Approved,
    CancelRequested,
    Event,
    OutcomeSettled,
    RedoRequested,
    Refused,
    RunAccepted,
    StepStarted,
    UndoRefused,
    UndoRequested,
)
from doer.domain.fold import fold
from doer.domain.goal import Goal
from doer.domain.plan import Step
from doer.domain.ports import Journal, Planner, Policy, Proposal
from doer.domain.run import Run
from doer.domain.value import Digest, Principal, RunId, StepId, digest
from doer.execution.arguments import ArgumentCheck
from doer.execution.command import Rest
from doer.execution.decide import VERSION, rest
from doer.execution.granting import Granting
from doer.execution.perform import Performer
from doer.policy.approval import approve, approve_undo
from doer.policy.rules import BuiltInRules
from doer.runtime.loop import Loop
from doer.runtime.planning import Planning
from doer.testing.clock import EagerClock, ManualClock
from doer.testing.journal import MemoryJournal
from doer.testing.planner import ScriptedPlanner, scripted_plan, scripted_step
from doer.testing.tools import MemoryTool, PutTool, ReadTool, RemoveTool, SendTool
from doer.testing.world import MemoryWorld

ME = Principal("sam")
RUN = RunId("run1")
GOAL = "do it"


def tools_over(world: MemoryWorld) -> dict[str, MemoryTool]:
    """One tool of each kind; `put2` and `remove2` are over a world that enforces no keys."""
    return {
        "put": PutTool(world),
        "put2": PutTool(world, "memory.put_unkeyed", once=False),
        "remove": RemoveTool(world),
        "send": SendTool(world),
        "post": SendTool(world, "memory.post", readable=False),
        "read": ReadTool(world),
    }


@dataclass
class Bench:
    """Everything that a driver needs; a second one over the same journal and world is another process."""

    world: MemoryWorld = field(default_factory=MemoryWorld)
    clock: ManualClock = field(default_factory=EagerClock)
    policy: Policy = field(default_factory=BuiltInRules)
    store: Journal | None = None
    tools: dict[str, MemoryTool] = field(default_factory=dict)
    planner: Planner = field(default_factory=lambda: ScriptedPlanner({}))

    def __post_init__(self) -> None:
        self.journal: Journal = MemoryJournal(self.clock) if self.store is None else self.store
        self.tools = self.tools or tools_over(self.world)

    def loop(self) -> Loop:
        catalog, check = Catalog(self.tools.values()), ArgumentCheck()
        planning = Planning(catalog, self.policy, [self.planner], check)
        performer = Performer(catalog, self.clock, check, Granting(catalog, self.policy, self.clock))
        return Loop(self.journal, planning, performer, self.clock, "bench")

    async def accept(self, *steps: Step, mode: Literal["do", "plan"] = "do", said: Proposal | None = None) -> None:
        """Record the goal, whose plan these steps are; nothing is driven yet."""
        self.planner = ScriptedPlanner({GOAL: scripted_plan(*steps) if said is None else said})
        await self.journal.append(RUN, 0, [RunAccepted(Goal(GOAL, ME, self.clock.now()), mode, 7, VERSION)])

    async def drive(self) -> Run:
        return await self.loop().drive(RUN)

    async def propose(self, *steps: Step, mode: Literal["do", "plan"] = "do") -> Run:
        """Record the goal and drive it until somebody is asked."""
        await self.accept(*steps, mode=mode)
        return await self.drive()

    async def say(self, *events: Event) -> None:
        """Append a person's words."""
        for event in events:
            while True:
                try:
                    await self.journal.append(RUN, (await self.run()).seq, [event])
                except Outdated:
                    continue
                break

    async def approve(self, *named: str, lasts: timedelta | None = None) -> Run:
        """Approve what waits, and drive on."""
        word = approve(await self.run(), ME, self.clock.now(), [StepId(name) for name in named])
        if lasts is not None:
            word = Approved(word.by, word.bindings, word.named, self.clock.now() + lasts)
        await self.say(word)
        return await self.drive()

    async def do(self, *steps: Step, named: Sequence[str] = ()) -> Run:
        """Say the goal, approve the plan and drive it as far as it goes."""
        await self.propose(*steps)
        return await self.approve(*named)

    async def settle(self, step: str, outcome: Literal["done", "not_done", "abandon"]) -> Run:
        await self.say(OutcomeSettled(StepId(step), outcome, ME))
        return await self.drive()

    async def cancel(self) -> Run:
        await self.say(CancelRequested(ME))
        return await self.drive()

    async def refuse(self, reason: str = "") -> Run:
        await self.say(Refused(ME, reason))
        return await self.drive()

    async def preview_undo(self) -> Run:
        await self.say(UndoRequested(ME))
        return await self.drive()

    async def undo(self) -> Run:
        """Ask for undo, approve it, and drive it."""
        await self.preview_undo()
        await self.say(approve_undo(await self.run(), ME))
        return await self.drive()

    async def refuse_undo(self) -> Run:
        await self.say(UndoRefused(ME))
        return await self.drive()

    async def redo(self) -> Run:
        await self.say(RedoRequested(ME))
        return await self.drive()

    async def run(self) -> Run:
        return fold(RUN, await self.journal.read(RUN))

    async def events(self) -> list[Event]:
        return [record.event for record in await self.journal.read(RUN)]

    async def story(self) -> list[str]:
        """The record, a line an event: its kind and its step."""
        return [told(event) for event in await self.events()]

    async def of_kind(self, kind: type[Event]) -> list[Event]:
        return [event for event in await self.events() if isinstance(event, kind)]


def asked_about(run: Run) -> Rest:
    """What the run rests on."""
    resting = rest(run)
    assert resting is not None, f"it does not rest, it is {run.ended or 'running'}"
    return resting


async def until(true: Callable[[], bool]) -> None:
    """Let everybody else go on until it is so; no time passes."""
    for _ in range(10_000):
        if true():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never came to that")


def told(event: Event) -> str:
    step = getattr(event, "step", "")
    return f"{type(event).__name__} {step}".strip()


def states(run: Run) -> Mapping[str, str]:
    """Step -> state."""
    return {str(step): state.state for step, state in run.steps.items()}


def put(name: str, value: object = 1, **more: object) -> Step:
    return scripted_step(name, "memory.put", {"name": name, "value": value, **more})  # type: ignore[dict-item]


async def started(bench: Bench) -> list[str]:
    return [event.step for event in await bench.of_kind(StepStarted) if isinstance(event, StepStarted)]


class Rules:
    """A policy that a test can change."""

    def __init__(self, **decisions: Decision | Exception) -> None:
        self.decisions = decisions
        self.version = 1

    @property
    def digest(self) -> Digest:
        return digest(self.version)

    def decide(self, request: Request) -> Decision:
        decision = self.decisions.get(request.step, Allow("by rule"))
        if isinstance(decision, Exception):
            raise decision
        return decision
