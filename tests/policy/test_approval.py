"""Approvals bind what was shown, for as long as they last, and irreversible steps only by name."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.domain.strategies import ME, START
from tests.domain.test_fold import A, B, after, begun

from doer.domain.decision import Ask
from doer.domain.errors import NotNow
from doer.domain.event import PlanJudged
from doer.domain.run import Run
from doer.domain.value import Digest, StepId
from doer.policy.approval import LASTS, approve, approve_undo, must_be_named


def waiting(*, named: bool = False) -> Run:
    return after(PlanJudged({A: Ask("ask"), B: Ask("ask", by_name=named)}, Digest("q")), run=begun())


def test_an_approval_binds_every_waiting_step_to_what_was_shown_for_a_week() -> None:
    run = waiting()
    word = approve(run, ME, START)

    assert word.bindings == {A: run.binding(A), B: run.binding(B)}
    assert (word.by, word.expires_at) == (ME, START + LASTS)
    assert set(after(word, run=run).approved) == {A, B}


def test_what_cannot_be_taken_back_is_covered_only_by_name() -> None:
    run = waiting(named=True)

    assert set(approve(run, ME, START).bindings) == {A}
    assert set(approve(run, ME, START, [B]).bindings) == {A, B}
    assert (must_be_named(run, A), must_be_named(run, B)) == (False, True)
    left = after(approve(run, ME, START), run=run)
    with pytest.raises(NotNow, match="must be approved by name: b"):
        approve(left, ME, START)


def test_a_step_that_waits_for_nothing_cannot_be_named() -> None:
    with pytest.raises(NotNow, match="zzz of run r waits for no approval; waiting: a, b"):
        approve(waiting(), ME, START, [StepId("zzz")])


def test_a_run_that_waits_for_nothing_is_not_approved() -> None:
    with pytest.raises(NotNow, match="run r waits for no approval"):
        approve(begun(), ME, START)


def test_a_run_that_was_only_planned_is_approved_with_nothing_to_bind() -> None:
    assert approve(replace(begun(), mode="plan"), ME, START).bindings == {}


def test_what_was_not_shown_yet_is_not_approved() -> None:
    with pytest.raises(NotNow, match="not previewed yet"):
        approve(replace(waiting(), decisions=None), ME, START)


def test_what_has_ended_is_not_approved() -> None:
    with pytest.raises(NotNow, match="has ended"):
        approve(replace(waiting(), ended="refused"), ME, START)


def test_an_undo_is_approved_as_previewed() -> None:
    run = replace(begun(), ended="done", undo="previewed")

    assert approve_undo(run, ME).binding == run.undo_binding
    with pytest.raises(NotNow):
        approve_undo(begun(), ME)
