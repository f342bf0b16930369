"""What the tools of one directory share: its name, its wire, one writer at a time, and what each key has done."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from doer.connectors.tools.deeds import Deeds
from doer.connectors.tools.directory.scim import Scim
from doer.domain.action import Change, Receipt
from doer.domain.value import Json


@dataclass(slots=True)
class Directory:
    """One connected directory.

    Writes go one at a time, so that what changes beside a write is not the write of another step. A second try with a
    key in this process gets the receipt of the first; across processes `verify` finds what the first try left.
    """

    name: str
    scim: Scim
    writing: asyncio.Lock = field(default_factory=asyncio.Lock)
    deeds: Deeds = field(default_factory=Deeds)


def undo_data(receipt: Receipt) -> dict[str, Json]:
    """Return the tool's own part of a receipt."""
    return dict(receipt.undo) if isinstance(receipt.undo, Mapping) else {}


def foretold(changes: Sequence[Change], resource: str) -> Change | None:
    """Return the change that was foretold for the resource."""
    return next((change for change in changes if change.resource == resource), None)
