"""Looking at runs, tools and the journal; and everything that can be typed wrongly."""

from __future__ import annotations

import json
import sqlite3
from itertools import pairwise
from pathlib import Path

import pytest
from tests.interfaces.conftest import Cli
from tests.interfaces.office import JOIN

from doer.interfaces.cli.entry import ENTRIES, available, help_text


def damage(office: Path, run: str) -> None:
    """Edit the record by hand."""
    with sqlite3.connect(office / ".doer" / "journal.db") as db:
        db.execute("UPDATE events SET at = '2020-01-01T00:00:00+00:00' WHERE run = ? AND seq = 1", (run,))
    db.close()


# --- runs, show, watch -------------------------------------------------------------------------------------------------


def test_runs_lists_the_newest_first_with_whether_it_can_be_taken_back(cli: Cli, office: Path) -> None:
    first = cli("do", "--yes", "--json", "add Ada with ada@acme.example").json["run"]
    second = cli("do", "--json", JOIN).json["run"]

    rows = cli("runs", "--json").json["runs"]
    assert [(row["run"], row["status"], row["can_undo"]) for row in rows] == [
        (second, "waiting", False),
        (first, "done", True),
    ]
    assert [(row["outcome"], row["command"]) for row in rows] == [
        ("waiting", f"doer approve {second} welcome"),
        ("1 change in people", None),
    ]
    page = cli("runs").out.splitlines()
    assert page[0] == "waits for a word"
    assert page[1].split()[:2] == ["?", second]
    assert f"    doer approve {second} welcome" in page
    assert page[-1].split()[:2] == ["✓", first]
    assert " ".join(page[-1].split()).endswith("1 change in people can be undone")
    assert cli("runs", "-n", "1", "--json").json["more"] == 1


def test_runs_shows_the_answer_of_a_question_and_the_options_of_one_that_is_asked(cli: Cli, office: Path) -> None:
    cli("do", "list the files")
    asked = cli("do", "--json", "Ada Lovelace joins the team backend").json

    rows = {row["run"]: row for row in cli("runs", "--json").json["runs"]}
    answered = next(row for row in rows.values() if row["goal"] == "list the files")
    assert answered["outcome"].endswith("entries")
    assert asked["status"] == "needs_answer"
    assert rows[asked["run"]]["command"].startswith(f"doer answer {asked['run']}")
    assert asked["question"]["text"] in cli("runs").out


def test_show_tells_who_asked_what_changed_and_what_proved_it(cli: Cli, office: Path) -> None:
    run = cli("do", "--yes", "--json", "add Ada with ada@acme.example").json["run"]

    said = cli("show", run[:4])

    assert said.code == 0
    for part in (
        "✓ done  add Ada with ada@acme.example", "sam@acme.example asked", "sam@acme.example approved add",
        "+ people:ada@acme.example", "⚠ the manager is told", "← your words “Ada”",
        "verified  1 person with ada@acme.example", f"doer undo {run}",
    ):  # fmt: skip
        assert part in said.out, part


def test_show_events_is_the_record_with_its_chain(cli: Cli, office: Path) -> None:
    run = cli("do", "--yes", "--json", "add Ada with ada@acme.example").json["run"]

    events = cli("show", run, "--events", "--json").json["events"]

    assert [each["seq"] for each in events] == list(range(1, len(events) + 1))
    assert all(one["hash"] == other["prev"] for one, other in pairwise(events))
    names = [each["event"] for each in events]
    assert names[0] == "RunAccepted"
    assert names[-1] == "RunEnded"
    assert "StepVerified" in cli("show", run, "--events").out


def test_watch_tells_a_finished_run_and_its_exit_code(cli: Cli, office: Path) -> None:
    run = cli("do", "--yes", "--json", "add Ada with ada@acme.example").json["run"]

    said = cli("watch", run)

    assert said.code == 0
    assert "verified: 1 person with ada@acme.example" in said.out
    assert cli("watch", run, "--json").json["status"] == "done"


def test_resume_with_nothing_to_do_says_so(cli: Cli, office: Path) -> None:
    cli("do", JOIN)

    assert cli("resume").code == 0
    assert cli("resume", "--json").json == {"runs": [], "left": [], "exit": 0}


def test_a_broken_record_keeps_no_other_run_from_being_resumed(cli: Cli, office: Path) -> None:
    damage(office, cli("do", "--json", JOIN).json["run"])

    assert cli("do", "--dry-run", "list files").code == 0
    said = cli("resume")

    assert said.code == 4, "a broken record is never passed over in silence"
    assert "is left as it is" in said.err
    assert [each.keys() for each in cli("resume", "--json").json["left"]] == [{"run", "error"}]


def test_the_doctor_of_a_broken_journal_says_so_in_its_exit_code(cli: Cli, office: Path) -> None:
    damage(office, cli("do", "--json", JOIN).json["run"])

    assert cli("doctor", "--json").json["exit"] == 4


