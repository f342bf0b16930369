"""Naming: where a goal as it was said is no plan, the same goal with rows by their keys may be one.

`Give the dark mode ticket to Bob` becomes `Give ticket 4815 to Bob` where one row alone agrees with every word. Rows are
data: they may only stand in the place of the words that speak of them, and the plan must use their keys. Several rows are
only ever meant where several were said, and each is planned by itself, with the same tools.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from doer.domain.goal import Abstention, Goal, Question
from doer.domain.plan import Plan, Step
from doer.domain.ports import Proposal, Reader
from doer.domain.template import Literal, to_json
from doer.domain.value import Json, JsonObject, Provenance
from doer.planning.compound.divide import PARTS
from doer.planning.compound.limiting import LIMIT, limits
from doer.planning.compound.several import joined
from doer.planning.derived.ground import GroundTable
from doer.planning.matching.doubt import LEAVE_OUT
from doer.planning.matching.pick import MEANT
from doer.planning.naming.files import Folders, said_in
from doer.planning.naming.money import names_a_currency, plain
from doer.planning.naming.names import names
from doer.planning.naming.phrases import Keys, Phrase, keys, phrases
from doer.planning.naming.relative import absolute
from doer.planning.naming.rows import Reading
from doer.planning.words.reword import Part, Reworded
from doer.planning.words.utterance import Span

MOST_ROWS: Final = 100
_MOST_ASKED: Final = 6
"""Phrases that are asked of the tables' own skills, for one goal."""
_MOST_NAMES: Final = 3
_UNDERSTOOD: Final = frozenset({LIMIT, PARTS})
"""Questions in which a choice was understood: no other words make it needless."""
_VAGUE: Final = frozenset({MEANT, LEAVE_OUT})
_SINGULAR: Final = {"are": "is", "were": "was", "have": "has", "need": "needs", "go": "goes"}
_AFTER = re.compile(r"^(?P<gap>\s+)(?P<verb>are|were|have|need|go)\b", re.IGNORECASE)
_BOTH = re.compile(r"\s+\b(?:both|all)\b(?=\s+(?:go|be|to|as|are|is|get|have|been)\b)", re.IGNORECASE)
Planning = Callable[[Goal], Awaitable[Proposal]]


@dataclass(frozen=True, slots=True)
class Meant:
    """Rows in the place of words."""

    span: Span
    ground: GroundTable
    found: tuple[str | int, ...]
    many: bool
    owned: str = ""
    """`'s` where the words end with it."""

    def label(self, key: str | int) -> str:
        """How a row is called in a sentence."""
        return f"{self.ground.words.one} {key}{self.owned}"


