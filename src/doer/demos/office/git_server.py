"""The office's git host: bare repositories over smart HTTP (git http-backend) behind basic authentication."""

from __future__ import annotations

import argparse
import base64
import hmac
import os
import socket
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Hosted:
    """A folder of bare repositories, and who may come."""

    root: Path
    user: str
    password: str

    def knows(self, header: str | None) -> bool:
        """Whether this is our user (RFC 7617)."""
        expected = "Basic " + base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        return hmac.compare_digest((header or "").encode(), expected.encode())

    def answer(self, request: BaseHTTPRequestHandler, body: bytes) -> bytes:
        """Let git answer."""
        path, _, query = request.path.partition("?")
        return http_backend(self.root, path, query, request, body, self.user)


def http_backend(  # what a CGI program is told
    root: Path, path: str, query: str, request: BaseHTTPRequestHandler, body: bytes, user: str
) -> bytes:
    """Return what `git http-backend`, a CGI program (RFC 3875), answers for the repositories under `root`: head and content."""
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": "/nonexistent",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_PROJECT_ROOT": str(root),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "REQUEST_METHOD": request.command,
        "REMOTE_USER": user,
        "CONTENT_TYPE": request.headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(len(body)),
        "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
        "HTTP_CONTENT_ENCODING": request.headers.get("Content-Encoding", ""),
    }
    return subprocess.run([_backend()], env=environment, input=body, capture_output=True, check=True).stdout


@cache
def _backend() -> str:
    """Return where the program is: `git http-backend` would only start it, as a process of its own, at each request."""
    told = subprocess.run(["git", "--exec-path"], capture_output=True, text=True, check=True).stdout
    return f"{told.strip()}/git-http-backend"


def body_of(request: BaseHTTPRequestHandler) -> bytes:
    """Read the content of a request, also where it comes in chunks, as git sends what is large."""
    if request.headers.get("Transfer-Encoding", "") != "chunked":
        return request.rfile.read(int(request.headers.get("Content-Length", "0")))
    body = b""
    while size := int(request.rfile.readline().strip() or b"0", 16):
        body += request.rfile.read(size)
        request.rfile.readline()
    request.rfile.readline()
    return body


def hand_on(request: BaseHTTPRequestHandler, told: bytes) -> None:
    """Answer a request with what a CGI program told."""
    head, _, content = told.partition(b"\r\n\r\n")
    lines = [line.partition(": ") for line in head.decode("latin-1").split("\r\n")]
    headers = {name: value for name, _, value in lines}
    reply(request, int(headers.pop("Status", "200").split()[0]), headers, content)


def reply(request: BaseHTTPRequestHandler, status: int, headers: Mapping[str, str], content: bytes = b"") -> None:
    """Answer a request."""
    request.send_response(status)
    for name, value in {**headers, "Content-Length": str(len(content))}.items():
        request.send_header(name, value)
    request.end_headers()
    request.wfile.write(content)


def handler(hosted: Hosted) -> type[BaseHTTPRequestHandler]:
    """Return the handler of requests for these repositories."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            return

        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            self._answer(body_of(self))

        def _answer(self, body: bytes) -> None:
            if hosted.knows(self.headers.get("Authorization")):
                hand_on(self, hosted.answer(self, body))
            else:
                reply(self, 401, {"WWW-Authenticate": 'Basic realm="git"'})

    return Handler


def main() -> None:
    """Serve on a listening socket handed in as a file descriptor."""
    parser = argparse.ArgumentParser(description="Git host of the office.")
    parser.add_argument("--fd", type=int, required=True)
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--user", required=True)
    parser.add_argument("--password", required=True)
    chosen = parser.parse_args()
    server = ThreadingHTTPServer(
        ("127.0.0.1", 0), handler(Hosted(chosen.root, chosen.user, chosen.password)), bind_and_activate=False
    )
    server.socket.close()
    server.socket = socket.socket(fileno=chosen.fd)
    server.daemon_threads = True
    server.serve_forever()


if __name__ == "__main__":
    main()
