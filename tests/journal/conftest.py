"""Journals for the tests, with a clock that stands still and a key that is known."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from doer.journal.key import SigningKey
from doer.journal.store import SqliteJournal
from doer.testing.clock import ManualClock
from doer.testing.journal import MemoryJournal

KEY = SigningKey(bytes(range(32)))


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".doer" / "journal.db"


@pytest.fixture
def sqlite(path: Path, clock: ManualClock) -> Iterator[SqliteJournal]:
    with SqliteJournal(path, clock, KEY) as journal:
        yield journal


@pytest.fixture(params=["sqlite", "memory"])
def journal(request: pytest.FixtureRequest, clock: ManualClock) -> SqliteJournal | MemoryJournal:
    if request.param == "memory":
        return MemoryJournal(clock)
    opened: SqliteJournal = request.getfixturevalue("sqlite")
    return opened
