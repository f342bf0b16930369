"""Every table tool keeps every promise of the four verbs, on real files, as read by csv, json and openpyxl."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import openpyxl
import pytest
from tests.connectors.files_case import MemoryPayloads
from tests.connectors.workspace_case import workspace_case

from doer.connectors.tools.tables import table_tools
from doer.domain.ports import Tool
from doer.domain.value import JsonObject
from doer.testing.conformance import Make, check, check_names, conform

CSV = 'name,team,note\r\n"Ada",platform,"likes ""tea"""\r\nBob,infra,\r\n'
JSON = '[\n  {"name": "Ada", "age": 36},\n  {"name": "Bob", "age": 41}\n]\n'
LINES = '{"name": "Ada"}\n{"name": "Bob"}\n'


def furnish(root: Path) -> None:
    (root / "p.csv").write_bytes(CSV.encode())
    (root / "p.json").write_text(JSON)
    (root / "p.jsonl").write_text(LINES)
    (root / "big.csv").write_text("id,name\n" + "".join(f"{n},name {n}\n" for n in range(3000)))
    book = openpyxl.Workbook()
    for row in (["name"], ["Ada"]):
        book.worksheets[0].append(row)
    book.save(root / "p.xlsx")


def named(name: str) -> Callable[[Path], Tool]:
    def make(root: Path) -> Tool:
        return next(
            each for each in table_tools(root, MemoryPayloads(), name="docs") if each.manifest.name == f"docs.{name}"
        )

    return make


def case(name: str, path: str, arguments: JsonObject) -> Make:
    def edit(root: Path) -> None:
        with (root / path).open("a") as opened:
            opened.write(" ")

    return workspace_case(furnish, named(name), {"path": path, **arguments}, edit, lambda root: (root / path).unlink())


WRITES: Mapping[str, Make] = {
    "add_csv": case("add_row", "p.csv", {"values": ["name=Eve", "team=platform"]}),
    "add_large_csv": case("add_row", "big.csv", {"values": ["id=x", "name=new"]}),
    "add_json": case("add_row", "p.json", {"values": ["name=Eve", "age=9"]}),
    "add_jsonl": case("add_row", "p.jsonl", {"values": ["name Eve"]}),
    "change_csv": case("change_row", "p.csv", {"row": "Ada", "column": "team", "value": "infra"}),
    "change_json": case("change_row", "p.json", {"row": "Bob", "column": "age", "value": "42"}),
    "remove_csv": case("remove_row", "p.csv", {"row": "Bob"}),
    "sort_csv": case("sort_rows", "p.csv", {"column": "name", "descending": True}),
    "remove_json": case("remove_row", "p.json", {"row": "36", "key_column": "age"}),
    "remove_jsonl": case("remove_row", "p.jsonl", {"row": "Ada"}),
}
READS: Mapping[str, Make] = {
    "read_csv": case("read_rows", "p.csv", {"column": "team", "value": "infra"}),
    "read_in_order": case("read_rows", "p.csv", {"order": [{"column": "name", "descending": True}]}),
    "read_xlsx": case("read_rows", "p.xlsx", {}),
    "total": case("total", "p.json", {"added": "age"}),
    "count_json": case("count_rows", "p.json", {"where": [{"column": "age", "op": "less", "value": 40}]}),
}


@pytest.mark.parametrize("name", check_names("write"))
@pytest.mark.parametrize("tool", WRITES)
async def test_a_table_tool_keeps_its_promise(tool: str, name: str) -> None:
    await check(name, WRITES[tool])


@pytest.mark.parametrize("name", check_names("read"))
@pytest.mark.parametrize("tool", READS)
async def test_a_reading_of_a_table_keeps_its_promise(tool: str, name: str) -> None:
    await check(name, READS[tool])


async def test_the_whole_kit_reports_that_changing_a_row_conforms() -> None:
    report = await conform(WRITES["change_csv"])

    assert report.conforms, str(report)
    assert set(report.skipped) == {"a_read_changes_nothing"}
