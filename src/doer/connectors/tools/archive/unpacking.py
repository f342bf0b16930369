"""What is in an archive, read without believing it: zip, tar and tar.gz, within bounds, no links, nothing outside.

Refused as in the advice on CVE-2007-4559 (tar) and "zip slip": names that are absolute or go upwards, links, devices;
and what bursts ("A better zip bomb", Fifield 2019): too much in all, or too much for its packed size.
"""

from __future__ import annotations

import gzip
import io
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from doer.connectors.tools.files.place import Place, parse
from doer.connectors.tools.files.tree import all_folders
from doer.domain.errors import Permanent

MOST_ENTRIES = 5_000
"""Files and folders in one archive."""
MOST_BYTES = 256 * 1024 * 1024
"""Bytes of all that is unpacked."""
MOST_RATIO = 200
"""How many times larger than the archive it may unpack, beyond the first megabyte; texts reach 20."""
_ALWAYS = 1 << 20
_CHUNK = 1 << 16

Kind = Literal["file", "folder", "link", "other"]
_FAULTS = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    UnicodeError,
)


@dataclass(frozen=True, slots=True)
class Member:
    """One entry as the archive tells it, unchecked."""

    name: str
    kind: Kind
    size: int
    modified: str
    """As the archive has it: local time without a zone in a zip, UTC in a tar; empty where it has none."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What an archive holds, checked, in memory."""

    files: dict[Place, bytes]
    folders: tuple[Place, ...]

    @property
    def size(self) -> int:
        """Bytes in all."""
        return sum(map(len, self.files.values()))


def members(content: bytes) -> list[Member]:
    """Return the entries of an archive, as they stand in it. Raises Permanent for what is none, or too large."""
    try:
        found = list(_zip_members(content) if _is_zip(content) else _tar_members(content))
    except _FAULTS as wrong:
        raise _unreadable(wrong) from wrong
    return found


def unpack(content: bytes, into: Place, protected: Sequence[str]) -> Contents:
    """Return what would be in the folder `into`. Raises Permanent for anything that is refused; see the module."""
    try:
        return _unzip(content, into, protected) if _is_zip(content) else _untar(content, into, protected)
    except _FAULTS as wrong:
        raise _unreadable(wrong) from wrong


def _unreadable(wrong: BaseException) -> Permanent:
    return Permanent(f"the archive cannot be read (zip, tar and tar.gz can): {wrong!s:.200}")


def _is_zip(content: bytes) -> bool:
    return content.startswith((b"PK\x03\x04", b"PK\x05\x06"))


class _Budget:
    """Counts what comes out of an archive."""

    def __init__(self, packed: int) -> None:
        self._most = min(MOST_BYTES, _ALWAYS + packed * MOST_RATIO)
        self._packed = packed
        self._bytes = 0
        self._entries = 0

    def entry(self) -> None:
        """Count an entry. Raises Permanent for one too many."""
        self._entries += 1
        if self._entries > MOST_ENTRIES:
            raise Permanent(f"the archive has more than {MOST_ENTRIES:,} entries; unpack it by hand")

    def take(self, size: int) -> None:
        """Count bytes. Raises Permanent for too many."""
        self._bytes += size
        if self._bytes > MOST_BYTES:
            raise Permanent(f"the archive unpacks to more than {MOST_BYTES:,} bytes, the most that is unpacked")
        if self._bytes > self._most:
            raise Permanent(
                f"the archive has {self._packed:,} bytes and unpacks to more than {MOST_RATIO} times that: it looks made "
                "to burst, and nothing was unpacked"
            )


class _Tree:
    """Places taken so far; refuses what is in the way of something else."""

    def __init__(self, into: Place, protected: Sequence[str]) -> None:
        self._into = into
        self._protected = protected
        self.files: dict[Place, bytes] = {}
        self.folders: list[Place] = []

    def place(self, name: str) -> Place:
        """Return where an entry goes, from the top of the new folder. Raises Permanent."""
        if len(name) > 1 and name[1] == ":" and name[0].isalpha():
            raise Permanent(f"the archive names {name!r:.100}, which is outside it; nothing was unpacked")
        try:
            place = parse(name, self._protected)
            parse("/".join((*self._into, *place)), self._protected)
        except Permanent as wrong:
            raise Permanent(f"the archive is refused, and nothing was unpacked: {wrong}") from wrong
        return place

    def add_file(self, place: Place, content: bytes) -> None:
        """Take a file. Raises Permanent for a second one there."""
        if not place or place in self.files:
            raise Permanent(f"the archive has {'/'.join(place) or 'a file without a name'!r} twice, or without a name")
        self.files[place] = content

    def contents(self) -> Contents:
        """Return all of it. Raises Permanent where a file is in the place of a folder."""
        folders = all_folders(self.files, [each for each in self.folders if each])
        if clash := set(folders) & set(self.files):
            raise Permanent(f"the archive has {'/'.join(min(clash))} both as a file and as a folder")
        return Contents(self.files, tuple(folders))


