"""`doer chaos kill`: SIGKILL at every journal boundary and at random moments, resume, and look at the world.

A boundary is the moment just before, or just after, an event becomes durable. Each trial begins with the world at its seed,
kills the process that does the job, resumes in a new one, and compares the world, seen through clients that share no code
with the connectors, with that of an undisturbed run.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from doer.domain.value import Json
from doer.testing.faults.lane import Lane, Told, open_lanes, short, spread, undisturbed
from doer.testing.faults.points import Point, boundaries, chosen, covered
from doer.testing.scenario import Scenario

ENDED = frozenset(
    {"done", "unproven", "rolled_back", "partly_rolled_back", "refused", "abstained", "failed", "cancelled"}
)
MUTANTS = ("no key", "record before effect")
_TELLING = ("StepApplied", "RunEnded", "StepVerified", "StepStarted")
"""Around these a mutant is most likely to show itself."""
_MOST_MUTANT_TRIALS = 24
_RETRIES = 3


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
    """Boundaries that an undisturbed run has."""
    wanted: int
    """Boundaries among the points of this harness run: all of them, unless fewer points were asked for."""
    trials: list[Trial] = field(default_factory=list)
    mutants: dict[str, bool] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def covered(self) -> int:
        """Boundaries at which a process was really killed."""
        return covered([trial.point for trial in self.trials if trial.struck])

    def to_json(self) -> Json:
        """Return what `--json` shows."""
        bad = [trial for trial in self.trials if trial.duplicates or trial.lost]
        return {
            "scenario": self.scenario,
            "trials": len(self.trials),
            "killed": sum(trial.struck for trial in self.trials),
            "killed_again": sum(trial.struck and trial.point.again is not None for trial in self.trials),
            "boundaries": self.boundaries,
            "boundaries_covered": self.covered,
            "duplicates": sum(len(trial.duplicates) for trial in self.trials),
            "lost": sum(len(trial.lost) for trial in self.trials),
            "asked": sum(trial.asked for trial in self.trials),
            "not_accepted": sum(not trial.accepted for trial in self.trials),
            "mutants_caught": dict(self.mutants),
            "green": self.green,
            "seconds": round(self.seconds, 1),
            "failures": [
                {"point": trial.point.told(), "duplicates": list(trial.duplicates), "lost": list(trial.lost)}
                for trial in bad
            ],
        }

    @property
    def green(self) -> bool:
        """Nothing doubled, nothing lost, every boundary that was aimed at covered, every mutant caught."""
        clean = not any(trial.duplicates or trial.lost for trial in self.trials)
        return clean and self.covered == self.wanted and all(self.mutants.values())


def chaos_kill(  # noqa: PLR0913  # settings of one command, all by name
    scenario: Scenario,
    loader: str,
    name: str,
    *,
    points: int = 200,
    lanes: int | Sequence[Lane] = 2,
    seed: int = 0,
    minutes: float = 0.0,
    mutants: Sequence[str] = MUTANTS,
    progress: Callable[[str], None] = lambda _: None,
) -> KillReport:
    """Run the harness: every boundary, then random moments until there are `points` trials, then the mutants.

    After so many `minutes` (0: never) no further trial is begun; what was not tried counts as not covered.

    `loader` (module:function) and `name` are how a worker process finds the scenario. Raises UsageError when the
    scenario does not even work undisturbed.
    """
    began = time.monotonic()
    with open_lanes(scenario, loader, name, lanes) as opened:
        for lane in opened:
            undisturbed(
                lane
            )  # the second one in each lane has everything loaded, so that its moments are like the others
        expected, calm = undisturbed(opened[0])
        plan = chosen(calm, points, random.Random(seed))  # noqa: S311  # moments to kill at, not secrets
        found = KillReport(scenario.name, len(boundaries(calm)), covered(plan))

        def one(lane: Lane, point: Point) -> None:
            found.trials.append(_struck(lane, point, expected))
            progress(f"{len(found.trials)} of {len(plan)}: {point.told()}")

        spread(opened, plan, one, lambda: 0 < 60 * minutes < time.monotonic() - began)
        for mutant in mutants:
            progress(f"mutant: {mutant}")
            found.mutants[mutant] = _caught(opened[0], boundaries(calm), expected, mutant)
    found.seconds = time.monotonic() - began
    return found


def _struck(lane: Lane, point: Point, expected: Counter[str]) -> Trial:
    """Try a boundary again that was not reached, as when an event came in other company."""
    found = trial(lane, point, expected)
    for _ in range(_RETRIES):
        if found.struck or not point.boundary or found.duplicates or found.lost:
            break
        found = trial(lane, point, expected)
    return found


def trial(lane: Lane, point: Point, expected: Counter[str], mutant: str = "") -> Trial:
    """Kill at one point, resume, and compare."""
    lane.stage.reset()
    first = lane.job("do", kill=point.first, mutant=mutant)
    last = first
    if first.killed and point.again is not None:
        last = lane.job("resume", kill=point.again, mutant=mutant)
    if last.killed:
        last = lane.job("resume", mutant=mutant)
    return judge(point, first, last, lane.effects(), expected)


def judge(point: Point, first: Told, last: Told, effects: Counter[str], expected: Counter[str]) -> Trial:
    """Say what is wrong with the world, given what the runs say of themselves."""
    lost = [f"the harness's own job failed: {last.error}"] if last.error else []
    missing = short(expected - effects)
    asked = False
    for run in last.runs:
        if run.status in ("done", "unproven"):
            lost += [f"{run.status}, and missing: {effect}" for effect in missing]
        elif run.status in ("rolled_back", "failed", "refused", "cancelled", "abstained"):
            lost += [f"{run.status}, and still there: {effect}" for effect in short(effects & expected)]
        elif run.status == "waiting" and run.reason:
            asked = True
        elif run.status not in ENDED:
            lost.append(f"run {run.run} is {run.status} and waits for nothing")
    if not last.runs:
        lost += [f"no run was accepted, and there is: {effect}" for effect in short(effects)]
    return Trial(point, first.killed, short(effects - expected), tuple(lost), asked, bool(last.runs))


def _caught(lane: Lane, around: Sequence[Point], expected: Counter[str], mutant: str) -> bool:
    """Tell whether the mutant turns the figure red at some boundary around an effect."""
    telling = [
        [point for point in around if point.first.event.startswith(kind) and point.first.moment == moment]
        for kind in _TELLING for moment in ("before", "after")
    ]  # fmt: skip
    # One of each sort of moment in turn: which of them shows the mutant depends on what it does wrong.
    turns = [group[n] for n in range(max(map(len, telling), default=0)) for group in telling if n < len(group)]
    for point in turns[:_MOST_MUTANT_TRIALS]:
        found = trial(lane, point, expected, mutant)
        if found.duplicates or found.lost:
            return True
    return False
