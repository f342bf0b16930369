"""A folder's listing tells of each entry what is really known: size, when it was changed, and the dates that it has."""

from __future__ import annotations

import os
import struct
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.connectors.files_case import tool_named

from doer.domain.value import Key


async def entries(root: Path) -> dict[str, Any]:
    receipt = await tool_named("list", root).apply({}, Key("k"), ())
    assert isinstance(receipt.result, dict)
    return {each["name"]: each for each in receipt.result["entries"]}


def jpeg(taken: bytes, order: str = "<") -> bytes:
    """A JPEG with a JFIF segment, and Exif with one field in each folder, by the byte order."""
    exif_at = 8 + 2 + 12 + 4
    text_at = exif_at + 2 + 12 + 4
    tiff = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8)
    tiff += struct.pack(order + "HHHIII", 1, 0x8769, 4, 1, exif_at, 0)
    tiff += struct.pack(order + "HHHIII", 1, 0x9003, 2, 20, text_at, 0) + taken + b"\0"
    app1 = b"Exif\0\0" + tiff
    jfif = b"\xff\xe0" + struct.pack(">H", 16) + b"JFIF\0\1\1\0\0\1\0\1\0\0"
    return b"\xff\xd8" + jfif + b"\xff\xe1" + struct.pack(">H", len(app1) + 2) + app1 + b"\xff\xd9"


async def test_a_file_tells_its_size_and_when_it_was_changed_in_utc(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("four")
    (tmp_path / "b").mkdir()
    for name in ("a.txt", "b"):
        os.utime(tmp_path / name, (0, datetime(2026, 3, 1, 8, 30, tzinfo=UTC).timestamp()))

    assert await entries(tmp_path) == {
        "a.txt": {"name": "a.txt", "kind": "file", "size": 4, "modified": "2026-03-01T08:30:00+00:00"},
        "b": {"name": "b", "kind": "folder", "modified": "2026-03-01T08:30:00+00:00"},
    }


@pytest.mark.parametrize(
    ("name", "date"),
    [
        ("scan_2026-03-14.pdf", "2026-03-14"),
        ("IMG_20260314_092653.png", "2026-03-14"),
        ("2026.03.14 and 20260314.pdf", "2026-03-14"),
        ("from 2026-03-14 to 2026-03-15.pdf", None),
        ("14-03-2026.pdf", None),
        ("2026-13-14.pdf", None),
        ("1234520260314.pdf", None),
        ("2026-0314.pdf", None),
    ],
)
async def test_a_date_in_a_name_is_told_where_it_can_be_read_in_one_way(
    name: str, date: str | None, tmp_path: Path
) -> None:
    (tmp_path / name).touch()

    assert (await entries(tmp_path))[name].get("date") == date


@pytest.mark.parametrize("order", ["<", ">"])
async def test_a_photograph_tells_when_it_was_taken(order: str, tmp_path: Path) -> None:
    (tmp_path / "a.JPG").write_bytes(jpeg(b"2026:03:14 09:26:53", order))

    assert (await entries(tmp_path))["a.JPG"]["taken"] == "2026-03-14T09:26:53"


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xd8", jpeg(b"0000:00:00 00:00:00"), jpeg(b"2026:03:14 09:26:53")[:50], b"\xff\xd8" + b"\xff" * 999],
)
async def test_a_photograph_that_does_not_tell_is_listed_without(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(content)

    assert "taken" not in (await entries(tmp_path))["a.jpg"]
