"""Otherwise: where a goal as it was said is no plan, the same goal in other words may be one; where they disagree, none is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from doer.domain.goal import Answer, Goal, Question
from doer.domain.plan import Plan
from doer.domain.template import to_json
from doer.intent.grounder import Grounder
from doer.intent.vocabulary import verbs
from doer.planning.compound.background import Request, narrowing, requests
from doer.planning.matching.answers import left_out
from doer.planning.matching.doubt import LEAVE_OUT
from doer.planning.matching.pick import MEANT
from doer.planning.matching.space import Space
from doer.planning.stop import Stop
from doer.planning.words.reword import Part, Reworded, rewordings

_MOMENTS = frozenset({"date", "time", "datetime", "date_range", "period"})
_COUNTS = frozenset({"duration"})
_NAME = 4
"""Words. What is longer is no name."""
_VAGUE = frozenset({MEANT, LEAVE_OUT})
"""Questions that tell only that the words were not understood."""
_ASKING = ("when", "what", "which", "who", "how", "where")


@dataclass(frozen=True, slots=True)
class Otherwise:
    """A goal that was no plan as it was said."""

    space: Space
    goal: Goal
    answers: Sequence[Answer]
    whole: Callable[[Goal], Awaitable[Plan]]
    """Plans a goal as it is worded. Raises Stop."""

    async def plan(self, stopped: Stop) -> Plan:
        """Return the one plan of the same goal in other words. Raises `stopped`, or Stop with a plainer question."""
        found: dict[tuple[object, ...], Plan] = {}
        asked: Stop | None = None
        for way, request in self._ways():
            try:
                made = await self.whole(replace(self.goal, text=way.text))
            except Stop as other:
                asked = asked or (other if request is None and _is_plainer(other, stopped) else None)
                continue
            if self._only_reads(way, made) or (request is not None and await self._lacks(request, way, made)):
                continue
            plan = _at_its_place(made, way, self.goal)
            found.setdefault(told(plan), plan)
        if len(found) == 1:
            return next(iter(found.values()))
        raise stopped if asked is None or found else asked

    def _ways(self) -> Iterator[tuple[Reworded, Request | None]]:
        text = self.goal.text
        said = self.space.hear(self.goal, left_out(self.answers))
        if text.lstrip().lower().startswith(_ASKING):
            return
        seen = {text}
        for request in requests(said, self._acts):
            for each in (request.way, *(_joined(request.way, again) for again in self._reworded(request.way.text))):
                if each.text not in seen:
                    seen.add(each.text)
                    yield each, request
        for each in self._reworded(text):
            if each.text not in seen:
                seen.add(each.text)
                yield each, None

    def _acts(self, stem: str) -> bool:
        return stem in self.space.lexicon.heads or stem in verbs()

    async def _lacks(self, request: Request, way: Reworded, plan: Plan) -> bool:
        """Tell whether the plan does what must not be done, or leaves out something that was told and may matter to it."""
        return self._forbidden(request, plan) or _ends_in_text(request, plan) or await self._matters(request, way, plan)

    async def _matters(self, request: Request, way: Reworded, plan: Plan) -> bool:
        """Tell whether a value that was told, and that the request does not take up, may be one for what it leaves open."""
        if not request.idle:
            return False
        if any(each.kind not in _MOMENTS | _COUNTS for each in request.idle):
            return True
        try:
            chosen = self.space.choose(self.space.hear(replace(self.goal, text=way.text)), self.answers)
        except Stop:
            return True
        open_ = [each for each in chosen.unit.slots if each.name not in chosen.fit.assignment.chosen]
        kinds = {kind for each in open_ if each.type != "text" for kind in each.kinds}
        for each in request.idle:
            if each.kind not in kinds and not (each.kind in _MOMENTS and kinds & _MOMENTS):
                continue
            if chosen.unit.skill is None or not chosen.unit.skill.selects or each.kind not in _MOMENTS:
                return True
            try:
                more = await self.whole(replace(self.goal, text=way.text + narrowing(each, self.goal.text)))
            except Stop:
                continue  # one thing is looked up, and there is one
            if told(more) != told(plan):
                return True
        return False

    def _reworded(self, text: str) -> tuple[Reworded, ...]:
        mentions = Grounder.of(self.goal).mentions(text)
        return rewordings(text, self._acts, [(each.start, each.end) for each in mentions if each.kind == "quoted"])

    def _only_reads(self, way: Reworded, plan: Plan) -> bool:
        """Tell whether something else was asked for than to read: `close the Hansa ticket` asks for no closed ones."""
        first = way.text.split(maxsplit=1)[0].lower().strip(",.:")
        units = [each.unit for each in self.space.lexicon.profiles if each.unit.name in plan.planner.split(" + ")]
        return any(
            each.reads and not any(one.lower().startswith(f"{first} ") for one in each.examples) for each in units
        )

    def _forbidden(self, request: Request, plan: Plan) -> bool:
        """Tell whether the plan would do what must not be done."""
        told = str([to_json(each) for step in plan.steps for each in step.arguments.values()])
        if any(each in told for each in request.alone):
            return True
        if not request.forbidden:
            return False
        names = {*plan.planner.split(" + "), *(step.tool for step in plan.steps)}
        every = [each.unit for each in self.space.lexicon.profiles]
        return any(request.forbids(each, every) for each in every if each.name in names)


def _ends_in_text(request: Request, plan: Plan) -> bool:
    """Tell whether a text that is sent or written ends where something is told after it, and may go on: `… that it is late.
    Bob is ill`.
    """
    origins = (each for step in plan.steps for each in step.provenance.values() if each.source == "words")
    return request.ends is not None and any(
        each.end is not None and each.end >= request.ends - 1 and len(each.text.split()) > _NAME for each in origins
    )


def _joined(first: Reworded, again: Reworded) -> Reworded:
    """A rewording of a rewording, with places in what was said."""
    parts: list[Part] = []
    for (start, end), place in again.pieces:
        parts.append(again.text[start:end] if place is None else place)
    return first.made(parts)


def _is_plainer(other: Stop, stopped: Stop) -> bool:
    """Tell whether a question of what is missing stands where it was not even plain what is meant."""
    was, now = stopped.proposal, other.proposal
    vague = isinstance(was, Question) and was.slot.rsplit(".", 1)[-1] in _VAGUE
    return vague and isinstance(now, Question) and now.slot.rsplit(".", 1)[-1] not in _VAGUE


def told(plan: Plan) -> tuple[object, ...]:
    """Return what a plan does, however it is worded."""
    return tuple(
        (step.tool, *(f"{name}={step.arguments[name]}" for name in sorted(step.arguments))) for step in plan.steps
    )


def _at_its_place(plan: Plan, way: Reworded, goal: Goal) -> Plan:
    """The plan with its values where they were said."""
    steps = tuple(
        replace(step, provenance={name: way.origin(each) for name, each in step.provenance.items()})
        for step in plan.steps
    )
    return replace(plan, steps=steps, title=goal.text.strip())
