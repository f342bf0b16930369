"""Later: a sequence that is made when somebody first looks into it: who only says yes to a run loads no planner."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar, overload

T_co = TypeVar("T_co", covariant=True)


class Later(Sequence[T_co]):
    """What `make` returns, asked for once; an error of `make` comes to whoever looks, each time anew."""

    __slots__ = ("_made", "_make")

    def __init__(self, make: Callable[[], Sequence[T_co]]) -> None:
        self._make = make
        self._made: Sequence[T_co] | None = None

    def now(self) -> Sequence[T_co]:
        """Return it, made."""
        if self._made is None:
            self._made = self._make()
        return self._made

    @overload
    def __getitem__(self, place: int) -> T_co: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[T_co]: ...
    def __getitem__(self, place: int | slice) -> T_co | Sequence[T_co]:
        return self.now()[place]

    def __len__(self) -> int:
        return len(self.now())
