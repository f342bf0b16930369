"""Asking: one line from a person, while the journal is watched; another terminal's word ends the waiting."""

from __future__ import annotations

import asyncio
import os
import sys
from enum import Enum

from rich.text import Text

from doer.domain.ports import Journal
from doer.domain.run import Run
from doer.interfaces.cli.door import Door

_LONGEST = 65_536


class Silence(Enum):
    """Why there is no line."""

    GONE = "gone"
    """The input ended (Ctrl-D): the question stays open."""
    MOVED = "moved"
    """The run moved on meanwhile: somebody else had the word."""


async def ask_line(door: Door, prompt: Text, journal: Journal, run: Run) -> str | Silence:
    """Return the line that was typed, or why none was. Ctrl-C ends the command, as everywhere."""
    door.out.print(prompt, end="", soft_wrap=True)
    door.out.file.flush()
    loop = asyncio.get_running_loop()
    typed: asyncio.Future[bytes] = loop.create_future()
    source = sys.stdin.fileno()

    def read() -> None:
        # A terminal gives out one line at a time, so that what is typed ahead waits for its own question.
        line = os.read(source, _LONGEST)
        if not typed.done():
            typed.set_result(line)

    loop.add_reader(source, read)
    grown = asyncio.ensure_future(journal.grown(run.id, run.seq))
    try:
        await asyncio.wait((typed, grown), return_when=asyncio.FIRST_COMPLETED)
    finally:
        loop.remove_reader(source)
        grown.cancel()
    if not typed.done():
        door.out.print()
        return Silence.MOVED
    line = typed.result()
    if not line:
        door.out.print()
        return Silence.GONE
    return line.decode("utf-8", "replace").rstrip("\r\n")


def decides(line: str) -> bool:
    """Tell whether a line is a plain yes or no, or nothing; anything else says what should be otherwise."""
    return line.strip().casefold().rstrip(".!") in ("", "y", "yes", "n", "no", "nope", "stop", "cancel", "never mind")


def agrees(line: str) -> bool:
    """Tell whether a line is a yes; everything else is a no."""
    return line.strip().casefold() in ("y", "yes")
