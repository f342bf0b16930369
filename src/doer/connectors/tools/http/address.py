"""Addresses: where below its base a request may go, and which of what a person says is refused before it is sent."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit

from doer.connectors.tools.http_outcome import shown
from doer.domain.errors import Permanent, UsageError
from doer.domain.value import Json

LONGEST = 2000
"""Characters of a path, and of a query: what servers commonly take (RFC 9110, section 4.1, asks for 8000)."""

_PORTS = {"http": 80, "https": 443}
_KEPT = "-._~!$&'()*+,;=:@"  # RFC 3986, section 3.3: what stands for itself in a segment


@dataclass(frozen=True, slots=True)
class Origin:
    """The address that the operator set: its origin (scheme, host, port), and the path that everything is below."""

    origin: str
    path: str
    """Begins with `/`, or is empty; does not end with one."""

    @classmethod
    def of(cls, connection: str, url: str) -> Origin:
        """Read the address of a connection. Raises UsageError for one that is no plain http or https address."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as wrong:
            raise UsageError(f"the address of {connection!r} cannot be read: {wrong}") from wrong
        if parts.scheme not in _PORTS or not parts.hostname:
            raise UsageError(f"{connection!r} needs an http:// or https:// address, and {_bare(url)!a} is none")
        if parts.username is not None or parts.password is not None:
            raise UsageError(
                f"the address of {connection!r} holds a user name or password; give them as the credential"
            )
        if parts.query or parts.fragment:
            raise UsageError(f"the address of {connection!r} has a query or fragment; give the bare base address")
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        suffix = "" if port in (None, _PORTS[parts.scheme]) else f":{port}"
        return cls(f"{parts.scheme}://{host}{suffix}", parts.path.rstrip("/"))

    def url(self, place: str) -> str:
        """Return the full address of a place. Raises Permanent when it would leave the base: the last check of all."""
        made = f"{self.origin}{self.path}{place}"
        if self.below(made) is None:
            raise Permanent(f"{shown(place)!r} leads away from {self.origin}{self.path}; nothing was sent")
        return made

    def below(self, target: str, at: str = "") -> str | None:
        """Return the place, with its query, that a server's link means; None where it leads off the base.

        `at` is the address it was found at; a relative link is resolved against it (RFC 3986, section 5).
        """
        try:
            parts = urlsplit(urljoin(at, target))
            if parts.username is not None or parts.scheme not in _PORTS:
                return None
            other = Origin.of("link", f"{parts.scheme}://{parts.netloc}")
            inside = parts.path == self.path or parts.path.startswith(f"{self.path}/")
            if other.origin != self.origin or not inside:
                return None
            place = parse_path(parts.path[len(self.path) :] or "/")
        except (ValueError, UsageError, Permanent):
            return None
        return f"{place}?{parts.query}" if parts.query else place


def parse_path(said: Json) -> str:
    """Return the path that was said, below the base, in one form: `/users/4812`, percent-encoded where it must be.

    Raises Permanent for whatever could lead elsewhere, also in disguise: a scheme, a host, `..` plain, encoded, encoded
    twice or before `;`, a slash in an encoded form, signs that cannot be seen.
    """
    if not isinstance(said, str) or not said.strip():
        raise Permanent(f"path is {said!r:.60}: expected a path below the connection's address, such as /users/4812")
    if len(said) > LONGEST:
        raise Permanent(f"the path is longer than {LONGEST} characters")
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:/", said) or said.startswith("//"):
        raise Permanent(f"{shown(said)!r} names a host: give only the path below the connection's address")
    if sign := next((each for each in "\\?#" if each in said), ""):
        raise Permanent(f"{shown(said)!r} has {sign!r} in it, which is no part of a path")
    segments = said.removeprefix("/").split("/")
    last = len(segments) - 1
    return "/" + "/".join(_segment(each, said, may_be_empty=number == last) for number, each in enumerate(segments))


def _segment(encoded: str, said: str, *, may_be_empty: bool) -> str:
    try:
        decoded = unquote(encoded, errors="strict")
        decoded.encode()
    except ValueError as wrong:
        raise Permanent(f"{shown(said)!r} has a part that is no text") from wrong
    if not decoded and not may_be_empty:
        raise Permanent(f"{shown(said)!r} has an empty part ('//'): leave it out")
    folded = unicodedata.normalize("NFKC", decoded)  # some servers fold before they route
    if folded.partition(";")[0].strip() in (".", ".."):
        raise Permanent(f"{shown(said)!r} goes upwards or stands still ('..', '.'): give the path from the base")
    if any(each in decoded or each in folded for each in "/\\%?#"):
        raise Permanent(
            f"{shown(said)!r} has a sign in disguise (an encoded '/', '\\', '%', '?' or '#'): it is refused"
        )
    if any(unicodedata.category(each) in ("Cc", "Cf", "Cs", "Zl", "Zp") or each.isspace() for each in decoded):
        raise Permanent(f"{shown(said)!r} has a space, or a sign that cannot be seen; leave it out")
    return quote(decoded, safe=_KEPT)


def parse_query(said: Json) -> str:
    """Return the query as it is sent: `status=open&page=2`. A text may be given in that form, or an object of values."""
    if said is None or said == "":
        return ""
    pairs = parse_qsl(said.removeprefix("?"), keep_blank_values=True) if isinstance(said, str) else _pairs(said)
    for name, value in pairs:
        if any(unicodedata.category(each) in ("Cc", "Cf", "Cs") for each in name + value):
            raise Permanent(f"the query's {shown(name)!r} has a sign in it that cannot be seen; leave it out")
    query = urlencode(pairs)
    if len(query) > LONGEST:
        raise Permanent(f"the query is longer than {LONGEST} characters")
    return query


def _pairs(said: Json) -> list[tuple[str, str]]:
    if not isinstance(said, Mapping):
        raise Permanent(f"query is {said!r:.60}: expected names with values")
    pairs = []
    for name, value in said.items():
        if value is None or isinstance(value, Mapping) or (isinstance(value, Sequence) and not isinstance(value, str)):
            raise Permanent(f"the query's {shown(name)!r} is {value!r:.60}: expected a text, a number, true or false")
        pairs.append((name, str(value).lower() if isinstance(value, bool) else str(value)))
    return pairs


def is_allowed(path: str, patterns: Sequence[str]) -> bool:
    """Tell whether a path fits one of the patterns.

    `*` alone is everything; in a pattern `*` is a part of a path and `**` any number of parts: `/users/*`, `/teams/**`.
    """
    parts = unquote(path).strip("/").split("/")
    return any(each == "*" or _fits(parts, each.strip("/").split("/")) for each in patterns)


def _fits(parts: list[str], pattern: list[str]) -> bool:
    if not pattern:
        return not parts
    if pattern[0] == "**":
        return any(_fits(parts[skipped:], pattern[1:]) for skipped in range(len(parts) + 1))
    one = re.escape(pattern[0]).replace(r"\*", ".*")
    return bool(parts) and re.fullmatch(one, parts[0]) is not None and _fits(parts[1:], pattern[1:])


def parent_of(path: str) -> str:
    """Return the collection that a path is in; empty at the top."""
    return path.rstrip("/").rpartition("/")[0]


def _bare(url: str) -> str:
    return re.sub(r"//[^/@]*@", "//", url, count=1)[:100]
