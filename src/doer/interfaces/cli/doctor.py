"""`doer doctor`: what works on this machine, and the command that mends what does not."""

from __future__ import annotations

import asyncio
import platform
import shutil
import sqlite3
import sys
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from rich.table import Table
from rich.text import Text

from doer.app.looks import Looks, asker
from doer.app.skill_check import check_skills
from doer.app.state import open_state
from doer.app.workspace import SKILLS, Parts, find_workspace, read_parts
from doer.connectors.catalog import Catalog
from doer.connectors.surveys import Surveyor
from doer.domain.errors import CredentialRefused, DoerError, JournalUnwritable, UsageError
from doer.domain.event import SelectionRead
from doer.domain.goal import Goal
from doer.interfaces.cli import exits
from doer.interfaces.cli.account import Account, count
from doer.interfaces.cli.command import Work
from doer.interfaces.cli.door import Door
from doer.interfaces.cli.look import ADD, NAME, QUIET, REMOVE, WARN, data
from doer.journal.proof import verify
from doer.journal.store import SqliteJournal
from doer.planning.skills.file import load_skills
from doer.runtime.system import SystemClock, SystemEntropy

Verdict = Literal["works", "doubt", "broken"]
_JOURNAL: Final = "journal"
_LEAST_SPACE: Final = 200_000_000
_LIMIT: Final = 10.0
"""Seconds that one connection may take to answer."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    verdict: Verdict
    told: str
    mend: str = ""
    """The command, or the change, that mends it."""


async def doctor(door: Door) -> int:
    """Say what works on this machine and in this workspace; each connection is tried with a read only.

    Example: doer doctor
    """
    checks = [_python(), _sqlite(), *await _workspace(door.start)]
    broken = [each for each in checks if each.verdict == "broken"]
    code = exits.BAD_USAGE if broken else exits.DONE
    if any(each.name == _JOURNAL for each in broken):
        code = exits.BROKEN
    door.give({
        "checks": [{"name": each.name, "verdict": each.verdict, "told": each.told, "mend": each.mend} for each in checks],
        "exit": code,
    })  # fmt: skip
    door.show(_table(checks))
    if broken and not door.as_json:
        door.account(Account(
            f"{count(len(broken), 'thing')} of {len(checks)} does not work: {', '.join(each.name for each in broken)}",
            "nothing", "nothing by itself", *_command(broken[0].mend),
        ))  # fmt: skip
    return code


def _command(mend: str) -> tuple[str, str]:
    """Return what is to be typed, and what is to be done before it."""
    typed = mend.startswith(("doer ", "export "))
    return (mend or "doer doctor", "") if typed or not mend else ("doer doctor", f"once this is done: {mend}")


def _table(checks: Sequence[Check]) -> Table:
    marks = {"works": ("✓", ADD), "doubt": ("!", WARN), "broken": ("✗", REMOVE)}
    table = Table.grid(padding=(0, 1))
    for each in checks:
        symbol, style = marks[each.verdict]
        told = data(each.told)
        if each.mend:
            told = Text.assemble(told, "\n", ("→ ", QUIET), data(each.mend, "cyan"))
        table.add_row(Text(symbol, style), data(each.name, NAME), told)
    return table


def _python() -> Check:
    told = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    return Check("python", "works" if sys.version_info >= (3, 11) else "broken", told)


def _sqlite() -> Check:
    fine = sqlite3.sqlite_version_info >= (3, 35)
    return Check(
        "sqlite",
        "works" if fine else "broken",
        f"SQLite {sqlite3.sqlite_version}",
        "" if fine else "doer needs SQLite 3.35 or newer",
    )


async def _workspace(start: Path) -> list[Check]:
    try:
        folder = find_workspace(start)
    except UsageError as none:
        return [Check("workspace", "doubt", str(none), "doer init")]
    checks = [Check("workspace", "works", str(folder)), _space(folder)]
    with ExitStack() as stack:
        try:
            journal = stack.enter_context(open_state(folder, SystemClock()))
        except DoerError as failure:
            mend = "make it writable" if isinstance(failure, JournalUnwritable) else "restore it from a backup"
            return [*checks, Check(_JOURNAL, "broken", str(failure), mend)]
        checks.append(await _journal(journal))
        try:
            parts = read_parts(folder, journal)
        except DoerError as wrong:
            return [*checks, Check("doer.toml", "broken", str(wrong), f"correct {folder / 'doer.toml'}")]
        checks += [
            Check("doer.toml", "works", count(len(parts.settings.connections), "connection")),
            _skills(folder, parts),
        ]
        checks += [Check(name, "broken", reason, _mend(reason)) for name, reason in parts.missing.items()]
        tests = await asyncio.gather(*_tried(folder, parts, journal))
        look = Goal("doer doctor", *asker(parts.settings, SystemClock()))
        reads = [SelectionRead(f"{each.name}: test", {}, {each.verdict: each.told}) for each in tests]
        await Looks(journal, SystemEntropy()).record(look, reads)
        checks += tests
    return checks


def _tried(folder: Path, parts: Parts, journal: SqliteJournal) -> Iterator[Coroutine[object, object, Check]]:
    """Try every connection, and every module of the workspace's own tools."""
    from doer.app.survey import OneConnection, ReadSurveyor, Trial

    trial = Trial(folder, parts.settings, journal, parts.secrets)
    for name, tools in parts.tools.items():
        if (connection := parts.settings.connections.get(name)) is not None:
            yield _connection(name, connection.kind, OneConnection(trial, name, connection))
        else:
            yield _connection(name, "", ReadSurveyor(tools))


