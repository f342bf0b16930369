"""Export: a network to ONNX with 8-bit weights, and the tables beside it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import torch

from doer.training.network import Network

_FRESH = {"meant": [0.5, 5, 5, 0, -2], "trust": [[0, 0], [1, 1]]}


def to_onnx(network: Network, file: Path) -> None:
    """Write the network as a graph of 32-bit weights."""
    network.eval()
    shown = torch.ones(2, 16, dtype=torch.long)
    axes = {name: {0: "batch", 1: "length"} for name in ("numbers", "segments", "mask", "pieces")}
    torch.onnx.export(
        network, (shown, shown, shown), str(file), input_names=["numbers", "segments", "mask"],
        output_names=["whole", "pieces", "mean"], opset_version=17, dynamo=False,
        dynamic_axes={**axes, "whole": {0: "batch"}, "mean": {0: "batch"}},
    )  # fmt: skip


def export(
    network: Network, folder: Path, vocabulary: Path, told: Mapping[str, object], *, exact: bool = False
) -> Path:
    """Write `action.onnx` (8-bit, or with `exact` 32-bit weights), `action.json` and `vocab.txt`; return the first.

    What `action.json` says already (when a tool is meant, how far to trust) stays, and `told` is put over it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    whole, made = folder / "exact.onnx", folder / "action.onnx"
    to_onnx(network, whole)
    if exact:
        whole.replace(made)
    else:
        from onnxruntime.quantization import QuantType, quantize_dynamic

        quantize_dynamic(whole, made, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)
        whole.unlink()
    if vocabulary != folder / "vocab.txt":
        shutil.copy(vocabulary, folder / "vocab.txt")
    file = folder / "action.json"
    before = json.loads(file.read_text()) if file.exists() else _FRESH
    tables = {name: [[round(x, 5) for x in row] for row in table] for name, table in network.tables().items()}
    file.write_text(json.dumps({**before, **told, "tables": tables}) + "\n")
    return made
