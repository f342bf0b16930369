"""Changing users, also switching their accounts off and on: set the fields, and put back what was there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from doer.connectors.tools.directory.connection import Directory, foretold, undo_data
from doer.connectors.tools.directory.lookup import Found, find_user, manager_name, user_uri
from doer.connectors.tools.directory.record import changed_user, image, patch_user, text, version_of, view_user
from doer.connectors.tools.directory.scim import Wire, after_a_write
from doer.connectors.tools.directory.strays import judge, look_beside, looked, strays_of
from doer.domain.action import Change, Intent, Manifest, Preview, Receipt
from doer.domain.errors import OutcomeUnknown, Permanent
from doer.domain.outcome import Absent, Conflict, Partial, Refuted, Reversal, Undone, Verification, Verified
from doer.domain.template import has_hole
from doer.domain.value import Hole, Json, JsonObject, Key


@dataclass(frozen=True, slots=True)
class ChangeUser:
    """Sets fields of one user; `fixed` are those that the tool itself names (deactivate: active is false)."""

    manifest: Manifest
    directory: Directory
    fixed: JsonObject = field(default_factory=dict)

    async def preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        """The user before and after. Raises Permanent for nobody, several, or nothing to change."""
        said, fields = text(arguments["user"]), self._fields(arguments)
        resource_of_hole = user_uri(self.directory.name, said)
        if has_hole(said):
            after = ", ".join(f"{name} {value}" for name, value in fields.items())
            change = Change(resource_of_hole, Hole.of("as it is then"), Hole.of(f"the same, with {after}"))
            return Preview((change,), foreseeable=False)
        async with self.directory.scim.open() as wire:
            user = await find_user(wire, said, self.directory.name, pending)
            before = user.view or await manager_name(wire, view_user(user.record or {}))
            after_view = {**before, **await self._shown(wire, fields, pending)}
            is_atomic = (await wire.abilities()).etag
        version = None if user.record is None or user.view is not None else version_of(user.record)
        change = Change(user_uri(self.directory.name, user.name), before, after_view, version=version)
        note = "" if is_atomic else "this directory has no ETags: compared just before the write, not atomically"
        return Preview((change,), result={"user_name": user.name}, note=note)

    async def apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        """Set the fields under If-Match. Raises Permanent when the user is not as foretold."""
        async with self.directory.writing, self.directory.scim.open() as wire:
            if (done := self.directory.deeds.of(key)) is not None:
                return done
            user = await find_user(wire, text(arguments["user"]), self.directory.name)
            record = _there(user)
            resource = user_uri(self.directory.name, user.name)
            view = await manager_name(wire, view_user(record))
            approved = foretold(before, resource)
            if approved is not None and approved.before != view:
                raise Permanent(f"{resource} is not as it was foretold; nothing was changed")
            fields = await self._writable(wire, self._fields(arguments))
            if all(view_user(record).get(name) == value for name, value in fields.items()):
                return self.directory.deeds.keep(key, self._receipt(record, user.name, fields, view, [], key))
            versions = await wire.versions("Users")
            answer = await wire.change("Users", record, patch_user(record, fields), changed_user(record, fields))
            if answer.status_code == 412:
                raise Permanent(f"{resource} was changed by somebody else in this moment; nothing was changed")
            async with after_a_write():
                current = _there(await find_user(wire, user.id, self.directory.name))

                def is_alike(_: str, other: JsonObject | None) -> bool:
                    return other is not None and _shows(other, fields)

                strays = await look_beside(wire, "Users", versions, user.id, is_alike)
                receipt = self._receipt(current, user.name, fields, view, strays, key)
        return self.directory.deeds.keep(key, receipt)

    async def verify(self, intent: Intent, receipt: Receipt | None = None) -> Verification:
        """Look for the user by name: the fields as written, all others as foretold, and nothing beside it."""
        async with self.directory.scim.open() as wire:
            wanted = intent.changes[0] if intent.changes else None
            if receipt is not None:
                record = await wire.get("Users", text(undo_data(receipt).get("id")))
                name = text(undo_data(receipt).get("name"))
            else:
                user = await find_user(wire, text(intent.arguments["user"]), self.directory.name)
                record, name = user.record, user.name
            resource = user_uri(self.directory.name, name)
            if record is None:
                return Refuted(f"{resource} is gone", receipt)
            fields = await self._writable(wire, self._fields(intent.arguments))
            view = await manager_name(wire, view_user(record))
        before = wanted.before if wanted is not None and isinstance(wanted.before, Mapping) else None
        if receipt is not None and isinstance(astray := judge(undo_data(receipt), receipt), Refuted):
            return astray
        if wanted is not None and view == wanted.before and wanted.kind != "same":
            return Absent(f"{resource} is as it was before")
        if receipt is None and before is None:
            return Refuted(f"{resource} is there, and nobody knows what it was before")
        found = receipt or self._receipt(record, name, fields, before or {}, None, intent.key)
        if wrong := [name for name, value in fields.items() if view_user(record).get(name) != value]:
            return Refuted(f"{resource} does not show what was written: {', '.join(wrong)}", found)
        if wanted is not None and view != wanted.after:
            return Refuted(f"{resource} shows more than what was written: {_differing(wanted.after, view)}", found)
        if receipt is not None and not _is_ours(record, receipt, resource):
            return Refuted(f"{resource} was changed since", receipt)
        return judge(undo_data(found), found) or Verified(
            found, f"read back: {_told(fields)}{looked(undo_data(found))}"
        )

    async def undo(self, receipt: Receipt) -> Reversal:
        """Put the fields back that were set, if the user is as we left it; read that back."""
        undo = undo_data(receipt)
        old = undo.get("old")
        if not isinstance(old, Mapping) or not old:
            return Undone(evidence="nothing had been changed")
        async with self.directory.writing, self.directory.scim.open() as wire:
            resource = user_uri(self.directory.name, text(undo.get("name")))
            record = await wire.get("Users", text(undo.get("id")))
            if record is None:
                return Conflict(f"{resource} is gone; nothing was put back")
            old = await self._writable(wire, old)
            if not _shows(record, old):
                if not _is_ours(record, receipt, resource):
                    return Conflict(f"{resource} was changed since; it was left alone")
                answer = await wire.change("Users", record, patch_user(record, old), changed_user(record, old))
                if answer.status_code == 412:
                    return Conflict(f"{resource} was changed in this moment; it was left alone")
                async with after_a_write():
                    record = await wire.get("Users", text(undo.get("id")))
            if record is None or not _shows(record, old):
                raise OutcomeUnknown(f"{resource} does not show what was put back")
        self.directory.deeds.forget(undo)
        versions = {resource: version_of(record)}
        if strays := strays_of(undo):
            names = ", ".join(each.name for each in strays)
            return Partial(f"{resource} is put back; changed in the same moment and left alone: {names}", versions)
        return Undone(versions, f"read back: {_told(old)}")

    def _fields(self, arguments: JsonObject) -> dict[str, Json]:
        given = {name: value for name, value in arguments.items() if name != "user" and value is not None}
        fields = {**given, **self.fixed}
        if not fields:
            raise Permanent("nothing to change: name at least one field, such as title")
        return fields

    async def _shown(self, wire: Wire, fields: JsonObject, pending: Sequence[Change]) -> JsonObject:
        if "manager" not in fields:
            return fields
        manager = await find_user(wire, text(fields["manager"]), self.directory.name, pending)
        return {**fields, "manager": manager.name}

    async def _writable(self, wire: Wire, fields: JsonObject) -> dict[str, Json]:
        """Return the fields with the manager as an id, as SCIM has it."""
        if fields.get("manager") is None:
            return dict(fields)
        manager = await find_user(wire, text(fields["manager"]), self.directory.name)
        return {**fields, "manager": manager.id}

    def _receipt(
        self, record: JsonObject, name: str, fields: JsonObject, before: JsonObject, strays: Json, key: Key
    ) -> Receipt:
        resource = user_uri(self.directory.name, name)
        after = view_user(record)
        is_same = all(name != "manager" and before.get(name) == value for name, value in fields.items())
        undo: JsonObject = {
            "id": record.get("id"),
            "name": name,
            "key": key,
            "old": {} if is_same else {name: before.get(name) for name in fields},
            "image": image(record),
            "strays": strays,
        }
        result = {"id": record.get("id"), "user_name": name} | {each: after.get(each) for each in fields}
        return Receipt(result, {resource: version_of(record)}, undo)


def _there(user: Found) -> JsonObject:
    if user.record is None:
        raise Permanent(f"the user {user.name!r} is not in the directory yet")
    return user.record


def _shows(record: JsonObject, fields: JsonObject) -> bool:
    view = view_user(record)
    return all(view.get(name) == value for name, value in fields.items())


def _is_ours(record: JsonObject, receipt: Receipt, resource: str) -> bool:
    return receipt.versions.get(resource) == version_of(record) or undo_data(receipt).get("image") == image(record)


def _differing(one: Json, other: JsonObject) -> str:
    was = one if isinstance(one, Mapping) else {}
    return ", ".join(sorted(name for name in {*was, *other} if was.get(name) != other.get(name)))


def _told(fields: JsonObject) -> str:
    return ", ".join(f"{name} {value}" for name, value in fields.items())
