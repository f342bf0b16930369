"""The two kinds of records that a directory creates: users and groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from doer.connectors.tools.directory.lookup import find_user, group_uri, user_uri
from doer.connectors.tools.directory.record import GROUP, new_user, text, view_user
from doer.connectors.tools.directory.scim import Place, Wire
from doer.domain.action import Change
from doer.domain.errors import Permanent
from doer.domain.value import Json, JsonObject, Key


@dataclass(frozen=True, slots=True)
class Users:
    """Users: the server keeps userName unique (RFC 7643, section 4.1.1)."""

    place: Place = "Users"
    name_field: str = "userName"
    argument: str = "user_name"
    is_unique: bool = True

    def uri(self, connection: str, name: str) -> str:
        return user_uri(connection, name)

    async def fields(self, wire: Wire, arguments: JsonObject, connection: str, pending: Sequence[Change]) -> JsonObject:
        fields = _written(arguments)
        if "manager" in fields:
            manager = await find_user(wire, text(fields["manager"]), connection, pending)
            if not manager.id:
                raise Permanent(f"the manager {manager.name!r} is not in the directory yet")
            fields["manager"] = manager.id
        return fields

    async def shown(self, wire: Wire, arguments: JsonObject, connection: str, pending: Sequence[Change]) -> JsonObject:
        fields = _written(arguments)
        if "manager" in fields:
            fields["manager"] = (await find_user(wire, text(fields["manager"]), connection, pending)).name
        return fields

    def record(self, fields: JsonObject, key: Key) -> JsonObject:
        return new_user(fields, key)

    def view(self, record: JsonObject) -> JsonObject:
        return view_user(record)

    def resembles(self, one: JsonObject, other: JsonObject) -> bool:
        first, second = view_user(one), view_user(other)
        return _extends(text(first.get("user_name")), text(second.get("user_name"))) or any(
            first.get(name) == second.get(name) for name in ("email", "display_name") if second.get(name)
        )


@dataclass(frozen=True, slots=True)
class Groups:
    """Groups: a server may hold two of one displayName, so that a second try is not safe."""

    place: Place = "Groups"
    name_field: str = "displayName"
    argument: str = "display_name"
    is_unique: bool = False

    def uri(self, connection: str, name: str) -> str:
        return group_uri(connection, name)

    async def fields(self, wire: Wire, arguments: JsonObject, connection: str, pending: Sequence[Change]) -> JsonObject:
        return {"display_name": arguments["display_name"]}

    async def shown(self, wire: Wire, arguments: JsonObject, connection: str, pending: Sequence[Change]) -> JsonObject:
        return {"display_name": arguments["display_name"]}

    def record(self, fields: JsonObject, key: Key) -> JsonObject:
        return {"schemas": [GROUP], "displayName": fields["display_name"], "externalId": key}

    def view(self, record: JsonObject) -> JsonObject:
        return view_group(record)

    def resembles(self, one: JsonObject, other: JsonObject) -> bool:
        return _extends(text(one.get("displayName")), text(other.get("displayName")))


def view_group(record: JsonObject) -> dict[str, Json]:
    """Return the group as doer's tools speak of one, without its members."""
    return {"display_name": record.get("displayName")}


def _written(arguments: JsonObject) -> dict[str, Json]:
    fields = {name: value for name, value in arguments.items() if value is not None}
    fields["display_name"] = f"{fields['given_name']} {fields['family_name']}"
    return {**fields, "active": fields.get("active", True)}


def _extends(one: str, other: str) -> bool:
    """A second record of the same write is often called like the first with something added."""
    return bool(other) and one.casefold().startswith(other.casefold())
