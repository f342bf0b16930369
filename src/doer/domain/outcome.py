"""Outcomes: what reading back or taking back found, as closed unions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from doer.domain.action import Receipt
from doer.domain.quick import quick


@quick
@dataclass(frozen=True, slots=True)
class Verified:
    """The system of record shows exactly what was intended, and nothing more."""

    receipt: Receipt
    evidence: str = ""
    """What was read, in one line for a person."""


@dataclass(frozen=True, slots=True)
class Absent:
    """The system of record shows nothing of it."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Refuted:
    """The system of record shows something else: half of it, twice of it, or in another place."""

    reason: str
    receipt: Receipt | None = None
    """What undo would need to remove what was found, where that is known."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """The system of record could not be read, or cannot tell."""

    reason: str
    final: bool = False
    """True: it will never be able to tell (mail without a readable mailbox), so that asking again is no use."""


Verification: TypeAlias = Verified | Absent | Refuted | Unknown


@dataclass(frozen=True, slots=True)
class Undone:
    """What was there before is there again, read back."""

    versions: Mapping[str, str] = field(default_factory=dict)
    """resource URI -> version that the undo left there (absent where the resource is gone)."""
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Somebody changed it since, or something later depends on it; nothing was overwritten."""

    reason: str


@dataclass(frozen=True, slots=True)
class Partial:
    """Some of it was put back; `reason` names what was not."""

    reason: str
    versions: Mapping[str, str] = field(default_factory=dict)


Reversal: TypeAlias = Undone | Conflict | Partial
