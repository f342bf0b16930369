"""Choosing: the rows of a read while planning become the one row, or the rows, that were meant; or a question."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from doer.domain.errors import UsageError
from doer.domain.goal import Option, Question
from doer.domain.value import Json
from doer.intent.labels import moment_label
from doer.planning.skills.skill import Select
from doer.planning.stop import Stop

MOST_OPTIONS = 20
_FIELD = re.compile(r"\{(\w+)\}")


def choose(select: Select, result: Json, said: str, slot: str, answer: tuple[str, Json] | None, zone: str) -> Json:
    """Return the row (`one`), all rows (`any`) or None (`none`). Raises Stop with the question where it is doubtful.

    `said` are the words that were looked for; `answer` is a person's choice among the options asked before;
    moments in a label are told as the clock stands in `zone`.
    """
    rows = rows_of(result, select)
    match select.expect:
        case "any":
            return rows
        case "none":
            if not rows:
                return None
            raise Stop(
                Question(slot, select.several or f"{said} is there already: {label(rows[0], select, zone)}. What else?")
            )
        case "one":
            if len(rows) > 1 and answer is not None:
                rows = [row for row in rows if is_answer(row, select, answer, zone)] or rows
            if len(rows) == 1:
                return rows[0]
            if not rows:
                none = select.none or f"Nothing was found for {said}. Who or what is meant?"
                raise Stop(Question(slot, none), absent=True)
            options = tuple(Option(label(row, select, zone), row) for row in rows[:MOST_OPTIONS])
            text = select.several or f"{len(rows)} were found for {said}. Which is meant?"
            raise Stop(Question(slot, text, options))


def rows_of(result: Json, select: Select) -> Sequence[Json]:
    """Return the rows in a read's result. Raises UsageError where they are not where the select says."""
    value = result
    for part in select.rows.split(".") if select.rows else ():
        if not isinstance(value, Mapping) or part not in value:
            raise UsageError(
                f"{select.tool} answered without {select.rows!r}; select {select.id!r} expects its rows there"
            )
        value = value[part]
    if value is None:
        return []
    if isinstance(value, Mapping) and not select.rows:
        lists = [each for each in value.values() if isinstance(each, Sequence) and not isinstance(each, str)]
        objects = [each for each in lists if all(isinstance(row, Mapping) for row in each)]
        # One list of objects and little else is a page of rows; an object with lists of its own is one row.
        if len(objects) == 1 and (objects[0] or len(value) <= 4) and "id" not in value:
            return objects[0]
        return [value] if value else []
    if isinstance(value, Sequence) and not isinstance(value, str):
        return value
    return [value]


def label(row: Json, select: Select, zone: str) -> str:
    """Return how a row is shown as an option."""
    if not isinstance(row, Mapping):
        return str(row)
    row = {name: _told(each, zone) for name, each in row.items()}
    if select.label:
        return _FIELD.sub(lambda found: str(row.get(found.group(1), "?")), select.label)
    plain = [str(each) for each in row.values() if isinstance(each, str | int | float) and not isinstance(each, bool)]
    return ", ".join(plain[:4])


def _told(value: Json, zone: str) -> Json:
    """A moment as a person reads it; anything else as it is."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return value
    return value if moment is None or moment.utcoffset() is None else moment_label(moment.astimezone(ZoneInfo(zone)))


def is_answer(row: Json, select: Select, answer: tuple[str, Json], zone: str) -> bool:
    """Tell whether an answer, its text and its value, names the row."""
    text, value = answer
    if value is not None:
        return bool(value == row)
    said = text.strip().casefold()
    fields = [str(each).casefold() for each in row.values()] if isinstance(row, Mapping) else [str(row).casefold()]
    return said in fields or said == label(row, select, zone).casefold()
