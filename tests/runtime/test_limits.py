"""What many small steps add up to is counted over the whole run, before the first and before each of them."""

from dataclasses import replace

from tests.runtime.workbench import Bench, put

from doer.domain.event import StepStarted
from doer.domain.value import JsonObject
from doer.policy.rules import BuiltInRules, Limits
from doer.testing.planner import scripted_step as step
from doer.testing.world import MemoryWorld


def bench(**limits: int) -> Bench:
    world = MemoryWorld({f"r{number}": number for number in range(5)})
    return Bench(world=world, policy=BuiltInRules({"memory": Limits(**limits)}))


async def test_a_run_that_deletes_too_much_in_small_steps_is_refused_as_a_whole() -> None:
    desk = bench(deletions=2)

    run = await desk.propose(*(step(f"s{n}", "memory.remove", {"name": f"r{n}"}) for n in range(3)))

    assert (run.ended, "delete 3 in memory, and 2 is the most" in run.reason) == ("refused", True)
    assert len(desk.world.values) == 5


async def test_a_run_at_its_limit_is_done() -> None:
    desk = bench(deletions=2)

    run = await desk.do(*(step(f"s{n}", "memory.remove", {"name": f"r{n}"}) for n in range(2)))

    assert (run.ended, len(desk.world.values)) == ("done", 3)


async def test_a_resource_that_is_changed_twice_counts_once() -> None:
    desk = bench(changes=1)

    run = await desk.do(put("a", 1), step("again", "memory.put", {"name": "a", "value": 2}, needs=["a"]))

    assert run.ended == "done"


async def test_recipients_are_counted_over_all_steps_and_each_address_once() -> None:
    desk = bench(recipients=2)
    letters = [
        step(f"s{n}", "memory.send", {"to": to, "text": "hi"}) for n, to in enumerate(["a@x", "b@x", "A@x", "c@x"])
    ]

    run = await desk.propose(*letters)

    assert (run.ended, "be sent to 3 in memory" in run.reason) == ("refused", True)
    assert await desk.of_kind(StepStarted) == []


async def test_a_list_of_recipients_counts_as_many_as_it_names() -> None:
    desk = bench(recipients=3)
    parameters: JsonObject = {"type": "object", "properties": {"to": {"type": "array"}, "text": {"type": "string"}}}
    desk.tools["send"].manifest = replace(desk.tools["send"].manifest, parameters=parameters)

    run = await desk.propose(step("s", "memory.send", {"to": ["a@x, b@x", ["A@x", "c@x"], "d@x", 5], "text": "hi"}))

    assert (run.ended, "be sent to 4 in memory" in run.reason) == ("refused", True)
