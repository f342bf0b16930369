"""Update and delete: one row by its key, only while it is as it was previewed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from doer.connectors.tools.database import footprints, manifests, reconcile, traces
from doer.connectors.tools.database.database import Database, counted
from doer.connectors.tools.database.images import (
    Image,
    echoes,
    expected,
    given,
    image,
    key_of,
    removed,
    resource,
    version,
)
from doer.connectors.tools.database.shapes import Found, Row
from doer.connectors.tools.database.statements import Rows, differing
from doer.connectors.tools.database.traces import Trace
from doer.connectors.tools.database.undo import take_back
from doer.domain.action import Change, Intent, Manifest, Preview, Receipt
from doer.domain.errors import Permanent
from doer.domain.outcome import Reversal, Verification
from doer.domain.template import has_hole
from doer.domain.value import Hole, Json, JsonObject, Key


@dataclass(frozen=True, slots=True)
class _Target:
    """The row that is meant, as it is, or as earlier planned steps leave it."""

    rows: Rows
    before: Image
    found: Found | None
    """None: it exists only in the plan so far."""


class _Changing(ABC):
    """What update and delete share: finding the row, comparing it, and reading back."""

    __slots__ = ("_database", "manifest")

    def __init__(self, database: Database, manifest: Manifest) -> None:
        self._database = database
        self.manifest = manifest

    async def close(self) -> None:
        """Let go of the database."""
        await self._database.connections.close()

    async def preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        title = manifests.table(arguments)
        if has_hole(title):
            return Preview(foreseeable=False, note="which table is known only later")
        if has_hole(arguments.get("key")):
            return self._unforeseeable(title, arguments)
        return await self._database.read(lambda connection: self._foretell(connection, arguments, pending))

    async def apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        await self._database.ready()
        return await self._database.write(lambda connection: self._once(connection, arguments, key, before))

    async def verify(self, intent: Intent, receipt: Receipt | None = None) -> Verification:
        return await self._database.read(lambda connection: self._look(connection, intent, receipt))

    async def undo(self, receipt: Receipt) -> Reversal:
        return await take_back(self._database, receipt)

    @abstractmethod
    def _foretell(self, connection: Connection, arguments: JsonObject, pending: Sequence[Change]) -> Preview: ...

    @abstractmethod
    def _write(
        self, connection: Connection, arguments: JsonObject, rows: Rows, found: Found, operation: str
    ) -> Receipt: ...

    @abstractmethod
    def _look(self, connection: Connection, intent: Intent, receipt: Receipt | None) -> Verification: ...

    def _unforeseeable(self, title: str, arguments: JsonObject) -> Preview:
        key = arguments.get("key")
        named = ",".join(map(str, key.values())) if isinstance(key, Mapping) else str(key)
        values = arguments.get("values")
        row: Json = Hole.of(f"the row {named.strip(Hole.OPEN + Hole.CLOSE)}")
        change = Change(
            f"sql:{self._database.name}/{title}/{named}", row, dict(values) if isinstance(values, Mapping) else None
        )
        return Preview((change,), foreseeable=False, note="which row it is, and what it holds, is known only later")

    def _target(self, connection: Connection, arguments: JsonObject, pending: Sequence[Change]) -> _Target:
        database, values = self._database, manifests.values(arguments)
        rows = database.rows(connection, manifests.table(arguments), "write", values)
        key = given(database, connection, rows.shape, key_of(database, rows.shape, arguments.get("key")))
        decided, row = expected(database, rows.shape, pending, key.shown)
        if decided and row is not None:
            return _Target(rows, row, None)
        there = [] if decided else rows.read(rows.by(key.cells))
        if not there:
            raise Permanent(
                f"{resource(database, rows.shape, key.shown)} is not there" + (", once earlier steps ran" * decided)
            )
        return _Target(rows, image(database, rows.shape, there[0].row), there[0])

    def _once(self, connection: Connection, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        database, ledger = self._database, self._database.operations
        if ledger is not None and (done := ledger.claim(connection, key)) is not None:
            return done
        rows = database.rows(connection, manifests.table(arguments), "write", manifests.values(arguments))
        named = given(database, connection, rows.shape, key_of(database, rows.shape, arguments.get("key")))
        there = rows.read(rows.by(named.cells), lock=True)
        if not there:
            raise Permanent(f"{resource(database, rows.shape, named.shown)} is not there any more")
        self._check_unchanged(rows, there[0], before)
        receipt = self._write(connection, arguments, rows, there[0], traces.operation(database, key))
        if ledger is not None:
            ledger.record(connection, key, receipt)
        return receipt

    def _check_unchanged(self, rows: Rows, found: Found, before: Sequence[Change]) -> None:
        database = self._database
        for change in before:
            now = image(database, rows.shape, found.row)
            same = (
                now == change.before
                if change.version is None
                else version(database, rows.shape, found) == change.version
            )
            if not same:
                raise Permanent(f"{change.resource} was changed since it was previewed; nothing was overwritten")


class Update(_Changing):
    """Sets columns of one row."""

    __slots__ = ()

    def __init__(self, database: Database) -> None:
        super().__init__(database, manifests.update(database.name, once=database.operations is not None))

    def _foretell(self, connection: Connection, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        database = self._database
        target = self._target(connection, arguments, pending)
        shape, left_out = target.rows.shape, database.volatile(target.rows.shape)
        values = given(database, connection, shape, manifests.values(arguments), later=True)
        if not values.shown:
            raise Permanent(f"{database.name}: nothing to set; give at least one column of {shape.title}")
        shown = {name: value for name, value in values.shown.items() if name not in left_out}
        after = {**target.before, **shown}
        if after != target.before:
            after |= {c.name: Hole.of(f"{c.name} computed by the database") for c in shape.columns if c.computed}
        found = target.found
        if found is not None:
            self._check_followed(target.rows, found, differing(values.cells, found.row))
        change = Change(
            resource(database, shape, target.before), target.before, after, echoes=echoes(shape),
            version=None if found is None else version(database, shape, found),
        )  # fmt: skip
        return Preview((change,), result=traces.result(shape, after))

    def _check_followed(self, rows: Rows, found: Found, columns: Sequence[str]) -> None:
        if columns and (depending := rows.dependents(found.row, columns)):
            raise Permanent(f"{counted(depending)} refer to {', '.join(columns)} of this row of {rows.shape.title}")

    def _write(
        self, connection: Connection, arguments: JsonObject, rows: Rows, found: Found, operation: str
    ) -> Receipt:
        database, shape = self._database, rows.shape
        cells = given(database, connection, shape, manifests.values(arguments)).cells
        address = resource(database, shape, image(database, shape, found.row))
        changed: Row = {name: cells[name] for name in differing(cells, found.row)}
        if not changed:
            return traces.left(
                database, connection, rows, found, Trace("nothing", shape.title, address, operation=operation)
            )
        self._check_followed(rows, found, tuple(changed))
        start = footprints.baseline(connection, database.dialect, rows)
        count = rows.update(rows.identity(found), changed)
        intended = {**found.row, **changed}
        there = rows.read(rows.by(rows.key_of(intended)))
        if count != 1 or len(there) != 1:
            raise Permanent(f"{database.name} changed {count} rows instead of {address}; it was rolled back")
        if wrong := [name for name in differing(intended, there[0].row) if name in database.content(shape)]:
            raise Permanent(
                f"{database.name} left {', '.join(wrong)} of {address} otherwise than asked; it was rolled back. Declare "
                "a column volatile if the database sets it by itself"
            )
        evidence = footprints.only_one(connection, database.dialect, rows, start, (0, 1, 0))
        was: Row = {name: found.row[name] for name in changed}
        trace = Trace(
            "update", shape.title, address, before=database.digest(shape, found.row), was=was, operation=operation,
            evidence=evidence,
        )  # fmt: skip
        return traces.left(database, connection, rows, there[0], trace)

    def _look(self, connection: Connection, intent: Intent, receipt: Receipt | None) -> Verification:
        return reconcile.updated(self._database, connection, intent, receipt)


class Delete(_Changing):
    """Deletes one row on which no other depends."""

    __slots__ = ()

    def __init__(self, database: Database) -> None:
        super().__init__(database, manifests.delete(database.name, once=database.operations is not None))

    def _foretell(self, connection: Connection, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        database = self._database
        target = self._target(connection, arguments, pending)
        shape, found = target.rows.shape, target.found
        if found is not None:
            self._check_alone(target.rows, found, pending)
        change = Change(
            resource(database, shape, target.before), target.before, None, echoes=echoes(shape),
            version=None if found is None else version(database, shape, found),
        )  # fmt: skip
        return Preview((change,), result=traces.result(shape, target.before))

    def _check_alone(self, rows: Rows, found: Found, pending: Sequence[Change]) -> None:
        depending = {
            title: left
            for title, count in rows.dependents(found.row).items()
            if (left := count - removed(self._database, title, pending)) > 0
        }
        if depending:
            raise Permanent(
                f"{counted(depending)} refer to this row of {rows.shape.title}; delete or change those first"
            )

    def _write(
        self, connection: Connection, arguments: JsonObject, rows: Rows, found: Found, operation: str
    ) -> Receipt:
        database, shape = self._database, rows.shape
        shown = image(database, shape, found.row)
        address = resource(database, shape, shown)
        self._check_alone(rows, found, ())
        start = footprints.baseline(connection, database.dialect, rows)
        count = rows.delete(rows.identity(found))
        if count != 1 or rows.read(rows.identity(found)):
            raise Permanent(f"{database.name} deleted {count} rows instead of {address}; it was rolled back")
        evidence = footprints.only_one(connection, database.dialect, rows, start, (0, 0, 1))
        trace = Trace(
            "delete", shape.title, address, rows.key_of(found.row), before=database.digest(shape, found.row),
            was=found.row, operation=operation, evidence=evidence, by=database.dialect.transaction(connection),
        )  # fmt: skip
        return Receipt(traces.result(shape, shown), {}, trace.packed())

    def _look(self, connection: Connection, intent: Intent, receipt: Receipt | None) -> Verification:
        return reconcile.deleted(self._database, connection, intent, receipt)
