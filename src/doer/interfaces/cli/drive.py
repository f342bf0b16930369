"""Driving from a terminal: show, ask, say, go on, until the run ends or waits for somebody else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, TypeAlias

from rich.text import Text

from doer.app.doer import Doer
from doer.domain.action import system_of
from doer.domain.goal import Question
from doer.domain.run import Run
from doer.domain.value import RunId, StepId
from doer.execution.decide import SO_ALREADY, rest
from doer.interfaces.cli.ask import Silence, agrees, ask_line, decides
from doer.interfaces.cli.changes_view import diff_of_the_world, diff_of_undo
from doer.interfaces.cli.conclude import is_driven
from doer.interfaces.cli.door import Door
from doer.interfaces.cli.look import DANGER, NAME, QUIET, WARN, data
from doer.interfaces.cli.teller import Lively, Plain, Silent, Teller, alongside, story_of
from doer.observation.report import RunReport
from doer.policy.approval import must_be_named

Move: TypeAlias = Callable[[], Coroutine[object, object, RunReport]]

_LOOK_AGAIN: Final = 2.0
"""Seconds after which it is looked whether the process that drives the run is still there."""
_MOST_WORDS: Final = 50
"""How often one command asks or answers; a world that changes at every look would otherwise go on for ever."""


@dataclass(frozen=True, slots=True)
class Consent:
    """What the command line itself says yes to."""

    yes: bool = False
    irreversible: bool = False


@dataclass(frozen=True, slots=True)
class Drive:
    """One run under one terminal."""

    door: Door
    doer: Doer
    run_id: RunId
    consent: Consent = Consent()

    async def through(self, move: Move) -> RunReport:
        """Make the move, then whatever the person says to it, until the run ends or nobody here has a word for it."""
        self.door.begun.run = self.run_id
        shown = await self._alongside(move)
        for _ in range(_MOST_WORDS):
            following = await self._next(shown)
            if following is None:
                break
            shown = await self._alongside(following)
        return shown

    async def _alongside(self, move: Move) -> RunReport:
        story = await story_of(self.doer.journal, self.run_id)
        teller: Teller
        if self.door.as_json:
            teller = Silent()
        elif self.door.out.is_terminal:
            teller = Lively(self.door.out, story)
        else:
            teller = Plain(self.door.out, steps_only=True)
        return await alongside(self.doer.journal, story, teller, move)

    async def _next(self, shown: RunReport) -> Move | None:
        """Return what a person here, or the command line, says to what the run rests on; None: nothing."""
        run = await self.doer.fold(self.run_id)
        resting = rest(run)
        if run.reason == SO_ALREADY:
            self.door.show(Text(), diff_of_the_world(shown))  # which nobody was asked about
        if resting is None or (run.ended is not None and not run.undo):
            return None
        if run.question is not None:
            return await self._answer(run, run.question)
        if run.undo == "previewed":
            return await self._approve_undo(run, shown)
        if resting.until is not None and not resting.steps:
            return None
        doubtful = [step for step in resting.steps if run.steps[step].state in ("unknown", "started")]
        if doubtful:
            return await self._settle(run, doubtful[0])
        waiting = None if resting.status == "planned" or not self._began(run) else run.unapproved
        self.door.show(Text(), diff_of_the_world(shown, only=waiting))
        if resting.status == "planned":
            return None
        if self.door.asks:
            self.door.show(Text())
        return await self._approve(run)

    def _began(self, run: Run) -> bool:
        return any(state.touched for state in run.steps.values())

    # --- questions ----------------------------------------------------------------------------------------------------

    async def _answer(self, run: Run, question: Question) -> Move | None:
        self.door.show(Text(), Text.assemble(("? ", WARN), data(question.text, NAME)))
        for number, option in enumerate(question.options, 1):
            self.door.show(Text.assemble((f"  {number}  ", "cyan"), data(option.label)))
        if not self.door.asks:
            return None
        hint = "number or words: " if question.options else "in your words: "
        return await self._say(run, hint)

    async def _settle(self, run: Run, step: StepId) -> Move | None:
        state = run.steps[step]
        told = Text.assemble(
            ("? ", WARN), data(step, NAME), f" ({system_of(state.step.tool)}): was it done? ", data(state.reason, QUIET)
        )
        self.door.show(Text(), told)
        for number, option in enumerate(("it is done", "it is not done: do it", "give up, and take back the rest"), 1):
            self.door.show(Text.assemble((f"  {number}  ", "cyan"), option))
        return await self._say(run, "look there yourself, then 1, 2 or 3: ", f"{step} ") if self.door.asks else None

    async def _say(self, run: Run, prompt: str, about: str = "") -> Move | None:
        line = await ask_line(self.door, Text(prompt, QUIET), self.doer.journal, run)
        match line:
            case Silence.GONE:
                return None
            case Silence.MOVED:
                return self._look_again
            case str():
                return (lambda: self.doer.answer(self.run_id, about + line, seen=run.seq)) if line.strip() else None

    # --- approvals ----------------------------------------------------------------------------------------------------

    async def _approve(self, run: Run) -> Move | None:
        named = [step for step in run.unapproved if must_be_named(run, step)]
        plain = len(named) < len(run.unapproved)
        if self.consent.yes:
            told = named if self.consent.irreversible else []
            return (lambda: self.doer.approve(self.run_id, told, seen=run.seq)) if plain or told else None
        if not self.door.asks:
            return None
        if plain:
            if run.correctable:
                self.door.show(Text("yes, no, or what should be otherwise, such as “Tuesday instead”", QUIET))
            prompt = Text.assemble(("Do this? ", NAME), ("[y/N] ", QUIET))
            line = await ask_line(self.door, prompt, self.doer.journal, run)
            if isinstance(line, str) and run.correctable and not decides(line):
                return lambda: self.doer.correct(self.run_id, line, seen=run.seq)
            match agrees(line) if isinstance(line, str) else line:
                case False:
                    return lambda: self.doer.refuse(self.run_id)
                case Silence.MOVED:
                    return self._look_again
                case Silence.GONE:
                    return None
                case True:
                    pass
        return await self._approve_by_name(run, named, plain=plain)

    async def _approve_by_name(self, run: Run, named: Sequence[StepId], *, plain: bool) -> Move | None:
        agreed: list[StepId] = []
        for step in named:
            what = Text.assemble(
                ("Cannot be taken back: ", DANGER), data(step, NAME), f" ({run.steps[step].step.tool})"
            )
            self.door.show(Text(), what)
            prompt = Text("Type its name to approve it; Enter decides later: ", QUIET)
            line = await ask_line(self.door, prompt, self.doer.journal, run)
            if line is Silence.MOVED:
                return self._look_again
            if isinstance(line, str) and (line.strip() == step or agrees(line)):
                agreed.append(step)
        return (lambda: self.doer.approve(self.run_id, agreed, seen=run.seq)) if plain or agreed else None

    async def _approve_undo(self, run: Run, shown: RunReport) -> Move | None:
        self.door.show(Text(), diff_of_undo(shown))
        for each in run.undo_foresights:
            if each.obstacle:
                self.door.show(
                    Text.assemble(("  ! ", WARN), data(each.step, NAME), " stays: ", data(each.obstacle, WARN))
                )
        if self.consent.yes:
            return lambda: self.doer.approve(self.run_id, seen=run.seq)
        if not self.door.asks:
            return None
        self.door.show(Text())
        word = await self._ask(run, Text.assemble(("Take it back? ", NAME), ("[y/N] ", QUIET)))
        match word:
            case True:
                return lambda: self.doer.approve(self.run_id, seen=run.seq)
            case False:
                return lambda: self.doer.refuse(self.run_id)
            case Silence.MOVED:
                return self._look_again
            case Silence.GONE:
                return None

    async def _ask(self, run: Run, prompt: Text) -> bool | Silence:
        line = await ask_line(self.door, prompt, self.doer.journal, run)
        return agrees(line) if isinstance(line, str) else line

    async def _look_again(self) -> RunReport:
        """Carry the run on; while the other one drives it, look on."""
        self.door.show(Text("Somebody had a word with it meanwhile.", WARN))
        shown = await self.doer.carry_on(self.run_id)
        while shown.status == "running":
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_AGAIN):  # the other process may die without a word
                    await self.doer.journal.grown(self.run_id, shown.seq)
            # Who has just taken it holds it before they say so in the journal: only trying tells whether it is left.
            driven = await is_driven(self.doer.journal, self.run_id)
            shown = await (self.doer.show(self.run_id) if driven else self.doer.carry_on(self.run_id))
        return shown
