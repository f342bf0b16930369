"""Verdicts of the chaos commands, on what runs may say and what may be so."""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from doer.testing.faults.fronts import kinds_of
from doer.testing.faults.kill import judge
from doer.testing.faults.lane import LONGEST, Kill, RunTold, StepTold, Told, short
from doer.testing.faults.lie import planned
from doer.testing.faults.points import Point, boundaries, chosen, covered
from doer.testing.faults.triggers import ACTS, arm, disarm
from doer.testing.faults.vandal import ACTS as VANDALS
from doer.testing.faults.vandal import listing
from doer.testing.faults.verdict import verdict

EXPECTED = Counter({"a": 1, "b": 1})


def told(status: str, *states: str, reason: str = "because") -> Told:
    steps = {f"s{n}": StepTold(state, "write", True, "", ()) for n, state in enumerate(states)}
    return Told(killed=False, runs=(RunTold("r1", status, reason, steps),))


def test_done_is_true_only_of_exactly_the_world_of_an_undisturbed_run() -> None:
    assert verdict(told("done", "verified", "verified"), EXPECTED, EXPECTED).true
    assert verdict(told("done", "verified", "verified"), Counter({"a": 1}), EXPECTED).false_done == ("missing: b",)
    assert verdict(told("done", "verified", "verified"), Counter({"a": 2, "b": 1}), EXPECTED).false_done == (
        "not wanted: a",
    )


@pytest.mark.parametrize("status", ["rolled_back", "failed", "refused", "cancelled", "abstained"])
def test_who_left_nothing_behind_must_have_left_nothing_behind(status: str) -> None:
    assert verdict(told(status, "undone", "undone"), Counter(), EXPECTED).true
    assert verdict(told(status, "undone", "undone"), Counter({"a": 1}), EXPECTED).false_rolled_back


def test_partly_rolled_back_may_leave_what_it_names_and_no_more() -> None:
    named = told("partly_rolled_back", "verified", "undone", reason="no; not taken back: s0")

    assert verdict(named, Counter({"a": 1}), EXPECTED).true
    assert verdict(named, EXPECTED, EXPECTED).false_rolled_back
    assert verdict(told("partly_rolled_back", "verified", reason="no"), Counter({"a": 1}), EXPECTED).silent


def test_a_waiting_run_must_have_done_what_it_calls_verified() -> None:
    assert verdict(told("waiting", "verified", "unknown"), Counter({"a": 1}), EXPECTED).true
    assert verdict(told("waiting", "verified", "unknown"), Counter(), EXPECTED).false_done
    assert verdict(told("waiting", "verified", "unknown", reason=""), EXPECTED, EXPECTED).silent


def test_unproven_excuses_only_the_steps_that_it_names() -> None:
    assert verdict(told("unproven", "verified", "unproven"), Counter({"a": 1, "x": 5}), EXPECTED).true
    assert verdict(told("unproven", "verified", "verified"), Counter({"a": 1, "x": 5}), EXPECTED).false_done


def test_a_run_that_is_still_running_is_silent() -> None:
    assert verdict(told("running", "started"), Counter(), EXPECTED).silent
    assert verdict(Told(killed=False, error="it fell over"), Counter(), EXPECTED).silent
    assert verdict(Told(killed=False), Counter({"a": 1}), EXPECTED).silent
    assert verdict(Told(killed=False), Counter(), EXPECTED).true


def test_after_a_kill_a_doubled_effect_is_a_duplicate_and_a_missing_one_of_a_done_run_is_lost() -> None:
    point = Point(Kill("RunEnded#1", "after"))
    killed = Told(killed=True)

    doubled = judge(point, killed, told("done", "verified"), Counter({"a": 2, "b": 1}), EXPECTED)
    lacking = judge(point, killed, told("done", "verified"), Counter({"a": 1}), EXPECTED)
    stuck = judge(point, killed, told("running", "started"), EXPECTED, EXPECTED)
    asking = judge(point, killed, told("waiting", "unknown"), Counter({"a": 1}), EXPECTED)

    assert (doubled.duplicates, doubled.lost) == (("a",), ())
    assert lacking.lost == ("done, and missing: b",)
    assert stuck.lost
    assert asking.asked
    assert not asking.lost


def test_an_unaccepted_run_that_left_something_is_lost() -> None:
    found = judge(Point(Kill(seconds=0.1)), Told(killed=True), Told(killed=False), Counter({"a": 1}), EXPECTED)

    assert not found.accepted
    assert found.lost == ("no run was accepted, and there is: a",)


