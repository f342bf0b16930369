"""Events: the story of a run as a list. What is not here did not happen.

Each class is one kind of event; `Event` is their closed union. Times that a decision depends on are fields of the event
(`failed_at`), never read from a clock by the fold. Fields are only ever added, with an upcaster in the journal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from doer.domain.action import Change, ChangeKind, Effect, Preview, Receipt, alike, essence
from doer.domain.decision import Decision, Grant
from doer.domain.goal import Abstention, Answer, Goal, Question
from doer.domain.plan import Plan, Step
from doer.domain.quick import kept, quick
from doer.domain.value import (
    Digest,
    Json,
    JsonObject,
    Key,
    Principal,
    RunId,
    StepId,
    Written,
    hashed,
    simply,
    written,
)

Status = Literal[
    "planned", "running", "waiting", "needs_answer", "done", "unproven", "rolled_back", "partly_rolled_back",
    "refused", "abstained", "failed", "cancelled", "undone", "partly_undone",
]  # fmt: skip


@quick
@dataclass(frozen=True, slots=True)
class RunAccepted:
    """Somebody asked for something; from here on the run ends or waits with a reason, and is never lost."""

    goal: Goal
    mode: Literal["do", "plan", "look"]
    """plan: stop after the preview; an approval carries it on. look: reads that serve no goal, recorded when they are over."""
    seed: int
    """For jitter, so that the decider needs no randomness."""
    decider: int
    """Version of the decider; an incompatible one refuses to drive the run."""


@quick
@dataclass(frozen=True, slots=True)
class RunClaimed:
    """A driver took the run; every started step without an outcome is unknown from here on."""

    epoch: int
    driver: str


@dataclass(frozen=True, slots=True)
class SelectionRead:
    """A read that a planner made, and that policy granted."""

    tool: str
    arguments: JsonObject
    result: Json


@dataclass(frozen=True, slots=True)
class ModelAsked:
    """A planner asked a language model; what it answered is no plan before symbols have checked it."""

    model: str
    tokens_in: int
    tokens_out: int
    cost: str
    """US dollars, a decimal number."""
    prompt: str
    answer: Json


@dataclass(frozen=True, slots=True)
class PlanOutdated:
    """Tools are no longer those that it was planned with, and nothing was begun: it is planned and asked about anew."""

    reason: str


@quick
@dataclass(frozen=True, slots=True)
class PlanProposed:
    """A valid plan."""

    plan: Plan
    urgency: Mapping[StepId, float] = field(default_factory=dict)
    """Seconds from the start of a step to the end of the plan on its longest path, from measured durations."""


@dataclass(frozen=True, slots=True)
class PlanRejected:
    """A planner's plan broke the rules of plans, or planning failed; nothing was run."""

    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QuestionAsked:
    """Something must be known before there can be a plan."""

    question: Question


@dataclass(frozen=True, slots=True)
class QuestionAnswered:
    """A person answered; planning starts again with the answer."""

    answer: Answer
    by: Principal


@dataclass(frozen=True, slots=True)
class Corrected:
    """A person said in words what should be otherwise, before anything was done; planning starts again from the same goal."""

    by: Principal
    text: str
    said_at: datetime
    """Relative words in it resolve against this, not against when the goal was said."""


@dataclass(frozen=True, slots=True)
class Abstained:
    """Nothing here can do it."""

    abstention: Abstention


