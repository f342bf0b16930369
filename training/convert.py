"""Convert: rows of requests with tool calls to examples with the places of every argument. `python -m training.convert`"""

from __future__ import annotations

import argparse
import gzip
import json
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from doer.training.examples import Example, joined, slim, write
from doer.training.label import positive
from training.seen import heard_of, unheard
from training.written import learnt

# Not used: sgd and smcalflow (CC BY-SA 4.0): whether weights are a derivative is not settled, and these are published.
SOURCES = ("seal_tools", "snips", "nlu_home", "home_assistant", "clinc150", "metatool", "tau_retail")


def tools_of(folder: Path) -> dict[str, dict[str, Any]]:
    with (folder / "tools.jsonl").open() as lines:
        return {tool["id"]: tool for tool in map(json.loads, lines)}


def rows_of(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt") as lines:
        yield from map(json.loads, lines)


def convert(row: Mapping[str, Any], tools: Mapping[str, Mapping[str, Any]], chance: random.Random) -> Iterator[Example]:
    """Yield one example for each tool that is called, and one for a tool that is offered and not called."""
    every = [*(turn["text"] for turn in row.get("context", ()) if turn["role"] != "system"), row["request"]]
    if not joined(every).isprintable() and "\n" not in joined(every):
        return
    turns = heard_of(every, {name: tools[name] for name in row["tools"]})
    called = dict[str, list[dict[str, Any]]]()
    for call in row["calls"]:
        called.setdefault(call["tool"], []).append(call["arguments"])
    for name, calls in called.items():
        example = positive(turns, tools[name], calls, row["source"])
        if len(turns) < len(every):
            unheard(example, every, calls)
        yield example
    others = [each for each in row["tools"] if each not in called]
    for name in chance.sample(others, min(len(others), 1 if called else 2)):
        yield Example(turns, slim(tools[name]), relevant=False, source=row["source"])


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--data", type=Path, required=True, help="folder of *.train.jsonl.gz and tools.jsonl")
    asked.add_argument("--to", type=Path, required=True)
    asked.add_argument("--seed", type=int, default=4)
    asked.add_argument("--most", type=int, default=9000, help="rows of one source")
    given = asked.parse_args()
    tools = tools_of(given.data)
    print("written", write(given.to / "written.jsonl.gz", learnt(given.seed)), flush=True)
    print("systems", write(given.to / "systems.jsonl.gz", learnt(given.seed, rows=True)), flush=True)
    for source in SOURCES:
        chance = random.Random(f"{given.seed} {source}")
        rows = list(rows_of(given.data / f"{source}.train.jsonl.gz"))
        chance.shuffle(rows)
        counts = Counter[str]()

        def examples(rows: Any = rows, chance: Any = chance, counts: Any = counts) -> Iterator[Example]:
            for row in rows[: given.most]:
                for each in convert(row, tools, chance):
                    for label in each.labels.values():
                        counts["unknown" if label == "unknown" else "null" if label is None else next(iter(label))] += 1
                    yield each

        print(source, write(given.to / f"{source}.jsonl.gz", examples()), dict(counts), flush=True)


if __name__ == "__main__":
    main()
