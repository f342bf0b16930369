"""What can be done here, and whether it keeps its promises.

Example: doer tools list

Example: doer tools show files.write
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Annotated, cast

import typer
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from doer.app.known import KnownStore
from doer.app.state import STATE
from doer.app.workspace import Opened, find_workspace, open_workspace
from doer.domain.action import Manifest, system_of
from doer.domain.errors import UsageError
from doer.domain.value import Json
from doer.interfaces.cli import exits
from doer.interfaces.cli.account import Account, count
from doer.interfaces.cli.command import Work
from doer.interfaces.cli.door import Door
from doer.interfaces.cli.look import ADD, CHANGE, DANGER, NAME, QUIET, REMOVE, WARN, data
from doer.planning.derived.tables import derive
from doer.planning.skills.skill import Skill

ToolName = Annotated[str, typer.Argument(metavar="NAME", help="The tool's name, as doer tools list shows it.")]
_EFFECTS = {
    "read": ("reads", "cyan"),
    "write": ("can be taken back", ADD),
    "irreversible": ("cannot be taken back", DANGER),
}


async def list_tools(door: Door) -> int:
    """List every tool and skill of this workspace, by connection.

    Example: doer tools list
    """
    async with open_workspace(find_workspace(door.start), whole=False, reads=True) as opened:
        manifests = opened.doer.catalog.manifests()
        skills = opened.skills
        door.give({
            "tools": [_json(each) for each in manifests],
            "skills": [{"name": each.name, "description": each.description, "examples": list(each.examples)} for each in skills],
            "missing": dict(opened.parts.missing),
            "exit": exits.DONE,
        })  # fmt: skip
        systems: dict[str, list[Manifest]] = {}
        for manifest in manifests:
            systems.setdefault(system_of(manifest.name), []).append(manifest)
        for system, members in systems.items():
            door.show(Text(), data(system, "bold cyan"), _rows(members))
        if skills:
            rows = Table.grid(padding=(0, 1))
            for skill in skills:
                rows.add_row("  ", data(skill.name, NAME), data(skill.description, QUIET))
            door.show(Text(), Text("skills", "bold cyan"), rows)
        if not manifests and not skills:
            door.show(Text("There are no tools here yet: doer.toml says how to connect a system."))
        for name, reason in opened.parts.missing.items():
            door.show(Text.assemble("\n", ("! ", WARN), data(name, NAME), " is left out: ", data(reason)))
        return exits.DONE


def _rows(members: Sequence[Manifest]) -> Table:
    rows = Table.grid(padding=(0, 1), expand=True)
    rows.add_column(width=1)
    rows.add_column(no_wrap=True)
    rows.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    rows.add_column(no_wrap=True, justify="right")
    for each in members:
        told, style = _EFFECTS[each.effect]
        rows.add_row("", data(each.name, NAME), data(each.description, QUIET), Text(told, style))
    return rows


async def show_tool(door: Door, name: ToolName) -> int:
    """Show one tool or skill: its arguments, examples of wording, and what its four verbs promise.

    Example: doer tools show files.write
    """
    async with open_workspace(find_workspace(door.start), whole=False, reads=True) as opened:
        if (skill := _skill(opened, name)) is not None:
            return _show_skill(door, skill)
        manifest = _find(opened, name)
        door.give({**_json(manifest), "parameters": manifest.parameters, "result": manifest.result, "exit": exits.DONE})
        told, style = _EFFECTS[manifest.effect]
        door.show(Text.assemble(data(manifest.name, NAME), "  ", (told, style)), data(manifest.description), Text())
        door.show(_parameters(manifest))
        if manifest.examples:
            door.show(
                Text("\nsay it like this", "bold cyan"),
                *(Padding(data(each), (0, 0, 0, 2)) for each in manifest.examples),
            )
        door.show(Text("\nverbs", "bold cyan"), *_verbs(manifest))
        return exits.DONE


def _skill(opened: Opened, name: str) -> Skill | None:
    """Return the skill of that name: one of a file, or one that a table's columns give."""
    if any(each.name == name for each in opened.doer.catalog.manifests()):
        return None
    derived = (skill for each in KnownStore(opened.folder / STATE).load() for skill in derive(each))
    return next((each for each in (*opened.skills, *derived) if each.name == name), None)


def _show_skill(door: Door, skill: Skill) -> int:
    tools = list(dict.fromkeys(step.tool or step.skill for step in skill.steps))
    door.give({
        "name": skill.name, "description": skill.description, "examples": list(skill.examples), "source": skill.source,
        "slots": [{"name": each.name, "type": each.type, "required": each.required} for each in skill.slots],
        "tools": list(tools), "exit": exits.DONE,
    })  # fmt: skip
    door.show(Text.assemble(data(skill.name, NAME), "  ", ("skill", "cyan")), data(skill.description), Text())
    table = Table.grid(padding=(0, 2))
    for each in skill.slots:
        kind = f"list of {each.type}" if each.many else each.type
        table.add_row(
            Text.assemble("  ", data(each.name, NAME)), Text(kind, QUIET), Text("" if each.required else "optional", QUIET),
            data(each.asks),
        )  # fmt: skip
    examples = (Padding(data(each), (0, 0, 0, 2)) for each in skill.examples)
    door.show(table, Text("\nsay it like this", "bold cyan"), *examples)
    door.show(Text("\nuses", "bold cyan"), *(Padding(data(each), (0, 0, 0, 2)) for each in tools))
    return exits.DONE


