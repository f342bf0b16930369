"""HTTP/1.1 on asyncio streams for the faulty server: one request in, one request on, one answer back. Parsing by h11."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

import h11

_CHUNK = 65536
_HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "te", "trailer", "upgrade"})

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Request:
    """One request, read to its end; `target` is the path with its query."""

    method: str
    target: str
    headers: Headers = ()
    body: bytes = b""

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.split("?", 1)[0]

    def header(self, name: str) -> str:
        """Return the first header of that name, or nothing."""
        return next((value for key, value in self.headers if key.lower() == name), "")

    def without(self, *names: str) -> Request:
        """Return the request without those headers."""
        return replace(self, headers=tuple(pair for pair in self.headers if pair[0].lower() not in names))


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, read to its end."""

    status: int
    headers: Headers = ()
    body: bytes = b""

    def header(self, name: str) -> str:
        """Return the first header of that name, or nothing."""
        return next((value for key, value in self.headers if key.lower() == name), "")


@dataclass(frozen=True, slots=True)
class Target:
    """The real server."""

    host: str
    port: int
    path: str = field(default="")

    @classmethod
    def of(cls, url: str) -> Target:
        """Read `http://host:port/path`. Raises ValueError for anything else: the proxy speaks no TLS."""
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname:
            raise ValueError(f"a faulty server stands before a plain http:// address, and {url!r} is none")
        return cls(parts.hostname, parts.port or 80, parts.path.rstrip("/"))


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """Read one request to its end. None: the client left before, or speaks something else."""
    connection = h11.Connection(h11.SERVER)
    head: h11.Request | None = None
    body = bytearray()
    while True:
        try:
            event = connection.next_event()
        except h11.RemoteProtocolError:
            return None
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(_CHUNK))
        elif isinstance(event, h11.Request):
            head = event
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, h11.EndOfMessage) and head is not None:
            return Request(head.method.decode(), head.target.decode(), _text(head.headers), bytes(body))
        else:
            return None


async def forward(target: Target, request: Request) -> Answer:
    """Send the request to the real server on a connection of its own and read the answer to its end.

    Raises OSError when it is not there, h11.RemoteProtocolError when its answer is none.
    """
    reader, writer = await asyncio.open_connection(target.host, target.port)
    try:
        connection = h11.Connection(h11.CLIENT)
        kept = [pair for pair in request.headers if pair[0].lower() not in _HOP_BY_HOP | {"expect"}]
        headers = [*kept, ("Content-Length", str(len(request.body))), ("Connection", "close")]
        head = h11.Request(method=request.method, target=request.target, headers=_raw(headers))
        for event in (head, h11.Data(data=request.body), h11.EndOfMessage()):
            writer.write(connection.send(event) or b"")
        await writer.drain()
        return await _read_answer(reader, connection)
    finally:
        writer.close()


async def _read_answer(reader: asyncio.StreamReader, connection: h11.Connection) -> Answer:
    head: h11.Response | None = None
    body = bytearray()
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(_CHUNK))
        elif isinstance(event, h11.Response):
            head = event
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, h11.EndOfMessage) and head is not None:
            return Answer(head.status_code, _text(head.headers), bytes(body))
        elif not isinstance(event, h11.InformationalResponse):
            raise h11.RemoteProtocolError(f"the real server ended its answer early ({event!r})")


def answer_bytes(request: Request, answer: Answer) -> bytes:
    """Return the answer as it goes over the wire; the connection is closed after it."""
    kept = [pair for pair in answer.headers if pair[0].lower() not in _HOP_BY_HOP]
    has_body = request.method != "HEAD" and answer.status not in (204, 304)
    body = answer.body if has_body else b""
    length = [("Content-Length", str(len(body)))] if has_body else []
    lines = [f"{name}: {value}" for name, value in (*kept, *length, ("Connection", "close"))]
    return "\r\n".join([f"HTTP/1.1 {answer.status} Answer", *lines, "", ""]).encode("latin-1") + body


def _text(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)


def _raw(headers: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
