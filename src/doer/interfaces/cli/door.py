"""The door: where a command's words go out, and whether a person can be asked."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from doer.domain.value import Json
from doer.interfaces.cli.account import Account
from doer.interfaces.cli.look import DANGER, QUIET, WARN, data

COMMAND = "bold cyan"
PIPE_WIDTH = 100
"""Columns of what is written into a pipe, where COLUMNS does not say."""


@dataclass(slots=True)
class Begun:
    """Which run this command is about, for the account of an interruption."""

    run: str = ""


@dataclass(frozen=True, slots=True)
class Door:
    """One command's way in and out."""

    as_json: bool
    start: Path
    out: Console
    err: Console
    asks: bool
    """Whether a person is there who can be asked: both ends are terminals, and the answer is not JSON."""
    begun: Begun = field(default_factory=Begun)

    @classmethod
    def open(cls, *, as_json: bool, start: Path | None) -> Door:
        """Return the door of this process."""
        out, err = _console(stderr=False), _console(stderr=True)
        asks = not as_json and sys.stdin.isatty() and out.is_terminal
        return cls(as_json, start or Path.cwd(), out, err, asks)

    def show(self, *what: RenderableType) -> None:
        """Print for a person; nothing when the answer is JSON."""
        if self.as_json:
            return
        if self.out.is_terminal:
            for each in what:
                self.out.print(each)
            return
        with self.out.capture() as captured:
            for each in what:
                self.out.print(each)
        # Tables are padded to their width, which only a terminal's colours need.
        self.out.file.write("\n".join(line.rstrip() for line in captured.get().split("\n")))
        self.out.file.flush()

    def line(self, text: Text) -> None:
        """Print one line that is never broken, because it is to be copied."""
        if not self.as_json:
            self.out.print(text, soft_wrap=True)

    def give(self, document: Json) -> None:
        """Print the one JSON document, when that is wanted."""
        if self.as_json:
            sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=1) + "\n")
            sys.stdout.flush()

    def warn(self, text: str) -> None:
        """Print a line for a person on stderr, also beside JSON."""
        self.err.print(Text.assemble(("! ", WARN), data(text)), soft_wrap=True)

    def account(self, account: Account) -> None:
        """Print the four lines; on stderr when the answer is JSON."""
        console = self.err if self.as_json else self.out
        table = Table.grid(padding=(0, 1))
        for name, told in (
            ("happened", account.happened),
            ("changed", account.changed),
            ("next", account.following),
            ("you", account.command),
        ):
            label = Text(name, {"happened": DANGER, "you": COMMAND}.get(name, QUIET))
            lines = [data(line, COMMAND if name == "you" else "") for line in told.split("\n")]
            table.add_row(label, Text("\n").join(lines))
            if not console.is_terminal:  # one line each, however long, for whoever searches a log
                for place, line in enumerate(lines):
                    start = Text(f"{name if place == 0 else '':<9}")
                    console.print("\n" * (name == "happened" and place == 0) + start.plain + line.plain, soft_wrap=True)
        if console.is_terminal:
            console.print(Text(), table)

    def failure(self, account: Account, kind: str, code: int) -> int:
        """Tell a failure that no run's report tells: four lines, or a JSON document; return the exit code."""
        if self.as_json:
            self.give({"error": {"kind": kind, **_object(account.to_json())}, "exit": code})
        self.account(account)
        return code


def _object(given: Json) -> dict[str, Json]:
    return dict(given) if isinstance(given, dict) else {}


def _console(*, stderr: bool) -> Console:
    console = Console(stderr=stderr, highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        import os

        width = os.environ.get("COLUMNS", "")
        console = Console(
            stderr=stderr, highlight=False, markup=False, emoji=False, no_color=True,
            width=int(width) if width.isdecimal() and int(width) > 20 else PIPE_WIDTH,
        )  # fmt: skip
    return console
