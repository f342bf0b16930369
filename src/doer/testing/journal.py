"""A journal in memory with the fence, the locks and the round trip through the codec of the real one. Not durable."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from doer.domain.errors import AlreadyDriven, Outdated, PayloadErased
from doer.domain.event import Event, Recorded
from doer.domain.ports import Clock
from doer.domain.value import Digest, RunId
from doer.journal.chain import check_name
from doer.journal.codec import Codec, Encoded, digest_of


class MemoryJournal:
    """`Journal` and `Payloads` for tests. What is read was encoded and decoded, as it would be after a restart.

    Appending, reading and waiting belong to one event loop; `put` and `get` may be called from any thread.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._codec = Codec()
        self._runs: dict[RunId, list[tuple[datetime, Encoded]]] = {}
        self._driven: set[RunId] = set()
        self._payloads: dict[Digest, bytes] = {}
        self._lock = threading.Lock()
        self._waiting: list[tuple[RunId, int, asyncio.Future[None]]] = []

    async def append(self, run: RunId, after: int, events: Sequence[Event]) -> Sequence[Recorded]:
        """Append the events, all or none. Raises Outdated."""
        check_name(run)
        if not events:
            return ()
        now = self._clock.now().astimezone(UTC)
        encoded = [(now, self._codec.encode(each)) for each in events]
        last = len(self._runs.get(run, ()))
        if last != after:
            raise Outdated(f"run {run} is at {last}, not at {after}: somebody appended first; read again")
        self._runs.setdefault(run, []).extend(encoded)
        for name, seq, woken in self._waiting:
            if name == run and seq < len(self._runs[run]) and not woken.done():
                woken.set_result(None)
        recorded = [Recorded(run, seq, now, each) for seq, each in enumerate(events, start=after + 1)]
        await asyncio.sleep(0)  # the real one waits for the disk: let others in as it does
        return recorded

    async def read(self, run: RunId, after: int = 0) -> Sequence[Recorded]:
        """Return the run's events with seq > after. Raises PayloadErased."""
        kept = enumerate(self._runs.get(run, ())[after:], start=after + 1)
        return [Recorded(run, seq, at, self._codec.decode(each.body, each.payload)) for seq, (at, each) in kept]

    async def runs(self) -> Sequence[RunId]:
        """Return all runs, newest first."""
        return list(reversed(self._runs))

    @contextmanager
    def driving(self, run: RunId) -> Iterator[None]:
        """Hold the right to drive the run. Raises AlreadyDriven."""
        check_name(run)
        if run in self._driven:
            raise AlreadyDriven(f"run {run} is driven already; `doer watch {run}` shows it")
        self._driven.add(run)
        try:
            yield
        finally:
            self._driven.discard(run)

    async def grown(self, run: RunId, after: int) -> None:
        """Return as soon as the run has an event with seq > after."""
        if len(self._runs.get(run, ())) > after:
            return
        waiter = (run, after, asyncio.get_running_loop().create_future())
        self._waiting.append(waiter)
        try:
            await waiter[2]
        finally:
            self._waiting.remove(waiter)

    async def erase(self, run: RunId) -> None:
        """Erase the payloads of the run's events, and what they alone refer to; reading raises PayloadErased afterwards."""
        with self.driving(run):
            mine, others = (self._mentioned(run, own=own) for own in (True, False))
            with self._lock:
                for digest in [each for each in self._payloads if each in mine and each not in others]:
                    del self._payloads[digest]
            if run in self._runs:
                self._runs[run] = [(at, Encoded(each.body, None)) for at, each in self._runs[run]]

    def put(self, content: bytes) -> Digest:
        """Keep the bytes."""
        digest = digest_of(content)
        with self._lock:
            self._payloads[digest] = content
        return digest

    def get(self, digest: Digest) -> bytes:
        """Return the bytes. Raises PayloadErased."""
        with self._lock:
            if digest not in self._payloads:
                raise PayloadErased(f"{digest} is gone: it was erased, or never stored here")
            return self._payloads[digest]

    def _mentioned(self, run: RunId, *, own: bool) -> str:
        chosen = (events for name, events in self._runs.items() if (name == run) is own)
        return " ".join((each.payload or b"").decode() for events in chosen for _, each in events)
