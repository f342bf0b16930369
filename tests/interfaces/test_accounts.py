"""What the last line says to type can be typed, and what it says of the cause is the cause."""

from __future__ import annotations

import asyncio
import os
import pty
import subprocess
import sys
import termios
from dataclasses import replace
from pathlib import Path

import pytest
from tests.interfaces.conftest import Cli
from tests.interfaces.office import JOIN

from doer.app.state import open_state
from doer.domain.errors import JournalUnwritable
from doer.domain.goal import Option, Question
from doer.domain.value import RunId, StepId
from doer.interfaces.cli.account import account_of_run
from doer.interfaces.cli.failure import account_of_error
from doer.observation.report import RunReport, StepReport
from doer.runtime.system import SystemClock


def report(
    status: str, *steps: StepReport, question: Question | None = None, reason: str = "", goal: str = "g"
) -> RunReport:
    return RunReport(RunId("k3f9aa"), goal, "sam", status, reason, "", steps, question, None, 1.0, "")  # type: ignore[arg-type]


def step(name: str, state: str) -> StepReport:
    return StepReport(
        StepId(name), "crm.add", {}, state, True, "write", "", (), (), {}, "", "", "", None  # type: ignore[arg-type]
    )  # fmt: skip


def test_a_lost_outcome_offers_three_commands_each_on_its_own_line() -> None:
    account = account_of_run(report("waiting", step("add", "unknown")))

    assert account is not None
    assert account.lines == (
        "doer answer k3f9aa add 1  # it is done",
        "doer answer k3f9aa add 2  # it is not: do it",
        "doer answer k3f9aa add 3  # give up and take back the rest",
    )
    assert account.command == "doer answer k3f9aa add 1"


def test_an_option_is_data_and_never_stands_in_a_line_to_be_pasted() -> None:
    asked = Question("who", "Who?", (Option("Ada; rm -rf ~", None), Option("Bo\ndoer x", None)))

    account = account_of_run(report("needs_answer", question=asked))

    assert account is not None
    assert account.lines == ("doer answer k3f9aa 1", "doer answer k3f9aa 2", 'doer answer k3f9aa "…"  # in other words')
    assert "1  Ada; rm -rf ~\n2  Bo\\ndoer x" in account.happened


@pytest.mark.parametrize("status", ["unproven", "partly_undone", "partly_rolled_back"])
def test_every_ending_names_one_command_a_line(status: str) -> None:
    account = account_of_run(report(status, step("add", "unproven"), step("tell", "conflict")))

    assert account is not None
    assert [line.split("  # ")[0] for line in account.lines] == ["doer show k3f9aa", "doer undo k3f9aa"]


def test_what_failed_before_its_first_change_is_asked_for_again() -> None:
    account = account_of_run(report("failed", reason="GET http://x: 401", goal="it's ada"), system="directory")

    assert account is not None
    assert account.happened == "not done — in directory: GET http://x: 401"
    assert account.lines[0] == """doer do 'it'"'"'s ada'  # once that is mended"""


FULL = "/w/journal.db does not take the record (database or disk is full); free space or mend its rights, then `doer resume`"


def test_a_disk_that_is_full_before_there_is_a_run_names_the_same_command_again() -> None:
    before = account_of_error(JournalUnwritable(FULL), again="doer do 'list files'")
    within = account_of_error(JournalUnwritable(FULL), run="k3f9aa", again="doer do 'list files'")

    assert before.lines == ("doer do 'list files'  # once there is space",)
    assert within.lines == ("doer resume k3f9aa  # once there is space",)
    assert "resume" not in before.happened


def test_a_record_that_cannot_be_written_for_another_reason_asks_for_no_space() -> None:
    account = account_of_error(JournalUnwritable("/w/.doer is read-only for you"), again="doer do x")

    assert "space" not in account.happened + account.following + account.lines[0]


def test_a_run_that_ended_and_left_nothing_offers_no_undo(cli: Cli, office: Path) -> None:
    run = cli("do", "--json", JOIN).json["run"]
    assert cli("refuse", run).code == 0

    for word in ("cancel", "refuse"):
        said = cli(word, run)
        assert (said.code, "undo" in said.out) == (2, False)
        assert said.account["you"] == f"doer show {run}"


