"""FaultyImap: a real IMAP proxy before a real IMAP server (RFC 9051), that says OK and drops, doubles or misplaces a write."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from typing import ClassVar

from doer.testing.faults.kinds import IMAP_KINDS
from doer.testing.faults.listener import Relay, Streams

_LITERAL = re.compile(rb"\{(\d+)(\+?)\}\r\n\Z")
_WRITES = re.compile(rb"(?:UID )?(APPEND|MOVE|COPY|STORE|EXPUNGE)\b", re.IGNORECASE)
_LIMIT = 2**26


@dataclass(slots=True)
class FaultyImap(Relay):
    """Stands before the server at `port` (no TLS) on a free loopback port; healthy until `break_`.

    A fault strikes commands whose verb is in `strikes`. `astray` is the folder that gets misplaced mail. `hidden`
    capabilities are not told to clients, `closed` folders may not be opened.
    """

    LIMIT: ClassVar[int] = _LIMIT
    port: int
    astray: str = "Strange"
    hidden: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    strikes: tuple[str, ...] = ("APPEND", "MOVE", "STORE")
    struck: int = 0
    writes: int = 0
    """Writing commands that came."""
    said: list[str] = field(default_factory=list)
    """Every command that came, without its tag."""
    _kind: str | None = None
    _times: int | None = 1
    _spare: int = 0

    @property
    def url(self) -> str:
        """The address to use instead of the real one."""
        return f"imap://127.0.0.1:{self.proxy_port}"

    def break_(self, kind: str, times: int | None = 1, after: int = 0) -> None:
        """Order a fault: `times` writes (None: all, until mended), after `after` that pass. Raises KeyError."""
        self._kind, self._times, self._spare = IMAP_KINDS[kind].name, times, after

    def mend(self) -> None:
        """Take back what was ordered."""
        self._kind = None

    async def _dial(self) -> Streams:
        return await asyncio.open_connection("127.0.0.1", self.port, limit=_LIMIT)

    async def _converse(self, client: Streams, server: Streams) -> None:
        talk = _Talk(*client, *server)
        talk.writer.write(await talk.server_reader.readline())
        while command := await talk.command():
            tag, _, rest = command[0].partition(b" ")
            self.said.append(rest.decode("latin-1").strip())
            if any(rest.startswith(b'EXAMINE "%s"' % name.encode()) for name in self.closed):
                talk.writer.write(tag + b" NO [NOPERM] not yours\r\n")
                continue
            verb = _WRITES.match(rest)
            name = "" if verb is None else verb[1].decode().upper()
            self.writes += name in self.strikes
            kind = self._next_kind(name)
            if kind is None:
                answer = await talk.ask(command, tag)
                for each in self.hidden:
                    answer = re.sub(rb" " + each.encode() + rb"\b", b"", answer)
                talk.writer.write(answer)
            elif not await self._strike(talk, kind, name, command, tag):
                return

    def _next_kind(self, verb: str) -> str | None:
        if self._kind is None or verb not in self.strikes:
            return None
        if self._spare > 0:
            self._spare -= 1
            return None
        kind = self._kind
        if self._times is not None:
            self._times -= 1
            if self._times == 0:
                self._kind = None
        self.struck += 1
        return kind

    async def _strike(self, talk: _Talk, kind: str, verb: str, command: list[bytes], tag: bytes) -> bool:
        """Answer one write dishonestly; tell whether the conversation goes on."""
        match kind:
            case "no":
                talk.writer.write(tag + b" NO [OVERQUOTA] the mailbox is full\r\n")
                return True
            case "lose" | "cut" | "delay":
                if kind == "delay":
                    # No clock: the client's own time-out closes the connection, and that is what is waited for.
                    while await talk.reader.read(65536):
                        continue
                if kind != "lose":
                    await talk.ask(command, tag)
                talk.writer.transport.abort()
                return False
            case "error_after_commit":
                await talk.ask(command, tag)
                talk.writer.write(tag + b" NO [SERVERBUG] something went wrong\r\n")
                return True
            case "drop":
                pass
            case "double":
                first = [re.sub(rb"MOVE", b"COPY", command[0], count=1), *command[1:]]
                await talk.ask(first, tag)
                await talk.ask(command, tag)
            case "halve":
                await talk.ask(_halved(verb, command), tag)
            case _:
                await talk.ask(_misplaced(verb, command, self.astray), tag)
        talk.writer.write(tag + b" OK done\r\n")
        return True


def _halved(verb: str, command: list[bytes]) -> list[bytes]:
    if verb != "APPEND":  # half a move is a copy; half a store is one without its flag
        return [command[0].replace(b"MOVE", b"COPY").replace(b"\\Seen", b"\\Draft"), *command[1:]]
    half = command[1][: len(command[1]) // 2]
    return [re.sub(rb"\{\d+", b"{%d" % len(half), command[0]), half, *command[2:]]


def _misplaced(verb: str, command: list[bytes], astray: str) -> list[bytes]:
    if verb == "STORE":
        found = re.search(rb"STORE (\d+)", command[0])
        assert found is not None
        other = b"STORE %d" % (int(found[1]) + 1)
        return [command[0].replace(found[0], other, 1), *command[1:]]
    place = rb'"[^"]*"' if verb == "APPEND" else rb'"[^"]*"\r\n\Z'
    end = b"" if verb == "APPEND" else b"\r\n"
    return [re.sub(place, lambda _: b'"' + astray.encode() + b'"' + end, command[0], count=1), *command[1:]]


@dataclass(slots=True)
class _Talk:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    server_reader: asyncio.StreamReader
    server_writer: asyncio.StreamWriter

    async def command(self) -> list[bytes]:
        """Read one command of the client: lines and literals by turns; empty when it has left."""
        parts = [await self.reader.readline()]
        while found := _LITERAL.search(parts[-1]):
            if not found[2]:
                self.writer.write(b"+ go on\r\n")
            parts += [await self.reader.readexactly(int(found[1])), await self.reader.readline()]
        return parts if parts[0] else []

    async def ask(self, command: list[bytes], tag: bytes) -> bytes:
        """Send a command to the server and return all it answers."""
        for part in command:
            self.server_writer.write(part)
            literal = _LITERAL.search(part)
            if literal is not None and not literal[2]:
                await self.server_reader.readline()
        answer = b""
        while True:
            line = await self.server_reader.readline()
            if not line:
                raise asyncio.IncompleteReadError(answer, None)
            answer += line
            if found := _LITERAL.search(line):
                answer += await self.server_reader.readexactly(int(found[1]))
            elif line.startswith(tag + b" ") or (line.startswith(b"+ ") and command[0].upper().find(b"AUTH") >= 0):
                return answer
