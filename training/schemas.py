"""Schemas: which tools requests are written for, and how they are changed: other types, more parameters, other names."""

from __future__ import annotations

import copy
import random
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from doer.training.examples import slim
from training.bank import examples_of, spoken
from training.grammar import SHORT

EXTRAS: dict[str, dict[str, Any]] = {
    "limit": {"type": "integer", "description": "Maximum number of results to return"},
    "page": {"type": "integer", "description": "Page of the results"},
    "sort_by": {"type": "string", "enum": ["relevance", "date", "price", "rating", "name"], "description": "What the results are sorted by"},
    "order": {"type": "string", "enum": ["ascending", "descending"], "description": "The order of the results"},
    "notify": {"type": "boolean", "description": "Whether to notify everyone involved"},
    "include_details": {"type": "boolean", "description": "Whether to include details in the answer"},
    "verbose": {"type": "boolean", "description": "Whether to explain every step"},
    "save_history": {"type": "boolean", "description": "Whether to keep a record of this request"},
    "format": {"type": "string", "enum": ["json", "csv", "xml", "pdf"], "description": "The format of the result"},
    "units": {"type": "string", "enum": ["metric", "imperial"], "description": "The system of units"},
    "priority": {"type": "string", "enum": ["low", "medium", "high", "urgent"], "description": "How important it is"},
    "visibility": {"type": "string", "enum": ["public", "private"], "description": "Who can see it"},
    "frequency": {"type": "string", "enum": ["daily", "weekly", "monthly", "yearly"], "description": "How often it is repeated"},
    "size": {"type": "string", "enum": ["small", "medium", "large"], "description": "The size"},
    "language": {"type": "string", "description": "The language of the answer"},
    "currency": {"type": "string", "enum": ["USD", "EUR", "GBP", "JPY"], "description": "The currency of the amounts"},
    "tags": {"type": "array", "items": {"type": "string"}, "description": "Keywords to file it under"},
    "max_price": {"type": "number", "description": "The highest price that is acceptable"},
    "min_score": {"type": "number", "description": "The lowest score that is shown"},
    "radius": {"type": "number", "description": "The radius of the search in kilometers"},
    "quantity": {"type": "integer", "description": "How many are wanted"},
    "timeout": {"type": "integer", "description": "How long to wait at most, in seconds"},
    "start_date": {"type": "string", "description": "The first day, as YYYY-MM-DD"},
    "end_date": {"type": "string", "description": "The last day, as YYYY-MM-DD"},
    "time": {"type": "string", "description": "The time of the day"},
    "notes": {"type": "string", "description": "Anything else that has to be known"},
    "email": {"type": "string", "description": "The email address that the result is sent to"},
    "contact_person": {"type": "string", "description": "The name of the person to contact"},
    "reference_number": {"type": "string", "description": "The number of the order or case"},
}  # fmt: skip


def usable(tool: Mapping[str, Any]) -> bool:
    fields, told = tool["parameters"].get("properties", {}), tool["description"]
    plain = "." not in "".join(fields) and not told.startswith("This endpoint")
    return 8 < len(told) < 400 and len(fields) <= 9 and plain


