"""`doer runs`: what was asked here, what waits for whom, what came of the rest, and whether it can be taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import typer
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from doer.app.workspace import Opened, find_workspace, open_workspace
from doer.domain.action import system_of
from doer.domain.errors import DoerError, JournalBroken
from doer.domain.value import Json, RunId
from doer.interfaces.cli import exits
from doer.interfaces.cli.account import account_of_run, count
from doer.interfaces.cli.answer import answers
from doer.interfaces.cli.command import Work
from doer.interfaces.cli.door import Door
from doer.interfaces.cli.escape import visible
from doer.interfaces.cli.look import ADD, NAME, QUIET, REMOVE, WARN, data, mark_of_status
from doer.interfaces.cli.story import Story
from doer.observation.report import RunReport

_WAITS: Final = ("waiting", "needs_answer")
_STANDS: Final = ("verified", "unproven", "conflict")
_MOST_WAITING: Final = 4
"""Runs that wait which are shown with their question and command; of more, one line each."""
_WIDE: Final = 100
_COLUMNS: Final = {"run": 0, "mark": 24, "when": 56, "asked": 20, "outcome": 64, "undo": 48}
"""Column -> least width of a terminal that it is shown in."""


@dataclass(frozen=True, slots=True)
class _Row:
    """One run of the list."""

    run: RunId
    at: datetime
    shown: RunReport | None = None
    outcome: str = ""
    """What came of it, in a few words; of a question its answer."""
    failure: DoerError | None = None
    look: bool = False
    """It only read, for no goal: `doer can`, a test of a connection."""

    @property
    def waits(self) -> bool:
        return self.shown is not None and self.shown.status in _WAITS


async def runs(
    door: Door,
    limit: Annotated[int, typer.Option("--limit", "-n", metavar="N", min=1, help="How many, newest first.")] = 20,
    everything: Annotated[bool, typer.Option("--all", help="All of them, also what was only looked at.")] = False,
) -> int:
    """List what was asked here, newest first: what waits for a person, with the command; what came of the rest, and whether
    it can still be taken back.

    Example: doer runs

    Example: doer runs --json --all
    """
    async with open_workspace(find_workspace(door.start), whole=False, reads=True) as opened:
        known = await opened.journal.runs()
        rows: list[_Row] = []
        left = iter(known)
        for run in left:
            row = await _row(opened, run)
            if everything or not row.look:
                rows.append(row)
            if len(rows) == limit and not everything:
                break
        more = sum(1 for _ in left)
        broken = any(each.failure is not None for each in rows)
        code = exits.BROKEN if broken else exits.DONE
        door.give({"runs": [_json(each) for each in rows], "more": more, "exit": code})
        if not rows:
            door.line(
                Text.assemble("Nothing was asked here yet. ", ('doer do "…"', "cyan"), "  ", ("doer can", "cyan"))
            )
        elif not door.as_json:
            _show(
                door, rows, ZoneInfo(opened.parts.settings.workspace.timezone), opened.doer.me, opened.doer.clock.now()
            )
            if more:
                door.show(Text(f"{more} older: --all shows them", QUIET))
        if broken:
            door.warn("a record cannot be trusted or read: doer audit verify")
        return code


async def _row(opened: Opened, run: RunId) -> _Row:
    try:
        records = await opened.journal.read(run)
        story = Story.of(run, records)
        shown = story.report
        return _Row(run, records[0].at, shown, _outcome(shown, story), look=story.run.mode == "look")
    except DoerError as failure:
        return _Row(run, datetime.fromtimestamp(0, UTC), failure=failure)


def _outcome(shown: RunReport, story: Story) -> str:
    """Say what came of it: the answer of a question, the changes that stand, or why there are none."""
    if found := answers(story.run, story.started):
        return found[0].text or "read"
    standing = [step for step in shown.steps if step.effect != "read" and step.state in _STANDS]
    changes = [each for step in standing for each in step.changes if each.kind != "same"]
    systems = list(dict.fromkeys(system_of(step.tool) for step in standing))
    where = systems[0] if len(systems) == 1 else count(len(systems), "system")
    left = f"{count(len(changes), 'change')} in {where}" if systems else ""
    match shown.status:
        case "done" if story.run.mode == "look":
            return shown.reason
        case "done":
            return left if changes else "as it was already" if systems or shown.reason else "done"
        case "unproven":
            return f"{left}, unproven"
        case "partly_undone" | "partly_rolled_back":
            return f"left: {left}" if left else "taken back in part"
        case "undone":
            return "taken back"
        case "abstained":
            return "no plan"
        case "rolled_back":
            return "given up, taken back"
        case "failed":
            return f"not done: {shown.reason}"
        case _:
            return mark_of_status(shown.status).words


def _json(row: _Row) -> Json:
    if row.shown is None:
        return {"run": row.run, "error": str(row.failure)}
    shown, account = row.shown, account_of_run(row.shown) if row.waits else None
    return {
        "run": row.run,
        "at": row.at.isoformat(),
        "goal": shown.goal,
        "by": shown.by,
        "status": shown.status,
        "reason": shown.reason,
        "steps": len(shown.steps),
        "outcome": row.outcome,
        "command": None if account is None else account.command,
        "can_undo": _can_undo(shown) != "no",
        "undo": shown.undo,
    }


def _can_undo(shown: RunReport) -> str:
    if not shown.undo:
        return "undone" if shown.status == "undone" else "yes"
    return "in part" if shown.undo.startswith("cannot") and any(
        step.reversible and step.effect != "read" and step.state in ("verified", "unproven", "conflict") for step in shown.steps
    ) else "no"  # fmt: skip


def _show(door: Door, rows: Sequence[_Row], zone: ZoneInfo, me: str, now: datetime) -> None:
    """Print what waits, each with its command on a line that is never broken, then the rest by day."""
    if waiting := [each for each in rows if each.waits]:
        door.show(Text("waits for a word", WARN))
        for row in waiting[:_MOST_WAITING]:
            _show_waiting(door, row, zone, me)
        if len(waiting) > _MOST_WAITING:
            door.show(
                Text(f"  {len(waiting) - _MOST_WAITING} more wait:", QUIET),
                _table(waiting[_MOST_WAITING:], zone, door.out.width),
            )
    today, width = now.astimezone(zone).date(), door.out.width
    days: dict[date | None, list[_Row]] = {}
    for row in rows:
        if not row.waits:
            days.setdefault(row.at.astimezone(zone).date() if row.shown is not None else None, []).append(row)
    for number, (day, members) in enumerate(days.items()):
        if waiting or number:
            door.show(Text())
        door.show(
            Text("cannot be read" if day is None else _day(day, today), "bold cyan"), _table(members, zone, width)
        )


def _day(day: date, today: date) -> str:
    past = (today - day).days
    told = f"{day:%A}, {day.day} {day:%B %Y}"
    return {0: f"today, {told}", 1: f"yesterday, {told}"}.get(past, told)


def _show_waiting(door: Door, row: _Row, zone: ZoneInfo, me: str) -> None:
    shown = row.shown
    account = None if shown is None else account_of_run(shown)
    if shown is None or account is None:
        return
    at = row.at.astimezone(zone)
    whose = "" if shown.by == me else f"  (asked by {visible(shown.by)})"
    door.show(_grid(Text("?", WARN), Text.assemble((row.run, NAME), (f"  {at:%d %b %H:%M}", QUIET), "  ",
                                                  data(shown.goal), (whose, QUIET))))  # fmt: skip
    if shown.question is None:
        door.show(Padding(data(account.happened, QUIET), (0, 0, 0, 4)))
    else:
        options = [
            Text.assemble((f"{n} ", NAME), data(each.label, QUIET)) for n, each in enumerate(shown.question.options, 1)
        ]
        told = Text("  ").join([data(shown.question.text, QUIET), *options])
        door.show(Padding(told, (0, 0, 0, 4)))
    door.line(Text.assemble("    ", (account.command, "cyan")))


def _grid(mark: Text, told: Text) -> RenderableType:
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True, width=3)
    table.add_column(overflow="fold")
    table.add_row(Text("  ").append_text(mark), told)
    return Group(table)


def _table(rows: Sequence[_Row], zone: ZoneInfo, width: int) -> Table:
    """Return the rows; a narrow terminal leaves columns out, and never the name that is to be copied."""
    columns = [name for name, least in _COLUMNS.items() if width >= least]
    table = Table(box=None, padding=(0, 1, 0, 0), show_header=False, expand=True)
    ratios = {"asked": 3, "outcome": 2}
    if "mark" in columns:
        columns = ["mark", "run", *(name for name in columns if name not in ("mark", "run"))]
    for name in columns:
        style = {"run": NAME, "when": QUIET, "outcome": QUIET}.get(name, "")
        wide = max((len(each.run) for each in rows), default=0) if name == "run" else 3 if name == "mark" else None
        table.add_column(no_wrap=True, style=style, min_width=wide, ratio=ratios.get(name), overflow="ellipsis")
    for row in rows:
        told = _told(row, zone, in_words=width >= _WIDE)
        table.add_row(*(told[name] for name in columns))
    return table


def _told(row: _Row, zone: ZoneInfo, *, in_words: bool) -> dict[str, Text]:
    if row.shown is None:
        words = "broken" if isinstance(row.failure, JournalBroken) else "unreadable"
        return {"run": Text(row.run), "mark": Text("  ✗", REMOVE), "when": Text(), "asked": data(str(row.failure), REMOVE),
                "outcome": Text(words, REMOVE), "undo": Text()}  # fmt: skip
    mark, undo = mark_of_status(row.shown.status), _can_undo(row.shown)
    undoing = {"yes": ("can be undone", "undo ✓", ADD), "in part": ("undo in part", "undo ≈", WARN)}
    long, short, style = undoing.get(undo, ("", "", QUIET))
    told = long if in_words else short
    return {"run": Text(row.run), "mark": Text(f"  {mark.symbol}", mark.style), "when": Text(f"{row.at.astimezone(zone):%H:%M}"),
            "asked": data(row.shown.goal), "outcome": data(row.outcome), "undo": Text(told, style)}  # fmt: skip


COMMANDS: Mapping[str, Work] = {"runs": runs}
