"""What is told of a question's read: the rows that are meant, how many they are, one field of one of them, or a figure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from doer.domain.goal import Goal
from doer.domain.plan import Plan
from doer.domain.template import Literal, Reference, Template, Transform, resolve
from doer.domain.value import Json, JsonObject, Provenance
from doer.intent.grounder import Grounder
from doer.intent.text import stem, word_set
from doer.planning.accounted import ASKS
from doer.planning.accounted.wonder import Span, What, Wonder, frame_of, settled, wonder
from doer.planning.action.sense import words_of_name
from doer.planning.lookup.figures import figures_of
from doer.planning.lookup.rows import rows_of
from doer.planning.lookup.tools import is_key

_SUMMED: Final = word_set("count counts number total sum")
_PLACES: Final = word_set("town city place location room shelf folder street country site")
_STEP: Final = "read"


@dataclass(frozen=True, slots=True)
class Told:
    """The answer of one read."""

    value: Json
    """A number, the value of a field, or rows."""
    rows: tuple[JsonObject, ...] = ()
    """The rows that agree with all that was said; of figures none."""
    listed: bool = False
    """Whether the rows are the answer."""


def told(goal: Goal, plan: Plan | None, results: Mapping[str, Json]) -> Told | None:
    """Return what is told of a run whose plan is one read that was made to be told so; None for all others."""
    if plan is None or plan.planner != ASKS or len(plan.steps) != 1 or plan.steps[0].id not in results:
        return None
    step = plan.steps[0]
    return told_of(goal, step.tool, taken_up(step.provenance, step.arguments), results[step.id])


def taken_up(origins: Mapping[str, Provenance], arguments: Mapping[str, Template]) -> list[Span]:
    """Return the words that arguments say otherwise than they were said; words that are searched for must be in the rows as well."""
    spans = list[Span]()
    for name, origin in origins.items():
        given = arguments.get(name)
        same = isinstance(given, Literal) and str(given.value).casefold() == origin.text.casefold()
        if origin.start is not None and origin.end is not None and not same:
            spans.append((origin.start, origin.end))
    return spans


def told_of(goal: Goal, tool: str, closed: Sequence[Span], result: Json) -> Told | None:
    """Return what is told of what a read returned; None where that is not plain. `closed`: words that its arguments take up."""
    figures = figures_of(result)
    if figures is not None:
        return _figure(goal, tool, figures, result)
    rows = rows_of(result)
    if rows is None:
        return None
    heard = wonder(goal, tool, rows, {}, closed)
    if heard is None:
        return None
    found = heard.rows(rows)
    if heard.query.order and len(found) > 1:
        return None  # it is not plain which comes first
    return _of_rows(heard, found)


def _of_rows(heard: Wonder, rows: Sequence[JsonObject]) -> Told | None:
    what, asked = heard.frame.what, [each for each in heard.fields if not heard.is_said(each, rows)]
    every = Literal([dict(each) for each in rows])
    match what:
        case "often":
            return None
        case "many" if not asked or not rows:
            return Told(resolve(Transform("count", (every,)), {}), tuple(rows))
        case "many" if not _numbers(asked, rows) or len(rows) != 1:
            return None  # a sum was not asked for
        case "when" if not asked:
            asked = [each for each in (rows[0] if rows else {}) if is_dated(rows, each)]
        case "where" if not asked:
            asked = [each for each in (rows[0] if rows else {}) if is_place(each)]
    if len(asked) == 1 and len(rows) == 1:
        return Told(_field(every, asked[0]), tuple(rows))
    return Told(resolve(every, {}), tuple(rows), listed=True)


def _field(rows: Template, name: str) -> Json:
    return resolve(Transform("field", (Transform("first", (rows,)), Literal(name))), {})


def _numbers(names: Sequence[str], rows: Sequence[JsonObject]) -> bool:
    return len(names) == 1 and all(
        isinstance(row.get(names[0]), int | float) and not isinstance(row.get(names[0]), bool) for row in rows
    )


def is_place(name: str) -> bool:
    """Tell whether a field says where something is."""
    return bool(set(words_of_name(name)) & _PLACES)


def is_dated(rows: Sequence[JsonObject], name: str) -> bool:
    """Tell whether a field says in each row when something is."""
    return not is_key(name) and all(re.match(r"\d{4}-\d\d-\d\d(?:[T ]|$)", str(row.get(name))) for row in rows)


def days_of(goal: Goal) -> tuple[str, str, Span] | None:
    """Return the first and the last day that a question speaks of, and where; None where that is not one period."""
    frame = frame_of(goal.text)
    dated = [each for each in Grounder.of(goal).mentions(goal.text) if each.kind in ("date", "date_range")]
    moment = settled(dated[0], goal) if len(dated) == 1 and frame is not None else None
    if moment is None or moment.clock or not moment.ways[0][0]:
        return None
    return (*moment.ways[0], moment.span)


def _figure(goal: Goal, tool: str, figures: Mapping[str, float], result: Json) -> Told | None:
    period, frame = days_of(goal), frame_of(goal.text)
    if period is None or frame is None:
        return None
    first, last = date.fromisoformat(period[0]), date.fromisoformat(period[1])
    days = [(first + timedelta(days=each)).isoformat() for each in range(min((last - first).days, 3660) + 1)]
    if not all(day in figures for day in days):
        return None  # some day is not told of
    read = Reference(_STEP)
    each = [Transform("field", (read, Literal(day))) for day in days]
    if len(days) == 1:
        return Told(resolve(each[0], {_STEP: result}))
    summed = words_of_name(tool.rpartition(".")[2])
    if frame.what in _COUNTED and set(summed) & _SUMMED:
        return Told(_number(resolve(Transform("add", tuple(each)), {_STEP: result})))
    by_day = [{"day": day, "figure": resolve(one, {_STEP: result})} for day, one in zip(days, each, strict=True)]
    return Told(by_day, tuple(by_day), listed=True)


_COUNTED: Final[frozenset[What]] = frozenset({"many", "often"})


def _number(value: Json) -> Json:
    """A sum, as a number where it is a whole one: figures are."""
    text = str(value)
    return int(text) if re.fullmatch(r"-?\d+", text) else text


def noun(tool: str, count: int) -> str:
    """Return what rows of a read are called, by its name: `3 tasks`; else rows."""
    said = [each for each in words_of_name(tool.rpartition(".")[2]) if each.endswith("s") and stem(each) != each]
    many = said[-1] if said else "rows"
    return many if count != 1 else stem(many) if f"{stem(many)}s" == many else many
