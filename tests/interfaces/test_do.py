"""From a sentence to verified work and back, through the real command line."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from tests.interfaces.conftest import Cli
from tests.interfaces.office import JOIN

RUN_KEYS = {"run", "status", "steps", "changes", "irreversible", "seconds"}
STEP_KEYS = {"id", "tool", "arguments", "state", "reversible"}


def people(office: Path) -> dict[str, object]:
    store = office / "people.json"
    found: dict[str, object] = json.loads(store.read_text()) if store.exists() else {}
    return found


def test_without_a_terminal_it_stops_before_the_first_change_and_names_the_command(cli: Cli, office: Path) -> None:
    said = cli("do", JOIN)

    assert said.code == 3
    assert people(office) == {}
    run = cli("runs", "--json").json["runs"][0]["run"]
    assert f"you      doer approve {run} welcome\n         doer refuse {run}\n" in said.out
    assert said.account["changed"] == "nothing"


def test_approved_by_name_it_is_done_verified_and_can_be_taken_back(cli: Cli, office: Path) -> None:
    run = cli("do", "--json", JOIN).json["run"]

    done = cli("approve", run, "welcome")
    assert done.code == 0
    assert "ada@acme.example" in people(office)
    assert "person               people.add                   verified: 1 person with ada@acme.example" in done.out
    assert f"to take it back  doer undo {run}  all but welcome, which cannot be" in done.out

    undone = cli("undo", run, "--yes")
    assert undone.code == 5
    assert people(office) == {}
    assert "Ada" not in (office / "team.md").read_text()
    assert undone.account["happened"] == "taken back, all but welcome, which cannot be and was named beforehand"


def test_nobody_acts_as_somebody_else_whose_credential_was_not_checked(cli: Cli, office: Path) -> None:
    before = len(cli("runs", "--all", "--json").json["runs"])
    me = cli("do", "--dry-run", "--json", JOIN).json["by"]

    refused = cli("do", "--as", "mallory@acme.example", "--yes", JOIN)

    assert (refused.code, people(office)) == (2, {})
    assert f"{me} asks here" in refused.account["happened"]
    assert cli("do", "--as", me, "--dry-run", JOIN).code == 0
    assert len(cli("runs", "--all", "--json").json["runs"]) == before + 2


def test_what_can_be_taken_back_whole_ends_undone_and_can_be_done_again(cli: Cli, office: Path) -> None:
    run = cli("do", "--yes", "--json", "add Ada with ada@acme.example").json["run"]

    assert cli("undo", run, "--yes").code == 0
    assert people(office) == {}
    assert cli("show", run, "--json").json["status"] == "undone"
    again = cli("undo", run)
    assert (again.code, "already taken back" in again.out) == (0, True)
    assert cli("undo", run, "--json").json["status"] == "undone"
    assert cli("undo", run, "--dry-run").code == 0
    assert people(office) == {}
    assert cli("undo", run, "--redo").code == 3, "doing it again is approved anew"
    assert cli("approve", run).code == 0
    assert "ada@acme.example" in people(office)


def test_the_json_document_has_the_keys_that_programs_rely_on(cli: Cli, office: Path) -> None:
    document = cli("--json", "do", JOIN).json

    assert document.keys() >= RUN_KEYS | {"account", "exit"}
    assert all(step.keys() >= STEP_KEYS for step in document["steps"])
    assert (document["status"], document["exit"]) == ("waiting", 3)
    assert document["irreversible"] == ["welcome"]
    assert [step["state"] for step in document["steps"]] == ["planned", "planned", "held"]
    assert document["account"].keys() == {"happened", "changed", "next", "command"}


def test_yes_leaves_what_cannot_be_taken_back_to_a_person(cli: Cli, office: Path) -> None:
    document = cli("do", "--yes", "--json", JOIN).json

    states = {step["id"]: step["state"] for step in document["steps"]}
    assert states == {"person": "verified", "team": "verified", "welcome": "held"}
    assert document["exit"] == 3
    assert document["account"]["command"].startswith(f"doer approve {document['run']} welcome")


def test_yes_and_irreversible_do_all_of_it(cli: Cli, office: Path) -> None:
    document = cli("do", "--yes", "--irreversible", "--json", JOIN).json

    assert (document["status"], document["exit"], document["account"]) == ("done", 0, None)
    assert {step["state"] for step in document["steps"]} == {"verified"}


@pytest.mark.parametrize("arguments", [("do", "--dry-run"), ("plan",)])
def test_a_plan_changes_nothing_and_can_be_approved_later(cli: Cli, office: Path, arguments: tuple[str, ...]) -> None:
    document = cli(*arguments, "--json", "add Ada with ada@acme.example").json

    assert (document["status"], document["exit"]) == ("planned", 0)
    assert people(office) == {}
    assert cli("approve", document["run"]).code == 0
    assert "ada@acme.example" in people(office)


def test_a_question_is_answered_by_number_and_the_run_goes_on(cli: Cli, office: Path) -> None:
    asked = cli("do", "--json", "let Ada Lovelace join").json
    assert (asked["status"], asked["exit"]) == ("needs_answer", 3)
    assert [option["label"] for option in asked["question"]["options"]] == ["backend", "frontend"]

    said = cli("answer", asked["run"], "2")
    assert "Which address?" in said.out
    assert said.code == 3

    waiting = cli("answer", asked["run"], "ada@acme.example", "--json").json
    assert waiting["status"] == "waiting"
    assert waiting["steps"][0]["arguments"]["team"] == "frontend"


def test_what_was_read_is_shown(cli: Cli, office: Path) -> None:
    said = cli("do", "list files")

    assert said.code == 0
    assert "team.md" in said.out
    assert cli("do", "--json", "list files").json["results"]["list"]["entries"]


def test_a_refused_run_changes_nothing_and_that_is_what_was_wanted(cli: Cli, office: Path) -> None:
    run = cli("do", "--json", "add Ada with ada@acme.example").json["run"]

    refused = cli("refuse", run, "--reason", "not yet", "--json")
    assert (refused.code, refused.json["status"]) == (0, "refused")
    assert cli("approve", run).code == 2
    assert people(office) == {}


def test_a_cancelled_run_is_taken_back(cli: Cli, office: Path) -> None:
    run = cli("do", "--yes", "--json", JOIN).json["run"]
    assert "ada@acme.example" in people(office)

    cancelled = cli("cancel", run, "--json")
    assert (cancelled.code, cancelled.json["status"]) == (0, "rolled_back")
    assert people(office) == {}


def test_a_write_that_did_not_arrive_is_refuted_and_the_run_not_done(cli: Cli, office: Path) -> None:
    said = cli("do", "--yes", "add Ada with lost@acme.example")

    assert said.code == 1
    assert "— in people" in said.account["happened"]
    assert "nobody with lost@acme.example" in said.account["happened"]
    assert said.account["you"].startswith("doer show ")


def test_a_tool_that_refuses_ends_with_what_happened_and_nothing_changed(cli: Cli, office: Path) -> None:
    said = cli("do", "--yes", "add Ada with ada@nowhere.example")

    assert said.code == 1
    assert "that domain is closed" in said.account["happened"]
    assert said.account["changed"] == "nothing"


def test_what_nobody_can_read_back_is_done_but_unproven(cli: Cli, office: Path) -> None:
    said = cli("do", "--yes", 'switch the lamp to "on"')

    assert said.code == 5
    assert said.account["happened"].startswith("done, but not all of it could be proved — in lamp")


def test_an_undo_that_meets_a_foreign_edit_overwrites_nothing(cli: Cli, office: Path) -> None:
    run = cli("do", "--yes", "--json", "add Ada with ada@acme.example").json["run"]
    store = office / "people.json"
    store.write_text(store.read_text().replace('"none"', '"changed by hand"'))

    said = cli("undo", run, "--yes")
    assert said.code == 5
    assert "somebody changed the team" in said.account["happened"]
    assert "changed by hand" in store.read_text()


def test_an_undo_can_be_looked_at_first_and_refused(cli: Cli, office: Path) -> None:
    run = cli("do", "--yes", "--json", "add Ada with ada@acme.example").json["run"]

    foreseen = cli("undo", run, "--dry-run")
    assert foreseen.code == 0
    assert "- people:ada@acme.example" in foreseen.out
    assert cli("show", run, "--json").json["status"] == "done"

    assert cli("undo", run).code == 3
    assert cli("refuse", run, "--json").json["status"] == "done"
    assert "ada@acme.example" in people(office)


def test_a_goal_that_nothing_fits_names_the_nearest_tools(cli: Cli, office: Path) -> None:
    said = cli("do", "order a pizza with extra cheese for tomorrow")

    assert said.code == 1
    assert said.account["happened"].startswith("no plan: ")
    nearest = said.account["happened"].partition("; the nearest here: ")[2].partition(";")[0]
    assert len(nearest.split(", ")) == 3, "three tools or skills, said once"
    assert said.account["happened"].count("nearest") == 1
    assert said.account["you"].startswith("doer tools show ")


@pytest.mark.parametrize("goal", ["", "   ", "\n\t"])
def test_an_empty_goal_is_bad_usage(cli: Cli, office: Path, goal: str) -> None:
    said = cli("do", goal)

    assert said.code == 2
    assert "the goal is empty" in said.account["happened"]
    assert cli("runs", "--json").json["runs"] == []


def test_a_megabyte_of_goal_is_bad_usage(cli: Cli, office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("word " * 210_000))

    said = cli("do", "-", "--json")

    assert said.code == 2
    assert said.json["error"]["kind"] == "UsageError"
    assert "characters" in said.json["error"]["happened"]


def test_a_goal_from_stdin_is_read(cli: Cli, office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("list files\n"))

    assert cli("do", "-").code == 0


def test_irreversible_alone_is_bad_usage(cli: Cli, office: Path) -> None:
    assert cli("do", "--irreversible", JOIN).code == 2


def test_approving_again_or_a_stranger_step_is_told(cli: Cli, office: Path) -> None:
    run = cli("do", "--json", JOIN).json["run"]

    assert "nosuch" in cli("approve", run, "nosuch").account["happened"]
    assert cli("approve", run).code == 3
    again = cli("approve", run)
    assert again.code == 2
    assert "must be approved by name: welcome" in again.account["happened"]
    assert again.account["you"] == f"doer approve {run} welcome"


def test_the_example_that_everybody_is_told_to_try_works(cli: Cli, office: Path) -> None:
    told = "doer do 'write hello.md: it works'"
    assert told in cli("--help").out
    assert told in cli("init", "elsewhere").out
    assert told in cli("do", "--help").out

    assert cli("do", "--yes", "write hello.md: it works").code == 0
    assert (office / "hello.md").read_text() == "it works"
