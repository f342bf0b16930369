"""Space: the action space as planning sees it: which skill or tool a goal, or one clause of it, means, and its steps."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from doer.domain.action import Manifest
from doer.domain.goal import Abstention, Answer, Goal, Question
from doer.domain.plan import Candidate, Step
from doer.domain.ports import Reader
from doer.domain.template import Literal
from doer.domain.value import Provenance, StepId
from doer.intent.text import stem
from doer.planning.bind import Binding, worded
from doer.planning.matching.answers import answered, declined_slots, given_by
from doer.planning.matching.doubt import doubts
from doer.planning.matching.lexicon import Lexicon
from doer.planning.matching.match import ACCEPTED, Fit, fit
from doer.planning.matching.pick import MEANT, pick, rank, refuse_mood
from doer.planning.matching.profile import Profile, is_content
from doer.planning.matching.spoken import Spoken
from doer.planning.matching.torn import swallowed, torn
from doer.planning.skills.expand import Expansion, Ground
from doer.planning.skills.skill import Skill
from doer.planning.skills.unit import Unit
from doer.planning.stop import Stop
from doer.planning.words.utterance import Put, Span, Utterance, hear

_TRIED = 20
_THIRD_PERSONS = frozenset({"his", "her", "their", "him", "them", "he", "she", "hers", "theirs"})


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

    __slots__ = ("_fitted", "_heard", "_told", "lexicon", "skills", "tools")

    def __init__(self, lexicon: Lexicon, tools: Sequence[Manifest], skills: Mapping[str, Skill]) -> None:
        self.lexicon, self.tools, self.skills = lexicon, tools, skills
        # A clause is looked at several times, as a part of one way to divide the goal and of another.
        self._heard: dict[tuple[Goal, tuple[str, ...], Span | None], Utterance] = {}
        self._told: dict[tuple[str, str], Sequence[float]] = {}
        self._fitted: dict[int, tuple[Utterance, list[Fit]]] = {}

    def hear(
        self, goal: Goal, left_out: Sequence[str] = (), part: Span | None = None, puts: Sequence[Put] = ()
    ) -> Utterance:
        """Read a goal, or one clause of it, knowing the words of the units. Raises UsageError for invisible characters."""
        if puts:
            return hear(goal, left_out, self._is_known, part, puts)
        key = (goal, tuple(left_out), None if part == (0, len(goal.text)) else part)
        if key not in self._heard:
            self._heard[key] = hear(goal, left_out, self._is_known, part)
        return self._heard[key]

    def _is_known(self, word: str) -> bool:
        return stem(word) in self.lexicon.stems

    def choose(self, said: Utterance, answers: Sequence[Answer] = ()) -> Chosen:
        """Return the unit that is meant. Raises Stop with a question or an abstention where there is none."""
        fits = self.fits(said, answers)
        if said.mood.asks_about:  # what asks is answered by reading, or not at all
            fits = [each for each in fits if each.profile.unit.reads and each.score >= ACCEPTED] or fits
        refuse_mood(said, fits, confirmed=any(each.slot == MEANT for each in answers))
        chosen = pick(fits, answers)
        self._refuse_missing(chosen.profile.unit)
        return Chosen(chosen, said, tuple(fits), tuple(answers))

    def fits(self, said: Utterance, answers: Sequence[Answer] = ()) -> list[Fit]:
        """Hold the nearest units against what was said; best first."""
        if answers:
            return self._fit_all(said, answers)
        if id(said) not in self._fitted:
            self._fitted[id(said)] = (said, self._fit_all(said, ()))
        return list(self._fitted[id(said)][1])

    def _fit_all(self, said: Utterance, answers: Sequence[Answer]) -> list[Fit]:
        joined = said.joined
        stems = [(word.lower, each) for place, (word, each) in enumerate(joined) if place < 3 or is_content(word.lower)]
        kinds, weight = {each.kind for each in said.atoms}, self.lexicon.weight

        columns = [self._spoken(word, each) for word, each in stems]

        def rough(place: int, each: Profile) -> float:
            by_words = sum(column[place] for column in columns)
            wanted = [slot for slot in each.unit.slots if kinds & set(slot.kinds)]
            needed = sum(slot.required for slot in wanted)
            # A value of a kind of its own (a time, a person) speaks for a unit also where it need not be told.
            return by_words + 0.05 * needed + 0.04 * sum(s.type != "text" and not s.required for s in wanted)

        every = ((rough(place, each), each) for place, each in enumerate(self.lexicon.profiles))
        ranked = sorted(every, key=lambda pair: -pair[0])
        # Small words tell nothing apart (`the lunch is off`), and yet a sentence may be made of them.
        follows = Spoken.of(said.words).may_follow
        nearest = [pair for pair in ranked[:_TRIED] if pair[0] > 0]
        nearest += [pair for pair in ranked[len(nearest) :] if any(map(follows, pair[1].musts))]
        meant = next((answer for answer in reversed(answers) if answer.slot == MEANT), None)
        if meant is not None:
            named = [each for each in self.lexicon.profiles if each.unit.name in (meant.value, meant.text.strip())]
            nearest = [(1.0, each) for each in named] or nearest
        found = [fit(each, said, weight, answered(each, said, answers, weight)) for _, each in nearest]
        return sorted(found, key=rank, reverse=True)

    def _spoken(self, word: str, stem: str) -> Sequence[float]:
        """What a word says for each unit; 0 for one that knows nothing of it."""
        if (word, stem) not in self._told:
            own, profiles = self.lexicon.weight.of(stem), self.lexicon.profiles
            self._told[word, stem] = [
                (own if stem in each.strong else 0.5)
                if each.speaks(stem) or stem in each.in_view or each.meant(word, stem)
                else 0.0
                for each in profiles
            ]
        return self._told[word, stem]

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
        question = next(doubts(chosen.fit, chosen.said, settled), None) or torn(chosen.fit, chosen.said, settled)
        every = (each.unit for each in self.lexicon.profiles)
        question = question or swallowed(chosen.fit, chosen.said, settled, every)
        if question is not None:
            values = {name: each.template.value for name, each in given.items() if isinstance(each.template, Literal)}
            said = {name: way.options[0].value for name, way in chosen.fit.assignment.chosen.items() if way.options}
            raise Stop(replace(question, text=worded(question.text, {**said, **values})))
        _refuse_nobody(chosen, given.keys())
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


def _refuse_nobody(chosen: Chosen, given: AbstractSet[str]) -> None:
    """Raise Stop where `his` or `them` is said, somebody could be told, and nobody is: `cancel his meetings` are not all."""
    told = given | chosen.fit.assignment.chosen.keys()
    people = [each for each in chosen.unit.slots if each.type == "person" or each.known == "person"]
    taken = [span for way in chosen.fit.assignment.chosen.values() for span in (way.span, *way.taken)]
    words = (each for each in chosen.said.words if each.lower in _THIRD_PERSONS)
    free = [each for each in words if not any(start <= each.start < end for start, end in taken)]
    if free and people and not any(each.name in told for each in people):
        raise Stop(Question(people[0].name, f"Who is meant by {free[0].text!r}?"))


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
