"""Vandals: what becomes of a file right after it was written, before it is read back. Plain file calls, no connector."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

from doer.domain.action import Change, Receipt
from doer.domain.ports import Tool
from doer.domain.value import JsonObject, Key
from doer.testing.faults.wrapped import Wrapped

Listing: TypeAlias = Mapping[Path, bytes]


def listing(folder: Path) -> Listing:
    """Return the content of every file under the folder; names that begin with a dot are left out."""
    return {path: path.read_bytes() for path in sorted(_files(folder))}


def _files(folder: Path) -> Iterator[Path]:
    for entry in folder.iterdir():
        if entry.name.startswith(".") or entry.is_symlink():
            continue
        if entry.is_dir():
            yield from _files(entry)
        elif entry.is_file():
            yield entry


def _put_back(path: Path, before: Listing) -> None:
    if path in before:
        path.write_bytes(before[path])
    else:
        path.unlink(missing_ok=True)


def _drop(path: Path, before: Listing) -> None:
    _put_back(path, before)


def _halve(path: Path, before: Listing) -> None:
    written = path.read_bytes()
    kept = len(before.get(path, b""))
    path.write_bytes(written[: (kept + len(written)) // 2 if len(written) > kept else len(written) // 2])


def _repeat(path: Path, before: Listing) -> None:
    written = path.read_bytes()
    old = before.get(path, b"")
    path.write_bytes(written + written.removeprefix(old))


def _remove(path: Path, _: Listing) -> None:
    path.unlink()


ACTS: Mapping[str, Callable[[Path, Listing], None]] = MappingProxyType(
    {
        "drop": _drop,
        "halve": _halve,
        "repeat": _repeat,
        "remove": _remove,
    }
)
"""Kinds of damage: the write is lost, cut short, repeated, or the file is gone.

What another program copies or moves in the folder is that program's work and no lie of the disk, so that it is not here.
"""


@dataclass(slots=True)
class _Turn:
    left: int
    """Writes to let pass before the damage."""


class Vandalised(Wrapped):
    """A tool whose written files are damaged before anybody reads them back."""

    def __init__(self, tool: Tool, kind: str, folder: Path, turn: _Turn) -> None:
        super().__init__(tool)
        self._act = ACTS[kind]
        self._folder = folder
        self._turn = turn

    async def apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        if not any(change.resource.startswith("file:") for change in before):
            return await self.tool.apply(arguments, key, before)
        then = listing(self._folder)
        receipt = await self.tool.apply(arguments, key, before)
        written = [path for path, content in listing(self._folder).items() if then.get(path) != content]
        if written and self._turn.left == 0:
            self._act(written[0], then)
        self._turn.left -= bool(written)
        return receipt


def vandalise(tools: Sequence[Tool], kind: str, folder: Path, nth: int = 1) -> Sequence[Tool]:
    """Return the tools; the n-th write to a file under the folder, by whichever of them, is damaged."""
    turn = _Turn(nth - 1)
    return [Vandalised(tool, kind, folder, turn) for tool in tools]
