"""The quick yes about a schema never says yes where the meta-schema says no."""

import jsonschema
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from doer.connectors.tools.plain_schema import plainly_schema

WORDS = (
    "type", "properties", "required", "items", "enum", "const", "default", "title", "pattern", "format", "minimum", "maxLength",
    "anyOf", "$defs", "$ref", "additionalProperties", "uniqueItems", "x-said", "dependentRequired", "definitions", "not",
)  # fmt: skip
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 9), st.floats(allow_nan=False), st.text(max_size=4),
    st.sampled_from(["string", "object", "#/$defs/a", "other.json", "(", "^a$"]),
)  # fmt: skip
SCHEMAS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.tuples(inner, inner),
        st.dictionaries(st.sampled_from([*WORDS, "a"]), inner, max_size=4),
    ),
    max_leaves=12,
)


@given(SCHEMAS)
@example({"type": ["string", "string"]})
@example({"required": ["a", "a"]})
@example({"required": ("a",)})
@example({"pattern": "("})
@example({"minLength": -1})
@example({"minLength": True})
@example({"minimum": True})
@example({"anyOf": []})
@example({"properties": {"a": {"type": "text"}}})
@example({"items": {"properties": []}})
def test_what_is_plainly_a_schema_is_one_to_the_meta_schema(schema: object) -> None:
    if plainly_schema(schema):
        assert isinstance(schema, dict | bool)
        jsonschema.Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "properties": {"to": {"type": "array", "items": {"type": "string", "format": "email"}}},
         "required": ["to"], "additionalProperties": False},
        {"anyOf": [{"enum": ["a", 1, None]}, {"$ref": "#/$defs/d"}], "$defs": {"d": {"type": ["string", "null"], "pattern": "^a"}}},
        {"type": "integer", "minimum": 0, "maximum": 9.5, "default": 3, "x-said": {"past": True}},
    ],
)  # fmt: skip
def test_an_everyday_schema_needs_no_meta_schema(schema: object) -> None:
    assert plainly_schema(schema)
