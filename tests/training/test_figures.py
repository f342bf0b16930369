"""Figures of calibration: what plans show by chance alone is told beside what was measured."""

from __future__ import annotations

from training.figures import calibration_error, error_by_chance


def test_fewer_plans_show_more_error_by_chance_and_sure_ones_none() -> None:
    half = [(0.5, place % 2 == 0) for place in range(1000)]
    assert calibration_error(half) == 0  # as many right as were stated
    assert 0 < error_by_chance(half) < error_by_chance(half[:100])
    assert error_by_chance([(1.0, True)] * 100) == 0
    assert error_by_chance(half) == error_by_chance(half)
