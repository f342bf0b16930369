"""Reading back an update or a delete, with its receipt, by its key, or by nothing but what the row holds now."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from doer.connectors.tools.database import manifests, traces
from doer.connectors.tools.database.database import Database
from doer.connectors.tools.database.images import Image, given, image, key_of, resource, version
from doer.connectors.tools.database.shapes import Found, Raw, Row
from doer.connectors.tools.database.statements import Rows, differing
from doer.connectors.tools.database.traces import Trace
from doer.domain.action import Change, Intent, Receipt
from doer.domain.errors import Permanent
from doer.domain.outcome import Absent, Refuted, Unknown, Verification, Verified


def updated(database: Database, connection: Connection, intent: Intent, receipt: Receipt | None) -> Verification:
    """Read back an update."""
    receipt = _kept(database, connection, intent, receipt)
    if receipt is None and database.operations is not None:
        return Absent("its key is not in the operations table")
    rows = database.rows(connection, manifests.table(intent.arguments), "write", manifests.values(intent.arguments))
    cells = given(database, connection, rows.shape, manifests.values(intent.arguments)).cells
    if receipt is None:
        return _updated_by_state(database, connection, intent, rows, cells)
    trace = traces.unpacked(receipt.undo)
    there = rows.read(trace.where(rows))
    written = rows.written_by(trace.by) if trace.by and trace.did == "update" else None
    if not there:
        return Refuted(f"{trace.resource} is gone")
    digest = database.digest(rows.shape, there[0].row)
    if digest == trace.before and trace.did == "update":
        if written:
            return Refuted(f"{written} rows of {trace.table} were written in other places")
        return Absent(f"{trace.resource} is as it was before")
    if wrong := differing(cells, there[0].row):
        return Refuted(f"{trace.resource} does not hold what was asked for in {', '.join(wrong)}", receipt)
    if digest != trace.after:
        return Refuted(f"{trace.resource} was changed since it was written", receipt)
    if written is not None and written != 1:
        return Refuted(f"{written} rows of {trace.table} were written instead of one", receipt)
    return Verified(receipt, f"{trace.resource} read back {trace.evidence}".strip())


def deleted(database: Database, connection: Connection, intent: Intent, receipt: Receipt | None) -> Verification:
    """Read back a delete."""
    receipt = _kept(database, connection, intent, receipt)
    if receipt is None and database.operations is not None:
        return Absent("its key is not in the operations table")
    rows = database.rows(connection, manifests.table(intent.arguments), "write")
    if receipt is None:
        return _deleted_by_state(database, connection, intent, rows)
    trace = traces.unpacked(receipt.undo)
    if there := rows.read(rows.with_any_key_of(trace.was)):
        if database.digest(rows.shape, there[0].row) == trace.before:
            return Absent(f"{trace.resource} is still there")
        return Refuted(f"{trace.resource} is there with other values", receipt)
    if trace.by and (written := rows.written_by(trace.by)):
        return Refuted(f"{written} rows of {trace.table} were written instead of none", receipt)
    return Verified(receipt, f"{trace.resource} is gone {trace.evidence}".strip())


def _kept(database: Database, connection: Connection, intent: Intent, receipt: Receipt | None) -> Receipt | None:
    if receipt is not None or database.operations is None:
        return receipt
    return database.operations.look(connection, intent.key)


def _updated_by_state(
    database: Database, connection: Connection, intent: Intent, rows: Rows, cells: Row
) -> Verification:
    """Without a record of the key: as asked for, as before, or anything else, which nobody can explain."""
    change = _foretold(intent)
    if change is None or not isinstance(change.before, Mapping):
        return Unknown("the row before was not kept", final=True)
    named = given(database, connection, rows.shape, key_of(database, rows.shape, intent.arguments.get("key"))).cells
    moved = {name: cells.get(name, raw) for name, raw in named.items()}
    there = rows.read(rows.by(moved)) or rows.read(rows.by(named))
    if not there:
        return Unknown(f"{change.resource} is gone", final=True)
    if image(database, rows.shape, there[0].row) == change.before:
        return _untouched(database, rows, there[0], change)
    was = _restored(database, connection, rows, {name: change.before[name] for name in cells if name in change.before})
    before = None if was is None else {**there[0].row, **was}
    if differing(cells, there[0].row) or before is None or not _is_before(database, rows, before, change):
        return Unknown(f"{change.resource} is neither as it was before nor as it was to be", final=True)
    assert was is not None
    changed: Row = {name: was[name] for name in differing(was, there[0].row)}
    trace = Trace(
        "update", rows.shape.title, change.resource, before=database.digest(rows.shape, before), was=changed,
        by=there[0].stamp,
    )  # fmt: skip
    return Verified(traces.left(database, connection, rows, there[0], trace), f"{change.resource} is as it was to be")


def _deleted_by_state(database: Database, connection: Connection, intent: Intent, rows: Rows) -> Verification:
    change = _foretold(intent)
    if change is None or not isinstance(change.before, Mapping):
        return Unknown("the row before was not kept", final=True)
    key = given(database, connection, rows.shape, key_of(database, rows.shape, intent.arguments.get("key"))).cells
    if there := rows.read(rows.by(key)):
        if image(database, rows.shape, there[0].row) == change.before:
            return _untouched(database, rows, there[0], change)
        return Unknown(f"{change.resource} is there with other values", final=True)
    row = _restored(database, connection, rows, change.before)
    if row is None or not _is_before(database, rows, row, change):
        return Unknown(f"{change.resource} is gone, and cannot be put back from its preview", final=True)
    trace = Trace(
        "delete", rows.shape.title, change.resource, rows.key_of(row), before=database.digest(rows.shape, row), was=row
    )
    receipt = Receipt(traces.result(rows.shape, change.before), {}, trace.packed())
    return Verified(receipt, f"{change.resource} is gone")


def _untouched(database: Database, rows: Rows, found: Found, change: Change) -> Verification:
    if database.dialect.lasting_stamp and version(database, rows.shape, found) != change.version:
        return Unknown(
            f"{change.resource} was written since, and is as it was before: somebody may have put it back", final=True
        )
    return Absent(f"{resource(database, rows.shape, image(database, rows.shape, found.row))} is as it was before")


def _foretold(intent: Intent) -> Change | None:
    return intent.changes[0] if intent.changes else None


def _restored(database: Database, connection: Connection, rows: Rows, shown: Image) -> Row | None:
    """Return the cells that an image shows, or None where it shows less than they hold."""
    cells: dict[str, Raw] = {}
    for name, value in shown.items():
        column = database.column(rows.shape, name)
        if column.computed:
            continue
        try:
            cells[name] = database.dialect.canonical(connection, column, value)
        except Permanent:
            return None
    return cells


def _is_before(database: Database, rows: Rows, row: Row, change: Change) -> bool:
    return change.version is None or change.version.endswith(database.digest(rows.shape, row))
