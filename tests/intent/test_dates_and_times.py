"""Dates and times, resolved against the moment of speaking; every doubt shows as several readings."""

from datetime import UTC, datetime

import pytest

from doer.intent.grounder import Grounder
from doer.intent.mention import Kind, Setting

WEDNESDAY = datetime(2026, 2, 25, 9, 0, tzinfo=UTC)


def readings(
    text: str, kind: Kind, locale: str = "en", said_at: datetime = WEDNESDAY, zone: str = "Europe/Berlin"
) -> list[object]:
    found = [each for each in Grounder(Setting(said_at, zone, locale)).mentions(text) if each.kind == kind]
    assert len(found) == 1, found
    return [each.value for each in found[0].readings]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("today", "2026-02-25"),
        ("tomorrow", "2026-02-26"),
        ("the day after tomorrow", "2026-02-27"),
        ("yesterday", "2026-02-24"),
        ("on Friday", "2026-02-27"),
        ("next Monday", "2026-03-02"),
        ("this Friday", "2026-02-27"),
        ("last Monday", "2026-02-23"),
        ("Monday in a week", "2026-03-09"),
        ("a week on Monday", "2026-03-09"),
        ("Friday next week", "2026-03-06"),
        ("in 3 days", "2026-02-28"),
        ("in two weeks", "2026-03-11"),
        ("in a month", "2026-03-25"),
        ("a week from tomorrow", "2026-03-05"),
        ("on 3 March", "2026-03-03"),
        ("March 3rd", "2026-03-03"),
        ("the 3rd of March 2027", "2027-03-03"),
        ("Tuesday 3 March 2026", "2026-03-03"),
        ("Dec 5", "2026-12-05"),
        ("29 February", "2028-02-29"),
        ("2026-03-02", "2026-03-02"),
        ("3.4.2026", "2026-04-03"),
        ("25/12/2026", "2026-12-25"),
        ("the 3rd", "2026-03-03"),
        ("4 days ago", "2026-02-21"),
    ],
)
def test_a_plain_date_has_one_reading(text: str, day: str) -> None:
    assert readings(text, "date") == [day]


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("next Friday", ["2026-03-06", "2026-02-27"]),
        ("03/04/2026", ["2026-04-03", "2026-03-04"]),
        ("on Wednesday", ["2026-03-04", "2026-02-25"]),
        ("20 February", ["2027-02-20", "2026-02-20"]),
    ],
)
def test_where_people_differ_both_readings_are_kept(text: str, days: list[str]) -> None:
    assert readings(text, "date") == days


@pytest.mark.parametrize(("locale", "day"), [("en-GB", "2026-04-03"), ("en_US", "2026-03-04"), ("de-DE", "2026-04-03")])
def test_a_locale_with_a_territory_settles_the_order_of_day_and_month(locale: str, day: str) -> None:
    assert readings("03/04/2026", "date", locale) == [day]


def test_next_monday_said_on_a_sunday_is_asked_only_where_weeks_begin_on_sunday() -> None:
    sunday = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

    assert readings("next Monday", "date", said_at=sunday) == ["2026-03-02"]
    assert readings("next Monday", "date", "en-US", said_at=sunday) == ["2026-03-02", "2026-03-09"]


def test_relative_words_resolve_on_the_wall_clock_of_the_zone() -> None:
    late = datetime(2026, 2, 25, 23, 30, tzinfo=UTC)

    assert readings("today", "date", said_at=late, zone="Asia/Tokyo") == ["2026-02-26"]
    assert readings("today", "date", said_at=late, zone="America/New_York") == ["2026-02-25"]


@pytest.mark.parametrize(
    "text", ["31 February", "30/02/2026", "2026-02-30", "32.1.2026", "Monday 3 March 2026", "31 June 2026"]
)
def test_an_impossible_date_is_named_as_such(text: str) -> None:
    (mention,) = Grounder(Setting(WEDNESDAY)).mentions(text)

    assert mention.readings == ()
    assert mention.problem


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("at 3pm", ["15:00"]),
        ("15:00", ["15:00"]),
        ("at 15:00, then lunch", ["15:00"]),
        ("be there at 16:15.", ["16:15"]),
        ("3:30", ["15:30", "03:30"]),
        ("03:30", ["03:30"]),
        ("9:30", ["09:30"]),
        ("at 3", ["15:00", "03:00"]),
        ("at 10", ["10:00", "22:00"]),
        ("noon", ["12:00"]),
        ("12am", ["00:00"]),
        ("half past four pm", ["16:30"]),
        ("quarter to nine am", ["08:45"]),
        ("at 14.30", ["14:30"]),
        ("15h", ["15:00"]),
    ],
)
def test_a_time_without_morning_or_afternoon_is_doubtful(text: str, times: list[str]) -> None:
    assert readings(text, "time") == times