CALM = Told(killed=False, events=("RunAccepted#1", "StepUnconfirmed(s1)#1", "RunEnded#1"), seconds=1.0)


def test_boundaries_are_before_and_after_each_event_that_is_sure_to_come() -> None:
    assert [point.told() for point in boundaries(CALM)] == [
        "before RunAccepted#1", "after RunAccepted#1", "before RunEnded#1", "after RunEnded#1",
    ]  # fmt: skip


def test_points_are_all_boundaries_first_and_then_random_moments() -> None:
    points = chosen(CALM, 10, random.Random(1))

    assert points[:4] == boundaries(CALM)
    assert covered(points) == 4
    assert sum(point.again is not None for point in points) == 2
    assert chosen(CALM, 10, random.Random(1)) == points
    assert covered(chosen(CALM, 3, random.Random(1))) == 3


def test_faults_are_planned_for_every_pair_and_then_again_at_other_writes() -> None:
    pairs = [("shop", "drop"), ("shop", "cut"), ("mail", "drop")]

    plan = planned(pairs, {"shop": 9, "mail": 1}, 6, random.Random(3))

    assert [(fault.service, fault.kind) for fault in plan] == [*pairs, *pairs]
    assert all(1 <= fault.nth <= 9 for fault in plan)
    assert {fault.nth for fault in plan if fault.service == "mail"} == {1}
    assert len(planned(pairs, {"shop": 9, "mail": 1}, 2, random.Random(3))) == 2


def test_long_effects_are_shown_shortened() -> None:
    assert short(Counter({"x" * 500: 1})) == ("x" * LONGEST + "…",)


def test_kinds_follow_from_where_a_service_is(tmp_path: Path) -> None:
    make_database(tmp_path / "a.db")

    assert "stale" in kinds_of("http://127.0.0.1:1/x")
    assert "misplace" in kinds_of("smtp://127.0.0.1:1")
    assert set(kinds_of(str(tmp_path / "a.db"))) == set(ACTS)
    assert set(kinds_of(str(tmp_path))) == set(VANDALS)
    assert kinds_of(str(tmp_path / "nothing")) == ()
    assert kinds_of("ldap://127.0.0.1") == ()


def make_database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE people (mail TEXT PRIMARY KEY, name TEXT, role TEXT, team TEXT)")
        connection.execute("INSERT INTO people VALUES ('grace@x', 'Grace', 'Manager', 'backend')")


def rows(path: Path) -> list[tuple[str, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT * FROM people ORDER BY mail").fetchall()


GRACE = ("grace@x", "Grace", "Manager", "backend")
ADA = ("ada@x", "Ada", "Engineer", "backend")


@pytest.mark.parametrize(
    ("kind", "left"),
    [
        ("drop", [GRACE]),
        ("halve", [("ada@x", "Ada", "Engi", "bac"), GRACE]),
        ("double", [("2ada@x", "Ada", "Engineer", "backend"), ADA, GRACE]),
        ("misplace", [("2ada@x", "Ada", "Engineer", "backend"), GRACE]),
        ("side_record", [ADA, ("grace@x", "Grace (altered)", "Manager", "backend")]),
        ("lost_record", [ADA]),
        ("side_table", [ADA, GRACE]),
    ],
)
def test_a_trigger_lies_about_an_insert_and_is_gone_when_disarmed(
    kind: str, left: list[tuple[str, ...]], tmp_path: Path
) -> None:
    path = tmp_path / "a.db"
    make_database(path)
    arm(path, kind)

    with closing(sqlite3.connect(path)) as connection, connection:
        assert connection.execute("INSERT INTO people VALUES (?, ?, ?, ?)", ADA).rowcount == 1

    assert rows(path) == left
    disarm(path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_master WHERE type = 'trigger'").fetchone() == (0,)
    assert rows(path) == left


@pytest.mark.parametrize(
    ("kind", "left"),
    [("drop", "one\n"), ("halve", "one\ntw"), ("repeat", "one\ntwo\ntwo\n"), ("remove", None)],
)
def test_a_vandal_damages_what_was_written(kind: str, left: str | None, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("one\n")
    before = listing(tmp_path)
    page.write_text("one\ntwo\n")

    VANDALS[kind](page, before)

    assert (page.read_text() if page.exists() else None) == left
