"""Every reminder tool keeps every promise of the four verbs, on a real file, as sqlite3 reads it."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from tests.connectors.workspace_case import done

from doer.connectors.tools.reminders import reminder_tools
from doer.domain.ports import Tool
from doer.domain.value import Json, JsonObject
from doer.testing.conformance import Make, Setting, check, check_names, conform

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
AT = "2026-11-23T09:00:00+01:00"


def named(name: str, folder: Path) -> Tool:
    tools = reminder_tools("todo", folder, "Europe/Berlin", now=lambda: NOW)
    return next(each for each in tools if each.manifest.name == f"todo.{name}")


@dataclass
class Case:
    """One reminder tool on a fresh file that holds two reminders of somebody."""

    folder: Path
    tool: Tool
    arguments: JsonObject
    lies: tuple[str, ...] = ("drop", "halve", "double", "misplace")

    async def observe(self) -> Json:
        with closing(sqlite3.connect(self.folder / "reminders.db")) as connection:
            rows = connection.execute("SELECT kind, text, at, zone, rule FROM reminders ORDER BY text, at").fetchall()
        return [list(row) for row in rows]

    async def meddle(self) -> None:
        """Edit the newest row of all, or put one in the place of what was removed."""
        removed = "SELECT id, origin FROM deeds WHERE after IS NULL"
        self._execute(
            "UPDATE reminders SET text = text || ' (edited)' WHERE id IN (SELECT id FROM deeds ORDER BY rowid DESC LIMIT 1)",
            f"INSERT OR IGNORE INTO reminders SELECT id, origin, 'reminder', 'mine', '{AT}', 'UTC', '' FROM ({removed})",
        )

    async def lie(self, kind: str) -> None:
        """Make the file itself lie, by triggers: what is written is lost, cut, written twice, or lands elsewhere."""
        after = {
            "drop": "DELETE FROM reminders WHERE id = NEW.id",
            "halve": "UPDATE reminders SET text = substr(text, 1, 2) WHERE id = NEW.id",
            "double": """INSERT INTO reminders SELECT id || 'x', key || 'x', kind, text, at, zone, rule
                         FROM reminders WHERE id = NEW.id""",
            "misplace": "UPDATE reminders SET id = 'elsewhere' WHERE id = NEW.id",
        }[kind]
        for event in ("INSERT", "UPDATE"):
            self._execute(f"CREATE TRIGGER lie_{event} AFTER {event} ON reminders BEGIN {after}; END")
        back = "INSERT INTO reminders VALUES (OLD.id, OLD.key, OLD.kind, OLD.text, OLD.at, OLD.zone, OLD.rule)"
        self._execute(
            f"CREATE TRIGGER lie_delete AFTER DELETE ON reminders WHEN OLD.text = 'call Jo' BEGIN {back}; END"
        )

    def _execute(self, *statements: str) -> None:
        with closing(sqlite3.connect(self.folder / "reminders.db")) as connection, connection:
            for statement in statements:
                connection.execute(statement)


class RemovableCase(Case):
    """One whose work somebody else can remove."""

    async def remove(self) -> None:
        self._execute("DELETE FROM reminders WHERE id IN (SELECT id FROM deeds ORDER BY rowid DESC LIMIT 1)")


def case(name: str, arguments: JsonObject) -> Make:
    @asynccontextmanager
    async def make() -> AsyncIterator[Setting]:
        with TemporaryDirectory() as place:
            folder = Path(place)
            create = named("create_reminder", folder)
            await done(create, {"text": "water the plants", "at": AT, "repeat": "weekly"}, "k1")
            await done(create, {"text": "call Jo", "at": AT}, "k2")
            kind = Case if name == "remove_reminder" else RemovableCase
            yield kind(folder, named(name, folder), arguments)

    def fresh() -> AbstractAsyncContextManager[Setting]:
        return make()

    return fresh


WRITES: Mapping[str, Make] = {
    "create": case("create_reminder", {"text": "stretch", "at": "2026-11-21T14:00:00Z"}),
    "create_repeating": case("create_reminder", {"text": "stretch", "at": AT, "rule": "FREQ=WEEKLY;BYDAY=MO,TH"}),
    "schedule": case("create_schedule", {"goal": "check the inbox", "repeat": "weekdays", "time": "07:00"}),
    "change": case("change_reminder", {"reminder": "call Jo", "at": "2026-11-24T10:00:00+01:00", "text": "call Jo!"}),
    "remove": case("remove_reminder", {"reminder": "call jo"}),
}
LIES = ("drop", "halve", "double", "misplace")


@pytest.mark.parametrize("name", check_names("write", lies=LIES))
@pytest.mark.parametrize("tool", WRITES)
async def test_a_reminder_tool_keeps_its_promise(tool: str, name: str) -> None:
    await check(name, WRITES[tool])


@pytest.mark.parametrize("name", check_names("read"))
async def test_the_list_keeps_its_promise(name: str) -> None:
    await check(name, case("list_reminders", {"text": "jo"}))


async def test_the_whole_kit_reports_that_creating_conforms() -> None:
    report = await conform(WRITES["create"])

    assert report.conforms, str(report)
    assert set(report.skipped) == {"a_read_changes_nothing"}
