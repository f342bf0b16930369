"""Databases, SQLite and PostgreSQL: find, count, add up, insert, update and delete, each in four verbs.

What makes a second try safe (`once`):
- `operations-table`: the action's key is written to `doer_operations` in the same transaction. Every write is once.
- `unique:column`: insert is once. The column names the action: by its value in the arguments, a natural key, which says
  which row it is and not who wrote it; or, left out, by the action's own key. Update and delete are not once.
- otherwise nothing is: after a lost outcome the row is looked at, and where that cannot tell, a person is asked. A
  comparison with the row before, though atomic, does not make an update once: it cannot tell our own change that
  somebody took back from one that was never made.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from doer.connectors.tools.database.change import Delete, Update
from doer.connectors.tools.database.database import Access, Database
from doer.connectors.tools.database.find import Count, Find, Total
from doer.connectors.tools.database.insert import Insert
from doer.connectors.tools.database.tables import Tables
from doer.domain.ports import Credential, Tool

__all__ = ["Access", "Count", "Database", "Delete", "Find", "Insert", "Tables", "Total", "Update", "database_tools"]


def database_tools(  # noqa: PLR0913 - one setting of a connection each
    name: str,
    url: str,
    *,
    once: str | None = None,
    readable: Sequence[str] = ("*",),
    writable: Sequence[str] = (),
    volatile: Sequence[str] = (),
    password: Credential | None = None,
    folder: Path | None = None,
    timeout: float = 20.0,
) -> list[Tool]:
    """Return `name.find`, `.count`, `.total`, `.tables`, `.insert`, `.update`, `.delete` on one database; nothing is connected yet.

    `url` is `sqlite:///FILE` or `postgresql://USER@HOST/NAME`. `readable` and `writable` are patterns of table
    titles (`people`, `sales.*`, `*`); what is written must be readable too. `volatile` names columns that change by
    themselves (`people.updated_at`, `*.updated_at`). `password` is asked for at every connection, `folder` where a
    relative SQLite file lies; `timeout` seconds that PostgreSQL may take for one statement. Every tool has `async close()`, which lets go of the database for
    all. Raises UsageError for settings that cannot be.
    """
    access = Access(tuple(readable), tuple(writable), once, tuple(volatile))
    database = Database(name, url, access, password=password, folder=folder, timeout=timeout)
    return [
        Find(database),
        Count(database),
        Total(database),
        Tables(database),
        Insert(database),
        Update(database),
        Delete(database),
    ]
