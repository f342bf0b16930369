"""The skill planner: a goal becomes the plan of a skill or of a single tool, or a question, or an abstention."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from doer.domain.action import Manifest
from doer.domain.errors import UsageError
from doer.domain.goal import Abstention, Answer, Goal, Option, Question
from doer.domain.plan import Candidate, Plan, Step
from doer.domain.ports import Proposal, Reader
from doer.domain.template import Literal
from doer.domain.value import Provenance, StepId
from doer.intent.text import stem
from doer.planning.answers import declined, settle, used_words
from doer.planning.bind import Binding, worded
from doer.planning.doubt import LEAVE_OUT, doubts
from doer.planning.expand import Expansion, Ground
from doer.planning.match import Fit, fit
from doer.planning.nearest import hint
from doer.planning.pick import MEANT, pick, rank, refuse_mood
from doer.planning.profile import Profile, is_content, profile, weights
from doer.planning.skills import Skill
from doer.planning.stop import Stop
from doer.planning.unit import Unit, of_skill, of_tool
from doer.planning.utterance import Span, Utterance, hear, phrases_joined
from doer.planning.validate import validate

_TRIED = 6
_NEGATING = ("nothing", "no", "stop", "cancel", "do nothing")


class SkillPlanner:
    """Matches goals to skills and tools by their examples of wording, fills slots from the words, asks when in doubt.

    Knows no scenario: everything comes from the skills and manifests that it is given. Answers to questions come back by
    slot; `meant` chooses among skills and tools, `leave_out` agrees to parts of the goal that nothing takes.
    """

    __slots__ = ("_profiles", "skills")

    def __init__(self, skills: Sequence[Skill] = ()) -> None:
        """Take the skills. Raises UsageError where skills use each other in a circle or one that does not exist."""
        self.skills: Mapping[str, Skill] = {skill.name: skill for skill in skills}
        self._profiles: dict[str, tuple[object, Profile]] = {}
        for skill in skills:
            _check_uses(skill, self.skills, (skill.name,))

    async def propose(
        self, goal: Goal, answers: Sequence[Answer], tools: Sequence[Manifest], reader: Reader
    ) -> Proposal:
        """Return a valid plan, a question or an abstention. Raises UsageError for invisible characters and broken skills."""
        try:
            return await self._propose(goal, answers, tools, reader)
        except Stop as stopped:
            return stopped.proposal

    async def _propose(
        self, goal: Goal, answers: Sequence[Answer], tools: Sequence[Manifest], reader: Reader
    ) -> Proposal:
        profiles = self._prepared(tools)
        vocabulary = frozenset(word for each in profiles for word in each.stems)
        said = hear(goal, _left_out(answers), lambda word: stem(word) in vocabulary)
        fits = self._fits(profiles, said, answers)
        refuse_mood(said, fits, confirmed=any(each.slot == MEANT for each in answers))
        chosen = pick(fits, answers)
        _refuse_missing(chosen.profile.unit, tools, self.skills)
        bindings = self._bindings(chosen, said, answers)
        plan = await self._plan(chosen, bindings, (goal, answers, tools, reader))
        plan = replace(plan, candidates=_candidates(chosen, fits))
        validate(plan, tools)
        return plan

    def _prepared(self, tools: Sequence[Manifest]) -> list[Profile]:
        by_name = {manifest.name: manifest for manifest in tools}
        found = [
            self._profile(skill.name, (skill, tuple(by_name.get(step.tool) for step in skill.steps)), None)
            for skill in self.skills.values()
        ]
        found += [
            self._profile(each.name, each, each) for each in tools if each.examples and each.name not in self.skills
        ]
        return found

    def _profile(self, name: str, source: object, manifest: Manifest | None) -> Profile:
        """The profile of a unit, made anew only when the unit has changed."""
        kept = self._profiles.get(name)
        if kept is not None and kept[0] == source:
            return kept[1]
        unit = of_tool(manifest) if manifest else self._unit(source)
        made = profile(unit)
        self._profiles[name] = (source, made)
        return made

    def _unit(self, source: object) -> Unit:
        assert isinstance(source, tuple)
        skill, used = source
        assert isinstance(skill, Skill)
        return of_skill(skill, {each.name: each for each in used if each is not None})

    def _fits(self, profiles: Sequence[Profile], said: Utterance, answers: Sequence[Answer]) -> list[Fit]:
        weight = weights(profiles)
        joined = phrases_joined(said.words)
        stems = [(word.lower, each) for place, (word, each) in enumerate(joined) if place < 3 or is_content(word.lower)]

        kinds = {each.kind for each in said.atoms}

        def rough(each: Profile) -> float:
            by_words = sum(
                weight.get(s, 1.0) if s in each.strong else 0.5 for w, s in stems if each.speaks(s) or each.meant(w, s)
            )
            return by_words + 0.05 * sum(bool(kinds & set(slot.kinds)) for slot in each.unit.slots if slot.required)

        nearest = sorted(((rough(each), each) for each in profiles), key=lambda pair: -pair[0])[:_TRIED]
        meant = next((answer for answer in reversed(answers) if answer.slot == MEANT), None)
        if meant is not None:
            named = [each for each in profiles if each.unit.name in (meant.value, meant.text.strip())]
            nearest = [(1.0, each) for each in named] or nearest
        fits = [fit(each, said, weight, _answered(each, said, answers, weight)) for score, each in nearest if score > 0]
        return sorted(fits, key=rank, reverse=True)

    def _bindings(self, chosen: Fit, said: Utterance, answers: Sequence[Answer]) -> dict[str, Binding]:
        """The value of each slot that has one. Raises Stop with the first question that must be asked."""
        given = _given(chosen.profile, answers, said.goal)
        answered: dict[str, Sequence[Span]] = dict.fromkeys([*given, *_declined(chosen.profile, answers)], ())
        question = next(doubts(chosen, said, answered), None)
        if question is not None:
            values = {name: each.template.value for name, each in given.items() if isinstance(each.template, Literal)}
            said_values = {name: way.options[0].value for name, way in chosen.assignment.chosen.items() if way.options}
            raise Stop(replace(question, text=worded(question.text, {**said_values, **values})))
        bound = dict(given)
        for name, way in chosen.assignment.chosen.items():
            value = way.options[0].value
            origin = Provenance("words", said.text[slice(*way.span)], *way.span)
            bound[name] = Binding(Literal(value), origin)
        _add_currency(chosen, said, bound)
        return bound

    async def _plan(
        self,
        chosen: Fit,
        bound: Mapping[str, Binding],
        given: tuple[Goal, Sequence[Answer], Sequence[Manifest], Reader],
    ) -> Plan:
        goal, answers, tools, reader = given
        unit = chosen.profile.unit
        digests = {each.name: each for each in tools}
        confidence = round(min(0.99, chosen.score), 4)
        if unit.skill is None:
            steps: tuple[Step, ...] = (_one_step(unit, bound, confidence),)
        else:
            texts = {each.slot: (each.text, each.value) for each in answers}
            ground = Ground(goal, reader, self.skills, texts)
            steps = await Expansion(unit.skill, bound, ground).run()
            steps = tuple(replace(step, confidence=confidence) for step in steps)
        manifests = {step.tool: digests[step.tool].digest for step in steps if step.tool in digests}
        return Plan(steps, goal.text.strip(), unit.name, confidence, manifests)


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


def _refuse_missing(unit: Unit, tools: Sequence[Manifest], skills: Mapping[str, Skill]) -> None:
    """Raise Stop where a skill uses tools that are not connected."""
    if unit.skill is None:
        return
    names = {each.name for each in tools}
    wanted = sorted(_tools_of(unit.skill, skills) - names)
    if wanted:
        reason = f"{unit.name} fits, and it uses {', '.join(wanted)}, which is not connected here"
        raise Stop(Abstention(reason, (unit.name,), f"a connection with {wanted[0]}"))


def _tools_of(skill: Skill, skills: Mapping[str, Skill]) -> set[str]:
    used = {step.tool for step in skill.steps if step.tool} | {select.tool for select in skill.selects}
    return used.union(*(_tools_of(skills[step.skill], skills) for step in skill.steps if step.skill))


def _left_out(answers: Sequence[Answer]) -> list[str]:
    parts: list[str] = []
    for each in answers:
        if each.slot != LEAVE_OUT:
            continue
        if isinstance(each.value, list | tuple):
            parts += [str(part) for part in each.value]
        elif str(each.value or each.text).strip().lower() in _NEGATING:
            raise Stop(Abstention("nothing was done, as you said"))
        else:
            raise Stop(
                Question(
                    LEAVE_OUT, "Say it again without that part, as a new goal.", (Option("do nothing", "nothing"),)
                )
            )
    return parts


def _answered(
    each: Profile, said: Utterance, answers: Sequence[Answer], weight: Mapping[str, float]
) -> Mapping[str, Sequence[Span]]:
    """The slots that answers fill, each with the words of the goal that this settles."""
    given = {name: (binding, used_words(binding, said)) for name, binding in _given(each, answers, said.goal).items()}
    left = dict.fromkeys(_declined(each, answers), ())
    if all(spans for _, spans in given.values()):
        return {**left, **{name: spans for name, (_, spans) in given.items()}}
    # An answer that corrects the goal (`Nora` was meant to be `Grace`) settles the words that it corrects.
    bare = fit(each, said, weight, {}).assignment.chosen
    taken = {name: spans or (bare[name].taken if name in bare else ()) for name, (_, spans) in given.items()}
    return {**left, **taken}


def _declined(each: Profile, answers: Sequence[Answer]) -> list[str]:
    specs = {slot.name: slot for slot in each.unit.slots}
    last = {answer.slot: answer for answer in answers}
    return [name for name, answer in last.items() if name in specs and declined(specs[name], answer)]


def _given(each: Profile, answers: Sequence[Answer], goal: Goal) -> dict[str, Binding]:
    """Slots that answers fill; an answer that chose a row of a read fills no slot."""
    specs = {slot.name: slot for slot in each.unit.slots}
    selects = {select.slot: select for select in each.unit.skill.selects} if each.unit.skill else {}
    given: dict[str, Binding] = {}
    for answer in answers:
        if answer.slot in specs and declined(specs[answer.slot], answer):
            given.pop(answer.slot, None)
        elif answer.slot in specs and not (answer.slot in selects and isinstance(answer.value, Mapping)):
            given[answer.slot] = settle(specs[answer.slot], answer, goal)
    return given


def _add_currency(chosen: Fit, said: Utterance, bound: dict[str, Binding]) -> None:
    """An amount that fills a number gives its currency to the slot of that name."""
    if "currency" in bound or "currency" not in {slot.name for slot in chosen.profile.unit.slots}:
        return
    for way in chosen.assignment.chosen.values():
        for mention in said.atoms:
            value = mention.value
            if mention.kind == "amount" and (mention.start, mention.end) == way.span and isinstance(value, Mapping):
                bound["currency"] = Binding(Literal(value["currency"]), Provenance("words", mention.text, *way.span))


def _one_step(unit: Unit, bound: Mapping[str, Binding], confidence: float) -> Step:
    name = re.sub(r"\W+", "_", unit.name.rsplit(".", 1)[-1]).strip("_") or "step"
    arguments = {slot: binding.template for slot, binding in bound.items()}
    origins = {slot: binding.provenance for slot, binding in bound.items()}
    return Step(StepId(name), unit.name, arguments, (), None, unit.description, origins, confidence)


def _candidates(chosen: Fit, fits: Sequence[Fit]) -> tuple[Candidate, ...]:
    """What was considered; the choice is deterministic, so its propensity is 1 and that of all others 0."""
    rest = [each for each in fits if each is not chosen]
    return tuple(
        Candidate(each.profile.unit.name, round(each.score, 4), 1.0 if each is chosen else 0.0)
        for each in (chosen, *rest)
    )
