"""The action model of this machine: which weights it is made of, and whether its libraries are there."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from doer.app.state import STATE
from doer.connectors.models.own_weights import OwnWeights
from doer.domain.errors import UsageError
from doer.domain.ports import ActionScorer

_LIBRARIES = ("numpy", "onnxruntime")


def packaged(weights: Path | None = None) -> ActionScorer:
    """Return the network of the package, or that in a folder; it is read when it is first asked.

    Its libraries are an extra, and heavy: only who asks for it loads them. Raises UsageError where they are not there.
    """
    if not _installed():
        raise UsageError("the action model needs an extra: pip install 'doer[action-model]'")
    from doer.connectors.models.action import OnnxScorer

    return OnnxScorer(weights)


def if_installed() -> ActionScorer | None:
    """Return the network of the package; None where its libraries are not there."""
    return packaged() if _installed() else None


def _installed() -> bool:
    return all(find_spec(each) is not None for each in _LIBRARIES)


def own_weights(folder: Path) -> OwnWeights:
    """Return the weights that were trained in the workspace in `folder`; they lie outside the journal, and can be erased."""
    return OwnWeights(folder / STATE / "model")


def in_use(folder: Path) -> ActionScorer:
    """Return the network that the workspace uses: its own, or that of the package. Raises UsageError where it is gone."""
    own = own_weights(folder)
    return packaged(own.place(own.current))
