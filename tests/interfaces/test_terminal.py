"""A person at a real terminal: the prompts, the live lines, other terminals' words, and Ctrl-C."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.interfaces.conftest import Cli
from tests.interfaces.office import JOIN

DOER = [sys.executable, "-c", "from doer.interfaces.cli import main; main()"]
_LIMIT = 300.0


@dataclass
class Terminal:
    """A process on a pseudo-terminal."""

    process: subprocess.Popen[bytes]
    screen: int
    seen: str = ""
    _mark: int = field(default=0)

    def until(self, words: str) -> str:
        """Wait until the words are on the screen, after what was waited for before; return what came."""
        while words not in self.seen[self._mark :]:
            assert select.select([self.screen], [], [], _LIMIT)[0], f"never saw {words!r} in:\n{self.seen}"
            try:
                came = os.read(self.screen, 65536)
            except OSError:
                came = b""
            assert came, f"ended without {words!r}:\n{self.seen}"
            self.seen += re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", came.decode("utf-8", "replace"))
        start, self._mark = self._mark, self.seen.index(words, self._mark) + len(words)
        return self.seen[start : self._mark]

    def type(self, line: str) -> None:
        os.write(self.screen, line.encode() + b"\n")

    def end(self) -> int:
        """Read to the end and return the exit code."""
        while select.select([self.screen], [], [], _LIMIT)[0]:
            try:
                came = os.read(self.screen, 65536)
            except OSError:
                break
            if not came:
                break
            self.seen += re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", came.decode("utf-8", "replace"))
        return self.process.wait(_LIMIT)


@contextmanager
def terminal(folder: Path, *arguments: str) -> Iterator[Terminal]:
    """Run doer on a terminal of 100 columns."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (40, 100))
    environment = os.environ | {"TERM": "xterm-256color", "COLUMNS": "100", "LINES": "40"}
    process = subprocess.Popen(
        [*DOER, *arguments],
        cwd=folder,
        env=environment,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        yield Terminal(process, ours)
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def other(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Another process, without a terminal."""
    return subprocess.run([*DOER, *arguments], cwd=folder, capture_output=True, text=True, timeout=600, check=False)


def test_a_person_sees_approves_and_gets_it_verified(office: Path) -> None:
    with terminal(office, "do", JOIN) as screen:
        page = screen.until("Do this? [y/N] ")
        assert "cannot be taken back" in page
        assert not (office / "people.json").exists()
        screen.type("y")
        screen.until("Type its name to approve it")
        screen.type("welcome")
        screen.until("done and verified: 3 steps")
        assert screen.end() == 0
    assert "ada@acme.example" in (office / "people.json").read_text()


def test_enter_is_a_no_and_nothing_happens(office: Path) -> None:
    with terminal(office, "do", JOIN) as screen:
        screen.until("Do this? [y/N] ")
        screen.type("")
        assert screen.end() == 1
    assert not (office / "people.json").exists()


def test_at_the_approval_a_correction_makes_a_new_plan_that_is_asked_about(office: Path) -> None:
    with terminal(office, "do", "write hello.md: it works") as screen:
        screen.until("Do this? [y/N] ")
        screen.type("no, bye.md instead")
        assert "bye.md" in screen.until("Do this? [y/N] ")
        screen.type("y")
        assert screen.end() == 0
    assert (office / "bye.md").read_text() == "it works"
    assert not (office / "hello.md").exists()


def test_what_is_not_named_waits_and_the_rest_is_done(office: Path) -> None:
    with terminal(office, "do", JOIN) as screen:
        screen.until("Do this? [y/N] ")
        screen.type("y")
        screen.until("Type its name to approve it")
        screen.type("")
        screen.until("Type its name to approve it")
        screen.type("")
        assert screen.end() == 3
    assert "ada@acme.example" in (office / "people.json").read_text()


def test_a_question_is_asked_and_its_answer_taken_at_once(office: Path) -> None:
    with terminal(office, "do", "let Ada Lovelace join") as screen:
        assert "2  frontend" in screen.until("number or words: ")
        screen.type("2")
        screen.until("in your words: ")
        screen.type("ada@acme.example")
        assert "← your answer “frontend”" in screen.until("Do this? [y/N] ")


def test_a_word_from_another_terminal_ends_the_asking(cli: Cli, office: Path) -> None:
    with terminal(office, "do", JOIN) as screen:
        screen.until("Do this? [y/N] ")
        run = cli("runs", "--json").json["runs"][0]["run"]
        assert cli("approve", run, "welcome").code == 0  # in this process, which is another
        screen.until("Somebody had a word with it meanwhile")
        assert screen.end() == 0


def test_a_run_is_approved_by_a_second_process_and_watched_by_a_third(cli: Cli, office: Path) -> None:
    run = cli("do", "--json", JOIN).json["run"]
    with terminal(office, "watch", run) as screen:
        screen.until("planning" if "planning" in screen.seen else f"run {run}")
        assert json.loads(other(office, "approve", run, "welcome", "--json").stdout)["status"] == "done"
        screen.until("done and verified: 3 steps")
        assert screen.end() == 0


def test_ctrl_c_leaves_the_run_safe_and_says_how_it_goes_on(cli: Cli, office: Path) -> None:
    with terminal(office, "do", JOIN) as screen:
        screen.until("Do this? [y/N] ")
        os.kill(screen.process.pid, signal.SIGINT)
        screen.until("stopped by you; the run is safe in the journal")
        screen.until("doer resume ")
        assert screen.end() == 3
        assert "Traceback" not in screen.seen
    assert cli("runs", "--json").json["runs"][0]["status"] == "waiting"


def test_a_pipe_gets_plain_lines_and_no_colour(office: Path) -> None:
    said = other(office, "do", "--yes", "add Ada with ada@acme.example")

    assert said.returncode == 0
    assert "\x1b" not in said.stdout
    lines = [line for line in said.stdout.splitlines() if line.startswith("add ") and "people.add" in line]
    assert [line.split(maxsplit=2)[2] for line in lines] == [
        "started, granted by sam@acme.example",
        "applied, not believed yet",
        "verified: 1 person with ada@acme.example",
    ]


def test_a_killed_run_is_resumed_without_doing_anything_twice(cli: Cli, office: Path) -> None:
    (office / "team.md").write_text("# Team\n")
    run = cli("do", "--json", JOIN).json["run"]
    # The letter is not named: killed within it, nobody could tell whether it went out, and a person would be asked.
    with subprocess.Popen([*DOER, "approve", run], cwd=office, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if b"started" in line:
                process.kill()
                break
    resumed = cli("resume", run, "--json").json

    assert (resumed["status"], resumed["irreversible"]) == ("waiting", ["welcome"])
    assert cli("approve", run, "welcome", "--json").json["status"] == "done"
    assert (office / "team.md").read_text().count("Ada Lovelace") == 1


@pytest.mark.parametrize("arguments", [["--help"], []])
def test_the_help_page_loads_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys; from doer.interfaces.cli.entry import run; code = run(sys.argv[1:]);"
        "heavy = {'typer', 'rich', 'pydantic', 'sqlite3', 'asyncio', 'jsonschema'} & set(sys.modules);"
        "sys.exit(f'loaded {heavy}' if heavy else code)"
    )
    said = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)

    assert (said.returncode, said.stderr) == (0, "")
    assert "Usage: doer" in said.stdout
