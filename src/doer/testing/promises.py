"""The promises of the four verbs, each as one check of a tool on a fresh real service; `conformance` runs them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import TypeAlias

from jsonschema import Draft202012Validator

from doer.domain.action import Change, Intent
from doer.domain.errors import DoerError, NoEffect, OutcomeUnknown, ToolError
from doer.domain.outcome import Absent, Conflict, Refuted, Undone, Unknown, Verified
from doer.domain.value import Hole, Json, JsonObject, canonical
from doer.testing.case import (
    Applied,
    ConformanceFailure,
    Removing,
    Setting,
    agrees,
    apply_once,
    case_key,
    expect,
    expect_world,
)

MOST_RECEIPT_BYTES = 1_000_000

Check: TypeAlias = Callable[[Setting], Awaitable[None]]


# --- manifest ---------------------------------------------------------------------------------------------------------


async def manifest_is_sound(setting: Setting) -> None:
    """Schemas are valid, the case's arguments fit, and roles, examples and issued fields name what exists."""
    manifest = setting.tool.manifest
    Draft202012Validator.check_schema(manifest.parameters)
    Draft202012Validator.check_schema(manifest.result)
    problems = [each.message for each in Draft202012Validator(manifest.parameters).iter_errors(setting.arguments)]
    expect(not problems, "arguments of the case that fit the manifest's schema", problems)
    declared = manifest.parameters.get("properties", {})
    names = set(declared) if isinstance(declared, Mapping) else set()
    used = {name for example in manifest.examples for name in re.findall(r"\{(\w+)\}", example)}
    expect(set(manifest.roles) <= names, "roles of parameters only", set(manifest.roles) - names)
    expect(used <= names, "examples that name parameters only", used - names)
    expect(
        re.fullmatch(r"[A-Za-z_][\w-]*(\.[A-Za-z_][\w-]*)*", manifest.name, re.ASCII),
        "a name such as crm.find",
        manifest.name,
    )


# --- preview ----------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def _unchanged(setting: Setting, by: str) -> AsyncIterator[None]:
    before = await setting.observe()
    yield
    expect_world(before, await setting.observe(), f"that {by} changes nothing")


async def preview_changes_nothing(setting: Setting) -> None:
    """Previewing, twice, leaves the world as it was and says the same."""
    async with _unchanged(setting, "preview"):
        first = await setting.tool.preview(setting.arguments, ())
        second = await setting.tool.preview(setting.arguments, ())
    expect(first.changes == second.changes, "the same changes foretold twice", (first.changes, second.changes))


async def preview_of_nonsense_changes_nothing(setting: Setting) -> None:
    """Arguments of the wrong kind change nothing, and those that fit the schema raise nothing but doer's own errors."""
    validator = Draft202012Validator(setting.tool.manifest.parameters)
    async with _unchanged(setting, "preview of nonsense"):
        for arguments in _nonsense(setting.arguments):
            try:
                await setting.tool.preview(arguments, ())
            except DoerError:
                continue
            except Exception as crash:
                if validator.is_valid(arguments):
                    raise ConformanceFailure(
                        f"expected a clear ToolError for {arguments!r:.300}; seen: {type(crash).__name__}: {crash}"
                    ) from crash


def _nonsense(arguments: JsonObject) -> list[JsonObject]:
    strange: list[Json] = [None, -1, "", " ", "\0", "../../x", "99/99/9999", "no\u202esuch\nthing", [], {}, "x" * 5000]
    replaced: list[JsonObject] = [{**arguments, name: each} for name in arguments for each in strange]
    return [{}, *replaced]


async def preview_takes_holes(setting: Setting) -> None:
    """Values that will be known only later are shown, and neither refused nor looked up."""
    texts = [name for name, value in setting.arguments.items() if isinstance(value, str)]
    async with _unchanged(setting, "preview with holes"):
        for name in texts:
            try:
                await setting.tool.preview({**setting.arguments, name: Hole.of(f"{name} of earlier")}, ())
            except Exception as crash:
                raise ConformanceFailure(
                    f"expected a preview when {name!r} is known only later; seen: {type(crash).__name__}: {crash}"
                ) from crash


