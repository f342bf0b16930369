"""Questions that one read answers: the rows of one table agree with every word of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from doer.domain.action import Manifest
from doer.domain.goal import Goal
from doer.domain.value import Json, JsonObject
from doer.intent.text import stem, word_set
from doer.planning.accounted.about import Said, strictly
from doer.planning.accounted.clause import Scene, drafts
from doer.planning.accounted.pieces import Heard, names
from doer.planning.accounted.slots import ways_of
from doer.planning.accounted.world import Table, World, shown
from doer.planning.action.schema import listed_choices
from doer.planning.action.sense import words_of_name
from doer.planning.lookup.asking import askings
from doer.planning.lookup.tools import parameters, required, wants_address
from doer.planning.lookup.words import Wanted

_IDLE: Final = word_set("""
    who whom whose what which when where how many much often do does did is are was were be been has have had there any anything anybody
    anyone still to i me my we us you tell show list give please can could know number total left now currently already yet time
    """)
_ONLY: Final = frozenset({"onli", "just", "show"})
_APART: Final = 0.1
_MOST_LEFT: Final = 1
"""Words that may be left: of a question nothing comes but its answer."""


async def answering(
    goal: Goal, world: World, tables: Sequence[Table], people: Mapping[str, tuple[str, ...]]
) -> tuple[Manifest, JsonObject] | None:
    """Return the read, and with what it is asked; None where no read, or several, may be meant."""
    heard = Heard.of(goal.text, goal, people)
    named = [each for each in names(heard.mentions) if any(_stands(each, table) for table in tables)]
    heard = replace(heard, named=frozenset(named))
    found = [each for table in tables if (each := strictly(heard, table, _IDLE)) is not None and _tells(each)]
    ranked = sorted(found, key=_rank)
    figures = _figures(heard, world) if not ranked or not ranked[0].thing else None
    if figures is not None:
        return figures
    if ranked and (len(ranked) == 1 or _rank(ranked[0]) < _rank(ranked[1])):
        return await _asked(ranked[0], world, goal)
    return None


def _stands(name: str, table: Table) -> bool:
    return any(name.casefold() in str(value).casefold() for row in table.rows for value in row.values())


def _tells(said: Said) -> bool:
    something = said.query.said or said.fields or said.thing
    return len(said.left) <= _MOST_LEFT * bool(said.rows and said.taken) and bool(something)


def _rank(said: Said) -> tuple[int, ...]:
    exact = any(
        text.text.casefold() == str(value).casefold()
        for text in said.query.texts
        for row in said.rows
        for value in row.values()
    )
    return (len(said.left), -int(said.thing), -int(bool(said.rows)), -int(exact), -said.taken, -len(said.fields))


async def _asked(said: Said, world: World, goal: Goal) -> tuple[Manifest, JsonObject]:
    """The narrowest way to ask the read that tells all these rows."""
    read = said.table.read
    query = said.query
    wanted = Wanted(texts=tuple(query.texts), moments=tuple(query.moments))
    asked = list(askings(read, wanted, goal)) or [{}]
    rows = {shown(each) for each in said.rows}
    more = _narrower(said, read)
    for arguments in [*({**each, **more} for each in asked if more), *asked]:
        told = await world.table(read, arguments)
        if told is not None and rows <= {shown(each) for each in told.rows}:
            return read, arguments
    return read, asked[-1]


def _narrower(said: Said, read: Manifest) -> dict[str, Json]:
    """Arguments that the table's own fields, people and states say."""
    found, query = dict[str, Json](), said.query
    people = [query.people.get(each.text, ()) for each in query.texts if each.kind == "person"]
    for name, schema in parameters(read).items():
        stems = frozenset(stem(each) for each in words_of_name(name)) - _ONLY
        if wants_address(name, schema, read) and len(people) == 1 == len(people[0]):
            found[name] = people[0][0]
        elif schema.get("type") == "boolean" and stems and stems <= frozenset(query.near) | query.states:
            found[name] = True
        elif schema.get("type") == "string" and not listed_choices(schema):
            values = {str(row.get(name)) for row in said.rows}
            texts = [
                each.text for each in query.texts if {each.text.casefold()} == {value.casefold() for value in values}
            ]
            found.update({name: texts[0]} if texts else {})
    return found


def _figures(heard: Heard, world: World) -> tuple[Manifest, JsonObject] | None:
    """A read of figures of which the words are its own."""
    plain = replace(heard, said=tuple(each for each in heard.said if each.lower not in _IDLE))
    found = list[tuple[float, Manifest, JsonObject]]()
    for read in world.reads:
        if required(read.manifest) or read.manifest.name in {each.name for each in world.tabled}:
            continue
        for way in ways_of(read.manifest, "", (), []):
            made = [each for each in drafts(plain, Scene(way, None), deedless=True) if each.whole]
            found += [(made[0].cost, read.manifest, {each.slot: each.value for each in made[0].given})] if made else []
    found.sort(key=lambda each: each[0])
    if not found or (len(found) > 1 and found[1][0] - found[0][0] < _APART):
        return None
    return found[0][1], found[0][2]
