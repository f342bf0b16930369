"""IMAP commands seen as effects (RFC 9051, 3501): each says of every failure whether anything can have been changed."""

from __future__ import annotations

import imaplib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

import imap_tools
from imap_tools.utils import encode_folder

from doer.connectors.tools.mailbox.fetched import Fetched, read_fetched
from doer.connectors.tools.mailbox.folder import Folder, read_listed
from doer.domain.errors import OutcomeUnknown, Permanent, ToolError, Transient

_LATER = ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]")
_CHUNK = 500
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

_Answer: TypeAlias = "tuple[str, list[Any]]"


@dataclass(slots=True)
class Wire:
    """One session with a server. Methods raise Transient and Permanent as long as nothing was written in it.

    Once a command that changes something was sent, whatever fails afterwards is an OutcomeUnknown, except a plain NO to
    the first such command. Of imap_tools only opening, folder names and login are used: its `flag`, `delete` and `move`
    send a bare EXPUNGE, which also removes what others have marked as deleted.
    """

    box: imap_tools.BaseMailBox
    where: str
    abilities: frozenset[str]
    wrote: bool = False

    # --- reading ---

    def asked_abilities(self) -> frozenset[str]:
        """Ask what the server can do, now that we are logged in: before, many tell less."""
        told = self._ask("CAPABILITY", self.box.client.capability)
        return frozenset(word.upper() for each in told if each for word in each.decode("ascii", "replace").split())

    def folders(self) -> list[Folder]:
        """Return all folders, with their special use where the server tells it (RFC 6154)."""
        extended = {"SPECIAL-USE", "LIST-EXTENDED"} <= self.abilities
        options = ('""', '"*"', "RETURN (SPECIAL-USE)") if extended else ('""', '"*"')
        self.box.client.response("LIST")  # what an earlier listing left
        self._ask("LIST", lambda: self.box.client.xatom("LIST", *options))
        return read_listed(self.box.client.response("LIST")[1])

    def open(self, folder: str, *, write: bool = False) -> int:
        """Select the folder and return its UIDVALIDITY; without `write` nothing in it can be changed."""
        client = self.box.client
        self._ask(f"opening {folder}", lambda: client.select(_text(encode_folder(folder)), readonly=not write))
        told: list[Any] = client.untagged_responses.get("UIDVALIDITY") or [b"0"]
        return int(told[-1] or 0)

    def may_open(self, folder: str) -> int | None:
        """Open a folder to read in it; None for one that this user may not open, or that has just gone."""
        try:
            return self.open(folder)
        except Permanent:
            return None

    def uids(self, *criteria: str) -> list[int]:
        """Search the open folder; `criteria` are search keys, strings already quoted by `quoted`."""
        words = [each.encode() for each in criteria]
        if any(not each.isascii() for each in criteria):
            words = [b"CHARSET UTF-8", *words]
        # typeshed has str; imaplib passes bytes on as they are.
        call: Any = self.box.client.uid
        data = self._ask("SEARCH", lambda: call("SEARCH", *words))
        return sorted({int(each) for part in data if part for each in part.split()})

    def fetch(self, uids: Sequence[int], parts: str) -> dict[int, Fetched]:
        """Fetch attributes of messages of the open folder, by UID; those that are gone are left out."""
        found: dict[int, Fetched] = {}
        for chunk in _chunked(uids):
            asked = ",".join(map(str, chunk))
            data = self._ask("FETCH", lambda asked=asked: self.box.client.uid("FETCH", asked, f"(UID {parts})"))  # type: ignore[misc]
            found |= {uid: each for uid, each in read_fetched(data).items() if uid in set(chunk)}
        return found

    def counts(self, folder: str) -> tuple[int, int]:
        """Return how many messages a folder has, and how many of them are unseen."""
        name = _text(encode_folder(folder))
        data = self._ask(f"STATUS of {folder}", lambda: self.box.client.status(name, "(MESSAGES UNSEEN)"))
        told = b" ".join(each for each in data if isinstance(each, bytes))
        numbers = {
            word.upper(): int(number) for word, number in re.findall(rb"(MESSAGES|UNSEEN) (\d+)", told, re.IGNORECASE)
        }
        return numbers.get(b"MESSAGES", 0), numbers.get(b"UNSEEN", 0)

    # --- writing ---

    def append(self, folder: str, content: bytes, flags: str, when: datetime) -> None:
        """Put a message into a folder."""
        name = _text(encode_folder(folder))
        date = imaplib.Time2Internaldate(when)
        self._write(f"APPEND to {folder}", lambda: self.box.client.append(name, flags, date, content))

    def move(self, uid: int, folder: str) -> None:
        """Move a message of the open folder (RFC 6851), or copy it and expunge exactly it (UIDPLUS, RFC 4315)."""
        name = _text(encode_folder(folder))
        client = self.box.client
        if self.can_move:
            self._write(f"MOVE to {folder}", lambda: client.uid("MOVE", str(uid), name))
            return
        self._write(f"COPY to {folder}", lambda: client.uid("COPY", str(uid), name))
        self.remove(uid)

    def remove(self, uid: int) -> None:
        """Delete exactly this message of the open folder. Needs UIDPLUS: a bare EXPUNGE would take others with it."""
        client = self.box.client
        self._write("STORE", lambda: client.uid("STORE", str(uid), "+FLAGS.SILENT", r"(\Deleted)"))
        self._write("UID EXPUNGE", lambda: client.uid("EXPUNGE", str(uid)))

    def flag(self, uid: int, flag: str, *, on: bool, modseq: int | None = None) -> bool:
        """Set or clear one flag; with `modseq` only if nothing changed since (RFC 7162). Return whether it was done."""
        client = self.box.client
        change = ("+FLAGS" if on else "-FLAGS", f"({flag})")
        unless = () if modseq is None else (f"(UNCHANGEDSINCE {modseq})",)
        data = self._write("STORE", lambda: client.uid("STORE", str(uid), *unless, *change))
        told = [*data, *(client.untagged_responses.get("OK") or []), *(client.response("MODIFIED")[1] or [])]
        return modseq is None or not any(each and _modified(each, uid) for each in told)

    @property
    def can_move(self) -> bool:
        """Whether the server moves in one step, so that a second try with the same UID does nothing."""
        return bool({"MOVE", "IMAP4REV2"} & self.abilities)

    @property
    def can_remove(self) -> bool:
        """Whether exactly one message can be expunged."""
        return bool({"UIDPLUS", "IMAP4REV2"} & self.abilities)

    @property
    def counts_changes(self) -> bool:
        """Whether the server compares before it writes (CONDSTORE, RFC 7162)."""
        return bool({"CONDSTORE", "QRESYNC"} & self.abilities)

    # --- failures ---

    def _write(self, said: str, call: Callable[[], _Answer]) -> list[Any]:
        wrote, self.wrote = self.wrote, True
        return self._ask(said, call, wrote=wrote)

    def _ask(self, said: str, call: Callable[[], _Answer], *, wrote: bool | None = None) -> list[Any]:
        """Send one command; `wrote` is whether anything had been written before a command that writes."""
        try:
            status, data = call()
        except (imaplib.IMAP4.readonly, UnicodeError) as wrong:
            raise self._told(Permanent, f"{self.where}: {said}: {wrong}") from wrong
        except (imaplib.IMAP4.abort, OSError) as lost:
            raise self._told(Transient, f"{self.where}: {said}: the connection was lost: {lost}") from lost
        except imaplib.IMAP4.error as wrong:  # BAD: the server did not understand, and did nothing
            self.wrote = self.wrote if wrote is None else wrote
            raise self._told(Permanent, f"{self.where}: {said}: {str(wrong)[:300]}") from wrong
        if status == "OK":
            return data
        answer = " ".join(each.decode("utf-8", "replace") for each in data if isinstance(each, bytes))[:300]
        later = any(code in answer.upper() for code in _LATER)
        if wrote is not None and "[SERVERBUG]" not in answer.upper():
            self.wrote = wrote
        raise self._told(Transient if later else Permanent, f"{self.where}: {said}: the server said no: {answer}")

    def _told(self, kind: type[ToolError], told: str) -> ToolError:
        return OutcomeUnknown(f"{told}; something had been sent before") if self.wrote else kind(told)


def quoted(words: str, what: str) -> str:
    """Return a search string as IMAP takes it. Raises Permanent for control characters, which would end the command."""
    if _CONTROL.search(words):
        raise Permanent(f"{what} holds a line break or another control character; write it without")
    if len(words) > 1000:
        raise Permanent(f"{what} has {len(words)} characters; at most 1000 are searched for")
    return '"' + words.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _modified(told: bytes, uid: int) -> bool:
    found = re.search(rb"MODIFIED ([\d,:*]+)", told) or re.fullmatch(rb"([\d,:]+)", told)
    return found is not None and str(uid).encode() in re.split(rb"[,:]", found[1])


def _chunked(uids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(uids), _CHUNK):
        yield uids[start : start + _CHUNK]


def _text(folder: bytes | str) -> str:
    return folder.decode("ascii") if isinstance(folder, bytes) else folder
