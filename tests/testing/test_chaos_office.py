"""The chaos commands on the office with its real servers: a small part of what `doer chaos --scenario office` does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from doer.demos.catalog import find_scenario
from doer.testing.faults.kill import chaos_kill
from doer.testing.faults.lane import Lane, open_lanes
from doer.testing.faults.lie import chaos_lie
from doer.testing.faults.undo import chaos_undo

LOADER = "doer.demos.catalog:find_scenario"


@pytest.fixture(scope="module")
def lanes(office_day: str) -> Iterator[Sequence[Lane]]:
    """One running world and one worker for all of it: each trial begins with a reset."""
    with open_lanes(find_scenario(office_day), LOADER, office_day, 1) as opened:
        yield opened


def test_killed_at_some_boundaries_nothing_is_doubled_and_nothing_lost(lanes: Sequence[Lane]) -> None:
    found = chaos_kill(find_scenario("office"), LOADER, "office", points=1, lanes=lanes, mutants=())

    assert found.green, found.to_json()
    assert found.boundaries > 90
    assert found.covered == 1


def test_a_git_host_and_a_mailbox_that_lie_are_not_believed(lanes: Sequence[Lane]) -> None:
    found = chaos_lie(
        find_scenario("office"),
        LOADER,
        "office",
        kinds=["misplace"],
        services=["git", "mailbox"],
        lanes=lanes,
        mutants=(),
    )

    assert found.green, found.to_json()
    assert {trial.fault.service for trial in found.trials if trial.struck} == {"git", "mailbox"}


def test_an_undo_with_somebody_pushing_meanwhile_overwrites_nothing(lanes: Sequence[Lane]) -> None:
    found = chaos_undo(find_scenario("office"), LOADER, "office", points=0, services=["git"], lanes=lanes, mutants=())

    assert found.green, found.to_json()
    assert found.overwritten == 0
    assert sum(len(trial.conflicts) for trial in found.trials) >= 2
    assert set(found.named) == {"answer", "news"}
