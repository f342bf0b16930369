"""Calls that may wait: a deadline, or other work beside them, only for a call that does wait for something."""

from __future__ import annotations

import asyncio
import types
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import TypeVar

T = TypeVar("T")


async def within(seconds: float, call: Awaitable[T]) -> T:
    """Return what the call returns. Raises TimeoutError when it waits longer than that.

    Many calls are answered without any waiting (a dictionary, a small file), and a timer costs more than they do. So the
    call is begun first, and the clock is set once it waits: until then it holds up the whole loop, and no timer of the
    loop could stop it.
    """
    begun = call.__await__()
    try:
        waits_for = next(begun)
    except StopIteration as done:
        answer: T = done.value
        return answer
    async with asyncio.timeout(seconds):
        return await _the_rest(begun, waits_for)


async def beside(call: Awaitable[T], other: Callable[[], Coroutine[object, object, object]]) -> T:
    """Return what the call returns; as soon as it waits for something, the other is done beside it, and is done as well.

    A call that is answered without any waiting leaves the other undone.
    """
    begun = call.__await__()
    try:
        waits_for = next(begun)
    except StopIteration as done:
        answer: T = done.value
        return answer
    doing = asyncio.create_task(other())
    try:
        return await _the_rest(begun, waits_for)
    finally:
        await doing


@types.coroutine
def _the_rest(begun: Generator[object, None, T], waits_for: object) -> Generator[object, None, T]:
    """Go on with a call that was begun and waits: `yield from` (PEP 380) whose first step is behind it."""
    while True:
        heard: BaseException | None = None
        try:
            yield waits_for
        except GeneratorExit:
            begun.close()
            raise
        except BaseException as thrown:  # noqa: BLE001 - a cancellation, say: it is for the call to hear, and to let pass
            heard = thrown
        try:
            waits_for = next(begun) if heard is None else begun.throw(heard)
        except StopIteration as done:
            answer: T = done.value
            return answer
