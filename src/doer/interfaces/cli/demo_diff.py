"""The diff of a demo's world on one screen: a line or two a change, grouped by system; `doer show` has every field."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final
from urllib.parse import unquote

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from doer.domain.action import Change, system_of
from doer.domain.value import Hole, Json, Provenance
from doer.interfaces.cli.account import count
from doer.interfaces.cli.fields import FieldChange, Missing, changed_lines, field_changes
from doer.interfaces.cli.look import ADD, CHANGE, DANGER, NAME, QUIET, REMOVE, WARN, data, value
from doer.observation.report import RunReport, StepReport

_SIGNS: Final[Mapping[str, tuple[str, str]]] = {
    "create": ("+", ADD), "update": ("~", CHANGE), "delete": ("-", REMOVE), "same": ("=", QUIET),
}  # fmt: skip
_SHORT: Final = 60
"""Columns up to which a change and its values are one line."""
_UNNAMED: Final = re.compile(r"new:[0-9T:+.Z-]+:")
"""What a calendar calls an event that has no name of its own yet: its time, and then its title."""
_MOMENT: Final = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(:00)?(Z|[+-]\d\d:\d\d)")
_BODY: Final = 3
"""Lines of a long text that are shown."""


def brief_diff(shown: RunReport) -> RenderableType:
    """Return the diff of the world: changes by system, each system with why and where its values came from."""
    writes = [step for step in shown.steps if step.effect != "read" and step.reversible]
    systems: dict[str, list[StepReport]] = {}
    for step in writes:
        systems.setdefault(system_of(step.tool), []).append(step)
    parts: list[RenderableType] = [_heading(shown)]
    for system, steps in systems.items():
        parts += [_system(system, steps), *(_step(system, step) for step in steps)]
    parts += [Padding(_panel(step), (1, 0, 0, 0)) for step in shown.irreversible]
    return Group(*parts)


def brief_undo(shown: RunReport) -> RenderableType:
    """Return what taking it back would change, a line a change."""
    stays = Group(*(
        Text.assemble(("  ! ", WARN), data(step.id, NAME), " stays: ", ("it cannot be taken back", WARN))
        for step in shown.irreversible
        if step.state in ("verified", "unproven")
    ))  # fmt: skip
    systems = {system_of(step.tool) for step in shown.steps}
    return Group(*(_change(_system_in(change, systems), change, "") for change in shown.undo_changes), stays)


def _system_in(change: Change, systems: Collection[str]) -> str:
    named = change.resource.partition(":")[2].partition("/")[0]
    return named if named in systems else ""


def _heading(shown: RunReport) -> RenderableType:
    changes = sum(change.kind != "same" for change in shown.changes)
    systems = len({system_of(step.tool) for step in shown.steps if step.effect != "read"})
    told = Text(f"run {shown.id} · {count(changes, 'change')} in {count(systems, 'system')}", QUIET)
    if shown.irreversible:
        told.append(f" · {len(shown.irreversible)} cannot be taken back", DANGER)
    return told


def _system(system: str, steps: Sequence[StepReport]) -> RenderableType:
    whys = list(dict.fromkeys(step.why for step in steps if step.why))
    origins = [each for step in steps for each in step.provenance.values()]
    sources = dict.fromkeys(_source(each) for each in origins if each.source != "result")
    line = Table.grid(expand=True, padding=(0, 1))
    line.add_column(no_wrap=True)
    line.add_column(ratio=1, overflow="fold")
    line.add_column(justify="right", overflow="fold", max_width=44)
    told = Text.assemble(data("; ".join(whys), "italic dim"))
    line.add_row(data(f"{system} ", "bold cyan"), told, data(f"← {', '.join(sources)}" if sources else "", "dim cyan"))
    return Padding(line, (1, 0, 0, 0))


def _source(origin: Provenance) -> str:
    match origin.source:
        case "words" | "answer":
            return f"your {origin.source} “{origin.text.strip(chr(34))}”"
        case "known":
            return f"known: {origin.text}"
        case "skill":
            return f"skill {origin.text}"
        case "read":
            return f"read {origin.text.partition(':')[0]}"
        case _:
            return origin.source


def _step(system: str, step: StepReport) -> RenderableType:
    if not step.changes:
        return Text.assemble(("  ? ", WARN), data(step.tool, NAME), ("  what it changes cannot be foreseen", WARN))
    return Group(*(_change(system, change, step.id) for change in step.changes))


def _change(system: str, change: Change, step: str) -> RenderableType:
    sign, style = _SIGNS[change.kind]
    place = _place(system, change.resource)
    title = Text.assemble((f"  {sign} ", f"bold {style}"), data(place, NAME))
    below = list(_below(change, place))
    first = below[0] if len(below) == 1 else None
    if isinstance(first, Text) and title.cell_len + first.cell_len < _SHORT:
        title.append("  ").append_text(first)
        below.clear()
    head = Table.grid(expand=True, padding=(0, 1))
    head.add_column(ratio=1, overflow="fold")
    head.add_column(justify="right", no_wrap=True)
    head.add_row(title, data(step, QUIET))
    return Group(head, *(Padding(each, (0, 0, 0, 6)) for each in below)) if below else head


def _place(system: str, resource: str) -> str:
    """Return the resource without what its system's heading says already."""
    _, _, path = unquote(resource).partition(":")
    return _UNNAMED.sub("", path.removeprefix(f"{system}/"), count=1) or resource


