"""The open connection of one verb: requests below the base, at the server's pace, with the secret out of every word."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

import httpx2

from doer.connectors.tools.http.address import Origin, is_allowed
from doer.connectors.tools.http.image import payload, read_json
from doer.connectors.tools.http.pace import Pace, Sleep, again_at, asked_wait, is_throttled
from doer.connectors.tools.http_outcome import RequestKind, Response, refused, send, shown
from doer.domain.errors import Permanent, ToolError, Transient
from doer.domain.value import Json

JSON: Final = "application/json"
MERGE_PATCH: Final = "application/merge-patch+json"
GONE: Final = (404, 410)

_REDIRECTS = (301, 302, 303, 307, 308)
_MOST_REDIRECTS = 5
_MOST_WAITS = 5
_EVERY_STATUS = range(1000)
_LIMITS = (403, 429, 503)
"""Statuses that may mean that it was asked too often."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A resource as it was read."""

    path: str
    status: int
    body: Json
    """The parsed JSON; None where it is something else, see `text`."""
    text: str | None = None
    etag: str = ""
    """The strong entity tag (RFC 9110, section 8.8.3); a weak one is good for no comparison before a write."""
    exact: bool = True
    """False: it cannot be sent back as it is, having integers that were read as texts, or our secret, taken out."""
    link: str = ""
    """The Link header (RFC 8288)."""
    url: str = ""
    size: int = 0
    """Bytes of the body."""


