"""Shapes: from a type of the domain, the two functions that turn its values into plain JSON and back.

They are built once from the type hints and then only called, which is what makes them fast. (cattrs was tried: it cannot
resolve the recursive `Json` alias from the modules that use it.) A value of a closed union of dataclasses carries its
class name under `type`. JSON of the domain passes through untouched: a `Hole` is a string and reads back as one.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, NewType, TypeAlias

from doer.domain.errors import DoerBug, NewerRecord
from doer.domain.value import Key

Turn: TypeAlias = Callable[[Any], Any]
TAG = "type"


class _Plain:
    """Stands for the domain's `Json` while hints are read: whatever JSON there is, untouched."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How values of one type are written and read; None: exactly as they are."""

    encode: Turn | None = None
    decode: Turn | None = None


AS_IS = Shape()


class Shapes:
    """Builds shapes, each type once. Safe to share between threads: building twice gives the same."""

    def __init__(self) -> None:
        self._unions: dict[frozenset[type], Shape] = {}

    def of(self, hint: Any) -> Shape:  # noqa: ANN401 - a type hint has no static type
        """Return the shape of a type hint. Raises DoerBug for a hint that the domain has not used so far."""
        if isinstance(hint, NewType):
            return self.of(hint.__supertype__)
        if hint in (_Plain, str, int, float, bool):
            return AS_IS
        if hint is Key:
            return Shape(None, Key)
        if hint is datetime:
            return Shape(_write_time, datetime.fromisoformat)
        if is_dataclass(hint):
            return self.record(hint)
        return self._generic(hint)

    def record(self, cls: Any) -> Shape:  # noqa: ANN401 - any dataclass of the domain
        """Return the shape of a dataclass: an object of its fields."""
        hints = typing.get_type_hints(cls, localns={"Json": _Plain, "JsonObject": Mapping[str, _Plain]})
        shapes = {each.name: self.of(hints[each.name]) for each in fields(cls)}
        return Shape(_record_encoder(shapes), _record_decoder(cls, shapes))

    def _generic(self, hint: Any) -> Shape:  # noqa: ANN401 - a type hint has no static type
        origin, arguments = typing.get_origin(hint), typing.get_args(hint)
        if origin is typing.Literal:
            return Shape(None, _one_of(frozenset(arguments)))
        if origin is tuple and arguments[1:] == (...,):
            return _sequence(self.of(arguments[0]), tuple)
        if origin is frozenset:
            inner = _sequence(self.of(arguments[0]), frozenset)
            return Shape(lambda value: sorted(value if inner.encode is None else inner.encode(value)), inner.decode)
        if origin is Mapping:
            return _mapping(self.of(arguments[1]))
        if origin in (types.UnionType, typing.Union):
            return self._union(frozenset(arguments))
        raise DoerBug(f"the journal cannot store {hint!r}: teach doer.journal.shape that type")

    def _union(self, members: frozenset[Any]) -> Shape:
        if types.NoneType in members:
            rest = members - {types.NoneType}
            return _optional(self.of(next(iter(rest))) if len(rest) == 1 else self._union(rest))
        known = self._unions.get(members)
        if known is None:
            if not all(is_dataclass(each) for each in members):
                raise DoerBug(f"the journal cannot store a union of {members}: only of dataclasses")
            known = self._unions[members] = self._tagged(members)
        return known

    def _tagged(self, members: frozenset[Any]) -> Shape:
        encoders: dict[type, Turn] = {}
        decoders: dict[str, Turn] = {}

        def encode(value: object) -> dict[str, object]:
            cls = type(value)
            written: dict[str, object] = encoders[cls](value)
            written[TAG] = cls.__name__
            return written

        def decode(value: Mapping[str, object]) -> object:
            rest = dict(value)
            tag = rest.pop(TAG)
            if tag not in decoders:
                raise NewerRecord(
                    f"the record holds a {tag!r}, which this doer does not know: upgrade doer to drive it"
                )
            return decoders[str(tag)](rest)

        shape = self._unions[members] = Shape(encode, decode)  # first: a template may hold templates
        for member in members:
            inner = self.record(member)
            assert inner.encode is not None
            assert inner.decode is not None
            encoders[member], decoders[member.__name__] = inner.encode, inner.decode
        return shape


def _record_encoder(shapes: Mapping[str, Shape]) -> Turn:
    names = tuple(shapes)
    turned = tuple((name, shape.encode) for name, shape in shapes.items() if shape.encode is not None)
    take: Turn = attrgetter(*names)
    if len(names) == 1:
        alone: Turn = take
        take = lambda value: (alone(value),)  # noqa: E731 - attrgetter gives no tuple for one name

    def encode(value: object) -> dict[str, object]:
        written = dict(zip(names, take(value), strict=True))
        for name, turn in turned:
            written[name] = turn(written[name])
        return written

    return encode


def _record_decoder(cls: Any, shapes: Mapping[str, Shape]) -> Turn:  # noqa: ANN401 - any dataclass of the domain
    known = shapes.keys()
    turned = tuple((name, shape.decode) for name, shape in shapes.items() if shape.decode is not None)

    def decode(value: Mapping[str, object]) -> object:
        if value.keys() - known:
            extra = ", ".join(sorted(value.keys() - known))
            raise NewerRecord(
                f"a {cls.__name__} in the record has {extra}, which this doer does not know: upgrade doer"
            )
        read = dict(value)
        for name, turn in turned:
            if name in read:
                read[name] = turn(read[name])
        return cls(**read)

    return decode


def _write_time(value: datetime) -> str:
    if value.utcoffset() is None:
        raise DoerBug(f"a naive time reached the journal: {value.isoformat()}")
    return value.astimezone(UTC).isoformat()


def _one_of(allowed: frozenset[object]) -> Turn:
    def decode(value: object) -> object:
        if value not in allowed:
            raise NewerRecord(f"the record says {value!r}, which this doer does not know: upgrade doer to drive it")
        return value

    return decode


def _sequence(item: Shape, make: Callable[[Any], Any]) -> Shape:
    encode, decode = item.encode, item.decode
    return Shape(
        list if encode is None else lambda value: [encode(each) for each in value],
        make if decode is None else lambda value: make([decode(each) for each in value]),
    )


def _mapping(item: Shape) -> Shape:
    encode, decode = item.encode, item.decode
    return Shape(
        None if encode is None else lambda value: {name: encode(each) for name, each in value.items()},
        None if decode is None else lambda value: {name: decode(each) for name, each in value.items()},
    )


def _optional(item: Shape) -> Shape:
    encode, decode = item.encode, item.decode
    return Shape(
        None if encode is None else lambda value: None if value is None else encode(value),
        None if decode is None else lambda value: None if value is None else decode(value),
    )