def _mend(reason: str, otherwise: str = "correct doer.toml") -> str:
    return "export " + reason.rpartition("export ")[2] if "export " in reason else otherwise


def _space(folder: Path) -> Check:
    free = shutil.disk_usage(folder).free
    told = f"{free / 1e9:.1f} GB free"
    return (
        Check("disk", "works", told)
        if free > _LEAST_SPACE
        else Check("disk", "doubt", told, "free some space: without a record nothing is done")
    )


async def _journal(journal: SqliteJournal) -> Check:
    try:
        found = await asyncio.to_thread(verify, journal)
        await journal.checkpoint()  # writable
    except DoerError as failure:
        return Check(_JOURNAL, "broken", str(failure), "doer audit verify")
    told = f"{count(found.events, 'event')} in {count(found.runs, 'run')}, writable"
    if not found.ok:
        return Check(
            _JOURNAL,
            "broken",
            f"{count(len(found.findings), 'finding')}: it is not what was recorded",
            "doer audit verify",
        )
    return Check(_JOURNAL, "works", f"{told}, the chain holds")


def _skills(folder: Path, parts: Parts) -> Check:
    try:
        skills = load_skills([folder / SKILLS])
        check_skills(skills, Catalog([tool for tools in parts.tools.values() for tool in tools]))
        return Check("skills", "works", count(len(skills), "skill"))
    except DoerError as wrong:
        return Check("skills", "broken", str(wrong), "correct the file")


async def _connection(name: str, kind: str, surveyor: Surveyor) -> Check:
    """Try a connection as `doer connections test` does, with reads only."""
    try:
        async with asyncio.timeout(_LIMIT):
            found = await surveyor.survey()
    except TimeoutError:
        return Check(
            name, "broken", f"no answer within {_LIMIT:g} s", f"is the system of [connections.{name}] reachable?"
        )
    except CredentialRefused as refused:
        return Check(name, "broken", str(refused), _mend(str(refused), f"doer connect {kind} {name}"))
    except DoerError as failure:
        return Check(name, "broken", str(failure), f"correct [connections.{name}] in doer.toml, or start its system")
    except Exception as crash:  # noqa: BLE001 - a tool of the workspace may raise anything, and that is the finding
        return Check(name, "broken", f"it raised {type(crash).__name__}: {crash}", "correct the tool")
    return Check(name, "works", f"{found.server}: {', '.join(map(str, found.abilities))}")


COMMANDS: Mapping[str, Work] = {"doctor": doctor}
