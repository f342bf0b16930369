"""Mentions: spans of a sentence that name a typed value, with every way in which they can be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from doer.domain.value import Json

Kind = Literal[
    "date",
    "time",
    "datetime",
    "date_range",
    "duration",
    "amount",
    "number",
    "email",
    "url",
    "path",
    "person",
    "quoted",
    "phone",
    "identifier",
    "address",
]


@dataclass(frozen=True, slots=True)
class Setting:
    """What relative words resolve against: the moment at which something was said, its zone and its locale."""

    said_at: datetime
    zone: str = "UTC"
    locale: str = "en"

    @property
    def local(self) -> datetime:
        """The moment on the wall clock of the zone."""
        return self.said_at.astimezone(ZoneInfo(self.zone))

    @property
    def territory(self) -> str:
        """`US` of `en-US` or `en_US`; empty where the locale names none, and so is no evidence for a convention."""
        parts = self.locale.replace("-", "_").split("_")
        return next((part.upper() for part in parts[1:] if len(part) == 2), "")

    @property
    def language(self) -> str:
        """`en` of `en-US`."""
        return self.locale.replace("-", "_").split("_")[0].lower()


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a mention.

    Values by kind: date `2026-03-02`; time `15:00`; datetime RFC 3339 with offset; date_range {start, end} with both
    ends inclusive; duration ISO 8601 (`PT45M`, `P2D`); amount {amount: decimal string, currency: ISO 4217 code or null};
    number a decimal string; all others text.
    """

    value: Json
    label: str


@dataclass(frozen=True, slots=True)
class Mention:
    """A span that names a value. One reading: it is plain. Several: ask. None: `problem` says why it cannot be."""

    kind: Kind
    start: int
    end: int
    text: str
    readings: tuple[Reading, ...]
    confidence: float = 1.0
    problem: str = ""
    parts: tuple[Mention, ...] = ()
    """Of a datetime: the date and the time it was joined from; each can also stand alone."""

    @property
    def value(self) -> Json:
        """The first reading's value; None where there is none."""
        return self.readings[0].value if self.readings else None

    @property
    def plain(self) -> bool:
        """True when there is exactly one way to read it."""
        return len(self.readings) == 1

    @property
    def quantity(self) -> Json:
        """The decimal string of a number or an amount; None where its readings differ in more than the currency."""
        told = [each.value.get("amount") if isinstance(each.value, Mapping) else each.value for each in self.readings]
        return told[0] if self.kind in ("number", "amount") and len(set(map(str, told))) == 1 else None

    def overlaps(self, other: Mention) -> bool:
        """Tell whether the two share a character."""
        return self.start < other.end and other.start < self.end


def one(kind: Kind, text: str, span: tuple[int, int], value: Json, confidence: float = 1.0) -> Mention:
    """Return a mention with one reading, labelled as it was written. `span` is (start, end) in `text`."""
    words = text[span[0] : span[1]]
    return Mention(kind, span[0], span[1], words, (Reading(value, words),), confidence)
