"""The tool that marks a mail as read, unread, flagged or not flagged."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from doer.connectors.tools.mailbox.account import Account, find, foretold, letters, named, undo_data
from doer.connectors.tools.mailbox.letter import Letter, Stamp, is_view
from doer.connectors.tools.mailbox.target import Target, state, target_of
from doer.connectors.tools.mailbox.wire import Wire
from doer.domain.action import Change, Intent, Manifest, Preview, Receipt
from doer.domain.errors import OutcomeUnknown, Permanent
from doer.domain.outcome import Absent, Conflict, Refuted, Reversal, Undone, Unknown, Verification, Verified
from doer.domain.template import has_hole
from doer.domain.value import Hole, Json, JsonObject, Key

MARKS: Mapping[str, tuple[str, str, bool]] = MappingProxyType(
    {
        "read": ("\\Seen", "read", True),
        "unread": ("\\Seen", "read", False),
        "flagged": ("\\Flagged", "flagged", True),
        "unflagged": ("\\Flagged", "flagged", False),
    }
)
"""Mark -> flag (RFC 9051, 2.3.2), field of the shown state, set or cleared."""
NOTE = "this server counts no changes (CONDSTORE): compared just before the write, not atomically"


@dataclass(frozen=True, slots=True)
class MarkMail:
    """Sets or clears one flag of one mail."""

    manifest: Manifest
    account: Account

    async def preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        """The mail before and after. Raises Permanent when there is none, or several."""
        if has_hole(arguments):
            said = str(arguments.get("message", ""))
            after = Hole.of(f"the same, marked as {str(arguments.get('mark')).strip(Hole.OPEN + Hole.CLOSE)}")
            return Preview((Change(self.account.resource(said), Hole.of("as it is then"), after),), foreseeable=False)
        return await asyncio.to_thread(self._preview, arguments, pending)

    def _preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        _, name, on = _mark(arguments)
        with self.account.session() as wire:
            target = target_of(self.account, wire, arguments, pending)
            note = "" if wire.counts_changes else NOTE
        change = Change(target.resource, target.before, {**target.before, name: on}, version=target.version)
        result: JsonObject = {"id": target.id, "folder": target.before["folder"], name: on}
        return Preview((change,), result=result, note=note)

    async def apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        """Set the flag unless the mail changed. Raises Permanent when it is not as foretold."""
        return await asyncio.to_thread(self._apply, arguments, key, before)

    def _apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        flag, name, on = _mark(arguments)
        with self.account.writing:
            if (done := self.account.deeds.of(key)) is not None:
                return done
            with self.account.session() as wire:
                target = target_of(self.account, wire, arguments, ())
                letter = target.there()
                target.expect(foretold(before, target.resource))
                strays: list[int] = []
                if target.before[name] is not on:
                    strays = _set(wire, letter, flag, on=on)
                    letter = _again(wire, letter)
                    # A mark that went to another mail is known now and never again: the receipt must tell of it.
                    if letter.has(flag) is not on and not strays:
                        raise OutcomeUnknown(f"{target.resource} does not show the mark that was written")
            return self.account.deeds.keep(key, _receipt(target, letter, name, on=on, strays=strays))

    async def verify(self, intent: Intent, receipt: Receipt | None = None) -> Verification:
        """Look for the mail in every folder: marked, where it was, otherwise as foretold, and no other marked with it."""
        return await asyncio.to_thread(self._verify, intent, receipt)

    def _verify(self, intent: Intent, receipt: Receipt | None) -> Verification:
        _, name, on = _mark(intent.arguments)
        wanted = intent.changes[0] if intent.changes else None
        mail = named(intent.arguments.get("message"))
        with self.account.session() as wire:
            found = find(wire, mail)
        if wanted is None or (stamp := Stamp.parse(wanted.version)) is None:
            return Unknown("nobody knows what the mail was before", final=True)
        same = [each for each in found if each.identity == stamp.identity]
        here = [each for each in same if each.spot.folder == stamp.spot.folder]
        if len(here) != 1:
            where = ", ".join(each.spot.folder for each in same) or "no folder"
            return Refuted(f"the mail is not once in {stamp.spot.folder} any more, but in {where}", receipt)
        view = state(here[0], found)
        if receipt is None and wanted.kind != "same" and view == wanted.before:
            return Absent(f"{wanted.resource} is as it was before")
        left = receipt or _receipt(Target.of(self.account, mail, here[0], wanted), here[0], name, on=on, strays=[])
        if view != {**is_view(wanted.before), name: on}:
            told = ", ".join(f"{each} {view[each]}" for each in view if view[each] != is_view(wanted.after).get(each))
            return Refuted(f"{wanted.resource} shows something else: {told or 'not what was written'}", left)
        if astray := undo_data(left).get("strays"):
            return Refuted(f"other mails were marked in the same moment: UID {astray}", left)
        return Verified(left, f"read back in {stamp.spot.folder}: {name} {on}")

    async def undo(self, receipt: Receipt) -> Reversal:
        """Put the flag back, if the mail lies where it was and is marked as we left it; read that back."""
        return await asyncio.to_thread(self._undo, receipt)

    def _undo(self, receipt: Receipt) -> Reversal:
        data = undo_data(receipt)
        name, was, on = str(data.get("field")), data.get("was"), data.get("set")
        if was == on:
            return Undone(evidence="nothing had been changed")
        flag = next(flag for flag, field, _ in MARKS.values() if field == name)
        resource = str(data.get("resource"))
        with self.account.writing, self.account.session() as wire:
            found = [each for each in find(wire, str(data.get("id"))) if each.identity == data.get("identity")]
            here = [each for each in found if each.spot.folder == data.get("folder")]
            if len(here) != 1:
                return Conflict(f"{resource} was moved or removed since; it was left alone")
            letter = here[0]
            if letter.has(flag) is on:
                _set(wire, letter, flag, on=bool(was))
                letter = _again(wire, letter)
                if letter.has(flag) is on:
                    raise OutcomeUnknown(f"{resource} does not show what was put back")
        if astray := data.get("strays"):
            return Conflict(
                f"other mails were marked in that moment (UID {astray}); who marked them is not known, and they stay"
            )
        self.account.deeds.forget(receipt.undo)
        return Undone({resource: letter.stamp()}, f"read back: {name} {was}")


def _mark(arguments: JsonObject) -> tuple[str, str, bool]:
    said = arguments.get("state")
    if not isinstance(said, str) or said not in MARKS:
        raise Permanent(f"state must be one of {', '.join(MARKS)}")
    return MARKS[said]


def _set(wire: Wire, letter: Letter, flag: str, *, on: bool) -> list[int]:
    """Write the flag under CONDSTORE where there is; return the UIDs of other mails that changed the same way with it."""
    key = flag.removeprefix("\\").upper()
    wire.open(letter.spot.folder, write=True)
    before = set(wire.uids(key))
    if not wire.flag(letter.spot.uid, flag, on=on, modseq=letter.fetched.modseq):
        wire.wrote = False  # the server says that it has written nothing
        raise Permanent(f"{letter.id} was changed by somebody else in this moment; nothing was changed")
    after = set(wire.uids(key))
    return sorted(((after - before) if on else (before - after)) - {letter.spot.uid})[:100]


def _again(wire: Wire, letter: Letter) -> Letter:
    read = letters(wire, letter.spot.folder, letter.spot.validity, [letter.spot.uid])
    if not read:
        raise OutcomeUnknown(f"{letter.id} is not where it was any more")
    return read[0]


def _receipt(target: Target, letter: Letter, name: str, *, on: bool, strays: list[int]) -> Receipt:
    undo: dict[str, Json] = {
        "resource": target.resource,
        "id": target.id,
        "identity": letter.identity,
        "folder": letter.spot.folder,
        "field": name,
        "was": target.before[name],
        "set": on,
        "strays": strays,
    }
    result: JsonObject = {"id": target.id, "folder": letter.spot.folder, name: on}
    return Receipt(result, {target.resource: letter.stamp()}, undo)
