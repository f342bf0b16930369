"""Forms: a date or a time is written as the schema asks for it, in whatever letters."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from doer.domain.value import Json
from doer.intent.grounder import Grounder
from doer.intent.mention import Setting
from doer.planning.action.forms import date_form
from doer.planning.action.values import read_value
from doer.planning.words.candidates import listen

GROUNDER = Grounder(Setting(datetime(2025, 1, 2, tzinfo=UTC), "Europe/Berlin"))


def read(said: str, words: str, asked: str) -> Json:
    listened = listen((said,), GROUNDER)
    for place, candidate in enumerate(listened.heard.candidates):
        if said[candidate.start : candidate.end] == words:
            schema = {"type": "string", "description": asked}
            return read_value(words, "", listened.mentions[place], "at", schema, listened.whole(place))
    raise AssertionError(f"{words!r} is no candidate of {said!r}")


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("YYYY-MM-DD HH:MM", "2025-06-17 14:05"),
        ("%Y-%m-%d %H:%M:%S", "2025-06-17 14:05:00"),
        ("Start, as yyyy-MM-ddTHH:mm:ssZ", "2025-06-17T12:05:00Z"),
        ("MM/dd/yyyy hh:mm", "06/17/2025 14:05"),
        ("dd MMM yyyy", "17 Jun 2025"),
        ("the day (DD.MM.YYYY)", "17.06.2025"),
    ],
)
def test_a_moment_is_written_in_the_form_that_is_asked_for(asked: str, told: str) -> None:
    assert read("see them on 17 June 2025 at 14:05", "17 June 2025 at 14:05", asked) == told


def test_a_day_of_which_the_clock_was_said_beside_it_is_the_moment_where_one_is_asked_for() -> None:
    assert read("see them on 2025-06-17 11:00", "2025-06-17", "YYYY-MM-DD HH:MM") == "2025-06-17 11:00"


def test_what_is_written_in_the_form_that_is_asked_for_is_read_in_no_other_way() -> None:
    assert read("due 03/04/2025", "03/04/2025", "DD/MM/YYYY") == "03/04/2025"


@pytest.mark.parametrize("told", ["The command to run", "HH:MM", "summer or winter", "a name", "ddd"])
def test_words_are_no_form_of_a_date(told: str) -> None:
    assert date_form(told) == ""


@pytest.mark.parametrize(
    ("said", "moment"),
    [
        ("2025-11-03 09:00:00", "2025-11-03T09:00:00+01:00"),
        ("2025-11-03T09:00", "2025-11-03T09:00:00+01:00"),
        ("2025-11-03T09:00:30Z", "2025-11-03T09:00:30+00:00"),
    ],
)
def test_a_moment_with_seconds_or_a_t_is_one_moment(said: str, moment: str) -> None:
    [mention] = GROUNDER.mentions(f"begin {said} please")
    assert (mention.kind, [each.value for each in mention.readings]) == ("datetime", [moment])


def test_a_moment_that_there_is_not_is_told() -> None:
    [mention] = [each for each in GROUNDER.mentions("begin 2025-13-03T09:00 please") if each.kind == "datetime"]
    assert mention.readings == ()
    assert mention.problem == "there is no 2025-13-03T09:00"
