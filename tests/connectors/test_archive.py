"""Archives are made the same each time, unpacked without being believed, and checksums are those of other programs."""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.connectors.files_case import MemoryPayloads, world
from tests.connectors.workspace_case import done

from doer.connectors.tools.archive import archive_tools, unpacking
from doer.connectors.tools.files import file_tools
from doer.connectors.tools.files.place import temporary_name
from doer.domain.action import Intent
from doer.domain.errors import Permanent
from doer.domain.outcome import Absent, Conflict, Undone, Verified
from doer.domain.ports import Tool
from doer.domain.value import Key


def named(name: str, root: Path) -> Tool:
    tools = archive_tools(root, MemoryPayloads())
    return next(each for each in tools if each.manifest.name == f"files.{name}")


async def read(name: str, root: Path, **arguments: Any) -> Any:
    return (await named(name, root).apply(arguments, Key("k"), ())).result


async def refusal(name: str, root: Path, **arguments: Any) -> str:
    before = world(root)
    with pytest.raises(Permanent) as refused:
        await named(name, root).preview(arguments, ())
    with pytest.raises(Permanent):
        await named(name, root).apply(arguments, Key("k"), ())
    assert world(root) == before
    return str(refused.value)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "reports" / "q1").mkdir(parents=True)
    (tmp_path / "reports" / "z.txt").write_text("z")
    (tmp_path / "reports" / "q1" / "a.bin").write_bytes(bytes(range(256)) * 9)
    moment = datetime(2026, 3, 1, 8, 30, 10, tzinfo=UTC).timestamp()
    for path in ("reports/z.txt", "reports/q1/a.bin"):
        os.utime(tmp_path / path, (moment, moment))
    return tmp_path


# --- making -----------------------------------------------------------------------------------------------------------


async def test_a_folder_is_packed_sorted_dated_and_the_same_each_time(root: Path) -> None:
    await done(named("create_archive", root), {"sources": ["reports"], "path": "one.zip"})
    await done(named("create_archive", root), {"sources": ["reports"], "path": "two.zip"})

    assert (root / "one.zip").read_bytes() == (root / "two.zip").read_bytes()
    with zipfile.ZipFile(root / "one.zip") as packed:
        assert packed.testzip() is None
        assert packed.namelist() == ["reports/", "reports/q1/", "reports/q1/a.bin", "reports/z.txt"]
        assert packed.read("reports/q1/a.bin") == bytes(range(256)) * 9
        assert packed.getinfo("reports/z.txt").date_time == (2026, 3, 1, 8, 30, 10)


async def test_the_preview_names_what_is_packed(root: Path) -> None:
    preview = await named("create_archive", root).preview({"sources": ["reports/z.txt"], "path": "o.zip"}, ())

    assert "packs z.txt; 1 bytes" in preview.note


async def test_an_archive_never_replaces_what_is_there_nor_packs_itself_or_what_is_not_there(root: Path) -> None:
    (root / "o.zip").write_text("mine")

    assert "never overwritten" in await refusal("create_archive", root, sources=["reports"], path="o.zip")
    assert "inside reports" in await refusal("create_archive", root, sources=["reports"], path="reports/n.zip")
    assert "nope is not there" in await refusal("create_archive", root, sources=["nope"], path="n.zip")
    assert "does not end with .zip" in await refusal("create_archive", root, sources=["reports"], path="n.rar")


async def test_two_files_of_one_name_are_not_packed_over_each_other(root: Path) -> None:
    (root / "z.txt").write_text("other")

    assert "two of the files" in await refusal("create_archive", root, sources=["z.txt", "reports/z.txt"], path="n.zip")


async def test_links_and_what_is_out_of_reach_are_not_packed(root: Path) -> None:
    (root / "reports" / "link").symlink_to("/etc/passwd")
    assert "links are not followed" in await refusal("create_archive", root, sources=["reports"], path="n.zip")

    (root / "reports" / "link").unlink()
    (root / "reports" / ".git").mkdir()
    assert "out of reach" in await refusal("create_archive", root, sources=["reports"], path="n.zip")


async def test_what_an_earlier_step_writes_is_packed_when_it_is_there(root: Path) -> None:
    write = next(each for each in file_tools(root, MemoryPayloads()) if each.manifest.name == "files.write")
    first = await write.preview({"path": "reports/new.txt", "text": "n"}, ())

    preview = await named("create_archive", root).preview({"sources": ["reports"], "path": "o.zip"}, first.changes)

    assert "sha256 of" in str(preview.changes[0].after)


# --- unpacking --------------------------------------------------------------------------------------------------------


