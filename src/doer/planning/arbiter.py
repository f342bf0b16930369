"""The arbiter: two planners propose side by side. The first one's plan stands; what it asks, the second may settle or suggest.

The first knows what is forbidden, only told and doubtful, the second how likely its reading is. A question of the first is
settled where the second, without knowing of it, has proposed at a high confidence what the first would plan with that
answer: the same calls with the same arguments. Only words of the sentence settle anything, and only content: a
destination, an authority, a date, an amount, a number or a list is a person's to say, and so is which of several is meant.
An id that the first asks for stands where a read told it to the second (`lookup.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from doer.domain.action import Manifest
from doer.domain.goal import CORRECTION, Answer, Declined, Goal, NotAsked, Option, Question
from doer.domain.plan import Plan, Step
from doer.domain.ports import Planner, Proposal, Reader
from doer.domain.template import Literal, Template
from doer.domain.value import Json, Provenance
from doer.intent.grounder import Grounder
from doer.planning.accounted.planner import PLANNER, accounted, accounted_if
from doer.planning.lookup.conditioned import IF, conditioned
from doer.planning.lookup.tools import is_key, keys_of
from doer.planning.matching.doubt import LEAVE_OUT
from doer.planning.matching.pick import MEANT
from doer.planning.thresholds import SETTLES

_MOST_TRIED: Final = 6
_NOT_ASKED: Final = frozenset({LEAVE_OUT, "parts", IF})
"""Questions to which no reading of the words is an answer: whether to drop some of them, and whether something is so."""


@dataclass(frozen=True, slots=True)
class Arbiter:
    """A `Planner` made of two. What the first abstains from is left to whoever is asked next."""

    first: Planner
    second: Planner
    """One that tells how sure it is."""
    settles: float = SETTLES

    async def propose(
        self, goal: Goal, answers: Sequence[Answer], tools: Sequence[Manifest], reader: Reader
    ) -> Proposal:
        """Return what the first says; of its question, what came of weighing it. Raises UsageError as the two do."""
        asked = await self.first.propose(goal, answers, tools, reader)
        if isinstance(asked, Declined | NotAsked) or (isinstance(asked, Plan) and _guessed(asked, tools)):
            # Its words may be a reason, or what a row is called.
            whole = await accounted(goal, answers, tools, reader) or await accounted_if(goal, answers, tools, reader)
            return whole if isinstance(whole, Plan | Declined) else asked
        if not isinstance(asked, Question) or asked.slot.startswith(CORRECTION):
            return asked
        if asked.slot == IF:  # what a read of the person's own tells need not be asked
            decided = await conditioned(goal, answers, tools, reader, self.second.propose)
            if isinstance(decided, Plan | Declined):
                return decided
            told = await accounted_if(goal, answers, tools, reader)
            return told if isinstance(told, Plan | Declined) else decided or asked
        other = await self.second.propose(goal, answers, tools, reader)
        if not isinstance(other, Plan) or other.planner == PLANNER:
            return asked if not isinstance(other, Plan) else other
        suggested = _suggested(asked, other)
        if other.confidence < self.settles:
            return suggested
        if is_key(asked.slot) and _told(asked.slot, other) and len({each.tool for each in other.steps}) == 1:
            return other  # it asks for what nobody knows by heart, and the rows that agree with every word were read
        weighed = _Weighed(other, goal, answers, {each.name: each for each in tools})
        tried = [
            plan
            for each in _answers(asked, other)
            if isinstance(plan := await self.first.propose(goal, (*answers, each), tools, reader), Plan)
        ]
        both = (weighed.of_both(plan, asked) for plan in tried)
        settled = {each.digest: each for each in both if each is not None}
        if len(settled) == 1:
            return next(iter(settled.values()))
        return suggested if settled or _base(asked) == MEANT else _which(tried, asked, other) or suggested


def _guessed(plan: Plan, tools: Sequence[Manifest]) -> bool:
    """Tell whether plain words were taken for the id of a row."""
    keys = {each.name: keys_of(each) for each in tools}
    origins = [
        (step.provenance.get(name), step.arguments.get(name)) for step in plan.steps for name in keys.get(step.tool, ())
    ]
    return any(
        origin is not None
        and origin.source == "words"
        and isinstance(value, Literal)
        and str(value.value).replace(" ", "").isalpha()
        for origin, value in origins
    )


def _base(question: Question) -> str:
    """The slot without the number of the clause that it is in."""
    return question.slot.rpartition(".")[2]


def _answers(asked: Question, other: Plan) -> Iterator[Answer]:
    """What the other's reading says to the question, as a person would have answered it."""
    name = _base(asked)
    if name in _NOT_ASKED:
        return
    if name == MEANT:
        for option in asked.options[:_MOST_TRIED]:
            if option.value != "none":
                yield Answer(asked.slot, option.label, option.value)
        return
    read = list(_read(other))
    if asked.options:
        plain = (each for each in asked.options if isinstance(each.value, str))
        yield from (
            Answer(asked.slot, each.label, each.value)
            for each in plain
            if any(_same(each.value, value) for value, _ in read)
        )
        return
    yield from (
        Answer(asked.slot, text) for text in list(dict.fromkeys(origin.text for _, origin in read))[:_MOST_TRIED]
    )


def _read(plan: Plan) -> Iterator[tuple[Json, Provenance]]:
    """The values that a plan took from the words of the sentence itself."""
    for step in plan.steps:
        for name, origin in step.provenance.items():
            value = step.arguments.get(name)
            if origin.source == "words" and origin.start is not None and isinstance(value, Literal):
                yield value.value, origin


