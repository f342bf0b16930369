"""One person's clone with the git tools on it, as the tests of those tools begin."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.connectors.git_server import TOKEN, USER

from doer.connectors.tools.git import git_tools
from doer.domain.action import Intent, Receipt
from doer.domain.ports import Tool
from doer.domain.value import JsonObject, Key

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SAM = "Sam <sam@acme.example>"
KEY = Key("a" * 40)


def tool(work: Path, name: str, **settings: Any) -> Tool:
    given: dict[str, Any] = {
        "author": SAM,
        "push": ("*",),
        "username": USER,
        "password": lambda: TOKEN,
        "timeout": 20,
        "now": lambda: NOW,
    }
    tools = git_tools("code", work, **{**given, **settings})
    return next(each for each in tools if each.manifest.name == f"code.{name}")


async def do(using: Tool, arguments: JsonObject, key: Key = KEY) -> tuple[Intent, Receipt]:
    foretold = (await using.preview(arguments, ())).changes
    return Intent(arguments, key, foretold), await using.apply(arguments, key, foretold)


def edit(work: Path) -> None:
    (work / "docs" / "a.md").write_text("changed\n")
    (work / "docs" / "new.md").write_text("new\n")
    (work / "docs" / "b.md").unlink()
    (work / "README.md").write_text("elsewhere\n")


def script(folder: Path, body: str, name: str = "git") -> Path:
    made = folder / name
    made.write_text(f"#!/bin/sh\n{body}\n")
    made.chmod(0o755)
    return made


def contents(place: Path) -> list[bytes]:
    """Return what each file below a folder holds."""
    return [path.read_bytes() for path in place.rglob("*") if path.is_file()]


def until_dead(process: int) -> None:
    """Return when a process is gone or only waits to be reaped: a signal that was sent arrives a little later."""
    pause = threading.Event()
    for _ in range(6000):
        if not _lives(process):
            return
        pause.wait(0.01)
    raise AssertionError(f"process {process} lives on")


def _lives(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text()
    except OSError:  # gone, perhaps while it was looked at
        return False
    return state.rpartition(")")[2].split()[0] != "Z"
