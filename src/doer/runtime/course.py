"""The course of one driven run: what is durable, and what is known already but not yet written."""

from __future__ import annotations

from collections.abc import Sequence

from doer.domain.errors import AlreadyDriven, Outdated
from doer.domain.event import (
    Event,
    ModelAsked,
    Recorded,
    RunClaimed,
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
from doer.execution.decide import decided_after, next_commands

_FACTS = (
    ModelAsked, SelectionRead, StepApplied, StepVerified, StepUnconfirmed, StepUnproven, StepRefuted, StepFailed, StepUnknown, StepAbsent,
    StepBlocked, StepUndone, UndoConflicted, UndoFailed,
)  # fmt: skip
"""What was found in the world stays true whoever appended first; what was decided is decided again."""


class Course:
    """Folds events as they come and writes them in groups, so that "done k" and "started k+1" are one commit."""

    __slots__ = ("_recorded", "_unwritten", "_written", "commands", "epoch", "journal", "run", "seq", "urgent")

    def __init__(self, journal: Journal, known: Run) -> None:
        self.journal = journal
        self.run = known
        """With everything that is known, written or not; without the place and time of what was written, which decide nothing."""
        self.seq = known.seq
        """The last event of the record."""
        self._recorded: Sequence[Recorded] = ()
        """The first and the last of what was written."""
        self.epoch: int | None = None
        """The claim under which it is driven."""
        self.urgent = False
        """Whether what is noted and not written should not wait for what comes next: a claim, or what touched the world."""
        self._written = known
        self._unwritten: list[Event] = []
        self.commands: tuple[Command, ...] = next_commands(known)
        """What the decider wants of the run as it stands."""

    @classmethod
    async def take(cls, journal: Journal, run_id: RunId) -> Course:
        """Return the run as the journal has it."""
        course = cls(journal, Run(run_id))
        await course.catch_up()
        return course

    @property
    def recorded(self) -> Run:
        """The run with the place and time of all that was written."""
        return told(self.run, self._recorded)

    def note(self, events: Sequence[Event]) -> None:
        """Fold events that will be written with the next `write`."""
        self._unwritten += events
        if len(events) == 1:  # as most are
            before, self.run = self.run, evolve(self.run, events[0])
            self.commands = decided_after(before, self.commands, events[0], self.run)
        else:
            for event in events:
                self.run = evolve(self.run, event)
            self.commands = next_commands(self.run)

    def claim(self, driver: str) -> None:
        """Note that it is driven from here on by this driver."""
        self.epoch = self.run.epoch + 1
        self.urgent = True
        self.note([RunClaimed(self.epoch, driver)])

    async def write(self) -> bool:
        """Make everything noted durable. False: somebody else appended, and what was decided is to be decided again.

        Raises AlreadyDriven when another driver claimed the run meanwhile; facts that were found are written all the same.
        """
        undisturbed, taken_over = True, False
        while self._unwritten:
            events = self._unwritten
            try:
                records = await self.journal.append(self._written.id, self.seq, events)
            except Outdated:
                undisturbed = False
                await self.catch_up()
                claims = [event for event in events if isinstance(event, RunClaimed)]
                taken_over = taken_over or any(claim.epoch <= self._written.epoch for claim in claims)
                self.note([] if taken_over else claims)
                self.note([event for event in events if isinstance(event, _FACTS)])
            else:
                self._unwritten = []
                self._written = self.run
                self._recorded = ((self._recorded or records)[0], records[-1])
                self.seq = records[-1].seq
        self.urgent = False
        if taken_over or (self.epoch is not None and self._written.epoch != self.epoch):
            raise AlreadyDriven(
                f"run {self._written.id} was taken over by another driver (claim {self._written.epoch})"
            )
        return undisturbed

    async def catch_up(self) -> None:
        """Read what was appended meanwhile; what was noted and not written is forgotten."""
        records = await self.journal.read(self._written.id, self.seq)
        self.run = self._written = fold(self._written.id, records, told(self._written, self._recorded))
        self.seq, self._recorded, self._unwritten = self.run.seq, (), []
        self.commands = next_commands(self.run)
