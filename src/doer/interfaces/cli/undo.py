"""`doer undo`: takes a finished run back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import typer
from rich.text import Text

from doer.app.workspace import find_workspace, open_workspace
from doer.domain.errors import UsageError
from doer.interfaces.cli import exits
from doer.interfaces.cli.changes_view import diff_of_undo
from doer.interfaces.cli.command import Work
from doer.interfaces.cli.conclude import conclude, document
from doer.interfaces.cli.door import Door
from doer.interfaces.cli.drive import Consent, Drive
from doer.interfaces.cli.look import NAME, QUIET
from doer.interfaces.cli.naming import find_run
from doer.interfaces.cli.word import RunName
from doer.observation.report import RunReport


async def undo(
    door: Door,
    run: RunName,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what it would change, and stop.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Approve it without asking.")] = False,
    redo: Annotated[bool, typer.Option("--redo", help="Do an undone run again.")] = False,
) -> int:
    """Take a finished run back: shown first, then approved, then read back.

    What somebody changed since is never overwritten: it stays, and is named. A run that is taken back already stays so;
    --redo does it again, shown and approved anew.

    Example: doer undo k3f9

    Example: doer undo k3f9 --dry-run

    Example: doer undo k3f9 --redo
    """
    if redo and dry_run:
        raise UsageError("--redo shows what it would do and asks before it does it: leave --dry-run out")
    async with open_workspace(find_workspace(door.start)) as opened:
        run_id = await find_run(opened.journal, run)
        door.begun.run = run_id
        if dry_run:
            foreseen = await opened.doer.undo(run_id, dry_run=True)
            return _already(door, foreseen) if foreseen.status == "undone" else _foreseen(door, foreseen)
        before = await opened.doer.show(run_id)
        drive = Drive(door, opened.doer, run_id, Consent(yes))
        if redo:
            return await conclude(door, opened, await drive.through(lambda: opened.doer.redo(run_id)))
        if before.status == "undone":
            return _already(door, before)
        shown = await drive.through(lambda: opened.doer.undo(run_id))
        unwilling = shown.status == before.status and before.status != "partly_undone"
        return await conclude(door, opened, shown, exits.NOT_DONE if unwilling else None)


def _already(door: Door, shown: RunReport) -> int:
    """Tell that there is nothing left to take back: said twice, as by a script that tries again, it is done once."""
    door.give(document(shown, None, exits.DONE))
    door.line(Text.assemble(("↩ ", "cyan"), ("already taken back", NAME), (f"  run {shown.id}", QUIET)))
    door.line(Text.assemble("  to do it again  ", (f"doer undo {shown.id} --redo", "cyan")))
    return exits.DONE


def _foreseen(door: Door, shown: RunReport) -> int:
    door.give(document(shown, None, exits.DONE))
    door.show(diff_of_undo(shown), Text())
    for step in shown.steps:
        if step.id in shown.undo and step.effect != "read":
            door.show(Text(f"  ! {step.id} stays", "bold yellow"))
    door.line(Text.assemble("  nothing was changed; to take it back  ", (f"doer undo {shown.id}", "cyan")))
    return exits.DONE


COMMANDS: Mapping[str, Work] = {"undo": undo}
