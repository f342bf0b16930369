"""Assignment: which words fill which slot, best in total; each span is used once, types are hard constraints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from doer.planning.matching.fill import Fill
from doer.planning.skills.slots import SlotSpec

_EMPTY_REQUIRED = -1.5
_EMPTY_OPTIONAL = -0.1
_MOST_VISITS = 20_000


@dataclass(frozen=True, slots=True)
class Assignment:
    """The chosen fill of each slot that got one, and the total."""

    chosen: Mapping[str, Fill]
    total: float


def assign(slots: Sequence[SlotSpec], options: Mapping[str, Sequence[Fill]], without: Fill | None = None) -> Assignment:
    """Return the best assignment, by branch and bound; `without` is left out, which gives the second best.

    The search is exact up to a bound on its visits, reached only by sentences with dozens of like values.
    """
    ways = {each.name: [way for way in options.get(each.name, ()) if way is not without] for each in slots}
    order = sorted(slots, key=lambda each: len(ways[each.name]))
    empty = {each.name: _EMPTY_REQUIRED if each.required else _EMPTY_OPTIONAL for each in slots}
    hope = [0.0]
    for each in reversed(order):
        hope.append(hope[-1] + max([empty[each.name], *(way.score for way in ways[each.name])]))
    hope.reverse()
    best = Assignment({}, float("-inf"))
    visits = 0

    def visit(place: int, chosen: dict[str, Fill], total: float) -> None:
        nonlocal best, visits
        visits += 1
        if total + hope[place] <= best.total or visits > _MOST_VISITS:
            return
        if place == len(order):
            best = Assignment(dict(chosen), total)
            return
        name = order[place].name
        for way in ways[name]:
            if not any(way.clashes(other) for other in chosen.values()):
                visit(place + 1, {**chosen, name: way}, total + way.score)
        visit(place + 1, chosen, total + empty[name])

    visit(0, {}, 0.0)
    return best
