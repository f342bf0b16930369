"""A real JSON service for tests: starlette under uvicorn, with ETags, idempotency keys, pages, problem details, limits."""

import asyncio
import itertools
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

TOKEN = "throw-away-4f9c"
TICKETS: dict[str, dict[str, Any]] = {
    "4811": {"id": "4811", "title": "Printer on fire", "status": "open", "priority": 2, "tags": ["hardware"]},
    "4812": {"id": "4812", "title": "Login is slow", "status": "open", "priority": 3, "tags": ["web", "sso"]},
    "4813": {"id": "4813", "title": "Wrong total", "status": "closed", "priority": 1, "tags": []},
}
PEOPLE: dict[str, dict[str, Any]] = {
    "1": {"id": "1", "email": "grace@acme.example", "name": "Grace", "title": "Admiral"},
    "2": {"id": "2", "email": "linus@acme.example", "name": "Linus", "title": "Engineer"},
}
PAGES: dict[str, dict[str, Any]] = {
    "home": {"title": "Home", "text": "Welcome", "menu": True},
    "about": {"title": "About", "text": "Who we are", "menu": False},
}


@dataclass
class Service:
    """The service's state and habits; a test looks at the state and edits it directly, as the system of record."""

    etags: bool = True
    """Answer strong ETags, and keep If-Match and If-None-Match."""
    keys: bool = True
    """Honour Idempotency-Key."""
    unique: str = ""
    """Field that must be unique in a collection."""
    locations: bool = True
    """Say with Location where a record was made."""
    ids: bool = True
    """Answer a creation with the record."""
    page: int = 100
    listable: bool = True
    merge_patch: bool = True
    """Know application/merge-patch+json."""
    answers: list[Response] = field(default_factory=list)
    """Answers to give, once each, before anything is looked at."""
    extra: dict[str, str] = field(default_factory=dict)
    """Headers of every answer."""
    instead: Response | None = None
    """Answer to the next write, which is not carried out."""
    before_write: Callable[[], None] | None = None
    """What somebody else does in the moment before a write is carried out; once."""
    port: int = 0
    data: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    versions: dict[tuple[str, str], int] = field(default_factory=dict)
    remembered: dict[str, tuple[int, str, str]] = field(default_factory=dict)
    seen: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    """Method, target and headers of every request."""
    counter: Iterator[int] = field(default_factory=lambda: itertools.count(5000))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api"

    def reset(self, **habits: Any) -> "Service":
        port = self.port
        self.__init__(port=port, **habits)  # type: ignore[misc]  # every habit as at first
        fresh = {"tickets": TICKETS, "people": PEOPLE, "pages": PAGES, "empty": {}}
        self.data = json.loads(json.dumps(fresh))
        return self

    def world(self) -> Any:
        """Everything, less ids that the service issues and times that it sets."""
        return {
            name: sorted(json.dumps(_plain(name, key, each), sort_keys=True) for key, each in records.items())
            for name, records in self.data.items()
        }

    def edit(self, collection: str, key: str, **fields: Any) -> None:
        """Change a record as somebody else would."""
        self.data[collection][key] = {**self.data[collection][key], **fields}
        self.touch(collection, key)

    def touch(self, collection: str, key: str) -> None:
        self.versions[(collection, key)] = self.versions.get((collection, key), 0) + 1

    def tag(self, collection: str, key: str) -> str:
        return f'"{key}-{self.versions.get((collection, key), 0)}"'

    def methods(self) -> list[str]:
        return [method for method, _, _ in self.seen]


def _plain(collection: str, key: str, record: dict[str, Any]) -> dict[str, Any]:
    shown = {name: value for name, value in record.items() if name not in ("updated_at", "idempotency_key")}
    issued = key.isdigit() and int(key) >= 5000
    if issued:
        shown.pop("id", None)
    if "external_ref" in shown:
        shown["external_ref"] = "set"
    return shown if issued else {**shown, "at": key}


