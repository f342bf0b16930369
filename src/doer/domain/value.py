"""Values: JSON, its canonical form and digest, and where a value came from."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from json.encoder import encode_basestring
from types import MappingProxyType
from typing import Final, Literal, NewType, TypeAlias

import rfc8785

Json: TypeAlias = "None | bool | int | float | str | Sequence[Json] | Mapping[str, Json]"
JsonObject: TypeAlias = Mapping[str, Json]

Digest = NewType("Digest", str)
RunId = NewType("RunId", str)
StepId = NewType("StepId", str)
Principal = NewType("Principal", str)


class Key(str):
    """Idempotency key of one action: what it is, not when or how often it was tried. Printable ASCII, at most 64.

    A tool's parameter annotated `Key` receives it and is hidden from planners.
    """

    __slots__ = ()


class Written(str):
    """Canonical JSON (RFC 8785) of a value, kept so that it is written once and not for every digest that it is part of."""

    __slots__ = ()


class Hole(str):
    """A value that will be known only when an earlier step has run; reads as what it is made of, e.g. ‹id of account›.

    It is a string so that previews can show it inside other text. Validation of its type is put off until the step.
    """

    __slots__ = ()
    OPEN: Final = "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}"
    CLOSE: Final = "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"

    @classmethod
    def of(cls, description: str) -> Hole:
        """Return the hole that is shown as ‹description›."""
        return cls(f"{cls.OPEN}{description}{cls.CLOSE}")


Source = Literal["words", "answer", "skill", "workspace", "result", "read", "default", "planner", "caller", "known"]


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where an argument came from, shown beside it in every preview."""

    source: Source
    """words: of the goal; answer: to a question; skill: its file; workspace: configuration; result: of an earlier step;
    read: a read while planning; default: of the tool; planner: invented by a planner; caller: handed in by a program;
    known: of the goal's words, the one entity that a connection is known to hold by that name."""
    text: str
    """The words, or the name of the skill, step or setting."""
    start: int | None = None
    end: int | None = None
    """Span of the words in the goal's text, in characters, end exclusive."""


_SCALARS: Final = frozenset({str, int, bool, type(None)})
_EXACT: Final = 2**53 - 1
"""The largest integer that every reader of JSON reads as it was written."""


def canonical(value: Json) -> bytes:
    """Return the canonical JSON bytes (RFC 8785) of `value`.

    Raises ValueError for NaN, infinities, integers beyond 2**53, half of a surrogate pair, and what is not JSON.
    """
    return written(value).encode()


def written(value: Json) -> Written:
    """Return the canonical JSON of `value`. Raises ValueError as `canonical` does."""
    try:
        text = _WRITERS[type(value)](value)
        if not text.isascii():
            text.encode()  # which half of a surrogate pair has no bytes for
    except (KeyError, TypeError, ValueError):
        text = _by_the_book(value).decode()
    return Written(text)


def together(fields: Mapping[str, Json]) -> Written:
    """Return the canonical JSON of an object, of whose values some may be `Written` already; its names are plain ASCII."""
    parts = [f'"{name}":{_SIMPLY.get(type(each), written)(each)}' for name, each in sorted(fields.items())]
    return Written("{" + ",".join(parts) + "}")


def simply(text: str | None) -> str:
    """Return the canonical JSON of a text or of nothing, to be put into what is written around it."""
    return "null" if text is None else encode_basestring(text)


def in_turn(values: Iterable[str]) -> Written:
    """Return the canonical JSON of an array of values that are written already."""
    return Written(f"[{','.join(values)}]")


def plainly_same(one: Json, other: Json) -> bool:
    """Tell whether two values have the same canonical JSON for certain; it costs a fraction of writing them to compare.

    False also for what only may differ: floats, and whatever else is not of the plain types of JSON.
    """
    kind = type(one)
    if kind is not type(other):
        return False  # 1 == True == 1.0 in Python
    if kind in _SCALARS:
        return one == other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(plainly_same(each, other[name]) for name, each in one.items())
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(plainly_same, one, other))
    return False


# Most of what there is, in a third of the library's time. Left to the library, with a KeyError, TypeError or ValueError:
# floats, whose digits are an art; names that sort otherwise in UTF-16; subclasses and unusual containers.


def _object(value: Mapping[str, Json]) -> str:
    parts = []
    for name in sorted(value):
        named = encode_basestring(name)  # a TypeError where a name is no text
        if not named.isascii():
            raise ValueError
        each = value[name]
        parts.append(f"{named}:{_WRITERS[type(each)](each)}")
    return f"{{{','.join(parts)}}}"


def _array(value: Sequence[Json]) -> str:
    return f"[{','.join([_WRITERS[type(each)](each) for each in value])}]"


def _integer(value: int) -> str:
    if not -_EXACT <= value <= _EXACT:
        raise ValueError
    return str(value)


_WRITERS: Final[Mapping[type, Callable[..., str]]] = MappingProxyType(  # type: ignore[explicit-any]  # each takes its type
    {
        str: encode_basestring,
        dict: _object,
        list: _array,
        tuple: _array,
        int: _integer,
        bool: lambda value: "true" if value else "false",
        type(None): lambda _: "null",
    }
)
_SIMPLY: Final[Mapping[type, Callable[..., str]]] = MappingProxyType(  # type: ignore[explicit-any]
    {Written: str, str: encode_basestring, bool: _WRITERS[bool], type(None): _WRITERS[type(None)]}
)


def _by_the_book(value: Json) -> bytes:
    try:
        return rfc8785.dumps(value)
    except rfc8785.CanonicalizationError:
        return rfc8785.dumps(_plain(value))  # it takes dict, list and tuple only; copying is the exception


def _plain(value: Json) -> Json:
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray):
        return [_plain(each) for each in value]
    return value


def digest(value: Json) -> Digest:
    """Return `sha256:` and the hex SHA-256 of the canonical JSON of `value`."""
    return hashed(written(value))


def hashed(text: Written) -> Digest:
    """Return the digest of the value that was written."""
    return Digest("sha256:" + hashlib.sha256(text.encode()).hexdigest())


def derive_key(run: RunId, step: StepId, arguments: Written, generation: int) -> Key:
    """Return the idempotency key of an action: 40 lower-case hex digits, from what it is (RFC 8785, SHA-256)."""
    what = f'{{"arguments":{arguments},"generation":{generation},"run":{encode_basestring(run)},"step":{encode_basestring(step)}}}'
    return Key(hashlib.sha256(what.encode()).hexdigest()[:40])
