"""Test what comes after planning: every part handed in, a script for a planner, a world in memory, and no waiting."""

from doer import Doer
from doer.testing import (
    CountingEntropy,
    ManualClock,
    MemoryJournal,
    MemoryWorld,
    PutTool,
    ScriptedPlanner,
    scripted_plan,
    scripted_step,
)


async def test_what_was_approved_is_written_and_can_be_taken_back() -> None:
    world, clock = MemoryWorld(), ManualClock()
    plan = scripted_plan(scripted_step("put", "memory.put", {"name": "a", "value": 1}))
    app = Doer(
        tools=[PutTool(world)],
        planners=[ScriptedPlanner({"do it": plan})],
        journal=MemoryJournal(clock),
        clock=clock,
        entropy=CountingEntropy(),
        approve=lambda request: request.kind != "irreversible",
    )

    run = await app.do("do it")

    assert (run.id, run.status, world.values) == ("run1", "done", {"a": 1})
    assert (await app.undo(run.id)).status == "undone"
    assert world.values == {}
