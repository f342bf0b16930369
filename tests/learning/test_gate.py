"""The gate: only what is better on held-out sentences, and worse in nothing, takes the place of what is there."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doer.domain.goal import Goal
from doer.domain.value import Principal, RunId
from doer.learning.gate import LEAST, judge, sign_test
from doer.learning.lessons import Calls, Lesson, Said
from doer.learning.score import Reading, interval, tally

AT = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
GOLD: Calls = (("add_note", {"recipient": "Ana", "text": "late"}),)
HALF: Calls = (("add_note", {"recipient": "Ana"}),)
OTHER: Calls = (("send", {"to": "Ana"}),)
NOTHING: Calls = ()


def lesson(number: int, *, right: bool = True) -> Lesson:
    return Lesson(
        RunId(f"r{number}"), Goal(f"note {number}", Principal("sam"), AT),
        (Said("add_note", {"recipient": "Ana", "text": "late"}, {}),), right,
    )  # fmt: skip


def said(*calls: Calls, corrected: Calls = NOTHING) -> list[Reading]:
    readings = [Reading(lesson(number), each) for number, each in enumerate(calls)]
    return [*readings, Reading(lesson(99, right=False), corrected)]


def test_more_right_and_nothing_worse_is_better() -> None:
    verdict = judge(said(*[NOTHING] * LEAST), said(*[GOLD] * 6, *[NOTHING] * (LEAST - 6)))
    assert verdict.better
    assert (verdict.gained, verdict.lost) == (6, 0)
    assert verdict.chance == pytest.approx(1 / 64)
    assert "6 of 8 held-out sentences exactly right, before 0" in verdict.reason


def test_as_good_is_not_better() -> None:
    same = said(*[GOLD] * LEAST)
    verdict = judge(same, same)
    assert not verdict.better
    assert "not better" in verdict.reason


def test_one_gained_and_one_lost_is_not_better() -> None:
    before = said(GOLD, *[NOTHING] * LEAST)
    after = said(NOTHING, GOLD, *[NOTHING] * (LEAST - 1))
    assert not judge(before, after).better


def test_too_few_cannot_tell() -> None:
    verdict = judge(said(*[NOTHING] * (LEAST - 1)), said(*[GOLD] * (LEAST - 1)))
    assert not verdict.better
    assert "too few to tell" in verdict.reason


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (said(*[NOTHING] * LEAST), said(*[GOLD] * 4, *[OTHER] * (LEAST - 4)), "wrong proposals"),
        (said(*[HALF] * LEAST), said(GOLD, GOLD, *[NOTHING] * (LEAST - 2)), "right tools"),
        (said(*[HALF] * LEAST), said(GOLD, GOLD, *[NOTHING] * (LEAST - 2)), "right arguments"),
        (said(*[NOTHING] * LEAST), said(*[GOLD] * LEAST, corrected=GOLD), "corrected plans proposed again"),
    ],
)
def test_better_in_one_thing_and_worse_in_another_is_not_better(
    before: list[Reading], after: list[Reading], told: str
) -> None:
    verdict = judge(before, after)
    assert not verdict.better
    assert told in verdict.reason


def test_readings_of_other_lessons_are_not_compared() -> None:
    with pytest.raises(ValueError, match="same lessons"):
        judge(said(GOLD), said(GOLD, GOLD))


def test_counts_tell_silence_from_what_is_wrong() -> None:
    counted = tally(said(GOLD, HALF, OTHER, NOTHING, corrected=GOLD))
    assert (counted.sentences, counted.exact, counted.tool, counted.silent, counted.wrong) == (4, 1, 2, 1, 2)
    assert (counted.hits, counted.said, counted.gold) == (3, 4, 8)
    assert (counted.corrected, counted.repeated) == (1, 1)
    assert counted.parameter_f1 == pytest.approx(0.5)


@given(st.integers(0, 200), st.integers(0, 200))
def test_an_interval_holds_its_share_and_narrows_with_more(hits: int, misses: int) -> None:
    low, high = interval(hits, hits + misses)
    assert 0 <= low <= high <= 1
    if hits + misses:
        assert low <= hits / (hits + misses) <= high
        wider = interval(hits, hits + misses)
        narrow = interval(4 * hits, 4 * (hits + misses))
        assert narrow[1] - narrow[0] <= wider[1] - wider[0]


@given(st.integers(0, 30), st.integers(0, 30))
def test_the_sign_test_is_a_probability_that_falls_with_each_gain(gained: int, lost: int) -> None:
    assert 0 < sign_test(gained, lost) <= 1
    assert sign_test(gained + 1, lost) <= sign_test(gained, lost)
