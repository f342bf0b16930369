"""The end of a command: the summary of a run, what can be taken back, the four lines, the JSON document, the exit code."""

from __future__ import annotations

import os
import platform

from rich.text import Text

from doer.app.doer import Doer
from doer.domain.event import RunClaimed
from doer.domain.ports import Journal
from doer.domain.value import Json, RunId
from doer.interfaces.cli import exits
from doer.interfaces.cli.account import Account, account_of_run, count, names
from doer.interfaces.cli.door import Door
from doer.interfaces.cli.look import NAME, QUIET, mark_of_status
from doer.observation.report import RunReport


async def conclude(door: Door, doer: Doer, shown: RunReport, code: int | None = None) -> int:
    """Tell how the run stands at the end of a command, and return the exit code."""
    driven = shown.status == "running" and await is_driven(doer.journal, shown.id)
    account = account_of_run(shown, driven=driven)
    found = exits.of_status(shown.status) if code is None else code
    door.give(document(shown, account, found))
    if door.as_json:
        return found
    if account is None:
        door.show(Text(), _summary(shown), _afterwards(shown))
    else:
        if shown.status in ("unproven", "partly_undone"):
            door.show(Text(), _summary(shown))
        door.account(account)
    return found


def document(shown: RunReport, account: Account | None, code: int) -> Json:
    """Return the JSON document of a run: its report, the account when it is not simply done, and the exit code."""
    told = shown.to_json()
    assert isinstance(told, dict)
    return {**told, "account": None if account is None else account.to_json(), "exit": code}


async def is_driven(journal: Journal, run_id: RunId) -> bool:
    """Tell whether the process that last took the run is still there, on this machine.

    Its lock is not tried: a lock that is held even for a moment would turn away a process that wants to drive.
    """
    claims = [each.event.driver for each in await journal.read(run_id) if isinstance(each.event, RunClaimed)]
    host, _, number = claims[-1].rpartition("/") if claims else ("", "", "")
    if host != platform.node() or not number.isdecimal():
        return bool(claims) and host != platform.node()
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return int(number) != os.getpid()


def _summary(shown: RunReport) -> Text:
    mark = mark_of_status(shown.status)
    proved = sum(step.state == "verified" and step.effect != "read" for step in shown.steps)
    undone = sum(step.state == "undone" for step in shown.steps)
    told = {
        "done": f"done and verified: {count(proved, 'change')}" if proved else "done: nothing was to change",
        "unproven": f"done: {count(proved, 'step')} verified, the rest unproven",
        "undone": f"taken back: {count(undone, 'step')}, each read back",
        "partly_undone": f"taken back in part: {count(undone, 'step')}",
        "planned": "planned, nothing was run",
    }.get(shown.status, mark.words)
    return Text.assemble(
        (f"{mark.symbol} ", mark.style), (told, NAME), (f"  in {shown.seconds:.1f} s", QUIET) if shown.status != "planned" else "",
        (f"  run {shown.id}", QUIET),
    )  # fmt: skip


def _afterwards(shown: RunReport) -> Text:
    """Return what can be typed next."""
    match shown.status:
        case "planned":
            by_name = "".join(f" {step.id}" for step in shown.irreversible)
            return Text.assemble("  to run it     ", (f"doer approve {shown.id}{by_name}", "cyan"))
        case "undone":
            return Text.assemble("  to do it again  ", (f"doer undo {shown.id}", "cyan"))
        case _:
            if not shown.undo:
                return Text.assemble("  to take it back  ", (f"doer undo {shown.id}", "cyan"))
            if shown.undo.startswith("there is nothing"):
                return Text()
            stays = [step for step in shown.irreversible if step.state in ("verified", "unproven")]
            return Text.assemble(
                "  to take it back  ", (f"doer undo {shown.id}", "cyan"),
                (f"  all but {names(stays)}: {shown.undo}" if stays else f"  {shown.undo}", QUIET),
            )  # fmt: skip
