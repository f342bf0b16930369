"""`doer demo`, as a person or a program runs it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from doer.interfaces.cli.entry import run

ALAN = "Onboard Alan Turing as a data engineer starting 1 December; his manager is Margaret Hamilton"


def document(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, Any]:
    code = run([*arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_the_json_document_tells_a_whole_demo_in_a_persons_own_words(
    onboard: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = document(["demo", onboard, ALAN], capsys)
    assert code == told["exit"] == 0
    assert told["status"] == "done"
    assert {step["state"] for step in told["steps"]} == {"verified"}
    assert told["irreversible"] == ["welcome"]
    assert len(told["changes"]) == told["proof"]["effects"] == 12
    assert told["killed"] is True
    assert told["resumed"] is True
    assert told["duplicates"] == 0
    assert told["undo"]["status"] == "partly_undone"
    assert told["undo"]["world_equal"] is True
    assert len(told["undo"]["left"]) == 1
    assert "alan.turing@acme.example" in told["undo"]["left"][0]
    assert told["seconds"] > 0


def test_a_dropped_write_is_not_believed_and_all_of_it_is_taken_back(
    onboard: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = document(["demo", onboard, "--break", "drop"], capsys)
    assert code == 0
    assert told["status"] == "rolled_back"
    assert "nothing of it is there" in told["reason"]
    assert told["break"]["service"] == "calendar"
    assert told["break"]["believed"] is False
    assert "the real server got nothing of it" in told["break"]["struck"][0]
    assert told["undo"] == {"status": "rolled_back", "world_equal": True, "left": []}
    assert told["killed"] is False


def test_in_a_pipe_the_story_is_plain(onboard: str, capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["demo", onboard, "append 'hello' to team.md"])
    told = capsys.readouterr().out
    assert code == 0
    assert "\x1b" not in told
    acts = [line[2:].rstrip("─ ") for line in told.splitlines() if line[:1].isdigit()]
    assert acts == [
        "Real servers", "The sentence, and the diff of the world", "Approval", "Work, and a kill in the middle of it",
        "Resumed, in a new process", "Proof", "Undo",
    ]  # fmt: skip
    assert "adopted, not done again" in told
    assert "everything shown held" in told


def test_a_question_without_a_terminal_is_told_and_exits_with_three(
    onboard: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = document(["demo", onboard, "Onboard Alan Turing as a data engineer starting 1 December"], capsys)
    assert code == told["exit"] == 3
    assert told["status"] == "needs_answer"
    assert told["question"]["slot"] == "manager"
    assert "Who will be the manager of Alan Turing?" in told["account"]["happened"]
    assert told["killed"] is False


def test_what_cannot_be_done_here_is_said_plainly(onboard: str, capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["demo", onboard, "water the plants on the balcony"])
    told = capsys.readouterr().out
    assert code == 1
    assert "no plan" in told
    assert "everything shown held" not in told


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["demo", "nowhere"], "onboard"),
        (["demo", "onboard", "--break", "explode"], "error_after_commit"),
        (["demo", "onboard", "--ask"], "--ask needs a terminal"),
    ],
)
def test_bad_usage_is_told_before_any_server_starts(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    assert says in capsys.readouterr().out


def test_without_a_name_the_scenarios_are_listed_with_their_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["demo"]) == 0
    told = capsys.readouterr().out
    assert "doer demo onboard" in told
    assert "Ship the spring price list next Monday" in told


def test_a_picture_of_what_was_told_loads_nothing_from_elsewhere(onboard: str, tmp_path: Path) -> None:
    drawn = tmp_path / "demo.svg"
    assert run(["demo", onboard, "water the plants on the balcony", "--picture", str(drawn)]) == 1
    text = drawn.read_text(encoding="utf-8")
    assert ET.fromstring(text).tag.endswith("svg")
    assert "plants" in text
    assert not any(loading in text for loading in ("font-face", "url(http", "href", "@import"))
