"""The chaos commands on the office with its real servers: a small part of what `doer chaos --scenario office` does."""

from __future__ import annotations

from doer.demos.catalog import find_scenario
from doer.testing.faults.kill import chaos_kill
from doer.testing.faults.lie import chaos_lie
from doer.testing.faults.undo import chaos_undo

LOADER = "doer.demos.catalog:find_scenario"


def test_killed_at_some_boundaries_nothing_is_doubled_and_nothing_lost() -> None:
    found = chaos_kill(find_scenario("office"), LOADER, "office", points=1, lanes=1, mutants=())

    assert found.green, found.to_json()
    assert found.boundaries > 90
    assert found.covered == 1


def test_a_git_host_and_a_mailbox_that_lie_are_not_believed() -> None:
    found = chaos_lie(
        find_scenario("office"), LOADER, "office", kinds=["misplace"], services=["git", "mailbox"], lanes=1, mutants=()
    )

    assert found.green, found.to_json()
    assert {trial.fault.service for trial in found.trials if trial.struck} == {"git", "mailbox"}


def test_an_undo_with_somebody_pushing_meanwhile_overwrites_nothing() -> None:
    found = chaos_undo(find_scenario("office"), LOADER, "office", points=0, services=["git"], lanes=1, mutants=())

    assert found.green, found.to_json()
    assert found.overwritten == 0
    assert sum(len(trial.conflicts) for trial in found.trials) >= 2
    assert set(found.named) == {"answer", "news"}
