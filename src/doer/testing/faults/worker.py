"""A process that does a scenario's jobs in children that can be killed: `python -m doer.testing.faults.worker`.

It loads everything once and forks a child for each job, so that a trial does not pay for the start of Python. Jobs are
JSON lines on stdin, what came of them JSON lines on stdout. The child is a real process and is ended by a real SIGKILL.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from importlib import import_module
from pathlib import Path
from typing import cast

from doer.domain.errors import AlreadyDriven
from doer.domain.event import Event, Recorded
from doer.domain.ports import Journal
from doer.domain.value import Json, RunId
from doer.observation.report import RunReport
from doer.testing.faults.mutants import mutate
from doer.testing.scenario import Driver, Scenario, Stage


class KillSwitch:
    """A journal that ends its own process just before or just after the n-th append; what was appended is durable."""

    def __init__(self, journal: Journal, at: int, moment: str) -> None:
        self._journal = journal
        self._at = at
        self._moment = moment
        self.appends: list[str] = []

    async def append(self, run: RunId, after: int, events: Sequence[Event]) -> Sequence[Recorded]:
        self.appends.append("+".join(type(event).__name__ for event in events))
        self._strike("before")
        records = await self._journal.append(run, after, events)
        self._strike("after")
        return records

    def _strike(self, moment: str) -> None:
        if len(self.appends) == self._at and moment == self._moment:
            os.kill(os.getpid(), signal.SIGKILL)

    async def read(self, run: RunId, after: int = 0) -> Sequence[Recorded]:
        return await self._journal.read(run, after)

    async def runs(self) -> Sequence[RunId]:
        return await self._journal.runs()

    def driving(self, run: RunId) -> AbstractContextManager[None]:
        return self._journal.driving(run)

    async def grown(self, run: RunId, after: int) -> None:
        await self._journal.grown(run, after)


def yes(_: object) -> bool:
    """Approve whatever is shown."""
    return True


async def work(stage: Stage, job: Mapping[str, Json]) -> Json:
    """Do one job and return what came of it; it may not live to return."""
    kill = job.get("kill")
    at, moment = (0, "") if not isinstance(kill, Mapping) else (int(str(kill["append"])), str(kill["moment"]))
    switches: list[KillSwitch] = []

    def journal(inner: Journal) -> Journal:
        switches.append(KillSwitch(inner, at, moment))
        return switches[-1]

    mutant = job.get("mutant")
    app = stage.open(tools=mutate(str(mutant)) if mutant else None, journal=journal)
    began = time.perf_counter()
    try:
        reports = await _reports(app, job)
    finally:
        await app.close()
    return {
        "runs": [
            {"run": each.id, "status": each.status, "reason": each.reason,
             "states": {step.id: step.state for step in each.steps}}
            for each in reports
        ],
        "seconds": time.perf_counter() - began,
        "appends": [each for switch in switches for each in switch.appends],
    }  # fmt: skip


async def _reports(app: Driver, job: Mapping[str, Json]) -> Sequence[RunReport]:
    match job["job"]:
        case "do":
            return [await app.carry_on(await app.accept(str(job["sentence"])), yes)]
        case "resume":
            runs = await app.journal.runs()
            await app.resume()
            return [await _carried(app, run) for run in runs]
        case "undo":
            return [await app.undo(run, approve=yes) for run in await app.journal.runs()]
        case other:
            raise ValueError(f"there is no job {other!r}")


async def _carried(app: Driver, run: RunId) -> RunReport:
    try:
        return await app.carry_on(run, yes)
    except AlreadyDriven:
        return (await app.resume(run))[0]


def child(stage: Stage, job: Mapping[str, Json]) -> tuple[int, bytes]:
    """Do the job in a forked child; return its wait status and what it told."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        code = 0
        try:
            told = json.dumps(asyncio.run(work(stage, job)))
        except BaseException as failure:  # noqa: BLE001  # whatever it is, the parent is told
            told, code = json.dumps({"error": f"{type(failure).__name__}: {failure}"}), 1
        with os.fdopen(writing, "w") as output:
            output.write(told)
        os._exit(code)
    os.close(writing)
    seconds = job.get("kill_after")
    if isinstance(seconds, int | float):
        _kill_after(pid, float(seconds))
    with os.fdopen(reading, "rb") as told_by_child:
        said = told_by_child.read()
    return os.waitpid(pid, 0)[1], said


def _kill_after(pid: int, seconds: float) -> None:
    """SIGKILL the child after that time, or leave it if it ended before."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
            return
        signal.sigtimedwait((), min(0.002, max(0.0, end - time.monotonic())))
    os.kill(pid, signal.SIGKILL)


def main() -> None:
    """Arguments: the loader of scenarios as module:function, the scenario's name, the root of its running world."""
    loader, name, root = sys.argv[1:]
    module, _, function = loader.partition(":")
    scenario = cast("Scenario", getattr(import_module(module), function)(name))
    scenario.attach(Path(root))  # loads what a child needs before there is one
    for line in sys.stdin:
        job = json.loads(line)
        stage = scenario.attach(Path(root), job.get("through") or {})
        status, told = child(stage, job)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        answer = {"killed": killed, "told": json.loads(told) if told and not killed else None}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
