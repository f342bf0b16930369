"""The tools that read one mail, and list the folders."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from doer.connectors.tools.mailbox.account import Account, any_copy, find, named
from doer.connectors.tools.mailbox.content import read_content
from doer.connectors.tools.mailbox.header import header, people
from doer.connectors.tools.mailbox.letter import Letter
from doer.connectors.tools.mailbox.wire import Wire
from doer.domain.action import Change, Intent, Manifest, Preview, Receipt
from doer.domain.outcome import Reversal, Undone, Verification, Verified
from doer.domain.value import Json, JsonObject, Key

_MOST_BYTES = 32 * 1024 * 1024
_MOST_TEXT = 50_000


@dataclass(frozen=True, slots=True)
class ReadMail:
    """Reads one mail; it stays unread. Everything in the result is what its sender wrote."""

    manifest: Manifest
    account: Account

    async def preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        """Change nothing, foretell nothing."""
        return Preview()

    async def apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        """Return the mail. Raises Permanent when there is none, or different ones of that id."""
        return await asyncio.to_thread(self._apply, arguments)

    def _apply(self, arguments: JsonObject) -> Receipt:
        name, hint = named(arguments.get("message")), arguments.get("folder")
        with self.account.session() as wire:
            where = self.account.folder(wire, hint).name if isinstance(hint, str) and hint else None
            letter = any_copy(find(wire, name), name, where)
            raw = whole(wire, letter, _MOST_BYTES)
        content = read_content(raw)
        raw_header = letter.fetched.content
        files: list[Json] = [{"name": each.name, "type": each.kind, "bytes": each.size} for each in content.files]
        result: dict[str, Json] = {
            **letter.summary(),
            "cc": [plain for _, plain in people(raw_header, "Cc")],
            "reply_to": [plain for _, plain in people(raw_header, "Reply-To") or people(raw_header, "From")],
            "in_reply_to": header(raw_header, "In-Reply-To"),
            "text": content.text[:_MOST_TEXT],
            "attachments": files,
            "complete": letter.fetched.size <= _MOST_BYTES and len(content.text) <= _MOST_TEXT,
        }
        return Receipt(result)

    async def verify(self, intent: Intent, receipt: Receipt | None = None) -> Verification:
        """A read needs no proof: it is what was read."""
        return Verified(receipt or Receipt(), "read")

    async def undo(self, receipt: Receipt) -> Reversal:
        """A read changed nothing."""
        return Undone(evidence="a read changes nothing")


@dataclass(frozen=True, slots=True)
class ListFolders:
    """Reads which folders there are, and how many mails lie in each."""

    manifest: Manifest
    account: Account

    async def preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        """Change nothing, foretell nothing."""
        return Preview()

    async def apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        """Return the folders, the inbox first."""
        return await asyncio.to_thread(self._apply)

    def _apply(self) -> Receipt:
        uses = {name: use for use, name in self.account.special.items() if name}
        found: list[Json] = []
        with self.account.session() as wire:
            for each in wire.folders():
                if each.selectable:
                    mails, unread = wire.counts(each.name)
                    use = each.use or uses.get(each.name, "")
                    found.append({"name": each.name, "use": use, "messages": mails, "unread": unread})
        return Receipt({"folders": found, "count": len(found)})

    async def verify(self, intent: Intent, receipt: Receipt | None = None) -> Verification:
        """A read needs no proof: it is what was read."""
        return Verified(receipt or Receipt(), "read")

    async def undo(self, receipt: Receipt) -> Reversal:
        """A read changed nothing."""
        return Undone(evidence="a read changes nothing")


def whole(wire: Wire, letter: Letter, most: int) -> bytes:
    """Return the content of a mail, at most `most` bytes of it; empty when it is gone."""
    wire.open(letter.spot.folder)
    read = wire.fetch([letter.spot.uid], f"BODY.PEEK[]<0.{most}>").get(letter.spot.uid)
    return b"" if read is None else read.content
