"""`doer backup` and `doer restore`: the workspace's state in one file, and back."""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from doer.app.backup import back_up
from doer.app.restore import restore
from doer.app.workspace import find_workspace
from doer.domain.errors import UsageError
from doer.domain.value import Principal
from doer.interfaces.cli import exits
from doer.interfaces.cli.account import count
from doer.interfaces.cli.command import Work
from doer.interfaces.cli.door import Door
from doer.interfaces.cli.look import ADD, NAME, QUIET, WARN, data
from doer.runtime.system import SystemClock

BackupFile = Annotated[Path, typer.Argument(metavar="FILE", help="The backup, e.g. office.doer.tgz.")]


async def save(door: Door, file: BackupFile) -> int:
    """Save the workspace's state to a file: journal, keys, payloads, reminders, doer.toml, skills. Safe while in use.

    The file is as secret as the workspace (its signing key is in it); passwords and tokens of connections are not in it.

    Example: doer backup ~/backups/office-2026-11-21.tgz
    """
    folder = find_workspace(door.start)
    made = await back_up(folder, (door.start / file).resolve(), SystemClock())
    code = exits.DONE if made.whole else exits.BROKEN
    door.give({
        "file": str(made.file), "saved_at": made.saved_at.isoformat(), "events": made.events, "runs": made.runs,
        "bytes": made.size, "receipt": made.receipt, "whole": made.whole, "exit": code,
    })  # fmt: skip
    told = f"{count(made.events, 'event')} in {count(made.runs, 'run')}, {made.size:,} bytes"
    door.show(Text.assemble(("✓ ", ADD), data(str(made.file), NAME), (f"  {told}", QUIET)))
    if made.receipt:
        door.line(Text.assemble("  receipt, to be kept somewhere else: ", (made.receipt, "cyan")))
    if not made.whole:
        door.warn("the journal in it is not what was recorded: `doer audit verify` says where")
    return code


async def bring_back(
    door: Door,
    file: BackupFile,
    folder: Annotated[
        Path | None, typer.Argument(metavar="DIR", help="Made if missing; default: this workspace, or here.")
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Move a journal that is there aside.")] = False,
) -> int:
    """Bring a workspace back from a backup. It is checked before anything is put into place.

    What happened after the backup is not in it: runs that had not ended then ask before they write anything more. Files
    that are there already stay as they are; connect again where secrets are missing.

    Example: doer restore ~/backups/office-2026-11-21.tgz ~/office
    """
    place = (door.start / folder).resolve() if folder is not None else _here(door.start)
    back = await restore(
        (door.start / file).resolve(), place, SystemClock(), Principal(getpass.getuser()), replace=replace
    )
    door.give({
        "workspace": str(back.folder), "saved_at": back.saved_at.isoformat(), "events": back.events, "runs": back.runs,
        "asking": list(back.asking), "kept": list(back.kept),
        "replaced": None if back.replaced is None else str(back.replaced), "exit": exits.DONE,
    })  # fmt: skip
    told = f"{count(back.events, 'event')} in {count(back.runs, 'run')}, as of {back.saved_at:%Y-%m-%d %H:%M} UTC"
    door.show(Text.assemble(("✓ ", ADD), "restored in ", data(str(back.folder), NAME), (f"  {told}", QUIET)))
    if back.asking:
        door.show(Text.assemble(("! ", WARN), f"{count(len(back.asking), 'run')} had not ended, and what was done since is not in the "
                                "backup; before anything more is written you are asked: ", (", ".join(back.asking), NAME)))  # fmt: skip
    for each in back.kept:
        door.show(Text.assemble(("  kept as it is here: ", QUIET), data(each)))
    if back.replaced is not None:
        door.show(Text.assemble(("  what was here before: ", QUIET), data(str(back.replaced))))
    for told_, typed in (("see what there is", "doer runs"), ("whether all can be reached", "doer doctor")):
        door.line(Text.assemble(f"  {told_:<28} ", (typed, "cyan")))
    return exits.DONE


def _here(start: Path) -> Path:
    try:
        return find_workspace(start)
    except UsageError:
        return start.resolve()


COMMANDS: Mapping[str, Work] = {"backup": save, "restore": bring_back}
