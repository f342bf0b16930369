"""Rows of CSV and JSON files are written byte for byte; rows of all tables are read by a typed filter."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.connectors.files_case import MemoryPayloads
from tests.connectors.workspace_case import done

from doer.connectors.tools.tables import table_tools
from doer.connectors.tools.tables.csv_table import read_csv
from doer.connectors.tools.tables.encoding import decoded
from doer.domain.errors import Permanent
from doer.domain.outcome import Conflict, Undone, Verified
from doer.domain.ports import Tool
from doer.domain.value import Hole, JsonObject, Key


def named(name: str, root: Path, payloads: MemoryPayloads | None = None) -> Tool:
    tools = table_tools(root, payloads or MemoryPayloads())
    return next(each for each in tools if each.manifest.name == f"files.{name}")


async def read(root: Path, path: str, **arguments: Any) -> Any:
    return (await named("read_rows", root).apply({"path": path, **arguments}, Key("k"), ())).result


async def names(root: Path, path: str, **arguments: Any) -> list[Any]:
    return [row["name"] for row in (await read(root, path, **arguments))["rows"]]


async def write(tool: str, root: Path, path: str, **arguments: Any) -> None:
    await done(named(tool, root), {"path": path, **arguments})


async def refusal(tool: str, root: Path, path: str, **arguments: Any) -> str:
    with pytest.raises(Permanent) as refused:
        await named(tool, root).preview({"path": path, **arguments}, ())
    return str(refused.value)


async def unreadable(root: Path, path: str, **arguments: Any) -> str:
    with pytest.raises(Permanent) as refused:
        await read(root, path, **arguments)
    return str(refused.value)


# --- CSV is written byte for byte -------------------------------------------------------------------------------------

ADD = {"values": ["name=Eve", "team=x"]}
EDITS: Mapping[str, tuple[str, Mapping[str, Any], bytes, bytes]] = {
    "windows_line_ends": ("add_row", ADD, b"name,team\r\nAda,p\r\n", b"name,team\r\nAda,p\r\nEve,x\r\n"),
    "no_newline_at_end": ("add_row", ADD, b"name,team\nAda,p", b"name,team\nAda,p\nEve,x"),
    "only_a_header": ("add_row", ADD, b"name,team", b"name,team\nEve,x"),
    "semicolons": ("add_row", ADD, b"name;team\nAda;1,5\n", b"name;team\nAda;1,5\nEve;x\n"),
    "tabs": ("add_row", ADD, b"name\tteam\nAda\tp\n", b"name\tteam\nAda\tp\nEve\tx\n"),
    "all_in_quotes": ("add_row", ADD, b'"name","team"\n"Ada","p"\n', b'"name","team"\n"Ada","p"\n"Eve","x"\n'),
    "byte_order_mark": ("add_row", ADD, b"\xef\xbb\xbfname,team\nA,p\n", b"\xef\xbb\xbfname,team\nA,p\nEve,x\n"),
    "utf16": (
        "add_row",
        ADD,
        b"\xff\xfe" + "name,team\nÄda,p\n".encode("utf-16-le"),
        b"\xff\xfe" + "name,team\nÄda,p\nEve,x\n".encode("utf-16-le"),
    ),
    "blank_lines_at_end": ("add_row", ADD, b"name,team\nAda,p\n\n\n", b"name,team\nAda,p\nEve,x\n\n\n"),
    "needs_quotes": ("add_row", {"values": ['name=a,"b']}, b"name,team\nA,p\n", b'name,team\nA,p\n"a,""b",\n'),
    "one_column_empty_value": ("add_row", {"values": ["name="]}, b"name\nA\n", b'name\nA\n""\n'),
    "change_keeps_odd_quotes": (
        "change_row",
        {"row": "Ada", "column": "team", "value": "q"},
        b'name,team,more\n"Ada", p ,"x"\nBob,"p",\n',
        b'name,team,more\n"Ada",q,"x"\nBob,"p",\n',
    ),
    "change_of_a_quoted_cell": (
        "change_row",
        {"row": "Bob", "column": "Team", "value": "q", "also": ["more=1;2"]},
        b'name,team,more\nAda,p,\nBob,"p",\n',
        b'name,team,more\nAda,p,\nBob,"q",1;2\n',
    ),
    "change_beside_a_line_break_in_a_cell": (
        "change_row",
        {"row": "Bob", "column": "team", "value": "q"},
        b'name,team\n"A\r\nda",p\r\nBob,p\n',
        b'name,team\n"A\r\nda",p\r\nBob,q\n',
    ),
    "remove_first": ("remove_row", {"row": "Ada"}, b"name,team\nAda,p\nBob,q\n", b"name,team\nBob,q\n"),
    "remove_last_without_newline": ("remove_row", {"row": "Bob"}, b"name,team\nAda,p\nBob,q", b"name,team\nAda,p"),
    "remove_the_only_one": ("remove_row", {"row": "Ada"}, b"name,team\nAda,p", b"name,team"),
    "a_quote_inside_a_plain_cell": ("add_row", ADD, b'name,team\n5" disk,p\n', b'name,team\n5" disk,p\nEve,x\n'),
}


@pytest.mark.parametrize("name", EDITS)
async def test_an_edit_of_a_csv_touches_the_bytes_of_its_own_row_only(name: str, tmp_path: Path) -> None:
    tool, arguments, before, after = EDITS[name]
    (tmp_path / "p.csv").write_bytes(before)

    await write(tool, tmp_path, "p.csv", **arguments)

    assert (tmp_path / "p.csv").read_bytes() == after


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6)


@given(
    rows=st.lists(st.tuples(CELLS, CELLS), max_size=4), added=st.tuples(CELLS, CELLS), quoting=st.sampled_from([0, 1])
)
def test_any_cell_is_written_so_that_the_csv_module_reads_it_back(
    rows: Sequence[tuple[str, str]], added: tuple[str, str], quoting: Any
) -> None:
    made = io.StringIO(newline="")
    csv.writer(made, quoting=quoting).writerows([("one", "two"), *rows])
    table = read_csv(decoded(made.getvalue().encode()))

    more = table.added({"one": added[0], "two": added[1]})
    changed = read_csv(decoded(more)).changed(len(rows), {"one": added[1], "two": added[0]})
    less = read_csv(decoded(changed)).removed(len(rows))

    assert _seen(more) == [["one", "two"], *map(list, rows), list(added)]
    assert _seen(changed) == [["one", "two"], *map(list, rows), [added[1], added[0]]]
    assert less == made.getvalue().encode()


def _seen(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode(), newline="")))


# --- JSON -------------------------------------------------------------------------------------------------------------

PRETTY = '[\n    {\n        "name": "Ada",\n        "age": 36,\n        "on": true\n    }\n]\n'
JSON_EDITS: Mapping[str, tuple[str, str, Mapping[str, Any], str, str]] = {
    "indented": (
        "p.json",
        "add_row",
        {"values": ["name=Eve", "age=1.50", "on=False"]},
        PRETTY,
        PRETTY.removesuffix("\n]\n")
        + ',\n    {\n        "name": "Eve",\n        "age": 1.50,\n        "on": false\n    }\n]\n',
    ),
    "compact": ("p.json", "add_row", {"values": ["a=x"]}, '[{"a":"y"},{"a":"z"}]', '[{"a":"y"},{"a":"z"},{"a":"x"}]'),
    "empty_array": ("p.json", "add_row", {"values": ["any name=x"]}, "[]\n", '[{"any name": "x"}]\n'),
    "change": (
        "p.json",
        "change_row",
        {"row": "Ada", "column": "age", "value": "37"},
        PRETTY,
        PRETTY.replace("36", "37"),
    ),
    "change_sets_a_key_that_was_not_there": (
        "p.json",
        "change_row",
        {"row": "B", "column": "t", "value": "q"},
        '[{"n": "A", "t": "p"}, {"n": "B"}]',
        '[{"n": "A", "t": "p"}, {"n": "B", "t": "q"}]',
    ),
    "remove_first": ("p.json", "remove_row", {"row": "A"}, '[{"n": "A"}, {"n": "B"}]', '[{"n": "B"}]'),
    "remove_last": ("p.json", "remove_row", {"row": "B"}, '[{"n": "A"}, {"n": "B"}]\n', '[{"n": "A"}]\n'),
    "remove_only": ("p.json", "remove_row", {"row": "A"}, '[\n  {"n": "A"}\n]', "[]"),
    "lines_add": (
        "p.jsonl",
        "add_row",
        {"values": ["n=C"]},
        '{"n":"A"}\n{"n":"B"}\n',
        '{"n":"A"}\n{"n":"B"}\n{"n":"C"}\n',
    ),
    "lines_add_without_newline": ("p.jsonl", "add_row", {"values": ["n=C"]}, '{"n":"A"}', '{"n":"A"}\n{"n":"C"}'),
    "lines_remove_last": ("p.ndjson", "remove_row", {"row": "B"}, '{"n":"A"}\n{"n":"B"}', '{"n":"A"}'),
    "lines_remove_first": ("p.ndjson", "remove_row", {"row": "A"}, '{"n":"A"}\r\n{"n":"B"}\r\n', '{"n":"B"}\r\n'),
    "big_numbers_elsewhere_stay": (
        "p.json",
        "change_row",
        {"row": "A", "column": "n", "value": "C"},
        '[{"n": "A", "x": 1.0000000000000000001e2, "y": 123456789012345678901234567890, "z": "\\u00e9"}]',
        '[{"n": "C", "x": 1.0000000000000000001e2, "y": 123456789012345678901234567890, "z": "\\u00e9"}]',
    ),
}


@pytest.mark.parametrize("name", JSON_EDITS)
async def test_an_edit_of_json_touches_the_text_of_its_own_row_only(name: str, tmp_path: Path) -> None:
    path, tool, arguments, before, after = JSON_EDITS[name]
    (tmp_path / path).write_bytes(before.encode())

    await write(tool, tmp_path, path, **arguments)

    assert (tmp_path / path).read_bytes().decode() == after
    for part in [after] if path == "p.json" else after.splitlines():
        json.loads(part)


async def test_a_number_column_of_json_takes_numbers_only(tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text(PRETTY)

    told = await refusal("change_row", tmp_path, "p.json", row="Ada", column="age", value="old")

    assert "age holds numbers" in told


# --- undo, verify, and what a person sees ------------------------------------------------------------------------------


async def test_undo_gives_every_byte_back_and_a_foreign_edit_of_another_row_is_a_conflict(tmp_path: Path) -> None:
    file = tmp_path / "p.csv"
    file.write_bytes(b"\xef\xbb\xbfname;team\r\nAda;p\r\nBob;q")
    before, payloads = file.read_bytes(), MemoryPayloads()
    tool = named("change_row", tmp_path, payloads)
    arguments = {"path": "p.csv", "row": "Ada", "column": "team", "value": "z"}
    intent, receipt = await done(tool, arguments)
    assert isinstance(await tool.verify(intent, receipt), Verified)
    assert isinstance(await tool.undo(receipt), Undone)
    assert file.read_bytes() == before

    _, receipt = await done(tool, arguments, "k2")
    file.write_bytes(file.read_bytes().replace(b"Bob", b"Rob"))

    assert isinstance(await tool.undo(receipt), Conflict)
    assert b"Rob" in file.read_bytes()


async def test_the_preview_names_the_row_and_both_values_even_of_a_large_file(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("id,team\n" + "".join(f"u{n},t\n" for n in range(9000)))

    preview = await named("change_row", tmp_path).preview(
        {"path": "p.csv", "row": "u7000", "column": "team", "value": "=1+2"}, ()
    )

    assert "row 7001 (id u7000, team t): team t → =1+2" in preview.note
    assert "formula" in preview.note
    assert len(preview.changes) == 1


async def test_a_value_that_looks_like_a_formula_is_written_as_given(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("name,team\nAda,p\n")

    await write("add_row", tmp_path, "p.csv", values=["name==cmd|' /C calc'!A0"])

    assert list(csv.reader(io.StringIO((tmp_path / "p.csv").read_text())))[-1] == ["=cmd|' /C calc'!A0", ""]


async def test_a_row_written_in_the_same_plan_before_is_seen(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("name,team\nAda,p\n")
    first = await named("add_row", tmp_path).preview({"path": "p.csv", "values": ["name=Eve"]}, ())

    then = await named("change_row", tmp_path).preview(
        {"path": "p.csv", "row": "Eve", "column": "team", "value": "x"}, first.changes
    )

    assert then.changes[0].after == {"kind": "file", "text": "name,team\nAda,p\nEve,x\n"}


async def test_a_row_known_only_later_is_not_foreseeable(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("name\nAda\n")

    preview = await named("remove_row", tmp_path).preview({"path": "p.csv", "row": Hole.of("name of s1")}, ())

    assert not preview.foreseeable


# --- which row, which column ------------------------------------------------------------------------------------------


async def test_two_rows_with_the_value_are_none_and_the_message_says_where_they_are(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("name,lead\nAda,Bob\nBob,Cy\n")

    told = await refusal("remove_row", tmp_path, "p.csv", row="Bob")

    assert "2 rows" in told
    assert "row 1 in lead, row 2 in name" in told
    await write("remove_row", tmp_path, "p.csv", row="Bob", key_column="name")
    assert (tmp_path / "p.csv").read_text() == "name,lead\nAda,Bob\n"


async def test_an_id_with_leading_zeros_is_no_number(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("id,name\n007,James\n7,Seven\n7.0,Point\n")

    assert await names(tmp_path, "p.csv", column="id", value="007") == ["James"]
    assert await names(tmp_path, "p.csv", column="id", value="7") == ["Seven", "Point"]


@pytest.mark.parametrize("cell", ["team=x y", "Team: x y", "TEAM  x y", "team =x y"])
async def test_a_cell_can_be_said_in_several_ways(cell: str, tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("name,team\nAda,p\n")

    await write("add_row", tmp_path, "p.csv", values=["name=Eve", cell])

    assert (tmp_path / "p.csv").read_text().endswith("Eve,x y\n")


async def test_a_column_that_is_not_there_is_refused_with_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("name,team\nAda,p\n")

    assert "did you mean 'team'?" in await refusal("add_row", tmp_path, "p.csv", values=["taem=x"])
    assert "did you mean 'name'?" in await unreadable(tmp_path, "p.csv", columns=["nam"])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\n\n", "only blank lines"),
        (b"a,b\n1,2,3\n", "line 2 has 3 cells, and the first row names 2"),
        (b'a,b\n"1\n2",2\n3\n', "line 4 has 1 cells"),
        (b"a,a\n1,2\n", "two columns are called 'a'"),
        (b"a,\n1,2\n", "column 2 has no name"),
        (b'a,b\n"1,2\n', "line 2 has a quote that is never closed"),
        (b'a,b\n"1"x,2\n', "line 2 has text beside a quoted cell"),
        (b"a\0b", "zero bytes"),
        (b"\xff\xfea", "neither UTF-8 nor UTF-16"),
    ],
)
async def test_what_is_no_table_is_refused_with_its_place(content: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_bytes(content)

    assert said in await unreadable(tmp_path, "p.csv")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "empty"),
        ('{"a": 1}', "no array"),
        ("[1]", "item 1 is no object"),
        ('[{"a": 1} {"a": 2}]', "neither a comma"),
        ('[{"a": 1}] x', "follows the end"),
        ('[{"a": 1, "a": 2}]', "twice"),
        ('[{"a": NaN}]', "NaN"),
        ('[{"a": 1},]', "item 2 is not JSON"),
        ("[" * 100_000, "item 1"),
    ],
)
async def test_json_that_is_no_table_is_refused_with_its_place(content: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text(content)

    assert said in await unreadable(tmp_path, "p.json")


async def test_windows_text_is_read_and_said_to_be_a_guess_but_not_written(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_bytes("name\nJosé\n".encode("cp1252"))

    found = await read(tmp_path, "p.csv")

    assert (found["rows"], found["read_as"]) == ([{"name": "José"}], "CSV with commas, Windows-1252")
    assert "nothing is written by a guess" in await refusal("add_row", tmp_path, "p.csv", values=["name=x"])


async def test_more_rows_than_are_read_are_refused(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("a\n" + "1\n" * 200_001)

    assert "more than 200,000 rows" in await unreadable(tmp_path, "p.csv")


async def test_a_protected_file_is_out_of_reach(tmp_path: Path) -> None:
    (tmp_path / ".doer").mkdir()
    (tmp_path / ".doer" / "p.csv").write_text("a\n1\n")

    assert "out of reach" in await unreadable(tmp_path, ".doer/p.csv")
    assert "out of reach" in await refusal("add_row", tmp_path, ".doer/p.csv", values=["a=2"])


# --- the filter -------------------------------------------------------------------------------------------------------

ORDERS = """name,amount,day,paid,note
a,10.0,2026-01-05,true,
b,9,2026-01-06T10:00:00,FALSE,late
c,100,2026-02-01,false,Late too
d,,,,n/a
"""
FILTERS: Sequence[tuple[str, str, Any, list[str]]] = [
    ("amount", "equals", "10", ["a"]),
    ("amount", "greater", 9, ["a", "c"]),
    ("amount", "less", "100", ["a", "b"]),
    ("amount", "in", [9, "100.00"], ["b", "c"]),
    ("amount", "differs", 9, ["a", "c", "d"]),
    ("amount", "is_null", None, ["d"]),
    ("amount", "is_null", False, ["a", "b", "c"]),
    ("day", "equals", "2026-01-06", ["b"]),
    ("day", "less", "2026-02-01", ["a", "b"]),
    ("day", "greater", "2026-01-05", ["b", "c"]),
    ("paid", "equals", False, ["b", "c"]),
    ("note", "contains", "late", ["b", "c"]),
]


@pytest.mark.parametrize(("column", "op", "value", "expected"), FILTERS)
async def test_cells_are_compared_by_what_they_mean(
    column: str, op: str, value: Any, expected: list[str], tmp_path: Path
) -> None:
    (tmp_path / "o.csv").write_text(ORDERS)

    assert await names(tmp_path, "o.csv", where=[{"column": column, "op": op, "value": value}]) == expected


async def test_rows_that_cannot_be_compared_are_counted_apart(tmp_path: Path) -> None:
    (tmp_path / "o.csv").write_text("name,amount\na,10\nb,n/a\n")
    arguments: Any = {"path": "o.csv", "where": [{"column": "amount", "op": "greater", "value": 5}]}

    found = (await named("count_rows", tmp_path).apply(arguments, Key("k"), ())).result

    assert found == {"count": 1, "not_compared": 1, "read_as": "CSV with commas, UTF-8"}


SPENT = "date,what,amount\n2026-11-10,Train,59.90\n2026-11-12,Coffee,24.00\n2026-11-17,Paper,\n"


async def added(root: Path, content: str, **arguments: Any) -> Any:
    (root / "expenses.csv").write_text(content)
    return (await named("total", root).apply({"path": "expenses.csv", **arguments}, Key("k"), ())).result


@pytest.mark.parametrize("told", [{}, {"added": "amount"}, {"added": "Amount"}, {"added": "expenses"}])
async def test_a_column_is_added_up_exactly_and_empty_cells_are_no_numbers(told: JsonObject, tmp_path: Path) -> None:
    found = await added(tmp_path, SPENT, **told)

    assert (found["total"], found["count"], found["column"]) == ("83.90", 2, "amount")


async def test_only_the_rows_that_were_asked_for_are_added_up(tmp_path: Path) -> None:
    where = [{"column": "date", "op": "less", "value": "2026-11-12"}]

    assert (await added(tmp_path, SPENT, where=where))["total"] == "59.90"


@pytest.mark.parametrize(
    ("content", "told", "said"),
    [
        (SPENT, {"added": "what"}, "'Train' in what, which is no number"),
        (SPENT, {"added": "price"}, "there is no column 'price'"),
        ("a,b\n1,2\n", {}, "a and b can be added up"),
        ("a,b\nx,y\n", {}, "none can be added up"),
        (
            "what,amount\nTrain,59.90\nCoffee,24 EUR\n",
            {"added": "amount"},
            "row 2 of those that were found has '24 EUR'",
        ),
    ],
)
async def test_what_cannot_be_added_up_is_refused_and_nothing_is_left_out(
    content: str, told: JsonObject, said: str, tmp_path: Path
) -> None:
    with pytest.raises(Permanent, match=re.escape(said)):
        await added(tmp_path, content, **told)


async def test_values_without_a_column_go_where_their_kind_alone_is(tmp_path: Path) -> None:
    (tmp_path / "expenses.csv").write_text(SPENT)

    await write("add_row", tmp_path, "expenses.csv", values=["18.40", "2026-11-19", "Taxi to town"])

    assert (tmp_path / "expenses.csv").read_text() == f"{SPENT}2026-11-19,Taxi to town,18.40\n"


@pytest.mark.parametrize(
    ("content", "value", "said"),
    [
        ("name,team\nEve,x\n", "Ada", "name and team may hold it"),
        ("what,amount\nTea,4\n", "2026-11-19", "no column may hold it"),
        ("what,amount\n", "4.20", "does not begin with a column's name"),
    ],
)
async def test_a_value_that_may_stand_in_two_columns_or_in_none_is_refused(
    content: str, value: str, said: str, tmp_path: Path
) -> None:
    (tmp_path / "t.csv").write_text(content)

    assert said in await refusal("add_row", tmp_path, "t.csv", values=[value])


async def test_a_filter_can_be_said_by_a_column_and_its_value(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("name,team\nAda,the core\nBob,infra\n")

    assert await names(tmp_path, "p.csv", column="team", value="the core") == ["Ada"]
    assert await names(tmp_path, "p.csv", column="team the core") == ["Ada"]


async def test_rows_are_cut_at_the_limit_and_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("name,n\n" + "".join(f"x,{n}\n" for n in range(150)))

    found = await read(tmp_path, "p.csv", columns=["n"], limit=2)

    assert (found["rows"], found["count"], found["more"]) == ([{"n": "0"}, {"n": "1"}], 150, True)


# --- workbooks --------------------------------------------------------------------------------------------------------


async def test_a_workbook_is_read_with_its_types(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.create_sheet("People", 0)
    for row in (
        ["name", "born", "seen", "pay", "on"],
        ["Ada", date(1815, 12, 10), datetime.fromisoformat("2026-01-02T03:04"), 1.5, True],
    ):
        sheet.append(row)
    sheet.append([])
    sheet.append(["Bob"])
    book.create_sheet("Other").append(["x"])
    book.save(tmp_path / "p.xlsx")

    found = await read(tmp_path, "p.xlsx")

    assert found["read_as"] == "the sheet People of a workbook"
    assert found["rows"] == [
        {"name": "Ada", "born": "1815-12-10", "seen": "2026-01-02T03:04:00", "pay": 1.5, "on": True},
        {"name": "Bob", "born": None, "seen": None, "pay": None, "on": None},
    ]
    assert (await read(tmp_path, "p.xlsx", sheet="other"))["count"] == 0
    assert "no sheet 'Oher'; did you mean 'Other'?" in await unreadable(tmp_path, "p.xlsx", sheet="Oher")
    assert "only read here" in await refusal("add_row", tmp_path, "p.xlsx", values=["name=x"])


async def test_what_only_claims_to_be_a_workbook_is_refused(tmp_path: Path) -> None:
    (tmp_path / "p.xlsx").write_text("name,team")

    assert "no .xlsx workbook" in await unreadable(tmp_path, "p.xlsx")


async def test_a_file_whose_name_tells_no_kind_of_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("a,b\n1,2\n")
    (tmp_path / "old.xls").write_text("a")

    assert "its name does not say" in await unreadable(tmp_path, "notes.txt")
    assert "save it as .xlsx or .csv" in await unreadable(tmp_path, "old.xls")
