"""Creating users and groups: the server issues the id, externalId carries the key, and undo deletes what is still ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from doer.connectors.tools.directory.connection import Directory, undo_data
from doer.connectors.tools.directory.lookup import groups_of
from doer.connectors.tools.directory.record import (
    ENTERPRISE,
    KEY_TO_COME,
    image,
    member_ids,
    text,
    version_of,
)
from doer.connectors.tools.directory.scim import Place, Wire, after_a_write, equals
from doer.connectors.tools.directory.strays import Stray, judge, look_beside, looked, strays_of
from doer.domain.action import Change, Intent, Manifest, Preview, Receipt
from doer.domain.errors import OutcomeUnknown, Permanent
from doer.domain.outcome import Absent, Conflict, Partial, Refuted, Reversal, Undone, Verification, Verified
from doer.domain.template import has_hole
from doer.domain.value import Json, JsonObject, Key


class Kind(Protocol):
    """What differs between creating a user and creating a group."""

    @property
    def place(self) -> Place:
        """SCIM's collection."""
        ...

    @property
    def name_field(self) -> str:
        """SCIM's attribute of the name."""
        ...

    @property
    def argument(self) -> str:
        """The argument that holds the name."""
        ...

    @property
    def is_unique(self) -> bool:
        """Whether the server refuses a second record of that name."""
        ...

    def uri(self, connection: str, name: str) -> str: ...

    async def fields(self, wire: Wire, arguments: JsonObject, connection: str, pending: Sequence[Change]) -> JsonObject:
        """Return the fields to write, ready for SCIM (a manager as an id; empty while it is to come)."""
        ...

    async def shown(self, wire: Wire, arguments: JsonObject, connection: str, pending: Sequence[Change]) -> JsonObject:
        """Return the record as a person sees it."""
        ...

    def record(self, fields: JsonObject, key: Key) -> JsonObject: ...

    def view(self, record: JsonObject) -> JsonObject: ...

    def resembles(self, one: JsonObject, other: JsonObject) -> bool: ...