@dataclass(slots=True)
class Naming:
    """One goal that was no plan as it was said."""

    goal: Goal
    grounds: Sequence[GroundTable]
    reader: Reader
    planned: Planning
    folders: Folders | None = None
    _asked: int = 0

    async def plan(self, stopped: Question | Abstention) -> Proposal:
        """Return the plan of the same goal with rows by their keys; else a plainer question than what stopped it, or that."""
        if isinstance(stopped, Question) and stopped.slot.rsplit(".", 1)[-1] in _UNDERSTOOD:
            return stopped
        if (made := await self._plainly()) is not None:
            return made
        plainer: Question | None = None
        reading = Reading(self.reader, [each for each in self.grounds if each.key() is not None])
        tried: set[Span] = set()
        async for meant in self._meant(reading):
            if meant.span in tried or (meant.many and any(limits(self.goal))):
                continue  # each row by itself would keep to `at most 5`, and all of them would not
            tried.add(meant.span)
            proposal = await self._each(meant, reading)
            if isinstance(proposal, Plan):
                return proposal
            if isinstance(proposal, Question) and vague(stopped) and not vague(proposal):
                plainer = plainer or proposal
        return await self.of_files() or plainer or stopped

    async def of_files(self) -> Plan | None:
        """The plan with files by their paths; of several that are said in other words, all must be found."""
        if self.folders is None or not (files := await self.folders.files()):
            return None
        way, used, at = Reworded.of(self.goal.text), list[str](), 0
        parts = list[Part]()
        for each in sorted(said_in(self.goal.text, files), key=lambda one: one.span):
            if each.span[0] >= at:
                parts += [(at, each.span[0]), each.told]
                used, at = [*used, *each.paths], each.span[1]
        if not used:
            return None
        way = way.made((*parts, (at, len(self.goal.text))))
        made = await self.planned(replace(self.goal, text=way.text))
        if not isinstance(made, Plan) or not all(any(_uses(step, path) for step in made.steps) for path in used):
            return None
        if any(_in_prose(step, path) for step in made.steps for path in used):
            return None  # what somebody wants said or done is kept as it was said
        if (kept := self.folders.kept_in_place(made, used, self.goal.text)) is None:
            return None
        return replace(placed(kept, way, f"{self.folders.listing}: {', '.join(used)}"), title=self.goal.text.strip())

    async def _plainly(self) -> Plan | None:
        """The plan with amounts in one's own currency as numbers, where they go into a table and into nothing else."""
        way = plain(Reworded.of(self.goal.text), self.goal.zone)
        if way.text == self.goal.text or any(map(_in_other_money, self.grounds)):
            return None
        made = await self.planned(replace(self.goal, text=way.text))
        written = {f"{each.connection}.{tool}" for each in self.grounds for tool in ("update", "insert")}
        if not isinstance(made, Plan) or not all(step.tool in written for step in made.steps):
            return None
        return replace(placed(made, way, "the same amount"), title=self.goal.text.strip())

    async def _meant(self, reading: Reading) -> AsyncIterator[Meant]:
        for said in keys(self.goal.text):
            if (found := await self._by_keys(said, reading)) is not None:
                yield found
        for phrase in phrases(self.goal.text, reading.grounds):
            if (found := await self._by_words(phrase, reading)) is not None:
                yield found
        for each in (await names(self.goal.text, reading))[:_MOST_NAMES]:
            yield Meant(each.span, each.ground, (each.key,), many=False, owned=each.owned)

    async def _by_keys(self, said: Keys, reading: Reading) -> Meant | None:
        """The rows that have these keys, where they are of one table alone, and there are all of them."""
        grounds = [
            each
            for each in reading.grounds
            if not said.noun
            or said.noun in {each.words.one, each.words.many}
            or not any(said.noun in {one.words.one, one.words.many} for one in reading.grounds)
        ]
        of_noun = any(said.noun in {each.words.one, each.words.many} for each in grounds)
        if of_noun and len(said.numbers) == 1:
            return None  # `ticket 4812`: said as plainly as it can be
        found = [each for each in grounds if await _has(each, said.numbers, reading)]
        if len(found) != 1 or len(set(said.numbers)) > MOST_ROWS:
            return None
        return Meant(said.span, found[0], tuple(dict.fromkeys(said.numbers)), len(said.numbers) > 1)

    async def _by_words(self, said: Phrase, reading: Reading) -> Meant | None:
        rows = () if said.many else await reading.agreeing(said.ground, said.said)
        if not rows:
            rows = await self._told(said, reading)
        if not rows and said.many:
            rows = await reading.agreeing(said.ground, said.said)
        key = said.ground.table.primary[0]
        found = tuple(dict.fromkeys(each[key] for each in rows if isinstance(each.get(key), str | int)))
        fits = 0 < len(found) <= MOST_ROWS and (said.many or len(found) == 1)
        if not fits or (said.count is not None and said.count != len(found)):
            return None
        return Meant(said.span, said.ground, tuple(each for each in found if isinstance(each, str | int)), said.many)

    async def _told(self, said: Phrase, reading: Reading) -> Sequence[JsonObject]:
        """The rows that the table's own skills show for the phrase, where they narrow them down."""
        if self._asked >= _MOST_ASKED:
            return ()
        self._asked += 1
        plan = await self.planned(replace(self.goal, text=f"show the {said.asked}"))
        if not isinstance(plan, Plan) or len(plan.steps) != 1:
            return ()
        step = plan.steps[0]
        given = {name: each.value for name, each in step.arguments.items() if isinstance(each, Literal)}
        own = step.tool == f"{said.ground.connection}.find" and given.get("table") == said.ground.table.name
        if not own or len(given) < len(step.arguments) or not (given.get("where") or given.get("order")):
            return ()
        return await reading.told(step.tool, given)

    async def _each(self, meant: Meant, reading: Reading) -> Proposal:
        plans: list[Plan] = []
        for key in meant.found:
            way = await self._changed(meant, key, reading)
            made = await self.planned(replace(self.goal, text=way.text))
            if not isinstance(made, Plan):
                return made
            own = [step for step in made.steps if _uses(step, key)]
            if not own or not all(step.tool.startswith(f"{meant.ground.connection}.") for step in own):
                return Abstention(f"{meant.label(key)} was found, and the plan is of something else")
            plans.append(placed(made, way, f"{meant.ground.connection}: {meant.label(key)}"))
            if [step.tool for step in made.steps] != [step.tool for step in plans[0].steps]:
                return Abstention(
                    f"{meant.label(key)} would be dealt with otherwise than {meant.label(meant.found[0])}"
                )
        title = self.goal.text.strip()
        return joined(plans, title) if len(plans) > 1 else replace(plans[0], title=title)

    async def _changed(self, meant: Meant, key: str | int, reading: Reading) -> Reworded:
        """The goal about one row; where it says by how much a number changes, with the number that comes of it."""
        way, own = self._with(meant, meant.label(key)), meant.ground.table.primary[0]
        way = way if _in_other_money(meant.ground) else plain(way, self.goal.zone)
        row = next((each for each in await reading.of(meant.ground) if each.get(own) == key), None)
        parts = None if row is None else absolute(way.text, meant.ground, row)
        return way if parts is None else way.made(parts)

    def _with(self, meant: Meant, label: str) -> Reworded:
        """The goal with a row in the place of the words for it; with one of several, in the singular."""
        text, (start, end) = self.goal.text, meant.span
        told = Reworded.of(text)
        if not meant.many:
            return told.made(((0, start), label, (end, len(text))))
        found = _AFTER.match(text[end:])
        rest = [(end, len(text))] if found is None else list[Part](_singular(found, end, len(text)))
        made = told.made(((0, start), label, *rest))
        both = _BOTH.search(made.text)
        return made if both is None else made.made(((0, both.start()), (both.end(), len(made.text))))


