"""Commands: what a run wants done next. A closed union; the decider makes them, the runtime performs them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from doer.domain.event import Status
from doer.domain.quick import quick
from doer.domain.value import StepId


@dataclass(frozen=True, slots=True)
class Propose:
    """Find a plan for the goal."""


@dataclass(frozen=True, slots=True)
class PreviewPlan:
    """Foresee what every step would change."""


@dataclass(frozen=True, slots=True)
class Judge:
    """Ask policy about every step."""


@dataclass(frozen=True, slots=True)
class Skip:
    """Leave a step out."""

    step: StepId
    reason: str


@quick
@dataclass(frozen=True, slots=True)
class Prepare:
    """Foresee the step again with its concrete arguments; start it, or ask again. Touches nothing."""

    step: StepId
    tries: int


@quick
@dataclass(frozen=True, slots=True)
class Apply:
    """Do it; its start is durable."""

    step: StepId
    tries: int


@quick
@dataclass(frozen=True, slots=True)
class Verify:
    """Read back what was applied."""

    step: StepId
    checks: int


@dataclass(frozen=True, slots=True)
class Reconcile:
    """Find out what came of a step whose outcome was lost."""

    step: StepId
    checks: int


@dataclass(frozen=True, slots=True)
class PreviewUndo:
    """Foresee what taking the run back would change."""


@dataclass(frozen=True, slots=True)
class StartUndo:
    """Record that a step is about to be taken back."""

    step: StepId


@dataclass(frozen=True, slots=True)
class Undo:
    """Take a step back; its start is durable."""

    step: StepId
    tries: int


@dataclass(frozen=True, slots=True)
class Keep:
    """Leave a step as it is, because something that could not be taken back depends on it."""

    step: StepId
    reason: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to do before that time."""

    until: datetime


@quick
@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing to do before a person says something, or a time has come that is too far for a process to wait for."""

    status: Literal["planned", "waiting", "needs_answer"]
    reason: str
    steps: tuple[StepId, ...] = ()
    """The steps that somebody is asked about."""
    until: datetime | None = None
    """When there is something to do without anybody's word, for whoever drives it then."""


@quick
@dataclass(frozen=True, slots=True)
class End:
    """Record that nothing more will happen by itself."""

    status: Status
    reason: str = ""


Command: TypeAlias = (
    Propose | PreviewPlan | Judge | Skip | Prepare | Apply | Verify | Reconcile | PreviewUndo | StartUndo | Undo | Keep
    | Wait | Rest | End
)  # fmt: skip

Touching: TypeAlias = Apply | Undo
"""Commands that touch the world: whatever they rest on is durable first."""
