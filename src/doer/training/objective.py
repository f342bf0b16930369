"""The objective: how far the network's scores are from what is right, for one batch."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from doer.connectors.models.action_layout import BEFORE, KINDS, WIDEST
from doer.connectors.models.wordpiece import WordPiece
from doer.training.batches import Batch
from doer.training.network import KEYS, SPAN, Network


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