def _singular(found: re.Match[str], offset: int, end: int) -> Iterator[Part]:
    yield (offset, offset + found.end("gap"))
    yield _SINGULAR[found["verb"].lower()]
    yield (offset + found.end(), end)


def _in_other_money(ground: GroundTable) -> bool:
    return names_a_currency(each.name for each in ground.table.columns)


async def _has(ground: GroundTable, numbers: Sequence[int], reading: Reading) -> bool:
    """Tell whether all these numbers are keys of rows of the table."""
    key = ground.table.primary[0]
    column = ground.table.column(key)
    if column is None or column.kind != "integer":
        return False
    asked: JsonObject = {
        "table": ground.table.name,
        "columns": [key],
        "limit": MOST_ROWS,
        "where": [{"column": key, "op": "in", "value": list[Json](dict.fromkeys(numbers))}],
    }
    rows = await reading.told(f"{ground.connection}.find", asked)
    return {each.get(key) for each in rows} == set(numbers)


def _in_prose(step: Step, path: str) -> bool:
    """Tell whether a path stands within other words of a text."""
    told = (each.value for each in step.arguments.values() if isinstance(each, Literal))
    return any(isinstance(each, str) and path in each.split() and each.strip() != path for each in told)


def _uses(step: Step, key: str | int) -> bool:
    """Tell whether a step is about the row of this key."""
    told = [json.dumps(to_json(each), default=str) for each in step.arguments.values()]
    return any(re.search(rf"(?<![\w.-]){re.escape(str(key))}(?![\w.-])", each) for each in told)


def placed(plan: Plan, way: Reworded, source: str) -> Plan:
    """The plan with its values where they were said; what was read says so."""

    def origin(told: Provenance) -> Provenance:
        place = way.origin(told)
        return Provenance("read", source) if place.source == "words" and place.start is None else place

    steps = (
        replace(each, provenance={name: origin(told) for name, told in each.provenance.items()}) for each in plan.steps
    )
    return replace(plan, steps=tuple(steps))


def vague(proposal: Proposal) -> bool:
    """Tell whether it tells only that the words were not understood."""
    return isinstance(proposal, Abstention) or (
        isinstance(proposal, Question) and proposal.slot.rsplit(".", 1)[-1] in _VAGUE
    )
