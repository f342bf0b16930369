"""The tool that sends one mail: not to be taken back, proven only by a mailbox that can be read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from doer.connectors.secrets.credential import renewing
from doer.connectors.tools.mail.address import Address
from doer.connectors.tools.mail.arrival import judge
from doer.connectors.tools.mail.mailbox import Mailbox
from doer.connectors.tools.mail.message import Mail, mail_of
from doer.connectors.tools.mail.opening import known, open_json
from doer.connectors.tools.mail.relay import Relay
from doer.domain.action import Change, Intent, Manifest, Preview, Receipt
from doer.domain.errors import Permanent
from doer.domain.outcome import Reversal, Unknown, Verification
from doer.domain.template import has_hole
from doer.domain.value import JsonObject, Key


@dataclass(frozen=True, slots=True)
class SendMail:
    """Sends as `sender` through `relay`. `files` is the folder that attachments may come from."""

    name: str
    manifest: Manifest
    relay: Relay
    sender: Address
    mailbox: Mailbox | None
    files: Path | None
    now: Callable[[], datetime]

    def message_id(self, key: Key) -> str:
        """Return the Message-ID of the action with that key."""
        return f"<{key}@doer.{self.sender.plain.rpartition('@')[2]}>"

    async def preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        """Show the mail as it would go out."""
        if has_hole(arguments):
            return Preview((self._open_change(arguments),), note="shown in full once the earlier steps have run")
        mail = mail_of(arguments, self.sender, self.files)
        change = Change(
            resource=self._resource([each.plain for each in mail.to], mail.subject),
            before=None,
            after=mail.to_json(),
            reversible=False,
            echoes=tuple(f"mail delivered to {each}" for each in mail.recipients),
        )
        note = "" if self.mailbox else "no mailbox can be read, so that nothing will prove its arrival"
        return Preview((change,), result={"recipients": list(mail.recipients)}, note=note)

    def _open_change(self, arguments: JsonObject) -> Change:
        """Foretell in the form of the concrete mail, with holes where they are: the two are compared later."""
        after = open_json(arguments, self.sender, self.files)
        people = {name: known(arguments.get(name), name) for name in ("to", "cc", "bcc")}
        return Change(
            resource=self._resource([each.plain for each in people["to"]], str(arguments.get("subject", ""))),
            before=None,
            after=after,
            reversible=False,
            echoes=tuple(f"mail delivered to {each.plain}" for found in people.values() for each in found),
        )

    def _resource(self, to: Sequence[str], subject: str) -> str:
        return f"mail:{self.name}/{','.join(to)}/{subject}"

    async def apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        """Hand the mail to the server once. Never tried again by itself: SMTP knows no key."""
        mail = mail_of(arguments, self.sender, self.files)
        if before and isinstance(before[0].after, Mapping) and before[0].after != mail.to_json():
            raise Permanent("the mail is not the one that was shown any more (a file changed); nothing was sent")
        with renewing("mail", self.name):
            await self.relay.send(self.sender.plain, mail.recipients, mail.mime(self.message_id(key), self.now()))
        return self._receipt(key, mail)

    def _receipt(self, key: Key, mail: Mail) -> Receipt:
        return Receipt({"message_id": self.message_id(key), "recipients": list(mail.recipients)})

    async def verify(self, intent: Intent, receipt: Receipt | None = None) -> Verification:
        """Look for the Message-ID in every mailbox that can be read: once in each, word for word."""
        if self.mailbox is None:
            what = "the server accepted the mail" if receipt else "nobody knows whether the server took the mail"
            return Unknown(f"{what}, and there is no mailbox in which to see it", final=True)
        shown = intent.changes[0].after if intent.changes else None
        mail = mail_of({**intent.arguments, "attachments": None}, self.sender, self.files)
        wanted = shown if isinstance(shown, Mapping) else mail_of(intent.arguments, self.sender, self.files).to_json()
        with renewing("mail", self.name):
            found = await self.mailbox.find(self.message_id(intent.key))
        return judge(self.mailbox.holds, found, mail, wanted, receipt or self._receipt(intent.key, mail))

    async def undo(self, receipt: Receipt) -> Reversal:
        """Refuse: nothing takes a mail back."""
        raise Permanent("a mail that was sent cannot be taken back")
