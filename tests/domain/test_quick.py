"""Quick records: what `dataclasses` would have made of them, in every respect but time."""

from __future__ import annotations

import copy
import inspect
import pickle
from dataclasses import FrozenInstanceError, dataclass, field, replace

import pytest

from doer.domain.quick import kept, quick


@dataclass(frozen=True, slots=True)
class Slow:
    name: str
    count: int = 3
    tags: dict[str, int] = field(default_factory=dict)


@quick
@dataclass(frozen=True, slots=True)
class Quick:
    name: str
    count: int = 3
    tags: dict[str, int] = field(default_factory=dict)


@quick
@dataclass(frozen=True)
class Keeping:
    name: str
    count: int = 3
    tags: dict[str, int] = field(default_factory=dict)

    @kept
    def loud(self) -> list[str]:
        """What it keeps."""
        return [self.name.upper()]


@pytest.mark.parametrize("cls", [Slow, Quick, Keeping])
def test_fields_are_given_by_place_or_by_name_or_left_to_their_defaults(cls: type[Slow | Quick]) -> None:
    assert cls("a", 1, {"b": 2}) == cls(name="a", tags={"b": 2}, count=1)
    assert cls("a") == cls("a", 3, {})
    assert repr(cls("a", tags={"b": 2})) == f"{cls.__name__}(name='a', count=3, tags={{'b': 2}})"


def test_the_signature_is_the_same() -> None:
    assert inspect.signature(Quick) == inspect.signature(Keeping) == inspect.signature(Slow)


def test_what_a_factory_makes_is_made_for_each() -> None:
    assert Quick("a").tags is not Quick("a").tags


def test_it_is_as_frozen_as_before() -> None:
    record = Quick("a")

    with pytest.raises(FrozenInstanceError):
        record.name = "b"  # type: ignore[misc]
    assert not hasattr(record, "__dict__")
    with pytest.raises(FrozenInstanceError):
        Keeping("a").name = "b"  # type: ignore[misc]


def test_copies_are_records_of_the_same_fields() -> None:
    record = Quick("a", 1, {"b": 2})

    assert copy.copy(record) == copy.deepcopy(record) == pickle.loads(pickle.dumps(record)) == replace(record) == record
    assert type(copy.copy(record)) is Quick
    assert copy.deepcopy(record).tags is not record.tags


def test_what_is_kept_is_made_once_for_each_record_and_is_no_part_of_it() -> None:
    one, other = Keeping("a"), Keeping("a")

    assert one.loud is one.loud
    assert one.loud is not other.loud
    assert one == Keeping("a")
    assert replace(one, name="b").loud == ["B"]
    assert Keeping.loud.__doc__ == "What it keeps."


@pytest.mark.parametrize(
    ("given", "named"), [((), {}), (("a", 1, {}, 2), {}), (("a",), {"name": "b"}), (("a",), {"x": 1})]
)
def test_wrong_fields_are_refused(given: tuple[str, ...], named: dict[str, str]) -> None:
    with pytest.raises(TypeError):
        Quick(*given, **named)  # type: ignore[arg-type]
