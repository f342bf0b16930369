"""Limiting: `not over 200 euro`, `before Friday`, `at most 5` are checks of the plan, made before anybody sees it.

What is planned by itself with these words in a place of their own is left alone. Else they are cut off, the rest is planned, and
what they bound must be found in the plan: where it is exceeded, or where they bound nothing, it is asked about. A value that is
known only later is checked by a guard when the step is done.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Literal as Choice
from zoneinfo import ZoneInfo

from doer.domain.goal import Answer, Declined, Goal, Option, Question
from doer.domain.plan import Guard, Plan, Step
from doer.domain.ports import Reader
from doer.domain.template import Literal, Template, Transform, references
from doer.domain.value import Json
from doer.intent.grounder import Grounder
from doer.intent.mention import Mention
from doer.planning.compound.looping import looped
from doer.planning.matching.space import Space
from doer.planning.stop import Stop
from doer.planning.words.conditions import masked
from doer.planning.words.utterance import Span

LIMIT = "limit"
"""The slot under which it is asked what is to be done where a limit is exceeded, or bounds nothing."""
_LEAD = r"(?:^|,\s*|\s+)(?:(?:but|and|though)\s+)?"
_MOST = r"(?:not (?:over|above|more than|exceeding)|no more than|never more than|at most|at the most|up to|for less than|for under|under|below|max(?:imum)?(?: of)?|within a budget of)"
_UPPER = re.compile(rf"{_LEAD}(?P<op>{_MOST})\s+(?P<value>\S.*?)(?:\s+in total)?(?=\s*(?:[,.;!]|$))", re.IGNORECASE)
_COUNT = re.compile(
    rf"{_LEAD}(?P<op>not more than|no more than|never more than|at most|at the most|up to|max(?:imum)?(?: of)?)\s+"
    r"(?P<n>\d+|one|two|three|four|five|six|seven|eight|nine|ten)(?:\s+(?:of (?:them|these)|[a-z]+))?(?=\s*(?:[,.;!]|$))",
    re.IGNORECASE,
)
_DAY = re.compile(
    rf"{_LEAD}(?:only\s+)?(?P<op>before|by|until|no later than|not later than|at the latest on|not before|no earlier than|not after|after)\s+(?P<value>\S.*?)(?=\s*(?:[,;!]|\.$|$))",
    re.IGNORECASE,
)
_DAYS = re.compile(
    rf"{_LEAD}(?P<op>only|never|not)\s+(?:on|at|during)\s+(?:a |the )?(?P<days>weekdays?|working days?|workdays?|weekends?|(?:mon|tues|wednes|thurs|fri|satur|sun)days?)(?=\s*(?:[,.;!]|$))",
    re.IGNORECASE,
)
_NUMBERS = {
    name: place
    for place, name in enumerate(
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
    )
}
_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONEY = re.compile(r"(?:^|_)(?:amount|price|cost|total|sum|fee|value|budget|salary|fare)(?:$|_)")
_WHEN = re.compile(r"\d{4}-\d\d-\d\d(?:T.*)?")
Planning = Callable[[Goal, Sequence[Answer]], Awaitable[Plan]]
Kind = Choice["count", "money", "day", "weekday"]


@dataclass(frozen=True, slots=True)
class Limit:
    """What a plan must keep to."""

    kind: Kind
    span: Span
    op: str
    most: str = ""
    """Of a count or an amount the number; of a day its date."""
    currency: str = ""
    days: frozenset[int] = frozenset()
    """Of weekdays those that are allowed, 0 for Monday."""


async def limited(space: Space, goal: Goal, answers: Sequence[Answer], reader: Reader, plain: Planning) -> Plan:
    """Return the plan of a goal that may have limits. Raises Stop with what must be asked."""

    async def each(part: Goal, told: Sequence[Answer]) -> Plan:
        return await looped(space, part, told, reader, plain)

    found = list(limits(goal))
    if not found:
        return await each(goal, answers)
    try:
        whole = await each(goal, answers)
    except Stop as stopped:
        first = stopped
    else:
        for limit in found:
            if _swallows(whole, limit) and (plan := await _without(limit, goal, each)) is not None:
                _kept(plan, limit, goal, answers, tied_only=True)
        return whole
    missing: Stop | None = None
    for limit in found:
        own = [each for each in answers if each.slot != LIMIT]
        try:
            plan = await limited(space, _blanked(goal, limit), own, reader, plain)
        except Stop as stopped:
            if isinstance(stopped.proposal, Question):
                missing = stopped  # what is missing is asked first; its limit is held against the answer
            continue
        return replace(_kept(plan, limit, goal, answers), title=goal.text.strip())
    raise missing or first


def _blanked(goal: Goal, limit: Limit) -> Goal:
    start, end = limit.span
    return replace(goal, text=goal.text[:start] + " " * (end - start) + goal.text[end:])


async def _without(limit: Limit, goal: Goal, each: Planning) -> Plan | None:
    try:
        return await each(_blanked(goal, limit), ())
    except Stop:
        return None


def _swallows(plan: Plan, limit: Limit) -> bool:
    """Tell whether the words of a limit stand at the end of some text, after what reads as a text by itself."""
    origins = [each for step in plan.steps for each in step.provenance.values() if each.source == "words"]
    return any((each.start or 0) < limit.span[0] and limit.span[1] <= (each.end or 0) for each in origins)


def limits(goal: Goal) -> Iterator[Limit]:
    """Yield what in a goal may be a limit of the whole."""
    plain = masked(goal.text)
    grounder = Grounder.of(goal)
    for found in _UPPER.finditer(plain):
        money = _mention(grounder, found["value"], "amount")
        if money is not None and isinstance(money.value, Mapping):
            yield Limit("money", found.span(), found["op"], str(money.value["amount"]), str(money.value["currency"]))
    for found in _COUNT.finditer(plain):
        yield Limit("count", found.span(), found["op"], str(_NUMBERS.get(found["n"].lower(), found["n"])))
    for found in _DAYS.finditer(plain):
        yield Limit("weekday", found.span(), found["op"], days=_allowed(found["op"].lower(), found["days"].lower()))
    for found in _DAY.finditer(plain):
        day = _mention(grounder, found["value"], "date")
        if day is not None:
            yield Limit("day", found.span(), found["op"].lower(), str(day.value))


def _mention(grounder: Grounder, text: str, kind: str) -> Mention | None:
    """The one value of that kind that the words are, and nothing besides."""
    found = [each for each in grounder.mentions(text) if each.kind == kind and each.plain]
    return found[0] if len(found) == 1 and found[0].text.strip() == text.strip(" .") else None


def _allowed(op: str, days: str) -> frozenset[int]:
    if days.startswith(("weekday", "work")):
        named = frozenset(range(5))
    elif days.startswith("weekend"):
        named = frozenset({5, 6})
    else:
        named = frozenset({_WEEK.index(days.rstrip("s"))})
    return named if op == "only" else frozenset(range(7)) - named


# --- holding a plan against a limit -----------------------------------------------------------------------------------


def _kept(plan: Plan, limit: Limit, goal: Goal, answers: Sequence[Answer], *, tied_only: bool = False) -> Plan:
    """The plan where it keeps to the limit, with guards for what is known only later. Raises Stop with a question.

    `tied_only`: what bounds nothing is no limit, but words of a text.
    """
    words = goal.text[slice(*limit.span)].strip(" ,")
    word = next((each for each in reversed(answers) if each.slot == LIMIT), None)
    said = "" if word is None else str(word.value or word.text)
    if said == "nothing":
        raise Stop(Declined(f"nothing is done, as you said: {words!r}"))
    if said == "anyway":
        return plan
    guarded, tied, wrong = list(plan.steps), 0, ""
    for place, step in enumerate(plan.steps):
        for name, told in _values(step, limit):
            tied += 1
            if isinstance(told, Literal):
                wrong = wrong or _breach(name, told.value, limit, goal)
            elif (guard := _later(told, limit)) is not None and step.guard is None:
                guarded[place] = replace(step, guard=guard, why=f"only {words}: {step.why}")
            else:
                wrong = wrong or f"{name.replace('_', ' ')} is known only later, and cannot be held against it"
    if limit.kind == "count":
        most = max(*Counter(step.tool for step in plan.steps).values(), *map(_longest, plan.steps))
        tied, wrong = int(most > 0), "" if most <= int(limit.most) else f"{most} are meant"
    if wrong:
        options = (Option("do nothing", "nothing"), Option("do it all the same", "anyway"))
        raise Stop(Question(LIMIT, f"{words!r} was asked, and {wrong}. What should be done?", options))
    if not tied and not tied_only:
        options = (Option("do nothing", "nothing"), Option(f"go on without {words!r}", "anyway"))
        raise Stop(Question(LIMIT, f"{words!r} bounds nothing of what would be done. What should be done?", options))
    steps = tuple(replace(step, why=step.why if step.guard else f"{words} (kept): {step.why}") for step in guarded)
    return replace(plan, steps=steps)


def _longest(step: Step) -> int:
    """How many the longest list has that a step is given."""
    lists = [
        each.value
        for each in step.arguments.values()
        if isinstance(each, Literal) and isinstance(each.value, list | tuple)
    ]
    return max(map(len, lists), default=0)


def _values(step: Step, limit: Limit) -> Iterator[tuple[str, Template]]:
    """What of a step a limit may bound."""
    for name, told in step.arguments.items():
        value = told.value if isinstance(told, Literal) else None
        match limit.kind:
            case "money" if _MONEY.search(name) or (isinstance(value, Mapping) and "amount" in value):
                yield name, told
            case "money" if isinstance(value, Mapping):
                yield from ((key, Literal(each)) for key, each in value.items() if _MONEY.search(key))
            case "day" | "weekday" if isinstance(value, str) and _WHEN.fullmatch(value):
                yield name, told
            case _:
                continue


def _later(told: Template, limit: Limit) -> Guard | None:
    if limit.kind != "money" or not list(references(told)):
        return None
    return Guard(Transform("compare", (told, Literal(limit.most))), "less", Literal(1))


def _breach(name: str, value: Json, limit: Limit, goal: Goal) -> str:
    """Say how a value goes beyond the limit; nothing where it does not."""
    called = name.replace("_", " ")
    if limit.kind == "money":
        return _over(called, value, limit)
    day = _day(str(value), goal)
    told = f"{called} is {day:%A} {day.day} {day:%B}"
    if limit.kind == "weekday":
        return "" if day.weekday() in limit.days else told
    bound = date.fromisoformat(limit.most)
    match limit.op:
        case "before":
            fine = day < bound
        case "not before" | "no earlier than":
            fine = day >= bound
        case "after":
            fine = day > bound
        case _:
            fine = day <= bound
    return "" if fine else told


def _over(called: str, value: Json, limit: Limit) -> str:
    amount = value.get("amount") if isinstance(value, Mapping) else value
    currency = value.get("currency") if isinstance(value, Mapping) else limit.currency
    if currency != limit.currency:
        return f"{called} is in {currency}"
    try:
        return f"{called} is {amount} {currency}" if Decimal(str(amount)) > Decimal(limit.most) else ""
    except InvalidOperation:
        return f"{called} is {amount!r}, which is no amount"


def _day(text: str, goal: Goal) -> date:
    if len(text) == 10:
        return date.fromisoformat(text)
    moment = datetime.fromisoformat(text)
    return (moment.astimezone(ZoneInfo(goal.zone)) if moment.tzinfo else moment).date()
