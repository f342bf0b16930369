"""The count of what else changed: what a transaction has written besides the one row that was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection

from doer.connectors.tools.database.dialect import Dialect, Footprint
from doer.connectors.tools.database.shapes import Shape
from doer.connectors.tools.database.statements import Rows
from doer.domain.errors import Permanent
from doer.domain.value import Digest, digest

_SMALL = 2_000
"""Rows up to which a table with triggers is compared as a whole, where the database does not tell tables apart."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """What had been written, and what the table held, before the one write."""

    footprint: Footprint
    rows: int | None = None
    images: Mapping[str, Digest] | None = field(default=None, repr=False)


def baseline(connection: Connection, dialect: Dialect, rows: Rows) -> Baseline:
    """Return where the count starts. A table with triggers is counted too, where the database tells only a total."""
    footprint = dialect.footprint(connection)
    if dialect.lasting_stamp or not rows.shape.triggers:
        return Baseline(footprint)
    count = rows.count()
    return Baseline(footprint, count, _images(rows) if count <= _SMALL and rows.shape.place else None)


def only_one(
    connection: Connection, dialect: Dialect, rows: Rows, start: Baseline, wanted: tuple[int, int, int]
) -> str:
    """Check that of the table exactly the `wanted` rows (inserted, updated, deleted) were written; return the evidence.

    Rows that triggers wrote elsewhere are counted in the evidence. Raises Permanent: the transaction is rolled back.
    """
    shape, grown = rows.shape, dialect.footprint(connection).since(start.footprint)
    if dialect.lasting_stamp:
        if not grown.tables:
            return "the database does not count what else changed"  # track_counts is off
        if (own := grown.tables.get(shape.title, (0, 0, 0))) != wanted:
            raise _more(shape, f"{own[0]} inserted, {own[1]} updated and {own[2]} deleted in {shape.title}")
        others = grown.total - 1
    else:
        others = grown.total - 1
        _check_alone(rows, start, wanted)
    if others and not shape.triggers:
        raise _more(shape, f"{others} more rows")
    return f"and {others} by its triggers" if others else "and nothing else changed"


def _check_alone(rows: Rows, start: Baseline, wanted: tuple[int, int, int]) -> None:
    if start.rows is not None and (now := rows.count()) != start.rows + wanted[0] - wanted[2]:
        raise _more(rows.shape, f"{rows.shape.title} went from {start.rows} to {now} rows")
    if start.images is None:
        return
    now_there = _images(rows)
    changed = sum(now_there.get(place) != kept for place, kept in start.images.items())
    if changed != wanted[1] + wanted[2]:
        raise _more(rows.shape, f"{changed} rows of {rows.shape.title} changed")


def _images(rows: Rows) -> Mapping[str, Digest]:
    everything = rows.read(rows.by({}), limit=_SMALL)
    return {each.place: digest(each.row) for each in everything}


def _more(shape: Shape, seen: str) -> Permanent:
    return Permanent(
        f"the database changed something else than the one row of {shape.title} ({seen}); it was rolled back and nothing "
        "was changed. Look at the table's triggers and rules"
    )
