"""Tellers: how a run that is under way is shown, in a terminal, in a pipe, or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from doer.domain.errors import DoerError
from doer.domain.event import Recorded, StepSkipped, StepStarted, UndoStarted
from doer.domain.ports import Journal
from doer.domain.value import RunId
from doer.interfaces.cli.look import QUIET
from doer.interfaces.cli.steps_view import plain_line, progress_line, steps_table, telling_of_step
from doer.interfaces.cli.story import Story
from doer.observation.report import RunReport


class Teller(Protocol):
    """Shows a run as it goes; used as a context manager around that."""

    def tell(self, records: Sequence[Recorded], story: Story) -> None:
        """Show what is new, and the story with it."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


@dataclass(slots=True)
class Silent:
    """Shows nothing: the answer is one JSON document."""

    def tell(self, records: Sequence[Recorded], story: Story) -> None:
        """Show nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return


@dataclass(slots=True)
class Plain:
    """One line an event, for a pipe: nothing is ever drawn twice."""

    console: Console
    steps_only: bool = False
    """Leave out what the command itself shows in full: plan, questions, the end."""

    def tell(self, records: Sequence[Recorded], story: Story) -> None:
        """Print the new events."""
        for record in records:
            if self.steps_only and not telling_of_step(record):
                continue
            if line := plain_line(record, story):
                self.console.print(Text(line), soft_wrap=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return


@dataclass(slots=True)
class Lively:
    """Every step's line, turning in place; drawn a few times a second, and left standing at the end."""

    console: Console
    story: Story
    acted: bool = False
    """Whether any step was begun since: before that there is nothing to see but the diff of the world."""
    _live: Live | None = None
    _spinner: Spinner = field(default_factory=lambda: Spinner("dots", style="cyan"))

    def tell(self, records: Sequence[Recorded], story: Story) -> None:
        """Take the story that the next drawing shows."""
        self.story = story
        self.acted = self.acted or any(
            isinstance(each.event, StepStarted | UndoStarted | StepSkipped) for each in records
        )

    def __enter__(self) -> Self:
        self._live = Live(get_renderable=self._draw, console=self.console, refresh_per_second=10, transient=True)
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()
        if self.acted:
            self.console.print(steps_table(self.story))

    def _draw(self) -> RenderableType:
        line = progress_line(self.story)
        line.stylize(QUIET)
        self._spinner.update(text=line)
        if not self.acted:
            return self._spinner
        return Group(steps_table(self.story, most=max(3, self.console.height - 3)), self._spinner)


@dataclass(slots=True)
class Follower:
    """Reads what the journal gains of one run, whoever drives it, and hands it to a teller."""

    journal: Journal
    teller: Teller
    story: Story

    async def follow(self) -> None:
        """Tell what is there and whatever comes, until cancelled."""
        while True:
            await self.catch_up()
            await self.journal.grown(self.story.run.id, self.story.run.seq)

    async def catch_up(self) -> None:
        """Tell what is there and was not told yet."""
        records = await self.journal.read(self.story.run.id, self.story.run.seq)
        if records:
            self.story = self.story.then(records)
            self.teller.tell(records, self.story)


async def alongside(
    journal: Journal, story: Story, teller: Teller, work: Callable[[], Coroutine[object, object, RunReport]]
) -> RunReport:
    """Do the work on the story's run, and meanwhile tell what the journal gains; return what the work returns."""
    follower = Follower(journal, teller, story)
    with teller:
        telling = asyncio.create_task(follower.follow())
        try:
            return await work()
        finally:
            telling.cancel()
            with suppress(asyncio.CancelledError, DoerError):
                await telling
            with suppress(DoerError):  # a journal that cannot be read is the work's to report
                await follower.catch_up()


async def story_of(journal: Journal, run_id: RunId) -> Story:
    """Return the story of a run as it stands."""
    return Story.of(run_id, await journal.read(run_id))
