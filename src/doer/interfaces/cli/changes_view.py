"""The diff of the world: every change, grouped by system, with where each value came from; what cannot be taken back last."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from doer.domain.action import Change, system_of
from doer.domain.value import Json, Provenance, StepId
from doer.interfaces.cli.account import count
from doer.interfaces.cli.escape import visible
from doer.interfaces.cli.fields import (
    FieldChange,
    Line,
    Missing,
    changed_items,
    changed_lines,
    field_changes,
    new_lines,
)  # fmt: skip
from doer.interfaces.cli.look import ADD, CHANGE, DANGER, NAME, QUIET, REMOVE, WARN, data, value
from doer.interfaces.cli.things import called
from doer.observation.report import RunReport, StepReport

MOST_LINES = 40
"""Lines of one text that are shown without --full."""
_ONE_LINE = 48
_SIGNS: Mapping[str, tuple[str, str]] = {
    "create": ("+", ADD), "update": ("~", CHANGE), "delete": ("-", REMOVE), "same": ("=", QUIET),
}  # fmt: skip


def diff_of_the_world(
    shown: RunReport, *, full: bool = False, only: Collection[StepId] | None = None, titled: bool = True
) -> RenderableType:
    """Return the diff: reads, then the changes by system, then what cannot be taken back; with `only`, of those steps.

    Without `titled` its title is left out, where it stands above already.
    """
    most = 0 if full else MOST_LINES
    if only is not None:
        shown = replace(shown, steps=tuple(step for step in shown.steps if step.id in only))
    writes = [step for step in shown.steps if step.effect != "read"]
    parts: list[RenderableType] = [_heading(shown, writes, titled=titled)]
    if reads := [step for step in shown.steps if step.effect == "read"]:
        parts.append(_reads(reads))
    systems: dict[str, list[StepReport]] = {}
    for step in writes:
        if step.reversible:
            systems.setdefault(system_of(step.tool), []).append(step)
    for system, steps in systems.items():
        parts += [Text(), data(system, "bold cyan")]
        parts += [_step(step, most) for step in steps]
    if shown.irreversible:
        parts += [Text(), _irreversible(shown.irreversible, most)]
    return Group(*parts)


def diff_of_undo(shown: RunReport, *, full: bool = False) -> RenderableType:
    """Return what a requested undo would change."""
    most = 0 if full else MOST_LINES
    head = Text.assemble("Taking back ", data(shown.goal, NAME))
    body = [_change(change, most) for change in shown.undo_changes]
    return Group(head, Text(f"run {shown.id} · {count(len(body), 'change')}", QUIET), Text(), *body)


def _heading(shown: RunReport, writes: Sequence[StepReport], *, titled: bool) -> RenderableType:
    title = data(shown.title or shown.goal, NAME)
    changes = [change for step in writes for change in step.changes if change.kind != "same"]
    told = [f"run {shown.id}", f"asked by {visible(shown.by)}"]
    if writes:
        systems = len({system_of(step.tool) for step in writes})
        told += [f"{count(len(changes), 'change')} in {count(systems, 'system')}"]
    else:
        told += ["changes nothing: it only reads"]
    if shown.plan is not None:
        told.append(f"planned by {visible(shown.plan.proposer)}")
    line = Text(" · ".join(told), QUIET)
    if shown.irreversible:
        line.append(f" · {len(shown.irreversible)} cannot be taken back", DANGER)
    return Group(title, line) if titled else line


def _reads(steps: Sequence[StepReport]) -> RenderableType:
    rows = Table.grid(padding=(0, 1))
    for step in steps:
        given = Text(", ").join(
            [Text.assemble((f"{visible(name)} ", QUIET), value(each)) for name, each in step.arguments.items()]
        )
        rows.add_row(Text("  ◦", "cyan"), data(step.id, QUIET), data(step.tool), given)
    return Group(Text(), Text("reads", "bold cyan"), rows)


def _step(step: StepReport, most: int) -> RenderableType:
    parts: list[RenderableType] = []
    if not step.changes:
        parts.append(_unseen(step))
    for place, change in enumerate(step.changes):
        last = place == len(step.changes) - 1
        parts.append(_change(change, most, step, _arguments(step) if last else ()))
    if not step.changes:
        parts.append(_rows(_arguments(step)))
    if step.note:
        parts.append(Padding(data(step.note, QUIET), (0, 0, 0, 6)))
    if step.reason:
        parts.append(Padding(data(step.reason, CHANGE), (0, 0, 0, 6)))
    return Group(*parts)


def _unseen(step: StepReport) -> RenderableType:
    head = _head(
        Text.assemble(("  ? ", WARN), data(step.tool, NAME), ("  what it changes cannot be foreseen", WARN)), step
    )
    return Group(head, Padding(data(step.why, "italic dim"), (0, 0, 0, 4))) if step.why else head


def _arguments(step: StepReport) -> list[tuple[str, RenderableType]]:
    """Return the arguments that no field of a change shows with its source already, and that its name does not tell."""
    fields = [each for change in step.changes for each in field_changes(change)]
    shown = {each.name.rpartition(".")[2] for each in fields if _origin(each, step)}
    told: list[tuple[str, RenderableType]] = []
    for name, given in step.arguments.items():
        origin = step.provenance.get(name)
        if name in shown or (step.changes and origin is None) or _is_told(given, origin, step, fields):
            continue
        line = _plain(given)
        told.append((name, line if origin is None else Text.assemble(line, "  ", _source(origin))))
    return told


def _is_told(given: Json, origin: Provenance | None, step: StepReport, fields: Sequence[FieldChange]) -> bool:
    """Tell whether the fields say all of an object, or the resource's own name says what a skill alone has chosen."""
    if isinstance(given, Mapping) and given:
        return all(any(each.name == name and each.after == value for each in fields) for name, value in given.items())
    parts = {part for change in step.changes for part in re.split(r"[:/]", change.resource)}
    return origin is not None and origin.source == "skill" and isinstance(given, str) and given in parts


