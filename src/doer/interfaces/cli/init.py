"""`doer init`: makes a workspace."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from doer.app.workspace import init_workspace
from doer.interfaces.cli.command import Work
from doer.interfaces.cli.door import Door
from doer.interfaces.cli.look import ADD, NAME, QUIET, data


async def init(
    door: Door,
    folder: Annotated[Path | None, typer.Argument(metavar="DIR", help="Made if missing; default: here.")] = None,
) -> int:
    """Make a workspace: doer.toml, skills/, .doer/ (journal and keys), and a line in .gitignore.

    What is there stays as it is; safe to run again.

    Example: doer init

    Example: doer init ~/office
    """
    place = (door.start / folder if folder is not None else door.start).resolve()
    made = init_workspace(place)
    door.give({"workspace": str(place), "made": list(made), "exit": 0})
    if not made:
        door.show(Text.assemble("A workspace already: ", data(str(place), NAME)))
        return 0
    door.show(Text.assemble(("✓ ", ADD), "a workspace in ", data(str(place), NAME), (f": {', '.join(made)}", QUIET)))
    for told, typed, remark in (
        ("what can be said here", "doer can", ""),
        ("try it", "doer do 'write hello.md: it works'", ""),
        ("connect your own", "doer connect KIND NAME", "  database, calendar, mail, directory, git, http"),
    ):
        door.line(Text.assemble(f"  {told:<24} ", (typed, "cyan"), (remark, QUIET)))
    return 0


COMMANDS: Mapping[str, Work] = {"init": init}
