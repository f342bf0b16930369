"""Test a tool of one's own: every promise of its four verbs, one pytest test each, on a real file."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from examples.note import note_tool

from doer import Tool
from doer.testing import check, check_names


class NoteCase:
    """One case in a fresh world. It looks at the world itself, and shares no code with the tool."""

    arguments = {"recipient": "Ana", "text": "the demo moved to 3pm"}  # noqa: RUF012

    def __init__(self, database: Path) -> None:
        self.tool: Tool = note_tool(database)
        self.database = database

    def sql(self, statement: str) -> list[tuple[str, ...]]:
        with closing(sqlite3.connect(self.database)) as connection, connection:
            return connection.execute(statement).fetchall()

    async def observe(self) -> list[list[str]]:
        """The world, without the ids, which differ each time."""
        return [list(row) for row in self.sql("SELECT recipient, text FROM notes ORDER BY 1, 2")]

    async def meddle(self) -> None:
        """Somebody else edits what was written."""
        self.sql("UPDATE notes SET text = 'the demo is cancelled'")

    async def remove(self) -> None:
        """Somebody else removes what was written. This method is optional."""
        self.sql("DELETE FROM notes")


@asynccontextmanager
async def fresh_world() -> AsyncIterator[NoteCase]:
    with TemporaryDirectory() as folder:
        yield NoteCase(Path(folder) / "notes.db")


@pytest.mark.parametrize("name", check_names("write"))
async def test_the_note_tool_keeps_its_promises(name: str) -> None:
    await check(name, fresh_world)
