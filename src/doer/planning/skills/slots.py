"""Slots: what a skill or a tool must be told, and how a typed mention becomes the value of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Final, Literal

from doer.domain.known import Entity
from doer.domain.template import Template
from doer.domain.value import Json
from doer.intent.mention import Kind, Mention
from doer.intent.text import word_set

TYPES: Final = (
    "text", "person", "email", "url", "path", "phone", "identifier", "date", "time", "datetime", "date_range", "duration",
    "minutes", "amount", "decimal", "number", "integer", "choice", "boolean", "address", "period",
)  # fmt: skip
"""Types of slots; each also as `list of …`. Values: date, time, datetime and text as text; minutes an integer; duration
ISO 8601; amount {amount, currency}; decimal a decimal string; date_range {start, end}; period likewise, of one day or
of several, both ends inclusive."""
Take = Literal["name", "email", "said"]
SPEAKER: Final = word_set("me myself")
"""Words for whoever speaks."""
MOST_EXACT = 2**53
_KINDS: Mapping[str, tuple[Kind, ...]] = {
    "text": ("quoted", "person", "identifier", "path", "url", "email", "number"),
    "person": ("person",),
    "email": ("email",),
    "url": ("url",),
    "path": ("path",),
    "phone": ("phone",),
    "identifier": ("identifier", "number"),
    "date": ("date",),
    "time": ("time",),
    "datetime": ("datetime",),
    "date_range": ("date_range",),
    "duration": ("duration",),
    "minutes": ("duration",),
    "amount": ("amount", "number"),
    "decimal": ("number", "amount"),
    "number": ("number", "amount"),
    "integer": ("number",),
    "address": ("quoted",),
    "period": ("date", "date_range"),
}
_PLACES = word_set("address place location destination venue where site")
_ROOMS = word_set("room hall floor building studio")
_PARTIES = word_set("""
    company firm client contact party organisation organization agency business team recipient payee person shop bank
    """)
_NO_PARTIES = word_set("""
    number order folder letter paper color colour floor door answer header footer offer layer power calendar error
    counter register newsletter chapter semester quarter
    """)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the values that a choice slot allows, and other words for it; `=meetings` is that form alone, no `meeting`."""

    value: Json
    label: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True)  # without slots: it keeps what every sentence asks of it