# --- zip


def _zip_kind(info: zipfile.ZipInfo) -> Kind:
    mode = info.external_attr >> 16 if info.create_system == 3 else 0
    if info.is_dir():
        return "folder"
    if stat.S_ISLNK(mode):
        return "link"
    return "file" if stat.S_IFMT(mode) in (0, stat.S_IFREG) else "other"


def _zip_members(content: bytes) -> Iterator[Member]:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        budget = _Budget(len(content))
        for info in packed.infolist():
            budget.entry()
            year, month, day, hour, minute, second = info.date_time
            moment = f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"
            yield Member(info.filename, _zip_kind(info), info.file_size, moment)


def _unzip(content: bytes, into: Place, protected: Sequence[str]) -> Contents:
    tree, budget = _Tree(into, protected), _Budget(len(content))
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        for info in packed.infolist():
            budget.entry()
            place = tree.place(info.filename)
            kind = _zip_kind(info)
            if kind == "folder":
                tree.folders.append(place)
                continue
            _refuse_special(info.filename, kind)
            if info.flag_bits & 1:
                raise Permanent(f"{info.filename!r:.100} is encrypted; unpack the archive by hand")
            with packed.open(info) as opened:
                tree.add_file(place, _read(opened, budget))
    return tree.contents()


def _refuse_special(name: str, kind: Kind) -> None:
    if kind != "file":
        what = "a link" if kind == "link" else "neither a file nor a folder"
        raise Permanent(f"the archive has {name!r:.100}, which is {what}; it is refused, and nothing was unpacked")


def _read(opened: object, budget: _Budget) -> bytes:
    read = getattr(opened, "read")  # noqa: B009 - tarfile and zipfile share no type that can be read from
    parts: list[bytes] = []
    while chunk := read(_CHUNK):
        budget.take(len(chunk))
        parts.append(chunk)
    return b"".join(parts)


# --- tar


class _Bounded(io.RawIOBase):
    """The tar inside a gzip, counted as it comes out, so that its headers cannot burst either."""

    def __init__(self, content: bytes, budget: _Budget) -> None:
        raw = io.BytesIO(content)
        self._inside: io.BytesIO | gzip.GzipFile = gzip.GzipFile(fileobj=raw) if content[:2] == b"\x1f\x8b" else raw
        self._budget = budget

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        chunk = self._inside.read(size if size >= 0 else _CHUNK)
        self._budget.take(len(chunk))
        return chunk


def _tar_kind(info: tarfile.TarInfo) -> Kind:
    if info.isdir():
        return "folder"
    if info.issym() or info.islnk():
        return "link"
    return "file" if info.isreg() and not info.issparse() else "other"


def _tar_entries(content: bytes) -> Iterator[tuple[tarfile.TarFile, tarfile.TarInfo, _Budget]]:
    counted, entries = _Budget(len(content)), _Budget(len(content))
    with tarfile.open(fileobj=_Bounded(content, counted), mode="r|") as packed:
        for info in packed:
            entries.entry()
            yield packed, info, entries


def _tar_members(content: bytes) -> Iterator[Member]:
    for _, info, _ in _tar_entries(content):
        moment = datetime.fromtimestamp(int(info.mtime), UTC).isoformat()
        yield Member(info.name, _tar_kind(info), info.size, moment)


def _untar(content: bytes, into: Place, protected: Sequence[str]) -> Contents:
    tree = _Tree(into, protected)
    for packed, info, budget in _tar_entries(content):
        place = tree.place(info.name)
        kind = _tar_kind(info)
        if kind == "folder":
            tree.folders.append(place)
            continue
        _refuse_special(info.name, kind)
        opened = packed.extractfile(info)
        assert opened is not None  # it is a file
        tree.add_file(place, _read(opened, budget))
    return tree.contents()
