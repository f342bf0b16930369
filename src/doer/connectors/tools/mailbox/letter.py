"""One mail in a folder: where it lies, what makes it the same mail elsewhere, and how it is shown."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, unquote

from doer.connectors.tools.mailbox.fetched import Fetched
from doer.connectors.tools.mailbox.header import header, moment, people
from doer.domain.value import Digest, Json

HEADER_BYTES = 65_536
PARTS = f"FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER]<0.{HEADER_BYTES}>"
_SPOT = re.compile(r"imap:(?P<folder>[^;]+);UIDVALIDITY=(?P<validity>\d+);UID=(?P<uid>\d+)")


@dataclass(frozen=True, slots=True)
class Spot:
    """The place of a mail. An UID names one unchangeable message as long as UIDVALIDITY stays (RFC 9051, 2.3.1.1)."""

    folder: str
    validity: int
    uid: int

    def __str__(self) -> str:
        """The text that names a mail without a Message-ID (after RFC 5092)."""
        return f"imap:{quote(self.folder, safe='/')};UIDVALIDITY={self.validity};UID={self.uid}"

    @classmethod
    def parse(cls, text: str) -> Spot | None:
        """Read what `str` wrote; None when it is something else."""
        found = _SPOT.fullmatch(text.strip())
        return None if found is None else cls(unquote(found["folder"]), int(found["validity"]), int(found["uid"]))


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as it lies in a folder."""

    spot: Spot
    fetched: Fetched

    @property
    def message_id(self) -> str:
        """Its Message-ID with the angle brackets; empty when it has none that can be used."""
        return header(self.fetched.content, "Message-ID")

    @property
    def id(self) -> str:
        """What names it: the Message-ID, else its place."""
        return self.message_id or str(self.spot)

    @property
    def identity(self) -> Digest:
        """Digest of its header and size: the same wherever the mail is moved; a forged Message-ID has another."""
        material = hashlib.sha256(self.fetched.content)
        material.update(str(self.fetched.size).encode())
        return Digest(f"sha256:{material.hexdigest()}")

    @property
    def sender(self) -> tuple[str, str]:
        """Name and address of who says that he wrote it; empty where that is not legible."""
        return next(iter(people(self.fetched.content, "From")), ("", ""))

    @property
    def is_read(self) -> bool:
        """Whether somebody has read it."""
        return self.has("\\Seen")

    def has(self, flag: str) -> bool:
        """Whether the flag is set; names of flags know no case."""
        return flag.lower() in {each.lower() for each in self.fetched.flags}

    def view(self) -> dict[str, Json]:
        """The state that previews show and compare."""
        raw = self.fetched.content
        return {
            "folder": self.spot.folder,
            "from": header(raw, "From"),
            "subject": header(raw, "Subject"),
            "date": shown_date(raw, self.fetched.received),
            "read": self.is_read,
            "flagged": self.has("\\Flagged"),
        }

    def stamp(self) -> str:
        """The version of this state: identity, place, MODSEQ where the server counts changes, and flags."""
        flags = sorted(self.fetched.flags)
        return json.dumps(
            [self.identity, self.spot.folder, self.spot.validity, self.spot.uid, self.fetched.modseq, flags]
        )

    def summary(self) -> dict[str, Json]:
        """What a list of mails says of it; all of it but place and time of arrival is what its sender wrote."""
        raw = self.fetched.content
        return {
            "id": self.id,
            "folder": self.spot.folder,
            "uid": self.spot.uid,
            "from": header(raw, "From"),
            "sender": self.sender[1],
            "name": self.sender[0],
            "to": [plain for _, plain in people(raw, "To")],
            "subject": header(raw, "Subject"),
            "date": shown_date(raw, self.fetched.received),
            "received": self.fetched.received.isoformat(),
            "unread": not self.is_read,
            "flagged": self.has("\\Flagged"),
        }


@dataclass(frozen=True, slots=True)
class Stamp:
    """What `Letter.stamp` wrote, read again."""

    identity: str
    spot: Spot
    modseq: int | None

    @classmethod
    def parse(cls, version: str | None) -> Stamp | None:
        """Read a version; None when it is none of ours."""
        try:
            identity, folder, validity, uid, modseq, _ = json.loads(version or "")
            return cls(str(identity), Spot(str(folder), int(validity), int(uid)), modseq and int(modseq))
        except (ValueError, TypeError):
            return None


def shown_date(raw: bytes, received: datetime) -> str:
    """When its sender says that it was written; when it came, where that is not legible."""
    return (moment(raw) or received).isoformat()


def is_view(value: Json) -> dict[str, Json]:
    """Return a state that a preview has shown as a dictionary; empty when it is none."""
    return dict(value) if isinstance(value, Mapping) else {}
