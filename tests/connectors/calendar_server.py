"""A real CalDAV server for tests: radicale as a process, seen and edited without any code of the connector."""

from __future__ import annotations

import base64
import http.client
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from doer.demos.onboard.servers import free_port

USER, PASSWORD = "sam", "open sesame"

_CONFIG = """[server]
hosts = 127.0.0.1:{port}
max_connections = 50
[auth]
type = htpasswd
htpasswd_filename = {root}/users
htpasswd_encryption = plain
delay = 0
[rights]
type = from_file
file = {root}/rights
[storage]
filesystem_folder = {root}
[web]
type = none
[logging]
level = error
"""

_RIGHTS = """[root]
user: .+
collection:
permissions: R
[principal]
user: .+
collection: {user}
permissions: RW
[locked]
user: .+
collection: {user}/locked[^/]*
permissions: r
[calendars]
user: .+
collection: {user}/[^/]+
permissions: rw
"""

_VOLATILE = ("DTSTAMP", "SEQUENCE", "LAST-MODIFIED", "CREATED", "PRODID", "X-DOER-")


@dataclass(frozen=True, slots=True)
class CalendarServer:
    """A running radicale."""

    root: Path
    port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self, method: str, path: str, body: str = "", headers: dict[str, str] | None = None) -> tuple[int, str]:
        """Send one request as somebody else would."""
        token = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, body.encode(), {"Authorization": f"Basic {token}", **(headers or {})})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def make(self, calendar: str) -> None:
        status, told = self.ask("MKCALENDAR", f"/{USER}/{calendar}/")
        assert status == 201, told

    def remove(self, calendar: str) -> None:
        """Remove a calendar from the server's disk: to be asked for it takes the server ten times as long."""
        shutil.rmtree(self.folder(calendar))

    def copy(self, calendar: str, of: str) -> None:
        """Make a calendar on the server's disk: to put an event with a named zone takes the server 45 ms."""
        shutil.copytree(self.folder(of), self.folder(calendar))

    def put(self, calendar: str, uid: str, lines: str) -> None:
        """Write an event from its own lines, whoever's it was."""
        body = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//other//EN\nBEGIN:VEVENT\nUID:{uid}\n{lines}\nEND:VEVENT\nEND:VCALENDAR\n"
        path = f"/{USER}/{calendar}/{uid}.ics"
        status, told = self.ask(
            "PUT", path, body.replace("\n", "\r\n"), {"Content-Type": "text/calendar", "If-Match": "*"}
        )
        if status == 412:
            status, told = self.ask("PUT", path, body.replace("\n", "\r\n"), {"Content-Type": "text/calendar"})
        assert status in (201, 204), (status, told)

    def edit(self, calendar: str, name: str, old: str, new: str) -> None:
        """Replace words in an object, as an editor that leaves everything else alone."""
        path = f"/{USER}/{calendar}/{name}"
        _, text = self.ask("GET", path)
        assert old in text, text
        changed = text.replace(old, new)
        status, told = self.ask("PUT", path, changed, {"Content-Type": "text/calendar", "If-Match": "*"})
        assert status == 204, (status, told)

    def drop(self, calendar: str, name: str) -> None:
        status, told = self.ask("DELETE", f"/{USER}/{calendar}/{name}")
        assert status == 200, told

    def folder(self, calendar: str) -> Path:
        return self.root / "collection-root" / USER / calendar

    def names(self, calendar: str) -> list[str]:
        return sorted(each.name for each in self.folder(calendar).glob("*.ics"))

    def world(self, calendar: str) -> dict[str, list[str]]:
        """The calendar as it lies on the server's disk: the lines of each object, without those that are volatile."""
        return {each.name: _lines(each.read_text()) for each in sorted(self.folder(calendar).glob("*.ics"))}


def _lines(text: str) -> list[str]:
    unfolded = text.replace("\r\n", "\n").replace("\n ", "").splitlines()
    kept = [line for line in unfolded if not line.startswith(_VOLATILE)]
    inside = kept[kept.index("BEGIN:VEVENT") : kept.index("END:VEVENT")] if "BEGIN:VEVENT" in kept else kept
    return sorted(inside)


@contextmanager
def calendar_server(root: Path) -> Iterator[CalendarServer]:
    """Run radicale in `root` on a free loopback port."""
    port = free_port()
    root.mkdir(parents=True, exist_ok=True)
    (root / "config").write_text(_CONFIG.format(port=port, root=root))
    (root / "rights").write_text(_RIGHTS)
    (root / "users").write_text(f"{USER}:{PASSWORD}\n")
    with (root / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "radicale", "--config", str(root / "config")], stdout=log, stderr=log
        )
    server = CalendarServer(root, port, process)
    try:
        _await(server)
        yield server
    finally:
        process.terminate()
        process.wait()


def _await(server: CalendarServer) -> None:
    pause = threading.Event()
    for _ in range(1000):
        try:
            if server.ask("PROPFIND", "/", headers={"Depth": "0"})[0] == 207:
                return
        except OSError:
            assert server.process.poll() is None, (server.root / "log").read_text()
            pause.wait(0.02)
    raise AssertionError((server.root / "log").read_text())
