"""A desk: a Doer whose every part is handed in, over a world in memory; a second one is another process at the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from doer import ApprovalRequest, Approver, Doer, Planner, Policy, Skill, Step, Tool
from doer.testing import (
    CountingEntropy,
    EagerClock,
    ManualClock,
    MemoryJournal,
    MemoryWorld,
    PutTool,
    ReadTool,
    ScriptedPlanner,
    SendTool,
    scripted_plan,
    scripted_step,
)
from doer.testing.planner import Line

PUT = scripted_step("put", "memory.put", {"name": "a", "value": 1})
SEND = scripted_step("send", "memory.send", {"to": "ana", "text": "hi"})


@dataclass
class Desk:
    """What is shared by every Doer made here: the world, the record, the time."""

    world: MemoryWorld = field(default_factory=MemoryWorld)
    clock: ManualClock = field(default_factory=EagerClock)
    entropy: CountingEntropy = field(default_factory=CountingEntropy)
    journal: MemoryJournal = field(init=False)
    tools: Sequence[Tool] = ()

    def __post_init__(self) -> None:
        self.journal = MemoryJournal(self.clock)
        self.tools = self.tools or (PutTool(self.world), SendTool(self.world), ReadTool(self.world))

    def scripted(
        self, *steps: Step, me: str = "sam", approve: Approver | None = None, policy: Policy | None = None
    ) -> Doer:
        """A Doer to whom every goal `do it` means these steps."""
        return self.doer([ScriptedPlanner({"do it": scripted_plan(*steps)})], me=me, approve=approve, policy=policy)

    def saying(self, script: Mapping[str, Line | Sequence[Line]]) -> Doer:
        return self.doer([ScriptedPlanner(script)])

    def doer(
        self,
        planners: Sequence[Planner] | None = None,
        *,
        skills: Sequence[Skill] = (),
        me: str = "sam",
        approve: Approver | None = None,
        policy: Policy | None = None,
    ) -> Doer:
        return Doer(
            tools=self.tools,
            skills=skills,
            planners=planners,
            journal=self.journal,
            clock=self.clock,
            entropy=self.entropy,
            policy=policy,
            approve=approve,
            me=me,
        )


class Approving:
    """An approver that keeps what it was asked, and says no to the kinds that it is told."""

    def __init__(self, *refusing: str) -> None:
        self.refusing = refusing
        self.asked: list[ApprovalRequest] = []

    def __call__(self, request: ApprovalRequest) -> bool:
        self.asked.append(request)
        return request.kind not in self.refusing

    @property
    def kinds(self) -> list[str]:
        return [request.kind for request in self.asked]
