"""Values: one canonical form, digests over it, and keys that say what an action is."""

from __future__ import annotations

import json
from types import MappingProxyType

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from tests.domain.strategies import values

from doer.domain.action import Change, Manifest, Preview, stricter
from doer.domain.event import Foresight
from doer.domain.value import (
    Hole,
    Json,
    RunId,
    StepId,
    canonical,
    derive_key,
    digest,
    hashed,
    plainly_same,
    together,
    written,
)


@given(values)
def test_the_canonical_form_is_json_of_the_same_value(value: Json) -> None:
    assert json.loads(canonical(value), parse_int=float) == value  # JSON has one kind of number


@given(st.dictionaries(st.text(max_size=4), values, max_size=4))
def test_the_order_of_fields_and_the_kind_of_container_do_not_matter(fields: dict[str, Json]) -> None:
    turned = dict(reversed(fields.items()))

    assert digest(turned) == digest(fields) == digest(MappingProxyType(fields))
    assert digest(tuple(fields)) == digest(list(fields))


NAMES = st.text(max_size=3) | st.sampled_from(
    ["\uffff", "\U00010000", "\x7f", "a\n", "\ud800"]
)  # in UTF-16 some sort otherwise
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) - 1, 2**53 + 1) | st.integers(-9, 9) | st.floats()
    | st.text(st.characters(codec=None)) | NAMES | NAMES.map(Hole),
    lambda inner: st.lists(inner, max_size=4) | st.lists(inner, max_size=4).map(tuple)
    | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(ANYTHING)
def test_the_canonical_form_is_to_the_byte_what_the_library_of_rfc_8785_writes(value: Json) -> None:
    try:
        expected = rfc8785.dumps(value)
    except ValueError:
        with pytest.raises(ValueError, match=r".+"):
            canonical(value)
    else:
        assert canonical(value) == expected


@given(st.dictionaries(st.sampled_from(["plan", "step", "arguments", "changes", "a"]), values))
def test_an_object_put_together_of_written_values_is_the_object_written(fields: dict[str, Json]) -> None:
    put_together = together({name: written(each) if name > "b" else each for name, each in fields.items()})

    assert put_together.encode() == canonical(fields)
    assert hashed(put_together) == digest(fields)


@given(values, values)
def test_what_is_plainly_the_same_is_written_the_same(one: Json, other: Json) -> None:
    assert not plainly_same(one, other) or canonical(one) == canonical(other)


def test_one_and_true_and_one_point_nought_are_not_plainly_the_same() -> None:
    different: list[Json] = [1, True, 1.0, "1", [1], [True], {"a": 1}, {"a": True}, None, 0, False, "", [], {}]

    assert [(a, b) for a in different for b in different if a is not b and plainly_same(a, b)] == []
    assert plainly_same({"a": [1, {"b": None}], "c": "x"}, {"c": "x", "a": [1, {"b": None}]})


@given(values, values)
def test_a_foresight_that_is_found_again_keeps_what_it_would_have_written(before: Json, after: Json) -> None:
    def seen(version: str) -> Foresight:
        changes = (Change("x", before, after, version=version), Change("y", None, after, echoes=("told",)))
        return Foresight(StepId("a"), {}, Preview(changes), "write", once=True, undoable=True)

    found, anew = seen("v2"), seen("v2")
    found.found_again(seen("v1"))

    assert (found.changes_written, found.changes_digest, found.kinds) == (
        anew.changes_written, anew.changes_digest, anew.kinds,
    )  # fmt: skip


def test_the_canonical_form_is_that_of_rfc_8785() -> None:
    assert canonical({"b": [1.0, 1e21, "é\n"], "a": None}) == '{"a":null,"b":[1,1e+21,"é\\n"]}'.encode()
    assert digest({}) == "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**53, "\ud800", {"a": [b"bytes"]}, {1: 2}])
def test_what_json_cannot_say_exactly_has_no_digest(value: object) -> None:
    with pytest.raises(ValueError, match=r".+"):
        canonical(value)  # type: ignore[arg-type]


def key(
    run: str = "r", step: str = "s", arguments: Json = None, generation: int = 0
) -> str:  # the default action, of which a test changes one part
    return derive_key(RunId(run), StepId(step), written(arguments or {"a": 1, "b": 2}), generation)


@pytest.mark.parametrize("other", [key(run="q"), key(step="t"), key(arguments={"a": 1, "b": 3}), key(generation=1)])
def test_another_action_has_another_key(other: str) -> None:
    assert other != key()


def test_the_same_action_has_the_same_key_however_its_arguments_are_written() -> None:
    assert key(arguments={"b": 2.0, "a": 1}) == key()
    assert key().isascii()
    assert len(key()) == 40


def test_a_hole_reads_as_what_it_is_made_of() -> None:
    assert f"user {Hole.of('id of a')}" == "user ‹id of a›"


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [(None, 1, "create"), (1, None, "delete"), (1, 2, "update"), (1, 1, "same"), (None, None, "same")],
)
def test_a_change_says_what_happens(before: Json, after: Json, kind: str) -> None:
    assert Change("x", before, after).kind == kind


def test_the_stricter_effect_wins() -> None:
    assert stricter("read", "write") == stricter("write", "read") == "write"
    assert stricter("irreversible", "write") == "irreversible"


MANIFEST = Manifest("a.b", "does", {"type": "object"}, "write", roles=MappingProxyType({"x": "destination"}))


@pytest.mark.parametrize(
    "other",
    [
        Manifest("a.c", "does", {"type": "object"}, "write", roles={"x": "destination"}),
        Manifest("a.b", "does more", {"type": "object"}, "write", roles={"x": "destination"}),
        Manifest("a.b", "does", {}, "write", roles={"x": "destination"}),
        Manifest("a.b", "does", {"type": "object"}, "irreversible", roles={"x": "destination"}),
        Manifest("a.b", "does", {"type": "object"}, "write", roles={"x": "content"}),
        Manifest("a.b", "does", {"type": "object"}, "write", roles={"x": "destination"}, once=True),
        Manifest("a.b", "does", {"type": "object"}, "write", roles={"x": "destination"}, verbs=frozenset({"apply"})),
        Manifest("a.b", "does", {"type": "object"}, "write", roles={"x": "destination"}, issued=("id",)),
        Manifest("a.b", "does", {"type": "object"}, "write", {"type": "string"}, roles={"x": "destination"}),
    ],
)
def test_a_tool_that_promises_something_else_has_another_digest(other: Manifest) -> None:
    assert other.digest != MANIFEST.digest


def test_the_digest_of_a_manifest_does_not_depend_on_the_order_of_its_verbs() -> None:
    one = Manifest("a.b", "does", {}, "write", verbs=frozenset(["apply", "undo"]))
    other = Manifest("a.b", "does", {}, "write", verbs=frozenset(["undo", "apply"]))

    assert one.digest == other.digest
