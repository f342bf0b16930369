"""Convert: rows of requests with tool calls to examples with the places of every argument. `python -m training.convert`"""

from __future__ import annotations

import argparse
import gzip
import json
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from training.examples import Example, heard, joined, occurrences, text_of, write

# Not used: sgd and smcalflow (CC BY-SA 4.0): whether weights are a derivative is not settled, and these are published.
SOURCES = ("seal_tools", "snips", "nlu_home", "home_assistant", "clinc150", "metatool", "tau_retail")


def tools_of(folder: Path) -> dict[str, dict[str, Any]]:
    with (folder / "tools.jsonl").open() as lines:
        return {tool["id"]: tool for tool in map(json.loads, lines)}


def rows_of(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt") as lines:
        yield from map(json.loads, lines)


def slim(tool: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": tool["name"], "description": tool["description"], "parameters": tool["parameters"]}


def convert(row: Mapping[str, Any], tools: Mapping[str, Mapping[str, Any]], chance: random.Random) -> Iterator[Example]:
    """Yield one example for each tool that is called, and one for a tool that is offered and not called."""
    turns = [*(turn["text"] for turn in row.get("context", ()) if turn["role"] != "system"), row["request"]]
    if not joined(turns).isprintable() and "\n" not in joined(turns):
        return
    called = dict[str, list[dict[str, Any]]]()
    for call in row["calls"]:
        called.setdefault(call["tool"], []).append(call["arguments"])
    for name, calls in called.items():
        yield positive(turns, tools[name], calls, row["source"])
    others = [each for each in row["tools"] if each not in called]
    for name in chance.sample(others, min(len(others), 1 if called else 2)):
        yield Example(turns, slim(tools[name]), relevant=False, source=row["source"])


def positive(turns: Sequence[str], tool: Mapping[str, Any], calls: Sequence[Mapping[str, Any]], source: str) -> Example:
    text = text_of(tool)
    listened = heard(turns)
    labels = dict[str, Any]()
    for parameter in text.parameters:
        values = [value for call in calls if (value := _at(call, parameter.name)) is not None]
        if not values:
            labels[parameter.name] = None
        elif parameter.choices:
            picked = {str(value).lower() for value in values}
            place = [n for n, each in enumerate(parameter.choices) if each.lower() in picked]
            labels[parameter.name] = {"choice": place[0]} if len(place) == 1 else "unknown"
        else:
            flat = [item for value in values for item in (value if isinstance(value, list) else [value])]
            labels[parameter.name] = _spans(listened, flat)
    return Example(list(turns), slim(tool), relevant=True, source=source, several=len(calls) > 1, labels=labels)


def _at(call: Mapping[str, Any], name: str) -> Any:
    here: Any = call
    for part in name.split("."):
        here = here.get(part) if isinstance(here, Mapping) else None
    return here


def _spans(listened: Any, values: Sequence[Any]) -> Any:
    text = listened.heard.text
    spans = {(each.start, each.end) for each in listened.heard.candidates}
    found = list[list[list[int]]]()
    for value in dict.fromkeys(map(str, values)):
        places = [place for place in occurrences(text, value) if tuple(place) in spans]
        for candidate, mention in zip(listened.heard.candidates, listened.mentions, strict=True):
            if mention is not None and any(_same(reading.value, value) for reading in mention.readings):
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


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--data", type=Path, required=True, help="folder of *.train.jsonl.gz and tools.jsonl")
    asked.add_argument("--to", type=Path, required=True)
    asked.add_argument("--seed", type=int, default=4)
    asked.add_argument("--most", type=int, default=9000, help="rows of one source")
    given = asked.parse_args()
    tools = tools_of(given.data)
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
