"""class Doer: the one place where parts are chosen and joined."""

from __future__ import annotations

import asyncio
import getpass
import inspect
import os
import platform
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from doer.app import words
from doer.app.asking import asked, told
from doer.app.consent import Approver
from doer.app.offered import by_default
from doer.app.sync_door import SyncDoor
from doer.connectors.catalog import Catalog
from doer.domain.errors import (
    AlreadyDriven,
    JournalBroken,
    NewerRecord,
    NotNow,
    Outdated,
    PayloadErased,
    UnknownRun,
)  # fmt: skip
from doer.domain.event import CredentialRenewed, Event, Recorded, RunAccepted, UndoRefused
from doer.domain.fold import fold
from doer.domain.goal import Abstention, Goal, Question
from doer.domain.plan import Plan
from doer.domain.ports import ActionScorer, Clock, Durations, Entropy, Journal, Model, Planner, Policy, Tool
from doer.domain.run import Run
from doer.domain.value import Principal, RunId, StepId
from doer.execution.arguments import ArgumentCheck
from doer.execution.decide import VERSION, rest
from doer.execution.granting import Granting
from doer.execution.perform import Performer
from doer.journal.store import open_journal
from doer.observation.report import RunReport
from doer.observation.spending import RecordedSpending
from doer.planning.skills.skill import Skill
from doer.policy.rules import BuiltInRules
from doer.runtime.loop import Loop
from doer.runtime.planning import Planning
from doer.runtime.reading import Budget
from doer.runtime.system import SystemClock, SystemEntropy

T = TypeVar("T")