class SlotSpec:
    """One thing to be told."""

    name: str
    type: str = "text"
    many: bool = False
    """True: a list of `type`."""
    question: str = ""
    required: bool = True
    default: Template | None = None
    choices: tuple[Choice, ...] = ()
    cues: tuple[str, ...] = ()
    """Further words that stand beside the value, e.g. `reports to`."""
    likely: tuple[str, ...] = ()
    """Of free text: what it probably is, e.g. the keys of the table in which it is looked up."""
    currency: str = ""
    """Of an amount: the ISO 4217 code where none is said; without it an amount without currency is asked about."""
    past: bool = False
    """True: it looks back: a past date is no reason to ask, a bare weekday is the last one, a period has begun already."""
    coming: bool = False
    """Of a period: a bare weekday is the next one, unless the sentence tells of what was. Of a datetime: it lies ahead, so
    that a time of day without a day is the next one."""
    open_ended: bool = False
    """Of a period: `since Monday` and `before May` are periods too, without an end or without a start (None)."""
    everyday: bool = False
    """Of a time or datetime: `at 9` is 09:00, because only that hour lies within the day; `at 8` stays a question."""
    verbatim: bool = False
    """Of a text: where the sentence is worded as an example is, all the words in its place, whatever they are."""
    not_before: str = ""
    """Of a date, time or datetime: another slot of that type, which must not come after this one."""
    known: str = ""
    """The kind of known entity that it names: `person`, `group`, `calendar`, `mail folder`, `repository`, `branch`."""
    entities: tuple[Entity, ...] = ()
    """Those that are known."""
    among: bool = False
    """True: what is neither known nor `likely` is asked about, because what is written there is compared letter by letter."""
    take: Take = "name"
    """Of a known entity: what tools take for it; its mail address; or the words as they were said, once they are clear."""
    speaker: bool = False
    """Of a person: where the sentence is worded as an example, `me` is whoever speaks."""
    worded: bool = False
    """Of a text: a name, and never a number or a code."""
    whole: bool = False
    """True: a day and a time that stand together are one moment and fill no slot of a day or of a time; apart they make
    no moment."""
    unless: tuple[str, ...] = ()
    """Of an optional slot: it must be told after all unless one of these other slots is."""
    along: str = ""
    """Another optional slot without which this one tells nothing: what is said of one alone is asked of the other."""

    @cached_property
    def asks(self) -> str:
        """The question in words."""
        return self.question or f"Which {self.name.replace('_', ' ')}?"

    @cached_property
    def called(self) -> frozenset[str]:
        """What the known things are called, casefolded; people by their first name too."""
        names = {name.casefold() for each in self.entities for name in (each.name, each.value, *each.also)}
        if self.known == "person":
            names |= {each.name.split(" ")[0].casefold() for each in self.entities}
        return frozenset(names)

    @cached_property
    def longest(self) -> int:
        """How many words the longest of these names has."""
        return max((len(each.split()) for each in self.called), default=0)

    @cached_property
    def is_address(self) -> bool:
        """True: it is a postal address or the name of a place."""
        return self.type == "address" or (
            self.type == "text" and (bool(_PLACES & set(self.name.split("_"))) or "address" in self.cues)
        )

    @cached_property
    def is_place(self) -> bool:
        """True: it says where something is, perhaps by a number: `Room 1`."""
        return self.is_address or (self.type == "text" and bool(_ROOMS & set(self.name.split("_"))))

    @cached_property
    def is_party(self) -> bool:
        """True: it names somebody, a company perhaps: `supplier`, `customer`, `employer`."""
        last = self.name.split("_")[-1].rstrip("s")
        agent = last.endswith(("er", "or", "ee")) and last not in _NO_PARTIES
        return self.type == "text" and not self.is_address and (agent or last in _PARTIES)

    @cached_property
    def asked_as(self) -> str:
        """The kind of thing that a question word asks for."""
        return "address" if self.is_address else "person" if self.is_party else self.type

    @cached_property
    def kinds(self) -> tuple[Kind, ...]:
        """Kinds of mentions that can fill it."""
        found = _KINDS.get(self.type, ())
        return (*found, "email") if self.type == "person" and self.known else found


def value_of(spec: SlotSpec, mention: Mention, reading: Json, *, currency_apart: bool = False) -> Json:
    """Return the slot's value for one reading of a mention; None where it cannot be one.

    `currency_apart`: another slot takes the currency of an amount; without it, no currency is dropped silently.
    """
    match spec.type:
        case "amount":
            return _amount(spec, mention, reading)
        case "decimal" | "number" | "integer":
            amount = reading.get("amount") if isinstance(reading, Mapping) and currency_apart else reading
            return _number(spec.type, amount)
        case "minutes":
            return _minutes(reading)
        case "period" if mention.kind == "date":
            return {"start": reading, "end": reading}
        case _:
            return reading if mention.kind in spec.kinds else None


def _amount(spec: SlotSpec, mention: Mention, reading: Json) -> Json:
    if mention.kind == "amount":
        return reading
    if mention.kind == "number" and spec.currency:
        return {"amount": str(reading), "currency": spec.currency}
    return None


def _number(kind: str, text: Json) -> Json:
    if not isinstance(text, str):
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    if kind == "decimal":
        return text
    if abs(number) > MOST_EXACT:
        return None
    if number == number.to_integral_value():
        return int(number)
    return None if kind == "integer" else float(number)


def _minutes(text: Json) -> Json:
    if not isinstance(text, str) or not text.startswith("PT") or not text.endswith("M"):
        return None
    minutes = float(text[2:-1])
    return int(minutes) if minutes == int(minutes) else None
