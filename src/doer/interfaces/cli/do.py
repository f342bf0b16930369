"""`doer do` and `doer plan`: a sentence becomes work, or a plan."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Annotated

import typer

from doer.app.workspace import find_workspace, open_workspace
from doer.domain.errors import UsageError
from doer.interfaces.cli.command import Work
from doer.interfaces.cli.conclude import conclude
from doer.interfaces.cli.door import Door
from doer.interfaces.cli.drive import Consent, Drive

Goal = Annotated[
    list[str], typer.Argument(metavar="GOAL", help="What should be done, in your words; - reads them from stdin.")
]


async def do(
    door: Door,
    goal: Goal,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Stop after the preview: nothing is changed.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Approve what can be taken back, without asking.")] = False,
    irreversible: Annotated[
        bool, typer.Option("--irreversible", help="With --yes: also approve what cannot be taken back.")
    ] = False,
    user: Annotated[
        str | None, typer.Option("--as", metavar="USER", help="Only as this user; anybody else is refused.")
    ] = None,
) -> int:
    """Plan it, show what will change, ask, run it, and read every change back.

    Without a terminal nobody is asked: it stops before the first change (exit code 3) and prints the command that
    approves it.

    Example: doer do 'write hello.md: it works'

    Example: doer do --yes --json 'add the line "- Ada" to team.md'
    """
    if irreversible and not yes:
        raise UsageError("--irreversible goes with --yes: alone it would approve nothing; in a terminal you are asked")
    if dry_run and yes:
        raise UsageError("--dry-run runs nothing, so there is nothing for --yes to approve: leave one of them out")
    return await _ask_for(door, goal, "plan" if dry_run else "do", Consent(yes, irreversible), user)


async def plan(door: Door, goal: Goal) -> int:
    """Show the plan and what it would change; run nothing but reads.

    Example: doer plan 'write hello.md: it works'
    """
    return await _ask_for(door, goal, "plan", Consent())


async def _ask_for(door: Door, goal: list[str], mode: str, consent: Consent, user: str | None = None) -> int:
    text = _from_stdin() if goal == ["-"] else " ".join(goal)
    async with open_workspace(find_workspace(door.start), whole=False) as opened:
        _is_who_asks(user, opened.doer.me)
        for reason in opened.parts.missing.values():
            door.warn(f"left out: {reason}")
        run_id = await opened.doer.accept(text, mode=mode)
        shown = await Drive(door, opened.doer, run_id, consent).through(lambda: opened.doer.carry_on(run_id))
        return await conclude(door, opened, shown)


def _is_who_asks(user: str | None, me: str) -> None:
    """Refuse to act for anybody but who asks here: a name that is only said proves nothing, and the record would name it."""
    if user is not None and user.casefold() != me.casefold():
        raise UsageError(
            f"--as {user:.80}: {me} asks here, and acting as somebody else needs that person's own credential, which doer "
            f"cannot check yet: leave --as out, or let {user:.80} ask where `me` in doer.toml names them"
        )


def _from_stdin() -> str:
    if sys.stdin is None or sys.stdin.closed:
        raise UsageError("- reads the goal from standard input, which is closed")
    try:
        return sys.stdin.read()
    except UnicodeDecodeError as wrong:
        raise UsageError(f"what came on standard input is not text in {sys.stdin.encoding}: {wrong.reason}") from wrong


COMMANDS: Mapping[str, Work] = {"do": do, "plan": plan}