def _parameters(manifest: Manifest) -> Table:
    table = Table.grid(padding=(0, 2))
    properties = manifest.parameters.get("properties")
    required = manifest.parameters.get("required")
    for name, schema in properties.items() if isinstance(properties, Mapping) else ():
        kind = schema.get("type", "") if isinstance(schema, Mapping) else ""
        said = str(schema.get("description", "")) if isinstance(schema, Mapping) else ""
        must = isinstance(required, Sequence) and name in required
        role = manifest.roles.get(name, "content")
        table.add_row(
            Text.assemble("  ", data(name, NAME)), data(kind if isinstance(kind, str) else " or ".join(map(str, cast("list[str]", kind))), QUIET),
            Text("" if must else "optional", QUIET), Text(role if role != "content" else "", CHANGE), data(said),
        )  # fmt: skip
    return table


def _verbs(manifest: Manifest) -> list[Text]:
    promises = (
        ("preview", "says what would change", "not foreseeable: always asks"),
        (
            "apply",
            "a second try with its key is safe" if manifest.once else "at most once: a lost outcome is asked about",
            "",
        ),
        ("verify", "reads it back", "unproven: nobody can tell"),
        ("undo", "puts back what was there", "none: cannot be taken back"),
    )
    return [
        Text.assemble("  ", ("✓ " if verb in manifest.verbs else "✗ ", ADD if verb in manifest.verbs else REMOVE), f"{verb:<8} ",
                      (has if verb in manifest.verbs else lacks, QUIET))
        for verb, has, lacks in promises
    ]  # fmt: skip


async def test_tool(door: Door, name: ToolName) -> int:
    """Run the four-verb conformance kit on one of the workspace's own tools, against a fresh service each time.

    The tool's module says how to start one: `conformance = {"add_note": open_notes}`, where open_notes() is an async
    context manager that gives a doer.testing.Setting.

    Example: doer tools test add_note
    """
    async with open_workspace(find_workspace(door.start), whole=False, reads=True) as opened:
        _find(opened, name)
        make = next((module.conformance[name] for module in opened.parts.own if name in module.conformance), None)
    if make is None:
        raise UsageError(
            f'{name} has no case to be tested on; its module needs conformance = {{"{name}": …}}, an async context manager '
            "that starts a fresh service and gives a doer.testing.Setting (built-in tools are tested with doer itself)"
        )
    from doer.testing.conformance import Make, conform

    found = await conform(cast("Make", make))
    code = exits.DONE if found.conforms else exits.BROKEN
    door.give({
        "tool": found.tool, "conforms": found.conforms, "kept": list(found.kept), "broken": dict(found.broken),
        "skipped": dict(found.skipped), "exit": code,
    })  # fmt: skip
    for kept in found.kept:
        door.show(Text.assemble(("  ✓ ", ADD), kept.replace("_", " ")))
    for promise, why in found.skipped.items():
        door.show(Text.assemble(("  – ", QUIET), (f"{promise.replace('_', ' ')}: ", QUIET), data(why, QUIET)))
    for promise, why in found.broken.items():
        door.show(Text.assemble(("  ✗ ", DANGER), (promise.replace("_", " "), NAME), ": ", data(why)))
    if found.conforms:
        door.show(
            Text.assemble(
                "\n",
                ("✓ ", ADD),
                data(found.tool, NAME),
                f" keeps all {count(len(found.kept), 'promise')} that were tested",
            )
        )
    elif not door.as_json:
        door.account(Account(
            f"{found.tool} breaks {count(len(found.broken), 'promise')} — in {system_of(found.tool)}", "only the fresh service of the test",
            "nothing: correct the tool", f"doer tools test {name}",
        ))  # fmt: skip
    return code


def _find(opened: Opened, name: str) -> Manifest:
    manifests = {each.name: each for each in opened.doer.catalog.manifests()}
    if name in manifests:
        return manifests[name]
    near = get_close_matches(name, manifests, 3, 0.4)
    hint = f"the nearest: {', '.join(near)}" if near else "`doer tools list` lists those that are"
    left_out = next((reason for system, reason in opened.parts.missing.items() if name.startswith(system)), "")
    raise UsageError(f"there is no tool {name[:80]!r}; {left_out or hint}")


def _json(manifest: Manifest) -> dict[str, Json]:
    return {
        "name": manifest.name,
        "description": manifest.description,
        "effect": manifest.effect,
        "once": manifest.once,
        "verbs": sorted(manifest.verbs),
        "roles": dict(manifest.roles),
        "examples": list(manifest.examples),
    }


COMMANDS: Mapping[str, Work] = {"list": list_tools, "show": show_tool, "test": test_tool}
