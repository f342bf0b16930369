"""The skill planner: a goal becomes the plan of a skill or of a single tool, or a question, or an abstention."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from doer.domain.action import Manifest
from doer.domain.errors import UsageError
from doer.domain.goal import Abstention, Answer, Goal
from doer.domain.plan import Candidate, Plan, Step
from doer.domain.ports import Proposal, Reader
from doer.planning.compound.again import Repeating, looks_back
from doer.planning.compound.conditional import Conditioning
from doer.planning.compound.correct import drafted
from doer.planning.compound.divide import divide
from doer.planning.compound.draft import asked_again, trimmed
from doer.planning.compound.limiting import limited
from doer.planning.compound.otherwise import Otherwise
from doer.planning.compound.scheduling import scheduled
from doer.planning.compound.several import Joining
from doer.planning.matching.answers import left_out
from doer.planning.matching.lexicon import Profiles
from doer.planning.matching.settle import settled
from doer.planning.matching.space import Space
from doer.planning.missing import asking_for, missing_kind
from doer.planning.nearest import hint
from doer.planning.skills.skill import Skill
from doer.planning.skills.uses import Unmet
from doer.planning.stop import Stop
from doer.planning.validate import validate
from doer.planning.words.conditions import has_condition
from doer.planning.words.utterance import hear


class SkillPlanner:
    """Matches goals to skills and tools by their examples of wording, fills slots from the words, asks when in doubt.

    Knows no scenario: everything comes from the skills and manifests that it is given. Answers to questions come back by
    slot; `meant` chooses among skills and tools, `leave_out` agrees to parts of the goal that nothing takes.
    """

    __slots__ = ("_connections", "_profiles", "_unmet", "skills")

    def __init__(
        self,
        skills: Sequence[Skill] = (),
        connections: Mapping[str, str] | None = None,
        unmet: Callable[[], Sequence[Unmet]] = tuple,
        profiles: Profiles | None = None,
    ) -> None:
        """Take the skills. Raises UsageError where skills use each other in a circle or one that does not exist.

        With `connections` (name -> kind) and what returns the skills that lack one, an abstention names the kind that is missing.
        `profiles` are those that are kept already; planners for the same tools may share them.
        """
        self._connections, self._unmet = connections, unmet
        self.skills: Mapping[str, Skill] = {skill.name: skill for skill in skills}
        self._profiles = Profiles() if profiles is None else profiles
        for skill in skills:
            _check_uses(skill, self.skills, (skill.name,))

    async def propose(
        self, goal: Goal, answers: Sequence[Answer], tools: Sequence[Manifest], reader: Reader
    ) -> Proposal:
        """Return a valid plan, a question or an abstention. Raises UsageError for invisible characters and broken skills."""
        try:
            return await self._propose(goal, answers, tools, reader)
        except Stop as stopped:
            if isinstance(stopped.proposal, Abstention):
                return self._advised(replace(goal, text=stopped.about or goal.text), stopped.proposal)
            return stopped.proposal

    def _advised(self, goal: Goal, abstention: Abstention) -> Abstention:
        """An abstention with the connection that would help, where the words tell which."""
        if self._connections is None or not abstention.missing:
            return abstention
        kind = missing_kind(hear(goal, (), lambda _: False), self._connections, self._unmet())
        return replace(abstention, missing=asking_for(kind)) if kind else abstention

    async def _propose(
        self, goal: Goal, answers: Sequence[Answer], tools: Sequence[Manifest], reader: Reader
    ) -> Proposal:
        space = Space(self._profiles.of(self.skills, tools), tools, self.skills)

        async def corrected(part: Goal, told: Sequence[Answer]) -> Plan:
            return await self._corrected(space, part, told, reader)

        if looks_back(goal.text):
            plan = await Repeating(goal, answers, corrected).plan()
        else:
            plan = await corrected(goal, answers)
        validate(plan, tools)
        return plan

    async def _corrected(self, space: Space, goal: Goal, answers: Sequence[Answer], reader: Reader) -> Plan:
        draft = drafted(space, goal, answers)
        try:
            plan = await self._drafted(space, replace(goal, text=draft.text), draft.answers, reader)
        except Stop as stopped:
            raise Stop(asked_again(stopped.proposal, answers), stopped.about) from stopped
        steps = trimmed(plan.steps, draft)
        told = [{name: draft.origin(each) for name, each in step.provenance.items()} for step in steps]
        return replace(
            plan, steps=tuple(replace(step, provenance=each) for step, each in zip(steps, told, strict=True))
        )

    async def _drafted(self, space: Space, goal: Goal, answers: Sequence[Answer], reader: Reader) -> Plan:
        """The plan of a goal with its conditions; each is cut off, and what is left is planned by itself."""

        async def plain(part: Goal, told: Sequence[Answer]) -> Plan:
            return await self._plain(space, part, told, reader)

        async def rest(part: Goal, told: Sequence[Answer]) -> Plan:
            return await limited(space, part, told, reader, plain)

        async def now(part: Goal, told: Sequence[Answer]) -> Plan:
            if has_condition(part.text):
                planned = await Conditioning(space, part, told, reader, rest).plan()
                if planned is not None:
                    return planned
            return await rest(part, told)

        return await scheduled(space, goal, answers, now)

    async def _plain(self, space: Space, goal: Goal, answers: Sequence[Answer], reader: Reader) -> Plan:
        async def whole(other: Goal) -> Plan:
            return await settled(lambda told: self._whole(space, other, told, reader), answers)

        try:
            return await whole(goal)
        except Stop as stopped:
            return await Otherwise(space, goal, answers, whole).plan(stopped)

    async def _whole(self, space: Space, goal: Goal, answers: Sequence[Answer], reader: Reader) -> Plan:
        left = left_out(answers)
        said = space.hear(goal, left)
        if parts := divide(space, said, left, answers):
            made, ways = await Joining(space, goal, reader, left, answers).plan(parts)
            names, least = " + ".join(each.unit.name for each in ways), min(each.confidence for each in ways)
            made = _once(made)
            return _plan(goal, made, names, least, [one for each in ways for one in each.candidates], space.tools)
        chosen = space.choose(said, answers)
        steps = await space.steps(chosen, space.bindings(chosen), goal, reader)
        return _plan(goal, steps, chosen.unit.name, chosen.confidence, chosen.candidates, space.tools)


def _once(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps without a last one that is said twice: `Eve is waiting for a.pdf, please email it to her`."""
    *before, last = steps
    again = any(each.tool == last.tool and each.arguments == last.arguments for each in before)
    return tuple(before) if again else tuple(steps)


def _plan(
    goal: Goal,
    steps: Sequence[Step],
    planner: str,
    confidence: float,
    candidates: Sequence[Candidate],
    tools: Sequence[Manifest],
) -> Plan:
    by_name = {each.name: each for each in tools}
    used = {step.tool: by_name[step.tool].digest for step in steps if step.tool in by_name}
    return Plan(tuple(steps), goal.text.strip(), planner, confidence, used, tuple(candidates))


def _check_uses(skill: Skill, skills: Mapping[str, Skill], path: tuple[str, ...]) -> None:
    for step in skill.steps:
        if not step.skill:
            continue
        if step.skill not in skills:
            raise UsageError(
                f"{skill.source}: step {step.id!r} uses {step.skill!r}, no skill{hint(step.skill, skills)}"
            )
        if step.skill in path:
            raise UsageError(f"{skill.source}: skills use each other in a circle: {' -> '.join((*path, step.skill))}")
        inner = skills[step.skill]
        if unknown := set(step.arguments) - {slot.name for slot in inner.slots}:
            name = min(unknown)
            raise UsageError(
                f"{skill.source}: {inner.name!r} has no slot {name!r}{hint(name, [s.name for s in inner.slots])}"
            )
        _check_uses(inner, skills, (*path, step.skill))
