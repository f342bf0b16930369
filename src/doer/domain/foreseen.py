"""Foreseen: what the steps of a plan change together, counted once for the whole plan and not for every step of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from doer.domain.action import ChangeKind
from doer.domain.decision import Totals
from doer.domain.event import Foresight
from doer.domain.quick import kept, quick


@quick
@dataclass(frozen=True)  # without slots: it keeps what it was asked for
class Foreseen:
    """What a whole plan was foreseen to change, added up when it is asked for the first time."""

    steps: tuple[tuple[str, Foresight], ...]
    """The connection of each step's tool, and what was foreseen of the step."""

    @kept
    def totals(self) -> Mapping[str, Totals]:
        """By connection what its steps change together; without those of which anything cannot be taken back."""
        kinds: dict[str, dict[str, ChangeKind]] = {}
        for system, foresight in self.steps:
            add_kinds(kinds.setdefault(system, {}), foresight)
        irreversible = {system for system, foresight in self.steps if foresight.effect == "irreversible"}
        return {system: counted(found) for system, found in kinds.items() if system not in irreversible}


def add_kinds(kinds: dict[str, ChangeKind], foresight: Foresight) -> None:
    """Add what a step does to which resource: each counts once, and as deleted if any step deletes it."""
    for resource, kind in foresight.kinds:
        if kind == "delete" or resource not in kinds:
            kinds[resource] = kind


def counted(kinds: Mapping[str, ChangeKind], recipients: int = 0) -> Totals:
    """Return how many resources are made, changed and deleted."""
    found = list(kinds.values())
    return Totals(found.count("create"), found.count("update"), found.count("delete"), recipients)
