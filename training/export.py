"""Export: a checkpoint to ONNX with 8-bit weights, the tables beside it. `python -m training.export`"""

from __future__ import annotations

import argparse
import gzip
from pathlib import Path

import torch

from doer.training.export import export
from doer.training.network import Network, load_minilm
from training.train import WEIGHTS


def trained_on(examples: Path) -> str:
    """Return the share of each source in what was drawn, and how many pairs of request and tool it has."""
    found = []
    for source, share in sorted(WEIGHTS.items(), key=lambda each: -each[1]):
        with gzip.open(examples / f"{source}.jsonl.gz", "rt") as lines:
            found.append(f"{source} {share:.0%} of {sum(1 for _ in lines):,}")
    return "pairs of request and tool: " + ", ".join(found)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--checkpoint", type=Path, help="default: none, the published encoder as it is, to compare with")
    asked.add_argument(
        "--mean-with", type=Path, help="another checkpoint: the mean of both is exported (Wortsman et al. 2022)"
    )
    asked.add_argument("--share", type=float, default=0.5, help="weight of the first in the mean, 0 to 1")
    asked.add_argument("--minilm", type=Path, required=True)
    asked.add_argument("--to", type=Path, required=True)
    asked.add_argument("--version", default="1")
    asked.add_argument("--examples", type=Path, help="what it was trained on, for the weights' own card")
    asked.add_argument("--exact", action="store_true", help="32-bit weights, to see what 8 bits cost")
    given = asked.parse_args()
    network, step = Network(), 0
    if given.checkpoint is None:
        load_minilm(network, given.minilm / "model.safetensors")
    else:
        state = torch.load(given.checkpoint, weights_only=True)
        weights = state["network"]
        if given.mean_with is not None:
            other = torch.load(given.mean_with, weights_only=True)["network"]
            weights = {name: other[name].lerp(weight, given.share) for name, weight in weights.items()}
        network.load_state_dict(weights)
        step = state["step"]
    told: dict[str, object] = {"version": given.version, "steps": step}
    if given.examples is not None:
        told["trained_on"] = trained_on(given.examples)
    made = export(network, given.to, given.minilm / "vocab.txt", told, exact=given.exact)
    print(f"{made}: {made.stat().st_size:,} bytes, step {step}")


if __name__ == "__main__":
    main()
