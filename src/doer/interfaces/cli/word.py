"""`doer approve`, `refuse`, `answer`, `cancel`: a person's word; each carries the run on if nobody drives it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import typer
from rich.text import Text

from doer.app.workspace import Opened, find_workspace, open_workspace
from doer.domain.value import RunId
from doer.interfaces.cli import exits
from doer.interfaces.cli.changes_view import diff_of_the_world, diff_of_undo
from doer.interfaces.cli.command import Work
from doer.interfaces.cli.conclude import conclude
from doer.interfaces.cli.door import Door
from doer.interfaces.cli.drive import Drive
from doer.interfaces.cli.naming import find_run
from doer.observation.report import RunReport

RunName = Annotated[str, typer.Argument(metavar="RUN", help="The run's name, or the beginning of it.")]


async def approve(
    door: Door,
    run: RunName,
    steps: Annotated[
        list[str] | None, typer.Argument(metavar="[STEP]…", help="Steps that cannot be taken back, by name.")
    ] = None,
) -> int:
    """Show what the run waits for, approve exactly that, and carry it on.

    What cannot be taken back is approved only when it is named. Also approves an undo that waits.

    Example: doer approve k3f9

    Example: doer approve k3f9 welcome
    """
    async with open_workspace(find_workspace(door.start)) as opened:
        run_id = await find_run(opened.journal, run)
        door.begun.run = run_id
        seen = await _show_what_is_approved(door, opened, run_id)
        shown = await Drive(door, opened.doer, run_id).through(
            lambda: opened.doer.approve(run_id, steps or (), seen=seen)
        )
        return await conclude(door, opened, shown)


async def _show_what_is_approved(door: Door, opened: Opened, run_id: RunId) -> int:
    """Show what the run waits for, and return its `seq`: exactly that is approved, and nothing that comes after."""
    run, shown = await opened.doer.fold(run_id), await opened.doer.show(run_id)
    if run.undo == "previewed":
        door.show(diff_of_undo(shown), Text())
    elif run.unapproved and run.ended is None and run.question is None:
        door.show(diff_of_the_world(shown, only=run.unapproved), Text())
    return min(run.seq, shown.seq)  # of two readings the earlier: what came in between was shown at most in part


async def refuse(
    door: Door,
    run: RunName,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; kept in the record.")] = "",
) -> int:
    """Refuse what the run waits for: nothing more is done, and what was done is taken back.

    Exit code 0 when nothing of it is left.

    Example: doer refuse k3f9 --reason "wrong week"
    """
    async with open_workspace(find_workspace(door.start)) as opened:
        run_id = await find_run(opened.journal, run)
        door.begun.run = run_id
        shown = await Drive(door, opened.doer, run_id).through(lambda: opened.doer.refuse(run_id, reason))
        return await conclude(door, opened, shown, _stopped(shown))


async def answer(
    door: Door,
    run: RunName,
    text: Annotated[list[str], typer.Argument(metavar="TEXT", help="Words, or the number of an option.")],
) -> int:
    """Answer the run's question, by the number of an option or in words, and carry it on.

    While a plan waits to be approved, it says what should be otherwise: a new plan, with a new preview, takes its place.

    Example: doer answer k3f9 2

    Example: doer answer k3f9 "next Tuesday at 10"

    Example: doer answer k3f9 "Wednesday instead"
    """
    async with open_workspace(find_workspace(door.start)) as opened:
        run_id = await find_run(opened.journal, run)
        door.begun.run = run_id
        shown = await Drive(door, opened.doer, run_id).through(lambda: opened.doer.answer(run_id, " ".join(text)))
        return await conclude(door, opened, shown)


async def cancel(door: Door, run: RunName) -> int:
    """Stop a run that has not ended, and take back what it did.

    Exit code 0 when nothing of it is left.

    Example: doer cancel k3f9
    """
    async with open_workspace(find_workspace(door.start)) as opened:
        run_id = await find_run(opened.journal, run)
        door.begun.run = run_id
        shown = await Drive(door, opened.doer, run_id).through(lambda: opened.doer.cancel(run_id))
        return await conclude(door, opened, shown, _stopped(shown))


def _stopped(shown: RunReport) -> int:
    """Return the code of a command that was to stop a run: done when it stopped and nothing of it is left."""
    if shown.status in ("refused", "cancelled", "rolled_back", "done", "undone"):
        return exits.DONE
    return exits.UNPROVEN if shown.status == "partly_rolled_back" else exits.of_status(shown.status)


COMMANDS: Mapping[str, Work] = {"approve": approve, "refuse": refuse, "answer": answer, "cancel": cancel}
