"""Insert: one new row, at most once for its key where the database can hold that key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from doer.connectors.tools.database import footprints, manifests, traces
from doer.connectors.tools.database.database import Database
from doer.connectors.tools.database.faults import ConstraintViolated
from doer.connectors.tools.database.images import Given, Image, echoes, expected, given, image, resource
from doer.connectors.tools.database.shapes import Found, Row, Shape
from doer.connectors.tools.database.statements import Rows, differing
from doer.connectors.tools.database.traces import Trace
from doer.connectors.tools.database.undo import take_back
from doer.domain.action import Change, Intent, Manifest, Preview, Receipt
from doer.domain.errors import Permanent
from doer.domain.outcome import Absent, Refuted, Reversal, Unknown, Verification, Verified
from doer.domain.template import has_hole
from doer.domain.value import Hole, Json, JsonObject, Key


class Insert:
    """Adds a row. With `unique:column` the column names the action: its value from the arguments, else the key itself."""

    __slots__ = ("_database", "manifest")

    def __init__(self, database: Database) -> None:
        self._database = database
        self.manifest: Manifest = manifests.insert(database.name, once=database.access.once is not None)

    async def close(self) -> None:
        """Let go of the database."""
        await self._database.connections.close()

    async def preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        title = manifests.table(arguments)
        if has_hole(title):
            return Preview(foreseeable=False, note="which table is known only later")
        return await self._database.read(lambda connection: self._foretell(connection, arguments, pending))

    async def apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        await self._database.ready()
        try:
            return await self._database.write(lambda connection: self._insert(connection, arguments, key))
        except ConstraintViolated as violated:
            if violated.constraint != "unique" or self._database.access.unique is None:
                raise
            ours = await self._database.read(lambda connection: self._named(connection, arguments, key))
            if not isinstance(ours, Verified):
                raise
            return ours.receipt

    async def verify(self, intent: Intent, receipt: Receipt | None = None) -> Verification:
        return await self._database.read(lambda connection: self._look(connection, intent, receipt))

    async def undo(self, receipt: Receipt) -> Reversal:
        return await take_back(self._database, receipt)

    # --- preview ------------------------------------------------------------------------------------------------------

    def _foretell(self, connection: Connection, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        database = self._database
        rows, values = self._given(connection, arguments, None)
        self._check_complete(rows.shape, values.shown)
        after = self._after(rows.shape, values.shown)
        address = resource(database, rows.shape, values.shown)
        self._check_free(rows, values, pending)
        missing = [each.name for each in rows.shape.columns if each.name not in values.shown]
        twins = "" if rows.shape.keys else f"twins:{rows.count(rows.by(values.cells))}"
        change = Change(
            address, None, after, echoes=echoes(rows.shape, inserting=True, filled=missing), version=twins or None
        )
        return Preview((change,), result=traces.result(rows.shape, after))

    def _given(self, connection: Connection, arguments: JsonObject, key: Key | None) -> tuple[Rows, Given]:
        """Return the table and the values; the key goes into the unique column that was left out."""
        database, values = self._database, manifests.values(arguments)
        rows = database.rows(connection, manifests.table(arguments), "write", values)
        column = database.access.unique
        if column is not None and values.get(column) is None:
            self._check_takes_key(rows.shape, column)
            filled: Json = str(key) if key is not None else Hole.of("key of this step")
            values = {**values, column: filled}
        elif column is not None:
            self._check_unique(rows.shape, column)
        for name in values:
            if database.column(rows.shape, name).insistent:
                raise Permanent(f"{database.name}: {rows.shape.title}.{name} is numbered by the database; leave it out")
        return rows, given(database, connection, rows.shape, values, later=key is None)

    def _check_unique(self, shape: Shape, column: str) -> None:
        if (column,) not in shape.keys:
            raise Permanent(
                f"{self._database.name}: once is 'unique:{column}', and {shape.title} has no unique column {column}; add a "
                "unique constraint, or use 'operations-table'"
            )

    def _check_takes_key(self, shape: Shape, column: str) -> None:
        self._check_unique(shape, column)
        if shape.column(column).kind != "text":
            raise Permanent(f"{self._database.name}: once is 'unique:{column}'; give {shape.title}.{column} a value")

    def _check_complete(self, shape: Shape, shown: Image) -> None:
        if lacking := [each.name for each in shape.columns if not each.optional and shown.get(each.name) is None]:
            raise Permanent(f"{self._database.name}: a row of {shape.title} needs {', '.join(lacking)}")

    def _after(self, shape: Shape, shown: Image) -> Image:
        left_out = self._database.volatile(shape)
        after: dict[str, Json] = {}
        for column in shape.columns:
            if column.name in left_out:
                continue
            if column.name in shown:
                after[column.name] = shown[column.name]
            elif column.filled or column.computed:
                after[column.name] = Hole.of(f"{column.name} set by the database")
            else:
                after[column.name] = None
        return after

    def _check_free(self, rows: Rows, values: Given, pending: Sequence[Change]) -> None:
        for key in rows.shape.keys:
            cells = {name: values.cells[name] for name in key if values.cells.get(name) is not None}
            if len(cells) < len(key):
                continue
            shown = {name: values.shown[name] for name in key}
            decided, row = expected(self._database, rows.shape, pending, shown)
            if row is not None or (not decided and rows.read(rows.by(cells))):
                address = resource(self._database, rows.shape, row or values.shown)
                raise Permanent(f"{address} is there already; update it, or leave it")

    # --- apply --------------------------------------------------------------------------------------------------------

    def _insert(self, connection: Connection, arguments: JsonObject, key: Key) -> Receipt:
        database = self._database
        if database.operations is not None and (done := database.operations.claim(connection, key)) is not None:
            return done
        rows, values = self._given(connection, arguments, key)
        self._check_complete(rows.shape, values.shown)
        start = footprints.baseline(connection, database.dialect, rows)
        found = rows.insert(values.cells)
        if found is None:
            raise Permanent(
                f"{database.name} took the row of {rows.shape.title} and stored nothing; it was rolled back"
            )
        if wrong := differing(values.cells, found.row):
            raise Permanent(f"{database.name} stored {', '.join(wrong)} otherwise than asked; it was rolled back")
        evidence = footprints.only_one(connection, database.dialect, rows, start, (1, 0, 0))
        receipt = self._receipt(connection, rows, values.cells, found, traces.operation(database, key), evidence)
        if database.operations is not None:
            database.operations.record(connection, key, receipt)
        return receipt

    def _receipt(
        self, connection: Connection, rows: Rows, cells: Row, found: Found, operation: str, evidence: str
    ) -> Receipt:
        address = resource(self._database, rows.shape, image(self._database, rows.shape, found.row))
        twins = 0 if rows.shape.keys else rows.count(rows.by(cells))
        trace = Trace(
            "insert", rows.shape.title, address, twins=twins, operation=operation, evidence=evidence, by=found.stamp
        )
        receipt = traces.left(self._database, connection, rows, found, trace)
        assert isinstance(receipt.result, Mapping)
        issued = [name for name in rows.shape.names if name not in cells]
        shown = image(self._database, rows.shape, found.row)
        generated: Json = {name: shown[name] for name in issued if shown.get(name) is not None}
        return Receipt({**receipt.result, "generated": generated}, receipt.versions, receipt.undo)

    # --- verify -------------------------------------------------------------------------------------------------------

    def _look(self, connection: Connection, intent: Intent, receipt: Receipt | None) -> Verification:
        database = self._database
        if receipt is None and database.operations is not None:
            receipt = database.operations.look(connection, intent.key)
            if receipt is None:
                return Absent("its key is not in the operations table")
        if receipt is None:
            return self._named(connection, intent.arguments, intent.key, intent.changes)
        rows, values = self._given(connection, intent.arguments, intent.key)
        trace = traces.unpacked(receipt.undo)
        there = rows.read(trace.where(rows))
        written = rows.written_by(trace.by) if trace.by else None
        if not there and written:
            return Refuted(f"{written} rows of {trace.table} were written in other places")
        if not there and not trace.key and trace.by:
            return Refuted(f"{trace.resource} is not where it was written: it was changed or deleted")
        if not there:
            return Absent(f"{trace.resource} is not there")
        if wrong := differing(values.cells, there[0].row):
            return Refuted(f"{trace.resource} does not hold what was asked for in {', '.join(wrong)}", receipt)
        if database.digest(rows.shape, there[0].row) != trace.after:
            return Refuted(f"{trace.resource} was changed since it was written", receipt)
        if written is not None and written != 1:
            return Refuted(f"{written} rows of {trace.table} were written instead of one", receipt)
        twins = 0 if rows.shape.keys else rows.count(rows.by(values.cells))
        if not trace.by and twins > trace.twins:
            return Refuted(f"{twins} rows of {trace.table} hold these values, and {trace.twins} were expected", receipt)
        return Verified(receipt, f"{trace.resource} read back {trace.evidence}".strip())

    def _named(
        self, connection: Connection, arguments: JsonObject, key: Key, changes: Sequence[Change] = ()
    ) -> Verification:
        """Look for the row by its unique values, where no operations table knows the key."""
        rows, values = self._given(connection, arguments, key)
        names = [each for each in rows.shape.keys if all(values.cells.get(name) is not None for name in each)]
        if not names:
            return self._anonymous(rows, values.cells, changes)
        there = rows.read(rows.by({name: values.cells[name] for name in names[0]}))
        if not there:
            return Absent(f"{resource(self._database, rows.shape, values.shown)} is not there")
        address = resource(self._database, rows.shape, image(self._database, rows.shape, there[0].row))
        if wrong := differing(values.cells, there[0].row):
            return Refuted(f"{address} is there and differs in {', '.join(wrong)}")
        receipt = self._receipt(connection, rows, values.cells, there[0], "", "")
        return Verified(receipt, f"{address} read back by its unique values")

    def _anonymous(self, rows: Rows, cells: Row, changes: Sequence[Change]) -> Verification:
        """Nothing tells this action's row from another of the same values: only that there is none can be said."""
        twins = rows.count(rows.by(cells))
        foretold = next((each.version for each in changes if each.version), None)
        if twins == 0 or foretold == f"twins:{twins}":
            return Absent(f"{rows.shape.title} has no new row of these values")
        return Unknown(
            f"{rows.shape.title} has {twins} rows of these values; no key tells whether one is ours", final=True
        )
