"""Planning as a step of a run: planners in order, reads that are granted and recorded, and the check of what they say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from doer.domain.action import Manifest
from doer.domain.errors import PlanInvalid, ToolError, UsageError
from doer.domain.event import Abstained, Event, PlanProposed, PlanRejected, QuestionAsked
from doer.domain.goal import Abstention, Declined, Goal, NotAsked, Question
from doer.domain.plan import Plan
from doer.domain.ports import Catalog, Durations, Planner, Policy, Proposal, Spending
from doer.domain.run import Run
from doer.domain.value import StepId
from doer.execution.arguments import ArgumentCheck
from doer.planning.order import critical_path
from doer.planning.validate import validate
from doer.runtime.reading import Budget, GrantedReader


@dataclass(frozen=True, slots=True)
class Planning:
    """Asks planners one after the other; the first that does not abstain is heard.

    Where one says that nothing was asked to be done, those after it are shown only what changes nothing: a question or a
    statement becomes no change, whatever a model makes of it.
    `showing`, where given, are asked in the place of `planners` for a run that only shows its plan.
    """

    catalog: Catalog
    policy: Policy
    planners: Sequence[Planner]
    check: ArgumentCheck
    durations: Durations | None = None
    budget: Budget = field(default_factory=Budget)
    spending: Spending | None = None
    showing: Sequence[Planner] | None = None

    async def propose(self, run: Run) -> Sequence[Event]:
        """Return the reads that were made, and a valid plan, a question or an abstention."""
        if run.goal is None:
            return ()
        manifests = self.catalog.manifests()
        reader = GrantedReader(self.catalog, self.policy, self.check, run.goal, self.budget, self.spending, run.tokens)
        try:
            proposal = await self._ask(run.goal, run, manifests, reader)
            outcome = await self._accept(proposal, manifests)
        except PlanInvalid as invalid:
            outcome = PlanRejected(invalid.problems)
        except (ToolError, UsageError) as failure:
            outcome = PlanRejected((str(failure),))
        except Exception as failure:  # noqa: BLE001  # a planner may be anybody's code, and a run is never lost
            outcome = PlanRejected((f"the planner failed: {type(failure).__name__}: {failure}",))
        return (*reader.made, outcome)

    async def _ask(self, goal: Goal, run: Run, manifests: Sequence[Manifest], reader: GrantedReader) -> Proposal:
        refused: list[Abstention] = []
        asked = self.planners if self.showing is None or run.mode != "plan" else self.showing
        for planner in asked:
            proposal = await planner.propose(goal, run.answers, manifests, reader)
            if isinstance(proposal, Plan) and any(isinstance(each, NotAsked) for each in refused):
                proposal = _only_harmless(proposal, manifests)
            if not isinstance(proposal, Abstention):
                return proposal
            refused.append(proposal)
            if isinstance(proposal, Declined):
                break
            if isinstance(proposal, NotAsked):
                manifests = [each for each in manifests if _harmless(each)]
        if not refused:
            return Abstention("there is no planner")
        # By meaning rather than by words, where a planner that knows meanings was asked.
        nearest = dict.fromkeys(name for each in reversed(refused) for name in each.nearest)
        if isinstance(last := refused[-1], Declined) or len(refused) == 1:
            return Abstention(last.reason, tuple(nearest)[:3], last.missing)
        first, *others = dict.fromkeys(each.reason.partition("; nearest: ")[0] for each in refused)
        told = "".join(f"; {each}" for each in others)  # of each planner why it does not know
        return Abstention(f"{first}{told}", tuple(nearest)[:3], refused[0].missing)

    async def _accept(self, proposal: Proposal, manifests: Sequence[Manifest]) -> Event:
        match proposal:
            case Question():
                return QuestionAsked(proposal)
            case Abstention():
                return Abstained(proposal)
            case Plan():
                known = {manifest.name: manifest for manifest in manifests}
                used = {step.tool: self.check.digest(known[step.tool]) for step in proposal.steps if step.tool in known}
                plan = replace(proposal, manifests=used)
                validate(plan, manifests)
                return PlanProposed(plan, critical_path(plan, await self._estimates(plan)))

    async def _estimates(self, plan: Plan) -> Mapping[StepId, float]:
        if self.durations is None:
            return {}
        expected = await self.durations.expected({step.tool for step in plan.steps})
        return {step.id: expected[step.tool] for step in plan.steps if step.tool in expected}


def _harmless(manifest: Manifest) -> bool:
    """Whether it changes nothing: it reads, or is a mere description, of which nobody has said what it does."""
    return manifest.effect == "read" or not manifest.verbs


def _only_harmless(plan: Plan, harmless: Sequence[Manifest]) -> Proposal:
    known = {each.name for each in harmless}
    changing = [step.tool for step in plan.steps if step.tool not in known]
    if not changing:
        return plan
    return Abstention(f"{plan.planner or 'a planner'} would use {changing[0]}, and nothing was asked to be done")
