"""A tool around a tool: passes everything on. Mutants, vandals and the chaos commands' impatience spoil one verb each."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import replace

from doer.domain.action import Change, Intent, Manifest, Preview, Receipt
from doer.domain.outcome import Reversal, Verification
from doer.domain.ports import Tool
from doer.domain.value import JsonObject, Key


class Wrapped:
    """A `Tool` that does what the one inside does."""

    def __init__(self, tool: Tool) -> None:
        self.tool = tool

    @property
    def manifest(self) -> Manifest:
        return self.tool.manifest

    async def preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        return await self.tool.preview(arguments, pending)

    async def apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        return await self.tool.apply(arguments, key, before)

    async def verify(self, intent: Intent, receipt: Receipt | None = None) -> Verification:
        return await self.tool.verify(intent, receipt)

    async def undo(self, receipt: Receipt) -> Reversal:
        return await self.tool.undo(receipt)

    async def close(self) -> None:
        closing = getattr(self.tool, "close", None)
        if inspect.iscoroutinefunction(closing):
            await closing()


class Hurried(Wrapped):
    """Gives each verb less time, so that a server which is never going to answer does not hold a trial up."""

    def __init__(self, tool: Tool, seconds: float) -> None:
        super().__init__(tool)
        self._seconds = seconds

    @property
    def manifest(self) -> Manifest:
        known = self.tool.manifest
        return replace(known, timeout=min(known.timeout, self._seconds))


def hurry(tools: Sequence[Tool], seconds: float) -> Sequence[Tool]:
    """Return the tools, with so many seconds for each call of a verb; a manifest's digest does not cover its time-out."""
    return [Hurried(tool, seconds) for tool in tools]
