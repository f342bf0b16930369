"""Export: a checkpoint to ONNX with 8-bit weights, the tables beside it. `python -m training.export`"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from doer.training.export import export
from doer.training.network import Network, load_minilm


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--checkpoint", type=Path, help="default: none, the published encoder as it is, to compare with")
    asked.add_argument("--minilm", type=Path, required=True)
    asked.add_argument("--to", type=Path, required=True)
    asked.add_argument("--version", default="1")
    asked.add_argument("--exact", action="store_true", help="32-bit weights, to see what 8 bits cost")
    given = asked.parse_args()
    network, step = Network(), 0
    if given.checkpoint is None:
        load_minilm(network, given.minilm / "model.safetensors")
    else:
        state = torch.load(given.checkpoint, weights_only=True)
        network.load_state_dict(state["network"])
        step = state["step"]
    told = {"version": given.version, "steps": step}
    made = export(network, given.to, given.minilm / "vocab.txt", told, exact=given.exact)
    print(f"{made}: {made.stat().st_size:,} bytes, step {step}")


if __name__ == "__main__":
    main()
