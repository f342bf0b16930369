"""Calls to the operating system, and what its refusals mean for a person."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from doer.connectors.tools.files.place import Place
from doer.domain.errors import OutcomeUnknown, Permanent, Transient

NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_LATER = (errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.EBUSY, errno.EAGAIN, errno.EINTR)


@contextmanager
def told(what: str) -> Iterator[None]:
    """Turn what the operating system refuses into errors that say that nothing was changed."""
    try:
        yield
    except OSError as refused:
        message = f"{what}: {refused.strerror or refused}; nothing was changed"
        if refused.errno in _LATER:
            raise Transient(f"{message}. Free space or close files, then it can go on") from refused
        if refused.errno in (errno.ELOOP, errno.ENOTDIR):
            raise Permanent(
                f"{what} leads through a link or a file, not through folders; links are not followed"
            ) from refused
        if refused.errno == errno.EXDEV:
            raise Permanent(f"{message}: that is on another disk; copy it by hand") from refused
        raise Permanent(message) from refused


def unlink(folder: int, name: str) -> None:
    with suppress(OSError):
        if stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
            shutil.rmtree(name, ignore_errors=True, dir_fd=folder)
        else:
            os.unlink(name, dir_fd=folder)


def write_new(folder: int, name: str, content: bytes) -> None:
    with os.fdopen(os.open(name, NEW_FILE, 0o666, dir_fd=folder), "wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())


def sync(folder: int, place: Place) -> None:
    try:
        os.fsync(folder)
    except OSError as failed:
        raise OutcomeUnknown(
            f"{'/'.join(place)} was changed, but the disk did not confirm it: {failed.strerror}"
        ) from failed
