"""Looks: reads that serve no goal (`doer can`, a test of a connection) stand in the record as well, as a run that only read.

What is kept of each read is when it was made, by which tool, with what arguments, and how much came back; not what it said.
"""

from __future__ import annotations

import getpass
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from doer.app.settings import Settings
from doer.connectors.surveys import Survey
from doer.domain.errors import Outdated
from doer.domain.event import RunAccepted, RunEnded, SelectionRead
from doer.domain.goal import Goal
from doer.domain.ports import Clock, Entropy, Journal
from doer.domain.value import Json, Principal, RunId
from doer.execution.decide import VERSION


@dataclass(frozen=True, slots=True)
class Looks:
    """Records looks in one journal."""

    journal: Journal
    entropy: Entropy

    async def record(self, goal: Goal, reads: Sequence[SelectionRead]) -> RunId | None:
        """Record what was read for this goal, in one append; return the run's name, None where nothing was read.

        Raises JournalUnwritable.
        """
        if not reads:
            return None
        ended = RunEnded("done", f"{len(reads)} read{'' if len(reads) == 1 else 's'}; nothing was changed")
        while True:
            run_id = self.entropy.run_id()
            accepted = RunAccepted(goal, "look", self.entropy.seed(), VERSION)
            try:
                await self.journal.append(run_id, 0, [accepted, *reads, ended])
            except Outdated:
                continue  # the name is taken
            return run_id


def asker(settings: Settings, clock: Clock) -> tuple[Principal, datetime, str, str]:
    """Return who looks, when, and how dates and amounts are read: what a `Goal` has beside its words."""
    table = settings.workspace
    return Principal(table.me or getpass.getuser()), clock.now(), table.timezone, table.locale


def tried(name: str, found: Survey | Exception) -> SelectionRead:
    """Return what is recorded of a test of a connection: what kind of things were found, and how many."""
    if not isinstance(found, Survey):
        return SelectionRead(f"{name}: test", {}, {"failed": str(found)})
    kinds = sorted({each.kind for each in found.entities})
    counted: Json = {kind: sum(each.kind == kind for each in found.entities) for kind in kinds}
    return SelectionRead(f"{name}: test", {}, {"server": found.server, "found": counted})


def counted(read: SelectionRead) -> SelectionRead:
    """Return the read with the number of rows of each list in the place of what it told."""
    told = read.result
    lists = told if isinstance(told, Mapping) else {"rows": told}
    rows = {name: len(each) for name, each in lists.items() if isinstance(each, Sequence) and not isinstance(each, str)}
    return SelectionRead(read.tool, read.arguments, rows)
