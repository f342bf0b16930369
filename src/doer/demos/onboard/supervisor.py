"""Starts the demo's servers, says in services.json when all are ready, and stops them all with itself."""

from __future__ import annotations

import fcntl
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from doer.demos.onboard import reset, seed, servers
from doer.demos.onboard.places import CALENDAR_USER, OBSERVER_USER, Places, Services
from doer.demos.onboard.servers import LOOPBACK, Credentials, Server

READY_WITHIN = 30.0
"""Seconds that all servers together may take to answer."""

_POLL = 0.01
_WATCH = 0.2
_GRACE = 3.0


class StartFailed(RuntimeError):
    """The demo's servers could not be started; the message holds the end of the log."""


def supervise(root: Path, until_pid: int | None) -> None:
    """Run the servers in `root` until SIGTERM or SIGINT, or until the process `until_pid` is gone.

    Begins with the seed of the world, whatever was in `root`. Raises StartFailed.
    """
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    places = Places(root.resolve())
    places.logs.mkdir(parents=True, exist_ok=True)
    with _sole_supervisor(places), _running(places, stop) as services:
        _publish(places, services)
        owner = None if until_pid is None else process_identity(until_pid)
        while not stop.wait(_WATCH):
            if until_pid is not None and (owner is None or process_identity(until_pid) != owner):
                return


def process_identity(pid: int) -> str | None:
    """A text that differs between two processes that get the same number, as far as the system tells; None when gone.

    A zombie counts as gone.
    """
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        return str(pid)
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return str(pid)
    return None if state[0] == "Z" else f"{pid} since {state[19]}"


@contextmanager
def _sole_supervisor(places: Places) -> Iterator[None]:
    with places.lock.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StartFailed(
                f"another supervisor already serves {places.root}; stop it or use another folder"
            ) from error
        places.addresses.unlink(missing_ok=True)
        yield


@contextmanager
def _running(places: Places, stop: threading.Event) -> Iterator[Services]:
    secret = Credentials()
    started: list[Server] = []
    try:
        # The slowest to import first, so that the others start in its shadow.
        started.append(servers.start_directory(places, secret))
        started.append(servers.start_calendar(places, secret))
        reset.lay_down(places)
        started.append(servers.start_access(places, secret))
        started.append(servers.start_mail(places))
        await_ready(started, stop)
        services = _addresses(places, secret, {server.name: server for server in started})
        reset.reset_directory(services)
        yield services
    finally:
        places.addresses.unlink(missing_ok=True)
        stop_all(started)


def await_ready(started: list[Server], stop: threading.Event) -> None:
    """Wait until every server answers. Raises StartFailed when one ends, time runs out, or `stop` is set."""
    deadline = time.monotonic() + READY_WITHIN
    waiting = list(started)
    while waiting:
        for server in waiting:
            if server.process.poll() is not None:
                raise StartFailed(
                    f"the {server.name} server ended with status {server.process.returncode} while starting; "
                    f"its log ends:\n{servers.tail(server.log)}"
                )
        waiting = [server for server in waiting if not server.is_ready()]
        if waiting and time.monotonic() > deadline:
            names = ", ".join(server.name for server in waiting)
            raise StartFailed(f"not ready after {READY_WITHIN:.0f} s: {names}; {servers.tail(waiting[0].log)}")
        if waiting and stop.wait(_POLL):
            raise StartFailed("told to stop while starting")


def _addresses(places: Places, secret: Credentials, by_name: dict[str, Server]) -> Services:
    return Services(
        root=places.root,
        supervisor_pid=os.getpid(),
        pids={name: server.process.pid for name, server in by_name.items()},
        directory_url=by_name["directory"].url + "/v2",
        directory_token=secret.directory_token,
        calendar_url=by_name["calendar"].url,
        calendar_path=seed.CALENDAR_PATH,
        calendar_user=CALENDAR_USER,
        calendar_password=secret.calendar_password,
        observer_user=OBSERVER_USER,
        observer_password=secret.observer_password,
        access_url=by_name["access"].url,
        access_token=secret.access_token,
        smtp_host=LOOPBACK,
        smtp_port=by_name["mail"].port,
        maildir=places.maildir,
        database=places.database,
        workspace=places.workspace,
    )


def _publish(places: Places, services: Services) -> None:
    """Write services.json whole or not at all, readable by this user only."""
    draft = places.addresses.with_suffix(".draft")
    draft.touch(mode=0o600)
    draft.write_text(services.to_json())
    draft.replace(places.addresses)


def stop_all(started: list[Server]) -> None:
    """End every server, those that do not listen after a grace by force."""
    for server in started:
        server.process.terminate()
    deadline = time.monotonic() + _GRACE
    for server in started:
        try:
            server.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            server.process.kill()
            server.process.wait()


def main_with(root: Path, until_pid: int | None) -> int:
    """Supervise and give the exit status: 0 stopped as asked, 1 could not start (the reason is on stderr)."""
    try:
        supervise(root, until_pid)
    except (StartFailed, OSError, sqlite3.Error) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0
