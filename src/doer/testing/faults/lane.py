"""A lane: one running world and one worker beside it, in which one trial follows another."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from doer.domain.errors import DoerBug
from doer.domain.value import Json, JsonObject
from doer.testing.scenario import Scenario, Stage


@dataclass(frozen=True, slots=True)
class Told:
    """What came of one job."""

    killed: bool
    runs: tuple[JsonObject, ...] = ()
    """run, status, reason, states; one a run in the journal."""
    appends: tuple[str, ...] = ()
    seconds: float = 0.0
    error: str = ""


@dataclass(frozen=True, slots=True)
class Lane:
    """A world, its stage as the observer sees it, and the worker that acts in it."""

    stage: Stage
    worker: subprocess.Popen[str]
    sentence: str

    def job(
        self,
        job: str,
        *,
        kill: Mapping[str, Json] | None = None,
        kill_after: float | None = None,
        mutant: str = "",
        through: Mapping[str, str] | None = None,
    ) -> Told:
        """Have the worker do one job in a process of its own, and kill that process as asked."""
        order = {"job": job, "sentence": self.sentence, "kill": kill, "kill_after": kill_after, "mutant": mutant,
                 "through": dict(through or {})}  # fmt: skip
        assert self.worker.stdin is not None
        assert self.worker.stdout is not None
        self.worker.stdin.write(json.dumps(order) + "\n")
        self.worker.stdin.flush()
        line = self.worker.stdout.readline()
        if not line:
            raise DoerBug("the worker of the fault harness ended by itself; its last words are on stderr")
        answer = json.loads(line)
        told = answer["told"] or {}
        return Told(
            killed=answer["killed"],
            runs=tuple(cast("Sequence[JsonObject]", told.get("runs", ()))),
            appends=tuple(told.get("appends", ())),
            seconds=float(told.get("seconds", 0.0)),
            error=str(told.get("error", "")),
        )

    def effects(self) -> Counter[str]:
        """What has changed in the world since its seed."""
        return Counter(self.stage.effects())


@contextmanager
def open_lane(scenario: Scenario, loader: str, name: str, root: Path) -> Iterator[Lane]:
    """Start the scenario's world under `root` and a worker for it; `loader` finds the scenario as module:function."""
    root.mkdir(parents=True, exist_ok=True)
    with scenario.start(root):
        command = [sys.executable, "-m", "doer.testing.faults.worker", loader, name, str(root)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as worker:
            try:
                yield Lane(scenario.attach(root), worker, scenario.sentence)
            finally:
                if worker.stdin is not None:
                    worker.stdin.close()
                worker.wait(10)
