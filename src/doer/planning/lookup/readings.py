"""Readings: what reads told while one goal is planned; the same is not read twice, and no more than so often."""

from __future__ import annotations

from dataclasses import dataclass, field

from doer.domain.action import Manifest
from doer.domain.ports import Reader
from doer.domain.value import Json, JsonObject


class Spent(Exception):
    """As often as may be was read already."""


@dataclass(slots=True)
class Readings:
    """At most `left` more reads."""

    reader: Reader
    left: int
    _kept: dict[str, Json] = field(default_factory=dict)

    async def of(self, read: Manifest, arguments: JsonObject) -> Json:
        """Return what the read tells. Raises Spent, and what the reader raises."""
        called = f"{read.name} {sorted(arguments.items(), key=str)}"
        if called not in self._kept:
            if self.left <= 0:
                raise Spent
            self.left -= 1
            self._kept[called] = await self.reader.read(read.name, arguments)
        return self._kept[called]