def problem(status: int, title: str, detail: str = "", **headers: str) -> JSONResponse:
    """An answer with problem details (RFC 9457)."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def _app(service: Service) -> Starlette:
    async def collection(request: Request) -> Response:
        return _first(service, request) or await _collection(service, request)

    async def record(request: Request) -> Response:
        return _first(service, request) or await _record(service, request)

    async def elsewhere(request: Request) -> Response:
        return _first(service, request) or Response(status_code=302, headers={"Location": request.query_params["to"]})

    return Starlette(
        routes=[
            Route("/api/go", elsewhere, methods=["GET", "POST"]),
            Route("/api/{collection}", collection, methods=["GET", "POST"]),
            Route("/api/{collection}/{key}/", record, methods=["GET", "PUT", "PATCH", "DELETE"]),
            Route("/api/{collection}/{key}", record, methods=["GET", "PUT", "PATCH", "DELETE"]),
        ]
    )


def _first(service: Service, request: Request) -> Response | None:
    target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    service.seen.append((request.method, target, dict(request.headers)))
    if request.method != "GET" and service.instead is not None:
        answer, service.instead = service.instead, None
        return answer
    return service.answers.pop(0) if service.answers else None


async def _collection(service: Service, request: Request) -> Response:
    name = request.path_params["collection"]
    records = service.data.get(name)
    if records is None:
        return problem(404, "Not found", f"there is no {name}")
    if request.method == "POST":
        return await _post(service, request, name, records)
    if not service.listable:
        return problem(405, "Method not allowed")
    every = [{"id": key, **record} for key, record in records.items()]
    wanted = {name: value for name, value in request.query_params.items() if name in ("status", "email")}
    every = [each for each in every if all(each.get(name) == value for name, value in wanted.items())]
    start = int(request.query_params.get("start", "0"))
    headers = dict(service.extra)
    if start + service.page < len(every):
        headers["Link"] = f'</api/{name}?start={start + service.page}>; rel="next", </api/{name}>; rel="first"'
    return JSONResponse(every[start : start + service.page], headers=headers)


async def _post(service: Service, request: Request, name: str, records: dict[str, dict[str, Any]]) -> Response:
    content = (await request.body()).decode()
    body = json.loads(content)
    sent_key = request.headers.get("idempotency-key", "")
    if service.keys and sent_key in service.remembered:
        status, first, place = service.remembered[sent_key]
        if first != content:
            return problem(422, "Idempotency-Key is already used", "for another payload")
        return _made(service, name, place, status)
    if not isinstance(body.get("title", ""), str):
        return problem(422, "Unprocessable", "title must be a text", **service.extra)
    taken = [
        key for key, each in records.items() if service.unique and each.get(service.unique) == body[service.unique]
    ]
    if taken:
        return problem(409, "Conflict", f"{service.unique} is taken")
    key = str(next(service.counter))
    records[key] = {**body, "id": key, "updated_at": "2026-11-21T14:00:00Z"}
    if service.keys and sent_key:
        service.remembered[sent_key] = (201, content, key)
    return _made(service, name, key, 201)


def _made(service: Service, name: str, key: str, status: int) -> Response:
    headers = {"Location": f"/api/{name}/{key}"} if service.locations else {}
    record = service.data[name].get(key, {})
    return JSONResponse(record if service.ids else {"ok": True}, status, {**headers, **service.extra})


async def _record(service: Service, request: Request) -> Response:
    name, key = request.path_params["collection"], request.path_params["key"]
    if request.method != "GET" and service.before_write is not None:
        act, service.before_write = service.before_write, None
        act()
    records = service.data.get(name, {})
    there = key in records
    if service.etags:
        wanted, refused = request.headers.get("if-match"), request.headers.get("if-none-match")
        if (refused == "*" and there) or (wanted is not None and (not there or wanted != service.tag(name, key))):
            return problem(412, "Precondition failed")
    if request.method == "PUT":
        records[key] = json.loads(await request.body())
        service.touch(name, key)
        return _shown(service, name, key, 200 if there else 201)
    if not there:
        return problem(404, "Not found", f"no {name} {key}")
    if request.method == "PATCH":
        if not service.merge_patch and "merge-patch" in request.headers["content-type"]:
            return problem(415, "Unsupported media type")
        records[key] = _merged(records[key], json.loads(await request.body()))
        service.touch(name, key)
    if request.method == "DELETE":
        del records[key]
        service.touch(name, key)
        return Response(status_code=204)
    return _shown(service, name, key, 200)


def _shown(service: Service, name: str, key: str, status: int) -> Response:
    headers = {"ETag": service.tag(name, key)} if service.etags else {}
    return JSONResponse(service.data[name][key], status, {**headers, **service.extra})


def _merged(target: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        result[name] = _merged(result.get(name), value)
    return {name: value for name, value in result.items() if name not in patch or patch[name] is not None}


@contextmanager
def http_server() -> Iterator[Service]:
    """Start the service on a free port; requests wait in the socket's queue until it is up."""
    service = Service()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        service.port = listening.getsockname()[1]
        config = uvicorn.Config(_app(service), log_level="error", lifespan="off", access_log=False, date_header=False)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listening])), daemon=True)
        thread.start()
        try:
            yield service.reset()
        finally:
            server.should_exit = True
            thread.join(timeout=10)
