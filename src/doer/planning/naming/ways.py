"""Ways: what is tried, in order, with a goal in a workspace whose tables and files are known, until it is a plan."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from doer.domain.action import Manifest
from doer.domain.goal import Answer, Declined, Goal
from doer.domain.plan import Plan
from doer.domain.ports import Proposal, Reader
from doer.planning.derived.ground import GroundTable
from doer.planning.naming.contrast import contrasts, weighed
from doer.planning.naming.exporting import Export, Exporting, words_as_rows
from doer.planning.naming.file_sets import may_be_set, words_as_text
from doer.planning.naming.files import Folders
from doer.planning.naming.stage import Naming, placed


@dataclass(frozen=True, slots=True)
class Ways:
    """One goal, and all that is at hand for it."""

    goal: Goal
    answers: Sequence[Answer]
    tools: Sequence[Manifest]
    reader: Reader
    grounds: Sequence[GroundTable]
    planned: Callable[[Goal], Awaitable[Proposal]]
    """Plans a goal as it is worded."""
    folders: Folders | None

    async def plan(self) -> Proposal:
        """Return a plan, a question or an abstention."""
        if self.folders is not None and (export := Export.of(self.goal.text)) is not None:
            made = await Exporting(
                export, self.goal, self.answers, self.tools, self.reader, self.folders, self._named
            ).plan()
            if made is not None:
                return made
        proposal = await self._named(self.goal)
        if not isinstance(proposal, Plan):
            proposal = await self._without_old(proposal)
        if not isinstance(proposal, Plan) or self.folders is None:
            return proposal
        asked = words_as_rows(proposal, self.goal, self.folders.listing) or words_as_text(proposal)
        return asked or await self.folders.with_folders(proposal, self.goal, self.answers, self.tools)

    async def _named(self, goal: Goal) -> Proposal:
        """The goal with the files that are meant together, as it is worded, or with rows by their keys and files by their paths."""
        naming = Naming(goal, self.grounds, self.reader, self.planned, self.folders)
        if may_be_set(goal.text) and (together := await naming.of_files()) is not None:
            return together  # else each would be dealt with by itself: an archive of one file after the other
        proposal = await self.planned(goal)
        lacking = isinstance(proposal, Plan) and self.folders is not None and await self.folders.lacks(proposal)
        if isinstance(proposal, Plan | Declined) and not lacking:
            return proposal
        return await naming.of_files() or proposal if isinstance(proposal, Plan) else await naming.plan(proposal)

    async def _without_old(self, declined: Proposal) -> Proposal:
        """The goal without the old value that it tells, where that is what is there."""
        for each in contrasts(self.goal.text):
            plan = await self._named(replace(self.goal, text=each.rest.text))
            if not isinstance(plan, Plan):
                continue
            made = await weighed(plan, each, self.answers, self.reader)
            if isinstance(made, Plan):
                return replace(placed(made, each.rest, "what is there"), title=self.goal.text.strip())
            if made is not None:
                return made
        return declined
