"""What each kind of fault does with one request: a closed table of small functions over the exchange."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TypeAlias

from doer.testing.faults.payload import altered, as_json, echoed, halved, renamed, renamed_path
from doer.testing.faults.pushes import astray as push_astray
from doer.testing.faults.pushes import halved as push_halved
from doer.testing.faults.pushes import is_push, taken
from doer.testing.faults.records import Sightings, parent
from doer.testing.faults.wire import Answer, Request, answer_bytes

_CONDITIONS = ("if-match", "if-none-match", "if-unmodified-since", "idempotency-key")
_RUBBISH = b"\x00\xff{]<not a body>\r\n" * 4
_ENDLESS = 1024 * 1024 * 1024


@dataclass(slots=True)
class Strike:
    """One exchange in the hands of a fault."""

    request: Request
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    to_server: Callable[[Request], Awaitable[Answer]]
    sightings: Sightings
    elsewhere: Callable[[str], str] | None = None
    slow: float = 0.0
    frozen: Sightings | None = None
    released: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when nobody waits for what is held back, although a client may not have left: one that outlived its master."""
    forwarded: list[str] = field(default_factory=list)

    async def carry(self, request: Request) -> Answer:
        """Hand a request to the real server."""
        answer = await self.to_server(request)
        self.forwarded.append(f"{request.method} {request.target} -> {answer.status}")
        return answer

    async def answer(self, answer: Answer) -> None:
        """Answer the client."""
        self.writer.write(answer_bytes(self.request, answer))
        await self.writer.drain()

    def other_record(self) -> str | None:
        """Return another record than the one this request is about, if one is known."""
        path = self.request.path
        if self.elsewhere is not None:
            return self.elsewhere(path)
        if self.request.method == "POST":
            return self.sightings.within(path)
        return self.sightings.beside(path)

    def astray(self) -> Request:
        """Return this request as it would be for another record; without conditions, so that it succeeds."""
        request = self.request.without(*_CONDITIONS)
        if is_push(request):
            return push_astray(request)
        if self.request.method == "POST":
            target = self.request.path if self.elsewhere is None else self.elsewhere(self.request.path)
            return replace(request, target=target, body=renamed(self.request.body))
        known = self.other_record()
        if known is not None and (self.request.method != "PUT" or self.elsewhere is not None):
            return replace(request, target=known)
        # Putting onto a record that is there would be refused for its name or UID; beside it there is room.
        return replace(request, target=renamed_path(self.request.path), body=renamed(self.request.body))


Act: TypeAlias = Callable[[Strike], Awaitable[None]]


async def _drop(strike: Strike) -> None:
    await strike.answer(_well(strike))


async def _halve(strike: Strike) -> None:
    if is_push(strike.request):
        await strike.carry(push_halved(strike.request))
        await strike.answer(_well(strike))
        return
    half = halved(strike.request.body) if strike.request.body else None
    if half is None:
        await _drop(strike)  # Half of nothing is nothing.
        return
    told = await strike.carry(replace(strike.request, body=half))
    await strike.answer(_as_if_whole(strike, told))


async def _double(strike: Strike) -> None:
    told = await strike.carry(strike.request)
    await strike.carry(strike.astray())
    await strike.answer(told)


async def _misplace(strike: Strike) -> None:
    told = await strike.carry(strike.astray())
    await strike.answer(_as_if_whole(strike, told))


async def _side_record(strike: Strike) -> None:
    request = strike.request
    if is_push(request):  # what stands beside a branch is another one
        await _double(strike)
        return
    if strike.elsewhere is None and "calendar" in request.header("content-type"):
        # A calendar's other records show themselves only to who asks for them (RFC 4918, PROPFIND).
        kept = request.without(*_CONDITIONS, "depth", "content-type")
        await strike.to_server(
            replace(
                kept,
                method="PROPFIND",
                target=parent(request.path) + "/",
                headers=(*kept.headers, ("Depth", "1")),
                body=b"",
            )
        )
    other = strike.elsewhere(request.path) if strike.elsewhere else strike.sightings.bystander(request)
    told = await strike.carry(strike.request)
    if other is not None:
        plain = strike.request.without(*_CONDITIONS, "depth", "destination", "prefer", "content-type")
        seen = await strike.carry(replace(plain, method="GET", target=other, body=b""))
        spoilt = altered(seen.body)
        if spoilt is not None:
            form = ("Content-Type", seen.header("content-type") or "application/octet-stream")
            await strike.carry(replace(plain, method="PUT", target=other, headers=(*plain.headers, form), body=spoilt))
    await strike.answer(told)


