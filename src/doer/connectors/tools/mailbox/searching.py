"""The tool that searches a mailbox: newest first, and the newest of each sender."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import cast
from zoneinfo import ZoneInfo

from doer.connectors.tools.mailbox.account import Account, real
from doer.connectors.tools.mailbox.content import MOST_SNIPPET, read_content
from doer.connectors.tools.mailbox.fetched import Fetched
from doer.connectors.tools.mailbox.header import header, people
from doer.connectors.tools.mailbox.letter import HEADER_BYTES, Letter, Spot
from doer.connectors.tools.mailbox.marking import MARKS
from doer.connectors.tools.mailbox.wire import Wire, quoted
from doer.domain.action import Change, Intent, Manifest, Preview, Receipt
from doer.domain.errors import Permanent
from doer.domain.outcome import Reversal, Undone, Verification, Verified
from doer.domain.value import Json, JsonObject, Key

_MOST_CANDIDATES = 20_000
_MOST_HEADERS = 2_000
_MOST_CONTENT = 262_144
_NOT_SEARCHED = frozenset({"trash", "junk", "drafts"})
_STATES: Mapping[str, str] = MappingProxyType(
    {"read": "SEEN", "unread": "UNSEEN", "flagged": "FLAGGED", "unflagged": "UNFLAGGED"}
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What mail is looked for; all that is given must hold."""

    sender: str = ""
    to: str = ""
    subject: str = ""
    text: str = ""
    since: datetime | None = None
    before: datetime | None = None
    state: str = ""
    folder: str = ""
    limit: int = 20

    def keys(self) -> list[str]:
        """The search keys of the server (RFC 9051, 6.4.4): they narrow, the headers are compared here again."""
        found = ["ALL"]
        for name, value in (("FROM", self.sender), ("TO", self.to), ("SUBJECT", self.subject), ("TEXT", self.text)):
            # Servers differ in how they read headers beyond ASCII: those words are compared here alone.
            asked = [word for word in value.split() if word.isascii() or name == "TEXT"]
            found += [f"{name} {quoted(word, name.lower())}" for word in asked]
        # Days of the server's zone, which nobody tells: one day wider, and compared here.
        found += [f"SINCE {_day(self.since, -1)}"] if self.since else []
        found += [f"BEFORE {_day(self.before, 2)}"] if self.before else []
        return [*found, _STATES[self.state]] if self.state else found

    def fits(self, letter: Letter) -> bool:
        """Tell whether a mail is one that is looked for: people by whole words, the subject by all its words."""
        raw = letter.fetched.content
        if self.sender and not matches(self.sender, people(raw, "From")):
            return False
        if self.to and not matches(self.to, _recipients(raw)):
            return False
        subject = header(raw, "Subject").casefold() if self.subject else ""
        if any(word not in subject for word in self.subject.casefold().split()):
            return False
        flag, _, on = MARKS.get(self.state, ("", "", False))
        return self.timely(letter.fetched) and letter.has(flag) is on

    def timely(self, mail: Fetched) -> bool:
        """Tell whether it came within the bounds. When it came is what the server says, not what the sender wrote."""
        return not (self.since and mail.received < self.since) and not (self.before and mail.received >= self.before)


@dataclass(frozen=True, slots=True)
class SearchMail:
    """Reads; its result is `messages`, newest first, `count`, `senders` with the newest mail of each, and `complete`."""

    manifest: Manifest
    account: Account
    zone: ZoneInfo
    """In which a date without a clock begins and ends."""

    async def preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        """Change nothing, foretell nothing."""
        return Preview()

    async def apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        """Return the mails that fit."""
        return await asyncio.to_thread(self._apply, wanted(arguments, self.zone))

    def _apply(self, looked_for: Wanted) -> Receipt:
        with self.account.session() as wire:
            candidates = self._candidates(wire, looked_for)
            complete = len(candidates) <= _MOST_HEADERS
            fitting = [each for each in self._letters(wire, candidates[:_MOST_HEADERS]) if looked_for.fits(each)]
            once = {each.message_id or each.id: each for each in reversed(fitting)}
            fitting = sorted(once.values(), key=_newest)
            shown = self._with_content(wire, fitting[: looked_for.limit])
        result: dict[str, Json] = {"messages": shown, "count": len(shown), "senders": _senders(fitting)}
        return Receipt({**result, "complete": complete and len(fitting) <= looked_for.limit})

    def _candidates(self, wire: Wire, looked_for: Wanted) -> list[tuple[Spot, Fetched]]:
        """Return what the server finds, newest first, with times and flags only."""
        folders = real(wire.folders())
        if looked_for.folder:
            chosen = [self.account.folder(wire, looked_for.folder)]
        else:
            names = {self.account.special.get(use) for use in _NOT_SEARCHED}
            chosen = [each for each in folders if each.use not in _NOT_SEARCHED and each.name not in names]
        found: list[tuple[Spot, Fetched]] = []
        for folder in chosen:
            validity = wire.open(folder.name) if looked_for.folder else wire.may_open(folder.name)
            if validity is None:
                continue
            uids = wire.uids(*looked_for.keys())[-(_MOST_CANDIDATES - len(found)) or 1 :]
            for uid, each in wire.fetch(uids, "FLAGS INTERNALDATE").items():
                if looked_for.timely(each):
                    found.append((Spot(folder.name, validity, uid), each))
        return sorted(found, key=lambda each: (-each[1].received.timestamp(), each[0].folder, -each[0].uid))

    def _letters(self, wire: Wire, candidates: Sequence[tuple[Spot, Fetched]]) -> list[Letter]:
        parts = f"FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER]<0.{HEADER_BYTES}>"
        found = []
        for folder in dict.fromkeys(spot.folder for spot, _ in candidates):
            wire.open(folder)
            spots = {spot.uid: spot for spot, _ in candidates if spot.folder == folder}
            found += [Letter(spots[uid], each) for uid, each in wire.fetch(sorted(spots), parts).items()]
        return sorted(found, key=_newest)

    def _with_content(self, wire: Wire, chosen: Sequence[Letter]) -> list[Json]:
        told: dict[Spot, Json] = {}
        for folder in dict.fromkeys(each.spot.folder for each in chosen):
            wire.open(folder)
            here = [each for each in chosen if each.spot.folder == folder]
            for each in here:
                read = wire.fetch([each.spot.uid], f"BODY.PEEK[]<0.{_MOST_CONTENT}>").get(each.spot.uid)
                content = read_content(read.content if read else b"")
                names: list[Json] = [part.name for part in content.files]
                snippet = " ".join(content.text.split())[:MOST_SNIPPET]
                told[each.spot] = {**each.summary(), "snippet": snippet, "attachments": names}
        return [told[each.spot] for each in chosen]

    async def verify(self, intent: Intent, receipt: Receipt | None = None) -> Verification:
        """A read needs no proof: it is what was read."""
        return Verified(receipt or Receipt(), "read")

    async def undo(self, receipt: Receipt) -> Reversal:
        """A read changed nothing."""
        return Undone(evidence="a read changes nothing")


