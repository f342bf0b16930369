"""Restore of a workspace's state from a backup: checked before it is trusted, and nothing that is there is lost."""

from __future__ import annotations

import hashlib
import json
import tarfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from doer.app.backup import JOURNAL, MANIFEST, REPLACED, VERSION
from doer.app.state import STATE
from doer.app.workspace import init_workspace
from doer.domain.errors import DoerError, JournalBroken, JournalUnwritable, UsageError
from doer.domain.event import RunRestored
from doer.domain.fold import fold
from doer.domain.ports import Clock
from doer.domain.value import Principal, RunId
from doer.journal.blob import sync_folder
from doer.journal.lock import LOCK, standstill
from doer.journal.proof import verify
from doer.journal.store import SqliteJournal, open_journal


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
    if not (state / JOURNAL).is_file():
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
    content = tar.extractfile(first) if first is not None and first.name == MANIFEST and first.isfile() else None
    try:
        told = json.loads(content.read()) if content is not None else None
    except ValueError:
        told = None
    if not isinstance(told, dict) or not isinstance(told.get("files"), dict) or "saved_at" not in told:
        raise UsageError(f"{file} is no backup of doer: it does not begin with {MANIFEST}; nothing was changed")
    if told.get("version") != VERSION:
        raise UsageError(f"{file} was made by a newer doer (version {told.get('version')} of backups): upgrade doer")
    return told


def _take(tar: tarfile.TarFile, member: tarfile.TarInfo, expected: object, place: Path) -> None:
    """Write one member out. Only what the manifest names is taken, so that no name can lead elsewhere."""
    if member.name == MANIFEST:
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
    name = f"{REPLACED}{clock.now().astimezone(UTC):%Y%m%dT%H%M%SZ}"
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