@dataclass(slots=True)
class Wire:
    """Sends the requests of one verb."""

    base: Origin
    client: httpx2.AsyncClient
    readable: Sequence[str]
    pace: Pace
    sleep: Sleep
    hidden: Sequence[str] = field(repr=False)
    patience: float
    """Seconds that this verb may still spend on waiting because the server asks for it."""
    redacted: bool = False
    """The last answer had the secret in its body."""

    async def get(self, path: str, query: str = "") -> Seen | None:
        """Return the resource, or None when there is none (404, 410). Follows redirects within the base only."""
        place = f"{path}?{query}" if query else path
        for _ in range(_MOST_REDIRECTS):
            url = self.base.url(place)
            answer = await self._send("read", "GET", url, accept=(*GONE, *_REDIRECTS))
            if answer.status_code in GONE:
                return None
            if answer.status_code not in _REDIRECTS:
                return self._seen(place, url, answer)
            place = self._redirected(answer, url)
        raise Permanent(f"GET {path}: redirected more than {_MOST_REDIRECTS} times")

    async def probe(self, path: str) -> Response:
        """Return what a GET of the path is answered, whatever it is; redirects are not followed. Raises Transient."""
        return await self._send("read", "GET", self.base.url(path), accept=_EVERY_STATUS)

    async def record(self, path: str) -> Seen | None:
        """Return the JSON resource at the path, or None when there is none.

        Raises Permanent where it is no JSON, or is elsewhere by now: what is compared must be what is written.
        """
        seen = await self.get(path)
        if seen is not None and seen.text is not None:
            raise Permanent(f"{path} is no JSON: it can be read, and is not changed or compared")
        if seen is not None and seen.path != path:
            raise Permanent(f"{path} is at {seen.path} by now: a write follows no redirect, so name that one")
        return seen

    def parsed(self, answer: Response) -> Json:
        """Return the JSON of an answer; None where it is none."""
        try:
            return read_json(answer.content)[0]
        except ValueError:
            return None

    async def put(self, path: str, body: Json, condition: Mapping[str, str]) -> Response:
        """Put the whole resource. 412 comes back as an answer."""
        return await self.write("PUT", path, body, headers=condition, accept=(412,))

    async def delete(self, path: str, condition: Mapping[str, str]) -> Response:
        """Delete the resource. 404, 410 and 412 come back as answers."""
        return await self.write("DELETE", path, None, headers=condition, accept=(*GONE, 412))

    async def patch(self, path: str, body: Json, condition: Mapping[str, str]) -> Response:
        """Send a merge patch (RFC 7396); as plain JSON where the server refuses that type (415: it did nothing)."""
        answer = await self.write("PATCH", path, body, MERGE_PATCH, headers=condition, accept=(412, 415))
        if answer.status_code == 415:
            return await self.write("PATCH", path, body, headers=condition, accept=(412,))
        return answer

    async def write(
        self,
        method: str,
        path: str,
        body: Json,
        kind: str = JSON,
        *,
        headers: Mapping[str, str],
        accept: Collection[int] = (),
    ) -> Response:
        """Send one write, once. Raises as `http_outcome.send` does; redirects are refused."""
        content = None if method == "DELETE" else payload(body)
        form = {} if content is None else {"Content-Type": kind}
        url = self.base.url(path)
        return await self._send("write", method, url, headers={**form, **headers}, content=content, accept=accept)

    def _redirected(self, answer: Response, url: str) -> str:
        target = answer.headers.get("location", "")
        place = self.base.below(target, url)
        if place is None or not is_allowed(place.partition("?")[0], self.readable):
            raise Permanent(
                f"GET {url}: redirected to {shown(target, 100)!r}, which is not below the connection's "
                "address or may not be read; not followed"
            )
        return place

    def _seen(self, place: str, url: str, answer: Response) -> Seen:
        tag = answer.headers.get("etag", "").strip()
        etag = tag if re.fullmatch(r'"[\x21\x23-\x7e]*"', tag) else ""
        body, text, exact = None, None, True
        try:
            body, exact = read_json(answer.content)
        except ValueError:
            if "json" in answer.headers.get("content-type", "") and answer.content:
                raise Transient(f"GET {url}: the server says that it answers JSON, and it is none") from None
            text = answer.text
        link, path = answer.headers.get("link", ""), place.partition("?")[0]
        exact = exact and not self.redacted
        return Seen(path, answer.status_code, body, text, etag, exact, link, url, len(answer.content))

    async def _send(
        self,
        kind: RequestKind,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        accept: Collection[int] = (),
    ) -> Response:
        """Send it, waiting as the server asks while patience lasts: a throttled request was not carried out."""
        where = f"{method} {url}"
        if left := self.pace.left(_now()):
            await self._wait(
                left, f"{where}: the server's limit is used up and nothing was sent; it may be asked again"
            )
        for _ in range(_MOST_WAITS):
            answer = await self._once(kind, method, url, headers, content, (*accept, *_LIMITS))
            if not is_throttled(answer):
                self.pace.note(answer.headers, _now())
                break
            wait = asked_wait(answer.headers)
            told = str(refused(answer, kind, where))
            if wait is None:
                raise Transient(told)
            await self._wait(wait, f"{told}; it may be asked again at {again_at(answer.headers, wait)}")
        else:
            raise Transient(f"{where}: the server asked to wait {_MOST_WAITS} times in a row; nothing was done")
        if answer.status_code in _LIMITS and answer.status_code not in accept:
            raise refused(answer, kind, where)
        return answer

    async def _once(
        self,
        kind: RequestKind,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        content: bytes | None,
        accept: Collection[int],
    ) -> Response:
        form = {"Accept": f"{JSON}, */*;q=0.1", **(headers or {})}
        try:
            answer = await send(self.client, kind, method, url, headers=form, content=content, accept=_EVERY_STATUS)
        except ToolError as failure:
            # Not chained: what the libraries below say may quote the header that holds the secret.
            raise type(failure)(self._clean(str(failure))) from None
        # A server may repeat the credential; it is taken out of all that it says, before anything is cut or parsed.
        told = [(name, self._without_secret(value)) for name, value in answer.headers.raw]
        clean = Response(answer.status_code, httpx2.Headers(told), self._without_secret(answer.content))
        self.redacted = clean.content != answer.content
        if 200 <= clean.status_code < 300 or clean.status_code in accept:
            return clean
        raise refused(clean, kind, f"{method} {url}")

    async def _wait(self, seconds: float, told: str) -> None:
        if seconds > self.patience:
            raise Transient(f"{told} (in {seconds:.0f} s)", datetime.now(UTC) + timedelta(seconds=seconds))
        self.patience -= seconds
        self.pace.until = 0.0
        await self.sleep(seconds)

    def _clean(self, said: str) -> str:
        for each in self.hidden:
            said = said.replace(each, "***")
        return said

    def _without_secret(self, content: bytes) -> bytes:
        for each in self.hidden:
            content = content.replace(each.encode(), b"***")
        return content


def _now() -> float:
    return asyncio.get_running_loop().time()
