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
LIMITS = st.dictionaries(
    st.sampled_from(["minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"]),
    st.integers(0, 3), max_size=2,
) | st.sampled_from([
    {"anyOf": [{"required": ["a"]}, {"type": "string", "pattern": "^.$"}]}, {"pattern": "["}, {"pattern": "a|[0-9]"},
    {"enum": ["a", "", 1]}, {"enum": [True, None]}, {"uniqueItems": True}, {"uniqueItems": False}, {"x-said": {"patterns": []}},
    {"format": "path"}, {"format": "email"}, {"format": "date"}, {"format": "date-time"}, {"format": "else"},
])  # fmt: skip
LEAVES = st.one_of(
    st.just({}), st.builds(lambda kind: {"type": kind}, KINDS), st.just({"type": ["string", "null"]}),
    st.builds(lambda kind, said: {"type": kind, **said}, KINDS, LIMITS), LIMITS, st.just({"type": "number", "default": 1}),
    st.booleans(),
)  # fmt: skip
SCHEMAS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.fixed_dictionaries(
            {"type": st.just("object"), "properties": st.dictionaries(NAMES, inner, max_size=2)},
            optional={
                "required": st.lists(NAMES, max_size=2, unique=True),
                "additionalProperties": st.booleans() | inner,
                "minProperties": st.integers(0, 2),
            },
        ),
        st.fixed_dictionaries(
            {"type": st.just("array")},
            optional={"items": inner, "maxItems": st.integers(0, 2), "uniqueItems": st.booleans()},
        ),
    ),
    max_leaves=4,
)
GIVEN = st.dictionaries(NAMES, st.integers() | st.text(max_size=2) | st.lists(st.integers(), max_size=2)) | values


@given(GIVEN, SCHEMAS)
def test_what_is_plainly_right_is_right_for_the_validator_too(value: Json, schema: Json) -> None:
    if quick_yes(schema)(value):
        Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(value)  # type: ignore[arg-type]


MEETING: JsonObject = {
    "type": "object",
    "properties": {
        "title": {"type": "string", "description": "as people see it"},
        "minutes": {"type": "integer"},
        "guests": {"type": "array", "items": {"type": "string", "format": "email"}, "uniqueItems": True, "maxItems": 3},
        "start": {"type": "string", "format": "date-time"},
        "day": {"type": "string", "format": "date"},
        "repeats": {"type": "string", "enum": ["daily", "weekly"]},
        "room": {"type": ["string", "null"], "minLength": 1},
        "notes": {"type": "object", "additionalProperties": True},
        "at": {"type": "string", "pattern": "^[0-9]{2}:[0-9]{2}$"},
        "colour": {"enum": ["red", "blue"]},
        "anything": {},
        "seats": {"type": "integer", "minimum": 1, "maximum": 9},
    },
    "x-said": {"patterns": ["meet [about] {title}"]},
    "required": ["title"],
    "anyOf": [{"required": ["title"]}, {"required": ["at"]}],
    "additionalProperties": False,
}


def test_everyday_arguments_are_plainly_right() -> None:
    assert quick_yes(MEETING)({"title": "Planning", "minutes": 30, "guests": ["ana@acme.example", "bo@acme.example"]})
    assert quick_yes(MEETING)(
        {"title": "", "start": "2026-11-24T16:00:00+01:00", "day": "2028-02-29", "repeats": "daily"}
    )
    assert quick_yes(MEETING)({"title": "", "room": None, "notes": {"any": 1}, "seats": 9})
    assert quick_yes(MEETING)({"title": "", "at": "07:00", "colour": "red", "anything": [1]})


BESIDE_A_TITLE: list[JsonObject] = [
    {"minutes": True}, {"guests": [1]}, {"more": 1}, {"guests": ["a@b", "a@b"]}, {"guests": ["ana"]},
    {"guests": list("abcd")}, {"start": "2026-11-24"}, {"start": "2026-13-24T16:00:00Z"}, {"day": "2026-02-29"},
    {"day": "20260224"}, {"repeats": "never"}, {"room": ""}, {"room": 1}, {"seats": 0}, {"seats": 10}, {"seats": "1"},
    {"notes": []}, {"at": "7:00"}, {"colour": "grey"}, {"colour": 1},
]  # fmt: skip


@pytest.mark.parametrize("wrong", [{}, {"title": 1}, "a", *({"title": "a", **each} for each in BESIDE_A_TITLE)])
def test_wrong_arguments_are_never_plainly_right(wrong: Json) -> None:
    assert not quick_yes(MEETING)(wrong)


@pytest.mark.parametrize(
    "word",
    [
        "format",
        "enum",
        "pattern",
        "anyOf",
        "$ref",
        "minLength",
        "maxLength",
        "minimum",
        "maximum",
        "const",
        "uniqueItems",
    ],
)
def test_a_word_that_is_not_judged_here_is_left_to_the_validator(word: str) -> None:
    assert not quick_yes({"type": "string", word: "x"})("a")
