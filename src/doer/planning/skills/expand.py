"""Expansion: a skill and the values of its slots become literal steps; skills inside skills are expanded in place."""

from __future__ import annotations

import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from doer.domain.errors import UsageError
from doer.domain.goal import Abstention, Goal, Option, Question
from doer.domain.known import Entity
from doer.domain.plan import Guard, Step, holds
from doer.domain.ports import Reader
from doer.domain.template import Fields, Items, Literal, Reference, Slot, Template, references
from doer.domain.value import Json, Provenance, StepId
from doer.planning.bind import Binding, fill, leaves, origin, worded
from doer.planning.nearest import hint
from doer.planning.skills.known_words import recognised
from doer.planning.skills.selecting import Asked, selected
from doer.planning.skills.skill import Lookup, Select, Skill, SkillGuard, SkillStep
from doer.planning.skills.slots import SPEAKER, SlotSpec
from doer.planning.skills.sugar import names, slots
from doer.planning.skills.tables import find_row
from doer.planning.stop import Stop

DEEPEST = 8
_NOTHING = Binding(Literal(None), Provenance("default", ""))


def _spoken(said: Json, speaker: str) -> Json:
    """Return the words with whoever speaks in the place of `me`."""
    if isinstance(said, list | tuple):
        return [_spoken(each, speaker) for each in said]
    return speaker if isinstance(said, str) and said.lower() in SPEAKER else said


@dataclass(frozen=True, slots=True)
class Ground:
    """What every level of an expansion shares."""

    goal: Goal
    reader: Reader
    skills: Mapping[str, Skill]
    answers: Mapping[str, tuple[str, Json]]
    """Slot -> text and value of the answer to a question that a read or a table raised."""


