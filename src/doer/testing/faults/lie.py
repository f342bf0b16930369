"""`doer chaos lie`: every service in turn lies in every way it can, and what doer then says is compared with the world.

Right answers are: done, with exactly the world of an undisturbed run; rolled back, with the seed's world; partly rolled
back, naming what remains; unproven, naming the step; waiting, with a question; failed, with nothing changed.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from doer.domain.errors import UsageError
from doer.domain.value import Json
from doer.testing.faults.fronts import Fault, front, kinds_of
from doer.testing.faults.lane import Lane, Told, open_lanes, spread, undisturbed
from doer.testing.faults.triggers import SIDE_TABLE, TRIGGER_MARK
from doer.testing.faults.verdict import Verdict, verdict
from doer.testing.scenario import Scenario

MUTANTS = ("no verify",)
PATIENCE = 2.0
"""Seconds that one call of a tool gets at least, so that "delays past our time-out" does not take half a minute.

It gets as long as the undisturbed job took as a whole, where that is more: on a busy machine an honest server would be
given up as well, and the trial would then be of two faults, of which only one was ordered.
"""
_TELLING = ("drop", "halve", "misplace", "double")
_MOST_MUTANT_TRIALS = 8
_MOST_WRITES_TRIED = 4


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of one lie."""

    fault: Fault
    struck: bool
    status: str
    reason: str
    verdict: Verdict

    def to_json(self) -> Json:
        """One trial as the report shows it."""
        return {
            "service": self.fault.service,
            "kind": self.fault.kind,
            "write": self.fault.nth,
            "lasting": self.fault.lasting,
            "struck": self.struck,
            "status": self.status,
            "reason": self.reason,
            "false_done": list(self.verdict.false_done),
            "false_rolled_back": list(self.verdict.false_rolled_back),
            "silent": list(self.verdict.silent),
        }


@dataclass(slots=True)
class LieReport:
    """The figures of `chaos lie`."""

    scenario: str
    trials: list[Trial] = field(default_factory=list)
    mutants: dict[str, bool] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def kinds(self) -> Sequence[str]:
        """The kinds of faults that really struck."""
        return sorted({trial.fault.kind for trial in self.trials if trial.struck})

    @property
    def false_done(self) -> int:
        """Trials in which something was said to be done and was not."""
        return sum(bool(trial.verdict.false_done) for trial in self.trials)

    @property
    def false_rolled_back(self) -> int:
        """Trials in which something was said to be taken back and was not."""
        return sum(bool(trial.verdict.false_rolled_back) for trial in self.trials)

    @property
    def silent(self) -> int:
        """Trials in which a run neither ended nor said what it waits for."""
        return sum(bool(trial.verdict.silent) for trial in self.trials)

    @property
    def answers(self) -> Mapping[str, Mapping[str, Mapping[str, int]]]:
        """Service -> kind -> status -> how often."""
        found: dict[str, dict[str, dict[str, int]]] = {}
        for trial in sorted(self.trials, key=lambda each: (each.fault.service, each.fault.kind)):
            row = found.setdefault(trial.fault.service, {}).setdefault(trial.fault.kind, {})
            row[trial.status] = row.get(trial.status, 0) + 1
        return found

    @property
    def green(self) -> bool:
        """Nothing false was said, and every mutant was caught."""
        return all(trial.verdict.true for trial in self.trials) and all(self.mutants.values())

    def to_json(self) -> Json:
        """Return what `--json` shows."""
        return {
            "scenario": self.scenario,
            "trials": len(self.trials),
            "struck": sum(trial.struck for trial in self.trials),
            "kinds": list(self.kinds),
            "false_done": self.false_done,
            "false_rolled_back": self.false_rolled_back,
            "silent": self.silent,
            "answers": {name: {kind: dict(told) for kind, told in row.items()} for name, row in self.answers.items()},
            "mutants_caught": dict(self.mutants),
            "green": self.green,
            "seconds": round(self.seconds, 1),
            "failures": [trial.to_json() for trial in self.trials if not trial.verdict.true],
        }


def chaos_lie(  # noqa: PLR0913  # settings of one command, all by name
    scenario: Scenario,
    loader: str,
    name: str,
    *,
    points: int = 0,
    kinds: Sequence[str] = (),
    services: Sequence[str] = (),
    lanes: int | Sequence[Lane] = 2,
    seed: int = 0,
    mutants: Sequence[str] = MUTANTS,
    progress: Callable[[str], None] = lambda _: None,
) -> LieReport:
    """Run the harness: each kind at each service once, at a write drawn by the seed, and again up to `points` trials.

    `points` below the number of pairs takes that many of them. Raises UsageError for kinds and services that there are
    none of, and when the scenario does not even work undisturbed.
    """
    began = time.monotonic()
    found = LieReport(scenario.name)
    with open_lanes(scenario, loader, name, lanes) as opened:
        pairs = _pairs(opened[0].stage.services, kinds, services)
        expected, calm = undisturbed(opened[0])
        patience = max(PATIENCE, calm.seconds)
        writes = {service: _writes(opened[0], service, patience) for service in {service for service, _ in pairs}}
        plan = planned(pairs, writes, points, random.Random(seed))  # noqa: S311  # which write, not a secret

        def one(lane: Lane, fault: Fault) -> None:
            told = _struck(lane, fault, expected, writes[fault.service], patience)
            found.trials.append(told)
            progress(f"{len(found.trials)} of {len(plan)}: {told.fault.told()}: {told.status}"
                     f"{'' if told.verdict.true else ' — NOT SO'}")  # fmt: skip

        spread(opened, plan, one)
        for mutant in mutants:
            progress(f"mutant: {mutant}")
            found.mutants[mutant] = _caught(opened[0], plan, expected, mutant, patience)
    found.seconds = time.monotonic() - began
    return found


