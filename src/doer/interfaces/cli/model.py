"""The action model of this workspace: what it is, how well it does here, and teaching it with what was approved here.

Example: doer model info

Example: doer model eval

Example: doer model train
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from doer.app.action_model import own_weights, packaged
from doer.app.model import (
    Wanted,
    can_train,
    enough,
    info,
    judged,
    lessons_of,
    readings,
    switch,
    tools_of,
)  # fmt: skip
from doer.app.model import train as trained
from doer.app.secrets import Secrets
from doer.app.settings import FILE_NAME, read_settings
from doer.app.workspace import Opened, find_workspace, open_workspace
from doer.connectors.models.own_weights import SHIPPED
from doer.domain.errors import UsageError
from doer.domain.value import Json
from doer.interfaces.cli import exits
from doer.interfaces.cli.account import count
from doer.interfaces.cli.command import Work
from doer.interfaces.cli.conclude import conclude
from doer.interfaces.cli.door import Door
from doer.interfaces.cli.drive import Consent, Drive
from doer.interfaces.cli.look import ADD, NAME, QUIET, REMOVE, data
from doer.interfaces.cli.prompting import prompt_hidden
from doer.learning.gate import Verdict
from doer.learning.lessons import Lessons
from doer.learning.score import FEW, Tally, interval, tally


async def show_info(door: Door) -> int:
    """Say which weights are in use: where from, digest, size, licence, what they were trained on, and how fast they load.

    Example: doer model info
    """
    folder = find_workspace(door.start)
    told = info(folder)
    own = own_weights(folder)
    async with open_workspace(folder, whole=False, reads=True) as opened:
        order = opened.parts.settings.planning.order
    on = "action-model" in order
    door.give({
        "weights": told.name, "shipped": told.name == SHIPPED, "folder": str(told.folder), "digest": f"sha256:{told.digest}",
        "bytes": told.size, "load_seconds": round(told.load, 3), "takes_part": on, "own": list(own.names),
        "card": told.card, "licence": "Apache-2.0", "notice": told.notice, "exit": exits.DONE,
    })  # fmt: skip
    where = "of the package" if told.name == SHIPPED else "trained in this workspace"
    rows = Table.grid(padding=(0, 2))
    for name, value in (
        ("weights", f"action:{told.card.get('version', '?')}, {where}"), ("folder", str(told.folder)),
        ("digest", f"sha256:{told.digest}"), ("size", f"{told.size:,} bytes"), ("loads in", f"{told.load:.2f} s, just now"),
        ("takes part", "yes: [planning] order names it" if on else 'no: name "action-model" in [planning] order'),
        ("trained here", ", ".join(own.names) or "nothing yet"), ("licence", "Apache-2.0"),
    ):  # fmt: skip
        rows.add_row(Text(name, QUIET), data(value))
    for name, value in told.card.items():
        if name not in ("version", "worth", "meant", "sure", "trust"):
            rows.add_row(Text(name.replace("_", " "), QUIET), data(str(value)))
    door.show(rows, Text(), Text(told.notice, QUIET))
    return exits.DONE


async def evaluate(
    door: Door,
    shipped: Annotated[
        bool, typer.Option("--shipped", help="The weights of the package, whichever are in use.")
    ] = False,
) -> int:
    """Hold the action model against what was approved and done here, whoever had planned it.

    Counted are sentences that hold every value of their plan, were approved by a person, and stand. Of plans that somebody
    corrected it is counted whether they would be proposed again. Nothing is changed.

    Example: doer model eval
    """
    async with open_workspace(find_workspace(door.start), whole=False, reads=True) as opened:
        own = own_weights(opened.folder)
        name = SHIPPED if shipped else own.current
        lessons = await lessons_of(opened)
        some = judged(lessons, name)
        below = opened.parts.settings.planning.abstain_below
        counted = tally(await readings(packaged(own.place(name)), some, tools_of(opened), below))
    door.give({"weights": name, **_counts(counted), **_gathered(lessons), "exit": exits.DONE})
    door.show(Text.assemble(("action model ", QUIET), data(name, NAME), (", on what was approved here", QUIET)), Text())
    door.show(_table([(name, counted)]), Text(), _teaches(lessons))
    if counted.sentences < FEW:
        few = f"{count(counted.sentences, 'sentence')}: too few to tell; {FEW} say a little, a hundred say more"
        door.show(Text(few, "yellow"))
    return exits.DONE


async def train(
    door: Door,
    steps: Annotated[int, typer.Option("--steps", min=1, max=20_000, help="How long; 60 take a minute or more.")] = 60,
    seed: Annotated[int, typer.Option("--seed", help="Another draw of examples.")] = 4,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be learnt from, and stop.")] = False,
    unmasked: Annotated[
        bool, typer.Option("--unmasked", help="Learn from names and addresses as they are, not from stand-ins.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Use it without asking, if it is better.")] = False,
) -> int:
    """Train the action model further on sentences that were approved here, and use it only if it is better.

    Three of ten sentences are held out and never trained on. The new weights are used if they get strictly more of these
    right, and none of the counts is worse; that is a run like any other, so that `doer undo` takes it back. Stopped in the
    midst, it goes on where it was. Needs the extra `train`.

    Example: doer model train --dry-run

    Example: doer model train
    """
    async with open_workspace(find_workspace(door.start), whole=False) as opened:
        lessons = await lessons_of(opened)
        few = enough(lessons)
        if dry_run or few:
            door.give(
                {
                    **_gathered(lessons),
                    "enough": not few,
                    "reason": few,
                    "exit": exits.DONE if dry_run else exits.NOT_DONE,
                }
            )
            door.show(_teaches(lessons), Text(few or "enough to train and to judge", "yellow" if few else ADD))
            return exits.DONE if dry_run else exits.NOT_DONE
        can_train()
        told = _Progress(door, steps)
        name, verdict = await trained(opened, lessons, Wanted(steps, seed, masked=not unmasked), told.step)
        door.show(Text(), _table([("before", verdict.before), ("after", verdict.after)]))
        if not verdict.better:
            door.give(
                {
                    "weights": own_weights(opened.folder).current,
                    "promoted": False,
                    **_verdict(verdict),
                    "exit": exits.NOT_DONE,
                }
            )
            door.show(Text.assemble(("✗ not used: ", REMOVE), data(verdict.reason)))
            return exits.NOT_DONE
        door.show(Text.assemble(("✓ better: ", ADD), data(verdict.reason)))
        return await _use(door, opened, name, verdict.reason, yes=yes)


async def reset(door: Door, yes: Annotated[bool, typer.Option("--yes", help="Without asking.")] = False) -> int:
    """Go back to the weights of the package. What was trained here stays, until you remove `.doer/model`.

    Example: doer model reset
    """
    async with open_workspace(find_workspace(door.start), whole=False) as opened:
        if own_weights(opened.folder).current == SHIPPED:
            door.give({"weights": SHIPPED, "exit": exits.DONE})
            door.show(Text("the weights of the package are in use"))
            return exits.DONE
        return await _use(door, opened, SHIPPED, "asked for", yes=yes)


async def key(
    door: Door,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the language model: [models.NAME] in doer.toml.")],
    from_stdin: Annotated[bool, typer.Option("--secret-from-stdin", help="Read the key from standard input.")] = False,
) -> int:
    """Keep the key of a language model on this machine, outside the workspace: in the keyring, or an age file.

    Example: doer model key big
    """
    folder = find_workspace(door.start)
    table = read_settings(folder / FILE_NAME).models.get(name)
    if table is None or table.secret is None or not table.secret.startswith("secret://"):
        raise UsageError(
            f'there is no model {name[:60]!r} with a secret kept here: write [models.{name[:60]}] and secret = "secret://…"'
        )
    if not from_stdin and not door.asks:
        raise UsageError("nobody can be asked here: give --secret-from-stdin, or write env://NAME in doer.toml")
    typed = sys.stdin.readline() if from_stdin else await prompt_hidden(door, f"key of {name} (not shown)")
    if not typed.strip():
        raise UsageError("no key was given; nothing was changed")
    vault = Secrets(folder).vault()
    vault.put(table.secret.removeprefix("secret://"), typed.strip())
    door.give({"model": name, "kept": vault.told, "exit": exits.DONE})
    door.show(Text.assemble(("✓ ", ADD), data(name, NAME), (f"  its key is kept in {vault.told}", QUIET)))
    return exits.DONE


async def _use(door: Door, opened: Opened, name: str, because: str, *, yes: bool) -> int:
    doer, run_id = await switch(opened, name, because)
    shown = await Drive(door, doer, run_id, Consent(yes)).through(lambda: doer.carry_on(run_id))
    return await conclude(door, opened, shown)


class _Progress:
    """A line now and then while it trains."""

    def __init__(self, door: Door, steps: int) -> None:
        self._door, self._steps = door, steps

    def step(self, step: int, loss: float) -> None:
        """Tell every tenth step."""
        if step % 10 == 0 or step == self._steps:
            self._door.show(Text(f"step {step} of {self._steps}, loss {loss:.3f}", QUIET))


def _table(found: list[tuple[str, Tally]]) -> Table:
    table = Table.grid(padding=(0, 3))
    table.add_row(Text(""), *(data(name, NAME) for name, _ in found))
    rows: tuple[tuple[str, Callable[[Tally], str]], ...] = (
        ("sentences", lambda each: str(each.sentences)),
        ("exactly right", lambda each: _share(each.exact, each.sentences)),
        ("right tools", lambda each: _share(each.tool, each.sentences)),
        ("right arguments", lambda each: f"{each.hits} of {each.gold}, {each.said} said"),
        ("asked or silent", lambda each: _share(each.silent, each.sentences)),
        ("wrong proposals", lambda each: _share(each.wrong, each.sentences)),
        ("corrected plans said again", lambda each: f"{each.repeated} of {each.corrected}"),
    )
    for title, told in rows:
        table.add_row(Text(title, QUIET), *(Text(told(each)) for _, each in found))
    return table


def _share(hits: int, of: int) -> str:
    low, high = interval(hits, of)
    return f"{hits} of {of} ({low:.0%} … {high:.0%})" if of else "–"


def _counts(counted: Tally) -> dict[str, Json]:
    low, high = interval(counted.exact, counted.sentences)
    return {**asdict(counted), "exact_interval": [round(low, 3), round(high, 3)], "too_few": counted.sentences < FEW}


def _verdict(verdict: Verdict) -> dict[str, Json]:
    return {
        "reason": verdict.reason, "before": _counts(verdict.before), "after": _counts(verdict.after),
        "gained": verdict.gained, "lost": verdict.lost, "p": round(verdict.chance, 4),
    }  # fmt: skip


def _gathered(lessons: Lessons) -> dict[str, Json]:
    return {
        "learnable": sum(each.right and not each.held_out for each in lessons.learnt),
        "held_out": sum(each.right and each.held_out for each in lessons.learnt),
        "corrections": sum(not each.right for each in lessons.learnt),
        "left_out": {str(reason): number for reason, number in lessons.left_out.items()},
    }


def _teaches(lessons: Lessons) -> Text:
    told = _gathered(lessons)
    lines = [
        f"{told['learnable']} sentences to learn from, {told['held_out']} held out, {told['corrections']} corrected plans",
        *(f"  left out: {number} {reason}" for reason, number in sorted(lessons.left_out.items())),
    ]
    return Text("\n".join(lines), QUIET)


COMMANDS: Mapping[str, Work] = {"info": show_info, "eval": evaluate, "train": train, "reset": reset, "key": key}
