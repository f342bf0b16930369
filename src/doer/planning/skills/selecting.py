"""Selecting: the result of a read while planning becomes the rows that were meant, or a question."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from doer.domain.goal import Abstention, Option, Question
from doer.domain.template import Template
from doer.domain.value import Json
from doer.planning.skills.choose import choose, is_answer, label, rows_of
from doer.planning.skills.columns import with_column
from doer.planning.skills.rows import Condition, narrow
from doer.planning.skills.skill import Select
from doer.planning.stop import Stop

_MOST_OFFERED = 8


@dataclass(frozen=True, slots=True)
class Asked:
    """What a selection may need to know beside its own declaration."""

    value_of: Callable[[Template], Awaitable[Json]]
    """What a template is here; None where it is made of what was not said."""
    answers: Mapping[str, tuple[str, Json]]
    prefix: str
    zone: str
    said: str
    """The words that were looked for."""


async def selected(select: Select, result: Json, asked: Asked) -> Json:
    """Return the row or the rows that are meant. Raises Stop with a question, or where not all rows were read."""
    if isinstance(result, Mapping) and result.get("more") is True and not select.limit:
        reason = f"{select.tool} has more rows than one read gives, and none is left out silently"
        raise Stop(Abstention(reason, (), "narrow it down"))
    slot = f"{asked.prefix}{select.slot or select.id}"
    if select.where or select.order or select.first or select.unique or select.limit or select.pick:
        every, result = _offered(select, result, asked.zone), await _narrowed(select, result, asked)
        if not result and (meant := _instead(select, every, slot, asked)) is not None:
            return meant if select.many is None else [meant]
        select = replace(select, rows="")
    if select.column is not None:
        filed = f"{asked.prefix}{select.id}_column"
        result = with_column(select.column, rows_of(result, select), filed, asked.answers.get(filed))
        select = replace(select, rows="")
    if select.many is None:
        return choose(select, result, asked.said, slot, asked.answers.get(slot), asked.zone)
    if await asked.value_of(select.many) is not None:
        return choose(replace(select, expect="any"), result, asked.said, slot, asked.answers.get(slot), asked.zone)
    # A list either way, so that one loop does for both.
    return [choose(select, result, asked.said, slot, asked.answers.get(slot), asked.zone)]


def _offered(select: Select, result: Json, zone: str) -> list[Json]:
    """The rows among which one is meant where none is as it was said: those that were read."""
    if select.expect != "one" or select.pick or select.column is not None:
        return []
    return narrow(replace(select, where=(), first="", limit=_MOST_OFFERED), rows_of(result, select), (), zone)


def _instead(select: Select, every: Sequence[Json], slot: str, asked: Asked) -> Json:
    """The row that a person chose where none was as it was said; None without any. Raises Stop with what there is."""
    if not every:
        return None
    answer = asked.answers.get(slot)
    if (
        answer is not None
        and len(found := [each for each in every if is_answer(each, select, answer, asked.zone)]) == 1
    ):
        return found[0]
    told = select.none or f"Nothing was found for {asked.said}. Which is meant?"
    options = tuple(Option(label(each, select, asked.zone), each) for each in every)
    raise Stop(Question(slot, told, options), absent=True)


async def _narrowed(select: Select, result: Json, asked: Asked) -> list[Json]:
    if select.first_when is not None and await asked.value_of(select.first_when) is None:
        select = replace(select, first="")
    values = [(each, await asked.value_of(each.value)) for each in select.where]
    # A condition that nothing was said for is left out.
    held = [Condition(each.fields, each.test, value) for each, value in values if value is not None]
    return narrow(select, rows_of(result, select), held, asked.zone)
