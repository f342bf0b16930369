"""Assignment: which span is whose. The network's scores, under constraints that always hold.

A value is of its parameter's type; no two parameters share words, and enumerations take what they list. A beam over the
parameters, the surest first, finds the likeliest assignment that keeps them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from doer.domain.scoring import ParameterScore, ParameterText, ToolScore, ToolText
from doer.domain.value import Json, JsonObject
from doer.planning.action_schema import leaf, listed_choices
from doer.planning.action_values import item_schema, read_value
from doer.planning.candidates import Listened
from doer.planning.schema import mapping, names, settled

_BEAM: Final = 12
_OPTIONS: Final = 8
_LEAST: Final = 0.01
_WORTHY: Final = 0.05
"""Chance below which a span is not taken: it is what is left when another parameter has the better one."""
_SHARE: Final = 0.34
"""Of the likeliest span's chance: what another needs to be one more item of a list, or of another call."""


@dataclass(frozen=True, slots=True)
class Filled:
    """One argument, its words and how sure it is."""

    name: str
    values: tuple[Json, ...]
    """More than one: of several calls."""
    spans: tuple[tuple[int, int], ...]
    """Of the heard text; empty for a choice."""
    confidence: float


@dataclass(frozen=True, slots=True)
class Assignment:
    """What was found for one tool."""

    filled: tuple[Filled, ...]
    missing: tuple[str, ...]
    """Required parameters that nothing was found for."""
    confidence: float
    """Product of the chances of every choice that was made, also of those to leave something out."""
    margin: float = math.inf
    """How much likelier, in log, it is than the next best that fills something else."""
    undecided: float = 0.0
    """Of all parameters together: how near to even it is whether they were said, 0 … ½ each."""
    unannounced: int = 0
    """Arguments whose words the network holds for less than half likely."""


_AMONG: Final = 0.5
"""How much the choice among spans weighs beside whether there is any: many overlapping spans share one chance."""
_AGAIN: Final = 2.0
"""What it costs to give two parameters the same value: said twice, it is mostly the same thing."""
_NEEDED: Final = 1.5
"""What a required parameter is worth: whoever asks for a tool mostly says what it needs."""


@dataclass(frozen=True, slots=True)
class _Way:
    value: Filled | None
    chance: float
    worth: float
    """What the beam adds up."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is asked of one parameter: several calls, each with a value of its own; a value in any case."""

    several: bool
    needed: bool


def assign(tool: ToolText, score: ToolScore, listened: Listened, parameters: JsonObject) -> Assignment:
    """Return the likeliest assignment that keeps the constraints."""
    several = score.several > 0.5
    needed = set(_required(parameters, {each.name for each in tool.parameters}))
    ways = [
        list(_ways(each, told, listened, leaf(parameters, each.name), _Wanted(several, each.name in needed)))
        for each, told in zip(tool.parameters, score.parameters, strict=True)
    ]
    for place, each in enumerate(tool.parameters):
        if each.name in needed:
            ways[place][0] = replace(ways[place][0], worth=ways[place][0].worth - _NEEDED)
    order = sorted(range(len(ways)), key=lambda place: -max(way.worth for way in ways[place]))
    beam: list[tuple[float, tuple[tuple[int, _Way], ...]]] = [(0.0, ())]
    for place in order:
        grown = [
            (total + way.worth - _AGAIN * _repeats(way, taken), (*taken, (place, way)))
            for total, taken in beam
            for way in ways[place]
            if not _shares(way, taken)
        ]
        beam = sorted(grown, key=lambda each: -each[0])[:_BEAM]
    chosen = dict(beam[0][1])
    filled = tuple(way.value for place in range(len(ways)) if (way := chosen[place]).value is not None)
    found = {each.name for each in filled}
    missing = tuple(name for name in _required(parameters, found) if name not in found)
    return Assignment(
        filled,
        missing,
        math.prod(way.chance for way in chosen.values()),
        beam[0][0] - beam[1][0] if len(beam) > 1 else math.inf,
        sum(min(each.nothing, 1 - each.nothing) for each in score.parameters),
        sum(each.confidence < 0.5 for each in filled),
    )


