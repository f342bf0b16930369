"""Calling a foreign function without believing it: in time, off the loop, and with its result weighed."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from doer.domain.value import Json, canonical

MOST_RESULT_BYTES = 1_000_000
"""What a tool may hand back; more belongs into a file."""

T = TypeVar("T")


class Crashed(Exception):
    """The function raised something that is none of doer's errors; `str` says what."""


async def call(function: Callable[[], object], timeout: float) -> object:
    """Call the function, in a thread unless it is `async`, and return what it returns.

    Raises TimeoutError after `timeout` seconds (a thread cannot be stopped and may still do its work), Crashed for an
    attempt to leave the process; whatever else the function raises.
    """
    try:
        async with asyncio.timeout(timeout):
            asynchronous: bool = inspect.iscoroutinefunction(function)
            made = function() if asynchronous else await in_thread(function)
            return await made if isinstance(made, Awaitable) else made
    except SystemExit as leaving:
        raise Crashed(f"it tried to leave the process with {leaving.code!r}") from leaving


async def in_thread(function: Callable[[], T]) -> T:
    """Run the function in a thread of its own and return its result, or raise what it raised.

    Not in the loop's thread pool: its threads are waited for when the process ends, so a hanging tool would hang it.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()
    context = contextvars.copy_context()

    def tell(result: T | None, failure: BaseException | None) -> None:
        if done.done():
            return  # nobody waits any more
        if failure is not None:
            done.set_exception(failure)
        else:
            done.set_result(result)  # type: ignore[arg-type]

    def work() -> None:
        result: T | None = None
        failure: BaseException | None = None
        try:
            result = context.run(function)
        except StopIteration as stop:  # a future cannot carry it
            failure = Crashed(f"StopIteration: {stop}")
        except BaseException as raised:  # noqa: BLE001 - it is handed on to whoever waits
            failure = raised
        if not loop.is_closed():
            loop.call_soon_threadsafe(tell, result, failure)

    threading.Thread(target=work, name="doer-tool", daemon=True).start()
    return await done


def weighed(value: Json, most: int = MOST_RESULT_BYTES) -> Json:
    """Return the value if its canonical JSON is at most `most` bytes. Raises ValueError; reads no more than it must."""
    left = most
    waiting: list[Json] = [value]
    while waiting:
        each = waiting.pop()
        left -= len(each) if isinstance(each, str | Mapping | Sequence) else 1
        if left >= 0 and isinstance(each, Mapping):
            waiting.extend((*each, *each.values()))
        elif left >= 0 and isinstance(each, Sequence) and not isinstance(each, str):
            waiting.extend(each)
        if left < 0:
            raise ValueError(f"it is larger than {most:,} bytes; write large material into a file and return its name")
    try:
        size = len(canonical(value))
    except RecursionError as deep:
        raise ValueError("it is nested too deeply") from deep
    if size > most:
        raise ValueError(f"it is larger than {most:,} bytes; write large material into a file and return its name")
    return value
