"""The written requests are what their form promises: every call is valid for its tool, nothing is said twice, and some are held back."""

from __future__ import annotations

import json
import random
from collections import Counter

from training.written import examples, scenes

from doer.planning.schema import mapping, problems

SCENES = list(scenes())


def test_every_call_is_valid_for_its_tool() -> None:
    wrong = [
        f"{row['request']}: {problem}"
        for scene in SCENES
        for row in scene.rows
        for call in row["calls"]
        for schema in [scene.tools[call["tool"]]["parameters"]]
        for problem in [
            *problems(call["arguments"], schema),
            *(f"{name}?" for name in call["arguments"] if name not in mapping(schema["properties"])),
        ]
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
