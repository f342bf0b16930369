"""Exit codes: what a program learns of a run from its number alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, assert_never

from doer.domain.errors import (
    AlreadyDriven,
    JournalBroken,
    UsageError,
)
from doer.domain.event import Status

DONE: Final = 0
"""Done and verified."""
NOT_DONE: Final = 1
"""Rolled back, refused, refuted, cancelled, or not possible here."""
BAD_USAGE: Final = 2
"""The words, the plan or the configuration are wrong."""
WAITING: Final = 3
"""For a person, for a time, or for an answer."""
BROKEN: Final = 4
"""The journal is broken, or a proof failed."""
UNPROVEN: Final = 5
"""Done, but unproven or partly undone."""

_GRAVEST_FIRST: Final = (BROKEN, BAD_USAGE, NOT_DONE, UNPROVEN, WAITING, DONE)


def of_status(status: Status) -> int:
    """Return the exit code of a command that brought a run there."""
    match status:
        case "done" | "planned" | "undone":
            return DONE
        case "running" | "waiting" | "needs_answer":
            return WAITING
        case "unproven" | "partly_undone":
            return UNPROVEN
        case "rolled_back" | "partly_rolled_back" | "refused" | "abstained" | "failed" | "cancelled":
            return NOT_DONE
        case _:
            assert_never(status)


def of_error(error: BaseException) -> int:
    """Return the exit code of a command that failed with this."""
    match error:
        case UsageError():
            return BAD_USAGE
        case JournalBroken():
            return BROKEN
        case AlreadyDriven():
            return WAITING
        case _:
            return NOT_DONE


def gravest(codes: Iterable[int]) -> int:
    """Return the code that matters most, for a command that drove several runs."""
    found = set(codes)
    return next((code for code in _GRAVEST_FIRST if code in found), DONE)
