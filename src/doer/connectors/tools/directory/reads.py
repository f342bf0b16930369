"""Reading the directory: users and groups by filters that are typed, never by a filter language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from doer.connectors.tools.directory.connection import Directory
from doer.connectors.tools.directory.lookup import find_group, find_user, groups_of
from doer.connectors.tools.directory.record import member_ids, text, view_user
from doer.connectors.tools.directory.scim import Place, Wire, equals
from doer.domain.action import Change, Intent, Manifest, Preview, Receipt
from doer.domain.outcome import Reversal, Undone, Verification, Verified
from doer.domain.value import Json, JsonObject, Key


@dataclass(frozen=True, slots=True)
class Find:
    """Finds users, or groups."""

    manifest: Manifest
    directory: Directory
    place: Place

    async def preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        """Reading changes nothing."""
        return Preview()

    async def apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        """Return all that match every filter given."""
        async with self.directory.scim.open() as wire:
            look = self._users if self.place == "Users" else self._groups
            found = await look(wire, arguments)
        return Receipt({self.place.lower(): found, "count": len(found)})

    async def verify(self, intent: Intent, receipt: Receipt | None = None) -> Verification:
        """A read is its own proof; one that was lost is read again."""
        return Verified(receipt or await self.apply(intent.arguments, intent.key, ()), "read")

    async def undo(self, receipt: Receipt) -> Reversal:
        """There is nothing to take back."""
        return Undone(evidence="a read changes nothing")

    async def _users(self, wire: Wire, arguments: JsonObject) -> list[Json]:
        records = await wire.find("Users", _user_filter(arguments))
        if group := text(arguments.get("group")):
            members = set(member_ids((await find_group(wire, group, self.directory.name)).record or {}))
            records = [each for each in records if text(each.get("id")) in members]
        if isinstance(active := arguments.get("active"), bool):
            # Unassigned counts as active; a filter on the server would leave those out.
            records = [each for each in records if each.get("active", True) is active]
        names = await _manager_names(wire, records)
        shown: list[dict[str, Json]] = [
            {"id": each.get("id"), **_with_manager(view_user(each), names)} for each in records
        ]
        return [*sorted(shown, key=lambda each: text(each.get("user_name")))]

    async def _groups(self, wire: Wire, arguments: JsonObject) -> list[Json]:
        name = text(arguments.get("display_name"))
        records = await wire.find("Groups", equals("displayName", name) if name else "")
        if member := text(arguments.get("member")):
            user = await find_user(wire, member, self.directory.name)
            his = {text(each.get("id")) for each in await groups_of(wire, user.id)}
            records = [each for each in records if text(each.get("id")) in his]
        shown: list[dict[str, Json]] = [
            {"id": each.get("id"), "display_name": each.get("displayName"), "members": len(member_ids(each))}
            for each in records
        ]
        return [*sorted(shown, key=lambda each: text(each.get("display_name")))]


def _user_filter(arguments: JsonObject) -> str:
    parts = []
    if user_name := text(arguments.get("user_name")):
        parts.append(equals("userName", user_name))
    if email := text(arguments.get("email")):
        parts.append(equals("emails.value", email))
    if name := text(arguments.get("name")):
        given, _, family = name.strip().rpartition(" ")
        whole = f"{equals('displayName', name)} or {equals('name.formatted', name)}"
        split = f" or ({equals('name.givenName', given)} and {equals('name.familyName', family)})" if given else ""
        parts.append(f"({whole}{split})")
    return " and ".join(parts)


async def _manager_names(wire: Wire, records: Sequence[JsonObject]) -> dict[str, Json]:
    ids = sorted({text(view_user(each).get("manager")) for each in records} - {""})
    found = [await wire.get("Users", id_) for id_ in ids]
    return {id_: id_ if each is None else each.get("userName") for id_, each in zip(ids, found, strict=True)}


def _with_manager(view: dict[str, Json], names: JsonObject) -> dict[str, Json]:
    return {**view, "manager": names[text(view["manager"])]} if "manager" in view else view
