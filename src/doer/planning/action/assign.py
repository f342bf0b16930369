"""Assignment: which span is whose. The network's scores, under constraints that always hold.

A value is of its parameter's type; no two parameters share words, and enumerations take what they list. A beam over the
parameters, the surest first, finds the likeliest assignment that keeps them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from doer.domain.scoring import ParameterScore, ParameterText, ToolScore, ToolText
from doer.domain.value import Json, JsonObject, Provenance
from doer.planning.action.beside import beside
from doer.planning.action.flags import told
from doer.planning.action.nesting import item
from doer.planning.action.options import called
from doer.planning.action.schema import leaf, listed_choices
from doer.planning.action.sense import DISORDER, between, disordered, led, likelier, pairs, said_so, shown
from doer.planning.action.values import item_schema, read_value
from doer.planning.matching.fill import overlaps
from doer.planning.schema import mapping, names, problems, settled
from doer.planning.words.candidates import Listened
from doer.planning.words.coordination import chain
from doer.planning.words.notation import literals, rows

_FIGURES: Final = re.compile(r"\d(?:[\d.,]*\d)?")
_BEAM: Final = 12
_OPTIONS: Final = 8
_LEAST: Final = 0.01
_WORTHY: Final = 0.05
"""Chance below which a span is not taken: it is what is left when another parameter has the better one."""
_LISTED: Final = 0.004
"""Of the likeliest span's chance: what another in one list with it needs."""
_SHARE: Final = 0.34
"""Of the likeliest span's chance: what another needs to be one more item of a list."""


@dataclass(frozen=True, slots=True)
class Filled:
    """One argument, its words and how sure it is."""

    name: str
    value: Json
    spans: tuple[tuple[int, int], ...]
    """Of the heard text; of a list those of its items; empty for a choice."""
    confidence: float
    origin: Provenance | None = None
    """Where it comes from, if not from words that are heard."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """What was found for one tool."""

    filled: tuple[Filled, ...]
    """Of all calls together."""
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
    calls: tuple[tuple[Filled, ...], ...] = ()
    """Of several calls, each for itself; empty for one."""
    amends: bool = False
    """Whether it is a call that was made before, with what is otherwise now."""


_FLAG: Final = 1.5
"""What it is worth that the words of a yes-or-no parameter's name are said, or denied."""
_AMONG: Final = 0.5
"""How much the choice among spans weighs beside whether there is any: many overlapping spans share one chance."""
_AGAIN: Final = 2.0
"""What it costs to give two parameters the same value: said twice, it is mostly the same thing."""
_LITERAL: Final = 0.5
"""What it is worth that a list is written out as one."""
_TURNED: Final = 0.3
"""What it costs that two values are said in another order than that in which a tool names their parameters."""
_ORDERED: Final = 5
"""How often it counts where the words themselves say which comes first."""
_NEEDED: Final = 1.5
"""What a required parameter is worth: whoever asks for a tool mostly says what it needs."""


@dataclass(frozen=True, slots=True)
class _Way:
    value: Filled | None
    chance: float
    worth: float
    """What the beam adds up."""


