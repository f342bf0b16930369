"""The right to drive a run: a lock that the kernel releases when its process dies, however it dies.

All runs share one file, of which each locks one byte (an open file description lock, fcntl(2) F_OFD_SETLK), so that nothing
is made, named or removed for a run. A file for each run was tried: making and removing it cost more than driving a step.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import struct
from pathlib import Path
from types import TracebackType
from typing import Final

from doer.domain.errors import AlreadyDriven, JournalUnwritable
from doer.domain.value import RunId
from doer.journal.chain import check_name

LOCK: Final = "driving.lock"
"""Name of the file, beside the journal."""
_FLOCK: Final = "hhqqi4x"
"""struct flock: type, whence, start, length, process; the process is 0 for this kind of lock."""
_TO_THE_END: Final = 0


def driving_lock(path: Path | str, run: RunId) -> Held:
    """Return what holds the run's byte of the file. Raises AlreadyDriven, also within one process, and JournalUnwritable."""
    check_name(run)
    # 56 bits of a digest: among a million runs in one workspace, two share a byte once in 140,000 workspaces.
    place = int.from_bytes(hashlib.sha256(run.encode()).digest()[:7])
    return Held(path, place, 1, f"run {run} is driven by another process; `doer watch {run}` shows which")


def standstill(path: Path | str) -> Held:
    """Return what holds the bytes of all runs, so that nobody drives any. Raises AlreadyDriven, and JournalUnwritable."""
    return Held(path, 0, _TO_THE_END, "a run is driven by another process; `doer runs` shows which: wait for it")


class Held:
    """Some bytes of the file, held from entering to leaving. Enter it once."""

    __slots__ = ("_file", "_length", "_path", "_refusal", "_start")

    def __init__(self, path: Path | str, start: int, length: int, refusal: str) -> None:
        self._path, self._start, self._length, self._refusal = path, start, length, refusal

    def __enter__(self) -> None:
        lock = struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, self._start, self._length, 0)
        self._file = _open(self._path)
        try:
            fcntl.fcntl(self._file, fcntl.F_OFD_SETLK, lock)
        except (BlockingIOError, PermissionError) as held:
            os.close(self._file)
            raise AlreadyDriven(self._refusal) from held
        except BaseException:
            os.close(self._file)
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._file)  # which releases it


def _open(path: Path | str) -> int:
    """Open the file anew, made now if there is none: locks of one opening do not hold each other off."""
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as unwritable:
        raise JournalUnwritable(f"no lock can be taken in {Path(path).parent}: {unwritable.strerror}") from unwritable
