"""HTTP seen as effects: sends one request and says of every failure whether anything can have been changed."""

from __future__ import annotations

import json
import re
import ssl
import unicodedata
import zlib
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Literal, TypeAlias

import httpx2

from doer.connectors.trust import trusted
from doer.domain.errors import CredentialRefused, NoEffect, OutcomeUnknown, Permanent, ToolError, Transient
from doer.domain.value import Json

RequestKind: TypeAlias = Literal["read", "write"]

_NEVER_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ProxyError)
_OUR_REQUEST_IS_WRONG = (
    httpx2.UnsupportedProtocol,
    httpx2.LocalProtocolError,
    httpx2.TooManyRedirects,
    httpx2.InvalidURL,
)
LONGEST_ASKED = 7 * 24 * 3600.0
"""Seconds that a server may ask to wait and be believed."""
_MOST_BYTES = 32 * 1024 * 1024
_LONGEST_REASON = 300
_ZLIB_OR_GZIP = zlib.MAX_WBITS | 32


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
    # Nothing compressed: a few kilobytes of it can be gigabytes, and would be unpacked before anybody counts.
    plain = {"Accept-Encoding": "identity", **(headers or {})}
    return httpx2.AsyncClient(auth=auth, headers=plain, timeout=timeout, follow_redirects=False, verify=trusted(url))


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
    - CredentialRefused: 401;
    - Permanent: 403, every other 3xx and 4xx, 501, an impossible URL; what the server gives as the reason (problem
      details, RFC 9457) is shown, escaped and cut;
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
    """Return the body, unpacked where the server packed it all the same; never more than `most` bytes in memory."""
    packing = response.headers.get("content-encoding", "identity").strip().casefold()
    if packing not in ("identity", "", "gzip", "x-gzip", "deflate"):
        said = f"{where}: the answer is packed as {packing[:40]!a}, which was not asked for"
        raise OutcomeUnknown(said) if kind == "write" else Permanent(said)
    unpack = None if packing in ("identity", "") else zlib.decompressobj(_ZLIB_OR_GZIP)
    body = bytearray()
    async for chunk in response.aiter_raw():
        try:
            body += chunk if unpack is None else unpack.decompress(chunk, most + 1 - len(body))
        except zlib.error as rubbish:
            said = f"{where}: the answer cannot be unpacked ({rubbish})"
            raise (OutcomeUnknown if kind == "write" else Transient)(said) from rubbish
        if len(body) > most:
            said = f"{where}: the answer is larger than {most} bytes"
            raise OutcomeUnknown(said) if kind == "write" else Permanent(f"{said}; ask for less")
    if unpack is not None and body and not unpack.eof:
        raise (OutcomeUnknown if kind == "write" else Transient)(f"{where}: the answer ends in the middle")
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
    if status == 401:
        return CredentialRefused(
            f"{told}; the user name, password or token is not accepted: connect again with a valid one"
        )
    if status == 407:
        return Permanent(f"{told}; the proxy wants to know who asks: set its user name and password")
    if status == 403:
        return Permanent(f"{told}; this user may not do that: ask the system's administrator for the right")
    if status in (423, 425, 429) or (status == 503 and "retry-after" in answer.headers):
        wait = retry_after(answer.headers)
        if wait is None:
            return Transient(told)
        again_at = datetime.now(UTC) + timedelta(seconds=wait)
        return Transient(f"{told}; it asks to wait {wait:.0f} s", again_at)
    if status == 501:
        return Permanent(f"{told}; this server cannot do that")
    if status >= 500:
        return Transient(told) if kind == "read" else OutcomeUnknown(f"{told}; it may have been carried out")
    if 300 <= status < 400:
        target = answer.headers.get("location", "an unnamed place")
        return Permanent(f"{told}; the address moved to {target}: set that one")
    return Permanent(told)


def retry_after(headers: httpx2.Headers) -> float | None:
    """Return how many seconds an answer asks to wait, in seconds or as a date (RFC 9110, section 10.2.3); None: it does not."""
    said = headers.get("retry-after", "").strip()
    if said.isascii() and said.isdigit():
        return min(float(said[:9]), LONGEST_ASKED)
    moment = read_date(said) if said else None
    return None if moment is None else seconds_between(server_time(headers), moment)


def server_time(headers: httpx2.Headers) -> datetime:
    """The server's clock, so that a wrong one here does no harm; ours where it does not tell the time."""
    return read_date(headers.get("date", "")) or datetime.now(UTC)


def read_date(said: str) -> datetime | None:
    """Return the moment that a header names; None where it names none."""
    try:
        moment = parsedate_to_datetime(said)
    except (ValueError, TypeError, IndexError):
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def seconds_between(now: datetime, then: datetime) -> float:
    """Return the seconds from now until then: none where it has passed, a week at most."""
    return min(max((then - now).total_seconds(), 0.0), LONGEST_ASKED)


def _reason(answer: Response) -> str:
    kind = answer.headers.get("content-type", "")
    if not answer.content or "html" in kind:
        return ""
    line = (_problem(answer) if "json" in kind else "") or answer.text
    words = shown(line) if "json" in kind or " ".join(line.split()).isprintable() else ""
    return f" ({words})" if words else ""


def _problem(answer: Response) -> str:
    """Return the title, detail and errors of problem details (RFC 9457), or of what is used in their place."""
    try:
        told = answer.json()
    except (ValueError, RecursionError):
        return ""
    if not isinstance(told, Mapping):
        return ""
    parts = [each for each in (told.get("title"), told.get("detail")) if isinstance(each, str) and each]
    errors = told.get("errors")
    return ": ".join(parts) + (f"; {json.dumps(errors, ensure_ascii=False)}" if parts and errors else "")


def shown(said: str, most: int = _LONGEST_REASON) -> str:
    """Return a server's words fit for a message: one line, cut, with signs that cannot be seen written out."""
    line = " ".join(said[: 4 * most].split())
    seen = "".join(_visible(sign) for sign in line)
    return seen if len(seen) <= most else f"{seen[:most]}…"


def _visible(sign: str) -> str:
    # Marks of writing direction and control characters would let a server rewrite the line that a person reads.
    return sign if sign.isprintable() and unicodedata.category(sign) != "Cf" else ascii(sign)[1:-1]


def _without_password(url: str) -> str:
    return re.sub(r"//[^/@]*@", "//", url, count=1)


def _distrusts_certificate(failure: BaseException) -> bool:
    cause: BaseException | None = failure
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError) or "CERTIFICATE_VERIFY_FAILED" in str(cause):
            return True
        cause = cause.__cause__ or cause.__context__
    return False