def _plain(given: Json) -> Text:
    """Return an argument as a person reads it, an object of plain values as `name value`."""
    if isinstance(given, Mapping) and given and all(isinstance(each, str | int | float) for each in given.values()):
        parts = [Text.assemble((f"{visible(name)} ", QUIET), value(each)) for name, each in given.items()]
        return Text(", ").join(parts)
    return value(given)


def _change(
    change: Change, most: int, step: StepReport | None = None, arguments: Sequence[tuple[str, RenderableType]] = ()
) -> RenderableType:
    sign, style = _SIGNS[change.kind]
    human = called(change)
    title = Text.assemble((f"  {sign} ", f"bold {style}"), data(human or change.resource, NAME))
    if human:
        title.append("  ").append_text(data(change.resource, QUIET))
    if change.kind == "same":
        title.append("  as it is already", QUIET)
    parts: list[RenderableType] = [_head(title, step)]
    if step is not None and step.why:
        parts.append(Padding(data(step.why, "italic dim"), (0, 0, 0, 4)))
    rows: list[tuple[str, RenderableType]] = [
        (each.name, _field(each, _origin(each, step) if step is not None else None, most))
        for each in field_changes(change)
    ]
    if rows or arguments:
        parts.append(_rows([*rows, *arguments]))
    parts += [Text.assemble("    ", ("⚠ ", WARN), data(echo, WARN)) for echo in change.echoes]
    if not change.reversible and (step is None or step.reversible):
        parts.append(Text("    ✗ cannot be taken back", DANGER))
    return Group(*parts)


def _head(title: Text, step: StepReport | None) -> RenderableType:
    head = Table.grid(expand=True, padding=(0, 1))
    head.add_column(ratio=1, overflow="fold")
    head.add_column(justify="right", no_wrap=True)
    head.add_row(title, Text.assemble(("step ", QUIET), data(step.id, QUIET)) if step is not None else Text())
    return head


def _rows(rows: Sequence[tuple[str, RenderableType]]) -> RenderableType:
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(no_wrap=True, max_width=28)
    table.add_column(ratio=1, overflow="fold")
    for name, told in rows:
        table.add_row(Text(f"      {visible(name)}", QUIET), told)
    return table


