"""What FETCH answers, as imaplib hands it over: attributes outside literals, contents inside (RFC 9051, 7.5.2)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

_START = re.compile(rb"\d+ \(")
_FLAGS = re.compile(rb"FLAGS \(([^)]*)\)")
_NUMBER = {name: re.compile(rb"\b" + name + rb" \(?(\d+)") for name in (b"UID", b"RFC822.SIZE", b"MODSEQ")}
_DATE = re.compile(rb'INTERNALDATE "([^"]+)"')


@dataclass(frozen=True, slots=True)
class Fetched:
    """One message's attributes; `contents` are its literals, in the order asked for."""

    flags: frozenset[str]
    received: datetime
    size: int
    modseq: int | None
    contents: tuple[bytes, ...]

    @property
    def content(self) -> bytes:
        """The first literal; empty when there is none."""
        return self.contents[0] if self.contents else b""


def read_fetched(data: Sequence[Any]) -> dict[int, Fetched]:
    """Return the messages by UID. An unasked update of flags without content does not replace what was asked for."""
    found: dict[int, Fetched] = {}
    for attributes, contents in _groups(data):
        if (one := _fetched(attributes, contents)) is None:
            continue
        uid, told = one
        if uid not in found or len(told.contents) >= len(found[uid].contents):
            found[uid] = told
    return found


def _groups(data: Sequence[Any]) -> Iterator[tuple[bytes, tuple[bytes, ...]]]:
    """Yield each message's attributes without its literals, and its literals: what a sender wrote is never parsed."""
    attributes, contents = b"", list[bytes]()
    for part in data:
        line, literal = (part[0], part[1]) if isinstance(part, tuple) else (part, None)
        if not isinstance(line, bytes):
            continue
        if _START.match(line):
            if attributes:
                yield attributes, tuple(contents)
            attributes, contents = b"", []
        attributes += line + b" "
        if isinstance(literal, bytes):
            contents.append(literal)
    if attributes:
        yield attributes, tuple(contents)


def _fetched(attributes: bytes, contents: tuple[bytes, ...]) -> tuple[int, Fetched] | None:
    flags = _FLAGS.search(attributes)
    rest = _FLAGS.sub(b"", attributes)  # a keyword may be called UID
    uid, size, modseq = (_number(name, rest) for name in (b"UID", b"RFC822.SIZE", b"MODSEQ"))
    if uid is None:
        return None
    names = flags[1].decode("ascii", "replace").split() if flags else []
    shown = frozenset(each for each in names if each.lower() != "\\recent")
    return uid, Fetched(shown, _moment(_DATE.search(rest)), size or 0, modseq, contents)


def _number(name: bytes, text: bytes) -> int | None:
    found = _NUMBER[name].search(text)
    return int(found[1]) if found else None


def _moment(found: re.Match[bytes] | None) -> datetime:
    try:
        when = parsedate_to_datetime(found[1].decode("ascii").strip().replace("-", " ")) if found else None
    except (ValueError, UnicodeError):
        when = None
    return when if when is not None and when.utcoffset() is not None else datetime.fromtimestamp(0, UTC)
