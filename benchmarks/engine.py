"""The engine's figures: verified steps a second, beside a bare journal that writes the same events, and LangGraph's SQLite.

It is measured as in a process of `doer`, which looks for garbage seldom; `--as-a-library` leaves that as Python begins with it.
`make bench` runs this and writes benchmarks/results/engine.json. One run of the benchmark interleaves all contestants, so
that ratios hold on a noisy machine; each figure is the median of the rounds, with the smallest and the largest beside it.

- doer: N runs at once of five trivial steps each (put a value into a dictionary, in four verbs), from the sentence to the
  report: planned, previewed, approved, executed, verified; journal on disk, fsync on.
- bare journal: the same events in the same groups, appended by N concurrent writers; nothing else is done.
- LangGraph: the same five trivial nodes, AsyncSqliteSaver, durability="sync", in a virtual environment of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import platform
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from doer import Absent, Change, Doer, Intent, Key, Plan, Preview, Receipt, Undone, Verified
from doer.domain.action import Manifest
from doer.domain.event import Event, Recorded
from doer.domain.goal import Answer, Goal
from doer.domain.outcome import Reversal, Verification
from doer.domain.plan import Step
from doer.domain.ports import Journal, Reader
from doer.domain.template import Literal
from doer.domain.value import Json, JsonObject, RunId, StepId
from doer.interfaces.cli.entry import SELDOM
from doer.journal.store import open_journal
from doer.runtime.system import SystemClock

HERE = Path(__file__).parent
STEPS = 5
LANGGRAPH = ("langgraph==1.2.22", "langgraph-checkpoint-sqlite==3.1.2")


class Put:
    """A trivial tool with four true verbs over a dictionary."""

    manifest = Manifest(
        name="world.put",
        description="Put a value under a name",
        parameters={
            "type": "object",
            "properties": {"name": {"type": "string"}, "value": {"type": "integer"}},
            "required": ["name", "value"],
            "additionalProperties": False,
        },
        effect="write",
        once=True,
    )

    def __init__(self) -> None:
        self.world: dict[str, Json] = {}

    async def preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        name = str(arguments["name"])
        return Preview((Change(f"world:{name}", self.world.get(name), arguments["value"]),))

    async def apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        name = str(arguments["name"])
        self.world[name] = arguments["value"]
        return Receipt({"name": name}, {f"world:{name}": str(arguments["value"])}, name)

    async def verify(self, intent: Intent, receipt: Receipt | None = None) -> Verification:
        name = str(intent.arguments["name"])
        if self.world.get(name) != intent.arguments["value"]:
            return Absent("it is not there")
        return Verified(receipt or Receipt({"name": name}, {}, name), f"{name} reads back")

    async def undo(self, receipt: Receipt) -> Reversal:
        self.world.pop(str(receipt.undo), None)
        return Undone()


class FiveSteps:
    """A planner that answers every goal with five steps in sequence."""

    async def propose(self, goal: Goal, answers: Sequence[Answer], tools: Sequence[Manifest], reader: Reader) -> Plan:
        return Plan(
            tuple(
                Step(
                    StepId(f"s{number}"),
                    "world.put",
                    {"name": Literal(f"{goal.text}/{number}"), "value": Literal(number)},
                    needs=(StepId(f"s{number - 1}"),) if number else (),
                )
                for number in range(STEPS)
            ),
            title="five steps",
        )


class Overheard:
    """A journal that remembers which groups of events were appended, so that they can be written again, bare."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.groups: dict[RunId, list[tuple[int, Sequence[Event]]]] = {}
        self.read, self.runs = journal.read, journal.runs
        self.driving, self.grown = journal.driving, journal.grown

    async def append(self, run: RunId, after: int, events: Sequence[Event]) -> Sequence[Recorded]:
        self.groups.setdefault(run, []).append((after, tuple(events)))
        return await self.journal.append(run, after, events)


