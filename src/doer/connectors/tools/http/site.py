"""One HTTP connection: its address, what may be read and written there, who is let in, and what each key has done."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import quote

from doer.connectors.tools.deeds import Deeds
from doer.connectors.tools.http.address import Origin, is_allowed, parse_path
from doer.connectors.tools.http.pace import Pace, Sleep
from doer.connectors.tools.http.wire import Wire
from doer.connectors.tools.http_outcome import open_client
from doer.domain.errors import CredentialRefused, Permanent
from doer.domain.ports import Credential
from doer.domain.value import Json

_SHORTEST_HIDDEN = 4


@dataclass(frozen=True, slots=True)
class Door:
    """How the server learns who asks. The secret is asked for at each opening, and kept nowhere."""

    header: str = ""
    """Header that carries the secret; empty: nobody is told."""
    scheme: str = ""
    """`Basic`, `Bearer`, or nothing before the bare secret."""
    username: str = ""
    credential: Credential | None = None

    def headers(self) -> tuple[dict[str, str], tuple[str, ...]]:
        """Return the headers to send, and the texts that must never be shown. Raises CredentialRefused."""
        if not self.header or self.credential is None:
            return {}, ()
        secret = self.credential()
        pair = base64.b64encode(f"{self.username}:{secret}".encode()).decode()
        sent = pair if self.scheme == "Basic" else secret
        if not sent or not sent.isascii() or not sent.isprintable() or sent != sent.strip():
            raise CredentialRefused(
                "the stored secret is empty, or has signs that no HTTP header carries: connect again"
            )
        hidden = {secret, pair, quote(secret), quote(secret, safe=""), json.dumps(secret)[1:-1]}
        value = f"{self.scheme} {sent}" if self.scheme else sent
        return {self.header: value}, tuple(sorted((each for each in hidden if len(each) >= _SHORTEST_HIDDEN), key=len))[
            ::-1
        ]


@dataclass(frozen=True, slots=True)
class Habits:
    """What the operator knows of the service, and the service does not say of itself."""

    id_field: str = "id"
    """Field of a record whose value is the last part of its path."""
    volatile: frozenset[str] = frozenset()
    """Fields that the server sets by itself: left out of every comparison."""
    natural_key: str = ""
    """Field that people tell records apart by, such as `email`; empty: none."""
    key_field: str = ""
    """Field that carries our key, which the server holds unique; empty: none."""
    sends_key: bool = False
    """The server honours Idempotency-Key."""
    recreatable: tuple[str, ...] = ()
    """Patterns of paths at which PUT makes a deleted resource again, exactly."""


@dataclass(slots=True)
class Site:
    """One connected service.

    Writes go one at a time, so that what changes beside a write is not the write of another step. A second try with a
    key in this process gets the receipt of the first; across processes `verify` finds what the first try left.
    """

    name: str
    base: Origin
    door: Door
    readable: Sequence[str]
    writable: Sequence[str]
    habits: Habits
    timeout: float
    sleep: Sleep
    pace: Pace = field(default_factory=Pace)
    writing: asyncio.Lock = field(default_factory=asyncio.Lock)
    deeds: Deeds = field(default_factory=Deeds)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Wire]:
        """Open the connection for one verb. Raises CredentialRefused when there is no secret to show."""
        headers, hidden = self.door.headers()
        async with open_client(self.base.origin, self.timeout, headers=headers) as client:
            yield Wire(self.base, client, self.readable, self.pace, self.sleep, hidden, patience=self.timeout)

    def uri(self, path: str) -> str:
        """Return the URI of a resource: `http:crm/tickets/4812`."""
        return f"http:{self.name}{path}"

    def to_read(self, said: Json) -> str:
        """Return the path if it may be read. Raises Permanent."""
        path = parse_path(said)
        if not is_allowed(path, self.readable):
            raise Permanent(
                f"{self.uri(path)} may not be read here: {_told(self.readable)} may (`allow` of the connection)"
            )
        return path

    def to_write(self, said: Json) -> str:
        """Return the path if it may be written, and read back. Raises Permanent."""
        path = parse_path(said)
        if not is_allowed(path, self.writable):
            raise Permanent(
                f"{self.uri(path)} may not be written here: {_told(self.writable)} may (`allow` of the connection)"
            )
        return self.to_read(path)


def _told(patterns: Sequence[str]) -> str:
    return "only " + ", ".join(patterns) if patterns else "nothing"