def _repeats(way: _Way, taken: Sequence[tuple[int, _Way]]) -> bool:
    """Tell whether another parameter has the same words from another place."""
    if way.value is None or not way.value.spans:
        return False
    return any(other.value and other.value.spans and other.value.values == way.value.values for _, other in taken)


def _shares(way: _Way, taken: Sequence[tuple[int, _Way]]) -> bool:
    spans = way.value.spans if way.value else ()
    return any(
        start < other_end and other_start < end
        for _, other in taken
        if other.value
        for other_start, other_end in other.value.spans
        for start, end in spans
    )


def _ways(
    parameter: ParameterText, score: ParameterScore, listened: Listened, schema: JsonObject, wanted: _Wanted
) -> Iterator[_Way]:
    nothing = max(score.nothing, _LEAST)
    there = max(1 - score.nothing, _LEAST)

    def worth(chance: float) -> float:
        return math.log(there) + _AMONG * math.log(max(chance, _LEAST) / there)

    yield _Way(None, nothing, math.log(nothing))
    if parameter.choices:
        values: Sequence[Json] = listed_choices(schema) or (True, False)
        for value, chance in zip(values, score.choices, strict=False):
            if chance > _LEAST:
                yield _Way(Filled(parameter.name, (value,), (), chance), chance, worth(chance))
        return
    ranked = sorted(range(len(score.spans)), key=lambda place: -score.spans[place])[: 3 * _OPTIONS]
    listed = schema.get("type") == "array"
    inner = item_schema(schema) if listed else schema
    least = _WORTHY / 5 if wanted.needed else _WORTHY
    read = [(place, value) for place in ranked if score.spans[place] > least
            and (value := _read(listened, place, parameter.name, inner)) is not None]  # fmt: skip
    for number, (place, value) in enumerate(read[:_OPTIONS]):
        group: list[tuple[int, Json]] = [(place, value)]
        if listed or wanted.several:
            group = _group(read[number:], score, listened)
        # The same value said twice is one way, with the chances of both places.
        taken = [value for _, value in group]
        chance = min(1.0, sum(score.spans[each] for each, value in read if value in taken))
        group.sort(key=lambda pair: pair[0])
        values = tuple(each for _, each in group)
        spans = tuple((listened.heard.candidates[each].start, listened.heard.candidates[each].end) for each, _ in group)
        yield _Way(Filled(parameter.name, (list(values),) if listed else values, spans, chance), chance, worth(chance))


def _group(read: Sequence[tuple[int, Json]], score: ParameterScore, listened: Listened) -> list[tuple[int, Json]]:
    """The first, and others beside it that are nearly as likely and share no words with it."""
    kept = [read[0]]
    for place, value in read[1:]:
        here = listened.heard.candidates[place]
        others = [listened.heard.candidates[each] for each, _ in kept]
        apart = all(here.end <= other.start or other.end <= here.start for other in others)
        if apart and score.spans[place] >= _SHARE * score.spans[kept[0][0]] and value not in [v for _, v in kept]:
            kept.append((place, value))
    return kept


def _read(listened: Listened, place: int, name: str, schema: JsonObject) -> Json:
    candidate, text = listened.heard.candidates[place], listened.heard.text
    words, after = text[candidate.start : candidate.end], text[candidate.end : candidate.end + 8]
    return read_value(words, after, listened.mentions[place], name.rsplit(".", 1)[-1], schema)


def _required(schema: JsonObject, found: set[str], prefix: str = "") -> Iterator[str]:
    """Yield the required parameters; those of an object that is not needed only where a part of it was found."""
    fields = mapping(schema.get("properties"))
    wanted = set(names(schema.get("required")))
    for name, given in fields.items():
        field = settled(mapping(given), schema)
        begun = any(each.startswith(f"{prefix}{name}.") for each in found)
        if mapping(field.get("properties")):
            if name in wanted or begun:
                yield from _required(field, found, f"{prefix}{name}.")
        elif name in wanted:
            yield f"{prefix}{name}"
