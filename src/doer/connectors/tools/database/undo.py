"""Undo of one write: only while the row is still ours, in one transaction, read back afterwards on another connection."""

from __future__ import annotations

from sqlalchemy import Connection

from doer.connectors.tools.database import footprints, traces
from doer.connectors.tools.database.database import Database, counted
from doer.connectors.tools.database.faults import ConstraintViolated
from doer.connectors.tools.database.images import image, resource
from doer.connectors.tools.database.shapes import Found
from doer.connectors.tools.database.statements import Rows
from doer.connectors.tools.database.traces import Trace
from doer.domain.action import Receipt
from doer.domain.errors import Permanent
from doer.domain.outcome import Conflict, Reversal, Undone

_WANTED = {"insert": (0, 0, 1), "update": (0, 1, 0), "delete": (1, 0, 0)}


class _Refused(Exception):
    """The undo would overwrite or orphan something; the transaction is rolled back."""


async def take_back(database: Database, receipt: Receipt) -> Reversal:
    """Put back what was there. Safe to repeat. Raises Transient, or OutcomeUnknown from the commit."""
    trace = traces.unpacked(receipt.undo)
    if trace.did == "nothing":
        return Undone(evidence=f"{trace.resource} had not been changed")
    ours = {trace.after, *receipt.versions.values()}
    try:
        await database.write(lambda connection: _put_back(database, connection, trace, ours))
    except _Refused as refused:
        return Conflict(str(refused))
    except ConstraintViolated as violated:
        return Conflict(f"{trace.resource} cannot be put back: {violated}")
    return await database.read(lambda connection: _read_back(database, connection, trace))


def _put_back(database: Database, connection: Connection, trace: Trace, ours: set[str]) -> None:
    rows = database.rows(connection, trace.table, "write", trace.was)
    if trace.operation and database.operations is not None and database.operations.undone(connection, trace.operation):
        return
    now = _now(rows, trace, lock=True)
    if now is None and not trace.key and trace.by:
        # Without a key PostgreSQL moves a row whenever it is changed: gone from its place can mean changed or deleted.
        raise _Refused(f"{trace.resource} is not where it was written; no key tells whether it was changed or deleted")
    if not _is_back(database, rows, trace, now):
        _check_ours(database, rows, trace, now, ours)
        start = footprints.baseline(connection, database.dialect, rows)
        _write(rows, trace)
        if not _is_back(database, rows, trace, _now(rows, trace)):
            raise _Refused(f"{trace.resource} does not come back as it was: the database sets some of it by itself")
        try:
            footprints.only_one(connection, database.dialect, rows, start, _WANTED[trace.did])
        except Permanent as more:
            raise _Refused(str(more)) from more
    if trace.operation and database.operations is not None:
        database.operations.forget(connection, trace.operation)


def _write(rows: Rows, trace: Trace) -> None:
    match trace.did:
        case "insert":
            rows.delete(trace.where(rows))
        case "update":
            rows.update(trace.where(rows), trace.was)
        case _:
            rows.insert({name: raw for name, raw in trace.was.items() if not rows.shape.column(name).computed})


def _check_ours(database: Database, rows: Rows, trace: Trace, now: Found | None, ours: set[str]) -> None:
    if trace.did == "delete":
        if now is not None:
            raise _Refused(f"{trace.resource} is there again with other values")
        return
    if now is None:
        raise _Refused(f"{trace.resource} was deleted since")
    if database.digest(rows.shape, now.row) not in ours:
        raise _Refused(f"{trace.resource} was changed since")
    columns = None if trace.did == "insert" else tuple(trace.was)
    if depending := rows.dependents(now.row, columns):
        raise _Refused(f"{counted(depending)} refer to {trace.resource} now")


def _now(rows: Rows, trace: Trace, *, lock: bool = False) -> Found | None:
    """Return the row as it is: under the key that the write left, or (an update may change the key) the one before."""
    there = rows.read(trace.where(rows), lock=lock)
    if not there and trace.did == "update" and trace.key.keys() & trace.was.keys():
        there = rows.read(rows.by({**trace.key, **{n: r for n, r in trace.was.items() if n in trace.key}}), lock=lock)
    return there[0] if there else None


def _is_back(database: Database, rows: Rows, trace: Trace, now: Found | None) -> bool:
    """Tell whether the row is as it was before the write (also when somebody else has put it back, or removed it)."""
    if now is None or not trace.before:
        return now is None and not trace.before
    return database.digest(rows.shape, now.row) == trace.before


def _read_back(database: Database, connection: Connection, trace: Trace) -> Reversal:
    rows = database.rows(connection, trace.table, "read", trace.was)
    now = _now(rows, trace)
    if not _is_back(database, rows, trace, now):
        return Conflict(f"{trace.resource} was put back, and was changed by somebody else at once")
    if now is None:
        return Undone(evidence=f"{trace.resource} is gone again")
    address = resource(database, rows.shape, image(database, rows.shape, now.row))
    return Undone({address: trace.before}, f"{address} is as it was before")
