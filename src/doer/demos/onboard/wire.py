"""Plain HTTP and JSON on the standard library: what the seed and the observer speak. Shares no code with a connector."""

from __future__ import annotations

import base64
import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import urlsplit

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
"""Any JSON value."""

Record: TypeAlias = dict[str, "Json"]
"""One JSON object."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer: status code, headers by lower-case name, body bytes."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def record(self) -> Record:
        """The body as a JSON object. Raises ValueError when it is something else."""
        return as_record(json.loads(self.body))


class UnexpectedReply(RuntimeError):
    """A server of the demo answered something that its protocol does not allow here."""


def ask(
    method: str,
    url: str,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    deadline: float = 10.0,
) -> Reply:
    """Send one request on a connection of its own and read the whole answer.

    `deadline` is seconds for each socket operation. Raises OSError when nobody answers, http.client.HTTPException
    when the answer is not HTTP.
    """
    parts = urlsplit(url)
    if parts.scheme != "http" or parts.hostname is None:
        raise ValueError(f"the demo's servers speak plain http on loopback, not {url!r}")
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=deadline)
    try:
        connection.request(method, target or "/", body=body, headers=dict(headers or {}))
        answer = connection.getresponse()
        return Reply(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
    finally:
        connection.close()


def expect(reply: Reply, *statuses: int, doing: str) -> Reply:
    """Hand the reply on when its status is one of `statuses`; else raise UnexpectedReply with what was being done."""
    if reply.status not in statuses:
        raise UnexpectedReply(f"{doing}: status {reply.status}, expected {statuses}: {reply.body[:300]!r}")
    return reply


def bearer(token: str) -> dict[str, str]:
    """The header of a bearer token (RFC 6750)."""
    return {"Authorization": f"Bearer {token}"}


def basic(user: str, password: str) -> dict[str, str]:
    """The header of a user and password (RFC 7617)."""
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def canonical(value: Json) -> str:
    """One text for one JSON value: sorted keys, no spaces."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def as_record(value: Json) -> Record:
    """Narrow a JSON value to an object. Raises ValueError."""
    if not isinstance(value, dict):
        raise ValueError(f"expected a JSON object, got {type(value).__name__}")
    return value


def records(value: Json) -> list[Record]:
    """Narrow a JSON value to a list of objects; a missing list is empty. Raises ValueError."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise ValueError(f"expected a JSON list, got {type(value).__name__}")
    return [as_record(item) for item in value]