@dataclass(frozen=True, slots=True)
class Create:
    """Creates one record of its kind."""

    manifest: Manifest
    directory: Directory
    kind: Kind

    async def preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        """A record that is not there yet. Raises Permanent when the name is taken."""
        name = text(arguments[self.kind.argument])
        resource = self.kind.uri(self.directory.name, name)
        earlier = [change for change in pending if change.resource.casefold() == resource.casefold()]
        async with self.directory.scim.open() as wire:
            if earlier and earlier[-1].after is not None:
                raise Permanent(f"an earlier step of this plan already creates {resource}")
            if not has_hole(name) and not earlier and await self._named(wire, name):
                raise Permanent(f"{resource} is there already; change it instead, or choose another name")
            shown = await self.kind.shown(wire, arguments, self.directory.name, pending)
        after = {**shown, "external_id": KEY_TO_COME}
        return Preview(
            (Change(resource, None, after),),
            result={self.kind.argument: name},
            note="externalId will carry the key of this action, so that a lost outcome can be found again",
        )

    async def apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        """Create it, once for this key: a name that is taken is adopted only when externalId is the key."""
        async with self.directory.writing, self.directory.scim.open() as wire:
            if self.directory.deeds.of(key) is not None:
                found = await wire.find(self.kind.place, equals("externalId", key))
                if len(found) == 1:
                    return self._receipt(found[0], arguments, key, undo_data(self._remembered(key)).get("strays"))
            fields = await self.kind.fields(wire, arguments, self.directory.name, ())
            versions = await wire.versions(self.kind.place)
            if not self.kind.is_unique and await self._named(wire, text(arguments[self.kind.argument])):
                return await self._adopt(wire, arguments, key)
            answer = await wire.create(self.kind.place, self.kind.record(fields, key))
            if answer.status_code == 409:
                return await self._adopt(wire, arguments, key)
            async with after_a_write():
                return await self._read_back(wire, arguments, key, versions)

    async def _read_back(
        self, wire: Wire, arguments: JsonObject, key: Key, versions: Mapping[str, str] | None
    ) -> Receipt:
        found = await wire.find(self.kind.place, equals("externalId", key))
        name = text(arguments[self.kind.argument])
        ours = [each for each in found if _same(text(each.get(self.kind.name_field)), name)] or found
        if not ours:
            raise OutcomeUnknown("the directory accepted it and does not show it")

        def is_alike(how: str, record: JsonObject | None) -> bool:
            if record is None:
                return False
            return record.get("externalId") == key or (how == "created" and self.kind.resembles(record, ours[0]))

        strays = await look_beside(wire, self.kind.place, versions, text(ours[0].get("id")), is_alike)
        return self.directory.deeds.keep(key, self._receipt(ours[0], arguments, key, strays))

    async def _adopt(self, wire: Wire, arguments: JsonObject, key: Key) -> Receipt:
        found = await wire.find(self.kind.place, equals("externalId", key))
        if len(found) == 1 and _same(text(found[0].get(self.kind.name_field)), text(arguments[self.kind.argument])):
            return self._receipt(found[0], arguments, key, None)
        raise Permanent(
            f"{self._uri(arguments)} belongs to somebody else already (its externalId is not this action's key); "
            "it was left alone: choose another name"
        )

    async def verify(self, intent: Intent, receipt: Receipt | None = None) -> Verification:
        """Look for the name and for the key: exactly one record, the same, whole, and nothing beside it."""
        async with self.directory.scim.open() as wire:
            keyed = await wire.find(self.kind.place, equals("externalId", intent.key))
            named = await self._named(wire, text(intent.arguments[self.kind.argument]))
            if not keyed:
                return self._without_key(intent, named, receipt)
            strays: Json = None if receipt is None else undo_data(receipt).get("strays")
            doubles = [Stray(text(r.get("id")), self._name(r), "created", alike=True).to_json() for r in keyed[1:]]
            found = self._receipt(
                keyed[0], intent.arguments, intent.key, [*_list(strays), *doubles] if doubles else strays
            )
            if len(keyed) > 1:
                return Refuted(f"there are {len(keyed)} of it: {', '.join(map(self._name, keyed))}", found)
            if len(named) != 1 or named[0].get("id") != keyed[0].get("id"):
                return Refuted(
                    f"it was created as {self._name(keyed[0])!r}; {len(named)} have the name asked for", found
                )
            fields = await self.kind.fields(wire, intent.arguments, self.directory.name, ())
        view = self.kind.view(keyed[0])
        if wrong := [name for name, value in fields.items() if not self._shows(name, view.get(name), value)]:
            return Refuted(f"{self._uri(intent.arguments)} does not show what was written: {', '.join(wrong)}", found)
        if receipt is not None and not _is_ours(keyed[0], receipt, self._uri(intent.arguments)):
            return Refuted(f"{self._uri(intent.arguments)} was changed since", receipt)
        return judge(undo_data(found), found) or Verified(
            found,
            f"one record by its name and by its key, version {version_of(keyed[0])[:20]}{looked(undo_data(found))}",
        )

    def _without_key(self, intent: Intent, named: Sequence[JsonObject], receipt: Receipt | None) -> Verification:
        if receipt is not None and any(each.get("id") == undo_data(receipt).get("id") for each in named):
            return Refuted(f"{self._uri(intent.arguments)} lost its externalId", receipt)
        taken = "; the name belongs to somebody else's record" if named else ""
        return Absent(f"no record with this action's key is in the directory{taken}")

    async def undo(self, receipt: Receipt) -> Reversal:
        """Delete it, if it is as we left it and nobody depends on it; read back that it is gone."""
        undo = undo_data(receipt)
        resource, id_, key = text(undo.get("uri")), text(undo.get("id")), text(undo.get("key"))
        async with self.directory.writing, self.directory.scim.open() as wire:
            record = await wire.get(self.kind.place, id_)
            versions = await wire.versions(self.kind.place)
            if record is not None:
                if not _is_ours(record, receipt, resource):
                    return Conflict(f"{resource} was changed since; it was left alone")
                if reason := await self._needed_by(wire, record):
                    return Conflict(f"{resource} {reason}; it was left alone")
                if (await wire.delete(self.kind.place, record)).status_code == 412:
                    return Conflict(f"{resource} was changed in this moment; it was left alone")
            left = await self._delete_doubles(wire, undo, key)
            async with after_a_write():
                if await wire.get(self.kind.place, id_) or await wire.find(self.kind.place, equals("externalId", key)):
                    raise OutcomeUnknown(f"{resource} is still there after it was deleted")
                left += await self._changed_beside(wire, undo, versions)
        self.directory.deeds.forget(undo)
        if left:
            return Partial(
                f"{resource} is gone; others changed in the moment of its creation or deletion, by that or by somebody "
                f"else, and were left alone: {', '.join(left)}"
            )
        return Undone(evidence=f"{resource} is gone, by id and by key")

    async def _changed_beside(self, wire: Wire, undo: JsonObject, before: Mapping[str, str] | None) -> list[str]:
        """Return what else changed or went while it was deleted: a server may delete more than it was asked for."""
        known = {stray.id for stray in strays_of(undo)}
        others = None if before is None else {id_: version for id_, version in before.items() if id_ not in known}
        found = await look_beside(wire, self.kind.place, others, text(undo.get("id")), lambda _how, _record: False)
        return [stray.name for stray in strays_of({"strays": found})]

    async def _delete_doubles(self, wire: Wire, undo: JsonObject, key: str) -> list[str]:
        """Delete what carries our key beside the record; return the names of strays that do not."""
        left = []
        for stray in strays_of(undo):
            record = await wire.get(self.kind.place, stray.id)
            if record is not None and record.get("externalId") == key and key:
                await wire.delete(self.kind.place, record)
            elif record is not None or stray.how == "gone":
                left.append(stray.name)
        return left

    async def _needed_by(self, wire: Wire, record: JsonObject) -> str:
        if self.kind.place == "Groups":
            members = len(member_ids(record))
            return f"has {members} members" if members else ""
        id_ = text(record.get("id"))
        if groups := await groups_of(wire, id_):
            return f"is a member of {', '.join(text(each.get('displayName')) for each in groups)}"
        managed = await wire.find("Users", equals(f"{ENTERPRISE}:manager.value", id_), "userName")
        return f"is the manager of {', '.join(text(each.get('userName')) for each in managed)}" if managed else ""

    async def _named(self, wire: Wire, name: str) -> list[JsonObject]:
        return await wire.find(self.kind.place, equals(self.kind.name_field, name))

    def _remembered(self, key: Key) -> Receipt:
        return self.directory.deeds.of(key) or Receipt()

    def _uri(self, arguments: JsonObject) -> str:
        return self.kind.uri(self.directory.name, text(arguments[self.kind.argument]))

    def _shows(self, name: str, seen: Json, written: Json) -> bool:
        return _same(seen, written) if name == self.kind.argument else seen == written

    def _name(self, record: JsonObject) -> str:
        return text(record.get(self.kind.name_field))

    def _receipt(self, record: JsonObject, arguments: JsonObject, key: Key, strays: Json) -> Receipt:
        resource = self._uri(arguments)
        id_ = text(record.get("id"))
        undo: JsonObject = {"uri": resource, "id": id_, "key": key, "image": image(record), "strays": strays}
        result = {"id": id_, **{name: value for name, value in self.kind.view(record).items() if name != "manager"}}
        return Receipt(result, {resource: version_of(record)}, undo)


def _is_ours(record: JsonObject, receipt: Receipt, resource: str) -> bool:
    """By version, or by content: a change that was taken back leaves a new version of what was ours."""
    return receipt.versions.get(resource) == version_of(record) or undo_data(receipt).get("image") == image(record)


def _same(one: Json, other: Json) -> bool:
    """Names are compared as the directory compares them: without case."""
    return one.casefold() == other.casefold() if isinstance(one, str) and isinstance(other, str) else one == other


def _list(value: Json) -> list[Json]:
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str) else []
