"""Reading back: the event itself, its copies, and whatever else the server altered while doing it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx2

from doer.connectors.tools.calendar.agenda import Agenda, Baseline, Found, event_of
from doer.connectors.tools.calendar.moment import instant
from doer.connectors.tools.calendar.vevent import Event, Reading, read_event, seal
from doer.domain.action import Change, Receipt
from doer.domain.errors import NoEffect
from doer.domain.outcome import Absent, Refuted, Unknown, Verification, Verified
from doer.domain.value import Json, Key


def receipt_of(agenda: Agenda, change: Change, key: Key, found: Found | None, strays: tuple[str, ...] = ()) -> Receipt:
    """Return the receipt of a change that left `found` there; `strays` are addresses of copies that should not be."""
    uid, baseline = agenda.uid(change, key), Baseline.from_version(change.version)
    said = change.after if isinstance(change.after, Mapping) else change.before
    result: dict[str, Json] = {"id": uid, **(said if isinstance(said, Mapping) else {})}
    undo: dict[str, Json] = {"uid": uid, "key": key, "kind": change.kind, "strays": list(strays)}
    undo["at"] = f"{agenda.now():%Y%m%dT%H%M%SZ}"
    if change.kind != "same":
        undo["url"] = found.stored.url if found else baseline.url or agenda.calendar.address(uid)
        undo["text"] = baseline.text
    versions = {agenda.resource(uid): found.stored.etag} if found and change.kind != "same" else {}
    return Receipt(result, versions, undo)


async def verify(agenda: Agenda, change: Change, key: Key, receipt: Receipt | None) -> Verification:
    """Compare the calendar with what was intended."""
    async with agenda.calendar.open() as client:
        copies = await agenda.copies(client, agenda.uid(change, key))
        own = copies[0].reading.stamped if copies and copies[0].reading.key == key else None
        around = await _look_around(client, agenda, change, key, own or _applied_at(receipt))
    return _Case(agenda, change, key, receipt, around).judge(copies)


_CLOCKS_DIFFER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class _Around:
    """What else is there: copies of what we wrote, and events that were altered without an editor's mark."""

    strays: tuple[Found, ...] = ()
    altered: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()
    """Events of others, written since without a newer mark, or removed beside a removal: somebody, or the server."""
    told: str = ""


@dataclass(frozen=True, slots=True)
class _Case:
    agenda: Agenda
    change: Change
    key: Key
    receipt: Receipt | None
    around: _Around

    def judge(self, copies: list[Found]) -> Verification:
        strays = (*copies[1:], *self.around.strays)
        first = copies[0] if copies else None
        if strays:
            where = ", ".join(each.stored.url for each in strays)
            return Refuted(f"it is there more than once, or in another place: {where}", self._receipt(first, strays))
        if self.around.altered:
            told = ", ".join(self.around.altered)
            return Refuted(f"the server altered something else as well: {told}", self.receipt or self._receipt(first))
        found = self._judge_alone(first)
        if isinstance(found, Verified) and self.around.doubtful:
            told = ", ".join(self.around.doubtful)
            return Unknown(f"it is there; but something changed at the same time, and nobody says who did it: {told}")
        return found

    def _judge_alone(self, found: Found | None) -> Verification:
        if self.change.after is None:
            return self._judge_cancelled(found)
        if found is None:
            return Absent("no event with its id is in the calendar")
        return self._judge_event(found)

    def _judge_cancelled(self, found: Found | None) -> Verification:
        if found is None and self.receipt is None:
            return Unknown("the event is gone, and nothing tells whether doer or somebody else removed it", final=True)
        if found is None:
            return Verified(self.receipt or self._receipt(None), f"gone; {self.around.told}")
        if found.reading.event.differences(_said(self.change.before)):
            return Refuted("the event is still there, and somebody changed it")
        return Absent("the event is still there")

    def _judge_event(self, found: Found) -> Verification:
        event, writer = found.reading.event, found.reading.key
        wrong = event.differences(_said(self.change.after))
        if self.change.kind == "same":
            receipt = self.receipt or self._receipt(None)
            return Refuted(f"it differs in {', '.join(wrong)}") if wrong else Verified(receipt, "it was so already")
        is_before = self.change.before is not None and not event.differences(_said(self.change.before))
        if wrong and is_before:
            return Absent("the event is as it was before")
        if wrong:
            return Refuted(f"the event differs in {', '.join(wrong)}", self.receipt or self._receipt(found))
        if writer not in (self.key, None):
            return Refuted("somebody else made the event what it is")
        return Verified(
            self.receipt or self._receipt(found), f"{event.title!r} is there once, as asked; {self.around.told}"
        )

    def _kept(self, found: Found) -> Receipt:
        """Keep the version that we left: an edit of something that is not compared here must stop undo later."""
        return self.receipt if self.receipt is not None and self.receipt.versions else self._receipt(found)

    def _receipt(self, found: Found | None, strays: tuple[Found, ...] = ()) -> Receipt:
        return receipt_of(self.agenda, self.change, self.key, found, tuple(each.stored.url for each in strays))


