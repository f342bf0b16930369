"""The four-verb conformance kit: runs every promise of a tool against a fresh real service, and says what was broken.

With pytest, one test a promise:

    @pytest.mark.parametrize("name", check_names("write"))
    async def test_notes_keep_their_promises(name: str) -> None:
        await check(name, open_notes)

where `open_notes()` is an async context manager that gives a fresh `Setting`. `conform(open_notes)` runs all at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol, TypeAlias, runtime_checkable

from doer.domain.action import Effect, Intent, Verb
from doer.domain.errors import ToolError, UsageError
from doer.domain.outcome import Unknown, Verification, Verified
from doer.domain.value import Json
from doer.testing import promises
from doer.testing.case import ConformanceFailure, Removing, Setting, apply_once, case_key, expect_world

__all__ = [
    "CHECKS",
    "OF_ARGUMENTS",
    "ConformanceFailure",
    "Honest",
    "Lying",
    "Make",
    "Removing",
    "Report",
    "Setting",
    "check",
    "check_names",
    "conform",
]

CHECKS: Mapping[str, Callable[[Setting], Awaitable[None]]] = promises.ALL
"""Every promise by name; each raises ConformanceFailure with what was expected and what was seen."""

LIE = "never_verified_under_lie:"
"""Prefix of the checks under lies: `never_verified_under_lie:drop`."""

OF_ARGUMENTS = ("manifest_is_sound", "preview_of_nonsense_changes_nothing", "preview_takes_holes")
"""Checks of what a tool takes, whatever it does with it: one case of each tool is enough for them."""

_READS_AGAIN = 3
_PREVIEW: frozenset[Verb] = frozenset({"preview"})
_ALL_VERBS: frozenset[Verb] = frozenset({"preview", "apply", "verify", "undo"})
_NEEDS: Mapping[str, frozenset[Verb]] = MappingProxyType(
    {
        "preview_changes_nothing": _PREVIEW,
        "preview_of_nonsense_changes_nothing": _PREVIEW,
        "preview_takes_holes": _PREVIEW,
        "preview_sees_pending_changes": _PREVIEW,
        "foretold_is_what_happens": frozenset({"preview"}),
        "another_key_adopts_nothing": frozenset({"verify", "undo"}),
        "verify_before_apply_is_absent": frozenset({"verify"}),
        "verify_with_receipt_is_verified": frozenset({"verify"}),
        "verify_from_the_key_finds_it": frozenset({"verify"}),
        "verify_after_a_foreign_edit_is_refuted": frozenset({"verify"}),
        "undo_restores": frozenset({"verify", "undo"}),
        "undo_twice_is_safe": frozenset({"undo"}),
        "undo_after_a_foreign_edit_is_a_conflict": frozenset({"undo"}),
        "undo_of_what_was_removed_is_calm": frozenset({"undo"}),
        "redo_after_undo_works": frozenset({"verify", "undo"}),
    }
)
_ONLY_ONCE = frozenset({"twice_with_one_key_is_one_effect", "at_once_with_one_key_is_one_effect"})
_READ = frozenset(
    {
        "manifest_is_sound",
        "preview_changes_nothing",
        "preview_of_nonsense_changes_nothing",
        "preview_takes_holes",
        "a_read_changes_nothing",
        "receipt_is_small_and_fits",
    }
)
_NOT_IRREVERSIBLE = frozenset({"verify_after_a_foreign_edit_is_refuted"})


@runtime_checkable
class Lying(Protocol):
    """A setting whose service can be made to lie: to say yes and drop, halve, double or misplace what is written."""

    @property
    def lies(self) -> Sequence[str]:
        """The kinds of lies."""
        ...

    async def lie(self, kind: str) -> None:
        """Lie in this way from now on."""
        ...


Make: TypeAlias = Callable[[], AbstractAsyncContextManager[Setting]]
"""Starts a fresh service and gives the case on it; leaving it stops the service."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a conformance run found, by name of the check."""

    tool: str
    kept: tuple[str, ...] = ()
    broken: Mapping[str, str] = field(default_factory=dict)
    """Check -> what was expected and seen."""
    skipped: Mapping[str, str] = field(default_factory=dict)
    """Check -> why it was not run."""

    @property
    def conforms(self) -> bool:
        """Whether every check that was run was kept."""
        return not self.broken

    def __str__(self) -> str:
        """One line a check."""
        lines = [f"{self.tool}: {'conforms' if self.conforms else 'does not conform'}"]
        lines += [f"  kept     {name}" for name in self.kept]
        lines += [f"  broken   {name}: {why}" for name, why in self.broken.items()]
        lines += [f"  skipped  {name}: {why}" for name, why in self.skipped.items()]
        return "\n".join(lines)


def check_names(
    effect: Effect = "write", *, once: bool = True, verbs: frozenset[Verb] = _ALL_VERBS, lies: Sequence[str] = ()
) -> tuple[str, ...]:
    """Return the names of the checks that apply to such a tool, for parametrised tests; lies as named by the setting."""
    names = [name for name in CHECKS if not _does_not_apply(name, effect, once, verbs)]
    return (*names, *(LIE + kind for kind in lies))


