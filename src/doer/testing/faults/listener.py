"""Listener and Relay: what every proxy of faults does with connections: take them, join them to the real server, end them."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from types import TracebackType
from typing import ClassVar, Self

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(slots=True)
class Listener(ABC):
    """Listens on a free loopback port while it is entered; each client is a conversation."""

    LIMIT: ClassVar[int] = 2**16
    """Bytes of the longest line that a client may send."""
    proxy_port: int = field(default=0, init=False)
    _server: asyncio.Server | None = field(default=None, init=False)
    _open: set[asyncio.Task[None]] = field(default_factory=set, init=False)

    async def settled(self) -> None:
        """Return when every conversation has ended, also those whose client has left."""
        while self._open:
            await asyncio.wait(set(self._open))

    async def __aenter__(self) -> Self:
        await self._listen()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _listen(self) -> None:
        """Open the port: any that is free, and later the same again."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.proxy_port, limit=self.LIMIT)
        self.proxy_port = int(self._server.sockets[0].getsockname()[1])

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            await self._serve(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass  # The client left, or we are closing: there is nobody to tell.
        finally:
            self._open.discard(task)
            writer.close()

    @abstractmethod
    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hold one conversation with a client."""


@dataclass(slots=True)
class Relay(Listener):
    """A listener that joins each client to a connection of its own with the real server."""

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            server = await self._dial()
            try:
                await self._converse((reader, writer), server)
            finally:
                server[1].close()
        except (OSError, asyncio.IncompleteReadError):
            pass  # One of the two left.

    @abstractmethod
    async def _dial(self) -> Streams:
        """Connect to the real server."""

    @abstractmethod
    async def _converse(self, client: Streams, server: Streams) -> None:
        """Carry what is said, until one of them leaves."""
