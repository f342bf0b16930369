"""What happens in a demo, one class a happening; `Happening` is their closed union. `play` yields them, a door shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from doer.domain.event import Recorded
from doer.domain.value import StepId
from doer.observation.report import RunReport

Act = Literal["work", "resume", "undo"]
How = Literal["adopted", "applied again", "read back"]


@dataclass(frozen=True, slots=True)
class ServersUp:
    """The real servers answer."""

    root: Path
    services: Mapping[str, str]
    """Name -> URL or path."""
    kinds: Mapping[str, str]
    """Name -> what serves it, where the scenario says so."""
    seconds: float


@dataclass(frozen=True, slots=True)
class Foreseen:
    """There is a plan and its diff of the world; it waits for approval."""

    run: RunReport


@dataclass(frozen=True, slots=True)
class Approved:
    """It was approved, also by name what cannot be taken back."""

    run: RunReport
    named: tuple[StepId, ...]
    asked: bool
    """A person was asked; else the demo approves by itself."""


@dataclass(frozen=True, slots=True)
class Ended:
    """There is nothing to approve, or it was refused: a question, an abstention, a refusal, or only reads, which are done."""

    run: RunReport
    records: Sequence[Recorded]


@dataclass(frozen=True, slots=True)
class Began:
    """A process drives the run."""

    act: Act
    pid: int
    records: Sequence[Recorded]
    """The story so far."""


@dataclass(frozen=True, slots=True)
class Moved:
    """The journal has grown."""

    records: Sequence[Recorded]


@dataclass(frozen=True, slots=True)
class Killed:
    """The working process was ended by SIGKILL."""

    pid: int
    run: RunReport
    """What the journal knows."""
    seen: int
    """Effects that the independent observer sees in the world at that moment."""
    after_effect: str
    """Tool that had done its effect and could not record it any more; empty: none."""
    before_effect: str
    """Tool that had recorded its intent and not done its effect yet; empty: none."""

    def steps(self, *states: str) -> tuple[StepId, ...]:
        """Return the steps in one of these states."""
        return tuple(step.id for step in self.run.steps if step.state in states)


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What the new process found out about a step whose outcome was lost."""

    step: StepId
    tool: str
    how: How


@dataclass(frozen=True, slots=True)
class Carried:
    """A process drove the run until it rested."""

    pid: int
    run: RunReport
    resumed: bool
    reconciled: tuple[Reconciled, ...] = ()


@dataclass(frozen=True, slots=True)
class Proved:
    """What the independent observer and the journal's check say."""

    foretold: int
    """Changes that were approved."""
    effects: int
    """Effects that the observer sees."""
    duplicates: tuple[str, ...]
    """What is there more than once."""
    events: int
    sound: bool
    """The journal is what was recorded."""
    receipt: str

    @property
    def holds(self) -> bool:
        """Each effect is there exactly once, and the record is whole."""
        return self.sound and not self.duplicates and self.effects == self.foretold


@dataclass(frozen=True, slots=True)
class Caught:
    """A server lied or failed; what doer made of it, and what the observer sees."""

    kind: str
    says: str
    """What the server did, in a line."""
    service: str
    struck: tuple[str, ...]
    """Requests on which it struck, and what the real server got of each."""
    run: RunReport
    left: tuple[str, ...]
    """What the observer sees changed since the seed."""
    duplicates: tuple[str, ...]
    foretold: int

    @property
    def believed(self) -> bool:
        """The run says that all is done, and the world is not so: what must never be."""
        return self.run.status == "done" and (len(self.left) != self.foretold or bool(self.duplicates))

    @property
    def holds(self) -> bool:
        """The fault struck, and the run does not say what is not so."""
        return bool(self.struck) and not self.believed


@dataclass(frozen=True, slots=True)
class UndoForeseen:
    """What taking it back would change."""

    run: RunReport


@dataclass(frozen=True, slots=True)
class TakenBack:
    """The run was taken back."""

    run: RunReport
    left: tuple[str, ...]
    """What the observer sees changed since the seed."""
    stays: tuple[StepId, ...]
    """Steps that could not be taken back, and were named before."""
    same: tuple[str, ...]
    """Systems that are as they were before."""
    before: str
    """SHA-256 over those systems before the run, without fields declared volatile."""
    after: str
    """The same afterwards."""
    world_equal: bool
    """Equal to before but for what was named before."""


Happening: TypeAlias = (
    ServersUp
    | Foreseen
    | Approved
    | Ended
    | Began
    | Moved
    | Killed
    | Carried
    | Proved
    | Caught
    | UndoForeseen
    | TakenBack
)
