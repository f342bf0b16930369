"""A database surveyed: which it is, the tables that this connection may read, and whether their rows may be written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Connection

from doer.connectors.surveys.survey import Ability, Entity, Survey
from doer.connectors.tools.database.database import Database
from doer.connectors.tools.database.tables import Tables
from doer.domain.value import Json, Key


@dataclass(frozen=True, slots=True)
class DatabaseSurveyor:
    """Looks at one database."""

    database: Database

    async def survey(self) -> Survey:
        """Return the server's version, and every table with its columns and keys."""
        server = await self.database.read(_server)
        receipt = await Tables(self.database).apply({}, Key("survey"), ())
        told = receipt.result if isinstance(receipt.result, Mapping) else {}
        tables = [each for each in _list(told.get("tables")) if isinstance(each, Mapping)]
        entities = tuple(Entity("table", str(each["name"]), str(each["name"]), dict(each)) for each in tables)
        written = [str(each["name"]) for each in tables if each.get("writable") is True]
        return Survey(server, self._abilities(written), entities, more=told.get("more") is True)

    def _abilities(self, written: Sequence[str]) -> tuple[Ability, ...]:
        access = self.database.access
        some = ", ".join(written[:5]) + (" …" if len(written) > 5 else "")
        return (
            Ability("find", works=True),
            Ability("change", bool(written), some or "allow.write names no table that is there"),
            Ability("read back", works=True),
            Ability("undo", bool(written), "row images" if written else ""),
            Ability("once", access.once is not None, access.once or "a lost outcome is asked about"),
        )


def _server(connection: Connection) -> str:
    if connection.dialect.name == "sqlite":
        return f"SQLite {connection.execute(sa.text('SELECT sqlite_version()')).scalar_one()}"
    version = str(connection.execute(sa.text("SELECT current_setting('server_version')")).scalar_one())
    return f"PostgreSQL {version.split(' ', 1)[0]}"


def _list(value: Json) -> Sequence[Json]:
    return value if isinstance(value, list | tuple) else ()