def varied(tool: Mapping[str, Any], lender: Mapping[str, Any], chance: random.Random) -> dict[str, Any]:
    """Return the tool with other types now and then: choices, lists, nested objects, and more parameters than it has."""
    made, c = copy.deepcopy(slim(tool)), chance
    fields = made["parameters"].setdefault("properties", {})
    if c.random() < 0.25:  # of another tool: values of the same type, of which only one is right
        lent = {name: field for name, field in lender["parameters"].get("properties", {}).items() if "." not in name}
        fields |= {name: copy.deepcopy(lent[name]) for name in c.sample(list(lent), min(len(lent), c.choice((1, 1, 2)))) if name not in fields}  # fmt: skip
    if c.random() < 0.35:
        fields |= {name: copy.deepcopy(EXTRAS[name]) for name in c.sample(list(EXTRAS), c.choice((1, 1, 2, 3))) if name not in fields}  # fmt: skip
    for schema in fields.values():
        shown = examples_of(schema.get("description", ""))
        if schema.get("type") == "string" and not schema.get("enum") and len(shown) > 1 and c.random() < 0.3:
            schema["enum"] = shown
            schema["description"] = re.sub(r"\s*\(e\.?g\.?[^)]*\)", "", schema["description"])
        elif schema.get("type") in ("string", "number", "integer") and not schema.get("enum") and c.random() < 0.08:
            schema["items"], schema["type"] = {"type": schema["type"]}, "array"
        elif c.random() < 0.15:  # the examples are left out: a value is told by what it is, not by being listed
            schema["description"] = re.sub(r"\s*\(e\.?g\.?[^)]*\)", "", str(schema.get("description", "")))
        if c.random() < 0.06:
            schema.pop("description", None)
    if c.random() < 0.2 and len(fields) > 2 and not any("." in name for name in fields):
        _nested(fields, c)
    return made


def _nested(fields: dict[str, Any], c: random.Random) -> None:
    names = c.sample(list(fields), c.choice((2, 2, min(3, len(fields) - 1))))
    inner = {name: fields.pop(name) for name in names}
    group = c.choice(
        ("details", "options", "settings", "config", "info", "filter", "criteria", "data", "request", "profile")
    )
    if len(inner) > 2 and c.random() < 0.4:
        last = names[-1]
        inner = {**{name: inner[name] for name in names[:-1]}, c.choice(("extra", "params", "more")): {"type": "object", "properties": {last: inner[last]}}}  # fmt: skip
    fields[group] = {"type": "object", "properties": inner}


def renamed(tool: Mapping[str, Any], chance: random.Random) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the tool with its names in another style, abbreviated or not, and what every parameter was called before."""
    c = chance
    style, short = c.choice(("camel", "snake", "pascal")), c.random() < 0.35
    before = dict[str, str]()

    def name_of(name: str) -> str:
        words = [SHORT.get(word, word) if short else word for word in spoken(name).split()]
        match style:
            case "snake":
                return "_".join(words)
            case "camel":
                return "".join(word if place == 0 else word.capitalize() for place, word in enumerate(words))
            case _:
                return "".join(word.capitalize() for word in words)

    def changed(schema: Mapping[str, Any], old: str, new: str) -> dict[str, Any]:
        fields = dict[str, Any]()
        for name, field in schema.get("properties", {}).items():
            called = name_of(name) if name_of(name) not in fields else name
            before[new + called] = old + name
            inner = isinstance(field, dict) and "properties" in field
            fields[called] = changed(field, f"{old}{name}.", f"{new}{called}.") if inner else field
        now = {before.get(new + called, "").removeprefix(old): called for called in fields}
        needed = [now[name] for name in schema.get("required", ()) if name in now]
        return {**schema, "properties": fields, **({"required": needed} if "required" in schema else {})}

    return {**tool, "name": name_of(tool["name"]), "parameters": changed(tool["parameters"], "", "")}, before


def neighbours(tools: Sequence[Mapping[str, Any]], most: int = 8) -> dict[int, list[int]]:
    """Near misses: tools that share the rarest words, but are not so alike that either would do."""
    words = [frozenset(re.findall(r"[a-z]{3,}", f"{spoken(t['name'])} {t['description']}".lower())) for t in tools]
    having = dict[str, list[int]]()
    for place, own in enumerate(words):
        for word in own:
            having.setdefault(word, []).append(place)
    found = dict[int, list[int]]()
    for place, own in enumerate(words):
        score = defaultdict[int, float](float)
        for word in sorted(own):  # in a fixed order: sums and ties must not depend on how words are hashed
            if len(having[word]) < 200:
                for other in having[word]:
                    score[other] += 1.0 / len(having[word]) ** 0.5
        ranked = sorted(score, key=lambda each: (-score[each], each))[: 3 * most]
        apart = [each for each in ranked if len(own & words[each]) < 0.7 * len(own | words[each])]
        found[place] = [each for each in apart if each != place][:most]
    return found
