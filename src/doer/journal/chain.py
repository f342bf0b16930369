"""The chain: each event of a run holds the hash of the one before it, over the exact bytes that are stored.

    head(seq) = SHA-256(run LF seq LF at LF hex(head(seq - 1)) LF body)        head(0) = 32 zero bytes

`run` and `at` as stored (UTF-8, without line feeds), `seq` in decimal, so that a few lines in any language can check it.
A chain alone does not see a cut tail, nor a run that was rewritten to its end: see `merkle` and `proof` for those.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Final

from doer.domain.errors import UsageError
from doer.domain.value import RunId

ORIGIN: Final = bytes(32)
"""What the first event of a run follows."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


@dataclass(frozen=True, slots=True)
class Head:
    """Where a run stands: the last seq and its hash."""

    seq: int
    hash: bytes


def link(run: str, seq: int, at: str, prev: bytes, body: bytes) -> bytes:
    """Return the 32-byte head of the run after this event."""
    return hashlib.sha256(f"{run}\n{seq}\n{at}\n{prev.hex()}\n".encode() + body).digest()


def check_name(run: RunId) -> None:
    """Refuse a name that is no run's: it is part of the chain and names the lock file. Raises UsageError."""
    if _NAME.fullmatch(run) is None:
        raise UsageError(
            f"{run!r} is no name of a run: letters, digits, - and _ only, 64 at most; `doer runs` lists them"
        )
