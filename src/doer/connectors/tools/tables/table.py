"""What every table shows, whatever kind of file it is in, and what those that can be edited can do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Protocol

from doer.domain.errors import Permanent
from doer.domain.value import Json, JsonObject

MOST_ROWS = 200_000
"""Rows of the largest table that is read."""


class Table(Protocol):
    """Rows under named columns."""

    @property
    def columns(self) -> Sequence[str]:
        """The names of the columns, in order."""
        ...

    @property
    def rows(self) -> Sequence[JsonObject]:
        """The rows, in order: column to value; a column that a row lacks is empty."""
        ...

    @property
    def read_as(self) -> str:
        """What kind of file it was read as, for a person: `CSV with ;, UTF-8`."""
        ...


class EditableTable(Table, Protocol):
    """One whose rows can be written; each edit returns the whole file, all else in it byte for byte as it was."""

    def added(self, values: Mapping[str, str]) -> bytes:
        """Return the file with one more row at the end. Raises Permanent for values that do not fit."""
        ...

    def changed(self, position: int, values: Mapping[str, str]) -> bytes:
        """Return the file with some cells of one row set. Raises Permanent for values that do not fit."""
        ...

    def removed(self, position: int) -> bytes:
        """Return the file without one row."""
        ...


def column_named(said: str, columns: Sequence[str]) -> str:
    """Return the column that was meant: the same, or the only one that is the same but for case and blanks, or for being
    one or many: `the amounts` stand in `amount`.

    Raises Permanent that names the nearest.
    """
    if said in columns:
        return said
    for form in (folded, _singular):
        alike = [each for each in columns if form(each) == form(said)]
        if len(alike) == 1:
            return alike[0]
    by_fold = {folded(each): each for each in columns}
    near = get_close_matches(folded(said), by_fold, 1, 0.5)
    hint = f"; did you mean {by_fold[near[0]]!r}?" if near else ""
    shown = ", ".join(columns[:12]) + (", …" if len(columns) > 12 else "")
    raise Permanent(f"there is no column {said!r:.80}{hint} The columns are: {shown or 'none'}")


def folded(text: str) -> str:
    """Return a text without what people do not mean: case, and how many blanks or underscores stand where."""
    return " ".join(text.casefold().replace("_", " ").split())


def _singular(text: str) -> str:
    plain = folded(text)
    if plain.endswith("ies") and len(plain) > 4:
        return f"{plain[:-3]}y"
    return plain.removesuffix("s") if not plain.endswith("ss") else plain


def check_columns(columns: Iterable[str]) -> tuple[str, ...]:
    """Return a header's names if they can be told apart. Raises Permanent."""
    seen: list[str] = []
    for place, name in enumerate(columns, 1):
        if not name.strip():
            raise Permanent(f"column {place} has no name in the first row; name it, so that it can be spoken of")
        if name in seen:
            raise Permanent(f"two columns are called {name!r:.80}; rename one, so that they can be told apart")
        seen.append(name)
    return tuple(seen)


def check_count(count: int) -> None:
    """Raise Permanent for more rows than are read."""
    if count > MOST_ROWS:
        raise Permanent(f"the table has more than {MOST_ROWS:,} rows, the most that is read; a database can hold it")


def shown(value: Json) -> str:
    """Return a value as a person reads it in one line, at most 60 characters."""
    text = "empty" if value is None or value == "" else str(value).replace("\n", "⏎")
    return text if len(text) <= 60 else text[:59] + "…"
