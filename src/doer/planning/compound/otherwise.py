"""Otherwise: where a goal as it was said is no plan, the same goal in other words may be one; where they disagree, none is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from doer.domain.goal import Answer, Goal, Question
from doer.domain.plan import Plan
from doer.intent.grounder import Grounder
from doer.intent.mention import Mention
from doer.intent.vocabulary import verbs
from doer.planning.compound.background import Request, requests
from doer.planning.matching.answers import left_out
from doer.planning.matching.doubt import LEAVE_OUT
from doer.planning.matching.pick import MEANT
from doer.planning.matching.space import Space
from doer.planning.stop import Stop
from doer.planning.words.reword import Part, Reworded, rewordings
from doer.planning.words.utterance import Utterance

_HARMLESS = frozenset({"person"})
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
                asked = asked or (other if _is_plainer(other, stopped) else None)
                continue
            if self._only_reads(way, made) or (request is not None and self._forbidden(request, made)):
                continue
            plan = _at_its_place(made, way, self.goal)
            found.setdefault(_told(plan), plan)
        if len(found) == 1:
            return next(iter(found.values()))
        raise stopped if asked is None or found else asked

    def _ways(self) -> Iterator[tuple[Reworded, Request | None]]:
        text = self.goal.text
        said = self.space.hear(self.goal, left_out(self.answers))
        if text.lstrip().lower().startswith(_ASKING):
            return
        seen = {text}
        for request in requests(said, self._part):
            way = Reworded.of(text).made(tuple(_parts(request, said)))
            for each in (way, *(_joined(way, again) for again in self._reworded(way.text))):
                if each.text not in seen:
                    seen.add(each.text)
                    yield each, request
        for each in self._reworded(text):
            if each.text not in seen:
                seen.add(each.text)
                yield each, None

    def _part(self, part: tuple[int, int]) -> Utterance:
        return self.space.hear(self.goal, left_out(self.answers), part)

    def _reworded(self, text: str) -> tuple[Reworded, ...]:
        grounder = Grounder.of(self.goal)
        today = self.goal.local_time.date().isoformat()

        def heavy(told: str) -> bool:
            atoms = (part for each in grounder.mentions(told) for part in each.parts or (each,))
            return any(each.kind not in _HARMLESS and not _over(each, today) for each in atoms)

        quoted = [(each.start, each.end) for each in grounder.mentions(text) if each.kind == "quoted"]
        heads = self.space.lexicon.heads
        return rewordings(text, lambda stem: stem in heads or stem in verbs(), heavy, quoted)

    def _only_reads(self, way: Reworded, plan: Plan) -> bool:
        """Tell whether something else was asked for than to read: `close the Hansa ticket` asks for no closed ones."""
        first = way.text.split(maxsplit=1)[0].lower().strip(",.:")
        units = [each.unit for each in self.space.lexicon.profiles if each.unit.name in plan.planner.split(" + ")]
        return any(
            each.reads and not any(one.lower().startswith(f"{first} ") for one in each.examples) for each in units
        )

    def _forbidden(self, request: Request, plan: Plan) -> bool:
        """Tell whether the plan would do what must not be done."""
        if not request.forbidden:
            return False
        names = {*plan.planner.split(" + "), *(step.tool for step in plan.steps)}
        every = [each.unit for each in self.space.lexicon.profiles]
        return any(request.forbids(each, every) for each in every if each.name in names)


def _over(mention: Mention, today: str) -> bool:
    """Tell whether it is a day that is over: `her last day was yesterday` bounds nothing."""
    return mention.kind == "date" and all(str(each.value) < today for each in mention.readings)


def _parts(request: Request, said: Utterance) -> Iterator[Part]:
    """The stretches of the goal that make a request, with what `it` or `her` means in their place."""
    place = request.part[0]
    for put in sorted(request.puts, key=lambda each: each.span):
        yield (place, put.span[0])
        start, end = put.origin.start, put.origin.end
        whole = start is not None and end is not None
        owned = put.text.endswith("'s") and whole and said.text[start:end].strip() + "'s" == put.text
        if start is not None and end is not None and (owned or said.text[start:end] == put.text):
            yield (start, end)
            if owned:
                yield "'s"
        else:
            yield put.text
        place = put.span[1]
    yield (place, request.part[1])


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


def _told(plan: Plan) -> tuple[object, ...]:
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
