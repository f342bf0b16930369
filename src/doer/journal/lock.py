"""The right to drive a run: a lock file that the kernel releases when its process dies, however it dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from doer.domain.errors import AlreadyDriven, JournalUnwritable
from doer.domain.value import RunId
from doer.journal.chain import check_name


@contextmanager
def driving_lock(folder: Path, run: RunId) -> Iterator[None]:
    """Hold `RUN.lock` in the folder (flock, exclusive). Raises AlreadyDriven, also within one process."""
    check_name(run)
    path = folder / f"{run}.lock"
    file = _take(path, run)
    try:
        # The number is for a person who wonders who drives; a full disk keeps nobody from the lock itself.
        with suppress(OSError):
            # Written, then cut: ext4 sends a file that is emptied and written to the disk when it is closed.
            os.truncate(file, os.pwrite(file, f"{os.getpid()}\n".encode(), 0))
        yield
    finally:
        # Removed while it is held: whoever opened it meanwhile sees that it is gone, and takes a new one.
        path.unlink(missing_ok=True)
        os.close(file)


def _take(path: Path, run: RunId) -> int:
    while True:
        file = open_lock_file(path)
        if hold(file, path, run):
            return file
        os.close(file)  # its last holder removed it between our open and our lock


def open_lock_file(path: Path) -> int:
    """Open the file, made now if there is none. Raises JournalUnwritable."""
    try:
        try:
            return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
            return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as unwritable:
        raise JournalUnwritable(f"no lock can be taken in {path.parent}: {unwritable.strerror}") from unwritable


def hold(file: int, path: Path, run: RunId) -> bool:
    """Lock the open file; False when it lost its name meanwhile, so that others would lock another one.

    Raises AlreadyDriven, and closes the file, when somebody else holds it.
    """
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as held:
        driver = os.pread(file, 32, 0).decode("ascii", "replace").strip() or "unknown"
        os.close(file)
        raise AlreadyDriven(
            f"run {run} is driven by another process (number {driver}); `doer watch {run}` shows it"
        ) from held
    try:
        there = path.stat()
    except FileNotFoundError:
        return False
    here = os.fstat(file)
    return (here.st_dev, here.st_ino) == (there.st_dev, there.st_ino)
