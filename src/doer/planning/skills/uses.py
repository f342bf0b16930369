"""Uses: a skill that names kinds of connections becomes one skill for each connection that is there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from pathlib import Path

from doer.domain.template import Fields, Items, Literal, Reference, Slot, Template, Transform
from doer.planning.skills.file import load_skills
from doer.planning.skills.skill import Each, Select, Skill, SkillGuard, SkillStep, Where

SHIPPED = Path(__file__).parents[2] / "skills"


@dataclass(frozen=True, slots=True)
class Unmet:
    """A skill that no connection here can carry out."""

    skill: Skill
    kinds: tuple[str, ...]
    """The kinds of connection that are missing."""


def shipped_skills(kinds: Iterable[str] | None = None) -> tuple[Skill, ...]:
    """Return the skills that come with doer, or those that use a connection of one of the kinds, by name.

    They are read once: they change with doer only. Raises UsageError for a wrong file.
    """
    folders = {each.name for each in SHIPPED.iterdir() if each.is_dir()}
    wanted = folders if kinds is None else folders.intersection(kinds)
    return tuple(sorted((skill for kind in wanted for skill in _shipped(kind)), key=lambda skill: skill.name))


@cache
def _shipped(kind: str) -> tuple[Skill, ...]:
    """The skills in the folder of a kind, each of which uses a connection of it, and perhaps of others."""
    return load_skills([SHIPPED / kind])


def workspace_skills(own: Sequence[Skill], connections: Mapping[str, str], tools: Iterable[str]) -> tuple[Skill, ...]:
    """Return all skills of a workspace: its own, and the shipped ones that its connections (name -> kind) and tools can do.

    A skill of its own replaces the shipped one of that name.
    """
    names = {each.name for each in own}
    every = (*own, *(each for each in shipped_skills(connections.values()) if each.name not in names))
    return tuple(instances(every, connections, tools))


def instances(skills: Iterable[Skill], connections: Mapping[str, str], tools: Iterable[str]) -> Iterator[Skill]:
    """Yield the skills with aliases replaced by connections, once for each way; with several ways each is called after
    its connections, so that a sentence can say which. One whose tools are not all there is left out.
    """
    there = frozenset(tools)
    for skill in skills:
        if not skill.uses:
            yield skill
            continue
        ways = [way for way in _ways(skill, connections) if _tools(skill, way) <= there]
        yield from (_made(skill, way, several=len(ways) > 1) for way in ways)


def unmet(skills: Iterable[Skill], connections: Mapping[str, str]) -> tuple[Unmet, ...]:
    """Return the skills for which a kind of connection is missing, with those kinds."""
    kinds = set(connections.values())
    found = [(each, tuple(sorted(set(each.uses.values()) - kinds))) for each in skills]
    return tuple(Unmet(each, missing) for each, missing in found if missing)


def _ways(skill: Skill, connections: Mapping[str, str]) -> Iterator[Mapping[str, str]]:
    options = [[name for name, kind in connections.items() if kind == wanted] for wanted in skill.uses.values()]
    for names in product(*options):
        yield dict(zip(skill.uses, names, strict=True))


def _tools(skill: Skill, way: Mapping[str, str]) -> set[str]:
    used = [step.tool for step in skill.steps if step.tool] + [select.tool for select in skill.selects]
    return {_tool(each, way) for each in used}


def _tool(name: str, way: Mapping[str, str]) -> str:
    alias, dot, verb = name.partition(".")
    return f"{way.get(alias, alias)}{dot}{verb}"


def _made(skill: Skill, way: Mapping[str, str], *, several: bool) -> Skill:
    called = dict.fromkeys(way.values())
    name = ".".join([*called, skill.name]) if several else skill.name
    told = f"{skill.description} ({', '.join(called)})" if several else skill.description
    return replace(
        skill,
        name=name,
        description=told,
        steps=tuple(_step(each, way) for each in skill.steps),
        selects=tuple(_select(each, way) for each in skill.selects),
        covers=tuple(_tool(each, way) for each in skill.covers),
        values={each: _told(of, way) for each, of in skill.values.items()},
        uses={},
    )


def _step(step: SkillStep, way: Mapping[str, str]) -> SkillStep:
    return replace(
        step,
        tool=_tool(step.tool, way) if step.tool else "",
        arguments={name: _told(each, way) for name, each in step.arguments.items()},
        guard=None if step.guard is None else _guard(step.guard, way),
        each=None if step.each is None else Each(_told(step.each.over, way), step.each.item, step.each.most),
    )


def _guard(guard: SkillGuard, way: Mapping[str, str]) -> SkillGuard:
    return replace(guard, left=_told(guard.left, way), right=None if guard.right is None else _told(guard.right, way))


def _select(select: Select, way: Mapping[str, str]) -> Select:
    return replace(
        select,
        tool=_tool(select.tool, way),
        arguments={name: _told(each, way) for name, each in select.arguments.items()},
        where=tuple(Where(each.fields, each.test, _told(each.value, way)) for each in select.where),
    )


def _told(template: Template, way: Mapping[str, str]) -> Template:
    """Put the connection's name where a template takes `$alias`."""
    match template:
        case Slot(name, ()) if name in way:
            return Literal(way[name])
        case Transform(name, of):
            return Transform(name, tuple(_told(each, way) for each in of))
        case Items(of):
            return Items(tuple(_told(each, way) for each in of))
        case Fields(of):
            return Fields({name: _told(each, way) for name, each in of.items()})
        case Literal() | Reference() | Slot():
            return template
