"""File tools that only read: a file's text, and what is in a folder."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeAlias

from doer.connectors.tools.calling import in_thread
from doer.connectors.tools.files.disk import Disk, open_disk
from doer.connectors.tools.files.exif import NEEDED, taken
from doer.connectors.tools.files.place import Place, is_protected, parse, text_argument
from doer.domain.action import Change, Intent, Manifest, Preview, Receipt
from doer.domain.errors import Permanent
from doer.domain.outcome import Absent, Reversal, Undone, Verification, Verified
from doer.domain.template import has_hole
from doer.domain.value import Json, JsonObject, Key

LARGEST_READ = 500_000
"""Bytes of a text that is handed on as a result."""
MOST_ENTRIES = 5_000
"""Entries of a folder that are handed on as a result."""

# Year first only: 03-04-2026 can be read in two ways, and nothing here is guessed.
_DATE = re.compile(r"(?<!\d)(?P<year>(?:19|20)\d\d)(?P<gap>[-_.]?)(?P<month>\d\d)(?P=gap)(?P<day>\d\d)(?!\d)")

Reading: TypeAlias = Callable[[Disk, JsonObject, Sequence[str]], Json]


@dataclass(frozen=True, slots=True)
class FileReading:
    """One way to look at files below `root`; its verbs other than apply are trivial, since it has no effect."""

    manifest: Manifest
    reading: Reading
    root: Path
    protected: Sequence[str]
    early: bool = False
    """True: it is read already when it is foreseen, unless something is to be changed before it, so that no plan is made
    that is known to fail: of a column that is not there."""

    async def preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        """Check the path; nothing will change. Raises Permanent for what could not be read."""
        if not has_hole(arguments):
            parse(text_argument({"path": "", **arguments}, "path"), self.protected)
            if self.early and not pending:
                await in_thread(lambda: self._read(arguments))
        return Preview()

    async def apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        """Read. Raises Permanent when there is nothing of the kind."""
        return await in_thread(lambda: Receipt(self._read(arguments)))

    def _read(self, arguments: JsonObject) -> Json:
        with open_disk(self.root, self.protected) as disk:
            return self.reading(disk, arguments, self.protected)

    async def verify(self, intent: Intent, receipt: Receipt | None = None) -> Verification:
        """Return Verified with the receipt: a read has no effect that could be read back."""
        return Absent("a read leaves no trace") if receipt is None else Verified(receipt, "a read has no effect")

    async def undo(self, receipt: Receipt) -> Reversal:
        """Return Undone: a read has no effect."""
        return Undone(evidence="a read has no effect")


def read_file(disk: Disk, arguments: JsonObject, protected: Sequence[str]) -> Json:
    """Return path, size, sha256, and the text if it is one of at most 500 kB."""
    place = parse(text_argument(arguments, "path"), protected)
    entry = disk.look(place)
    if entry is None or entry.is_folder:
        raise Permanent(f"{'/'.join(place) or 'the workspace'} is {'a folder' if entry else 'not there'}; name a file")
    told: dict[str, Json] = {
        "path": "/".join(place),
        "size": entry.size,
        "sha256": entry.version.removeprefix("sha256:"),
    }
    if entry.size > LARGEST_READ:
        return told
    content = disk.read(place, LARGEST_READ)
    try:
        return told | ({} if b"\0" in content else {"text": content.decode()})
    except UnicodeDecodeError:
        return told


def list_folder(disk: Disk, arguments: JsonObject, protected: Sequence[str]) -> Json:
    """Return path and entries, sorted by name; protected names are left out.

    An entry has name, kind, modified, a file's size, the date that is in its name where there is exactly one, and of a
    JPEG when it was taken where it says so.
    """
    place = parse(text_argument({"path": "", **arguments}, "path"), protected)
    folder = disk.look(place)
    if folder is None or not folder.is_folder:
        raise Permanent(f"{'/'.join(place)} is {'a file' if folder else 'not there'}; name a folder")
    names = [name for name in disk.names(place) if not is_protected(name, len(place), protected)]
    if len(names) > MOST_ENTRIES:
        raise Permanent(
            f"{'/'.join(place) or 'the workspace'} has {len(names):,} entries; {MOST_ENTRIES:,} is the most"
        )
    entries = [_dated(disk, (*place, name), disk.summary((*place, name))) for name in names]
    return {"path": "/".join(place), "entries": [each for each in entries if each is not None]}


def find_files(disk: Disk, arguments: JsonObject, protected: Sequence[str]) -> Json:
    """Return path, entries with their paths, and count: the files below a folder whose names end so, or hold a text."""
    top = parse(text_argument({"path": "", **arguments}, "path"), protected)
    folder = disk.look(top)
    if folder is None or not folder.is_folder:
        raise Permanent(f"{'/'.join(top)} is {'a file' if folder else 'not there'}; name a folder")
    kind, held = (text_argument({each: "", **arguments}, each).casefold() for each in ("kind", "name"))
    ending = f".{kind}" if kind not in {"", "any"} else ""
    found, left = list[JsonObject](), [top]
    while left:
        place = left.pop(0)
        for name in disk.names(place):
            inner = (*place, name)
            told = None if is_protected(name, len(place), protected) else disk.summary(inner)
            if not isinstance(told, Mapping):
                continue
            if told["kind"] == "folder":
                left.append(inner)
            elif told["kind"] == "file" and name.casefold().endswith(ending) and held in name.casefold():
                found.append({**told, "name": "/".join(inner)})
        if len(found) + len(left) > MOST_ENTRIES:
            raise Permanent(f"there are more than {MOST_ENTRIES:,} files and folders; name a folder")
    return {"path": "/".join(top), "entries": found, "count": len(found)}


def _dated(disk: Disk, place: Place, entry: Json) -> Json:
    """Add the dates that an entry really has: one in its name, and of a JPEG when it was taken."""
    if not isinstance(entry, Mapping):
        return entry
    found = {day for each in _DATE.finditer(place[-1]) if (day := _day(each["year"], each["month"], each["day"]))}
    told = {**entry, "date": min(found)} if len(found) == 1 else dict(entry)
    if entry["kind"] == "file" and place[-1].lower().endswith((".jpg", ".jpeg")):
        with suppress(Permanent):  # it may not be read; it is still listed
            moment = taken(disk.head(place, NEEDED))
            told |= {} if moment is None else {"taken": moment}
    return told


def _day(year: str, month: str, day: str) -> str | None:
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None
