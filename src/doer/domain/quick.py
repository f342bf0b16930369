"""Quick: what frozen records cost in time, spared: an `__init__` in a third of it, and properties that are kept.

A frozen class refuses to set attributes, so the `__init__` of `dataclasses` goes through `object.__setattr__`, which looks
every name up again. A slot, or the dictionary of a record without slots, can be asked directly to take a value; nothing
else about the class changes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, fields
from types import FunctionType
from typing import Generic, Self, TypeVar, overload

T = TypeVar("T")
S = TypeVar("S")


def quick(cls: type[T]) -> type[T]:
    """Give a frozen dataclass without `__post_init__` an `__init__` that is the same and asks its slots or dictionary."""
    slow = vars(cls)["__init__"]
    defaults = dict(zip(reversed(slow.__code__.co_varnames), reversed(slow.__defaults__ or ()), strict=False))
    known: dict[str, object] = {}
    values: dict[str, str] = {}
    for each in fields(cls):  # type: ignore[arg-type]  # that it is a dataclass cannot be said of a type variable
        name = values[each.name] = each.name
        if each.default_factory is not MISSING:
            known[f"no_{name}"], known[f"make_{name}"] = defaults[name], each.default_factory
            values[name] = f"make_{name}() if {name} is no_{name} else {name}"
    if "__slots__" in vars(cls):
        known |= {f"set_{name}": getattr(cls, name).__set__ for name in values}
        lines = [f"  set_{name}(self, {value})" for name, value in values.items()]
    else:
        known["set_all"] = vars(cls)["__dict__"].__set__
        lines = [f"  set_all(self, {{{', '.join(f'{name!r}: {value}' for name, value in values.items())}}})"]
    parameters = ", ".join(slow.__code__.co_varnames)
    source = [f"def within({', '.join(known)}):", f" def __init__({parameters}):", *lines, " return __init__"]
    made: dict[str, FunctionType] = {}
    exec("\n".join(source), made)  # noqa: S102  # of names of fields only, as in `dataclasses`
    init = made["within"](**known)
    init.__qualname__, init.__annotations__ = slow.__qualname__, slow.__annotations__
    init.__defaults__, init.__kwdefaults__ = slow.__defaults__, slow.__kwdefaults__
    setattr(cls, "__init__", init)  # noqa: B010  # mypy refuses the plain form
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
