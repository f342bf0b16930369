"""Columns: which column of a file's rows holds what is wanted: by its name, else by what is in it, else a question."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from doer.domain.goal import Option, Question
from doer.domain.value import Json
from doer.planning.skills.skill import ColumnWanted
from doer.planning.stop import Stop

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def with_column(wanted: ColumnWanted, rows: Sequence[Json], filed: str, answer: tuple[str, Json] | None) -> list[Json]:
    """Return the rows, each with the wanted cell under its name. Raises Stop with a question where it is in doubt, and
    where a row has nothing there.
    """
    objects = [row for row in rows if isinstance(row, Mapping)]
    columns = list(dict.fromkeys(name for row in objects for name in row))
    if not objects:
        return []
    said = "" if answer is None else str(answer[1] or answer[0]).strip()
    found = [said] if said in columns else _by_name(wanted, columns) or _by_content(wanted, objects, columns)
    if len(found) != 1:
        options = tuple(Option(each, each) for each in columns)
        raise Stop(Question(filed, f"Which column holds the {wanted.called.replace('_', ' ')}?", options))
    empty = [place for place, row in enumerate(objects, 1) if not str(row.get(found[0]) or "").strip()]
    if empty:
        raise Stop(Question(filed, f"Row {empty[0]} has nothing in the column {found[0]!r}. Which column is meant?"))
    return [{**row, wanted.called: row[found[0]]} for row in objects]


def _by_name(wanted: ColumnWanted, columns: Sequence[str]) -> list[str]:
    plain = {each: re.sub(r"[\W_]+", "", each).lower() for each in columns}
    for name in wanted.names:
        if found := [each for each, said in plain.items() if said == re.sub(r"[\W_]+", "", name).lower()]:
            return found
    return []


def _by_content(wanted: ColumnWanted, rows: Sequence[Mapping[str, Json]], columns: Sequence[str]) -> list[str]:
    if wanted.holding != "email":
        return []
    return [name for name in columns if all(_EMAIL.fullmatch(str(row.get(name) or "").strip()) for row in rows)]
