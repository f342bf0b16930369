"""FaultyServer: a real reverse proxy before a real HTTP server, that drops, halves, doubles and lies when told to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import h11

from doer.testing.faults.kinds import KINDS, Kind
from doer.testing.faults.listener import Listener
from doer.testing.faults.records import Sightings, is_read
from doer.testing.faults.strike import Strike, strike_of
from doer.testing.faults.wire import Answer, Request, Target, forward, read_request

When = Callable[[str, str], bool]
"""Predicate over method and target (path with query): whether a fault strikes this request."""


@dataclass(slots=True)
class Fault:
    """One fault that was ordered: what, where, how often still, and how often it struck."""

    kind: Kind
    when: When | None
    times: int | None
    hits: int = 0
    frozen: Sightings | None = None
    """For stale: what was known when the write went by."""
    spare: int = 0
    """Requests (for stale: writes) that it still lets pass before it begins."""

    def strikes(self, request: Request) -> bool:
        """Tell whether this fault is for this request."""
        if self.times is not None and self.hits >= self.times:
            return False
        if self.kind.name == "stale" and (self.frozen is None or self.frozen.remembered(request) is None):
            return False
        if not self._fits(request):
            return False
        if self.spare > 0 and self.kind.name != "stale":
            self.spare -= 1
            return False
        return True

    def freeze(self, seen: Sightings) -> None:
        """For stale, as a write goes by: keep what was answered until now, or let it pass."""
        if self.kind.name != "stale" or self.frozen is not None:
            return
        if self.spare > 0:
            self.spare -= 1
            return
        self.frozen = seen.frozen()

    def _fits(self, request: Request) -> bool:
        if self.when is not None:
            return self.when(request.method, request.target)
        return self.kind.strikes == "all" or is_read(request) == (self.kind.strikes == "reads")


@dataclass(frozen=True, slots=True)
class Entry:
    """One fault that struck."""

    kind: str
    method: str
    target: str
    forwarded: Sequence[str]
    """What the real server got of it, as `METHOD target -> status`; empty: nothing."""


@dataclass(slots=True)
class FaultyServer(Listener):
    """Stands before the real server at `target_url` (plain http) on a free loopback port; healthy until `break_`.

        async with FaultyServer("http://127.0.0.1:8080/v2") as proxy:
            proxy.break_("drop")                 # the next write is answered well and thrown away
            ... use proxy.url instead ...
            proxy.log                            # what struck, and what the real server got of it

    All requests of the client must go through it, its reads as well. The Host header is passed on, so that a server
    which builds links from it links to the proxy. `elsewhere` maps a path to the one where a misplaced or doubled write
    lands; without it that is another record of the same collection that went by, or else a new name beside it.
    `slow` is in seconds.
    """

    target_url: str
    elsewhere: Callable[[str], str] | None = None
    slow: float = 0.2
    log: list[Entry] = field(default_factory=list)
    requests: list[tuple[str, str]] = field(default_factory=list)
    """Every request that came, as method and target."""
    _faults: list[Fault] = field(default_factory=list)
    _sightings: Sightings = field(default_factory=Sightings)
    _released: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        """The address to use instead of the real one, with the same path."""
        return f"http://127.0.0.1:{self.proxy_port}{Target.of(self.target_url).path}"

    def break_(self, kind: str, times: int | None = 1, when: When | None = None, after: int = 0) -> Fault:
        """Order a fault: `times` requests (None: all, until mended) for which `when(method, target)` holds.

        It lets `after` such requests pass before. Without `when` it strikes what `KINDS[kind].strikes` says: writes, reads or all. `stale` begins with the next
        write; `refuse` closes the port at once, whatever `times` says. Raises KeyError for an unknown kind.
        """
        fault = Fault(KINDS[kind], when, times, spare=after)
        self._released.clear()
        self._faults.append(fault)
        if kind == "refuse" and self._server is not None:
            self._server.close()
            self._server = None
            fault.hits = 1
            self.log.append(Entry(kind, "", "", ()))
        return fault

    async def mend(self) -> None:
        """Take back every fault that was ordered; open the port again if it was closed; carry out what is held back."""
        self._faults.clear()
        self._released.set()
        if self._server is None:
            await self._listen()

    def count(self, kind: str) -> int:
        """Return how many times faults of this kind struck."""
        return sum(1 for entry in self.log if entry.kind == kind)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await read_request(reader)
        if request is None:
            return
        self.requests.append((request.method, request.target))
        exchange = Strike(request, reader, writer, self._carry, self._sightings, self.elsewhere, self.slow)
        fault = next((each for each in self._faults if each.strikes(request)), None)
        if fault is None:
            self._freeze(request)
            await exchange.answer(await exchange.carry(request))
            return
        fault.hits += 1
        number = len(self.log)
        self.log.append(Entry(fault.kind.name, request.method, request.target, ()))
        exchange.frozen, exchange.released = fault.frozen, self._released
        try:
            await strike_of(fault.kind.name)(exchange)
        finally:
            self.log[number] = Entry(fault.kind.name, request.method, request.target, tuple(exchange.forwarded))

    def _freeze(self, request: Request) -> None:
        """Before a write goes by: keep what was answered until now for the faults that serve it later."""
        if not is_read(request):
            for fault in self._faults:
                fault.freeze(self._sightings)

    async def _carry(self, request: Request) -> Answer:
        try:
            answer = await forward(Target.of(self.target_url), request)
        except (OSError, h11.RemoteProtocolError) as failure:
            return Answer(502, (("Content-Type", "text/plain"),), f"the real server is not there: {failure}".encode())
        self._sightings.note(request, answer)
        return answer
