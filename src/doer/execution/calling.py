"""Calling: a tool by its name, within its deadline; and whether what it answered makes sense."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable
from datetime import datetime
from typing import TypeVar

from doer.domain.action import Manifest, Receipt
from doer.domain.errors import OutcomeUnknown, Permanent, ToolError, Transient, UsageError
from doer.domain.outcome import Absent, Conflict, Partial, Refuted, Undone, Unknown, Verification, Verified
from doer.domain.ports import Catalog, Tool
from doer.execution.deadline import within

LARGEST_RESULT = 4_000_000
"""Bytes of JSON that a receipt may have; more belongs into a file."""

_FEW = 100_000
"""Characters; JSON makes twelve bytes of one at most."""
_FAR = 2**63
T = TypeVar("T")
_WRITE = json.JSONEncoder(allow_nan=False, check_circular=False).encode


def called(catalog: Catalog, name: str) -> Tool:
    """Return the tool of that name. Raises Permanent where there is none any more."""
    tool = catalog.find(name)
    if tool is None:
        raise Permanent(f"there is no tool {name} here any more: is its connection missing?")
    return tool


async def answered(manifest: Manifest, call: Awaitable[T]) -> T:
    """Return what the call of a verb returns. Raises TimeoutError after the manifest's time, OutcomeUnknown when it gave up."""
    try:
        return await within(manifest.timeout, call)
    except TimeoutError as late:
        raise TimeoutError(f"{manifest.name} did not answer within {manifest.timeout:g} s") from late
    except asyncio.CancelledError as gone:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        raise OutcomeUnknown(f"{manifest.name} gave up by itself") from gone  # the run must not give up with it


def storable(receipt: Receipt) -> None:
    """Return for a receipt that the journal can hold. Raises ValueError, TypeError or RecursionError: the outcome then counts as unknown."""
    if _is_small(receipt):
        return
    size = len(_WRITE([receipt.result, dict(receipt.versions), receipt.undo]))
    if size > LARGEST_RESULT:
        raise ValueError(f"its result has {size:,} bytes; {LARGEST_RESULT:,} is the most")


def _is_small(receipt: Receipt) -> bool:
    """Tell whether a receipt is storable for certain, being a few short texts and numbers: most are."""
    parts = [receipt.undo, *receipt.versions, *receipt.versions.values()]
    if isinstance(receipt.result, dict):
        parts += receipt.result.values()
        parts += receipt.result
    else:
        parts.append(receipt.result)
    left = _FEW
    for part in parts:
        if isinstance(part, str):
            left -= len(part)
        elif part is not None and not (isinstance(part, int) and -_FAR < part < _FAR):
            return False
    return left > 0


def readable(found: Verification, known: Receipt | None) -> Verification:
    """Return what verify found. Raises TypeError or ValueError for rubbish, which tells nothing."""
    match found:
        case Verified() | Refuted():
            if found.receipt is not None and found.receipt is not known:
                storable(found.receipt)
        case Absent() | Unknown():
            pass
        case _:
            raise TypeError(f"its verify returned {found!r:.80}")
    return found


def reversal(outcome: object) -> None:
    """Return for what undo may answer. Raises TypeError for anything else."""
    if not isinstance(outcome, Undone | Conflict | Partial):
        raise TypeError(f"its undo returned {outcome!r:.80}")


def again_at(failure: BaseException) -> datetime | None:
    """Return the time that the system named for another try, if it named one that can be relied on."""
    moment = failure.again_at if isinstance(failure, Transient) else None
    return moment if moment is not None and moment.tzinfo is not None else None


def told(failure: BaseException) -> str:
    """Return one line for a person; the class name only where there is nothing else to say."""
    text = " ".join(str(failure).split())[:500]
    return text if text and isinstance(failure, ToolError | UsageError | TimeoutError) else (
        f"{type(failure).__name__}: {text}" if text else type(failure).__name__
    )  # fmt: skip
