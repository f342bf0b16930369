"""Membership of groups: a set. Adding twice is one effect; the approval is of one membership and not of the whole group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from doer.connectors.tools.directory.connection import Directory, foretold, undo_data
from doer.connectors.tools.directory.lookup import Found, find_group, find_user, groups_of, member_uri
from doer.connectors.tools.directory.record import member_ids, objects, text, version_of
from doer.connectors.tools.directory.scim import Wire, after_a_write
from doer.connectors.tools.directory.strays import judge, look_beside, looked, strays_of
from doer.domain.action import Change, Intent, Manifest, Preview, Receipt
from doer.domain.errors import OutcomeUnknown, Permanent, Transient
from doer.domain.outcome import Absent, Conflict, Partial, Refuted, Reversal, Undone, Unknown, Verification, Verified
from doer.domain.value import Json, JsonObject, Key

_TRIES = 5
_STALE = "the answer to the write named a newer version of the group than the one that is read"


@dataclass(frozen=True, slots=True)
class Membership:
    """Adds a user to a group, or removes one."""

    manifest: Manifest
    directory: Directory
    adds: bool

    async def preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        """One membership before and after; the user and the group may be made by earlier steps."""
        async with self.directory.scim.open() as wire:
            user = await find_user(wire, text(arguments["user"]), self.directory.name, pending)
            group = await find_group(wire, text(arguments["group"]), self.directory.name, pending)
        resource = member_uri(self.directory.name, group.name, user.name)
        shown: JsonObject = {"group": group.name, "member": user.name}
        is_in = user.id != "" and user.id in member_ids(group.record or {})
        earlier = foretold(tuple(reversed(pending)), resource)
        is_in = is_in if earlier is None else earlier.after is not None
        version = None if group.record is None else version_of(group.record)
        change = Change(resource, shown if is_in else None, shown if self.adds else None, version=version)
        return Preview((change,), result={"group": group.name, "user_name": user.name})

    async def apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        """Add or remove, under If-Match on the group. Raises Permanent when the membership is not as foretold."""
        async with self.directory.writing, self.directory.scim.open() as wire:
            if (done := self.directory.deeds.of(key)) is not None:
                return done
            user = await find_user(wire, text(arguments["user"]), self.directory.name)
            group = await find_group(wire, text(arguments["group"]), self.directory.name)
            entry = _entry(group, user)
            change = foretold(before, member_uri(self.directory.name, group.name, user.name))
            if change is not None and (change.before is not None) != (entry is not None):
                raise Permanent(f"{change.resource} is not as it was foretold; nothing was changed")
            if (entry is not None) == self.adds:
                return self.directory.deeds.keep(key, self._receipt(group, user, entry, [], key, changed=False))
            groups_before = await groups_of(wire, user.id)
            versions = await wire.versions("Groups")
            replaced = await self._set(wire, group.id, user.id, present=self.adds, entry=_new(user.id))
            async with after_a_write():
                made = await self._read_back(wire, (group, user), entry, key, versions, groups_before)
        kept = replace(made, undo={**undo_data(made), "replaces": replaced}) if replaced else made
        return self.directory.deeds.keep(key, kept)

    async def _read_back(
        self,
        wire: Wire,
        pair: tuple[Found, Found],
        entry: JsonObject | None,
        key: Key,
        versions: Mapping[str, str] | None,
        groups_before: Sequence[JsonObject],
    ) -> Receipt:
        group, user = pair
        was_in = {text(each.get("id")) for each in groups_before}

        def is_alike(_: str, other: JsonObject | None) -> bool:
            is_in = other is not None and user.id in member_ids(other)
            return other is not None and is_in == self.adds and is_in != (text(other.get("id")) in was_in)

        strays = await look_beside(wire, "Groups", versions, group.id, is_alike)
        current = Found(group.name, await wire.get("Groups", group.id))
        lost = set(member_ids(group.record or {})) - set(member_ids(current.record or {})) - {user.id}
        if lost:
            members: list[Json] = [
                {"id": each, "name": f"member {each}", "how": "gone", "alike": True} for each in sorted(lost)
            ]
            strays = [*(strays or []), *members]
        return self._receipt(current, user, entry, strays, key, changed=True)

    async def verify(self, intent: Intent, receipt: Receipt | None = None) -> Verification:
        """Read the group's members and the user's groups: this membership once, and nothing beside it."""
        async with self.directory.scim.open() as wire:
            if receipt is None:
                user = await find_user(wire, text(intent.arguments["user"]), self.directory.name)
                group = await find_group(wire, text(intent.arguments["group"]), self.directory.name)
            else:
                undo = undo_data(receipt)
                group = Found(text(undo.get("group")), await wire.get("Groups", text(undo.get("group_id"))))
                user = Found(text(undo.get("user")), await wire.get("Users", text(undo.get("user_id"))))
            resource = member_uri(self.directory.name, group.name, user.name)
            if group.record is None or (user.record is None and self.adds):
                return Refuted(f"{resource}: the {'group' if group.record is None else 'user'} is gone", receipt)
            listed = {text(each.get("id")) for each in await groups_of(wire, user.id)} if user.id else set()
        entry = _entry(group, user)
        was_in = bool(intent.changes) and intent.changes[0].before is not None
        found = receipt or self._receipt(group, user, entry, None, intent.key, changed=was_in != self.adds)
        if group.record.get("displayName") != group.name:
            return Refuted(f"the group is called {text(group.record.get('displayName'))!r} now", found)
        if isinstance(astray := judge(undo_data(found), found), Refuted):
            return astray
        times = member_ids(group.record).count(user.id)
        if times > 1:
            return Refuted(f"{resource} is there {times} times", found)
        if (entry is not None) != self.adds:
            if _is_stale(undo_data(found), group.record):
                return Unknown(f"{resource}: {_STALE}")
            return Absent(f"{resource} is {'not there' if self.adds else 'still there'}")
        if (group.id in listed) != self.adds:
            return Refuted(f"{resource}: the group and the list of the user's groups do not agree", found)
        state = "is a member" if self.adds else "is no member"
        return astray or Verified(
            found,
            f"{user.name} {state} of {group.name}, by the group and by the user's groups{looked(undo_data(found))}",
        )

    async def undo(self, receipt: Receipt) -> Reversal:
        """Take the membership back, or give it back, where we changed it; others' memberships stay as they are."""
        undo = undo_data(receipt)
        group_id, user_id = text(undo.get("group_id")), text(undo.get("user_id"))
        resource = member_uri(self.directory.name, text(undo.get("group")), text(undo.get("user")))
        if undo.get("changed") is not True:
            return Undone(evidence="nothing had been changed")
        async with self.directory.writing, self.directory.scim.open() as wire:
            group = await wire.get("Groups", group_id)
            if group is None:
                return Undone(evidence=f"{resource} is gone with its group") if self.adds else Conflict("no such group")
            if group.get("displayName") != undo.get("group"):
                return Conflict(f"the group of {resource} was renamed since; it was left alone")
            if not self.adds and await wire.get("Users", user_id) is None:
                return Conflict(f"the user of {resource} is gone; nothing was put back")
            if (user_id in member_ids(group)) != self.adds and _is_stale(undo, group):
                raise OutcomeUnknown(f"{resource}: {_STALE}")
            if (user_id in member_ids(group)) == self.adds:
                entry = undo.get("entry")
                old = entry if isinstance(entry, Mapping) else _new(user_id)
                await self._set(wire, group_id, user_id, present=not self.adds, entry=old)
            left = await self._take_back_strays(wire, undo, user_id)
            async with after_a_write():
                current = await wire.get("Groups", group_id)
            if current is None or (user_id in member_ids(current)) == self.adds:
                raise OutcomeUnknown(f"{resource} does not show that it was taken back")
        self.directory.deeds.forget(undo)
        versions = {resource: version_of(current)}
        if left:
            return Partial(
                f"{resource} is put back; changed in the same moment and left alone: {', '.join(left)}", versions
            )
        return Undone(versions, f"{resource} read back")

    async def _take_back_strays(self, wire: Wire, undo: JsonObject, user_id: str) -> list[str]:
        """Put the same membership right in groups where it landed too; return the names of what is left."""
        left = []
        for stray in strays_of(undo):
            other = await wire.get("Groups", stray.id) if stray.how == "changed" and stray.alike else None
            if other is None:
                left.append(stray.name)
            elif (user_id in member_ids(other)) == self.adds:
                await self._set(wire, stray.id, user_id, present=not self.adds, entry=_new(user_id))
        return left

    async def _set(self, wire: Wire, group_id: str, user_id: str, *, present: bool, entry: JsonObject) -> str:
        """Make the user a member, or not, whoever else changes the group meanwhile.

        Return the group's version that was replaced, if the answer named another one; else nothing.
        """
        for _ in range(_TRIES):
            group = await wire.get("Groups", group_id)
            if group is None:
                raise Permanent("the group is gone; nothing was changed")
            members = objects(group.get("members"))
            others = [each for each in members if each.get("value") != user_id]
            if (len(others) < len(members)) == present:
                return ""
            operation: JsonObject = (
                {"op": "add", "path": "members", "value": [entry]}
                if present
                else {"op": "remove", "path": f'members[value eq "{user_id}"]'}
            )
            whole = {**group, "members": [*others, entry] if present else others}
            answer = await wire.change("Groups", group, [operation], whole)
            if answer.status_code != 412:
                before, named = version_of(group), answer.headers.get("etag", "")
                return before if named not in ("", before) else ""
        raise Transient(f"the group changed {_TRIES} times while it was to be written; nothing was changed")

    def _receipt(
        self, group: Found, user: Found, entry: JsonObject | None, strays: Json, key: Key, *, changed: bool
    ) -> Receipt:
        resource = member_uri(self.directory.name, group.name, user.name)
        undo: JsonObject = {
            "group": group.name,
            "group_id": group.id,
            "user": user.name,
            "user_id": user.id,
            "entry": None if self.adds else entry,
            "changed": changed,
            "strays": strays,
            "key": key,
        }
        result: JsonObject = {"group": group.name, "user_name": user.name, "changed": changed}
        return Receipt(result, {resource: version_of(group.record or {})}, undo)


def _entry(group: Found, user: Found) -> JsonObject | None:
    members = objects((group.record or {}).get("members"))
    return next((each for each in members if user.id and each.get("value") == user.id), None)


def _is_stale(undo: JsonObject, group: JsonObject) -> bool:
    """Tell whether this is the group as it was before our write, although the write's answer named a newer version."""
    return text(undo.get("replaces")) == version_of(group)


def _new(user_id: str) -> JsonObject:
    return {"value": user_id, "type": "User"}
