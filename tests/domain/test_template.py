"""Templates: literals, references and transforms, read and written without loss, and resolved without code."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.domain.strategies import values

from doer.domain.errors import UsageError
from doer.domain.template import (
    Fields,
    Items,
    Literal,
    Reference,
    Slot,
    Template,
    Transform,
    has_hole,
    parse,
    references,
    resolve,
    resolve_all,
    to_json,
)
from doer.domain.transform import transforms
from doer.domain.value import Hole, Json

names = st.text("abc", min_size=1, max_size=3)
paths = st.lists(names | st.just("0"), max_size=2).map(tuple)
forms = st.just({"$ref": "x"}) | st.just({"a": {"$slot": "y"}})
templates: st.SearchStrategy[Template] = st.recursive(
    st.builds(Literal, values | forms) | st.builds(Reference, names, paths) | st.builds(Slot, names, paths),
    lambda inner: (
        st.builds(Items, st.lists(inner, max_size=3).map(tuple))
        | st.builds(Fields, st.dictionaries(names, inner, max_size=3))
        | st.builds(Transform, st.sampled_from(sorted(transforms())), st.lists(inner, max_size=3).map(tuple))
    ),
    max_leaves=6,
)


@given(templates)
def test_what_is_written_is_read_back_as_the_same(template: Template) -> None:
    read = parse(to_json(template))

    assert to_json(read) == to_json(parse(to_json(read)))
    assert list(references(read)) == list(references(template))


@given(values)
def test_a_plain_value_is_a_literal_whatever_is_in_it(value: Json) -> None:
    assert resolve(parse(value), {}) == value


@given(templates, st.dictionaries(names, values, max_size=3))
def test_resolving_gives_a_value_or_says_what_is_wrong(template: Template, results: dict[str, Json]) -> None:
    try:
        value = resolve(template, results)
    except UsageError as told:
        assert str(told)  # noqa: PT017  # either way is right
    else:
        assert isinstance(has_hole(value), bool)


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"$do": "eval", "of": []}, "unknown transform 'eval'"),
        ({"$ref": "a", "more": 1}, "unknown template form"),
        ({"$ref": 3}, "unknown template form"),
        ({"$code": "x"}, "known: \\$ref"),
        ({"$do": "join", "of": "abc"}, "unknown template form"),
        ({"$do": "join"}, "unknown template form"),
        ([{"deep": {"$nothing": 1}}], "unknown template form"),
    ],
)
def test_an_unknown_form_is_refused(form: Json, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        parse(form)


def test_a_literal_that_looks_like_a_form_is_kept_as_it_is() -> None:
    literal = Literal({"$ref": "a.b"})

    assert to_json(literal) == {"$literal": {"$ref": "a.b"}}
    assert parse(to_json(literal)) == literal


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("a.id", 7),
        ("a.list.1", "y"),
        ("a.list.9", "‹list.9 of a›"),
        ("a.list.²", "‹list.² of a›"),
        ("a.name.0", "‹name.0 of a›"),
        ("a.nothing", "‹nothing of a›"),
        ("b", "‹result of b›"),
        ("b.id", "‹id of b›"),
    ],
)
def test_a_reference_is_the_value_or_says_what_it_will_be(path: str, value: Json) -> None:
    found = resolve(parse({"$ref": path}), {"a": {"id": 7, "list": ["x", "y"], "name": "ada"}})

    assert found == value
    assert has_hole(found) is ("‹" in str(value))


def test_a_transform_of_a_later_value_is_shown_as_what_it_is_made_of() -> None:
    template = parse({"$do": "slug", "of": [{"$do": "lower", "of": [{"$ref": "a.name"}]}]})

    assert resolve(template, {}) == "‹slug of lower of name of a›"
    assert resolve(template, {"a": {"name": "Ada L"}}) == "ada-l"


def test_a_hole_is_found_however_deep() -> None:
    assert has_hole({"a": [1, {"b": Hole.of("x")}]})
    assert not has_hole({"a": [1, {"b": "‹x›"}], "c": None})


def test_an_empty_slot_is_no_value() -> None:
    with pytest.raises(UsageError, match="slot 'who' is still empty"):
        resolve_all({"to": Slot("who")}, {})


def test_every_argument_is_resolved() -> None:
    arguments = {"a": parse([1, {"$ref": "s.x"}]), "b": parse({"c": {"$ref": "s.x"}})}

    assert resolve_all(arguments, {"s": {"x": 2}}) == {"a": [1, 2], "b": {"c": 2}}
