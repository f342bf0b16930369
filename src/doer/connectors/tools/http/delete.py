"""Deleting a resource under If-Match: it can be taken back only where PUT at that path makes exactly it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from doer.connectors.tools.directory.connection import foretold, undo_data
from doer.connectors.tools.http.address import is_allowed, parent_of
from doer.connectors.tools.http.alter import NOT_ATOMIC
from doer.connectors.tools.http.collection import judge, look_beside, looked, members, names_of, strays_of
from doer.connectors.tools.http.image import differing, fits_receipt, view, without
from doer.connectors.tools.http.putback import if_match, version_of
from doer.connectors.tools.http.site import Site
from doer.connectors.tools.http.wire import Seen, Wire
from doer.connectors.tools.http_outcome import after_a_write
from doer.domain.action import Change, Intent, Manifest, Preview, Receipt
from doer.domain.errors import OutcomeUnknown, Permanent
from doer.domain.outcome import Absent, Conflict, Partial, Refuted, Reversal, Undone, Unknown, Verification, Verified
from doer.domain.template import has_hole
from doer.domain.value import Hole, Json, JsonObject, Key


@dataclass(frozen=True, slots=True)
class Delete:
    """Deletes one resource."""

    manifest: Manifest
    site: Site

    async def preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        """The resource that will be gone. Raises Permanent when there is none."""
        if has_hole(arguments["path"]):
            resource = f"http:{self.site.name}:{arguments['path']}"
            return Preview((Change(resource, Hole.of("as it is then"), None, reversible=False),), foreseeable=False)
        path = self.site.to_write(arguments["path"])
        resource = self.site.uri(path)
        earlier = [change.after for change in pending if change.resource == resource]
        async with self.site.open() as wire:
            seen = await wire.record(path)
        before = earlier[-1] if earlier else None if seen is None else view(seen.body, self.site.habits.volatile)
        if before is None:
            raise Permanent(f"there is nothing at {resource}: it is gone already, or the path is another")
        keeps = self._keeps(path, seen)
        version = None if seen is None or earlier else version_of(self.site, seen)
        change = Change(resource, before, None, reversible=keeps, version=version)
        note = NOT_ATOMIC if seen is not None and not seen.etag else ""
        return Preview((change,), effect=None if keeps else "irreversible", result={"path": path}, note=note)

    async def apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        """Delete it under If-Match. Raises Permanent when it is not as foretold."""
        path = self.site.to_write(arguments["path"])
        uri, habits = self.site.uri(path), self.site.habits
        async with self.site.writing, self.site.open() as wire:
            if (done := self.site.deeds.of(key)) is not None:
                return done
            seen = await wire.record(path)
            approved = foretold(before, uri)
            if seen is None or (approved is not None and approved.before != view(seen.body, habits.volatile)):
                raise Permanent(f"{uri} is not as it was foretold; nothing was changed")
            beside = await members(wire, parent_of(path), habits)
            if (await wire.delete(path, if_match(seen))).status_code == 412:
                raise Permanent(f"{uri} was changed by somebody else in this moment; nothing was changed")
            with after_a_write():
                ours = names_of(path, seen.body, habits)
                strays = await look_beside(wire, parent_of(path), beside, ours, habits, lambda how, _: how == "gone")
        kept = without(seen.body, habits.volatile) if self._keeps(path, seen) else None
        return self.site.deeds.keep(key, self._receipt(path, kept, strays))

    async def verify(self, intent: Intent, receipt: Receipt | None = None) -> Verification:
        """Look whether it is gone, from its path and from its collection, and whether another went with it."""
        path = self.site.to_write(intent.arguments["path"])
        uri = self.site.uri(path)
        approved = foretold(intent.changes, uri)
        async with self.site.open() as wire:
            seen = await wire.get(path)
            beside = await members(wire, parent_of(path), self.site.habits)
        if seen is not None:
            before = None if approved is None else approved.before
            if receipt is not None and view(seen.body, self.site.habits.volatile) != before:
                return Refuted(f"something else is at {uri} by now", receipt)
            return Absent(f"{uri} is still there")
        if beside is not None and path in beside.records:
            return Refuted(f"{uri} is gone, and its collection still lists it", receipt)
        if receipt is None and not self.manifest.once:
            return Unknown(f"{uri} is gone, and nobody can tell by whom: the outcome was lost", final=True)
        found = receipt or self._receipt(path, None, None)
        undo = undo_data(found)
        return judge(undo, found) or Verified(found, f"{uri} is gone{looked(undo)}")

    async def undo(self, receipt: Receipt) -> Reversal:
        """Make it again with PUT under If-None-Match: *, and read back that it is the same."""
        undo = undo_data(receipt)
        old, path, uri = undo.get("before"), str(undo.get("path")), str(undo.get("uri"))
        if old is None:
            return Conflict(f"{uri} was deleted, and this service cannot make the same again")
        async with self.site.writing, self.site.open() as wire:
            seen = await wire.record(path)
            if seen is None:
                if (await wire.put(path, old, {"If-None-Match": "*"})).status_code == 412:
                    return Conflict(f"somebody made another {uri} in this moment; it was left alone")
                with after_a_write():
                    return await self._read_back(wire, undo, old)
        if differing_now := self._differing(seen, old):
            return Conflict(f"somebody made another {uri} since ({differing_now} differ); it was left alone")
        return Undone({uri: version_of(self.site, seen)}, f"{uri} is there again")

    async def _read_back(self, wire: Wire, undo: JsonObject, old: Json) -> Reversal:
        path, uri = str(undo.get("path")), str(undo.get("uri"))
        seen = await wire.record(path)
        if seen is None:
            raise OutcomeUnknown(f"{uri} was put back, and is not there")
        versions = {uri: version_of(self.site, seen)}
        if wrong := self._differing(seen, old):
            return Partial(f"{uri} is there again, and differs from what it was in: {wrong}", versions)
        self.site.deeds.forget(undo)
        if strays := strays_of(undo):
            told = ", ".join(stray.path for stray in strays)
            return Partial(
                f"{uri} is there again; changed in the moment of its deletion and left alone: {told}", versions
            )
        return Undone(versions, f"{uri} is there again, and reads as before")

    def _differing(self, seen: Seen, old: Json) -> str:
        volatile = self.site.habits.volatile
        return differing(view(seen.body, volatile), view(old, volatile))

    def _keeps(self, path: str, seen: Seen | None) -> bool:
        makes = is_allowed(path, self.site.habits.recreatable)
        return makes and (seen is None or (seen.exact and fits_receipt(seen.body)))

    def _receipt(self, path: str, kept: Json, strays: Json) -> Receipt:
        undo: JsonObject = {"uri": self.site.uri(path), "path": path, "before": kept, "strays": strays}
        return Receipt({"path": path}, {}, undo)
