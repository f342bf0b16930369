"""Train: examples to weights, on a processor; goes on from its last checkpoint. `python -m training.train`"""

from __future__ import annotations

import argparse
import json
import random
import time
from pathlib import Path

import torch
from torch import nn

from doer.connectors.models.wordpiece import WordPiece
from doer.training.batches import Source, pair
from doer.training.network import Network, load_minilm
from doer.training.objective import alike, loss

WEIGHTS = {
    "synthesised": 0.46, "seal_tools": 0.16, "snips": 0.13, "nlu_home": 0.08, "home_assistant": 0.06,
    "clinc150": 0.02, "metatool": 0.07, "tau_retail": 0.02,
}  # fmt: skip
FROZEN = 3
"""Lowest layers, and the embeddings, that keep what they learnt from far more text; also, they cost no way back."""
ALIKE = 9
"""Steps from one look at the search by meaning to the next: it costs half a step."""


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--examples", type=Path, required=True)
    asked.add_argument("--minilm", type=Path, required=True, help="folder with model.safetensors and vocab.txt")
    asked.add_argument("--to", type=Path, required=True)
    asked.add_argument("--start", type=Path, help="a checkpoint of another run, to begin with")
    asked.add_argument("--steps", type=int, required=True)
    asked.add_argument(
        "--minutes",
        type=float,
        default=1e9,
        help="the rate falls so that it is done by then at the latest; a later call goes on from the checkpoint",
    )
    asked.add_argument("--tokens", type=int, default=2048)
    asked.add_argument("--threads", type=int, default=2)
    asked.add_argument("--rate", type=float, default=1e-4)
    asked.add_argument("--seed", type=int, default=4)
    given = asked.parse_args()
    torch.set_num_threads(given.threads)
    torch.manual_seed(given.seed)
    pieces = WordPiece((given.minilm / "vocab.txt").read_text().splitlines())
    network = Network()
    load_minilm(network, given.minilm / "model.safetensors")
    frozen = [network.words, network.places, *network.layers[:FROZEN]]
    for part in frozen:
        part.requires_grad_(requires_grad=False)
    with torch.no_grad():  # tokens that were never trained begin as a mark that was
        for new, old in ((pieces.parameter, "[CLS]"), (pieces.value, "[SEP]"), (pieces.turn, "[SEP]")):
            number = pieces.classify if old == "[CLS]" else pieces.separate
            network.words.weight[new] = network.words.weight[number] + 0.02 * torch.randn(384)
    tables = [network.fit, network.wide, network.near, network.said]
    heads = [p for part in (network.whole, network.span, network.asks, network.single) for p in part.parameters()]
    known = {id(p) for p in (*tables, *heads)}
    body = [p for p in network.parameters() if p.requires_grad and id(p) not in known]
    optimiser = torch.optim.AdamW(
        [{"params": body, "lr": given.rate}, {"params": heads, "lr": 10 * given.rate}, {"params": tables, "lr": 50 * given.rate}],
        weight_decay=0.01,
    )  # fmt: skip
    given.to.mkdir(parents=True, exist_ok=True)
    kept, step = given.to / "checkpoint.pt", 0
    if kept.exists():
        state = torch.load(kept, weights_only=True)
        network.load_state_dict(state["network"])
        optimiser.load_state_dict(state["optimiser"])
        step = state["step"]
    elif given.start is not None:
        begun, shapes = torch.load(given.start, weights_only=True)["network"], network.state_dict()
        if (known := begun["near"].shape[1]) < network.near.shape[1]:  # features that it did not know begin as ever
            begun["near"] = torch.cat((begun["near"], shapes["near"][:, known:]), dim=1)
        network.load_state_dict(
            {n: w for n, w in begun.items() if n in shapes and w.shape == shapes[n].shape}, strict=False
        )
    source = Source.of(given.examples, WEIGHTS, pieces)
    chance = random.Random(f"{given.seed} {step}")
    began, log, seen, sums = time.monotonic(), (given.to / "log.jsonl").open("a"), 0, dict[str, list[float]]()
    network.train()
    for part in frozen:
        part.eval()
    for batch, group in source.batches(chance, given.tokens):
        total, told = loss(network, batch)
        pairs = pair(group) if step % ALIKE == 0 else []
        if len(pairs) > 3:
            near = alike(network, pairs[:24], pieces)
            total, told["alike"] = total + 0.5 * near, near.item()
        done = max(step / given.steps, (time.monotonic() - began) / (given.minutes * 60))
        for part, rate in zip(optimiser.param_groups, (1, 10, 50), strict=True):
            part["lr"] = given.rate * rate * min(1.0, (step + 1) / 60) * max(0.02, 1 - done)
        optimiser.zero_grad()
        total.backward()
        nn.utils.clip_grad_norm_([*body, *heads, *tables], 1.0)
        optimiser.step()
        step, seen = step + 1, seen + len(group)
        for name, value in told.items():
            sums.setdefault(name, []).append(value)
        if step % 10 == 0:
            means = {name: round(sum(values) / len(values), 4) for name, values in sums.items()}
            spent = time.monotonic() - began
            print(line := json.dumps({"step": step, "per_second": round(seen / spent, 2), **means}), flush=True)
            log.write(line + "\n")
            sums.clear()
        over = time.monotonic() - began > given.minutes * 60 or step >= given.steps
        if step % 50 == 0 or over:
            state = {"network": network.state_dict(), "optimiser": optimiser.state_dict(), "step": step}
            torch.save(state, kept.with_suffix(".new"))
            kept.with_suffix(".new").replace(kept)
        if over:
            return


if __name__ == "__main__":
    main()
