"""Train: examples to weights, on a processor; goes on from its last checkpoint. `python -m training.train`"""

from __future__ import annotations

import argparse
import json
import random
import time
from pathlib import Path

import torch
from torch import Tensor, nn

from doer.connectors.models.action_layout import BEFORE, KINDS, WIDEST
from doer.connectors.models.wordpiece import WordPiece
from training.batches import Batch, Source, pair
from training.network import KEYS, SPAN, Network, load_minilm

WEIGHTS = {
    "synthesised": 0.50, "seal_tools": 0.06, "snips": 0.10, "nlu_home": 0.10, "home_assistant": 0.09,
    "clinc150": 0.04, "metatool": 0.07, "tau_retail": 0.04,
}  # fmt: skip
FROZEN = 2
"""Lowest layers, and the embeddings, that keep what they learnt from far more text."""


def logits(network: Network, batch: Batch, pieces: Tensor) -> Tensor:
    """Return [asked, 1 + candidates + choices], not possible ones very low."""
    # Per row and not per parameter: gathering whole rows for each parameter costs more than the encoder.
    running = nn.functional.pad(pieces[..., KEYS * SPAN :].float().cumsum(1), (0, 0, 1, 0))
    query = running[batch.owner, batch.place[:, 1]] - running[batch.owner, batch.place[:, 0]]
    query = query / (batch.place[:, 1] - batch.place[:, 0]).clamp(min=1)[:, None]  # [q, d]
    rows, slots = pieces.shape[0], batch.slot
    asks = pieces.new_zeros(rows, int(slots.max()) + 1, KEYS * SPAN)
    asks = asks.index_put((batch.owner, slots), query[:, : KEYS * SPAN].to(pieces.dtype))
    keys = pieces[..., : KEYS * SPAN].unflatten(-1, (KEYS, SPAN)).permute(0, 2, 3, 1)  # [row, key, d, place]
    parts = (asks.unflatten(-1, (KEYS, SPAN)).transpose(1, 2) @ keys).float() / SPAN**0.5  # [row, 3, slot, place]
    parts = parts[batch.owner, :, slots]  # [q, 3, place]
    sums = torch.cat((torch.zeros_like(parts[:, 2, :1]), parts[:, 2].cumsum(-1)), dim=-1)
    earlier = torch.cat((torch.zeros_like(parts[:, 3, :1]), parts[:, 3].cumsum(-1)), dim=-1)
    before = (earlier.gather(1, batch.starts) - earlier.gather(1, (batch.starts - BEFORE).clamp(min=0))) / BEFORE
    length = (batch.ends - batch.starts + 1).clamp(min=1)
    inside = (sums.gather(1, batch.ends + 1) - sums.gather(1, batch.starts)) / length
    plain = (batch.kinds > 0).long()
    spans = parts[:, 0].gather(1, batch.starts) + parts[:, 1].gather(1, batch.ends) + inside + before
    fit = (nn.functional.one_hot(batch.kinds, len(KINDS)).float() @ network.fit[batch.shape][:, :, None])[..., 0]
    wide = nn.functional.one_hot(plain * (WIDEST + 1) + batch.widths, 2 * (WIDEST + 1)).float() @ network.wide.flatten()
    spans = spans + fit + wide + (batch.near * network.near[batch.shape][:, None, :]).sum(-1)
    last = running[..., KEYS * SPAN + 1]
    choices = last[batch.owner[:, None], batch.values[..., 1]] - last[batch.owner[:, None], batch.values[..., 0]]
    choices = choices / (batch.values[..., 1] - batch.values[..., 0]).clamp(min=1) + network.said * batch.said
    low = torch.full((1, 1), -1e4)
    return torch.cat(
        (
            query[:, KEYS * SPAN : KEYS * SPAN + 1],
            torch.where(batch.can, spans, low),
            torch.where(batch.can_value, choices, low),
        ),
        dim=1,
    )


def loss(network: Network, batch: Batch) -> tuple[Tensor, dict[str, float]]:
    with torch.autocast("cpu", dtype=torch.bfloat16):
        whole, pieces, _ = network(batch.numbers, batch.segments, batch.mask)
    whole = whole.float()
    relevance = nn.functional.binary_cross_entropy_with_logits(whole[:, 0], batch.relevant)
    kept = batch.relevant > 0
    total = relevance
    told = {"relevance": relevance.item(), "right": ((whole[:, 0] > 0) == kept).float().mean().item()}
    if kept.any():
        total = total + 0.3 * nn.functional.binary_cross_entropy_with_logits(whole[kept, 1], batch.several[kept])
    usable = batch.gold.sum(1) > 0
    if usable.any():
        chances = torch.log_softmax(logits(network, batch, pieces), dim=1)
        gold = batch.gold
        one = -torch.logsumexp(chances.masked_fill(gold == 0, -1e4), dim=1)
        every = -(chances.masked_fill(gold == 0, 0) * gold).sum(1) / gold.sum(1).clamp(min=1)
        fill = torch.where(batch.spread, every, one)[usable].mean()
        total = total + fill
        best = gold.gather(1, chances.argmax(1, keepdim=True))[usable, 0]
        there = usable & (gold[:, 0] == 0)
        told |= {"fill": fill.item(), "best": best.mean().item()}
        if there.any():
            told["found"] = gold.gather(1, chances.argmax(1, keepdim=True))[there, 0].mean().item()
    return total, told


def alike(network: Network, texts: list[tuple[str, str]], pieces: WordPiece) -> Tensor:
    """Requests near their tools, far from the others of the batch (InfoNCE, van den Oord et al. 2018)."""
    said = embed(network, [one for one, _ in texts], pieces)
    tools = embed(network, [other for _, other in texts], pieces)
    return nn.functional.cross_entropy(said @ tools.T / 0.05, torch.arange(len(texts)))


def embed(network: Network, texts: list[str], pieces: WordPiece) -> Tensor:
    rows = [[pieces.classify, *pieces.numbers(text, 48), pieces.separate] for text in texts]
    length = max(map(len, rows))
    numbers, mask = torch.zeros(len(rows), length, dtype=torch.long), torch.zeros(len(rows), length, dtype=torch.long)
    for place, row in enumerate(rows):
        numbers[place, : len(row)], mask[place, : len(row)] = torch.tensor(row), 1
    with torch.autocast("cpu", dtype=torch.bfloat16):
        return network(numbers, torch.zeros_like(numbers), mask)[2].float()


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
        network.load_state_dict(
            {n: w for n, w in begun.items() if n in shapes and w.shape == shapes[n].shape}, strict=False
        )
    source = Source(given.examples, WEIGHTS, pieces)
    chance = random.Random(f"{given.seed} {step}")
    began, log, seen, sums = time.monotonic(), (given.to / "log.jsonl").open("a"), 0, dict[str, list[float]]()
    network.train()
    for batch, group in source.batches(chance, given.tokens):
        total, told = loss(network, batch)
        pairs = pair(group) if step % 3 == 0 else []
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
