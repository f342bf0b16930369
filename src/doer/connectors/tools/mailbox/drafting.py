"""The tool that writes a draft: put into the drafts folder under a Message-ID from the key, and removed if still ours."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from doer.connectors.tools.mail.address import Address
from doer.connectors.tools.mail.message import Mail, mail_of, seen
from doer.connectors.tools.mail.opening import open_json
from doer.connectors.tools.mailbox.account import Account, find, find_in, undo_data
from doer.connectors.tools.mailbox.folder import meant, special
from doer.connectors.tools.mailbox.letter import Letter
from doer.connectors.tools.mailbox.reading import whole
from doer.connectors.tools.mailbox.wire import Wire
from doer.domain.action import Change, Intent, Manifest, Preview, Receipt
from doer.domain.errors import OutcomeUnknown, Permanent
from doer.domain.outcome import Absent, Conflict, Refuted, Reversal, Undone, Verification, Verified
from doer.domain.template import has_hole
from doer.domain.value import Hole, Json, JsonObject, Key

_MOST_BYTES = 64 * 1024 * 1024
_KEPT = "this server cannot delete one mail by itself (UIDPLUS, RFC 4315): the draft cannot be taken back"


@dataclass(frozen=True, slots=True)
class CreateDraft:
    """Writes a mail that is not sent. Nobody but this mailbox's owner sees it."""

    manifest: Manifest
    account: Account
    sender: Address
    files: Path | None
    now: Callable[[], datetime]

    def message_id(self, key: Key) -> str:
        """Return the Message-ID of the action with that key."""
        return f"<{key}@doer.{self.sender.plain.rpartition('@')[2]}>"

    async def preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        """Show the draft. Raises Permanent for what no mail can be, and when there is no drafts folder."""
        if has_hole(arguments):
            shown = open_json(arguments, self.sender, self.files)
            change = self._change(shown, Hole.of("the drafts folder"))
            return Preview((change,), note="shown in full once the earlier steps have run")
        mail = mail_of(arguments, self.sender, self.files)
        return await asyncio.to_thread(self._preview, mail)

    def _preview(self, mail: Mail) -> Preview:
        with self.account.session() as wire:
            folder = self._folder(wire)
            can_remove = wire.can_remove
        change = self._change(mail.to_json(), folder)
        if can_remove:
            return Preview((change,), result={"folder": folder})
        return Preview((change,), effect="irreversible", result={"folder": folder}, note=_KEPT)

    def _change(self, shown: JsonObject, folder: str) -> Change:
        to = shown.get("to")
        people = ",".join(map(str, to)) if isinstance(to, Sequence) and not isinstance(to, str) else str(to)
        resource = self.account.resource(f"drafts/{people}/{shown.get('subject')}")
        return Change(resource, None, {**shown, "folder": folder})

    def _folder(self, wire: Wire) -> str:
        folders = wire.folders()
        found = special("drafts", folders, self.account.special)
        return (found or meant(self.account.special.get("drafts") or "Drafts", folders, self.account.special)).name

    async def apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        """Put it into the folder, unless this key has done so. Raises Permanent when a file is not as it was shown."""
        return await asyncio.to_thread(self._apply, arguments, key, before)

    def _apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        mail, name = mail_of(arguments, self.sender, self.files), self.message_id(key)
        with self.account.writing, self.account.session() as wire:
            folder = self._folder(wire)
            change = self._change(mail.to_json(), folder)
            if before and isinstance(before[0].after, Mapping) and before[0].after != change.after:
                raise Permanent("the draft is not the one that was shown any more; nothing was written")
            found = find(wire, name)
            if not found:
                wire.append(folder, mail.mime(name, self.now()), "(\\Draft \\Seen)", self.now())
                found = find_in(wire, folder, name)
            if len(found) != 1:
                raise OutcomeUnknown(f"the draft was written, and is there {len(found)} times")
            return _receipt(wire, change.resource, name, found[0])

    async def verify(self, intent: Intent, receipt: Receipt | None = None) -> Verification:
        """Look for the Message-ID in every folder: once, among the drafts, word for word."""
        return await asyncio.to_thread(self._verify, intent, receipt)

    def _verify(self, intent: Intent, receipt: Receipt | None) -> Verification:
        name = self.message_id(intent.key)
        with self.account.session() as wire:
            folder = self._folder(wire)
            found = find(wire, name)
            if not found:
                return Absent(f"no folder has the draft {name}") if receipt is None else Refuted("the draft is gone")
            content = whole(wire, found[0], _MOST_BYTES)
            shown = intent.changes[0] if intent.changes else None
            resource = self.account.resource(f"drafts/{name}") if shown is None else shown.resource
            left = receipt or _receipt(wire, resource, name, found[0])
        if len(found) > 1 or found[0].spot.folder != folder:
            places = ", ".join(each.spot.folder for each in found)
            return Refuted(f"the draft should be once in {folder}, and is in {places}", left)
        wanted = shown.after if shown is not None else mail_of(intent.arguments, self.sender, self.files).to_json()
        if isinstance(wanted, Mapping) and (parts := seen(content).differences(wanted)):
            return Refuted(f"the draft differs in {', '.join(parts)}", left)
        if undo_data(left).get("digest") != _digest(content):
            return Refuted("the draft was changed since", left)
        return Verified(left, f"once in {folder}, word for word")

    async def undo(self, receipt: Receipt) -> Reversal:
        """Delete it if it is word for word what was written. An UID's content never changes, so this cannot be too late."""
        return await asyncio.to_thread(self._undo, receipt)

    def _undo(self, receipt: Receipt) -> Reversal:
        data = undo_data(receipt)
        name, folder = str(data.get("id")), str(data.get("folder"))
        with self.account.writing, self.account.session() as wire:
            if not wire.can_remove:
                raise Permanent(_KEPT)
            found = find(wire, name)
            if not found:
                return Undone(evidence="the draft is gone")
            if len(found) > 1 or found[0].spot.folder != folder:
                places = ", ".join(each.spot.folder for each in found)
                return Conflict(f"the draft is in {places} now: it was sent, moved or copied; it was left alone")
            if _digest(whole(wire, found[0], _MOST_BYTES)) != data.get("digest"):
                return Conflict("the draft was changed since; it was left alone")
            wire.open(folder, write=True)
            wire.remove(found[0].spot.uid)
            if find_in(wire, folder, name):
                raise OutcomeUnknown("the draft was deleted, and is still there")
        return Undone(evidence=f"the draft is not in {folder} any more")


def _receipt(wire: Wire, resource: str, name: str, letter: Letter) -> Receipt:
    content = _digest(whole(wire, letter, _MOST_BYTES))
    undo: dict[str, Json] = {"id": name, "folder": letter.spot.folder, "place": str(letter.spot), "digest": content}
    return Receipt({"id": name, "folder": letter.spot.folder}, {resource: content}, undo)


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
