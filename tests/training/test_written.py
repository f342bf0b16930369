"""The written requests are what their form promises: every call is valid for its tool, nothing is said twice, and some are held back."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator
from training.rows import as_row
from training.seen import described, given
from training.written import Scene, _as_data, examples, looks_up, scenes

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
    """What is described and not said has no value: it is only not lacking."""
    wrong = []
    for scene in SCENES:
        checks = {name: Draft202012Validator(tool["parameters"]) for name, tool in scene.tools.items()}
        calls = [(row["request"], call) for row in scene.rows for call in row["calls"]]
        wrong += [
            f"{request}: {error.message}"
            for request, call in calls
            for error in checks[call["tool"]].iter_errors(given(call))
            if not any(error.message == f"{name!r} is a required property" for name in described(call["arguments"]))
        ]
        wrong += [
            f"{request}: {words}"
            for request, call in calls
            for words in described(call["arguments"]).values()
            if words.casefold() not in request.casefold()
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


def text(described: str = "") -> dict[str, str]:
    return {"type": "string", **({"description": described} if described else {})}


def tool(name: str, told: str, fields: Mapping[str, Any], *needed: str) -> dict[str, Any]:
    parameters = {"type": "object", "properties": dict(fields), "required": list(needed)}
    return {"name": name, "description": told, "parameters": parameters}


TOOLS = [
    tool("find_visits", "Lists the visits of a day or a pet.", {"pet": text(), "day": text()}),
    tool("cancel_visit", "Cancels a visit.", {"visit_id": text(), "reason": text()}, "visit_id"),
    tool("give_visit", "Hands a visit to a vet.", {"visit_id": text(), "vet_email": text()}, "visit_id", "vet_email"),
]
GIVEN = {"visit_id": {"described": "Mochi's visit"}, "vet_email": {"described": "Maeve"}}
VISITS = Scene(
    "visits",
    {each["name"]: each for each in TOOLS},
    [
        {"request": "Give Mochi's visit to Maeve", "calls": [{"tool": "give_visit", "arguments": GIVEN}]},
        {"request": "Cancel visit V-118", "calls": [{"tool": "cancel_visit", "arguments": {"visit_id": "V-118"}}]},
    ],
    held=False,
)


def test_an_id_that_nobody_says_is_left_to_a_read_and_a_person_is_pointed_at() -> None:
    made = [each for seed in range(20) for each in examples(VISITS, random.Random(seed))]
    given_ = [each for each in made if each.relevant and each.tool["name"] == "give_visit"]
    person = {"spans": [[22, 27]]}
    assert {tuple(each.labels) for each in given_} == {("vet_email",), ("visit_id", "vet_email")}
    assert all(each.labels["vet_email"] == person and each.labels.get("visit_id") is None for each in given_)
    beside = [each for each in made if not each.relevant and "Mochi" in each.turns[0]]
    assert any("visit_id" not in each.tool["parameters"]["properties"] for each in beside)
    said = [each for each in made if each.relevant and each.tool["name"] == "cancel_visit"]
    assert {json.dumps(each.labels["visit_id"]) for each in said} == {'{"spans": [[13, 18]]}'}


def test_a_held_back_row_is_read_without_the_ids_that_are_looked_up() -> None:
    tools, rows = _as_data(VISITS)
    looked, coded = rows
    lean = {each["id"] for each in tools if each.get("looked_up")}
    assert looks_up(VISITS)
    assert {each.rpartition("/")[2] for each in lean} == {"without its id"}
    assert looked["calls"][0]["tool"] in lean
    assert not lean & set(coded["tools"])
    row = as_row(looked, "written", {each["id"]: each for each in tools})
    assert row.gold == (("give_visit", {}),)
    assert {("give_visit", "visit_id"), ("give_visit", "vet_email")} == row.unsaid
    assert "give_visit" in row.looked


def test_a_request_is_learnt_with_the_words_since_the_last_record_alone() -> None:
    context = ["Who sees Pixel?", '[find_visits(pet="Pixel", day="Monday")]', '[{"pet": "Pixel", "day": "Monday"}]']
    row = {"request": "And on Friday?", "context": context}
    called = {"tool": "find_visits", "arguments": {"pet": "Pixel", "day": "Friday"}}
    scene = Scene("visits", VISITS.tools, [{**row, "calls": [called]}], held=False)
    made = [next(iter(examples(scene, random.Random(seed)))) for seed in range(12)]
    assert {tuple(each.turns) for each in made} == {("And on Friday?",), ("Who sees Pixel?", "And on Friday?")}
    assert {len(each.turns): each.labels["pet"] for each in made} == {1: None, 2: {"spans": [[9, 14]]}}
