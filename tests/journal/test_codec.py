"""Whatever event there can be reads back as it was written, and what may be personal is beside it."""

import json
import typing
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from types import MappingProxyType
from typing import get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.journal.events import EVENT_TYPES, S1, AnyJson, accepted, drawn_from, failed, story

from doer.domain.action import Manifest, Receipt
from doer.domain.decision import Grant
from doer.domain.errors import DoerBug, JournalBroken, NewerRecord, PayloadErased
from doer.domain.event import Event, RunEnded, SelectionRead, StepApplied, StepStarted, TimerFired
from doer.domain.value import Digest, Hole, Key, Principal, RunId, StepId
from doer.journal.codec import Codec, digest_of, private_fields
from doer.journal.shape import Shapes
from doer.testing.clock import START

ANY_EVENT = st.sampled_from(EVENT_TYPES).flatmap(drawn_from)


@given(ANY_EVENT)
def test_every_event_reads_back_as_it_was_written(event: Event) -> None:
    codec = Codec()
    stored = codec.encode(event)

    assert codec.decode(stored.body, stored.payload) == event


@pytest.mark.parametrize("event", story(), ids=lambda each: type(each).__name__)
def test_the_fixed_example_of_every_event_reads_back(event: Event) -> None:
    stored = Codec().encode(event)

    assert Codec().decode(stored.body, stored.payload) == event


def test_the_fixed_examples_cover_every_event_once() -> None:
    assert [type(each) for each in story()] == list(EVENT_TYPES)


@given(ANY_EVENT)
def test_what_may_be_personal_is_never_in_the_body(event: Event) -> None:
    stored = Codec().encode(event)
    body = json.loads(stored.body)
    private = private_fields().get(type(event).__name__, ())

    if stored.payload is None:
        assert not any(body[name] for name in private)
    else:
        assert body["payload"] == digest_of(stored.payload)
        assert set(json.loads(stored.payload)) == set(private)
        assert not set(private) & set(body)


def test_the_table_of_private_fields_names_only_fields_that_exist() -> None:
    known = {cls.__name__: {each.name for each in fields(cls)} for cls in EVENT_TYPES}

    assert all(set(names) <= known[kind] for kind, names in private_fields().items())


def test_a_field_that_could_hold_words_of_somebody_is_private_or_argued_for() -> None:
    harmless: set[object] = {
        RunId,
        StepId,
        Digest,
        Principal,
        Key,
        Grant,
        int,
        float,
        bool,
        datetime,
        datetime | None,
        tuple[StepId, ...],
    }
    harmless |= {Mapping[StepId, Digest], Mapping[StepId, float]}
    argued = {("RunClaimed", "driver"), ("SelectionRead", "tool"), ("ModelAsked", "model"), ("ModelAsked", "cost")}
    # names and numbers of ours: a process, a tool, a model, what it cost
    open_fields = {
        (cls.__name__, name)
        for cls in EVENT_TYPES
        for name, hint in get_type_hints(cls, localns={"Json": AnyJson, "JsonObject": AnyJson}).items()
        if hint not in harmless and get_origin(hint) is not typing.Literal
    }

    assert {each for each in open_fields - argued if each[1] not in private_fields().get(each[0], ())} == set()


def test_no_words_of_the_goal_are_in_the_body() -> None:
    stored = Codec().encode(accepted("tell Ada that she won"))

    assert b"Ada" not in stored.body
    assert b"Ada" in (stored.payload or b"")


def test_equal_events_have_equal_bytes() -> None:
    one = SelectionRead("t", {"a": 1, "b": 2}, None)
    other = SelectionRead("t", {"b": 2, "a": 1}, None)

    assert Codec().encode(one) == Codec().encode(other)


def test_a_key_reads_back_as_a_key_and_a_hole_as_its_text() -> None:
    started = next(each for each in story() if isinstance(each, StepStarted))
    stored = Codec().encode(started)
    read = Codec().decode(stored.body, stored.payload)
    assert isinstance(read, StepStarted)
    assert type(read.key) is Key

    stored = Codec().encode(SelectionRead("t", {"id": Hole.of("id of account")}, None))
    read = Codec().decode(stored.body, stored.payload)
    assert isinstance(read, SelectionRead)
    assert read.arguments == {"id": "‹id of account›"}


