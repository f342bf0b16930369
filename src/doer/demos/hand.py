"""A process that drives one run of a demo and can be killed: `python -m doer.demos.hand SCENARIO ROOT`.

It loads everything, then reads one `Order` as a JSON line from stdin. Where the order names tools to halt at, it says so as
JSON lines on stdout.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from subprocess import PIPE
from typing import Literal, Self

from doer.app.doer import Doer
from doer.demos.catalog import find_scenario
from doer.domain.action import Change, Receipt
from doer.domain.errors import DoerBug
from doer.domain.ports import Tool
from doer.domain.value import JsonObject, Key, RunId, StepId
from doer.testing.faults.wrapped import Wrapped, hurry
from doer.testing.scenario import Stage

Moment = Literal["before", "after"]


@dataclass(frozen=True, slots=True)
class Order:
    """What the process is to do; it halts at the two worst moments to be killed, where tools for them are named."""

    job: Literal["approve", "resume"]
    run: RunId
    named: tuple[StepId, ...] = ()
    """Steps that cannot be taken back and are approved by name."""
    seen: int = 0
    """`seq` of the report that was approved."""
    through: Mapping[str, str] = field(default_factory=dict)
    """Service -> address of the proxy before it."""
    after: str = ""
    """Tool at whose first call it halts when the effect was done and is not recorded."""
    before: str = ""
    """Tool at whose first call it halts when the effect was recorded as intended and is not done."""
    seconds: float = 0.0
    """What a call may take at most; 0: what the tool says."""


class Halting(Wrapped):
    """A tool whose first `apply` never returns: it halts just before or just after the effect, and says so."""

    def __init__(self, tool: Tool, moment: Moment) -> None:
        super().__init__(tool)
        self._moment = moment
        self._met = False

    async def apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        if self._met:
            return await self.tool.apply(arguments, key, before)
        self._met = True
        if self._moment == "after":
            await self.tool.apply(arguments, key, before)
        _tell({"halted": self._moment})
        await asyncio.Event().wait()  # for the SIGKILL; without one the tool's time-out ends it
        raise DoerBug("an event that nobody sets was set")


def open_doer(stage: Stage, wrap: Sequence[tuple[str, Moment]] = (), seconds: float = 0.0) -> Doer:
    """Open the stage; its tools halt where asked, and have at most so many seconds for a call, unless 0."""

    def wrapped(tools: Sequence[Tool]) -> Sequence[Tool]:
        moments = dict(wrap)
        named = [(each, moments.get(each.manifest.name)) for each in tools]
        halting = [each if moment is None else Halting(each, moment) for each, moment in named]
        return hurry(halting, seconds) if seconds else halting

    opened = stage.open(tools=wrapped)
    if not isinstance(opened, Doer):
        raise DoerBug(f"a demo needs a stage that opens a doer.Doer; this one opens {type(opened).__name__}")
    return opened


def main() -> None:
    """Do the one order; exit code 0 when the run rests, 1 with the error on stderr."""
    name, root = sys.argv[1:]
    scenario = find_scenario(name)
    scenario.attach(Path(root))
    line = sys.stdin.readline()
    if line:  # nothing: whoever started this changed their mind
        order = Order(**json.loads(line))
        asyncio.run(_drive(scenario.attach(Path(root), order.through), order))


async def _drive(stage: Stage, order: Order) -> None:
    moments: list[tuple[str, Moment]] = [(order.after, "after"), (order.before, "before")]
    async with open_doer(stage, moments, order.seconds) as doer:
        if order.job == "resume":
            await doer.resume(order.run)
        else:
            await doer.approve(order.run, order.named, seen=order.seen)


def _tell(told: JsonObject) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


@dataclass(slots=True)
class Hand:
    """The process as its starter holds it."""

    process: asyncio.subprocess.Process
    log: Path
    halted: list[str] = field(default_factory=list)

    @classmethod
    async def start(cls, scenario: str, root: Path) -> Self:
        """Start the process; it loads, and waits for its order."""
        log = root / "hand.log"
        with log.open("ab") as errors:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-P", "-m", "doer.demos.hand", scenario, str(root),
                stdin=PIPE, stdout=PIPE, stderr=errors, start_new_session=True,
            )  # fmt: skip
        return cls(process, log)

    @property
    def pid(self) -> int:
        """Its number."""
        return self.process.pid

    def give(self, order: Order) -> None:
        """Give it its order."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(asdict(order)).encode() + b"\n")

    async def listen(self, moments: int) -> None:
        """Return when it has halted at so many moments, or has ended."""
        assert self.process.stdout is not None
        while len(self.halted) < moments and (line := await self.process.stdout.readline()):
            self.halted.append(str(json.loads(line)["halted"]))

    def kill(self) -> None:
        """SIGKILL it, if it is still there."""
        if self.process.returncode is None:
            os.kill(self.process.pid, signal.SIGKILL)

    async def end(self) -> None:
        """Kill it, if it is still there, and wait until it is gone; safe to call again."""
        self.kill()
        await self.process.wait()
        if self.process.stdin is not None:
            self.process.stdin.close()

    async def gone(self) -> int:
        """Wait until it has ended; return its status, negative for the signal that ended it. Raises DoerBug when it failed."""
        code = await self.process.wait()
        if code > 0:
            raise DoerBug(f"the process that drove the run failed: {self.log.read_text()[-600:].strip()}")
        return code


if __name__ == "__main__":
    main()
