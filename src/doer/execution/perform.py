"""Performing: the only place that calls a tool's verbs. Each command becomes the events that tell what came of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar, assert_never

from doer.domain.action import Change, Intent, Manifest, Preview, Receipt, stricter
from doer.domain.decision import Ask, Decision, Deny, Grant, Request
from doer.domain.errors import CredentialRefused, NoEffect, OutcomeUnknown, Permanent, ToolError, Transient, UsageError
from doer.domain.event import (
    ChangesDiffered,
    Event,
    Foresight,
    PlanJudged,
    PlanOutdated,
    PlanPreviewed,
    PlanRejected,
    StepAbsent,
    StepApplied,
    StepBlocked,
    StepFailed,
    StepRefuted,
    StepStarted,
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
from doer.domain.plan import Guard, Step, contrary, holds
from doer.domain.ports import Catalog, Clock, Policy, Tool
from doer.domain.run import Run, StepState, essence
from doer.domain.template import has_hole, references, resolve_all
from doer.domain.value import Digest, Json, JsonObject, Principal, StepId, canonical, derive_key, digest
from doer.execution.arguments import ArgumentCheck
from doer.execution.compare import difference, filled, holes_in
from doer.execution.deadline import within
from doer.execution.decide import MOST_CHECKS, MOST_CHECKS_UNREAD, undo_order
from doer.execution.judged import judged
from doer.execution.totals import totals

LARGEST_RESULT = 4_000_000
"""Bytes of JSON that a receipt may have; more belongs into a file."""
ABSENT_CHECKS = 3
"""How often a lost outcome is looked for before it is believed to be absent."""

T = TypeVar("T")
_WRITE = json.JSONEncoder(allow_nan=False).encode


class _Outdated(Exception):
    """A tool is no longer the one that was planned with; nothing was touched."""


@dataclass(frozen=True, slots=True)
class Performer:
    """Calls tools, with deadlines, and tells what came of it as events. It decides nothing and remembers nothing."""

    catalog: Catalog
    policy: Policy
    clock: Clock
    check: ArgumentCheck

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
            before = [change for other, change in pending if not contrary(guard, other)]
            try:
                foresight = await self._foresee(by_id[step_id], foretold, before)
            except (ToolError, UsageError) as failure:
                return (PlanRejected((f"{step_id} ({by_id[step_id].tool}) cannot be foreseen: {failure}",)),)
            foresights[step_id] = foresight
            pending += [(guard, change) for change in foresight.preview.changes]
            if foresight.preview.result is not None:
                foretold[step_id] = foresight.preview.result
        return (PlanPreviewed(tuple(foresights[step.id] for step in run.plan.steps)),)

    async def _foresee(self, step: Step, results: Mapping[str, Json], pending: Sequence[Change]) -> Foresight:
        tool = self._tool(step.tool)
        arguments = resolve_all(step.arguments, results)
        open_values = has_hole(arguments)
        try:
            if not open_values:
                self.check(tool.manifest, arguments)
            return await self._preview(step, tool, arguments, pending)
        except ToolError as failure:
            if step.guard is not None and _is_open(step.guard, results):
                note = f"is done only where its condition holds; as things are it could not be: {_told(failure)}"
            elif open_values:
                note = "can be foreseen only when the steps it is made of have run"
            else:
                raise
            preview = Preview(foreseeable=False, note=note)
            return _foresight(step, tool.manifest, arguments, preview)
        except Exception as failure:
            raise Permanent(f"its preview failed: {_told(failure)}") from failure

    async def _preview(self, step: Step, tool: Tool, arguments: JsonObject, pending: Sequence[Change]) -> Foresight:
        """Foresee the step. Raises ValueError or TypeError for what a digest or the journal could not hold."""
        preview: object = await self._within(tool.manifest, tool.preview(arguments, tuple(pending)))
        if not isinstance(preview, Preview):
            raise TypeError(f"{tool.manifest.name} foretold {preview!r:.80}, which is no Preview")
        canonical([arguments, essence(preview.changes), preview.result, [each.version for each in preview.changes]])
        return _foresight(step, tool.manifest, arguments, preview)

    async def judge(self, run: Run) -> Sequence[Event]:
        """Ask policy about every step."""
        decisions = {
            step: self._decide(run, state.step, state.foresight)
            for step, state in run.steps.items()
            if state.foresight is not None
        }
        return (PlanJudged(decisions, self._rules),)

    @property
    def _rules(self) -> Digest:
        """Digest of the rules in force; a policy that cannot even say that permits nothing (see `_decide`)."""
        try:
            return self.policy.digest
        except Exception:  # noqa: BLE001  # told by `_decide`
            return Digest("unreadable")

    def _decide(self, run: Run, step: Step, foresight: Foresight) -> Decision:
        tool = self.catalog.find(step.tool)
        if tool is None:
            return Deny(f"there is no tool {step.tool}")
        request = Request(
            principal=run.goal.by if run.goal is not None else Principal(""),
            step=step.id,
            manifest=tool.manifest,
            arguments=foresight.arguments,
            effect=foresight.effect,
            changes=foresight.preview.changes,
            foreseeable=foresight.preview.foreseeable,
            provenance=step.provenance,
            totals=totals(run, step.id, foresight, self.catalog),
        )
        return judged(self.policy, request)

    # --- one step -----------------------------------------------------------------------------------------------------

    async def prepare(self, run: Run, step_id: StepId) -> Sequence[Event]:
        """Foresee the step with its concrete arguments; start it if it is what was granted, else ask again."""
        state = run.steps[step_id]
        try:
            found, manifest = await self._concrete(run, state)
        except CredentialRefused as refused:
            return (StepBlocked(step_id, _told(refused)),)
        except _Outdated as changed:
            if run.correctable:
                return (PlanOutdated(str(changed)),)
            return (StepFailed(step_id, f"{changed}: plan again", transient=False, failed_at=self.clock.now()),)
        except (Transient, OutcomeUnknown, TimeoutError) as failure:  # nothing was touched, so it may be asked again
            return (self._put_off(step_id, failure),)
        except Exception as failure:  # noqa: BLE001  # whatever it is, nothing was touched
            return (StepFailed(step_id, _told(failure), transient=False, failed_at=self.clock.now()),)
        return self._grant(run, state, found, manifest)

    async def _concrete(self, run: Run, state: StepState) -> tuple[Foresight, Digest]:
        tool = self._tool(state.step.tool)
        manifest = self.check.digest(tool.manifest)
        if run.plan is not None and manifest != run.plan.manifests.get(state.step.tool):
            raise _Outdated(f"{state.step.tool} is not the tool that was planned with")
        arguments = resolve_all(state.step.arguments, run.results)
        if has_hole(arguments):
            raise Permanent(f"a result it is made of lacks a field: {_open_fields(arguments)}")
        self.check(tool.manifest, arguments)
        if state.step.guard is not None:
            holds(state.step.guard, run.results)  # a condition that cannot be evaluated fails the step
        return await self._preview(state.step, tool, arguments, ()), manifest

    def _grant(self, run: Run, state: StepState, found: Foresight, manifest: Digest) -> Sequence[Event]:
        """Turn an approved step into a started one. Everything that an approval binds is compared here."""
        step = state.step
        decision = self._decide(run, step, found)
        if isinstance(decision, Deny):
            reason = f"not permitted: {decision.reason}"
            return (StepFailed(step.id, reason, transient=False, failed_at=self.clock.now()),)
        if isinstance(decision, Ask):
            if self._rules != run.policy:
                judged = {each: self._decide(run, other.step, other.foresight) for each, other in run.steps.items()
                          if other.foresight is not None}  # fmt: skip
                return (PlanJudged(judged, self._rules),)
            if reason := self._objection(run, state, found, decision):
                return (ChangesDiffered(step.id, found, decision, reason),)
        grant = Grant(
            plan=run.plan_digest or Digest(""),
            manifest=manifest,
            policy=self._rules,
            changes=digest(essence(found.preview.changes)),
            by=run.approved[step.id] if isinstance(decision, Ask) else decision.reason,
            expires_at=run.expires.get(step.id) if isinstance(decision, Ask) else None,
        )
        key = derive_key(run.id, step.id, found.arguments, run.generation)
        return (StepStarted(step.id, key, run.generation, found.arguments, found.preview.changes, grant),)

    def _objection(self, run: Run, state: StepState, found: Foresight, decision: Ask) -> str:
        if state.step.id not in run.approved:
            return decision.reason
        expires_at = run.expires.get(state.step.id)
        if expires_at is not None and self.clock.now() >= expires_at:
            return f"its approval expired at {expires_at.isoformat(timespec='minutes')}"
        judged = (run.decisions or {}).get(state.step.id)
        if decision.by_name and not (isinstance(judged, Ask) and judged.by_name):
            return f"it must now be approved by name: {decision.reason}"
        if state.foresight is None:
            return "it was never foreseen"
        unproven = [step for step in state.after if step in run.steps and run.steps[step].state == "unproven"]
        if found.effect == "irreversible" and unproven and state.state != "waiting":
            # Held until everything before it is verified, not just done; or until somebody says so all the same.
            return f"nobody could prove {', '.join(sorted(unproven))}, and this cannot be taken back"
        if state.foresight.complete:
            return difference(filled(state.foresight.preview, run.left), found.preview, holes=frozenset())
        if not state.foresight.preview.foreseeable:
            return "what it is made of is known only now"
        if chosen := self._chosen_elsewhere(run, state.step, state.foresight, found):
            return chosen
        return difference(state.foresight.preview, found.preview, holes=holes_in(state.foresight.arguments))

    def _chosen_elsewhere(self, run: Run, step: Step, approved: Foresight, found: Foresight) -> str:
        """A destination, an authority or code that no person has seen, and that a result chose which nobody issued.

        Untrusted data may fill content. The id of what this run created is no such data: the system of record issued it.
        """
        tool = self._tool(step.tool)
        for name, role in tool.manifest.roles.items():
            value = found.arguments.get(name)
            if role == "content" or name not in step.arguments or approved.arguments.get(name) == value:
                continue
            for reference in references(step.arguments[name]):
                maker = run.steps[StepId(reference.step)].step.tool
                issued = self._tool(maker).manifest.issued
                if not reference.path or reference.path[0] not in issued:
                    return f"its {name} is {value!s:.200}, which {reference.step} ({maker}) told"
        return ""

    async def apply(self, run: Run, step_id: StepId) -> Sequence[Event]:
        """Do it. Whatever does not prove that nothing happened leaves the outcome unknown."""
        state = run.steps[step_id]
        if state.key is None:
            return ()
        try:
            tool = self._tool(state.step.tool)
            receipt = await self._within(tool.manifest, tool.apply(state.arguments, state.key, state.changes))
            _storable(receipt)
        except CredentialRefused as refused:
            return (StepBlocked(step_id, _told(refused)),)
        except NoEffect as failure:
            if state.again:
                return (StepUnknown(step_id, _told(failure), self.clock.now()),)
            if isinstance(failure, Transient):
                return (self._put_off(step_id, failure),)
            return (StepFailed(step_id, _told(failure), transient=False, failed_at=self.clock.now()),)
        except Exception as failure:  # noqa: BLE001  # who did not say that nothing happened has not said it
            if state.effect == "read":  # but a read cannot have changed anything: it is read again
                return (StepFailed(step_id, _told(failure), transient=True, failed_at=self.clock.now()),)
            return (StepUnknown(step_id, _told(failure), self.clock.now()),)
        return (StepApplied(step_id, receipt),)

    def _put_off(self, step_id: StepId, failure: BaseException) -> StepFailed:
        """Tell of a failure without effect that may pass, with the time that its system named."""
        return StepFailed(
            step_id, _told(failure), transient=True, failed_at=self.clock.now(), again_at=_again_at(failure)
        )

    async def verify(self, run: Run, step_id: StepId) -> Sequence[Event]:
        """Read back what was applied; a surprise is read again before it is believed, as reads may be stale."""
        state = run.steps[step_id]
        try:
            found = await self._read_back(state, state.receipt)
        except CredentialRefused as refused:
            return (StepBlocked(step_id, _told(refused)),)
        match found:
            case Verified(receipt, evidence):
                return (StepVerified(step_id, receipt, evidence),)
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
            return (StepBlocked(step_id, _told(refused)),)
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
            tool = self._tool(state.step.tool)
            return _readable(await self._within(tool.manifest, tool.verify(intent, receipt)), receipt)
        except CredentialRefused:
            raise  # nobody looked: that is no answer
        except Exception as failure:  # noqa: BLE001  # what cannot be read is not known, whatever the cause
            return Unknown(_told(failure))

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
            obstacle = self._forbidden(run, state, changes) or await self._obstacle(state, claimed)
            claimed.update(change.resource for change in changes)
            foresights.append(UndoForesight(step_id, changes, obstacle))
        return (UndoPreviewed(tuple(foresights)),)

    def _forbidden(self, run: Run, state: StepState, changes: tuple[Change, ...]) -> str:
        """Taking back is a change like any other: what policy denies cannot be approved."""
        if state.foresight is None:
            return ""
        reverse = replace(state.foresight, arguments=state.arguments, preview=Preview(changes), effect="write")
        decision = self._decide(run, state.step, reverse)
        return f"not permitted: {decision.reason}" if isinstance(decision, Deny) else ""

    async def _obstacle(self, state: StepState, later: set[str]) -> str:
        if not state.undoable:
            return "cannot be taken back" if state.receipt is not None else "nobody knows what it did"
        if any(change.resource in later for change in state.changes):
            return ""  # a later step of this run changed it too, and is taken back first
        try:
            found = await self._read_back(state, state.receipt)
        except CredentialRefused as refused:
            return _told(refused)
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
            tool = self._tool(state.step.tool)
            outcome = await self._within(tool.manifest, tool.undo(state.receipt))
            _reversal(outcome)
        except CredentialRefused as refused:
            return (StepBlocked(step_id, _told(refused)),)
        except Permanent as failure:
            return (UndoFailed(step_id, _told(failure), transient=False, failed_at=now()),)
        except Exception as failure:  # noqa: BLE001  # undo is safe to repeat, so every other failure is tried again
            return (UndoFailed(step_id, _told(failure), transient=True, failed_at=now(), again_at=_again_at(failure)),)
        match outcome:
            case Undone(versions, evidence):
                return (StepUndone(step_id, versions, evidence),)
            case Conflict(reason):
                return (UndoConflicted(step_id, reason),)
            case Partial(reason, _):
                return (UndoConflicted(step_id, reason, partial=True),)

    # --- calling ------------------------------------------------------------------------------------------------------

    def _tool(self, name: str) -> Tool:
        tool = self.catalog.find(name)
        if tool is None:
            raise Permanent(f"there is no tool {name} here any more: is its connection missing?")
        return tool

    async def _within(self, manifest: Manifest, call: Awaitable[T]) -> T:
        try:
            return await within(manifest.timeout, call)
        except TimeoutError as late:
            raise TimeoutError(f"{manifest.name} did not answer within {manifest.timeout:g} s") from late
        except asyncio.CancelledError as gone:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            raise OutcomeUnknown(f"{manifest.name} gave up by itself") from gone  # the run must not give up with it


def _is_open(guard: Guard, results: Mapping[str, Json]) -> bool:
    """Tell whether a condition is of results that are not there yet."""
    sides = (guard.left, *((guard.right,) if guard.right is not None else ()))
    return any(each.step not in results for side in sides for each in references(side))


def _foresight(step: Step, manifest: Manifest, arguments: JsonObject, preview: Preview) -> Foresight:
    effect = stricter(manifest.effect, preview.effect or manifest.effect)
    undoable = "undo" in manifest.verbs
    complete = not has_hole(arguments)
    return Foresight(step.id, arguments, preview, effect, once=manifest.once, undoable=undoable, complete=complete)


def _open_fields(arguments: JsonObject) -> str:
    return ", ".join(f"{name}: {value}" for name, value in arguments.items() if has_hole(value))


def _storable(receipt: Receipt) -> None:
    """A receipt that the journal could not hold is no receipt: the outcome then counts as unknown."""
    size = len(_WRITE([receipt.result, dict(receipt.versions), receipt.undo]))
    if size > LARGEST_RESULT:
        raise ValueError(f"its result has {size:,} bytes; {LARGEST_RESULT:,} is the most")


def _readable(found: Verification, known: Receipt | None) -> Verification:
    """Return what verify found. Raises TypeError or ValueError for rubbish, which tells nothing."""
    match found:
        case Verified(receipt) | Refuted(_, Receipt() as receipt):
            if receipt is not known:
                _storable(receipt)
        case Refuted() | Absent() | Unknown():
            pass
        case _:
            raise TypeError(f"its verify returned {found!r:.80}")
    return found


def _reversal(outcome: object) -> None:
    if not isinstance(outcome, Undone | Conflict | Partial):
        raise TypeError(f"its undo returned {outcome!r:.80}")


def _again_at(failure: BaseException) -> datetime | None:
    moment = failure.again_at if isinstance(failure, Transient) else None
    return moment if moment is not None and moment.tzinfo is not None else None


def _told(failure: BaseException) -> str:
    """One line for a person; the class name only where there is nothing else to say."""
    text = " ".join(str(failure).split())[:500]
    return text if text and isinstance(failure, ToolError | UsageError | TimeoutError) else (
        f"{type(failure).__name__}: {text}" if text else type(failure).__name__
    )  # fmt: skip
