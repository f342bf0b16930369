"""Backup and restore: consistent while in use, checked before it is trusted, and what may have been done since is asked about."""

import hashlib
import io
import json
import stat
import tarfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from doer.app.backup import back_up
from doer.app.restore import restore
from doer.app.state import STATE
from doer.app.workspace import init_workspace, open_doer
from doer.domain.errors import AlreadyDriven, UsageError
from doer.domain.value import Principal, RunId
from doer.journal.proof import verify
from doer.journal.store import open_journal
from doer.runtime.system import SystemClock
from doer.testing.clock import ManualClock

ME = Principal("sam")


def yes(_: object) -> bool:
    return True


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest_asyncio.fixture
async def office(tmp_path: Path) -> AsyncIterator[Path]:
    folder = tmp_path / "office"
    init_workspace(folder)
    (folder / "skills" / "mine.toml").write_text(SKILL, encoding="utf-8")
    async with open_doer(folder) as doer:
        await doer.do("write hello.md: it works", approve=yes)
        await doer.do("write later.md: not yet")
    yield folder


SKILL = """
name = "note"
description = "keep a note"
examples = ["keep in mind {text}"]
[slots.text]
type = "text"
question = "What?"
[[step]]
id = "keep"
tool = "files.write"
arguments = { path = "note.md", text = "$text" }
"""


async def test_a_workspace_comes_back_with_its_runs_files_and_skills(office: Path, tmp_path: Path) -> None:
    saved = await back_up(office, tmp_path / "b.tgz", SystemClock())

    back = await restore(saved.file, tmp_path / "new", SystemClock(), ME)

    assert (saved.whole, saved.runs, back.runs, back.kept) == (True, 2, 2, [])
    assert (tmp_path / "new/skills/mine.toml").read_text(encoding="utf-8") == SKILL
    assert STATE in (tmp_path / "new/.gitignore").read_text(encoding="utf-8")
    with open_journal(tmp_path / "new" / STATE, SystemClock()) as journal:
        assert verify(journal, saved.receipt).ok, "the receipt given out with the backup still holds"


async def test_a_run_that_had_not_ended_asks_before_it_writes(office: Path, tmp_path: Path) -> None:
    saved = await back_up(office, tmp_path / "b.tgz", SystemClock())
    new = tmp_path / "new"

    back = await restore(saved.file, new, SystemClock(), ME)

    async with open_doer(new) as doer:
        await doer.resume()
        assert not (new / "later.md").exists()
        shown = await doer.show(back.asking[0])
        assert (shown.status, "restored from a backup" in shown.reason) == ("waiting", True)
        assert (await doer.approve(back.asking[0])).status == "done"
    assert (new / "later.md").read_text(encoding="utf-8").strip() == "not yet"


async def test_what_was_done_before_the_backup_can_be_taken_back_after_it(office: Path, tmp_path: Path) -> None:
    saved = await back_up(office, tmp_path / "b.tgz", SystemClock())

    await restore(saved.file, office, SystemClock(), ME, replace=True)

    async with open_doer(office) as doer:
        first = (await doer.journal.runs())[-1]
        assert (await doer.undo(first, approve=yes)).status == "undone"
    assert not (office / "hello.md").exists()


async def test_a_backup_is_for_its_owner_only_and_overwrites_nothing(office: Path, tmp_path: Path) -> None:
    saved = await back_up(office, tmp_path / "b.tgz", SystemClock())

    assert stat.S_IMODE(saved.file.stat().st_mode) == 0o600
    with pytest.raises(UsageError, match="never overwrites"):
        await back_up(office, saved.file, SystemClock())
    assert names(tmp_path) == ["b.tgz", "office"], "nothing else is left beside it"


