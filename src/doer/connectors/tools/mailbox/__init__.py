"""A mailbox over IMAP (RFC 9051): search, read, draft, file, mark, and reply in a thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from doer.connectors.tools.mail.address import address
from doer.connectors.tools.mail.mailbox import Mailbox
from doer.connectors.tools.mail.relay import Relay
from doer.connectors.tools.mailbox import manifests
from doer.connectors.tools.mailbox.account import Account
from doer.connectors.tools.mailbox.drafting import CreateDraft
from doer.connectors.tools.mailbox.filing import FileMail
from doer.connectors.tools.mailbox.marking import MarkMail
from doer.connectors.tools.mailbox.reading import ListFolders, ReadMail
from doer.connectors.tools.mailbox.replying import Reply
from doer.connectors.tools.mailbox.searching import SearchMail
from doer.domain.errors import Permanent
from doer.domain.ports import Credential, Tool

__all__ = ["mailbox_tools"]


def mailbox_tools(  # noqa: PLR0913 - a connection's settings, all by name
    name: str,
    imap_url: str,
    *,
    username: str,
    password: Credential,
    smtp_url: str | None,
    sender: str,
    smtp_username: str | None = None,
    drafts: str = "Drafts",
    sent: str = "Sent",
    archive: str = "Archive",
    zone: str = "UTC",
    arrivals: Mailbox | None = None,
    files: Path | None = None,
    timeout: float = 20.0,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Sequence[Tool]:
    """Return the tools of one mailbox; nothing is asked of the servers yet.

    `imap_url`: `imaps://host`, `imap+starttls://host`, or `imap://` for loopback; `smtp_url` as `Relay` tells, with the
    same password and user, unless `smtp_username` is another; where it is empty, nobody logs in there. Without `smtp_url`
    there is no `reply`. `sender`: the address, or `Name <address>`, of this mailbox.
    `drafts`, `sent`, `archive`: folders, where the server does not say which they are (RFC 6154); an empty `sent` keeps
    no copy. `zone` (IANA): in which a day begins. `arrivals`: where mail can be seen to arrive, besides this mailbox. `files`: the folder that attachments may
    be read from. `timeout` in seconds for each answer. Raises Permanent when `sender` is no address, `zone` no zone.
    """
    special = {"drafts": drafts, "sent": sent, "archive": archive}
    account = Account(name, imap_url, username, password, special, timeout)
    me = address(sender, "sender")
    tools: list[Tool] = [
        SearchMail(manifests.search_mail(name), account, _zone(zone)),
        ReadMail(manifests.read_mail(name), account),
        ListFolders(manifests.list_folders(name), account),
        CreateDraft(manifests.create_draft(name), account, me, files, now),
        FileMail(manifests.file_mail(name), account),
        MarkMail(manifests.mark_mail(name), account),
    ]
    if smtp_url is not None:
        relay = Relay(smtp_url, (username if smtp_username is None else smtp_username) or None, password, timeout)
        tools.append(Reply(manifests.reply(name), account, relay, me, arrivals, files, now))
    return tools


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as wrong:
        raise Permanent(f"{name[:80]!r} is no time zone: write one such as Europe/Berlin") from wrong
