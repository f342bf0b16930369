"""Deleting users and groups: irreversible, because the directory never gives the same id, or the password, again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from doer.connectors.tools.directory.connection import Directory, foretold, undo_data
from doer.connectors.tools.directory.kinds import view_group
from doer.connectors.tools.directory.lookup import (
    Found,
    find_group,
    find_user,
    group_uri,
    groups_of,
    manager_name,
    user_uri,
)
from doer.connectors.tools.directory.record import member_ids, text, version_of, view_user
from doer.connectors.tools.directory.scim import Place, Wire, after_a_write, equals
from doer.connectors.tools.directory.strays import judge, look_beside, looked
from doer.domain.action import Change, Intent, Manifest, Preview, Receipt
from doer.domain.errors import OutcomeUnknown, Permanent
from doer.domain.outcome import Absent, Conflict, Refuted, Reversal, Verification, Verified
from doer.domain.template import has_hole
from doer.domain.value import Hole, JsonObject, Key


@dataclass(frozen=True, slots=True)
class Delete:
    """Deletes one user (argument `user`) or one group (argument `group`)."""

    manifest: Manifest
    directory: Directory
    place: Place

    async def preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        """The record that will be gone, with what goes with it as echoes."""
        said = text(arguments[self._argument])
        if has_hole(said):
            change = Change(self._uri(said), Hole.of("as it is then"), None, reversible=False)
            return Preview((change,), foreseeable=False)
        async with self.directory.scim.open() as wire:
            found = await self._find(wire, said, pending)
            before = await self._view(wire, found)
            echoes = await self._echoes(wire, found)
        version = None if found.record is None else version_of(found.record)
        change = Change(self._uri(found.name), before, None, reversible=False, echoes=echoes, version=version)
        return Preview((change,), result={"name": found.name})

    async def apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        """Delete it under If-Match. Raises Permanent when it is not as foretold."""
        async with self.directory.writing, self.directory.scim.open() as wire:
            if (done := self.directory.deeds.of(key)) is not None:
                return done
            found = await self._find(wire, text(arguments[self._argument]), ())
            approved = foretold(before, self._uri(found.name))
            if found.record is None or (approved is not None and approved.before != await self._view(wire, found)):
                raise Permanent(f"{self._uri(found.name)} is not as it was foretold; nothing was changed")
            versions = await wire.versions(self.place)
            answer = await wire.delete(self.place, found.record)
            if answer.status_code == 412:
                raise Permanent(f"{self._uri(found.name)} was changed in this moment; nothing was changed")
            async with after_a_write():
                strays = await look_beside(wire, self.place, versions, found.id, lambda how, _: how == "gone")
        undo: JsonObject = {"id": found.id, "name": found.name, "strays": strays}
        return self.directory.deeds.keep(key, Receipt({"name": found.name}, {}, undo))

    async def verify(self, intent: Intent, receipt: Receipt | None = None) -> Verification:
        """Look for it by id and by name, and for another that went with it."""
        name = self._name(intent, receipt)
        async with self.directory.scim.open() as wire:
            field = "userName" if self.place == "Users" else "displayName"
            named = await wire.find(self.place, equals(field, name))
            id_ = "" if receipt is None else text(undo_data(receipt).get("id"))
            if id_ and await wire.get(self.place, id_) is not None:
                return Absent(f"{self._uri(name)} is still there")
        if receipt is None and named:
            return Absent(f"{self._uri(name)} is there")
        found = receipt or Receipt({"name": name}, {}, {"name": name, "strays": None})
        if named:
            return Refuted(f"somebody created another {self._uri(name)} since", found)
        return judge(undo_data(found), found) or Verified(found, f"{self._uri(name)} is gone{looked(undo_data(found))}")

    async def undo(self, receipt: Receipt) -> Reversal:
        """What is deleted stays deleted."""
        return Conflict("a deleted record cannot be put back: its id, its password and its history are gone")

    @property
    def _argument(self) -> str:
        return "user" if self.place == "Users" else "group"

    def _uri(self, name: str) -> str:
        return (user_uri if self.place == "Users" else group_uri)(self.directory.name, name)

    def _name(self, intent: Intent, receipt: Receipt | None) -> str:
        if receipt is not None:
            return text(undo_data(receipt).get("name"))
        before = intent.changes[0].before if intent.changes else None
        view = before if isinstance(before, Mapping) else {}
        told = text(view.get("user_name" if self.place == "Users" else "display_name"))
        if not told:
            raise OutcomeUnknown("nobody knows which record it was")
        return told

    async def _find(self, wire: Wire, said: str, pending: Sequence[Change]) -> Found:
        find = find_user if self.place == "Users" else find_group
        return await find(wire, said, self.directory.name, pending)

    async def _view(self, wire: Wire, found: Found) -> JsonObject:
        if found.view is not None:
            return found.view if self.place == "Users" else {**found.view, "members": []}
        record = found.record or {}
        if self.place == "Users":
            return await manager_name(wire, view_user(record))
        return {**view_group(record), "members": sorted(member_ids(record))}

    async def _echoes(self, wire: Wire, found: Found) -> tuple[str, ...]:
        if self.place == "Groups" or not found.id:
            return ()
        groups = sorted(text(each.get("displayName")) for each in await groups_of(wire, found.id))
        return (f"no longer in {', '.join(groups)}",) if groups else ()