def wanted(arguments: JsonObject, zone: ZoneInfo) -> Wanted:
    """Return what the arguments look for. Raises Permanent for what is no time, no text or no number."""
    words = {name: arguments.get(name) or "" for name in ("from", "to", "subject", "text", "folder")}
    for name, value in words.items():
        if not isinstance(value, str):
            raise Permanent(f"{name} must be text")
        quoted(value, name)
    limit, state = arguments.get("limit", 20), arguments.get("state") or ""
    if state not in ("", *_STATES):
        raise Permanent(f"state must be one of {', '.join(_STATES)}")
    since, before = _time(arguments.get("since"), "since", zone), _time(arguments.get("before"), "before", zone)
    if (day := _time(arguments.get("on"), "on", zone)) is not None:
        begin = day.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
        end = begin + timedelta(days=1)
        since, before = max(since or begin, begin), min(before or end, end)
    is_number = isinstance(limit, int) and not isinstance(limit, bool)
    return Wanted(
        sender=str(words["from"]),
        to=str(words["to"]),
        subject=str(words["subject"]),
        text=str(words["text"]),
        since=since,
        before=before,
        state=str(state),
        folder=str(words["folder"]),
        limit=max(1, min(cast("int", limit), 100)) if is_number else 20,
    )


def matches(said: str, persons: Sequence[tuple[str, str]]) -> bool:
    """Tell whether one of the people is meant: an address, a domain as `@acme.example`, or whole words of name and address.

    Whole words, because "Jo" is not Jordan, and a reply would go to the wrong one.
    """
    words = said.casefold().strip().strip("<>")
    if not words:
        return True
    for name, plain in persons:
        address = plain.casefold()
        if "@" in words:
            if address == words or (words.startswith("@") and address.endswith(words)):
                return True
        elif set(_words(words)) and set(_words(words)) <= set(_words(f"{name} {plain}")):
            return True
    return False


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold().replace("_", " "))


def _recipients(raw: bytes) -> list[tuple[str, str]]:
    return [*people(raw, "To"), *people(raw, "Cc")]


def _newest(letter: Letter) -> tuple[float, str, int]:
    return (-letter.fetched.received.timestamp(), letter.spot.folder, -letter.spot.uid)


def _senders(fitting: Sequence[Letter]) -> list[Json]:
    """Return the newest mail of each sender: "the last mail from Jo" is a question where two are called Jo."""
    newest: dict[str, Json] = {}
    for each in fitting:
        sender = each.sender[1].casefold()
        if sender not in newest:
            newest[sender] = each.summary()
    return list(newest.values())[:50]


def _time(value: Json, what: str, zone: ZoneInfo) -> datetime | None:
    if value is None or value == "":
        return None
    text = str(value).strip()
    try:
        when = datetime.fromisoformat(text)
    except ValueError as wrong:
        raise Permanent(f"{what} {text[:60]!r} is not a time: write 2026-10-05, or with clock and offset") from wrong
    if len(text) == 10:
        return when.replace(tzinfo=zone)
    if when.utcoffset() is None:
        raise Permanent(f"{what} {text[:60]!r} has no time zone: write its offset")
    return when


def _day(when: datetime, days: int) -> str:
    try:
        day: date = (when.astimezone(UTC) + timedelta(days=days)).date()
    except OverflowError as wrong:
        raise Permanent(f"{when.isoformat()} is beyond all calendars") from wrong
    return f"{day.day}-{_MONTHS[day.month - 1]}-{day.year:04d}"
