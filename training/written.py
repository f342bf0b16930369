"""Written: requests written one by one over tools of our own, in scenes of neighbouring tools: `training/written/*.jsonl`.

A scene is `{"scene", "held"?, "tools": [{"name", "description", "parameters"}], "rows": [{"request", "context"?, "calls":
[{"tool", "arguments"}], "why"?}]}`; `why` is there where nothing is called: `nothing_fits`, `missing` (a tool fits, and a
required argument was not said) or `statement`. An argument whose value nobody knows by heart is `{"described": words}`, the words that
say which row it is of, or whose address it is (`training/seen.py`). About every eighth scene is held back (`held`): nothing is learnt from it,
and with `python -m training.written --to FOLDER` it becomes rows to choose by, in the form of the validation data.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from doer.training.examples import Example, joined, slim
from doer.training.label import positive
from training.seen import (
    Tool,
    described,
    given,
    heard_of,
    of_row,
    point,
    reads,
    unheard,
    without_ids,
)

FOLDER = Path(__file__).parent / "written"
_WHOLE, _WHOLE_OF_SEVERAL = 0.12, 0.4
"""Share of rows of one call, and of several, whose tools are shown whole: what was to be looked up could not be, or may not."""
_TOLD_MORE = 0.5
"""Share of rows whose ids are taken for told by reads, whatever their names say."""
_ALL_WORDS = 0.3
"""Share of rows after recorded calls that are heard with all words of their dialogue."""
_TIMES = 3
_NEIGHBOURS = 2
"""Tools that are not called, of a row of a scene in which rows are looked up."""


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
    rows_of_systems = looks_up(scene)
    for row in scene.rows:
        every = [*row.get("context", ()), row["request"]]
        if row.get("why") == "missing" or not joined(every).replace("\n", "").isprintable():
            continue  # which tool is meant with nothing said is not told
        turns = heard_of(every, scene.tools, whole=chance.random() < _ALL_WORDS)
        tools = scene.tools
        if rows_of_systems and chance.random() >= (_WHOLE if len(row["calls"]) == 1 else _WHOLE_OF_SEVERAL):
            more = {name for call in row["calls"] for name in described(call["arguments"]) if of_row(name)}
            tools = as_read(row, turns, scene.tools, more if chance.random() < _TOLD_MORE else ())
        called = dict[str, list[Mapping[str, Any]]]()
        for call in row["calls"]:
            called.setdefault(call["tool"], []).append(call)
        for name, calls in called.items():
            said = [given(each) for each in calls]
            example = positive(turns, tools[name], said, "written")
            if len(turns) < len(every):
                unheard(example, every, said)
            point(example, {name: words for each in calls for name, words in described(each["arguments"]).items()})
            yield example
        most = 3 if not called else _NEIGHBOURS if rows_of_systems else 1
        for name in neighbours(scene, called, most, chance):
            yield Example(turns, slim(tools[name]), relevant=False, source="written")


def looks_up(scene: Scene) -> bool:
    """Tell whether its requests speak of rows of a system, which reads would tell."""
    return any(described(call["arguments"]) for row in scene.rows for call in row["calls"])


def as_read(
    row: Mapping[str, Any], turns: Sequence[str], tools: Mapping[str, Tool], names: Collection[str] = ()
) -> Mapping[str, Tool]:
    """Return the tools without the ids that are looked up, and these; all of them whole where the row says the value of one."""
    found = without_ids(turns, tools, names)
    kept = all(name in found[call["tool"]]["parameters"]["properties"] for call in row["calls"] for name in given(call))
    return found if kept else tools


def neighbours(scene: Scene, called: Collection[str], most: int, chance: random.Random) -> list[str]:
    """Draw tools that are not called; where rows are looked up rather such that change them: these are taken for each other."""
    others = [each for each in scene.tools if each not in called]
    if not looks_up(scene):
        return chance.sample(others, min(len(others), most))
    weighed = [(chance.random() ** (1.0 if reads(scene.tools[each]) else 0.5), each) for each in others]
    return [each for _, each in sorted(weighed, reverse=True)[:most]]


def learnt(seed: int, *, rows: bool = False) -> Iterator[Example]:
    """Yield the examples of the scenes that are not held back: of those in which rows are looked up, or of all others.

    Of the former each is told several times, with other neighbours, and with its ids and without.
    """
    for time in range(_TIMES if rows else 1):
        chance = random.Random(f"{seed} written" + f" {time}" * rows)
        for scene in scenes():
            if not scene.held and looks_up(scene) == rows:
                yield from examples(scene, chance)


def _as_data(scene: Scene) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The tools and the rows of a scene in the form of the validation data; a tool that is read without its id stands there twice."""
    tools = {f"{scene.name}/{name}": {**tool, "source": "written"} for name, tool in scene.tools.items()}
    rows = list[dict[str, Any]]()
    for number, row in enumerate(scene.rows):
        turns = [*row.get("context", ()), row["request"]]
        seen = as_read(row, turns, scene.tools) if looks_up(scene) else scene.tools
        ids = dict[str, str]()
        for name, tool in seen.items():
            less = tool["parameters"]["properties"].keys() != scene.tools[name]["parameters"]["properties"].keys()
            ids[name] = f"{scene.name}/{name}{'/without its id' * less}"
            tools[ids[name]] = {**tool, "source": "written", "looked_up": less}
        calls = [{**call, "tool": ids[call["tool"]]} for call in row["calls"]]
        rows.append({
            "id": f"{scene.name}/{number}", "source": "written", "request": row["request"], "tools": list(ids.values()),
            "context": [{"role": "user", "text": turn} for turn in row.get("context", ())],
            "calls": calls, "notes": [row.get("why") or _kind(row)],
        })  # fmt: skip
    return [{"id": name, **tool} for name, tool in tools.items()], rows


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
