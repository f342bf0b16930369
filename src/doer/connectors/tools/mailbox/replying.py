"""The tool that answers a mail: over SMTP, so not to be taken back; a copy under the same Message-ID is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from doer.connectors.secrets.credential import renewing
from doer.connectors.tools.mail.address import Address, addresses
from doer.connectors.tools.mail.arrival import judge
from doer.connectors.tools.mail.mailbox import FoundMail, Mailbox
from doer.connectors.tools.mail.message import Mail, seen
from doer.connectors.tools.mail.relay import Relay
from doer.connectors.tools.mailbox.account import Account, any_copy, find, find_in, letters, named
from doer.connectors.tools.mailbox.folder import special
from doer.connectors.tools.mailbox.letter import Letter
from doer.connectors.tools.mailbox.reading import whole
from doer.connectors.tools.mailbox.thread import Answered
from doer.connectors.tools.mailbox.wire import Wire, quoted
from doer.domain.action import Change, Intent, Manifest, Preview, Receipt
from doer.domain.errors import Permanent, ToolError
from doer.domain.outcome import Refuted, Reversal, Unknown, Verification
from doer.domain.template import has_hole
from doer.domain.value import Hole, Json, JsonObject, Key

_MOST_ANSWERED = 1024 * 1024
_MOST_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Reply:
    """Answers one mail. `arrivals` is where arrival can be seen besides this account; without it, an answer to others
    ends unproven: the copy in the sent mail is our own, and shows only that the server took it.
    """

    manifest: Manifest
    account: Account
    relay: Relay
    sender: Address
    arrivals: Mailbox | None
    files: Path | None
    now: Callable[[], datetime]

    def message_id(self, key: Key) -> str:
        """Return the Message-ID of the action with that key."""
        return f"<{key}@doer.{self.sender.plain.rpartition('@')[2]}>"

    async def preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        """Show the answer as it would go out, and to which address."""
        if has_hole(arguments.get("message")) or has_hole(arguments.get("attachments")):
            resource = f"mail:{self.account.name}/{arguments.get('message')}"
            after = Hole.of(f"an answer that says {arguments.get('body')}")
            return Preview((Change(resource, None, after, reversible=False),), foreseeable=False)
        answered = await asyncio.to_thread(self._read, arguments)
        mail = answered.answer(arguments, self.sender, self.files)
        notes = [answered.warning(mail.to)]
        if self.arrivals is None:
            notes.append("its arrival cannot be seen: it will end unproven")
        return Preview(
            (self._change(mail),),
            result={"recipients": list(mail.recipients)},
            note="; ".join(each for each in notes if each),
        )

    def _change(self, mail: Mail) -> Change:
        return Change(
            resource=f"mail:{self.account.name}/{','.join(each.plain for each in mail.to)}/{mail.subject}",
            before=None,
            after=mail.to_json(),
            reversible=False,
            echoes=(*(f"mail delivered to {each}" for each in mail.recipients), "the mail is marked as answered"),
        )

    def _read(self, arguments: JsonObject) -> Answered:
        with self.account.session() as wire:
            letter = self._letter(wire, arguments)
            return Answered(letter, whole(wire, letter, _MOST_ANSWERED))

    def _letter(self, wire: Wire, arguments: JsonObject) -> Letter:
        name, hint = named(arguments.get("message")), arguments.get("folder")
        where = self.account.folder(wire, hint).name if isinstance(hint, str) and hint else None
        return any_copy(find(wire, name), name, where)

    async def apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        """Hand the answer to the server once, then keep a copy. Never tried again by itself: SMTP knows no key."""
        answered = await asyncio.to_thread(self._read, arguments)
        mail = answered.answer(arguments, self.sender, self.files)
        if before and isinstance(before[0].after, Mapping) and before[0].after != mail.to_json():
            raise Permanent("the answer is not the one that was shown any more; nothing was sent")
        if await asyncio.to_thread(self._copies, self.message_id(key)):
            return self._receipt(key, mail)  # it went out: the copy is written only then
        message = mail.mime(self.message_id(key), self.now())
        with renewing("mail", self.account.name):
            await self.relay.send(self.sender.plain, mail.recipients, message)
        await asyncio.to_thread(self._keep, key, message, answered.letter)
        return self._receipt(key, mail)

    def _copies(self, name: str) -> list[Letter]:
        with self.account.session() as wire:
            folder = special("sent", wire.folders(), self.account.special)
            return find_in(wire, folder.name, name) if folder is not None else []

    def _keep(self, key: Key, message: bytes, letter: Letter) -> None:
        """Keep the copy and mark the mail as answered. Failures are no failures of the answer: it is out."""
        try:
            with self.account.writing, self.account.session() as wire:
                folder = special("sent", wire.folders(), self.account.special)
                # Some servers keep a copy of their own.
                if folder is not None and not find_in(wire, folder.name, self.message_id(key)):
                    wire.append(folder.name, message, "(\\Seen)", self.now())
                if wire.open(letter.spot.folder, write=True) == letter.spot.validity:
                    wire.flag(letter.spot.uid, "\\Answered", on=True)
        except ToolError:
            return

    def _receipt(self, key: Key, mail: Mail) -> Receipt:
        return Receipt({"message_id": self.message_id(key), "recipients": list(mail.recipients)})

    async def verify(self, intent: Intent, receipt: Receipt | None = None) -> Verification:
        """Look for the Message-ID in every folder, where it arrives if that can be seen, and for what came back."""
        shown = intent.changes[0].after if intent.changes else None
        if isinstance(shown, Mapping):  # the mail that was answered may be gone by now
            mail, wanted = self._shown(shown), shown
        else:
            answered = await asyncio.to_thread(self._read, intent.arguments)
            mail = answered.answer(intent.arguments, self.sender, self.files)
            wanted = mail.to_json()
        name = self.message_id(intent.key)
        bounced, found = await asyncio.to_thread(self._found, name)
        if bounced:
            return Refuted(f"it came back: {bounced}", receipt)
        if self.arrivals is not None:
            with renewing("mail", self.account.name):
                found += await self.arrivals.find(name)
        if receipt is not None and not found and self.arrivals is None:
            return Unknown("the server took it; no copy is in this mailbox, and its arrival cannot be seen", final=True)
        return judge(self._holds, found, mail, wanted, receipt or self._receipt(intent.key, mail), sent_proves=False)

    def _shown(self, shown: JsonObject) -> Mail:
        to, cc = addresses(shown.get("to"), "to"), addresses(shown.get("cc"), "cc")
        return Mail(self.sender, to, cc, (), str(shown.get("subject")), str(shown.get("body")))

    def _holds(self, address: str) -> bool:
        is_own = address.lower() == self.sender.plain.lower()
        return is_own or (self.arrivals is not None and self.arrivals.holds(address))

    def _found(self, name: str) -> tuple[str, list[FoundMail]]:
        own = self.sender.plain.lower()
        with self.account.session() as wire:
            sent = special("sent", wire.folders(), self.account.special)
            found = [
                FoundMail(
                    f"{self.account.name}/{each.spot.folder}",
                    None if sent is not None and each.spot.folder == sent.name else own,
                    seen(whole(wire, each, _MOST_BYTES)),
                )
                for each in find(wire, name)
            ]
            return _bounced(wire, name), found

    async def undo(self, receipt: Receipt) -> Reversal:
        """Refuse: nothing takes a mail back."""
        raise Permanent("a mail that was sent cannot be taken back")


def _bounced(wire: Wire, name: str) -> str:
    """Return the subject of a report (RFC 3464) in the inbox that says that the mail was not delivered, or nothing."""
    validity = wire.open("INBOX")
    uids = wire.uids("HEADER", "Content-Type", quoted("multipart/report", "kind"), "TEXT", quoted(name, "id"))
    for each in letters(wire, "INBOX", validity, uids[-20:]):
        raw = whole(wire, each, _MOST_ANSWERED)
        if name.encode() in raw and b"action: failed" in raw.lower():
            told: Json = each.view()["subject"]
            return f"{told or 'a report of its failure'} ({each.view()['from']})"
    return ""
