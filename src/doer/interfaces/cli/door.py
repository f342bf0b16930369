"""The door: where a command's words go out, and whether a person can be asked."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from doer.domain.value import Json
from doer.interfaces.cli.account import REMARK, Account
from doer.interfaces.cli.exits import NOT_DONE
from doer.interfaces.cli.look import DANGER, QUIET, WARN, data
from doer.interfaces.cli.outlet import Outlet

COMMAND = "bold cyan"
PIPE_WIDTH = 100
"""Columns of what is written into a pipe, where COLUMNS does not say."""
_LABEL = len("happened")


@dataclass(slots=True)
class Begun:
    """What is under way, for the account of an interruption or a failure."""

    run: str = ""
    """The run that this command is about."""
    again: str = ""
    """The command itself, to be pasted."""


@dataclass(frozen=True, slots=True)
class Door:
    """One command's way in and out."""

    as_json: bool
    start: Path
    outlet: Outlet
    """Standard output."""
    outlet_of_errors: Outlet
    """Standard error."""
    out: Console
    err: Console
    asks: bool
    """Whether a person is there who can be asked: both ends are terminals, and the answer is not JSON."""
    begun: Begun = field(default_factory=Begun)

    @classmethod
    def open(cls, *, as_json: bool, start: Path | None) -> Door:
        """Return the door of this process."""
        outlet, of_errors = Outlet(sys.stdout), Outlet(sys.stderr)
        out, err = _console(outlet), _console(of_errors)
        asks = not as_json and sys.stdin is not None and not sys.stdin.closed and sys.stdin.isatty() and out.is_terminal
        return cls(as_json, start or Path.cwd(), outlet, of_errors, out, err, asks)

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
            self.write(to_text(document, self.outlet.encoding) + "\n")

    def write(self, text: str) -> None:
        """Write a document as it is to standard output."""
        self.outlet.write(text)
        self.outlet.flush()

    def warn(self, text: str) -> None:
        """Print a line for a person on stderr, also beside JSON."""
        self.err.print(Text.assemble(("! ", WARN), data(text)), soft_wrap=True)

    def account(self, account: Account) -> None:
        """Print the four lines; on stderr when the answer is JSON, and also when they cannot be read on stdout."""
        _tell(self.err if self.as_json else self.out, account)
        if not self.as_json and self.outlet.unheard:
            _tell(self.err, account)

    def heard(self, code: int) -> int:
        """Say so, in one line, when the answer could not be written; return the exit code.

        A run's own code stays: whoever repeats what is done because a log was full would do it twice.
        """
        self.outlet.flush()
        if not (why := self.outlet.unheard):
            return code
        run = self.begun.run
        self.warn(f"not all of the answer could be written to standard output: {why}"
                  + (f"; nothing else was lost: doer show {run}" if run else ""))  # fmt: skip
        return code if run else code or NOT_DONE

    def failure(self, account: Account, kind: str, code: int) -> int:
        """Tell a failure that no run's report tells: four lines, or a JSON document; return the exit code."""
        if self.as_json:
            self.give({"error": {"kind": kind, **_object(account.to_json())}, "exit": code})
        self.account(account)
        return code


def to_text(document: Json, encoding: str) -> str:
    """Return the document as JSON that the encoding can hold without loss."""
    text = json.dumps(document, ensure_ascii=False, indent=1)
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return json.dumps(document, indent=1)
    return text


def _tell(console: Console, account: Account) -> None:
    """Print the four lines. Prose is folded in a terminal; a command never is, because it is to be copied."""
    prose = Table.grid(padding=(0, 1))
    prose.add_column(no_wrap=True, min_width=_LABEL)
    lines: list[Text] = []
    for name, told in (("happened", account.happened), ("changed", account.changed), ("next", account.following)):
        style = DANGER if name == "happened" else QUIET
        parts = [data(line) for line in told.split("\n")]
        prose.add_row(Text(name, style), Text("\n").join(parts))
        lines += _labelled(name, style, parts)
    commands = _labelled("you", COMMAND, [_command(line) for line in account.lines])
    if console.is_terminal:
        console.print(Text(), prose)
    else:  # one line each, however long, for whoever searches a log
        console.print()
    for each in commands if console.is_terminal else [*lines, *commands]:
        console.print(each, soft_wrap=True)


def _command(line: str) -> Text:
    command, _, remark = line.partition(REMARK)
    return Text.assemble(data(command, COMMAND), data(f"{REMARK}{remark}" if remark else "", QUIET))


def _labelled(name: str, style: str, parts: list[Text]) -> list[Text]:
    return [
        Text.assemble((f"{name if place == 0 else '':<{_LABEL + 1}}", style), part) for place, part in enumerate(parts)
    ]


def _object(given: Json) -> dict[str, Json]:
    return dict(given) if isinstance(given, dict) else {}


def _console(outlet: Outlet) -> Console:
    file = outlet.as_file()
    console = Console(file=file, highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        width = os.environ.get("COLUMNS", "")
        console = Console(
            file=file, highlight=False, markup=False, emoji=False, no_color=True,
            width=int(width) if width.isdecimal() and int(width) >= 20 else PIPE_WIDTH,
        )  # fmt: skip
    return console
