"""Signed notes: tree heads that a person can keep (C2SP tlog-checkpoint and signed-note, Ed25519).

    doer/journal/1f0c…            origin: who keeps this journal, named by the fingerprint of its key
    52                            size of the tree: how many events there are
    7pfT…=                        root of the tree, base64
    at 2026-11-02T10:00:00+00:00
    prev 9b1c…                    SHA-256 of the whole note before this one, hex (64 zeros: there is none)
    head RUN SEQ 0f3a…            every run that grew since then: its last seq, the first 16 hex digits of its head
    erased RUN                    every run whose payloads were erased since then

    — doer/journal/1f0c… BASE64   four bytes of key hash and the signature over everything before the empty line

The lines `head` let a verifier name the run that was rewritten, cut or taken out; the root makes them complete.
A *receipt* is the short form of a note, one line: `doer1.SIZE.ROOT.FINGERPRINT.CHECK`.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from doer.domain.errors import UsageError
from doer.journal.chain import ORIGIN
from doer.journal.key import SigningKey, fingerprint, is_signed

_ORIGIN = "doer/journal/"
_BLANK = "\n\n"


@dataclass(frozen=True, slots=True)
class TreeHead:
    """What a note says."""

    size: int
    root: bytes
    at: str
    prev: bytes
    """SHA-256 of the note before, 32 zero bytes for the first."""
    heads: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    """Run -> its last seq and the first 16 hex digits of its head, for every run that grew."""
    erased: tuple[str, ...] = ()

    def sign(self, key: SigningKey) -> str:
        """Return the whole note."""
        origin = _ORIGIN + fingerprint(key.public)
        lines = [
            origin,
            str(self.size),
            base64.b64encode(self.root).decode(),
            f"at {self.at}",
            f"prev {self.prev.hex()}",
        ]
        lines += [f"head {run} {seq} {head}" for run, (seq, head) in sorted(self.heads.items())]
        lines += [f"erased {run}" for run in sorted(self.erased)]
        text = "\n".join(lines) + "\n"
        stamp = _key_hash(origin, key.public) + key.sign(text.encode())
        return f"{text}\n— {origin} {base64.b64encode(stamp).decode()}\n"


def parse_note(note: str) -> TreeHead | None:
    """Return what the note says, whoever signed it; None when it is no note."""
    lines = note.partition(_BLANK)[0].split("\n")
    try:
        size, root, at, prev = int(lines[1]), base64.b64decode(lines[2], validate=True), lines[3], lines[4]
        heads = [line.split(" ") for line in lines[5:] if line.startswith("head ")]
        return TreeHead(
            size=size,
            root=root,
            at=at.removeprefix("at "),
            prev=bytes.fromhex(prev.removeprefix("prev ")),
            heads={run: (int(seq), head) for _, run, seq, head in heads},
            erased=tuple(line.removeprefix("erased ") for line in lines[5:] if line.startswith("erased ")),
        )
    except (ValueError, IndexError):
        return None


def is_signed_by(note: str, public: bytes) -> bool:
    """Tell whether the key of this public half signed exactly this note."""
    text, _, signature = note.partition(_BLANK)
    origin = _ORIGIN + fingerprint(public)
    opening = f"— {origin} "
    if not text.startswith(origin + "\n") or not signature.startswith(opening):
        return False
    try:
        stamp = base64.b64decode(signature.removeprefix(opening).removesuffix("\n"), validate=True)
    except ValueError:
        return False
    return stamp[:4] == _key_hash(origin, public) and is_signed(public, stamp[4:], (text + "\n").encode())


def note_hash(note: str | None) -> bytes:
    """Return what the next note carries as `prev`."""
    return ORIGIN if note is None else hashlib.sha256(note.encode()).digest()


def _key_hash(origin: str, public: bytes) -> bytes:
    return hashlib.sha256(f"{origin}\n".encode() + b"\x01" + public).digest()[:4]


@dataclass(frozen=True, slots=True)
class Receipt:
    """The short form of a tree head, kept somewhere else than the journal."""

    size: int
    root: bytes
    key: str
    """Fingerprint of the key that signed it."""

    def __str__(self) -> str:
        root = base64.urlsafe_b64encode(self.root).decode().rstrip("=")
        text = f"doer1.{self.size}.{root}.{self.key}"
        return f"{text}.{_check(text)}"


def parse_receipt(text: str) -> Receipt:
    """Read a receipt. Raises UsageError when it is none or was mistyped: that is not the journal's fault."""
    kept, _, check = text.strip().rpartition(".")
    parts = kept.split(".")
    if len(parts) != 4 or parts[0] != "doer1" or not parts[1].isdecimal():
        raise UsageError("that is no receipt: it is one line that begins with `doer1.` and has five parts between dots")
    if check != _check(kept):
        raise UsageError("the receipt was mistyped or cut (its last part does not fit): copy the whole line again")
    return Receipt(int(parts[1]), base64.urlsafe_b64decode(parts[2] + "="), parts[3])


def _check(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:4]
