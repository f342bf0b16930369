"""Backup and restore of a workspace's state: one file, consistent while in use, checked before it is trusted.

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
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Final

from doer.app.own_tools import file_of
from doer.app.settings import FILE_NAME, read_settings
from doer.app.state import STATE, open_state
from doer.app.workspace import init_workspace
from doer.domain.errors import DoerBug, DoerError, JournalBroken, JournalUnwritable, UsageError
from doer.domain.event import RunRestored
from doer.domain.fold import fold
from doer.domain.ports import Clock
from doer.domain.value import Principal, RunId
from doer.journal.blob import sync_folder
from doer.journal.lock import LOCK, standstill
from doer.journal.proof import Report, verify
from doer.journal.store import SqliteJournal, open_journal

VERSION: Final = 1
_MANIFEST: Final = "doer-backup.json"
_JOURNAL: Final = "journal.db"
_LEFT_OUT: Final = (LOCK, "payloads")
"""What of `.doer` is not copied file by file: the lock is of living processes, payloads are copied after the journal."""
_REPLACED: Final = "replaced-"
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


@dataclass(frozen=True, slots=True)
class Restored:
    """A workspace that came back from a backup."""

    folder: Path
    saved_at: datetime
    events: int
    runs: int
    asking: Sequence[RunId]
    """Runs that had not ended: they ask before they write anything more."""
    kept: Sequence[str]
    """Files that were there already and differ: they stay as they are."""
    replaced: Path | None
    """Where the state that was there before has gone."""


# --- saving -----------------------------------------------------------------------------------------------------------


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
            or top.startswith(_REPLACED)
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
            _add(tar, _MANIFEST, manifest)
            for name, path in files.items():
                _add(tar, name, path.read_bytes())
        raw.flush()
        os.fsync(raw.fileno())


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), 0o600
    tar.addfile(member, io.BytesIO(content))


# --- restoring --------------------------------------------------------------------------------------------------------


async def restore(file: Path, folder: Path, clock: Clock, by: Principal, *, replace: bool = False) -> Restored:
    """Bring the workspace in `file` back into `folder`. A state that is there already is only moved away, with `replace`.

    Everything is checked before anything is put into place. What happened after the backup is not in it: runs that had not ended
    ask before they write anything more. Raises UsageError, JournalBroken, AlreadyDriven and JournalUnwritable; then nothing has
    changed.
    """
    state = folder / STATE
    if state.exists() and not replace:
        raise UsageError(
            f"{folder} has a journal already, which would be replaced: `doer restore {file} --replace` keeps it aside"
        )
    with _unwritable_told(folder), _restoring(file, folder) as (place, told):
        saved_at = datetime.fromisoformat(str(told["saved_at"]))
        with _nobody_drives(state), open_journal(place / "state", clock) as journal:
            found = verify(journal, str(told["receipt"]) if told.get("receipt") else None)
            if not found.ok and told.get("whole"):
                raise JournalBroken(f"the journal in {file} is not what was saved: {found.findings[0].detail}")
            asking = await _ask_anew(journal, by, saved_at)
        replaced = _put_into_place(place / "state", state, clock)
        kept = _put_beside(place / "workspace", folder)
    init_workspace(folder)  # whatever else a workspace has
    return Restored(folder, saved_at, found.events, found.runs, asking, kept, replaced)


@contextmanager
def _restoring(file: Path, folder: Path) -> Iterator[tuple[Path, Mapping[str, object]]]:
    """Unpack beside the place where it goes, so that it can be renamed into it."""
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder, prefix=".doer-restoring-") as place:
        yield Path(place), _unpack(file, Path(place))


@contextmanager
def _unwritable_told(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as failure:
        raise JournalUnwritable(
            f"{folder} cannot be written: {failure.strerror or failure}; the journal that was there is still there"
        ) from failure


@contextmanager
def _nobody_drives(state: Path) -> Iterator[None]:
    """Hold every run of the state that is there, so that nothing goes on in a journal that is being moved away."""
    if not (state / _JOURNAL).is_file():
        yield
        return
    with standstill(state / LOCK):
        yield


def _unpack(file: Path, place: Path) -> Mapping[str, object]:
    try:
        with tarfile.open(file, "r:gz") as tar:
            told = _manifest(tar, file)
            expected = told["files"]
            assert isinstance(expected, dict)
            for member in tar:
                _take(tar, member, expected.pop(member.name, None), place)
    except (OSError, tarfile.TarError, EOFError, zlib.error, UnicodeDecodeError) as broken:
        reason = getattr(broken, "strerror", None) or broken
        raise UsageError(f"{file} is no backup that can be read: {reason}; nothing was changed") from broken
    if expected:
        raise UsageError(f"{file} is cut: {min(expected)} is missing; nothing was changed")
    return told


def _manifest(tar: tarfile.TarFile, file: Path) -> dict[str, object]:
    first = tar.next()
    content = tar.extractfile(first) if first is not None and first.name == _MANIFEST and first.isfile() else None
    try:
        told = json.loads(content.read()) if content is not None else None
    except ValueError:
        told = None
    if not isinstance(told, dict) or not isinstance(told.get("files"), dict) or "saved_at" not in told:
        raise UsageError(f"{file} is no backup of doer: it does not begin with {_MANIFEST}; nothing was changed")
    if told.get("version") != VERSION:
        raise UsageError(f"{file} was made by a newer doer (version {told.get('version')} of backups): upgrade doer")
    return told


def _take(tar: tarfile.TarFile, member: tarfile.TarInfo, expected: object, place: Path) -> None:
    """Write one member out. Only what the manifest names is taken, so that no name can lead elsewhere."""
    if member.name == _MANIFEST:
        return
    path = PurePosixPath(member.name)
    if (
        expected is None
        or not member.isfile()
        or path.is_absolute()
        or ".." in path.parts
        or path.parts[0] not in ("state", "workspace")
    ):
        raise UsageError(f"the backup holds {member.name!r:.100}, which no backup has; nothing was changed")
    content = tar.extractfile(member)
    assert content is not None
    given = content.read()
    if hashlib.sha256(given).hexdigest() != expected:
        raise UsageError(f"{member.name} in the backup was changed since it was made; nothing was changed here")
    target = place / path
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    target.write_bytes(given)
    target.chmod(0o600)


async def _ask_anew(journal: SqliteJournal, by: Principal, saved_at: datetime) -> list[RunId]:
    asking = []
    for name in await journal.runs():
        try:
            run = fold(name, await journal.read(name))
        except DoerError:
            continue  # its record can be verified, not driven: it goes nowhere by itself
        if run.ended is None:
            await journal.append(name, run.seq, [RunRestored(by, saved_at)])
            asking.append(name)
    await journal.checkpoint()
    return asking


def _put_into_place(new: Path, state: Path, clock: Clock) -> Path | None:
    """Put the new state into place; return where the old one is now: in the new one, out of reach of git and of tools."""
    if not state.exists():
        new.rename(state)
        sync_folder(state.parent)
        return None
    name = f"{_REPLACED}{clock.now().astimezone(UTC):%Y%m%dT%H%M%SZ}"
    aside = state.with_name(f"{STATE}.{name}")
    state.rename(aside)
    new.rename(state)
    aside.rename(state / name)
    sync_folder(state.parent)
    return state / name


def _put_beside(files: Path, folder: Path) -> list[str]:
    """Put back the workspace's own files that are missing; those that are there are somebody's, and stay."""
    kept = []
    for path in sorted(files.rglob("*")) if files.is_dir() else ():
        target = folder / path.relative_to(files)
        if path.is_dir():
            target.mkdir(exist_ok=True)
        elif not target.exists():
            path.chmod(0o644)
            path.rename(target)
        elif target.read_bytes() != path.read_bytes():
            kept.append(path.relative_to(files).as_posix())
    return kept
