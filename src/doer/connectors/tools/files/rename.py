"""Renaming that never overwrites: Linux' renameat2, which Python does not offer."""

from __future__ import annotations

import ctypes
import errno
import os
from collections.abc import Callable

_NO_REPLACE = 1
_EXCHANGE = 2
_UNSUPPORTED = (errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP)


def rename_new(source_folder: int, source: str, target_folder: int, target: str) -> None:
    """Rename atomically to a name that must be free. Raises FileExistsError when it is taken, else OSError."""
    if _renameat2(source_folder, source, target_folder, target, _NO_REPLACE):
        return
    # This file system, or this kernel, cannot: look first, which leaves a moment for somebody else.
    try:
        os.stat(target, dir_fd=target_folder, follow_symlinks=False)
    except FileNotFoundError:
        os.rename(source, target, src_dir_fd=source_folder, dst_dir_fd=target_folder)
        return
    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), target)


def exchange(folder: int, one: str, other: str) -> bool:
    """Swap two names of one folder atomically; False where the system cannot, and nothing was done. Raises OSError."""
    return _renameat2(folder, one, folder, other, _EXCHANGE)


def _renameat2(source_folder: int, source: str, target_folder: int, target: str, flag: int) -> bool:
    function = _find()
    if function is None:
        return False
    if function(source_folder, os.fsencode(source), target_folder, os.fsencode(target), flag) == 0:
        return True
    problem = ctypes.get_errno()
    if problem in _UNSUPPORTED:
        return False
    raise OSError(problem, os.strerror(problem), target)


def _find() -> Callable[[int, bytes, int, bytes, int], int] | None:
    try:
        return ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return None