@quick
@dataclass(frozen=True)  # without slots: it keeps what it was written as
class Foresight:
    """What one step will change, and what its tool promises, as the decider needs it."""

    step: StepId
    arguments: JsonObject
    """With a `Hole` where a value comes later (an ordinary string once it was read back from the journal)."""
    preview: Preview
    effect: Effect
    """The stricter of manifest and preview."""
    once: bool
    undoable: bool
    complete: bool = True
    """All arguments were known; else what stands in ‹…› was approved as known only later."""

    @kept
    def arguments_written(self) -> Written:
        """The arguments as every digest takes them. Raises ValueError where they have no canonical JSON."""
        return written(self.arguments)

    @kept
    def kinds(self) -> tuple[tuple[str, ChangeKind], ...]:
        """What happens to which resource, change by change: (resource URI, kind)."""
        return tuple((each.resource, each.kind) for each in self.preview.changes)

    @kept
    def changes_written(self) -> Written:
        """What a person approves of the changes, as every digest takes it. Raises ValueError where it has no canonical JSON."""
        return written(essence(self.preview.changes))

    @kept
    def changes_digest(self) -> Digest:
        """Digest of what a person approves of the changes. Raises ValueError where it has no canonical JSON."""
        return hashed(self.changes_written)

    def meant(self, step: Step) -> None:
        """Keep what the plan's digest wrote of the arguments, which are the step's own."""
        self.__dict__["arguments_written"] = step.known_written

    def found_again(self, earlier: Foresight) -> None:
        """Keep what was worked out of the changes of an earlier foresight of the step, if these are plainly the same."""
        if alike(earlier.preview.changes, self.preview.changes):
            self.__dict__["changes_written"] = earlier.changes_written
            self.__dict__["changes_digest"] = earlier.changes_digest
            self.__dict__["kinds"] = earlier.kinds

    def binding(self, plan: Digest | None, policy: Digest | None, generation: int) -> Digest:
        """Digest of the step as foreseen, under this plan, policy and generation of its run.

        The last one is kept: the fold asks for it again, just after whoever approved.
        """
        under = (plan, policy, generation)
        known = self.__dict__.get("_bound")
        if known is None or known[0] != under:
            what = f'"arguments":{self.arguments_written},"changes":{self.changes_written}'
            how = f'"effect":"{self.effect}","foreseeable":{written(self.preview.foreseeable)}'
            where = (
                f'"generation":{generation},"plan":{simply(plan)},"policy":{simply(policy)},"step":{simply(self.step)}'
            )
            known = self.__dict__["_bound"] = (under, hashed(Written(f"{{{what},{how},{where}}}")))
        bound: Digest = known[1]
        return bound


@quick
@dataclass(frozen=True, slots=True)
class PlanPreviewed:
    """The diff of the world, step by step in the plan's order."""

    foresights: tuple[Foresight, ...]


@quick
@dataclass(frozen=True, slots=True)
class PlanJudged:
    """What policy says of each step."""

    decisions: Mapping[StepId, Decision]
    policy: Digest


@quick
@dataclass(frozen=True, slots=True)
class Approved:
    """A person approved steps, and their rollback."""

    by: Principal
    bindings: Mapping[StepId, Digest]
    """Step -> digest of what was shown; an approval of anything else has no force."""
    named: tuple[StepId, ...] = ()
    """Steps that cannot be taken back and were approved by name."""
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """A person refused the plan; nothing was run."""

    by: Principal
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CancelRequested:
    """A person wants the run stopped; what it did so far is taken back."""

    by: Principal


@dataclass(frozen=True, slots=True)
class StepSkipped:
    """The step's guard was false, or it is made of the result of a skipped step. A mere need is only an order."""

    step: StepId
    reason: str


@quick
@dataclass(frozen=True, slots=True)
class StepStarted:
    """Intent, durable before anything is touched."""

    step: StepId
    key: Key
    generation: int
    arguments: JsonObject
    changes: tuple[Change, ...]
    """Foretold just before, with before-images."""
    grant: Grant


@quick
@dataclass(frozen=True, slots=True)
class StepApplied:
    """The tool says that it did it; not yet believed."""

    step: StepId
    receipt: Receipt


@quick
@dataclass(frozen=True, slots=True)
class StepVerified:
    """The system of record shows it."""

    step: StepId
    receipt: Receipt
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class StepUnconfirmed:
    """It was applied, and the system of record does not show it yet, or could not be read; it is read again."""

    step: StepId
    reason: str
    checked_at: datetime


@dataclass(frozen=True, slots=True)
class StepUnproven:
    """It was applied and nobody can tell whether it is so."""

    step: StepId
    reason: str


@dataclass(frozen=True, slots=True)
class StepRefuted:
    """The system of record shows something else than was intended, or nothing."""

    step: StepId
    reason: str
    receipt: Receipt | None = None


@dataclass(frozen=True, slots=True)
class StepFailed:
    """It provably had no effect."""

    step: StepId
    error: str
    transient: bool
    failed_at: datetime
    again_at: datetime | None = None
    """Before that time its system will not be asked again, as it said itself."""


@dataclass(frozen=True, slots=True)
class StepUnknown:
    """It may have had an effect; it is reconciled by reading back."""

    step: StepId
    reason: str
    failed_at: datetime


