"""Scheduling: `tomorrow at 9am close ticket 12` is saved as something to be done then, where a tool here keeps such things.

That is a tool whose parameter `goal` takes the words of a request. What is saved must be something that can be done: its words
are planned now, and where nothing here can do it, it is asked about.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from doer.domain.goal import Answer, Declined, Goal, Option, Question
from doer.domain.plan import Plan, Step
from doer.domain.template import Literal
from doer.intent.grounder import Grounder
from doer.planning.compound.checking import placed
from doer.planning.matching.space import Space
from doer.planning.schema import mapping
from doer.planning.stop import Stop

SAVE = "save"
"""The slot under which it is asked whether words are to be saved that nothing here can do as things are."""
_GOAL = "goal"
_TIMED = frozenset({"date", "time", "datetime", "date_range", "period"})
_LEAD = re.compile(r"^\W*(?:(?:please|and|then)\b[\s,]*)*(?:on |at |in )?$", re.IGNORECASE)
_TAIL = re.compile(r"\s+(?:on |at |in )?$", re.IGNORECASE)
_CLOCK = re.compile(r"\d\s*(?:am|pm|h\b|:\d\d)|\b(?:at|noon|midnight)\b|\d", re.IGNORECASE)
Planning = Callable[[Goal, Sequence[Answer]], Awaitable[Plan]]


@dataclass(frozen=True, slots=True)
class _Timed:
    """A request and when it is to be done, as they were said."""

    request: str
    when: str


async def scheduled(space: Space, goal: Goal, answers: Sequence[Answer], planned: Planning) -> Plan:
    """Return the plan of a goal that may be for a later time. Raises Stop with what must be asked."""
    if not any(_GOAL in mapping(each.parameters.get("properties")) for each in space.tools):
        return await planned(goal, answers)
    try:
        plan = await planned(goal, answers)
    except Stop:
        later = await _later(space, goal, answers, planned)
        if later is None:
            raise
        return later
    await _doubt_undoable(space, plan, goal, answers, planned)
    return plan


async def _later(space: Space, goal: Goal, answers: Sequence[Answer], planned: Planning) -> Plan | None:
    for each in _timed(goal):
        try:
            inner = await planned(replace(goal, text=each.request), ())
        except Stop:
            continue
        if not _timeless(space, inner):
            continue  # the time may be a part of what is asked for: the meeting at that hour
        quoted = each.request if '"' in each.request else f'"{each.request}"'
        sentence = f"schedule the job {quoted} for {each.when}"
        try:
            plan = await planned(replace(goal, text=sentence), answers)
        except Stop as stopped:
            if isinstance(stopped.proposal, Question) and stopped.proposal.slot != "meant":
                raise
            continue
        if [_of(step) for step in plan.steps] == [each.request]:
            steps = tuple(_placed(step, goal.text) for step in plan.steps)
            return replace(plan, steps=steps, title=goal.text.strip())
    return None


def _timed(goal: Goal) -> Iterator[_Timed]:
    """Yield a goal without the moment with which it begins or ends, and the moment."""
    text = goal.text.rstrip(" .!\n")
    for each in Grounder.of(goal).mentions(text):
        if each.kind not in {"datetime", "time"} and not (each.kind == "date" and each.parts):
            continue
        if not _CLOCK.search(each.text):
            continue
        if _LEAD.match(text[: each.start]) and (rest := text[each.end :].lstrip(" ,:")):
            yield _Timed(rest, each.text)
        before = _TAIL.search(text[: each.start])
        if before is not None and not text[each.end :].strip() and (rest := text[: before.start()].strip(" ,")):
            yield _Timed(rest, each.text)


def _timeless(space: Space, plan: Plan) -> bool:
    """Tell whether no unit of a plan could be told a day or a time."""
    names = re.split(r" (?:\+|if|else) ", plan.planner)
    units = [each.unit for each in space.lexicon.profiles if each.unit.name in names]
    return bool(units) and all(slot.type not in _TIMED for unit in units for slot in unit.slots)


def _of_time(space: Space, question: Question) -> bool:
    """Tell whether a day or a time is asked for: `put lunch in my calendar every Friday at noon` says when lunch is."""
    units = (each.unit for each in space.lexicon.profiles)
    return any(slot.name == question.slot and slot.type in _TIMED for unit in units for slot in unit.slots)


async def _doubt_undoable(space: Space, plan: Plan, goal: Goal, answers: Sequence[Answer], planned: Planning) -> None:
    """Raise Stop where the words that are to be saved ask for what nothing here can do, unless a person said to save them."""
    word = next((each for each in reversed(answers) if each.slot == SAVE), None)
    for words in [each for step in plan.steps if (each := _of(step)) and each != goal.text.strip()]:
        try:
            await planned(replace(goal, text=words), ())
        except Stop as stopped:
            told = stopped.proposal
            if isinstance(told, Declined) or (isinstance(told, Question) and not _of_time(space, told)):
                continue  # what is asked, or is not so now, is for then
            if word is None:
                options = (Option("do nothing", "nothing"), Option("save it all the same", "save"))
                reason = f"{words!r} is to be saved for later, and as things are it could not be done then: {stopped}."
                raise Stop(Question(SAVE, f"{reason} What should be done?", options)) from stopped
            if str(word.value or word.text).strip(" .!").casefold() not in {
                "save",
                "save it",
                "yes",
                "save it all the same",
            }:
                raise Stop(Declined(f"nothing is saved, as you said: {words!r}")) from stopped


def _of(step: Step) -> str:
    """The words of a request that a step saves; nothing where it saves none."""
    told = step.arguments.get(_GOAL)
    return told.value if isinstance(told, Literal) and isinstance(told.value, str) else ""


def _placed(step: Step, text: str) -> Step:
    return replace(step, provenance={name: placed(each, text) for name, each in step.provenance.items()})
