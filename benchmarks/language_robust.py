"""Rows changed in ways that change no meaning: reworded, renamed, shuffled, misspelt; each beside the row as it was."""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

from training.rows import Row, as_row

from doer.domain.action import Manifest
from doer.planning.schema import mapping

WAYS: Final = ("as it is", "reworded", "shuffled", "hidden names", "typos")
_OPENERS: Final = re.compile(
    r"^(?:hi|hello|hey)?[\s,!.]*(?:(?:can|could|would|will) you (?:please )?|please |i (?:want|need|would like) to |i'd like to |i'd love to "
    r"|help me (?:to )?|kindly )",
    re.IGNORECASE,
)
_NEW_OPENERS: Final = (
    "I was hoping you could {}", "Be so kind and {}", "It would help me if you could {}", "Your next task: {}", "Now {}",
)  # fmt: skip
_SYNONYMS: Final[Mapping[str, tuple[str, ...]]] = {
    "find": ("look up", "search for"), "get": ("fetch", "obtain"), "show": ("display", "present"),
    "need": ("require",), "want": ("wish",), "book": ("reserve",), "buy": ("purchase",), "check": ("verify", "examine"),
    "create": ("set up", "make"), "make": ("produce",), "add": ("put in",), "play": ("put on",), "give": ("hand",), "help": ("assist",),
    "cheap": ("inexpensive",), "big": ("large",), "start": ("begin",), "end": ("finish",), "about": ("regarding",), "near": ("close to",),
    "also": ("as well",), "and": ("plus",), "information": ("details",), "list": ("overview",), "current": ("present",), "using": ("by means of",),
}  # fmt: skip


def changed(row: Row, how: str, chance: random.Random) -> Row:
    """The row, changed in one way; gold values keep their words, so that the same answer stays right."""
    match how:
        case "reworded":
            return replace(row, goal=replace(row.goal, text=reworded(row.goal.text, _kept(row), chance)))
        case "typos":
            return replace(row, goal=replace(row.goal, text=misspelt(row.goal.text, _kept(row), chance)))
        case "shuffled" | "hidden names":
            return _other_tools(row, hidden=how == "hidden names", chance=chance)
        case _:
            return row


def reworded(text: str, kept: set[str], chance: random.Random) -> str:
    """Another way to ask, and other words for what is no value: by rule, so not as rich as a person's paraphrase."""
    bare = _OPENERS.sub("", text)
    head = bare.split(" ", 1)[0].lower()
    if bare != text and head.isalpha():
        text = chance.choice(_NEW_OPENERS).format(bare[:1].lower() + bare[1:])

    def other(found: re.Match[str]) -> str:
        word = found[0].lower()
        if word in kept or word not in _SYNONYMS or found[0] != word:
            return found[0]
        return chance.choice(_SYNONYMS[word])

    return re.sub(r"[A-Za-z]+", other, text)


def misspelt(text: str, kept: set[str], chance: random.Random) -> str:
    """At most two words of four letters or more with two letters exchanged."""
    words = [found for found in re.finditer(r"[a-z]{4,}", text) if found[0] not in kept]
    for found in chance.sample(words, min(2, len(words))):
        at = found.start() + chance.randrange(1, len(found[0]) - 1)
        text = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text


def _kept(row: Row) -> set[str]:
    values = (str(value) for _, arguments in row.gold for value in arguments.values())
    return {word for value in values for word in re.findall(r"\w+", value.lower())}


def _other_tools(row: Row, *, hidden: bool, chance: random.Random) -> Row:
    tools, names = [], dict[str, str]()
    for number, each in enumerate(row.tools):
        fields = list(mapping(each.parameters.get("properties")).items())
        chance.shuffle(fields)
        name = f"tool_{number}" if hidden else each.name
        names[each.name] = name
        tools.append(replace(each, name=name, parameters={**each.parameters, "properties": dict(fields)}))
    gold = tuple((names.get(name, name), arguments) for name, arguments in row.gold)
    return replace(row, tools=tuple(tools), gold=gold)


def sgdx(data: Path, most: int) -> dict[str, list[Row]]:
    """Rows of SGD, on which nothing of ours is trained, with its own schemas and in five paraphrases (SGD-X, Lee et al. 2022)."""
    with (data / "tools.jsonl").open() as lines:
        tools = {each["id"]: each for each in map(json.loads, lines)}
    with (data / "sgdx_map.jsonl").open() as lines:
        renamed = {(each["tool"], each["variant"]): each for each in map(json.loads, lines)}
    with gzip.open(data / "sgd.train.jsonl.gz", "rt") as lines:
        given = [json.loads(line) for line in islice(lines, 0, 400 * most, 400)][:most]
    found = {"as it is": given}
    for variant in ("v1", "v2", "v3", "v4", "v5"):
        found[variant] = [_variant(row, variant, renamed) for row in given]
    said_at = datetime(2019, 3, 1, 9, 0, tzinfo=UTC)  # today, throughout that set
    return {
        name: [
            replace(row, goal=replace(row.goal, said_at=said_at))
            for row in (as_row(each, "sgd", tools) for each in some)
        ]
        for name, some in found.items()
    }


def _variant(
    row: Mapping[str, Any], variant: str, renamed: Mapping[tuple[str, str], Mapping[str, Any]]
) -> dict[str, Any]:
    calls = []
    for call in row["calls"]:
        other = renamed[call["tool"], variant]
        arguments = {other["parameters"].get(name, name): value for name, value in call["arguments"].items()}
        calls.append({"tool": other["variant_tool"], "arguments": arguments})
    return {**row, "tools": [renamed[each, variant]["variant_tool"] for each in row["tools"]], "calls": calls}


def spread(pool: Sequence[Manifest], own: Sequence[Manifest], count: int) -> list[Manifest]:
    """So many tools: a row's own, and others beside them."""
    names = {each.name for each in own}
    return [*own, *(each for each in pool if each.name not in names)][:count]
