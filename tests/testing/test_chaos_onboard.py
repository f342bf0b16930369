"""The chaos commands on the onboarding scenario with its real servers: a small part of what `doer chaos` does."""

from __future__ import annotations

from doer.demos.catalog import find_scenario
from doer.testing.faults.kill import chaos_kill
from doer.testing.faults.lie import chaos_lie
from doer.testing.faults.undo import chaos_undo

LOADER = "doer.demos.catalog:find_scenario"


def test_killed_at_some_boundaries_nothing_is_doubled_and_nothing_lost() -> None:
    found = chaos_kill(find_scenario("onboard"), LOADER, "onboard", points=2, lanes=1, mutants=())

    assert found.green, found.to_json()
    assert found.boundaries > 60
    assert found.covered == 2


def test_services_that_lie_are_not_believed() -> None:
    found = chaos_lie(
        find_scenario("onboard"), LOADER, "onboard", kinds=["double"], services=["access"], lanes=1, mutants=()
    )

    assert found.green, found.to_json()
    assert [trial.fault.kind for trial in found.trials if trial.struck] == ["double"]


def test_an_undo_with_somebody_editing_here_and_there_overwrites_nothing() -> None:
    found = chaos_undo(
        find_scenario("onboard"), LOADER, "onboard", points=0, services=["access", "files"], lanes=1, mutants=()
    )

    assert found.green, found.to_json()
    assert found.overwritten == 0
    assert sum(len(trial.conflicts) for trial in found.trials) >= 4
    assert found.named == ("welcome",)
