"""Check the record, and write an account of a run.

Example: doer audit verify

Example: doer audit report k3f9 --format html > k3f9.html
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.text import Text

from doer.app.state import STATE, open_state
from doer.app.workspace import find_workspace, open_workspace
from doer.domain.errors import UsageError
from doer.interfaces.cli import exits
from doer.interfaces.cli.account import Account, count
from doer.interfaces.cli.command import Work
from doer.interfaces.cli.door import Door, to_text
from doer.interfaces.cli.dossier import dossier
from doer.interfaces.cli.dossier_form import to_html, to_json, to_markdown
from doer.interfaces.cli.look import ADD, DANGER, NAME, QUIET, data
from doer.interfaces.cli.naming import find_run
from doer.interfaces.cli.word import RunName
from doer.journal.proof import Report, verify
from doer.journal.rows import rows_of
from doer.runtime.system import SystemClock


async def verify_journal(
    door: Door,
    against: Annotated[
        str | None,
        typer.Option("--against", metavar="RECEIPT", help="A receipt that was kept elsewhere, or the file it is in."),
    ] = None,
) -> int:
    """Check every event, payload and signed head of the journal; with a receipt, also that nothing was rolled back.

    Prints a receipt: keep it somewhere else. Exit code 4 when anything is not as it was recorded.

    Example: doer audit verify

    Example: doer audit verify --against doer1.52.…
    """
    folder = find_workspace(door.start)
    with open_state(folder, SystemClock(), reads=True) as journal:
        found = await asyncio.to_thread(verify, journal, _receipt(against))
        own = journal.path.parent == folder / STATE  # a head signed in a copy would be in no journal
        if own and found.ok and found.events and found.covered < found.events:
            await journal.checkpoint()
            found = await asyncio.to_thread(verify, journal, _receipt(against))
    code = exits.DONE if found.ok else exits.BROKEN
    door.give({
        "ok": found.ok, "events": found.events, "runs": found.runs, "checkpoints": found.checkpoints, "covered": found.covered,
        "erased": list(found.erased), "receipt": found.receipt, "exit": code,
        "findings": [{"what": each.what, "run": each.run, "seq": each.seq, "detail": each.detail} for each in found.findings],
    })  # fmt: skip
    _tell(door, found)
    if not found.ok and not door.as_json:
        where = next((f" of run {each.run}" for each in found.findings if each.run), "")
        door.account(Account(
            f"the record{where} is not what was written — in the journal, {folder / STATE}",
            "nothing by this command", "drives nothing from a run whose record is broken",
            "doer runs", "shows the runs that are whole; restore the others from a backup",
        ))  # fmt: skip
    return code


def _receipt(given: str | None) -> str | None:
    """Return the receipt itself; a file that holds one may be named instead."""
    if given is None or given.startswith("doer1."):
        return given
    try:
        return Path(given).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as unreadable:
        raise UsageError(f"{given!r:.100} is neither a receipt (doer1.…) nor a file that can be read") from unreadable


def _tell(door: Door, found: Report) -> None:
    told = f"{count(found.events, 'event')} in {count(found.runs, 'run')}, {count(found.checkpoints, 'signed head')}"
    if found.ok:
        door.show(Text.assemble(("✓ ", ADD), "the journal is what was recorded: ", (told, NAME)))
    else:
        door.show(Text.assemble(("✗ ", DANGER), ("the journal is not what was recorded", DANGER), f" ({told})"))
    for each in found.findings:
        where = (
            f"run {each.run}, event {each.seq}"
            if each.run and each.seq
            else f"run {each.run}"
            if each.run
            else "journal"
        )
        door.show(Text.assemble("  ", (each.what, DANGER), "  ", data(where, NAME), "  ", data(each.detail)))
    if found.erased:
        door.show(Text(f"  personal data was erased, as recorded, of: {', '.join(found.erased)}", QUIET))
    if found.receipt and found.ok:
        door.line(Text.assemble("  receipt, to be kept somewhere else: ", (found.receipt, "cyan")))


async def report_run(
    door: Door,
    run: RunName,
    form: Annotated[Literal["md", "html", "json"], typer.Option("--format", help="How it is written.")] = "md",
) -> int:
    """Write an account of a run for somebody who must answer for it: who asked, decided and approved, what was
    changed, what proved it, and how to check all that.

    Example: doer audit report k3f9 > k3f9.md

    Example: doer audit report k3f9 --format html > k3f9.html
    """
    async with open_workspace(find_workspace(door.start), whole=False, reads=True) as opened:
        run_id = await find_run(opened.journal, run)
        records = await opened.doer.history(run_id)
        shown = await opened.doer.show(run_id)
        found = await asyncio.to_thread(verify, opened.journal)
        with opened.journal.snapshot() as db:
            rows = rows_of(db, run_id)[: len(records)]
    concerned = [each for each in found.findings if each.run in (None, run_id)]
    proof = {
        "check of the journal": "everything is as it was recorded"
        if not concerned
        else "; ".join(f"{each.what}: {each.detail}" for each in concerned),
        "receipt": found.receipt or "none yet",
        "check it again": f"doer audit verify --against {found.receipt}" if found.receipt else "doer audit verify",
    }
    sections = dossier(shown, records, rows, proof)
    if door.as_json or form == "json":
        told = {"run": run_id, "sections": to_json(sections), "exit": exits.DONE if not concerned else exits.BROKEN}
        door.write(to_text(told, door.outlet.encoding) + "\n")
    else:
        door.write(to_html(sections) if form == "html" else to_markdown(sections))
    return exits.BROKEN if concerned else exits.DONE


COMMANDS: Mapping[str, Work] = {"verify": verify_journal, "report": report_run}
