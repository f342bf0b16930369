"""Streams that are closed, full or left by their reader: a line at most, never a traceback, and nothing is lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.interfaces.conftest import Cli

DOER = "from doer.interfaces.cli import main; main()"
LOUD = '''
"""A tool that prints, and whose child prints."""
import subprocess

from doer import tool

print("loud while it is loaded")


@tool(name="loud.say", effect="read", examples=["shout {what}"])
def say(what: str) -> dict:
    """Shout."""
    print("loud while it works", flush=True)
    subprocess.run(["echo", "loud child"], check=True)
    return {"said": what}
'''


@pytest.fixture
def place(cli: Cli, tmp_path: Path) -> Path:
    assert cli("init").code == 0
    return tmp_path


def shell(folder: Path, words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `doer` in a shell, which closes, fills and cuts streams as the words say."""
    script = f'doer() {{ {sys.executable} -c "$DOER_MAIN" "$@"; }}; {words}'
    return subprocess.run(
        ["bash", "-c", script], cwd=folder, env=os.environ | {"DOER_MAIN": DOER} | environment,
        capture_output=True, text=True, encoding="utf-8", timeout=600, check=False,
    )  # fmt: skip


def latest(cli: Cli) -> str:
    return str(cli("runs", "--json").json["runs"][0]["status"])


def test_a_closed_standard_input_asks_nobody_and_stops_nothing(place: Path) -> None:
    said = shell(place, "doer do --yes 'list the files' <&-; doer do - <&-")

    assert "Traceback" not in said.stdout + said.stderr
    assert ".gitignore" in said.stdout
    assert "the goal is empty" in said.stdout


def test_a_reader_that_goes_away_leaves_the_run_driven_to_its_end(cli: Cli, place: Path) -> None:
    said = shell(
        place, "doer do --yes 'list the files' | true; echo ${PIPESTATUS[0]}; doer runs | true; echo ${PIPESTATUS[0]}"
    )

    assert (said.stdout, said.stderr) == ("0\n0\n", "")
    assert latest(cli) == "done"


@pytest.mark.parametrize(("to", "why"), [(">/dev/full", "No space left on device"), (">&-", "it is closed")])
def test_an_answer_that_cannot_be_written_is_one_line_and_the_work_is_done(
    cli: Cli, place: Path, to: str, why: str
) -> None:
    said = shell(place, f"doer do --yes 'list the files' {to}")

    [line] = said.stderr.splitlines()
    assert why in line
    assert "nothing else was lost: doer show " in line
    assert said.returncode == 0, "the work is done: whoever goes by the code must not do it again"
    assert latest(cli) == "done"


# Tables and documents are written by one hand and help pages by another: each meets both kinds of trouble.
@pytest.mark.parametrize(
    ("command", "to"), [("runs", ">/dev/full"), ("runs --json", ">&-"), ("--help", ">&-"), ("do --help", ">/dev/full")]
)
def test_what_only_looks_fails_with_one_line_when_it_cannot_tell(place: Path, command: str, to: str) -> None:
    said = shell(place, f"doer {command} {to}")

    assert said.returncode == 1
    assert len(said.stderr.splitlines()) == 1
    assert "could" in said.stderr


def test_an_error_is_told_on_the_other_stream_when_it_cannot_be_written(place: Path) -> None:
    said = shell(place, "doer show nosuch >/dev/full")

    assert said.returncode == 2
    assert "there is no run 'nosuch'" in said.stderr


def test_with_every_stream_closed_it_still_works(place: Path) -> None:
    assert shell(place, "doer do --yes 'write \"x\" to a.txt' <&- >&- 2>&-").returncode == 0
    assert (place / "a.txt").read_text() == "x"


def test_an_encoding_without_our_letters_loses_signs_and_nothing_else(place: Path) -> None:
    said = shell(
        place,
        "doer do --yes 'write \"ä\" to ä.txt'; doer runs; doer runs --json",
        LC_ALL="C.UTF-8",
        PYTHONIOENCODING="ascii",
    )

    assert said.returncode == 0
    assert "? done" in said.stdout
    assert "bug" not in said.stdout + said.stderr
    assert json.loads(said.stdout[said.stdout.index("{") :])["runs"][0]["goal"] == 'write "ä" to ä.txt'


def test_what_a_tool_prints_is_no_part_of_the_json_document(place: Path) -> None:
    (place / "loud.py").write_text(LOUD)
    settings = place / "doer.toml"
    settings.write_text(settings.read_text() + '\n[tools]\nmodules = ["loud"]\n')

    said = shell(place, "doer do --json 'shout \"hello\"'")

    assert json.loads(said.stdout)["results"] == {"say": {"said": "hello"}}
    assert "loud while it is loaded\n" in said.stderr
    assert "loud while it works\nloud child\n" in said.stderr


@pytest.mark.parametrize("group", ["audit", "chaos", "tools"])
def test_a_group_without_its_part_is_one_json_document_too(cli: Cli, place: Path, group: str) -> None:
    said = cli("--json", group)

    assert (said.code, said.json["exit"], said.json["error"]["command"]) == (2, 2, f"doer {group} --help")
