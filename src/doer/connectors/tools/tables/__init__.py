"""Tables in files: rows of CSV, JSON and JSON lines read, counted, added up, added, changed, removed and sorted; of workbooks, read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from doer.connectors.tools.files.place import PROTECTED
from doer.connectors.tools.files.reads import FileReading
from doer.connectors.tools.files.tool import FileTool
from doer.connectors.tools.tables import manifests, plans, reads
from doer.domain.errors import UsageError
from doer.domain.ports import Payloads, Tool

__all__ = ["table_tools"]


def table_tools(
    root: Path, snapshots: Payloads, protected: Sequence[str] = PROTECTED, name: str = "files"
) -> Sequence[Tool]:
    """Return the table tools of the workspace at `root`, named as its file tools are.

    They write as the file tools do: one step, snapshots kept for undo, protected names out of reach. Raises UsageError
    when `root` is no folder.
    """
    if not root.is_dir():
        raise UsageError(f"{root} is not a folder; a workspace must be there before its tables can be used")
    top, names = root.resolve(), tuple(protected)
    return (
        FileReading(manifests.read_rows(name), reads.read_rows, top, names, early=True),
        FileReading(manifests.count_rows(name), reads.count_rows, top, names, early=True),
        FileReading(manifests.total(name), reads.total, top, names, early=True),
        FileTool(manifests.add_row(name), plans.add_row, "path", top, snapshots, names),
        FileTool(manifests.change_row(name), plans.change_row, "path", top, snapshots, names),
        FileTool(manifests.remove_row(name), plans.remove_row, "path", top, snapshots, names),
        FileTool(manifests.sort_rows(name), plans.sort_rows, "path", top, snapshots, names),
    )
