"""Batches: examples drawn from their sources by weight, changed a little at random, laid out and padded."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from doer.connectors.models.action_layout import (
    FEATURES,
    KINDS,
    SHAPES,
    WIDEST,
    Row,
    allowed,
    features,
    lay,
    tool_words,
)
from doer.connectors.models.wordpiece import WordPiece
from doer.domain.scoring import Heard, ParameterText, ToolText
from doer.training.examples import Example, heard, read, text_of

LONGEST = 288
NUMERIC_SHAPES = ("integer", "number", "numbers")
_WHOLE = frozenset(("written", "seal_tools"))
"""Sources whose tools are shown with all that nobody said, as they are when the network is asked."""
MASKED = 0.33
"""Share of examples whose names tell nothing, so that descriptions are read (Hammer, Lin et al. 2024)."""


@dataclass
class Prepared:
    """An example, laid out."""

    row: Row
    heard: Heard
    tool: ToolText
    example: Example
    labels: list[object]
    """In the order of the row's parameters."""


@dataclass
class Batch:
    """Prepared examples side by side, as tensors."""

    numbers: Tensor
    segments: Tensor
    mask: Tensor
    relevant: Tensor
    several: Tensor
    owner: Tensor
    """[q] which row each asked parameter belongs to; the rest of the tensors is in that order."""
    place: Tensor
    """[q, 2] from its first piece to after its last."""
    slot: Tensor
    """[q] the how manieth parameter of its row."""
    shape: Tensor
    starts: Tensor
    ends: Tensor
    kinds: Tensor
    widths: Tensor
    near: Tensor
    can: Tensor
    values: Tensor
    """[q, choice, 2]"""
    said: Tensor
    can_value: Tensor
    gold: Tensor
    """[q, 1 + candidates + choices]: nothing, candidates, choices."""
    spread: Tensor
    """[q] True where every gold entry is wanted, and not just one of them."""


def disguised(
    tool: ToolText, labels: Mapping[str, object], chance: random.Random, *, whole: bool
) -> tuple[ToolText, list[object]]:
    """Shuffle the parameters, and now and then hide the names; `whole`: leave none out."""
    order = list(tool.parameters)
    chance.shuffle(order)
    if not whole:
        order = _fewer(order, labels, chance)
    wanted = [labels.get(each.name, None) for each in order]
    if chance.random() < MASKED and tool.description:
        tool = replace(tool, name=f"tool {chance.randrange(100)}")
        order = [
            replace(each, name=f"{chance.choice(('arg', 'p', 'param', 'x'))}{n}") if each.description else each
            for n, each in enumerate(order)
        ]
    return replace(tool, parameters=tuple(order)), wanted


def _fewer(order: list[ParameterText], labels: Mapping[str, object], chance: random.Random) -> list[ParameterText]:
    """Keep what is filled and some of the rest: rows of half the length are seen twice as often in the same time."""
    filled = [each for each in order if labels.get(each.name) is not None]
    rest = [each for each in order if labels.get(each.name) is None]
    # A tool that is not meant keeps as many as one that is: else their number tells which is which.
    most = chance.choice((1, 2, 3)) if filled else chance.choice((1, 2, 3, 3, 4, 4, 5, 6))
    kept = {each.name for each in (*filled[:6], *rest[:most])}
    return [each for each in order if each.name in kept]


class Source:
    """Examples by source, drawn without end; a fixed seed gives fixed batches."""

    def __init__(
        self, examples: Mapping[str, Sequence[Example]], weights: Mapping[str, float], pieces: WordPiece
    ) -> None:
        self.pieces = pieces
        self.weights = {name: weight for name, weight in weights.items() if name in examples}
        self.examples = examples

    @classmethod
    def of(cls, folder: Path, weights: Mapping[str, float], pieces: WordPiece) -> Source:
        """Read the sources whose files are there."""
        files = {name: folder / f"{name}.jsonl.gz" for name in weights}
        return cls({name: list(read(file)) for name, file in files.items() if file.exists()}, weights, pieces)

    def draw(self, chance: random.Random) -> Example:
        name = chance.choices(list(self.weights), list(self.weights.values()))[0]
        return chance.choice(self.examples[name])

    def prepared(self, chance: random.Random) -> Prepared | None:
        example = self.draw(chance)
        return prepare(example, self.pieces, chance)

    def batches(self, chance: random.Random, tokens: int) -> Iterator[tuple[Batch, list[Prepared]]]:
        while True:
            pool = [each for _ in range(256) if (each := self.prepared(chance)) is not None]
            pool.sort(key=lambda each: len(each.row.numbers))
            groups, group = list[list[Prepared]](), list[Prepared]()
            for each in pool:
                if group and (len(group) + 1) * len(each.row.numbers) > tokens:
                    groups.append(group)
                    group = []
                group.append(each)
            groups.append(group)
            chance.shuffle(groups)
            for each_group in groups:
                yield collate(each_group), each_group


