"""Compound goals: several requests in one sentence, each matched and bound on its own, joined into one plan.

All of it is done or none: where one clause has no skill or tool, that clause is named and nothing is planned.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from doer.domain.goal import Abstention, Answer, Goal, Question
from doer.domain.plan import Guard, Plan, Step
from doer.domain.ports import Reader
from doer.domain.template import Fields, Items, Literal, Reference, Slot, Template, Transform, references
from doer.domain.value import Provenance, StepId
from doer.planning.bind import Binding
from doer.planning.compound.refer import Antecedent, Done, antecedents, pointers, readings, takes
from doer.planning.matching.match import ACCEPTED, Fit
from doer.planning.matching.pick import MEANT
from doer.planning.matching.space import Chosen, Space
from doer.planning.schema import mapping
from doer.planning.skills.slots import SlotSpec
from doer.planning.stop import Stop
from doer.planning.words.clauses import Clause
from doer.planning.words.utterance import Put, Utterance


@dataclass(frozen=True, slots=True)
class Joining:
    """The clauses of one goal on their way to one plan."""

    space: Space
    goal: Goal
    reader: Reader
    left: Sequence[str]
    answers: Sequence[Answer]

    async def plan(self, parts: Sequence[Clause]) -> tuple[tuple[Step, ...], tuple[Chosen, ...]]:
        """Return the steps of all clauses. Raises Stop with a question that names its clause."""
        done: list[Done] = []
        for clause in parts:
            try:
                done.append(await self._one(clause, done))
            except Stop as stopped:
                raise Stop(self._named(clause, stopped.proposal), absent=stopped.absent) from stopped
        return tuple(step for each in done for step in each.steps), tuple(each.chosen for each in done)

    def _named(self, clause: Clause, proposal: Question | Abstention) -> Question | Abstention:
        words = self.goal.text[slice(*clause.span)].strip()
        if isinstance(proposal, Abstention):
            return replace(proposal, reason=f"for {words!r}: {proposal.reason}. Half of it is not done")
        return replace(proposal, slot=f"{clause.number}.{proposal.slot}", text=f"For {words!r}: {proposal.text}")

    async def _one(self, clause: Clause, earlier: Sequence[Done]) -> Done:
        answers = _of_clause(clause, self.answers)
        known = antecedents(earlier)
        chosen = self._chosen(clause, known, answers)
        more = _left_open(chosen, earlier, known)
        try:
            bound = self.space.bindings(chosen, more)
        except Stop as stopped:
            raise Stop(_offering(chosen, stopped.proposal, known)) from stopped
        bound = {name: _live(each, known, chosen) for name, each in bound.items()}
        steps = await self.space.steps(chosen, bound, self.goal, self.reader)
        taken = {step.id for each in earlier for step in each.steps}
        steps = renamed(steps, clause.number, taken)
        steps = _after(steps, earlier, _needed(clause, bound, earlier, known))
        results = {each.name: mapping(mapping(each.result).get("properties")) for each in self.space.tools}
        return Done(clause, chosen, bound, steps, {name: dict(each) for name, each in results.items()})

    def _chosen(self, clause: Clause, known: Sequence[Antecedent], answers: Sequence[Answer]) -> Chosen:
        """The unit of a clause, with what points back replaced by what it means. Raises Stop where that is doubtful."""
        said = self.space.hear(self.goal, self.left, clause.span)
        plain, stopped = self._plain(said, answers)
        fits = [plain.fit] if plain is not None else _asked_about(self.space.fits(said, answers), stopped)[:1]
        back = pointers(said, [way.span for each in fits for way in each.assignment.chosen.values()])
        found: list[_Reading] = []
        for reading in readings(back, known) if back else ():
            meant = tuple(each for _, each, _ in reading)
            made = self._with(clause, tuple(put for _, _, put in reading), answers, plain)
            found += [_Reading(meant, each, _fits(each, meant)) for each in made]
        best = max((each.well for each in found), default=0)
        found = [each for each in found if each.well == best > 0]
        units = {each.made.unit.name for each in found}
        if not found or (stopped is not None and len(units) > 1):
            if stopped is not None:
                raise stopped
            assert plain is not None
            return plain
        if len({tuple(str(each.template) for each in one.meant) for one in found}) == 1:
            return found[0].made
        raise Stop(_which(found, back[0].text))

    def _plain(self, said: Utterance, answers: Sequence[Answer]) -> tuple[Chosen | None, Stop | None]:
        """The unit that the words alone mean; or why that is not plain: what points back may make it so."""
        try:
            return self.space.choose(said, answers), None
        except Stop as stopped:
            return None, stopped

    def _with(
        self, clause: Clause, puts: Sequence[Put], answers: Sequence[Answer], plain: Chosen | None
    ) -> Iterator[Chosen]:
        """Yield the units that may be meant with these words in the place of those that point back."""
        said = self.space.hear(self.goal, self.left, clause.span, puts)
        try:
            options = [self.space.choose(said, answers)]
        except Stop as stopped:
            asked = stopped.proposal if isinstance(stopped.proposal, Question) else None
            names = [str(each.value) for each in asked.options] if asked and asked.slot == MEANT else []
            fits = [each for each in self.space.fits(said, answers) if each.profile.unit.name in names]
            options = [Chosen(each, said, tuple(fits), tuple(answers)) for each in fits if each.score >= ACCEPTED]
        for made in options:
            if plain is None:
                worse = bool(made.fit.missing) or not made.fit.whole
            else:
                worse = len(made.fit.missing) > len(plain.fit.missing) or (plain.fit.whole and not made.fit.whole)
            if not worse:
                yield made


@dataclass(frozen=True, slots=True)
class _Reading:
    """A clause with what its words point back to."""

    meant: tuple[Antecedent, ...]
    made: Chosen
    well: int


def _asked_about(fits: Sequence[Fit], stopped: Stop | None) -> list[Fit]:
    """The fits that a question of what is meant offers, in its order; all of them where it is another question."""
    asked = stopped.proposal if stopped is not None else None
    if not isinstance(asked, Question) or asked.slot != MEANT:
        return list(fits)
    by_name = {each.profile.unit.name: each for each in fits}
    return [by_name[str(each.value)] for each in asked.options if str(each.value) in by_name] or list(fits)


def _fits(made: Chosen, meant: Sequence[Antecedent]) -> int:
    """Tell how well the values that were put in stand in slots that may hold them; 0: not at all."""
    specs = {slot.name: slot for slot in made.unit.slots}
    ways = made.fit.assignment.chosen
    placed = [span for span, _ in made.said.puts]
    held = [
        max(
            (takes(specs[name], each) for name, way in ways.items() if way.span[0] < span[1] and span[0] < way.span[1]),
            default=0,
        )
        for span, each in zip(placed, meant, strict=True)
    ]
    return min(held, default=0)


def _which(found: Sequence[_Reading], word: str) -> Question:
    made = found[0].made
    span = made.said.puts[0][0]
    ways = made.fit.assignment.chosen
    slot = next(name for name, way in ways.items() if way.span[0] < span[1] and span[0] < way.span[1])
    options = {str(each.meant[0].value): each.meant[0].option for each in found}
    return Question(slot, f"What does {word!r} mean?", tuple(options.values()))


def _of_clause(clause: Clause, answers: Sequence[Answer]) -> tuple[Answer, ...]:
    mark = f"{clause.number}."
    return tuple(replace(each, slot=each.slot.removeprefix(mark)) for each in answers if each.slot.startswith(mark))


def _left_open(chosen: Chosen, earlier: Sequence[Done], known: Sequence[Antecedent]) -> dict[str, Binding]:
    """What a clause leaves out and an earlier one said of a slot of the same name and type: `… and push`."""
    more: dict[str, Binding] = {}
    for spec in chosen.fit.missing:
        same = [each for each in known if each.slot == spec.name and takes(spec, each)]
        if len(same) == 1 and spec.type in {"path", "person", "email", "identifier", "url", "text"}:
            value = [same[0].value] if spec.many else same[0].value
            origin = Provenance("words", f"left out here: {same[0].text}", *same[0].span)
            more[spec.name] = Binding(Literal(value), origin)
        elif not same and (issued := _result_for(spec, earlier)) is not None:
            more[spec.name] = issued
    return more


def _result_for(spec: SlotSpec, earlier: Sequence[Done]) -> Binding | None:
    """The one field of an earlier result that a slot is named after: `event_id` is the `id` of what made an event."""
    found: list[Reference] = []
    for done in earlier:
        for step in done.steps:
            for name in done.results.get(step.tool, {}):
                whole = spec.name == name and name not in {"id", "path", "ok", "status", "count"}
                kind = spec.name.removesuffix(f"_{name}")
                if whole or (kind != spec.name and kind in step.tool):
                    found.append(Reference(step.id, (name,)))
    return Binding(found[0], Provenance("result", found[0].step)) if len(found) == 1 else None


def _offering(chosen: Chosen, proposal: Question | Abstention, known: Sequence[Antecedent]) -> Question | Abstention:
    """A question about a slot, with the values of earlier clauses among its likely answers."""
    spec = (
        next((slot for slot in chosen.unit.slots if slot.name == proposal.slot), None)
        if isinstance(proposal, Question)
        else None
    )
    if spec is None or not isinstance(proposal, Question):
        return proposal
    values = [option.value for option in proposal.options]
    more = [each.option for each in known if takes(spec, each) and each.value not in values]
    return replace(proposal, options=(*proposal.options, *more))


def _live(binding: Binding, known: Sequence[Antecedent], chosen: Chosen) -> Binding:
    """A value that an earlier step gives another place is the result of that step."""
    origins = [put.origin for _, put in chosen.said.puts]
    if binding.provenance not in origins or not isinstance(binding.template, Literal):
        return binding
    value = binding.template.value
    many = isinstance(value, list | tuple)
    one = value[0] if isinstance(value, list | tuple) and len(value) == 1 else value
    template = next((each.template for each in known if each.value == one), binding.template)
    if not isinstance(template, Reference):
        return binding
    return Binding(Items((template,)) if many else template, Provenance("result", template.step))


def _needed(
    clause: Clause, bound: Mapping[str, Binding], earlier: Sequence[Done], known: Sequence[Antecedent]
) -> frozenset[int]:
    """The clauses that must be done first: those that it takes something from or speaks of, and where the words say so."""
    values = {
        each.template.value
        for each in bound.values()
        if isinstance(each.template, Literal) and isinstance(each.template.value, str)
    }
    values |= {
        each
        for one in bound.values()
        if isinstance(one.template, Literal) and isinstance(one.template.value, list | tuple)
        for each in one.template.value
        if isinstance(each, str)
    }
    needed = {each.clause for each in known if each.value in values}
    steps = {ref.step for each in bound.values() for ref in references(each.template)}
    needed |= {done.clause.number for done in earlier if any(step.id in steps for step in done.steps)}
    if clause.later or (clause.number > 1 and not bound):
        needed.add(clause.number - 1)  # `… and push`: with nothing of its own it goes on with what was before
    return frozenset(needed)


def _after(steps: Sequence[Step], earlier: Sequence[Done], needed: frozenset[int]) -> tuple[Step, ...]:
    before = tuple(step.id for done in earlier if done.clause.number in needed for step in done.steps)
    return tuple(replace(step, needs=tuple(dict.fromkeys((*step.needs, *before)))) for step in steps)


def joined(plans: Sequence[Plan], title: str) -> Plan:
    """Return one plan of several, each as sure as the least sure; a step is named by the number of its plan too."""
    steps = (
        each
        for number, plan in enumerate(plans, 1)
        for each in renamed(plan.steps, number, {step.id for step in plan.steps})
    )
    used = {name: digest for plan in plans for name, digest in plan.manifests.items()}
    least = min(plan.confidence for plan in plans)
    return replace(plans[0], steps=tuple(steps), title=title, manifests=used, confidence=least)


def renamed(steps: Sequence[Step], number: int, taken: set[StepId]) -> tuple[Step, ...]:
    """The steps under names that no earlier clause has."""
    names = {step.id: StepId(f"{step.id}_{number}") if step.id in taken else step.id for step in steps}
    if all(old == new for old, new in names.items()):
        return tuple(steps)
    return tuple(
        replace(
            step,
            id=names[step.id],
            arguments={name: _renaming(each, names) for name, each in step.arguments.items()},
            needs=tuple(names.get(each, each) for each in step.needs),
            guard=None if step.guard is None else _guard(step.guard, names),
        )
        for step in steps
    )


def _guard(guard: Guard, names: Mapping[StepId, StepId]) -> Guard:
    right = None if guard.right is None else _renaming(guard.right, names)
    return Guard(_renaming(guard.left, names), guard.comparison, right)


def _renaming(template: Template, names: Mapping[StepId, StepId]) -> Template:
    match template:
        case Reference(step, path):
            return Reference(names.get(StepId(step), StepId(step)), path)
        case Transform(name, of):
            return Transform(name, tuple(_renaming(each, names) for each in of))
        case Items(of):
            return Items(tuple(_renaming(each, names) for each in of))
        case Fields(fields):
            return Fields({name: _renaming(each, names) for name, each in fields.items()})
        case Literal() | Slot():
            return template
        case _:
            assert_never(template)