@pytest.mark.parametrize("command", ["show", "watch", "approve", "cancel", "undo", "resume", "refuse"])
def test_an_unknown_run_names_the_nearest(cli: Cli, office: Path, command: str) -> None:
    run = cli("do", "--json", JOIN).json["run"]
    typed = run[:-1] + ("x" if run[-1] != "x" else "y")

    said = cli(command, typed)

    assert said.code == 2
    assert f"did you mean {run}?" in said.account["happened"]


# --- the journal -------------------------------------------------------------------------------------------------------


def test_a_whole_journal_verifies_and_gives_a_receipt_that_holds(cli: Cli, office: Path) -> None:
    cli("do", "--yes", "add Ada with ada@acme.example")

    found = cli("audit", "verify", "--json")
    assert (found.code, found.json["ok"], found.json["covered"]) == (0, True, found.json["events"])
    assert cli("audit", "verify", "--against", found.json["receipt"]).code == 0
    (office / "receipt.txt").write_text(found.json["receipt"] + "\n")
    assert cli("audit", "verify", "--against", "receipt.txt").code == 0
    assert cli("audit", "verify", "--against", "doer1.nonsense").code == 2


def test_an_edited_journal_is_located_and_nothing_is_driven_from_it(cli: Cli, office: Path) -> None:
    run = cli("do", "--json", JOIN).json["run"]
    damage(office, run)

    said = cli("audit", "verify")
    assert said.code == 4
    assert f"edited  run {run}, event 1" in said.out
    assert said.account.keys() == {"happened", "changed", "next", "you"}
    approved = cli("approve", run)
    assert approved.code == 4
    assert approved.account["you"] == "doer audit verify"
    listed = cli("runs", "--json")
    assert (listed.code, "error" in listed.json["runs"][0]) == (4, True)


def test_the_account_of_a_run_is_written_in_three_forms(cli: Cli, office: Path) -> None:
    run = cli("do", "--yes", "--json", "add <b>Ada</b> with ada@acme.example").json["run"]

    text = cli("audit", "report", run)
    assert text.code == 0
    assert text.out.startswith(f"# Account of run {run}\n")
    assert "| `" in text.out
    page = cli("audit", "report", run, "--format", "html").out
    assert page.startswith("<!doctype html>")
    assert "<b>Ada" not in page
    assert cli("audit", "report", run, "--format", "json").json["sections"][0]["facts"]["by"] == "sam@acme.example"


# --- tools, doctor -----------------------------------------------------------------------------------------------------


def test_tools_are_listed_with_whether_they_can_be_taken_back(cli: Cli, office: Path) -> None:
    listed = cli("tools", "list", "--json").json

    effects = {each["name"]: each["effect"] for each in listed["tools"]}
    assert effects["files.write"] == "write"
    assert effects["post.letter"] == "irreversible"
    assert {"join", "rename_by_date"} <= {each["name"] for each in listed["skills"]}
    assert "cannot be taken back" in cli("tools", "list").out


def test_a_tool_is_shown_with_its_promises_and_an_unknown_one_with_the_nearest(cli: Cli, office: Path) -> None:
    assert "✗ undo     none: cannot be taken back" in cli("tools", "show", "post.letter").out
    said = cli("tools", "show", "people.ad")
    assert said.code == 2
    assert "people.add" in said.account["happened"]


def test_a_skill_is_shown_by_its_name_as_well(cli: Cli, office: Path) -> None:
    said = cli("tools", "show", "join")

    assert said.code == 0
    assert "say it like this" in said.out
    assert "people.add" in said.out
    assert cli("tools", "show", "join", "--json").json["name"] == "join"


def test_the_conformance_kit_runs_on_a_workspaces_own_tool(cli: Cli, office: Path) -> None:
    found = cli("tools", "test", "people.add", "--json")

    assert "preview_changes_nothing" in found.json["kept"]
    assert found.code == (0 if found.json["conforms"] else 4)
    assert cli("tools", "test", "post.letter").code == 2


def test_a_broken_module_of_own_tools_is_told_with_its_line_and_the_rest_works(cli: Cli, office: Path) -> None:
    (office / "mytools.py").write_text("\n\nraise RuntimeError('no')\n")

    said = cli("do", "list files")
    assert said.code == 0
    assert "mytools.py, line 3 could not be loaded: RuntimeError: no" in said.err
    assert cli("resume").code == 2, "a run that is carried on without its tools would be given up"


def test_no_tool_can_write_the_workspaces_own_code(cli: Cli, office: Path) -> None:
    said = cli("do", "--yes", 'write "x" into the file mytools.py')

    assert said.code == 1
    assert "mytools.py" in said.account["happened"]
    assert "@tool" in (office / "mytools.py").read_text()


def test_doctor_tries_each_connection_with_a_read_and_says_what_mends_it(cli: Cli, office: Path) -> None:
    assert cli("doctor").code == 0
    with (office / "doer.toml").open("a") as file:
        file.write(
            '\n[connections.crm]\nkind = "database"\nurl = "sqlite:///crm.db"\nsecret = "env://NO_SUCH_SECRET"\n'
        )

    found = cli("doctor", "--json")
    assert found.code == 2
    crm = next(each for each in found.json["checks"] if each["name"] == "crm")
    assert (crm["verdict"], crm["mend"]) == ("broken", "export NO_SUCH_SECRET=…")
    assert next(each for each in found.json["checks"] if each["name"] == "files")["verdict"] == "works"


