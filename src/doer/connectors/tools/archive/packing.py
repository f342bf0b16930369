"""Files and folders as one zip: the same input makes the same bytes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from doer.connectors.tools.files.place import Place, is_protected
from doer.connectors.tools.files.view import LARGEST_KEPT, View
from doer.domain.errors import Permanent

MOST_ENTRIES = 5_000
"""Files and folders in one archive."""
_EARLIEST, _LATEST = (1980, 1, 1, 0, 0, 0), (2107, 12, 31, 23, 59, 58)


@dataclass(frozen=True, slots=True)
class Packed:
    """An archive to be written."""

    content: bytes | None
    """None: known only when an earlier step has run."""
    names: tuple[str, ...]
    size: int
    """Bytes of what is packed."""


@dataclass(frozen=True, slots=True)
class _Source:
    name: str
    content: bytes
    modified: datetime


def pack(view: View, places: Sequence[Place], target: Place) -> Packed:
    """Return a zip of these files and folders, each under its own last name; sorted, dated as the files are, in UTC.

    Raises Permanent for links, for what is out of reach, for two things of one name, and for more than 64 MiB.
    """
    sources: dict[str, _Source | None] = {}
    for place in places:
        for name, source in _collect(view, place, target):
            if name in sources:
                raise Permanent(f"two of the files would be {name} in the archive; pack them one by one, or rename one")
            sources[name] = source
            if len(sources) > MOST_ENTRIES:
                raise Permanent(f"that is more than {MOST_ENTRIES:,} files and folders; pack it by hand")
    found = [each for each in sources.values() if each is not None]
    size = sum(len(each.content) for each in found)
    if size > 4 * LARGEST_KEPT:
        raise Permanent(f"that is more than {4 * LARGEST_KEPT:,} bytes; pack it by hand")
    content = _zipped(found) if len(found) == len(sources) else None
    return Packed(content, tuple(sorted(sources)), size)


def _collect(view: View, top: Place, target: Place) -> list[tuple[str, _Source | None]]:
    if target[: len(top)] == top:
        raise Permanent(f"the archive would be inside {'/'.join(top)}, which it packs; put it elsewhere")
    found: list[tuple[str, _Source | None]] = []
    waiting = [top]
    while waiting:
        place = waiting.pop()
        if is_protected(place[-1], len(place) - 1, view.protected):
            raise Permanent(f"{'/'.join(place)} is out of reach, so {'/'.join(top)} is not packed")
        name = "/".join(place[len(top) - 1 :])
        entry = view.at(place)
        if entry is None:
            raise Permanent(f"{'/'.join(place)} is not there")
        if entry.is_folder:
            waiting.extend((*place, each) for each in view.names(place))
            found.append((name + "/", _Source(name + "/", b"", datetime(*_EARLIEST))))  # noqa: DTZ001 - a zip has none
            continue
        content = view.content(place, entry)
        known = content is not None and not view.is_pending(place)
        found.append((name, _Source(name, content or b"", view.modified(place)) if known else None))
        if len(found) > MOST_ENTRIES:
            break
    return found


def _zipped(sources: Sequence[_Source]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        for source in sorted(sources, key=lambda each: each.name):
            moment = source.modified.timetuple()[:6]
            year, month, day, hour, minute, second = min(max(moment, _EARLIEST), _LATEST)
            info = zipfile.ZipInfo(source.name, (year, month, day, hour, minute, second))
            info.create_system = 3  # the same on every machine
            info.external_attr = (0o40755 << 16) | 0x10 if source.name.endswith("/") else 0o100644 << 16
            info.compress_type = zipfile.ZIP_STORED if source.name.endswith("/") else zipfile.ZIP_DEFLATED
            packed.writestr(info, source.content)
    content = made.getvalue()
    if len(content) > LARGEST_KEPT:
        raise Permanent(f"the archive would be larger than {LARGEST_KEPT:,} bytes, the most that is written")
    return content
