"""Transforms: a closed set of pure functions; what they cannot take is said, and nothing is guessed."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.domain.strategies import values

from doer.domain.errors import UsageError
from doer.domain.transform import transforms
from doer.domain.value import Json


@pytest.mark.parametrize(
    ("name", "inputs", "output"),
    [
        ("join", ["a", 1, 2.5], "a12.5"),
        ("slug", ["Ada Lovelace"], "ada-lovelace"),
        ("slug", [" Zoë  O'Hara ", "."], "zoe.o.hara"),
        ("slug", ["a b", r"\1"], r"a\1b"),
        ("lower", ["ADA"], "ada"),
        ("first_word", ["Ada Lovelace"], "Ada"),
        ("last_word", ["Ada King Lovelace"], "Lovelace"),
        ("add_days", ["2026-02-27", 2], "2026-03-01"),
        ("add_days", ["2026-01-01", "-1"], "2025-12-31"),
        ("add_workdays", ["2026-01-05", 0], "2026-01-05"),
        ("add_workdays", ["2026-01-09", 1], "2026-01-12"),
        ("add_workdays", ["2026-01-10", 0], "2026-01-12"),
        ("add_minutes", ["2026-01-05T09:00:00+01:00", 90], "2026-01-05T10:30:00+01:00"),
        ("at_time", ["2026-07-01", "09:30", "Europe/Berlin"], "2026-07-01T09:30:00+02:00"),
        ("weekday", ["2026-01-05"], "Monday"),
        ("weekday", ["2026-01-11T09:00:00+01:00"], "Sunday"),
        ("add", ["0.1", "0.2", 1], "1.3"),
        ("add", [], "0"),
        ("subtract", ["1.00", "0.01"], "0.99"),
        ("multiply", ["1.5", "2", 3], "9.0"),
        ("count", [[1, 2]], 2),
        ("first", [["only"]], "only"),
        ("day_of", ["2026-01-05", "Europe/Berlin"], "2026-01-05"),
        ("day_of", ["2026-01-05T23:30:00+00:00", "Europe/Berlin"], "2026-01-06"),
        ("clock_of", ["2026-01-05T23:30:00+00:00", "Europe/Berlin"], "00:30"),
        ("field", [{"a": [1]}, "a"], [1]),
        ("divide", ["10", "4", 2], "2.50"),
    ],
)
def test_each_does_what_its_name_says(name: str, inputs: Sequence[Json], output: Json) -> None:
    assert transforms()[name](inputs) == output


@pytest.mark.parametrize(
    ("name", "inputs", "told"),
    [
        ("join", [None], "neither text nor a number"),
        ("join", [True], "neither text nor a number"),
        ("slug", ["日本"], "no plain letters"),
        ("slug", [], "cannot take"),
        ("lower", [], "cannot take"),
        ("first_word", ["  "], "no words"),
        ("last_word", [[]], "neither text nor a number"),
        ("add_days", ["yesterday", 1], "cannot take"),
        ("add_days", ["2026-01-01", 10**12], "cannot take"),
        ("add_days", ["2026-01-01", "1.5"], "cannot take"),
        ("add_workdays", ["2026-01-05", -1], "counts 0 to 1000 days"),
        ("add_workdays", ["2026-01-05", 1001], "counts 0 to 1000 days"),
        ("add_minutes", ["2026-01-05T09:00:00", 5], "has no time zone"),
        ("add_minutes", ["soon", 5], "cannot take"),
        ("at_time", ["2026-01-01", "9 o'clock", "UTC"], "cannot take"),
        ("at_time", ["2026-01-01", "09:00", "Nowhere/City"], "cannot take"),
        ("at_time", ["2026-01-01", "09:00", "Europe"], "cannot take"),
        ("at_time", ["2026-01-01"], "cannot take"),
        ("weekday", ["never"], "cannot take"),
        ("add", ["one"], "not a decimal number"),
        ("add", ["NaN"], "not a finite number"),
        ("subtract", ["1"], "cannot take"),
        ("multiply", ["1e999999", "1e999999"], "cannot take"),
        ("count", ["abc"], "is not a list"),
        ("count", [3], "is not a list"),
        ("first", [[]], "there are 0"),
        ("first", [[1, 2]], "there are 2"),
        ("day_of", ["2026-01-05T23:30:00", "Europe/Berlin"], "has no time zone"),
        ("field", [{"a": 1}, "b"], "no 'b' to look up"),
    ],
)
def test_what_it_cannot_take_is_said(name: str, inputs: Sequence[Json], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        transforms()[name](inputs)


@given(st.sampled_from(sorted(transforms())), st.lists(values, max_size=4))
def test_nothing_but_a_clear_error_ever_comes_out(name: str, inputs: list[Json]) -> None:
    try:
        transforms()[name](inputs)
    except UsageError as told:
        assert str(told)  # noqa: PT017  # either way is right
