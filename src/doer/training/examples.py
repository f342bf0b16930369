"""Examples: one request with one tool, and what is right about it; as lines of JSON."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from doer.domain.scoring import TURN, ToolText
from doer.intent.grounder import Grounder
from doer.intent.mention import Setting
from doer.planning.action.schema import tool_text
from doer.planning.words.candidates import Listened, listen

SETTING = Setting(datetime(2026, 3, 4, 9, 0, tzinfo=UTC))
_GROUNDER = Grounder(SETTING)


@dataclass
class Example:
    """One request, one tool, and the answer. A label is {"spans": [[start, end], …]}, {"choice": n}, null or "unknown"."""

    turns: list[str]
    tool: dict[str, Any]
    relevant: bool
    source: str
    several: bool = False
    labels: dict[str, Any] = field(default_factory=dict)

    def line(self) -> str:
        return json.dumps(self.__dict__, ensure_ascii=False)


def text_of(tool: Mapping[str, Any]) -> ToolText:
    return tool_text(tool["name"], tool["description"], tool["parameters"])


def slim(tool: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": tool["name"], "description": tool["description"], "parameters": tool["parameters"]}


def heard(turns: Sequence[str]) -> Listened:
    return listen(turns, _GROUNDER)


def read(path: Path) -> Iterator[Example]:
    with gzip.open(path, "rt") as lines:
        for line in lines:
            yield Example(**json.loads(line))


def write(path: Path, examples: Iterable[Example]) -> int:
    count = 0
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", compresslevel=3) as lines:
        for each in examples:
            lines.write(each.line() + "\n")
            count += 1
    return count


def occurrences(text: str, value: str) -> list[list[int]]:
    """Every place of the value in the text, whatever its case, at the edges of words."""
    wanted = value.strip()
    if not wanted:
        return []
    pattern = r"\s+".join(map(re.escape, wanted.split()))
    before = r"(?<!\w)" if wanted[0].isalnum() else ""
    after = r"(?!\w)" if wanted[-1].isalnum() else ""
    return [list(found.span()) for found in re.finditer(before + pattern + after, text, re.IGNORECASE)]


def joined(turns: Sequence[str]) -> str:
    return TURN.join(turn.replace(TURN, " ") for turn in turns)
