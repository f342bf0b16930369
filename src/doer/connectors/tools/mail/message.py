"""A mail as arguments say it, as MIME, and as it is found again in a mailbox."""

from __future__ import annotations

import base64
import binascii
import hashlib
import mimetypes
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage, MIMEPart
from email.policy import SMTP, default
from email.utils import format_datetime, getaddresses
from pathlib import Path

from doer.connectors.tools.files.place import refuse_protected
from doer.connectors.tools.mail.address import MOST_RECIPIENTS, Address, addresses
from doer.domain.errors import Permanent
from doer.domain.value import Json, JsonObject

_MOST_BYTES = 20 * 1024 * 1024
_LINE_BREAK = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_POLICY = SMTP.clone(cte_type="7bit")  # every server takes it, whatever it announces


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file in a mail."""

    name: str
    content: bytes

    @property
    def kind(self) -> str:
        """Its media type, guessed by its name; never a composite one, which would not travel as it is."""
        guessed = mimetypes.guess_type(self.name)[0] or ""
        return "application/octet-stream" if guessed.startswith(("message/", "multipart/")) or not guessed else guessed

    def to_json(self) -> dict[str, Json]:
        """Return what a preview shows of it; the digest binds an approval to the content."""
        return {"name": self.name, "bytes": len(self.content), "sha256": hashlib.sha256(self.content).hexdigest()}


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail, checked."""

    sender: Address
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    bcc: tuple[Address, ...]
    subject: str
    body: str
    attachments: tuple[Attachment, ...] = ()
    references: tuple[str, ...] = ()
    """The message ids of the thread that this answers, the answered one last."""

    @property
    def recipients(self) -> tuple[str, ...]:
        """Everybody in the envelope, each once."""
        found = {each.plain.lower(): each.plain for each in (*self.to, *self.cc, *self.bcc)}
        return tuple(found.values())

    def to_json(self) -> dict[str, Json]:
        """Return the plain JSON of previews."""
        said: dict[str, Json] = {"from": self.sender.header, "to": [each.header for each in self.to]}
        if self.cc:
            said["cc"] = [each.header for each in self.cc]
        if self.bcc:
            said["bcc"] = [each.header for each in self.bcc]
        said |= {"subject": self.subject, "body": self.body}
        if self.attachments:
            said["attachments"] = [each.to_json() for each in self.attachments]
        if self.references:
            said["in_reply_to"] = self.references[-1]
        return said

    def mime(self, message_id: str, now: datetime) -> bytes:
        """Return the message as it goes over the wire (RFC 5322, MIME); bcc is in the envelope only."""
        # An id is never folded or encoded: programs that show threads compare it as it is.
        message = EmailMessage(_POLICY.clone(max_line_length=998) if self.references else _POLICY)
        message["Message-ID"] = message_id
        message["Date"] = format_datetime(now)
        message["From"] = self.sender.header
        message["To"] = ", ".join(each.header for each in self.to)
        if self.cc:
            message["Cc"] = ", ".join(each.header for each in self.cc)
        if self.references:
            message["In-Reply-To"] = self.references[-1]
            message["References"] = " ".join(self.references)
        message["Subject"] = self.subject
        message.set_content(self.body)
        for each in self.attachments:
            kind, _, form = each.kind.partition("/")
            params = {"charset": "utf-8"} if kind == "text" else None
            message.add_attachment(each.content, maintype=kind, subtype=form, filename=each.name, params=params)
        return message.as_bytes()


def mail_of(arguments: JsonObject, sender: Address, root: Path | None) -> Mail:
    """Return the mail that the arguments describe. Raises Permanent for what cannot be sent."""
    to, cc, bcc = (addresses(arguments.get(name), name) for name in ("to", "cc", "bcc"))
    if not to:
        raise Permanent("to is empty: name at least one recipient")
    mail = Mail(
        sender=sender,
        to=to,
        cc=cc,
        bcc=bcc,
        subject=_line(arguments.get("subject"), "subject"),
        body=_text(arguments.get("body"), "body"),
        attachments=attachments_of(arguments.get("attachments"), root),
    )
    if len(mail.recipients) > MOST_RECIPIENTS:
        raise Permanent(f"{len(mail.recipients)} recipients; one mail goes to at most {MOST_RECIPIENTS}")
    return mail


def _line(value: Json, what: str) -> str:
    if not isinstance(value, str):
        raise Permanent(f"{what} must be text")
    text = value.strip()
    if _LINE_BREAK.search(text):
        raise Permanent(f"{what} must be one line without control characters: a line break there makes a header")
    if not text or len(text) > 900:
        raise Permanent(f"{what} must have 1 to 900 characters")
    return text


def _text(value: Json, what: str) -> str:
    if not isinstance(value, str):
        raise Permanent(f"{what} must be text")
    if found := _NOT_TEXT.search(value):
        raise Permanent(f"{what} holds the control character U+{ord(found[0]):04X}; write it without")
    if len(value) > _MOST_BYTES // 4:
        raise Permanent(f"{what} is too long for a mail; attach it as a file")
    return value


