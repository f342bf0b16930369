"""Tests that run side by side: each is told once, and a process that is gone makes all of it red."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
GOING_WELL = """
import pytest

@pytest.fixture(scope="session")
def world(tmp_path_factory):
    made = tmp_path_factory.mktemp("world")
    yield made
    (made / "gone").touch()

@pytest.mark.parametrize("place", range(7))
def test_well(place, world, capfd):
    print(place)
    assert capfd.readouterr().out == f"{place}\\n"

def test_badly(world):
    print("said on the way")
    assert world is None
"""
DYING = """
import os

def test_before(): pass
def test_dying(): os.kill(os.getpid(), 9)
def test_never(): pass
"""


def told(place: Path) -> tuple[int, str]:
    (place / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-p", "tests.side_by_side", "--forks", "2", "-p", "no:cacheprovider",
               "-c", str(place / "pytest.ini"), "--basetemp", str(place / "base"), str(place / "test")]  # fmt: skip
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return ran.returncode, ran.stdout


def test_each_is_told_once_a_world_ends_and_a_process_that_is_gone_makes_it_red(tmp_path: Path) -> None:
    (tmp_path / "test" / "dying").mkdir(parents=True)
    (tmp_path / "test" / "test_going.py").write_text(GOING_WELL)

    code, said = told(tmp_path)

    assert code == 1
    assert "1 failed, 7 passed in" in said
    assert "said on the way" in said
    assert len(list(tmp_path.glob("base/fork*/world0/gone"))) == 1, "one process had the file, and took its world down"

    (tmp_path / "test" / "dying" / "test_dying.py").write_text(DYING)

    code, said = told(tmp_path)

    assert code == 1
    assert "1 failed, 8 passed in" in said
    assert re.search(r"ended by itself, with these not done: \[.*::test_dying', '.*::test_never'\]", said)
