"""Quick: frozen records are made in a third of the time that `dataclasses` takes for them.

A frozen class refuses to set attributes, so the `__init__` of `dataclasses` goes through `object.__setattr__`, which looks
every name up again. A slot can be asked directly to take its value; nothing else about the class changes.
"""

from __future__ import annotations

from dataclasses import MISSING, fields
from types import FunctionType
from typing import TypeVar

T = TypeVar("T")


def quick(cls: type[T]) -> type[T]:
    """Give a frozen dataclass with slots, and without `__post_init__`, an `__init__` that is the same and asks its slots."""
    slow = vars(cls)["__init__"]
    defaults = dict(zip(reversed(slow.__code__.co_varnames), reversed(slow.__defaults__ or ()), strict=False))
    known: dict[str, object] = {}
    lines: list[str] = []
    for each in fields(cls):  # type: ignore[arg-type]  # that it is a dataclass cannot be said of a type variable
        name = each.name
        given = name
        known[f"set_{name}"] = getattr(cls, name).__set__
        if each.default_factory is not MISSING:
            known[f"no_{name}"], known[f"make_{name}"] = defaults[name], each.default_factory
            given = f"make_{name}() if {name} is no_{name} else {name}"
        lines.append(f"  set_{name}(self, {given})")
    parameters = ", ".join(slow.__code__.co_varnames)
    source = [f"def within({', '.join(known)}):", f" def __init__({parameters}):", *lines, " return __init__"]
    made: dict[str, FunctionType] = {}
    exec("\n".join(source), made)  # noqa: S102  # of names of fields only, as in `dataclasses`
    init = made["within"](**known)
    init.__qualname__, init.__annotations__ = slow.__qualname__, slow.__annotations__
    init.__defaults__, init.__kwdefaults__ = slow.__defaults__, slow.__kwdefaults__
    setattr(cls, "__init__", init)  # noqa: B010  # mypy refuses the plain form
    return cls
