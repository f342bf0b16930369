"""Space: the action space as planning sees it: which skill or tool a goal, or one clause of it, means, and its steps."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from doer.domain.action import Manifest
from doer.domain.goal import Abstention, Answer, Goal
from doer.domain.plan import Candidate, Step
from doer.domain.ports import Reader
from doer.domain.template import Literal
from doer.domain.value import Provenance, StepId
from doer.intent.text import stem
from doer.planning.answers import answered, declined_slots, given_by
from doer.planning.bind import Binding, worded
from doer.planning.doubt import doubts
from doer.planning.expand import Expansion, Ground
from doer.planning.match import Fit, fit
from doer.planning.pick import MEANT, pick, rank, refuse_mood
from doer.planning.profile import Profile, is_content, weights
from doer.planning.skills import Skill
from doer.planning.stop import Stop
from doer.planning.unit import Unit
from doer.planning.utterance import Put, Span, Utterance, hear, phrases_joined

_TRIED = 8


@dataclass(frozen=True, slots=True)
class Chosen:
    """The unit that is meant, what was said of it, and what else was considered."""

    fit: Fit
    said: Utterance
    fits: tuple[Fit, ...]
    answers: tuple[Answer, ...] = ()

    @property
    def unit(self) -> Unit:
        """The skill or tool."""
        return self.fit.profile.unit

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """What was considered; the choice is deterministic, so its propensity is 1 and that of all others 0."""
        rest = [each for each in self.fits if each is not self.fit]
        return tuple(
            Candidate(each.profile.unit.name, round(each.score, 4), 1.0 if each is self.fit else 0.0)
            for each in (self.fit, *rest)
        )

    @property
    def confidence(self) -> float:
        """Of the match."""
        return round(min(0.99, self.fit.score), 4)


class Space:
    """The units that a goal can be matched to, for one proposal."""

    __slots__ = ("profiles", "skills", "tools", "vocabulary", "weight")

    def __init__(self, profiles: Sequence[Profile], tools: Sequence[Manifest], skills: Mapping[str, Skill]) -> None:
        self.profiles, self.tools, self.skills = profiles, tools, skills
        self.weight = weights(profiles)
        self.vocabulary = frozenset(word for each in profiles for word in each.stems)

    def hear(
        self, goal: Goal, left_out: Sequence[str] = (), part: Span | None = None, puts: Sequence[Put] = ()
    ) -> Utterance:
        """Read a goal, or one clause of it, knowing the words of the units. Raises UsageError for invisible characters."""
        return hear(goal, left_out, lambda word: stem(word) in self.vocabulary, part, puts)

    def choose(self, said: Utterance, answers: Sequence[Answer] = ()) -> Chosen:
        """Return the unit that is meant. Raises Stop with a question or an abstention where there is none."""
        fits = self.fits(said, answers)
        refuse_mood(said, fits, confirmed=any(each.slot == MEANT for each in answers))
        chosen = pick(fits, answers)
        self._refuse_missing(chosen.profile.unit)
        return Chosen(chosen, said, tuple(fits), tuple(answers))

    def fits(self, said: Utterance, answers: Sequence[Answer] = ()) -> list[Fit]:
        """Hold the nearest units against what was said; best first."""
        joined = phrases_joined(said.words)
        stems = [(word.lower, each) for place, (word, each) in enumerate(joined) if place < 3 or is_content(word.lower)]
        kinds = {each.kind for each in said.atoms}

        def rough(each: Profile) -> float:
            by_words = sum(
                self.weight.get(s, 1.0) if s in each.strong else 0.5
                for w, s in stems
                if each.speaks(s) or each.meant(w, s)
            )
            wanted = [slot for slot in each.unit.slots if kinds & set(slot.kinds)]
            needed = sum(slot.required for slot in wanted)
            # A value of a kind of its own (a time, a person) speaks for a unit also where it need not be told.
            return by_words + 0.05 * needed + 0.04 * sum(s.type != "text" and not s.required for s in wanted)

        nearest = sorted(((rough(each), each) for each in self.profiles), key=lambda pair: -pair[0])[:_TRIED]
        meant = next((answer for answer in reversed(answers) if answer.slot == MEANT), None)
        if meant is not None:
            named = [each for each in self.profiles if each.unit.name in (meant.value, meant.text.strip())]
            nearest = [(1.0, each) for each in named] or nearest
        found = [
            fit(each, said, self.weight, answered(each, said, answers, self.weight))
            for score, each in nearest
            if score > 0
        ]
        return sorted(found, key=rank, reverse=True)

    def _refuse_missing(self, unit: Unit) -> None:
        """Raise Stop where a skill uses tools that are not connected."""
        if unit.skill is None:
            return
        wanted = sorted(_tools_of(unit.skill, self.skills) - {each.name for each in self.tools})
        if wanted:
            reason = f"{unit.name} fits, and it uses {', '.join(wanted)}, which is not connected here"
            raise Stop(Abstention(reason, (unit.name,), f"a connection with {wanted[0]}"))

    def bindings(self, chosen: Chosen, more: Mapping[str, Binding] | None = None) -> dict[str, Binding]:
        """Return the value of each slot that has one. Raises Stop with the first question that must be asked.

        `more` are values that come from elsewhere than from these words, for slots that they leave open.
        """
        given = {**(more or {}), **given_by(chosen.fit.profile, chosen.answers, chosen.said.goal)}
        left = declined_slots(chosen.fit.profile, chosen.answers)
        settled: dict[str, Sequence[Span]] = dict.fromkeys([*given, *left], ())
        question = next(doubts(chosen.fit, chosen.said, settled), None)
        if question is not None:
            values = {name: each.template.value for name, each in given.items() if isinstance(each.template, Literal)}
            said = {name: way.options[0].value for name, way in chosen.fit.assignment.chosen.items() if way.options}
            raise Stop(replace(question, text=worded(question.text, {**said, **values})))
        bound = dict(given)
        for name, way in chosen.fit.assignment.chosen.items():
            if name not in bound:
                bound[name] = Binding(Literal(way.options[0].value), chosen.said.origin(way.span))
        _add_currency(chosen, bound)
        return bound

    async def steps(self, chosen: Chosen, bound: Mapping[str, Binding], goal: Goal, reader: Reader) -> tuple[Step, ...]:
        """Return the literal steps. Raises Stop with what must be asked."""
        unit = chosen.unit
        if unit.skill is None:
            return (_one_step(unit, bound, chosen.confidence),)
        texts = {each.slot: (each.text, each.value) for each in chosen.answers}
        steps = await Expansion(unit.skill, bound, Ground(goal, reader, self.skills, texts)).run()
        return tuple(replace(step, confidence=chosen.confidence) for step in steps)


def _tools_of(skill: Skill, skills: Mapping[str, Skill]) -> set[str]:
    used = {step.tool for step in skill.steps if step.tool} | {select.tool for select in skill.selects}
    return used.union(*(_tools_of(skills[step.skill], skills) for step in skill.steps if step.skill))


def _add_currency(chosen: Chosen, bound: dict[str, Binding]) -> None:
    """An amount that fills a number gives its currency to the slot of that name."""
    if "currency" in bound or "currency" not in {slot.name for slot in chosen.unit.slots}:
        return
    for way in chosen.fit.assignment.chosen.values():
        for mention in chosen.said.atoms:
            value = mention.value
            if mention.kind == "amount" and (mention.start, mention.end) == way.span and isinstance(value, Mapping):
                bound["currency"] = Binding(Literal(value["currency"]), chosen.said.origin(way.span))


def _one_step(unit: Unit, bound: Mapping[str, Binding], confidence: float) -> Step:
    name = re.sub(r"\W+", "_", unit.name.rsplit(".", 1)[-1]).strip("_") or "step"
    arguments = {slot: binding.template for slot, binding in bound.items()}
    origins: dict[str, Provenance] = {slot: binding.provenance for slot, binding in bound.items()}
    return Step(StepId(name), unit.name, arguments, (), None, unit.description, origins, confidence)
