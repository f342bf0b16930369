"""age encryption (age-encryption.org/v1): bytes sealed for one X25519 identity, and opened with it."""

from __future__ import annotations


def new_identity() -> str:
    """Return a new identity, `AGE-SECRET-KEY-1…`."""
    import pyrage  # type: ignore[import-untyped]

    return str(pyrage.x25519.Identity.generate())


def sealed(plain: bytes, identity: str) -> bytes | None:
    """Return the bytes that only this identity opens; None when it is no identity."""
    import pyrage

    try:
        return bytes(pyrage.encrypt(plain, [pyrage.x25519.Identity.from_str(identity).to_public()]))
    except (pyrage.IdentityError, ValueError):
        return None


def opened(cipher: bytes, identity: str) -> bytes | None:
    """Return what was sealed; None when it was sealed for another, was damaged, or `identity` is none."""
    import pyrage

    try:
        return bytes(pyrage.decrypt(cipher, [pyrage.x25519.Identity.from_str(identity)]))
    except (pyrage.DecryptError, pyrage.IdentityError, ValueError):
        return None
