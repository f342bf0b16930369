"""Liars: a proxy of the fault harness before one server of a demo, told what to break in words such as `drop:calendar`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol
from urllib.parse import urlsplit

from doer.domain.errors import UsageError
from doer.testing.faults.kinds import KINDS, SMTP_KINDS, Kind
from doer.testing.faults.proxy import FaultyServer
from doer.testing.faults.smtp import FaultySmtp

_WRITES = frozenset({"PUT", "POST", "PATCH", "DELETE"})
_TIMES: Mapping[str, int | None] = MappingProxyType({"slow": None, "side_record": 2})
"""How often a kind strikes where that is not once; None: always. A record can only be altered once another is there."""


@dataclass(frozen=True, slots=True)
class Lie:
    """What to break."""

    kind: str
    service: str = ""
    """Empty: the service on which this kind shows best, or whatever there is."""


def parse_lie(text: str) -> Lie:
    """Return what `KIND` or `KIND:SERVICE` asks for. Raises UsageError that lists the kinds."""
    kind, _, service = text.partition(":")
    if kind not in KINDS and kind not in SMTP_KINDS:
        told = "\n".join(f"  {each.name:<19} the server {each.says}" for each in KINDS.values())
        raise UsageError(f"there is no way to break a server called {kind!r:.60}; there are:\n{told}")
    return Lie(kind, service)


class Liar(Protocol):
    """A server that can be made to lie."""

    @property
    def lie(self) -> Lie:
        """What was asked for, with the service."""
        ...

    @property
    def says(self) -> str:
        """What it does, in a line."""
        ...

    @property
    def through(self) -> dict[str, str]:
        """The address to use instead of its own, by the service's name."""
        ...

    def begin(self) -> None:
        """From now on it lies."""
        ...

    def struck(self) -> tuple[str, ...]:
        """Return the requests on which it struck, and what the real server got of them."""
        ...


@dataclass(frozen=True, slots=True)
class HttpLiar:
    """Before an HTTP server."""

    lie: Lie
    proxy: FaultyServer

    @property
    def says(self) -> str:
        return KINDS[self.lie.kind].says

    @property
    def through(self) -> dict[str, str]:
        return {self.lie.service: self.proxy.url}

    def begin(self) -> None:
        kind = KINDS[self.lie.kind]
        everywhere = kind.name in ("slow", "stale")
        self.proxy.break_(kind.name, _TIMES.get(kind.name, 1), None if everywhere else _is_write)

    def struck(self) -> tuple[str, ...]:
        shown = [each for each in self.proxy.log if each.method][:3]
        return tuple(
            f"{each.method} {each.target}: the real server got {', '.join(each.forwarded) or 'nothing of it'}"
            for each in shown
        ) or tuple("its port was closed" for each in self.proxy.log)


@dataclass(frozen=True, slots=True)
class MailLiar:
    """Before an SMTP server."""

    lie: Lie
    proxy: FaultySmtp

    @property
    def says(self) -> str:
        return SMTP_KINDS[self.lie.kind].says

    @property
    def through(self) -> dict[str, str]:
        host, port = self.proxy.address
        return {self.lie.service: f"smtp://{host}:{port}"}

    def begin(self) -> None:
        self.proxy.break_(self.lie.kind)

    def struck(self) -> tuple[str, ...]:
        return tuple(
            f"a message to {', '.join(to.decode().strip()[8:] for to in each.recipients)}: the real server got "
            f"{each.delivered or 'nothing'} of it"
            for each in self.proxy.log
        )


@asynccontextmanager
async def before(lie: Lie, services: Mapping[str, str]) -> AsyncIterator[Liar]:
    """Put a liar before the service. Raises UsageError for a service that is not there, or that cannot fail in this way."""
    known = {name: url for name, url in services.items() if url.startswith(("http://", "smtp://"))}
    # A stale answer needs a question that was asked before the write, and is asked again after it.
    telling = "access" if lie.kind == "stale" else "calendar"
    service = lie.service or (telling if telling in known else next(iter(known), ""))
    if service not in known:
        raise UsageError(f"nothing can be put before {service!r}; KIND:SERVICE takes one of {', '.join(known)}")
    url, chosen = urlsplit(known[service]), Lie(lie.kind, service)
    if url.scheme == "smtp":
        _must_know(lie.kind, SMTP_KINDS, service)
        async with FaultySmtp(url.hostname or "", url.port or 25) as relay:
            yield MailLiar(chosen, relay)
        return
    _must_know(lie.kind, KINDS, service)
    async with FaultyServer(known[service]) as proxy:
        yield HttpLiar(chosen, proxy)


def _must_know(kind: str, kinds: Mapping[str, Kind], service: str) -> None:
    if kind not in kinds:
        raise UsageError(f"{service} cannot be broken by {kind}; it can by {', '.join(kinds)}")


def _is_write(method: str, _: str) -> bool:
    return method in _WRITES
