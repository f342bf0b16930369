"""Scenarios: a job, the real services it runs against, and a view of their world that shares no code with connectors.

A scenario is what `doer demo` shows and what `doer chaos` tries to break. Yours needs two small classes:

    class Refunds:                                  # a Scenario
        name, sentence = "refunds", "refund order 4711 to its customer"
        def start(self, root): ...                  # context manager: starts services, leaves their addresses in root
        def attach(self, root, through={}): ...     # -> Stage, also from another process

    doer chaos kill --scenario refunds.py:Refunds
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol, TypeAlias

from doer.domain.ports import Journal, Tool
from doer.domain.run import Run
from doer.domain.value import Json, RunId
from doer.observation.report import RunReport


class Driver(Protocol):
    """What the harness needs of `doer.Doer`."""

    journal: Journal

    async def accept(self, text: str) -> RunId:
        """Record the goal as a new run."""
        ...

    async def carry_on(self, run_id: RunId, approver: Callable[[object], bool] | None = None) -> RunReport:
        """Drive the run, asking the approver."""
        ...

    async def resume(self, run_id: RunId | None = None) -> Sequence[RunReport]:
        """Drive whatever waits for nobody."""
        ...

    async def undo(self, run_id: RunId, *, approve: Callable[[object], bool] | None = None) -> RunReport:
        """Take a finished run back."""
        ...

    async def redo(self, run_id: RunId, *, approve: Callable[[object], bool] | None = None) -> RunReport:
        """Do an undone run again."""
        ...

    async def fold(self, run_id: RunId) -> Run:
        """Return the run as the decider sees it."""
        ...

    async def close(self) -> None:
        """End it."""
        ...


WrapTools: TypeAlias = Callable[[Sequence[Tool]], Sequence[Tool]]
WrapJournal: TypeAlias = Callable[[Journal], Journal]


class Stage(Protocol):
    """One running world of a scenario, as seen from any process."""

    services: Mapping[str, str]
    """Service name -> where it is; `doer chaos lie` makes each of them lie: `http://…` and `smtp://…` through a proxy, the
    file of an SQLite database by triggers, a folder by damaging the files that were just written there."""

    def open(self, *, tools: WrapTools | None = None, journal: WrapJournal | None = None) -> Driver:
        """Return a Doer over this world, its journal in the root; the wrappers put mutants and kill switches between."""
        ...

    def effects(self) -> Sequence[str]:
        """Return what has changed since the seed, each as a line that is equal from run to run (no ids, no times)."""
        ...

    def observe(self) -> Json:
        """Return the whole world through independent clients, volatile fields left out."""
        ...

    def meddle(self, where: Sequence[str] = ()) -> Sequence[str]:
        """Let somebody else edit what the run made in these services (all, when none is named).

        Return what was edited, as `still` recognises it; nothing when there is nothing to edit there.
        """
        ...

    def still(self, edits: Sequence[str]) -> Sequence[str]:
        """Return those edits that are still as `meddle` left them."""
        ...

    def reset(self) -> None:
        """Put the world back to its seed and forget the journal."""
        ...


class Scenario(Protocol):
    """A job and its world."""

    name: str
    sentence: str
    """What is asked for."""

    def start(self, root: Path) -> AbstractContextManager[None]:
        """Start the real services under `root` and leave there what `attach` needs."""
        ...

    def attach(self, root: Path, through: Mapping[str, str] | None = None) -> Stage:
        """Return the world that `start` made, from this or another process; `through` replaces URLs of services."""
        ...
