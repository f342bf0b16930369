"""A mail connection surveyed: whether the relay lets us in, and the folders of the mailbox with what they are for (RFC 6154)."""

from __future__ import annotations

import asyncio
import imaplib
from dataclasses import dataclass

import imap_tools

from doer.connectors.secrets.credential import renewing
from doer.connectors.surveys.survey import Ability, Entity, Survey
from doer.connectors.tools.mail.imap import logged_in
from doer.connectors.tools.mail.relay import Relay
from doer.domain.errors import Transient
from doer.domain.ports import Credential


@dataclass(frozen=True, slots=True)
class ImapAccount:
    """A mailbox and how to open it."""

    url: str
    user: str
    password: Credential
    timeout: float = 15.0


@dataclass(frozen=True, slots=True)
class MailSurveyor:
    """Looks at the relay, and at the mailbox where there is one. Nothing is sent, and nothing is marked as read."""

    name: str
    relay: Relay
    imap: ImapAccount | None = None
    maildir: bool = False

    async def survey(self) -> Survey:
        """Return what the relay says of itself, and the folders."""
        with renewing("mail", self.name):
            server = await self.relay.greet()
            folders = await asyncio.to_thread(self._folders, self.imap) if self.imap is not None else ()
        back = "IMAP" if self.imap is not None else "Maildir" if self.maildir else ""
        abilities = (
            Ability("send", works=True),
            Ability("read back", bool(back), back or "no mailbox: what is sent ends unproven"),
            Ability("undo", works=False, why="nothing takes a mail back: it is held to the end"),
        )
        return Survey(server, abilities, folders)

    def _folders(self, account: ImapAccount) -> tuple[Entity, ...]:
        try:
            with logged_in(account.url, account.user, account.password, account.timeout) as box:
                return tuple(_folder(each) for each in box.folder.list())
        except (OSError, imap_tools.ImapToolsError, imaplib.IMAP4.error) as wrong:
            raise Transient(f"{account.url}: its folders cannot be listed: {wrong}") from wrong


def _folder(found: imap_tools.FolderInfo) -> Entity:
    uses = ("\\Sent", "\\Drafts", "\\Archive", "\\Trash", "\\Junk", "\\All", "\\Flagged")
    use = next((each[1:].lower() for each in uses if each in found.flags), "")
    return Entity("folder", found.name, found.name, {"use": use})
