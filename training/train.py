"""Train: examples to weights, on a processor; goes on from its last checkpoint. `python -m training.train`"""

from __future__ import annotations

import argparse
import json
import os
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.utils.data import DataLoader, IterableDataset

from doer.connectors.models.wordpiece import WordPiece
from doer.training.batches import Batch, Source, pair
from doer.training.network import Network, load_minilm
from doer.training.objective import alike, loss

WEIGHTS = {
    "written": 0.34, "systems": 0.40, "synthesised": 0.07, "swapped": 0.065, "seal_tools": 0.02, "snips": 0.025, "nlu_home": 0.025,
    "home_assistant": 0.02, "clinc150": 0.01, "metatool": 0.02, "tau_retail": 0.005,
}  # fmt: skip
FROZEN = 0
"""Lowest layers that keep what they learnt from far more text, as the embeddings do."""
ALIKE = 9
"""Steps from one look at the search by meaning to the next: it costs half a step."""
HEADS, TABLES = 10, 50
"""How many times faster than the encoder the heads and the tables learn."""
WARM = 100
"""Steps in which the rate rises."""
SAVED = 50


@dataclass(frozen=True)
class Drawn(IterableDataset[tuple[Batch, int, list[tuple[str, str]]]]):
    """Batches, made in a process beside the one that learns: with the number of pairs, and what they teach about nearness."""

    examples: Path
    vocabulary: Path
    chance: str
    tokens: int

    def __iter__(self) -> Iterator[tuple[Batch, int, list[tuple[str, str]]]]:
        pieces = WordPiece(self.vocabulary.read_text().splitlines())
        source = Source.of(self.examples, WEIGHTS, pieces)
        for batch, group in source.batches(random.Random(self.chance), self.tokens):
            yield batch, len(group), pair(group)[:24]


class Learner:
    """The network, its optimiser and the step that they are at."""

    def __init__(self, minilm: Path, rate: float) -> None:
        self.network, self.rate, self.step = Network(), rate, 0
        self.pieces = WordPiece((minilm / "vocab.txt").read_text().splitlines())
        network = self.network
        load_minilm(network, minilm / "model.safetensors")
        with torch.no_grad():  # tokens that were never trained begin as a mark that was
            for new, old in (
                (self.pieces.parameter, self.pieces.classify),
                (self.pieces.value, self.pieces.separate),
                (self.pieces.turn, self.pieces.separate),
            ):
                network.words.weight[new] = network.words.weight[old] + 0.02 * torch.randn(384)
        for part in (network.words, network.places, network.segments, network.norm, *network.layers[:FROZEN]):
            part.requires_grad_(requires_grad=False)
        tables = [network.fit, network.wide, network.near, network.said]
        heads = [p for part in (network.whole, network.span, network.asks, network.single) for p in part.parameters()]
        body = [p for layer in network.layers[FROZEN:] for p in layer.parameters()]
        self.trained = [*body, *heads, *tables]
        groups = [{"params": body, "times": 1}, {"params": heads, "times": HEADS}, {"params": tables, "times": TABLES}]
        self.optimiser = torch.optim.AdamW(groups, lr=rate, weight_decay=0.01)

    def load(self, kept: Path) -> None:
        state = torch.load(kept, weights_only=True)
        self.network.load_state_dict(state["network"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step = state["step"]

    def save(self, kept: Path) -> None:
        state = {"network": self.network.state_dict(), "optimiser": self.optimiser.state_dict(), "step": self.step}
        torch.save(state, kept.with_suffix(".new"))
        kept.with_suffix(".new").replace(kept)

    def learn(self, batch: Batch, pairs: list[tuple[str, str]], left: float) -> dict[str, float]:
        """Take one step; `left` is the share of the run that is still to come, and with it the rate falls."""
        total, told = loss(self.network, batch)
        if self.step % ALIKE == 0 and len(pairs) > 3:
            near = alike(self.network, pairs, self.pieces)
            total, told["alike"] = total + 0.5 * near, near.item()
        for part in self.optimiser.param_groups:
            part["lr"] = self.rate * part["times"] * min(1.0, (self.step + 1) / WARM) * max(0.02, left)
        self.optimiser.zero_grad()
        total.backward()
        nn.utils.clip_grad_norm_(self.trained, 1.0)
        self.optimiser.step()
        self.step += 1
        return told


@dataclass
class Log:
    """Means over ten steps, printed and kept."""

    file: Path
    sums: dict[str, list[float]]
    began: float
    pairs: int = 0

    def add(self, step: int, pairs: int, told: dict[str, float]) -> None:
        self.pairs += pairs
        for name, value in told.items():
            self.sums.setdefault(name, []).append(value)
        if step % 10:
            return
        means = {name: round(sum(values) / len(values), 4) for name, values in self.sums.items()}
        spent = time.monotonic() - self.began
        line = json.dumps({"step": step, "seconds": round(spent), "per_second": round(self.pairs / spent, 2), **means})
        print(line, flush=True)
        with self.file.open("a") as lines:
            lines.write(line + "\n")
        self.sums.clear()


def _arguments() -> Any:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--examples", type=Path, required=True)
    asked.add_argument("--minilm", type=Path, required=True, help="folder with model.safetensors and vocab.txt")
    asked.add_argument("--to", type=Path, required=True)
    asked.add_argument("--start", type=Path, help="the checkpoint of another run, to begin with; the rate begins anew")
    asked.add_argument("--steps", type=int, required=True)
    asked.add_argument("--tokens", type=int, default=2048)
    asked.add_argument("--threads", type=int, default=2)
    asked.add_argument("--rate", type=float, default=1e-4)
    asked.add_argument("--seed", type=int, default=4)
    return asked.parse_args()


def main() -> None:
    given = _arguments()
    torch.set_num_threads(given.threads)
    torch.manual_seed(given.seed)
    learner = Learner(given.minilm, given.rate)
    given.to.mkdir(parents=True, exist_ok=True)
    kept = given.to / "checkpoint.pt"
    if kept.exists():
        learner.load(kept)
    elif given.start is not None:
        learner.network.load_state_dict(torch.load(given.start, weights_only=True)["network"])
    learner.network.train()
    drawn = Drawn(given.examples, given.minilm / "vocab.txt", f"{given.seed} {learner.step}", given.tokens)
    beside = DataLoader(drawn, batch_size=None, num_workers=1, prefetch_factor=8, worker_init_fn=lambda _: os.nice(5))
    log = Log(given.to / "log.jsonl", {}, time.monotonic())
    for batch, pairs, near in beside:
        if learner.step >= given.steps:
            break
        told = learner.learn(batch, near, 1 - learner.step / given.steps)
        log.add(learner.step, pairs, told)
        if learner.step % SAVED == 0 or learner.step == given.steps:
            learner.save(kept)


if __name__ == "__main__":
    main()
