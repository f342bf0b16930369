"""Restore: a network from exported 8-bit weights, so that training can go on where no checkpoint is shipped."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import onnx
import torch
from onnx import numpy_helper

from doer.domain.errors import UsageError
from doer.training.network import Network


def restored(folder: Path) -> Network:
    """Return the network whose weights are in `folder`, up to what 8 bits have rounded off.

    The graph's nodes are named after the modules that they came from. Raises UsageError for weights of another make.
    """
    network = Network()
    found = dict(_weights(onnx.load(folder / "action.onnx").graph))
    tables = json.loads((folder / "action.json").read_text(encoding="utf-8"))["tables"]
    state = network.state_dict()
    for name, wanted in state.items():
        given = torch.tensor(tables[name]) if name in tables else found.get(name)
        if given is not None and given.shape != wanted.shape and given.T.shape == wanted.shape:
            given = given.T
        if given is None or given.shape != wanted.shape:
            raise UsageError(
                f"the weights in {folder} were made by another version of the network ({name}): they cannot be trained further "
                "here; `doer model reset` goes back to those of the package"
            )
        state[name] = given.to(wanted.dtype)
    network.load_state_dict(state)
    return network


def _weights(graph: Any) -> Iterator[tuple[str, torch.Tensor]]:
    """Yield each weight by the name of its parameter; of linear layers as torch has it, [out, in]."""
    kept = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
    for name, array in kept.items():
        if name.endswith(("_quantized", "_scale", "_zero_point")):
            continue
        yield name, torch.tensor(array)
    for name in kept:
        base = name.removesuffix("_quantized")
        if base != name and not base.startswith("onnx::"):
            yield base, _exact(kept, base)
    for node in graph.node:
        base = node.input[1].removesuffix("_quantized") if node.op_type == "MatMulInteger" else ""
        if base.startswith("onnx::"):
            module = node.name.strip("/").rpartition("/")[0].replace("/", ".")
            yield f"{module}.weight", _exact(kept, base).T


def _exact(kept: dict[str, Any], base: str) -> torch.Tensor:
    whole = torch.tensor(kept[f"{base}_quantized"].astype("float32"))
    zero = torch.tensor(kept[f"{base}_zero_point"].astype("float32"))
    return (whole - zero) * torch.tensor(kept[f"{base}_scale"].astype("float32"))
