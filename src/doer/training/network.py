"""The network: MiniLM-L6 (Wang et al. 2020) with small heads, in torch; loads the published weights, exports to ONNX."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from doer.connectors.models.action_layout import KINDS, SHAPES, WIDEST

WIDTH, HEADS, LAYERS, INNER, PIECES, PLACES = 384, 12, 6, 1536, 30522, 512
TAPS = (2, 4, 6)
"""Layers whose outputs the heads of spans see. An encoder of sentences makes the pieces of its last layer all alike: what tells one
parameter from another is further down."""
KEYS = 4
PRIOR = (1.0, 0.0, 0.0, 0.0, 2.0, 0.3, 1.5, 1.5, 1.5, 0.5)
"""What the features of `action_layout` are worth before training: untrained, they are what helps most."""
SPAN = 96
"""Width of the vectors that spans and parameters are compared in."""


class Layer(nn.Module):
    """One layer of BERT (Devlin et al. 2019): attention, then two dense layers, each added and normalised."""

    def __init__(self) -> None:
        super().__init__()
        self.query, self.key, self.value, self.out = (nn.Linear(WIDTH, WIDTH) for _ in range(4))
        self.up, self.down = nn.Linear(WIDTH, INNER), nn.Linear(INNER, WIDTH)
        self.first, self.second = nn.LayerNorm(WIDTH, eps=1e-12), nn.LayerNorm(WIDTH, eps=1e-12)

    def forward(self, hidden: Tensor, hide: Tensor) -> Tensor:
        batch, length = hidden.shape[0], hidden.shape[1]

        def split(of: Tensor) -> Tensor:
            return of.view(batch, length, HEADS, WIDTH // HEADS).transpose(1, 2)

        query, key, value = split(self.query(hidden)), split(self.key(hidden)), split(self.value(hidden))
        if self.training and not hidden.requires_grad:  # of the lowest layers: twice as fast, but not on its way back
            seen = nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=hide.to(query.dtype))
        else:  # spelt out, so that the exported graph is made of plain products
            seen = torch.softmax(query @ key.transpose(2, 3) / (WIDTH // HEADS) ** 0.5 + hide, dim=-1) @ value
        seen = seen.transpose(1, 2).reshape(batch, length, WIDTH)
        hidden = self.first(hidden + self.out(seen))
        return self.second(hidden + self.down(nn.functional.gelu(self.up(hidden))))


class Network(nn.Module):
    """Encoder and heads. What depends on candidates is a few tables, kept apart so that the graph stays plain."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(PIECES, WIDTH)
        self.places = nn.Embedding(PLACES, WIDTH)
        self.segments = nn.Embedding(2, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.whole = nn.Linear(WIDTH, 2)  # relevance, several
        self.span = nn.Linear(
            len(TAPS) * WIDTH, KEYS * SPAN
        )  # keys of first piece, last piece, mean of all, mean of those before
        self.asks = nn.Linear(
            len(TAPS) * WIDTH, KEYS * SPAN
        )  # the queries to them; of a parameter the mean over its words
        self.single = nn.Linear(
            len(TAPS) * WIDTH, 2
        )  # of a parameter: nothing; of a choice: this one; both as means over their words
        self.fit = nn.Parameter(torch.zeros(len(SHAPES), len(KINDS)))
        self.wide = nn.Parameter(torch.zeros(2, WIDEST + 1))  # of plain words, of mentions
        self.said = nn.Parameter(torch.zeros(1, 1))  # of a choice whose words occur in the request
        self.near = nn.Parameter(torch.tensor(PRIOR).repeat(len(SHAPES), 1))

    def encode(self, numbers: Tensor, segments: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Return the last layer's output, and that of the taps side by side."""
        places = torch.arange(numbers.shape[1], device=numbers.device)
        hidden = self.norm(self.words(numbers) + self.places(places) + self.segments(segments))
        if torch.is_autocast_enabled("cpu"):  # what is added from layer to layer too: else the time goes into copies
            hidden = hidden.to(torch.get_autocast_dtype("cpu"))
        hide = (1.0 - mask.to(hidden.dtype))[:, None, None, :] * -1e4
        taps = []
        for number, layer in enumerate(self.layers, 1):
            hidden = layer(hidden, hide)
            if number in TAPS:
                taps.append(hidden)
        return hidden, torch.cat(taps, dim=-1)

    def forward(self, numbers: Tensor, segments: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return [batch, 2] of the whole, [batch, place, 8 * SPAN + 2] of each piece, [batch, WIDTH] the unit mean."""
        hidden, taps = self.encode(numbers, segments, mask)
        pieces = torch.cat((self.span(taps), self.asks(taps), self.single(taps)), dim=-1)
        shown = mask.to(hidden.dtype)[:, :, None]
        mean = (hidden * shown).sum(1) / shown.sum(1)
        return self.whole(hidden[:, 0]), pieces, nn.functional.normalize(mean, dim=-1)

    def tables(self) -> dict[str, list[list[float]]]:
        return {name: getattr(self, name).detach().tolist() for name in ("fit", "wide", "near", "said")}


def load_minilm(network: Network, path: Path) -> None:
    """Put the published weights (Apache-2.0) in the encoder."""
    from safetensors.torch import load_file

    given = load_file(path)
    names = {
        "words.weight": "embeddings.word_embeddings.weight",
        "places.weight": "embeddings.position_embeddings.weight",
        "segments.weight": "embeddings.token_type_embeddings.weight",
        "norm.weight": "embeddings.LayerNorm.weight",
        "norm.bias": "embeddings.LayerNorm.bias",
    }
    parts = {
        "query": "attention.self.query", "key": "attention.self.key", "value": "attention.self.value",
        "out": "attention.output.dense", "first": "attention.output.LayerNorm", "up": "intermediate.dense",
        "down": "output.dense", "second": "output.LayerNorm",
    }  # fmt: skip
    for number in range(LAYERS):
        for ours, theirs in parts.items():
            for kind in ("weight", "bias"):
                names[f"layers.{number}.{ours}.{kind}"] = f"encoder.layer.{number}.{theirs}.{kind}"
    state = {ours: given[theirs] for ours, theirs in names.items()}
    missing = network.load_state_dict(state, strict=False)
    assert not missing.unexpected_keys
