"""The four server processes of the demo: how each is started, and how each is asked whether it is ready."""

from __future__ import annotations

import ctypes
import http.client
import secrets
import signal
import smtplib
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from doer.demos.onboard.places import CALENDAR_USER, OBSERVER_USER, Places
from doer.demos.onboard.wire import ask, basic, bearer

LOOPBACK = "127.0.0.1"

_RADICALE = """[server]
hosts = {host}:{port}
max_connections = 200
[auth]
type = htpasswd
htpasswd_filename = {folder}/users
htpasswd_encryption = plain
delay = 0
[rights]
type = from_file
file = {folder}/rights
[storage]
filesystem_folder = {folder}
[web]
type = none
[logging]
level = warning
"""

_RIGHTS = f"""[observer]
user: {OBSERVER_USER}
collection: .*
permissions: Rr
[root]
user: .+
collection:
permissions: R
[principal]
user: .+
collection: {{user}}
permissions: RW
[calendars]
user: .+
collection: {{user}}/[^/]+
permissions: rw
"""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Secrets of one demo, drawn at its start. That a server knows them shows that it is ours and not another's."""

    directory_token: str = field(default_factory=lambda: secrets.token_hex(16))
    access_token: str = field(default_factory=lambda: secrets.token_hex(16))
    calendar_password: str = field(default_factory=lambda: secrets.token_hex(16))
    observer_password: str = field(default_factory=lambda: secrets.token_hex(16))


@dataclass(frozen=True, slots=True)
class Server:
    """One started server: its process, its address, its log, and a probe that is true once it answers its protocol."""

    name: str
    process: subprocess.Popen[bytes]
    port: int
    log: Path
    probe: Callable[[], bool]

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def is_ready(self) -> bool:
        """Whether the server answers its protocol and knows our secret."""
        try:
            return self.probe()
        except (OSError, http.client.HTTPException, smtplib.SMTPException):
            return False


def start_directory(places: Places, secret: Credentials) -> Server:
    """scim2-server (SCIM 2.0, RFC 7644). It keeps its state in memory, for the life of its process."""
    port = free_port()
    arguments = ["-m", "scim2_server.testserver.cli", "--hostname", LOOPBACK, "--port", str(port)]
    process = spawn(places, "directory", [*arguments, "--bearer-token", secret.directory_token])
    url = f"http://{LOOPBACK}:{port}/v2/Groups?count=0"
    headers = bearer(secret.directory_token)
    return server_at(places, "directory", process, port, lambda: ask("GET", url, headers).status == 200)


def start_calendar(places: Places, secret: Credentials) -> Server:
    """Radicale (CalDAV, RFC 4791). The account `observer` may read everything; others see their own."""
    port = free_port()
    folder = places.calendar
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config").write_text(_RADICALE.format(host=LOOPBACK, port=port, folder=folder))
    (folder / "rights").write_text(_RIGHTS)
    users = [(CALENDAR_USER, secret.calendar_password), (OBSERVER_USER, secret.observer_password)]
    (folder / "users").write_text("".join(f"{user}:{password}\n" for user, password in users))
    process = spawn(places, "calendar", ["-m", "radicale", "--config", str(folder / "config")])
    url = f"http://{LOOPBACK}:{port}/"
    headers = {**basic(CALENDAR_USER, secret.calendar_password), "Depth": "0"}
    return server_at(places, "calendar", process, port, lambda: ask("PROPFIND", url, headers).status == 207)


def start_access(places: Places, secret: Credentials) -> Server:
    """The example application with ETags."""
    with listening() as listener:
        port = int(listener.getsockname()[1])
        arguments = ["-m", "doer.demos.onboard.access_app", "--fd", str(listener.fileno())]
        arguments += ["--store", str(places.access), "--token", secret.access_token]
        process = spawn(places, "access", arguments, listener)
    url = f"http://{LOOPBACK}:{port}/grants?person=nobody"
    headers = bearer(secret.access_token)
    return server_at(places, "access", process, port, lambda: ask("GET", url, headers).status == 200)


def start_mail(places: Places) -> Server:
    """The SMTP server with one Maildir a recipient."""
    with listening() as listener:
        port = int(listener.getsockname()[1])
        arguments = ["-m", "doer.demos.onboard.mail_server", "--fd", str(listener.fileno())]
        process = spawn(places, "mail", [*arguments, "--maildir", str(places.maildir)], listener)

    def probe() -> bool:
        with smtplib.SMTP(LOOPBACK, port, timeout=10) as client:
            return client.noop()[0] == 250

    return server_at(places, "mail", process, port, probe)


def free_port() -> int:
    """A loopback TCP port that nobody else is given for a minute; for servers that can only be told a number.

    One connection is made to it and closed from its own side: the port then rests in TIME_WAIT, in which the system
    hands it to no one who asks for any port, while a server that names it and sets SO_REUSEADDR still gets it (the
    method of ephemeral-port-reserve, Yelp).
    """
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, 0))
        listener.listen(1)
        with socket.create_connection(listener.getsockname()):
            listener.accept()[0].close()
        return int(listener.getsockname()[1])


def tail(log: Path, lines: int = 15) -> str:
    """The last lines of a log; empty when there is none."""
    if not log.exists():
        return ""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


def server_at(
    places: Places, name: str, process: subprocess.Popen[bytes], port: int, probe: Callable[[], bool]
) -> Server:
    """A started server whose log is named as it is."""
    return Server(name, process, port, places.logs / f"{name}.log", probe)


def listening() -> socket.socket:
    """A listening socket that the child inherits, so that no other process can take its port in between."""
    return socket.create_server((LOOPBACK, 0), backlog=128)


def spawn(
    places: Places, name: str, arguments: list[str], listener: socket.socket | None = None
) -> subprocess.Popen[bytes]:
    """Start Python with these arguments; it dies with the process that starts it. Its log is `name` in the logs."""
    with (places.logs / f"{name}.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-P", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=() if listener is None else (listener.fileno(),),
            preexec_fn=_dies_with_parent(),  # noqa: PLW1509 - the supervisor has one thread
        )


def _dies_with_parent() -> Callable[[], None] | None:
    """On Linux: what a child runs to be killed by the kernel when its supervisor dies (prctl PR_SET_PDEATHSIG)."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(1, signal.SIGKILL)
