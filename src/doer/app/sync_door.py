"""The thin synchronous door: for callers without an event loop; inside one, it raises UsageError."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine, Sequence
from types import TracebackType
from typing import Self, TypeVar

from doer.app.consent import Approver
from doer.domain.errors import UsageError
from doer.domain.goal import Abstention, Question
from doer.domain.plan import Plan
from doer.domain.value import RunId
from doer.observation.report import RunReport

T = TypeVar("T")


class SyncDoor(ABC):
    """What can be waited for without an event loop: each method is its asynchronous namesake, run to its end."""

    @abstractmethod
    async def do(
        self, text: str, *, approve: Approver | None = None, dry_run: bool = False, context: Sequence[str] = ()
    ) -> RunReport: ...

    @abstractmethod
    async def plan(self, text: str, *, context: Sequence[str] = ()) -> Plan | Question | Abstention: ...

    @abstractmethod
    async def approve(self, run_id: RunId, named: Sequence[str] = (), *, seen: int | None = None) -> RunReport: ...

    @abstractmethod
    async def answer(self, run_id: RunId, text: str, *, seen: int | None = None) -> RunReport: ...

    @abstractmethod
    async def undo(self, run_id: RunId, *, approve: Approver | None = None, dry_run: bool = False) -> RunReport: ...

    @abstractmethod
    async def close(self) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _sync(self.close)

    def do_sync(
        self, text: str, *, approve: Approver | None = None, dry_run: bool = False, context: Sequence[str] = ()
    ) -> RunReport:
        """`do`, waited for."""
        return _sync(lambda: self.do(text, approve=approve, dry_run=dry_run, context=context))

    def plan_sync(self, text: str, *, context: Sequence[str] = ()) -> Plan | Question | Abstention:
        """`plan`, waited for."""
        return _sync(lambda: self.plan(text, context=context))

    def approve_sync(self, run_id: RunId, named: Sequence[str] = ()) -> RunReport:
        """`approve`, waited for."""
        return _sync(lambda: self.approve(run_id, named))

    def answer_sync(self, run_id: RunId, text: str) -> RunReport:
        """`answer`, waited for."""
        return _sync(lambda: self.answer(run_id, text))

    def undo_sync(self, run_id: RunId, *, approve: Approver | None = None) -> RunReport:
        """`undo`, waited for."""
        return _sync(lambda: self.undo(run_id, approve=approve))


def _sync(call: Callable[[], Coroutine[object, object, T]]) -> T:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        pass
    else:
        raise UsageError("an event loop is running here: use the asynchronous method, without _sync, and await it")
    return asyncio.run(call())