def test_a_folder_in_the_journals_place_is_told_as_that(cli: Cli, office: Path) -> None:
    (office / ".doer" / "journal.db").unlink()
    (office / ".doer" / "journal.db").mkdir()

    for command in (("runs",), ("audit", "verify"), ("do", "list files")):
        said = cli(*command)
        assert said.code == 4
        assert "is a folder, not a journal" in said.account["happened"]
        assert said.account["you"] == "doer doctor  # once the journal is restored from a backup"


def test_a_file_in_the_place_of_the_state_is_told_as_that(cli: Cli, office: Path) -> None:
    (office / ".doer").rename(office / "elsewhere")
    (office / ".doer").write_text("")

    said = cli("runs")
    assert (said.code, "is a file, and the folder of the journal should be there" in said.out) == (4, True)


def test_a_workspace_that_cannot_be_written_is_read_from_a_copy_and_stays_as_it_is(cli: Cli, office: Path) -> None:
    run = cli("do", "--yes", "--json", "add Ada with ada@acme.example").json["run"]
    before = {each.name: each.stat().st_mtime_ns for each in (office / ".doer").iterdir()}

    with open_state(office, SystemClock(), reads=True, writable=lambda _: False) as journal:
        assert asyncio.run(journal.runs()) == [run]
        assert asyncio.run(journal.read(RunId(run)))
    assert {each.name: each.stat().st_mtime_ns for each in (office / ".doer").iterdir()} == before
    with (
        pytest.raises(JournalUnwritable, match="is read-only for you: nothing can be recorded"),
        open_state(office, SystemClock(), writable=lambda _: False),
    ):
        pass


def test_a_system_that_cannot_be_reached_is_named_by_its_connection(cli: Cli, office: Path) -> None:
    settings = office / "doer.toml"
    settings.write_text(
        settings.read_text() + '\n[connections.staff]\nkind = "directory"\nurl = "http://127.0.0.1:9/v2"\n'
    )
    (office / "skills" / "look.toml").write_text(
        'name = "look"\ndescription = "Look somebody up"\nexamples = ["look up somebody in the staff list"]\n'
        '[[select]]\nid = "found"\ntool = "staff.find_users"\narguments = { user_name = "ada" }\nexpect = "one"\n'
        '[[step]]\nid = "note"\ntool = "files.write"\nwhy = "w"\narguments = { path = "a.txt", text = "$found.id" }\n'
    )

    said = cli("do", "--yes", "look up somebody in the staff list")

    assert said.code == 1
    assert said.account["happened"].startswith("not done — in staff: ")
    assert said.account["you"] == "doer do 'look up somebody in the staff list'  # once that is mended"


def test_an_approval_shows_what_is_approved(cli: Cli, office: Path) -> None:
    run = cli("do", "--json", JOIN).json["run"]

    said = cli("approve", run, "welcome")

    assert "+ people:ada@acme.example" in said.out
    assert said.out.index("+ people:ada@acme.example") < said.out.index("started, granted by")


def narrow(folder: Path, *arguments: str, columns: int) -> str:
    """Return what doer prints on a terminal of so many columns."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (40, columns))
    environment = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "LINES")} | {"TERM": "dumb"}
    with subprocess.Popen(
        [sys.executable, "-c", "from doer.interfaces.cli import main; main()", *arguments],
        cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs, start_new_session=True,
    ):  # fmt: skip
        os.close(theirs)
        seen = b""
        while True:
            try:
                came = os.read(ours, 65536)
            except OSError:
                break
            if not came:
                break
            seen += came
    os.close(ours)
    return seen.decode().replace("\r\n", "\n")


def test_a_narrow_terminal_never_breaks_a_name_or_a_command(cli: Cli, office: Path) -> None:
    run = cli("do", "--json", JOIN).json["run"]

    assert run in narrow(office, "runs", columns=20)
    assert f"doer approve {run} welcome\n" in narrow(office, "show", run, columns=20)


def test_what_no_tool_does_names_the_nearest_and_the_command_that_brings_what_is_missing() -> None:
    shown = replace(report("abstained", reason="nothing pushes", goal="push it"), nearest=("files.read",))

    account = account_of_run(shown, missing="a git connection: doer connect git NAME")

    assert account is not None
    assert account.happened == "no plan: nothing pushes; the nearest here: files.read; missing: a git connection"
    assert account.lines == (
        "doer connect git site  # and say it again",
        "doer tools show files.read  # how the nearest is said",
        "doer can  # sentences that work here",
    )
