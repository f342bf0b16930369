"""`doer resume`: drives whatever waits for nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated

import typer
from rich.text import Text

from doer.app.workspace import Opened, find_workspace, open_workspace
from doer.domain.errors import DoerError
from doer.domain.value import RunId
from doer.interfaces.cli import exits
from doer.interfaces.cli.account import account_of_run
from doer.interfaces.cli.command import Work
from doer.interfaces.cli.conclude import conclude, document
from doer.interfaces.cli.door import Door
from doer.interfaces.cli.drive import Drive
from doer.interfaces.cli.look import QUIET, data, mark_of_status
from doer.interfaces.cli.naming import find_run
from doer.observation.report import RunReport


async def resume(
    door: Door,
    run: Annotated[
        str | None, typer.Argument(metavar="[RUN]", help="One run; without it, all that wait for nobody.")
    ] = None,
) -> int:
    """Carry on what was interrupted. What was under way is read back first; nothing is done twice.

    Safe to call at any time, by any number of processes. What waits for a person goes on waiting.

    Example: doer resume

    Example: doer resume k3f9
    """
    async with open_workspace(find_workspace(door.start)) as opened:
        if run is not None:
            run_id = await find_run(opened.journal, run)
            # Whoever names a run that waits for a credential says that it is worth trying again.
            await opened.doer.renewed(run_id)
            shown = await Drive(door, opened.doer, run_id).through(lambda: opened.doer.carry_on(run_id))
            return await conclude(door, opened, shown)
        return await _all(door, opened)


async def _all(door: Door, opened: Opened) -> int:
    mine: list[RunId] = []
    broken: dict[RunId, DoerError] = {}
    for run in await opened.journal.runs():
        try:
            shown = await opened.doer.show(run)
        except DoerError as failure:  # one record that cannot be trusted keeps no other run from going on
            door.warn(f"{run} is left as it is: {failure}")
            broken[run] = failure
            continue
        if shown.status == "running" or (shown.until is not None and await opened.doer.waits_for_nobody(run)):
            mine.append(run)
    if len(mine) == 1 and not door.as_json:
        shown = await Drive(door, opened.doer, mine[0]).through(lambda: opened.doer.carry_on(mine[0]))
        code = await conclude(door, opened, shown)
        return exits.gravest((code, *map(exits.of_error, broken.values())))
    # Whether another process drives a run is known only by trying: a run that still goes on is driven by somebody else.
    driven = [each for each in await _drive(opened, mine) if each.status != "running"]
    code = exits.gravest((*(exits.of_status(each.status) for each in driven), *map(exits.of_error, broken.values())))
    door.give({
        "runs": [document(each, account_of_run(each), exits.of_status(each.status)) for each in driven],
        "left": [{"run": run, "error": str(failure)} for run, failure in broken.items()], "exit": code,
    })  # fmt: skip
    if not driven:
        door.show(Text("Nothing waits to be carried on."))
    for each in driven:
        mark = mark_of_status(each.status)
        door.show(Text.assemble((f"{mark.symbol} {each.id}  ", mark.style), (f"{mark.words}  ", mark.style), data(each.goal),
                                (f"  {each.reason}" if each.reason else "", QUIET)))  # fmt: skip
    return code


async def _drive(opened: Opened, runs: list[RunId]) -> list[RunReport]:
    return list(await asyncio.gather(*(opened.doer.carry_on(run) for run in runs)))


COMMANDS: Mapping[str, Work] = {"resume": resume}
