"""Finding the one user or group that is meant, in the directory and among the changes still to come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from doer.connectors.tools.directory.record import quoted, text, view_user
from doer.connectors.tools.directory.scim import Wire, equals
from doer.domain.action import Change
from doer.domain.errors import Permanent
from doer.domain.template import has_hole
from doer.domain.value import Json, JsonObject

_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Found:
    """The one that was meant."""

    name: str
    """userName or displayName, the name in resource URIs."""
    record: JsonObject | None
    """None: it does not exist yet; an earlier step makes it, or it is known only later."""
    view: JsonObject | None = None
    """A user as it will be when earlier steps have run, where one of them changes it."""

    @property
    def id(self) -> str:
        """The server's id; empty where it does not exist yet."""
        return "" if self.record is None else text(self.record.get("id"))


def user_uri(connection: str, user_name: str) -> str:
    """Return the resource URI of a user."""
    return f"scim:{connection}/Users/{quoted(user_name)}"


def group_uri(connection: str, display_name: str) -> str:
    """Return the resource URI of a group."""
    return f"scim:{connection}/Groups/{quoted(display_name)}"


def member_uri(connection: str, group: str, user_name: str) -> str:
    """Return the resource URI of one membership: others in the same group do not touch it."""
    return f"{group_uri(connection, group)}/members/{quoted(user_name)}"


async def find_user(wire: Wire, said: str, connection: str, pending: Sequence[Change] = ()) -> Found:
    """Return the user whose userName or id is `said`, or else the only one of that displayName or address.

    Raises Permanent when there is none, or several, and lists them.
    """
    if has_hole(said):
        return Found(said, None)
    planned = _planned(pending, f"scim:{connection}/Users/")
    for uri, view in planned.items():
        if view is not None and _is_called(said, view, ("user_name",)):
            record = await _by_name(wire, text(view["user_name"]))
            return Found(text(view["user_name"]), record, view)
        if view is None and uri == user_uri(connection, said):
            raise Permanent(f"an earlier step of this plan deletes the user {said!r}")
    records = await wire.find("Users", equals("userName", said))
    if not records:
        named = " or ".join(equals(each, said) for each in ("id", "displayName", "emails.value"))
        records = await wire.find("Users", named)
        if exact := [each for each in records if each.get("id") == said]:
            return _known(exact[0], planned, connection)
        fresh = [v for v in planned.values() if v is not None and _is_called(said, v, ("display_name", "email"))]
        known = {text(each.get("userName")) for each in records}
        fresh = [each for each in fresh if text(each["user_name"]) not in known]
        if fresh:
            if len(fresh) + len(records) > 1:
                raise Permanent(_several("users", said, [*map(view_user, records), *fresh]))
            return Found(text(fresh[0]["user_name"]), None, fresh[0])
    if len(records) > 1:
        raise Permanent(_several("users", said, [view_user(each) for each in records]))
    if not records:
        raise Permanent(f"no user called {said!r} is in the directory; name one by user name, display name or id")
    return _known(records[0], planned, connection)


def _known(record: JsonObject, planned: Mapping[str, JsonObject | None], connection: str) -> Found:
    name = text(record.get("userName"))
    return Found(name, record, planned.get(user_uri(connection, name)))


async def find_group(wire: Wire, said: str, connection: str, pending: Sequence[Change] = ()) -> Found:
    """Return the group whose displayName or id is `said`. Raises Permanent when there is none, or several."""
    if has_hole(said):
        return Found(said, None)
    planned = _planned(pending, f"scim:{connection}/Groups/")
    records = await wire.find("Groups", equals("displayName", said))
    records = records or await wire.find("Groups", equals("id", said))
    if len(records) > 1:
        ids = ", ".join(text(each.get("id")) for each in records[:_SHOWN])
        raise Permanent(f"{len(records)} groups are called {said!r}; name one by its id: {ids}")
    if records:
        name = text(records[0].get("displayName"))
        if planned.get(group_uri(connection, name), {}) is None:
            raise Permanent(f"an earlier step of this plan deletes the group {name!r}")
        return Found(name, records[0])
    for view in planned.values():
        if view is not None and _is_called(said, view, ("display_name",)):
            return Found(text(view["display_name"]), None, view)
    raise Permanent(f"no group called {said!r} is in the directory; name one by display name or id")


async def manager_name(wire: Wire, view: JsonObject) -> dict[str, Json]:
    """Return the view with its manager as a userName instead of an id; one that is gone stays an id."""
    shown = dict(view)
    id_ = text(view.get("manager"))
    if id_:
        manager = await wire.get("Users", id_)
        shown["manager"] = id_ if manager is None else text(manager.get("userName"))
    return shown


async def groups_of(wire: Wire, user_id: str) -> list[JsonObject]:
    """Return the groups in which the user is a member, by id and name; the group is the authority, not the user."""
    attributes = "displayName,meta"
    return await wire.find("Groups", equals("members.value", user_id), attributes)


async def _by_name(wire: Wire, user_name: str) -> JsonObject | None:
    records = await wire.find("Users", equals("userName", user_name))
    return records[0] if len(records) == 1 else None


def _planned(pending: Sequence[Change], prefix: str) -> dict[str, JsonObject | None]:
    """Return what earlier steps will leave, the last word for each resource."""
    left: dict[str, JsonObject | None] = {}
    for change in pending:
        if not change.resource.startswith(prefix) or "/members/" in change.resource:
            continue
        if change.after is None:
            left[change.resource] = None
        elif isinstance(change.after, Mapping):
            left[change.resource] = {name: value for name, value in change.after.items() if name != "external_id"}
    return left


def _is_called(said: str, view: JsonObject, names: tuple[str, ...]) -> bool:
    return any(text(view.get(name)).casefold() == said.casefold() for name in names)


def _several(what: str, said: str, views: Sequence[JsonObject]) -> str:
    told = sorted(f"{text(each.get('user_name'))} ({text(each.get('title')) or 'no title'})" for each in views)
    listed = ", ".join(told[:_SHOWN])
    return f"{len(views)} {what} are called {said!r}; name one by user name: {listed}"
