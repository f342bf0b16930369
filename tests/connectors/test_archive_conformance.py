"""Every archive tool keeps every promise of the four verbs, on real archives made by zipfile and tarfile."""

from __future__ import annotations

import os
import shutil
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from tests.connectors.files_case import MemoryPayloads
from tests.connectors.workspace_case import Edit, workspace_case

from doer.connectors.tools.archive import archive_tools
from doer.domain.ports import Tool
from doer.domain.value import JsonObject
from doer.testing.conformance import Make, check, check_names, conform

DIGEST = "87428fc522803d31065e7bce3cf03fe475096631e5e07bbd7a0fde60c4cf25c7"
"""SHA-256 of `a` and a line end, as sha256sum tells it."""


def furnish(root: Path) -> None:
    (root / "reports" / "q1").mkdir(parents=True)
    (root / "reports" / "a.txt").write_text("a\n")
    (root / "reports" / "q1" / "b.bin").write_bytes(bytes(range(256)))
    os.utime(root / "reports" / "a.txt", (1_700_000_000, 1_700_000_000))
    (root / "SHA256SUMS").write_text(f"{DIGEST}  reports/a.txt\n")
    with zipfile.ZipFile(root / "d.zip", "w") as packed:
        packed.writestr("in/one.txt", "one")
        packed.writestr("two.bin", bytes(5000))
        packed.writestr("empty/", "")
    with tarfile.open(root / "d.tar.gz", "w:gz") as packed_tar:
        packed_tar.add(root / "reports", "reports")


def named(name: str) -> Callable[[Path], Tool]:
    def make(root: Path) -> Tool:
        tools = archive_tools(root, MemoryPayloads(), name="docs")
        return next(each for each in tools if each.manifest.name == f"docs.{name}")

    return make


def writes(path: str) -> Edit:
    return lambda root: (root / path).write_text("somebody else's")


def unlinks(path: str) -> Edit:
    return lambda root: (root / path).unlink()


def rmtrees(path: str) -> Edit:
    return lambda root: shutil.rmtree(root / path)


def case(name: str, arguments: JsonObject, edit: Edit, clear: Edit) -> Make:
    return workspace_case(furnish, named(name), arguments, edit, clear)


WRITES: Mapping[str, Make] = {
    "create": case(
        "create_archive", {"sources": ["reports", "d.zip"], "path": "out.zip"}, writes("out.zip"), unlinks("out.zip")
    ),
    "extract_zip": case(
        "extract_archive", {"path": "d.zip", "output": "data"}, writes("data/in/one.txt"), rmtrees("data")
    ),
    "extract_tar": case(
        "extract_archive",
        {"path": "d.tar.gz", "output": "reports/new"},
        writes("reports/new/more"),
        rmtrees("reports/new"),
    ),
}
READS: Mapping[str, Make] = {
    "list_zip": case("list_archive", {"path": "d.zip"}, writes("d.zip"), unlinks("d.zip")),
    "list_tar": case("list_archive", {"path": "d.tar.gz"}, writes("d.zip"), unlinks("d.zip")),
    "checksum": case("checksum", {"path": "reports"}, writes("d.zip"), unlinks("d.zip")),
    "verify": case("verify_checksum", {"path": "reports/a.txt", "digest": DIGEST}, writes("d.zip"), unlinks("d.zip")),
    "verify_list": case("verify_checksum", {"sums": "SHA256SUMS"}, writes("d.zip"), unlinks("d.zip")),
}


@pytest.mark.parametrize("name", check_names("write"))
@pytest.mark.parametrize("tool", WRITES)
async def test_an_archive_tool_keeps_its_promise(tool: str, name: str) -> None:
    await check(name, WRITES[tool])


@pytest.mark.parametrize("name", check_names("read"))
@pytest.mark.parametrize("tool", READS)
async def test_a_reading_of_an_archive_keeps_its_promise(tool: str, name: str) -> None:
    await check(name, READS[tool])


async def test_the_whole_kit_reports_that_unpacking_conforms() -> None:
    report = await conform(WRITES["extract_zip"])

    assert report.conforms, str(report)
    assert set(report.skipped) == {"a_read_changes_nothing"}
