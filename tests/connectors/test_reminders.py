"""Reminders are saved and shown, never in the past, and plainly said not to be running."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.connectors.files_case import world
from tests.connectors.workspace_case import done

from doer.connectors.tools.reminders import reminder_tools
from doer.domain.action import Intent
from doer.domain.errors import Permanent, Transient, UsageError
from doer.domain.outcome import Absent, Conflict, Undone, Verified
from doer.domain.ports import Tool
from doer.domain.value import Key

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
"""A Saturday, 13:00 in Berlin."""


def named(name: str, folder: Path, now: datetime = NOW) -> Tool:
    tools = reminder_tools("todo", folder, "Europe/Berlin", now=lambda: now)
    return next(each for each in tools if each.manifest.name == f"todo.{name}")


async def listed(folder: Path, now: datetime = NOW) -> Any:
    return (await named("list_reminders", folder, now).apply({}, Key("k"), ())).result


async def refusal(name: str, folder: Path, **arguments: Any) -> str:
    with pytest.raises(Permanent) as refused:
        await named(name, folder).preview(arguments, ())
    return str(refused.value)


def rows(folder: Path) -> list[tuple[str, ...]]:
    with closing(sqlite3.connect(folder / "reminders.db")) as connection:
        return connection.execute("SELECT kind, text, at, rule FROM reminders ORDER BY at").fetchall()


async def test_reminders_are_read_although_a_process_was_killed_while_it_wrote_them(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "reminders.db")) as connection:
        connection.executescript(
            """CREATE TABLE reminders (id, key, kind, text, at, zone, rule);
               CREATE TABLE deeds (key, id, origin, before, after);"""
        )
    killed = """
import os, signal, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA cache_size = 1")  # so that pages are written before the transaction ends
connection.execute("BEGIN IMMEDIATE")
for number in range(300):
    connection.execute("INSERT INTO deeds VALUES (?, '', '', '', '')", (str(number) * 200,))
