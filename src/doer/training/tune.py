"""Tune: exported weights trained a little further on a workspace's own examples, on a processor; goes on where it was stopped."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from torch import nn

from doer.connectors.models.wordpiece import WordPiece
from doer.training.batches import Source
from doer.training.examples import Example
from doer.training.export import export
from doer.training.network import Network
from doer.training.objective import loss
from doer.training.restore import restored

_MEANT: Final = 0.7
"""Share of draws with the tool that is meant: only these teach where arguments stand."""
_HEADS: Final = 10
"""How many times faster the heads learn than the layers under them, as when the weights were made."""
_SAVED: Final = 20
"""Steps between two checkpoints."""


@dataclass(frozen=True, slots=True)
class Course:
    """How long and how fast. The embeddings and the lowest layers stay as they are: a few sentences would only spoil them."""

    steps: int = 60
    seed: int = 4
    rate: float = 3e-5
    tokens: int = 512
    """Pieces in one batch."""
    frozen: int = 4
    threads: int = 2


def tune(
    examples: Sequence[Example], start: Path, to: Path, course: Course, version: str, say: Callable[[int, float], None]
) -> Path:
    """Train the weights in `start` on the examples and write them to `to`; `say` is told the step and its loss.

    Stopped in the midst, it goes on from its checkpoint in `to`, if the examples and the course are the same.
    """
    to.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(course.threads)
    torch.manual_seed(course.seed)
    pieces = WordPiece((start / "vocab.txt").read_text(encoding="utf-8").splitlines())
    network = restored(start)
    optimiser = _optimiser(network, course)
    saved, mark = to / "checkpoint.pt", _mark(examples, start, course)
    step = _resumed(saved, mark, network, optimiser)
    meant = [each for each in examples if each.relevant]
    others = [each for each in examples if not each.relevant]
    shares = {"meant": _MEANT, **({"others": 1 - _MEANT} if others else {})}
    source = Source({"meant": meant, "others": others}, shares, pieces)
    batches = source.batches(random.Random(f"{course.seed} {step}"), course.tokens)
    network.train()
    while step < course.steps:
        batch, _ = next(batches)
        total, _ = loss(network, batch)
        optimiser.zero_grad()
        total.backward()
        nn.utils.clip_grad_norm_([each for each in network.parameters() if each.requires_grad], 1.0)
        optimiser.step()
        step += 1
        say(step, float(total.item()))
        if step % _SAVED == 0 or step == course.steps:
            state = {"mark": mark, "network": network.state_dict(), "optimiser": optimiser.state_dict(), "step": step}
            torch.save(state, saved.with_suffix(".new"))
            saved.with_suffix(".new").replace(saved)
    (to / "action.json").write_bytes((start / "action.json").read_bytes())
    made = export(network, to, start / "vocab.txt", {"version": version})
    saved.unlink()
    return made.parent


def _optimiser(network: Network, course: Course) -> Any:
    for part in (network.words, network.places, network.segments, network.norm, *network.layers[: course.frozen]):
        part.requires_grad_(requires_grad=False)
    tables = [network.fit, network.wide, network.near, network.said]
    for each in tables:  # a few sentences say nothing about all kinds of values
        each.requires_grad_(requires_grad=False)
    heads = [each for part in (network.whole, network.span, network.asks, network.single) for each in part.parameters()]
    known = {id(each) for each in heads}
    body = [each for each in network.parameters() if each.requires_grad and id(each) not in known]
    groups = [{"params": body, "lr": course.rate}, {"params": heads, "lr": _HEADS * course.rate}]
    return torch.optim.AdamW(groups, weight_decay=0.01)


def _resumed(saved: Path, mark: str, network: Network, optimiser: Any) -> int:
    if not saved.exists():
        return 0
    state = torch.load(saved, weights_only=True)
    if state["mark"] != mark:
        return 0
    network.load_state_dict(state["network"])
    optimiser.load_state_dict(state["optimiser"])
    return int(state["step"])


def _mark(examples: Sequence[Example], start: Path, course: Course) -> str:
    told = hashlib.sha256("\n".join(each.line() for each in examples).encode())
    told.update(repr(course).encode())
    told.update((start / "action.json").read_bytes())
    return told.hexdigest()
