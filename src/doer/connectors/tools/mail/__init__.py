"""Mail: sent over SMTP with a Message-ID from the key, and read back from a mailbox where one can be read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from doer.connectors.tools.mail.address import MOST_RECIPIENTS, address
from doer.connectors.tools.mail.finding import FindMessages
from doer.connectors.tools.mail.mailbox import FoundMail, ImapMailbox, Mailbox, MaildirMailbox
from doer.connectors.tools.mail.relay import Relay
from doer.connectors.tools.mail.sending import SendMail
from doer.domain.action import Manifest
from doer.domain.ports import Credential, Tool
from doer.domain.value import Json

__all__ = ["FoundMail", "ImapMailbox", "Mailbox", "MaildirMailbox", "mail_tools"]


def mail_tools(  # noqa: PLR0913 - a connection's settings, all by name
    name: str,
    smtp_url: str,
    *,
    sender: str,
    mailbox: Mailbox | None = None,
    username: str | None = None,
    password: Credential | None = None,
    files: Path | None = None,
    timeout: float = 20.0,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> list[Tool]:
    """Return the tools of one mail connection; nothing is asked of the servers yet.

    `smtp_url` as `Relay` tells; `password` is asked for whenever the server is spoken to; `sender` the address, or `Name <address>`, that mail comes from; `mailbox` where arrival
    can be seen (without it every mail ends unproven, and there is no `find_messages`); `files` the folder that attachments
    may be read from; `timeout` in seconds for each answer. Raises Permanent when `sender` is no address.
    """
    relay = Relay(smtp_url, username, password, timeout)
    tools: list[Tool] = [SendMail(name, _send(name), relay, address(sender, "sender"), mailbox, files, now)]
    if mailbox is not None:
        tools.append(FindMessages(_find_messages(name), mailbox, name))
    return tools


def _people(what: str) -> dict[str, Json]:
    return {
        "type": "array",
        "items": {"type": "string", "format": "email"},
        "maxItems": MOST_RECIPIENTS,
        "description": f"{what}: addresses such as ada@acme.example, or Ada Lovelace <ada@acme.example>",
    }


def _send(name: str) -> Manifest:
    attachment: dict[str, Json] = {
        "type": "object",
        "properties": {
            "path": {"type": "string", "description": "a file in the folder that this connection may read"},
            "name": {"type": "string", "description": "its name in the mail"},
            "content_base64": {"type": "string", "description": "its content, where it is no file"},
        },
        "additionalProperties": False,
    }
    properties: dict[str, Json] = {
        "to": {**_people("recipients"), "minItems": 1},
        "cc": _people("recipients of a copy"),
        "bcc": _people("recipients of a copy whom the others do not see"),
        "subject": {"type": "string", "minLength": 1, "maxLength": 900, "description": "one line"},
        "body": {"type": "string", "description": "the text"},
        "attachments": {"type": "array", "items": attachment, "description": "files that go with it"},
    }
    return Manifest(
        name=f"{name}.send",
        description="Send a mail. It cannot be taken back.",
        parameters={
            "type": "object",
            "properties": properties,
            "required": ["to", "subject", "body"],
            "additionalProperties": False,
        },
        effect="irreversible",
        result={
            "type": "object",
            "properties": {
                "message_id": {"type": "string"},
                "recipients": {"type": "array", "items": {"type": "string"}},
            },
            "required": ["message_id", "recipients"],
        },
        examples=(
            "send a mail to {to} with subject {subject} saying {body}",
            "email {to} about {subject}: {body}",
            "write to {to} that {body}, subject {subject}",
            "mail {attachments} to {to} with subject {subject} and text {body}",
        ),
        once=False,  # SMTP enforces no key: a second try is a second mail
        roles={"to": "destination", "cc": "destination", "bcc": "destination"},
        issued=("message_id",),
        verbs=frozenset({"preview", "apply", "verify"}),
        timeout=120.0,
    )


def _find_messages(name: str) -> Manifest:
    message: dict[str, Json] = {
        "type": "object",
        "properties": {
            **{each: {"type": "string"} for each in ("id", "mailbox", "from", "subject", "date", "text")},
            **{each: {"type": "array", "items": {"type": "string"}} for each in ("to", "attachments")},
        },
        "required": ["id", "from", "subject"],
    }
    return Manifest(
        name=f"{name}.find_messages",
        description="Find mail by sender, subject and date; newest first.",
        parameters={
            "type": "object",
            "properties": {
                "sender": {"type": "string", "description": "words or address that the sender's line holds"},
                "subject": {"type": "string", "description": "words that the subject holds"},
                "since": {"type": "string", "description": "RFC 3339 time with offset, or a date (from midnight UTC)"},
                "limit": {"type": "integer", "minimum": 1, "maximum": 1000, "description": "at most so many; 50"},
            },
            "required": [],
            "additionalProperties": False,
        },
        effect="read",
        result={
            "type": "object",
            "properties": {"messages": {"type": "array", "items": message}, "count": {"type": "integer"}},
            "required": ["messages", "count"],
        },
        examples=(
            "find mail from {sender}",
            "find mail about {subject} since {since}",
            "which messages came from {sender} about {subject}",
        ),
        once=True,
    )
