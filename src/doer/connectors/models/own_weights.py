"""A workspace's own weights of the action model: a folder for each, and one small file that says which are in use.

Which are in use changes by a tool with four verbs, so that it is shown, approved, recorded, read back and taken back like any
other work. Removing the folder erases them; then those of the package are in use again.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from doer.connectors.tools.function import tool
from doer.domain.action import Change, Intent, Receipt
from doer.domain.errors import Permanent, UsageError
from doer.domain.outcome import Absent, Conflict, Refuted, Reversal, Undone, Verification, Verified
from doer.domain.ports import Tool
from doer.domain.value import Hole, Key

SHIPPED: Final = "shipped"
"""The name of the weights of the package."""
USE: Final = "action_model.use"
_FILES: Final = ("action.json", "action.onnx", "vocab.txt")
_NAME: Final = re.compile(r"[0-9a-f]{12}")
_CURRENT: Final = "current"
_RESOURCE: Final = "model:action"


@dataclass(frozen=True, slots=True)
class OwnWeights:
    """The weights in one folder, by name: the first twelve digits of their digest."""

    folder: Path

    @property
    def current(self) -> str:
        """Return which are in use: a name, or SHIPPED."""
        return self.said[0]

    @property
    def said(self) -> tuple[str, str]:
        """Return which are in use, and the key of the action that said so; no key where they were put back."""
        try:
            name, _, key = (self.folder / _CURRENT).read_text(encoding="ascii").strip().partition(" ")
        except FileNotFoundError:
            return SHIPPED, ""
        return name or SHIPPED, key

    @property
    def names(self) -> tuple[str, ...]:
        """Those that are there and whole."""
        there = sorted(self.folder.iterdir()) if self.folder.is_dir() else []
        return tuple(each.name for each in there if _NAME.fullmatch(each.name) and _whole(each))

    def place(self, name: str) -> Path | None:
        """Return the folder of these; None for those of the package. Raises UsageError where they are gone."""
        if name == SHIPPED:
            return None
        if not _NAME.fullmatch(name) or not _whole(self.folder / name):
            raise UsageError(
                f"the weights {name[:40]!r} of the action model are in use and not in {self.folder}: "
                "`doer model reset` goes back to those of the package"
            )
        return self.folder / name

    def keep(self, made: Path) -> str:
        """Move finished weights in among these, under their name, and return it."""
        name = digest_of(made)[:12]
        for each in made.iterdir():
            if each.name not in _FILES:
                each.unlink()
        if not _whole(self.folder / name):
            made.replace(self.folder / name)
        return name

    def erase(self, name: str) -> None:
        """Remove weights that are not in use."""
        if _NAME.fullmatch(name) and name != self.current:
            shutil.rmtree(self.folder / name, ignore_errors=True)

    def use(self, name: str, key: str = "") -> None:
        """Say which are in use: whole or not at all."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = self.folder / f".{_CURRENT}.{secrets.token_hex(4)}"
        with new.open("w", encoding="ascii") as file:
            file.write(f"{name} {key}".strip() + "\n")
            file.flush()
            os.fsync(file.fileno())
        new.replace(self.folder / _CURRENT)


def _whole(folder: Path) -> bool:
    return all((folder / each).is_file() for each in _FILES)


def digest_of(folder: Path) -> str:
    """Return the SHA-256 over the files that weights are made of, hex."""
    told = hashlib.sha256()
    for name in _FILES:
        told.update(hashlib.sha256((folder / name).read_bytes()).digest())
    return told.hexdigest()


def card_of(folder: Path) -> dict[str, Any]:
    """Return what `action.json` says of the weights, less the tables."""
    told = json.loads((folder / "action.json").read_text(encoding="utf-8"))
    return {name: each for name, each in told.items() if name != "tables"}


def use_weights(own: OwnWeights) -> Tool:
    """Return the tool that says which weights are in use."""

    @tool(effect="write", once=True, name=USE)  # the file holds the key: a second try leaves the same
    def use(weights: str, because: str, key: Key, before: Sequence[Change]) -> dict[str, str]:  # noqa: ARG001 - for the record
        """Use these weights, trained here or `shipped`, for the action model of this workspace."""
        _check(own, weights)
        found, by = own.said
        if by != key:
            own.use(weights, key)
        return {"weights": weights, "before": _before(before) if by == key else found}

    @use.preview
    def _(weights: str, pending: Sequence[Change]) -> Change:
        if not isinstance(weights, Hole):
            _check(own, weights)
        planned = [each.after for each in pending if each.resource == _RESOURCE]
        return Change(_RESOURCE, planned[-1] if planned else {"weights": own.current}, {"weights": weights})

    @use.verify
    def _(intent: Intent, receipt: Receipt | None = None) -> Verification:
        wanted, (found, by) = str(intent.arguments["weights"]), own.said
        if by == intent.key and found == wanted:
            made = receipt or Receipt({"weights": wanted, "before": _before(intent.changes)})
            return Verified(made, f"the weights in use are {found}")
        told = f"the weights in use are {found}"
        return Absent(told) if receipt is None else Refuted(f"{told}, said by something else", receipt)

    @use.undo
    def _(receipt: Receipt) -> Reversal:
        assert isinstance(receipt.result, Mapping)
        weights, before = str(receipt.result["weights"]), str(receipt.result["before"])
        if own.current not in (weights, before):
            return Conflict(f"others are in use since: {own.current}")
        if before != SHIPPED and before not in own.names:
            return Conflict(f"the weights {before}, which were in use before, were erased")
        own.use(before)
        return Undone(evidence=f"the weights in use are {own.current}")

    return use


def _before(changes: Sequence[Change]) -> str:
    """Which were in use before, as it was foretold."""
    found = next((each.before for each in changes if isinstance(each.before, Mapping)), {"weights": SHIPPED})
    return str(found["weights"])


def _check(own: OwnWeights, weights: str) -> None:
    if weights != SHIPPED and weights not in own.names:
        raise Permanent(f"there are no weights {weights[:40]!r} here; there are: {', '.join((SHIPPED, *own.names))}")
