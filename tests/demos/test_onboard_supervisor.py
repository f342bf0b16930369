"""The supervisor starts all servers or none, survives its user's neighbours, and leaves no process behind."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from doer.demos.onboard.places import Services, connections
from doer.demos.onboard.servers import Server
from doer.demos.onboard.services import StartFailed, start_services
from doer.demos.onboard.supervisor import await_ready, process_identity
from doer.demos.onboard.wire import ask, bearer


def everyone(services: Services) -> set[int]:
    return {services.supervisor_pid, *services.pids.values()}


def wait_until_gone(pids: set[int]) -> None:
    """Returns when all are gone; a time limit would only say that the machine is slow."""
    waiting = threading.Event()
    while any(process_identity(pid) is not None for pid in pids):
        waiting.wait(0.01)


@pytest.fixture
def user() -> Iterator[subprocess.Popen[bytes]]:
    """Some process that uses the company's servers."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    yield process
    process.communicate(b"\n")


def test_one_server_dies_alone_and_stop_ends_every_other_and_takes_the_addresses_away(tmp_path: Path) -> None:
    with start_services(tmp_path / "new" / "folder") as started:
        pids = everyone(started.services)
        assert len(pids) == 5
        assert Services.load(tmp_path / "new" / "folder") == started.services
        assert started.services.places.addresses.stat().st_mode & 0o077 == 0
        started.kill("access")
        with pytest.raises(ConnectionError):  # Refused, or reset where the dead server's socket was still being closed.
            ask("GET", started.services.access_url + "/grants")
        url = started.services.directory_url + "/Users"
        assert ask("GET", url, bearer(started.services.directory_token)).status == 200
    wait_until_gone(pids)
    assert not started.services.places.addresses.exists()
    started.stop()


def test_when_the_user_is_killed_the_servers_stop(
    tmp_path: Path, user: subprocess.Popen[bytes], running: Services
) -> None:
    stale = running.to_json()  # A supervisor that was killed leaves its addresses: they must not be believed.
    (tmp_path / "services.json").write_text(stale)
    started = start_services(tmp_path, until_pid=user.pid)
    user.kill()
    wait_until_gone(everyone(started.services))
    assert started.supervisor.wait() == 0


def test_when_the_supervisor_is_killed_the_servers_die_with_it(tmp_path: Path) -> None:
    started = start_services(tmp_path)
    os.kill(started.services.supervisor_pid, signal.SIGKILL)
    started.supervisor.wait()
    wait_until_gone(set(started.services.pids.values()))


def test_a_second_supervisor_in_one_folder_is_refused(running: Services) -> None:
    with pytest.raises(StartFailed, match="another supervisor already serves"):
        start_services(running.root)
    assert Services.load(running.root) == running


def test_a_server_that_ends_while_starting_is_named_with_the_end_of_its_log(tmp_path: Path) -> None:
    log = tmp_path / "calendar.log"
    log.write_text("one\nno such folder\n")
    process = subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"])
    process.wait()
    with pytest.raises(StartFailed, match=r"calendar server ended with status 3[\s\S]*no such folder"):
        await_ready([Server("calendar", process, 1, log, lambda: False)], threading.Event())


def test_a_folder_that_cannot_be_used_is_an_error_that_says_why(tmp_path: Path) -> None:
    (tmp_path / "calendar").write_text("a file where a folder should be")
    with pytest.raises(StartFailed, match="calendar"):
        start_services(tmp_path)


def test_connections_hold_what_each_connector_needs(company: Services) -> None:
    found = connections(company)
    assert set(found) == {"directory", "calendar", "access", "database", "mail", "files"}
    assert ask("GET", f"{found['access']['url']}/grants", bearer(str(found["access"]["token"]))).status == 200
    assert Path(str(found["database"]["path"])).exists()
    assert (Path(str(found["files"]["path"])) / str(found["files"]["team_file"])).exists()
