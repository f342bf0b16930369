"""Every HTTP tool keeps the promises of its verbs on a real service, with and without ETags and keys, and under lies."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from tests.connectors.http_server import PAGES, Service, http_server

from doer.connectors.tools.http import http_tools
from doer.domain.ports import Tool
from doer.domain.value import Json, JsonObject
from doer.testing.conformance import LIE, OF_ARGUMENTS, Honest, Make, check, check_names
from doer.testing.faults import KINDS, FaultyServer

LIES = tuple(name for name in KINDS if name not in ("slow", "refuse", "delay"))
Edit = Callable[[Service], object]
ARGUMENTS_OF = ("create with a key", "replace", "change", "change one field", "delete")
"""One case for each way to say what is to be done."""
ADA: JsonObject = {"email": "ada@acme.example", "name": "Ada", "title": "Backend Engineer"}


@dataclass(frozen=True)
class Case:
    """One tool, arguments that change something, what somebody else does to it, and the service's habits."""

    tool: str
    arguments: dict[str, Any]
    meddle: Edit
    remove: Edit
    service: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class OnHttp:
    """A case on a fresh service."""

    tool: Tool
    arguments: JsonObject
    case: Case
    world: Service

    async def observe(self) -> Json:
        seen: Json = self.world.world()
        return seen

    async def meddle(self) -> None:
        self.case.meddle(self.world)

    async def remove(self) -> None:
        self.case.remove(self.world)


@dataclass
class OnLyingHttp(OnHttp):
    """The same behind a proxy that is healthy until told."""

    proxy: FaultyServer
    lies: Sequence[str] = LIES

    async def lie(self, kind: str) -> None:
        reading = KINDS[kind].strikes == "reads"
        self.proxy.break_(kind, times=None if reading else 1, when=None if reading else _is_write)


def _is_write(method: str, target: str) -> bool:
    return method not in ("GET", "HEAD")


def _newest(service: Service, collection: str) -> str:
    return max(service.data[collection], key=lambda key: int(key) if key.isdigit() else 0)


def _edit(collection: str, key: str = "", **fields: Any) -> Edit:
    return lambda service: service.edit(collection, key or _newest(service, collection), **fields)


def _drop(collection: str, key: str = "") -> Edit:
    def drop(service: Service) -> None:
        del service.data[collection][key or _newest(service, collection)]

    return drop


def _put(collection: str, key: str, **fields: Any) -> Edit:
    def put(service: Service) -> None:
        service.data[collection][key] = fields
        service.touch(collection, key)

    return put


Acts = tuple[str, dict[str, Any], Edit, Edit]
_CREATE: Acts = ("create", {"path": "/people", "body": ADA}, _edit("people", title="Somebody else's"), _drop("people"))
_REPLACED = {"id": "4812", "title": "Login is slow", "status": "closed", "priority": 5, "tags": ["web"]}
_REPLACE: Acts = (
    "replace",
    {"path": "/tickets/4812", "body": _REPLACED},
    _edit("tickets", "4812", title="Somebody else's"),
    _drop("tickets", "4812"),
)
_CHANGE: Acts = (
    "change",
    {"path": "/tickets/4812", "changes": {"status": "closed", "assignee": "ana", "priority": None}},
    _edit("tickets", "4812", title="Somebody else's"),
    _drop("tickets", "4812"),
)
_DELETE: Acts = (
    "delete",
    {"path": "/pages/about"},
    _put("pages", "about", title="Another"),
    _put("pages", "about", **PAGES["about"]),  # what a deletion leaves is removed by making it again
)
_NATURAL = {"natural_key": "email"}

