"""The four verbs of every reminder tool; what differs between the tools is a function to a wish."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from doer.connectors.tools.calling import in_thread
from doer.connectors.tools.recurrence import next_time
from doer.connectors.tools.reminders.plans import Planning, Wish
from doer.connectors.tools.reminders.rows import NOT_RUNNING, Reminder, reminder_of, told
from doer.connectors.tools.reminders.store import Deed, identity_of, reading, writing
from doer.domain.action import Change, Intent, Manifest, Preview, Receipt
from doer.domain.errors import Permanent, Transient
from doer.domain.outcome import Absent, Conflict, Partial, Refuted, Reversal, Undone, Unknown, Verification, Verified
from doer.domain.template import has_hole
from doer.domain.value import Hole, Json, JsonObject, Key, digest


@dataclass(frozen=True, slots=True)
class Place:
    """Where the reminders of a connection are, and by which clocks they go."""

    name: str
    folder: Path
    zone: str
    now: Callable[[], datetime]

    def resource(self, identity: str) -> str:
        """Return the URI of a reminder."""
        return f"reminder:{self.name}/{identity}"


@dataclass(frozen=True, slots=True)
class ReminderTool:
    """One action on one reminder. Blocking work is done in a thread."""

    manifest: Manifest
    planning: Planning
    place: Place

    async def preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        """Say what would be saved, and that it is only saved."""
        return await in_thread(lambda: self._preview(arguments, pending))

    def _preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        try:
            with reading(self.place.folder) as store:
                rows = self._with_pending(store.rows(), pending)
            wish = self.planning(rows, arguments, self.place.zone, self.place.now())
        except Permanent:
            if has_hole(arguments):
                return Preview(foreseeable=False, note="what it will be is known only when an earlier step has run")
            raise
        foretold = {} if wish.after is None else dict(wish.after.state)
        if wish.id is not None:
            foretold["id"] = wish.id
        note = "" if wish.after is None else NOT_RUNNING
        return Preview((self._change(wish),), result=foretold, note=note)

    def _with_pending(self, rows: Mapping[str, Reminder], pending: Sequence[Change]) -> Mapping[str, Reminder]:
        there = dict(rows)
        top = self.place.resource("")
        for change in pending:
            if not change.resource.startswith(top):
                continue
            identity, after = change.resource.removeprefix(top), reminder_of(change.after)
            there.pop(identity, None)
            if after is not None:
                there[identity] = after
        return there

    def _change(self, wish: Wish) -> Change:
        identity = wish.id or Hole.of(f"new {'reminder' if wish.after is None else wish.after.kind}")
        before, after = (None if each is None else each.state for each in (wish.before, wish.after))
        return Change(self.place.resource(identity), before, after, version=_version(wish.before))

    # --- apply

    async def apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        """Save it, once for a key. Raises Permanent when somebody changed it since the preview."""
        return await in_thread(lambda: self._apply(arguments, key, before))

    def _apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        with writing(self.place.folder) as store:
            if (done := store.deed(key)) is not None:
                return self._receipt(key, done)
            wish = self.planning(store.rows(), arguments, self.place.zone, self.place.now())
            planned = self._change(wish)
            if before and (planned.before, planned.after) not in [(each.before, each.after) for each in before]:
                raise Permanent("the reminder was changed since the preview; nothing was changed. Preview it again")
            identity = wish.id or identity_of(key)
            deed = Deed(identity, store.origin(identity) or key, wish.before, wish.after)
            if not store.perform(deed):
                raise Permanent("the reminder was changed by somebody else at this moment; nothing was changed")
            store.remember(key, deed)
            return self._receipt(key, deed)

    def _receipt(self, key: Key, deed: Deed) -> Receipt:
        resource = self.place.resource(deed.id)
        version = _version(deed.after)
        return Receipt(
            {"id": deed.id} if deed.after is None else told(deed.id, deed.after),
            {} if version is None else {resource: version},
            {
                "key": key,
                "id": deed.id,
                "origin": deed.origin,
                "before": None if deed.before is None else deed.before.state,
                "after": None if deed.after is None else deed.after.state,
            },
        )

    # --- verify

    async def verify(self, intent: Intent, receipt: Receipt | None = None) -> Verification:
        """Read it back with a connection of its own; without a receipt, look for the key."""
        return await in_thread(lambda: self._verify(intent, receipt))

    def _verify(self, intent: Intent, receipt: Receipt | None) -> Verification:
        try:
            with reading(self.place.folder) as store:
                deed = store.deed(intent.key)
                if deed is None and receipt is None:
                    return Absent("no reminder has this key")
                meant = _deed(receipt) if receipt is not None else deed
                assert meant is not None
                found = receipt or self._receipt(intent.key, meant)
                seen = store.rows().get(meant.id)
                strays = store.strays(meant)
        except Transient as unreadable:
            return Unknown(str(unreadable))
        if strays:
            return Refuted(f"a copy that no key made is there too: {', '.join(strays)}", found)
        if seen == meant.after:
            return Verified(
                found, f"read back: {self.place.resource(meant.id)} {'is gone' if seen is None else seen.at}"
            )
        if seen == meant.before:
            return Absent(f"{self.place.resource(meant.id)} shows nothing of it")
        return Refuted(f"{self.place.resource(meant.id)} shows something else than what was saved", found)

    # --- undo

    async def undo(self, receipt: Receipt) -> Reversal:
        """Put back what was there, if what is there is still ours: compared in the statement that writes."""
        return await in_thread(lambda: self._undo(receipt))

    def _undo(self, receipt: Receipt) -> Reversal:
        deed = _deed(receipt)
        with writing(self.place.folder) as store:
            back = Deed(deed.id, deed.origin, deed.after, deed.before)
            done = store.perform(back)
            if not done and store.rows().get(deed.id) != deed.before:
                return Conflict(f"{self.place.resource(deed.id)} was changed since by somebody else; it stays as it is")
            store.forget(_key(receipt))
        with reading(self.place.folder) as store:
            seen = store.rows().get(deed.id)
        if seen != deed.before:
            return Partial(f"{self.place.resource(deed.id)} does not show what was put back")
        version = _version(seen)
        resource = self.place.resource(deed.id)
        return Undone({} if version is None else {resource: version}, f"read back: {resource}")


@dataclass(frozen=True, slots=True)
class ReminderList:
    """The reminders, read; its verbs other than apply are trivial, since it has no effect."""

    manifest: Manifest
    place: Place

    async def preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        """Nothing will change."""
        return Preview()

    async def apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        """Return them, soonest first, each with its next time, and that none of them is running."""
        return await in_thread(lambda: Receipt(self._read(arguments)))

    def _read(self, arguments: JsonObject) -> Json:
        wanted = str(arguments.get("text", "")).casefold()
        since, before = (_day(arguments.get(name), name) for name in ("since", "before"))
        with reading(self.place.folder) as store:
            rows = store.rows()
        found = [
            {**told(identity, each), "next": _next(each, self._from(since))}
            for identity, each in rows.items()
            if wanted in each.text.casefold()
        ]
        if since or before:
            found = [each for each in found if (since or "") <= str(each["next"] or "")[:10] < (before or "9999")]
        found.sort(key=lambda each: str(each["next"] or "9999"))
        return {"reminders": found, "count": len(found), "running": False, "note": NOT_RUNNING}

    def _from(self, since: str) -> datetime:
        """From when on its next time is looked for: a repeated one may be due before the day that is asked for, and on it."""
        now = self.place.now()
        return max(now, datetime.fromisoformat(since).replace(tzinfo=ZoneInfo(self.place.zone))) if since else now

    async def verify(self, intent: Intent, receipt: Receipt | None = None) -> Verification:
        """Return Verified with the receipt: a read has no effect that could be read back."""
        return Absent("a read leaves no trace") if receipt is None else Verified(receipt, "a read has no effect")

    async def undo(self, receipt: Receipt) -> Reversal:
        """Return Undone: a read has no effect."""
        return Undone(evidence="a read has no effect")


def _day(text: Json, name: str) -> str:
    """The day as ISO 8601, empty where none is told. Raises Permanent for what is none."""
    if text is None:
        return ""
    try:
        return date.fromisoformat(str(text)).isoformat()
    except ValueError as wrong:
        raise Permanent(f"{name} {str(text)[:60]!r} is no day: write 2026-10-05") from wrong


def _next(reminder: Reminder, now: datetime) -> str | None:
    try:
        coming = next_time(reminder.rule, reminder.first.astimezone(ZoneInfo(reminder.zone)), now)
    except (Permanent, ValueError, KeyError):
        return None  # a row that somebody else wrote
    return None if coming is None else coming.isoformat()


def _version(reminder: Reminder | None) -> str | None:
    return None if reminder is None else digest(reminder.state)


def _deed(receipt: Receipt) -> Deed:
    match receipt.undo:
        case {"key": str(), "id": str(identity), "origin": str(origin), "before": before, "after": after}:
            return Deed(identity, origin, reminder_of(before), reminder_of(after))
        case _:
            raise Permanent(f"this is no receipt of a reminder tool: {receipt.undo!r:.80}")


def _key(receipt: Receipt) -> str:
    return str(receipt.undo["key"]) if isinstance(receipt.undo, Mapping) else ""