@pytest.mark.parametrize("text", ["25:00", "13pm", "at 12:75"])
def test_an_impossible_time_is_named_as_such(text: str) -> None:
    found = Grounder(Setting(WEDNESDAY)).mentions(text)

    assert [each.readings for each in found if each.kind == "time"] == [()]


def test_a_date_and_a_time_are_joined_with_the_offset_of_the_zone() -> None:
    assert readings("tomorrow at 3pm", "datetime") == ["2026-02-26T15:00:00+01:00"]
    assert readings("3pm on 1 July 2026", "datetime") == ["2026-07-01T15:00:00+02:00"]
    assert readings("2026-03-02T15:00:00Z", "datetime") == ["2026-03-02T15:00:00+00:00"]


def test_a_time_that_the_clock_skips_is_impossible_and_one_that_it_repeats_is_doubtful() -> None:
    assert readings("2026-03-29 02:30", "datetime") == []
    assert readings("2026-10-25 02:30", "datetime") == ["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"]


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("90 minutes", "PT90M"),
        ("half an hour", "PT30M"),
        ("an hour and a half", "PT90M"),
        ("1.5 hours", "PT90M"),
        ("two weeks", "P14D"),
        ("3 months", "P3M"),
    ],
)
def test_a_duration_is_read(text: str, duration: str) -> None:
    assert readings(text, "duration") == [duration]


def test_weeks_and_months_are_ranges_with_both_ends() -> None:
    assert readings("next week", "date_range") == [{"start": "2026-03-02", "end": "2026-03-08"}]
    assert readings("the first week of March", "date_range") == [{"start": "2026-03-01", "end": "2026-03-07"}]
    assert readings("next month", "date_range") == [{"start": "2026-03-01", "end": "2026-03-31"}]
    assert readings("her first week", "date_range") == []


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("in two hours", "2026-02-25T12:00:00+01:00"),
        ("in an hour and a half", "2026-02-25T11:30:00+01:00"),
        ("20 minutes from now", "2026-02-25T10:20:00+01:00"),
        ("tonight at 9", "2026-02-25T21:00:00+01:00"),
        ("tomorrow morning at 9", "2026-02-26T09:00:00+01:00"),
        ("tomorrow at 7 in the evening", "2026-02-26T19:00:00+01:00"),
    ],
)
def test_a_moment_told_by_the_time_until_then_or_by_the_part_of_the_day_is_plain(text: str, moment: str) -> None:
    assert readings(text, "datetime") == [moment]


def test_hours_that_a_part_of_the_day_does_not_have_once_stay_doubtful() -> None:
    assert readings("tonight at 2", "datetime") == ["2026-02-25T14:00:00+01:00", "2026-02-25T02:00:00+01:00"]


def test_a_length_that_is_no_time_until_then_stays_a_length() -> None:
    assert readings("for two hours", "duration") == ["PT120M"]


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("from July 1 to December 31, 2024", ["2024-07-01", "2024-12-31"]),
        ("from December 30th to January 3rd, 2024", ["2023-12-30", "2024-01-03"]),
        ("from 30 December 2023 until 3 January", ["2023-12-30", "2024-01-03"]),
        ("from the 1st to the 31st of January 2023", ["2023-01-01", "2023-01-31"]),
    ],
)
def test_a_day_without_a_year_has_that_of_the_day_it_is_said_with(text: str, days: list[str]) -> None:
    found = [each for each in Grounder(Setting(WEDNESDAY, "Europe/Berlin", "en")).mentions(text) if each.kind == "date"]
    assert [[each.value for each in one.readings] for one in found] == [[day] for day in days]
