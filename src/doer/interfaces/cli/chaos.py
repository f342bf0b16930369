"""Break it on purpose and count what went wrong: kills, lying servers, somebody else's edits. Also for your own tools.

Example: doer chaos kill

Example: doer chaos lie --scenario my_scenario.py:Refunds
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Protocol, TypeVar

import typer
from rich.table import Table
from rich.text import Text

from doer.demos.catalog import SHIPPED, find_scenario
from doer.domain.value import Json
from doer.interfaces.cli import exits
from doer.interfaces.cli.account import Account
from doer.interfaces.cli.command import Work
from doer.interfaces.cli.door import Door
from doer.interfaces.cli.look import ADD, CHANGE, DANGER, NAME, QUIET, data
from doer.testing.faults.kill import KillReport, chaos_kill
from doer.testing.faults.lie import LieReport, chaos_lie
from doer.testing.faults.undo import UndoReport, chaos_undo

FIRST = next(iter(SHIPPED))
"""The scenario that is taken where none is named."""
_LOADER = "doer.demos.catalog:find_scenario"
_SHOWN = 12
"""Failures that a terminal shows; all are in --json."""

ScenarioName = Annotated[
    str, typer.Option("--scenario", metavar="NAME", help="A shipped scenario, or yours as FILE.py:Class.")
]
Points = Annotated[int | None, typer.Option("--points", min=1, metavar="N", help="How many trials.")]
Lanes = Annotated[int, typer.Option("--lanes", min=1, max=16, help="Worlds side by side; one a core is a good number.")]
Services = Annotated[str, typer.Option("--services", metavar="NAME,…", help="Only these of the scenario's services.")]
Seed = Annotated[int, typer.Option("--seed", help="Another seed draws other moments and other writes.")]


class _Report(Protocol):
    @property
    def green(self) -> bool: ...

    def to_json(self) -> Json: ...


R = TypeVar("R", bound=_Report)


async def kill(
    door: Door,
    scenario: ScenarioName = FIRST,
    points: Points = None,
    lanes: Lanes = 2,
    seed: Seed = 0,
    minutes: Annotated[
        float, typer.Option("--minutes", min=0, help="Begin no further trial after so long; 0: never.")
    ] = 0,
) -> int:
    """SIGKILL the process at every boundary of the journal and at random moments; resume; compare the world.

    Exit code 0: nothing was done twice, nothing was lost, every boundary was covered, every mutant was caught.

    Example: doer chaos kill --points 200
    """
    name = _absolute(scenario)
    found = await _ran(door, lambda tell: chaos_kill(
        find_scenario(name), _LOADER, name, points=points or 200, lanes=lanes, seed=seed, minutes=minutes,
        progress=tell,
    ))  # fmt: skip
    return _conclude(door, found, _kill_rows(found), "doer chaos kill")


async def lie(
    door: Door,
    scenario: ScenarioName = FIRST,
    points: Points = None,
    kinds: Annotated[str, typer.Option("--kinds", metavar="KIND,…", help="Only these, e.g. drop,double.")] = "",
    services: Services = "",
    lanes: Lanes = 2,
    seed: Seed = 0,
) -> int:
    """Let every service lie in every way it can, and compare what doer says with the world.

    Without --points each kind is tried once at each service. Exit code 0: nothing was said to be done, or to be taken
    back, that was not.

    Example: doer chaos lie --kinds drop,double,delay --services calendar
    """
    name = _absolute(scenario)
    found = await _ran(door, lambda tell: chaos_lie(
        find_scenario(name), _LOADER, name, points=points or 0, kinds=_listed(kinds), services=_listed(services),
        lanes=lanes, seed=seed, progress=tell,
    ))  # fmt: skip
    if not door.as_json:
        door.show(Text(), _answers(found))
    return _conclude(door, found, _lie_rows(found), "doer chaos lie")


async def undo(
    door: Door,
    scenario: ScenarioName = FIRST,
    points: Points = None,
    services: Services = "",
    lanes: Lanes = 2,
    seed: Seed = 0,
) -> int:
    """Take the job back: undisturbed, with somebody else editing, and killed while it does; compare the world.

    Exit code 0: the world is as before but for what was named, and nobody's edit was overwritten.

    Example: doer chaos undo --points 80
    """
    name = _absolute(scenario)
    found = await _ran(door, lambda tell: chaos_undo(
        find_scenario(name), _LOADER, name, points=points or 80, services=_listed(services), lanes=lanes, seed=seed,
        progress=tell,
    ))  # fmt: skip
    return _conclude(door, found, _undo_rows(found), "doer chaos undo")


def _absolute(scenario: str) -> str:
    """Name a scenario's file so that the worker processes find it, wherever they run."""
    path, colon, attribute = scenario.rpartition(":")
    return f"{Path(path).resolve()}:{attribute}" if colon and Path(path).is_file() else scenario


