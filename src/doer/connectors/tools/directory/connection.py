"""What the tools of one directory share: its name, its wire, one writer at a time, and what each key has done."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from doer.connectors.tools.directory.scim import Scim
from doer.domain.action import Change, Receipt
from doer.domain.value import Json, JsonObject, Key

_MOST_REMEMBERED = 1000


@dataclass(slots=True)
class Directory:
    """One connected directory.

    Writes go one at a time, so that what changes beside a write is not the write of another step. A second try with a
    key in this process gets the receipt of the first; across processes `verify` finds what the first try left.
    """

    name: str
    scim: Scim
    writing: asyncio.Lock = field(default_factory=asyncio.Lock)
    _done: dict[Key, Receipt] = field(default_factory=dict)

    def done(self, key: Key) -> Receipt | None:
        """Return the receipt of what this key did, where this process saw it."""
        return self._done.get(key)

    def remember(self, key: Key, receipt: Receipt) -> Receipt:
        """Keep the receipt for a second try with the same key."""
        while len(self._done) >= _MOST_REMEMBERED:
            del self._done[next(iter(self._done))]
        self._done[key] = receipt
        return receipt

    def forget(self, undo: JsonObject) -> None:
        """What was taken back was not done."""
        for key, receipt in list(self._done.items()):
            if receipt.undo == undo:
                del self._done[key]


def undo_data(receipt: Receipt) -> dict[str, Json]:
    """Return the tool's own part of a receipt."""
    return dict(receipt.undo) if isinstance(receipt.undo, Mapping) else {}


def foretold(changes: Sequence[Change], resource: str) -> Change | None:
    """Return the change that was foretold for the resource."""
    return next((change for change in changes if change.resource == resource), None)
