"""The right to drive a run: a lock that the kernel releases when its process dies, however it dies.

All runs share one file, of which each locks one byte (an open file description lock, fcntl(2) F_OFD_SETLK), so that nothing
is made, named or removed for a run. A file for each run was tried: making and removing it cost more than driving a step.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from doer.domain.errors import AlreadyDriven, JournalUnwritable
from doer.domain.value import RunId
from doer.journal.chain import check_name

LOCK: Final = "driving.lock"
"""Name of the file, beside the journal."""
_FLOCK: Final = "hhqqi4x"
"""struct flock: type, whence, start, length, process; the process is 0 for this kind of lock."""
_TO_THE_END: Final = 0


@contextmanager
def driving_lock(path: Path, run: RunId) -> Iterator[None]:
    """Hold the run's byte of the file. Raises AlreadyDriven, also within one process, and JournalUnwritable."""
    check_name(run)
    # 56 bits of a digest: among a million runs in one workspace, two share a byte once in 140,000 workspaces.
    place = int.from_bytes(hashlib.sha256(run.encode()).digest()[:7])
    with _held(path, place, 1, f"run {run} is driven by another process; `doer watch {run}` shows which"):
        yield


@contextmanager
def standstill(path: Path) -> Iterator[None]:
    """Hold the bytes of all runs, so that nobody drives any. Raises AlreadyDriven, and JournalUnwritable."""
    with _held(path, 0, _TO_THE_END, "a run is driven by another process; `doer runs` shows which: wait for it"):
        yield


@contextmanager
def _held(path: Path, start: int, length: int, refusal: str) -> Iterator[None]:
    file = _open(path)
    try:
        try:
            fcntl.fcntl(file, fcntl.F_OFD_SETLK, struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, start, length, 0))
        except (BlockingIOError, PermissionError) as held:
            raise AlreadyDriven(refusal) from held
        yield
    finally:
        os.close(file)  # which releases it


def _open(path: Path) -> int:
    """Open the file anew, made now if there is none: locks of one opening do not hold each other off."""
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as unwritable:
        raise JournalUnwritable(f"no lock can be taken in {path.parent}: {unwritable.strerror}") from unwritable
