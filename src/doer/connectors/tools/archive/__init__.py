"""Archives and checksums: a zip made, a zip or tar.gz unpacked or listed; digests computed and compared."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from doer.connectors.tools.archive import checksums, manifests, plans
from doer.connectors.tools.files.place import PROTECTED
from doer.connectors.tools.files.reads import FileReading
from doer.connectors.tools.files.tool import FileTool
from doer.domain.errors import UsageError
from doer.domain.ports import Payloads, Tool

__all__ = ["archive_tools"]


def archive_tools(
    root: Path, snapshots: Payloads, protected: Sequence[str] = PROTECTED, name: str = "files"
) -> Sequence[Tool]:
    """Return the archive and checksum tools of the workspace at `root`, named as its file tools are.

    They write as the file tools do: in one step, never over what is there. Raises UsageError when `root` is no folder.
    """
    if not root.is_dir():
        raise UsageError(f"{root} is not a folder; a workspace must be there before its files can be packed")
    top, names = root.resolve(), tuple(protected)
    return (
        FileTool(manifests.create_archive(name), plans.create_archive, "path", top, snapshots, names),
        FileTool(
            manifests.extract_archive(name), plans.extract_archive, "output", top, snapshots, names, plans.bare_name
        ),
        FileReading(manifests.list_archive(name), plans.list_archive, top, names),
        FileReading(manifests.checksum(name), checksums.checksum, top, names),
        FileReading(manifests.verify_checksum(name), checksums.verify_checksum, top, names),
    )