async def test_what_was_packed_is_unpacked_as_it_was_and_taken_back_whole(root: Path) -> None:
    await done(named("create_archive", root), {"sources": ["reports"], "path": "o.zip"})
    before = world(root)
    tool = named("extract_archive", root)

    intent, receipt = await done(tool, {"path": "o.zip", "output": "copy"})

    assert (root / "copy/reports/q1/a.bin").read_bytes() == bytes(range(256)) * 9
    assert isinstance(await tool.verify(intent, receipt), Verified)
    assert isinstance(await tool.undo(receipt), Undone)
    assert world(root) == before


async def test_a_file_put_into_the_unpacked_folder_since_is_not_removed_by_undo(root: Path) -> None:
    await done(named("create_archive", root), {"sources": ["reports"], "path": "o.zip"})
    tool = named("extract_archive", root)
    _, receipt = await done(tool, {"path": "o.zip", "output": "copy"})
    (root / "copy" / "reports" / "mine.txt").write_text("mine")

    assert isinstance(await tool.undo(receipt), Conflict)
    assert (root / "copy" / "reports" / "mine.txt").read_text() == "mine"


async def test_what_a_killed_unpacking_left_is_swept_away_by_the_next_look(root: Path) -> None:
    await done(named("create_archive", root), {"sources": ["reports"], "path": "o.zip"})
    tool = named("extract_archive", root)
    arguments = {"path": "o.zip", "output": "copy"}
    preview = await tool.preview(arguments, ())
    (root / temporary_name("k1") / "reports").mkdir(parents=True)
    (root / temporary_name("k1") / "reports" / "half").write_text("half")

    assert isinstance(await tool.verify(Intent(arguments, Key("k1"), preview.changes)), Absent)

    assert not (root / temporary_name("k1")).exists()
    await done(tool, arguments)
    assert (root / "copy" / "reports" / "z.txt").read_text() == "z"


async def test_people_may_say_that_it_is_a_folder(root: Path) -> None:
    await done(named("create_archive", root), {"sources": ["the folder reports"], "path": "o.zip"})
    _, receipt = await done(named("extract_archive", root), {"path": "o.zip", "output": "a new folder copy"})

    assert receipt.result == {"path": "copy"}
    assert (root / "copy" / "reports" / "z.txt").read_text() == "z"


async def test_nothing_is_unpacked_over_what_is_there(root: Path) -> None:
    await done(named("create_archive", root), {"sources": ["reports"], "path": "o.zip"})

    assert "is there already" in await refusal("extract_archive", root, path="o.zip", output="reports")


async def test_unpacking_what_an_earlier_step_packs_is_foreseen_as_far_as_it_can_be(root: Path) -> None:
    first = await named("create_archive", root).preview({"sources": ["reports"], "path": "o.zip"}, ())

    then = await named("extract_archive", root).preview({"path": "o.zip", "output": "copy"}, first.changes)

    assert then.changes[0].resource == "file:copy"
    assert "number of entries in copy" in str(then.changes[0].after)


def zip_of(*names: str, mode: int = 0o100644, content: bytes = b"x") -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in names:
            info = zipfile.ZipInfo(name)
            info.create_system = 3
            info.external_attr = mode << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(info, content)
    return made.getvalue()


def tar_of(name: str, kind: bytes = tarfile.REGTYPE, target: str = "", mode: str = "w:gz") -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode=mode) as packed:  # type: ignore[call-overload]
        info = tarfile.TarInfo(name)
        info.type, info.linkname = kind, target
        info.size = 1 if kind == tarfile.REGTYPE else 0
        packed.addfile(info, io.BytesIO(b"x") if info.size else None)
    return made.getvalue()


def encrypted() -> bytes:
    content = bytearray(zip_of("a.txt"))
    for sign, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(sign) + place] |= 1
    return bytes(content)


