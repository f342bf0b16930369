"""`doer chaos kill`: SIGKILL at every journal boundary and at random moments, resume, and look at the world.

A boundary is the moment just before, or just after, one append of the journal. Each trial begins with the world at its seed,
kills the process that does the job, resumes in a new one, and compares the world, seen through clients that share no code
with the connectors, with that of an undisturbed run.
"""

from __future__ import annotations

import queue
import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from doer.domain.value import Json, JsonObject
from doer.testing.faults.lane import Lane, Told, open_lane
from doer.testing.scenario import Scenario

ENDED = frozenset(
    {"done", "unproven", "rolled_back", "partly_rolled_back", "refused", "abstained", "failed", "cancelled"}
)
MUTANTS = ("no key", "record before effect")


@dataclass(frozen=True, slots=True)
class Point:
    """Where one trial kills: at the n-th append, or after so many seconds."""

    append: int = 0
    moment: str = ""
    label: str = ""
    seconds: float | None = None

    def told(self) -> str:
        """In words."""
        return f"{self.moment} append {self.append} ({self.label})" if self.append else f"after {self.seconds:.3f} s"


@dataclass(frozen=True, slots=True)
class Trial:
    """What one trial found."""

    point: Point
    struck: bool
    """The process was really killed; else it had ended before."""
    duplicates: tuple[str, ...]
    """Effects that are there and not in an undisturbed run, or more often."""
    lost: tuple[str, ...]
    """Accepted runs that neither ended nor wait with a reason; effects missing from a run that says it is done."""
    asked: bool
    """The run waits for a person, who is told why."""
    accepted: bool


@dataclass(slots=True)
class KillReport:
    """The figures of `chaos kill`."""

    scenario: str
    boundaries: int
    trials: list[Trial] = field(default_factory=list)
    mutants: dict[str, bool] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def covered(self) -> int:
        """Boundaries at which a process was really killed."""
        return len(
            {(trial.point.append, trial.point.moment) for trial in self.trials if trial.point.append and trial.struck}
        )

    def to_json(self) -> Json:
        """Return what `--json` shows."""
        bad = [trial for trial in self.trials if trial.duplicates or trial.lost]
        return {
            "scenario": self.scenario,
            "trials": len(self.trials),
            "killed": sum(trial.struck for trial in self.trials),
            "boundaries": self.boundaries,
            "boundaries_covered": self.covered,
            "duplicates": sum(len(trial.duplicates) for trial in self.trials),
            "lost": sum(len(trial.lost) for trial in self.trials),
            "asked": sum(trial.asked for trial in self.trials),
            "not_accepted": sum(not trial.accepted for trial in self.trials),
            "mutants_caught": dict(self.mutants),
            "seconds": round(self.seconds, 1),
            "failures": [
                {"point": trial.point.told(), "duplicates": list(trial.duplicates), "lost": list(trial.lost)}
                for trial in bad
            ],
        }

    @property
    def green(self) -> bool:
        """Nothing doubled, nothing lost, every boundary covered, every mutant caught."""
        clean = not any(trial.duplicates or trial.lost for trial in self.trials)
        return clean and self.covered == self.boundaries and all(self.mutants.values())


def chaos_kill(  # noqa: PLR0913  # settings of one command, all by name
    scenario: Scenario,
    loader: str,
    name: str,
    *,
    points: int = 200,
    lanes: int = 2,
    seed: int = 0,
    mutants: Sequence[str] = MUTANTS,
    progress: Callable[[str], None] = lambda _: None,
) -> KillReport:
    """Run the harness: every boundary, then random moments until there are `points` trials, then the mutants."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="doer-chaos-") as folder, ExitStack() as stack:
        opened = [stack.enter_context(open_lane(scenario, loader, name, Path(folder) / str(n))) for n in range(lanes)]
        expected, calm = undisturbed(opened[0])
        boundaries = list(_boundaries(calm))
        found = KillReport(scenario.name, len(boundaries))
        rng = random.Random(seed)  # noqa: S311  # moments to kill at, not secrets
        moments = [Point(seconds=rng.uniform(0.0, calm.seconds)) for _ in range(max(0, points - len(boundaries)))]
        done = [0]

        def one(lane: Lane, point: Point) -> None:
            found.trials.append(trial(lane, point, expected))
            done[0] += 1
            progress(f"{done[0]} of {len(boundaries) + len(moments)}: {point.told()}")

        _spread(opened, [*boundaries, *moments], one)
        for mutant in mutants:
            progress(f"mutant: {mutant}")
            found.mutants[mutant] = _caught(opened[0], boundaries, expected, mutant)
    found.seconds = time.monotonic() - began
    return found


def undisturbed(lane: Lane) -> tuple[Counter[str], Told]:
    """Do the job once in peace; return its effects, which every other run is compared with."""
    lane.stage.reset()
    calm = lane.job("do")
    if calm.error or not calm.runs or calm.runs[0]["status"] != "done":
        raise AssertionError(f"the scenario does not work undisturbed: {calm.error or calm.runs}")
    return lane.effects(), calm


def _boundaries(calm: Told) -> Iterator[Point]:
    for number, label in enumerate(calm.appends, 1):
        yield Point(number, "before", label)
        yield Point(number, "after", label)


def trial(lane: Lane, point: Point, expected: Counter[str], mutant: str = "") -> Trial:
    """Kill at one point, resume, and compare."""
    lane.stage.reset()
    kill: JsonObject | None = {"append": point.append, "moment": point.moment} if point.append else None
    first = lane.job("do", kill=kill, kill_after=point.seconds, mutant=mutant)
    last = lane.job("resume", mutant=mutant) if first.killed else first
    return judge(point, first, last, lane.effects(), expected)


def judge(point: Point, first: Told, last: Told, effects: Counter[str], expected: Counter[str]) -> Trial:
    """Say what is wrong with the world, given what the runs say of themselves."""
    lost = [f"the harness's own job failed: {last.error}"] if last.error else []
    missing = sorted((expected - effects).elements())
    asked = False
    for run in last.runs:
        if run["status"] == "done":
            lost += [f"done, and missing: {effect}" for effect in missing]
        elif run["status"] == "waiting" and run["reason"]:
            asked = True
        elif run["status"] not in ENDED:
            lost.append(f"run {run['run']} is {run['status']} and waits for nothing")
    duplicates = tuple(sorted((effects - expected).elements()))
    return Trial(point, first.killed, duplicates, tuple(lost), asked, bool(last.runs))


def _caught(lane: Lane, boundaries: Sequence[Point], expected: Counter[str], mutant: str) -> bool:
    """Tell whether the mutant turns the figure red at some boundary around an effect."""
    around = [point for point in boundaries if "StepApplied" in point.label or "StepStarted" in point.label]
    late = [point for point in boundaries if "RunEnded" in point.label]
    for point in [*late, *around]:
        found = trial(lane, point, expected, mutant)
        if found.duplicates or found.lost:
            return True
    return False


def _spread(lanes: Sequence[Lane], points: Sequence[Point], one: Callable[[Lane, Point], None]) -> None:
    """Let every lane take points until none is left."""
    left: queue.SimpleQueue[Point] = queue.SimpleQueue()
    for point in points:
        left.put(point)
    failures: list[BaseException] = []

    def run(lane: Lane) -> None:
        try:
            while not failures:
                one(lane, left.get_nowait())
        except queue.Empty:
            return
        except BaseException as failure:  # noqa: BLE001  # told to the caller by the other thread
            failures.append(failure)

    threads = [threading.Thread(target=run, args=(lane,)) for lane in lanes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
