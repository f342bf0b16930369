"""The SCIM protocol: one connection's requests and what their answers say (RFC 7644)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import quote

import httpx2

from doer.connectors.secrets.credential import for_header, renewing
from doer.connectors.tools.directory.record import PATCH, objects, text, version_of
from doer.connectors.tools.http_outcome import RequestKind, Response, open_client, send
from doer.domain.errors import NoEffect, OutcomeUnknown, Permanent
from doer.domain.ports import Credential
from doer.domain.value import Json, JsonObject

Place = Literal["Users", "Groups"]

_PAGE = 500
_MOST_PAGES = 20
_MOST_BYTES = 10 * 1024 * 1024
_FORM = {"Accept": "application/scim+json, application/json"}


@dataclass(frozen=True, slots=True)
class Abilities:
    """What the server says it can do (RFC 7643, section 5)."""

    patch: bool = True
    etag: bool = False


@dataclass(slots=True)
class Wire:
    """The open connection of one verb. Answers are capped at 10 MiB."""

    base: str
    client: httpx2.AsyncClient
    known: dict[str, Abilities]

    async def abilities(self) -> Abilities:
        """Return what the server can do; one that does not say is taken to know PATCH and no ETags."""
        if self.base not in self.known:
            answer = await self._send("read", "GET", "ServiceProviderConfig", accept=(404, 501))
            said = _object(answer) if answer.status_code < 300 else {}
            self.known[self.base] = Abilities(_supports(said, "patch", default=True), _supports(said, "etag"))
        return self.known[self.base]

    async def get(self, place: Place, id_: str) -> JsonObject | None:
        """Return the record of that id, or None when there is none."""
        answer = await self._send("read", "GET", _path(place, id_), accept=(404,))
        if answer.status_code == 404:
            return None
        record = _object(answer)
        if record.get("id") != id_:
            raise Permanent(f"the directory answered with another record than {place}/{id_}")
        return record

    async def find(self, place: Place, filter_: str = "", attributes: str = "") -> list[JsonObject]:
        """Return all records that match the filter, page by page. Raises Permanent when there are more than 10,000."""
        found, total = await self.page(place, filter_, attributes)
        for _ in range(_MOST_PAGES):
            if len(found) >= total:
                return found
            more, total = await self.page(place, filter_, attributes, start=len(found) + 1)
            if not more:
                return found
            found += more
        raise Permanent(f"more than {_PAGE * _MOST_PAGES} {place.lower()} match; narrow the search")

    async def page(
        self, place: Place, filter_: str = "", attributes: str = "", *, start: int = 1, count: int = _PAGE
    ) -> tuple[list[JsonObject], int]:
        """Return one page of the matching records, and how many match in all."""
        params = {"startIndex": str(start), "count": str(count)}
        params |= {"filter": filter_} if filter_ else {}
        params |= {"attributes": attributes} if attributes else {}
        told = _object(await self._send("read", "GET", place, params=params))
        total = told.get("totalResults")
        if not isinstance(total, int):
            raise Permanent("the directory's list says no totalResults; it does not speak SCIM 2.0 here")
        return [each for each in objects(told.get("Resources")) if text(each.get("id"))], total

    async def versions(self, place: Place) -> Mapping[str, str] | None:
        """Return the version of every record, by id; None where there are too many to look at all of them."""
        found, total = await self.page(place, attributes="meta")
        return None if total > len(found) else {text(each.get("id")): version_of(each) for each in found}

    async def create(self, place: Place, record: JsonObject) -> Response:
        """Create a record. 409 comes back as an answer: the name is taken."""
        return await self._send("write", "POST", place, record, accept=(409,))

    async def change(self, place: Place, current: JsonObject, patch: Sequence[Json], whole: JsonObject) -> Response:
        """Change the record `current` by patch, or by putting the whole where the server knows no PATCH.

        412 comes back as an answer: somebody was faster.
        """
        condition = await self._condition(current)
        path = _path(place, text(current.get("id")))
        if (await self.abilities()).patch:
            body: JsonObject = {"schemas": [PATCH], "Operations": patch}
            return await self._send("write", "PATCH", path, body, headers=condition, accept=(412,))
        return await self._send("write", "PUT", path, whole, headers=condition, accept=(412,))

    async def delete(self, place: Place, current: JsonObject) -> Response:
        """Delete the record `current`. 404 and 412 come back as answers: it is gone, or somebody changed it."""
        condition = await self._condition(current)
        path = _path(place, text(current.get("id")))
        return await self._send("write", "DELETE", path, headers=condition, accept=(404, 412))

    async def _condition(self, current: JsonObject) -> dict[str, str]:
        meta = current.get("meta")
        version = text(meta.get("version")) if isinstance(meta, Mapping) else ""
        return {"If-Match": version} if version and (await self.abilities()).etag else {}

    async def _send(
        self,
        kind: RequestKind,
        method: str,
        path: str,
        body: JsonObject | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        accept: tuple[int, ...] = (),
    ) -> Response:
        content = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        form = {} if body is None else {"Content-Type": "application/scim+json"}
        return await send(
            self.client,
            kind,
            method,
            f"{self.base}/{path}",
            headers={**_FORM, **form, **(headers or {})},
            content=content,
            params=params,
            accept=accept,
            most_bytes=_MOST_BYTES,
        )


@dataclass(slots=True)
class Scim:
    """One connection to a directory: its address, and how to open it for a verb."""

    url: str
    token: Credential | None
    timeout: float
    known: dict[str, Abilities] = field(default_factory=dict)
    name: str = "directory"

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Wire]:
        """Open the connection for one verb; the token is asked for here. Raises CredentialRefused."""
        with renewing("directory", self.name):
            headers = {} if self.token is None else {"Authorization": f"Bearer {for_header(self.token())}"}
            async with open_client(self.url, self.timeout, headers=headers) as client:
                yield Wire(self.url.rstrip("/"), client, self.known)


@asynccontextmanager
async def after_a_write() -> AsyncIterator[None]:
    """What cannot be read back right after a write is not known to have had no effect."""
    try:
        yield
    except NoEffect as failure:
        raise OutcomeUnknown(f"it was sent, and could not be read back: {failure}") from failure


def equals(attribute: str, value: str) -> str:
    """Return the filter `attribute eq "value"`; values are JSON strings (RFC 7644, section 3.4.2.2)."""
    return f"{attribute} eq {json.dumps(value, ensure_ascii=False)}"


def _object(answer: Response) -> dict[str, Json]:
    try:
        parsed = answer.json()
    except ValueError:
        parsed = None
    if not isinstance(parsed, dict):
        raise Permanent("the directory answered with something that is no SCIM; is the address right?")
    return parsed


def _supports(said: JsonObject, what: str, *, default: bool = False) -> bool:
    told = said.get(what)
    return told.get("supported") is True if isinstance(told, Mapping) else default


def _path(place: Place, id_: str) -> str:
    return f"{place}/{quote(id_, safe='')}"
