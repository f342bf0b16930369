"""What can be said here: sentences with real names that a planner really plans; tried with reads only, within a time."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final
from zoneinfo import ZoneInfo

from doer.app.known import KnownStore
from doer.app.looks import Looks, counted
from doer.app.sayings import Names, blank, fillings
from doer.app.state import STATE
from doer.app.there import acquainted, names_there
from doer.app.workspace import Opened
from doer.domain.action import Effect, stricter, system_of
from doer.domain.errors import DoerError
from doer.domain.event import SelectionRead
from doer.domain.goal import Goal, Question
from doer.domain.known import Known
from doer.domain.model import Prompt, Reply
from doer.domain.plan import Plan
from doer.domain.ports import Model, Reader
from doer.domain.template import Literal
from doer.domain.value import Json, JsonObject, canonical
from doer.execution.arguments import ArgumentCheck
from doer.intent.text import words
from doer.planning.derived.ground import GroundTable
from doer.planning.derived.tables import of_table
from doer.planning.grounded import GroundedPlanner
from doer.planning.matching.profile import Profile, is_content, profile
from doer.planning.missing import missing_kind
from doer.planning.skills.unit import Unit, of_skill, of_tool
from doer.planning.skills.uses import shipped_skills, unmet
from doer.planning.words.utterance import hear
from doer.policy.rules import BuiltInRules
from doer.runtime.reading import GrantedReader

_TRIES: Final = 6
"""Wordings of one skill or tool that are tried until one plans."""

_PATIENCE: Final = 5.0
"""Seconds that one sentence, or one preview, may take."""
_LATE: Final = 6
"""Tools come after skills, which say more."""
_RANKS: Mapping[str, int] = {
    "write": -3, "append": -2, "create": -2, "total": 1, "find": 1, "list": 2, "add": 1, "checksum": 3, "set": 4, "customer": 4,
    "verify": 4, "move": 5, "deactivate": 5, "activate": 6, "remove": 30, "cancel": 30, "delete": 32,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Saying:
    """One sentence that works."""

    text: str
    connection: str
    effect: Effect
    """The strictest of the plan's tools."""
    tools: tuple[str, ...] = ()
    asks: str = ""
    """What is asked back before there is a plan."""


@dataclass(frozen=True, slots=True)
class Found:
    """What can be said."""

    sayings: Mapping[str, Sequence[Saying]]
    """Connection -> its sentences."""
    wordings: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Connection of which no sentence could be made -> how it is said, with ‹…› for what is one's own."""
    silent: tuple[str, ...] = ()
    """Connections that did not answer in time."""
    whole: bool = True
    """False: the time was over before everything was tried."""


@dataclass(frozen=True, slots=True)
class _Place:
    """One skill or tool, and where it belongs."""

    unit: Unit
    connection: str
    row: JsonObject | None = None
    rank: int = 0
    """Smaller first: of one table, and of one connection, different deeds come before more of the same."""


@dataclass(slots=True)
class _Remembering:
    """A reader that reads nothing twice, so that many sentences cost few reads."""

    reader: Reader
    read_already: dict[str, Json] = field(default_factory=dict)

    async def read(self, tool: str, arguments: JsonObject) -> Json:
        key = f"{tool} {canonical(arguments).decode()}"
        if key not in self.read_already:
            self.read_already[key] = await self.reader.read(tool, arguments)
        return self.read_already[key]

    async def ask(self, model: Model, prompt: Prompt) -> Reply:
        return await self.reader.ask(model, prompt)


async def what_can_be_said(opened: Opened, wanted: str = "", *, most: int, seconds: float) -> Found:
    """Return at most `most` sentences for each connection, each of which was planned just now; with `wanted`, of that meaning.

    Nothing is run or changed; what the connections were found to hold is kept in the cache of known entities, and that it
    was read in the record. `seconds` bounds the trying.
    """
    granted = GrantedReader(
        opened.doer.catalog, BuiltInRules(), ArgumentCheck(), _goal(opened, f"doer can {wanted}".strip())
    )
    try:
        return await _found(opened, granted, wanted, most, seconds)
    finally:
        reads = [counted(each) for each in granted.made if isinstance(each, SelectionRead)]
        await Looks(opened.journal, opened.doer.entropy).record(granted.goal, reads)


