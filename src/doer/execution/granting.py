"""Granting: what stands between a step that was approved and one that is started. Everything that an approval binds is compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from doer.domain.action import Change, Preview
from doer.domain.decision import Ask, Decision, Deny, Grant, Request, Totals
from doer.domain.event import ChangesDiffered, Event, Foresight, PlanJudged, StepFailed, StepStarted
from doer.domain.plan import Step
from doer.domain.ports import Catalog, Clock, Policy
from doer.domain.run import Run, StepState
from doer.domain.template import references
from doer.domain.value import Digest, Principal, StepId, derive_key
from doer.execution.calling import called
from doer.execution.compare import difference, filled, holes_in
from doer.execution.judged import judged
from doer.execution.totals import totals


@dataclass(frozen=True, slots=True)
class Granting:
    """Asks policy, and turns approved steps into started ones; it calls no tool."""

    catalog: Catalog
    policy: Policy
    clock: Clock

    def judge(self, run: Run) -> Sequence[Event]:
        """Ask policy about every step; what the run adds up to in one system is counted once."""
        decisions: dict[StepId, Decision] = {}
        counted: dict[str, Totals] = {}
        for step, state in run.steps.items():
            if state.foresight is not None:
                system = state.step.system
                if system not in counted:
                    counted[system] = totals(run, step, state.foresight, self.catalog)
                decisions[step] = self._decide(run, state.step, state.foresight, counted[system])
        return (PlanJudged(decisions, self._rules),)

    @property
    def _rules(self) -> Digest:
        """Digest of the rules in force; a policy that cannot even say that permits nothing (see `_decide`)."""
        try:
            return self.policy.digest
        except Exception:  # noqa: BLE001  # told by `_decide`
            return Digest("unreadable")

    def _decide(self, run: Run, step: Step, foresight: Foresight, counted: Totals) -> Decision:
        tool = self.catalog.find(step.tool)
        if tool is None:
            return Deny(f"there is no tool {step.tool}")
        preview = foresight.preview
        request = Request(
            run.goal.by if run.goal is not None else Principal(""), step.id, tool.manifest, foresight.arguments,
            foresight.effect, preview.changes, preview.foreseeable, step.provenance, counted,
        )  # fmt: skip
        return judged(self.policy, request)

    def grant(self, run: Run, state: StepState, found: Foresight, manifest: Digest) -> Sequence[Event]:
        """Turn an approved step into a started one. Everything that an approval binds is compared here."""
        step = state.step
        decision = self._decide(run, step, found, totals(run, step.id, found, self.catalog))
        rules = self._rules
        if isinstance(decision, Deny):
            reason = f"not permitted: {decision.reason}"
            return (StepFailed(step.id, reason, transient=False, failed_at=self.clock.now()),)
        if isinstance(decision, Ask):
            if rules != run.policy:
                return self.judge(run)
            if reason := self._objection(run, state, found, decision):
                return (ChangesDiffered(step.id, found, decision, reason),)
        grant = Grant(
            plan=run.plan_digest or Digest(""),
            manifest=manifest,
            policy=rules,
            changes=found.changes_digest,
            by=run.approved[step.id] if isinstance(decision, Ask) else decision.reason,
            expires_at=run.expires.get(step.id) if isinstance(decision, Ask) else None,
        )
        key = derive_key(run.id, step.id, found.arguments_written, run.generation)
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
        if found.effect == "irreversible" and state.state != "waiting" and (unproven := _unproven(run, state)):
            # Held until everything before it is verified, not just done; or until somebody says so all the same.
            return f"nobody could prove {', '.join(unproven)}, and this cannot be taken back"
        if state.foresight.complete:
            approved = state.foresight.preview
            if _is_the_same(state.foresight, found):
                return ""
            return difference(
                filled(approved, run.left) if approved.holes else approved, found.preview, holes=frozenset()
            )
        if not state.foresight.preview.foreseeable:
            return "what it is made of is known only now"
        if chosen := self._chosen_elsewhere(run, state.step, state.foresight, found):
            return chosen
        return difference(state.foresight.preview, found.preview, holes=holes_in(state.foresight.arguments))

    def _chosen_elsewhere(self, run: Run, step: Step, approved: Foresight, found: Foresight) -> str:
        """A destination, an authority or code that no person has seen, and that a result chose which nobody issued.

        Untrusted data may fill content. The id of what this run created is no such data: the system of record issued it.
        """
        tool = called(self.catalog, step.tool)
        for name, role in tool.manifest.roles.items():
            value = found.arguments.get(name)
            if role == "content" or name not in step.arguments or approved.arguments.get(name) == value:
                continue
            for reference in references(step.arguments[name]):
                maker = run.steps[StepId(reference.step)].step.tool
                issued = called(self.catalog, maker).manifest.issued
                if not reference.path or reference.path[0] not in issued:
                    return f"its {name} is {value!s:.200}, which {reference.step} ({maker}) told"
        return ""

    def obstacle(self, run: Run, state: StepState, changes: tuple[Change, ...]) -> str:
        """Say why policy denies these changes back, if it does: taking back is a change like any other."""
        if state.foresight is None:
            return ""
        reverse = replace(state.foresight, arguments=state.arguments, preview=Preview(changes), effect="write")
        decision = self._decide(run, state.step, reverse, totals(run, state.step.id, reverse, self.catalog))
        return f"not permitted: {decision.reason}" if isinstance(decision, Deny) else ""


def _unproven(run: Run, state: StepState) -> Sequence[StepId]:
    return sorted(step for step in state.after if step in run.steps and run.steps[step].state == "unproven")


def _is_the_same(approved: Foresight, found: Foresight) -> bool:
    """Tell whether every word of it is what was approved, as nearly always; if not, their difference is looked at."""
    return (
        approved.changes_written == found.changes_written
        and approved.preview.effect == found.preview.effect
        and approved.preview.foreseeable == found.preview.foreseeable
    )
