"""A SCIM directory surveyed: what the server can do (RFC 7643 §5), and the first of its people and groups."""

from __future__ import annotations

from dataclasses import dataclass

from doer.connectors.surveys.survey import Ability, Entity, Survey
from doer.connectors.tools.directory.record import objects, text
from doer.connectors.tools.directory.scim import Scim
from doer.domain.value import JsonObject

_MOST = 500


@dataclass(frozen=True, slots=True)
class DirectorySurveyor:
    """Looks at one directory."""

    scim: Scim

    async def survey(self) -> Survey:
        """Return what the server supports, and up to 500 people and 500 groups."""
        async with self.scim.open() as wire:
            can = await wire.abilities()
            users, people = await wire.page("Users", attributes="userName,displayName,name,emails,active", count=_MOST)
            groups, teams = await wire.page("Groups", attributes="displayName", count=_MOST)
        compared = "ETag" if can.etag else "compared just before"
        abilities = (
            Ability("find", works=True),
            Ability("create", works=True),
            Ability("change", works=True, why="PATCH" if can.patch else "whole records: the server knows no PATCH"),
            Ability("read back", works=True),
            Ability("undo", works=True, why=compared),
        )
        entities = (*(_group(each) for each in groups), *(_person(each) for each in users))
        return Survey("SCIM 2.0", abilities, entities, more=people > len(users) or teams > len(groups))


def _group(record: JsonObject) -> Entity:
    return Entity("group", text(record.get("displayName")), text(record.get("id")))


def _person(record: JsonObject) -> Entity:
    name = record.get("name")
    parts = [text(name.get(part)) for part in ("givenName", "familyName")] if isinstance(name, dict) else []
    shown = text(record.get("displayName")) or " ".join(part for part in parts if part) or text(record.get("userName"))
    emails = [text(each.get("value")) for each in objects(record.get("emails"))]
    detail = {"user_name": text(record.get("userName")), "email": emails[0] if emails else ""}
    return Entity("person", shown, text(record.get("id")), detail)