class Expansion:
    """One level: one skill with given slots."""

    __slots__ = ("bound", "ground", "open", "prefix", "skill", "steps")

    def __init__(self, skill: Skill, given: Mapping[str, Binding], ground: Ground, prefix: str = "") -> None:
        self.skill, self.ground, self.prefix = skill, ground, prefix
        self.bound: dict[str, Binding] = {**given, "goal": _of_goal(ground.goal)}
        self.steps: dict[str, tuple[StepId, ...]] = {}
        self.open: list[str] = []

    async def run(self, depth: int = 0) -> tuple[Step, ...]:
        """Return the literal steps. Raises Stop with what must be asked, UsageError for a skill that is wrong."""
        if depth > DEEPEST:
            raise UsageError(f"skill {self.skill.name!r} is nested more than {DEEPEST} deep")
        self._recognise()
        self._together()
        wanted = {name for each in _all_templates(self.skill) for name in names(each)}
        for name in (*(each.id for each in self.skill.lookups), *(each.id for each in self.skill.selects)):
            await self._bind(name, reread=True)
        for name in sorted(wanted & self._own()):
            await self._bind(name)
        self._in_order()
        planned = [(step, await self._turns(step)) for step in self.skill.steps]
        self.steps = {step.id: tuple(StepId(name) for name, _ in turns) for step, turns in planned}
        made: list[Step] = []
        for step, turns in planned:
            kept: list[StepId] = []
            for name, item in turns:
                new = await self._step(step, name, item, depth)
                kept += [each.id for each in new]
                made += new
            self.steps[step.id] = tuple(kept)
        if not made and not depth:
            found = "nothing was found that it is to be done to, or it is done already"
            raise Stop(Abstention(f"{self.skill.name}: {found}", (self.skill.name,)))
        return _settled(made, self.skill.name, self.prefix, tuple(self.steps))

    def _recognise(self) -> None:
        """Put known entities in the place of the words for them: `the platform team` is a group, `Ana` somebody."""
        for spec in self.skill.slots:
            binding = self.bound.get(spec.name)
            if binding is None or not (spec.known or spec.among) or not isinstance(binding.template, Literal):
                continue
            said = binding.template.value
            named = _spoken(said, str(self.ground.goal.by)) if spec.speaker else said
            value, entities = recognised(spec, named, f"{self.prefix}{spec.name}", self.ground.answers)
            if value != said:
                self.bound[spec.name] = Binding(Literal(value), _as_known(binding.provenance, spec.known, entities))

    def _in_order(self) -> None:
        """Ask when what must not come before something does: an end before its start."""
        for spec in self.skill.slots:
            if not spec.not_before or not {spec.name, spec.not_before} <= self.bound.keys():
                continue
            ends, begins = self.bound[spec.name].template, self.bound[spec.not_before].template
            if not isinstance(ends, Literal) or not isinstance(begins, Literal):
                continue
            end, begin = ends.value, begins.value
            if (
                isinstance(end, str) and isinstance(begin, str) and end < begin
            ):  # ISO 8601: the order of texts is that of time
                told = f"{end} is before {begin} ({spec.not_before.replace('_', ' ')}). {self._worded(spec.asks)}"
                raise Stop(Question(f"{self.prefix}{spec.name}", told))

    def _together(self) -> None:
        """Ask for what tells nothing without something else that was left unsaid: a period without the date it is of; and
        for one of several where none was said.
        """
        for spec in self.skill.slots:
            if spec.unless and all(self._unsaid(each) for each in (spec.name, *spec.unless)):
                raise Stop(Question(f"{self.prefix}{spec.name}", self._worded(spec.asks)))
            other = self.skill.slot(spec.along) if spec.along else None
            if other is not None and not self._unsaid(spec.name) and self._unsaid(other.name):
                options = tuple(Option(each.label, each.value) for each in other.choices)
                raise Stop(Question(f"{self.prefix}{other.name}", self._worded(other.asks), options))

    def _unsaid(self, slot: str) -> bool:
        return self.bound.get(slot, _NOTHING).template == Literal(None)

    def _own(self) -> set[str]:
        inner = [*(each.id for each in self.skill.lookups), *(each.id for each in self.skill.selects)]
        return {*self.skill.values, *inner, *(slot.name for slot in self.skill.slots)}

    async def _bind(self, name: str, *, reread: bool = False) -> None:
        """Make the name known: a value, a lookup, a selection, or a slot's default. `reread`: a selection over its slot."""
        over = next((each for each in self.skill.selects if each.id == name), None)
        if name in self.bound and not (reread and over and not self._is_read(name)):
            return
        if name in self.open:
            raise UsageError(f"skill {self.skill.name!r}: {' -> '.join([*self.open, name])} needs itself")
        self.open.append(name)
        lookup = next((each for each in self.skill.lookups if each.id == name), None)
        if over is not None:
            self.bound[name] = await self._select(over)
        elif lookup is not None:
            self.bound[name] = await self._lookup(lookup)
        elif name in self.skill.values:
            self.bound[name] = await self._value(self.skill.values[name])
        elif spec := self.skill.slot(name):
            self.bound[name] = await self._default(spec)
        self.open.pop()

    def _is_read(self, name: str) -> bool:
        return self.bound[name].provenance.source == "read"

    async def _value(self, template: Template) -> Binding:
        for name in names(template):
            if name in self._own() and name not in self.open:
                await self._bind(name)
        filled = fill(template, self.bound)
        parts = {path: self._origin(each, fill(each, self.bound), self.bound) for path, each in leaves(template)}
        if isinstance(template, Slot) and template.name in self.bound:
            parts = dict(self.bound[template.name].part(template.path).parts)
        return Binding(filled, self._origin(template, filled, self.bound), parts)

    async def _default(self, spec: SlotSpec) -> Binding:
        if spec.default is not None:
            return await self._value(spec.default)
        if spec.required:
            raise Stop(Question(spec.name, self._worded(spec.asks)))
        return Binding(Literal(None), Provenance("default", spec.name))

    async def _lookup(self, lookup: Lookup) -> Binding:
        key = await self._value(lookup.key)
        # A question about a slot is answered under the slot's name, and the answer is then the key by itself.
        own = bool(lookup.slot) and self.skill.slot(lookup.slot) is not None
        slot = f"{self.prefix}{lookup.slot if own else lookup.id}"
        text, value = ("", None) if own else self.ground.answers.get(slot, ("", None))
        said = value or text or _literal(key.template, f"the key of lookup {lookup.id!r}")
        rows = self.skill.tables[lookup.table]
        found = find_row(str(said), rows)
        if found is None:
            options = tuple(Option(each, each) for each in rows)
            asked = self._worded(lookup.question or "Which is meant?")
            raise Stop(Question(slot, f"{said!r} is not among the {lookup.table}. {asked}", options))
        return Binding(Literal(rows[found]), Provenance("skill", self.skill.name))

    async def _select(self, select: Select) -> Binding:
        taken: list[Binding] = [await self._value(each) for each in select.arguments.values()]
        arguments = {
            name: _literal(each.template, f"argument {name!r} of select {select.id!r}")
            for name, each in zip(select.arguments, taken, strict=True)
            if each.template != Literal(None)  # of an optional slot for which nothing was said
        }
        result = await self.ground.reader.read(select.tool, arguments)
        asks = replace(select, several=self._worded(select.several), none=self._worded(select.none))
        said = ", ".join(str(each) for each in arguments.values())

        async def value_of(template: Template) -> Json:
            return _literal((await self._value(template)).template, f"select {select.id!r}")

        asked = Asked(value_of, self.ground.answers, self.prefix, self.ground.goal.zone, said)
        return Binding(Literal(await selected(asks, result, asked)), Provenance("read", f"{select.tool}: {said}"))

    def _worded(self, text: str) -> str:
        return worded(
            text, {name: each.template.value for name, each in self.bound.items() if isinstance(each.template, Literal)}
        )

    async def _turns(self, step: SkillStep) -> list[tuple[str, Binding | None]]:
        """The names under which the step is made, with the item of each."""
        if step.each is None:
            return [(f"{self.prefix}{step.id}", None)]
        over = await self._value(step.each.over)
        items = _literal(over.template, f"the loop of step {step.id!r}")
        if isinstance(items, str) or not isinstance(items, Sequence):
            raise UsageError(f"skill {self.skill.name!r}: step {step.id!r} loops over something that is no list")
        if len(items) > step.each.most:
            reason = f"{self.skill.name}: {len(items)} rows were found for {step.id}, and {step.each.most} is the most"
            raise Stop(Abstention(reason, (self.skill.name,), "narrow it down, or raise max in the skill"))
        return [
            (f"{self.prefix}{step.id}_{place + 1}", replace(over.part((str(place),)), template=Literal(item)))
            for place, item in enumerate(items)
        ]

    async def _step(self, step: SkillStep, name: str, item: Binding | None, depth: int) -> tuple[Step, ...]:
        known = dict(self.bound) | {each: self._result(each) for each in self.steps if each not in self._own()}
        if item is not None and step.each is not None:
            known[step.each.item] = item
        guard = _guard(step.guard, known)
        if guard is False:
            return ()
        needs = tuple(each for need in step.needs for each in self.steps[need])
        if step.skill:
            return await self._inner(step, name, known, (guard, needs), depth)
        meant = {argument: self._said(each, known) for argument, each in step.arguments.items()}
        filled = {argument: fill(each, known) for argument, each in meant.items()}
        # An optional slot that nothing was said for leaves its argument out.
        kept = {argument: each for argument, each in filled.items() if each != Literal(None)}
        origins = {argument: self._origin(meant[argument], each, known) for argument, each in kept.items()}
        why = step.why or self.skill.description
        return (Step(StepId(name), step.tool, kept, needs, guard or None, why, origins),)

    def _said(self, template: Template, known: Mapping[str, Binding]) -> Template:
        """Leave out of a list or an object what is made of an optional slot for which nothing was said."""

        def unsaid(each: Template) -> bool:
            parts = each.of.values() if isinstance(each, Fields) else (each,)
            return any(self._left_open(part, known) for part in parts)

        match template:
            case Items(of):
                return Items(tuple(self._said(each, known) for each in of if not unsaid(each)))
            case Fields(of):
                return Fields({name: self._said(each, known) for name, each in of.items() if not unsaid(each)})
            case _:
                return template

    def _left_open(self, part: Template, known: Mapping[str, Binding]) -> bool:
        """Tell whether it is nothing, because it is made of an optional slot that nothing was said for."""
        specs = [self.skill.slot(each.name) for each in slots(part)]
        said = [each for each in specs if each is not None and not each.required]
        unsaid = [each for each in said if each.open_ended or self._unsaid(each.name)]
        return bool(unsaid) and fill(part, known) == Literal(None)

    async def _inner(
        self,
        step: SkillStep,
        name: str,
        known: Mapping[str, Binding],
        limits: tuple[Guard | None, tuple[StepId, ...]],
        depth: int,
    ) -> tuple[Step, ...]:
        if step.skill not in self.ground.skills:
            raise UsageError(f"skill {self.skill.name!r} uses {step.skill!r}{hint(step.skill, self.ground.skills)}")
        given = {}
        for slot, template in step.arguments.items():
            value = fill(template, known)
            given[slot] = Binding(value, self._origin(template, value, known))
        inner = Expansion(self.ground.skills[step.skill], given, self.ground, f"{name}_")
        guard, needs = limits
        return tuple(
            replace(each, needs=tuple(dict.fromkeys((*each.needs, *needs))), guard=each.guard or guard)
            for each in await inner.run(depth + 1)
        )

    def _result(self, step: str) -> Binding:
        """What `$step` means: its result; of a loop the list of results; of a skill its steps' results by name."""
        made, name = self.steps[step], f"{self.prefix}{step}"
        own = next(each for each in self.skill.steps if each.id == step)
        template: Template = Reference(name)
        if own.skill:
            template = Fields({each.removeprefix(f"{name}_"): Reference(each) for each in made})
        elif own.each is not None:
            template = Items(tuple(Reference(each) for each in made))
        return Binding(template, Provenance("result", name))

    def _origin(self, template: Template, filled: Template, known: Mapping[str, Binding]) -> Provenance:
        taken = [known[slot.name].part(slot.path).provenance for slot in slots(template) if slot.name in known]
        return origin(taken, filled, self.skill.name)


