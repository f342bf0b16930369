"""Judging: what of a result tells whether a statement holds, as a guard that is true where it does."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from doer.domain.errors import UsageError
from doer.domain.goal import Goal
from doer.domain.plan import Guard
from doer.domain.template import Literal, Reference, Template, Transform
from doer.domain.value import Json, JsonObject, StepId
from doer.intent.grounder import Grounder
from doer.intent.text import stem, words
from doer.planning.schema import mapping
from doer.planning.words.statements import Statement

_NAMES = ("display_name", "name", "title", "user_name", "email", "path", "id", "number")


def judged(said: Statement, name: StepId, result: Json, given: JsonObject, goal: Goal) -> tuple[Guard, str] | None:
    """Return a guard on the result of the step `name`, and what was read, in words; None where the result does not tell."""
    match said.kind:
        case "count":
            return _counted(said, name, result)
        case "has":
            return _counted(said, name, result) if said.told else None
        case "path":
            rows = rows_of(result)
            return None if rows is None else _row(said, name, rows, said.subject.rpartition("/")[2], exactly=True)
        case "member":
            # Who asks for a group is told its members; who asks for a person, their groups.
            among = all(
                each in _split(json.dumps(given)) or each in json.dumps(given).casefold() for each in _split(said.told)
            )
            return _member(said, name, result, said.subject if among else said.told)
        case "state":
            return _state(said, name, result)
        case "compare":
            return _compared(said, name, result, goal)


def opposite(guard: Guard) -> Guard:
    """Return the guard that is true where this one is false. Of less and greater the right side is a whole number."""
    match guard.comparison:
        case "exists":
            return replace(guard, comparison="missing")
        case "missing":
            return replace(guard, comparison="exists")
        case "equals":
            return replace(guard, comparison="differs")
        case "differs":
            return replace(guard, comparison="equals")
        case "less" | "greater":
            limit = guard.right.value if isinstance(guard.right, Literal) else None
            if isinstance(limit, int) and guard.comparison == "less":
                return replace(guard, comparison="greater", right=Literal(limit - 1))
            if isinstance(limit, int):
                return replace(guard, comparison="less", right=Literal(limit + 1))
        case "in":
            pass
    raise UsageError(f"a condition {guard.comparison!r} cannot be turned round")


def _signed(guard: Guard, said: Statement) -> Guard:
    return opposite(guard) if said.negated else guard


def rows_of(result: Json) -> tuple[tuple[str, ...], Sequence[Json]] | None:
    """The one list that a result holds, with its path; of several the one of objects."""
    if isinstance(result, Sequence) and not isinstance(result, str):
        return (), result
    lists = [
        (key, each) for key, each in mapping(result).items() if isinstance(each, Sequence) and not isinstance(each, str)
    ]
    if len(lists) > 1:
        lists = [(key, each) for key, each in lists if all(isinstance(one, Mapping) for one in each)][:1]
    return ((lists[0][0],), lists[0][1]) if len(lists) == 1 else None


def _counted(said: Statement, name: StepId, result: Json) -> tuple[Guard, str] | None:
    whole = mapping(result)
    if isinstance(whole.get("count"), int):
        number: Template = Reference(name, ("count",))
        count = whole["count"]
    else:
        rows = rows_of(result)
        if rows is None or (whole.get("more") is True and said.limit != "0"):
            return None
        number, count = Transform("count", (Reference(name, rows[0]),)), len(rows[1])
    if not said.limit.isdigit():
        return None
    limit = int(said.limit)
    match said.comparison:
        case "equals":
            guard = Guard(number, "equals", Literal(limit))
        case "greater":
            guard = Guard(number, "greater", Literal(limit - said.inclusive))
        case _:
            guard = Guard(number, "less", Literal(limit + said.inclusive))
    return _signed(guard, said), f"{count} found"


def _row(
    said: Statement, name: StepId, rows: tuple[tuple[str, ...], Sequence[Json]], value: str, *, exactly: bool = False
) -> tuple[Guard, str] | None:
    """A guard on whether a row of that name is among those that are read."""
    listed = Reference(name, rows[0])
    if rows[1] and not isinstance(rows[1][0], Mapping):
        return None if said.negated else (Guard(Literal(value), "in", listed), f"{len(rows[1])} found there")
    if not rows[1]:
        nothing = Guard(Transform("rows_with", (listed, Literal("name"), Literal(value))), "exists")
        return (Guard(listed, "missing") if said.negated else nothing), "nothing is there"
    field = next((key for key in _NAMES if any(key in mapping(each) for each in rows[1])), "name")
    more = (Literal("exactly"),) if exactly else ()
    found = Transform("rows_with", (listed, Literal(field), Literal(value), *more))
    there = any(mapping(each).get(field) == value for each in rows[1])
    return _signed(Guard(found, "exists"), said), f"{value} is {'' if there else 'not '}there"


def _member(said: Statement, name: StepId, result: Json, wanted: str) -> tuple[Guard, str] | None:
    rows = rows_of(result)
    if rows is None:
        return None
    for field in _NAMES:
        hits = [each for each in rows[1] if _split(wanted) <= _split(str(mapping(each).get(field, "")))]
        if hits:
            return None if len(hits) > 1 else _row_of(said, name, rows, field, mapping(hits[0])[field])
    return _row(said, name, rows, wanted)


def _row_of(
    said: Statement, name: StepId, rows: tuple[tuple[str, ...], Sequence[Json]], field: str, value: Json
) -> tuple[Guard, str]:
    found = Transform("rows_with", (Reference(name, rows[0]), Literal(field), Literal(value)))
    return _signed(Guard(found, "exists"), said), f"{value} is there"


def _split(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[^\s,;()]+", text.casefold()))


def _single(result: Json) -> tuple[tuple[str, ...], Mapping[str, Json]] | None:
    """The one object that was read, with its path."""
    rows = rows_of(result)
    if rows is not None and all(isinstance(each, Mapping) for each in rows[1]) and rows[1]:
        return ((*rows[0], "0"), mapping(rows[1][0])) if len(rows[1]) == 1 else None
    return ((), mapping(result)) if isinstance(result, Mapping) and rows is None else None


def _state(said: Statement, name: StepId, result: Json) -> tuple[Guard, str] | None:
    one = _single(result)
    if one is None:
        return None
    path, row = one
    adjective = said.told.casefold()
    for field, value in row.items():
        if field.casefold() == adjective and isinstance(value, bool):
            return _signed(
                Guard(Reference(name, (*path, field)), "equals", Literal(value=True)), said
            ), f"{field} is {value}".lower()
    equal = [(field, value) for field, value in row.items() if isinstance(value, str) and _plainly(value) == adjective]
    single = [*row.items()] if len(row) == 1 else []
    texts = [(field, value) for field, value in single if isinstance(value, str)]
    found = equal if len(equal) == 1 else texts
    if len(found) != 1:
        return None
    field, value = found[0]
    wanted = value if found is equal else said.told
    return _signed(Guard(Reference(name, (*path, field)), "equals", Literal(wanted)), said), f"{field} is {value}"


def _plainly(text: str) -> str:
    return re.sub(r"[_-]", " ", text).casefold()


def _compared(said: Statement, name: StepId, result: Json, goal: Goal) -> tuple[Guard, str] | None:
    one = _single(result)
    limit = _limit(said.limit, goal)
    if one is None or limit is None or said.comparison == "equals":
        return None
    path, row = one
    fit = [(field, value) for field, value in row.items() if _comparable(value, limit)]
    named = [each for each in fit if stem(each[0].rpartition("_")[2]) in {word.stem for word in words(said.subject)}]
    found = fit if len(fit) == 1 else named
    if len(found) != 1:
        return None
    field, value = found[0]
    by = 1 if said.inclusive else 0
    compared = Transform("compare", (Reference(name, (*path, field)), Literal(limit)))
    guard = Guard(compared, said.comparison, Literal(by if said.comparison == "less" else -by))
    return _signed(guard, said), f"{field} is {value}"


def _limit(text: str, goal: Goal) -> str | None:
    """A number, an amount without its currency, or a day, as it is compared."""
    found = [
        each for each in Grounder.of(goal).mentions(text) if each.kind in {"number", "amount", "date"} and each.plain
    ]
    if len(found) != 1:
        return None
    value = found[0].value
    amount = value.get("amount") if isinstance(value, Mapping) else value
    return amount if isinstance(amount, str) else None


def _comparable(value: Json, limit: str) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return False
    shape = r"\d{4}-\d\d-\d\d.*" if re.match(r"\d{4}-\d\d-\d\d", limit) else r"-?\d+(?:\.\d+)?"
    return re.fullmatch(shape, str(value)) is not None