def _said(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}


def _applied_at(receipt: Receipt | None) -> str | None:
    at = _said(receipt.undo).get("at") if receipt is not None else None
    return at if isinstance(at, str) else None


async def _look_around(client: httpx2.AsyncClient, agenda: Agenda, change: Change, key: Key, at: str | None) -> _Around:
    uid, baseline = agenda.uid(change, key), Baseline.from_version(change.version)
    wanted = event_of(_said(change.after)) if isinstance(change.after, Mapping) else None
    strays, altered, doubtful = [], [], []
    entries = None if baseline.token is None else await agenda.calendar.since(client, baseline.token)
    for entry in entries or ():
        stored = await agenda.calendar.get(client, entry.url) if entry.status == 200 else None
        if stored is None:
            # Others remove events too; only where a removal was asked for is a second one suspect.
            if change.after is None and entry.url not in {baseline.url, *agenda.removed}:
                doubtful.append(f"{entry.url} was removed")
            continue
        try:
            reading = read_event(stored.text)
        except NoEffect:
            continue  # not an event, or not legible: nothing of ours
        if reading.uid == uid:
            continue
        if reading.key == key or _is_twin(reading, wanted):
            strays.append(Found(stored, reading))
        elif _silently_altered(reading):
            altered.append(f"{reading.event.title!r} ({reading.uid})")
        elif _is_unmarked(reading, at):
            doubtful.append(f"{reading.event.title!r} ({reading.uid})")
    for sibling in await agenda.calendar.siblings(client):
        for stored in await sibling.with_uid(client, uid):
            reading = read_event(stored.text)
            if reading.uid == uid and reading.key == key:
                strays.append(Found(stored, reading))
    told = "the server cannot tell what else changed" if entries is None else "nothing else was altered"
    return _Around(tuple(strays), tuple(altered), tuple(doubtful), told)


def _is_twin(reading: Reading, wanted: Event | None) -> bool:
    """Tell whether another event, written since, says the same at the same time, and no other doer action wrote it."""
    if wanted is None or (reading.event.title, instant(reading.event.start)) != (wanted.title, instant(wanted.start)):
        return False
    return not _is_sealed(reading)


def _is_sealed(reading: Reading) -> bool:
    return reading.seal == seal(reading.event, reading.stamped)


def _silently_altered(reading: Reading) -> bool:
    """Tell whether an event that a doer wrote was altered by something that is no editor.

    An editor renews DTSTAMP or LAST-MODIFIED (RFC 5545 §3.8.7); a server that writes into a record beside ours does not.
    """
    if reading.seal is None:
        return False
    return not _is_sealed(reading) and reading.seal.partition("/")[0] == reading.stamped


def _is_unmarked(reading: Reading, at: str | None) -> bool:
    """Tell whether an event of somebody else was written since `at`, though its own marks are older."""
    written, newest = _newest(at), _newest(reading.stamped)
    if reading.seal is not None or written is None:
        return False
    return newest is None or newest < written - _CLOCKS_DIFFER


def _newest(stamps: str | None) -> datetime | None:
    found = re.findall(r"\d{8}T\d{6}Z", stamps or "")
    return datetime.strptime(max(found), "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) if found else None