def _listed(names: str) -> Sequence[str]:
    return [name.strip() for name in names.split(",") if name.strip()]


async def _ran(door: Door, work: Callable[[Callable[[str], None]], R]) -> R:
    """Run the harness beside the event loop; its progress is a line that moves in a terminal, and lines in a pipe."""
    if not door.err.is_terminal:
        return await asyncio.to_thread(work, lambda text: door.err.print(data(text), soft_wrap=True))
    with door.err.status("starting the servers") as line:
        return await asyncio.to_thread(work, lambda text: line.update(data(text)))


def _conclude(door: Door, found: _Report, rows: Sequence[tuple[str, str, bool | None]], command: str) -> int:
    code = exits.DONE if found.green else exits.NOT_DONE
    told = found.to_json()
    assert isinstance(told, Mapping)
    door.give({**told, "exit": code})
    table = Table.grid(padding=(0, 2))
    for name, value, good in rows:
        table.add_row("", data(name, NAME), Text(value, QUIET if good is None else ADD if good else DANGER))
    door.show(Text(), table)
    failures = told["failures"]
    if isinstance(failures, Sequence):
        for failure in failures[:_SHOWN]:
            door.show(Text(), *_failure(failure))
    if not found.green:
        account = Account(
            "the figures are not what they must be", "only temporary worlds, which are gone", "nothing",
            f"{command} --json shows every failure",
        )  # fmt: skip
        door.account(account)
    return code


def _failure(failure: Json) -> list[Text]:
    if not isinstance(failure, Mapping):
        return []
    return [Text.assemble(("  ✗ ", DANGER), data(f"{name}: {value}")) for name, value in failure.items() if value]


def _mutants(mutants: Mapping[str, bool]) -> list[tuple[str, str, bool | None]]:
    return [(f"mutant: {name}", "turned it red" if caught else "WAS NOT NOTICED", caught)
            for name, caught in mutants.items()]  # fmt: skip


def _kill_rows(found: KillReport) -> list[tuple[str, str, bool | None]]:
    duplicates = sum(len(trial.duplicates) for trial in found.trials)
    lost = sum(len(trial.lost) for trial in found.trials)
    asked = sum(trial.asked for trial in found.trials)
    return [
        ("killed and resumed", f"{len(found.trials)} times in {found.seconds:.0f} s", None),
        ("boundaries covered", f"{found.covered} of {found.boundaries}", found.covered == found.wanted),
        ("duplicates", str(duplicates), duplicates == 0),
        ("lost", str(lost), lost == 0),
        ("asked a person", str(asked), None),
        *_mutants(found.mutants),
    ]


def _lie_rows(found: LieReport) -> list[tuple[str, str, bool | None]]:
    struck = sum(trial.struck for trial in found.trials)
    return [
        ("lied to", f"{struck} times in {len(found.kinds)} ways, {found.seconds:.0f} s", None),
        ("falsely done", str(found.false_done), found.false_done == 0),
        ("falsely taken back", str(found.false_rolled_back), found.false_rolled_back == 0),
        ("silent", str(found.silent), found.silent == 0),
        *_mutants(found.mutants),
    ]


def _answers(found: LieReport) -> Table:
    """Services beside kinds, with what doer answered."""
    services = list(found.answers)
    table = Table(box=None, padding=(0, 2), header_style=QUIET)
    table.add_column("")
    for service in services:
        table.add_column(data(service))
    for kind in sorted({kind for row in found.answers.values() for kind in row}):
        cells = [", ".join(found.answers[service].get(kind, {})) for service in services]
        table.add_row(data(kind, NAME), *(Text(cell.replace("_", " "), _style(cell)) for cell in cells))
    return table


def _style(answers: str) -> str:
    return ADD if answers == "done" else CHANGE if answers else QUIET


def _undo_rows(found: UndoReport) -> list[tuple[str, str, bool | None]]:
    edits = sum(len(trial.edits) for trial in found.trials)
    conflicts = sum(len(trial.conflicts) for trial in found.trials)
    return [
        ("taken back", f"{len(found.trials)} times in {found.seconds:.0f} s", None),
        ("world equal", "yes" if found.world_equal else "no", found.world_equal),
        ("named beforehand", ", ".join(found.named) or "nothing: all of it can be taken back", None),
        ("edits of somebody else", str(edits), None),
        ("overwritten", str(found.overwritten), found.overwritten == 0),
        ("conflicts reported", str(conflicts), None),
        ("boundaries covered", f"{found.covered} of {found.boundaries}", found.covered == found.wanted),
        *_mutants(found.mutants),
    ]


COMMANDS: Mapping[str, Work] = {"kill": kill, "lie": lie, "undo": undo}
