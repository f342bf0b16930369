"""The grounded planner: the skill planner with what is known of the connections: skills of the tables that a goal names."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from doer.domain.action import Manifest
from doer.domain.goal import Answer, Declined, Goal
from doer.domain.known import Known
from doer.domain.plan import Plan
from doer.domain.ports import Proposal, Reader
from doer.intent.text import stem, words
from doer.planning.derived.acquaint import acquaint_quietly, is_stale
from doer.planning.derived.ground import GroundTable
from doer.planning.derived.tables import of_table
from doer.planning.matching.lexicon import Profiles
from doer.planning.naming.files import Folders
from doer.planning.naming.narrowing import narrowed, says_an_order
from doer.planning.naming.ways import Ways
from doer.planning.propose import SkillPlanner
from doer.planning.skills.known_words import recognise
from doer.planning.skills.skill import Skill
from doer.planning.skills.uses import Unmet, shipped_skills, unmet
from doer.planning.words.mood import all_but

_CODED = re.compile(r"\S*[@/\\]\S*|\S+\.[A-Za-z]\w{1,4}\b")
"""Paths and addresses: `./invoice.pdf` names no table of invoices."""
_OF_TABLES = ("find", "count", "total", "insert", "update", "delete")


class GroundedPlanner:
    """Plans with skills, and with those derived from the tables that are named, out of what is known.

    A tool that a skill `covers` is not matched by its own wordings beside that skill: the skill says the same and more.
    """

    __slots__ = ("_connections", "_entities", "_keep", "_known", "_made", "_muted", "_profiles", "_skills", "skills")

    def __init__(
        self,
        skills: Sequence[Skill],
        known: Sequence[Known] = (),
        connections: Mapping[str, str] | None = None,
        keep: Callable[[Known], None] | None = None,
        profiles: Profiles | None = None,
    ) -> None:
        """Take the skills and what is known; of `connections` (name -> kind) what is unknown or older than a day is learnt
        by granted reads before planning, and handed to `keep`. Raises UsageError where skills use each other in a circle.
        """
        self.skills = tuple(skills)
        self._connections = dict(connections or {})
        self._keep = keep
        self._profiles = Profiles() if profiles is None else profiles
        self._muted: dict[str, tuple[Manifest, Manifest]] = {}
        self._know({each.connection: each for each in known})

    def _know(self, known: Mapping[str, Known]) -> None:
        self._known = dict(known)
        entities = [
            replace(entity, source=f"{each.connection}, read {each.read_at:%Y-%m-%d %H:%M} UTC")
            for each in known.values()
            for entity in each.entities
        ]
        self._entities = tuple(entities)
        self._skills = tuple(recognise(skill, entities) for skill in self.skills)
        # Made at once, so that skills which use each other wrongly are told at the start.
        plain = self._with(self._skills)
        self._made: dict[tuple[frozenset[tuple[str, str]], bool], SkillPlanner] = {
            (frozenset(), coded): plain for coded in (True, False)
        }

    async def _learn(self, goal: Goal, tools: Sequence[Manifest], reader: Reader) -> None:
        names = {each.name for each in tools}
        stale = [each for each in self._connections.items() if is_stale(self._known.get(each[0]), goal.said_at)]
        learning = (
            acquaint_quietly(name, kind, names, reader, goal.said_at, self._known.get(name)) for name, kind in stale
        )
        fresh = {each.connection: each for each in await asyncio.gather(*learning)}
        if fresh:
            self._know(self._known | fresh)
        for each in fresh.values():
            if self._keep is not None:
                self._keep(each)

    async def propose(
        self, goal: Goal, answers: Sequence[Answer], tools: Sequence[Manifest], reader: Reader
    ) -> Proposal:
        """Return a valid plan, a question or an abstention. Raises UsageError as the skill planner does."""
        if turned := all_but(goal.text):
            return Declined(f"{turned!r} leaves some out; say only which are meant")
        await self._learn(goal, tools, reader)

        async def proposed(said: Goal) -> Proposal:
            return await self._proposed(said, answers, tools, reader)

        return await Ways(goal, answers, tools, reader, self._grounds(), proposed, Folders.of(tools, reader)).plan()

    async def _proposed(
        self, goal: Goal, answers: Sequence[Answer], tools: Sequence[Manifest], reader: Reader
    ) -> Proposal:
        tables = list(self._named(goal, answers))
        planner = self._planner(tables, coded=any(letter.isdigit() for letter in " ".join(_texts(goal, answers))))
        hidden = {name for skill in self._skills for name in skill.covers}
        hidden |= {f"{each.connection}.{tool}" for each in tables for tool in _OF_TABLES}
        seen = [self._mute(each) if each.name in hidden else each for each in tools]
        proposal = await planner.propose(goal, answers, seen, reader)
        for each in narrowed(goal.text, tables):
            if isinstance(proposal, Plan) and not (each.where or says_an_order(goal.text)):
                continue  # `the newest order` is what the table's own skills say as well
            rest = await planner.propose(replace(goal, text=each.text), answers, seen, reader)
            made = each.over(rest) if isinstance(rest, Plan) else None
            if made is not None and (not isinstance(proposal, Plan) or each.reads(proposal)):
                proposal = replace(made, title=goal.text.strip())
        if not isinstance(proposal, Plan):
            return proposal
        by_name = {each.name: each for each in tools}
        return replace(proposal, manifests={name: by_name[name].digest for name in proposal.manifests})

    def _mute(self, tool: Manifest) -> Manifest:
        """The tool without its own wordings, made once."""
        kept = self._muted.get(tool.name)
        if kept is None or kept[0] is not tool:
            kept = self._muted[tool.name] = (tool, replace(tool, examples=()))
        return kept[1]

    def _grounds(self) -> list[GroundTable]:
        """Every table that is known."""
        return [GroundTable.of(known, table) for known in self._known.values() for table in known.tables]

    def _named(self, goal: Goal, answers: Sequence[Answer]) -> Iterator[GroundTable]:
        """Yield the tables that the words name, singular or plural."""
        said = {word.stem for text in _texts(goal, answers) for word in words(_CODED.sub(" ", text))}
        grounds = self._grounds()
        named = [each for each in grounds if _heads(each) & said]
        # `the stock of A-12`: a column may tell of which table it is said, where no table is named.
        counts = {"how", "mani"} <= said
        yield from named or (each for each in grounds if each.telling & said or (counts and each.counts))

    def _planner(self, tables: Sequence[GroundTable], *, coded: bool) -> SkillPlanner:
        """The planner with the skills of these tables; what reads one row by a number only where a number was said."""
        key = (frozenset((each.connection, each.table.name) for each in tables), coded)
        if key not in self._made:
            own = {skill.name for skill in self._skills}
            made = (skill for each in tables for skill in of_table(each) if skill.name not in own)
            derived = [recognise(skill, self._entities) for skill in made]
            kept = [each for each in derived if coded or not _reads_by_number(each)]
            self._made[key] = self._with([*self._skills, *kept])
        return self._made[key]

    def _with(self, skills: Sequence[Skill]) -> SkillPlanner:
        """A planner with these skills, that knows which kinds of connection are missing."""
        return SkillPlanner(skills, self._connections or None, self._unmet, self._profiles)

    def _unmet(self) -> Sequence[Unmet]:
        return unmet(shipped_skills(), self._connections)


def _texts(goal: Goal, answers: Sequence[Answer]) -> tuple[str, ...]:
    return (goal.text, *goal.context, *(each.text for each in answers), *(str(each.value or "") for each in answers))


def _heads(ground: GroundTable) -> set[str]:
    return {stem(each.split(" ")[-1]) for each in (ground.words.many, ground.words.one)}


def _reads_by_number(skill: Skill) -> bool:
    needed = [slot.type for slot in skill.slots if slot.required]
    reads = all(step.tool.endswith(".find") and "order" not in step.arguments for step in skill.steps)
    return reads and bool({"integer", "identifier"} & set(needed))
