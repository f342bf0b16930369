"""The journal's key: Ed25519, one a workspace, in files that only their owner reads.

cryptography is imported where it is used: reading and appending need no key, and start-up stays fast.
"""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from doer.domain.errors import JournalBroken, JournalUnwritable
from doer.journal.blob import sync_folder


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An Ed25519 key (RFC 8032) by its 32-byte seed."""

    seed: bytes

    def __repr__(self) -> str:
        return "SigningKey(…)"

    @property
    def public(self) -> bytes:
        """The 32 bytes of the public half."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw()

    def sign(self, content: bytes) -> bytes:
        """Return the 64-byte signature."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(content)


def is_signed(public: bytes, signature: bytes, content: bytes) -> bool:
    """Tell whether the signature is of exactly this content."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, content)
    except InvalidSignature:
        return False
    return True


def fingerprint(public: bytes) -> str:
    """Return the first 16 hex digits of the SHA-256 of a public key."""
    return hashlib.sha256(public).hexdigest()[:16]


def load_key(folder: Path) -> SigningKey:
    """Return the key kept in `folder`, made now if there is none yet; processes that race get the same one.

    `journal.key` holds the seed (base64, mode 0600), `journal.pub` the public half. Raises JournalUnwritable when it cannot
    be kept, JournalBroken when the file is no key.
    """
    path = folder / "journal.key"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            _create(path)
        return SigningKey(_read(path))
    except OSError as unwritable:
        raise JournalUnwritable(f"the journal's key cannot be kept in {folder}: {unwritable.strerror}") from unwritable


def _create(path: Path) -> None:
    key = SigningKey(secrets.token_bytes(32))
    # Linked into place whole: another process never sees half a key, and the first one wins.
    new = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    _write(new, key.seed, 0o600)
    try:
        os.link(new, path)
        _write(path.with_suffix(".pub"), key.public, 0o644)
    except FileExistsError:
        pass  # somebody else was first: theirs is the key
    finally:
        new.unlink()
        sync_folder(path.parent)


def _write(path: Path, content: bytes, mode: int) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
        file.write(base64.b64encode(content) + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _read(path: Path) -> bytes:
    try:
        seed = base64.b64decode(path.read_bytes().strip(), validate=True)
    except ValueError:
        seed = b""
    if len(seed) != 32:
        raise JournalBroken(f"{path} is not a key: restore it from a backup; without it the journal cannot be signed")
    return seed