def _told(name: str, plan: Plan) -> dict[str, Json]:
    """What a read told for an argument: the row that it is, and its value."""
    return {
        origin.text: value.value
        for step in plan.steps
        for each, origin in step.provenance.items()
        if each == name and origin.source == "read" and isinstance(value := step.arguments.get(name), Literal)
    }


@dataclass(frozen=True, slots=True)
class _Weighed:
    """The other's plan, against which those of the first are held."""

    other: Plan
    goal: Goal
    answers: Sequence[Answer]
    tools: Mapping[str, Manifest]

    def of_both(self, plan: Plan, asked: Question) -> Plan | None:
        """The plan with the words that the other found, where both say the same; None where they do not."""
        if [each.tool for each in plan.steps] != [each.tool for each in self.other.steps]:
            return None
        steps = list[Step]()
        for step, seen in zip(plan.steps, self.other.steps, strict=True):
            made = self._worded(step, seen) if _agree(step, seen, self.tools[step.tool]) else None
            if made is None:
                return None
            steps.append(made)
        if _base(asked) != MEANT and tuple(steps) == plan.steps:
            return None  # what was answered stands nowhere: it led to something else
        by = f"{plan.planner}, seconded by {self.other.planner}"
        return replace(plan, steps=tuple(steps), planner=by, confidence=min(plan.confidence, self.other.confidence))

    def _worded(self, step: Step, seen: Step) -> Step | None:
        """The step with the origin of what the other settled; None where that is not the other's to say."""
        origins = dict(step.provenance)
        for name, origin in step.provenance.items():
            if origin.source != "answer" or origin.text in {each.text for each in self.answers}:
                continue
            value, found = step.arguments.get(name), seen.provenance.get(name)
            text = isinstance(value, Literal) and isinstance(value.value, str)
            if found is None or not (text and _is_content(self.tools[step.tool], name) and self._is_prose(found)):
                return None
            origins[name] = found
        return replace(step, provenance=origins)

    def _is_prose(self, origin: Provenance) -> bool:
        """Tell whether words of the sentence are no more than words: no name, day, time, amount, number, path or address."""
        start, end = origin.start, origin.end
        if origin.source != "words" or start is None or end is None:
            return False
        mentions = Grounder.of(self.goal).mentions(self.goal.text)
        typed = [each for each in mentions if each.kind != "quoted"]
        return not any(each.start <= start and end <= each.end for each in typed)


def _agree(step: Step, seen: Step, tool: Manifest) -> bool:
    """Tell whether the other proposes nothing else, and leaves out nothing that decides where it leads."""
    needed = {*seen.arguments, *(name for name in step.arguments if not _is_content(tool, name))}
    return all(_alike(step.arguments.get(name), seen.arguments.get(name)) for name in needed)


def _is_content(tool: Manifest, name: str) -> bool:
    return tool.roles.get(name, "content") == "content"


def _alike(one: Template | None, other: Template | None) -> bool:
    if isinstance(one, Literal) and isinstance(other, Literal):
        return _same(one.value, other.value)
    return one is not None and one == other


def _same(one: Json, other: Json) -> bool:
    """Tell whether two values are one, whatever the case of texts; one text is as good as a list of it."""
    if isinstance(one, str) and isinstance(other, str):
        return one.strip().casefold() == other.strip().casefold()
    lists = [[each] if isinstance(each, str) else each for each in (one, other)]
    if all(isinstance(each, Sequence) for each in lists):
        ours, theirs = (list(each) if isinstance(each, Sequence) else [] for each in lists)
        return len(ours) == len(theirs) and all(map(_same, ours, theirs))
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _which(tried: Sequence[Plan], asked: Question, other: Plan) -> Question | None:
    """The question which of two tools is meant, where with an answer the first would call another than the other would."""
    ours = {each.planner: each.steps[0].why for each in tried if " + " not in each.planner}
    theirs = {each.tool for each in other.steps}
    if len(ours) != 1 or len(theirs) != 1 or any(theirs & {step.tool for step in each.steps} for each in tried):
        return None
    (name, why), (tool,) = next(iter(ours.items())), theirs
    options = (Option(f"{name}: {why}", name), Option(f"{tool}, as {other.planner} reads it", tool))
    slot = f"{asked.slot.rpartition('.')[0]}.{MEANT}".lstrip(".")
    return Question(slot, "What is meant?", (*options, Option("none of these", "none")))


def _suggested(asked: Question, other: Plan) -> Question:
    """The question with what the other thinks as its first option, said to be no more than that."""
    if _base(asked) in _NOT_ASKED:
        return asked
    values = [value for value, _ in _read(other)] + [step.tool for step in other.steps]
    liked = [each for each in asked.options if each.value != "none" and any(_same(each.value, one) for one in values)]
    if not asked.options:
        own = {
            origin.text: None
            for step in other.steps
            for name, origin in step.provenance.items()
            if name == _base(asked) and origin.source == "words" and origin.start is not None
        }
        liked = [Option(text, value) for text, value in {**own, **_told(_base(asked), other)}.items()]
    if len(liked) != 1:
        return asked
    rest = tuple(each for each in asked.options if each is not liked[0])
    text = f"{asked.text} ({other.planner} suggests: {liked[0].label})"
    return replace(asked, text=text, options=(*liked, *rest))
