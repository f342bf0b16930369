"""Mail addresses as people write them, as SMTP takes them (RFC 5321): checked, in one form, each once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.headerregistry import Address as Header

from doer.domain.errors import Permanent
from doer.domain.value import Json

MOST_RECIPIENTS = 50
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*\Z")
_NAMED = re.compile(r"([^<>@\\\\]{0,200})<([^<>]+)>\Z")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Address:
    """One address: what the envelope takes, and a name for the header."""

    plain: str
    name: str = ""

    @property
    def header(self) -> str:
        """The form of header lines: `Ada Lovelace <ada@acme.example>`."""
        return str(Header(self.name, addr_spec=self.plain)) if self.name else self.plain


def address(text: Json, what: str) -> Address:
    """Return the one address that `text` holds, its domain in ASCII (IDNA 2008) and lower case. Raises Permanent."""
    if not isinstance(text, str) or not text.strip():
        raise Permanent(f"{what}: an address is text such as ada@acme.example")
    if _CONTROL.search(text):
        raise Permanent(f"{what}: {text[:60]!r} holds a line break or another control character, which no address has")
    named = _NAMED.match(text.strip())  # not parseaddr: it makes something of everything (CVE-2023-27043)
    name, plain = (named[1].strip().strip('"').strip(), named[2]) if named else ("", text.strip())
    local, at, domain = plain.rpartition("@")
    if not at or not domain or len(local) > 64 or not _LOCAL.match(local):
        hint = (
            "letters outside ASCII before the @ are not supported" if not local.isascii() else "write ada@acme.example"
        )
        raise Permanent(f"{what}: {text[:80]!r} is not one mail address; {hint}")
    found = f"{local}@{_ascii(domain, what)}"
    if len(found) > 254:
        raise Permanent(f"{what}: an address has at most 254 characters (RFC 5321)")
    return Address(found, name)


def addresses(value: Json, what: str) -> tuple[Address, ...]:
    """Return the addresses of a list, in its order, each once. Raises Permanent for what is none."""
    if value is None:
        return ()
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise Permanent(f"{what} must be a list of addresses")
    found: dict[str, Address] = {}
    for each in value:
        one = address(each, what)
        found.setdefault(one.plain.lower(), one)
    return tuple(found.values())


def _ascii(domain: str, what: str) -> str:
    import idna  # loads tables of its own

    try:
        encoded = idna.encode(domain, uts46=True).decode("ascii").lower()
    except idna.IDNAError as wrong:
        raise Permanent(f"{what}: {domain[:80]!r} is not a domain: {wrong}") from wrong
    return encoded
