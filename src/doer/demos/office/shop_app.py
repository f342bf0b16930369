"""The office's web shop: a small JSON service with ETags, preconditions, idempotency keys and pages (RFC 9110, RFC 8288).

`/api/products` and `/api/announcements`, each with `/{key}`. A product's key is its sku; an announcement's is issued.
`POST /reset` with everything there shall be puts the service back to it. Kept in memory, for the life of the process.
"""

from __future__ import annotations

import argparse
import itertools
import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

PAGE = 2
"""Records on a page: few, so that every listing turns a page."""


@dataclass(slots=True)
class Shop:
    """The records, their versions, and which keys were used for what."""

    token: str
    data: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    versions: dict[tuple[str, str], int] = field(default_factory=dict)
    used: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    issue: Iterator[int] = field(default_factory=lambda: itertools.count(1001))

    def tag(self, kind: str, key: str) -> str:
        """The ETag of one record."""
        return f'"{key}-{self.versions.get((kind, key), 0)}"'

    def put(self, kind: str, key: str, record: dict[str, Any]) -> None:
        """Keep a record as its next version."""
        self.data[kind][key] = record
        self.versions[kind, key] = self.versions.get((kind, key), 0) + 1

    async def many(self, request: Request) -> Response:
        """List a page, or create a record, once for an idempotency key."""
        kind = request.path_params["kind"]
        if (refused := self._refused(request, kind)) is not None:
            return refused
        if request.method == "POST":
            return self._create(kind, await request.body(), request.headers.get("idempotency-key", ""))
        everything = sorted(self.data[kind].values(), key=lambda each: str(each["id"]))
        start = int(request.query_params.get("start", "0"))
        more = start + PAGE < len(everything)
        headers = {"Link": f'</api/{kind}?start={start + PAGE}>; rel="next"'} if more else {}
        return JSONResponse(everything[start : start + PAGE], headers=headers)

    def _create(self, kind: str, body: bytes, key: str) -> Response:
        if key in self.used:
            first, made = self.used[key]
            if first != body:
                return _problem(422, "this idempotency key was used for something else")
        else:
            made = str(next(self.issue))
            self.put(kind, made, {**json.loads(body), "id": made})
            if key:
                self.used[key] = (body, made)
        record = self.data[kind].get(made)
        if record is None:
            return _problem(410, "what was made with this key is gone")
        return JSONResponse(record, 201, {"Location": f"/api/{kind}/{made}", "ETag": self.tag(kind, made)})

    async def one(self, request: Request) -> Response:
        """Read, replace, change (RFC 7396) or delete a record, under If-Match and If-None-Match."""
        kind, key = request.path_params["kind"], request.path_params["key"]
        if (refused := self._refused(request, kind)) is not None:
            return refused
        there = self.data[kind].get(key)
        wanted, unwanted = request.headers.get("if-match"), request.headers.get("if-none-match")
        if (unwanted == "*" and there is not None) or (wanted and (there is None or wanted != self.tag(kind, key))):
            return _problem(412, "it is not as you have seen it")
        if request.method == "PUT":
            self.put(kind, key, {**json.loads(await request.body()), "id": key})
        elif there is None:
            return _problem(404, f"there is no {kind} {key}")
        elif request.method == "PATCH":
            merged = {**there, **json.loads(await request.body())}
            self.put(kind, key, {name: value for name, value in merged.items() if value is not None})
        elif request.method == "DELETE":
            del self.data[kind][key]
            return Response(status_code=204)
        return JSONResponse(self.data[kind][key], 200 if there else 201, {"ETag": self.tag(kind, key)})

    async def reset(self, request: Request) -> Response:
        """Take what is sent for everything there is."""
        if (refused := self._refused(request, None)) is not None:
            return refused
        self.data = await request.json()
        self.used.clear()
        for kind, records in self.data.items():
            for key in records:
                self.versions[kind, key] = self.versions.get((kind, key), 0) + 1
        return Response(status_code=204)

    def _refused(self, request: Request, kind: str | None) -> Response | None:
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return JSONResponse({"title": "a bearer token is needed"}, 401, {"WWW-Authenticate": "Bearer"})
        return _problem(404, f"there is no {kind}") if kind is not None and kind not in self.data else None


def _problem(status: int, title: str) -> Response:
    """Problem details (RFC 9457)."""
    return JSONResponse({"status": status, "title": title}, status, media_type="application/problem+json")


def make_app(shop: Shop) -> Starlette:
    """The application over one shop."""
    return Starlette(
        routes=[
            Route("/reset", shop.reset, methods=["POST"]),
            Route("/api/{kind}", shop.many, methods=["GET", "POST"]),
            Route("/api/{kind}/{key}", shop.one, methods=["GET", "PUT", "PATCH", "DELETE"]),
        ]
    )


def main() -> None:
    """Serve on a listening socket handed in as a file descriptor."""
    parser = argparse.ArgumentParser(description="Web shop of the office.")
    parser.add_argument("--fd", type=int, required=True)
    parser.add_argument("--token", required=True)
    chosen = parser.parse_args()
    config = uvicorn.Config(
        make_app(Shop(chosen.token)), log_level="warning", lifespan="off", access_log=False, ws="none",
        timeout_graceful_shutdown=1,
    )  # fmt: skip
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=chosen.fd)])


if __name__ == "__main__":
    main()
