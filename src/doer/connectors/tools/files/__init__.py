"""Files of a workspace: read, list, write, append and replace lines, move, delete, create folders; each can be taken back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from doer.connectors.tools.files.manifests import manifests
from doer.connectors.tools.files.place import PROTECTED
from doer.connectors.tools.files.reads import FileReading
from doer.connectors.tools.files.tool import FileTool
from doer.domain.errors import UsageError
from doer.domain.ports import Payloads, Tool

__all__ = ["PROTECTED", "file_tools"]


def file_tools(
    root: Path, snapshots: Payloads, protected: Sequence[str] = PROTECTED, namespace: str = "files"
) -> list[Tool]:
    """Return the file tools of the workspace at `root`.

    `snapshots` keeps what undo needs; `protected` are names that no tool reads or writes (those that begin with a dot at
    any depth, the others at the top). Links are never followed. Raises UsageError when `root` is no folder.
    """
    if not root.is_dir():
        raise UsageError(f"{root} is not a folder; a workspace must be there before its files can be used")
    top = root.resolve()
    tools: list[Tool] = []
    for manifest, reading, planning, target in manifests(namespace):
        if reading is not None:
            tools.append(FileReading(manifest, reading, top, tuple(protected)))
        elif planning is not None:
            tools.append(FileTool(manifest, planning, target, top, snapshots, tuple(protected)))
    return tools
