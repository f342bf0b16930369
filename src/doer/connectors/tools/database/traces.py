"""What a receipt keeps of one write: enough to find the row again, to tell whether it is still ours, and to put it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from sqlalchemy import ColumnElement, Connection

from doer.connectors.tools.database.database import Database
from doer.connectors.tools.database.images import image, resource
from doer.connectors.tools.database.shapes import Found, Row, Shape
from doer.connectors.tools.database.statements import Rows
from doer.domain.action import Receipt
from doer.domain.errors import Permanent, UsageError
from doer.domain.value import Json, Key

Did = Literal["insert", "update", "delete", "nothing"]
_DID: Mapping[str, Did] = {"insert": "insert", "update": "update", "delete": "delete", "nothing": "nothing"}
_MOST = 400_000
"""Characters of row image that a receipt holds; a larger row could not be put back."""


@dataclass(frozen=True, slots=True)
class Trace:
    """One write."""

    did: Did
    table: str
    resource: str
    key: Row = field(default_factory=dict)
    """The cells of a key of the row as it was left (or was, when deleted); empty where the table has no key."""
    place: str = ""
    before: str = ""
    """Digest of the row before; empty: there was none."""
    after: str = ""
    """Digest of the row as it was left; empty: there is none."""
    was: Row = field(default_factory=dict)
    """The cells to put back: those changed, or the whole row that was deleted."""
    by: str = ""
    """Stamp of the transaction that wrote."""
    twins: int = 0
    """Rows of equal values after an insert without a key, ours included."""
    operation: str = ""
    """The key under which it is in the operations table."""
    evidence: str = ""

    def where(self, rows: Rows) -> ColumnElement[bool]:
        """Return the condition that names the row."""
        return rows.by(self.key) if self.key else rows.at(self.place)

    def packed(self) -> Json:
        """Return it as JSON. Raises Permanent when the row is too large to be kept."""
        if (size := sum(len(raw or "") for raw in self.was.values())) > _MOST:
            raise Permanent(
                f"{self.resource} holds {size} characters that would have to be kept for taking it back, at most {_MOST} "
                "are; nothing was changed. Change or delete it with the database's own tools"
            )
        return {
            "did": self.did, "table": self.table, "resource": self.resource, "key": dict(self.key),
            "place": self.place, "before": self.before, "after": self.after, "was": dict(self.was), "by": self.by,
            "twins": self.twins, "operation": self.operation, "evidence": self.evidence,
        }  # fmt: skip


def unpacked(undo: Json) -> Trace:
    """Return the trace that a receipt holds. Raises UsageError for a receipt of another tool."""
    if not isinstance(undo, Mapping) or (did := _DID.get(str(undo.get("did")))) is None:
        raise UsageError("this receipt was not made by a database tool")
    texts = {name: str(undo[name]) for name in ("table", "resource", "place", "before", "after", "by", "operation")}
    twins = undo["twins"]
    return Trace(
        did, **texts, key=_row(undo["key"]), was=_row(undo["was"]), evidence=str(undo["evidence"]),
        twins=twins if isinstance(twins, int) else 0,
    )  # fmt: skip


def left(database: Database, connection: Connection, rows: Rows, found: Found, trace: Trace) -> Receipt:
    """Return the receipt of a write that left this row."""
    content = database.digest(rows.shape, found.row)
    shown = image(database, rows.shape, found.row)
    kept = Trace(
        trace.did, rows.shape.title, trace.resource, rows.key_of(found.row), found.place, trace.before, content,
        trace.was, database.dialect.transaction(connection) if not trace.by else trace.by, trace.twins,
        trace.operation, trace.evidence,
    )  # fmt: skip
    versions = {resource(database, rows.shape, shown): content}
    return Receipt(result(rows.shape, shown), versions, kept.packed())


def result(shape: Shape, shown: Mapping[str, Json]) -> dict[str, Json]:
    """Return the result of a write: the table, the row, its key, and `id` where the key is one column."""
    told: dict[str, Json] = {"table": shape.title, "row": dict(shown)}
    told["key"] = {name: shown.get(name) for name in (shape.primary or (shape.keys[0] if shape.keys else ()))}
    told["id"] = shown.get(shape.primary[0]) if len(shape.primary) == 1 else None
    return told


def operation(database: Database, key: Key) -> str:
    """Return what a trace keeps of the key: the key where it is in an operations table."""
    return str(key) if database.operations is not None else ""


def _row(value: Json) -> Row:
    if not isinstance(value, Mapping):
        return {}
    return {str(name): raw if isinstance(raw, str) else None for name, raw in value.items()}