def _below(change: Change, place: str) -> Iterator[RenderableType]:
    plain: list[Text] = []
    for each in field_changes(change):
        if change.kind == "delete":
            continue
        if isinstance(each.after, str) and "\n" in each.after:
            yield from _lines(each)
        elif _worth(each.after, place):
            plain.append(_pair(each))
    if plain:
        yield Text.assemble(*(part for each in plain for part in ((" · ", QUIET), each)))[3:]


def _worth(after: Json | Missing, place: str) -> bool:
    """Tell whether a value says anything that its place does not."""
    if isinstance(after, Missing) or after is None or after is True or after in ([], ""):
        return False
    return not isinstance(after, str) or (after not in place and Hole.OPEN not in after)


def _pair(each: FieldChange) -> Text:
    name = f"{each.name.rpartition('.')[2].replace('_', ' ')} "
    after = Text() if isinstance(each.after, Missing) else value(_readable(each.after), ADD)
    if isinstance(each.before, Missing) or each.before is None:
        return Text.assemble((name, QUIET), after)
    return Text.assemble((name, QUIET), value(each.before, REMOVE), (" → ", QUIET), after)


def _readable(given: Json) -> Json:
    """Return a moment without what its zone says already."""
    return _MOMENT.sub(r"\1 \2", given) if isinstance(given, str) and _MOMENT.fullmatch(given) else given


def _lines(each: FieldChange) -> Iterator[RenderableType]:
    old = each.before if isinstance(each.before, str) else ""
    new = each.after if isinstance(each.after, str) else ""
    lines = [line for line in changed_lines(old, new, 0) if line.sign in "+-" and line.text] if old else []
    for line in lines[:_BODY]:
        style = ADD if line.sign == "+" else REMOVE
        yield Text.assemble((f"{line.sign} ", style), data(line.text, style))
    if not old:
        told = [line for line in new.split("\n") if line]
        yield from (data(line, ADD) for line in told[:_BODY])
        if len(told) > _BODY:
            yield Text(f"… {len(told) - _BODY} more lines", QUIET)


def _panel(step: StepReport) -> RenderableType:
    def parts() -> Iterator[RenderableType]:
        told = f"  {step.why}" if step.why else ""
        yield Text.assemble(data(step.id, DANGER), "  ", data(step.tool, QUIET), data(told, "italic dim"))
        yield _step(system_of(step.tool), step)
        for change in step.changes:
            yield from (Text.assemble(("    ⚠ ", WARN), data(echo, WARN)) for echo in change.echoes)
        yield Text("Held until all else is verified, and only when approved by name.", QUIET)

    return Panel(Group(*parts()), title=Text(" cannot be taken back ", DANGER), title_align="left", border_style="red")