def prepare(example: Example, pieces: WordPiece, chance: random.Random | None) -> Prepared | None:
    tool = text_of(example.tool)
    labels: list[object] = [example.labels.get(each.name) for each in tool.parameters]
    if chance is not None:
        tool, labels = disguised(tool, example.labels, chance, whole=example.source in _WHOLE)
    listened = heard(example.turns)
    row = lay(listened.heard, tool, pieces, LONGEST)
    if len(row.numbers) > LONGEST:
        return None
    return Prepared(row, listened.heard, tool, example, labels)


def collate(group: Sequence[Prepared]) -> Batch:
    length = max(len(each.row.numbers) for each in group)
    numbers = torch.zeros(len(group), length, dtype=torch.long)
    segments, mask = torch.zeros_like(numbers), torch.zeros_like(numbers)
    asked = list[tuple[int, int]]()
    for place, each in enumerate(group):
        count = len(each.row.numbers)
        numbers[place, :count] = torch.tensor(each.row.numbers)
        segments[place, each.row.tool_from : count] = 1
        mask[place, :count] = 1
        if each.example.relevant:
            asked += [(place, q) for q in range(len(each.row.parameters)) if each.labels[q] != "unknown"]
    most = max((len(group[place].heard.candidates) for place, _ in asked), default=1)
    most_values = max((len(group[place].row.choices[q]) for place, q in asked), default=1) or 1
    size = len(asked)
    starts, ends = torch.zeros(size, most, dtype=torch.long), torch.zeros(size, most, dtype=torch.long)
    kinds, widths = torch.zeros_like(starts), torch.zeros_like(starts)
    near, can = torch.zeros(size, most, FEATURES), torch.zeros(size, most, dtype=torch.bool)
    values, can_value = (
        torch.zeros(size, most_values, 2, dtype=torch.long),
        torch.zeros(size, most_values, dtype=torch.bool),
    )
    said = torch.zeros(size, most_values)
    gold, spread = torch.zeros(size, 1 + most + most_values), torch.zeros(size, dtype=torch.bool)
    told = {place: features(group[place].heard, group[place].tool) for place in {place for place, _ in asked}}
    for at, (place, q) in enumerate(asked):
        each, parameter = group[place], group[place].tool.parameters[q]
        row, label, candidates = each.row, each.labels[q], each.heard.candidates
        if row.choices[q]:
            values[at, : len(row.choices[q])] = torch.tensor(row.choices[q])
            said[at, : len(row.choices[q])] = torch.tensor(row.said[q], dtype=torch.float)
            can_value[at, : len(row.choices[q])] = True
        elif candidates:
            count = len(candidates)
            starts[at, :count], ends[at, :count] = torch.tensor(row.starts), torch.tensor(row.ends)
            kinds[at, :count] = torch.tensor([KINDS.index(one.kind) for one in candidates])
            widths[at, :count] = (ends[at, :count] - starts[at, :count] + 1).clamp(max=WIDEST)
            near[at, :count] = torch.from_numpy(told[place][q])
            can[at, :count] = starts[at, :count] > 0
            if parameter.shape in NUMERIC_SHAPES:
                can[at, :count] &= torch.tensor([allowed(parameter, one.kind) for one in candidates])
        _mark(gold[at], label, candidates, most)
        spread[at] = each.example.several or parameter.shape in ("array", "numbers")
    gold[:, 1 : 1 + most] *= can
    gold[:, 1 + most :] *= can_value
    return Batch(
        numbers, segments, mask,
        torch.tensor([float(each.example.relevant) for each in group]),
        torch.tensor([float(each.example.several) for each in group]),
        torch.tensor([place for place, _ in asked], dtype=torch.long),
        torch.tensor([group[place].row.parameters[q] for place, q in asked], dtype=torch.long).view(-1, 2),
        torch.tensor([q for _, q in asked], dtype=torch.long),
        torch.tensor([SHAPES.index(group[place].tool.parameters[q].shape) for place, q in asked], dtype=torch.long),
        starts, ends, kinds, widths, near, can, values, said, can_value, gold, spread,
    )  # fmt: skip


def _mark(gold: Tensor, label: object, candidates: Sequence[object], most: int) -> None:
    if label is None:
        gold[0] = 1
    elif isinstance(label, dict) and "choice" in label:
        gold[1 + most + label["choice"]] = 1
    elif isinstance(label, dict):
        wanted = {tuple(span) for span in label["spans"]}
        for at, one in enumerate(candidates):
            if (one.start, one.end) in wanted:  # type: ignore[attr-defined]
                gold[1 + at] = 1


def pair(group: Sequence[Prepared]) -> list[tuple[str, str]]:
    """Requests of one turn and the tools that they ask for, each tool once, for the search by meaning."""
    found = dict[str, str]()
    for each in group:
        if each.example.relevant and len(each.example.turns) == 1 and len(each.example.turns[0]) < 300:
            found.setdefault(tool_words(each.tool), each.example.turns[0])
    return [(said, tool) for tool, said in found.items()]
