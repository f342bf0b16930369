"""`doer chaos undo`: take the job back and compare the world with its seed; with somebody else editing, and with kills.

A foreign edit is never overwritten, whatever is lost by that: the step that it concerns is reported as a conflict, what
depends on it stays, and everything independent of it is taken back.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import ceil

from doer.domain.value import Json
from doer.testing.faults.lane import Kill, Lane, RunTold, Told, open_lanes, short, spread, undisturbed
from doer.testing.faults.points import Point, boundaries, chosen, covered
from doer.testing.scenario import Scenario

MUTANTS = ("unconditional undo", "snapshot undo")
_RETRIES = 3


@dataclass(frozen=True, slots=True)
class Case:
    """One way of taking back: who edits where meanwhile, where it is killed, and whether it is done again after."""

    edited: tuple[str, ...] = ()
    """Services in which somebody edits what the run made."""
    kill: Point | None = None
    redo: bool = False

    def told(self) -> str:
        """In words."""
        edited = f"edited in {', '.join(self.edited)}" if self.edited else "undisturbed"
        killed = f", killed {self.kill.told()}" if self.kill else ""
        return f"{edited}{killed}{', done again and taken back again' if self.redo else ''}"


@dataclass(frozen=True, slots=True)
class Trial:
    """What one trial found."""

    case: Case
    struck: bool
    status: str
    edits: tuple[str, ...]
    overwritten: tuple[str, ...]
    """Edits of somebody else that are gone."""
    conflicts: tuple[str, ...]
    """Steps that were left as they are, because of an edit or because something that is left depends on them."""
    unequal: tuple[str, ...]
    """What is not as it was before the job and is not named as left either."""
    wrong: tuple[str, ...] = ()
    """What else is not as promised."""

    @property
    def good(self) -> bool:
        """Nothing is overwritten, nothing is left unnamed."""
        return not (self.overwritten or self.unequal or self.wrong)


@dataclass(slots=True)
class UndoReport:
    """The figures of `chaos undo`."""

    scenario: str
    named: tuple[str, ...] = ()
    """Steps that were named beforehand as not to be taken back."""
    boundaries: int = 0
    wanted: int = 0
    redone: bool = False
    trials: list[Trial] = field(default_factory=list)
    mutants: dict[str, bool] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def world_equal(self) -> bool:
        """After every undo the world was as before, but for volatile fields and what was named."""
        return bool(self.trials) and not any(trial.unequal for trial in self.trials)

    @property
    def overwritten(self) -> int:
        """Edits of somebody else that are gone."""
        return sum(len(trial.overwritten) for trial in self.trials)

    @property
    def covered(self) -> int:
        """Boundaries of the undo at which a process was really killed."""
        return covered([trial.case.kill for trial in self.trials if trial.struck and trial.case.kill])

    @property
    def green(self) -> bool:
        """World equal, nothing overwritten, every edit noticed, every mutant caught."""
        noticed = all(trial.conflicts for trial in self.trials if trial.edits)
        good = all(trial.good for trial in self.trials)
        return good and self.world_equal and noticed and self.covered == self.wanted and all(self.mutants.values())

    def to_json(self) -> Json:
        """Return what `--json` shows."""
        return {
            "scenario": self.scenario,
            "trials": len(self.trials),
            "world_equal": self.world_equal,
            "irreversible": list(self.named),
            "edits": sum(len(trial.edits) for trial in self.trials),
            "conflicts": sum(len(trial.conflicts) for trial in self.trials),
            "overwritten": self.overwritten,
            "boundaries": self.boundaries,
            "boundaries_covered": self.covered,
            "redone": self.redone,
            "mutants_caught": dict(self.mutants),
            "green": self.green,
            "seconds": round(self.seconds, 1),
            "failures": [
                {"case": trial.case.told(), "status": trial.status, "overwritten": list(trial.overwritten),
                 "unequal": list(trial.unequal), "wrong": list(trial.wrong)}
                for trial in self.trials if not trial.good
            ],
        }  # fmt: skip


def chaos_undo(  # noqa: PLR0913  # settings of one command, all by name
    scenario: Scenario,
    loader: str,
    name: str,
    *,
    points: int = 80,
    services: Sequence[str] = (),
    lanes: int | Sequence[Lane] = 2,
    seed: int = 0,
    mutants: Sequence[str] = MUTANTS,
    progress: Callable[[str], None] = lambda _: None,
) -> UndoReport:
    """Run the harness: the calm undo, an edit in each service (of `services`) and in all, and `points` kills meanwhile."""
    began = time.monotonic()
    found = UndoReport(scenario.name)
    with open_lanes(scenario, loader, name, lanes) as opened:
        for lane in opened[1:]:
            undisturbed(lane)
        expected, done = undisturbed(opened[0])
        places = [place for place in _places(opened[0]) if not services or place in services]
        found.named = tuple(done.runs[0].irreversible)
        found.redone = not found.named
        first, calm = _tried(opened[0], Case(redo=found.redone), expected)
        found.trials.append(first)
        rng = random.Random(seed)  # noqa: S311  # moments to kill at, not secrets
        kills = chosen(calm, points, rng) if calm.events else []  # it failed, and that is told
        found.boundaries, found.wanted = len(boundaries(calm)), covered(kills)
        cases = [Case((place,)) for place in places]
        cases += [Case(tuple(places))] if len(places) > 1 else []
        # At random moments somebody has edited as well: whoever resumes must see that as the first one did.
        cases += [Case(tuple(places) if kill.again else (), kill) for kill in kills]

        def one(lane: Lane, case: Case) -> None:
            found.trials.append(_struck(lane, case, expected))
            progress(f"{len(found.trials)} of {1 + len(cases)}: {case.told()}: {found.trials[-1].status}")

        spread(opened, cases, one)
        for mutant in mutants:
            progress(f"mutant: {mutant}")
            tried = [trial(opened[0], Case((place,)), expected, mutant) for place in places]
            # Where every tool still sees the edit, no such mutant can be made of these tools.
            if not tried or not all(each.conflicts for each in tried) or any(each.overwritten for each in tried):
                found.mutants[mutant] = any(each.overwritten for each in tried)
    found.seconds = time.monotonic() - began
    return found


def _places(lane: Lane) -> list[str]:
    """Return the services in which somebody can edit what the run made, by editing there."""
    return [service for service in lane.stage.services if lane.stage.meddle((service,))]


def _struck(lane: Lane, case: Case, expected: Counter[str]) -> Trial:
    found = trial(lane, case, expected)
    for _ in range(_RETRIES):
        if case.kill is None or found.struck or not case.kill.boundary or not found.good:
            break
        found = trial(lane, case, expected)
    return found


def trial(lane: Lane, case: Case, expected: Counter[str], mutant: str = "") -> Trial:
    """Do the job, let somebody edit, take it back, perhaps killed in between, and look."""
    return _tried(lane, case, expected, mutant)[0]


def _tried(lane: Lane, case: Case, expected: Counter[str], mutant: str = "") -> tuple[Trial, Told]:
    """Return what the trial found, and what the last process that took it back told."""
    lane.stage.reset()
    seed = lane.stage.observe()
    done = lane.job("do", mutant=mutant)
    if done.error or not done.runs:
        return _failed(case, f"the job itself failed: {done.error}"), done
    edits = tuple(lane.stage.meddle(case.edited)) if case.edited else ()
    struck, last = _take_back(lane, case.kill, mutant)
    if last.error or not last.runs:
        return _failed(case, f"taking back failed: {last.error}"), last
    run = last.runs[0]
    effects = lane.effects()
    kept = tuple(lane.stage.still(edits))
    unequal = _unequal(run, effects, expected, edited=bool(edits))
    if not effects and not unequal and lane.stage.observe() != seed:
        unequal = ("the world differs from its seed in something that effects() does not show",)
    wrong: tuple[str, ...] = () if run.status in ("undone", "partly_undone") else (f"{run.status}: {run.reason}",)
    wrong += tuple(f"{step} was not taken back, and nothing stands in its way" for step in _forgotten(run))
    if case.redo and run.status == "undone":
        wrong += _again(lane, expected)
    found = Trial(
        case, struck, run.status, edits, tuple(edit for edit in edits if edit not in kept),
        tuple(name for name, step in run.steps.items() if step.state == "conflict"), unequal, wrong,
    )  # fmt: skip
    return found, last


def _failed(case: Case, reason: str) -> Trial:
    return Trial(case, struck=False, status="none", edits=(), overwritten=(), conflicts=(), unequal=(), wrong=(reason,))


def _take_back(lane: Lane, kill: Point | None, mutant: str) -> tuple[bool, Told]:
    """Undo, killed and resumed as asked; undo again where the kill came before the wish was recorded."""
    told = lane.job("undo", kill=kill.first if kill else None, mutant=mutant)
    struck = told.killed
    again: Kill | None = kill.again if kill else None
    if struck and again is not None:
        told = lane.job("resume", kill=again, mutant=mutant)
    if told.killed:
        told = lane.job("resume", mutant=mutant)
    if not told.error and told.runs and told.runs[0].status in ("done", "unproven"):
        told = lane.job("undo", mutant=mutant)
    return struck, told


def _unequal(run: RunTold, effects: Counter[str], expected: Counter[str], *, edited: bool) -> tuple[str, ...]:
    """Return what is left in the world and not named by the run. Which effect is whose nobody tells us; how many are."""
    left = [step for step in run.writing if step.state not in ("undone", "planned", "skipped", "held")]
    each = ceil(sum(expected.values()) / max(1, len(run.writing)))
    if edited:  # an edited record no longer looks like what the run made
        return short(effects) if sum(effects.values()) > each * len(left) + len(effects - expected) else ()
    unknown = effects - expected
    if unknown or sum(effects.values()) > each * len(left):
        return short(unknown or effects)
    if any(step.reversible for step in left):
        return tuple(f"{name} was not taken back, and nobody had edited it: {step.reason}"
                     for name, step in run.steps.items() if step in left and step.reversible)  # fmt: skip
    return ()


def _forgotten(run: RunTold) -> list[str]:
    """Return steps that could have been taken back, were not, and are no conflict: an edit elsewhere stops nothing."""
    settled = ("undone", "conflict", "planned", "skipped", "held", "failed")
    return [
        name for name, step in run.steps.items()
        if step.effect != "read" and step.reversible and step.state not in settled
    ]  # fmt: skip


def _again(lane: Lane, expected: Counter[str]) -> tuple[str, ...]:
    """Take the undo back, which does the job again, and take that back as well."""
    redone = lane.job("redo")
    there = lane.effects()
    if redone.error or there != expected:
        return (
            f"done again, it is not as the first time: {redone.error}",
            *short(expected - there),
            *short(there - expected),
        )
    lane.job("undo")
    return tuple(f"taken back the second time, there is: {each}" for each in short(lane.effects()))