def _goal(opened: Opened, text: str) -> Goal:
    doer = opened.doer
    return Goal(text, doer.me, doer.clock.now(), doer.timezone, doer.locale)


async def _found(opened: Opened, granted: GrantedReader, wanted: str, most: int, seconds: float) -> Found:
    ends = time.monotonic() + seconds
    doer, store = opened.doer, KnownStore(opened.folder / STATE)
    kinds = _kinds(opened)
    goal, reader = granted.goal, _Remembering(granted)
    now = goal.said_at
    tools = {each.name for each in doer.catalog.manifests()}
    known, silent = await acquainted(tools, store, kinds, reader, now)
    names = await names_there(known, kinds, reader, now, ZoneInfo(doer.timezone))
    planner = GroundedPlanner(opened.skills, known, kinds)
    places = _of_meaning(_places(opened, known, names), wanted, kinds)
    trial = _Trial(opened, planner, reader, goal, names)
    found: dict[str, list[Saying]] = {}
    if len(wanted.split()) > 2 and (said := await trial.plans(wanted)) is not None and not said.asks:
        found[said.connection] = [said]
    asked: dict[str, list[Saying]] = {}
    for place in places:
        mine = found.setdefault(place.connection, [])
        if len(mine) >= most:
            continue
        if time.monotonic() > ends:
            return _result(found, asked, silent, places, most, whole=False)
        if (said := await trial.first(place)) is not None and all(said.text != each.text for each in mine):
            (asked.setdefault(place.connection, []) if said.asks else mine).append(said)
    return _result(found, asked, silent, places, most)


def _result(
    found: Mapping[str, Sequence[Saying]], asked: Mapping[str, Sequence[Saying]], silent: tuple[str, ...],
    places: Sequence[_Place], most: int, *, whole: bool = True,
) -> Found:  # fmt: skip
    every = {name: [*found.get(name, ()), *asked.get(name, ())][:most] for name in {**found, **asked}}
    wordings: dict[str, list[str]] = {}
    for place in places:
        if not every.get(place.connection) and place.unit.examples and len(wordings.get(place.connection, ())) < most:
            wordings.setdefault(place.connection, []).append(blank(place.unit.examples[0]))
    return Found({name: sayings for name, sayings in every.items() if sayings}, wordings, silent, whole=whole)


def kind_spoken_of(opened: Opened, wanted: str) -> str:
    """Return the kind of connection that the words speak of and that is not there; nothing where no word tells."""
    goal = _goal(opened, wanted)
    kinds = {name: each.kind for name, each in opened.parts.settings.connections.items()}
    return missing_kind(hear(goal, (), lambda _: False), kinds, unmet(shipped_skills(), kinds))


def _kinds(opened: Opened) -> Mapping[str, str]:
    return {name: each.kind for name, each in opened.parts.settings.connections.items() if name in opened.parts.tools}


# --- what might be said ------------------------------------------------------------------------------------------------


def _places(opened: Opened, known: Sequence[Known], names: Names) -> list[_Place]:
    """Return skills, what tables let one say, and tools that no skill covers, the most telling first."""
    manifests = {each.name: each for each in opened.doer.catalog.manifests()}
    covered = {name for skill in opened.skills for name in skill.covers}
    found: list[_Place] = []
    for skill in opened.skills:
        used = [step.tool for step in skill.steps if step.tool]
        connection = (used[-1] if used else skill.name).rpartition(".")[0]
        found.append(_Place(of_skill(skill, manifests), connection, rank=_rank(skill.name)))
    for each in known:
        for number, table in enumerate(each.tables):
            row = names.rows.get((each.connection, table.name))
            for skill in of_table(GroundTable.of(each, table)):
                unit = of_skill(skill, manifests)
                state = not unit.reads and any(slot.choices for slot in unit.slots) and "add_" not in skill.name
                told = 0 if state else _LATE if unit.reads and "_of_" in skill.name else _rank(skill.name)
                found.append(_Place(unit, each.connection, row, number + told))
    tabled = {each.connection for each in known if each.tables}
    for name, manifest in manifests.items():
        connection = system_of(name)
        if manifest.examples and name not in covered and connection not in tabled:
            found.append(_Place(of_tool(manifest), connection, rank=_LATE + _rank(name)))
    order = {name: place for place, name in enumerate(_kinds(opened))}
    seen: dict[tuple[str, bool], int] = {}
    ranked: list[tuple[int, int, int, _Place]] = []
    for number, place in enumerate(sorted(found, key=lambda one: one.rank)):
        turn = seen[place.connection, place.unit.reads] = seen.get((place.connection, place.unit.reads), 0) + 1
        ranked.append((turn, order.get(place.connection, len(order)), number, place))
    return [place for *_, place in sorted(ranked, key=lambda one: one[:3])]


