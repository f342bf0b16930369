"""The chaos commands on a user's own scenario, end to end: real processes, a real SIGKILL, a real database."""

from __future__ import annotations

import json
import re
import runpy
from collections.abc import Callable
from pathlib import Path

import pytest

from doer.demos.catalog import find_scenario
from doer.domain.errors import UsageError
from doer.interfaces.cli.entry import run
from doer.testing.faults.kill import chaos_kill
from doer.testing.faults.lie import chaos_lie
from doer.testing.faults.undo import chaos_undo

EXAMPLE = Path(__file__).parents[2] / "examples" / "own_scenario.py"
NAME = f"{EXAMPLE}:Lending"
LOADER = "doer.demos.catalog:find_scenario"

CARELESS = """
import runpy
from doer.testing.faults.mutants import mutate
example = runpy.run_path({path!r})

class Careless(example["Shelf"]):
    def open(self, *, tools=None, journal=None):
        spoilt = mutate({mutant!r}, self.reset)
        return super().open(tools=lambda own: (tools or list)(spoilt(own)), journal=journal)

class Lending(example["Lending"]):
    def attach(self, root, through=None):
        return Careless(root)
"""


@pytest.fixture
def careless(tmp_path: Path) -> Callable[[str], str]:
    """A scenario of somebody whose tool is wrong in the way of a mutant."""

    def make(mutant: str) -> str:
        file = tmp_path / "careless.py"
        file.write_text(CARELESS.format(path=str(EXAMPLE), mutant=mutant))
        return f"{file}:Lending"

    return make


def test_kill_covers_every_boundary_of_an_own_scenario_and_catches_its_mutants(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = run(["chaos", "kill", "--scenario", NAME, "--points", "24", "--lanes", "1", "--json"])

    told = json.loads(capsys.readouterr().out)
    assert code == told["exit"] == 0, told
    assert (told["duplicates"], told["lost"]) == (0, 0)
    assert told["trials"] == 24
    assert told["boundaries_covered"] == told["boundaries"] >= 20
    assert told["mutants_caught"] == {"no key": True, "record before effect": True}


def test_lie_believes_no_trigger_and_catches_its_mutant(capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["chaos", "lie", "--scenario", NAME, "--lanes", "1", "--json"])

    told = json.loads(capsys.readouterr().out)
    assert code == told["exit"] == 0, told
    assert told["false_done"] == told["false_rolled_back"] == told["silent"] == 0
    assert set(told["kinds"]) >= {"drop", "halve", "double", "misplace", "side_record"}
    assert told["mutants_caught"] == {"no verify": True}


def test_undo_leaves_the_world_equal_also_killed_edited_and_done_again(capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["chaos", "undo", "--scenario", NAME, "--points", "6", "--lanes", "1", "--json"])

    told = json.loads(capsys.readouterr().out)
    assert code == told["exit"] == 0, told
    assert told["world_equal"] is True
    assert told["redone"] is True
    assert told["overwritten"] == 0
    assert told["conflicts"] >= told["edits"] >= 1
    assert told["boundaries_covered"] == 6
    assert told["mutants_caught"] == {"snapshot undo": True}


def test_a_tool_that_makes_up_another_key_at_each_try_turns_kill_red(careless: Callable[[str], str]) -> None:
    name = careless("no key")

    found = chaos_kill(find_scenario(name), LOADER, name, points=22, lanes=1, mutants=())

    assert not found.green
    assert sum(len(trial.duplicates) for trial in found.trials) >= 1


def test_an_undo_that_overwrites_turns_undo_red(careless: Callable[[str], str]) -> None:
    name = careless("snapshot undo")

    found = chaos_undo(find_scenario(name), LOADER, name, points=1, lanes=1, mutants=())

    assert not found.green
    assert found.overwritten >= 1


def test_a_tool_that_does_not_read_back_turns_lie_red_and_a_terminal_is_told_the_figures_and_four_lines(
    careless: Callable[[str], str], capsys: pytest.CaptureFixture[str]
) -> None:
    code = run(["chaos", "lie", "--scenario", careless("no verify"), "--kinds", "drop", "--lanes", "1"])

    told = capsys.readouterr()
    assert code == 1
    assert re.search(r"falsely done +1\b", told.out)
    assert "happened the figures are not what they must be" in told.out
    assert "1 of 1: database: drop" in told.err


def test_what_cannot_be_tested_is_said_before_anything_is_tried() -> None:
    scenario = find_scenario(NAME)

    with pytest.raises(UsageError, match="there is no kind"):
        chaos_lie(scenario, LOADER, NAME, kinds=["sulk"], lanes=1)
    with pytest.raises(UsageError, match="there is no service"):
        chaos_lie(scenario, LOADER, NAME, services=["mail"], lanes=1)


def test_a_scenario_that_does_not_work_in_peace_is_no_ground_for_figures(tmp_path: Path) -> None:
    file = tmp_path / "mute.py"
    file.write_text(
        f"import runpy\nclass Lending(runpy.run_path({str(EXAMPLE)!r})['Lending']):\n    sentence = 'hum a tune'\n"
    )
    name = f"{file}:Lending"

    with pytest.raises(UsageError, match="does not work undisturbed"):
        chaos_kill(find_scenario(name), LOADER, name, points=1, lanes=1)


def test_the_example_runs_by_itself(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(EXAMPLE), run_name="__main__")

    assert "done ['Dubliners is lent to Ben']" in capsys.readouterr().out
