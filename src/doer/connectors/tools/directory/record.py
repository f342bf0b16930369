"""SCIM records as values: what of them is compared, what a person is shown, and what is sent (RFC 7643)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import quote

from doer.domain.template import has_hole
from doer.domain.value import Hole, Json, JsonObject, Key, digest

USER: Final = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP: Final = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE: Final = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH: Final = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

KEY_TO_COME: Final = Hole.of("key of this action")
"""Shown as the externalId of what will be created: it carries the key, so that a lost outcome can be found again."""

_VOLATILE = frozenset({"id", "meta", "groups", "schemas"})
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "user_name": ("userName",),
    "given_name": ("name", "givenName"),
    "family_name": ("name", "familyName"),
    "display_name": ("displayName",),
    "title": ("title",),
    "active": ("active",),
    "department": (ENTERPRISE, "department"),
    "manager": (ENTERPRISE, "manager", "value"),
}


def text(value: Json) -> str:
    """Return a text, or nothing for what is none."""
    return value if isinstance(value, str) else ""


def objects(value: Json) -> list[JsonObject]:
    """Return the objects of a list; of anything else, none."""
    if isinstance(value, str) or not isinstance(value, Sequence):
        return []
    return [each for each in value if isinstance(each, Mapping)]


def version_of(record: JsonObject) -> str:
    """Return the record's version as the server tells it (RFC 7643, section 3.1), or the digest of its content."""
    meta = record.get("meta")
    told = text(meta.get("version")) if isinstance(meta, Mapping) else ""
    return told or image(record)


def image(record: JsonObject) -> str:
    """Return the digest of all that the record holds, less what the server sets and what empties mean nothing."""
    return digest({name: _sorted(value) for name, value in record.items() if name not in _VOLATILE and value != []})


def _sorted(value: Json) -> Json:
    """Multi-valued attributes have no order (RFC 7643, section 2.4)."""
    return sorted(objects(value), key=digest) if objects(value) else value


def view_user(record: JsonObject) -> dict[str, Json]:
    """Return the user as doer's tools speak of one; `manager` is still an id. The key in externalId is not shown:
    it is not known while a plan is previewed, and what is approved must be what is found later.
    """
    shown: dict[str, Json] = {}
    for name, path in _FIELDS.items():
        value = _at(record, path)
        if value not in (None, ""):
            shown[name] = value
    email = primary_email(record)
    if email:
        shown["email"] = email
    return shown


def primary_email(record: JsonObject) -> str:
    """Return the primary address, else the first."""
    emails = objects(record.get("emails"))
    first = [each for each in emails if each.get("primary") is True] or emails
    return text(first[0].get("value")) if first else ""


def member_ids(group: JsonObject) -> list[str]:
    """Return the ids of the group's members."""
    return [text(each.get("value")) for each in objects(group.get("members"))]


def new_user(fields: JsonObject, key: Key) -> dict[str, Json]:
    """Return the SCIM record of a new user from doer's field names; `manager` is an id."""
    record: dict[str, Json] = {"schemas": [USER], "externalId": key}
    for name, value in fields.items():
        if name == "email":
            record["emails"] = [{"value": value, "type": "work", "primary": True}]
        elif name in _FIELDS:
            _put(record, _FIELDS[name], value)
    name_of = record.get("name")
    if isinstance(name_of, dict) and "display_name" in fields:
        name_of["formatted"] = fields["display_name"]
    if ENTERPRISE in record:
        record["schemas"] = [USER, ENTERPRISE]
    return record


def changed_user(record: JsonObject, fields: JsonObject) -> dict[str, Json]:
    """Return a copy of the user's record with doer's fields set; None takes a field away."""
    changed = _copy(record)
    for name, value in fields.items():
        if name == "email":
            changed["emails"] = _with_email(record, value)
        else:
            _put(changed, _FIELDS[name], value)
    if changed.get(ENTERPRISE) and ENTERPRISE not in _texts(changed.get("schemas")):
        changed["schemas"] = [*_texts(changed.get("schemas")), ENTERPRISE]
    return changed


def patch_user(record: JsonObject, fields: JsonObject) -> list[Json]:
    """Return the patch operations that set doer's fields (RFC 7644, section 3.5.2); None removes."""
    operations: list[Json] = []
    for name, value in fields.items():
        path = "emails" if name == "email" else _path(_FIELDS[name])
        new: Json = _with_email(record, value) if name == "email" else value
        if name == "manager" and value is not None:
            path, new = f"{ENTERPRISE}:manager", {"value": value}
        elif name == "manager":
            path = f"{ENTERPRISE}:manager"
        if new is None or new == []:
            operations.append({"op": "remove", "path": path})
        else:
            operations.append({"op": "replace", "path": path, "value": new})
    return operations


def _with_email(record: JsonObject, value: Json) -> list[Json]:
    """Set the primary address and keep all others."""
    old = primary_email(record)
    others: list[Json] = [each for each in objects(record.get("emails")) if each.get("value") != old]
    return others if value is None else [{"value": value, "type": "work", "primary": True}, *others]


def _path(path: tuple[str, ...]) -> str:
    return f"{path[0]}:{'.'.join(path[1:])}" if path[0] == ENTERPRISE else ".".join(path)


def _at(record: JsonObject, path: tuple[str, ...]) -> Json:
    value: Json = record
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _put(record: dict[str, Json], path: tuple[str, ...], value: Json) -> None:
    *outer, last = path
    at = record
    for name in outer:
        inner = at.setdefault(name, {})
        if not isinstance(inner, dict):
            return
        at = inner
    if value is None:
        at.pop(last, None)
    else:
        at[last] = value


def _copy(record: JsonObject) -> dict[str, Json]:
    return {name: _copy(value) if isinstance(value, Mapping) else value for name, value in record.items()}


def _texts(value: Json) -> list[str]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        return []
    return [each for each in value if isinstance(each, str)]


def quoted(name: str) -> str:
    """Return a name as a part of a resource URI; one that is still to come stays readable."""
    return name if has_hole(name) else quote(name, safe="@.+-_~ ")