BAD: Mapping[str, tuple[Callable[[], bytes], str]] = {
    "upwards": (lambda: zip_of("../x"), "goes upwards"),
    "upwards_inside": (lambda: zip_of("a/../../x"), "goes upwards"),
    "absolute": (lambda: zip_of("/etc/x"), "not inside"),
    "backslash": (lambda: zip_of("..\\x"), "not inside"),
    "drive": (lambda: zip_of("C:/x"), "outside it"),
    "home": (lambda: zip_of("~/x"), "not inside"),
    "control": (lambda: zip_of("a\x1bb"), "cannot be seen"),
    "git": (lambda: zip_of("a/.git/hooks/post-checkout"), "out of reach"),
    "link": (lambda: zip_of("a", mode=0o120777), "a link"),
    "device": (lambda: zip_of("a", mode=0o020666), "neither a file nor a folder"),
    "encrypted": (encrypted, "encrypted"),
    "file_and_folder": (lambda: zip_of("a", "a/b"), "both as a file and as a folder"),
    "twice": (lambda: zip_of("a", "./a"), "twice"),
    "cut": (lambda: zip_of("a", content=bytes(range(256)) * 99)[:300], "cannot be read"),
    "no_archive": (lambda: b"hello", "cannot be read"),
    "bomb": (lambda: zip_of("a", content=bytes(20_000_000)), "made to burst"),
    "tar_upwards": (lambda: tar_of("../x"), "goes upwards"),
    "tar_absolute": (lambda: tar_of("/x"), "not inside"),
    "tar_symlink": (lambda: tar_of("a", tarfile.SYMTYPE, "/etc"), "a link"),
    "tar_hard_link": (lambda: tar_of("a", tarfile.LNKTYPE, "/etc/passwd"), "a link"),
    "tar_device": (lambda: tar_of("a", tarfile.CHRTYPE), "neither a file nor a folder"),
    "tar_fifo": (lambda: tar_of("a", tarfile.FIFOTYPE, mode="w"), "neither a file nor a folder"),
    "tar_cut": (lambda: tar_of("a")[:-12], "cannot be read"),
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", BAD)
async def test_an_archive_that_would_reach_outside_or_burst_is_refused_whole(name: str, tmp_path: Path) -> None:
    make, said = BAD[name]
    (tmp_path / "bad.zip").write_bytes(make())

    assert said in await refusal("extract_archive", tmp_path, path="bad.zip", output="out")


async def test_a_gzip_that_bursts_in_a_header_is_refused_before_memory_is_full(tmp_path: Path) -> None:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as packed:
        info = tarfile.TarInfo("a")
        info.pax_headers = {"comment": "x" * 30_000_000}
        packed.addfile(info)
    (tmp_path / "bad.tar.gz").write_bytes(made.getvalue())

    assert "made to burst" in await refusal("extract_archive", tmp_path, path="bad.tar.gz", output="out")


async def test_more_entries_than_are_unpacked_are_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.zip").write_bytes(zip_of(*(f"{n}" for n in range(unpacking.MOST_ENTRIES + 1))))

    assert "entries" in await refusal("extract_archive", tmp_path, path="bad.zip", output="out")


async def test_a_list_tells_links_and_sizes_without_unpacking(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zip_of("../x", mode=0o120777, content=b"/etc"))

    found = await read("list_archive", tmp_path, path="a.zip")

    assert found["entries"] == [{"name": "../x", "kind": "link", "size": 4, "modified": "1980-01-01T00:00:00"}]


# --- checksums --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", ["sha256", "sha1", "md5", "blake2b"])
async def test_a_checksum_is_that_of_the_library(algorithm: str, root: Path) -> None:
    found = await read("checksum", root, path="reports/z.txt", algorithm=algorithm)

    assert found["digest"] == hashlib.new(algorithm, b"z").hexdigest()
    checked = await read("verify_checksum", root, path="reports/z.txt", digest=found["digest"].upper())
    assert checked == {"matches": True, "algorithm": algorithm, "checked": 1, "wrong": []}


async def test_the_digest_of_a_folder_is_that_of_its_list(root: Path) -> None:
    found = await read("checksum", root, path="reports")

    one, two = hashlib.sha256(bytes(range(256)) * 9).hexdigest(), hashlib.sha256(b"z").hexdigest()
    assert found["files"] == [{"path": "q1/a.bin", "digest": one}, {"path": "z.txt", "digest": two}]
    assert found["digest"] == hashlib.sha256(f"{one}  q1/a.bin\n{two}  z.txt\n".encode()).hexdigest()


async def test_a_list_of_checksums_names_what_differs_and_what_is_missing(root: Path) -> None:
    good, bad = hashlib.sha256(b"z").hexdigest(), "0" * 64
    (root / "reports" / "SHA256SUMS").write_text(f"{good}  z.txt\n{bad} *q1/a.bin\n{bad}  gone.txt\n")

    found = await read("verify_checksum", root, sums="reports/SHA256SUMS")

    assert (found["matches"], found["checked"]) == (False, 3)
    assert [(each["path"], each["found"] is None) for each in found["wrong"]] == [
        ("reports/gone.txt", True),
        ("reports/q1/a.bin", False),
    ]
    one = await read("verify_checksum", root, path="reports/z.txt", sums="reports/SHA256SUMS")
    assert (one["matches"], one["checked"]) == (True, 1)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"path": "reports/z.txt"}, "either a digest"),
        ({"path": "reports/z.txt", "digest": "abc"}, "no checksum"),
        ({"path": "nope", "digest": "0" * 64}, "not there"),
        ({"path": "x", "sums": "reports/z.txt"}, "line 1"),
    ],
)
async def test_what_cannot_be_compared_is_said(arguments: dict[str, Any], said: str, root: Path) -> None:
    with pytest.raises(Permanent) as refused:
        await read("verify_checksum", root, **arguments)
    assert said in str(refused.value)
