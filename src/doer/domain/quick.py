"""Quick: what frozen records cost in time, spared: an `__init__` in a third of it, and properties that are kept.

A frozen class refuses to set attributes, so the `__init__` of `dataclasses` goes through `object.__setattr__`, which looks
every name up again. A slot, or the dictionary of a record without slots, can be asked directly to take a value; nothing
else about the class changes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields
from types import FunctionType
from typing import Generic, Self, TypeVar, overload

T = TypeVar("T")
S = TypeVar("S")
_FEW = 2
"""Slots that are set one by one."""


def quick(cls: type[T]) -> type[T]:
    """Give a frozen dataclass without `__post_init__` an `__init__`, or a `__new__`, that does the same in less time."""
    slow = vars(cls)["__init__"]
    defaults = dict(zip(reversed(slow.__code__.co_varnames), reversed(slow.__defaults__ or ()), strict=False))
    known: dict[str, object] = {}
    values: dict[str, str] = {}
    for each in fields(cls):  # type: ignore[arg-type]  # that it is a dataclass cannot be said of a type variable
        name = values[each.name] = each.name
        if each.default_factory is not MISSING:
            known[f"no_{name}"], known[f"make_{name}"] = defaults[name], each.default_factory
            values[name] = f"make_{name}() if {name} is no_{name} else {name}"
    if "__slots__" not in vars(cls):
        known["set_all"] = vars(cls)["__dict__"].__set__
        line = f"  set_all(self, {{{', '.join(f'{name!r}: {value}' for name, value in values.items())}}})"
        return _made("__init__", cls, known, [line])
    if len(values) > _FEW:
        return _by_a_twin(cls, known, values)
    known |= {f"set_{name}": getattr(cls, name).__set__ for name in values}
    return _made("__init__", cls, known, [f"  set_{name}(self, {value})" for name, value in values.items()])


def _by_a_twin(cls: type[T], known: dict[str, object], values: Mapping[str, str]) -> type[T]:
    """Fill a record of a twin class, which is not frozen, and then let it be of its own class: one step for all slots.

    `__class__` may be assigned among classes of the same slots (Python's data model, 3.3.2). Setting slot after slot of a
    frozen class takes two to three times as long.
    """
    known["twin"] = type(cls.__name__, (), {"__slots__": vars(cls)["__slots__"]})
    lines = ["  made = twin()", *(f"  made.{name} = {value}" for name, value in values.items())]
    _made("__new__", cls, known, [*lines, "  made.__class__ = cls", "  return made"])
    names = tuple(values)

    def reduce(self: object) -> tuple[type, tuple[object, ...]]:
        return type(self), tuple(getattr(self, name) for name in names)

    setattr(cls, "__reduce__", reduce)  # noqa: B010  # copies are made of the fields: there is no empty record
    del cls.__init__
    return cls


def _made(name: str, cls: type[T], known: Mapping[str, object], lines: Sequence[str]) -> type[T]:
    """Give the class a function of these lines, which takes what its slow `__init__` takes."""
    slow = vars(cls)["__init__"]
    first, *others = slow.__code__.co_varnames
    parameters = ", ".join(["cls" if name == "__new__" else first, *others])
    source = [f"def within({', '.join(known)}):", f" def {name}({parameters}):", *lines, f" return {name}"]
    made: dict[str, FunctionType] = {}
    exec("\n".join(source), made)  # noqa: S102  # of names of fields only, as in `dataclasses`
    function: FunctionType = made["within"](**known)
    function.__qualname__ = f"{cls.__qualname__}.{name}"
    function.__annotations__, function.__defaults__ = slow.__annotations__, slow.__defaults__
    function.__kwdefaults__ = slow.__kwdefaults__
    setattr(cls, name, function)
    return cls


class kept(Generic[S, T]):  # noqa: N801  # it is written as a decorator
    """`functools.cached_property` without its lock, which is gone from Python 3.12 on: asked at once, it is made twice."""

    def __init__(self, made: Callable[[S], T]) -> None:
        self._made, self._name, self.__doc__ = made, made.__name__, made.__doc__

    @overload
    def __get__(self, record: None, owner: type[S]) -> Self: ...
    @overload
    def __get__(self, record: S, owner: type[S]) -> T: ...
    def __get__(self, record: S | None, owner: type[S]) -> Self | T:
        """Return what was made of the record, made now if it is asked for the first time."""
        if record is None:
            return self
        value = record.__dict__[self._name] = self._made(record)
        return value
