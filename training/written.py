"""Written: requests written one by one over tools of our own, in scenes of neighbouring tools: `training/written/*.jsonl`.

A scene is `{"scene", "held"?, "tools": [{"name", "description", "parameters"}], "rows": [{"request", "context"?, "calls":
[{"tool", "arguments"}], "why"?}]}`; `why` is there where nothing is called: `nothing_fits`, `missing` (a tool fits, and a
required argument was not said) or `statement`. About every eighth scene is held back (`held`): nothing is learnt from it,
and with `python -m training.written --to FOLDER` it becomes rows to choose by, in the form of the validation data.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from doer.training.examples import Example, joined, slim
from doer.training.label import positive

FOLDER = Path(__file__).parent / "written"


@dataclass(frozen=True)
class Scene:
    name: str
    tools: Mapping[str, Mapping[str, Any]]
    rows: Sequence[Mapping[str, Any]]
    held: bool
    """Whether it is for choosing, and not for learning."""


def scenes(folder: Path = FOLDER) -> Iterator[Scene]:
    """Yield every scene, in the order of files and lines."""
    for file in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(file.read_text().splitlines()):
            told = json.loads(line)
            tools = {each["name"]: each for each in told["tools"]}
            yield Scene(f"{file.stem}/{number} {told['scene']}", tools, told["rows"], told.get("held", False))


def examples(scene: Scene, chance: random.Random) -> Iterator[Example]:
    """Yield an example for each tool that is called, and some for its neighbours, which are not."""
    for row in scene.rows:
        turns = [*row.get("context", ()), row["request"]]
        if row.get("why") == "missing" or not joined(turns).replace("\n", "").isprintable():
            continue  # which tool is meant with nothing said is not told
        called = dict[str, list[Mapping[str, Any]]]()
        for call in row["calls"]:
            called.setdefault(call["tool"], []).append(call["arguments"])
        for name, calls in called.items():
            yield positive(turns, scene.tools[name], calls, "written")
        others = [each for each in scene.tools if each not in called]
        for name in chance.sample(others, min(len(others), 1 if called else 3)):
            yield Example(turns, slim(scene.tools[name]), relevant=False, source="written")


def learnt(seed: int) -> Iterator[Example]:
    """Yield the examples of all scenes that are not held back."""
    chance = random.Random(f"{seed} written")
    for scene in scenes():
        if not scene.held:
            yield from examples(scene, chance)


def _as_data(scene: Scene) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The tools and the rows of a scene in the form of the validation data."""
    ids = {name: f"{scene.name}/{name}" for name in scene.tools}
    tools = [{"id": ids[name], "source": "written", **tool} for name, tool in scene.tools.items()]
    rows = [
        {
            "id": f"{scene.name}/{number}", "source": "written", "request": row["request"], "tools": list(ids.values()),
            "context": [{"role": "user", "text": turn} for turn in row.get("context", ())],
            "calls": [{**call, "tool": ids[call["tool"]]} for call in row["calls"]],
            "notes": [row.get("why") or _kind(row)],
        }
        for number, row in enumerate(scene.rows)
    ]  # fmt: skip
    return tools, rows


def _kind(row: Mapping[str, Any]) -> str:
    called = [call["tool"] for call in row["calls"]]
    if row.get("context"):
        return "turns"
    return "one" if len(called) == 1 else "parallel" if len(set(called)) == 1 else "several"


def main() -> None:
    asked = argparse.ArgumentParser(description="Write the scenes that are held back as validation data.")
    asked.add_argument("--to", type=Path, required=True)
    asked.add_argument("--of", type=Path, default=FOLDER, help="another folder of scenes, with --all")
    asked.add_argument("--all", action="store_true", help="every scene, also those that are learnt from")
    given = asked.parse_args()
    told = [_as_data(scene) for scene in scenes(given.of) if scene.held or given.all]
    given.to.mkdir(parents=True, exist_ok=True)
    with (given.to / "tools.jsonl").open("w") as lines:
        lines.writelines(json.dumps(tool, ensure_ascii=False) + "\n" for tools, _ in told for tool in tools)
    with gzip.open(given.to / "written.dev.jsonl.gz", "wt") as lines:
        lines.writelines(json.dumps(row, ensure_ascii=False) + "\n" for _, rows in told for row in rows)


if __name__ == "__main__":
    main()
