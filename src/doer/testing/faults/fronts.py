"""Fronts: what stands before one service of a stage and makes it lie: a proxy, a mail relay, triggers, or a vandal."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from doer.testing.faults.imap import FaultyImap
from doer.testing.faults.kinds import IMAP_KINDS, KINDS, SMTP_KINDS
from doer.testing.faults.lane import Vandal
from doer.testing.faults.proxy import Entry, FaultyServer
from doer.testing.faults.records import is_read
from doer.testing.faults.smtp import FaultySmtp
from doer.testing.faults.triggers import ACTS as TRIGGERS
from doer.testing.faults.triggers import arm, disarm, is_sqlite
from doer.testing.faults.vandal import ACTS as VANDALS
from doer.testing.faults.wire import Request

_SETTLE = 10.0
"""Seconds until a held request must have been carried on after its client left."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of one trial: which service, which kind, at its how manieth write, and whether it goes on from there."""

    service: str
    kind: str
    nth: int = 1
    lasting: bool = False

    def told(self) -> str:
        """In words."""
        return f"{self.service}: {self.kind} at write {self.nth}{' and from then on' if self.lasting else ''}"


class Front(Protocol):
    """What the trial needs of it."""

    @property
    def through(self) -> Mapping[str, str]:
        """Service -> address to reach it through; empty where nothing stands between."""
        ...

    @property
    def vandal(self) -> Vandal | None:
        """What damages the files that the job writes."""
        ...

    @property
    def struck(self) -> bool:
        """Whether the fault came to pass."""
        ...

    @property
    def writes(self) -> int:
        """How many writes went by."""
        ...

    async def mend(self) -> None:
        """Make the service honest again, and return when what it held back is done."""
        ...


def kinds_of(address: str) -> Sequence[str]:
    """Return the kinds of faults that can be put before a service at this address: http, smtp, imap, SQLite file or folder."""
    match urlsplit(address).scheme:
        case "http":
            return tuple(KINDS)
        case "smtp":
            return tuple(SMTP_KINDS)
        case "imap":
            return tuple(IMAP_KINDS)
        case "":
            path = Path(address)
            return tuple(VANDALS) if path.is_dir() else tuple(TRIGGERS) if is_sqlite(path) else ()
        case _:
            return ()


@asynccontextmanager
async def front(address: str, fault: Fault) -> AsyncIterator[Front]:
    """Stand before the service at this address, with the fault ordered; no kind: honest, to count its writes."""
    match urlsplit(address).scheme:
        case "http":
            async with FaultyServer(address) as server:
                yield _http(server, fault)
        case "smtp":
            parts = urlsplit(address)
            async with FaultySmtp(parts.hostname or "", parts.port or 25) as relay:
                if fault.kind:
                    relay.break_(fault.kind, None if fault.lasting else 1)
                yield _Smtp(relay, {fault.service: "smtp://{}:{}".format(*relay.address)})
        case "imap":
            async with FaultyImap(urlsplit(address).port or 143) as mailbox:
                if fault.kind:
                    mailbox.break_(fault.kind, None if fault.lasting else 1, fault.nth - 1)
                yield _Imap(mailbox, {fault.service: mailbox.url})
        case _ if os.path.isdir(address):  # noqa: PTH112, ASYNC240 - a look at one local name
            yield _Folder(Vandal(fault.kind, address, fault.nth) if fault.kind else None)
        case _:
            if fault.kind:
                arm(Path(address), fault.kind)
            yield _Sqlite(Path(address))


@dataclass(slots=True)
class _Http:
    server: FaultyServer
    through: Mapping[str, str]
    vandal: Vandal | None = None

    @property
    def struck(self) -> bool:
        return any(_came_to_pass(each) for each in self.server.log)

    @property
    def writes(self) -> int:
        return sum(not is_read(Request(method, target)) for method, target in self.server.requests)

    async def mend(self) -> None:
        await self.server.mend()
        await asyncio.wait_for(self.server.settled(), _SETTLE)


def _came_to_pass(entry: Entry) -> bool:
    """Tell whether the lie had its effect: another record must be known, and the server must have taken what it got."""
    last = entry.forwarded[-1] if entry.forwarded else ""
    taken = last[-3:-2] == "2"
    match entry.kind:
        case "side_record" if entry.target.endswith("/git-receive-pack"):
            return len(entry.forwarded) > 1
        case "side_record":
            return len(entry.forwarded) > 2 and last.startswith("PUT") and taken
        case "double":
            return len(entry.forwarded) > 1 and taken
        case _:
            return True


def _http(server: FaultyServer, fault: Fault) -> _Http:
    if fault.kind:
        times = None if fault.lasting or fault.kind == "stale" else 1
        # The n-th write is the moment, whatever a kind strikes by itself; stale reads begin with it, and what lasts and
        # is no matter of writes strikes every request.
        by_itself = fault.kind == "stale" or (fault.lasting and KINDS[fault.kind].strikes == "all")
        when = None if by_itself else lambda method, target: not is_read(Request(method, target))
        server.break_(fault.kind, times, when, after=fault.nth - 1)
    return _Http(server, {fault.service: server.url})


@dataclass(slots=True)
class _Smtp:
    relay: FaultySmtp
    through: Mapping[str, str]
    vandal: Vandal | None = None

    @property
    def struck(self) -> bool:
        return bool(self.relay.log)

    @property
    def writes(self) -> int:
        return 1

    async def mend(self) -> None:
        self.relay.mend()
        await asyncio.wait_for(self.relay.settled(), _SETTLE)


@dataclass(slots=True)
class _Imap:
    mailbox: FaultyImap
    through: Mapping[str, str]
    vandal: Vandal | None = None

    @property
    def struck(self) -> bool:
        return bool(self.mailbox.struck)

    @property
    def writes(self) -> int:
        return self.mailbox.writes

    async def mend(self) -> None:
        self.mailbox.mend()
        await asyncio.wait_for(self.mailbox.settled(), _SETTLE)


@dataclass(slots=True)
class _Sqlite:
    path: Path
    vandal: Vandal | None = None

    @property
    def through(self) -> Mapping[str, str]:
        return {}

    @property
    def struck(self) -> bool:
        return True

    @property
    def writes(self) -> int:
        return 1

    async def mend(self) -> None:
        disarm(self.path)


@dataclass(slots=True)
class _Folder:
    vandal: Vandal | None

    @property
    def through(self) -> Mapping[str, str]:
        return {}

    @property
    def struck(self) -> bool:
        return True

    @property
    def writes(self) -> int:
        return 1

    async def mend(self) -> None:
        """A vandal lives in the process of the job, and is gone with it."""
