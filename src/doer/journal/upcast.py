"""Upcasting: old records are never rewritten; pure functions read them as if they had been written today."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

from doer.domain.errors import JournalBroken, NewerRecord
from doer.domain.value import Json, JsonObject

Upcaster: TypeAlias = Callable[[JsonObject], JsonObject]
"""From the fields of one version to those of the next (body and payload together, without `type` and `v`)."""


@dataclass(frozen=True, slots=True)
class Upcasts:
    """Which version of each event type is written today, and how older ones are read."""

    versions: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    """Event type -> version written today; 1 where it is not named."""
    steps: Mapping[tuple[str, int], Upcaster] = field(default_factory=lambda: MappingProxyType({}))
    """(event type, version) -> the function that turns it into version + 1; one for each version below today's."""

    def version(self, kind: str) -> int:
        """Return the version of that event type that is written today."""
        return self.versions.get(kind, 1)

    def raise_to_today(self, kind: str, version: Json, fields: JsonObject) -> JsonObject:
        """Return the fields as today's version has them. Raises NewerRecord, or JournalBroken for no version at all."""
        today = self.version(kind)
        if not isinstance(version, int) or version < 1:
            raise JournalBroken(f"an event {kind} in the record has version {version!r}: it was edited")
        if version > today:
            raise NewerRecord(
                f"{kind} is recorded as version {version}, this doer knows up to {today}: upgrade doer to drive it"
            )
        for each in range(version, today):
            fields = self.steps[kind, each](fields)
        return fields


def released() -> Upcasts:
    """Return the versions and upcasters of this release. Every event is still in its first version."""
    return Upcasts()
