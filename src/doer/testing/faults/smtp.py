"""FaultySmtp: a real SMTP relay before a real SMTP server, that loses, doubles and misdelivers mail when told to."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import ClassVar

from doer.testing.faults.kinds import SMTP_KINDS
from doer.testing.faults.listener import Relay, Streams

_END = b"\r\n.\r\n"
_LIMIT = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Handed:
    """One message on which a fault struck."""

    kind: str
    sender: bytes
    recipients: tuple[bytes, ...]
    delivered: int
    """How many messages the real server took of it."""


@dataclass(slots=True)
class _Session:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    server_reader: asyncio.StreamReader
    server_writer: asyncio.StreamWriter
    sender: bytes = b""
    recipients: list[bytes] = field(default_factory=list)

    async def ask(self, line: bytes) -> bytes:
        """Say one line to the real server and return its whole reply."""
        self.server_writer.write(line)
        await self.server_writer.drain()
        return await self.reply()

    async def reply(self) -> bytes:
        lines = [await self.server_reader.readline()]
        while lines[-1][3:4] == b"-":
            lines.append(await self.server_reader.readline())
        return b"".join(lines)

    async def tell(self, reply: bytes) -> None:
        """Answer the client."""
        self.writer.write(reply)
        await self.writer.drain()

    async def deliver(self, message: bytes, recipients: list[bytes]) -> int:
        """Hand one message to the real server; return 1 when it took it."""
        await self.ask(b"RSET\r\n")
        await self.ask(self.sender)
        for recipient in recipients:
            await self.ask(recipient)
        if not (await self.ask(b"DATA\r\n")).startswith(b"354"):
            return 0
        return int((await self.ask(message)).startswith(b"250"))


@dataclass(slots=True)
class FaultySmtp(Relay):
    """Stands before the real SMTP server at `host`:`port` (no TLS) on a free loopback port; healthy until `break_`.

    Faults strike whole messages. `astray` is the mailbox that gets misplaced mail.
    """

    LIMIT: ClassVar[int] = _LIMIT
    host: str
    port: int
    astray: str = "somebody.else@acme.example"
    log: list[Handed] = field(default_factory=list)
    _orders: list[tuple[str, int | None]] = field(default_factory=list)

    @property
    def address(self) -> tuple[str, int]:
        """Host and port to use instead of the real ones."""
        return ("127.0.0.1", self.proxy_port)

    def break_(self, kind: str, times: int | None = 1) -> None:
        """Order a fault for the next `times` messages (None: all, until mended). Raises KeyError for an unknown kind."""
        self._orders.append((SMTP_KINDS[kind].name, times))

    def mend(self) -> None:
        """Take back every fault that was ordered."""
        self._orders.clear()

    def count(self, kind: str) -> int:
        """Return how many times faults of this kind struck."""
        return sum(1 for entry in self.log if entry.kind == kind)

    async def _dial(self) -> Streams:
        return await asyncio.open_connection(self.host, self.port)

    async def _converse(self, client: Streams, server: Streams) -> None:
        session = _Session(*client, *server)
        await session.tell(await session.reply())
        while line := await session.reader.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                await self._take_message(session, line)
                continue
            if verb == b"MAIL":
                session.sender, session.recipients = line, []
            elif verb == b"RCPT":
                session.recipients.append(line)
            reply = await session.ask(line)
            await session.tell(_without_tls(reply) if verb == b"EHLO" else reply)
            if verb == b"QUIT":
                return

    async def _take_message(self, session: _Session, line: bytes) -> None:
        kind = self._next_kind()
        if kind == "unauthorized":
            self._note(session, kind, 0)
            await session.tell(b"530 5.7.0 authentication required\r\n")
            return
        if kind is None:
            reply = await session.ask(line)
            await session.tell(reply)
            if reply.startswith(b"354"):
                await session.tell(await session.ask(await _message(session.reader)))
            return
        await session.tell(b"354 go on\r\n")
        message = await _message(session.reader)
        if kind == "delay":
            # No clock: the client's own time-out closes the connection, and that is what is waited for.
            while await session.reader.read(65536):
                continue
        self._note(session, kind, await self._deliver(session, kind, message))
        match kind:
            case "cut":
                session.writer.transport.abort()
            case "error_after_commit":
                await session.tell(b"451 4.3.0 local error in processing\r\n")
            case _:
                await session.tell(b"250 2.0.0 accepted for delivery\r\n")

    async def _deliver(self, session: _Session, kind: str, message: bytes) -> int:
        match kind:
            case "drop":
                await session.ask(b"RSET\r\n")
                return 0
            case "double":
                once = await session.deliver(message, session.recipients)
                return once + await session.deliver(message, session.recipients)
            case "misplace":
                return await session.deliver(message, [f"RCPT TO:<{self.astray}>\r\n".encode()])
            case "halve":
                return await session.deliver(_half(message), session.recipients)
            case _:
                return await session.deliver(message, session.recipients)

    def _next_kind(self) -> str | None:
        if not self._orders:
            return None
        kind, times = self._orders[0]
        if times is not None:
            self._orders[:1] = [(kind, times - 1)] if times > 1 else []
        return kind

    def _note(self, session: _Session, kind: str, delivered: int) -> None:
        self.log.append(Handed(kind, session.sender, tuple(session.recipients), delivered))


async def _message(reader: asyncio.StreamReader) -> bytes:
    """Read a message to its final dot, dot-stuffed as it came (RFC 5321, section 4.5.2)."""
    lines = [await reader.readline()]
    while lines[-1] not in (b".\r\n", b""):
        lines.append(await reader.readline())
    if not lines[-1]:
        raise ConnectionResetError("the client left in the middle of its message")
    return b"".join(lines)


def _half(message: bytes) -> bytes:
    """Keep the header and the first half of the body's lines."""
    header, _, body = message.removesuffix(_END.removeprefix(b"\r\n")).partition(b"\r\n\r\n")
    lines = body.splitlines(keepends=True)
    return header + b"\r\n\r\n" + b"".join(lines[: len(lines) // 2]) + b".\r\n"


def _without_tls(reply: bytes) -> bytes:
    """Hide STARTTLS: what is encrypted cannot be broken on purpose."""
    kept = [line for line in reply.splitlines() if line[4:].strip().upper() != b"STARTTLS"]
    kept = [line[:3] + b"-" + line[4:] for line in kept[:-1]] + [kept[-1][:3] + b" " + kept[-1][4:]]
    return b"".join(line + b"\r\n" for line in kept)
