"""Records: calls and answers that earlier turns write out are read as typed values, whatever notation they have, and words stay words."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doer.domain.value import Json, JsonObject
from doer.planning.action.earlier import LONGEST, MOST, Record, leaves, recorded

FIND: JsonObject = {"to": "Oslo", "days": [1, 2], "seat": {"window": True, "row": None}}


@pytest.mark.parametrize(
    "turn",
    [
        '[find_trip(to="Oslo", days=[1, 2], seat={"window": true, "row": null})]',
        "find_trip(to='Oslo', days=(1, 2), seat={'window': True, 'row': None})",
        'API-Request: [find_trip(to="Oslo", days=[1, 2], seat={"window": true, "row": null})]',
        json.dumps([{"name": "find_trip", "arguments": FIND}]),
        json.dumps({"tool": "find_trip", "parameters": FIND}),
        json.dumps(
            [{"id": "c1", "type": "function", "function": {"name": "find_trip", "arguments": json.dumps(FIND)}}]
        ),
    ],
)
def test_a_call_is_read_in_whatever_notation_it_was_written(turn: str) -> None:
    assert recorded(["Find me a trip", turn]) == (Record("find_trip", FIND, 1),)


def test_names_with_dots_and_several_calls_of_one_turn_are_kept_in_order() -> None:
    found = recorded(['[trips.find(to="Oslo"), trips.hold(days=-2)]'])
    assert found == (Record("trips.find", {"to": "Oslo"}, 0), Record("trips.hold", {"days": -2}, 0))


def test_an_answer_belongs_to_the_call_before_it() -> None:
    call, answer = Record("find_trip", {"to": "Oslo"}, 0), Record("find_trip", {"id": "T-1"}, 0, answer=True)
    assert recorded(["[find_trip(to='Oslo')] -> {'id': 'T-1'}"]) == (call, answer)
    assert recorded(['[find_trip(to="Oslo")]', 'Result: {"id": "T-1"}']) == (
        call, Record("find_trip", {"id": "T-1"}, 1, answer=True),
    )  # fmt: skip


def test_rows_of_an_answer_are_numbered_and_a_single_one_is_not() -> None:
    found = recorded(["[find_trip()]", '[{"id": "T-1"}, {"id": "T-2"}]', '[{"id": "T-3"}]'])
    assert [(each.told, each.row) for each in found if each.answer] == [
        ({"id": "T-1"}, 0), ({"id": "T-2"}, 1), ({"id": "T-3"}, None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "turn",
    [
        "Please call find_trip(to='Oslo') for me", "What is sin(3) + 2?", "f(3)", "Here they are: [1, 2]", '["a", "b"]', "[see below]",
        "{", "[find_trip(to=__import__('os'))]", "[find_trip(to=[x for x in y])]", "find_trip(**{'to': 'Oslo'})", '{"to": 1e999}',
        '{"to": NaN}', '{"to": 99999999999999999999}', '{"to": "O\\u202eslo"}', '{"to": "\\ud800"}', "[" * 5_000, "[find_trip(" * 200,
        '{"a":' * 50 + "1" + "}" * 50, '{"text": "' + "x" * LONGEST + '"}', json.dumps([{"n": n} for n in range(3_000)]), "",
    ],
)  # fmt: skip
def test_what_is_no_record_or_cannot_be_a_value_is_words(turn: str) -> None:
    assert recorded([turn]) == ()


def test_the_latest_records_are_kept_of_very_many() -> None:
    found = recorded([f"[step(n={n})]" for n in range(MOST + 20)])
    assert len(found) == MOST
    assert found[-1].told == {"n": MOST + 19}


RUBBISH = st.text(st.sampled_from("[](){}:,=\"'\\ab1-.>\n\0\u202e ") | st.characters(), max_size=60)
LIKE = st.sampled_from(
    (
        "[a(",
        "b=",
        '{"name":',
        '"arguments":',
        "->",
        "'",
        "[{",
        "}]",
        ")]",
        "1e400",
        "\\ud800",
        "None",
        "lambda:",
        "f'{x}'",
        "b''",
    )
)


@given(st.lists(RUBBISH | st.lists(LIKE | RUBBISH, max_size=8).map("".join), max_size=4))
def test_whatever_the_turns_hold_reading_them_is_no_error(turns: list[str]) -> None:
    for each in recorded(turns):
        assert json.loads(json.dumps(each.told)) == each.told


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-1e9, 1e9) | st.text(st.sampled_from("abc äß'\"\\"), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1, max_size=3), inner, max_size=3), max_leaves=8,
)  # fmt: skip


@given(st.dictionaries(st.text("abc", min_size=1, max_size=3), VALUES, max_size=4))
def test_what_was_written_as_json_or_as_python_is_read_as_it_was(told: dict[str, Json]) -> None:
    arguments = ", ".join(f"{name}={value!r}" for name, value in told.items())
    (call,) = recorded([f"[do_it({arguments})]"])
    (other,) = recorded([json.dumps([{"name": "do_it", "arguments": told}])])
    assert call.told == other.told == told


def test_the_plain_values_of_an_object_know_the_names_on_the_way_to_them() -> None:
    assert list(leaves({"a": [{"b": 1}, {"b": 2}], "c": None})) == [(("a", "b"), 1), (("a", "b"), 2), (("c",), None)]