def _guard(guard: SkillGuard | None, known: Mapping[str, Binding]) -> Guard | None | typing.Literal[False]:
    """None: no condition is left. False: it does not hold. Otherwise it is decided when the results are there."""
    if guard is None:
        return None
    right = None if guard.right is None else fill(guard.right, known)
    made = Guard(fill(guard.left, known), guard.comparison, right)
    if isinstance(made.left, Literal) and (right is None or isinstance(right, Literal)):
        return None if holds(made, {}) else False
    return made


def _settled(made: Sequence[Step], skill: str, prefix: str, steps: Sequence[str]) -> tuple[Step, ...]:
    """Refuse references to steps that a condition left out; references to the level above are its own business."""
    ids = {str(step.id) for step in made}
    for step in made:
        for each in (*step.arguments.values(), *([step.guard.left] if step.guard else [])):
            for ref in references(each):
                if ref.step not in ids and any(ref.step == f"{prefix}{own}" for own in steps):
                    raise UsageError(
                        f"skill {skill!r}: step {step.id!r} takes a result of {ref.step!r}, which is left out"
                    )
    return tuple(made)


def _literal(template: Template, what: str) -> Json:
    if isinstance(template, Literal):
        return template.value
    raise UsageError(f"{what} must be known while planning; it depends on the result of a step")


def _of_goal(goal: Goal) -> Binding:
    facts = {
        "by": str(goal.by),
        "zone": goal.zone,
        "said_on": goal.local_time.date().isoformat(),
        "said_at": goal.local_time.isoformat(),
        "text": goal.text,
    }
    return Binding(Literal(facts), Provenance("caller", "the goal"))


def _all_templates(skill: Skill) -> Iterator[Template]:
    yield from skill.values.values()
    for step in skill.steps:
        yield from step.arguments.values()
        if step.each is not None:
            yield step.each.over
        if step.guard is not None:
            yield from (step.guard.left, *([step.guard.right] if step.guard.right else []))


def _as_known(said: Provenance, kind: str, entities: Sequence[Entity]) -> Provenance:
    """Where a value came from that is known by the words: which connection holds it, and when it was read."""
    names = ", ".join(each.name for each in entities)
    sources = "; ".join(dict.fromkeys(each.source for each in entities if each.source))
    told = f"{said.text} ({kind} {names}{f', of {sources}' if sources else ''})"
    return replace(said, text=told, source="known" if said.source == "words" and entities else said.source)
