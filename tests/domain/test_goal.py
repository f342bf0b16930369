"""Goals: words that cannot be meant are refused with what to do instead."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.domain.strategies import ME, START

from doer.domain.errors import UsageError
from doer.domain.goal import LONGEST_GOAL, Goal


@pytest.mark.parametrize("text", ["", "  \n\t", "\u3000"])
def test_an_empty_goal_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="say in words what should be done"):
        Goal(text, ME, START)


def test_a_document_is_not_a_goal() -> None:
    with pytest.raises(UsageError, match="put long material into a file"):
        Goal("x" * (LONGEST_GOAL + 1), ME, START)
    assert len(Goal("x" * LONGEST_GOAL, ME, START).text) == LONGEST_GOAL


def test_bytes_that_are_no_text_are_refused_before_they_reach_the_journal() -> None:
    with pytest.raises(UsageError, match="not valid Unicode"):
        Goal("put \udcff there", ME, START)


@pytest.mark.parametrize("text", ["日本語で", "שלום", "emoji 🚀", "bell \x07"])
def test_other_scripts_are_goals_like_any_other(text: str) -> None:
    assert Goal(text, ME, START).text == text


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(UsageError, match="naive times are refused"):
        Goal("do it", ME, datetime(2026, 1, 5, 9))  # noqa: DTZ001


@pytest.mark.parametrize("zone", ["Nowhere/City", "", "../etc/passwd", "Europe"])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(UsageError, match="use an IANA name"):
        Goal("do it", ME, START, zone)


def test_the_local_time_is_that_of_the_zone() -> None:
    goal = Goal("do it", ME, datetime(2026, 7, 1, 22, 30, tzinfo=UTC), "Europe/Berlin")

    assert (goal.local_time.day, goal.local_time.hour) == (2, 0)
