"""The end of a command: the summary of a run, what can be taken back, the four lines, the JSON document, the exit code."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from doer.app.settings import Settings
from doer.app.workspace import Opened
from doer.domain.action import Manifest
from doer.domain.event import RunClaimed
from doer.domain.ports import Journal
from doer.domain.value import Json, RunId
from doer.interfaces.cli import exits
from doer.interfaces.cli.account import Account, account_of_run, count, names
from doer.interfaces.cli.answer import answers
from doer.interfaces.cli.door import Door
from doer.interfaces.cli.escape import visible
from doer.interfaces.cli.look import NAME, QUIET, data, mark_of_status, value
from doer.interfaces.cli.story import Story
from doer.interfaces.cli.teller import story_of
from doer.observation.report import RunReport

_MOST_ROWS: Final = 50


async def conclude(door: Door, opened: Opened, shown: RunReport, code: int | None = None) -> int:
    """Tell how the run stands at the end of a command, and return the exit code."""
    doer = opened.doer
    driven = shown.status == "running" and await is_driven(doer.journal, shown.id)
    story = await story_of(doer.journal, shown.id)
    if shown.status == "abstained" and not shown.nearest:
        shown = replace(shown, nearest=nearest_tools(shown.goal, doer.catalog.manifests()))
    account = account_of_run(
        shown, driven=driven, missing=story.run.abstention.missing if story.run.abstention else "",
        system=_system_named(shown.reason, opened.parts.settings),
    )  # fmt: skip
    found = exits.of_status(shown.status) if code is None else code
    door.give(document(shown, account, found, story))
    if door.as_json:
        return found
    if shown.status in ("done", "unproven"):
        door.show(*results(story))
    if account is None:
        door.show(Text(), _summary(shown, story.worked))
        for line in _afterwards(shown):
            door.line(line)
    else:
        if shown.status in ("unproven", "partly_undone"):
            door.show(Text(), _summary(shown, story.worked))
        door.account(account)
    return found


def _system_named(reason: str, settings: Settings) -> str:
    """Return the connection whose address stands in the reason, for what went wrong before there were steps."""
    for name, connection in settings.connections.items():
        addresses = (getattr(connection, key, None) for key in ("url", "smtp", "imap"))
        places = {urlsplit(each).netloc.rpartition("@")[2] for each in addresses if isinstance(each, str)}
        if any(place and place in reason for place in places):
            return name
    return ""


def nearest_tools(goal: str, manifests: Sequence[Manifest]) -> tuple[str, ...]:
    """Return up to three tools that share the most words with the goal: a hint for a person, never a plan."""
    words = set(re.findall(r"\w{3,}", goal.casefold()))

    def shared(manifest: Manifest) -> int:
        told = " ".join((manifest.name.replace("_", " "), manifest.description, *manifest.examples))
        return len(words & set(re.findall(r"\w{3,}", told.casefold())))

    return tuple(each.name for each in sorted(manifests, key=shared, reverse=True)[:3])


def results(story: Story) -> list[RenderableType]:
    """Return what was read with its source, where reading was all that was asked for."""
    told: list[RenderableType] = []
    for each in answers(story.run, story.started):
        line = data(each.text, NAME) if each.text else data(str(each.step), "bold cyan")
        told += [Text(), line.append_text(data(f"  ({each.source})", QUIET))]
        if each.rows or not each.text:
            told.append(_result({"rows": each.rows} if each.rows else each.value))
    return told


def _result(result: Json) -> RenderableType:
    """Return a result as a table where it is a list of objects, else field by field."""
    lists = (
        [each for each in result.values() if isinstance(each, list | tuple)]
        if isinstance(result, Mapping)
        else [result]
    )
    rows = lists[0] if len(lists) == 1 and isinstance(lists[0], list | tuple) else None
    if rows and all(isinstance(each, Mapping) for each in rows):
        names = list(dict.fromkeys(name for each in rows if isinstance(each, Mapping) for name in each))
        table = Table(box=None, padding=(0, 1, 0, 1), header_style=QUIET)
        for name in names:
            table.add_column(visible(name), overflow="fold")
        for each in rows[:_MOST_ROWS]:
            table.add_row(
                *(value(each.get(name, "")) if isinstance(each, Mapping) and name in each else Text() for name in names)
            )
        more = len(rows) - _MOST_ROWS
        return Group(table, Text(f"  … {more} more: --json has them all", QUIET)) if more > 0 else table
    table = Table.grid(padding=(0, 1))
    for name, each in result.items() if isinstance(result, Mapping) else [("", result)]:
        shown = Group(*map(data, each.split("\n"))) if isinstance(each, str) and "\n" in each else value(each)
        table.add_row(Text(f"  {visible(name)}", QUIET), shown)
    return table


def document(shown: RunReport, account: Account | None, code: int, story: Story | None = None) -> Json:
    """Return the JSON document of a run: its report, its results, the account when it is not simply done, the exit code."""
    told = shown.to_json()
    assert isinstance(told, dict)
    results: dict[str, Json] = {} if story is None else {"results": dict(story.run.results)}
    found = [] if story is None else [each.to_json() for each in answers(story.run, story.started)]
    if found:
        results["answer"] = found[0] if len(found) == 1 else found
    return {**told, **results, "account": None if account is None else account.to_json(), "exit": code}


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


def _summary(shown: RunReport, seconds: float) -> Text:
    mark = mark_of_status(shown.status)
    proved = sum(step.state == "verified" and step.effect != "read" for step in shown.steps)
    undone = sum(step.state == "undone" for step in shown.steps)
    told = {
        "done": f"done and verified: {count(proved, 'step')}" if proved else shown.reason or "done",
        "unproven": f"done: {count(proved, 'step')} verified, the rest unproven",
        "undone": f"taken back: {count(undone, 'step')}, each read back",
        "partly_undone": f"taken back in part: {count(undone, 'step')}",
        "planned": "planned, nothing was run",
    }.get(shown.status, mark.words)
    return Text.assemble(
        (f"{mark.symbol} ", mark.style), (told, NAME), (f"  in {seconds:.1f} s", QUIET) if shown.status != "planned" else "",
        (f"  run {shown.id}", QUIET),
    )  # fmt: skip


def _afterwards(shown: RunReport) -> list[Text]:
    """Return what can be typed next."""
    match shown.status:
        case "planned":
            by_name = "".join(f" {step.id}" for step in shown.irreversible)
            return [Text.assemble("  to run it  ", (f"doer approve {shown.id}{by_name}", "cyan"))]
        case "undone":
            return [Text.assemble("  to do it again  ", (f"doer undo {shown.id} --redo", "cyan"))]
        case _ if shown.undo.startswith("there is nothing"):
            return []
        case _:
            stays = [step for step in shown.irreversible if step.state in ("verified", "unproven")]
            but = f"  all but {names(stays)}, which cannot be" if stays else f"  {shown.undo}" if shown.undo else ""
            return [Text.assemble("  to take it back  ", (f"doer undo {shown.id}", "cyan"), (visible(but), QUIET))]
