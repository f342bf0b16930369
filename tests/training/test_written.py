"""The written requests are what their form promises: every call is valid for its tool, nothing is said twice, and some are held back."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator
from training.written import examples, scenes

SCENES = list(scenes())
TYPES = {"object", "array", "string", "integer", "number", "boolean"}
KEYWORDS = {
    "type", "description", "properties", "required", "items", "enum", "default", "format", "minimum", "maximum", "minItems",
    "maxItems", "uniqueItems", "pattern", "minLength", "maxLength", "additionalProperties", "title", "examples",
}  # fmt: skip


def test_every_tool_has_a_schema_of_plain_parts() -> None:
    """Looked through by hand: held against the schema of schemas, so many take ten seconds."""
    wrong = [
        f"{scene.name}: {tool['name']}: {part}"
        for scene in SCENES
        for tool in scene.tools.values()
        for part in (tool["parameters"], *parts(tool["parameters"]))
        if part.get("type") not in TYPES or not set(part) <= KEYWORDS or not isinstance(part.get("enum", []), list)
    ]
    assert wrong == []


def parts(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    inner = [*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])]
    for each in inner:
        yield each
        yield from parts(each)


def test_every_call_is_valid_for_its_tool() -> None:
    wrong = []
    for scene in SCENES:
        checks = {name: Draft202012Validator(tool["parameters"]) for name, tool in scene.tools.items()}
        calls = [(row["request"], call) for row in scene.rows for call in row["calls"]]
        wrong += [
            f"{request}: {error.message}"
            for request, call in calls
            for error in checks[call["tool"]].iter_errors(call["arguments"])
        ]
        wrong += [
            f"{request}: {name}?"
            for request, call in calls
            for name in set(call["arguments"]) - set(scene.tools[call["tool"]]["parameters"]["properties"])
        ]
    assert wrong == []


def test_where_nothing_is_called_the_row_says_why() -> None:
    told = {row.get("why") for scene in SCENES for row in scene.rows if not row["calls"]}
    assert told == {"nothing_fits", "missing", "statement"}


def test_nothing_is_said_twice_of_the_same_tools() -> None:
    said = Counter(
        (scene.name, row["request"].lower(), json.dumps(row.get("context"))) for scene in SCENES for row in scene.rows
    )
    assert [each for each, times in said.items() if times > 1] == []


def test_nothing_is_learnt_from_a_scene_that_is_held_back() -> None:
    held = [scene for scene in SCENES if scene.held]
    kept = {
        json.dumps(tool["parameters"], sort_keys=True) + tool["name"] for each in held for tool in each.tools.values()
    }
    assert 0.08 < len(held) / len(SCENES) < 0.2
    few = [scene for scene in SCENES if not scene.held][:3]
    made = [each for scene in few for each in examples(scene, random.Random(1))]
    assert made
    assert {each.relevant for each in made} == {True, False}
    assert not kept & {json.dumps(each.tool["parameters"], sort_keys=True) + each.tool["name"] for each in made}