def _field(change: FieldChange, origin: Provenance | None, most: int) -> RenderableType:
    told = _told(change, most)
    if origin is None:
        return told
    if isinstance(told, Text):
        return Text.assemble(told, "  ", _source(origin))
    return Group(told, _source(origin))


def _told(change: FieldChange, most: int) -> RenderableType:
    match change.before, change.after:
        case Missing(), Missing():
            return Text()
        case Missing(), str(after) if "\n" in after:
            return _lines(new_lines(after, "+", most))
        case str(before), Missing() if "\n" in before:
            return _lines(new_lines(before, "-", most))
        case str(before), str(after) if "\n" in before or "\n" in after:
            return _lines(changed_lines(before, after, most))
        case Missing(), after if not isinstance(after, Missing):
            return value(after, ADD)
        case before, Missing() if not isinstance(before, Missing):
            return value(before, f"{REMOVE} strike")
        case before, after if not isinstance(before, Missing) and not isinstance(after, Missing):
            return _both(before, after)
        case _:
            return Text()


def _both(before: Json, after: Json) -> RenderableType:
    if items := changed_items(before, after):
        gone, new = items
        signed = [*(Text.assemble(("- ", REMOVE), value(each, REMOVE)) for each in gone),
                  *(Text.assemble(("+ ", ADD), value(each, ADD)) for each in new)]  # fmt: skip
        return Group(*signed) if len(signed) > 1 else signed[0]
    old, new_value = value(before, REMOVE), value(after, ADD)
    if old.cell_len + new_value.cell_len > _ONE_LINE:
        return Group(Text.assemble(("- ", REMOVE), old), Text.assemble(("+ ", ADD), new_value))
    return Text.assemble(old, (" → ", QUIET), new_value)


def _lines(lines: Sequence[Line]) -> RenderableType:
    style = {"+": ADD, "-": REMOVE, " ": QUIET, "…": QUIET}
    return Group(
        *(Text.assemble((f"{line.sign} ", style[line.sign]), data(line.text, style[line.sign])) for line in lines)
    )


def _origin(change: FieldChange, step: StepReport) -> Provenance | None:
    """Return where the new value of a field came from: that of the argument of the same name, or of the same value."""
    if isinstance(change.after, Missing):
        return None
    last = change.name.rpartition(".")[2]
    if step.arguments.get(last, MISSING_ARGUMENT) == change.after and last in step.provenance:
        return step.provenance[last]
    for name, given in step.arguments.items():  # the values of a row stand in one object
        if isinstance(given, Mapping) and given.get(change.name, MISSING_ARGUMENT) == change.after:
            return step.provenance.get(name)
    return None


MISSING_ARGUMENT: Json = "\0no such argument"


def _source(origin: Provenance) -> Text:
    said = visible(_unquoted(origin.text))
    told = {
        "words": f"← your words “{said}”",
        "answer": f"← your answer “{said}”",
        "skill": f"← skill {visible(origin.text)}",
        "workspace": f"← this workspace: {visible(origin.text)}",
        "result": f"← result of {visible(origin.text)}",
        "read": f"← read: {visible(origin.text)}",
        "default": "← the tool's default",
        "planner": f"← the planner's own: {visible(origin.text)}",
        "known": f"← known: {visible(origin.text)}",
        "caller": "← handed in by a program",
    }[origin.source]
    return Text(told, WARN if origin.source == "planner" else "dim cyan")


def _unquoted(text: str) -> str:
    """Return what stands between the quotation marks, where the words were quoted already."""
    pairs = ('""', "''", "“”", "‘’", "«»", "„“", "``")
    return text[1:-1] if len(text) > 2 and text[0] + text[-1] in pairs else text


def _irreversible(steps: Sequence[StepReport], most: int) -> RenderableType:
    def parts() -> Iterator[RenderableType]:
        for number, step in enumerate(steps):
            if number:
                yield Text()
            yield Text.assemble(data(step.id, DANGER), "  ", data(step.tool))
            yield _step(step, most)
        yield Text()
        yield Text("Last of all, once everything else is verified, and only when approved by name.", QUIET)

    return Panel(Group(*parts()), title=Text(" cannot be taken back ", DANGER), title_align="left", border_style="red")
