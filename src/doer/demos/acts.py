"""The acts of a demo on one running world: plan, approve, work, be killed, resume, prove, take back; or be lied to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from doer.app.doer import Doer
from doer.demos.hand import Hand, Order
from doer.demos.happening import (
    Act,
    Approved,
    Began,
    Carried,
    Caught,
    Ended,
    Foreseen,
    Happening,
    How,
    Killed,
    Moved,
    Proved,
    Reconciled,
    TakenBack,
    UndoForeseen,
)  # fmt: skip
from doer.demos.liar import Liar
from doer.demos.wishes import Observed, Wishes
from doer.domain.event import Recorded, StepAbsent, StepVerified
from doer.domain.value import Json, RunId, StepId, digest
from doer.journal.proof import verify
from doer.journal.store import SqliteJournal
from doer.observation.report import RunReport
from doer.testing.scenario import Stage

T = TypeVar("T")

ENOUGH = 3
"""Steps that are verified before the kill, where there are so many."""
PATIENCE = 25.0
"""Seconds after which the process is killed even if fewer are; a halted call ends by itself after 30."""
HURRIED = 4.0
"""Seconds that a call may take where a server is made to fail: nobody waits half a minute for a demo."""


@dataclass(slots=True)
class Acts:
    """The acts of one play, on one world."""

    wishes: Wishes
    root: Path
    stage: Stage
    doer: Doer
    liar: Liar | None
    stack: AsyncExitStack
    seed: Json = None
    named: tuple[StepId, ...] = ()
    seen: int = 0

    async def all(self, sentence: str) -> AsyncIterator[Happening]:
        """Play from the sentence to the end."""
        self.seed = self.stage.observe()
        first = await self._hand()
        run = await self._planned(sentence)
        if run.status != "waiting":
            yield Ended(run, await self.doer.history(run.id))
            return
        yield Foreseen(run)
        folded = await self.doer.fold(run.id)
        self.named = tuple(step.id for step in run.irreversible if step.id in folded.unapproved)
        if self.wishes.consent is not None and not await self.wishes.consent(self.doer, run, self.named):
            refused = await self.doer.refuse(run.id)
            yield Ended(refused, await self.doer.history(run.id))
            return
        yield Approved(run, self.named, self.wishes.consent is not None)
        self.seen = run.seq
        async for happening in self._lied(first, run) if self.liar is not None else self._worked(first, run):
            yield happening

    async def _planned(self, sentence: str) -> RunReport:
        run_id = await self.doer.accept(sentence)
        run = await self.doer.carry_on(run_id)
        while run.question is not None and self.wishes.reply is not None:
            said = await self.wishes.reply(self.doer, await self.doer.fold(run_id), run.question)
            if not said:
                break
            run = await self.doer.answer(run_id, said)
        return run

    async def _hand(self) -> Hand:
        hand = await Hand.start(self.wishes.scenario, self.root)
        self.stack.push_async_callback(hand.end)
        return hand

    # --- work, a kill, a resume -----------------------------------------------------------------------------------------

    async def _worked(self, hand: Hand, run: RunReport) -> AsyncIterator[Happening]:
        after, before_it = self._moments(run)
        hand.give(Order("approve", run.id, self.named, self.seen, after=after, before=before_it))
        moments = bool(after) + bool(before_it)
        async for happening in self._watched(
            "work", hand.pid, run.id, self._kill(hand, run.id, moments, _free(run, {after, before_it}))
        ):
            yield happening
        if await hand.gone() == 0:
            yield Carried(hand.pid, await self.doer.show(run.id), resumed=False)
        else:
            dead = await self.doer.show(run.id)
            yield Killed(hand.pid, dead, len(self.stage.effects()), after * ("after" in hand.halted),
                         before_it * ("before" in hand.halted))  # fmt: skip
            async for happening in self._resumed(dead):
                yield happening
        done = await self.doer.show(run.id)
        yield await self._proved(done)
        if done.status in ("done", "unproven"):
            async for happening in self._undone(done):
                yield happening

    def _moments(self, run: RunReport) -> tuple[str, str]:
        """Return the tool to be cut off after its effect, and the one before its effect: such as enforce the key."""
        manifests = {each.name: each for each in self.doer.catalog.manifests()}
        steps = [step for step in run.steps if step.effect != "read" and step.reversible and manifests[step.tool].once]
        tools = list(dict.fromkeys(step.tool for step in steps))
        if not tools:
            return "", ""
        others = [step for step in steps if step.tool != tools[-1]]
        late = [step.tool for step in others if step.needs] or [step.tool for step in others]
        return tools[-1], late[-1] if late else ""

    async def _kill(self, hand: Hand, run_id: RunId, moments: int, free: int) -> None:
        """Kill it when it has halted at its moments and enough is verified; leave it when it ends before."""
        if not moments:
            await hand.process.wait()
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await hand.listen(moments)
                ending = asyncio.ensure_future(hand.process.wait())
                verified = asyncio.ensure_future(self._verified(run_id, min(ENOUGH, free)))
                try:
                    await asyncio.wait((ending, verified), return_when=asyncio.FIRST_COMPLETED)
                finally:
                    ending.cancel()
                    verified.cancel()
        hand.kill()
        await hand.process.wait()

    async def _verified(self, run_id: RunId, enough: int) -> None:
        """Return when enough steps are verified."""
        while True:
            records = await self.doer.history(run_id)
            if sum(isinstance(each.event, StepVerified) for each in records) >= enough:
                return
            await self.doer.journal.grown(run_id, len(records))

    async def _resumed(self, dead: RunReport) -> AsyncIterator[Happening]:
        hand = await self._hand()
        hand.give(Order("resume", dead.id))
        async for happening in self._watched("resume", hand.pid, dead.id, hand.gone()):
            yield happening
        since = await self.doer.journal.read(dead.id, dead.seq)
        yield Carried(hand.pid, await self.doer.show(dead.id), resumed=True, reconciled=_reconciled(dead, since))

    async def _watched(self, act: Act, pid: int, run_id: RunId, work: Awaitable[T]) -> AsyncIterator[Happening]:
        """Yield what the journal gains while the work is done, by whichever process."""
        records = await self.doer.history(run_id)
        yield Began(act, pid, records)
        seq = len(records)
        task = asyncio.ensure_future(work)
        try:
            while not task.done():
                grown = asyncio.ensure_future(self.doer.journal.grown(run_id, seq))
                await asyncio.wait((task, grown), return_when=asyncio.FIRST_COMPLETED)
                grown.cancel()
                fresh = await self.doer.journal.read(run_id, seq)
                seq += len(fresh)
                yield Moved(fresh)
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    # --- a server lies --------------------------------------------------------------------------------------------------

    async def _lied(self, hand: Hand, run: RunReport) -> AsyncIterator[Happening]:
        liar = self.liar
        assert liar is not None
        liar.begin()
        hand.give(Order("approve", run.id, self.named, self.seen, liar.through, seconds=HURRIED))
        async for happening in self._watched("work", hand.pid, run.id, hand.gone()):
            yield happening
        ended = await self.doer.show(run.id)
        yield Carried(hand.pid, ended, resumed=False)
        yield Caught(
            liar.lie.kind, liar.says, liar.lie.service, liar.struck(), ended, _differences(self.stage), _doubled(self.stage),
            _foretold(ended),
        )  # fmt: skip

    # --- proof and undo -------------------------------------------------------------------------------------------------

    async def _proved(self, run: RunReport) -> Proved:
        journal = self.doer.journal
        assert isinstance(journal, SqliteJournal)
        await journal.checkpoint()
        found = await asyncio.to_thread(verify, journal)
        return Proved(
            _foretold(run), len(self.stage.effects()), _doubled(self.stage), found.events, found.ok, found.receipt or ""
        )

    async def _undone(self, done: RunReport) -> AsyncIterator[Happening]:
        made = set(self.stage.effects())
        foreseen = await self.doer.undo(done.id)
        if foreseen.status != "waiting":
            yield self._taken_back(foreseen, made)
            return
        yield UndoForeseen(foreseen)
        if self.wishes.consent is not None and not await self.wishes.consent(self.doer, foreseen, ()):
            kept = await self.doer.refuse(done.id)
            yield Ended(kept, await self.doer.history(done.id))
            return
        work = self.doer.approve(done.id, seen=foreseen.seq)
        async for happening in self._watched("undo", 0, done.id, work):
            yield happening
        yield self._taken_back(await self.doer.show(done.id), made)

    def _taken_back(self, run: RunReport, made: set[str]) -> TakenBack:
        left = self.stage.effects()
        stays = [step for step in run.irreversible if step.state in ("verified", "unproven")]
        then, now = _by_system(self.seed), _by_system(self.stage.observe())
        same = tuple(name for name in then if then[name] == now.get(name))
        named = sum(change.kind != "same" for step in stays for change in step.changes)
        return TakenBack(
            run, _differences(self.stage), tuple(step.id for step in stays), same,
            digest({name: then[name] for name in same}), digest({name: now[name] for name in same}),
            world_equal=len(left) == named and made.issuperset(left),
        )  # fmt: skip


def _reconciled(dead: RunReport, since: Sequence[Recorded]) -> tuple[Reconciled, ...]:
    absent = {each.event.step for each in since if isinstance(each.event, StepAbsent)}

    def how(step: StepId, state: str) -> How:
        return "applied again" if step in absent else "adopted" if state == "started" else "read back"

    return tuple(
        Reconciled(step.id, step.tool, how(step.id, step.state))
        for step in dead.steps
        if step.effect != "read" and step.state in ("started", "applied", "unknown")
    )


def _free(run: RunReport, halted: Collection[str]) -> int:
    """Count the steps that can be verified although these tools halt: those that need none of them, in the plan's order."""
    free: set[StepId] = set()
    for step in run.steps:
        if step.tool not in halted and step.reversible and free.issuperset(step.needs):
            free.add(step.id)
    return len(free)


def _foretold(run: RunReport) -> int:
    return sum(change.kind != "same" for change in run.changes)


def _by_system(world: Json) -> Mapping[str, Json]:
    return world if isinstance(world, Mapping) else {"the world": world}


def _differences(stage: Stage) -> tuple[str, ...]:
    return tuple(stage.differences() if isinstance(stage, Observed) else stage.effects())


def _doubled(stage: Stage) -> tuple[str, ...]:
    return tuple(stage.doubled()) if isinstance(stage, Observed) else ()
