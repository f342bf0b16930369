"""Deeds: what a file tool does to one place, as a closed union; what each foretells, keeps for undo, and performs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from doer.connectors.tools.files.disk import Disk
from doer.connectors.tools.files.entry import Entry, file_entry, folder_entry, tree_entry
from doer.connectors.tools.files.place import Place, resource
from doer.connectors.tools.files.tree import walk_of
from doer.connectors.tools.files.view import LARGEST_KEPT, later_entry
from doer.domain.action import Change
from doer.domain.errors import Permanent
from doer.domain.ports import Payloads
from doer.domain.value import Hole

ABSENT = "absent"
"""Version of a place where nothing is."""


@dataclass(frozen=True, slots=True)
class Write:
    """Put this content there; None: known only later."""

    place: Place
    before: Entry | None
    content: bytes | None
    note: str = ""
    """What it changes, in words, where the file's own before and after would not show it."""


@dataclass(frozen=True, slots=True)
class Remove:
    """Remove the file, or the empty folder, that is there."""

    place: Place
    before: Entry


@dataclass(frozen=True, slots=True)
class MakeFolder:
    """Make a folder where nothing is."""

    place: Place


@dataclass(frozen=True, slots=True)
class Move:
    """Rename what is at `place`; nothing is at `target`."""

    place: Place
    target: Place
    before: Entry


@dataclass(frozen=True, slots=True)
class MakeTree:
    """Make a folder with all that is in it, where nothing is."""

    place: Place
    files: Mapping[Place, bytes] | None
    """Contents by place from the new folder's top; None: known only later."""
    folders: tuple[Place, ...] = ()
    note: str = ""


Deed: TypeAlias = Write | Remove | MakeFolder | Move | MakeTree


def version(entry: Entry | None) -> str:
    """Return a before-version: the content's, and the mode, which undo puts back."""
    return ABSENT if entry is None else f"{entry.version};{entry.mode:o}"


def parse_version(text: str) -> tuple[str | None, int | None]:
    """Return the content's version (None: absent) and the mode of a before-version."""
    content, _, mode = text.partition(";")
    return (None if content == ABSENT else content), (int(mode, 8) if mode else None)


def changes_of(deeds: Sequence[Deed]) -> tuple[Change, ...]:
    """Return what the deeds change, as foretold."""
    return tuple(change for deed in deeds for change in _changes(deed))


def _changes(deed: Deed) -> list[Change]:
    match deed:
        case MakeTree(place, files, folders):
            after = _later_tree(place) if files is None else tree_entry(*walk_of(files, folders))
            return [_change(place, None, after)]
        case Write(place, before, content):
            after = later_entry(f"the new {place[-1]}") if content is None else file_entry(content)
            return [_change(place, before, after)]
        case Remove(place, before):
            return [_change(place, before, None)]
        case MakeFolder(place):
            return [_change(place, None, folder_entry())]
        case Move(place, target, before):
            return [_change(place, before, None, kept=True), _change(target, None, before)]
        case _:
            assert_never(deed)


def _later_tree(place: Place) -> Entry:
    return tree_entry(Hole.of(f"number of entries in {place[-1]}"), Hole.of(f"sha256 of {place[-1]}"))


def _change(place: Place, before: Entry | None, after: Entry | None, *, kept: bool = False) -> Change:
    return Change(
        resource(place),
        None if before is None else before.state,
        None if after is None else after.state,
        reversible=kept or before is None or before.is_folder or before.size <= LARGEST_KEPT,
        version=version(before),
    )


def keep(deed: Deed, disk: Disk, snapshots: Payloads) -> None:
    """Store what undo will need, before anything is touched. Raises Permanent when it changed since it was looked at."""
    match deed:
        case Write(place, Entry() as before) | Remove(place, before) if not before.is_folder:
            if before.size > LARGEST_KEPT:
                return
            content = disk.read(place, LARGEST_KEPT)
            if snapshots.put(content) != before.version:
                raise Permanent(f"{'/'.join(place)} was changed by somebody else at this moment; nothing was changed")
        case Write() | Remove() | MakeFolder() | Move() | MakeTree():
            return
        case _:
            assert_never(deed)


def perform(deed: Deed, disk: Disk, temporary: str) -> None:
    """Do it. Raises NoEffect when nothing was done, OutcomeUnknown when the disk did not confirm it."""
    match deed:
        case Write(place, before, content):
            if content is None:
                raise Permanent(f"the content of {'/'.join(place)} is not known yet")
            disk.put_file(place, content, before, None if before is None else before.mode, temporary)
        case Remove(place, before) if before.is_folder:
            disk.remove_folder(place)
        case Remove(place, before):
            disk.remove_file(place, before, temporary)
        case MakeFolder(place):
            disk.make_folder(place, None)
        case MakeTree(place, files, folders):
            if files is None:
                raise Permanent(f"what goes into {'/'.join(place)} is not known yet")
            disk.make_tree(place, files, folders, temporary)
        case Move(place, target):
            disk.move(place, target)
        case _:
            assert_never(deed)


def perform_watched(deed: Deed, disk: Disk, temporary: str) -> list[str]:
    """Do it, and return the resources of copies that appeared beside it; no other doer is in the workspace meanwhile."""
    folder = deed.target[:-1] if isinstance(deed, Move) else deed.place[:-1]
    before = {*disk.names(folder), deed.place[-1]}
    perform(deed, disk, temporary)
    if not isinstance(deed, Write):
        return []
    new = [(*folder, name) for name in disk.names(folder) if name not in before]
    return [resource(place) for place in new if _same_content(disk, place, deed.place)]


def _same_content(disk: Disk, one: Place, other: Place) -> bool:
    try:
        first, second = disk.look(one), disk.look(other)
    except Permanent:
        return False
    return first is not None and second is not None and first.version == second.version