async def test_a_journal_that_is_there_is_only_moved_aside_and_only_when_asked(office: Path, tmp_path: Path) -> None:
    saved = await back_up(office, tmp_path / "b.tgz", SystemClock())
    async with open_doer(office) as doer:
        await doer.do("write third.md: later than the backup", approve=yes)

    with pytest.raises(UsageError, match="--replace"):
        await restore(saved.file, office, SystemClock(), ME)
    back = await restore(saved.file, office, ManualClock(), ME, replace=True)

    assert back.replaced == office / STATE / "replaced-20260105T090000Z"
    with open_journal(back.replaced, SystemClock()) as before:
        assert len(await before.runs()) == 3
    again = await back_up(office, tmp_path / "c.tgz", SystemClock())
    with tarfile.open(again.file) as tar:
        assert not [name for name in tar.getnames() if "replaced" in name], "what was moved aside is not saved again"


async def test_somebody_s_own_files_stay_as_they_are(office: Path, tmp_path: Path) -> None:
    saved = await back_up(office, tmp_path / "b.tgz", SystemClock())
    new = tmp_path / "new"
    new.mkdir()
    (new / "doer.toml").write_text('[workspace]\ntimezone = "UTC"\n', encoding="utf-8")

    back = await restore(saved.file, new, SystemClock(), ME)

    assert list(back.kept) == ["doer.toml"]
    assert (new / "doer.toml").read_text(encoding="utf-8").startswith("[workspace]")


async def test_a_run_that_is_being_driven_keeps_its_journal(office: Path, tmp_path: Path) -> None:
    saved = await back_up(office, tmp_path / "b.tgz", SystemClock())
    with open_journal(office / STATE, SystemClock()) as journal, journal.driving(RunId("busy")):
        with pytest.raises(AlreadyDriven):
            await restore(saved.file, office, SystemClock(), ME, replace=True)

        assert len(await journal.runs()) == 2


@pytest.mark.parametrize("bytes_kept", [0, 100, 2000, -500])
async def test_a_cut_backup_changes_nothing(office: Path, tmp_path: Path, bytes_kept: int) -> None:
    saved = await back_up(office, tmp_path / "b.tgz", SystemClock())
    (tmp_path / "cut.tgz").write_bytes(saved.file.read_bytes()[:bytes_kept])

    with pytest.raises(UsageError):
        await restore(tmp_path / "cut.tgz", tmp_path / "new", SystemClock(), ME)

    assert names(tmp_path / "new") == []


def _packed(path: Path, members: dict[str, bytes], listed: dict[str, bytes] | None = None, version: int = 1) -> Path:
    files = {name: hashlib.sha256(content).hexdigest() for name, content in (listed or members).items()}
    manifest = {
        "version": version,
        "saved_at": "2026-01-05T09:00:00+00:00",
        "receipt": None,
        "whole": True,
        "files": files,
    }
    with tarfile.open(path, "w:gz") as tar:
        for name, content in {"doer-backup.json": json.dumps(manifest).encode(), **members}.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return path


@pytest.mark.parametrize(
    ("members", "listed", "said"),
    [
        ({"state/../../evil": b"x"}, None, "which no backup has"),
        ({"/etc/evil": b"x"}, None, "which no backup has"),
        ({"home/evil": b"x"}, None, "which no backup has"),
        ({"state/more": b"x"}, {"state/other": b"x"}, "which no backup has"),
        ({"state/a": b"edited"}, {"state/a": b"as it was"}, "was changed since"),
        ({"state/a": b"x"}, {"state/a": b"x", "state/b": b"y"}, "is missing"),
    ],
)  # fmt: skip
async def test_a_hostile_or_edited_backup_is_refused(
    tmp_path: Path, members: dict[str, bytes], listed: dict[str, bytes] | None, said: str
) -> None:
    file = _packed(tmp_path / "b.tgz", members, listed)

    with pytest.raises(UsageError, match=said):
        await restore(file, tmp_path / "new", SystemClock(), ME)

    assert names(tmp_path) == ["b.tgz", "new"]
    assert names(tmp_path / "new") == []


async def test_a_backup_of_a_newer_doer_and_what_is_no_backup_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="upgrade doer"):
        await restore(_packed(tmp_path / "b.tgz", {}, version=9), tmp_path / "new", SystemClock(), ME)
    (tmp_path / "text").write_text("hello", encoding="utf-8")
    with pytest.raises(UsageError, match="no backup that can be read"):
        await restore(tmp_path / "text", tmp_path / "new", SystemClock(), ME)
