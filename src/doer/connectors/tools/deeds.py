"""What each key has done in this process, for tools whose system keeps no keys."""

from __future__ import annotations

from dataclasses import dataclass, field

from doer.domain.action import Receipt
from doer.domain.value import Json, Key

_MOST = 1000


@dataclass(slots=True)
class Deeds:
    """Receipts by key, the latest thousand: a second try here gets the first one's; across processes `verify` looks."""

    _done: dict[Key, Receipt] = field(default_factory=dict)

    def of(self, key: Key) -> Receipt | None:
        """Return the receipt of what this key did, where this process saw it."""
        return self._done.get(key)

    def keep(self, key: Key, receipt: Receipt) -> Receipt:
        """Keep the receipt for a second try with the same key, and return it."""
        while len(self._done) >= _MOST:
            del self._done[next(iter(self._done))]
        self._done[key] = receipt
        return receipt

    def forget(self, undo: Json) -> None:
        """What was taken back was not done."""
        for key, receipt in list(self._done.items()):
            if receipt.undo == undo:
                del self._done[key]
