"""Words of a span as the type that a parameter wants; None where they cannot be that."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from doer.domain.value import Json, JsonObject
from doer.intent.grounder import Grounder
from doer.intent.mention import Setting
from doer.planning.action.assign import read_as
from doer.planning.action.sense import led, said_so
from doer.planning.action.values import read_value
from doer.planning.words.candidates import listen

GROUNDER = Grounder(Setting(datetime(2026, 11, 20, 8, tzinfo=UTC)))


def read(words: str, schema: JsonObject, name: str = "it", after: str = "") -> Json:
    mentions = [each for each in GROUNDER.mentions(words) if each.text == words]
    return read_value(words, after, mentions[0] if mentions else None, name, schema)


@pytest.mark.parametrize(
    ("words", "schema", "value"),
    [
        ("twenty", {"type": "integer"}, 20), ("1,200", {"type": "integer"}, 1200), ("2.5", {"type": "integer"}, None),
        ("$3.50", {"type": "number"}, 3.5), ("85 minutes", {"type": "integer"}, 85), ("many", {"type": "number"}, None),
        ("tomorrow", {"type": "string", "format": "date"}, "2026-11-21"), ("soon", {"type": "string", "format": "date"}, None),
        ("blue", {"type": "string", "enum": ["Red", "Blue"]}, "Blue"), ("pink", {"type": "string", "enum": ["Red", "Blue"]}, None),
        ("'a b'", {"type": "string"}, "a b"), ("7", {"type": "string"}, "7"), ("99", {"type": "integer", "maximum": 9}, None),
    ],
)  # fmt: skip
def test_words_take_the_type_that_is_wanted_or_none(words: str, schema: JsonObject, value: Json) -> None:
    assert read(words, schema) == value


def test_a_percentage_is_a_fraction_only_where_a_fraction_is_wanted() -> None:
    assert read("5", {"type": "number", "description": "rate as a decimal, e.g. 0.05"}, after="% a year") == 0.05
    assert read("5", {"type": "number", "description": "rate in percent"}, after="% a year") == 5


def test_a_weekday_is_a_date_only_where_a_date_is_wanted() -> None:
    assert (
        read("Wednesday", {"type": "string", "description": "Day of the week that is exchanged"}, "day") == "Wednesday"
    )
    assert read("Wednesday", {"type": "string", "description": "Day, YYYY-MM-DD"}, "day") == "2026-11-25"
    assert read("Wednesday", {"type": "string"}, "due_date") == "2026-11-25"


def test_a_country_is_a_code_only_where_a_code_is_wanted() -> None:
    assert read("China", {"type": "string"}, "countryCode") == "CN"
    assert read("China", {"type": "string"}, "country") == "China"


@pytest.mark.parametrize(
    ("words", "schema", "name", "value"),
    [
        ("two weeks", {"type": "integer"}, "log_days", 14), ("90 minutes", {"type": "number", "description": "length in hours"}, "n", 1.5),
        ("6 months", {"type": "integer"}, "days", None), ("2 years", {"type": "integer", "description": "number of months"}, "n", 24),
        ("response rates", {"type": "string", "enum": ["responseRate", "averageScore"]}, "metric", "responseRate"),
        ("average", {"type": "string", "enum": ["responseRate", "averageScore"]}, "metric", "averageScore"),
        ("score", {"type": "string", "enum": ["highScore", "averageScore"]}, "metric", None),
        ("March", {"type": "string", "description": "Format: %Y-%m-%d %H:%M:%S"}, "end_time", None),
    ],
)  # fmt: skip
def test_lengths_are_counted_in_the_unit_asked_for_and_choices_known_by_their_words(
    words: str, schema: JsonObject, name: str, value: Json
) -> None:
    assert read(words, schema, name) == value


def test_a_time_of_another_turn_is_of_the_only_day_that_was_said() -> None:
    listened = listen(("The meeting is on March 16, 2027.", "At 7:00 am"), GROUNDER)
    stamp: JsonObject = {"type": "string", "description": "Format: %Y-%m-%d %H:%M:%S"}
    place = next(at for at, each in enumerate(listened.mentions) if each is not None and each.kind == "time")
    assert read_as(listened, place, "time", stamp) == "2027-03-16 07:00:00"


def test_annotations_that_are_no_json_schema_invalidate_no_value() -> None:
    assert read("12", {"type": "integer", "examples": "12, 24"}) == 12


@pytest.mark.parametrize(
    ("name", "words", "side"),
    [
        ("origin", "Paris", 1), ("destination", "Paris", -1), ("origin", "Rome", -1), ("destination", "Rome", 1), ("mode", "Rome", 0),
        ("start_year", "1990", 1), ("end_year", "1990", -1), ("end_year", "2005", 1), ("start_year", "2005", -1), ("origin", "train", 0),
    ],
)  # fmt: skip
def test_what_stands_before_words_tells_where_it_begins_and_where_it_ends(name: str, words: str, side: int) -> None:
    text = "how far is it from Paris to Rome by train, between 1990 and 2005?"
    found = led(name, text, text.index(words))
    assert (found > 0) - (found < 0) == side


def test_a_choice_that_is_said_as_it_is_listed_is_likelier() -> None:
    assert said_so("editor", "as an Editor, please") > 0
    assert said_so("follow_up", "this is a follow-up") > 0
    assert said_so("edit", "as an editor") == said_so(True, "true") == 0


def test_a_bare_year_is_a_number_too_and_an_amount_leaves_its_currency_free() -> None:
    listened = listen(("what was it in 1990, and what are 150 US dollars in euros?",), GROUNDER)
    kinds = {listened.heard.text[each.start : each.end]: each.kind for each in listened.heard.candidates}
    assert (kinds["1990"], kinds["150 US dollars"]) == ("number", "amount")
    assert "US dollars" in kinds
