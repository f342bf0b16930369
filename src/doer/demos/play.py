"""The choreography of a demo, without a word printed: the world is started, the acts are played, the world is ended."""

from __future__ import annotations

import tempfile
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

from doer.demos.acts import HURRIED, Acts
from doer.demos.catalog import find_scenario
from doer.demos.hand import open_doer
from doer.demos.happening import Happening, ServersUp
from doer.demos.liar import before
from doer.demos.wishes import Observed, Wishes
from doer.testing.scenario import Stage


async def play(
    wishes: Wishes, linger: Callable[[Stage], Awaitable[None]] | None = None
) -> AsyncGenerator[Happening, None]:
    """Yield what happens; close the iterator to end it early. `linger` is awaited at the end, servers still running.

    Raises UsageError for a scenario, a service or a sentence that cannot be played.
    """
    scenario = find_scenario(wishes.scenario)
    async with AsyncExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="doer-demo-")))
        began = time.monotonic()
        stack.enter_context(scenario.start(root))
        stage = scenario.attach(root)
        yield ServersUp(
            root, stage.services, stage.kinds if isinstance(stage, Observed) else {}, time.monotonic() - began
        )
        liar = None if wishes.lie is None else await stack.enter_async_context(before(wishes.lie, stage.services))
        reached = stage if liar is None else scenario.attach(root, liar.through)
        doer = await stack.enter_async_context(open_doer(reached, seconds=HURRIED if liar else 0.0))
        acts = Acts(wishes, root, stage, doer, liar, stack)
        async for happening in acts.all(wishes.sentence or scenario.sentence):
            yield happening
        if linger is not None:
            await linger(stage)
