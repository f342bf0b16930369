"""A run: what is known of one goal's fate, as the fold of its events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal  # noqa: TID251 - it hides no arrow: only a signature of the standard library

from doer.domain.action import Change, Effect, Receipt, essence
from doer.domain.decision import Ask, Decision
from doer.domain.event import Foresight, Status, UndoForesight
from doer.domain.foreseen import Foreseen
from doer.domain.goal import Abstention, Answer, Goal, Question
from doer.domain.plan import Plan, Step
from doer.domain.quick import quick
from doer.domain.value import Digest, Json, JsonObject, Key, Principal, RunId, StepId, digest

State = Literal[
    "planned", "waiting", "started", "applied", "verified", "unproven", "refuted", "unknown", "failed", "held",
    "undone", "conflict", "skipped",
]  # fmt: skip

FINISHED: frozenset[State] = frozenset({"verified", "unproven", "skipped"})
"""States after which the steps that need this one may start."""

TOUCHED: frozenset[State] = frozenset({"started", "applied", "verified", "unproven", "refuted", "unknown", "conflict"})
"""States in which the world may have been changed by the step."""

_UNSTARTED: frozenset[State] = frozenset({"planned", "waiting"})


if TYPE_CHECKING:
    from dataclasses import replace as replace  # noqa: PLC0414 - so that names and types of changed fields are checked
else:

    class _Open:
        """What a record is while its fields are put in: `__class__` may be assigned among classes of one layout."""

    def replace(record: object, /, **changes: object) -> object:
        """Return the record with these fields changed: `dataclasses.replace`, in a tenth of its time.

        The fold is little else. So the two records that it is made of have no slots, and a copy is one of their
        dictionary. Raises TypeError for a field that the record does not have.
        """
        before = record.__dict__
        fields = before | changes
        if len(fields) != len(before):
            raise TypeError(f"{type(record).__name__} has no {', '.join(changes.keys() - before.keys())}")
        made = _Open()
        made.__dict__ = fields
        made.__class__ = type(record)
        return made


@quick
@dataclass(frozen=True)
class StepState:
    """What is known of one step."""

    step: Step
    state: State = "planned"
    foresight: Foresight | None = None
    after: frozenset[StepId] = frozenset()
    """Steps that must be finished first: its needs, earlier writers of its resources, and all others if irreversible."""
    arguments: JsonObject = field(default_factory=dict)
    """Concrete, from when it started."""
    key: Key | None = None
    changes: tuple[Change, ...] = ()
    receipt: Receipt | None = None
    tries: int = 0
    """How often it was started, or applied again under the same key."""
    checks: int = 0
    """How often reading back gave no answer since it was last applied."""
    due: datetime | None = None
    """Not to be tried or read again before."""
    transient: bool = False
    absent: bool = False
    """Its outcome was lost, and reading back found nothing of it."""
    again: bool = False
    """It is applied again under the same key, so that a failure of this try says nothing about the one before."""
    blocked: str = ""
    """The system refused the credential: not to be called before that is renewed."""
    stuck: bool = False
    """Taking it back was given up; asking for undo again tries again."""
    undoing: bool = False
    undo_tries: int = 0
    finished: int = 0
    """Place in the order in which steps took effect; undo goes in reverse."""
    reason: str = ""

    @property
    def effect(self) -> Effect:
        """The stricter of what manifest and preview say; a write until it is known."""
        return self.foresight.effect if self.foresight is not None else "write"

    @property
    def touched(self) -> bool:
        """Whether the world may bear a trace of it."""
        return self.effect != "read" and self.state in TOUCHED

    @property
    def undoable(self) -> bool:
        """Whether its tool can take it back and there is what it needs for that."""
        return self.foresight is not None and self.foresight.undoable and self.receipt is not None


@quick
@dataclass(frozen=True)
class Run:
    """The fold of a run's events; `Run(id)` is a run of which nothing is recorded yet."""

    id: RunId
    seq: int = 0
    accepted_at: datetime | None = None
    recorded_at: datetime | None = None
    """When the journal took the first event, and the latest."""
    goal: Goal | None = None
    mode: Literal["do", "plan", "look"] = "do"
    seed: int = 0
    decider: int = 0
    epoch: int = 0
    generation: int = 0
    """Raised when an undone run is done again, so that its actions are new ones with new keys."""
    now: datetime | None = None
    """The latest time that the run was told."""
    question: Question | None = None
    answers: tuple[Answer, ...] = ()
    abstention: Abstention | None = None
    problems: tuple[str, ...] = ()
    plan: Plan | None = None
    plan_digest: Digest | None = None
    urgency: Mapping[StepId, float] = field(default_factory=dict)
    steps: Mapping[StepId, StepState] = field(default_factory=dict)
    previewed: bool = False
    foreseen: Foreseen | None = None
    """All steps as they were foreseen; None where one was foreseen anew since, or left out."""
    decisions: Mapping[StepId, Decision] | None = None
    policy: Digest | None = None
    approved: Mapping[StepId, Principal] = field(default_factory=dict)
    expires: Mapping[StepId, datetime] = field(default_factory=dict)
    """Until when the approval of a step may be used; a later approval of other steps does not prolong it."""
    refused: str = ""
    cancelled: str = ""
    restored: str = ""
    """It came back from a backup: whatever is still to be written asks first, with this as the reason."""
    abandoned: str = ""
    """Why it is given up although nobody said so. Kept here, as the step itself shows only that it was taken back."""
    tokens: int = 0
    """Of language models, asked and answered while planning."""
    effects: int = 0
    """How many steps took effect so far; numbers `StepState.finished`."""
    undo: Literal["", "requested", "previewed", "approved"] = ""
    undo_foresights: tuple[UndoForesight, ...] = ()
    ended: Status | None = None
    reason: str = ""

    @property
    def redoable(self) -> bool:
        """Whether it was undone, or taken up again without touching anything: then it may be done (again)."""
        again = self.generation > 0 and self.ended in ("failed", "refused", "cancelled")
        return self.ended == "undone" or (again and not any(state.touched for state in self.steps.values()))

    @property
    def correctable(self) -> bool:
        """Whether it may be planned anew: it is planned or asked about, and nothing of it was begun."""
        begun = any(state.state not in ("planned", "waiting") or state.tries for state in self.steps.values())
        given_up = self.problems or self.refused or self.cancelled or self.abstention is not None
        return self.goal is not None and self.ended is None and not (self.undo or begun or given_up or self.generation)

    @property
    def results(self) -> Mapping[str, Json]:
        """Step id -> result, of every finished step that has one."""
        return {
            step: state.receipt.result
            for step, state in self.steps.items()
            if state.receipt is not None and state.state in FINISHED
        }

    @property
    def left(self) -> Mapping[str, str]:
        """Resource URI -> version that this run's finished steps have left there, the latest counts."""
        finished = sorted((state for state in self.steps.values() if state.finished), key=lambda each: each.finished)
        found: dict[str, str] = {}
        for state in finished:
            if state.receipt is not None and state.state != "undone":
                found |= state.receipt.versions
        return found

    def binding(self, step: StepId) -> Digest:
        """Digest of what a person sees of a step before approving it: an approval of anything else has no force."""
        foresight = self.steps[step].foresight
        if foresight is not None:
            return foresight.binding(self.plan_digest, self.policy, self.generation)
        under: JsonObject = {"plan": self.plan_digest, "policy": self.policy, "generation": self.generation}
        unseen: JsonObject = {"effect": "write", "arguments": None, "foreseeable": False, "changes": []}
        return digest({**under, **unseen, "step": step})

    @property
    def undo_binding(self) -> Digest:
        """Digest of the undo that was previewed."""
        return digest([[each.step, essence(each.changes), each.obstacle] for each in self.undo_foresights])

    @property
    def unapproved(self) -> tuple[StepId, ...]:
        """Steps that still need a person's approval, in the plan's order."""
        decisions, approved = self.decisions, self.approved
        if decisions is None:
            return ()
        return tuple(
            [
                step
                for step, state in self.steps.items()
                if state.state in _UNSTARTED and step not in approved and isinstance(decisions.get(step), Ask)
            ]
        )

    def asks_for(self, step: StepId) -> bool:
        """Tell whether this step still needs a person's approval."""
        return (
            step not in self.approved
            and self.decisions is not None
            and isinstance(self.decisions.get(step), Ask)
            and self.steps[step].state in _UNSTARTED
        )
