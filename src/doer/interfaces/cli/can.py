"""`doer can`: sentences that work here now, with names that are really there, and what is missing for others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Final

import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from doer.app.can import Found, Saying, kind_spoken_of, what_can_be_said
from doer.app.connections import KINDS
from doer.app.workspace import Opened, find_workspace, open_workspace
from doer.domain.value import Json
from doer.interfaces.cli import exits
from doer.interfaces.cli.account import USUAL_NAMES, Account
from doer.interfaces.cli.command import Work
from doer.interfaces.cli.door import Door
from doer.interfaces.cli.look import CHANGE, DANGER, NAME, QUIET, WARN, data

_MARKS: Mapping[str, tuple[str, str]] = {"read": ("◦", "cyan"), "write": ("~", CHANGE), "irreversible": ("!", DANGER)}
_LACKING: Mapping[str, str] = {
    "files": "add the line “buy milk” to todo.md",
    "database": "set ticket 4812 to closed",
    "calendar": "move my 3 pm with Ana to Thursday",
    "mail": "mark the last mail from Jo as read",
    "directory": "add Ana to the group platform",
    "git": "commit everything in docs and push",
    "http": "list /issues in tracker",
    "reminders": "remind me on Monday at 3 pm to call Jo",
}
"""Kind -> a sentence that a connection of it would bring."""
_FEW, _MANY = 3, 40
_SECONDS: Final = 8.0
_SECONDS_FOR_ALL: Final = 40.0
_BESIDE: Final = 8
"""Lines of a screen that are not sentences: the heading, the legend, the prompt."""


async def can(
    door: Door,
    words: Annotated[
        list[str] | None, typer.Argument(metavar="[WORDS]…", help="What it should be about, in your words.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that is found, not just what fits a screen.")] = False,
) -> int:
    """Show sentences that work here now. Each was planned a moment ago, with names that are really there; nothing was run.

    Example: doer can

    Example: doer can move meeting
    """
    wanted = " ".join(words or ())
    async with open_workspace(find_workspace(door.start), whole=False) as opened:
        lacking = _lacking(opened, wanted)
        most = _most(door, opened, lacking, everything=everything)
        found = await what_can_be_said(opened, wanted, most=most, seconds=_SECONDS_FOR_ALL if everything else _SECONDS)
        code = exits.DONE if found.sayings or found.wordings else exits.NOT_DONE
        door.give(_json(opened, found, lacking, code))
        if code == exits.DONE:
            door.show(*_page(opened, found, lacking, most))
        elif not door.as_json:
            _nothing(door, wanted, lacking)
        return code


def _most(door: Door, opened: Opened, lacking: Sequence[str], *, everything: bool) -> int:
    """Return how many sentences of each connection fit a screen."""
    if everything or door.as_json:
        return _MANY
    if not door.out.is_terminal:
        return _FEW
    number = max(1, len(opened.parts.tools))
    room = door.out.height - _BESIDE - len(lacking) - len(opened.parts.missing) - number
    return min(6, max(2, room // number))


def _lacking(opened: Opened, wanted: str) -> list[str]:
    """Return the kinds that are not connected; with words, only those that they speak of."""
    there = {each.kind for each in opened.parts.settings.connections.values()}
    spoken = kind_spoken_of(opened, wanted) if wanted else ""
    return [kind for kind in KINDS if kind not in there and (not wanted or kind == spoken)]


def _page(opened: Opened, found: Found, lacking: Sequence[str], most: int) -> list[RenderableType]:
    parts: list[RenderableType] = []
    settings = opened.parts.settings.connections
    for name in {**found.sayings, **found.wordings}:
        kind = settings[name].kind if name in settings else "of this workspace"
        place = f"  {kind}" if kind != name else ""
        parts.append(Text.assemble(data(name or "skills", "bold cyan"), (place, QUIET)))
        parts.append(_lines(found.sayings.get(name, ())[:most], found.wordings.get(name, ())[:_FEW]))
    for name, reason in opened.parts.missing.items():
        parts.append(Text.assemble(("! ", WARN), data(name, NAME), " is left out: ", data(reason, QUIET)))
    for name in found.silent:
        again = (f"doer connections test {name}", "cyan")
        parts += [Text.assemble(("! ", WARN), data(name, NAME), " does not answer: ", again)]
    if lacking:
        parts += [Text("not connected", "bold cyan"), _missing(lacking)]
    return [*parts, Text(), _legend(found)]


def _lines(sayings: Sequence[Saying], wordings: Sequence[str]) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True, width=3)
    table.add_column(overflow="fold")
    for each in sayings:
        mark, style = ("?", WARN) if each.asks else _MARKS[each.effect]
        said = data(each.text)
        if each.asks:
            said.append_text(Text.assemble(("  asks: ", QUIET), data(each.asks, QUIET)))
        table.add_row(Text(f"  {mark}", style), said)
    for told in wordings:
        table.add_row(Text("  …", QUIET), data(told))
    return table


def _missing(lacking: Sequence[str]) -> Table:
    table = Table.grid(padding=(0, 2))
    for kind in lacking:
        table.add_row(Text.assemble(("  · ", QUIET), (_LACKING[kind], QUIET)), Text(_connect(kind), "cyan"))
    return table


def _connect(kind: str) -> str:
    return f"doer connect {kind} {USUAL_NAMES.get(kind, kind)}"


def _legend(found: Found) -> Text:
    """Say what the marks mean that are on the page, and how a sentence is said."""
    every = [each for sayings in found.sayings.values() for each in sayings]
    told = {"read": "answers at once", "write": "asks, can be taken back", "irreversible": "asks, cannot be"}
    used = [effect for effect in _MARKS if any(each.effect == effect and not each.asks for each in every)]
    marks = [Text.assemble(_MARKS[effect], (f" {told[effect]}", QUIET)) for effect in used]
    if any(each.asks for each in every):
        marks.append(Text.assemble(("?", WARN), (" asks first", QUIET)))
    if found.wordings:
        marks.append(Text("… put your own words for ‹…›", QUIET))
    line = Text("  ").join(marks)
    more = "" if found.whole else "; there was no time for more"
    said = "doer do '…'"
    return line.append_text(Text.assemble("\nSay one: ", (said, "cyan"), (f"{more}; ", QUIET), ("doer can WORDS", "cyan"), (" looks for more, ", QUIET), ("--all", "cyan"), (" shows more", QUIET)))  # fmt: skip


def _nothing(door: Door, wanted: str, lacking: Sequence[str]) -> None:
    about = f" about {wanted!r}" if wanted else ""
    if lacking:
        kind = lacking[0]
        door.account(Account(
            f"nothing that is connected here does anything{about}; missing: a {kind} connection", "nothing", "nothing",
            _connect(kind), f"brings sentences such as: {_LACKING[kind]}",
        ))  # fmt: skip
        return
    door.account(Account(f"no sentence was found{about}", "nothing", "nothing", "doer can", "shows what works here"))


def _json(opened: Opened, found: Found, lacking: Sequence[str], code: int) -> Json:
    settings = opened.parts.settings.connections
    return {
        "connections": [
            {"name": name, "kind": settings[name].kind if name in settings else None, "sentences": [
                {"text": each.text, "effect": each.effect, "tools": list(each.tools), "asks": each.asks or None} for each in sayings
            ]}
            for name, sayings in found.sayings.items()
        ],
        "missing": [
            {"kind": kind, "sentence": _LACKING[kind], "command": _connect(kind)} for kind in lacking
        ],
        "left_out": {**opened.parts.missing, **dict.fromkeys(found.silent, "it does not answer")},
        "wordings": {name: list(each) for name, each in found.wordings.items()},
        "complete": found.whole,
        "exit": code,
    }  # fmt: skip


COMMANDS: Mapping[str, Work] = {"can": can}
