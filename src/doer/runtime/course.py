"""The course of one driven run: what is durable, and what is known already but not yet written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from doer.domain.errors import AlreadyDriven, Outdated
from doer.domain.event import (
    Event,
    ModelAsked,
    SelectionRead,
    StepAbsent,
    StepApplied,
    StepBlocked,
    StepFailed,
    StepRefuted,
    StepUnconfirmed,
    StepUndone,
    StepUnknown,
    StepUnproven,
    StepVerified,
    UndoConflicted,
    UndoFailed,
)  # fmt: skip
from doer.domain.fold import evolve, fold, told
from doer.domain.ports import Journal
from doer.domain.run import Run
from doer.domain.value import RunId
from doer.execution.command import Command
from doer.execution.decide import next_commands

_FACTS = (
    ModelAsked, SelectionRead, StepApplied, StepVerified, StepUnconfirmed, StepUnproven, StepRefuted, StepFailed, StepUnknown, StepAbsent,
    StepBlocked, StepUndone, UndoConflicted, UndoFailed,
)  # fmt: skip
"""What was found in the world stays true whoever appended first; what was decided is decided again."""


@dataclass(slots=True)
class Course:
    """Folds events as they come and writes them in groups, so that "done k" and "started k+1" are one commit."""

    journal: Journal
    run: Run
    """With everything that is known, written or not."""
    _written: Run
    _unwritten: list[Event]
    epoch: int | None = None
    """The claim under which it is driven; set once the claim is durable."""
    _decided: tuple[Run, Sequence[Command]] | None = None

    @property
    def commands(self) -> Sequence[Command]:
        """What the decider wants of the run as it stands; a run never changes, so that it is asked once about each."""
        if self._decided is None or self._decided[0] is not self.run:
            self._decided = (self.run, next_commands(self.run))
        return self._decided[1]

    @classmethod
    async def take(cls, journal: Journal, run_id: RunId, known: Run | None = None) -> Course:
        """Return the run as the journal has it; of what is `known`, only what came after is read."""
        run = fold(run_id, await journal.read(run_id, 0 if known is None else known.seq), known)
        return cls(journal, run, run, [])

    def note(self, events: Sequence[Event]) -> None:
        """Fold events that will be written with the next `write`."""
        for event in events:
            self._unwritten.append(event)
            self.run = evolve(self.run, event)

    async def write(self) -> bool:
        """Make everything noted durable. False: somebody else appended, and what was decided is to be decided again.

        Raises AlreadyDriven when another driver claimed the run meanwhile; facts that were found are written all the same.
        """
        undisturbed = True
        while self._unwritten:
            events = self._unwritten
            try:
                records = await self.journal.append(self._written.id, self._written.seq, events)
            except Outdated:
                undisturbed = False
                await self._catch_up([event for event in events if isinstance(event, _FACTS)])
            else:
                self._unwritten = []
                self.run = self._written = told(self.run, records)
        if self.epoch is not None and self._written.epoch != self.epoch:
            raise AlreadyDriven(
                f"run {self._written.id} was taken over by another driver (claim {self._written.epoch})"
            )
        return undisturbed

    async def _catch_up(self, facts: list[Event]) -> None:
        records = await self.journal.read(self._written.id, self._written.seq)
        self._written = fold(self._written.id, records, self._written)
        self.run = self._written
        self._unwritten = []
        self.note(facts)
