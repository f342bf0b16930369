"""Candidates: which spans of what was said may be arguments at all, and how their words are read as values."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from doer.domain.value import Json, JsonObject
from doer.intent.grounder import Grounder
from doer.intent.mention import Setting
from doer.planning.action.values import read_value
from doer.planning.words.candidates import listen

GROUNDER = Grounder(Setting(datetime(2026, 3, 4, 9, 0, tzinfo=UTC)))


def spans(*turns: str) -> set[str]:
    heard = listen(turns, GROUNDER).heard
    return {heard.text[each.start : each.end] for each in heard.candidates}


def value(said: str, words: str, schema: JsonObject, name: str = "it") -> Json:
    """What the words are read as where they stand in what was said."""
    listened = listen((said,), GROUNDER)
    for candidate, mention in zip(listened.heard.candidates, listened.mentions, strict=True):
        if said[candidate.start : candidate.end] == words:
            return read_value(words, said[candidate.end :], mention, name, schema)
    raise AssertionError(f"{words!r} is no candidate of {said!r}")


def test_what_stands_in_quotation_marks_is_taken_whole() -> None:
    found = spans('Open the studio named "Sunset Yoga Studio" in Oslo')
    assert "Sunset Yoga Studio" in found
    assert not {each for each in found if "Yoga" in each} - {"Sunset Yoga Studio"}


def test_a_comma_within_the_quotation_marks_is_not_quoted() -> None:
    assert value('The title is "Our Launch," the author is Ada', "Our Launch,", {"type": "string"}) == "Our Launch"


def test_a_request_that_stands_in_quotation_marks_has_its_words() -> None:
    assert "Oslo" in spans('"Show me the swimmers of Oslo"')


def test_an_abbreviation_or_an_initial_ends_no_sentence() -> None:
    assert "Dr. Lee" in spans("It is with Dr. Lee. Thanks.")
    assert "E. coli" in spans("Grow E. coli today")
    assert not any("Lee. Thanks" in each for each in spans("It is with Dr. Lee. Thanks."))


def test_of_a_turn_that_is_json_only_the_values_of_fields_are_candidates() -> None:
    assert spans("{'name': 'Ada', \"age\": 36}") == {"Ada", "36"}


def test_the_name_of_an_earlier_call_is_no_value() -> None:
    assert spans('[{"name": "GetToken", "arguments": {\'user\': \'Ada\', "age": 36}}]') == {"Ada", "36"}


def test_a_piece_with_half_of_a_pair_of_brackets_is_no_value() -> None:
    found = spans("What is (5+3)*6?")
    assert "(5+3)*6" in found
    assert not {"5+3)*6", "3)*6", "(5+3"} & found


def test_a_moment_in_quotation_marks_is_a_moment() -> None:
    listened = listen(['"2022-05-10 at 10 AM"'], GROUNDER)
    text = listened.heard.text
    assert ("2022-05-10 at 10 AM", "datetime") in {(text[c.start : c.end], c.kind) for c in listened.heard.candidates}


def test_no_candidate_begins_or_ends_with_a_word_that_no_value_does() -> None:
    found = spans("send the report to Ada and Grace")
    assert not {each for each in found if each.split()[0] == "and" or each.split()[-1] in ("the", "to", "and")}
    assert {"the report", "Ada and Grace", "Grace"} <= found
    assert "it works" in spans("write a.md: it works"), "what is dictated begins as it likes"


def test_a_sum_is_a_candidate_with_its_brackets() -> None:
    assert "(4*2)/(1+3)" in spans("Can you calculate (4*2)/(1+3)?")


def test_the_singular_is_meant_where_the_description_shows_it() -> None:
    shown: JsonObject = {"type": "string", "description": "The animal (e.g., dog, manta ray, pony)"}
    assert value("Points for manta rays", "manta rays", shown) == "manta ray"
    assert value("Points for ponies", "ponies", shown) == "pony"
    assert value("Points for zebras", "zebras", shown) == "zebras"
    assert value("Points for dogs", "dogs", {"type": "string"}) == "dogs"


def test_a_code_is_a_code_or_nothing() -> None:
    schema: JsonObject = {"type": "string", "description": "The ISO 3166 country code"}
    assert value("holidays in Italy", "Italy", schema) == "IT"
    assert value("holidays in DE", "DE", schema) == "DE"
    assert value("the borders of Italy", "borders", schema) is None


@pytest.mark.parametrize(
    ("described", "read"),
    [
        ("Format: %Y-%m-%d %H:%M:%S", "2022-04-21 00:00:00"),
        ("Format: %m-%d", "04-21"),
        ("Format: %Y-%m-%d", "2022-04-21"),
    ],
)
def test_a_day_takes_the_form_that_is_asked_for(described: str, read: str) -> None:
    schema: JsonObject = {"type": "string", "description": described}
    name = "time" if "%H" in described else "date"
    assert value("What happened on April 21st, 2022?", "April 21st, 2022", schema, name) == read
