"""Growth: waiting until a run has grown, whoever appended.

Appends of this process wake at once. For those of other processes one thread looks at SQLite's data_version, a read of a
few bytes of shared memory, and only while somebody waits.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from doer.domain.errors import JournalError, JournalUnwritable
from doer.domain.value import RunId
from doer.journal.schema import connect, meaning
from doer.journal.writer import tell

_INTERVAL: Final = 0.05
"""Seconds between two looks."""


@dataclass(frozen=True, slots=True, eq=False)
class _Waiter:
    run: str
    after: int
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[None]


class Growth:
    """All who wait on one journal. Safe to use from several threads and loops."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._waiting: set[_Waiter] = set()
        self._look = threading.Event()
        self._thread: threading.Thread | None = None
        self._closed = False

    async def wait(self, run: RunId, after: int) -> None:
        """Return when the run has an event with seq > after. Raises JournalError when nobody can tell any more."""
        loop = asyncio.get_running_loop()
        waiter = _Waiter(run, after, loop, loop.create_future())
        with self._lock:
            if self._closed:
                raise JournalUnwritable("the journal was closed: open it again to watch a run")
            self._waiting.add(waiter)
            self._look.set()
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, name="journal-watcher", daemon=True)
                self._thread.start()
        try:
            await waiter.future
        finally:
            with self._lock:
                self._waiting.discard(waiter)

    def notice(self, heads: Mapping[str, int]) -> None:
        """Wake those who wait for these runs to come this far."""
        self._wake(lambda each: heads.get(each.run, 0) > each.after, None)

    def close(self) -> None:
        """End the thread, and every wait with JournalUnwritable."""
        with self._lock:
            self._closed = True
            thread = self._thread
        self._wake(lambda _: True, JournalUnwritable("the journal was closed while somebody watched a run"))
        self._look.set()
        if thread is not None:
            thread.join()

    def _wake(self, chosen: Callable[[_Waiter], bool], error: JournalError | None) -> None:
        with self._lock:
            woken = {each for each in self._waiting if chosen(each)}
            self._waiting -= woken
        for each in woken:
            tell(each.loop, _set, [(each, error)])

    def _watch(self) -> None:
        try:
            with closing(connect(self._path)) as db:
                self._look_until_nobody_waits(db)
        except sqlite3.Error as failure:
            with self._lock:
                self._thread = None
            self._wake(lambda _: True, meaning(failure, self._path))

    def _look_until_nobody_waits(self, db: sqlite3.Connection) -> None:
        seen = -1
        while True:
            asked = self._look.wait(_INTERVAL)
            with self._lock:
                if not self._waiting:
                    self._thread = None
                    return
                self._look.clear()
                runs = {each.run for each in self._waiting}
            version = int(db.execute("PRAGMA data_version").fetchone()[0])
            if asked or version != seen:
                self.notice({run: _last(db, run) for run in runs})
            seen = version


def _last(db: sqlite3.Connection, run: str) -> int:
    found = db.execute("SELECT max(seq) FROM events WHERE run = ?", (run,)).fetchone()[0]
    return int(found or 0)


def _set(woken: list[tuple[_Waiter, JournalError | None]]) -> None:
    for waiter, error in woken:
        if waiter.future.done():
            continue  # cancelled meanwhile
        if error is None:
            waiter.future.set_result(None)
        else:
            waiter.future.set_exception(error)