def _pairs(addresses: Mapping[str, str], kinds: Sequence[str], services: Sequence[str]) -> list[tuple[str, str]]:
    if unknown := set(services) - set(addresses):
        raise UsageError(f"there is no service {sorted(unknown)}; the scenario has {', '.join(addresses)}")
    pairs = [(service, kind) for service, address in addresses.items() for kind in kinds_of(address)]
    if unknown := set(kinds) - {kind for _, kind in pairs}:
        raise UsageError(
            f"there is no kind {sorted(unknown)}; there are {', '.join(dict.fromkeys(k for _, k in pairs))}"
        )
    wanted = [pair for pair in pairs if (not services or pair[0] in services) and (not kinds or pair[1] in kinds)]
    if not wanted:
        raise UsageError("no service of this scenario can be made to lie in these ways: it needs an http, smtp or imap address, "
                         "an SQLite file or a folder in `services`")  # fmt: skip
    return wanted


def _writes(lane: Lane, service: str, patience: float) -> int:
    """Count the writes of an undisturbed run, where a proxy can; elsewhere it is the first that is struck."""
    if not lane.stage.services[service].startswith(("http", "imap")):
        return 1
    lane.stage.reset()
    _, _, writes = asyncio.run(_run(lane, Fault(service, ""), "", patience))
    return max(1, writes)


def planned(
    pairs: Sequence[tuple[str, str]], writes: Mapping[str, int], points: int, rng: random.Random
) -> list[Fault]:
    """Return the faults to order, each pair in turn, every fourth of them lasting."""
    count = points or len(pairs)
    order = list(pairs) if count >= len(pairs) else rng.sample(list(pairs), count)
    drawn = [order[n % len(order)] for n in range(count)]
    return [
        Fault(service, kind, rng.randint(1, writes[service]), lasting=rng.random() < 0.25) for service, kind in drawn
    ]


def _struck(lane: Lane, fault: Fault, expected: Counter[str], writes: int, patience: float) -> Trial:
    """Try the other writes as well, if the fault came to nothing at this one."""
    found = trial(lane, fault, expected, patience=patience)
    for later in range(1, min(writes, _MOST_WRITES_TRIED)):
        if found.struck or not found.verdict.true:
            break
        found = trial(lane, replace(fault, nth=1 + (fault.nth - 1 + later) % writes), expected, patience=patience)
    return found


def trial(lane: Lane, fault: Fault, expected: Counter[str], mutant: str = "", *, patience: float = PATIENCE) -> Trial:
    """Do the whole job against one lying service, mend it, let what it held back arrive, and look."""
    lane.stage.reset()
    told, struck, _ = asyncio.run(_run(lane, fault, mutant, patience))
    run = told.runs[0] if told.runs else None
    status, reason = (run.status, run.reason) if run else ("none", told.error)
    return Trial(fault, struck, status, reason, verdict(told, _unnamed(lane.effects(), told), expected))


def _unnamed(effects: Counter[str], told: Told) -> Counter[str]:
    """Leave out what a trigger wrote into the side table, if that trigger was named before anybody agreed to the job."""
    echoes = [echo for run in told.runs for step in run.steps.values() for echo in step.echoes]
    if not any(TRIGGER_MARK in echo for echo in echoes):
        return effects
    return Counter({effect: times for effect, times in effects.items() if SIDE_TABLE not in effect})


async def _run(lane: Lane, fault: Fault, mutant: str, patience: float) -> tuple[Told, bool, int]:
    async with front(lane.stage.services[fault.service], fault) as between:
        told = await asyncio.to_thread(
            lane.job, "do", through=between.through, patience=patience, vandal=between.vandal, mutant=mutant
        )
        await between.mend()
        return told, between.struck, between.writes


def _caught(lane: Lane, plan: Sequence[Fault], expected: Counter[str], mutant: str, patience: float) -> bool:
    """Tell whether the mutant makes somebody say what is not so."""
    telling = [replace(fault, nth=1, lasting=False) for kind in _TELLING for fault in plan if fault.kind == kind]
    for fault in [*telling, *plan][:_MOST_MUTANT_TRIALS]:
        if trial(lane, fault, expected, mutant, patience=patience).verdict.false_done:
            return True
    return False
