"""The state of a workspace, its `.doer`: opened to be written, or, where it cannot be, a copy of it opened to be read."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from doer.domain.errors import JournalBroken, JournalUnwritable
from doer.domain.ports import Clock
from doer.journal.store import SqliteJournal, open_journal

STATE: Final = ".doer"
_FILE: Final = "journal.db"
_TRIES: Final = 5


def is_writable(path: Path) -> bool:
    """Tell whether this process may write there: rights, and a file system that is not read-only."""
    return os.access(path, os.W_OK)


@contextmanager
def open_state(
    folder: Path, clock: Clock, *, reads: bool = False, writable: Callable[[Path], bool] = is_writable
) -> Iterator[SqliteJournal]:
    """Open the journal of the workspace in `folder`, and close it at the end.

    With `reads`, a workspace that cannot be written is read from a copy; else it is JournalUnwritable. Raises
    JournalBroken where something else is in the journal's place.
    """
    state = folder / STATE
    _look_at(state)
    there = [each for each in (state, state / _FILE, state / "keys") if each.exists()]
    locked = next((each for each in there if not writable(each)), None)
    if locked is None:
        with open_journal(state, clock) as journal:
            yield journal
        return
    if not reads or not (state / _FILE).exists():
        raise JournalUnwritable(
            f"{locked} is read-only for you: nothing can be recorded there, so nothing is done; `doer runs` and `doer show` "
            "can still be read"
        )
    with TemporaryDirectory(prefix="doer-reading-") as place:
        copy = _copied(state, Path(place) / STATE)
        with open_journal(copy, clock) as journal:
            yield journal


def _look_at(state: Path) -> None:
    if state.exists() and not state.is_dir():
        raise JournalBroken(
            f"{state} is a file, and the folder of the journal should be there: move it away, then restore it"
        )
    if (state / _FILE).is_dir():
        raise JournalBroken(
            f"{state / _FILE} is a folder, not a journal: move it away, then restore the journal from a backup"
        )


def _copied(state: Path, copy: Path) -> Path:
    """Copy what is read; SQLite itself can read a journal that was left in the midst only where it may write."""
    try:
        copy.mkdir(mode=0o700)
        for _ in range(_TRIES):
            before = _stamps(state)
            for name in before:
                shutil.copyfile(state / name, copy / name)
            if _stamps(state) == before:  # nobody wrote meanwhile
                break
        if (state / "keys").is_dir():
            shutil.copytree(state / "keys", copy / "keys")
        if (state / "payloads").is_dir():
            (copy / "payloads").symlink_to((state / "payloads").resolve())
    except (OSError, shutil.Error) as unreadable:
        raise JournalUnwritable(f"{state} can neither be written nor read by you: {unreadable}") from unreadable
    return copy


def _stamps(state: Path) -> dict[str, tuple[int, int]]:
    found = {name: state / name for name in (_FILE, f"{_FILE}-wal") if (state / name).exists()}
    return {name: (path.stat().st_size, path.stat().st_mtime_ns) for name, path in found.items()}
