"""The chaos commands on the onboarding scenario with its real servers: a small part of what `doer chaos` does."""

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
def lanes(onboard: str) -> Iterator[Sequence[Lane]]:
    """One running world and one worker for all of it: each trial begins with a reset."""
    with open_lanes(find_scenario(onboard), LOADER, onboard, 1) as opened:
        yield opened


def test_killed_at_some_boundaries_nothing_is_doubled_and_nothing_lost(lanes: Sequence[Lane]) -> None:
    found = chaos_kill(find_scenario("onboard"), LOADER, "onboard", points=2, lanes=lanes, mutants=())

    assert found.green, found.to_json()
    assert found.boundaries > 60
    assert found.covered == 2


def test_services_that_lie_are_not_believed(lanes: Sequence[Lane]) -> None:
    found = chaos_lie(
        find_scenario("onboard"), LOADER, "onboard", kinds=["double"], services=["access"], lanes=lanes, mutants=()
    )

    assert found.green, found.to_json()
    assert [trial.fault.kind for trial in found.trials if trial.struck] == ["double"]


def test_an_undo_with_somebody_editing_here_and_there_overwrites_nothing(lanes: Sequence[Lane]) -> None:
    found = chaos_undo(
        find_scenario("onboard"), LOADER, "onboard", points=0, services=["access", "files"], lanes=lanes, mutants=()
    )

    assert found.green, found.to_json()
    assert found.overwritten == 0
    assert sum(len(trial.conflicts) for trial in found.trials) >= 4
    assert found.named == ("welcome",)
