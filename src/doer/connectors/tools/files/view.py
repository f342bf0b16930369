"""The workspace as it will be when the changes of earlier planned steps are made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from doer.connectors.tools.files.disk import Disk
from doer.connectors.tools.files.entry import Entry, file_entry, folder_entry
from doer.connectors.tools.files.place import Place, resource
from doer.domain.action import Change
from doer.domain.errors import Permanent
from doer.domain.value import Hole, Json

LARGEST_KEPT = 64 * 1024 * 1024
"""Bytes of the largest file that is edited, or kept as a snapshot for undo."""


class View:
    """What is, or will be, at each place. What is inside a folder that a pending step moves is not seen yet."""

    def __init__(self, disk: Disk, pending: Sequence[Change] = ()) -> None:
        self._disk = disk
        self._pending: Mapping[str, Json] = {change.resource: change.after for change in pending}

    @property
    def protected(self) -> Sequence[str]:
        """Names that are out of reach."""
        return self._disk.protected

    def at(self, place: Place, *, deep: bool = False) -> Entry | None:
        """Return what is at a place, or None. Raises Permanent for links and the like."""
        for depth in range(1, len(place) + 1):
            above = resource(place[:depth])
            if above in self._pending and (depth == len(place) or self._pending[above] is None):
                return entry_of(self._pending[above])
        return self._disk.look(place, deep=deep)

    def is_pending(self, place: Place) -> bool:
        """Tell whether an earlier planned step changes this very place."""
        return resource(place) in self._pending

    def modified(self, place: Place) -> datetime:
        """Return when the file that is there now was last changed, in UTC."""
        return self._disk.modified(place)

    def content(self, place: Place, entry: Entry | None) -> bytes | None:
        """Return a file's content; None when it will be known only later. An absent file has none: `b""`."""
        if entry is None:
            return b""
        if entry.is_folder:
            raise Permanent(f"{'/'.join(place)} is a folder; name a file")
        if not self.is_pending(place):
            return self._disk.read(place, LARGEST_KEPT)
        text = entry.state.get("text") if isinstance(entry.state, Mapping) else None
        return text.encode() if isinstance(text, str) else None

    def names(self, place: Place) -> list[str]:
        """Return what is, or will be, in a folder."""
        there = set() if self.is_pending(place) else set(self._disk.names(place))
        for name, after in self._pending.items():
            *above, last = name.removeprefix("file:").split("/")
            if tuple(above) == place:
                (there.discard if after is None else there.add)(last)
        return sorted(there)

    def folder_above(self, place: Place) -> None:
        """Raise Permanent unless the folder that a place is in is there, or will be."""
        if not place:
            raise Permanent("that is the workspace itself; name a file or folder in it")
        above = self.at(place[:-1])
        if above is None:
            raise Permanent(f"there is no folder {'/'.join(place[:-1])}; create it first")
        if not above.is_folder:
            raise Permanent(f"{'/'.join(place[:-1])} is a file, not a folder")


def entry_of(state: Json) -> Entry | None:
    """Return the entry that a change's state describes; its mode is as usual, since a state does not tell it."""
    match state:
        case {"kind": "file", "text": str(text)}:
            return file_entry(text.encode())
        case {"kind": "file", "sha256": str(digest), "size": size}:
            return Entry(state, f"sha256:{digest}", 0o644, size if isinstance(size, int) else 0)
        case {"kind": "folder", "sha256": str(digest)}:
            return Entry(state, f"tree:{digest}", 0o755)
        case {"kind": "folder"}:
            return folder_entry()
        case None:
            return None
        case _:
            raise Permanent(f"an earlier step leaves {state!r:.80} there, which is neither a file nor a folder")


def later_entry(what: str) -> Entry:
    """Return the entry of a file whose content will be known only later."""
    digest = Hole.of(f"sha256 of {what}")
    return Entry({"kind": "file", "size": Hole.of(f"size of {what}"), "sha256": digest}, f"sha256:{digest}", 0o644)
