"""Answers: what reads found, in one line with its source, where reading was all that was asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from doer.domain.run import Run
from doer.domain.value import Json, JsonObject, StepId
from doer.planning.accounted import ASKS
from doer.planning.words.nouns import TableWords, phrase

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)")
_SIGNS: Mapping[str, str] = {
    "equals": "=", "differs": "is not", "less": "<", "at_least": ">=", "greater": ">", "in": "in", "contains": "contains",
    "is_null": "is empty",
}  # fmt: skip
_LISTS: Mapping[str, tuple[str, str]] = {
    "events": ("event", "events"), "users": ("user", "users"), "groups": ("group", "groups"),
    "messages": ("message", "messages"), "entries": ("entry", "entries"), "rows": ("row", "rows"),
    "commits": ("commit", "commits"), "reminders": ("reminder", "reminders"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """What one read found. All of it may hold text from outside: whoever prints it makes that visible."""

    step: StepId
    text: str
    """`17 orders`, `open`, `245.77`, or `3 events` above the list of them."""
    value: Json
    """The number or the value where it is one; else the rows; else the whole result."""
    source: str
    """`crm, table orders, placed_at 2026-11-20 in Europe/Berlin; read at 14:03`."""
    rows: Sequence[Json] = ()
    """What is listed below the text."""
    complete: bool = True
    """False: there is more than was read."""

    def to_json(self) -> Json:
        """Return what `--json` shows."""
        return {"text": self.text, "value": self.value, "source": self.source, "complete": self.complete}


def answers(run: Run, read_at: Mapping[StepId, datetime]) -> tuple[Answer, ...]:
    """Return what each read found, where all steps are reads and were done; nothing else is an answer."""
    if not run.steps or any(state.effect != "read" or state.receipt is None for state in run.steps.values()):
        return ()
    zone = run.goal.zone if run.goal is not None else "UTC"
    if run.plan is not None and run.plan.planner == ASKS and (answer := _told(run, read_at, zone)) is not None:
        return (answer,)
    found: list[Answer] = []
    for step, state in run.steps.items():
        arguments = {name: _here(each, zone) for name, each in (state.arguments or {}).items()}
        result = _here(run.results.get(step), zone)
        source = _source(state.step.tool, arguments, read_at.get(step), zone)
        found.append(_answer(step, arguments, result, source))
    return tuple(found)


def _told(run: Run, read_at: Mapping[StepId, datetime], zone: str) -> Answer | None:
    """What a question asked for: a number, a field of one row, or the rows that agree with all that was said."""
    from doer.planning.accounted.telling import noun, told  # understands words, which few answers need

    answer = None if run.goal is None else told(run.goal, run.plan, run.results)
    if answer is None:
        return None
    [(step, state)] = run.steps.items()
    arguments = {name: _here(each, zone) for name, each in (state.arguments or {}).items()}
    source, value = _source(state.step.tool, arguments, read_at.get(step), zone), _here(answer.value, zone)
    if not answer.listed:
        return Answer(step, "nothing is there" if value is None else _plain(value), value, source)
    rows = [_here(each, zone) for each in answer.rows]
    return Answer(step, _many(len(rows), noun(state.step.tool, 1), noun(state.step.tool, 2)), rows, source, rows)


def _here(value: Json, zone: str) -> Json:
    """The value with every moment that names its offset as the clocks stand where the person is."""
    match value:
        case str() if _MOMENT.fullmatch(value):
            try:
                return datetime.fromisoformat(value).astimezone(ZoneInfo(zone)).isoformat()
            except (ValueError, OverflowError):
                return value
        case Mapping():
            return {name: _here(each, zone) for name, each in value.items()}
        case list() | tuple():
            return [_here(each, zone) for each in value]
        case _:
            return value


def _answer(step: StepId, arguments: JsonObject, result: Json, source: str) -> Answer:
    table = arguments.get("table")
    words = TableWords.of(table) if isinstance(table, str) else None
    fields: JsonObject = result if isinstance(result, Mapping) else {}
    total, count = fields.get("total"), fields.get("count")
    more = fields.get("more") is True and not arguments.get("order")  # of the newest ones, no more were asked for
    if isinstance(total, str) and isinstance(count, int):
        of = f" ({phrase(str(arguments.get('column', '')))} of {_many(count, words.one, words.many)})" if words else ""
        return Answer(step, f"{total}{of}", total, source)
    listed = next(((name, each) for name in _LISTS if _is_list(each := fields.get(name))), None)
    if listed is None and isinstance(count, int):
        one, many = (words.one, words.many) if words else ("row", "rows")
        return Answer(step, _many(count, one, many), count, source)
    if listed is None:
        return Answer(step, "", result, source)
    name, rows = listed
    assert isinstance(rows, Sequence)
    if len(rows) == 1 and isinstance(rows[0], Mapping) and len(rows[0]) == 1 and not more:
        [value] = rows[0].values()
        return Answer(step, "nothing is there" if value is None else _plain(value), value, source)
    rows = _in_order(rows, arguments.get("columns"))
    one, many = (words.one, words.many) if words else _LISTS[name]
    told = f"more than {len(rows)} {many}" if more else _many(len(rows), one, many)
    return Answer(step, told, list(rows), source, list(rows), complete=not more)


def _in_order(rows: Sequence[Json], columns: Json) -> list[Json]:
    """The rows with their columns as they were asked for: the record keeps objects sorted by name."""
    names = [str(each) for each in columns] if isinstance(columns, list | tuple) else []
    return [
        {**{name: row[name] for name in names if name in row}, **row} if isinstance(row, Mapping) else row
        for row in rows
    ]


def _is_list(value: Json) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _many(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}" if count else f"no {many}"


def _plain(value: Json) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _source(tool: str, arguments: JsonObject, at: datetime | None, zone: str) -> str:
    parts = [tool.partition(".")[0]]
    where = arguments.get("where")
    filters = [each for each in where if isinstance(each, Mapping)] if isinstance(where, list | tuple) else []
    for name, value in arguments.items():
        if name == "table":
            parts.append(f"table {value}")
        elif name == "where":
            continue
        elif name == "order" and isinstance(value, list | tuple):
            parts += [_ordered(each) for each in value if isinstance(each, Mapping)]
        elif name not in {"limit", "columns", "column"}:
            parts.append(f"{name.replace('_', ' ')} {value}")
    parts += _conditions(filters, zone)
    local = "" if at is None else f"; read at {at.astimezone(ZoneInfo(zone)):%H:%M}"
    return f"{', '.join(parts)}{local}"


def _ordered(by: JsonObject) -> str:
    return f"by {by.get('column')}{', the last first' if by.get('descending') is True else ''}"


def _conditions(where: Sequence[JsonObject], zone: str) -> Iterator[str]:
    """Yield the filter in words, the two bounds of a period as the days between them."""
    taken: list[JsonObject] = []
    for each in where:
        if any(each is other for other in taken):
            continue
        end = next((o for o in where if o.get("op") == "less" and o.get("column") == each.get("column")), None)
        if each.get("op") == "at_least" and end is not None and (told := _days(each, end, zone)):
            taken.append(end)
            yield told
        else:
            op, value = str(each.get("op")), _plain(each.get("value"))
            sign = "is not empty" if op == "is_null" and each.get("value") is False else _SIGNS.get(op, op)
            yield f"{each.get('column')} {sign}" + ("" if op == "is_null" else f" {value}")


def _days(start: JsonObject, end: JsonObject, zone: str) -> str:
    first, after = str(start.get("value")), str(end.get("value"))
    try:
        last = date.fromisoformat(after[:10]) - timedelta(days=1)
        day = date.fromisoformat(first[:10])
    except ValueError:
        return ""
    span = day.isoformat() if day == last else f"{day.isoformat()} to {last.isoformat()}"
    # A moment with an offset was compared in the zone; one without is what the table says, in whatever zone it means.
    told = f" in {zone}" if len(first) > 19 else " as written there, without a time zone" if len(first) > 10 else ""
    return f"{start.get('column')} {span}{told}"