def assign(tool: ToolText, score: ToolScore, listened: Listened, parameters: JsonObject) -> Assignment:
    """Return the likeliest assignment of one call that keeps the constraints."""
    needed = set(_required(parameters, {each.name for each in tool.parameters}))
    ways = [
        list(_ways(tool, place, told, listened, leaf(parameters, each.name), needed=each.name in needed))
        for place, (each, told) in enumerate(zip(tool.parameters, score.parameters, strict=True))
    ]
    for place, each in enumerate(tool.parameters):
        if each.name in needed:
            ways[place][0] = replace(ways[place][0], worth=ways[place][0].worth - _NEEDED)
    order = sorted(range(len(ways)), key=lambda place: -max(way.worth for way in ways[place]))
    ends = pairs([each.name for each in tool.parameters])
    beam: list[tuple[float, tuple[tuple[int, _Way], ...]]] = [(0.0, ())]
    for place in order:
        grown = [
            (
                total
                + way.worth
                - _AGAIN * _repeats(way, taken)
                - _disorder(place, way, taken, ends)
                - _TURNED * _turned(place, way, taken, tool.parameters, listened.heard.text),
                (*taken, (place, way)),
            )
            for total, taken in beam
            for way in ways[place]
            if not _shares(place, way, taken, ends)
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


def lent(made: Assignment, others: Iterable[Filled]) -> Assignment:
    """Let what is missing be what others were told under the same name."""
    given = tuple(each for each in others if each.name in made.missing)
    names_given = {each.name for each in given}
    missing = tuple(name for name in made.missing if name not in names_given)
    return replace(made, filled=(*made.filled, *given), missing=missing)


def together(base: Assignment, every: Sequence[Assignment]) -> Assignment:
    """Return what several say as one assignment of as many calls; what is not added up is of `base`."""
    return replace(
        base,
        filled=tuple(each for one in every for each in one.filled),
        missing=tuple(dict.fromkeys(name for one in every for name in one.missing)),
        confidence=math.prod(one.confidence for one in every) ** (1 / len(every)),
        calls=tuple(filled for one in every for filled in (one.calls or (one.filled,))),
    )


def _disorder(place: int, way: _Way, taken: Sequence[tuple[int, _Way]], ends: Mapping[int, int]) -> float:
    """What it costs that this ends before its partner begins, or begins after it ends."""
    if way.value is None:
        return 0.0
    for other, there in taken:
        if there.value is None:
            continue
        if ends.get(place) == other and disordered(way.value.value, there.value.value):
            return DISORDER
        if ends.get(other) == place and disordered(there.value.value, way.value.value):
            return DISORDER
    return 0.0


def _turned(
    place: int, way: _Way, taken: Sequence[tuple[int, _Way]], parameters: Sequence[ParameterText], text: str
) -> int:
    """How many values of the same shape are said in another order than that of their parameters; `between A and B` counts more."""
    if way.value is None or not way.value.spans:
        return 0
    here, shape = way.value.spans[0], parameters[place].shape
    turned = [
        sorted((here, there.value.spans[0]))
        for other, there in taken
        if there.value is not None
        and there.value.spans
        and parameters[other].shape == shape
        and (other < place) != (there.value.spans[0][0] < here[0])
    ]
    return sum(_ORDERED if between(text, *each) else 1 for each in turned)


def _repeats(way: _Way, taken: Sequence[tuple[int, _Way]]) -> bool:
    """Tell whether another parameter has the same words from another place."""
    if way.value is None or not way.value.spans:
        return False
    return any(other.value and other.value.spans and other.value.value == way.value.value for _, other in taken)


def _shares(place: int, way: _Way, taken: Sequence[tuple[int, _Way]], ends: Mapping[int, int]) -> bool:
    """Tell whether another has these words already; a period may tell both where something begins and where it ends."""
    spans = way.value.spans if way.value else ()
    return any(
        any(overlaps(span, other.value.spans) for span in spans)
        and not ((ends.get(at) == place or ends.get(place) == at) and _of_one(way, other))
        for at, other in taken
        if other.value
    )


def _of_one(way: _Way, other: _Way) -> bool:
    """Tell whether two values are read out of the very same words, and are not the same."""
    one, two = way.value, other.value
    return one is not None and two is not None and one.spans == two.spans and one.value != two.value


def _ways(
    tool: ToolText, at: int, score: ParameterScore, listened: Listened, schema: JsonObject, *, needed: bool
) -> Iterator[_Way]:
    parameter, called_so = tool.parameters[at], [each.name for each in tool.parameters]
    nothing = max(score.nothing, _LEAST)
    there = max(1 - score.nothing, _LEAST)

    def worth(chance: float) -> float:
        return math.log(there) + _AMONG * math.log(max(chance, _LEAST) / there)

    yield _Way(None, nothing, math.log(nothing))
    if parameter.choices:
        for option, chance, more in _options(parameter, score, listened, schema):
            yield _Way(option, chance, worth(chance) + more)
        return
    ranked = sorted(range(len(score.spans)), key=lambda place: -score.spans[place])[: 4 * _OPTIONS]
    listed = schema.get("type") == "array"
    inner = item_schema(schema) if listed else schema
    least = _WORTHY / 5 if needed else _WORTHY
    every = [(place, value) for place in ranked if score.spans[place] > _LEAST / 10
             and (value := read_as(listened, place, parameter.name, inner)) is not None]  # fmt: skip
    read = [each for each in every if score.spans[each[0]] > least or _is_shown(parameter, listened, each[0])]
    if listed:
        yield from _literals(parameter.name, score, listened, schema)
    for number, (place, value) in enumerate(read[:_OPTIONS]):
        group: list[tuple[int, Json]] = [(place, value)]
        if listed:
            group = _group(
                every[number:], score, listened, partial(read_as, listened, name=parameter.name, schema=inner)
            )
        # The same value said twice is one way, with the chances of both places.
        taken = [value for _, value in group]
        chance = min(1.0, sum(score.spans[each] for each, value in read if value in taken))
        group.sort(key=lambda pair: pair[0])
        spans = tuple(_words(listened, each, inner) for each, _ in group)
        more = likelier(parameter.name, listened.heard.text[spans[0][0] : spans[0][1]])
        more += led(parameter.name, listened.heard.text, spans[0][0])
        more += shown(parameter.description, listened.heard.text, spans[0])
        more += 0.0 if listed else beside(called_so, at, listened.heard.text, spans[0])
        filled = Filled(parameter.name, [each for _, each in group] if listed else value, spans, chance)
        yield _Way(filled, chance, worth(chance) + more)


def _is_shown(parameter: ParameterText, listened: Listened, place: int) -> bool:
    """Tell whether a candidate of the last turn is an example of the description."""
    here = listened.heard.candidates[place]
    return here.start >= listened.last and shown(parameter.description, listened.heard.text, (here.start, here.end)) > 0


def _options(
    parameter: ParameterText, score: ParameterScore, listened: Listened, schema: JsonObject
) -> Iterator[tuple[Filled, float, float]]:
    """Yield the choices that are likely at all, their chance, and how much more is said for each; codes only where they are said."""
    values: Sequence[Json] = listed_choices(schema) or (True, False)
    last = listened.heard.text[listened.last :]
    flag = told(parameter.name, last) if parameter.shape == "boolean" else None
    for place, (value, chance) in enumerate(zip(values, score.choices, strict=False)):
        if parameter.shape == "boolean":
            more = 0.0 if flag is None else _FLAG if flag == (place == 0) else -_FLAG
        else:
            more = said_so(value, last, parameter.description)
        if chance > _LEAST and (more or not called(str(value), parameter.description)):
            yield Filled(parameter.name, value, (), chance), chance, more


def _literals(name: str, score: ParameterScore, listened: Listened, schema: JsonObject) -> Iterator[_Way]:
    """Lists that are written out as lists: as likely as all that stands in them together."""
    text, last = listened.heard.text, listened.last
    for start, end, value in (*literals(text, last), *rows(text, last)):
        if next(problems(value, schema), None) is None:
            inside = (
                chance
                for chance, each in zip(score.spans, listened.heard.candidates, strict=True)
                if start <= each.start and each.end <= end
            )
            chance = min(sum(inside), max(1 - score.nothing, _LEAST))
            if chance > _LEAST:
                there = max(1 - score.nothing, _LEAST)
                worth = math.log(there) + _AMONG * math.log(chance / there) + _LITERAL
                yield _Way(Filled(name, value, ((start, end),), chance), chance, worth)


def _group(
    read: Sequence[tuple[int, Json]], score: ParameterScore, listened: Listened, value_of: Callable[[int], Json]
) -> list[tuple[int, Json]]:
    """The first, what stands in one list with it, and others that are nearly as likely and share no words with these."""
    heard, kept = listened.heard, [read[0]]
    top = score.spans[read[0][0]]
    in_list = chain(heard.text, heard.candidates, score.spans, read[0][0], _LISTED * top, loose=True)
    listed = [(place, value) for place in in_list if place != read[0][0] and (value := value_of(place)) is not None]
    near = [each for each in read[1:] if score.spans[each[0]] >= _SHARE * top and not listed]
    for place, value in [*listed, *near]:
        here = heard.candidates[place]
        others = [heard.candidates[each] for each, _ in kept]
        apart = all(here.end <= other.start or other.end <= here.start for other in others)
        # What one list says twice is meant twice: `the mean of 3, 5 and 5`.
        if apart and (place in in_list or value not in [v for _, v in kept]):
            kept.append((place, value))
    return kept


def _words(listened: Listened, place: int, schema: JsonObject) -> tuple[int, int]:
    """The words that a value takes up: of an amount that is wanted as a number its figures, and not its currency."""
    candidate, mention = listened.heard.candidates[place], listened.mentions[place]
    if mention is None or mention.kind != "amount" or schema.get("type") not in ("number", "integer"):
        return candidate.start, candidate.end
    figures = _FIGURES.search(listened.heard.text, candidate.start, candidate.end)
    return figures.span() if figures else (candidate.start, candidate.end)


def read_as(listened: Listened, place: int, name: str, schema: JsonObject) -> Json:
    """Return what a candidate says as a value of the parameter; None where it says none."""
    candidate, text = listened.heard.candidates[place], listened.heard.text
    words, after = text[candidate.start : candidate.end], text[candidate.end : candidate.end + 10]
    return read_value(words, after, listened.mentions[place], name.rsplit(".", 1)[-1], schema, listened.whole(place))


def _required(schema: JsonObject, found: set[str], prefix: str = "") -> Iterator[str]:
    """Yield the required parameters; those of an object that is not needed only where a part of it was found."""
    fields = mapping(schema.get("properties"))
    wanted = set(names(schema.get("required")))
    for name, given in fields.items():
        field = settled(mapping(given), schema)
        begun = any(each.startswith(f"{prefix}{name}.") for each in found)
        opened = field if mapping(field.get("properties")) else item(field, schema)
        if opened:
            inner = list(_required(opened, found, f"{prefix}{name}.")) if name in wanted or begun else []
            if opened is not field and not (begun or inner) and name in wanted:
                yield f"{prefix}{name}"
            yield from inner
        elif name in wanted:
            yield f"{prefix}{name}"
