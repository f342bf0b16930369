"""The operations table: which key was done, in the same transaction as what was done (an idempotent receiver's inbox)."""

from __future__ import annotations

import json
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy import Connection

from doer.connectors.tools.database.faults import ConstraintViolated, translate
from doer.domain.action import Receipt
from doer.domain.errors import Permanent, Transient
from doer.domain.value import Json, Key

TITLE = "doer_operations"
UNDONE = "undone"


class Operations:
    """`doer_operations(key, at, what)`. `what` is the receipt until it is undone; then its images are forgotten."""

    __slots__ = ("_name", "_table")

    def __init__(self, name: str) -> None:
        self._name = name
        self._table = sa.Table(
            TITLE,
            sa.MetaData(),
            sa.Column("key", sa.String(64), primary_key=True),
            sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.current_timestamp()),
            sa.Column("what", sa.Text, nullable=False),
        )

    def there(self, connection: Connection) -> bool:
        """Tell whether the table exists."""
        return sa.inspect(connection).has_table(TITLE)

    def make(self, connection: Connection) -> None:
        """Make the table where it is missing. Raises Permanent when this user may not."""
        if not self.there(connection):
            self._table.create(connection)

    def claim(self, connection: Connection, key: Key) -> Receipt | None:
        """Take the key in this transaction, or return the receipt of when it was done.

        Raises Transient when another try of the same key is under way; Permanent when it was done and taken back.
        """
        what = self._what(connection, key)
        if what is None:
            try:
                connection.execute(sa.insert(self._table).values(key=str(key), what="{}"))
            except sa.exc.IntegrityError as error:
                fault = translate(error, self._name, "work")
                if isinstance(fault, ConstraintViolated) and fault.constraint == "unique":
                    raise Transient(f"{self._name}: another try of this very action is under way") from error
                raise fault from error
            return None
        if what.get(UNDONE):
            raise Permanent(f"{self._name}: this very action was done and taken back; ask for it anew")
        return _receipt(what)

    def record(self, connection: Connection, key: Key, receipt: Receipt) -> None:
        """Keep the receipt beside what was done."""
        what = {"result": receipt.result, "versions": dict(receipt.versions), "undo": receipt.undo}
        self._put(connection, key, what)

    def forget(self, connection: Connection, key: str) -> None:
        """Mark the key as taken back, and drop the images kept with it."""
        self._put(connection, key, {UNDONE: True})

    def undone(self, connection: Connection, key: str) -> bool:
        """Tell whether it was done and taken back."""
        what = self._what(connection, key)
        return what is not None and what.get(UNDONE) is True

    def look(self, connection: Connection, key: Key) -> Receipt | None:
        """Return the receipt of what was done for the key, or None: never done, or taken back."""
        what = self._what(connection, key) if self.there(connection) else None
        return None if what is None or what.get(UNDONE) else _receipt(what)

    def _what(self, connection: Connection, key: str) -> Mapping[str, Json] | None:
        query = sa.select(self._table.c.what).where(self._table.c.key == str(key))
        found = connection.execute(query).scalar_one_or_none()
        if found is None:
            return None
        what: Mapping[str, Json] = json.loads(found)
        return what

    def _put(self, connection: Connection, key: str, what: Mapping[str, Json]) -> None:
        text = json.dumps(what, ensure_ascii=False)
        connection.execute(sa.update(self._table).where(self._table.c.key == str(key)).values(what=text))


def _receipt(what: Mapping[str, Json]) -> Receipt:
    versions = what.get("versions")
    kept = {name: str(each) for name, each in versions.items()} if isinstance(versions, Mapping) else {}
    return Receipt(what.get("result"), kept, what.get("undo"))
