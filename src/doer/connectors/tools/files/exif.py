"""When a photograph or scan was taken, as its camera wrote it: DateTimeOriginal in a JPEG (Exif 2.32, TIFF 6.0)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime

NEEDED = 64 * 1024
"""Bytes of a file's beginning in which it stands; a segment of a JPEG is no longer."""

_EXIF_FOLDER, _TAKEN = 0x8769, 0x9003
_MOST_FIELDS = 200


def taken(head: bytes) -> str | None:
    """Return when, as `2026-03-14T09:26:53` on the camera's clock, without a zone; None where it is not told."""
    with suppress(struct.error, ValueError, IndexError):
        tiff = _tiff(head)
        if tiff is None:
            return None
        order = {b"II": "<", b"MM": ">"}[tiff[:2]] if tiff[:2] in (b"II", b"MM") else ""
        if not order:
            return None
        (first,) = struct.unpack_from(order + "I", tiff, 4)
        for below in _fields(tiff, order, first, _EXIF_FOLDER):
            for place in _fields(tiff, order, below, _TAKEN):
                text = tiff[place : place + 19].decode("ascii")
                return datetime.strptime(text, "%Y:%m:%d %H:%M:%S").isoformat()  # noqa: DTZ007 - it has no zone
    return None


def _tiff(head: bytes) -> bytes | None:
    if not head.startswith(b"\xff\xd8"):
        return None
    place = 2
    while place + 4 <= len(head) and head[place] == 0xFF:
        (size,) = struct.unpack_from(">H", head, place + 2)
        segment = head[place + 4 : place + 2 + size]
        if head[place + 1] == 0xE1 and segment.startswith(b"Exif\0\0"):
            return segment[6:]
        place += 2 + max(size, 2)
    return None


def _fields(tiff: bytes, order: str, place: int, wanted: int) -> Iterator[int]:
    """The values, which are places in the file, of the fields of one kind."""
    (count,) = struct.unpack_from(order + "H", tiff, place)
    for number in range(min(count, _MOST_FIELDS)):
        tag, _, _, value = struct.unpack_from(order + "HHII", tiff, place + 2 + 12 * number)
        if tag == wanted:
            yield value
