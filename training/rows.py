"""Rows of the validation data as goals and manifests, and what is right about them. Validation data are never trained on."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from doer.domain.action import Manifest
from doer.domain.goal import Goal
from doer.domain.value import Json, Principal
from training.seen import is_described

FILES: Final = (
    "acebench_normal", "acebench_special", "apibank_l1", "apibank_l2", "toolalpaca", "seal_in_domain",
    "seal_in_domain_shared", "snips", "clinc150",
)  # fmt: skip
_ENDING: Final = ".dev.jsonl.gz"
_CLOCK = re.compile(r"([A-Z][a-z]+ \d{1,2}, \d{4})")


@dataclass(frozen=True)
class Row:
    id: str
    file: str
    goal: Goal
    tools: tuple[Manifest, ...]
    gold: tuple[tuple[str, Mapping[str, Json]], ...]
    notes: tuple[str, ...]
    looked: frozenset[str] = frozenset()
    """Tools that are read without the id that a read would tell."""
    described: tuple[tuple[str, str, str], ...] = ()
    """Tool, argument and words of what a read would tell: of which row it is, or whose address; it is not compared."""

    @property
    def unsaid(self) -> frozenset[tuple[str, str]]:
        """The tools and arguments whose values a read would tell."""
        return frozenset((tool, name) for tool, name, _ in self.described)


def files_in(folder: Path) -> tuple[str, ...]:
    """Return the names of the row files in a folder: ours in our order, then others."""
    found = sorted(each.name.removesuffix(_ENDING) for each in folder.glob(f"*{_ENDING}"))
    return tuple(sorted(found, key=lambda name: FILES.index(name) if name in FILES else len(FILES)))


def rows(folder: Path, file: str, most: int = 10**9) -> Iterator[Row]:
    """Yield at most so many rows of a file, evenly spread."""
    with (folder / "tools.jsonl").open() as lines:
        tools = {tool["id"]: tool for tool in map(json.loads, lines)}
    with gzip.open(folder / f"{file}{_ENDING}", "rt") as lines:
        every = [json.loads(line) for line in lines]
    step = max(1, len(every) // most) if most < len(every) else 1
    for each in every[::step][:most]:
        yield as_row(each, file, tools)


def as_row(row: Mapping[str, Any], file: str, tools: Mapping[str, Mapping[str, Any]]) -> Row:
    context = [turn["text"] for turn in row.get("context", ()) if turn["role"] != "system"]
    context += [turn["text"] for turn in row.get("after", ())]
    system = " ".join(turn["text"] for turn in row.get("context", ()) if turn["role"] == "system")
    said_at = datetime(2023, 1, 2, 9, 0, tzinfo=UTC)  # API-Bank's answers are mostly of 2023
    if found := _CLOCK.search(system):
        said_at = datetime.strptime(found[1], "%B %d, %Y").replace(hour=9, tzinfo=UTC)
    withheld = {key for call in row["calls"] for key, value in call["arguments"].items() if value == "REDACTED"}
    manifests = {
        name: Manifest(
            tools[name]["name"], tools[name]["description"], _without(tools[name]["parameters"], withheld), "read",
            result=_results(tools[name].get("returns", {})),
        )
        for name in row["tools"]
    }  # fmt: skip
    labels = {
        label: f"${manifests[call['tool']].name}.{field}"
        for call in row["calls"] for label, field in call.get("returns", {}).items()
    }  # fmt: skip
    described = tuple(
        (manifests[call["tool"]].name, name, each["described"])
        for call in row["calls"] for name, each in call["arguments"].items() if is_described(each)
    )  # fmt: skip
    gold = tuple(
        (
            manifests[call["tool"]].name,
            {
                name: labels.get(each, each) if isinstance(each, str) else each
                for name, each in call["arguments"].items()
                if each != "REDACTED" and not is_described(each)
            },
        )
        for call in row["calls"]
    )
    goal = Goal(
        row["request"][:19_000], Principal("validation"), said_at, context=tuple(turn[:4000] for turn in context)
    )
    looked = frozenset(manifests[name].name for name in row["tools"] if tools[name].get("looked_up"))
    return Row(row["id"], file, goal, tuple(manifests.values()), gold, tuple(row.get("notes", ())), looked, described)


def _without(parameters: Mapping[str, Any], withheld: set[str]) -> dict[str, Any]:
    """The schema less the credentials whose values the data withhold: nobody says them, and they are left out of the score."""
    fields = {name: each for name, each in parameters.get("properties", {}).items() if name not in withheld}
    required = [name for name in parameters.get("required", ()) if name not in withheld]
    return {**parameters, "properties": fields, **({"required": required} if "required" in parameters else {})}


def _results(returns: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": {name: {"description": str(each)} for name, each in returns.items()}}
