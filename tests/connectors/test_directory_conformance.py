"""Every tool of the directory keeps the promises of its verbs on a real SCIM server, also behind a server that lies."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from tests.connectors.directory_server import TOKEN, World, fresh

from doer.connectors.secrets import fixed
from doer.connectors.tools.directory import directory_tools
from doer.domain.ports import Tool
from doer.domain.value import Json, JsonObject
from doer.testing.conformance import LIE, Honest, Make, check, check_names
from doer.testing.faults import KINDS, FaultyServer

ADA: JsonObject = {
    "user_name": "ada@acme.example",
    "given_name": "Ada",
    "family_name": "Lovelace",
    "email": "ada@acme.example",
    "title": "Backend Engineer",
    "department": "backend",
    "manager": "Grace Hopper",
}
LIES = tuple(name for name in KINDS if name not in ("slow", "refuse", "delay"))
LIED_TO = ("create_user", "change_user", "add_to_group", "remove_from_group", "delete_user")
"""One tool for each way to write: the others send their requests, and read them back, by the same code."""
Edit = Callable[[World], object]


@dataclass(frozen=True)
class Case:
    """One tool, arguments that change something, and what somebody else does to it."""

    tool: str
    arguments: JsonObject
    meddle: Edit
    remove: Edit


@dataclass
class OnScim:
    """A case on a fresh server."""

    tool: Tool
    arguments: JsonObject
    case: Case
    world: World

    async def observe(self) -> Json:
        seen: Json = await asyncio.to_thread(self.world.seen)
        return seen

    async def meddle(self) -> None:
        await asyncio.to_thread(self.case.meddle, self.world)

    async def remove(self) -> None:
        await asyncio.to_thread(self.case.remove, self.world)


@dataclass
class OnLyingScim(OnScim):
    """The same behind a proxy that is healthy until told."""

    proxy: FaultyServer
    lies: Sequence[str] = LIES

    async def lie(self, kind: str) -> None:
        reading = KINDS[kind].strikes == "reads"
        self.proxy.break_(kind, times=None if reading else 1, when=None if reading else _is_write)


def _is_write(method: str, target: str) -> bool:
    return method not in ("GET", "HEAD")


def _retitle(user_name: str) -> Edit:
    def edit(world: World) -> None:
        world.patch(
            "Users", world.user(user_name)["id"], {"op": "replace", "path": "title", "value": "Somebody else's"}
        )

    return edit


def _remove_user(user_name: str) -> Edit:
    return lambda world: world.ask("DELETE", f"Users/{world.user(user_name)['id']}")


def _rename_group(name: str) -> Edit:
    def edit(world: World) -> None:
        world.patch("Groups", world.group(name)["id"], {"op": "replace", "path": "displayName", "value": "renamed"})

    return edit


def _membership(user_name: str, group: str, *, add: bool) -> Edit:
    def edit(world: World) -> None:
        id_ = world.user(user_name)["id"]
        remove = {"op": "remove", "path": f'members[value eq "{id_}"]'}
        operation = {"op": "add", "path": "members", "value": [{"value": id_, "type": "User"}]} if add else remove
        world.patch("Groups", world.group(group)["id"], operation)

    return edit


def _join(name: str) -> Edit:
    return _membership("grace@acme.example", name, add=True)


CASES = {
    "create_user": Case("create_user", ADA, _retitle("ada@acme.example"), _remove_user("ada@acme.example")),
    "change_user": Case(
        "change_user",
        {"user": "linus@acme.example", "title": "Staff Engineer", "department": "platform", "manager": "Grace Hopper"},
        _retitle("linus@acme.example"),
        _remove_user("linus@acme.example"),
    ),
    "deactivate_user": Case(
        "deactivate_user",
        {"user": "Linus Berg"},
        _retitle("linus@acme.example"),
        _remove_user("linus@acme.example"),
    ),
    "add_to_group": Case(
        "add_to_group",
        {"user": "linus@acme.example", "group": "sales"},
        _rename_group("sales"),
        _membership("linus@acme.example", "sales", add=False),
    ),
    "remove_from_group": Case(
        "remove_from_group",
        {"user": "linus@acme.example", "group": "engineering"},
        _rename_group("engineering"),
        _membership("linus@acme.example", "engineering", add=True),
    ),
    "create_group": Case(
        "create_group",
        {"display_name": "backend"},
        _join("backend"),
        lambda world: world.ask("DELETE", f"Groups/{world.group('backend')['id']}"),
    ),
    "delete_user": Case(
        "delete_user",
        {"user": "linus@acme.example"},
        lambda world: world.add_user("linus@acme.example", "Another", "Linus"),
        lambda world: None,
    ),
    "delete_group": Case(
        "delete_group", {"group": "sales"}, lambda world: world.add_group("sales"), lambda world: None
    ),
}


@pytest.fixture(scope="module")
def server(scim: World) -> World:
    return scim


def _make(case: Case, world: World) -> Make:
    @asynccontextmanager
    async def make() -> AsyncIterator[OnScim]:
        await asyncio.to_thread(fresh, world)
        yield OnScim(_tool(world.url, case), case.arguments, case, world)

    return make


def _lying(case: Case, world: World) -> Make:
    @asynccontextmanager
    async def make() -> AsyncIterator[OnLyingScim]:
        await asyncio.to_thread(fresh, world)
        async with FaultyServer(world.url) as proxy:
            yield OnLyingScim(_tool(proxy.url, case), case.arguments, case, world, proxy)

    return make


def _tool(url: str, case: Case) -> Tool:
    tools = directory_tools("hr", url, token=fixed(TOKEN), timeout=30)
    return next(each for each in tools if each.manifest.name == f"hr.{case.tool}")


def _checks() -> list[tuple[str, str]]:
    manifests = {each.manifest.name: each.manifest for each in directory_tools("hr", "http://127.0.0.1:9/v2")}
    return [
        (tool, name)
        for tool in CASES
        for manifest in [manifests[f"hr.{tool}"]]
        for lies in [LIES if tool in LIED_TO else ()]
        for name in check_names(manifest.effect, once=manifest.once, verbs=manifest.verbs, lies=lies)
    ]


@pytest.fixture(scope="module")
def honest(server: World) -> dict[str, Honest]:
    return {tool: Honest(_make(case, server)) for tool, case in CASES.items()}


@pytest.mark.parametrize(("tool", "promise"), _checks())
async def test_a_directory_tool_keeps_its_promise(
    server: World, honest: dict[str, Honest], tool: str, promise: str
) -> None:
    making = _lying if promise.startswith(LIE) else _make
    await check(promise, making(CASES[tool], server), honest[tool])


@pytest.mark.parametrize("tool", ["find_users", "find_groups"])
@pytest.mark.parametrize("promise", check_names("read"))
async def test_a_reading_tool_keeps_its_promise(server: World, tool: str, promise: str) -> None:
    await check(promise, _make(Case(tool, {}, lambda world: None, lambda world: None), server))
