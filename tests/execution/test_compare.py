"""An approval covers what was shown: what differs from it asks again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from tests.domain.strategies import previews, values

from doer.domain.action import Change, Preview
from doer.domain.value import Hole, Json
from doer.execution.compare import difference, filled, holes_in, matches

NONE: frozenset[str] = frozenset()

CHANGE = Change("x", {"n": 1}, {"n": 2}, echoes=("ada is told",), version="v1")


def preview(**other: object) -> Preview:
    return Preview((replace(CHANGE, **other),))  # type: ignore[arg-type]


@given(previews)
def test_nothing_differs_from_itself(shown: Preview) -> None:
    assert difference(shown, shown, holes=NONE) == ""
    assert difference(shown, shown, holes=frozenset({"‹id of a›"})) == ""


@given(values, values)
def test_values_match_when_they_are_one_in_json(one: Json, other: Json) -> None:
    assert matches(one, one, holes=NONE)
    assert matches(one, other, holes=NONE) is matches(other, one, holes=NONE)


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (Preview((CHANGE,), "irreversible"), "its effect would now be irreversible"),
        (Preview(()), "change 0 resources, not 1"),
        (Preview((CHANGE,), foreseeable=False), "cannot be foreseen any more"),
        (preview(resource="y"), "would now change y, not x"),
        (preview(before={"n": 9}), "not as it was when it was approved"),
        (preview(after={"n": 9}), "would now become something else"),
        (preview(echoes=("ada is told", "grace is told")), "also cause: grace is told"),
        (preview(reversible=False), "could now not be put back"),
    ],
)
@pytest.mark.parametrize("holes", [NONE, frozenset({"‹id of a›"})], ids=["all known", "some to come"])
def test_what_differs_is_named(found: Preview, told: str, holes: frozenset[str]) -> None:
    assert told in difference(preview(), found, holes=holes)


def test_an_effect_that_is_no_longer_stricter_than_declared_is_named_as_well() -> None:
    assert "as declared" in difference(Preview((CHANGE,), "irreversible"), preview(), holes=NONE)


@pytest.mark.parametrize("found", [preview(version="v2"), preview(echoes=())])
def test_versions_and_missing_echoes_are_no_difference(found: Preview) -> None:
    assert difference(preview(), found, holes=NONE) == ""


@pytest.mark.parametrize(
    ("approved", "found", "fits"),
    [
        (Hole.of("id of a"), 7, True),
        (Hole.of("id of a"), {"any": "thing"}, True),
        ("user ‹id of a›!", "user 7!", True),
        ("user ‹id of a›!", "user 7?", False),
        ("user ‹id of a›", 7, False),
        ("‹a›-‹b›", "1-2\n3", True),
        ("no hole", "no hole", True),
        ({"id": "‹id›"}, {"id": 1}, True),
        ({"id": "‹id›"}, {"id": 1, "more": 2}, False),
        (["‹id›", 1], [7, 1], True),
        (["‹id›", 1], [7, 2], False),
        (["‹id›"], "7", False),
        (["‹id›"], [1, 2], False),
        ({"a": 1}, [1], False),
    ],
)
def test_what_was_shown_as_known_later_may_be_anything_there_and_nowhere_else(
    approved: Json, found: Json, fits: bool
) -> None:
    assert matches(approved, found, holes=holes_in(approved)) is fits


def test_a_text_that_looks_like_a_hole_is_a_text_where_all_was_known() -> None:
    assert not matches("‹id›", "7", holes=NONE)


@pytest.mark.parametrize(("one", "other"), [(1, True), (0, False), (True, 1)])
def test_a_number_is_no_truth_value(one: Json, other: Json) -> None:
    assert not matches(one, other, holes=NONE)


def test_somebody_who_will_be_told_is_the_same_when_only_the_name_was_open() -> None:
    approved = preview(echoes=("‹mail of a› is told",))

    assert (
        difference(
            approved, preview(echoes=("ada@acme.example is told",)), holes=holes_in(list(approved.changes[0].echoes))
        )
        == ""
    )
    assert "also cause" in difference(
        approved, preview(echoes=("a door opens",)), holes=holes_in(list(approved.changes[0].echoes))
    )


def test_text_in_the_world_that_looks_like_a_hole_stands_for_itself() -> None:
    approved = Preview((Change("file:a", "price is ‹100› EUR", "price is ‹amount of bill› EUR"),))
    edited = Preview((Change("file:a", "price is 999999 EUR", "price is 7 EUR"),))
    same = Preview((Change("file:a", "price is ‹100› EUR", "price is 7 EUR"),))
    holes = frozenset({"‹amount of bill›"})

    assert "not as it was" in difference(approved, edited, holes=holes)
    assert difference(approved, same, holes=holes) == ""


def test_what_the_run_has_left_by_now_fills_the_holes_that_named_it_wherever_they_stand() -> None:
    hole = Hole.of("as it is then")
    after: Json = {"lines": [hole, "as it was", 3], "version": hole, "none": None}
    shown = replace(preview(after=after), holes={hole: "file:a"})

    [change] = filled(shown, {"file:a": "v2", "file:b": "v9"}).changes

    assert change.after == {"lines": ["v2", "as it was", 3], "version": "v2", "none": None}
    assert filled(shown, {"file:b": "v9"}) is shown
