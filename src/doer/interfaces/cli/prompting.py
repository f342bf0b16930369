"""Prompting: one line after the other from a person, a secret without showing it."""

from __future__ import annotations

import asyncio
import os
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager

from rich.text import Text

from doer.domain.errors import UsageError
from doer.interfaces.cli.door import Door
from doer.interfaces.cli.look import NAME, QUIET, data

_LONGEST = 65_536


async def prompt(door: Door, what: str, explanation: str = "", default: str = "") -> str:
    """Return what a person types, without blanks around it; `default` where they just press Enter.

    Raises UsageError when the input ends.
    """
    shown = f" [{default}]" if default else ""
    door.out.print(Text.assemble(data(what, NAME), (f"  {explanation}" if explanation else "", QUIET)), soft_wrap=True)
    line = (await _line(door, Text.assemble((f"{shown.strip()} " if shown else "", QUIET), ("> ", "cyan")))).strip()
    return line or default


async def prompt_hidden(door: Door, what: str, explanation: str = "") -> str:
    """Return a secret that a person types or pastes, which is not shown; Enter alone is the empty word."""
    door.out.print(Text.assemble(data(what, NAME), (f"  {explanation}" if explanation else "", QUIET)), soft_wrap=True)
    with _unseen(sys.stdin.fileno()):
        line = await _line(door, Text("> ", "cyan"))
    door.out.print()
    return line


async def _line(door: Door, sign: Text) -> str:
    door.out.print(sign, end="", soft_wrap=True)
    door.out.file.flush()
    loop = asyncio.get_running_loop()
    typed: asyncio.Future[bytes] = loop.create_future()
    source = sys.stdin.fileno()

    def read() -> None:
        line = os.read(source, _LONGEST)
        if not typed.done():
            typed.set_result(line)

    loop.add_reader(source, read)
    try:
        line = await typed
    finally:
        loop.remove_reader(source)
    if not line:
        door.out.print()
        raise UsageError("the input ended before all was said; nothing was written")
    return line.decode("utf-8", "replace").rstrip("\r\n")


@contextmanager
def _unseen(terminal: int) -> Iterator[None]:
    before = termios.tcgetattr(terminal)
    silent = list(before)
    silent[3] = int(silent[3]) & ~termios.ECHO
    termios.tcsetattr(terminal, termios.TCSAFLUSH, silent)
    try:
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSAFLUSH, before)
