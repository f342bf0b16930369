"""Likeness: whether a value that stood under one name is what a parameter of another asks for, and whether one tool changes what another makes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from doer.intent.text import stem, word_set
from doer.planning.action.sense import COMMON
from doer.planning.words.nouns import phrase

SURE: Final = 0.9
"""How sure a value is that stood under the same name; less, the less alike the names are."""
ALIKE: Final = 0.75
LEAST: Final = 0.6
FILLERS: Final = word_set(
    "rang period frame window span detail info data option set prefer criteria filter paramet input"
)
"""Stems of words that say nothing of what an object holds."""
_TURNS: Final = word_set("new start end min max minimum maximum from to first last next previous other updat begin")
"""Stems of words that make of one name another: the `new date` is no `date`."""
_UPDATES: Final = word_set("modifi updat chang edit adjust amend revis reschedul rebook shift move renew")
"""Stems of verbs that tools are called by which change what there is."""
_KINDS: Final = (
    word_set("location destination place region area"),
    word_set("time_frame time_range date_range time_period period timeframe"),
)
"""Names that stand for one another."""


def stems(name: str) -> tuple[str, ...]:
    """Return the stems of the words of a name, without the objects that it is in."""
    return tuple(stem(each) for each in phrase(name.rsplit(".", 1)[-1]).split())


def is_update(tool: str) -> bool:
    """Tell whether a tool changes what another has made, as far as its name says."""
    return bool(_UPDATES & {stem(each) for each in phrase(tool).split()})


def updates(tool: str, other: str) -> bool:
    """Tell whether a tool changes what the other makes: `modify_order` what `create_order` does."""
    alike = {stem(each) for each in phrase(tool).split()} & {stem(each) for each in phrase(other).split()}
    return is_update(tool) and not is_update(other) and bool(alike)


def _full(path: Sequence[str]) -> frozenset[str]:
    """The words of a name with those of the object that it is in, less the words that say nothing."""
    told = [stem(word) for each in path[-2:] for word in phrase(each).split()]
    return frozenset(told) - FILLERS


def likeness(name: str, path: Sequence[str], tool: str, *, answer: bool) -> float:
    """Return how surely a value is what a parameter of this name asks for; 0 where the names are not alike.

    `path`: the names on the way to it; `tool`: which was called with it, or whose answer it is.
    """
    wanted, given = stems(name), stems(path[-1])
    inside = len(name.split(".")) > 1 or len(path) > 1
    if wanted == given:
        common = "_".join(wanted) in COMMON
        if not common:
            return SURE
        if answer:
            return _of_the_tool(wanted, given, path, tool)
        return SURE if name == ".".join(path) else 0.0
    if inside and (full := _full(name.split("."))) and full == _full(path):
        return ALIKE
    short, long = sorted((wanted, given), key=len)
    if long[-len(short) :] == short:
        more = long[: -len(short)]
        if "_".join(short) in COMMON:
            return _of_the_tool(wanted, given, path, tool)
        return 0.0 if set(more) & _TURNS else ALIKE
    one, other = (phrase(each).replace(" ", "_") for each in (name.rsplit(".", 1)[-1], path[-1]))
    return LEAST if any(one in kind and other in kind for kind in _KINDS) else 0.0


def _of_the_tool(wanted: Sequence[str], given: Sequence[str], path: Sequence[str], tool: str) -> float:
    """`event_id` is the `id` of what `find_event` answered."""
    called = {stem(each) for each in phrase(tool).split()} | {stem(w) for p in path[:-1] for w in phrase(p).split()}
    more = wanted[: -len(given)] if tuple(wanted[-len(given) :]) == tuple(given) else ()
    return ALIKE if more and set(more) <= called else 0.0
