"""Row images as people see them, the resources they belong to, and what earlier planned steps have made of them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from doer.connectors.tools.database import typed
from doer.connectors.tools.database.database import Database
from doer.connectors.tools.database.shapes import Found, Raw, Row, Shape
from doer.domain.action import Change
from doer.domain.errors import Permanent
from doer.domain.template import has_hole
from doer.domain.value import Hole, Json, JsonObject

Image = Mapping[str, Json]
_AWKWARD = re.compile(r"[\x00-\x20\x7f%/,=]")


@dataclass(frozen=True, slots=True)
class Given:
    """Values from the arguments: those known, as their columns will hold them; and all of them as they are shown."""

    cells: Row
    shown: Image

    @property
    def whole(self) -> bool:
        """No value will be known only later."""
        return self.cells.keys() == self.shown.keys()


def given(
    database: Database, connection: Connection, shape: Shape, values: JsonObject, *, later: bool = False
) -> Given:
    """Return the values, each checked against its column; with `later`, holes may stand for values not known yet.

    Raises Permanent for an unknown column, one that only the database fills, or a value that does not fit.
    """
    cells: dict[str, Raw] = {}
    shown: dict[str, Json] = {}
    for name, value in values.items():
        column = database.column(shape, name)
        if column.computed:
            raise Permanent(f"{database.name}: {shape.title}.{name} is computed by the database; leave it out")
        if later and has_hole(value):
            shown[name] = value if isinstance(value, str) else Hole.of(f"part of {name}")
            continue
        if value is None and not column.nullable:
            raise Permanent(f"{database.name}: {shape.title}.{name} must have a value")
        cells[name] = database.dialect.canonical(connection, column, value)
        shown[name] = cell(database, shape, name, cells[name])
    return Given(cells, shown)


def cell(database: Database, shape: Shape, name: str, raw: Raw) -> Json:
    """Return what an image shows of a cell; a very large one by its digest."""
    return None if raw is None else typed.bounded(database.dialect.shown(shape.column(name), raw), raw)


def image(database: Database, shape: Shape, row: Row) -> Image:
    """Return the row as an image shows it, without volatile columns."""
    left_out = database.volatile(shape)
    return {name: cell(database, shape, name, raw) for name, raw in row.items() if name not in left_out}


def version(database: Database, shape: Shape, found: Found) -> str:
    """Return the version of a row for comparison by apply: its digest, and who wrote it where the database says so."""
    content = database.digest(shape, found.row)
    return f"{found.stamp}@{content}" if found.stamp else content


def resource(database: Database, shape: Shape, shown: Image) -> str:
    """Return the row's address, `sql:crm/people/ada@acme.example`.

    A row is named by the first of its table's naming keys that it has; a later one names its columns (`id=5`).
    A row that the database will number has a hole for its name.
    """
    prefix = f"sql:{database.name}/{shape.title}/"
    for position, key in enumerate(shape.naming):
        if all(shown.get(name) is not None for name in key):
            parts = [_part(shown[name]) for name in key]
            named = [part if not position else f"{name}={part}" for name, part in zip(key, parts, strict=True)]
            return prefix + ",".join(named)
    return prefix + Hole.of(f"{' and '.join(shape.primary) or 'place'} of the new row")


def key_of(database: Database, shape: Shape, key: Json) -> JsonObject:
    """Return the key as column -> value; a plain value names a row by the first key of one column that takes it.

    Raises Permanent when it is not exactly a primary key or a unique constraint, or has no value.
    """
    if not shape.keys:
        raise Permanent(
            f"{database.name}: {shape.title} has no key, so none of its rows can be named; rows can be added"
        )
    if not isinstance(key, Mapping):
        if len(shape.primary) != 1:
            raise Permanent(f"{database.name}: the key of {shape.title} is {_choices(shape)}; name each column")
        key = {shape.primary[0]: key}
    for name in key:
        database.column(shape, name)
    if not any(set(each) == set(key) for each in shape.keys):
        given_names = ", ".join(key) or "nothing"
        raise Permanent(
            f"{database.name}: {given_names} does not name one row of {shape.title}; {_choices(shape)} does"
        )
    if any(value is None for value in key.values()):
        raise Permanent(f"{database.name}: a key of {shape.title} cannot be empty")
    return key


def expected(database: Database, shape: Shape, pending: Sequence[Change], key: Image) -> tuple[bool, Image | None]:
    """Return whether earlier planned changes decide about the row with this key, and the row as they leave it.

    `key` is as images show it. Rows are matched by what they hold, however each step addressed them.
    """
    prefix = f"sql:{database.name}/{shape.title}/"
    for change in reversed(pending):
        if not change.resource.startswith(prefix):
            continue
        if isinstance(change.after, Mapping) and _holds(change.after, key):
            return True, change.after
        if isinstance(change.before, Mapping) and _holds(change.before, key):
            return True, None
    return False, None


def removed(database: Database, title: str, pending: Sequence[Change]) -> int:
    """Return how many rows of a table earlier planned steps delete."""
    prefix = f"sql:{database.name}/{title}/"
    return sum(each.resource.startswith(prefix) and each.kind == "delete" for each in pending)


def echoes(shape: Shape, *, inserting: bool = False, filled: Sequence[str] = ()) -> tuple[str, ...]:
    """Return what else happens in the database: triggers that run, numbers used up."""
    told = [f"trigger {name} of {shape.title} may run" for name in shape.triggers]
    if inserting:
        told += [f"a number of {shape.title}.{name} is used up" for name in filled if shape.column(name).numbered]
    return tuple(told)


def _holds(row: Image, key: Image) -> bool:
    return all(name in row and row[name] == value for name, value in key.items())


def _part(value: Json) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if has_hole(text):
        return text
    return _AWKWARD.sub(lambda found: f"%{ord(found[0]):02X}", text)


def _choices(shape: Shape) -> str:
    return " or ".join("{" + ", ".join(key) + "}" for key in shape.keys)
