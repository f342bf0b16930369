"""Every file tool keeps every promise of the four verbs, on the real disk."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from tests.connectors.files_case import case

from doer.testing.conformance import Make, check, check_names, conform


def writes(path: str, text: str = "somebody else's") -> Callable[[Path], object]:
    return lambda root: (root / path).write_text(text)


def unlinks(path: str) -> Callable[[Path], object]:
    return lambda root: (root / path).unlink()


def rmdirs(path: str) -> Callable[[Path], object]:
    return lambda root: (root / path).rmdir()


def rmtrees(path: str) -> Callable[[Path], object]:
    return lambda root: shutil.rmtree(root / path)


def swaps_folder_for_file(path: str) -> Callable[[Path], object]:
    def edit(root: Path) -> None:
        (root / path).rmdir()
        (root / path).write_text("a file now")

    return edit


CASES: Mapping[str, Make] = {
    "create": case(
        "write", {"path": "notes/new.txt", "text": "hello"}, writes("notes/new.txt"), unlinks("notes/new.txt")
    ),
    "replace": case("write", {"path": "notes/a.txt", "text": "x\n"}, writes("notes/a.txt"), unlinks("notes/a.txt")),
    "replace_executable": case(
        "write", {"path": "notes/run.sh", "text": ":"}, writes("notes/run.sh"), unlinks("notes/run.sh")
    ),
    "replace_binary": case("write", {"path": "big.bin", "text": "small"}, writes("big.bin"), unlinks("big.bin")),
    "large": case("write", {"path": "l.txt", "text": "long line\n" * 5000}, writes("l.txt"), unlinks("l.txt")),
    "append": case(
        "append_line", {"path": "notes/a.txt", "line": "three"}, writes("notes/a.txt"), unlinks("notes/a.txt")
    ),
    "append_to_new": case("append_line", {"path": "log.txt", "line": ""}, writes("log.txt"), unlinks("log.txt")),
    "append_without_newline": case(
        "append_line", {"path": "notes/run.sh", "line": "é"}, writes("notes/run.sh"), unlinks("notes/run.sh")
    ),
    "replace_line": case(
        "replace_line",
        {"path": "notes/a.txt", "line": "two", "replacement": "2"},
        writes("notes/a.txt"),
        unlinks("notes/a.txt"),
    ),
    "replace_text": case(
        "replace_text",
        {"path": "notes/a.txt", "old": "two", "new": "2"},
        writes("notes/a.txt"),
        unlinks("notes/a.txt"),
    ),
    "tick_off": case("tick_off", {"path": "todo.md", "item": "pay"}, writes("todo.md"), unlinks("todo.md")),
    "move_file": case(
        "move", {"source": "big.bin", "target": "notes/b.bin"}, writes("notes/b.bin"), unlinks("notes/b.bin")
    ),
    "copy_file": case("copy", {"source": "notes/a.txt", "path": "b.txt"}, writes("b.txt"), unlinks("b.txt")),
    "copy_binary": case(
        "copy", {"source": "big.bin", "path": "notes/b.bin"}, writes("notes/b.bin"), unlinks("notes/b.bin")
    ),
    "move_folder": case("move", {"source": "notes", "target": "papers"}, writes("papers/a.txt"), rmtrees("papers")),
    "delete_file": case("delete", {"path": "notes/run.sh"}, writes("notes/run.sh"), rmtrees("notes")),
    "delete_binary": case("delete", {"path": "big.bin"}, writes("big.bin")),
    "delete_folder": case("delete", {"path": "empty"}, writes("empty")),
    "create_folder": case("create_folder", {"path": "hr"}, swaps_folder_for_file("hr"), rmdirs("hr")),
    "create_folders": case("create_folder", {"path": "hr/2026/q3"}, swaps_folder_for_file("hr/2026/q3"), rmtrees("hr")),
}

READS: Mapping[str, Make] = {
    "read": case("read", {"path": "notes/a.txt"}, writes("notes/a.txt"), unlinks("notes/a.txt")),
    "read_binary": case("read", {"path": "big.bin"}, writes("notes/a.txt"), unlinks("notes/a.txt")),
    "list": case("list", {"path": "notes"}, writes("notes/a.txt"), unlinks("notes/a.txt")),
    "list_top": case("list", {}, writes("notes/a.txt"), unlinks("notes/a.txt")),
    "find_files": case("find_files", {"kind": "txt"}, writes("notes/a.txt"), unlinks("notes/a.txt")),
}


@pytest.mark.parametrize("name", check_names("write"))
@pytest.mark.parametrize("tool", CASES)
async def test_a_file_tool_keeps_its_promise(tool: str, name: str) -> None:
    await check(name, CASES[tool])


@pytest.mark.parametrize("name", check_names("read"))
@pytest.mark.parametrize("tool", READS)
async def test_a_reading_keeps_its_promise(tool: str, name: str) -> None:
    await check(name, READS[tool])


async def test_the_whole_kit_reports_that_writing_conforms() -> None:
    report = await conform(CASES["replace"])

    assert report.conforms, str(report)
    assert set(report.skipped) == {"a_read_changes_nothing"}
