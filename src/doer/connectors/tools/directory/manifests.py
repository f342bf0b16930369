"""The tools of one directory and what each says of itself: parameters, roles, wordings, effect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from doer.connectors.tools.directory.change import ChangeUser
from doer.connectors.tools.directory.connection import Directory
from doer.connectors.tools.directory.create import Create
from doer.connectors.tools.directory.delete import Delete
from doer.connectors.tools.directory.kinds import Groups, Users
from doer.connectors.tools.directory.membership import Membership
from doer.connectors.tools.directory.reads import Find
from doer.connectors.tools.directory.scim import Scim
from doer.domain.action import Effect, Manifest, Role, Verb
from doer.domain.errors import UsageError
from doer.domain.ports import Credential, Tool
from doer.domain.value import Json, JsonObject

_ALL: frozenset[Verb] = frozenset({"preview", "apply", "verify", "undo"})
_NO_UNDO: frozenset[Verb] = frozenset({"preview", "apply", "verify"})

_USER = "user name, display name, mail address or id of one user"
_GROUP = "display name or id of one group"
_TEXTS: Mapping[str, str] = {
    "user_name": "the name the user signs in with; unique in the directory",
    "given_name": "first name",
    "family_name": "last name",
    "display_name": "the name others see",
    "email": "primary work address",
    "title": "job title",
    "department": "department",
    "manager": f"the manager: {_USER}",
}


def directory_tools(name: str, url: str, *, token: Credential | None = None, timeout: float = 10) -> list[Tool]:
    """Return the tools of the directory at `url` (a SCIM 2.0 base, RFC 7644), named `{name}.find_users` and so on.

    `token` gives a bearer token whenever the server is spoken to; `timeout` is in seconds for each request. Nothing is contacted here. Raises UsageError for
    an address that is not http or https.
    """
    if not url.startswith(("http://", "https://")):
        raise UsageError(f"the directory {name!r} needs an http:// or https:// address, and {url!r} is none")
    one = Directory(name, Scim(url, token, timeout, name=name))
    limit = max(30.0, 4 * timeout)
    return [*_reads(one, limit), *_of_users(one, limit), *_of_groups(one, limit)]


def _reads(one: Directory, limit: float) -> list[Tool]:
    users = _manifest(
        f"{one.name}.find_users",
        "Find users in the directory; every filter given must match.",
        {**_strings("user_name", "email"), "name": _string("full name, or display name"), "group": _string(_GROUP),
         "active": {"type": "boolean", "description": "whether the account is switched on"}},
        effect="read",
        result={"users": {"type": "array", "items": {"type": "object"}}, "count": {"type": "integer"}},
        examples=("find the user {user_name}", "who is {name} in the directory", "list the members of {group}"),
        timeout=limit,
    )  # fmt: skip
    groups = _manifest(
        f"{one.name}.find_groups",
        "Find groups in the directory, by name or by a member.",
        {"display_name": _string("display name of the group"), "member": _string(_USER)},
        effect="read",
        result={"groups": {"type": "array", "items": {"type": "object"}}, "count": {"type": "integer"}},
        examples=("find the group {display_name}", "which groups is {member} in"),
        timeout=limit,
    )
    return [Find(users, one, "Users"), Find(groups, one, "Groups")]


def _of_users(one: Directory, limit: float) -> list[Tool]:
    created = _manifest(
        f"{one.name}.create_user",
        "Create a user account in the directory.",
        {**_strings("user_name", "given_name", "family_name", "email", "title", "department", "manager"),
         "active": {"type": "boolean", "default": True, "description": "whether the account is switched on"}},
        required=("user_name", "given_name", "family_name", "email"),
        roles={"user_name": "destination", "email": "destination", "manager": "authority", "active": "authority"},
        result={"id": {"type": "string"}, "user_name": {"type": "string"}},
        examples=(
            "create a directory account {user_name} for {given_name} {family_name} with email {email}",
            "add the user {user_name} ({given_name} {family_name}, {email}) to the directory as {title}",
        ),
        once=True,
        issued=("id",),
        timeout=limit,
    )  # fmt: skip
    changed = _manifest(
        f"{one.name}.change_user",
        "Change fields of a user in the directory; those not named stay as they are.",
        {"user": _string(_USER),
         **_strings("given_name", "family_name", "display_name", "email", "title", "department", "manager")},
        required=("user",),
        roles={"user": "destination", "email": "destination", "manager": "authority"},
        result={"user_name": {"type": "string"}},
        examples=(
            "change the title of {user} to {title}",
            "move {user} to the department {department}",
            "set the manager of {user} to {manager}",
        ),
        once=True,
        timeout=limit,
    )  # fmt: skip
    deleted = _deletion(
        f"{one.name}.delete_user",
        "Delete a user account for good. Deactivating can be taken back, deleting cannot.",
        {"user": _string(_USER)},
        ("delete the user {user} from the directory", "delete the directory account of {user} for good"),
        limit,
    )
    switches = [
        ChangeUser(_switch(one, "deactivate_user", "off", "deactivate", limit), one, {"active": False}),
        ChangeUser(_switch(one, "activate_user", "on", "activate", limit), one, {"active": True}),
    ]
    return [Create(created, one, Users()), ChangeUser(changed, one), *switches, Delete(deleted, one, "Users")]


def _switch(one: Directory, verb: str, state: str, word: str, limit: float) -> Manifest:
    return _manifest(
        f"{one.name}.{verb}",
        f"Switch a user account {state}, keeping all else.",
        {"user": _string(_USER)},
        required=("user",),
        roles={"user": "destination"},
        result={"user_name": {"type": "string"}},
        examples=(f"{word} the account of {{user}}", f"{word} {{user}} in the directory"),
        once=True,
        timeout=limit,
    )


def _of_groups(one: Directory, limit: float) -> list[Tool]:
    created = _manifest(
        f"{one.name}.create_group",
        "Create an empty group in the directory.",
        {"display_name": _string("display name of the group")},
        required=("display_name",),
        roles={"display_name": "destination"},
        result={"id": {"type": "string"}, "display_name": {"type": "string"}},
        examples=("create the group {display_name}", "create a directory group called {display_name}"),
        issued=("id",),
        timeout=limit,
    )
    deleted = _deletion(
        f"{one.name}.delete_group",
        "Delete a group for good; a new one of that name has another id.",
        {"group": _string(_GROUP)},
        ("delete the group {group}", "delete the group {group} from the directory"),
        limit,
    )
    adds = _membership(one, "add_to_group", "Make a user a member of a group.", limit, (
        "add {user} to the group {group}", "add {user} to {group}", "make {user} a member of {group}"))  # fmt: skip
    removes = _membership(one, "remove_from_group", "End a user's membership of a group.", limit, (
        "remove {user} from the group {group}", "remove {user} from {group}", "take {user} out of {group}"))  # fmt: skip
    return [
        Create(created, one, Groups()),
        Delete(deleted, one, "Groups"),
        Membership(adds, one, adds=True),
        Membership(removes, one, adds=False),
    ]


def _deletion(name: str, description: str, one: JsonObject, examples: tuple[str, ...], limit: float) -> Manifest:
    return _manifest(
        name,
        description,
        one,
        required=tuple(one),
        effect="irreversible",
        roles=dict.fromkeys(one, "destination"),
        result={"name": {"type": "string"}},
        examples=examples,
        once=True,
        verbs=_NO_UNDO,
        timeout=limit,
    )


def _membership(one: Directory, verb: str, description: str, limit: float, examples: tuple[str, ...]) -> Manifest:
    return _manifest(
        f"{one.name}.{verb}",
        description,
        {"user": _string(_USER), "group": _string(_GROUP)},
        required=("user", "group"),
        roles={"user": "destination", "group": "authority"},
        result={"group": {"type": "string"}, "user_name": {"type": "string"}, "changed": {"type": "boolean"}},
        examples=examples,
        once=True,
        timeout=limit,
    )


def _manifest(  # noqa: PLR0913 - a manifest is all of these, by name
    name: str,
    description: str,
    properties: JsonObject,
    *,
    required: Sequence[str] = (),
    effect: Effect = "write",
    roles: Mapping[str, Role] | None = None,
    result: JsonObject,
    examples: tuple[str, ...],
    once: bool = False,
    issued: tuple[str, ...] = (),
    verbs: frozenset[Verb] = _ALL,
    timeout: float,
) -> Manifest:
    return Manifest(
        name=name,
        description=description,
        parameters=_object(properties, required),
        effect=effect,
        result={"type": "object", "properties": result, "required": list(result)},
        examples=examples,
        once=once,
        roles=roles or {},
        issued=issued,
        verbs=verbs,
        timeout=timeout,
    )


def _object(properties: JsonObject, required: Sequence[str]) -> JsonObject:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


def _string(description: str) -> Json:
    return {"type": "string", "minLength": 1, "maxLength": 256, "description": description}


def _strings(*names: str) -> dict[str, Json]:
    return {name: _string(_TEXTS[name]) for name in names}
