"""Taking file work back: only what is still as we left it, from snapshots kept before anything was touched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from doer.connectors.tools.files.deed import parse_version
from doer.connectors.tools.files.disk import Disk
from doer.connectors.tools.files.entry import Entry
from doer.connectors.tools.files.place import Place, resource, temporary_name
from doer.domain.action import Receipt
from doer.domain.errors import PayloadErased, Permanent
from doer.domain.outcome import Conflict, Partial, Reversal, Undone
from doer.domain.ports import Payloads
from doer.domain.value import Digest, Json


@dataclass(frozen=True, slots=True)
class Restore:
    """What was at a place, and what we left there; versions of content, None where nothing."""

    place: Place
    before: str | None
    mode: int | None
    ours: str | None


@dataclass(frozen=True, slots=True)
class Undoing:
    """A receipt's data for undo, read."""

    restores: tuple[Restore, ...]
    moved: tuple[Place, Place] | None
    record: str
    strays: tuple[Place, ...] = ()
    """Copies that appeared in another place while it was written."""


def read_undo(receipt: Receipt) -> Undoing:
    """Read a receipt of a file tool. Raises Permanent for a receipt of something else."""
    data = receipt.undo
    match data:
        case {"record": str(record), "moved": bool(moved), "restore": [*rows]}:
            restores = tuple(_restore(row, receipt.versions) for row in rows)
        case _:
            raise Permanent(f"this is no receipt of a file tool: {data!r:.80}")
    strays = data.get("strays") if isinstance(data, Mapping) else None
    copies = [] if not isinstance(strays, Sequence) or isinstance(strays, str) else [str(each) for each in strays]
    two = (restores[0].place, restores[1].place) if moved and len(restores) == 2 else None
    return Undoing(restores, two, record, tuple(tuple(each.removeprefix("file:").split("/")) for each in copies))


def _restore(row: Json, versions: Mapping[str, str]) -> Restore:
    match row:
        case [str(uri), str(before)]:
            content, mode = parse_version(before)
            return Restore(tuple(uri.removeprefix("file:").split("/")), content, mode, versions.get(uri))
        case _:
            raise Permanent(f"this is no receipt of a file tool: {row!r:.80}")


def take_back(receipt: Receipt, disk: Disk, snapshots: Payloads) -> Reversal:
    """Put back what was there, in reverse order, and read it back; touch nothing if anything was changed since."""
    undoing = read_undo(receipt)
    todo: list[Restore] = []
    contents: dict[Place, bytes] = {}
    for restore in reversed(undoing.restores):
        try:
            disk.sweep(restore.place, _temporary(undoing))
            seen = _seen(disk, restore)
        except Permanent as strange:
            return Conflict(str(strange))
        if seen == restore.before:
            continue  # undone already, or somebody did it for us
        if seen != restore.ours:
            return Conflict(f"{'/'.join(restore.place)} was changed since by somebody else; it stays as it is")
        if problem := _hindrance(disk, restore, undoing.restores):
            return Conflict(problem)
        todo.append(restore)
    files = {each.place: each.before for each in todo if each.before and each.before.startswith("sha256:")}
    if undoing.moved is None:
        try:
            contents = {place: snapshots.get(Digest(before)) for place, before in files.items()}
        except PayloadErased:
            return Conflict("no snapshot of what was there before is kept (it was too large, or it was erased)")
    return _put_back(undoing, todo, contents, disk)


def _seen(disk: Disk, restore: Restore) -> str | None:
    deep = any(each is not None and each.startswith("tree:") for each in (restore.before, restore.ours))
    found = disk.look(restore.place, deep=deep)
    return None if found is None else found.version


def _hindrance(disk: Disk, restore: Restore, all_of_it: Sequence[Restore]) -> str:
    if restore.ours != "folder" or restore.before is not None:
        return ""
    ours = {each.place[-1] for each in all_of_it if each.place[:-1] == restore.place}
    if others := [name for name in disk.names(restore.place) if name not in ours]:
        return f"the folder {'/'.join(restore.place)} has something in it since ({others[0]}); it stays"
    return ""


def _temporary(undoing: Undoing) -> str:
    return temporary_name(undoing.record.removeprefix("sha256:"))


def _put_back(undoing: Undoing, todo: Sequence[Restore], contents: Mapping[Place, bytes], disk: Disk) -> Reversal:
    temporary = _temporary(undoing)
    versions: dict[str, str] = {}
    done: list[str] = []
    try:
        if undoing.moved is not None and todo:
            disk.move(undoing.moved[1], undoing.moved[0])
        else:
            for restore in todo:
                _put_one_back(restore, contents.get(restore.place), disk, temporary)
                done.append("/".join(restore.place))
    except Permanent as refused:
        return Partial(f"put back: {', '.join(done)}; then: {refused}", versions) if done else Conflict(str(refused))
    for restore in undoing.restores:
        seen = _seen(disk, restore)
        if seen != restore.before:
            return Partial(f"{'/'.join(restore.place)} does not show what was put back")
        if seen is not None:
            versions[resource(restore.place)] = seen
    if left := ["/".join(place) for place in undoing.strays if disk.look(place) is not None]:
        return Partial(f"a copy that is not ours to remove is still in another place: {', '.join(left)}", versions)
    return Undone(versions, f"read back: {', '.join('/'.join(each.place) for each in undoing.restores)}")


def _put_one_back(restore: Restore, content: bytes | None, disk: Disk, temporary: str) -> None:
    if content is not None:
        ours = None if restore.ours is None else Entry(None, restore.ours, 0o644)
        mode = restore.mode
        if restore.ours is not None and (now := disk.look(restore.place)) is not None:
            mode = now.mode  # the write kept it, and somebody may have changed it since
        disk.put_file(restore.place, content, ours, mode, temporary)
    elif restore.before == "folder":
        disk.make_folder(restore.place, restore.mode)
    elif restore.ours == "folder":
        disk.remove_folder(restore.place)
    elif restore.ours is not None and restore.ours.startswith("tree:"):
        disk.remove_tree(restore.place, restore.ours, temporary)
    elif restore.ours is not None:
        disk.remove_file(restore.place, Entry(None, restore.ours, 0o644), temporary)
