"""Words of a span as the type that a parameter wants; None where they cannot be that."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from doer.domain.value import Json, JsonObject
from doer.intent.grounder import Grounder
from doer.intent.mention import Setting
from doer.planning.action_values import read_value

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


def test_a_country_is_a_code_only_where_a_code_is_wanted() -> None:
    assert read("China", {"type": "string"}, "countryCode") == "CN"
    assert read("China", {"type": "string"}, "country") == "China"