CASES = {
    "create with a key": Case(*_CREATE, settings={"once": "idempotency-key", **_NATURAL}),
    "create with a unique field": Case(
        *_CREATE, {"keys": False, "unique": "external_ref"}, {"once": "unique:external_ref"}
    ),
    "create at most once": Case(*_CREATE, {"keys": False}),
    "create by natural key": Case(*_CREATE, {"keys": False, "unique": "email"}, _NATURAL),
    "create without ETags": Case(*_CREATE, {"etags": False}, {"once": "idempotency-key", **_NATURAL}),
    "create without Location": Case(*_CREATE, {"locations": False, "ids": False}, _NATURAL),
    "create in pages": Case(*_CREATE, {"page": 1}, {"once": "idempotency-key", **_NATURAL}),
    "replace": Case(*_REPLACE),
    "replace without ETags": Case(*_REPLACE, {"etags": False}),
    "replace makes it": Case(
        "replace",
        {"path": "/pages/news", "body": {"title": "News", "text": "None yet", "menu": True}},
        _edit("pages", "news", text="Somebody else's"),
        _drop("pages", "news"),
    ),
    "change": Case(*_CHANGE),
    "change without ETags": Case(*_CHANGE, {"etags": False, "merge_patch": False}),
    "change one field": Case(
        "change", {"path": "/tickets/4812", "field": "priority", "value": "9"}, _CHANGE[2], _CHANGE[3]
    ),
    "delete": Case(*_DELETE, settings={"recreatable": ("/pages/*",)}),
    "delete without ETags": Case(*_DELETE, {"etags": False}, {"recreatable": ("/pages/*",)}),
    "delete for good": Case(*_DELETE),
}
LIED_TO = (
    "create with a key",
    "create with a unique field",
    "create at most once",
    "create in pages",
    "replace",
    "change without ETags",
    "delete",
)
"""One case for each way to write and to look for what was written: the others differ in what is sent, not in that."""


@pytest.fixture(scope="module")
def server() -> Iterator[Service]:
    with http_server() as service:
        yield service


@pytest.fixture(scope="module")
def honest(server: Service) -> dict[str, Honest]:
    return {name: Honest(_make(case, server)) for name, case in CASES.items()}


def _tools(url: str, case: Case) -> dict[str, Tool]:
    settings = {"volatile": ("updated_at",), "timeout": 30.0, **case.settings}
    return {each.manifest.name: each for each in http_tools("crm", url, writable=("*",), **settings)}


def _make(case: Case, service: Service) -> Make:
    @asynccontextmanager
    async def make() -> AsyncIterator[OnHttp]:
        service.reset(**case.service)
        yield OnHttp(_tools(service.url, case)[f"crm.{case.tool}"], case.arguments, case, service)

    return make


def _lying(case: Case, service: Service) -> Make:
    @asynccontextmanager
    async def make() -> AsyncIterator[OnLyingHttp]:
        service.reset(**case.service)
        async with FaultyServer(service.url) as proxy:
            tool = _tools(proxy.url, case)[f"crm.{case.tool}"]
            yield OnLyingHttp(tool, case.arguments, case, service, proxy)

    return make


def _checks() -> list[tuple[str, str]]:
    found = []
    for name, case in CASES.items():
        manifest = _tools("http://127.0.0.1:9/api", case)[f"crm.{case.tool}"].manifest
        lies = LIES if name in LIED_TO else ()
        checks = check_names(manifest.effect, once=manifest.once, verbs=manifest.verbs, lies=lies)
        found += [(name, each) for each in checks if name in ARGUMENTS_OF or each not in OF_ARGUMENTS]
    return found


@pytest.mark.parametrize(("case", "promise"), _checks())
async def test_an_http_tool_keeps_its_promise(
    server: Service, honest: dict[str, Honest], case: str, promise: str
) -> None:
    making = _lying if promise.startswith(LIE) else _make
    await check(promise, making(CASES[case], server), honest[case])


@pytest.mark.parametrize("tool", ["get", "list"])
@pytest.mark.parametrize("promise", check_names("read"))
async def test_a_reading_tool_keeps_its_promise(server: Service, tool: str, promise: str) -> None:
    path = "/tickets/4812" if tool == "get" else "/tickets"
    await check(promise, _make(Case(tool, {"path": path}, lambda service: None, lambda service: None), server))
