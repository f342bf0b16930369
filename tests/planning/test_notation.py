"""What is written otherwise than in plain words can be a value: formulas, codes, dictated texts, lists, ordinals."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doer.domain.scoring import ParameterScore, ToolScore
from doer.domain.value import JsonObject
from doer.intent.grounder import Grounder
from doer.intent.mention import Setting
from doer.planning.action.assign import assign
from doer.planning.action.schema import tool_text
from doer.planning.words.candidates import Listened, listen
from doer.planning.words.notation import literals, notations, rows
from doer.planning.words.requests import leads_up, requests
from doer.training.examples import SETTING


def heard(text: str, setting: Setting = SETTING) -> Listened:
    return listen([text], Grounder(setting))


def spans(text: str) -> set[str]:
    return {text[each.start : each.end] for each in heard(text).heard.candidates}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("solve 4y - 9 = 23 for y", "4y - 9 = 23"),
        ("the derivative of x^3*sin(x), please", "x^3*sin(x)"),
        ("What does (1+1/n)^n tend to?", "(1+1/n)^n"),
        ("put ghcr.io/mosaiq/indexer:1.9-rc2 onto web.", "ghcr.io/mosaiq/indexer:1.9-rc2"),
        ("the TXT at _dmarc of moss.garden", "_dmarc"),
        ("the EUR/NOK fixing", "NOK"),
        ("Reopen 310 in brasa/pos-terminal.", "brasa/pos-terminal"),
        (
            "Reply to AX-9: Thanks, I have signed both of the copies and posted them by courier early this very morning.",
            "Thanks, I have signed both of the copies and posted them by courier early this very morning",
        ),
    ],
)
def test_what_is_no_run_of_words_may_be_a_value(text: str, value: str) -> None:
    assert value in spans(text)


@pytest.mark.parametrize(
    ("text", "words", "value"),
    [
        ("pivots smaller than 1e-9", "1e-9", "1E-9"),
        ("works of the 17th century", "17th", "17"),
        ("the third season of it", "third", "3"),
        ("what happened on 9 November?", "November", "11"),
        ("what happened on 9 November?", "9", "9"),
    ],
)
def test_a_number_may_be_said_as_something_else(text: str, words: str, value: str) -> None:
    said = heard(text)
    found = [
        mention.value
        for candidate, mention in zip(said.heard.candidates, said.mentions, strict=True)
        if mention is not None and text[candidate.start : candidate.end] == words and mention.kind == "number"
    ]
    assert found == [value]


def test_a_list_that_is_written_out_is_a_list() -> None:
    text = "evaluate [1, -2, 1] and [[2, 1], [5, 3]] at (3, 4), [not this] and (nor this)"
    assert [value for _, _, value in literals(text, 0)] == [[1, -2, 1], [[2, 1], [5, 3]], [3, 4]]


@given(st.text(max_size=300))
def test_any_text_has_notations_that_lie_within_it(text: str) -> None:
    for start, end in notations(text):
        assert 0 <= start < end <= len(text)
    for start, end, value in literals(text, 0):
        assert 0 <= start < end <= len(text)
        assert isinstance(value, list)


@given(st.text(max_size=300))
def test_the_parts_of_any_request_follow_each_other(text: str) -> None:
    found = requests(text)
    assert found
    assert all(one[1] <= other[0] for one, other in pairwise(found))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Check whether EK078 is late, then move me to 31F", 2),
        ("Start the scene Dusk and shut the blinds of the hall", 2),
        ("Drop notes from a.csv, encode priority by rank, and hold out 30 percent for later", 3),
        ("Invite Ana and Bob to the stand-up of Dr. Weber", 1),
        ("What goes with beans, and how many litres does a box hold?", 2),
    ],
)
def test_a_request_may_begin_after_a_joint(text: str, parts: int) -> None:
    assert len(requests(text, {"encod", "drop"})) == parts


def test_values_that_nothing_tells_apart_are_said_in_the_order_of_their_parameters() -> None:
    names = ("length", "width", "height")
    schema: JsonObject = {
        "type": "object",
        "properties": {each: {"type": "number"} for each in names},
        "required": list(names),
    }
    said = heard("a box of 80 x 35 x 40 cm")
    numbers = [mention is not None and mention.kind in ("number", "amount") for mention in said.mentions]
    even = tuple(0.3 if each else 0.0 for each in numbers)
    score = ToolScore(1.0, 0.0, tuple(ParameterScore(0.05, even, ()) for _ in names))

    made = assign(tool_text("box_volume", "The volume of a box", schema), score, said, schema)

    assert {each.name: each.value for each in made.filled} == {"length": 80, "width": 35, "height": 40}


def test_a_row_of_numbers_without_a_unit_is_a_list() -> None:
    text = "the 75th percentile of 12, 19, 23 and 31.5; 10, 15 and 20% of 2,000, 3,000"
    assert [value for _, _, value in rows(text, 0)] == [[12, 19, 23, 31.5]]


def test_months_from_one_to_another_are_numbers_too() -> None:
    text = "tracks from March to August in 2026"
    kinds = {text[each.start : each.end]: each.kind for each in heard(text).heard.candidates}
    assert kinds["March"] == kinds["August"] == "number"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("End TS-55 and swap TS-56 to Plum Moon.", ["End TS-55", "swap TS-56 to Plum Moon."]),
        ("They are away, pause T-8.", ["They are away, pause T-8."]),
        ("Play Kestrel Street and note that.", ["Play Kestrel Street and note that."]),
    ],
)
def test_two_words_are_a_request_where_a_word_joins_them_and_they_name_something(text: str, parts: list[str]) -> None:
    assert [text[start:end] for start, end in requests(text, frozenset({"swap", "paus", "end", "play"}))] == parts


def test_what_somebody_is_at_leads_up_to_what_they_ask_for() -> None:
    text = "I'm making a board game and need some jokes. Can you find one?"
    assert leads_up(text, text.index("need"))
    assert not leads_up(text, text.index("Can"))