def _rank(name: str) -> int:
    """What people do often comes first; taking away comes last."""
    words_of_it = name.rpartition(".")[2].split("_")
    return max((_RANKS.get(each, 0) for each in words_of_it[:2]), default=0, key=abs) + (
        3 if name.endswith("_rows") else 0
    )


def _of_meaning(places: Sequence[_Place], wanted: str, kinds: Mapping[str, str]) -> list[_Place]:
    """Return those that speak of the wanted words, or of words that may stand for them; all where nothing is wanted."""
    said = {each.stem: each.lower for each in words(wanted) if is_content(each.lower)}
    if not said:
        return list(places)
    scored = [(*_heard(each, profile(each.unit), said, kinds), each) for each in places]
    best = max((score for score, _, _ in scored), default=0)
    found = [(heads, each) for score, heads, each in scored if score == best and 3 * best >= 2 * len(said)]
    return [each for _, each in sorted(found, key=lambda one: -one[0])]


def _heard(place: _Place, known: Profile, said: Mapping[str, str], kinds: Mapping[str, str]) -> tuple[int, int]:
    """Return how many of the words it speaks of, and how many say what it does."""
    where = {place.connection, kinds.get(place.connection, "")}
    called = {each.stem for each in words(re.sub(r"[._]", " ", place.unit.name))}
    heads = sum((stem in known.heads) + (stem in called) for stem in said)
    return sum(known.owns(stem) or lower in where for stem, lower in said.items()), heads


# --- trying ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Trial:
    """Plans sentences, and runs nothing."""

    opened: Opened
    planner: GroundedPlanner
    reader: Reader
    goal: Goal
    names: Names

    async def first(self, place: _Place) -> Saying | None:
        """Return the first wording that plans; else the first that is asked about with good reason."""
        asked: Saying | None = None
        for text in fillings(place.unit, self.names, place.row, _TRIES):
            said = await self.plans(text, place.connection)
            if said is not None and not said.asks:
                return said
            asked = asked or said
        return asked

    async def plans(self, text: str, connection: str = "") -> Saying | None:
        """Return the sentence where it gives a plan that uses the connection, or a question about a value; else None."""
        manifests = self.opened.doer.catalog.manifests()
        try:
            async with asyncio.timeout(_PATIENCE):
                proposal = await self.planner.propose(replace(self.goal, text=text), (), manifests, self.reader)
        except (DoerError, TimeoutError):
            return None
        if isinstance(proposal, Question):
            rightful = bool(proposal.options) and proposal.slot not in ("meant", "leave_out")
            return Saying(text, connection, "write", (), proposal.text) if rightful and connection else None
        if not isinstance(proposal, Plan):
            return None
        effects = {each.name: each.effect for each in manifests}
        used = tuple(dict.fromkeys(step.tool for step in proposal.steps))
        effect: Effect = "read"
        for tool in used:
            effect = stricter(effect, effects[tool])
        owners = [system_of(tool) for tool in used]
        if not await self._would_change(proposal):
            return None
        return Saying(text, connection or owners[-1], effect, used) if connection in ("", *owners) else None

    async def _would_change(self, plan: Plan) -> bool:
        """Tell whether the plan's steps can be foreseen and do something: their previews read, and change nothing."""
        for step in plan.steps:
            tool = self.opened.doer.catalog.find(step.tool)
            given = {name: each.value for name, each in step.arguments.items() if isinstance(each, Literal)}
            if tool is None or tool.manifest.effect == "read" or len(given) < len(step.arguments):
                continue
            try:
                async with asyncio.timeout(min(tool.manifest.timeout, _PATIENCE)):
                    foreseen = await tool.preview(given, ())
            except (DoerError, TimeoutError):
                return False
            if foreseen.changes and all(each.kind == "same" for each in foreseen.changes):
                return False
        return True
