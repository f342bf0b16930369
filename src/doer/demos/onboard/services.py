"""The door to the demo's servers: `start_services` from Python, `python -m doer.demos.onboard.services` as a process.

The servers belong to a supervisor process of their own, so they survive a SIGKILL of the doer process that uses them.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from doer.demos.onboard.places import Places, Services, connections
from doer.demos.onboard.reset import reset
from doer.demos.onboard.servers import tail
from doer.demos.onboard.supervisor import StartFailed, main_with, process_identity

__all__ = ["RunningServices", "Services", "StartFailed", "connections", "main", "reset", "start_services"]

_POLL = 0.01
_GRACE = 20.0


@dataclass(frozen=True, slots=True)
class RunningServices:
    """The running servers of one demo. Use as a context manager, or call `stop`."""

    services: Services
    supervisor: subprocess.Popen[bytes]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop every server and wait until they are gone; safe to call again."""
        _stop(self.supervisor)

    def kill(self, name: str) -> None:
        """SIGKILL one server (directory, calendar, access or mail), as when it dies in mid-run. It stays dead."""
        pid = self.services.pids[name]
        os.kill(pid, signal.SIGKILL)
        while process_identity(pid) is not None:
            _pause(self.supervisor)


def start_services(root: Path, until_pid: int | None = None, deadline: float = 40.0) -> RunningServices:
    """Start all servers of the demo in `root` (made if missing) with the seed of the world, and wait until all answer.

    They stop when the process `until_pid` is gone (this process when None), when `stop` is called, and when the
    supervisor gets SIGTERM. `deadline` is in seconds. Raises StartFailed with the end of the log.
    """
    places = Places(root.resolve())
    places.logs.mkdir(parents=True, exist_ok=True)
    log = places.logs / "supervisor.log"
    owner = os.getpid() if until_pid is None else until_pid
    arguments = ["-m", "doer.demos.onboard.services", "--root", str(places.root), "--until-pid", str(owner)]
    with log.open("wb") as output:
        supervisor = subprocess.Popen(
            [sys.executable, "-P", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl-C and a kill of our process group are for doer, not for the company's servers.
        )
    try:
        return RunningServices(_await_addresses(places, supervisor, log, deadline), supervisor)
    except BaseException:
        _stop(supervisor)
        raise


def _await_addresses(places: Places, supervisor: subprocess.Popen[bytes], log: Path, deadline: float) -> Services:
    end = time.monotonic() + deadline
    while time.monotonic() < end:
        found = Services.load(places.root) if places.addresses.exists() else None
        if found is not None and found.supervisor_pid == supervisor.pid:
            return found
        if supervisor.poll() is not None:
            raise StartFailed(f"the demo's servers did not start in {places.root}: {tail(log) or 'no log'}")
        _pause(supervisor)
    raise StartFailed(f"the demo's servers were not ready within {deadline:.0f} s: {tail(log) or 'no log'}")


def _pause(supervisor: subprocess.Popen[bytes]) -> None:
    """Wait a moment, less if the supervisor ends."""
    with suppress(subprocess.TimeoutExpired):
        supervisor.wait(_POLL)


def _stop(supervisor: subprocess.Popen[bytes]) -> None:
    if supervisor.poll() is not None:
        return
    supervisor.terminate()
    try:
        supervisor.wait(_GRACE)
    except subprocess.TimeoutExpired:
        os.killpg(supervisor.pid, signal.SIGKILL)  # It leads its own session: this takes the servers with it.
        supervisor.wait()


def main() -> int:
    """Supervise in the foreground until SIGTERM, SIGINT, or the end of `--until-pid`."""
    parser = argparse.ArgumentParser(description="Serve the world of the onboarding demo on loopback ports.")
    parser.add_argument("--root", type=Path, required=True, help="folder for all state; services.json appears here")
    parser.add_argument("--until-pid", type=int, help="stop when this process is gone")
    chosen = parser.parse_args()
    return main_with(chosen.root, chosen.until_pid)


if __name__ == "__main__":
    sys.exit(main())
