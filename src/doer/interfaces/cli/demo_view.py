"""What a demo looks like: each happening as what a person sees of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.rule import Rule
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from doer.demos.happening import Approved, Carried, Caught, Killed, Proved, Reconciled, ServersUp, TakenBack
from doer.interfaces.cli.account import count, names
from doer.interfaces.cli.look import ADD, CHANGE, DANGER, NAME, QUIET, WARN, data, mark_of_status
from doer.interfaces.cli.steps_view import progress_line, steps_table
from doer.interfaces.cli.story import Story
from doer.observation.report import RunReport

_SHORT_DIGEST: Final = 19
_HOW: Final = {
    "adopted": ("the system has it, found by its key", "adopted, not done again"),
    "applied again": ("it is not there", "applied under the same key"),
    "read back": ("it was answered and not read back", "read back"),
}


def heading(number: int, title: str) -> RenderableType:
    """Return the line that begins an act."""
    line = Rule(Text.assemble((f"{number} ", "bold cyan"), (title, NAME)), align="left", style=QUIET, characters="─")
    return Padding(line, (1, 0, 0, 0))


def servers(up: ServersUp) -> RenderableType:
    """Return which servers answer, and what they are."""
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, url in up.services.items():
        table.add_row(
            Text(f"  {name}", "cyan"), data(url.replace(f"{up.root}/", "")), data(up.kinds.get(name, ""), QUIET)
        )
    told = Text.assemble("  real servers, in ", data(str(up.root), QUIET), f", up in {up.seconds:.1f} s")
    return Group(table, told)


def approval(approved: Approved) -> RenderableType:
    """Return who approved what."""
    who = "You approved" if approved.asked else "The demo approves by itself (--ask: it asks you)"
    parts: list[RenderableType] = [hung(("✓", ADD), Text(f"{who}: the plan as shown, and its rollback"))]
    named = [step for step in approved.run.irreversible if step.id in approved.named]
    by_name = "and by name, as it cannot be taken back: "
    parts += [
        hung(("!", WARN), Text.assemble(by_name, data(step.id, DANGER), data(f" ({step.tool})", QUIET)))
        for step in named
    ]
    return Group(*parts)


def killed(happened: Killed) -> RenderableType:
    """Return what is known after the kill."""
    verified = happened.steps("verified", "unproven")
    doubtful = happened.steps("started", "applied", "unknown")
    idle = happened.steps("planned", "waiting", "held")
    parts = [
        Text.assemble(("  ✗ SIGKILL ", DANGER), f"process {happened.pid} is gone, in the middle of its work"),
        Text.assemble("    the journal knows: ", (f"{len(verified)} verified", ADD), " · ",
                      (f"{len(doubtful)} begun, outcome unknown", WARN), f" · {len(idle)} not begun"),
        Text(f"    in the world, seen by a client of its own: {count(happened.seen, 'effect')}", QUIET),
    ]  # fmt: skip
    if happened.after_effect:
        parts.append(Text(f"    {happened.after_effect}: one was done, and the answer never written down", QUIET))
    if happened.before_effect:
        parts.append(Text(f"    {happened.before_effect}: one was about to be done, and was not", QUIET))
    return Group(*parts)


def reconciled(found: Sequence[Reconciled]) -> RenderableType:
    """Return what the new process found out, a line a step."""
    table = Table.grid(padding=(0, 1))
    for column in range(4):
        table.add_column(no_wrap=column < 2, overflow="fold")
    for each in found:
        looked, did = _HOW[each.how]
        table.add_row(Text("  ?", WARN), data(each.step, NAME), Text(looked, QUIET), Text(f"→ {did}", "cyan"))
    return table


def carried(happened: Carried) -> RenderableType:
    """Return how the run stands after a process drove it."""
    mark = mark_of_status(happened.run.status)
    told = f": {happened.run.reason}" if happened.run.reason else ""
    return hung((mark.symbol, mark.style), Text.assemble((mark.words, NAME), data(told, QUIET)))


def proof(proved: Proved, run: RunReport) -> RenderableType:
    """Return what the independent observer and the check of the journal say."""
    once = proved.effects == proved.foretold and not proved.duplicates
    counted = f"{count(proved.foretold, 'change')} foretold, {proved.effects} in the world, {len(proved.duplicates)} duplicates"
    parts: list[RenderableType] = [
        _checked(holds=once, told=counted, note="seen by clients that share no code with doer's")
    ]
    parts += [Text.assemble("    ", ("twice: ", DANGER), data(each)) for each in proved.duplicates]
    whole = f"the journal is what was recorded: {count(proved.events, 'event')}, hash-chained and signed"
    parts.append(_checked(holds=proved.sound, told=whole, note=""))
    if run.status not in ("done", "unproven"):
        parts.append(_checked(holds=False, told=f"the run is {run.status}: {run.reason}", note=""))
    return Group(*parts)


def caught(happened: Caught) -> RenderableType:
    """Return what the server did, what doer made of it, and whether it was right."""
    parts: list[RenderableType] = [hung(("!", WARN), Text(f"the {happened.service} server {happened.says}"))]
    parts += [Padding(data(each, QUIET), (0, 0, 0, 4)) for each in happened.struck]
    if not happened.struck:
        parts.append(_checked(holds=False, told="no request came by that it could strike", note=""))
    for step in happened.run.steps:
        if step.state in ("refuted", "unknown", "unproven", "conflict", "failed") and step.reason:
            parts.append(
                Padding(Text.assemble(data(step.id, NAME), " ", data(f"{step.state}: {step.reason}")), (0, 0, 0, 4))
            )
    status = happened.run.status
    if happened.believed:
        parts.append(_checked(holds=False, told="doer believed it", note="this must never be"))
    elif status == "done":
        parts.append(
            _checked(holds=True, told="done, and rightly: doer looked for itself and believed nothing else", note="")
        )
    else:
        parts.append(
            _checked(holds=True, told=f"doer did not believe it: {status.replace('_', ' ')}", note=happened.run.reason)
        )
    parts.append(_left(happened))
    return Group(*parts)


def _left(happened: Caught) -> RenderableType:
    twice = f", {len(happened.duplicates)} of them twice" if happened.duplicates else ""
    if happened.run.status == "done":
        return Text(f"    the observer sees {len(happened.left)} effects of {happened.foretold} foretold{twice}", QUIET)
    if not happened.left:
        return Text("    the observer sees the world as it was before: nothing is left", QUIET)
    lines = [Text.assemble("      ", data(each)) for each in happened.left[:8]]
    return Group(Text(f"    the observer still sees, beside what was there before{twice}:", QUIET), *lines)


def taken_back(happened: TakenBack) -> RenderableType:
    """Return what is as it was before, and what is not."""
    same = happened.before == happened.after
    short = happened.after.removeprefix("sha256:")[
        :_SHORT_DIGEST
    ]  # of everything that a server does not renew by itself
    told = f"{', '.join(happened.same)}: as they were before"
    parts: list[RenderableType] = [_checked(holds=same, told=told, note=f"sha256 {short}… before and after")]
    parts += [hung(("≈", CHANGE), Text.assemble("left in the world: ", data(each, NAME))) for each in happened.left]
    mark = mark_of_status(happened.run.status)
    named = f": {names(happened.stays)} could not be, and was named before it was approved" if happened.stays else ""
    parts.append(hung((mark.symbol, mark.style), Text.assemble((mark.words, NAME), data(named))))
    return Group(*parts)


def ending(seconds: float, *, holds: bool) -> RenderableType:
    """Return the last line."""
    told = ("✓ everything shown held", f"bold {ADD}") if holds else ("✗ not everything held", DANGER)
    return Text.assemble(told, (f"  in {seconds:.1f} s", QUIET))


def tries(scenario: str, *, lied: bool) -> RenderableType:
    """Return what to try next."""
    again = f"doer demo {scenario}"
    commands = (
        ("doer init", "a workspace of your own"),
        (again, "the whole of it: killed, resumed, taken back")
        if lied
        else (f"{again} --break drop", "a server that says yes and does nothing"),
        (f'{again} "…"', "your own words"),
        (f"{again} --keep", "look around: the servers stay"),
        (f"doer chaos kill --scenario {scenario}", "killed at every moment there is"),
    )
    lines = Table.grid(padding=(0, 2))
    for command, says in commands:
        lines.add_row(Text(f"  {command}", "cyan"), Text(says, QUIET))
    return Group(Text("Next", NAME), lines)


def _checked(*, holds: bool, told: str, note: str) -> RenderableType:
    line = hung(("✓", ADD) if holds else ("✗", DANGER), data(told, "" if holds else DANGER))
    return Group(line, Padding(data(note, QUIET), (0, 0, 0, 4))) if note else line


def hung(sign: tuple[str, str], told: Text) -> RenderableType:
    """Return a sign and words beside it, whose further lines begin below their first."""
    line = Table.grid(padding=(0, 1, 0, 0))
    line.add_column(width=3, justify="right", no_wrap=True)
    line.add_column(overflow="fold")
    line.add_row(Text(*sign), told)
    return line


@dataclass(slots=True)
class Board:
    """The steps of a run while somebody drives it: redrawn in a terminal, silent elsewhere, gone at the end."""

    console: Console
    story: Story
    says: str
    _live: Live | None = None
    _spinner: Spinner = field(default_factory=lambda: Spinner("dots", style="cyan"))

    def begin(self) -> None:
        """Draw from now on."""
        if self.console.is_terminal:
            self._live = Live(get_renderable=self._draw, console=self.console, refresh_per_second=12, transient=True)
            self._live.start()

    def end(self) -> None:
        """Draw no more; safe to call again."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def steps(self) -> RenderableType:
        """Return the steps as they stand."""
        return Padding(steps_table(self.story), (0, 0, 0, 2))

    def _draw(self) -> RenderableType:
        self._spinner.update(text=Text.assemble(self.says, " ", progress_line(self.story)))
        table = steps_table(self.story, most=max(3, self.console.height - 3))
        return Padding(Group(table, self._spinner), (0, 0, 0, 2))