def test_read_only_mappings_and_tuples_are_written_as_json() -> None:
    stored = Codec().encode(SelectionRead("t", MappingProxyType({"a": (1, range(2))}), None))
    read = Codec().decode(stored.body, stored.payload)

    assert read == SelectionRead("t", {"a": [1, [0, 1]]}, None)


def test_a_set_is_written_in_order_and_read_back_as_a_set() -> None:
    shape = Shapes().record(Manifest)
    manifest = Manifest("t", "d", {}, "read", verbs=frozenset({"verify", "apply"}))
    assert shape.encode is not None
    assert shape.decode is not None
    written = shape.encode(manifest)

    assert written["verbs"] == ["apply", "verify"]
    assert shape.decode(json.loads(json.dumps(written))) == manifest


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), b"bytes", {1: "a", "b": 2}, object(), 10**5000],
    ids=["nan", "inf", "bytes", "keys", "object", "huge"],
)
def test_a_value_that_json_does_not_have_is_refused(value: object) -> None:
    with pytest.raises(DoerBug, match="StepApplied holds a value"):
        Codec().encode(StepApplied(S1, Receipt(value)))  # type: ignore[arg-type]


def test_a_value_that_contains_itself_is_refused() -> None:
    circle: list[object] = []
    circle.append(circle)

    with pytest.raises(DoerBug, match="JSON"):
        Codec().encode(StepApplied(S1, Receipt(circle)))  # type: ignore[arg-type]


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(DoerBug, match="naive"):
        Codec().encode(TimerFired(START.replace(tzinfo=None)))


@pytest.mark.parametrize("hint", [complex, dict[str, int], int | str, tuple[int, str]], ids=str)
def test_a_type_that_the_journal_cannot_store_is_named(hint: object) -> None:
    with pytest.raises(DoerBug, match="cannot store"):
        Shapes().of(hint)


def test_an_erased_payload_says_so() -> None:
    with pytest.raises(PayloadErased, match="StepFailed"):
        Codec().decode(Codec().encode(failed(1)).body, None)


def test_a_payload_of_another_event_is_found() -> None:
    with pytest.raises(JournalBroken, match="StepFailed"):
        Codec().decode(Codec().encode(failed(1)).body, Codec().encode(failed(2)).payload)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b'{"type":"StepTeleported","v":1}', "StepTeleported"),
        (b'{"type":["x"],"v":1}', "does not know"),
        (b'{"by":"me","mood":"good","type":"CancelRequested","v":1}', "mood"),
        (b'{"by":"me","type":"CancelRequested","v":2}', "version 2"),
        (b'{"outcome":"perhaps","step":"s1","by":"me","type":"OutcomeSettled","v":1}', "perhaps"),
        (b'{"decisions":{"s1":{"type":"Shrug","reason":""}},"policy":"d","type":"PlanJudged","v":1}', "Shrug"),
    ],
)
def test_what_a_newer_doer_wrote_is_said_to_be_newer(body: bytes, why: str) -> None:
    with pytest.raises(NewerRecord, match=why):
        Codec().decode(body, None)


@pytest.mark.parametrize(
    "body",
    [
        b"not json",
        b"[]",
        b'{"type":"CancelRequested","v":1}',
        b'{"by":"me","type":"CancelRequested"}',
        b'{"by":"me","type":"CancelRequested","v":0}',
        b'{"at":"yesterday","type":"TimerFired","v":1}',
        b'{"at":5,"type":"TimerFired","v":1}',
        b'{"decisions":{"s1":{"reason":""}},"policy":"d","type":"PlanJudged","v":1}',
        b'{"decisions":{"s1":7},"policy":"d","type":"PlanJudged","v":1}',
        b'{"goal":{"text":" ","by":"me","said_at":"2026-01-01"},"mode":"do","seed":1,"decider":1,"type":"RunAccepted","v":1}',
    ],
)
def test_bytes_that_are_no_event_are_called_broken(body: bytes) -> None:
    with pytest.raises(JournalBroken):
        Codec().decode(body, None)


def test_a_field_added_with_a_default_reads_from_a_record_without_it() -> None:
    assert Codec().decode(b'{"status":"done","type":"RunEnded","v":1}', None) == RunEnded("done", "")
