"""`doer show`: one run, everything one wants to read of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.text import Text

from doer.app.workspace import Opened, find_workspace, open_workspace
from doer.domain.event import Approved, Corrected, QuestionAnswered, Recorded, UndoApproved
from doer.domain.value import Json, RunId
from doer.interfaces.cli import exits
from doer.interfaces.cli.account import account_of_run, count
from doer.interfaces.cli.changes_view import diff_of_the_world, diff_of_undo
from doer.interfaces.cli.command import Work
from doer.interfaces.cli.conclude import conclude, document, is_driven
from doer.interfaces.cli.door import Door
from doer.interfaces.cli.look import QUIET, data, mark_of_status
from doer.interfaces.cli.naming import find_run
from doer.interfaces.cli.steps_view import events_table, steps_table
from doer.interfaces.cli.story import Story
from doer.interfaces.cli.telling import tell
from doer.interfaces.cli.word import RunName
from doer.journal.rows import rows_of


async def show(
    door: Door,
    run: RunName,
    events: Annotated[
        bool, typer.Option("--events", help="The record: every event with its place in the hash chain.")
    ] = False,
    full: Annotated[bool, typer.Option("--full", help="Long texts whole.")] = False,
) -> int:
    """Show one run: what was asked, the diff of the world, every step with its proof, what can be taken back.

    Example: doer show k3f9

    Example: doer show k3f9 --events
    """
    async with open_workspace(find_workspace(door.start), whole=False, reads=True) as opened:
        run_id = await find_run(opened.journal, run)
        records = await opened.doer.history(run_id)
        if events:
            return _events(door, opened, run_id, records)
        shown = await opened.doer.show(run_id)
        if door.as_json:
            driven = shown.status == "running" and await is_driven(opened.journal, run_id)
            door.give(document(shown, account_of_run(shown, driven=driven), exits.DONE))
            return exits.DONE
        zone = ZoneInfo(opened.parts.settings.workspace.timezone)
        story = Story.of(run_id, records)
        mark = mark_of_status(shown.status)
        door.show(Text.assemble((f"{mark.symbol} {mark.words}  ", mark.style), data(shown.goal, "bold")))
        door.show(*_words(records, zone), Text())
        if shown.steps:
            door.show(diff_of_the_world(shown, full=full), Text())
            if story.started:
                door.show(Text("steps", "bold cyan"), steps_table(story, one_line=False))
        if shown.undo_changes:
            door.show(Text(), diff_of_undo(shown, full=full))
        await conclude(door, opened, shown)
        return exits.DONE


def _words(records: Sequence[Recorded], zone: ZoneInfo) -> list[Text]:
    """Return who asked, answered and approved, and when."""
    said = [
        each
        for each in records
        if each.seq == 1 or isinstance(each.event, QuestionAnswered | Corrected | Approved | UndoApproved)
    ]
    return [Text.assemble((f"  {_when(each.at, zone)}  ", QUIET), data(tell(each.event).words, QUIET)) for each in said]


def _when(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S %Z")


def _events(door: Door, opened: Opened, run_id: RunId, records: Sequence[Recorded]) -> int:
    with opened.journal.snapshot() as db:
        rows = rows_of(db, run_id)[: len(records)]
    told: list[Json] = []
    for record, row in zip(records, rows, strict=True):
        telling = tell(record.event)
        told.append({
            "seq": record.seq, "at": record.at.isoformat(), "event": type(record.event).__name__, "step": telling.step or None,
            "told": telling.words, "prev": row.prev.hex(), "hash": row.hash.hex(),
        })  # fmt: skip
    door.give({"run": run_id, "events": told, "exit": exits.DONE})
    door.show(events_table(records, [row.hash.hex() for row in rows]))
    door.show(
        Text(
            f"\n{count(len(records), 'event')}, each hashed with the one before it; `doer audit verify` checks them all",
            QUIET,
        )
    )
    return exits.DONE


COMMANDS: Mapping[str, Work] = {"show": show}
