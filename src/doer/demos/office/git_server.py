"""The office's git host: bare repositories over smart HTTP (git http-backend) behind basic authentication."""

from __future__ import annotations

import argparse
import base64
import hmac
import os
import socket
import subprocess
from dataclasses import dataclass
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
        """Let git answer, as a CGI program (RFC 3875)."""
        path, _, query = request.path.partition("?")
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": "/nonexistent",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_PROJECT_ROOT": str(self.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": request.command,
            "REMOTE_USER": self.user,
            "CONTENT_TYPE": request.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
            "HTTP_CONTENT_ENCODING": request.headers.get("Content-Encoding", ""),
        }
        return subprocess.run(
            ["git", "http-backend"], env=environment, input=body, capture_output=True, check=True
        ).stdout


def handler(hosted: Hosted) -> type[BaseHTTPRequestHandler]:
    """Return the handler of requests for these repositories."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            return

        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            self._answer(self._body())

        def _body(self) -> bytes:
            if self.headers.get("Transfer-Encoding", "") != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length", "0")))
            body = b""
            while size := int(self.rfile.readline().strip() or b"0", 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body

        def _answer(self, body: bytes) -> None:
            if not hosted.knows(self.headers.get("Authorization")):
                self._reply(401, {"WWW-Authenticate": 'Basic realm="git"'}, b"")
                return
            head, _, content = hosted.answer(self, body).partition(b"\r\n\r\n")
            lines = [line.partition(": ") for line in head.decode("latin-1").split("\r\n")]
            headers = {name: value for name, _, value in lines}
            self._reply(int(headers.pop("Status", "200").split()[0]), headers, content)

        def _reply(self, status: int, headers: dict[str, str], content: bytes) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

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
