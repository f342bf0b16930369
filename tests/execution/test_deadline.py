"""A deadline for a call of a tool: what waits is timed, and is cancelled and answered as if nobody stood between."""

from __future__ import annotations

import asyncio

import pytest

from doer.execution.deadline import beside, within

LONG = 60.0


async def at_once() -> str:
    return "here"


async def later(turns: int) -> str:
    for _ in range(turns):
        await asyncio.sleep(0)
    return f"after {turns}"


async def never(heard: list[str]) -> str:
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        heard.append("cancelled")
        raise
    return "never"


async def test_a_call_that_waits_for_nothing_is_answered_even_without_any_time() -> None:
    assert await within(0.0, at_once()) == "here"


@pytest.mark.parametrize("turns", [1, 2, 5])
async def test_a_call_that_waits_in_time_is_answered(turns: int) -> None:
    assert await within(LONG, later(turns)) == f"after {turns}"


async def test_a_future_is_waited_for() -> None:
    future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(future.set_result, "set")

    assert await within(LONG, future) == "set"


async def test_a_call_that_waits_too_long_is_cancelled_and_late() -> None:
    heard: list[str] = []

    with pytest.raises(TimeoutError):
        await within(0.0, never(heard))

    assert heard == ["cancelled"]


async def test_a_deadline_of_the_call_itself_stays_its_own() -> None:
    async def own() -> str:
        try:
            async with asyncio.timeout(0):
                await asyncio.Event().wait()
        except TimeoutError:
            return "its own"
        return "none"

    assert await within(LONG, own()) == "its own"


async def test_who_is_cancelled_while_the_call_waits_cancels_the_call() -> None:
    heard: list[str] = []
    waiting = asyncio.create_task(within(LONG, never(heard)))
    await asyncio.sleep(0)

    waiting.cancel()

    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert heard == ["cancelled"]


async def test_a_call_that_cleans_up_with_further_waiting_is_given_the_time() -> None:
    heard: list[str] = []

    async def tidy() -> str:
        try:
            await asyncio.Event().wait()
        finally:
            heard.append(await later(2))
        return "never"

    waiting = asyncio.create_task(within(LONG, tidy()))
    await asyncio.sleep(0)
    waiting.cancel()

    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert heard == ["after 2"]


@pytest.mark.parametrize("turns", [0, 2])
async def test_what_the_call_raises_is_raised(turns: int) -> None:
    async def fails() -> str:
        await later(turns)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await within(LONG, fails())


def test_a_call_that_nobody_waits_for_any_more_is_closed() -> None:
    closed: list[str] = []

    async def open_ended() -> str:
        try:
            await later(9)
        finally:
            closed.append("closed")
        return "never"

    async def outer() -> str:
        return await within(LONG, open_ended())

    async def begin() -> None:
        asyncio.get_running_loop().call_soon(lambda: None)
        waiting = outer()
        waiting.send(None)
        waiting.close()

    asyncio.run(begin())
    assert closed == ["closed"]


async def test_beside_a_call_that_waits_for_nothing_nothing_is_done() -> None:
    done: list[str] = []

    async def other() -> None:
        done.append("other")

    assert (await beside(at_once(), other), done) == ("here", [])


@pytest.mark.parametrize("turns", [1, 3])
async def test_beside_a_call_that_waits_the_other_is_done_and_waited_for(turns: int) -> None:
    done: list[str] = []

    async def other() -> None:
        await later(5)
        done.append("other")

    assert (await beside(later(turns), other), done) == (f"after {turns}", ["other"])


async def test_what_the_other_raises_is_raised_once_the_call_is_over() -> None:
    async def other() -> None:
        raise OSError("full")

    with pytest.raises(OSError, match="full"):
        await beside(later(2), other)


async def test_who_is_cancelled_beside_another_ends_when_the_other_is_done() -> None:
    heard: list[str] = []

    async def other() -> None:
        await later(3)
        heard.append("other")

    going = asyncio.create_task(beside(never(heard), other))
    await asyncio.sleep(0)
    going.cancel()
    await asyncio.gather(going, return_exceptions=True)

    assert (going.cancelled(), heard) == (True, ["cancelled", "other"])
