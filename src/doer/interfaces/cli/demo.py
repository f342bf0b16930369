"""`doer demo`: a scenario on real local services: planned, killed, resumed, proved, taken back; or lied to."""

from __future__ import annotations

import asyncio
import io
import re
import shlex
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from doer.app.doer import Doer
from doer.demos.catalog import SHIPPED, find_scenario
from doer.demos.liar import parse_lie
from doer.demos.play import play
from doer.demos.wishes import Keepable, Wishes
from doer.domain.errors import UsageError
from doer.domain.goal import Question
from doer.domain.run import Run
from doer.domain.value import StepId
from doer.interfaces.cli.ask import agrees, ask_line
from doer.interfaces.cli.command import Work
from doer.interfaces.cli.demo_show import Show
from doer.interfaces.cli.door import Door
from doer.interfaces.cli.look import DANGER, NAME, QUIET, WARN, data
from doer.observation.report import RunReport
from doer.testing.scenario import Stage

_PICTURE_WIDTH = 104
_FONTS = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"


async def demo(
    door: Door,
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="The scenario; without one they are listed.")] = "",
    sentence: Annotated[
        list[str] | None, typer.Argument(metavar="[SENTENCE]…", help="Your own words, instead of the scenario's.")
    ] = None,
    *,
    lie: Annotated[
        str,
        typer.Option(
            "--break", metavar="KIND[:SERVICE]", help="Make a server lie or fail, e.g. drop or double:access."
        ),
    ] = "",
    ask: Annotated[
        bool, typer.Option("--ask", help="Ask me for each approval; else the demo approves by itself.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Approve everything, without asking: the default.")] = False,
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave the servers running until Ctrl-C, to look around.")
    ] = False,
    full: Annotated[bool, typer.Option("--full", help="Show every field of every change.")] = False,
    picture: Annotated[
        Path | None, typer.Option("--picture", metavar="FILE.svg", help="Also draw what matters most.", hidden=True)
    ] = None,
) -> int:
    """Play a scenario on real servers on this machine, in a temporary folder: no key, no cloud, no container.

    It shows the diff of the world, works, is killed with SIGKILL in the middle, resumes in a new process, proves that
    nothing was done twice, and takes the work back. Exit code 0 when all that it showed held.

    Example: doer demo

    Example: doer demo NAME --break drop

    Example: doer demo NAME "your own sentence"
    """
    if not name:
        return _list(door)
    seen = door if picture is None else replace(door, out=_recording())
    asks = ask and not yes
    if asks and not door.asks:
        raise UsageError("--ask needs a terminal to ask in; without it the demo approves by itself")
    show = Show(seen, name, " ".join(sentence or ()), time.monotonic(), full=full, picture=picture is not None)
    people = Person(seen, show.stop)
    wishes = Wishes(
        name, show.sentence, parse_lie(lie) if lie else None,
        consent=people.consents if asks else None, reply=people.replies if door.asks else None,
    )  # fmt: skip

    async def linger(stage: Stage) -> None:
        show.end()
        await _linger(door, stage, show.run)

    show.begin()
    try:
        async with aclosing(play(wishes, linger if keep else None)) as happenings:
            async for each in happenings:
                show.take(each)
    finally:
        show.stop()
    code = show.end()
    if picture is not None:
        picture.write_text(_drawn(seen.out, f"doer demo {name}"), encoding="utf-8")
    return code


class Person:
    """Whoever sits at the terminal."""

    def __init__(self, door: Door, hush: Callable[[], None]) -> None:
        self._door = door
        self._hush = hush
        """Ends whatever is drawn live, so that there is a line to type on."""

    async def consents(self, doer: Doer, shown: RunReport, named: Sequence[StepId]) -> bool:
        """Ask for the plan or the undo, and by name for what cannot be taken back; Enter is a yes, as nothing is real."""
        run = await doer.fold(shown.id)
        what = "Take it back? " if run.undo else "Do this? "
        if not await self._agrees(doer, run, Text.assemble(("  ? ", WARN), (what, NAME), ("[Y/n] ", QUIET))):
            return False
        for step in named:
            told = Text.assemble(
                ("  ? ", WARN), ("cannot be taken back: ", DANGER), data(step, NAME), (" [Y/n] ", QUIET)
            )
            if not await self._agrees(doer, run, told):
                return False
        return True

    async def _agrees(self, doer: Doer, run: Run, prompt: Text) -> bool:
        self._hush()
        line = await ask_line(self._door, prompt, doer.journal, run)
        return isinstance(line, str) and (not line.strip() or agrees(line))

    async def replies(self, doer: Doer, run: Run, question: Question) -> str | None:
        """Ask what the planner must know."""
        self._hush()
        self._door.show(Text.assemble(("  ? ", WARN), data(question.text, NAME)))
        for number, option in enumerate(question.options, 1):
            self._door.show(Text.assemble((f"    {number}  ", "cyan"), data(option.label)))
        line = await ask_line(self._door, Text("    number or words: ", QUIET), doer.journal, run)
        return line if isinstance(line, str) else None


async def _linger(door: Door, stage: Stage, run: str) -> None:
    """Say how to look around, and wait for Ctrl-C."""
    ways = [*stage.keep(), f"doer show {run}", "doer audit verify", "doer runs"] if isinstance(stage, Keepable) else []
    door.err.print(
        Text.assemble("\n", ("The servers stay until Ctrl-C. ", NAME), ("In another terminal:" if ways else "", QUIET))
    )
    for way in ways:
        door.err.print(Text.assemble("  ", (way, "cyan")), soft_wrap=True)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()


def _list(door: Door) -> int:
    told = {name: find_scenario(name).sentence for name in SHIPPED}
    door.give({"scenarios": list(SHIPPED), "sentences": told})
    for name, sentence in told.items():
        door.show(Text.assemble("  ", (f"{f'doer demo {shlex.quote(name)}':20}", "cyan"), f" {sentence}"))
    door.show(Text("  yours: doer demo FILE.py:Class (doer.testing.scenario says what it needs)", QUIET))
    return 0


def _drawn(recording: Console, title: str) -> str:
    """Return what was recorded as a picture that loads nothing from elsewhere: `--picture docs/demo.svg` made the README's."""
    drawn = recording.export_svg(title=title)
    return re.sub(r"@font-face \{.*?\}\s*", "", drawn, flags=re.DOTALL).replace("Fira Code, monospace", _FONTS)


def _recording() -> Console:
    return Console(
        record=True, file=io.StringIO(), width=_PICTURE_WIDTH, force_terminal=True, color_system="truecolor", highlight=False,
        markup=False, emoji=False,
    )  # fmt: skip


COMMANDS: Mapping[str, Work] = {"demo": demo}
