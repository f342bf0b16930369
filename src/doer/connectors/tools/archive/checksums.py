"""Checksums of files and folders, and whether they are those that somebody gave."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from doer.connectors.tools.files.disk import Disk
from doer.connectors.tools.files.place import Place, is_protected, parse, text_argument
from doer.domain.errors import Permanent
from doer.domain.value import Json, JsonObject

ALGORITHMS = ("sha256", "sha1", "md5", "blake2b")
"""Those that can be named; the first unless one is. md5 and sha1 find accidents, not forgery."""
MOST_FILES = 5_000
"""Files of one folder, or lines of one list."""
_LARGEST_LIST = 4_000_000
_BY_LENGTH: Mapping[int, str] = MappingProxyType({64: "sha256", 40: "sha1", 32: "md5", 128: "blake2b"})
_LINE = re.compile(r"\\?([0-9A-Fa-f]{32,128}) [ *](.+)")


def checksum(disk: Disk, arguments: JsonObject, protected: Sequence[str]) -> Json:
    """Return path, algorithm, digest and, of a folder, files (path, digest), sorted by path.

    The digest of a folder is that of the list `digest  path` line by line, as the program sha256sum writes it.
    """
    place, algorithm = _place(disk, arguments, protected), _algorithm(arguments, ALGORITHMS[0])
    told: dict[str, Json] = {"path": "/".join(place), "algorithm": algorithm}
    if _is_file(disk, place):
        return {**told, "digest": disk.digest(place, algorithm)}
    sums = [("/".join(each[len(place) :]), disk.digest(each, algorithm)) for each in _files(disk, place, protected)]
    lines = "".join(f"{digest}  {name}\n" for name, digest in sums)
    digest = hashlib.new(algorithm, lines.encode(), usedforsecurity=False).hexdigest()
    return {**told, "digest": digest, "files": [{"path": name, "digest": each} for name, each in sums]}


def verify_checksum(disk: Disk, arguments: JsonObject, protected: Sequence[str]) -> Json:
    """Return matches, checked, and of each file that does not match path, expected, found (null where it is missing).

    Either against `digest`, or against the list `sums` (as sha256sum writes it, names from the list's own folder):
    then of the file `path` only, or of all in the list that are below the folder `path`.
    """
    if ("digest" in arguments) is ("sums" in arguments):
        raise Permanent("give either a digest to compare with, or a list of them (sums), such as SHA256SUMS")
    if "digest" in arguments:
        expected = text_argument(arguments, "digest").strip().lower()
        algorithm = _algorithm(arguments, _by_length(expected))
        found = checksum(disk, {**arguments, "algorithm": algorithm}, protected)
        assert isinstance(found, Mapping)
        digest = str(found["digest"])
        return _told(algorithm, [("/".join(_place(disk, arguments, protected)), expected, digest)])
    return _against_list(disk, arguments, protected)


def _against_list(disk: Disk, arguments: JsonObject, protected: Sequence[str]) -> Json:
    sums = parse(text_argument(arguments, "sums"), protected)
    listed = _listed(disk, sums, protected)
    place = _place(disk, arguments, protected)
    asked = {each: digest for each, digest in listed.items() if each[: len(place)] == place}
    if not asked:
        raise Permanent(f"{'/'.join(sums)} does not list {'/'.join(place) or 'any file'}")
    algorithm = _algorithm(arguments, _by_length(next(iter(asked.values()))))
    rows: list[tuple[str, str, str | None]] = []
    for each, expected in sorted(asked.items()):
        entry = disk.look(each)
        found = None if entry is None or entry.is_folder else disk.digest(each, algorithm)
        rows.append(("/".join(each), expected, found))
    return _told(algorithm, rows)


def _told(algorithm: str, rows: Sequence[tuple[str, str, str | None]]) -> Json:
    wrong: list[Json] = [
        {"path": path, "expected": expected, "found": found}
        for path, expected, found in rows
        if found is None or not hmac.compare_digest(expected, found)
    ]
    return {"matches": not wrong, "algorithm": algorithm, "checked": len(rows), "wrong": wrong}


def _listed(disk: Disk, sums: Place, protected: Sequence[str]) -> dict[Place, str]:
    try:
        text = disk.read(sums, _LARGEST_LIST).decode()
    except UnicodeDecodeError as wrong:
        raise Permanent(f"{'/'.join(sums)} is not a text in UTF-8, so no list of checksums") from wrong
    found: dict[Place, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        row = _LINE.fullmatch(line)
        if row is None:
            raise Permanent(f"line {number} of {'/'.join(sums)} is not `digest  name`, as sha256sum writes it")
        place = parse("/".join((*sums[:-1], row[2])), protected)
        if found.setdefault(place, row[1].lower()) != row[1].lower():
            raise Permanent(f"{'/'.join(sums)} has two digests of {row[2]!r:.100}")
        if len(found) > MOST_FILES:
            raise Permanent(f"{'/'.join(sums)} has more than {MOST_FILES:,} lines")
    return found


def _place(disk: Disk, arguments: JsonObject, protected: Sequence[str]) -> Place:
    place = parse(text_argument({"path": "", **arguments}, "path"), protected)
    if "sums" not in arguments and disk.look(place) is None:
        raise Permanent(f"{'/'.join(place)} is not there")
    return place


def _is_file(disk: Disk, place: Place) -> bool:
    entry = disk.look(place)
    return entry is not None and not entry.is_folder


def _files(disk: Disk, top: Place, protected: Sequence[str]) -> list[Place]:
    return sorted(_walk(disk, top, protected), key="/".join)


def _walk(disk: Disk, top: Place, protected: Sequence[str]) -> Iterator[Place]:
    waiting, count = [top], 0
    while waiting:
        here = waiting.pop()
        for name in disk.names(here):
            if is_protected(name, len(here), protected):
                continue
            entry = disk.look((*here, name))
            if entry is not None and entry.is_folder:
                waiting.append((*here, name))
            elif entry is not None:
                count += 1
                if count > MOST_FILES:
                    raise Permanent(f"{'/'.join(top) or 'the workspace'} has more than {MOST_FILES:,} files")
                yield (*here, name)


def _algorithm(arguments: JsonObject, otherwise: str) -> str:
    named = str(arguments.get("algorithm", otherwise)).lower().replace("-", "")
    if named not in ALGORITHMS:
        raise Permanent(f"{named!r:.40} is not computed here; there are: {', '.join(ALGORITHMS)}")
    return named


def _by_length(digest: str) -> str:
    if re.fullmatch(r"[0-9a-f]+", digest) is None or len(digest) not in _BY_LENGTH:
        raise Permanent(f"{digest!r:.140} is no checksum: expected 32, 40, 64 or 128 hexadecimal digits")
    return _BY_LENGTH[len(digest)]