async def preview_sees_pending_changes(setting: Setting) -> None:
    """What an earlier planned step will leave is what a later preview starts from."""
    pending = (await setting.tool.preview(setting.arguments, ())).changes
    try:
        later = await setting.tool.preview(setting.arguments, pending)
    except ToolError:
        return  # refusing what the earlier step has made impossible is seeing it
    left = {each.resource: each for each in pending if each.kind in ("update", "delete")}
    for change in later.changes:
        if change.resource in left:
            foretold = left[change.resource].after
            expect(agrees(foretold, change.before), f"{change.resource} seen as pending: {foretold!r}", change.before)


async def foretold_is_what_happens(setting: Setting) -> None:
    """Apply does what preview said: seen by verify, by a second preview, by the result and by the world."""
    done = await apply_once(setting)
    manifest = setting.tool.manifest
    if "verify" in manifest.verbs:
        found = await setting.tool.verify(done.intent, done.receipt)
        allowed = isinstance(found, Verified) or (isinstance(found, Unknown) and not manifest.once)
        expect(allowed, "verify to find the foretold changes", found)
    if done.preview.foreseeable and manifest.effect != "irreversible":
        changing = any(change.kind != "same" for change in done.preview.changes)
        expect(
            (done.world_before != done.world_after) is changing, "a change exactly if foretold", done.preview.changes
        )
    foretold, told = done.preview.result, done.receipt.result
    if isinstance(foretold, Mapping) and isinstance(told, Mapping):
        wrong = [name for name in foretold if name not in told or not agrees(foretold[name], told[name])]
        expect(not wrong, f"the foretold result {foretold!r}", told)
    await _previews_again(done)


async def _previews_again(done: Applied) -> None:
    try:
        again = await done.tool.preview(done.setting.arguments, ())
    except ToolError:
        return  # it cannot be done a second time, and says so
    left = {change.resource: change for change in done.preview.changes}
    for change in again.changes:
        first = left.get(change.resource)
        if first is None or (first.kind == "create" and change.before is None):
            continue  # each create makes another record, whose address is not known before
        expect(
            agrees(first.after, change.before), f"{change.resource} left as foretold: {first.after!r}", change.before
        )


# --- apply ------------------------------------------------------------------------------------------------------------


async def a_read_changes_nothing(setting: Setting) -> None:
    """A tool that says that it only reads leaves the world as it was."""
    async with _unchanged(setting, "a read"):
        await setting.tool.apply(setting.arguments, case_key(setting.arguments), ())


async def receipt_is_small_and_fits(setting: Setting) -> None:
    """The receipt is JSON of at most a megabyte; its result fits the result schema and has the issued fields."""
    done = await apply_once(setting)
    manifest, receipt = setting.tool.manifest, done.receipt
    size = len(canonical({"result": receipt.result, "versions": receipt.versions, "undo": receipt.undo}))
    expect(size <= MOST_RECEIPT_BYTES, f"a receipt of at most {MOST_RECEIPT_BYTES} bytes", size)
    problems = [each.message for each in Draft202012Validator(manifest.result).iter_errors(receipt.result)]
    expect(not problems, "a result that fits the manifest's result schema", problems)
    if manifest.issued:
        fields = set(receipt.result) if isinstance(receipt.result, Mapping) else set()
        expect(set(manifest.issued) <= fields, f"the issued fields {manifest.issued}", sorted(fields))


async def twice_with_one_key_is_one_effect(setting: Setting) -> None:
    """A second try with the same key changes nothing, and does not claim that nothing is there."""
    done = await apply_once(setting)
    try:
        again = await setting.tool.apply(setting.arguments, done.intent.key, done.intent.changes)
    except OutcomeUnknown:
        again = done.receipt
    except NoEffect as denied:
        raise ConformanceFailure(
            f"expected the receipt again, or OutcomeUnknown; seen: {type(denied).__name__}: {denied} "
            "(it says that nothing was done, and the work of this key is there)"
        ) from denied
    expect_world(done.world_after, await setting.observe(), "one effect of two tries with one key")
    expect(again.result == done.receipt.result, f"the same result {done.receipt.result!r}", again.result)


