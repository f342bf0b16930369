"""A process that does a scenario's jobs in children that can be killed: `python -m doer.testing.faults.worker`.

It loads everything once and forks a child for each job, so that a trial does not pay for the start of Python. Jobs are
JSON lines on stdin, what came of them JSON lines on stdout. The child is a real process and is ended by a real SIGKILL.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import select
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from importlib import import_module
from pathlib import Path
from typing import cast

from doer.domain.errors import AlreadyDriven
from doer.domain.event import Event, Recorded
from doer.domain.ports import Journal, Tool
from doer.domain.value import Json, JsonObject, RunId
from doer.observation.report import RunReport
from doer.testing.faults.mutants import mutate
from doer.testing.faults.vandal import vandalise
from doer.testing.faults.wrapped import hurry
from doer.testing.scenario import Driver, Scenario, Stage

_USED = ("doer.planning.propose", "doer.planning.skills.file")
"""Loaded by whoever plans: here once, and not in the first child and again after it."""


def labels(events: Sequence[Event], seen: Counter[str]) -> list[str]:
    """Name events so that the same moment of another run has the same name: kind, step, and which one of its kind."""
    named = []
    for event in events:
        step = getattr(event, "step", "")
        label = f"{type(event).__name__}({step})" if step else type(event).__name__
        seen[label] += 1
        named.append(f"{label}#{seen[label]}")
    return named


class KillSwitch:
    """A journal that ends its own process just before or just after the append of one event; what it took is durable."""

    def __init__(self, journal: Journal, event: str, moment: str, delay: float) -> None:
        self._journal = journal
        self._event = event
        self._moment = moment
        self._delay = delay
        self._seen: Counter[str] = Counter()
        self.events: list[str] = []

    async def append(self, run: RunId, after: int, events: Sequence[Event]) -> Sequence[Recorded]:
        named = labels(events, self._seen)
        self._strike("before", named)
        records = await self._journal.append(run, after, events)
        self._strike("after", named)
        self.events += named
        return records

    def _strike(self, moment: str, named: Sequence[str]) -> None:
        if moment != self._moment or self._event not in named:
            return
        if self._delay:
            killer = threading.Timer(self._delay, os.kill, (os.getpid(), signal.SIGKILL))
            killer.daemon = True
            killer.start()
        else:
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


async def work(stage: Stage, job: JsonObject) -> dict[str, Json]:
    """Do one job and return what came of it; it may not live to return."""
    kill = job.get("kill")
    event, moment, delay = "", "", 0.0
    if isinstance(kill, Mapping):
        event, moment, delay = str(kill["event"]), str(kill["moment"]), float(str(kill["delay"] or 0.0))
    switches: list[KillSwitch] = []

    def journal(inner: Journal) -> Journal:
        switches.append(KillSwitch(inner, event, moment, delay))
        return switches[-1]

    app = stage.open(tools=lambda tools: _spoilt(tools, job, stage), journal=journal)
    began = time.perf_counter()
    try:
        reports = await _reports(app, job)
    finally:
        await app.close()
    return {
        "runs": [_told(each) for each in reports],
        "seconds": time.perf_counter() - began,
        "events": [each for switch in switches for each in switch.events],
    }


def _spoilt(tools: Sequence[Tool], job: JsonObject, stage: Stage) -> Sequence[Tool]:
    """Put between doer and its tools what the job asks for: a vandal, less patience, a mutant."""
    vandal, patience, mutant = job.get("vandal"), job.get("patience"), job.get("mutant")
    if isinstance(vandal, Mapping):
        tools = vandalise(tools, str(vandal["kind"]), Path(str(vandal["folder"])), int(str(vandal["nth"])))
    if isinstance(patience, int | float):
        tools = hurry(tools, float(patience))
    return mutate(str(mutant), stage.reset)(tools) if mutant else tools


def _told(report: RunReport) -> Json:
    steps: Json = {
        step.id: {"state": step.state, "effect": step.effect, "reversible": step.reversible,
                             "reason": step.reason,
                             "echoes": [echo for change in step.changes for echo in change.echoes]} for step in report.steps}  # fmt: skip
    return {"run": report.id, "status": report.status, "reason": report.reason, "steps": steps}


async def _reports(app: Driver, job: JsonObject) -> Sequence[RunReport]:
    match job["job"]:
        case "do":
            return [await app.carry_on(await app.accept(str(job["sentence"])), yes)]
        case "resume":
            runs = await app.journal.runs()
            await app.resume()
            return [await _carried(app, run) for run in runs]
        case "undo":
            return [await app.undo(run, approve=yes) for run in await app.journal.runs()]
        case "redo":
            return [await app.redo(run, approve=yes) for run in await app.journal.runs()]
        case other:
            raise ValueError(f"there is no job {other!r}")


async def _carried(app: Driver, run: RunId) -> RunReport:
    try:
        return await app.carry_on(run, yes)
    except AlreadyDriven:
        return (await app.resume(run))[0]


def child(stage: Stage, job: JsonObject) -> tuple[int, bytes]:
    """Do the job in a forked child; return its wait status and what it told."""
    reading, writing = os.pipe()
    loaded = set(sys.modules)
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        code = 0
        try:
            told = asyncio.run(work(stage, job))
            told["modules"] = sorted(set(sys.modules) - loaded)
        except BaseException as failure:  # noqa: BLE001  # whatever it is, the parent is told
            told, code = {"error": f"{type(failure).__name__}: {failure}"}, 1
        with os.fdopen(writing, "w") as output:
            output.write(json.dumps(told))
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
    handle = os.pidfd_open(pid)
    try:
        ended, _, _ = select.select([handle], [], [], seconds)
        if not ended:
            os.kill(pid, signal.SIGKILL)
    finally:
        os.close(handle)


def main() -> None:
    """Arguments: the loader of scenarios as module:function, the scenario's name, the root of its running world."""
    loader, name, root = sys.argv[1:]
    module, _, function = loader.partition(":")
    scenario = cast("Scenario", getattr(import_module(module), function)(name))
    _load(_USED)
    for line in sys.stdin:
        job = json.loads(line)
        gc.freeze()  # a child looks for garbage in what it made, and not in all that was loaded for it
        status, said = child(scenario.attach(Path(root), job.get("through") or {}), job)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        told = json.loads(said) if said and not killed else None
        _load(told.pop("modules", ()) if told else ())
        sys.stdout.write(json.dumps({"killed": killed, "told": told}) + "\n")
        sys.stdout.flush()


def _load(modules: Sequence[str]) -> None:
    """Load what a child had to load, so that the next one finds it there."""
    for name in modules:
        with suppress(Exception):  # what cannot be loaded by its name alone is left to the children
            import_module(name)


if __name__ == "__main__":
    main()
