"""Mutants: tools made wrong on purpose. A harness whose figure a mutant does not turn red proves nothing."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from doer.domain.action import Change, Intent, Manifest, Preview, Receipt
from doer.domain.outcome import Absent, Reversal, Unknown, Verification, Verified
from doer.domain.ports import Tool
from doer.domain.value import Json, JsonObject, Key
from doer.testing.faults.wrapped import Wrapped
from doer.testing.scenario import WrapTools


class NoKey(Wrapped):
    """Makes up another key at each try, so that a lost outcome is not found again; says that it enforces keys."""

    _tries = itertools.count()

    @property
    def manifest(self) -> Manifest:
        return replace(self.tool.manifest, once=True)

    async def apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        material = f"{key}/{next(self._tries)}/{id(self)}/{asyncio.get_running_loop().time()}"
        return await self.tool.apply(arguments, Key(hashlib.sha256(material.encode()).hexdigest()[:40]), before)

    async def verify(self, intent: Intent, receipt: Receipt | None = None) -> Verification:
        return Absent("not found under its key") if receipt is None else Verified(receipt)


class NoVerify(Wrapped):
    """Believes what the server answered."""

    async def verify(self, intent: Intent, receipt: Receipt | None = None) -> Verification:
        return Unknown("not looked") if receipt is None else Verified(receipt, "the server said so")


class RecordBeforeEffect(Wrapped):
    """Gives its receipt first and does the work afterwards, and believes itself."""

    def __init__(self, tool: Tool) -> None:
        super().__init__(tool)
        self._later: set[asyncio.Task[Receipt]] = set()

    async def apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        if self.manifest.effect == "read":
            return await self.tool.apply(arguments, key, before)
        self._later.add(asyncio.create_task(self._afterwards(arguments, key, before)))
        preview = await self.tool.preview(arguments, ())
        return Receipt(_foretold(arguments, preview))

    async def _afterwards(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        await asyncio.sleep(0.3)
        return await self.tool.apply(arguments, key, before)

    async def verify(self, intent: Intent, receipt: Receipt | None = None) -> Verification:
        return Verified(receipt or Receipt(dict(intent.arguments)))

    async def close(self) -> None:
        await asyncio.gather(*self._later, return_exceptions=True)
        await super().close()


def _foretold(arguments: JsonObject, preview: Preview) -> Json:
    return {**arguments, **(preview.result if isinstance(preview.result, Mapping) else {})}


MUTANTS: Mapping[str, Callable[[Tool], Tool]] = {
    "no key": NoKey,
    "no verify": NoVerify,
    "record before effect": RecordBeforeEffect,
}


def mutate(name: str) -> WrapTools:
    """Return the wrapper that makes every tool that mutant."""
    return lambda tools: [MUTANTS[name](tool) for tool in tools]