@dataclass(frozen=True, slots=True)
class StepAbsent:
    """Reconciling found nothing of it. Where the system enforces the key it is applied again; else a person is asked."""

    step: StepId
    reason: str


@dataclass(frozen=True, slots=True)
class OutcomeSettled:
    """A person said what came of a step that nobody could tell."""

    step: StepId
    outcome: Literal["done", "not_done", "abandon"]
    by: Principal


@dataclass(frozen=True, slots=True)
class ChangesDiffered:
    """Just before the step its changes were not those that were approved; it asks again with the new ones."""

    step: StepId
    foresight: Foresight
    decision: Decision
    """What policy says of the new changes."""
    reason: str


@dataclass(frozen=True, slots=True)
class StepBlocked:
    """The system refused our credential, so this call changed nothing; the run waits until it is renewed."""

    step: StepId
    reason: str


@dataclass(frozen=True, slots=True)
class CredentialRenewed:
    """A person connected again, or says that the credential is accepted now; what was blocked is tried again."""

    by: Principal


@dataclass(frozen=True, slots=True)
class RunRestored:
    """The journal came back from a backup: what happened after that is not in it, so nothing goes on unasked."""

    by: Principal
    saved_at: datetime
    """When the backup was made."""


@dataclass(frozen=True, slots=True)
class TimerFired:
    """A time that somebody waited for has come."""

    at: datetime


@dataclass(frozen=True, slots=True)
class UndoRequested:
    """A person wants a finished run taken back."""

    by: Principal


@dataclass(frozen=True, slots=True)
class UndoForesight:
    """What taking one step back would change, or why it cannot be."""

    step: StepId
    changes: tuple[Change, ...]
    obstacle: str = ""
    """Empty: it can be taken back as things stand now."""


@dataclass(frozen=True, slots=True)
class UndoPreviewed:
    """The diff of the world that an undo would make, in the order in which it would be made."""

    foresights: tuple[UndoForesight, ...]


@dataclass(frozen=True, slots=True)
class UndoApproved:
    """A person approved the undo as previewed."""

    by: Principal
    binding: Digest


@dataclass(frozen=True, slots=True)
class UndoRefused:
    """A person decided against the undo; the run stays as it was."""

    by: Principal


@dataclass(frozen=True, slots=True)
class UndoStarted:
    """Intent to take one step back, durable before anything is touched."""

    step: StepId


@dataclass(frozen=True, slots=True)
class StepUndone:
    """What was there before is there again, read back."""

    step: StepId
    versions: Mapping[str, str] = field(default_factory=dict)
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class UndoConflicted:
    """Somebody changed it since; nothing was overwritten. With `partial`, some of it was put back."""

    step: StepId
    reason: str
    partial: bool = False


@dataclass(frozen=True, slots=True)
class UndoFailed:
    """The undo could not be done or not be confirmed; it is tried again, as undo is safe to repeat."""

    step: StepId
    error: str
    transient: bool
    failed_at: datetime
    again_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RedoRequested:
    """A person wants an undone run done again: a new action with new keys, previewed and approved anew."""

    by: Principal


@quick
@dataclass(frozen=True, slots=True)
class RunEnded:
    """Nothing more will happen by itself."""

    status: Status
    reason: str = ""


Event: TypeAlias = (
    RunAccepted | RunClaimed | SelectionRead | ModelAsked | PlanOutdated | PlanProposed | PlanRejected | QuestionAsked | QuestionAnswered | Corrected
    | Abstained | PlanPreviewed | PlanJudged | Approved | Refused | CancelRequested | StepSkipped | StepStarted
    | StepApplied | StepVerified | StepUnconfirmed | StepUnproven | StepRefuted | StepFailed | StepUnknown | StepAbsent
    | OutcomeSettled | ChangesDiffered | StepBlocked | CredentialRenewed | RunRestored | TimerFired | UndoRequested | UndoPreviewed | UndoApproved | UndoRefused
    | UndoStarted | StepUndone | UndoConflicted | UndoFailed | RedoRequested | RunEnded
)  # fmt: skip


@quick
@dataclass(frozen=True, slots=True)
class Recorded:
    """An event as the journal holds it."""

    run: RunId
    seq: int
    """1, 2, 3 … within the run."""
    at: datetime
    """UTC, when it was appended."""
    event: Event