async def at_once_with_one_key_is_one_effect(setting: Setting) -> None:
    """Tries with one key that overlap (one was thought lost) leave one effect, which one undo takes back."""
    before = await setting.observe()
    foretold = (await setting.tool.preview(setting.arguments, ())).changes
    key = case_key(setting.arguments)
    tries = [setting.tool.apply(setting.arguments, key, foretold) for _ in range(3)]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    strange = [each for each in outcomes if isinstance(each, BaseException) and not isinstance(each, ToolError)]
    expect(not strange, "receipts or ToolErrors from overlapping tries", strange)
    receipt = await setting.tool.apply(setting.arguments, key, foretold)
    if "verify" in setting.tool.manifest.verbs:
        found = await setting.tool.verify(Intent(setting.arguments, key, foretold), receipt)
        expect(isinstance(found, Verified), "one effect of overlapping tries, verified", found)
    if "undo" in setting.tool.manifest.verbs:
        expect(isinstance(reversal := await setting.tool.undo(receipt), Undone), "Undone", reversal)
        expect_world(before, await setting.observe(), "that one undo takes back all overlapping tries of one key")


async def another_key_adopts_nothing(setting: Setting) -> None:
    """The same arguments with another key conflict clearly, make another, or change nothing; they never claim the first.

    Seen by taking the second back: what the first did must stay.
    """
    first = await apply_once(setting)
    for generation, foretold in ((1, first.preview.changes), (2, None)):
        key = case_key(setting.arguments, generation)
        fresh: Sequence[Change] = foretold or ()
        try:
            if foretold is None:
                fresh = (await setting.tool.preview(setting.arguments, ())).changes
            receipt = await setting.tool.apply(setting.arguments, key, fresh)
        except NoEffect:
            expect_world(first.world_after, await setting.observe(), "no effect of a try that says it had none")
            continue
        except OutcomeUnknown:
            found = await setting.tool.verify(Intent(setting.arguments, key, tuple(fresh)))
            expect(not isinstance(found, Verified), "an unknown outcome that does not adopt another key's work", found)
            continue
        await setting.tool.undo(receipt)
        expect_world(first.world_after, await setting.observe(), "that undo of another key leaves the first one's work")


# --- verify -----------------------------------------------------------------------------------------------------------


async def verify_before_apply_is_absent(setting: Setting) -> None:
    """Nothing was applied: verify finds nothing; where the system keeps no key it may say that it cannot tell."""
    preview = await setting.tool.preview(setting.arguments, ())
    intent = Intent(setting.arguments, case_key(setting.arguments), preview.changes)
    found = await setting.tool.verify(intent)
    kept = isinstance(found, Absent) or (isinstance(found, Unknown) and not setting.tool.manifest.once)
    expect(kept, "Absent before anything was applied", found)


async def verify_with_receipt_is_verified(setting: Setting) -> None:
    """Applied and left alone: verify says so, as often as it is asked, and changes nothing."""
    done = await apply_once(setting)
    async with _unchanged(setting, "verify"):
        for _ in range(2):
            found = await setting.tool.verify(done.intent, done.receipt)
            final = isinstance(found, Unknown) and found.final and not setting.tool.manifest.once
            expect(isinstance(found, Verified) or final, "Verified after apply", found)


async def verify_from_the_key_finds_it(setting: Setting) -> None:
    """A lost outcome is found again by its key, with a receipt that undo can use; never said to be absent."""
    done = await apply_once(setting)
    found = await done.verify_from_key()
    if isinstance(found, Unknown) and not setting.tool.manifest.once:
        return
    if not isinstance(found, Verified):
        raise ConformanceFailure(f"expected Verified (or Unknown where no key is kept) by the key; seen: {found!r}")
    expect(found.receipt.result == done.receipt.result, f"the result {done.receipt.result!r}", found.receipt.result)
    if "undo" in setting.tool.manifest.verbs:
        expect(isinstance(reversal := await setting.tool.undo(found.receipt), Undone), "Undone by it", reversal)
        expect_world(done.world_before, await setting.observe(), "that the receipt found by key is good for undo")


