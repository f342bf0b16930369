"""Lessons: sentences whose plan a person approved and let stand, out of the journal, and plans that a person said were not meant.

Only what the sentence itself holds can be learnt from it: a plan whose values came from elsewhere (an answer, a skill's
file, a read, an earlier result) is left out, and counted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from doer.domain.event import Corrected, PlanProposed, Recorded
from doer.domain.fold import fold
from doer.domain.goal import Goal
from doer.domain.plan import Plan, Step
from doer.domain.run import Run
from doer.domain.template import Literal as Fixed
from doer.domain.value import Json, JsonObject, RunId

Calls: TypeAlias = Sequence[tuple[str, Mapping[str, Json]]]
Span: TypeAlias = tuple[int, int]
LeftOut = Literal[
    "not finished, or taken back", "approved by nobody", "corrected", "values that the sentence does not hold", "no plan",
    "a tool that is not here any more", "a value that its tool does not take any more",
]  # fmt: skip
HELD_OUT: Final = 3
"""Of ten sentences; they are never trained on."""


@dataclass(frozen=True, slots=True)
class Said:
    """One call, and the words of the goal that its arguments were made of."""

    tool: str
    arguments: JsonObject
    spans: Mapping[str, Span]
    """Argument -> its words in the goal's text, in characters, end exclusive; those of an earlier turn are not there."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What one sentence meant, or did not mean."""

    run: RunId
    goal: Goal
    calls: tuple[Said, ...]
    right: bool
    """False: a person said that these calls were not what was meant."""

    @property
    def gold(self) -> Calls:
        """The calls as pairs of tool and arguments."""
        return tuple((each.tool, each.arguments) for each in self.calls)

    @property
    def held_out(self) -> bool:
        """Whether it is for judging only: by its words, so that one sentence is never on both sides, on any day."""
        words = " ".join(" ".join((*self.goal.context, self.goal.text)).casefold().split())
        return hashlib.sha256(words.encode()).digest()[0] % 10 < HELD_OUT


@dataclass(frozen=True, slots=True)
class Lessons:
    """What a journal teaches."""

    learnt: tuple[Lesson, ...]
    left_out: Mapping[LeftOut, int]
    """Why runs teach nothing, and how many."""


def gather(runs: Iterable[tuple[RunId, Sequence[Recorded]]], tools: Mapping[str, JsonObject]) -> Lessons:
    """Return the lessons of these runs, for tools (name -> parameters) that are still here; a repeated one once."""
    found: dict[tuple[str, str], Lesson] = {}
    left: dict[LeftOut, int] = {}
    for run, records in runs:
        for each in lessons(run, records):
            reason = _unusable(each, tools) if isinstance(each, Lesson) else each
            if reason is not None:
                left[reason] = left.get(reason, 0) + 1
            elif isinstance(each, Lesson):
                found.setdefault((each.goal.text.strip().casefold(), str(each.right and each.gold)), each)
    return Lessons(tuple(found.values()), left)


def _unusable(lesson: Lesson, tools: Mapping[str, JsonObject]) -> LeftOut | None:
    for each in lesson.calls:
        if each.tool not in tools:
            return "a tool that is not here any more"
        properties = tools[each.tool].get("properties")
        if not isinstance(properties, Mapping) or not each.arguments.keys() <= properties.keys():
            return "a value that its tool does not take any more"
    return None


def lessons(run_id: RunId, records: Sequence[Recorded]) -> Iterator[Lesson | LeftOut]:
    """Yield what one run teaches, or why it teaches nothing."""
    plan: Plan | None = None
    run = fold(run_id, records)
    goal = run.goal
    corrected = False
    for record in records:
        match record.event:
            case PlanProposed(proposed, _):
                plan = proposed
            case Corrected() if plan is not None and goal is not None:
                if (calls := _calls(plan)) is not None:
                    yield Lesson(run_id, goal, calls, right=False)
                plan, corrected = None, True
            case _:
                pass
    if goal is None or run.plan is None:
        yield "no plan"
    elif corrected:
        yield "corrected"
    elif (reason := _unproven(run)) is not None:
        yield reason
    elif (calls := _calls(run.plan)) is None:
        yield "values that the sentence does not hold"
    else:
        yield Lesson(run_id, goal, calls, right=True)


def _unproven(run: Run) -> LeftOut | None:
    if run.ended not in ("done", "unproven") or run.undo:
        return "not finished, or taken back"
    changed = [name for name, each in run.steps.items() if each.touched]
    return None if changed and all(name in run.approved for name in changed) else "approved by nobody"


def _calls(plan: Plan) -> tuple[Said, ...] | None:
    """The calls of a plan, where every value of it stands in the sentence; None where one does not."""
    found = [_call(step) for step in plan.steps if step.guard is None]
    calls = tuple(each for each in found if each is not None)
    return calls if calls and len(calls) == len(plan.steps) else None


def _call(step: Step) -> Said | None:
    arguments: dict[str, Json] = {}
    spans: dict[str, Span] = {}
    for name, template in step.arguments.items():
        origin = step.provenance.get(name)
        if origin is None or not isinstance(template, Fixed) or origin.source not in ("words", "known", "default"):
            return None
        if origin.source in ("words", "known"):
            arguments[name] = template.value
            if origin.start is not None and origin.end is not None:
                spans[name] = (origin.start, origin.end)
    return Said(step.tool, arguments, spans)
