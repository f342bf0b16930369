"""Refs are told as git tells them, from their files where those are plain; what is not plain is asked of git."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from tests.connectors.git_case import KEY, script, tool
from tests.connectors.git_server import commit, git

from doer.connectors.tools.git.opening import open_repository
from doer.connectors.tools.git.program import Program

FOLDERS = ("refs/heads/", "refs/remotes/", "refs/tags/")


def told_by_git(work: Path) -> dict[str, str]:
    lines = git(work, "for-each-ref", "--format=%(refname) %(objectname)").splitlines()
    return {name: target for name, _, target in (line.partition(" ") for line in lines)}


def told_by_doer(work: Path) -> dict[str, str]:
    opened = open_repository(Program(), work)
    found = opened.all_refs(*FOLDERS)
    assert {name: opened.target(name) for name in found} == found
    return found


def test_packed_loose_and_symbolic_refs_are_told_as_git_tells_them(work: Path) -> None:
    git(work, "branch", "feature/deep/one")
    git(work, "tag", "-m", "One", "v1")
    git(work, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    git(work, "symbolic-ref", "refs/remotes/origin/gone", "refs/remotes/origin/nothing")
    git(work, "pack-refs", "--all")
    made = commit(work, "Third", README="three\n")  # main is loose again, over its packed value
    (work / ".git" / "refs" / "heads" / "left.lock").write_text(made)
    found = told_by_doer(work)
    assert found == told_by_git(work)
    assert found["refs/heads/main"] == made == open_repository(Program(), work).target("HEAD")
    assert {"refs/heads/feature/deep/one", "refs/remotes/origin/HEAD", "refs/tags/v1"} <= found.keys()


def test_a_ref_that_is_a_link_is_asked_of_git(work: Path) -> None:
    (work / ".git" / "refs" / "heads" / "alias").symlink_to("refs/heads/main")
    assert told_by_doer(work) == told_by_git(work)


def test_a_name_that_no_ref_has_reads_no_other_file(work: Path) -> None:
    secret = work.parent / "secret"
    secret.write_text("a" * 40)
    opened = open_repository(Program(), work)
    assert opened.target("refs/heads/../../../../secret") is None
    assert opened.target("refs/heads/nothing") is None


async def test_looking_at_a_plain_repository_starts_no_process(
    work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, real = tmp_path / "log", shutil.which("git")
    (tmp_path / "bin").mkdir()
    script(tmp_path / "bin", f'echo "$1" >> {log}; exec {real} "$@"')
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    looking = tool(work, "branches")
    first = (await looking.apply({}, KEY, ())).result
    log.write_text("")
    assert (await looking.apply({}, KEY, ())).result == first
    assert log.read_text() == ""
    git(work, "config", "extensions.worktreeConfig", "true")  # no longer plain
    log.write_text("")
    assert (await looking.apply({}, KEY, ())).result == first
    assert log.read_text().split() == ["rev-parse", "config"]


def test_whether_the_folder_of_another_user_is_trusted_is_asked_of_git(
    work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, real = tmp_path / "log", shutil.which("git")
    (tmp_path / "bin").mkdir()
    script(tmp_path / "bin", f'echo "$1" >> {log}; exec {real} "$@"')
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    opened = open_repository(Program(), work)
    assert "rev-parse" not in log.read_text().split()
    assert open_repository(Program(), work, user=os.geteuid() + 1) == opened
    assert "rev-parse" in log.read_text().split()
