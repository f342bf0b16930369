"""Mutants: tools made wrong on purpose. A harness whose figure a mutant does not turn red proves nothing."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from doer.domain.action import Change, Intent, Manifest, Preview, Receipt
from doer.domain.errors import NoEffect, OutcomeUnknown
from doer.domain.outcome import Absent, Conflict, Reversal, Undone, Unknown, Verification, Verified
from doer.domain.ports import Tool
from doer.domain.value import Json, JsonObject, Key
from doer.testing.faults.wrapped import Wrapped
from doer.testing.scenario import WrapTools

_MOMENT = 0.3
"""Seconds between a receipt and its effect: longer than it takes to record the receipt."""


class NoKey(Wrapped):
    """Makes up another key at each try, so that a lost outcome is not found again; says that it enforces keys."""

    def __init__(self, tool: Tool) -> None:
        super().__init__(tool)
        self._tries = itertools.count()

    @property
    def manifest(self) -> Manifest:
        return replace(self.tool.manifest, once=True)

    async def apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        material = f"{key}/{next(self._tries)}/{id(self)}/{asyncio.get_running_loop().time()}"
        return await self.tool.apply(arguments, Key(hashlib.sha256(material.encode()).hexdigest()[:40]), before)

    async def verify(self, intent: Intent, receipt: Receipt | None = None) -> Verification:
        return Absent("not found under its key") if receipt is None else Verified(receipt)


class NoVerify(Wrapped):
    """Takes every try for done: does not read back, and does not listen to a refusal either."""

    async def apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        try:
            return await self.tool.apply(arguments, key, before)
        except NoEffect:
            return Receipt(dict(arguments))

    async def verify(self, intent: Intent, receipt: Receipt | None = None) -> Verification:
        return Unknown("not looked") if receipt is None else Verified(receipt, "the server said so")


class RecordBeforeEffect(Wrapped):
    """Gives its receipt first and does the work a moment later, and believes itself."""

    def __init__(self, tool: Tool, later: set[asyncio.Task[Receipt]]) -> None:
        super().__init__(tool)
        self._later = later
        """What all tools still have to do."""

    async def preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        await asyncio.gather(*self._later, return_exceptions=True)  # who builds on earlier work finds it done
        return await self.tool.preview(arguments, pending)

    async def apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        if self.manifest.effect == "read":
            return await self.tool.apply(arguments, key, before)
        preview = await self.tool.preview(arguments, ())
        self._later.add(asyncio.create_task(self._afterwards(arguments, key, before)))
        return Receipt(_foretold(arguments, preview))

    async def _afterwards(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        await asyncio.sleep(_MOMENT)
        return await self.tool.apply(arguments, key, before)

    async def verify(self, intent: Intent, receipt: Receipt | None = None) -> Verification:
        return Verified(receipt or Receipt(dict(intent.arguments)))

    async def close(self) -> None:
        await asyncio.gather(*self._later, return_exceptions=True)
        await super().close()


class UnconditionalUndo(Wrapped):
    """Takes back whatever stands there now: each receipt is made to fit what a preview finds, versions and images."""

    async def apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        made = await self.tool.apply(arguments, key, before)
        return replace(made, undo=self._remembering(made.undo, arguments, before))

    async def verify(self, intent: Intent, receipt: Receipt | None = None) -> Verification:
        found = await self.tool.verify(intent, None if receipt is None else _inner(receipt))
        match found:
            case Verified(made, evidence):
                kept = replace(made, undo=self._remembering(made.undo, intent.arguments, intent.changes))
                return Verified(kept, evidence)
            case _:
                return found

    def _remembering(self, undo: Json, arguments: JsonObject, before: Sequence[Change]) -> Json:
        afters = {change.resource: change.after for change in before}
        return {"its own": undo, "arguments": dict(arguments), "afters": afters}

    async def undo(self, receipt: Receipt) -> Reversal:
        kept = receipt.undo
        inner = _inner(receipt)
        try:
            outcome = await self.tool.undo(inner)
        except (NoEffect, OutcomeUnknown):
            return await self.tool.undo(inner)
        if not isinstance(outcome, Conflict) or not isinstance(kept, Mapping):
            return outcome
        arguments, afters = kept["arguments"], kept["afters"]
        if not isinstance(arguments, Mapping) or not isinstance(afters, Mapping):
            return outcome
        try:
            now = await self.tool.preview(arguments, ())
        except NoEffect:
            return outcome
        for change in now.changes:
            old, new = receipt.versions.get(change.resource), change.version
            if old is not None and new is not None:
                inner = replace(
                    inner,
                    versions={**inner.versions, change.resource: new},
                    undo=_replaced(inner.undo, old, new),
                )
            inner = replace(inner, undo=_replaced(inner.undo, afters.get(change.resource), change.before))
        return await self.tool.undo(inner)


class SnapshotUndo(Wrapped):
    """Takes back by putting the whole world back as it was, which is what a snapshot of a machine would do."""

    def __init__(self, tool: Tool, restore: Callable[[], None]) -> None:
        super().__init__(tool)
        self._restore = restore

    async def undo(self, receipt: Receipt) -> Reversal:
        self._restore()
        return Undone(evidence="the snapshot was put back")


def _inner(receipt: Receipt) -> Receipt:
    kept = receipt.undo
    return replace(receipt, undo=kept["its own"]) if isinstance(kept, Mapping) and "its own" in kept else receipt


def _replaced(within: Json, old: Json, new: Json) -> Json:
    """Return the value with every part that equals `old` replaced."""
    if old is not None and within == old:
        return new
    if isinstance(within, Mapping):
        return {name: _replaced(value, old, new) for name, value in within.items()}
    if isinstance(within, list | tuple):
        return [_replaced(value, old, new) for value in within]
    return within


def _foretold(arguments: JsonObject, preview: Preview) -> Json:
    return {**arguments, **(preview.result if isinstance(preview.result, Mapping) else {})}


def mutate(name: str, restore: Callable[[], None] = lambda: None) -> WrapTools:
    """Return the wrapper that makes every tool that mutant; `restore` puts the world back to its seed. Raises KeyError."""
    later: set[asyncio.Task[Receipt]] = set()
    made: Mapping[str, Callable[[Tool], Tool]] = {
        "no key": NoKey,
        "no verify": NoVerify,
        "record before effect": lambda tool: RecordBeforeEffect(tool, later),
        "unconditional undo": UnconditionalUndo,
        "snapshot undo": lambda tool: SnapshotUndo(tool, restore),
    }
    return lambda tools: [made[name](tool) for tool in tools]
