"""What a read is asked with, so that it tells at least the rows that are meant: a day becomes a range, a name or a title the query."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from doer.domain.action import Manifest
from doer.domain.goal import Goal
from doer.domain.value import Json, JsonObject
from doer.intent.text import word_set
from doer.planning.action.schema import listed_choices
from doer.planning.action.sense import words_of_name
from doer.planning.lookup.rows import MOST_ROWS
from doer.planning.lookup.tools import parameters, required
from doer.planning.lookup.words import Text, Wanted
from doer.planning.schema import problems

_FROM: Final = word_set("after since from start first begin min earliest starting")
_TO: Final = word_set("before until to end last max latest through ending till")
_DAY: Final = word_set("date day on when")
_TIMED: Final = word_set("date day time datetime when after before since until")
_QUERY: Final = word_set(
    "query words word text search keyword keywords term terms q phrase title subject name fullname"
)
_MOST: Final = word_set("limit maximum max count size results")
_STAMP: Final = re.compile(r"hh:mm|%H:%M|\d\d:\d\d", re.IGNORECASE)


def askings(read: Manifest, wanted: Wanted, goal: Goal) -> Iterator[JsonObject]:
    """Yield arguments for the read, the narrowest first; nothing where it needs what nobody said."""
    fields, needed = parameters(read), required(read)
    fixed = {**_days(fields, wanted, goal), **_choices(fields, wanted), **_limits(fields)}
    query = next((name for name, each in fields.items() if each.get("type") == "string" and _asks(name, each)), None)
    told = list(_queries(wanted)) if query is not None else []
    tried = [{**fixed, str(query): each} for each in told[:2]]
    for arguments in (*tried, fixed):
        if set(needed) <= set(arguments) and all(
            next(problems(value, fields[name]), None) is None for name, value in arguments.items()
        ):
            yield arguments


def _asks(name: str, schema: JsonObject) -> bool:
    said = set(words_of_name(name))
    return bool(said & _QUERY) and not said & _TIMED and not listed_choices(schema) and schema.get("format") is None


def _queries(wanted: Wanted) -> Iterator[str]:
    """Quotations, names and addresses, then the plain words that stand together."""
    for kinds in (("quoted",), ("person", "email")):
        yield from (each.text for each in wanted.texts if each.kind in kinds)
    plain = [each for each in wanted.texts if not each.kind]
    run = list[Text]()
    for each in plain:
        if run and each.span[0] > run[-1].span[1] + 1:
            break
        run.append(each)
    if run:
        yield " ".join(each.text for each in run)


def _days(fields: dict[str, JsonObject], wanted: Wanted, goal: Goal) -> dict[str, Json]:
    """The days that were said, a day wider on both sides: whether an end is meant with it differs; the rows are narrowed afterwards."""
    ways = [way for each in wanted.moments for way in each.ways if way[0]]
    if not ways:
        return {}
    first = date.fromisoformat(min(way[0] for way in ways)) - timedelta(days=1)
    last = date.fromisoformat(max(way[1] for way in ways)) + timedelta(days=1)
    single = len({*ways}) == 1 and ways[0][0] == ways[0][1]
    found = dict[str, Json]()
    for name, schema in fields.items():
        said = set(words_of_name(name))
        timed = said & _TIMED or schema.get("format") in ("date", "date-time")
        if schema.get("type") != "string" or not timed or listed_choices(schema):
            continue
        if said & _FROM:
            found[name] = _written(first, schema, goal)
        elif said & _TO:
            found[name] = _written(last, schema, goal)
        elif single and said & _DAY:
            found[name] = _written(date.fromisoformat(ways[0][0]), schema, goal)
    return found


def _written(day: date, schema: JsonObject, goal: Goal) -> str:
    if schema.get("format") == "date-time":
        return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(goal.zone)).isoformat()
    stamped = _STAMP.search(str(schema.get("description", ""))) is not None
    return f"{day.isoformat()} 00:00:00" if stamped else day.isoformat()


def _choices(fields: dict[str, JsonObject], wanted: Wanted) -> dict[str, Json]:
    """What the read lists and was said: `open`, `gold`."""
    said = {each.text.casefold() for each in wanted.texts}
    found = dict[str, Json]()
    for name, schema in fields.items():
        chosen = [each for each in listed_choices(schema) if str(each).casefold() in said]
        if len(chosen) == 1:
            found[name] = chosen[0]
    return found


def _limits(fields: dict[str, JsonObject]) -> dict[str, Json]:
    """As many rows as may be had at once."""
    found = dict[str, Json]()
    for name, schema in fields.items():
        if schema.get("type") == "integer" and set(words_of_name(name)) & _MOST:
            most = schema.get("maximum", MOST_ROWS)
            found[name] = min(MOST_ROWS, most) if isinstance(most, int) else MOST_ROWS
    return found
