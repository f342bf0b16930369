"""A lane: one running world and one worker beside it, in which one trial follows another; several lanes share the work."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from doer.domain.errors import DoerBug, UsageError
from doer.domain.value import Json
from doer.testing.scenario import Scenario, Stage

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class StepTold:
    """What a run says of one of its steps."""

    state: str
    effect: str
    reversible: bool
    reason: str
    echoes: Sequence[str]
    """What else was foretold to happen: triggers that run, people notified."""


@dataclass(frozen=True, slots=True)
class RunTold:
    """What a run says of itself."""

    run: str
    status: str
    reason: str
    steps: Mapping[str, StepTold]

    @property
    def writing(self) -> Sequence[StepTold]:
        """The steps that change something."""
        return [step for step in self.steps.values() if step.effect != "read"]

    @property
    def irreversible(self) -> Sequence[str]:
        """The steps that were foretold as not to be taken back."""
        return [name for name, step in self.steps.items() if not step.reversible and step.effect != "read"]


@dataclass(frozen=True, slots=True)
class Told:
    """What came of one job."""

    killed: bool
    runs: tuple[RunTold, ...] = ()
    """One a run in the journal."""
    events: tuple[str, ...] = ()
    """What this job appended, as `kind(step)#occurrence`."""
    seconds: float = 0.0
    error: str = ""


@dataclass(frozen=True, slots=True)
class Kill:
    """Where a job is ended by SIGKILL: around the append of one event, some time after it, or after so many seconds."""

    event: str = ""
    moment: str = ""
    seconds: float | None = None
    """With an event: after it was appended; without: after the process began."""

    def told(self) -> str:
        """In words."""
        if self.seconds is None:
            return f"{self.moment} {self.event}"
        return f"{self.seconds:.3f} s after {self.event or 'it began'}"


@dataclass(frozen=True, slots=True)
class Vandal:
    """Which write to a file is damaged, and how."""

    kind: str
    folder: str
    nth: int = 1


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
        kill: Kill | None = None,
        mutant: str = "",
        through: Mapping[str, str] | None = None,
        patience: float | None = None,
        vandal: Vandal | None = None,
    ) -> Told:
        """Have the worker do one job (do, resume, undo) in a process of its own, and kill that process as asked.

        `through` maps services to the addresses of proxies; `patience` is the most seconds that one call of a verb gets.
        """
        order: dict[str, Json] = {"job": job, "sentence": self.sentence, "mutant": mutant, "patience": patience,
                                  "through": dict(through or {})}  # fmt: skip
        if kill is not None:
            at: Json = {"event": kill.event, "moment": kill.moment, "delay": kill.seconds}
            order |= {"kill": at} if kill.event else {"kill_after": kill.seconds}
        if vandal is not None:
            order["vandal"] = {"kind": vandal.kind, "folder": vandal.folder, "nth": vandal.nth}
        assert self.worker.stdin is not None
        assert self.worker.stdout is not None
        self.worker.stdin.write(json.dumps(order) + "\n")
        self.worker.stdin.flush()
        line = self.worker.stdout.readline()
        if not line:
            raise DoerBug("the worker of the fault harness ended by itself; its last words are on stderr")
        answer = json.loads(line)
        told = answer["told"] or {}
        runs = tuple(
            RunTold(each["run"], each["status"], each["reason"],
                    {name: StepTold(**step) for name, step in each["steps"].items()})
            for each in told.get("runs", ())
        )  # fmt: skip
        return Told(
            killed=answer["killed"],
            runs=runs,
            events=tuple(told.get("events", ())),
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
                _end(worker)


def _end(worker: subprocess.Popen[str]) -> None:
    if worker.stdin is not None:
        worker.stdin.close()
    try:
        worker.wait(2)
    except subprocess.TimeoutExpired:  # a job of it hangs, and nobody waits for it any more
        worker.kill()


@contextmanager
def open_lanes(scenario: Scenario, loader: str, name: str, lanes: int | Sequence[Lane]) -> Iterator[Sequence[Lane]]:
    """Start that many worlds of their own in one temporary folder; those that are open already are used, and stay open."""
    if not isinstance(lanes, int):
        yield lanes
        return
    with tempfile.TemporaryDirectory(prefix="doer-chaos-") as folder, ExitStack() as stack:
        yield [stack.enter_context(open_lane(scenario, loader, name, Path(folder) / str(n))) for n in range(lanes)]


def undisturbed(lane: Lane) -> tuple[Counter[str], Told]:
    """Do the job once in peace; return its effects, which every other run is compared with. Raises UsageError."""
    lane.stage.reset()
    calm = lane.job("do")
    if calm.error or not calm.runs or calm.runs[0].status not in ("done", "unproven"):
        told = calm.error or [f"{run.status}: {run.reason}" for run in calm.runs]
        raise UsageError(
            f"the scenario does not work undisturbed, so that nothing can be said of disturbing it: {told}"
        )
    effects = lane.effects()
    if not effects:
        raise UsageError(
            "the scenario changes nothing that its stage's effects() would show: there is nothing to compare"
        )
    return effects, calm


def spread(
    lanes: Sequence[Lane],
    trials: Sequence[T],
    one: Callable[[Lane, T], None],
    enough: Callable[[], bool] = lambda: False,
) -> None:
    """Let every lane take trials until none is left, or it is enough. Raises what the first failing one raised."""
    left: queue.SimpleQueue[T] = queue.SimpleQueue()
    for trial in trials:
        left.put(trial)
    failures: list[BaseException] = []

    def run(lane: Lane) -> None:
        try:
            while not failures and not enough():
                one(lane, left.get_nowait())
        except queue.Empty:
            return
        except BaseException as failure:  # noqa: BLE001  # told to the caller by the other thread
            failures.append(failure)

    threads = [threading.Thread(target=run, args=(lane,), daemon=True) for lane in lanes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


LONGEST = 160
"""Characters of an effect that a report shows."""


def short(lines: Counter[str]) -> tuple[str, ...]:
    """Return the lines as a report shows them."""
    return tuple(line if len(line) <= LONGEST else f"{line[:LONGEST]}…" for line in sorted(lines.elements()))
