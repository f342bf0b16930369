"""The tool that searches a mailbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from doer.connectors.secrets.credential import renewing
from doer.connectors.tools.mail.mailbox import FoundMail, Mailbox, Query
from doer.domain.action import Change, Intent, Manifest, Preview, Receipt
from doer.domain.errors import Permanent
from doer.domain.outcome import Reversal, Undone, Verification, Verified
from doer.domain.value import Json, JsonObject, Key

_MOST_TEXT = 20_000


@dataclass(frozen=True, slots=True)
class FindMessages:
    """Reads; its result is `messages`, newest first, and `count`."""

    manifest: Manifest
    mailbox: Mailbox
    name: str = "mail"

    async def preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        """Change nothing, foretell nothing."""
        return Preview()

    async def apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        """Return the mails that fit."""
        limit = arguments.get("limit", 50)
        query = Query(
            sender=str(arguments.get("sender") or ""),
            subject=str(arguments.get("subject") or ""),
            since=_since(arguments.get("since")),
            limit=limit if isinstance(limit, int) and not isinstance(limit, bool) else 50,
        )
        with renewing("mail", self.name):
            found = await self.mailbox.search(query)
        messages: list[Json] = [_told(each) for each in found]
        return Receipt({"messages": messages, "count": len(messages)})

    async def verify(self, intent: Intent, receipt: Receipt | None = None) -> Verification:
        """A read needs no proof: it is what was read."""
        return Verified(receipt or Receipt(), "read")

    async def undo(self, receipt: Receipt) -> Reversal:
        """A read changed nothing."""
        return Undone(evidence="a read changes nothing")


def _told(found: FoundMail) -> Json:
    mail = found.mail
    return {
        "id": mail.message_id,
        "mailbox": found.address or found.place,
        "from": mail.sender,
        "to": list(mail.to),
        "subject": mail.subject,
        "date": mail.date,
        "text": mail.body[:_MOST_TEXT],
        "attachments": [each.name for each in mail.attachments],
    }


def _since(value: Json) -> datetime | None:
    if value is None:
        return None
    try:
        when = datetime.fromisoformat(str(value).strip())
    except ValueError as wrong:
        raise Permanent(
            f"since {str(value)[:60]!r} is not a time: write 2026-10-05, or with clock and offset"
        ) from wrong
    if len(str(value).strip()) == 10:
        return when.replace(tzinfo=UTC)
    if when.utcoffset() is None:
        raise Permanent(f"since {str(value)[:60]!r} has no time zone: write its offset")
    return when
