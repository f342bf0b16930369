"""Taking back: the calendar object as it was, to the letter, and never over somebody else's edit."""

from __future__ import annotations

from collections.abc import Mapping

import httpx2

from doer.connectors.tools.calendar.agenda import Agenda, Found
from doer.connectors.tools.calendar.vevent import read_event, texts
from doer.connectors.tools.http_outcome import after_a_write
from doer.domain.action import Receipt
from doer.domain.errors import Permanent
from doer.domain.outcome import Conflict, Partial, Reversal, Undone
from doer.domain.value import Json


async def put_back(agenda: Agenda, receipt: Receipt) -> Reversal:
    """Undo what the receipt tells of; safe to repeat."""
    undo = receipt.undo
    if not isinstance(undo, Mapping):
        raise Permanent("the receipt does not say what to put back")
    if undo.get("kind") == "same":
        return Undone(evidence="nothing had been changed")
    uid, url = str(undo.get("uid")), str(undo.get("url"))
    text = undo.get("text")
    async with agenda.calendar.open() as client:
        left = await _remove_strays(client, agenda, undo)
        if isinstance(text, str):
            outcome = await _restore(client, agenda, url, text, receipt.versions.get(agenda.resource(uid)))
        else:
            outcome = await _remove(client, agenda, url, receipt)
    if left and isinstance(outcome, Undone):
        return Partial(f"copies are left at {', '.join(left)}", outcome.versions)
    return outcome


async def _remove(client: httpx2.AsyncClient, agenda: Agenda, url: str, receipt: Receipt) -> Reversal:
    undo = receipt.undo if isinstance(receipt.undo, Mapping) else {}
    uid = str(undo.get("uid"))
    current = await agenda.calendar.get(client, url)
    if current is None:
        return Undone(evidence="the event is not there")
    expected = receipt.versions.get(agenda.resource(uid))
    if current.etag != expected:
        return Conflict("somebody changed the event since; it was left as it is")
    agenda.removed.add(url)
    answer = await agenda.calendar.delete(client, url, current.etag)
    if answer.status_code == 412:
        return Conflict("somebody changed the event since; it was left as it is")
    with after_a_write():
        remaining = await agenda.copies(client, uid)
    if remaining:
        return Partial(f"the server said that it removed the event, and it is still there: {remaining[0].stored.url}")
    return Undone(evidence="the event is gone")


async def _restore(client: httpx2.AsyncClient, agenda: Agenda, url: str, text: str, expected: str | None) -> Reversal:
    before = read_event(text)
    current = await agenda.calendar.get(client, url)
    if current is not None and _is_as(current.text, text):
        return Undone({agenda.resource(before.uid): current.etag}, "the event is as it was before")
    if current is None and expected is not None:
        return Conflict("somebody removed the event since; it was not made again")
    if current is not None and current.etag != expected:
        return Conflict("somebody changed the event since; it was left as it is")
    answer = await agenda.calendar.put(client, url, text, current.etag if current else None)
    if answer.status_code in (409, 412):
        return Conflict("somebody changed the event, or made it anew, in the meantime; it was left as it is")
    with after_a_write():
        found = await agenda.copies(client, before.uid)
    if len(found) != 1 or not _is_as(found[0].stored.text, text):
        return Partial("the server said that it took the earlier event back, and shows something else")
    return Undone({agenda.resource(before.uid): found[0].stored.etag}, "the event is as it was before, read back")


def _is_as(one: str, other: str) -> bool:
    left, right = read_event(one), read_event(other)
    return (left.uid, left.event) == (right.uid, right.event)


async def _remove_strays(client: httpx2.AsyncClient, agenda: Agenda, undo: Mapping[str, Json]) -> list[str]:
    """Remove the copies that a faulty server made of ours; those that do not bear our key any more are left."""
    left = []
    for url in texts(undo.get("strays")):
        stored = await agenda.calendar.get(client, url)
        if stored is None:
            continue
        if Found(stored, read_event(stored.text)).reading.key != undo.get("key"):
            left.append(url)
            continue
        await agenda.calendar.delete(client, url, stored.etag)
        with after_a_write():
            if await agenda.calendar.get(client, url) is not None:
                left.append(url)
    return left
