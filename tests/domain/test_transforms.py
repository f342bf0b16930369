"""Transforms of dates, names of files and decimals: total, typed, and refusing what would say something else."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doer.domain.errors import UsageError
from doer.domain.transform import transforms
from doer.domain.value import Json

DAYS = st.dates(date(1900, 1, 1), date(2999, 12, 31))
NAMES = st.text(st.characters(categories=("Ll", "Lu", "Nd"), include_characters="-_. "), min_size=1).map(str.strip)


def do(name: str, *of: Json) -> Json:
    return transforms()[name](of)


@given(DAYS)
def test_a_date_is_written_in_any_declared_form(day: date) -> None:
    assert do("format_date", day.isoformat(), "YYYY-MM-DD") == day.isoformat()
    assert do("format_date", day.isoformat(), "DD.MM.YY") == f"{day:%d.%m.%y}"


@pytest.mark.parametrize(("name", "of"), [("format_date", ("2026-01-01", "x")), ("counter", (-1, 3)), ("divide", ("1", "0", 2)),
                                          ("in_folder", ("a", "b/c")), ("in_folder", ("a", "..")), ("name_of", ("",)),
                                          ("round_to", ("1", 30)), ("day_start", ("2026-01-01", "text", "UTC")),
                                          ("clock_of", ("2026-01-01T10:00:00", "UTC")), ("field", ({}, "a"))])  # fmt: skip
def test_what_would_say_something_else_is_refused(name: str, of: tuple[Json, ...]) -> None:
    with pytest.raises(UsageError):
        do(name, *of)


@given(st.integers(0, 10**6), st.integers(1, 12))
def test_a_counter_is_as_wide_as_asked_and_still_the_number(number: int, width: int) -> None:
    made = str(do("counter", number, width))

    assert int(made) == number
    assert len(made) >= width


@given(NAMES.filter(lambda name: name.strip(". ") != ""), NAMES.filter(lambda name: name.strip(". ") != ""))
def test_parts_of_a_path_make_the_path_again(folder: str, name: str) -> None:
    path = do("in_folder", folder, name)

    assert do("in_folder", do("folder_of", path), do("name_of", path)) == path
    assert f"{do('stem_of', name)}{do('suffix_of', name)}" == name


@given(
    st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9), st.integers(0, 6)
)
def test_rounding_moves_a_number_by_at_most_half_a_place(number: Decimal, places: int) -> None:
    assert abs(Decimal(str(do("round_to", str(number), places))) - number) <= Decimal(1).scaleb(-places) / 2


@given(DAYS, NAMES.filter(lambda name: name.strip(". -_") != ""))
def test_a_dated_name_begins_with_its_date_and_stays_so(day: date, name: str) -> None:
    once = str(do("dated_name", f"{name}.pdf", day.isoformat()))

    assert once.startswith(day.isoformat()) or name.startswith(day.strftime("%Y%m%d"))
    assert once.endswith(".pdf")
    assert do("dated_name", once, day.isoformat()) == once


def test_the_date_in_a_name_moves_to_its_front() -> None:
    assert do("dated_name", "scan_2026-11-03.pdf", "2026-11-03") == "2026-11-03_scan.pdf"
    assert do("dated_name", "2026-11-03.pdf", "2026-11-03") == "2026-11-03.pdf"
    assert do("dated_name", "IMG-20261103-WA1.jpg", "2026-11-03") == "2026-11-03_IMG-WA1.jpg"


def test_a_day_begins_at_midnight_of_its_zone_as_the_column_writes_it() -> None:
    assert do("day_start", "2026-11-20", "instant", "Europe/Berlin") == "2026-11-20T00:00:00+01:00"
    assert do("day_start", "2026-11-20", "timestamp", "Europe/Berlin") == "2026-11-20T00:00:00"
    assert do("day_start", "2026-11-20", "date", "Europe/Berlin") == "2026-11-20"


@given(st.lists(st.integers(0, 5)), st.lists(st.integers(0, 5)))
def test_appending_adds_nothing_twice_and_keeps_what_was_there(first: list[int], more: list[int]) -> None:
    made = do("append", first, more)

    assert isinstance(made, list)
    assert made[: len(first)] == first
    assert set(made) == {*first, *more}
    assert len(made) == len(first) + len({*more} - {*first})


def test_the_first_that_is_there_is_taken() -> None:
    assert do("either", None, "", [], "x", "y") == "x"
    assert do("either", None) is None


ROWS: list[Json] = [{"name": "Ana Lopez", "id": 1}, {"name": "Ana Maria Lopez", "id": 2}, "no object", {"id": 3}]


@pytest.mark.parametrize(
    ("wanted", "exactly", "found"),
    [("ana lopez", (), [1, 2]), ("Maria", (), [2]), ("Ana Lopez", ("exactly",), [1]), ("An", (), []), ("Bob", (), [])],
)
def test_rows_are_found_by_whole_words_or_exactly(wanted: str, exactly: tuple[str, ...], found: list[int]) -> None:
    rows = transforms()["rows_with"]([ROWS, "name", wanted, *exactly])

    assert isinstance(rows, list)
    assert [row["id"] for row in rows] == found


@pytest.mark.parametrize(
    ("one", "other", "order"),
    [("9", "10", -1), ("200.00", 200, 0), (3, "2.5", 1), ("2026-03-02", "2026-03-01T09:00:00", 1),
     ("2026-03-01T09:00:00+01:00", "2026-03-01T08:00:00+00:00", 0)],
)  # fmt: skip
def test_numbers_and_times_are_compared_and_not_their_texts(one: Json, other: Json, order: int) -> None:
    assert transforms()["compare"]([one, other]) == order


@pytest.mark.parametrize(("one", "other"), [("blue", "2"), ("2026-03-01T09:00:00+01:00", "2026-03-01"), (True, 1)])
def test_what_has_no_order_is_not_compared(one: Json, other: Json) -> None:
    with pytest.raises(UsageError):
        transforms()["compare"]([one, other])