os.kill(os.getpid(), signal.SIGKILL)
"""
    command = [sys.executable, "-c", killed, str(tmp_path / "reminders.db")]
    await asyncio.to_thread(subprocess.run, command, check=False)
    assert (tmp_path / "reminders.db-journal").exists()
    assert (await listed(tmp_path))["count"] == 0


async def test_a_reminder_is_saved_on_the_clocks_of_the_workspace_and_said_not_to_run(tmp_path: Path) -> None:
    tool = named("create_reminder", tmp_path)
    arguments = {"text": "call Jo", "at": "2026-11-23T08:00:00Z"}

    preview = await tool.preview(arguments, ())
    _, receipt = await done(tool, arguments)

    assert "not yet running" in preview.note
    assert rows(tmp_path) == [("reminder", "call Jo", "2026-11-23T09:00:00+01:00", "")]
    found = await listed(tmp_path)
    assert (found["count"], found["running"]) == (1, False)
    assert "not yet running" in found["note"]
    assert found["reminders"][0]["running"] is False
    assert found["reminders"][0]["next"] == "2026-11-23T09:00:00+01:00"
    assert isinstance(receipt.result, dict)
    assert receipt.result["id"] == found["reminders"][0]["id"]


async def test_before_the_first_one_there_is_an_empty_list_and_no_file(tmp_path: Path) -> None:
    assert (await listed(tmp_path))["reminders"] == []
    assert world(tmp_path) == {}


async def test_a_time_that_is_past_or_has_no_zone_is_refused(tmp_path: Path) -> None:
    past = await refusal("create_reminder", tmp_path, text="x", at="2026-11-21T13:00:00+01:00")

    assert "Saturday 2026-11-21 13:00 is past (it is 2026-11-21 13:00 now)" in past
    assert "no time zone" in await refusal("create_reminder", tmp_path, text="x", at="2026-12-01T09:00:00")
    assert "is no time" in await refusal("create_reminder", tmp_path, text="x", at="Monday")
    assert "hundred years" in await refusal("create_reminder", tmp_path, text="x", at="2226-12-01T09:00:00Z")


async def test_a_time_that_has_passed_between_preview_and_saving_is_not_saved(tmp_path: Path) -> None:
    arguments = {"text": "x", "at": "2026-11-21T12:01:00Z"}
    preview = await named("create_reminder", tmp_path).preview(arguments, ())
    later = named("create_reminder", tmp_path, datetime(2026, 11, 21, 12, 2, tzinfo=UTC))

    with pytest.raises(Permanent, match="is past"):
        await later.apply(arguments, Key("k"), preview.changes)
    assert rows(tmp_path) == []


@pytest.mark.parametrize(
    ("arguments", "at", "rule"),
    [
        ({"repeat": "daily", "time": "07:00"}, "2026-11-22T07:00:00+01:00", "FREQ=DAILY"),
        ({"repeat": "daily", "time": "18:30"}, "2026-11-21T18:30:00+01:00", "FREQ=DAILY"),
        ({"repeat": "weekdays", "time": "07:00"}, "2026-11-23T07:00:00+01:00", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
        ({"weekday": "Saturday", "time": "13:00"}, "2026-11-28T13:00:00+01:00", "FREQ=WEEKLY"),
        ({"weekday": "Saturday", "time": "13:01"}, "2026-11-21T13:01:00+01:00", "FREQ=WEEKLY"),
        ({"at": "2026-12-01T08:00:00Z", "repeat": "monthly"}, "2026-12-01T09:00:00+01:00", "FREQ=MONTHLY"),
        ({"at": "2027-07-01T08:00:00Z"}, "2027-07-01T10:00:00+02:00", ""),
        ({"at": "2026-11-23T08:00:00Z", "rule": "rrule:freq=weekly;byday=mo,th"}, "2026-11-23T09:00:00+01:00",
         "FREQ=WEEKLY;BYDAY=MO,TH"),
    ],
)  # fmt: skip
async def test_a_schedule_begins_at_its_next_time(arguments: Any, at: str, rule: str, tmp_path: Path) -> None:
    await done(named("create_schedule", tmp_path), {"goal": "check the inbox", **arguments})

    assert rows(tmp_path) == [("schedule", "check the inbox", at, rule)]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "needs when"),
        ({"repeat": "daily"}, "needs when"),
        ({"repeat": "weekly", "time": "07:00"}, "needs its day"),
        ({"repeat": "monthly", "time": "07:00"}, "needs its first day"),
        ({"repeat": "weekdays", "weekday": "Sunday", "time": "07:00"}, "do not go together"),
        ({"repeat": "weekdays", "at": "2026-11-22T08:00:00Z"}, "the rule's own first is Monday 2026-11-23"),
        ({"at": "2026-11-23T08:00:00Z", "rule": "FREQ=SECONDLY"}, "is no rule"),
        ({"at": "2026-11-23T08:00:00Z", "rule": "FREQ=DAILY\nEXDATE:x"}, "is no rule"),
        ({"at": "2026-11-23T08:00:00Z", "rule": "FREQ=WEEKLY;BYDAY=XX"}, "can be followed"),
        ({"at": "2026-11-23T08:00:00Z", "rule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"}, "never comes"),
        ({"at": "2026-11-23T08:00:00Z", "rule": "FREQ=DAILY", "repeat": "daily"}, "not both"),
    ],
)
async def test_a_schedule_that_cannot_be_is_refused_with_what_is_missing(
    arguments: Any, said: str, tmp_path: Path
) -> None:
    assert said in await refusal("create_schedule", tmp_path, goal="check the inbox", **arguments)


async def test_the_next_time_keeps_the_clock_when_summer_begins(tmp_path: Path) -> None:
    await done(named("create_schedule", tmp_path), {"goal": "x", "repeat": "daily", "time": "07:00"})

    found = await listed(tmp_path, datetime(2027, 3, 28, 12, tzinfo=UTC))

    assert found["reminders"][0]["next"] == "2027-03-29T07:00:00+02:00"


async def test_a_reminder_is_named_by_what_it_says_where_only_one_says_it(tmp_path: Path) -> None:
    create = named("create_reminder", tmp_path)
    for key, day in (("k1", "23"), ("k2", "24")):
        await done(create, {"text": "call Jo", "at": f"2026-11-{day}T08:00:00Z"}, key)

    told = await refusal("remove_reminder", tmp_path, reminder="Call  jo")
    assert "2 reminders say" in told
    assert "no reminder 'swim'" in await refusal("remove_reminder", tmp_path, reminder="swim")

    first = (await listed(tmp_path))["reminders"][0]["id"]
    await done(named("remove_reminder", tmp_path), {"reminder": first}, "k3")
    assert [row[2] for row in rows(tmp_path)] == ["2026-11-24T09:00:00+01:00"]


async def test_a_removed_reminder_comes_back_with_its_id_and_can_be_undone_to_the_start(tmp_path: Path) -> None:
    create, change, remove = (named(f"{each}_reminder", tmp_path) for each in ("create", "change", "remove"))
    _, made = await done(create, {"text": "call Jo", "at": "2026-11-23T08:00:00Z"}, "k1")
    _, changed = await done(change, {"reminder": "call Jo", "repeat": "weekly"}, "k2")
    _, removed = await done(remove, {"reminder": "call Jo"}, "k3")
    assert rows(tmp_path) == []

    assert isinstance(await create.undo(made), Undone)  # it is gone already
    assert isinstance(await change.undo(changed), Conflict)
    assert isinstance(await remove.undo(removed), Undone)
    assert rows(tmp_path) == [("reminder", "call Jo", "2026-11-23T09:00:00+01:00", "FREQ=WEEKLY")]
    assert isinstance(await change.undo(changed), Undone)
    assert isinstance(await create.undo(made), Undone)
    assert rows(tmp_path) == []


async def test_undo_of_a_reminder_that_was_changed_since_is_a_conflict(tmp_path: Path) -> None:
    create = named("create_reminder", tmp_path)
    _, made = await done(create, {"text": "call Jo", "at": "2026-11-23T08:00:00Z"})
    await done(named("change_reminder", tmp_path), {"reminder": "call Jo", "text": "call Ana"}, "k2")

    assert isinstance(await create.undo(made), Conflict)
    assert rows(tmp_path)[0][1] == "call Ana"


async def test_a_lost_outcome_is_found_by_its_key_and_only_by_it(tmp_path: Path) -> None:
    create = named("create_reminder", tmp_path)
    intent, _ = await done(create, {"text": "call Jo", "at": "2026-11-23T08:00:00Z"})

    assert isinstance(await create.verify(intent), Verified)
    assert isinstance(await create.verify(Intent(intent.arguments, Key("other"), intent.changes)), Absent)


async def test_many_at_once_are_all_saved(tmp_path: Path) -> None:
    create = named("create_reminder", tmp_path)
    at = "2026-11-23T08:00:00Z"

    await asyncio.gather(*(create.apply({"text": f"t{n}", "at": at}, Key(f"k{n}"), ()) for n in range(8)))

    assert sorted(row[1] for row in rows(tmp_path)) == [f"t{n}" for n in range(8)]


async def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "reminders.db").write_bytes(b"not a database, but somebody's work" * 99)

    with pytest.raises((Permanent, Transient), match=r"reminders\.db"):
        await named("create_reminder", tmp_path).apply({"text": "x", "at": "2026-11-23T08:00:00Z"}, Key("k"), ())
    assert (tmp_path / "reminders.db").read_bytes() == b"not a database, but somebody's work" * 99


def test_a_zone_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Mars/Base"):
        reminder_tools("todo", tmp_path, "Mars/Base")


@pytest.mark.parametrize("verb", ["apply", "undo"])
async def test_where_a_trigger_takes_another_reminder_away_nothing_is_written(verb: str, tmp_path: Path) -> None:
    tool = named("create_reminder", tmp_path)
    await done(tool, {"text": "keep me", "at": "2026-11-23T08:00:00Z"})
    arguments = {"text": "call Jo", "at": "2026-11-24T08:00:00Z"}
    receipt = (await done(tool, arguments, "k2"))[1] if verb == "undo" else None
    event = "INSERT" if verb == "apply" else "DELETE"
    with closing(sqlite3.connect(tmp_path / "reminders.db")) as connection, connection:
        connection.execute(
            f"CREATE TRIGGER thief AFTER {event} ON reminders WHEN {'NEW' if verb == 'apply' else 'OLD'}.text = 'call Jo' "
            "BEGIN DELETE FROM reminders WHERE text = 'keep me'; END"
        )
    before = rows(tmp_path)

    with pytest.raises(Permanent, match="look at its triggers"):
        await (tool.apply(arguments, Key("k9"), ()) if receipt is None else tool.undo(receipt))

    assert rows(tmp_path) == before
    assert len(before) == (1 if verb == "apply" else 2)


async def test_reminders_of_some_days_are_those_that_are_due_then_repeated_ones_too(tmp_path: Path) -> None:
    await done(named("create_reminder", tmp_path), {"text": "once", "at": "2026-12-02T08:00:00Z"}, "k1")
    await done(
        named("create_reminder", tmp_path), {"text": "weekly", "at": "2026-11-23T08:00:00Z", "repeat": "weekly"}, "k2"
    )

    async def of(**asked: str) -> list[tuple[str, str]]:
        found: Any = (await named("list_reminders", tmp_path).apply(asked, Key("k"), ())).result
        return [(each["text"], each["next"][:10]) for each in found["reminders"]]

    assert await of(since="2026-11-30", before="2026-12-07") == [("weekly", "2026-11-30"), ("once", "2026-12-02")]
    assert await of(since="2026-12-01", before="2026-12-03") == [("once", "2026-12-02")]
    assert await of(before="2026-11-30") == [("weekly", "2026-11-23")]
    with pytest.raises(Permanent, match="no day"):
        await of(since="soon")
