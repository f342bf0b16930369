"""The writer: one thread that commits whatever is queued in one transaction (group commit).

It begins as soon as there is anything; while one commit waits for the disk the next group gathers. So a single append waits
for one fsync, and many at once share one. What an event loop asks for in one turn is handed over together when the turn is
over: nobody in it could hear of an answer before that, and a thread that was woken for each would fight it for Python's lock.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, TypeVar

from doer.domain.errors import DoerBug, DoerError, JournalUnwritable
from doer.domain.quick import quick
from doer.journal.ledger import Append, Ledger, Result, Work

_LARGEST_GROUP: Final = 1024
T = TypeVar("T")


@quick
@dataclass(frozen=True, slots=True, eq=False)
class _Ticket:
    work: Work
    future: Future[Result] | asyncio.Future[Result]
    loop: asyncio.AbstractEventLoop | None
    """Where the future lives; None: any thread may set it."""


class Writer:
    """Queues work for the ledger's thread, which starts with the first of it. `grown` is told the heads of each commit."""

    def __init__(self, ledger: Ledger, grown: Callable[[Mapping[str, int]], None]) -> None:
        self._ledger = ledger
        self._grown = grown
        self._queue: queue.SimpleQueue[Sequence[_Ticket]] = queue.SimpleQueue()
        """Nothing at all ends the thread."""
        self._gathered: dict[asyncio.AbstractEventLoop, list[_Ticket]] = {}
        """What each loop asked for in its present turn."""
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._closed = False

    async def do(self, work: Work) -> Result:
        """Return once the work is on disk. A caller that is cancelled meanwhile may find it done."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Result] = loop.create_future()
        with self._lock:
            self._refuse_when_closed()
            gathered = self._gathered.setdefault(loop, [])
            gathered.append(_Ticket(work, future, loop))
        if len(gathered) == 1:
            loop.call_soon(self._end_turn, loop)
        return await future

    def do_blocking(self, work: Work) -> Result:
        """Return once the work is on disk; for threads."""
        future: Future[Result] = Future()
        with self._lock:
            self._refuse_when_closed()
            self._hand_over([_Ticket(work, future, None)])
        return future.result()

    def close(self) -> None:
        """Finish what was asked for, then end the thread. Work handed in later is refused with JournalUnwritable."""
        with self._lock:
            self._closed = True
            for loop in [*self._gathered]:
                self._hand_over(self._gathered.pop(loop))
            thread, self._thread = self._thread, None
        if thread is not None:
            self._queue.put(())
            thread.join()

    def _refuse_when_closed(self) -> None:
        if self._closed:
            raise JournalUnwritable("the journal was closed: open it again to write")

    def _end_turn(self, loop: asyncio.AbstractEventLoop) -> None:
        with self._lock:
            if loop in self._gathered:  # else it was closed meanwhile, which handed it over
                self._hand_over(self._gathered.pop(loop))

    def _hand_over(self, tickets: Sequence[_Ticket]) -> None:
        """Queue the work; the lock is held, so that nothing comes behind the end of the thread."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._write, name="journal-writer", daemon=True)
            self._thread.start()
        self._queue.put(tickets)

    def _write(self) -> None:
        ended = False
        while not ended:
            handed = self._queue.get()
            tickets = [*handed]
            while handed and len(tickets) < _LARGEST_GROUP and not self._queue.empty():
                handed = self._queue.get()
                tickets += handed
            ended = not handed
            if tickets:
                self._settle(tickets, self._commit([each.work for each in tickets]))
        self._ledger.close()

    def _commit(self, works: Sequence[Work]) -> Sequence[Result | DoerError]:
        try:
            return self._ledger.commit(works)
        except DoerError as known:
            return [known for _ in works]
        except Exception as bug:  # noqa: BLE001 - whoever waits must hear of it, whatever it is, and the thread must live on
            return [DoerBug(f"the journal's writer failed: {bug!r}") for _ in works]

    def _settle(self, tickets: Sequence[_Ticket], answers: Sequence[Result | DoerError]) -> None:
        here: dict[asyncio.AbstractEventLoop | None, list[tuple[_Ticket, Result | DoerError]]] = {}
        heads: dict[str, int] = {}
        for ticket, answer in zip(tickets, answers, strict=True):
            here.setdefault(ticket.loop, []).append((ticket, answer))
            if isinstance(ticket.work, Append) and not isinstance(answer, DoerError):
                heads[ticket.work.run] = ticket.work.after + len(ticket.work.events)
        for loop, settled in here.items():
            tell(loop, _set, settled)
        if heads:
            self._grown(heads)


def tell(loop: asyncio.AbstractEventLoop | None, callback: Callable[[list[T]], None], argument: list[T]) -> None:
    """Call back in the loop's thread; a loop that has ended waits for nothing any more."""
    if loop is None:
        callback(argument)
    elif not loop.is_closed():
        with suppress(RuntimeError):  # closed between the question and the call
            loop.call_soon_threadsafe(callback, argument)


def _set(settled: list[tuple[_Ticket, Result | DoerError]]) -> None:
    for ticket, answer in settled:
        if ticket.future.done():
            continue  # cancelled meanwhile
        if isinstance(answer, DoerError):
            ticket.future.set_exception(answer)
        else:
            ticket.future.set_result(answer)
