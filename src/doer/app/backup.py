"""Backup of a workspace's state: one file, consistent while in use; `restore.py` brings it back.

A backup is a gzipped tar: `doer-backup.json` first (version, when, the journal's receipt, SHA-256 of every member), then
`state/` (the workspace's `.doer`: databases copied by SQLite itself, keys, payloads) and `workspace/` (doer.toml, policy, skills,
own tools). It holds the signing key and personal data, and is as secret as the workspace; secrets of connections are not in it.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import os
import shutil
import sqlite3
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from doer.app.own_tools import file_of
from doer.app.settings import FILE_NAME, read_settings
from doer.app.state import open_state
from doer.domain.errors import DoerBug, JournalUnwritable, UsageError
from doer.domain.ports import Clock
from doer.journal.blob import sync_folder
from doer.journal.lock import LOCK
from doer.journal.proof import Report, verify
from doer.journal.store import open_journal

VERSION: Final = 1
MANIFEST: Final = "doer-backup.json"
JOURNAL: Final = "journal.db"
_LEFT_OUT: Final = (LOCK, "payloads")
"""What of `.doer` is not copied file by file: the lock is of living processes, payloads are copied after the journal."""
REPLACED: Final = "replaced-"
_BESIDE_DATABASES: Final = ("-wal", "-shm", "-journal")
_TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class Saved:
    """A backup that was made."""

    file: Path
    saved_at: datetime
    events: int
    runs: int
    size: int
    """Bytes."""
    receipt: str | None
    whole: bool
    """Whether the journal in it is what was recorded; a broken one is saved as well, and can be looked at."""


async def back_up(folder: Path, file: Path, clock: Clock) -> Saved:
    """Save the workspace in `folder` to `file`, while others use it. Raises UsageError and JournalUnwritable; then no file is left."""
    _check_place(file)
    with open_state(folder, clock) as journal:
        await journal.checkpoint()  # so that the receipt covers everything that is saved
        return await asyncio.to_thread(_save, folder, journal.path.parent, file, clock)


def _check_place(file: Path) -> None:
    if file.exists():
        raise UsageError(f"{file} is there already: a backup never overwrites another; name a new file")
    if not file.parent.is_dir():
        raise UsageError(f"{file.parent} is no folder: make it, or name another place")


def _save(folder: Path, state: Path, file: Path, clock: Clock) -> Saved:
    saved_at = clock.now().astimezone(UTC)
    with _full_disk_told(file), TemporaryDirectory(dir=file.parent, prefix=".doer-backup-") as place:
        copy = Path(place) / "state"
        found = _copied(state, copy, clock)
        told = {"version": VERSION, "saved_at": saved_at.isoformat(), "receipt": found.receipt, "whole": found.ok}
        packed = Path(place) / "packed"
        _pack(packed, told, {**_files(copy, "state"), **_own_files(folder)})
        os.link(packed, file)  # never over a file that came meanwhile
        sync_folder(file.parent)
        return Saved(file, saved_at, found.events, found.runs, file.stat().st_size, found.receipt, found.ok)


def _copied(state: Path, copy: Path, clock: Clock) -> Report:
    """Copy the state until the journal in the copy is whole, and return what checking it found."""
    for tries_left in reversed(range(_TRIES)):  # an erasure may fall between the copies of journal and payloads
        shutil.rmtree(copy, ignore_errors=True)
        _copy_state(state, copy)
        with open_journal(copy, clock) as journal:
            found = verify(journal)
        _sweep(copy)
        if found.ok or not tries_left:
            return found
    raise DoerBug("a backup is tried at least once")


@contextmanager
def _full_disk_told(file: Path) -> Iterator[None]:
    try:
        yield
    except FileExistsError as there:
        raise UsageError(f"{file} is there already: a backup never overwrites another; name a new file") from there
    except (OSError, sqlite3.Error, shutil.Error) as failure:
        raise JournalUnwritable(
            f"the backup could not be written to {file.parent}: {failure}; nothing is left of it"
        ) from failure


def _copy_state(state: Path, copy: Path) -> None:
    copy.mkdir(mode=0o700)
    for path in sorted(state.rglob("*")):
        inside = path.relative_to(state)
        top = inside.parts[0]
        if (
            top in _LEFT_OUT
            or top.startswith(REPLACED)
            or path.name.startswith(".")
            or path.is_symlink()
            or not path.is_file()
        ):
            continue
        if path.name.endswith(_BESIDE_DATABASES):
            continue
        (copy / inside).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.suffix == ".db":
            _copy_database(path, copy / inside)
        else:
            shutil.copyfile(path, copy / inside)
            (copy / inside).chmod(0o600)
    if (state / "payloads").is_dir():  # after the journal: whatever an event in it names was there before the event
        shutil.copytree(state / "payloads", copy / "payloads", ignore=shutil.ignore_patterns(".*"))


def _copy_database(path: Path, copy: Path) -> None:
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    copy.chmod(0o600)


def _sweep(state: Path) -> None:
    """Remove what looking at the copy left beside its databases."""
    for path in list(state.rglob("*")):
        if path.name.endswith(_BESIDE_DATABASES) or (path.is_file() and path.name.startswith(".")):
            path.unlink()


def _files(folder: Path, prefix: str) -> dict[str, Path]:
    return {
        f"{prefix}/{path.relative_to(folder).as_posix()}": path for path in sorted(folder.rglob("*")) if path.is_file()
    }


def _own_files(folder: Path) -> dict[str, Path]:
    settings = read_settings(folder / FILE_NAME)
    names = [FILE_NAME, "policy.cedar", *(file_of(module) for module in settings.tools.modules)]
    found = {f"workspace/{name}": folder / name for name in names if (folder / name).is_file()}
    skills = folder / "skills"
    return {**found, **(_files(skills, "workspace/skills") if skills.is_dir() else {})}


def _pack(packed: Path, told: Mapping[str, object], files: Mapping[str, Path]) -> None:
    contents = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()}
    manifest = json.dumps({**told, "files": contents}, indent=1).encode()
    # Made by us and for us alone: the key and what people wrote are in it.
    file = os.open(packed, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(file, "wb") as raw:
        with tarfile.open(fileobj=raw, mode="w:gz") as tar:
            _add(tar, MANIFEST, manifest)
            for name, path in files.items():
                _add(tar, name, path.read_bytes())
        raw.flush()
        os.fsync(raw.fileno())


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), 0o600
    tar.addfile(member, io.BytesIO(content))
