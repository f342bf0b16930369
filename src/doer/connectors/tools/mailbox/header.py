"""Header lines of mail that anybody may have written: whatever is broken in them reads as empty, never as an error."""

from __future__ import annotations

import re
from datetime import datetime
from email.header import decode_header, make_header
from email.parser import BytesHeaderParser
from email.utils import getaddresses, parsedate_to_datetime

_MOST_LINE = 2000
_MOST_PEOPLE = 200
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")
_ID = re.compile(r"<[!-;=?-~]{1,900}>")  # ASCII without spaces and angle brackets


def header(raw: bytes, name: str) -> str:
    """Return the first such line, decoded, on one line, without control characters, at most 2,000 characters.

    Message-ID comes as the text within angle brackets that others refer to, or empty.
    """
    lines = _lines(raw, name)
    if name == "Message-ID":  # as it is, since a server compares it as it is
        found = _ID.search(lines[0]) if lines else None
        return found[0] if found else ""
    return _clean(_words(lines[0]))[:_MOST_LINE] if lines else ""


def ids(raw: bytes, name: str) -> list[str]:
    """Return the message ids of a line such as References."""
    return [each for line in _lines(raw, name)[:1] for each in _ID.findall(line[:100_000])]


def people(raw: bytes, name: str) -> list[tuple[str, str]]:
    """Return (name, address) of each person in a line; addresses are as written and not checked."""
    try:
        # Addresses are split before names are decoded: an encoded name may hold a comma or an address of its own.
        pairs = getaddresses([each[: _MOST_LINE * 10] for each in _lines(raw, name)])
    except (ValueError, IndexError, AttributeError):
        return []
    return [(_clean(_words(one)), _clean(plain)) for one, plain in pairs if plain][:_MOST_PEOPLE]


def moment(raw: bytes) -> datetime | None:
    """Return what the Date line says; None when that is not legible or has no zone."""
    try:
        when = parsedate_to_datetime(header(raw, "Date"))
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return when if when.utcoffset() is not None else None


def clean_name(text: str) -> str:
    """Return the name of a file that a mail gives, decoded, on one line, at most 200 characters."""
    return _clean(_words(text))[:200]


def _lines(raw: bytes, name: str) -> list[str]:
    """Return the lines of that name, unfolded and not decoded; bytes beyond ASCII are taken as UTF-8 (RFC 6532)."""
    # The old parser: it keeps lines as they are, where the new one raises on some that are broken.
    message = BytesHeaderParser().parsebytes(raw.replace(b"\x00", b"\x01"))
    found = [str(value) for key, value in message.raw_items() if key.lower() == name.lower()]
    whole = [each.encode("ascii", "surrogateescape").decode("utf-8", "replace") for each in found]
    return [re.sub(r"[\r\n]+\s*", " ", each) for each in whole]


def _words(text: str) -> str:
    try:
        return str(make_header(decode_header(text)))
    except (LookupError, ValueError, IndexError, AssertionError):
        return text


def _clean(text: str) -> str:
    return " ".join(_CONTROL.sub(" ", text).split())
