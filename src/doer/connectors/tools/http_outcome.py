"""HTTP seen as effects: sends one request and says of every failure whether anything can have been changed."""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, TypeAlias

import httpx2

from doer.domain.errors import NoEffect, OutcomeUnknown, Permanent, ToolError, Transient
from doer.domain.value import Json

RequestKind: TypeAlias = Literal["read", "write"]

_NEVER_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ProxyError)
_OUR_REQUEST_IS_WRONG = (
    httpx2.UnsupportedProtocol,
    httpx2.LocalProtocolError,
    httpx2.TooManyRedirects,
    httpx2.InvalidURL,
)
_MOST_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Response:
    """An answer that was read to its end."""

    status_code: int
    headers: httpx2.Headers
    content: bytes

    @property
    def text(self) -> str:
        """The body as text; bytes that are not UTF-8 are shown as replacement characters."""
        return self.content.decode("utf-8", "replace")

    def json(self) -> Json:
        """The body as JSON. Raises ValueError when it is something else."""
        parsed: Json = json.loads(self.content)
        return parsed


def open_client(
    url: str, timeout: float, auth: tuple[str, str] | None = None, headers: Mapping[str, str] | None = None
) -> httpx2.AsyncClient:
    """Return a client for the calls of one verb to the server at `url`; close it with `async with`. `timeout` in seconds.

    One client a verb: a connection kept between verbs may have been closed by the server meanwhile, and a write on such
    a connection would be an unknown outcome for no good reason. Redirects are not followed: a write that was redirected
    went somewhere that nobody granted.
    """
    # Loading the system's authorities takes 20 ms; for plain http a context that trusts nobody is enough.
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if url.startswith("http://") else True
    # Nothing compressed: a few kilobytes of it can be gigabytes, and would be unpacked before anybody counts.
    plain = {"Accept-Encoding": "identity", **(headers or {})}
    return httpx2.AsyncClient(auth=auth, headers=plain, timeout=timeout, follow_redirects=False, verify=trust)


@contextmanager
def after_a_write() -> Iterator[None]:
    """Within it, a read that fails says that the outcome is unknown, and no longer that nothing was changed."""
    try:
        yield
    except NoEffect as failure:
        raise OutcomeUnknown(f"it was sent, and then: {failure}") from failure


async def send(  # noqa: PLR0913 - the parts of an HTTP request, all by name
    client: httpx2.AsyncClient,
    request_kind: RequestKind,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    content: bytes | None = None,
    json_body: Json = None,
    params: Mapping[str, str] | None = None,
    accept: Collection[int] = (),
    most_bytes: int = _MOST_BYTES,
) -> Response:
    """Send one request, once, and return the answer when its status is 2xx or in `accept`.

    `request_kind` says what a lost answer means: a `read` changed nothing, a `write` may have. Raises, as RFC 9110
    defines the statuses:

    - Transient: never connected; 423, 425, 429; 503 with Retry-After; for reads also time-outs, cut connections, 5xx;
    - Permanent: 401 and 403 (the message says what to do), every other 3xx and 4xx, 501, an impossible URL;
    - OutcomeUnknown: for writes, a time-out or cut connection after connecting, an unreadable or oversized answer, 5xx.
    """
    where = f"{method} {_without_password(url)}"
    try:
        request = client.build_request(method, url, headers=headers, content=content, json=json_body, params=params)
        response = await client.send(request, stream=True)
        try:
            body = await _read(response, most_bytes, request_kind, where)
        finally:
            await response.aclose()
    except (httpx2.HTTPError, httpx2.InvalidURL) as failure:
        raise failed(failure, request_kind, where) from failure
    answer = Response(response.status_code, response.headers, body)
    if response.is_success or response.status_code in accept:
        return answer
    raise refused(answer, request_kind, where)


async def _read(response: httpx2.Response, most: int, kind: RequestKind, where: str) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > most:
            said = f"{where}: the answer is larger than {most} bytes"
            raise OutcomeUnknown(said) if kind == "write" else Permanent(f"{said}; ask for less")
    return bytes(body)


def failed(failure: Exception, kind: RequestKind, where: str) -> ToolError:
    """Return what a request that got no answer says about the world."""
    told = f"{where}: {str(failure) or type(failure).__name__}"
    if isinstance(failure, _OUR_REQUEST_IS_WRONG):
        return Permanent(f"{told}; correct the connection's address")
    if isinstance(failure, _NEVER_SENT):
        if _distrusts_certificate(failure):
            return Permanent(f"{told}; the server's certificate is not trusted: renew it, or trust its authority")
        return Transient(f"{told}; the server was not reached, nothing was sent")
    if kind == "read":
        return Transient(told)
    return OutcomeUnknown(f"{told}; the request was on its way and may have been carried out")


def refused(answer: Response, kind: RequestKind, where: str) -> ToolError:
    """Return what a status other than success says about the world."""
    status = answer.status_code
    told = f"{where}: the server answered {status}{_reason(answer)}"
    if status in (401, 407):
        return Permanent(f"{told}; the user name, password or token is not accepted: connect again with a valid one")
    if status == 403:
        return Permanent(f"{told}; this user may not do that: ask the system's administrator for the right")
    if status in (423, 425, 429) or (status == 503 and "retry-after" in answer.headers):
        wait = answer.headers.get("retry-after")
        return Transient(told + (f"; it asks to wait {wait}" if wait else ""))
    if status == 501:
        return Permanent(f"{told}; this server cannot do that")
    if status >= 500:
        return Transient(told) if kind == "read" else OutcomeUnknown(f"{told}; it may have been carried out")
    if 300 <= status < 400:
        target = answer.headers.get("location", "an unnamed place")
        return Permanent(f"{told}; the address moved to {target}: set that one")
    return Permanent(told)


def _reason(answer: Response) -> str:
    kind = answer.headers.get("content-type", "")
    if not answer.content or "html" in kind:
        return ""
    line = " ".join(answer.text.split())
    return f" ({line[:200]})" if line.isprintable() else ""


def _without_password(url: str) -> str:
    return re.sub(r"//[^/@]*@", "//", url, count=1)


def _distrusts_certificate(failure: BaseException) -> bool:
    cause: BaseException | None = failure
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError) or "CERTIFICATE_VERIFY_FAILED" in str(cause):
            return True
        cause = cause.__cause__ or cause.__context__
    return False
