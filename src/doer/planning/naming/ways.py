"""Ways: what is tried, in order, with a goal in a workspace whose tables and files are known, until it is a plan."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from doer.domain.action import Manifest
from doer.domain.goal import Abstention, Answer, Declined, Goal, Question
from doer.domain.plan import Plan
from doer.domain.ports import Proposal, Reader
from doer.domain.template import to_json
from doer.intent.text import stem, words
from doer.intent.vocabulary import FUNCTION_WORDS, POLITE, verbs
from doer.planning.compound.background import requests
from doer.planning.compound.otherwise import told
from doer.planning.derived.ground import GroundTable
from doer.planning.naming.contrast import contrasts, weighed
from doer.planning.naming.exporting import Export, Exporting, words_as_rows
from doer.planning.naming.file_sets import asked_of_folder, asks_for_the_last, may_be_set, words_as_text
from doer.planning.naming.files import Folders, said_in
from doer.planning.naming.making import made_of_another_kind
from doer.planning.naming.relative import counted
from doer.planning.naming.sheet_edits import Editing
from doer.planning.naming.sheets import Asking, Sheet, named_in, one_step, sorts
from doer.planning.naming.spelling import mended
from doer.planning.naming.stage import Naming, placed, vague
from doer.planning.naming.text_edits import Retouching, points_back, texts_in
from doer.planning.words.utterance import hear


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
    alone: bool = False
    """True: the goal is a request that was taken out of what was told beside it."""

    async def plan(self) -> Proposal:
        """Return a plan, a question or an abstention."""
        if self.folders is not None and (export := Export.of(self.goal.text)) is not None:
            made = await Exporting(
                export, self.goal, self.answers, self.tools, self.reader, self.folders, self._named
            ).plan()
            if made is not None:
                return made
        if sorts(self.goal.text) and (sheet := await self._sheet()) is not None:
            return sheet
        if asks_for_the_last(self.goal.text):
            return await self._counted() or Abstention("no one file was changed last: several were at the same moment")
        if points_back(self.goal.text) and (ticked := await self._text()) is not None:
            return ticked
        proposal = await self._named(self.goal)
        if not isinstance(proposal, Plan):
            proposal = (
                await self._counted() or await self._sheet() or await self._text() or await self._without_old(proposal)
            )
        if not isinstance(proposal, Plan) and (way := counted(self.goal.text)) is not None:
            other = await self._named(replace(self.goal, text=way.text))
            if isinstance(other, Plan):
                proposal = replace(placed(other, way, "as it is counted"), title=self.goal.text.strip())
        if not isinstance(proposal, Plan) and not self.alone:
            proposal = await self._beside_told(proposal)
        if not isinstance(proposal, Plan) and (spelt := mended(self.goal.text, self.grounds)) is not None:
            other = await self._named(replace(self.goal, text=spelt.way.text))
            if isinstance(other, Plan) and spelt.only_names(other):
                proposal = replace(placed(other, spelt.way, "as it is spelt"), title=self.goal.text.strip())
        elif isinstance(proposal, Plan):
            proposal = await self._with_rows(proposal)
        if not isinstance(proposal, Plan) or self.folders is None:
            return proposal
        if (unlike := made_of_another_kind(self.goal.text, proposal, self.tools)) is not None:
            return unlike
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

    async def _sheet(self) -> Plan | None:
        """The one step on the table in a file that the goal names."""
        if self.folders is None or not (files := await self.folders.files()):
            return None
        space = self.folders.listing.removesuffix("list")
        for path, span in named_in(self.goal.text, files, list(said_in(self.goal.text, files))):
            sheet = await Sheet.read(path, space, self.reader)
            if sheet is None:
                continue
            for way in (Asking, Editing):
                if (made := way(self.goal, sheet, span, space, self.tools).plan()) is not None:
                    return made
        return None

    async def _counted(self) -> Plan | None:
        """The files of a folder that are asked for."""
        if self.folders is None or not (files := await self.folders.files()):
            return None
        name = f"{self.folders.listing.removesuffix('list')}find_files"
        given = asked_of_folder(self.goal.text, files)
        return None if given is None else one_step(self.goal, self.tools, name, given, (0, len(self.goal.text)))

    async def _text(self) -> Plan | None:
        """The one step on the text in a file that the goal names."""
        if self.folders is None or not (files := await self.folders.files()):
            return None
        space = self.folders.listing.removesuffix("list")
        for path, span in texts_in(self.goal.text, files, list(said_in(self.goal.text, files))):
            made = await Retouching(self.goal, path, span, space, self.tools, self.reader).plan()
            if made is not None:
                return made
        return None

    async def _with_rows(self, plan: Plan) -> Plan:
        """The plan in which the rows of tables in files are named as they stand there."""
        named = {
            str(to_json(told))
            for step in plan.steps
            if "row" in step.arguments and (told := step.arguments.get("path"))
        }
        if self.folders is None or len(named) != 1:
            return plan
        space, path = self.folders.listing.removesuffix("list"), named.pop()
        sheet = await Sheet.read(path, space, self.reader)
        return plan if sheet is None else Editing(self.goal, sheet, (0, 0), space, self.tools).with_row(plan)

    async def _beside_told(self, stopped: Proposal) -> Proposal:
        """The plan of the request alone, where the goal tells how things are as well; else a plainer question, or what stopped it."""
        found: list[Plan] = []
        plainer: Question | None = None
        for each in requests(hear(self.goal, (), lambda _: False), lambda stem: stem in verbs()):
            if each.idle or each.forbidden or each.alone:
                continue
            way = each.way
            made = await replace(self, goal=replace(self.goal, text=way.text), alone=True).plan()
            if isinstance(made, Question) and isinstance(stopped, Question) and vague(stopped) and not vague(made):
                plainer = plainer or made
            if isinstance(made, Plan) and not self._only_reads(way.text, made):
                found.append(replace(placed(made, way, "what was told"), title=self.goal.text.strip()))
        steps = {told(each) for each in found}
        return found[0] if len(steps) == 1 else stopped if found else plainer or stopped

    def _only_reads(self, text: str, plan: Plan) -> bool:
        """Tell whether something is asked to be done, and the plan only reads."""
        effects = {each.name: each.effect for each in self.tools}
        first = next((each.lower for each in words(text) if each.lower not in POLITE | FUNCTION_WORDS), "")
        return all(effects.get(step.tool) == "read" for step in plan.steps) and stem(first) in verbs()

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
