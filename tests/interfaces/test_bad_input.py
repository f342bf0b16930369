"""Bad input through the real command line: told in four lines, with the exit code, and nothing is changed or lost."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.interfaces.conftest import Cli, Said

LINES = {"happened", "changed", "next", "you"}
STRANGE_TOOL = '''
"""A tool of somebody clumsy."""
import math

from doer import Change, Key, Receipt, Undone, Verified, tool


@tool(name="odd.do", effect="write", once=True, examples=["odd {what}"])
def odd(what: str, key: Key) -> dict:
    """Do something odd."""
    return {"ok": True}


@odd.preview
def _(what):
    match what:
        case "raises":
            raise ValueError("[red]in preview[/] \\x1b[31m")
        case "number":
            return 42
        case "nan":
            return Change("odd:1", None, {"value": math.nan})
        case "bytes":
            return Change("odd:1", None, {"value": b"1"})
    return Change("odd:1", None, {"what": what})


@odd.verify
def _(intent, receipt=None):
    if intent.arguments["what"] == "unreadable":
        return True
    return Verified(receipt or Receipt({"ok": True}), "seen")


@odd.undo
def _(receipt):
    return Undone()
'''
STEP = '[[step]]\nid = "{id}"\ntool = "{tool}"\nwhy = "w"\narguments = {{ path = "{path}", text = "{text}" }}\n'
SKILL = 'name = "frob"\ndescription = "Frobnicate"\nexamples = ["frobnicate the thing"]\n'


@pytest.fixture
def place(cli: Cli, tmp_path: Path) -> Path:
    """A fresh workspace, and the current directory in it."""
    assert cli("init").code == 0
    return tmp_path


def _told(said: Said, code: int) -> dict[str, str]:
    assert said.code == code, said.out + said.err
    assert "Traceback" not in said.out + said.err
    assert said.account.keys() == LINES
    assert "a bug in doer" not in said.account["happened"]
    return said.account


@pytest.mark.parametrize(
    ("character", "called"),
    [("\x1b", "U+001B"), ("\x00", "U+0000"), ("\u202e", "RIGHT-TO-LEFT OVERRIDE"), ("\u200b", "ZERO WIDTH SPACE")],
)
def test_a_character_that_could_hide_what_is_meant_is_named_and_refused(
    cli: Cli, place: Path, character: str, called: str
) -> None:
    account = _told(cli("do", "--yes", f'write "a{character}b" to note.txt'), 1)

    assert called in account["happened"]
    assert account["changed"] == "nothing"
    assert not (place / "note.txt").exists()


def test_escapes_in_a_files_name_are_shown_and_never_sent(cli: Cli, place: Path) -> None:
    (place / "fi\x1b[31mle\u202ex[red].txt").write_text("x")

    said = cli("do", "list files")

    assert said.code == 0
    assert "fi\\e[31mle\\u{202e}x[red].txt" in said.out
    assert "\x1b[31m" not in said.out


@pytest.mark.parametrize("path", ["../out.txt", "/tmp/out.txt", ".doer/journal.db", "doer.toml"])
def test_what_is_out_of_reach_is_refused_before_anything_is_asked(cli: Cli, place: Path, path: str) -> None:
    before = (place / "doer.toml").read_bytes()

    account = _told(cli("do", "--yes", f'write "x" to {path}'), 1)

    assert "— in files" in account["happened"]
    assert (account["changed"], (place / "doer.toml").read_bytes()) == ("nothing", before)


@pytest.mark.parametrize(
    "arguments",
    [
        ("show",), ("show", "nosuch"), ("approve", "nosuch"), ("undo", "nosuch"), ("answer", "nosuch"), ("do",),
        ("do", ""), ("do", "--bogus", "x"), ("bogus",), ("runs", "--bogus"), ("tools", "show", "nosuch"),
        ("audit", "verify", "--against", "x"), ("audit", "report", "nosuch"), ("watch", "nosuch"),
    ],
)  # fmt: skip
def test_every_misuse_is_one_json_document_with_the_four_lines(
    cli: Cli, place: Path, arguments: tuple[str, ...]
) -> None:
    said = cli("--json", *arguments)

    assert said.code == 2
    assert said.json["exit"] == 2
    assert said.json["error"].keys() == {"kind", "happened", "changed", "next", "command"}


@pytest.mark.parametrize("word", ["approve", "refuse", "cancel"])
def test_a_word_to_a_run_that_has_ended_changes_nothing(cli: Cli, place: Path, word: str) -> None:
    run = cli("do", "--yes", "--json", 'write "x" to a.txt').json["run"]

    assert "has ended (done)" in _told(cli(word, run), 2)["happened"]
    assert "has asked nothing" in _told(cli("answer", run, "x"), 2)["happened"]
    assert cli("show", run, "--json").json["status"] == "done"
    assert (place / "a.txt").read_text() == "x"


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ('[connections.x]\nkind = "databse"\n', "did you mean 'database'?"),
        ('[connections.x]\nkind = "database"\nulr = "sqlite:///x"\n', "did you mean 'url'?"),
        ("[conections.x]\n", "did you mean 'connections'?"),
        ("garbage =\n", "not TOML"),
        ('[connections."we ird"]\nkind = "files"\n', "cannot be called"),
    ],
)
def test_a_wrong_setting_is_told_with_its_line_before_anything_runs(
    cli: Cli, place: Path, wrong: str, told: str
) -> None:
    settings = place / "doer.toml"
    settings.write_text(settings.read_text() + wrong)

    account = _told(cli("do", "--yes", "list files"), 2)

    assert "line " in account["happened"]
    assert told in cli("do", "--yes", "list files").out
    assert account["you"] == "doer doctor  # once the file is corrected"


@pytest.mark.parametrize(
    ("skill", "told"),
    [
        ("garbage =", "cannot be read as a skill"),
        ('name = "frob"\n', "needs a description"),
        (SKILL + STEP.format(id="x", tool="files.write", path="a", text="$nosuch"), "$nosuch, which is not there"),
        (SKILL + STEP.format(id="x", tool="files.write", path="a", text="t") * 2, "two steps are called 'x'"),
        (
            SKILL + STEP.format(id="x", tool="files.write", path="a", text="t").replace('"a"', "5"),
            "5 is not of type 'string'",
        ),
        (SKILL + '[slots.z]\ntype = "txet"\nquestion = "q"\n', "did you mean 'text'?"),
    ],
)
def test_a_broken_skill_is_told_with_its_file(cli: Cli, place: Path, skill: str, told: str) -> None:
    (place / "skills" / "frob.toml").write_text(skill)

    account = _told(cli("do", "--yes", "frobnicate the thing"), 2)

    assert told in account["happened"]
    assert "skills/frob.toml" in account["happened"]


def test_a_skill_whose_steps_wait_for_each_other_is_no_plan(cli: Cli, place: Path) -> None:
    steps = STEP.format(id="x", tool="files.write", path="a", text="{y.path}") + STEP.format(
        id="y", tool="files.write", path="b", text="{x.path}"
    )
    (place / "skills" / "frob.toml").write_text(SKILL + steps)

    assert "the steps wait for each other: " in _told(cli("do", "--yes", "frobnicate the thing"), 1)["happened"]
    assert not (place / "a").exists()


def test_a_skill_of_an_unknown_tool_names_what_is_missing(cli: Cli, place: Path) -> None:
    (place / "skills" / "frob.toml").write_text(SKILL + STEP.format(id="x", tool="files.nosuch", path="a", text="t"))

    account = _told(cli("do", "--yes", "frobnicate the thing"), 1)

    assert "files.nosuch" in account["happened"]
    assert account["changed"] == "nothing"


@pytest.mark.parametrize("edit", [
    "UPDATE events SET at = 'rubbish' WHERE seq = 1",
    "UPDATE events SET body = '{garbage' WHERE seq = 2",
    "UPDATE events SET hash = x'00' WHERE seq = 2",
    "UPDATE events SET payload = x'7b7d' WHERE seq = 1",
    "DELETE FROM events WHERE seq = 4",
])  # fmt: skip
def test_a_journal_edited_by_hand_is_shown_as_nothing_else_and_drives_nothing(cli: Cli, place: Path, edit: str) -> None:
    run = cli("do", "--yes", "--json", 'write "x" to a.txt').json["run"]
    with closing(sqlite3.connect(place / ".doer" / "journal.db")) as journal, journal:
        journal.execute(edit)

    assert cli("audit", "verify", "--json").code == 4
    for command in (("show", run), ("undo", run, "--yes"), ("answer", run, "x"), ("approve", run)):
        assert _told(cli(*command), 4)["changed"] == "nothing by this command"
    assert (place / "a.txt").read_text() == "x"


@pytest.mark.parametrize("rubbish", [b"hello", b"SQLite format 3\x00" + b"\xff" * 8000])
def test_a_file_that_is_no_journal_is_told_and_left_as_it_is(cli: Cli, place: Path, rubbish: bytes) -> None:
    journal = place / ".doer" / "journal.db"
    journal.write_bytes(rubbish)

    for command in (("audit", "verify"), ("runs",), ("do", "--yes", 'write "x" to a.txt')):
        assert "not a whole journal" in _told(cli(*command), 4)["happened"]
    assert journal.read_bytes() == rubbish
    assert not (place / "a.txt").exists()


@pytest.fixture
def odd(place: Path) -> Path:
    """The workspace with a tool that returns rubbish."""
    (place / "oddtool.py").write_text(STRANGE_TOOL)
    settings = place / "doer.toml"
    settings.write_text(settings.read_text() + '\n[tools]\nmodules = ["oddtool"]\n')
    return place


@pytest.mark.parametrize(
    ("what", "told"),
    [("raises", "ValueError: [red]in preview[/] \\e[31m"), ("number", "returned 42"), ("nan", "not JSON"), ("bytes", "not JSON")],
)  # fmt: skip
def test_a_preview_that_returns_rubbish_stops_the_run_before_it_starts(
    cli: Cli, odd: Path, what: str, told: str
) -> None:
    account = _told(cli("do", "--yes", f'odd "{what}"'), 1)

    assert told in account["happened"]
    assert account["changed"] == "nothing"


def test_a_verify_that_returns_rubbish_proves_nothing(cli: Cli, odd: Path) -> None:
    assert "not all of it could be proved" in _told(cli("do", "--yes", 'odd "unreadable"'), 5)["happened"]
