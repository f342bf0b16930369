"""Export: a checkpoint to ONNX with 8-bit weights, the tables beside it. `python -m training.export`"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

import torch

from training.network import Network, load_minilm


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
    network.eval()
    given.to.mkdir(parents=True, exist_ok=True)
    whole = given.to / "exact.onnx"
    shown = torch.ones(2, 16, dtype=torch.long)
    axes = {name: {0: "batch", 1: "length"} for name in ("numbers", "segments", "mask", "pieces")}
    torch.onnx.export(
        network, (shown, shown, shown), str(whole), input_names=["numbers", "segments", "mask"],
        output_names=["whole", "pieces", "mean"], opset_version=17, dynamo=False,
        dynamic_axes={**axes, "whole": {0: "batch"}, "mean": {0: "batch"}},
    )  # fmt: skip
    made = given.to / "action.onnx"
    if given.exact:
        whole.replace(made)
    else:
        from onnxruntime.quantization import QuantType, quantize_dynamic

        quantize_dynamic(whole, made, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)
        whole.unlink()
    shutil.copy(given.minilm / "vocab.txt", given.to / "vocab.txt")
    told = given.to / "action.json"
    before = json.loads(told.read_text()) if told.exists() else {"meant": [0.5, 5, 5, 0, -2], "trust": [[0, 0], [1, 1]]}
    tables = {name: [[round(x, 5) for x in row] for row in table] for name, table in network.tables().items()}
    told.write_text(json.dumps({**before, "version": given.version, "steps": step, "tables": tables}) + "\n")
    print(f"{made}: {made.stat().st_size:,} bytes, step {step}")


if __name__ == "__main__":
    main()
