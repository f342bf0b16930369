"""What a demo is told and what it may ask of a stage: wishes, consent, replies, observation."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from doer.app.doer import Doer
from doer.demos.liar import Lie
from doer.domain.goal import Question
from doer.domain.run import Run
from doer.domain.value import StepId
from doer.observation.report import RunReport

Consent = Callable[[Doer, RunReport, Sequence[StepId]], Awaitable[bool]]
"""Asked for the plan, or the undo, as shown; the steps are those that cannot be taken back."""
Reply = Callable[[Doer, Run, Question], Awaitable[str | None]]
"""Asked what the planner must know; None: nobody answers."""


@runtime_checkable
class Observed(Protocol):
    """What a stage may add so that a demo can say more."""

    @property
    def kinds(self) -> Mapping[str, str]:
        """Service -> what serves it."""
        ...

    def differences(self) -> Sequence[str]:
        """What has changed since the seed, each in words."""
        ...

    def doubled(self) -> Sequence[str]:
        """What is there more than once, each in words."""
        ...


@runtime_checkable
class Keepable(Protocol):
    """A stage that can be looked around in with the other commands."""

    def keep(self) -> Sequence[str]:
        """Make its folder a workspace; return the shell commands to go there."""
        ...


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is wanted of a demo."""

    scenario: str
    sentence: str = ""
    """Empty: the scenario's own."""
    lie: Lie | None = None
    consent: Consent | None = None
    """None: the demo approves by itself."""
    reply: Reply | None = None
