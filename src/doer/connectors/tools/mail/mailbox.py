"""Mailboxes that can be read: a folder of Maildirs, one an address, and IMAP (RFC 9051)."""

from __future__ import annotations

import asyncio
import contextlib
import imaplib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Protocol

import imap_tools

from doer.connectors.tools.mail.imap import logged_in
from doer.connectors.tools.mail.message import Seen, seen
from doer.domain.errors import Transient
from doer.domain.ports import Credential

_MOST_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class FoundMail:
    """A mail that was found."""

    place: str
    """Where, for a person: a folder or a file's name."""
    address: str | None
    """Whose mailbox it was delivered to; None: a folder of sent mail."""
    mail: Seen


@dataclass(frozen=True, slots=True)
class Query:
    """What mail is looked for; all that is given must hold."""

    sender: str = ""
    subject: str = ""
    since: datetime | None = None
    limit: int = 50


class Mailbox(Protocol):
    """Mail that can be read back. Methods raise Transient when it cannot be read now, Permanent when it may not be."""

    def holds(self, address: str) -> bool:
        """Tell whether mail that was delivered to this address would be seen here."""
        ...

    async def find(self, message_id: str) -> Sequence[FoundMail]:
        """Return every copy of the mail of that Message-ID, wherever it lies."""
        ...

    async def search(self, query: Query) -> Sequence[FoundMail]:
        """Return delivered mail that fits, newest first, at most `query.limit`."""
        ...


def fits(mail: Seen, query: Query) -> bool:
    """Tell whether a mail is one that is looked for. A mail without a legible date fits no `since`."""
    if query.sender.casefold() not in mail.sender.casefold() or query.subject.casefold() not in mail.subject.casefold():
        return False
    if query.since is None:
        return True
    sent = date_of(mail)
    return sent is not None and sent >= query.since


def date_of(mail: Seen) -> datetime | None:
    """Return when it was sent; None when that is not legible or has no zone."""
    try:
        sent = parsedate_to_datetime(mail.date)
    except (ValueError, TypeError):
        return None
    return sent if sent.utcoffset() is not None else None


def newest(found: Sequence[FoundMail], query: Query) -> list[FoundMail]:
    """Return those that fit, newest first."""
    fitting = [each for each in found if fits(each.mail, query)]
    fitting.sort(key=lambda each: (-(when.timestamp() if (when := date_of(each.mail)) else 0.0), each.place))
    return fitting[: query.limit]


@dataclass(frozen=True, slots=True)
class MaildirMailbox:
    """A folder with one Maildir an address: `root/<address in lower case>/{new,cur,tmp}`.

    `domains` are those whose every mailbox lies here; without any, every address is expected here.
    """

    root: Path
    domains: tuple[str, ...] = ()

    def holds(self, address: str) -> bool:
        """Tell whether this address has its mailbox here."""
        return not self.domains or address.rpartition("@")[2].lower() in self.domains

    async def find(self, message_id: str) -> Sequence[FoundMail]:
        """Return every copy in all mailboxes."""
        return await asyncio.to_thread(self._find, message_id)

    async def search(self, query: Query) -> Sequence[FoundMail]:
        """Return what fits in all mailboxes."""
        return newest(await asyncio.to_thread(self._find, None), query)

    def _find(self, message_id: str | None) -> list[FoundMail]:
        found = []
        for address, file in self._files():
            with contextlib.suppress(FileNotFoundError):  # a reader moved it from new/ to cur/; it is listed there too
                if file.stat().st_size > _MOST_BYTES:
                    continue
                content = file.read_bytes()
                if message_id is not None and message_id.encode() not in content:
                    continue
                mail = seen(content)
                if message_id is None or mail.message_id == message_id:
                    found.append(FoundMail(f"{address}/{file.name}", address, mail))
        return found

    def _files(self) -> Iterator[tuple[str, Path]]:
        try:
            boxes = sorted(each for each in self.root.iterdir() if (each / "new").is_dir())
            listed = [
                (box.name, file) for box in boxes for part in ("new", "cur") for file in sorted((box / part).iterdir())
            ]
        except FileNotFoundError:
            return  # no mail was ever delivered
        except OSError as wrong:
            raise Transient(f"the mailboxes in {self.root} cannot be read: {wrong}") from wrong
        yield from listed


@dataclass(frozen=True, slots=True)
class ImapMailbox:
    """One account over IMAP. `url`: `imaps://host[:993]`, `imap+starttls://host[:143]`, or `imap://` for loopback.

    `folders` hold what was delivered to `address` (the user name if it is one), `sent` what was sent. `timeout` in
    seconds. Nothing is marked as read.
    """

    url: str
    user: str
    password: Credential
    folders: tuple[str, ...] = ("INBOX",)
    sent: tuple[str, ...] = ("Sent",)
    address: str = ""
    timeout: float = 15.0

    def holds(self, address: str) -> bool:
        """Tell whether it is this account's address."""
        return address.lower() == (self.address or self.user).lower()

    async def find(self, message_id: str) -> Sequence[FoundMail]:
        """Return every copy in the folders and in the sent mail."""
        criteria = imap_tools.AND(header=[imap_tools.H("Message-ID", message_id)])
        found = await asyncio.to_thread(self._read, (*self.folders, *self.sent), str(criteria), None)
        return [each for each in found if each.mail.message_id == message_id]

    async def search(self, query: Query) -> Sequence[FoundMail]:
        """Return delivered mail that fits. The server narrows by day; the rest is compared here."""
        since = query.since.date() if query.since is not None else None
        criteria = "ALL" if since is None else str(imap_tools.AND(sent_date_gte=since))
        return newest(await asyncio.to_thread(self._read, self.folders, criteria, 1000), query)

    def _read(self, folders: tuple[str, ...], criteria: str, limit: int | None) -> list[FoundMail]:
        try:
            with logged_in(self.url, self.user, self.password, self.timeout) as box:
                return [each for folder in folders for each in self._in_folder(box, folder, criteria, limit)]
        except (OSError, imap_tools.ImapToolsError, imaplib.IMAP4.error) as wrong:
            raise Transient(f"{self.url}: the mailbox cannot be read now: {wrong}") from wrong

    def _in_folder(
        self, box: imap_tools.BaseMailBox, folder: str, criteria: str, limit: int | None
    ) -> Iterator[FoundMail]:
        try:
            box.folder.set(folder, readonly=True)
        except imap_tools.MailboxFolderSelectError:
            return  # there is no such folder yet
        owner = None if folder in self.sent else (self.address or self.user).lower()
        for number, message in enumerate(box.fetch(criteria, mark_seen=False, limit=limit, reverse=limit is not None)):
            yield FoundMail(f"{self.user}/{folder}/{message.uid or number}", owner, seen(message.obj.as_bytes()))
