"""Performing: the only place that calls a tool's verbs. Each command becomes the events that tell what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from doer.domain.action import Change, Intent, Manifest, Preview, Receipt, stricter
from doer.domain.errors import CredentialRefused, NoEffect, OutcomeUnknown, Permanent, ToolError, Transient, UsageError
from doer.domain.event import (
    Event,
    Foresight,
    PlanOutdated,
    PlanPreviewed,
    PlanRejected,
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
    UndoForesight,
    UndoPreviewed,
)  # fmt: skip
from doer.domain.order import sequence
from doer.domain.outcome import Absent, Conflict, Partial, Refuted, Undone, Unknown, Verification, Verified
from doer.domain.plan import Guard, Step, contrary, holds, is_open
from doer.domain.ports import Catalog, Clock, Tool
from doer.domain.run import Run, StepState
from doer.domain.template import has_hole, resolve_all
from doer.domain.value import Digest, Json, JsonObject, StepId, written
from doer.execution.arguments import ArgumentCheck
from doer.execution.calling import again_at, answered, called, readable, reversal, storable, told
from doer.execution.decide import MOST_CHECKS, MOST_CHECKS_UNREAD
from doer.execution.granting import Granting
from doer.execution.taking_back import undo_order

ABSENT_CHECKS = 3
"""How often a lost outcome is looked for before it is believed to be absent."""


class _Outdated(Exception):
    """A tool is no longer the one that was planned with; nothing was touched."""


@dataclass(frozen=True, slots=True)
class Performer:
    """Calls tools, with deadlines, and tells what came of it as events. It decides nothing and remembers nothing."""

    catalog: Catalog
    clock: Clock
    check: ArgumentCheck
    granting: Granting

    # --- before anything happens --------------------------------------------------------------------------------------

    async def preview_plan(self, run: Run) -> Sequence[Event]:
        """Foresee every step, each seeing the changes foretold for those before it."""
        if run.plan is None:
            return ()
        foretold: dict[str, Json] = {}
        pending: list[tuple[Guard | None, Change]] = []
        foresights: dict[StepId, Foresight] = {}
        by_id = {step.id: step for step in run.plan.steps}
        for step_id in sequence({step.id: step.all_needs for step in run.plan.steps}):
            # Of two branches only one is taken: what the other would change is not there.
            guard = by_id[step_id].guard
            before = [change for other, change in pending if guard is None or not contrary(guard, other)]
            try:
                foresight = await self._foresee(by_id[step_id], foretold, before)
            except (ToolError, UsageError) as failure:
                return (PlanRejected((f"{step_id} ({by_id[step_id].tool}) cannot be foreseen: {failure}",)),)
            foresights[step_id] = foresight
            pending += [(guard, change) for change in foresight.preview.changes]
            if foresight.preview.result is not None:
                foretold[step_id] = foresight.preview.result
        return (PlanPreviewed(tuple([foresights[step.id] for step in run.plan.steps])),)

    async def _foresee(self, step: Step, results: Mapping[str, Json], pending: Sequence[Change]) -> Foresight:
        tool = called(self.catalog, step.tool)
        arguments = resolve_all(step.arguments, results) if step.known is None else step.known
        open_values = step.known is None and has_hole(arguments)
        try:
            if not open_values and not step.plainly_fits(tool.manifest):
                self.check(tool.manifest, arguments)
            return await self._preview(step, tool, arguments, pending, complete=not open_values)
        except ToolError as failure:
            if step.guard is not None and is_open(step.guard, results):
                note = f"is done only where its condition holds; as things are it could not be: {told(failure)}"
            elif open_values:
                note = "can be foreseen only when the steps it is made of have run"
            else:
                raise
            preview = Preview(foreseeable=False, note=note)
            return _foresight(step, tool.manifest, arguments, preview, complete=not open_values)
        except Exception as failure:
            raise Permanent(f"its preview failed: {told(failure)}") from failure

    async def _preview(
        self, step: Step, tool: Tool, arguments: JsonObject, pending: Sequence[Change], *, complete: bool,
        earlier: Foresight | None = None,
    ) -> Foresight:  # fmt: skip
        """Foresee the step; `earlier` is what was approved of it. Raises ValueError or TypeError for what a digest could not hold."""
        # It gets its own copy: what is bound is what is meant, whatever a tool does to its arguments.
        preview: object = await answered(tool.manifest, tool.preview({**arguments}, tuple(pending)))
        if not isinstance(preview, Preview):
            raise TypeError(f"{tool.manifest.name} foretold {preview!r:.80}, which is no Preview")
        found = _foresight(step, tool.manifest, {**arguments}, preview, complete=complete)
        if arguments is step.known:
            found.meant(step)
        if earlier is not None:
            found.found_again(earlier)
        found.arguments_written, found.changes_written  # noqa: B018  # they are kept; what has no digest is refused here
        if (
            rest := [each.version for each in preview.changes if each.version is not None]
        ) or preview.result is not None:
            written([preview.result, rest])
        return found

    # --- one step -----------------------------------------------------------------------------------------------------

    async def prepare(self, run: Run, step_id: StepId) -> Sequence[Event]:
        """Foresee the step with its concrete arguments; start it if it is what was granted, else ask again."""
        state = run.steps[step_id]
        try:
            found, manifest = await self._concrete(run, state)
        except CredentialRefused as refused:
            return (StepBlocked(step_id, told(refused)),)
        except _Outdated as changed:
            if run.correctable:
                return (PlanOutdated(str(changed)),)
            return (StepFailed(step_id, f"{changed}: plan again", transient=False, failed_at=self.clock.now()),)
        except (Transient, OutcomeUnknown, TimeoutError) as failure:  # nothing was touched, so it may be asked again
            return (self._put_off(step_id, failure),)
        except Exception as failure:  # noqa: BLE001  # whatever it is, nothing was touched
            return (StepFailed(step_id, told(failure), transient=False, failed_at=self.clock.now()),)
        return self.granting.grant(run, state, found, manifest)

    async def _concrete(self, run: Run, state: StepState) -> tuple[Foresight, Digest]:
        tool = called(self.catalog, state.step.tool)
        manifest = self.check.digest(tool.manifest)
        if run.plan is not None and manifest != run.plan.manifests.get(state.step.tool):
            raise _Outdated(f"{state.step.tool} is not the tool that was planned with")
        known = state.step.known
        arguments = resolve_all(state.step.arguments, run.results) if known is None else known
        if known is None and has_hole(arguments):
            raise Permanent(f"a result it is made of lacks a field: {_open_fields(arguments)}")
        if not state.step.plainly_fits(tool.manifest):
            self.check(tool.manifest, arguments)
        if state.step.guard is not None:
            holds(state.step.guard, run.results)  # a condition that cannot be evaluated fails the step
        found = await self._preview(state.step, tool, arguments, (), complete=True, earlier=state.foresight)
        return found, manifest

    async def apply(self, run: Run, step_id: StepId) -> Sequence[Event]:
        """Do it. Whatever does not prove that nothing happened leaves the outcome unknown."""
        state = run.steps[step_id]
        if state.key is None:
            return ()
        try:
            tool = called(self.catalog, state.step.tool)
            receipt = await answered(tool.manifest, tool.apply(state.arguments, state.key, state.changes))
            storable(receipt)
        except CredentialRefused as refused:
            return (StepBlocked(step_id, told(refused)),)
        except NoEffect as failure:
            if state.again:
                return (StepUnknown(step_id, told(failure), self.clock.now()),)
            if isinstance(failure, Transient):
                return (self._put_off(step_id, failure),)
            return (StepFailed(step_id, told(failure), transient=False, failed_at=self.clock.now()),)
        except Exception as failure:  # noqa: BLE001  # who did not say that nothing happened has not said it
            if (
                state.effect == "read"
            ):  # but a read cannot have changed anything: it is read again, unless it was asked wrongly
                wrong = isinstance(failure, UsageError)
                return (StepFailed(step_id, told(failure), transient=not wrong, failed_at=self.clock.now()),)
            return (StepUnknown(step_id, told(failure), self.clock.now()),)
        return (StepApplied(step_id, receipt),)

    def _put_off(self, step_id: StepId, failure: BaseException) -> StepFailed:
        """Tell of a failure without effect that may pass, with the time that its system named."""
        return StepFailed(
            step_id, told(failure), transient=True, failed_at=self.clock.now(), again_at=again_at(failure)
        )

    async def verify(self, run: Run, step_id: StepId) -> Sequence[Event]:
        """Read back what was applied; a surprise is read again before it is believed, as reads may be stale."""
        state = run.steps[step_id]
        try:
            found = await self._read_back(state, state.receipt)
        except CredentialRefused as refused:
            return (StepBlocked(step_id, told(refused)),)
        match found:
            case Verified():
                return (StepVerified(step_id, found.receipt, found.evidence),)
            case Unknown(reason, final):
                if final or state.checks >= MOST_CHECKS_UNREAD:
                    return (StepUnproven(step_id, reason),)
            case Absent(reason):
                reason = f"it was accepted, and nothing of it is there: {reason}"
                if state.checks >= MOST_CHECKS:
                    return (StepRefuted(step_id, reason, state.receipt),)
            case Refuted(reason, receipt_found):
                if state.checks >= MOST_CHECKS:
                    return (StepRefuted(step_id, reason, receipt_found),)
            case other:
                assert_never(other)
        return (StepUnconfirmed(step_id, reason, self.clock.now()),)

    async def reconcile(self, run: Run, step_id: StepId) -> Sequence[Event]:
        """Find out what came of a step whose outcome was lost: adopt it, try again under its key, or leave it open."""
        state = run.steps[step_id]
        try:
            found = await self._read_back(state, None)
        except CredentialRefused as refused:
            return (StepBlocked(step_id, told(refused)),)
        match found:
            case Verified(receipt, evidence):
                return (StepApplied(step_id, receipt), StepVerified(step_id, receipt, evidence))
            case Absent(reason):
                safe = state.foresight is not None and state.foresight.once
                if safe or state.checks >= ABSENT_CHECKS:
                    return (StepAbsent(step_id, reason),)
            case Refuted(reason, receipt_found):
                if state.checks >= MOST_CHECKS:
                    return (StepRefuted(step_id, reason, receipt_found),)
            case Unknown(reason):
                pass
            case other:
                assert_never(other)
        return (StepUnknown(step_id, reason, self.clock.now()),)

    async def _read_back(self, state: StepState, receipt: Receipt | None) -> Verification:
        if state.key is None:
            return Unknown("it was never started")
        intent = Intent(state.arguments, state.key, state.changes)
        try:
            tool = called(self.catalog, state.step.tool)
            return readable(await answered(tool.manifest, tool.verify(intent, receipt)), receipt)
        except CredentialRefused:
            raise  # nobody looked: that is no answer
        except Exception as failure:  # noqa: BLE001  # what cannot be read is not known, whatever the cause
            return Unknown(told(failure))

    # --- taking back --------------------------------------------------------------------------------------------------

    async def preview_undo(self, run: Run) -> Sequence[Event]:
        """Foresee what taking the run back would change, and what stands in the way."""
        foresights = []
        claimed: set[str] = set()
        for step_id in undo_order(run):
            state = run.steps[step_id]
            changes = tuple(
                replace(change, before=change.after, after=change.before, version=None) for change in state.changes
            )
            obstacle = self.granting.obstacle(run, state, changes) or await self._obstacle(state, claimed)
            claimed.update(change.resource for change in changes)
            foresights.append(UndoForesight(step_id, changes, obstacle))
        return (UndoPreviewed(tuple(foresights)),)

    async def _obstacle(self, state: StepState, later: set[str]) -> str:
        if not state.undoable:
            return "cannot be taken back" if state.receipt is not None else "nobody knows what it did"
        if any(change.resource in later for change in state.changes):
            return ""  # a later step of this run changed it too, and is taken back first
        try:
            found = await self._read_back(state, state.receipt)
        except CredentialRefused as refused:
            return told(refused)
        match found:
            case Refuted(reason):
                return f"changed since: {reason}"
            case Absent():
                return ""  # already gone: taking it back changes nothing
            case Verified() | Unknown():
                return ""

    async def undo(self, run: Run, step_id: StepId) -> Sequence[Event]:
        """Take one step back; safe to repeat."""
        state = run.steps[step_id]
        now = self.clock.now
        if state.receipt is None:
            return (UndoConflicted(step_id, "nobody knows what it did"),)
        try:
            tool = called(self.catalog, state.step.tool)
            outcome = await answered(tool.manifest, tool.undo(state.receipt))
            reversal(outcome)
        except CredentialRefused as refused:
            return (StepBlocked(step_id, told(refused)),)
        except Permanent as failure:
            return (UndoFailed(step_id, told(failure), transient=False, failed_at=now()),)
        except Exception as failure:  # noqa: BLE001  # undo is safe to repeat, so every other failure is tried again
            return (UndoFailed(step_id, told(failure), transient=True, failed_at=now(), again_at=again_at(failure)),)
        match outcome:
            case Undone(versions, evidence):
                return (StepUndone(step_id, versions, evidence),)
            case Conflict(reason):
                return (UndoConflicted(step_id, reason),)
            case Partial(reason, _):
                return (UndoConflicted(step_id, reason, partial=True),)


def _foresight(step: Step, manifest: Manifest, arguments: JsonObject, preview: Preview, *, complete: bool) -> Foresight:
    effect = manifest.effect if preview.effect is None else stricter(manifest.effect, preview.effect)
    return Foresight(step.id, arguments, preview, effect, manifest.once, "undo" in manifest.verbs, complete)


def _open_fields(arguments: JsonObject) -> str:
    return ", ".join(f"{name}: {value}" for name, value in arguments.items() if has_hole(value))