def test_outside_a_workspace_the_way_in_is_named(cli: Cli, tmp_path: Path) -> None:
    said = cli("runs")
    assert (said.code, said.account["you"]) == (2, "doer init")
    assert (
        next(each for each in cli("doctor", "--json").json["checks"] if each["name"] == "workspace")["mend"]
        == "doer init"
    )


# --- the entry ---------------------------------------------------------------------------------------------------------


def test_every_command_explains_itself_with_an_example(cli: Cli, tmp_path: Path) -> None:
    for entry in available():
        for part in entry.parts or ("",):
            said = cli(entry.name, *([part] if part else []), "--help")
            assert said.code == 0, entry.name
            assert "Example: doer" in said.out, (entry.name, part)


def test_the_help_page_names_every_command_that_is_there() -> None:
    page = help_text(colour=False)

    assert all(f"  {entry.name} " in page for entry in available())
    assert max(map(len, page.splitlines())) <= 80
    assert {"do", "approve", "show", "undo", "audit", "doctor"} <= {entry.name for entry in ENTRIES}


@pytest.mark.parametrize(
    ("arguments", "happened", "you"),
    [
        (("tols",), "doer has no command 'tols'", "doer tools"),
        (("--frobnicate", "runs"), "there is no option '--frobnicate' before the command", "doer --help"),
        (("-C",), "-C needs a folder", "doer --help"),
        (("runs", "--limit", "many"), "valid integer", "doer runs --help"),
        (("show",), "RUN", "doer show --help"),
        (("runs", "--nope"), "--nope", "doer runs --help"),
    ],
)
def test_bad_usage_is_four_lines(cli: Cli, tmp_path: Path, arguments: tuple[str, ...], happened: str, you: str) -> None:
    said = cli(*arguments)

    assert said.code == 2
    assert happened in said.account["happened"]
    assert said.account["you"] == you
    assert "Traceback" not in said.err


def test_bad_usage_in_json_is_one_document(cli: Cli, tmp_path: Path) -> None:
    said = cli("--json", "tols")

    assert said.json["error"].keys() == {"kind", "happened", "changed", "next", "command"}
    assert said.json["exit"] == 2


def test_a_folder_can_be_named_before_or_after_the_command(
    cli: Cli, office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")

    assert cli("-C", str(office), "runs", "--json").json["runs"] == []
    assert cli("runs", "--json", "-C", str(office)).json["runs"] == []


def test_a_bug_is_one_clear_account_and_its_details_are_in_a_file(
    cli: Cli, office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("doer.interfaces.cli.runs._can_undo", lambda _: 1 / 0)
    cli("do", JOIN)

    said = cli("runs")

    assert said.code == 1
    assert said.account["happened"].startswith("this is a bug in doer: ZeroDivisionError")
    assert "Traceback" not in said.out + said.err
    log = Path(said.account["you"].rpartition(" ")[2])
    assert "ZeroDivisionError" in log.read_text()
    log.unlink()


def test_the_version_is_that_of_the_package(cli: Cli) -> None:
    assert cli("--version").out.startswith("doer ")
    assert json.loads(cli("--json", "--version").out)["doer"]


def test_each_kind_of_connection_brings_its_tools_and_contacts_nothing(
    cli: Cli, office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THE_SECRET", "s3cret")
    (office / "outbox").mkdir()
    with (office / "doer.toml").open("a") as file:
        file.write("""
[connections.crm]
kind = "database"
url = "sqlite:///crm.db"
allow = { write = ["people"] }

[connections.warehouse]
kind = "database"
url = "postgresql://doer@db.invalid/warehouse"
secret = "env://THE_SECRET"

[connections.calendar]
kind = "calendar"
url = "https://dav.invalid/sam/work/"
username = "sam"
secret = "env://THE_SECRET"

[connections.directory]
kind = "directory"
url = "https://id.invalid/v2"
secret = "env://THE_SECRET"

[connections.mail]
kind = "mail"
smtp = "smtps://mail.invalid"
sender = "sam@acme.example"
maildir = "mail"
attachments = "outbox"
""")

    listed = cli("tools", "list", "--json").json

    assert listed["missing"] == {}
    names = {each["name"] for each in listed["tools"]}
    assert names >= {"crm.insert", "warehouse.find", "calendar.create_event", "directory.find_users", "mail.send"}
    assert not (office / "crm.db").exists()


@pytest.mark.parametrize("folder", [".doer", "skills", ".."])
def test_no_connection_reaches_doers_own_files(cli: Cli, office: Path, folder: str) -> None:
    with (office / "doer.toml").open("a") as file:
        file.write(f'\n[connections.more]\nkind = "files"\nfolder = "{folder}"\n')

    assert "doer's own files would be in reach" in cli("tools", "list", "--json").json["missing"]["more"]
