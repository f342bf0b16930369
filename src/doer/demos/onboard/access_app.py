"""An example application of a company: access grants over HTTP, with ETags and preconditions (RFC 9110, section 13).

GET /grants?person=&resource=  ·  GET, PUT, DELETE /grants/{id}. A grant is {"person", "resource", "level"}.
"""

from __future__ import annotations

import argparse
import socket
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from doer.demos.onboard.access_store import GRANT_ID, Conditions, GrantStore, Refusal, parse_content

FILTERS = frozenset({"person", "resource"})


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The four requests; each needs `Authorization: Bearer <token>`."""

    store: GrantStore
    token: str

    def find(self, request: Request) -> Response:
        """List grants, filtered by person and resource."""
        self._authorise(request)
        unknown = sorted(set(request.query_params) - FILTERS)
        if unknown:
            raise Refusal(400, f"unknown filters: {', '.join(unknown)}; there are {', '.join(sorted(FILTERS))}")
        found = self.store.find(dict(request.query_params))
        return JSONResponse({"grants": [grant.shown() for grant in found]})

    def read(self, request: Request) -> Response:
        """Read one grant; 304 when the client's copy is still current."""
        grant_id = self._authorise(request)
        grant = self.store.get(grant_id)
        if grant is None:
            raise Refusal(404, f"no grant {grant_id}")
        if not Conditions(None, request.headers.get("if-none-match")).holds(grant):
            return Response(status_code=304, headers={"ETag": grant.etag})
        return JSONResponse(grant.shown(), headers={"ETag": grant.etag})

    async def write(self, request: Request) -> Response:
        """Create (201) or replace (200) one grant, under If-Match and If-None-Match."""
        grant_id = self._authorise(request)
        content = parse_content(await request.body(), grant_id)
        grant, is_new = await run_in_threadpool(self.store.put, grant_id, content, _conditions(request))
        return JSONResponse(grant.shown(), status_code=201 if is_new else 200, headers={"ETag": grant.etag})

    def remove(self, request: Request) -> Response:
        """Delete one grant (204), under If-Match."""
        self.store.delete(self._authorise(request), _conditions(request))
        return Response(status_code=204)

    def _authorise(self, request: Request) -> str:
        if request.headers.get("authorization") != f"Bearer {self.token}":
            raise Refusal(401, "a bearer token is needed")
        grant_id = str(request.path_params.get("grant_id", ""))
        if "grant_id" in request.path_params and not GRANT_ID.match(grant_id):
            raise Refusal(400, "an id has 1 to 200 letters, digits and ._@:+-")
        return grant_id


def _conditions(request: Request) -> Conditions:
    return Conditions(request.headers.get("if-match"), request.headers.get("if-none-match"))


def _refuse(_: Request, error: Exception) -> Response:
    if not isinstance(error, Refusal):
        raise error
    headers = {"WWW-Authenticate": "Bearer"} if error.status == 401 else None
    return JSONResponse({"error": error.reason}, status_code=error.status, headers=headers)


def make_app(store: GrantStore, token: str) -> Starlette:
    """The application over one store."""
    endpoints = Endpoints(store, token)
    one = "/grants/{grant_id:path}"
    routes = [
        Route("/grants", endpoints.find, methods=["GET"]),
        Route(one, endpoints.read, methods=["GET"]),
        Route(one, endpoints.write, methods=["PUT"]),
        Route(one, endpoints.remove, methods=["DELETE"]),
    ]
    return Starlette(routes=routes, exception_handlers={Refusal: _refuse})


def main() -> None:
    """Serve on a listening socket handed in by the supervisor as a file descriptor."""
    parser = argparse.ArgumentParser(description="Access grants of the demo company.")
    parser.add_argument("--fd", type=int, required=True)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--token", required=True)
    chosen = parser.parse_args()
    app = make_app(GrantStore(chosen.store), chosen.token)
    config = uvicorn.Config(
        app, log_level="warning", lifespan="off", access_log=False, ws="none", timeout_graceful_shutdown=1
    )
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=chosen.fd)])


if __name__ == "__main__":
    main()