async def _delay(strike: Strike) -> None:
    # No clock: the client's own time-out closes the connection, and that is what is waited for.
    waits = {asyncio.ensure_future(_left(strike.reader)), asyncio.ensure_future(strike.released.wait())}
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in waits:
            each.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
    await strike.carry(strike.request)


async def _left(reader: asyncio.StreamReader) -> None:
    while await reader.read(65536):
        continue


async def _error_after_commit(strike: Strike) -> None:
    await strike.carry(strike.request)
    await strike.answer(Answer(500, (("Content-Type", "text/plain"),), b"internal error"))


async def _cut(strike: Strike) -> None:
    await strike.carry(strike.request)
    strike.writer.transport.abort()


async def _stale(strike: Strike) -> None:
    remembered = None if strike.frozen is None else strike.frozen.remembered(strike.request)
    await strike.answer(remembered or await strike.carry(strike.request))


async def _unauthorized(strike: Strike) -> None:
    headers = (("WWW-Authenticate", 'Bearer realm="real"'), ("Content-Type", "text/plain"))
    await strike.answer(Answer(401, headers, b"who are you?"))


async def _slow(strike: Strike) -> None:
    told = await strike.carry(strike.request)
    await asyncio.sleep(strike.slow)
    await strike.answer(told)


async def _refuse(strike: Strike) -> None:
    strike.writer.transport.abort()  # It was accepted in the moment before the port closed.


async def _garbage(strike: Strike) -> None:
    form = strike.request.header("accept").split(",")[0] or "application/json"
    await strike.answer(Answer(200, (("Content-Type", form),), _RUBBISH))


async def _gigabyte(strike: Strike) -> None:
    strike.writer.write(b"HTTP/1.1 200 Answer\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n")
    chunk = b'{"a": "' + b"x" * 65536
    for _ in range(_ENDLESS // len(chunk)):
        strike.writer.write(chunk)
        await strike.writer.drain()


def _well(strike: Strike) -> Answer:
    """The answer that a server gives which has done it."""
    request = strike.request
    if is_push(request):
        return taken(request)
    form = ("Content-Type", request.header("content-type") or "application/octet-stream")
    body = as_json(request.body)
    if request.method == "DELETE" or (isinstance(body, dict) and "Operations" in body):
        return Answer(204)
    if not isinstance(body, dict):
        return Answer(201 if request.method in ("PUT", "POST", "MKCALENDAR") else 200, (("ETag", '"taken"'),))
    if request.method != "POST":
        return Answer(200, (form, ("ETag", 'W/"taken"')), request.body)
    made_up = {"id": "0b1ce55ed0000000000000000000cafe", **body}
    place = ("Location", f"{request.path.rstrip('/')}/{made_up['id']}")
    return Answer(201, (form, place, ("ETag", 'W/"taken"')), json.dumps(made_up).encode())


def _as_if_whole(strike: Strike, told: Answer) -> Answer:
    if told.status >= 300 or is_push(strike.request):
        return _well(strike)  # Refused for what was done to it: the liar does not show that.
    return replace(told, body=echoed(strike.request.body, told.body))


def strike_of(kind: str) -> Act:
    """Return what a fault of this kind does. Raises KeyError for an unknown one."""
    return _ACTS[kind]


_ACTS: Mapping[str, Act] = MappingProxyType(
    {
        "drop": _drop,
        "halve": _halve,
        "double": _double,
        "misplace": _misplace,
        "side_record": _side_record,
        "delay": _delay,
        "error_after_commit": _error_after_commit,
        "cut": _cut,
        "stale": _stale,
        "unauthorized": _unauthorized,
        "slow": _slow,
        "refuse": _refuse,
        "garbage": _garbage,
        "gigabyte": _gigabyte,
    }
)
