"""One case of conformance: a tool on a fresh real service, applied as the runtime does, and what is expected of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from doer.domain.action import Intent, Preview, Receipt
from doer.domain.outcome import Verification
from doer.domain.ports import Tool
from doer.domain.value import Hole, Json, JsonObject, Key, RunId, StepId, derive_key, written

# By its signs, not by its type: a preview shows holes inside other text.
_AROUND_HOLES = re.compile(f"{Hole.OPEN}[^{Hole.CLOSE}]*{Hole.CLOSE}")
_MOST_DIFFERENCES = 10
_LONGEST_SHOWN = 300


class Setting(Protocol):
    """What the author of a tool provides: one case on a fresh real service."""

    @property
    def tool(self) -> Tool:
        """The tool under test."""
        ...

    @property
    def arguments(self) -> JsonObject:
        """Valid arguments that, in this fresh world, change something."""
        ...

    async def observe(self) -> Json:
        """Return the world as an independent client sees it (sharing no code with the tool), volatile fields dropped."""
        ...

    async def meddle(self) -> None:
        """Edit, as somebody else, what apply wrote; called after apply."""
        ...


@runtime_checkable
class Removing(Protocol):
    """A setting that can also play somebody who removes what apply wrote."""

    async def remove(self) -> None:
        """Remove, as somebody else, what apply wrote; called after apply."""
        ...


class ConformanceFailure(AssertionError):
    """A tool broke a promise; the message says what was expected and what was seen. The tool's author mends it."""


@dataclass(frozen=True, slots=True)
class Applied:
    """A case in which the tool was previewed and applied."""

    setting: Setting
    world_before: Json
    preview: Preview
    intent: Intent
    receipt: Receipt
    world_after: Json

    @property
    def tool(self) -> Tool:
        """The tool under test."""
        return self.setting.tool

    async def verify_from_key(self) -> Verification:
        """Ask verify what happened, as after a lost outcome."""
        return await self.tool.verify(self.intent)


def case_key(arguments: JsonObject, generation: int = 0) -> Key:
    """Return the key that the kit applies a case with; another generation is another action."""
    return derive_key(RunId("conformance"), StepId("case"), written(arguments), generation)


async def apply_once(setting: Setting, generation: int = 0) -> Applied:
    """Preview and apply the case as the runtime does."""
    world_before = await setting.observe()
    preview = await setting.tool.preview(setting.arguments, ())
    idle = bool(preview.changes) and all(change.kind == "same" for change in preview.changes)
    expect(not idle, "a case whose arguments change something (the setting's part)", preview.changes)
    key = case_key(setting.arguments, generation)
    intent = Intent(setting.arguments, key, preview.changes)
    receipt = await setting.tool.apply(setting.arguments, key, preview.changes)
    return Applied(setting, world_before, preview, intent, receipt, await setting.observe())


def expect(kept: object, promise: str, seen: object) -> None:
    """Raise ConformanceFailure unless the promise was kept."""
    if not kept:
        raise ConformanceFailure(f"expected {promise}; seen: {seen!r:.1000}")


def expect_world(expected: Json, seen: Json, promise: str) -> None:
    """Raise ConformanceFailure, showing where the two worlds differ, unless they are equal."""
    if expected != seen:
        told = "\n".join(f"  {line}" for line in differences(expected, seen)[:_MOST_DIFFERENCES])
        raise ConformanceFailure(f"expected {promise}; the world differs:\n{told}")


def differences(expected: Json, seen: Json, place: str = "world") -> list[str]:
    """Return one line for each place in which the values differ."""
    if isinstance(expected, Mapping) and isinstance(seen, Mapping):
        names = sorted({*expected, *seen})
        return [
            line
            for name in names
            if (name in expected) is not (name in seen) or expected[name] != seen[name]
            for line in differences(expected.get(name, "(nothing)"), seen.get(name, "(nothing)"), f"{place}/{name}")
        ]
    return [f"{place}: expected {_short(expected)}, seen {_short(seen)}"]


def _short(value: Json) -> str:
    told = repr(value)
    return told if len(told) <= _LONGEST_SHOWN else f"{told[:_LONGEST_SHOWN]}…"


def agrees(foretold: Json, seen: Json) -> bool:
    """Tell whether `seen` is what was foretold; a hole in what was foretold stands for anything."""
    if isinstance(foretold, str) and len(parts := _AROUND_HOLES.split(foretold)) > 1:
        return re.fullmatch(".*".join(map(re.escape, parts)), str(seen), re.DOTALL) is not None
    if isinstance(foretold, Mapping) and isinstance(seen, Mapping):
        return foretold.keys() == seen.keys() and all(agrees(foretold[name], seen[name]) for name in foretold)
    if isinstance(foretold, Sequence) and not isinstance(foretold, str):
        if not isinstance(seen, Sequence) or isinstance(seen, str) or len(foretold) != len(seen):
            return False
        return all(agrees(one, other) for one, other in zip(foretold, seen, strict=True))
    return foretold == seen and isinstance(foretold, bool) is isinstance(seen, bool)
