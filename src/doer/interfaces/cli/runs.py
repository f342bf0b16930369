"""`doer runs`: what was asked here, how it stands, and whether it can be taken back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import typer
from rich.table import Table
from rich.text import Text

from doer.app.workspace import Opened, find_workspace, open_workspace
from doer.domain.errors import DoerError, JournalBroken
from doer.domain.value import Json, RunId
from doer.interfaces.cli import exits
from doer.interfaces.cli.command import Work
from doer.interfaces.cli.door import Door
from doer.interfaces.cli.look import ADD, NAME, QUIET, REMOVE, WARN, data, mark_of_status
from doer.observation.report import RunReport

_COLUMNS: Final = {"run": 0, "when": 72, "asked": 20, "status": 10, "undo": 48}
"""Column -> least width of a terminal that it is shown in."""


async def runs(
    door: Door,
    limit: Annotated[int, typer.Option("--limit", "-n", metavar="N", min=1, help="How many, newest first.")] = 20,
    everything: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
) -> int:
    """List what was asked here, newest first, with its state and whether it can still be taken back.

    Example: doer runs

    Example: doer runs --json --all
    """
    async with open_workspace(find_workspace(door.start), whole=False, reads=True) as opened:
        known = await opened.journal.runs()
        chosen = known if everything else known[:limit]
        rows = [await _row(opened, run) for run in chosen]
        broken = any(isinstance(each, DoerError) for _, _, each in rows)
        code = exits.BROKEN if broken else exits.DONE
        door.give({"runs": [_json(*row) for row in rows], "more": len(known) - len(chosen), "exit": code})
        if not known:
            door.line(Text.assemble("Nothing was asked here yet. ", ('doer do "…"', "cyan")))
        elif not door.as_json:
            zone = ZoneInfo(opened.parts.settings.workspace.timezone)
            door.show(_table(rows, zone, door.out.width))
            if len(known) > len(chosen):
                door.show(Text(f"{len(known) - len(chosen)} older: --all shows them", QUIET))
        if broken:
            door.warn("a record cannot be trusted or read: doer audit verify")
        return code


async def _row(opened: Opened, run: RunId) -> tuple[RunId, datetime, RunReport | DoerError]:
    try:
        records = await opened.journal.read(run)
        return run, records[0].at, await opened.doer.show(run)
    except DoerError as failure:
        return run, datetime.fromtimestamp(0, UTC), failure


def _json(run: RunId, at: datetime, shown: RunReport | DoerError) -> Json:
    if isinstance(shown, DoerError):
        return {"run": run, "error": str(shown)}
    return {
        "run": run,
        "at": at.isoformat(),
        "goal": shown.goal,
        "by": shown.by,
        "status": shown.status,
        "reason": shown.reason,
        "steps": len(shown.steps),
        "can_undo": _can_undo(shown) != "no",
        "undo": shown.undo,
    }


def _can_undo(shown: RunReport) -> str:
    if not shown.undo:
        return "undone" if shown.status == "undone" else "yes"
    return "in part" if shown.undo.startswith("cannot") and any(
        step.reversible and step.effect != "read" and step.state in ("verified", "unproven", "conflict") for step in shown.steps
    ) else "no"  # fmt: skip


def _table(rows: list[tuple[RunId, datetime, RunReport | DoerError]], zone: ZoneInfo, width: int) -> Table:
    """Return the rows; a narrow terminal leaves columns out, and never the name that is to be copied."""
    columns = [name for name, least in _COLUMNS.items() if width >= least]
    table = Table(box=None, padding=(0, 1, 0, 0), header_style=QUIET, expand=True)
    for name in columns:
        style = {"run": NAME, "when": QUIET}.get(name, "")
        wide = max((len(run) for run, _, _ in rows), default=0) if name == "run" else None
        ratio = 1 if name == "asked" else None
        table.add_column(name, no_wrap=True, style=style, min_width=wide, ratio=ratio, overflow="ellipsis")
    for run, at, shown in rows:
        told = _told(run, at.astimezone(zone).strftime("%Y-%m-%d %H:%M"), shown, in_words="undo" in columns)
        table.add_row(*(told[name] for name in columns))
    return table


def _told(run: RunId, when: str, shown: RunReport | DoerError, *, in_words: bool) -> dict[str, Text]:
    if isinstance(shown, DoerError):
        words = "broken" if isinstance(shown, JournalBroken) else "unreadable"
        return {"run": Text(run), "when": Text(), "asked": data(str(shown), REMOVE),
                "status": Text(f"✗ {words}" if in_words else "✗", REMOVE), "undo": Text("no", QUIET)}  # fmt: skip
    mark, undo = mark_of_status(shown.status), _can_undo(shown)
    style = {"yes": ADD, "in part": WARN}.get(undo, QUIET)
    status = f"{mark.symbol} {mark.words}" if in_words else mark.symbol
    return {"run": Text(run), "when": Text(when), "asked": data(shown.goal), "status": Text(status, mark.style),
            "undo": Text(undo, style)}  # fmt: skip


COMMANDS: Mapping[str, Work] = {"runs": runs}
