"""The tools of one HTTP connection and what each says of itself: parameters, roles, wordings, effect."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence

from doer.connectors.tools.http.address import Origin
from doer.connectors.tools.http.alter import Alter
from doer.connectors.tools.http.create import Create
from doer.connectors.tools.http.delete import Delete
from doer.connectors.tools.http.pace import Sleep
from doer.connectors.tools.http.reads import Read
from doer.connectors.tools.http.site import Door, Habits, Site
from doer.domain.action import Effect, Manifest, Role, Verb
from doer.domain.errors import UsageError
from doer.domain.ports import Credential, Tool
from doer.domain.value import Json, JsonObject

_ALL: frozenset[Verb] = frozenset({"preview", "apply", "verify", "undo"})
_NO_UNDO: frozenset[Verb] = frozenset({"preview", "apply", "verify"})
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # a header's name (RFC 9110, section 5.6.2)
_FORBIDDEN = frozenset({"host", "content-length", "transfer-encoding", "connection", "accept-encoding", "cookie"})

_PATH: JsonObject = {"type": "string", "description": "path below the connection's address, such as /users/4812"}
_QUERY: JsonObject = {
    "type": "object",
    "description": "the query's names and values",
    "additionalProperties": {"type": ["string", "number", "boolean"]},
}
_BODY: JsonObject = {"type": "object", "description": "the fields of the record", "additionalProperties": True}
_WRITTEN: JsonObject = {"type": "object", "properties": {"path": {"type": "string"}, "body": {"type": "object"}}}


def http_tools(  # noqa: PLR0913 - a connection's settings, all by name
    name: str,
    url: str,
    *,
    auth: str = "none",
    username: str | None = None,
    credential: Credential | None = None,
    readable: Sequence[str] = ("*",),
    writable: Sequence[str] = (),
    once: str | None = None,
    timeout: float = 30.0,
    volatile: Sequence[str] = (),
    natural_key: str | None = None,
    id_field: str = "id",
    recreatable: Sequence[str] = (),
    sleep: Sleep = asyncio.sleep,
) -> Sequence[Tool]:
    """Return the tools of the JSON service at `url`, named `{name}.get` and so on; nothing is contacted here.

    - `auth`: `none`, `basic` (with `username`), `bearer`, or `header:NAME` for a bare key in a header of that name; the
      `credential` goes to the origin of `url` (scheme, host, port) and nowhere else;
    - `readable`, `writable`: patterns of paths: `*` alone is everything, within a pattern one part, `**` any number of
      parts. Without `writable` there are no writing tools. What is written must be readable too, to be read back;
    - `once`: `idempotency-key` (the service honours that header, draft-ietf-httpapi-idempotency-key-header), or
      `unique:FIELD` (records carry our key in FIELD, which the service holds unique); else a creation is at most once;
    - `timeout`: seconds for each request, and for all waiting of a verb that the service's limits ask for;
    - `volatile`: fields that the service sets by itself (`updated_at`), left out of every comparison;
    - `natural_key`: field that tells records of a collection apart; a lost creation is found again by it;
    - `id_field`: field whose value is the last part of a record's path;
    - `recreatable`: patterns of paths at which PUT makes a deleted resource again exactly, so that it can be undone.

    Raises UsageError for settings that do not fit each other.
    """
    if not 0 < timeout < float("inf"):
        raise UsageError(f"the time-out of {name!r} is {timeout} s; give a number of seconds above 0")
    habits = Habits(
        id_field=id_field,
        volatile=frozenset(volatile),
        natural_key=natural_key or "",
        key_field=_key_field(name, once, id_field),
        sends_key=once == "idempotency-key",
        recreatable=tuple(recreatable),
    )
    door = door_of(name, auth, username, credential)
    site = Site(name, Origin.of(name, url), door, tuple(readable), tuple(writable), habits, timeout, sleep)
    return [*_reads(site), *(_writes(site) if writable else ())]


def _key_field(name: str, once: str | None, id_field: str) -> str:
    if once is None or once == "idempotency-key":
        return ""
    kind, _, field = once.partition(":")
    if kind != "unique" or not field or field == id_field:
        raise UsageError(
            f"{name!r}: once = {once!r} is not known; it is 'idempotency-key', or 'unique:FIELD' with a field other than "
            f"{id_field!r} that records may carry our key in; leave it out for at most once"
        )
    return field


def door_of(name: str, auth: str, username: str | None, credential: Credential | None) -> Door:
    """Return how the secret is sent. Raises UsageError where `auth` and the rest do not fit each other."""
    if auth == "none":
        if credential is not None:
            raise UsageError(f"{name!r} has a secret and auth = 'none': say 'basic', 'bearer' or 'header:NAME'")
        return Door()
    kind, _, header = auth.partition(":")
    if auth not in ("basic", "bearer") and (kind != "header" or not _TOKEN.fullmatch(header)):
        raise UsageError(f"{name!r}: auth = {auth!r} is not known; it is 'none', 'basic', 'bearer' or 'header:NAME'")
    if header.casefold() in _FORBIDDEN:
        raise UsageError(f"{name!r}: the header {header!r} cannot carry a secret; name the one that the service reads")
    if credential is None:
        raise UsageError(f"{name!r}: auth = {auth!r} needs a secret; `doer connect http {name}` asks for it")
    if auth == "basic" and (not username or ":" in username):
        raise UsageError(f"{name!r}: auth = 'basic' needs a user name, without ':' (RFC 7617)")
    if header:
        return Door(header, credential=credential)
    return Door("Authorization", auth.capitalize(), username or "", credential)


def _reads(site: Site) -> list[Tool]:
    name = site.name
    one = _manifest(
        site,
        "get",
        "Get one resource.",
        {"path": _PATH, "query": _QUERY},
        effect="read",
        result={"type": "object", "properties": {"status": {"type": "integer"}, "etag": {"type": "string"}}},
        examples=(
            f"get {{path}} from {name}",
            "get {path}",
            f"read {{path}} in {name}",
            f"show me {{path}} on {name}",
            f"what is at {{path}} in {name}",
            f"what does {{path}} say in {name}",
            f"fetch {{path}} over http from {name}",
        ),
    )
    many = _manifest(
        site,
        "list",
        "List all records of a collection, page by page.",
        {"path": _PATH, "query": _QUERY},
        effect="read",
        result={"type": "object", "properties": {"items": {"type": "array"}, "count": {"type": "integer"}}},
        examples=(
            f"list {{path}} in {name}",
            f"list everything under {{path}} on {name}",
            f"list the records of {{path}} in {name}",
            f"show all records under {{path}} in {name}",
            f"how many records are in {{path}} on {name}",
        ),
    )
    return [Read(one, site, "one"), Read(many, site, "many")]


def _writes(site: Site) -> list[Tool]:
    return [_create(site), _replace(site), _change(site), _delete(site)]


def _create(site: Site) -> Tool:
    name, habits = site.name, site.habits
    issued: JsonObject = {"id": {"type": ["string", "integer"]}, "path": {"type": "string"}, "body": {"type": "object"}}
    manifest = _manifest(
        site,
        "create",
        "Create a record in a collection, with the fields of the body.",
        {"path": _PATH, "body": _BODY},
        result={"type": "object", "properties": issued},
        examples=(
            f"create a record at {{path}} in {name} with {{body}}",
            f"post {{body}} to {{path}} on {name}",
            f"add {{body}} to {{path}} in {name}",
            f"make a new entry under {{path}} in {name}: {{body}}",
        ),
        once=habits.sends_key or bool(habits.key_field),
        issued=("id", "path"),
    )
    return Create(manifest, site)


def _replace(site: Site) -> Tool:
    name = site.name
    manifest = _manifest(
        site,
        "replace",
        "Replace a whole resource, or make one that does not exist.",
        {"path": _PATH, "body": _BODY},
        result=_WRITTEN,
        examples=(
            f"replace {{path}} in {name} with {{body}}",
            f"put {{body}} as {{path}} on {name}",
            f"overwrite {{path}} in {name} with {{body}}",
        ),
        once=True,  # a second PUT of the same leaves the same (RFC 9110, section 9.2.2), and If-Match refuses it
    )
    return Alter(manifest, site, whole=True)


def _change(site: Site) -> Tool:
    name = site.name
    changes: JsonObject = {**_BODY, "description": "fields and their new values; null takes a field away"}
    manifest = _manifest(
        site,
        "change",
        "Change fields of a resource; those not named stay. Give `changes`, or one `field` and its `value`.",
        {
            "path": _PATH,
            "changes": changes,
            "field": {"type": "string", "description": "name of one field"},
            "value": {"type": "string", "description": "its new value"},
        },
        required=("path",),
        roles={"path": "destination", "field": "destination"},
        result=_WRITTEN,
        examples=(
            f"set {{field}} to {{value}} at {{path}} in {name}",
            "set {field} to {value} at {path}",
            f"change the {{field}} of {{path}} to {{value}} in {name}",
            f"set the {{field}} of {{path}} on {name} to {{value}}",
            "change the {field} of {path} to {value}",
            "change {field} of {path} to {value}",
            f"update {{path}} in {name}: {{field}} becomes {{value}}",
            f"patch {{path}} on {name} with {{changes}}",
        ),
        once=True,  # a merge patch sent twice leaves the same, and If-Match refuses the second
    )
    return Alter(manifest, site, whole=False)


def _delete(site: Site) -> Tool:
    name, returns = site.name, bool(site.habits.recreatable)
    manifest = _manifest(
        site,
        "delete",
        "Delete a resource."
        if returns
        else "Delete a resource for good: this service is not known to make the same again.",
        {"path": _PATH},
        effect="write" if returns else "irreversible",
        result=_WRITTEN,
        examples=(
            f"delete {{path}} from {name}",
            f"delete {{path}} on {name}",
            f"remove {{path}} in {name}",
            f"delete the resource {{path}} of {name}",
        ),
        # What is gone carries no key. Where it can be made again, a deletion that somebody else did must not be adopted.
        once=not returns,
        verbs=_ALL if returns else _NO_UNDO,
    )
    return Delete(manifest, site)


def _manifest(  # noqa: PLR0913 - the fields of a manifest, all by name
    site: Site,
    verb: str,
    description: str,
    properties: Mapping[str, Json],
    *,
    result: JsonObject,
    examples: tuple[str, ...],
    effect: Effect = "write",
    required: tuple[str, ...] = (),
    roles: Mapping[str, Role] | None = None,
    once: bool = False,
    issued: tuple[str, ...] = (),
    verbs: frozenset[Verb] = _ALL,
) -> Manifest:
    # A query is a destination too: what stands in it leaves for the server's log.
    where: dict[str, Role] = {each: "destination" for each in properties if each in ("path", "query")}
    needed = required or tuple(each for each in properties if each in ("path", "body"))
    return Manifest(
        name=f"{site.name}.{verb}",
        description=description,
        parameters={
            "type": "object",
            "properties": properties,
            "required": list(needed),
            "additionalProperties": False,
        },
        effect=effect,
        result=result,
        examples=examples,
        once=once,
        roles=roles or where,
        issued=issued,
        verbs=verbs,
        timeout=max(60.0, 4 * site.timeout),
    )
