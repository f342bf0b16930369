"""Labels: where in the words the arguments of a call stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from doer.domain.value import JsonObject
from doer.planning.action.assign import read_as
from doer.planning.action.schema import leaf
from doer.planning.action.values import item_schema
from doer.planning.words.candidates import Listened
from doer.training.examples import Example, heard, occurrences, slim, text_of


def positive(turns: Sequence[str], tool: Mapping[str, Any], calls: Sequence[Mapping[str, Any]], source: str) -> Example:
    text = text_of(tool)
    listened = heard(turns)
    labels = dict[str, Any]()
    for parameter in text.parameters:
        values = [value for call in calls if (value := _at(call, parameter.name)) is not None]
        if not values:
            labels[parameter.name] = None
        elif parameter.choices:
            picked = {str(item).lower() for value in values for item in (value if isinstance(value, list) else [value])}
            place = [n for n, each in enumerate(parameter.choices) if each.lower() in picked]
            labels[parameter.name] = {"choice": place[0]} if len(place) == 1 else "unknown"
        else:
            flat = [item for value in values for item in (value if isinstance(value, list) else [value])]
            labels[parameter.name] = _spans(listened, flat, parameter.name, leaf(tool["parameters"], parameter.name))
    return Example(list(turns), slim(tool), relevant=True, source=source, several=len(calls) > 1, labels=labels)


def _at(call: Any, name: str) -> Any:
    """The value at a name with dots; of the objects of a list all that they have there, as a list."""
    here: Any = call
    parts = name.split(".")
    for place, part in enumerate(parts):
        if isinstance(here, list):
            rest = ".".join(parts[place:])
            found = [value for each in here if (value := _at(each, rest)) is not None]
            return [item for value in found for item in (value if isinstance(value, list) else [value])] or None
        here = here.get(part) if isinstance(here, Mapping) else None
    return here


def _spans(listened: Listened, values: Sequence[Any], name: str, schema: JsonObject) -> Any:
    text, inner = listened.heard.text, item_schema(schema) if schema.get("type") == "array" else schema
    spans = {(each.start, each.end) for each in listened.heard.candidates}
    found = list[list[list[int]]]()
    for value in dict.fromkeys(map(str, values)):
        places = [place for place in occurrences(text, value) if tuple(place) in spans]
        for at, (candidate, mention) in enumerate(zip(listened.heard.candidates, listened.mentions, strict=True)):
            if mention is None:
                continue
            told = [each.value for each in mention.readings]
            if any(_same(each, value) for each in (*told, read_as(listened, at, name, inner))):
                places.append([candidate.start, candidate.end])
        if not places:
            return "unknown"
        found.append([list(each) for each in sorted({tuple(place) for place in places})])
    return {"spans": [place for places in found for place in places]}


def _same(reading: Any, value: str) -> bool:
    told = reading.get("amount") if isinstance(reading, Mapping) else reading
    try:
        return float(str(told)) == float(value)
    except ValueError:
        return str(told).lower() == value.lower()
