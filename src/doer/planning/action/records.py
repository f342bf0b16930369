"""Records: a list of objects that is written out, as JSON or in lines of labels and values (`ID: E1, Place: Old Mill`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from doer.domain.value import Json, JsonObject
from doer.planning.action.nesting import item
from doer.planning.action.schema import leaf
from doer.planning.action.values import item_schema, read_value
from doer.planning.schema import mapping, names, problems, settled
from doer.planning.words.candidates import Listened
from doer.planning.words.notation import literals
from doer.planning.words.nouns import phrase

_LABEL: Final = re.compile(r"(?<![\w'’])(?P<label>[A-Za-z][\w'’]*(?:[ _-][\w'’]+){0,3})(?P<mark>[\"']?)\s*:\s+(?=\S)")
_END: Final = re.compile(r"(?:[\s,;.•*-]|[,;]\s*[\"']|(?:\s|^)\d{1,2}[.)](?=\s|$))+$")
_HEAD: Final = re.compile(r"(?:^|\s)\d{1,2}[.)]\s+(?P<head>[^:]{1,60}?)\s*:?[\s•*-]*$")
_PARTS: Final = re.compile(r"\s*(?:,\s*(?:and\s+)?|;)\s*")
_TWO: Final = re.compile(r"\s+and\s+")
_FEWEST: Final = 2
"""Labels of a record."""


def written(listened: Listened, parameters: JsonObject, array: str) -> tuple[list[Json], tuple[int, int]] | None:
    """Return the objects of a list that is written out in the last turn, and where; None where it is not."""
    text, start = listened.heard.text, listened.last
    if "[" not in text[start:] and ":" not in text[start:]:
        return None
    schema = leaf(parameters, array)
    one = item(schema, parameters)
    for begin, end, value in literals(text, start):
        if isinstance(value, list) and value and all(isinstance(each, Mapping) for each in value):
            known = all(set(mapping(each)) <= set(mapping(one.get("properties"))) for each in value)
            if known and next(problems(value, schema), None) is None:
                return value, (begin, end)
    return _labelled(listened, one, parameters)


def _labelled(listened: Listened, one: JsonObject, root: JsonObject) -> tuple[list[Json], tuple[int, int]] | None:
    fields = {name: settled(mapping(given), root) for name, given in mapping(one.get("properties")).items()}
    needed = set(names(one.get("required")))
    found = list[dict[str, Json]]()
    text, places = listened.heard.text, list(_labels(listened, fields))
    for number, (name, begin, start) in enumerate(places):
        if not found or name in found[-1]:
            found.append(_headed(text[listened.last : begin], needed, fields))
        end = places[number + 1][1] if number + 1 < len(places) else len(text)
        value = _value(listened, name, (start, end), fields[name])
        if value is not None:
            found[-1][name] = value
    if not found or any(len(each) < _FEWEST or needed - set(each) for each in found):
        return None
    return list(found), (places[0][1], len(text))


def _labels(listened: Listened, fields: Mapping[str, JsonObject]) -> Iterator[tuple[str, int, int]]:
    """Yield the fields that are told by labels, where the label begins and where its value does."""
    for found in _LABEL.finditer(listened.heard.text, listened.last):
        said = phrase(found["label"]).split()
        for cut in range(len(said)):
            name = _field(said[cut:], fields)
            if name is not None:
                words = list(re.finditer(r"[^\W_]+", found["label"]))
                yield name, found.start("label") + words[min(cut, len(words) - 1)].start(), found.end()
                break


def _field(said: list[str], fields: Mapping[str, JsonObject]) -> str | None:
    """The one field that is called so, or by the end of its name: `ID` is the `encounter_id`."""
    same = [name for name in fields if phrase(name).split() == said]
    part = [name for name in fields if phrase(name).split()[-len(said) :] == said]
    return next((every[0] for every in (same, part) if len(every) == 1), None)


def _headed(before: str, needed: set[str], fields: Mapping[str, JsonObject]) -> dict[str, Json]:
    """What a numbered heading says of a record: `1. Design:` is what is needed and has no label of its own."""
    head = _HEAD.search(before[-80:])
    name = next((each for each in fields if each in needed and fields[each].get("type") == "string"), None)
    if head is None or name is None or not head["head"].strip():
        return {}
    value = read_value(head["head"], "", None, name, fields[name])
    return {} if value is None else {name: value}


def _value(listened: Listened, name: str, span: tuple[int, int], schema: JsonObject) -> Json:
    text, (start, end) = listened.heard.text, span
    head = _HEAD.search(text, start, end)
    ending = _END.search(text, start, head.start() if head else end)
    end = ending.start() if ending else head.start() if head else end
    if schema.get("type") == "array":
        inner = item_schema(schema)
        plain = text[start:end].strip("[] ")
        told = _PARTS.split(plain) if _PARTS.search(plain) else _TWO.split(plain)
        parts = [read_value(each, "", None, name, inner) for each in told]
        return None if not parts or any(each is None for each in parts) else parts
    heard = zip(listened.heard.candidates, listened.mentions, strict=True)
    mention = next((each for here, each in heard if (here.start, here.end) == (start, end)), None)
    return read_value(text[start:end], text[end : end + 10], mention, name, schema)
