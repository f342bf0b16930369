"""The quick yes: it may be silent, it may never be wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from tests.domain.strategies import values

from doer.domain.plainly import quick_yes
from doer.domain.value import Json, JsonObject

NAMES = st.sampled_from(["a", "b"])
KINDS = st.sampled_from(["string", "integer", "number", "boolean", "null", "object", "array"])
LEAVES = st.one_of(
    st.just({}), st.builds(lambda kind: {"type": kind}, KINDS), st.just({"type": ["string", "null"]}),
    st.just({"type": "string", "minLength": 2}), st.just({"type": "number", "description": "a price", "default": 1}),
    st.booleans(),
)  # fmt: skip
SCHEMAS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.fixed_dictionaries(
            {"type": st.just("object"), "properties": st.dictionaries(NAMES, inner, max_size=2)},
            optional={"required": st.lists(NAMES, max_size=2), "additionalProperties": st.booleans() | inner},
        ),
        st.fixed_dictionaries({"type": st.just("array")}, optional={"items": inner}),
    ),
    max_leaves=4,
)
GIVEN = st.dictionaries(NAMES, st.integers() | st.text(max_size=2) | st.lists(st.integers(), max_size=2)) | values


@given(GIVEN, SCHEMAS)
def test_what_is_plainly_right_is_right_for_the_validator_too(value: Json, schema: Json) -> None:
    if quick_yes(schema)(value):
        Draft202012Validator(schema).validate(value)  # type: ignore[arg-type]


MEETING: JsonObject = {
    "type": "object",
    "properties": {
        "title": {"type": "string", "description": "as people see it"},
        "minutes": {"type": "integer"},
        "guests": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["title"],
    "additionalProperties": False,
}


def test_everyday_arguments_are_plainly_right() -> None:
    assert quick_yes(MEETING)({"title": "Planning", "minutes": 30, "guests": ["ana", "bo"]})
    assert quick_yes(MEETING)({"title": ""})


@pytest.mark.parametrize(
    "wrong",
    [{}, {"title": 1}, {"title": "a", "minutes": True}, {"title": "a", "guests": [1]}, {"title": "a", "more": 1}, "a"],
)
def test_wrong_arguments_are_never_plainly_right(wrong: Json) -> None:
    assert not quick_yes(MEETING)(wrong)


@pytest.mark.parametrize("word", ["format", "enum", "pattern", "anyOf", "$ref", "minLength", "const"])
def test_a_word_that_is_not_judged_here_is_left_to_the_validator(word: str) -> None:
    assert not quick_yes({"type": "string", word: "x"})("a")
