"""Consent: how a program or a terminal is asked for a person's approval."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from doer.domain.action import Change
from doer.domain.quick import kept, quick
from doer.domain.value import StepId
from doer.observation.report import RunReport


@quick
@dataclass(frozen=True)  # without slots: it keeps what it was asked for
class ApprovalRequest:
    """What is to be approved: a plan, one step that cannot be taken back, or an undo."""

    kind: Literal["plan", "irreversible", "undo"]
    """plan: all steps that can be taken back, and their rollback; irreversible: the one step in `steps`; undo: taking
    the run back."""
    steps: tuple[StepId, ...]
    _told: Callable[[], RunReport] = field(repr=False, compare=False)

    @kept
    def run(self) -> RunReport:
        """The run as it stands; made when somebody looks."""
        return self._told()

    @kept
    def changes(self) -> tuple[Change, ...]:
        """The diff of the world that is approved."""
        if self.kind == "undo":
            return self.run.undo_changes
        return tuple(change for step in self.run.steps if step.id in self.steps for change in step.changes)


Approver: TypeAlias = Callable[[ApprovalRequest], bool | Awaitable[bool]]
"""Asked once for the plan and once for each step that cannot be taken back; `True` approves exactly what was shown."""


async def consents(approver: Approver, request: ApprovalRequest) -> bool:
    """Return the approver's word. Anything but `True` is a no."""
    word = approver(request)
    if word is True:
        return True
    if inspect.isawaitable(word):
        word = await word
    return word is True