def attachments_of(value: Json, root: Path | None) -> tuple[Attachment, ...]:
    """Return the files that go with a mail, read now; `root` is the only folder they may come from. Raises Permanent."""
    if value is None:
        return ()
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise Permanent("attachments must be a list")
    found = tuple(_attachment(each, root) for each in value)
    if sum(len(each.content) for each in found) > _MOST_BYTES:
        raise Permanent(f"the attachments have more than {_MOST_BYTES // 1024 // 1024} MiB; send a link instead")
    return found


def _attachment(value: Json, root: Path | None) -> Attachment:
    if not isinstance(value, Mapping):
        raise Permanent("an attachment is an object with path, or with name and content_base64")
    path, name, content = (value.get(each) for each in ("path", "name", "content_base64"))
    if isinstance(path, str) and content is None:
        found = _inside(path, root)
        return Attachment(_line(name if isinstance(name, str) else found.name, "name of the attachment"), _read(found))
    if not isinstance(name, str) or not isinstance(content, str) or path is not None:
        raise Permanent("an attachment is an object with path, or with name and content_base64")
    if "/" in name or "\\" in name:
        raise Permanent(f"{name[:80]!r}: the name of an attachment has no folders")
    try:
        return Attachment(_line(name, "name of the attachment"), base64.b64decode(content, validate=True))
    except (binascii.Error, ValueError) as wrong:
        raise Permanent(f"{name[:80]!r}: content_base64 is not base64") from wrong


def _inside(path: str, root: Path | None) -> Path:
    if root is None:
        raise Permanent("this connection may not read files; attach content_base64, or set the folder it may read")
    if "\0" in path:
        raise Permanent("a path has no zero bytes")
    found, top = (root / path).resolve(), root.resolve()
    if not found.is_relative_to(top):
        raise Permanent(f"{path[:80]!r} is outside the folder that may be attached from")
    refuse_protected(found.relative_to(top).parts)
    return found


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise Permanent(f"{path.name} has more than {_MOST_BYTES // 1024 // 1024} MiB; send a link instead")
        return path.read_bytes()
    except OSError as wrong:
        raise Permanent(f"{path.name} cannot be attached: {wrong.strerror or wrong}") from wrong


@dataclass(frozen=True, slots=True)
class Seen:
    """A mail as it lies in a mailbox."""

    message_id: str
    sender: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    subject: str
    body: str
    date: str
    attachments: tuple[Attachment, ...] = ()
    shows_bcc: bool = False

    def differences(self, wanted: JsonObject) -> list[str]:
        """Return the names of the parts in which this is not the mail of a preview."""
        wrong = []
        if _plain([self.sender]) != _plain(_texts([wanted.get("from")])):
            wrong.append("from")
        wrong += [
            name
            for name, mine in (("to", self.to), ("cc", self.cc))
            if _plain(mine) != _plain(_texts(wanted.get(name)))
        ]
        if " ".join(self.subject.split()) != " ".join(str(wanted.get("subject")).split()):
            wrong.append("subject")
        if _flat(self.body) != _flat(str(wanted.get("body"))):
            wrong.append("body")
        files = wanted.get("attachments") or []
        if [each.to_json() for each in self.attachments] != files:
            wrong.append("attachments")
        return [*wrong, "bcc is shown"] if self.shows_bcc else wrong


def seen(content: bytes) -> Seen:
    """Read a message; whatever is broken in it reads as empty, never as an error."""
    message = message_from_bytes(content, policy=default)
    body = message.get_body(("plain", "html"))
    files = list(message.iter_attachments()) if message.is_multipart() else []
    return Seen(
        message_id=str(message.get("Message-ID", "")).strip(),
        sender=str(message.get("From", "")),
        to=_listed(message.get_all("To", [])),
        cc=_listed(message.get_all("Cc", [])),
        subject=str(message.get("Subject", "")),
        body="" if body is None else _content(body).decode("utf-8", "replace"),
        date=str(message.get("Date", "")),
        attachments=tuple(Attachment(each.get_filename() or "", _bytes(each)) for each in files),
        shows_bcc="Bcc" in message,
    )


def _content(part: MIMEPart) -> bytes:
    try:
        content = part.get_content()
    except (LookupError, ValueError, AssertionError):
        return b""
    if isinstance(content, str):
        return content.encode("utf-8", "replace")
    return content if isinstance(content, bytes) else b""


def _bytes(part: MIMEPart) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _listed(headers: Sequence[object]) -> tuple[str, ...]:
    return tuple(plain for _, plain in getaddresses([str(each) for each in headers]) if plain)


def _plain(written: Sequence[str]) -> list[str]:
    return sorted(plain.lower() for _, plain in getaddresses(list(written)) if plain)


def _texts(value: Json) -> list[str]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        return []
    return [each for each in value if isinstance(each, str)]


def _flat(text: str) -> str:
    return "\n".join(text.splitlines()).rstrip("\n")