async def verify_after_a_foreign_edit_is_refuted(setting: Setting) -> None:
    """Somebody else edited what apply wrote: the system of record shows something else."""
    done = await apply_once(setting)
    await setting.meddle()
    expect(await setting.observe() != done.world_after, "meddle to change the world (the setting's part)", "no change")
    found = await setting.tool.verify(done.intent, done.receipt)
    expect(isinstance(found, Refuted), "Refuted after a foreign edit", found)


# --- undo -------------------------------------------------------------------------------------------------------------


async def undo_restores(setting: Setting) -> None:
    """After undo the world is as before, and verify no longer finds the work."""
    done = await apply_once(setting)
    expect(isinstance(reversal := await setting.tool.undo(done.receipt), Undone), "Undone", reversal)
    expect_world(done.world_before, await setting.observe(), "the world as it was before apply")
    found = await done.verify_from_key()
    expect(not isinstance(found, Verified), "that undone work is not verified", found)


async def undo_twice_is_safe(setting: Setting) -> None:
    """Undo can be repeated, since its outcome can be lost too."""
    done = await apply_once(setting)
    await setting.tool.undo(done.receipt)
    reversal = await setting.tool.undo(done.receipt)
    expect(isinstance(reversal, Undone | Conflict), "Undone or Conflict the second time", reversal)
    expect_world(done.world_before, await setting.observe(), "the world as it was before apply, after two undos")


async def undo_after_a_foreign_edit_is_a_conflict(setting: Setting) -> None:
    """What somebody else changed since is reported and not overwritten."""
    done = await apply_once(setting)
    await setting.meddle()
    edited = await setting.observe()
    expect(edited != done.world_after, "meddle to change the world (the setting's part)", "no change")
    reversal = await setting.tool.undo(done.receipt)
    expect_world(edited, await setting.observe(), "that a foreign edit is not overwritten by undo")
    expect(isinstance(reversal, Conflict), "Conflict after a foreign edit", reversal)


async def undo_of_what_was_removed_is_calm(setting: Setting) -> None:
    """What somebody else has removed is neither an error nor made again."""
    if not isinstance(setting, Removing):
        return
    done = await apply_once(setting)
    await setting.remove()
    removed = await setting.observe()
    reversal = await setting.tool.undo(done.receipt)
    expect(isinstance(reversal, Undone | Conflict), "Undone or Conflict for what is gone", reversal)
    expect_world(removed, await setting.observe(), "that undo of what was removed changes nothing")


async def redo_after_undo_works(setting: Setting) -> None:
    """Undone work can be done again, as a new action with a new key, and taken back again."""
    done = await apply_once(setting)
    await setting.tool.undo(done.receipt)
    again = await apply_once(setting, generation=1)
    found = await setting.tool.verify(again.intent, again.receipt)
    expect(isinstance(found, Verified), "Verified after redo", found)
    expect(isinstance(reversal := await setting.tool.undo(again.receipt), Undone), "Undone after redo", reversal)
    expect_world(done.world_before, await setting.observe(), "the world as it was, after undo of redo")


ALL: Mapping[str, Check] = MappingProxyType(
    {
        check.__name__: check
        for check in (
            manifest_is_sound,
            preview_changes_nothing,
            preview_of_nonsense_changes_nothing,
            preview_takes_holes,
            preview_sees_pending_changes,
            foretold_is_what_happens,
            a_read_changes_nothing,
            receipt_is_small_and_fits,
            twice_with_one_key_is_one_effect,
            at_once_with_one_key_is_one_effect,
            another_key_adopts_nothing,
            verify_before_apply_is_absent,
            verify_with_receipt_is_verified,
            verify_from_the_key_finds_it,
            verify_after_a_foreign_edit_is_refuted,
            undo_restores,
            undo_twice_is_safe,
            undo_after_a_foreign_edit_is_a_conflict,
            undo_of_what_was_removed_is_calm,
            redo_after_undo_works,
        )
    }
)
