"""Records of older versions read as if they had been written today."""

import pytest
from tests.journal.events import S1, failed

from doer.domain.errors import NewerRecord
from doer.domain.event import StepFailed
from doer.domain.value import JsonObject
from doer.journal.codec import Codec
from doer.journal.upcast import Upcasts
from doer.testing.clock import START


def renamed(fields: JsonObject) -> JsonObject:
    """Version 1 said `message`."""
    rest = {name: value for name, value in fields.items() if name != "message"}
    return {**rest, "error": fields["message"]}


def with_transient(fields: JsonObject) -> JsonObject:
    """Version 2 did not tell passing failures from lasting ones."""
    return {**fields, "transient": False}


TODAY = Upcasts({"StepFailed": 3}, {("StepFailed", 1): renamed, ("StepFailed", 2): with_transient})
OLD = b'{"failed_at":"2026-01-05T09:00:00+00:00","message":"no","step":"s1","type":"StepFailed","v":1}'
LESS_OLD = b'{"error":"no","failed_at":"2026-01-05T09:00:00+00:00","step":"s1","type":"StepFailed","v":2}'


@pytest.mark.parametrize("body", [OLD, LESS_OLD])
def test_an_older_version_is_raised_step_by_step(body: bytes) -> None:
    assert Codec(TODAY).decode(body, None) == StepFailed(S1, "no", False, START)


def test_what_is_written_carries_todays_version() -> None:
    stored = Codec(TODAY).encode(failed(1))

    assert b'"v":3' in stored.body
    assert Codec(TODAY).decode(stored.body, stored.payload) == failed(1)


def test_todays_record_is_newer_to_yesterdays_doer() -> None:
    stored = Codec(TODAY).encode(failed(1))

    with pytest.raises(NewerRecord, match="upgrade"):
        Codec().decode(stored.body, stored.payload)


def test_an_upcaster_sees_what_lay_in_the_payload() -> None:
    stored = Codec().encode(failed(1))
    shout = Upcasts({"StepFailed": 2}, {("StepFailed", 1): lambda old: {**old, "error": str(old["error"]).upper()}})

    assert Codec(shout).decode(stored.body, stored.payload) == StepFailed(S1, failed(1).error.upper(), True, START)
