"""A real SCIM directory for tests: scim2-server as a process, seeded, with an observer that shares no code with doer."""

import http.client
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from doer.demos.onboard.servers import free_port

TOKEN = "throw-away"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PEOPLE = (("grace@acme.example", "Grace", "Hopper"), ("linus@acme.example", "Linus", "Berg"))
NAMESAKES = (("ana@acme.example", "Ana", "Lopez"), ("ana2@acme.example", "Ana", "Lopez"))
GROUPS = {"engineering": ("grace@acme.example", "linus@acme.example"), "sales": ("ana@acme.example",)}


@dataclass
class World:
    """The directory as somebody else sees and edits it, straight at the server."""

    url: str
    ids: dict[str, str] = field(default_factory=dict)
    seeded: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Place -> id -> record, as the server told it right after the seed; empty before."""

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        place = urlsplit(self.url)
        connection = http.client.HTTPConnection(str(place.hostname), place.port, timeout=20)
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/scim+json"}
        with closing(connection):
            connection.request(method, f"{place.path}/{path}", None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            content = answer.read()
        assert answer.status < 300, (method, path, answer.status, content)
        return json.loads(content) if content else None

    def all(self, place: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while True:
            page = self.ask("GET", f"{place}?count=1000&startIndex={len(found) + 1}")
            found += page.get("Resources", [])
            if len(found) >= page["totalResults"]:
                return found

    def held(self) -> dict[str, dict[str, Any]]:
        """Place -> id -> record."""
        return {place: {each["id"]: each for each in self.all(place)} for place in ("Groups", "Users")}

    def user(self, user_name: str) -> dict[str, Any]:
        return next(each for each in self.all("Users") if each["userName"] == user_name)

    def group(self, name: str) -> dict[str, Any]:
        return next(each for each in self.all("Groups") if each["displayName"] == name)

    def members(self, name: str) -> set[str]:
        names = {each["id"]: each["userName"] for each in self.all("Users")}
        return {names.get(each["value"], each["value"]) for each in self.group(name).get("members", [])}

    def add_user(self, user_name: str, given: str, family: str, **more: Any) -> str:
        record = {
            "schemas": [USER],
            "userName": user_name,
            "name": {"givenName": given, "familyName": family},
            "displayName": f"{given} {family}",
            "emails": [{"value": user_name, "type": "work", "primary": True}],
            "active": True,
            **more,
        }
        self.ids[user_name] = self.ask("POST", "Users", record)["id"]
        return self.ids[user_name]

    def add_group(self, name: str, *members: str) -> str:
        listed = [{"value": self.ids[each], "type": "User"} for each in members]
        self.ids[name] = self.ask("POST", "Groups", {"schemas": [GROUP], "displayName": name, "members": listed})["id"]
        return self.ids[name]

    def patch(self, place: str, id_: str, *operations: Any) -> None:
        schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"]
        self.ask("PATCH", f"{place}/{id_}", {"schemas": schemas, "Operations": list(operations)})

    def seen(self) -> Any:
        """Everything, less what the server issues: ids, dates, versions; keys are shown as being there."""
        there = self.all("Users")
        names = {each["id"]: each["userName"] for each in there}
        users = [_plain(each, names) for each in there]
        groups = [_plain(each, names) for each in self.all("Groups")]
        return sorted(json.dumps(each, sort_keys=True) for each in (*users, *groups))


def _plain(record: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    shown = {name: value for name, value in record.items() if name not in ("id", "meta", "schemas", "members")}
    if "externalId" in shown:
        shown["externalId"] = "set"
    if "members" in record:
        shown["members"] = sorted(names.get(each["value"], "nobody") for each in record["members"])
    manager = shown.get(ENTERPRISE, {}).get("manager", {})
    if "value" in manager:
        shown[ENTERPRISE] = {**shown[ENTERPRISE], "manager": names.get(manager["value"], manager["value"])}
    return {name: value for name, value in shown.items() if value not in ([], {})}


def seed(world: World) -> None:
    for user_name, given, family in (*PEOPLE, *NAMESAKES):
        world.add_user(user_name, given, family, title="Engineer")
    for name, members in GROUPS.items():
        world.add_group(name, *members)


@contextmanager
def directory_server(config: Path | None = None) -> Iterator[World]:
    """Start an empty scim2-server; `config` names a file with another ServiceProviderConfig."""
    port = free_port()
    arguments = ["-m", "scim2_server.testserver.cli", "--port", str(port), "--bearer-token", TOKEN]
    arguments += ["--service-provider-config", str(config)] if config else []
    with subprocess.Popen(
        [sys.executable, *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL
    ) as process:
        try:
            assert process.stdout is not None
            assert b"Serving SCIM" in process.stdout.readline()  # It says so once it listens.
            yield World(f"http://127.0.0.1:{port}/v2")
        finally:
            process.kill()


def fresh(world: World) -> World:
    """Put the seed back, where somebody has touched it: the same world as a new process for every test, and faster."""
    held = world.held()
    if not world.seeded or not _mended(world, held):
        for place, records in world.held().items():
            for id_ in records:
                world.ask("DELETE", f"{place}/{id_}")
        world.ids.clear()
        seed(world)
        world.seeded = world.held()
    return world


def _mended(world: World, held: dict[str, dict[str, Any]]) -> bool:
    """Put back the records that differ, one by one; tell whether that has brought back the seed."""
    world.ids = {_name(each): id_ for records in world.seeded.values() for id_, each in records.items()}
    if held == world.seeded:
        return True
    before = _shape(world.seeded)
    for place, records in held.items():
        for id_ in records.keys() - world.seeded[place].keys():
            world.ask("DELETE", f"{place}/{id_}")
    anew = set()
    for id_, record in world.seeded["Users"].items():
        if id_ not in held["Users"]:
            anew.add(id_)
            world.ids[_name(record)] = world.ask("POST", "Users", _own(record))["id"]
        elif _own(held["Users"][id_]) != _own(record):
            world.ask("PUT", f"Users/{id_}", _own(record))
    for id_, record in world.seeded["Groups"].items():
        members = {each["value"] for each in record.get("members", [])}
        names = [_name(world.seeded["Users"][each]) for each in members]
        body = {**_own(record), "members": [{"value": world.ids[each], "type": "User"} for each in names]}
        if id_ not in held["Groups"]:
            world.ids[_name(record)] = world.ask("POST", "Groups", body)["id"]
        elif members & anew or _own(held["Groups"][id_]) != _own(record):
            world.ask("PUT", f"Groups/{id_}", body)
    world.seeded = world.held()
    return _shape(world.seeded) == before


def _name(record: dict[str, Any]) -> str:
    return str(record.get("userName") or record["displayName"])


def _own(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name not in ("id", "meta", "groups")}


def _shape(held: dict[str, dict[str, Any]]) -> list[str]:
    names = {id_: each["userName"] for id_, each in held["Users"].items()}
    shown = [_plain(_own(each), names) for records in held.values() for each in records.values()]
    return sorted(json.dumps(each, sort_keys=True) for each in shown)
