"""Swap: rows that people or language models wrote, with other values in the places of theirs, and tools with more parameters."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from doer.domain.scoring import TURN
from doer.training.examples import Example, heard, joined, text_of
from training.schemas import EXTRAS, renamed
from training.values import Values
from training.writer import leaf

_SHARE = 0.75
"""How often a value is another one."""

_SELDOM = (
    "limit", "page", "sort_by", "order", "notify", "verbose", "save_history", "priority", "visibility", "timeout", "tags", "min_score",
)  # fmt: skip
"""Parameters that such a row says nothing about."""


def swapped(example: Example, values: Values, chance: random.Random) -> Example:
    """Return the example with other values of the same parameters, and its tool with other names and more parameters."""
    text, labels = joined(example.turns), copy.deepcopy(example.labels)
    spans = sorted((start, end, name) for name, label in labels.items() if isinstance(label, Mapping)
                   for start, end in label.get("spans", ()))  # fmt: skip
    apart = all(spans[n][1] <= spans[n + 1][0] for n in range(len(spans) - 1))
    if example.relevant and spans and apart:
        text = _replaced(text, spans, labels, example.tool, values, chance)
    turns = text.split(TURN)
    listened = {(each.start, each.end) for each in heard(turns).heard.candidates}
    for name, label in labels.items():
        if isinstance(label, Mapping) and not all(tuple(each) in listened for each in label.get("spans", ())):
            labels[name] = "unknown"
    return _dressed(replace(example, turns=turns, labels=labels), chance)


def _replaced(
    text: str,
    spans: Sequence[tuple[int, int, str]],
    labels: dict[str, Any],
    tool: Mapping[str, Any],
    values: Values,
    chance: random.Random,
) -> str:
    """The text with other values; the labels are moved to where they stand now."""
    now, at = "", 0
    moved = dict[str, list[list[int]]]()
    drawn = dict[tuple[str, str], str]()  # what is said twice stays the same
    for start, end, name in spans:
        now += text[at:start]
        value = text[start:end]
        if (name, value) not in drawn:
            schema = leaf(tool["parameters"], name)
            other, _ = values.draw(name.rsplit(".", 1)[-1], schema.get("items") or schema)
            drawn[name, value] = other if chance.random() < _SHARE else value
        moved.setdefault(name, []).append([len(now), len(now) + len(drawn[name, value])])
        now += drawn[name, value]
        at = end
    for name, places in moved.items():
        labels[name] = {"spans": places}
    return now + text[at:]


def _dressed(example: Example, chance: random.Random) -> Example:
    tool, labels = copy.deepcopy(example.tool), example.labels
    fields = tool["parameters"].setdefault("properties", {})
    if chance.random() < 0.4:
        more = [name for name in chance.sample(_SELDOM, 2) if name not in fields]
        fields |= {name: EXTRAS[name] for name in more}
        labels = {**labels, **dict.fromkeys(more)}
    if chance.random() < 0.4:
        tool, before = renamed(tool, chance)
        labels = {each.name: labels.get(before.get(each.name, ""), "unknown") for each in text_of(tool).parameters}
    return replace(example, tool=tool, labels=labels, source="swapped")


def variants(examples: Sequence[Example], values: Values, chance: random.Random, times: int) -> Iterator[Example]:
    for _ in range(times):
        yield from (swapped(each, values, chance) for each in examples)
