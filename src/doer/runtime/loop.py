"""The loop: the story of a run. Decide, do, record; running, resting, resuming and taking back are the same path."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import assert_never

from doer.domain.errors import NewerRecord, UnknownRun
from doer.domain.event import (
    Event,
    RunEnded,
    StepSkipped,
    TimerFired,
    UndoConflicted,
    UndoStarted,
)  # fmt: skip
from doer.domain.fold import LONGEST_DELAY
from doer.domain.ports import Clock, Journal
from doer.domain.run import Run
from doer.domain.value import RunId
from doer.execution.command import (
    Apply,
    Command,
    End,
    Judge,
    Keep,
    Prepare,
    PreviewPlan,
    PreviewUndo,
    Propose,
    Reconcile,
    Rest,
    Skip,
    StartUndo,
    Undo,
    Verify,
    Wait,
)  # fmt: skip
from doer.execution.deadline import beside
from doer.execution.decide import VERSION, rest_among
from doer.execution.perform import Performer
from doer.runtime.course import Course
from doer.runtime.planning import Planning

_RESTING = (Apply, Undo, Wait)
UnderWay = dict[Command, "asyncio.Task[Sequence[Event]]"]


@dataclass(frozen=True, slots=True)
class Loop:
    """The local driver: drives any number of runs at once, each until it ends or rests on a person."""

    journal: Journal
    planning: Planning
    performer: Performer
    clock: Clock
    driver: str
    """Who drives, for the record: host and process."""

    async def drive(self, run_id: RunId, known: Run | None = None) -> Run:
        """Drive the run until it ends or waits for a person; return it. Raises AlreadyDriven, UnknownRun, NewerRecord.

        `known` is the run as the caller read it from the journal, to spare reading it again.
        """
        with self.journal.driving(run_id):
            course = await self._claim(run_id, known)
            under_way: UnderWay = {}
            try:
                while (new := _new(course, under_way)) or under_way or not await course.write():
                    await self._advance(course, new, under_way)
                return course.recorded
            finally:
                for task in under_way.values():
                    task.cancel()
                if under_way:
                    await asyncio.gather(*under_way.values(), return_exceptions=True)

    async def _claim(self, run_id: RunId, known: Run | None) -> Course:
        if known is None:
            course = await Course.take(self.journal, run_id)
        else:
            course = Course(self.journal, known)
            if not _moves(course):  # a claim would find out by itself whether somebody appended since
                await course.catch_up()
        if course.run.goal is None:
            raise UnknownRun(f"there is no run {run_id}: `doer runs` lists those that are")
        if course.run.decider > VERSION:
            raise NewerRecord(
                f"run {run_id} was decided by a newer doer (decider {course.run.decider}): upgrade to go on"
            )
        resting, now = rest_among(course.commands), self.clock.now()
        if resting is not None and resting.until is not None and now >= resting.until:
            course.note([TimerFired(now)])  # what it was left for has come
        if _moves(course):
            course.claim(self.driver)
        return course

    async def _advance(self, course: Course, new: Sequence[Command], under_way: UnderWay) -> None:
        """Start what is new, wait until something is finished, and note what came of it.

        Whatever that rests on is durable first; where somebody else had a word meanwhile, nothing is touched.
        """
        if not (new or under_way) or (any(map(_rests_on_the_record, new)) and not await course.write()):
            return
        if len(new) == 1 and not under_way:  # as most are: there is nothing beside it that a task would let go on
            doing = self._perform(new[0], course)
            self._note(course, new[0], await (beside(doing, course.write) if course.urgent else doing))
            return
        for command in new:
            under_way[command] = asyncio.create_task(self._perform(command, course))
        if course.urgent:
            await course.write()
        done, _ = await asyncio.wait(under_way.values(), return_when=asyncio.FIRST_COMPLETED)
        for command in [command for command, task in under_way.items() if task in done]:
            self._note(course, command, under_way.pop(command).result())

    def _note(self, course: Course, command: Command, events: Sequence[Event]) -> None:
        """Note what came of a finished command."""
        if isinstance(command, (Apply, Undo)):
            course.urgent = True
            course.note(events)
        elif command in course.commands:
            course.note(events)
        # Else it was decided for a state of things that has passed.

    def _perform(self, command: Command, course: Course) -> Coroutine[object, object, Sequence[Event]]:
        """Return what performs the command when it is awaited, and then the events that it leads to."""
        do, run = self.performer, course.run
        match command:
            case Prepare():
                return do.prepare(run, command.step)
            case Apply():
                return do.apply(run, command.step)
            case Verify():
                return do.verify(run, command.step)
            case Reconcile():
                return do.reconcile(run, command.step)
            case Undo():
                return do.undo(run, command.step)
            case Propose():
                return self.planning.propose(run)
            case PreviewPlan():
                return do.preview_plan(run)
            case PreviewUndo():
                return do.preview_undo(run)
            case Wait():
                return self._wait(run, command, course.seq)
            case Judge():
                return _at_once(do.granting.judge(run))
            case Skip():
                return _at_once((StepSkipped(command.step, command.reason),))
            case StartUndo():
                return _at_once((UndoStarted(command.step),))
            case Keep():
                return _at_once((UndoConflicted(command.step, command.reason),))
            case End():
                return _at_once((RunEnded(command.status, command.reason),))
            case Rest():
                return _at_once(())
            case _:
                assert_never(command)

    async def _wait(self, run: Run, wait: Wait, seq: int) -> Sequence[Event]:
        """Wait for the time, or for a person's word from another process: either way the run is decided anew."""
        if (wait.until - self.clock.now()).total_seconds() > 2 * LONGEST_DELAY:
            return (TimerFired(wait.until),)  # nothing is ever put off for so long: the clock was set back
        sleeping = asyncio.ensure_future(self.clock.sleep_until(wait.until))
        hearing = asyncio.ensure_future(self.journal.grown(run.id, seq))
        try:
            done, _ = await asyncio.wait((sleeping, hearing), return_when=asyncio.FIRST_COMPLETED)
            if hearing in done and hearing.exception() is not None:
                await sleeping  # who cannot hear still keeps the time
        finally:
            for task in (sleeping, hearing):
                task.cancel()
        return (TimerFired(self.clock.now()),)


async def _at_once(events: Sequence[Event]) -> Sequence[Event]:
    """Return the events of a command that has nothing to wait for."""
    return events


def _new(course: Course, under_way: UnderWay) -> Sequence[Command]:
    """Return what is wanted and not under way."""
    new = course.commands
    if len(new) == 1 and isinstance(new[0], Rest):
        new = ()
    if under_way:
        _let_go(under_way, new)
        return [command for command in new if command not in under_way]
    return new


def _rests_on_the_record(command: Command) -> bool:
    """Tell whether what is known must be durable before this is begun: it touches the world, or it waits."""
    return isinstance(command, _RESTING)


def _let_go(under_way: UnderWay, wanted: Sequence[Command]) -> None:
    """Stop waiting for times that no longer matter."""
    for command in [*under_way]:
        if isinstance(command, Wait) and command not in wanted:
            under_way.pop(command).cancel()


def _moves(course: Course) -> bool:
    """Tell whether there is anything to do for a driver."""
    return any(not isinstance(command, Rest) for command in course.commands)
