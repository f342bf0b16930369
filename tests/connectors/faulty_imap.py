"""FaultyImap: a proxy before a real IMAP server that says OK and drops, halves, doubles, misplaces or cuts a write."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

KINDS = ("drop", "halve", "double", "misplace", "cut", "lose", "no")
_LITERAL = re.compile(rb"\{(\d+)(\+?)\}\r\n\Z")
_WRITES = re.compile(rb"(?:UID )?(APPEND|MOVE|COPY|STORE|EXPUNGE)\b", re.IGNORECASE)


@dataclass(slots=True)
class FaultyImap:
    """Stands before the server at `port`. A fault strikes the next command whose verb is in `strikes`, once.

    `astray` is the folder that gets misplaced mail. `hidden` capabilities are not told to clients, `closed` folders may not be opened.
    """

    port: int
    astray: str = "Strange"
    hidden: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    strikes: tuple[str, ...] = ("APPEND", "MOVE", "STORE")
    kind: str | None = None
    struck: int = 0
    proxy_port: int = 0
    said: list[str] = field(default_factory=list)
    _server: asyncio.Server | None = None
    _open: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"imap://127.0.0.1:{self.proxy_port}"

    def break_(self, kind: str) -> None:
        assert kind in KINDS
        self.kind = kind

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=2**26)
        self.proxy_port = int(self._server.sockets[0].getsockname()[1])
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self.port, limit=2**26)
            try:
                await self._converse(_Talk(reader, writer, server_reader, server_writer))
            finally:
                server_writer.close()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # one of the two left, or we are closing
        finally:
            self._open.discard(task)
            writer.close()

    async def _converse(self, talk: _Talk) -> None:
        talk.writer.write(await talk.server_reader.readline())
        while command := await talk.command():
            tag, _, rest = command[0].partition(b" ")
            self.said.append(rest.decode("latin-1").strip())
            if any(rest.startswith(b'EXAMINE "%s"' % name.encode()) for name in self.closed):
                talk.writer.write(tag + b" NO [NOPERM] not yours\r\n")
                continue
            verb = _WRITES.match(rest)
            kind = self.kind
            if kind is None or verb is None or verb[1].decode().upper() not in self.strikes:
                answer = await talk.ask(command, tag)
                for name in self.hidden:
                    answer = re.sub(rb" " + name.encode() + rb"\b", b"", answer)
                talk.writer.write(answer)
                continue
            self.kind, self.struck = None, self.struck + 1
            if not await self._strike(talk, kind, verb[1].decode().upper(), command, tag):
                return

    async def _strike(self, talk: _Talk, kind: str, verb: str, command: list[bytes], tag: bytes) -> bool:
        match kind:
            case "no":
                talk.writer.write(tag + b" NO [OVERQUOTA] the mailbox is full\r\n")
                return True
            case "drop":
                pass
            case "lose":  # cut before the server hears of it
                talk.writer.transport.abort()
                return False
            case "cut":
                await talk.ask(command, tag)
                talk.writer.transport.abort()
                return False
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
            if _LITERAL.search(part) and not _LITERAL.search(part)[2]:  # type: ignore[index]
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