def _does_not_apply(name: str, effect: Effect, once: bool, verbs: frozenset[Verb]) -> str:  # noqa: FBT001
    if missing := _NEEDS.get(name, frozenset()) - verbs:
        return f"the tool has no {', '.join(sorted(missing))}"
    if effect == "read":
        return "" if name in _READ else "the tool only reads"
    if name == "a_read_changes_nothing":
        return "the tool does more than read"
    if name in _ONLY_ONCE and not once:
        return "the tool does not promise that a second try with one key is safe"
    if effect == "irreversible" and ("undo" in _NEEDS.get(name, ()) or name in _NOT_IRREVERSIBLE):
        return "the tool's effect is irreversible"
    return ""


class Honest:
    """The world after one honest apply, found when it is first asked for: what every lie is compared with."""

    def __init__(self, make: Make) -> None:
        self._make = make
        self._found: list[Json] = []

    async def world(self) -> Json:
        """Apply the case on a fresh setting that does not lie, at the first call only, and return what it left."""
        if not self._found:
            async with self._make() as setting:
                self._found.append((await apply_once(setting)).world_after)
        return self._found[0]


async def check(name: str, make: Make, honest: Honest | None = None) -> None:
    """Run one check on a fresh setting. Raises ConformanceFailure; UsageError for a name that does not exist.

    `honest` spares the checks under lies a setting each: hand in the same one with every lie of one case.
    """
    if name.startswith(LIE):
        await _never_verified_under(name.removeprefix(LIE), make, honest or Honest(make))
        return
    if name not in CHECKS:
        raise UsageError(f"no check is called {name!r}; there are: {', '.join(CHECKS)}")
    async with make() as setting:
        await CHECKS[name](setting)


async def conform(make: Make, skip: Mapping[str, str] = MappingProxyType({}), limit: float = 60.0) -> Report:
    """Run every check that applies, each on a fresh setting, and report; `limit` in seconds for each check.

    `skip` maps the name of a check to the reason why it cannot be run. A check in which the tool raises something
    unexpected, or hangs, is broken. Raises UsageError when `skip` names no check.
    """
    async with make() as setting:
        manifest = setting.tool.manifest
        lies = tuple(setting.lies) if isinstance(setting, Lying) else ()
        removes = isinstance(setting, Removing)
    names = (*CHECKS, *(LIE + kind for kind in lies))
    if unknown := set(skip) - set(names):
        raise UsageError(f"no check is called {', '.join(sorted(unknown))}; there are: {', '.join(names)}")
    kept: list[str] = []
    broken: dict[str, str] = {}
    skipped: dict[str, str] = {}
    honest = Honest(make)
    for name in names:
        reason = skip.get(name) or _does_not_apply(name, manifest.effect, manifest.once, manifest.verbs)
        if name == "undo_of_what_was_removed_is_calm" and not removes:
            reason = reason or "the setting has no `remove`"
        if reason:
            skipped[name] = reason
        elif problem := await _problem(name, make, honest, limit):
            broken[name] = problem
        else:
            kept.append(name)
    return Report(manifest.name, tuple(kept), broken, skipped)


async def _problem(name: str, make: Make, honest: Honest, limit: float) -> str:
    try:
        async with asyncio.timeout(limit):
            await check(name, make, honest)
    except ConformanceFailure as failure:
        return str(failure)
    except TimeoutError:
        return f"expected an answer; seen: none within {limit:g} s"
    except Exception as crash:  # noqa: BLE001 - whatever a foreign tool raises is the finding
        return f"expected no error; seen: {type(crash).__name__}: {crash}"
    return ""


async def _never_verified_under(kind: str, make: Make, honest: Honest) -> None:
    """Under a lie, apply and verify never end in Verified unless the world shows exactly the honest result."""
    expected = await honest.world()
    async with make() as setting:
        if not isinstance(setting, Lying) or kind not in setting.lies:
            raise UsageError(f"the setting cannot lie by {kind!r}")
        found = await _apply_under_lie(setting, setting, kind)
        seen = await setting.observe()
        if isinstance(found, Verified):
            expect_world(expected, seen, f"that verify does not believe a service that lies ({kind}): {found!r}")


async def _apply_under_lie(setting: Setting, liar: Lying, kind: str) -> Verification | None:
    foretold = (await setting.tool.preview(setting.arguments, ())).changes
    await liar.lie(kind)
    key = case_key(setting.arguments)
    try:
        receipt = await setting.tool.apply(setting.arguments, key, foretold)
    except ToolError:
        receipt = None
    found: Verification | None = None
    for _ in range(_READS_AGAIN):
        try:
            found = await setting.tool.verify(Intent(setting.arguments, key, foretold), receipt)
        except ToolError:
            continue
        if not isinstance(found, Unknown):
            break
    return found