class Doer(SyncDoor):
    """Turns sentences into finished, verified work that can be taken back.

    Every part can be handed in; the defaults are embedded and need no network. Use it as an asynchronous context
    manager, or call `close()`, so that the journal's writer ends.

    Args:
        tools: The action space.
        skills: Named plans with slots; planners see each as one more tool.
        planners: Tried in order; default: skills and single tools, matched by wording, then the action model, then the models.
        action_model: The small network on this machine that proposes plans where no wording matches; True: the weights of
            the package (extra `action-model`); False: none; None: those weights, if the extra is there, for plans that are
            only shown. A plan that is only shown may be rather unsure: see its `confidence`.
        models: Language models that propose plans where nothing matches; the first also finds values in texts, as the tool
            `text.extract`. Default: none.
        budget: What may be asked of models, for a goal and a day.
        journal: The record; default: `.doer/` in `folder`.
        folder: Where the embedded journal lives; default: the current directory.
        clock, entropy, policy: Time, randomness and rules; default: the machine's, and the built-in rules.
        durations: Measured durations of tools, for the critical path.
        approve: Asked for approvals; without it a run that needs one waits, and returns with status "waiting".
        me: The principal; default: the operating-system user.
        timezone, locale: How relative and local words are read.
        closing: Called by `close()`, for what was opened on behalf of this Doer.
    """

    def __init__(  # noqa: PLR0913  # every part can be handed in, by name
        self,
        *,
        tools: Sequence[Tool] = (),
        skills: Sequence[Skill] = (),
        planners: Sequence[Planner] | None = None,
        action_model: ActionScorer | bool | None = None,
        models: Sequence[Model] = (),
        budget: Budget | None = None,
        journal: Journal | None = None,
        folder: Path | str | None = None,
        clock: Clock | None = None,
        entropy: Entropy | None = None,
        policy: Policy | None = None,
        durations: Durations | None = None,
        approve: Approver | None = None,
        me: str | None = None,
        timezone: str = "UTC",
        locale: str = "en",
        closing: Sequence[Callable[[], None]] = (),
    ) -> None:
        self.me = Principal(me or getpass.getuser())
        self.timezone = timezone
        self.locale = locale
        self.clock = clock or SystemClock()
        self.entropy = entropy or SystemEntropy()
        self._closing = tuple(closing)
        if journal is None:
            embedded = open_journal(Path(folder or Path.cwd()) / ".doer", self.clock)
            self._closing = (*self._closing, embedded.close)
            journal = embedded
        self.journal = journal
        self._approver = approve
        rules = policy or BuiltInRules()
        check = ArgumentCheck()
        showing: Sequence[Planner] | None = None
        if planners is None:
            planners, showing = by_default(skills, models, action_model=action_model)
        self._planners = planners
        spending, budget = RecordedSpending(journal, self.clock), budget or Budget()
        if models:
            from doer.app.extracting import extractor

            tools = [*tools, extractor(models, budget, spending, self.clock, timezone, locale)]
        self.catalog = Catalog(tools)
        planning = Planning(self.catalog, rules, planners, check, durations, budget, spending, showing)
        performer = Performer(self.catalog, self.clock, check, Granting(self.catalog, rules, self.clock))
        self._loop = Loop(self.journal, planning, performer, self.clock, f"{platform.node()}/{os.getpid()}")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End what the embedded journal and the tools hold."""
        for manifest in self.catalog.manifests():
            closing = getattr(self.catalog.find(manifest.name), "close", None)
            if inspect.iscoroutinefunction(closing):
                await closing()
        for end in self._closing:
            end()

    # --- asking for work ----------------------------------------------------------------------------------------------

    async def plan(self, text: str, *, context: Sequence[str] = ()) -> Plan | Question | Abstention:
        """Return the plan for a sentence, or a question, or an abstention. Runs nothing but granted reads.

        Raises UsageError for an empty or huge sentence, PlanInvalid when the plan breaks the rules.
        """
        run = await self._drive(await self.accept(text, mode="plan", context=context))
        if run.question is not None:
            return run.question
        if run.plan is not None and not run.problems:
            return run.plan
        return run.abstention or Abstention(run.reason)

    async def do(
        self, text: str, *, approve: Approver | None = None, dry_run: bool = False, context: Sequence[str] = ()
    ) -> RunReport:
        """Plan, preview, ask, run and verify; return the run as it stands when it ends or waits.

        Without an approver, or with `dry_run`, it stops after the preview; `approve`, `answer` and `refuse` carry it on.
        """
        run = await self._accepted(text, "plan" if dry_run else "do", context)
        return await self._carry_on(run.id, run, None if dry_run else approve)

    async def accept(self, text: str, *, mode: str = "do", context: Sequence[str] = ()) -> RunId:
        """Record the goal as a new run and return its name; nothing is driven yet."""
        return (await self._accepted(text, mode, context)).id

    async def _accepted(self, text: str, mode: str, context: Sequence[str]) -> Run:
        from doer.app.before import meant_before

        len(self._planners)  # made before anything is recorded: a skill that is wrong leaves no run behind
        told = (*context, *await meant_before(text, self.journal, self.me))
        goal = Goal(text, self.me, self.clock.now(), self.timezone, self.locale, told)
        while True:
            run_id = self.entropy.run_id()
            accepted = RunAccepted(goal, "plan" if mode == "plan" else "do", self.entropy.seed(), VERSION)
            try:
                return fold(run_id, await self.journal.append(run_id, 0, [accepted]))
            except Outdated:
                continue  # the name is taken

    async def carry_on(self, run_id: RunId, approver: Approver | None = None) -> RunReport:
        """Drive the run until it ends or waits for a word that the approver does not give."""
        return await self._carry_on(run_id, None, approver)

    async def _carry_on(self, run_id: RunId, known: Run | None, approver: Approver | None) -> RunReport:
        approver = approver or self._approver
        declined: set[StepId] = set()
        run = await self._drive(run_id, known)
        while (
            approver is not None
            and (word := await asked(run, approver, self.me, self.clock.now(), declined)) is not None
        ):
            # Exactly what was shown is approved: if anything was appended meanwhile, the run is shown again.
            with suppress(Outdated):
                run = fold(run_id, await self.journal.append(run_id, run.seq, [word]), run)
            run = await self._drive(run_id, run)
        return told(run)

    async def resume(self, run_id: RunId | None = None) -> Sequence[RunReport]:
        """Drive whatever waits for nobody; safe to call at any time, by any number of processes."""
        if run_id is not None:
            run = await self.fold(run_id)
            return [told(await self._drive(run_id, run))] if self._moves(run) else []
        tasks = [asyncio.create_task(self._resumed(name)) for name in await self.journal.runs()]
        return [shown for shown in await asyncio.gather(*tasks) if shown is not None]

    async def waits_for_nobody(self, run_id: RunId) -> bool:
        """Tell whether the run could go on without anybody's word: it was interrupted, or the time it waited for has come."""
        return self._moves(await self.fold(run_id))

    def _moves(self, run: Run) -> bool:
        return _can_move(run, self.clock.now())

    async def _resumed(self, run_id: RunId) -> RunReport | None:
        """Drive one of many; a run whose record cannot be read or driven must not keep the others from it."""
        try:
            run = await self.fold(run_id)
            return told(await self._drive(run_id, run)) if self._moves(run) else None
        except (PayloadErased, NewerRecord, JournalBroken):
            return None

    # --- a person's word ----------------------------------------------------------------------------------------------

    async def approve(self, run_id: RunId, named: Sequence[str] = (), *, seen: int | None = None) -> RunReport:
        """Approve what the run waits for, or its undo; steps that cannot be taken back only by name. Raises NotNow.

        `seen` is the `seq` of the report that was looked at: if the run has moved on since, nothing is approved.
        """
        steps = tuple(StepId(name) for name in named)
        await self._say(run_id, lambda run: words.approval(run, self.me, self.clock.now(), steps), seen)
        return await self.carry_on(run_id)

    async def refuse(self, run_id: RunId, reason: str = "") -> RunReport:
        """Refuse what the run waits for: nothing more is done, and what was done is taken back. Raises NotNow."""
        await self._say(run_id, lambda run: words.refusal(run, self.me, reason))
        return await self.carry_on(run_id)

    async def answer(self, run_id: RunId, text: str, *, seen: int | None = None) -> RunReport:
        """Answer the run's question, by the number of an option or in words; or correct a plan that waits. Raises NotNow.

        `seen` is the `seq` of the report in which the question was read: an answer to it is no answer to the next one.
        """
        from doer.app.answering import answer

        await self._say(run_id, lambda run: answer(run, self.me, self.clock.now(), text), seen)
        return await self.carry_on(run_id)

    async def correct(self, run_id: RunId, text: str, *, seen: int | None = None) -> RunReport:
        """Say in words what should be otherwise (`Tuesday instead`): a new plan and preview, and earlier approvals are void.

        Raises NotNow where anything was begun. `seen` is the `seq` of the report that was looked at.
        """
        await self._say(run_id, lambda run: words.correction(run, self.me, self.clock.now(), text), seen)
        return await self.carry_on(run_id)

    async def cancel(self, run_id: RunId) -> RunReport:
        """Stop the run; what it did so far is taken back. Raises NotNow when it has ended."""
        await self._say(run_id, lambda run: words.cancellation(run, self.me))
        return await self.carry_on(run_id)

    async def renewed(self, run_id: RunId | None = None) -> Sequence[RunReport]:
        """Say that credentials were renewed: the run, or every run that waits for one, goes on from where it is."""
        names = await self.journal.runs() if run_id is None else [run_id]
        found: list[RunReport] = []
        for name in names:
            with suppress(PayloadErased, NewerRecord, JournalBroken):
                if any(state.blocked for state in (await self.fold(name)).steps.values()):
                    await self._say(name, lambda _: CredentialRenewed(self.me))
                    found.append(await self.carry_on(name))
        return found

    async def undo(self, run_id: RunId, *, approve: Approver | None = None, dry_run: bool = False) -> RunReport:
        """Take a finished run back: previewed, approved, verified. One that was taken back stays as it is. Raises NotNow."""
        if (before := await self.fold(run_id)).ended == "undone" and not before.undo:
            return told(before)  # said twice, as by a script that tries again, it is still taken back once
        await self._say(run_id, lambda run: words.undo_request(run, self.me))
        if not dry_run:
            return await self.carry_on(run_id, approve)
        await self._drive(run_id)
        foreseen = await self.show(run_id)
        await self._say(run_id, lambda _: UndoRefused(self.me))
        return foreseen

    async def redo(self, run_id: RunId, *, approve: Approver | None = None) -> RunReport:
        """Do an undone run again: a new action with new keys, previewed and approved anew. Raises NotNow."""
        await self._say(run_id, lambda run: words.redo_request(run, self.me))
        return await self.carry_on(run_id, approve)

    # --- looking ------------------------------------------------------------------------------------------------------

    async def show(self, run_id: RunId) -> RunReport:
        """Return the run as people see it. Raises UnknownRun."""
        return told(await self.fold(run_id))

    async def history(self, run_id: RunId) -> Sequence[Recorded]:
        """Return the run's events. Raises UnknownRun."""
        records = await self.journal.read(run_id)
        if not records:
            raise UnknownRun(f"there is no run {run_id}: `doer runs` lists those that are")
        return records

    async def fold(self, run_id: RunId) -> Run:
        """Return the run as the decider sees it. Raises UnknownRun."""
        return fold(run_id, await self.history(run_id))

    # --- inside -------------------------------------------------------------------------------------------------------

    async def _drive(self, run_id: RunId, known: Run | None = None) -> Run:
        """Drive, also on behalf of somebody who appended a word while this process held the run."""
        while True:
            try:
                known = await self._loop.drive(run_id, known)
            except AlreadyDriven:
                return await self.fold(run_id)  # whoever drives it looks again before leaving it
            if not await self.journal.read(run_id, known.seq):
                return known

    async def _say(self, run_id: RunId, word: Callable[[Run], Event], seen: int | None = None) -> None:
        """Append a person's word; if somebody appended first, think again about whether it can be said.

        A word about what was `seen` is said of exactly that, or NotNow is raised.
        """
        while True:
            run = await self.fold(run_id)
            if seen is not None and run.seq != seen:
                raise NotNow(f"run {run_id} has moved on since it was shown: look at it again")
            try:
                await self.journal.append(run_id, run.seq, [word(run)])
            except Outdated:
                continue
            return


def _can_move(run: Run, now: datetime) -> bool:
    resting = rest(run)
    return (run.ended is None or bool(run.undo)) and (resting is None or _has_come(resting.until, now))


def _has_come(until: datetime | None, now: datetime) -> bool:
    return until is not None and now >= until
