"""The disk below one workspace: every name is opened step by step from its root, and no link is ever followed."""

from __future__ import annotations

import fcntl
import hashlib
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

from doer.connectors.tools.files.entry import Entry, folder_entry, shown, tree_entry
from doer.connectors.tools.files.place import Place, is_protected
from doer.connectors.tools.files.rename import exchange, rename_new
from doer.connectors.tools.files.system import NEW_FILE, sync, told, unlink, write_new
from doer.connectors.tools.files.tree import all_folders, walk
from doer.domain.errors import NoEffect, OutcomeUnknown, Permanent, ToolError, Transient
from doer.domain.value import Json

_CHUNK = 1 << 20
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def _moment(found: os.stat_result) -> str:
    return datetime.fromtimestamp(int(found.st_mtime), UTC).isoformat()


class Disk:
    """The folder tree below an open root. Not for use by two threads at once; open one each."""

    def __init__(self, root: int, protected: Sequence[str]) -> None:
        self._root = root
        self.protected = tuple(protected)
        self._forbidden = {each for name in protected if (each := self._identity(name)) is not None}

    def _identity(self, name: str) -> tuple[int, int] | None:
        with suppress(OSError):
            found = os.stat(name, dir_fd=self._root, follow_symlinks=False)
            return found.st_dev, found.st_ino
        return None

    @contextmanager
    def folder(self, place: Place) -> Iterator[int]:
        """Open the folder at a place. Raises Permanent for a link, a file, or a protected folder under another name."""
        opened = os.dup(self._root)
        try:
            for depth, name in enumerate(place):
                with told("/".join(place[: depth + 1])):
                    below = os.open(name, _FOLDER, dir_fd=opened)
                os.close(opened)
                opened = below
                found = os.fstat(opened)
                if (found.st_dev, found.st_ino) in self._forbidden:
                    raise Permanent(f"{'/'.join(place)} is out of reach: it is a protected folder under another name")
            yield opened
        finally:
            os.close(opened)

    def look(self, place: Place, *, deep: bool = False) -> Entry | None:
        """Return what is at a place, or None. `deep`: a folder with a digest over all that is in it.

        Raises Permanent for links, devices and the like, and for what may not be read.
        """
        if not place:
            return folder_entry()
        if not self._has_folder(place[:-1]):
            return None
        with self.folder(place[:-1]) as folder:
            return self._look_at(folder, place, deep=deep)

    def _has_folder(self, place: Place) -> bool:
        for depth in range(1, len(place) + 1):
            with self.folder(place[: depth - 1]) as above:
                try:
                    os.stat(place[depth - 1], dir_fd=above, follow_symlinks=False)
                except FileNotFoundError:
                    return False
        return True

    def _look_at(self, folder: int, place: Place, *, deep: bool) -> Entry | None:
        where = "/".join(place)
        try:
            found = os.stat(place[-1], dir_fd=folder, follow_symlinks=False)
        except FileNotFoundError:
            return None
        if (found.st_dev, found.st_ino) in self._forbidden:
            raise Permanent(f"{where} is out of reach: it is a protected name under another one")
        if stat.S_ISDIR(found.st_mode):
            mode = stat.S_IMODE(found.st_mode)
            return self._tree(place, mode) if deep else folder_entry(mode)
        if not stat.S_ISREG(found.st_mode):
            kind = "a link; links are not followed" if stat.S_ISLNK(found.st_mode) else "neither a file nor a folder"
            raise Permanent(f"{where} is {kind}")
        with told(where), os.fdopen(os.open(place[-1], _FILE, dir_fd=folder), "rb") as opened:
            digest, head, size = hashlib.sha256(), b"", 0
            while chunk := opened.read(_CHUNK):
                head = head or chunk
                size += len(chunk)
                digest.update(chunk)
            now = os.fstat(opened.fileno())
        return shown(head, digest.hexdigest(), size, stat.S_IMODE(now.st_mode), now.st_nlink)

    def _tree(self, place: Place, mode: int) -> Entry:
        def listing(below: Place) -> Iterator[tuple[str, str]]:
            here = (*place, *below)
            for name in self.names(here):
                if is_protected(name, len(here), self.protected):
                    raise Permanent(
                        f"{'/'.join((*here, name))} is out of reach, so {'/'.join(place)} stays where it is"
                    )
                inside = self.look((*here, name))
                if inside is None:
                    raise Transient(f"{'/'.join((*here, name))} vanished while it was read")
                yield name, inside.version

        return tree_entry(*walk(listing), mode)

    def names(self, place: Place) -> list[str]:
        """Return the names in the folder at a place, sorted."""
        with self.folder(place) as folder, told("/".join(place) or "the workspace"), os.scandir(folder) as found:
            return sorted(each.name for each in found)

    def summary(self, place: Place) -> Json:
        """Return name, kind (file, folder, link, other), when modified (UTC) and a file's size; None: just vanished."""
        with self.folder(place[:-1]) as folder, told("/".join(place)):
            try:
                found = os.stat(place[-1], dir_fd=folder, follow_symlinks=False)
            except FileNotFoundError:
                return None
        if stat.S_ISREG(found.st_mode):
            return {"name": place[-1], "kind": "file", "size": found.st_size, "modified": _moment(found)}
        kinds = {stat.S_IFDIR: "folder", stat.S_IFLNK: "link"}
        return {"name": place[-1], "kind": kinds.get(stat.S_IFMT(found.st_mode), "other"), "modified": _moment(found)}

    def modified(self, place: Place) -> datetime:
        """Return when a file's content was last changed, in UTC, whole seconds. Raises Permanent when it is gone."""
        with self.folder(place[:-1]) as folder, told("/".join(place)):
            found = os.stat(place[-1], dir_fd=folder, follow_symlinks=False)
        return datetime.fromtimestamp(int(found.st_mtime), UTC)

    def digest(self, place: Place, algorithm: str) -> str:
        """Return the hexadecimal digest of a file of any size, by the name of the algorithm as `hashlib` knows it."""
        where = "/".join(place)
        with (
            self.folder(place[:-1]) as folder,
            told(where),
            os.fdopen(os.open(place[-1], _FILE, dir_fd=folder), "rb") as opened,
        ):
            if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
                raise Permanent(f"{where} is not a file")
            return hashlib.file_digest(opened, algorithm).hexdigest()

    def read(self, place: Place, most: int) -> bytes:
        """Return a file's content. Raises Permanent when it has more than `most` bytes, or is no file."""
        where = "/".join(place)
        with (
            self.folder(place[:-1]) as folder,
            told(where),
            os.fdopen(os.open(place[-1], _FILE, dir_fd=folder), "rb") as opened,
        ):
            if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
                raise Permanent(f"{where} is not a file")
            content = opened.read(most + 1)
        if len(content) > most:
            raise Permanent(f"{where} is larger than {most:,} bytes")
        return content

    def head(self, place: Place, most: int) -> bytes:
        """Return the beginning of a file."""
        with self.folder(place[:-1]) as folder, told("/".join(place)):
            opened = os.open(place[-1], _FILE, dir_fd=folder)
            try:
                return os.read(opened, most) if stat.S_ISREG(os.fstat(opened).st_mode) else b""
            finally:
                os.close(opened)

    # --- changing: each either does all of it, or raises NoEffect having done nothing, or OutcomeUnknown

    def sweep(self, place: Place, temporary: str) -> None:
        """Remove what a killed try has left under its temporary name, beside a place."""
        if self._has_folder(place[:-1]):
            with self.folder(place[:-1]) as folder:
                unlink(folder, temporary)

    def put_file(self, place: Place, content: bytes, replaced: Entry | None, mode: int | None, temporary: str) -> None:
        """Write a file in one step: prepared under a temporary name, synced, renamed, and the folder synced.

        `replaced` is what must be there: where the system can swap names, what was swapped out is looked at again and
        put back if it is something else, so that nobody's work is lost to a race. `mode` None: as the system gives it.
        """
        with self.folder(place[:-1]) as folder:
            with told("/".join(place)):
                self._prepare(folder, temporary, content, mode)
            try:
                with told("/".join(place)):
                    self._swap_in(folder, place, replaced, temporary)
            except NoEffect:
                unlink(folder, temporary)
                raise
            if replaced is not None:
                unlink(folder, temporary)
            sync(folder, place)

    def _prepare(self, folder: int, temporary: str, content: bytes, mode: int | None) -> None:
        unlink(folder, temporary)  # left by a killed try of the same key
        try:
            with os.fdopen(os.open(temporary, NEW_FILE, 0o666, dir_fd=folder), "wb") as opened:
                opened.write(content)
                opened.flush()
                if mode is not None:
                    os.fchmod(opened.fileno(), mode)
                os.fsync(opened.fileno())
        except OSError:
            unlink(folder, temporary)
            raise

    def _swap_in(self, folder: int, place: Place, replaced: Entry | None, temporary: str) -> None:
        name = place[-1]
        if replaced is None:
            rename_new(folder, temporary, folder, name)
        elif exchange(folder, temporary, name):
            if self._version_of(folder, place, temporary) != replaced.version:
                self._give_back(folder, place, temporary, swap=True)
        else:
            os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)

    def remove_file(self, place: Place, removed: Entry, temporary: str) -> None:
        """Remove a file that must be `removed`: set aside, looked at again, then unlinked."""
        with self.folder(place[:-1]) as folder:
            unlink(folder, temporary)
            with told("/".join(place)):
                rename_new(folder, place[-1], folder, temporary)
            if self._version_of(folder, place, temporary) != removed.version:
                self._give_back(folder, place, temporary, swap=False)
            unlink(folder, temporary)
            sync(folder, place)

    def _version_of(self, folder: int, place: Place, temporary: str, *, deep: bool = False) -> str | None:
        try:
            out = self._look_at(folder, (*place[:-1], temporary), deep=deep)
        except (OSError, ToolError):
            return None
        return None if out is None else out.version

    def _give_back(self, folder: int, place: Place, temporary: str, *, swap: bool) -> NoReturn:
        """Put somebody's edit, which came between our look and our change, back where it was."""
        where = "/".join(place)
        try:
            if swap:
                exchange(folder, temporary, place[-1])
            else:
                rename_new(folder, temporary, folder, place[-1])
        except OSError as failed:
            raise OutcomeUnknown(f"{where} was changed at this moment; that version is kept as {temporary}") from failed
        raise Permanent(f"{where} was changed by somebody else at this moment; nothing was changed")

    def make_folder(self, place: Place, mode: int | None) -> None:
        """Make one folder; the one above it must be there."""
        with self.folder(place[:-1]) as folder:
            with told("/".join(place)):
                os.mkdir(place[-1], dir_fd=folder)
            if mode is not None:
                with suppress(OSError):
                    os.chmod(place[-1], mode, dir_fd=folder)
            sync(folder, place)

    def make_tree(self, place: Place, files: Mapping[Place, bytes], folders: Sequence[Place], temporary: str) -> None:
        """Make a folder with all that is in it in one step: prepared under a temporary name, then renamed."""
        with self.folder(place[:-1]) as folder:
            unlink(folder, temporary)
            try:
                with told("/".join(place)):
                    os.mkdir(temporary, dir_fd=folder)
                    for below in all_folders(files, folders):
                        os.mkdir("/".join((temporary, *below)), dir_fd=folder)
                    for below, content in files.items():
                        write_new(folder, "/".join((temporary, *below)), content)
                    rename_new(folder, temporary, folder, place[-1])
            except NoEffect:
                unlink(folder, temporary)
                raise
            sync(folder, place)

    def remove_tree(self, place: Place, removed: str, temporary: str) -> None:
        """Remove a folder with all that is in it, which must be of that version: set aside, looked at, then removed."""
        with self.folder(place[:-1]) as folder:
            unlink(folder, temporary)
            with told("/".join(place)):
                rename_new(folder, place[-1], folder, temporary)
            if self._version_of(folder, place, temporary, deep=True) != removed:
                self._give_back(folder, place, temporary, swap=False)
            unlink(folder, temporary)
            sync(folder, place)

    def remove_folder(self, place: Place) -> None:
        """Remove one empty folder."""
        with self.folder(place[:-1]) as folder:
            with told("/".join(place)):
                os.rmdir(place[-1], dir_fd=folder)
            sync(folder, place)

    def move(self, source: Place, target: Place) -> None:
        """Rename a file or folder, atomically, to a name that must be free."""
        with self.folder(source[:-1]) as above, self.folder(target[:-1]) as below:
            with told(f"{'/'.join(source)} to {'/'.join(target)}"):
                rename_new(above, source[-1], below, target[-1])
            sync(below, target)
            sync(above, source)


@contextmanager
def open_disk(root: Path, protected: Sequence[str], *, change: bool = False) -> Iterator[Disk]:
    """Open the workspace. `change`: alone among all processes of doer, until left. Raises Permanent if it is gone."""
    with told(f"the workspace {root}"):
        opened = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        if change:
            fcntl.flock(opened, fcntl.LOCK_EX)
        yield Disk(opened, protected)
    finally:
        os.close(opened)
