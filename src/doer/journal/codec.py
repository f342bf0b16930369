"""The codec: every event of the domain to the exact bytes that are stored and hashed, and back.

An event is stored as two pieces of JSON (ASCII, keys sorted, no spaces):

- the *body*, which the chain hashes: `{"type", "v", …fields without personal data, "payload": "sha256:…"}`,
- the *payload*, beside it: the fields named in `private_fields`, which may hold personal data or be large. It can be
  erased while the chain stays whole, as the body holds only its SHA-256. (Who can guess an erased text can check the guess.)

Where all private fields are empty there is nothing to erase: they stay in the body and there is no payload.
"""

from __future__ import annotations

import hashlib
import json
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from doer.domain.errors import DoerBug, DoerError, JournalBroken, NewerRecord, PayloadErased
from doer.domain.event import Event
from doer.domain.quick import quick
from doer.domain.value import Digest, JsonObject
from doer.journal.shape import TAG, Shape, Shapes
from doer.journal.upcast import Upcasts, released

_RESERVED = frozenset({TAG, "v", "payload"})


def private_fields() -> Mapping[str, tuple[str, ...]]:
    """Return, by event type, the fields that can hold personal data: values, words of people, messages of other systems."""
    return _PRIVATE


_PRIVATE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "RunAccepted": ("goal",),
        "SelectionRead": ("arguments", "result"),
        "PlanProposed": ("plan",),
        "PlanRejected": ("problems",),
        "ModelAsked": ("prompt", "answer"),
        "PlanOutdated": ("reason",),
        "QuestionAsked": ("question",),
        "QuestionAnswered": ("answer",),
        "Corrected": ("text",),
        "Abstained": ("abstention",),
        "PlanPreviewed": ("foresights",),
        "PlanJudged": ("decisions",),
        "Refused": ("reason",),
        "StepSkipped": ("reason",),
        "StepStarted": ("arguments", "changes"),
        "StepApplied": ("receipt",),
        "StepVerified": ("receipt", "evidence"),
        "StepUnconfirmed": ("reason",),
        "StepUnproven": ("reason",),
        "StepRefuted": ("reason", "receipt"),
        "StepFailed": ("error",),
        "StepUnknown": ("reason",),
        "StepAbsent": ("reason",),
        "ChangesDiffered": ("foresight", "decision", "reason"),
        "StepBlocked": ("reason",),
        "UndoPreviewed": ("foresights",),
        "StepUndone": ("versions", "evidence"),
        "UndoConflicted": ("reason",),
        "UndoFailed": ("error",),
        "RunEnded": ("reason",),
    }
)


@quick
@dataclass(frozen=True, slots=True)
class Encoded:
    """One event as it is stored."""

    body: bytes
    payload: bytes | None
    """None: nothing private in it."""


@dataclass(frozen=True, slots=True)
class _Kind:
    shape: Shape
    private: tuple[str, ...]
    version: int


class Codec:
    """Encodes and decodes events; `upcasts` says how older versions are read. Safe to share between threads."""

    def __init__(self, upcasts: Upcasts | None = None) -> None:
        self._upcasts = upcasts or released()
        self._classes: Mapping[str, type] = {each.__name__: each for each in typing.get_args(Event)}
        self._shapes = Shapes()
        self._kinds: dict[str, _Kind] = {}
        # One encoder for good: json.dumps would make a new one for every event.
        self._write = json.JSONEncoder(
            sort_keys=True, separators=(",", ":"), allow_nan=False, check_circular=False, default=_as_container
        ).encode

    def encode(self, event: Event) -> Encoded:
        """Return the bytes to store. Raises DoerBug for a value that JSON does not have (NaN, a key that is no text)."""
        name = type(event).__name__
        kind = self._kind(name)
        assert kind.shape.encode is not None
        try:
            fields = kind.shape.encode(event)
            payload = self._take_private(fields, kind.private)
            fields[TAG], fields["v"] = name, kind.version
            if payload is not None:
                fields["payload"] = digest_of(payload)
            return Encoded(self._write(fields).encode("ascii"), payload)
        except (TypeError, ValueError, RecursionError) as impossible:
            raise DoerBug(f"{name} holds a value that JSON does not have: {impossible}") from impossible

    def decode(self, body: bytes, payload: bytes | None) -> Event:
        """Return the event. Raises NewerRecord, PayloadErased, or JournalBroken for bytes that are no event."""
        fields = read_body(body)
        name, version, digest = fields.pop(TAG, None), fields.pop("v", None), fields.pop("payload", None)
        if not isinstance(name, str) or name not in self._classes:
            raise NewerRecord(
                f"the record holds an event {name!r}, which this doer does not know: upgrade doer to drive it"
            )
        if digest is not None:
            if payload is None:
                raise PayloadErased(
                    f"what {name} held was erased; the run can be verified, not driven or shown in full"
                )
            if digest_of(payload) != digest:
                raise JournalBroken(f"the payload of {name} is not the one that was recorded: it was edited")
            fields |= json.loads(payload)
        return self._build(name, self._upcasts.raise_to_today(name, version, fields))

    def _build(self, name: str, fields: JsonObject) -> Event:
        decode = self._kind(name).shape.decode
        assert decode is not None
        try:
            event: Event = decode(fields)
        except (NewerRecord, JournalBroken):
            raise
        except (TypeError, ValueError, KeyError, AttributeError, DoerError) as wrong:
            raise JournalBroken(f"the record of {name} does not make sense: {wrong}") from wrong
        return event

    def _kind(self, name: str) -> _Kind:
        known = self._kinds.get(name)
        if known is None:
            known = self._kinds[name] = _Kind(
                self._shapes.record(self._classes[name]), private_fields().get(name, ()), self._upcasts.version(name)
            )
        return known

    def _take_private(self, fields: dict[str, Any], private: tuple[str, ...]) -> bytes | None:
        if not any(fields[name] for name in private):
            return None
        return self._write({name: fields.pop(name) for name in private}).encode("ascii")


def read_body(body: bytes) -> dict[str, Any]:
    """Return the JSON object of a body. Raises JournalBroken when it is none."""
    try:
        fields = json.loads(body)
    except ValueError as wrong:
        raise JournalBroken(f"a body in the record is not JSON: {wrong}") from wrong
    if not isinstance(fields, dict):
        raise JournalBroken("a body in the record is not a JSON object")
    return fields


def digest_of(content: bytes) -> Digest:
    """Return `sha256:` and the hex SHA-256 of the exact bytes."""
    return Digest("sha256:" + hashlib.sha256(content).hexdigest())


def _as_container(value: object) -> object:
    """Turn read-only mappings and other sequences into what the C encoder knows."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray | memoryview):
        return list(value)
    raise TypeError(f"a {type(value).__name__}")