async def doer(runs: int, folder: Path) -> tuple[float, Overheard]:
    """Return the seconds that `runs` runs at once took, and what they wrote."""
    with open_journal(folder / ".doer", SystemClock()) as journal:
        overheard = Overheard(journal)
        app = Doer(tools=[Put()], planners=[FiveSteps()], journal=overheard, approve=lambda _: True, me="bench")
        began = time.perf_counter()
        reports = await asyncio.gather(*(app.do(f"goal {number}") for number in range(runs)))
        seconds = time.perf_counter() - began
    verified = sum(step.state == "verified" for report in reports for step in report.steps)
    if verified != runs * STEPS:
        raise SystemExit(f"only {verified} of {runs * STEPS} steps were verified")
    return seconds, overheard


async def bare(overheard: Overheard, folder: Path) -> float:
    """Return the seconds in which a journal alone takes the same events, run by run in the same groups."""

    async def write(run: RunId, groups: Sequence[tuple[int, Sequence[Event]]]) -> None:
        for after, events in groups:
            await journal.append(run, after, events)

    with open_journal(folder / ".doer", SystemClock()) as journal:
        began = time.perf_counter()
        await asyncio.gather(*(write(run, groups) for run, groups in overheard.groups.items()))
        return time.perf_counter() - began


def langgraph(python: Path, runs: int, folder: Path) -> float:
    """Return the seconds that LangGraph took, measured inside its own process."""
    told = subprocess.run(
        [python, HERE / "langgraph_engine.py", str(runs), str(STEPS), str(folder)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return float(json.loads(told.stdout)["seconds"])


def langgraph_python(folder: Path) -> Path | None:
    """Return a Python with LangGraph, installed once into a virtual environment of its own; None if it cannot be had."""
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        got = subprocess.run([python, "-m", "pip", "install", "--quiet", *LANGGRAPH], check=False)
        if got.returncode:
            python.unlink()
            return None
    return python


def figure(values: Sequence[float]) -> dict[str, float]:
    return {"median": round(statistics.median(values), 2), "min": round(min(values), 2), "max": round(max(values), 2)}


def measure(runs: int, rounds: int, python: Path | None) -> dict[str, object]:
    """Measure every contestant `rounds` times, in turn."""
    ours, theirs, alone, ratios = [], [], [], []
    events = 0
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(dir=HERE) as one, tempfile.TemporaryDirectory(dir=HERE) as two:
            seconds, overheard = asyncio.run(doer(runs, Path(one)))
            journal_seconds = asyncio.run(bare(overheard, Path(two)))
        events = sum(len(group) for groups in overheard.groups.values() for _, group in groups)
        ours.append(runs * STEPS / seconds)
        alone.append(events / journal_seconds)
        ratios.append(seconds / journal_seconds)
        if python is not None:
            with tempfile.TemporaryDirectory(dir=HERE) as three:
                theirs.append(runs * STEPS / langgraph(python, runs, Path(three)))
    return {
        "runs_at_once": runs,
        "events": events,
        "doer_steps_per_second": figure(ours),
        "bare_journal_events_per_second": figure(alone),
        "times_the_bare_journal": figure(ratios),
        "langgraph_nodes_per_second": figure(theirs) if theirs else None,
    }


def machine() -> dict[str, object]:
    model = next((line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), "?")  # fmt: skip
    return {
        "cpu": model, "cores": os.cpu_count(), "load_before": os.getloadavg()[0], "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version, "doer": version("doer"), "langgraph": LANGGRAPH[0], "system": platform.platform(),
        "date": datetime.now(UTC).date().isoformat(),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description="The engine's figures.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--runs", type=int, nargs="*", default=[50, 200])
    parser.add_argument("--without-langgraph", action="store_true")
    parser.add_argument("--as-a-library", action="store_true", help="leave Python's garbage collector as a host has it")
    chosen = parser.parse_args()
    if not chosen.as_a_library:
        gc.set_threshold(SELDOM)  # as every `doer` command does, for both contestants
    python = None if chosen.without_langgraph else langgraph_python(HERE / ".langgraph")
    told = {"machine": machine(), "garbage_looked_for_after": gc.get_threshold()[0], "steps_a_run": STEPS, "rounds": chosen.rounds,
            "figures": [measure(runs, chosen.rounds, python) for runs in chosen.runs]}  # fmt: skip
    results = HERE / "results"
    results.mkdir(exist_ok=True)
    (results / "engine.json").write_text(json.dumps(told, indent=2) + "\n")
    print(json.dumps(told, indent=2))


if __name__ == "__main__":
    main()
