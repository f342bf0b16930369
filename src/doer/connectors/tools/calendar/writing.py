"""Tools that create, move, change and cancel an event: one way of doing it, four ways of saying what is wished."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import httpx2

from doer.connectors.tools.calendar import wish
from doer.connectors.tools.calendar.agenda import Agenda, Baseline, Found, event_of
from doer.connectors.tools.calendar.putback import put_back
from doer.connectors.tools.calendar.readback import receipt_of, verify
from doer.connectors.tools.calendar.vevent import Event, compose, edit
from doer.connectors.tools.http_outcome import Response, after_a_write
from doer.domain.action import Change, Intent, Manifest, Preview, Receipt
from doer.domain.errors import OutcomeUnknown, Permanent
from doer.domain.outcome import Reversal, Verification
from doer.domain.template import has_hole
from doer.domain.value import Hole, Json, JsonObject, Key

Make: TypeAlias = Callable[[Agenda, JsonObject], Event]
Alter: TypeAlias = Callable[[Agenda, Event, JsonObject], Event | None]
"""Event as it is -> event as it should become; None: it should not be there."""


@dataclass(frozen=True, slots=True)
class EventTool:
    """One tool on events. Without `alter` it makes a new one, as `make` says."""

    agenda: Agenda
    manifest: Manifest
    alter: Alter | None = None
    make: Make = wish.new_event

    async def preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        """Say which event would become what, and whom the server mails."""
        if has_hole(arguments):
            return _open_preview(self.agenda, arguments, is_new=self.alter is None)
        async with self.agenda.calendar.open() as client:
            if self.alter is None:
                after = self.make(self.agenda, arguments)
                return self._preview(None, after, await self.agenda.baseline(client, None), "")
            planned = _planned(self.agenda, arguments, pending)
            if planned is not None:
                before, resource, baseline = planned.event, planned.resource, Baseline()
            else:
                found = await self._find(client, arguments)
                before, resource = found.reading.event, self.agenda.resource(found.reading.uid)
                baseline = await self.agenda.baseline(client, found)
            return self._preview(before, self.alter(self.agenda, before, arguments), baseline, resource)

    def _preview(self, before: Event | None, after: Event | None, baseline: Baseline, resource: str) -> Preview:
        mailed = wish.echoes(self.agenda.owner, before, after)
        if before is None and after is not None:
            resource = self.agenda.resource_to_be(after)
        change = Change(
            resource=resource,
            before=None if before is None else before.to_json(),
            after=None if after is None else after.to_json(),
            echoes=mailed,
            version=baseline.to_version(),
        )
        shown = after or before
        return Preview((change,), "irreversible" if mailed else None, shown.to_json() if shown is not None else None)

    async def _find(self, client: httpx2.AsyncClient, arguments: JsonObject) -> Found:
        on = arguments.get("on")
        words = wish.line(arguments.get("event"), "event")
        found = await self.agenda.by_words(client, words, on if isinstance(on, str) else None)
        if found.reading.recurring:
            title = found.reading.event.title
            raise Permanent(
                f"{title!r} is a series; doer changes single events only: change it in a calendar application"
            )
        return found

    async def apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        """Write it under the condition that what was foretold is still so."""
        change = before[0] if before else (await self.preview(arguments, ())).changes[0]
        if change.kind == "same":
            return receipt_of(self.agenda, change, key, None)
        async with self.agenda.calendar.open() as client:
            if change.before is None:
                return await self._create(client, change, key)
            return await (self._cancel if change.after is None else self._edit)(client, change, key)

    async def _create(self, client: httpx2.AsyncClient, change: Change, key: Key) -> Receipt:
        uid = self.agenda.uid(change, key)
        url = self.agenda.calendar.address(uid)
        text = compose(event_of(_object(change.after)), uid, key, self.agenda.now())
        answer = await self.agenda.calendar.put(client, url, text, None)
        if answer.status_code in (409, 412):
            found = await self._ours(client, change, key)
            if found is None:
                told = " ".join(answer.text.split())[:200]
                raise Permanent(
                    f"the server refused the new event with {answer.status_code}: {told or 'no reason given'}"
                )
            return receipt_of(self.agenda, change, key, found)
        return await self._written(client, change, key, answer)

    async def _edit(self, client: httpx2.AsyncClient, change: Change, key: Key) -> Receipt:
        baseline = Baseline.from_version(change.version)
        if baseline.etag is None or baseline.url is None or baseline.text is None:
            raise Permanent("it was foretold before an earlier step had run; foretell it again")
        text = edit(baseline.text, event_of(_object(change.after)), key, self.agenda.now())
        answer = await self.agenda.calendar.put(client, baseline.url, text, baseline.etag)
        if answer.status_code in (409, 412):
            found = await self._ours(client, change, key)
            if found is None:
                raise Permanent(
                    "somebody changed the event just now, nothing was written; ask again to see it as it is"
                )
            return receipt_of(self.agenda, change, key, found)
        return await self._written(client, change, key, answer)

    async def _cancel(self, client: httpx2.AsyncClient, change: Change, key: Key) -> Receipt:
        baseline = Baseline.from_version(change.version)
        if baseline.etag is None or baseline.url is None:
            raise Permanent("it was foretold before an earlier step had run; foretell it again")
        self.agenda.removed.add(baseline.url)
        answer = await self.agenda.calendar.delete(client, baseline.url, baseline.etag)
        if answer.status_code == 412:
            raise Permanent("somebody changed the event just now, nothing was removed; ask again to see it as it is")
        if answer.status_code in (404, 410):
            # An earlier try of ours or somebody else: a removed object keeps no key that would tell.
            raise OutcomeUnknown(
                "the event is gone already, and nothing tells whether doer or somebody else removed it"
            )
        return receipt_of(self.agenda, change, key, None)

    async def _written(self, client: httpx2.AsyncClient, change: Change, key: Key, answer: Response) -> Receipt:
        # A server that stores something else than it was sent gives no ETag (RFC 4791 §5.3.4), and a lying one any.
        with after_a_write():
            found = await self._ours(client, change, key)
        return receipt_of(self.agenda, change, key, found)

    async def _ours(self, client: httpx2.AsyncClient, change: Change, key: Key) -> Found | None:
        """Return the event if this action wrote it: by its key, or by its words where the server keeps no key."""
        for each in await self.agenda.copies(client, self.agenda.uid(change, key)):
            is_as_asked = each.reading.key is None and not each.reading.event.differences(_object(change.after))
            if each.reading.key == key or is_as_asked:
                return each
        return None

    async def verify(self, intent: Intent, receipt: Receipt | None = None) -> Verification:
        """Read the event back, and what else changed in the calendar since it was foretold."""
        if not intent.changes:
            raise Permanent("nothing was foretold, so that nothing can be compared")
        return await verify(self.agenda, intent.changes[0], intent.key, receipt)

    async def undo(self, receipt: Receipt) -> Reversal:
        """Put the event back as it was, to the letter, unless somebody changed it since."""
        return await put_back(self.agenda, receipt)


@dataclass(frozen=True, slots=True)
class _Planned:
    resource: str
    event: Event


def _planned(agenda: Agenda, arguments: JsonObject, pending: Sequence[Change]) -> _Planned | None:
    """Return the event as an earlier step of the plan will leave it."""
    words = wish.line(arguments.get("event"), "event")
    found: _Planned | None = None
    for change in pending:
        before, after = change.before, change.after
        names = [each.get("title") for each in (before, after) if isinstance(each, Mapping)]
        if change.resource != agenda.resource(words) and (words not in names or not _is_ours(agenda, change)):
            continue
        if after is None:
            raise Permanent(f"an earlier step cancels {words[:80]!r}")
        if isinstance(after, Mapping):
            found = _Planned(change.resource, event_of(after))
    return found


def _is_ours(agenda: Agenda, change: Change) -> bool:
    return change.resource.startswith(f"caldav:{agenda.name}/")


def _open_preview(agenda: Agenda, arguments: JsonObject, *, is_new: bool) -> Preview:
    """Foretell with values that are known only later: they are shown as what they are made of."""
    told = ", ".join(f"{name} {value}" for name, value in arguments.items() if name != "event")
    told = told.replace(Hole.OPEN, "").replace(Hole.CLOSE, "")
    invited = bool(arguments.get("attendees"))
    note = "shown in full once the earlier steps have run"
    if is_new:
        resource = f"caldav:{agenda.name}/{Hole.of('new event')}"
        change = Change(resource, None, Hole.of(told), echoes=("invitations are mailed",) if invited else ())
    else:
        change = Change(f"caldav:{agenda.name}/{Hole.of('event')}", Hole.of("as it is then"), Hole.of(told or "gone"))
    return Preview((change,), "irreversible" if invited else None, note=note)


def _object(said: Json) -> JsonObject:
    if not isinstance(said, Mapping):
        raise Permanent("what was foretold has values that are not known yet; foretell it again")
    return said
