"""Hostile repositories run nothing, and work that was killed anywhere is found or done once."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.connectors.git_case import KEY, do, edit, script, tool, until_dead
from tests.connectors.git_server import (
    ENVIRONMENT,
    Host,
    commit,
    git,
    refs,
    work_tree,
)

from doer.domain.action import Intent, Receipt
from doer.domain.errors import Permanent, Transient
from doer.domain.outcome import Absent, Undone, Verified
from doer.domain.ports import Tool
from doer.domain.value import JsonObject, Key

# --- nothing of the repository is run ---------------------------------------------------------------------------------


def poison(work: Path, canaries: Path) -> None:
    """Let everything that git can be told to run leave a canary."""
    canaries.mkdir()

    def run(name: str) -> str:
        return str(script(canaries.parent, f"touch {canaries}/{name}; cat", f"run-{name}"))

    hooks = work / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for hook in ("pre-commit", "reference-transaction", "pre-push", "post-checkout", "post-index-change", "commit-msg"):
        script(hooks, f"touch {canaries}/hook-{hook}; cat >/dev/null", hook)
    settings = {
        "core.fsmonitor": run("fsmonitor"),
        "core.sshCommand": run("ssh"),
        "core.askPass": run("askpass"),
        "core.pager": run("pager"),
        "core.editor": run("editor"),
        "core.alternateRefsCommand": run("alternates"),
        "credential.helper": f"!{run('credential')}",
        "gpg.program": run("gpg"),
        "commit.gpgSign": "true",
        "tag.gpgSign": "true",
        "push.gpgSign": "if-asked",
        "log.showSignature": "true",
        "diff.external": run("external"),
        "diff.evil.textconv": run("textconv"),
        "diff.evil.command": run("diffcommand"),
        "filter.evil.clean": run("clean"),
        "filter.evil.smudge": run("smudge"),
        "filter.evil.process": run("process"),
        "alias.status": f"!{run('alias')}",
        "remote.origin.uploadpack": run("uploadpack"),
        "remote.origin.receivepack": run("receivepack"),
        "remote.origin.vcs": "ext",
        "protocol.ext.allow": "always",
        "url.ext::sh -c touch% %CANARY.insteadOf": "http",
        "submodule.recurse": "true",
    }
    for name, value in settings.items():
        git(work, "config", name, value)
    (work / ".git" / "info").mkdir(exist_ok=True)
    (work / ".git" / "info" / "attributes").write_text("*.evil filter=evil\n* diff=evil\n")


async def test_nothing_that_a_hostile_repository_names_is_run(work: Path, host: Host, tmp_path: Path) -> None:
    canaries = tmp_path / "canaries"
    poison(work, canaries)
    (work / "docs" / "a.md").write_text("changed\n")
    for name in ("status", "log", "branches", "diff"):
        await tool(work, name).apply({}, KEY, ())
    steps: Sequence[tuple[str, JsonObject]] = (
        ("commit", {"paths": ["docs"], "message": "m"}),
        ("create_branch", {"branch": "x"}),
        ("tag", {"tag": "v1", "message": "m"}),
        ("push", {"branch": "main"}),
        ("push_tag", {"tag": "v1"}),
    )
    done: list[tuple[Tool, Receipt]] = []
    for number, (name, arguments) in enumerate(steps):
        using = tool(work, name, url=host.url)
        intent, receipt = await do(using, arguments, Key(f"hostile-{number}"))
        assert isinstance(await using.verify(intent, receipt), Verified)
        assert isinstance(await using.verify(intent), Verified)
        done.append((using, receipt))
    for using, receipt in reversed(done):
        assert isinstance(await using.undo(receipt), Undone)
    assert list(canaries.iterdir()) == []
    # The same repository under plain git: the poison is real, so its absence above says something.
    git(work, "status", check=False)
    (work / "x.evil").write_text("x")
    git(work, "add", "x.evil", check=False)
    git(work, "diff", "HEAD~1", check=False)
    git(work, "update-ref", "refs/heads/y", "HEAD", check=False)
    left = {each.name for each in canaries.iterdir()}
    assert {"fsmonitor", "hook-reference-transaction", "hook-post-index-change"} <= left
    assert left & {"clean", "process"}
    assert left & {"external", "diffcommand", "textconv"}


async def test_a_file_that_needs_a_filter_is_not_committed_as_something_else(work: Path, tmp_path: Path) -> None:
    poison(work, tmp_path / "canaries")
    (work / "x.evil").write_text("x")
    with pytest.raises(Permanent, match="needs the filter 'evil'"):
        await tool(work, "commit").preview({"paths": ["x.evil"]}, ())
    assert list((tmp_path / "canaries").iterdir()) == []


@pytest.mark.parametrize("name", ["doer", "doer/lock", "index"])
async def test_links_in_the_git_directory_are_not_written_through(work: Path, tmp_path: Path, name: str) -> None:
    kept = tmp_path / "kept"
    kept.mkdir() if name == "doer" else kept.write_bytes((work / ".git" / "index").read_bytes())
    before = [] if name == "doer" else [kept.read_bytes()]
    link = work / ".git" / name
    link.parent.mkdir(exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(kept)
    edit(work)
    with pytest.raises(Permanent):
        await do(tool(work, "commit"), {"paths": ["docs"]})
    assert (list(kept.iterdir()) if name == "doer" else [kept.read_bytes()]) == before


async def test_a_partial_clone_that_would_ask_its_remote_when_read_is_refused(work: Path, tmp_path: Path) -> None:
    (tmp_path / "included").write_text('[remote "origin"]\n\tpromisor = true\n')
    git(work, "config", "include.path", str(tmp_path / "included"))
    with pytest.raises(Permanent, match="partial clone"):
        await tool(work, "log").apply({}, KEY, ())


async def test_a_work_tree_that_points_elsewhere_is_refused(work: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    git(work, "config", "core.worktree", str(tmp_path / "elsewhere"))
    with pytest.raises(Permanent, match="not the top"):
        await tool(work, "commit").preview({}, ())


# --- killed -----------------------------------------------------------------------------------------------------------

_CHILD = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from doer.connectors.tools.git import git_tools
from doer.domain.value import Key
work, name, path = sys.argv[1:]
tools = git_tools("code", Path(work), author="Sam <sam@acme.example>", push=("*",), username="sam",
                  password=lambda: "canary-7f3a-token", now=lambda: datetime(2026, 11, 21, 12, tzinfo=UTC))
tool = next(each for each in tools if each.manifest.name == "code." + name)
arguments = {"paths": [path]} if path else {}
async def main():
    await tool.apply(arguments, Key("a" * 40), (await tool.preview(arguments, ())).changes)
asyncio.run(main())
"""


def killed_at(command: str, when: str, work: Path, name: str, path: str, tmp_path: Path) -> None:
    """Apply in a process of its own, which is killed before or after git's `command`."""
    folder = tmp_path / "bin"
    folder.mkdir(exist_ok=True)
    before = f'[ "$1" = {command} ] && kill -9 $PPID && exit 1' if when == "before" else ":"
    after = f'[ "$1" = {command} ] && kill -9 $PPID' if when == "after" else ":"
    script(folder, f'{before}\n/usr/bin/git "$@"\ncode=$?\n{after}\nexit $code')
    ran = subprocess.run(
        [sys.executable, "-c", _CHILD, str(work), name, path],
        env={**ENVIRONMENT, "PATH": f"{folder}:{ENVIRONMENT['PATH']}"},
        check=False,
    )
    assert ran.returncode == -9


@pytest.mark.parametrize(
    ("command", "when"),
    [("commit-tree", "after"), ("update-ref", "before"), ("update-ref", "after"), ("update-index", "after")],
)
async def test_a_commit_that_was_killed_anywhere_is_found_or_done_once(
    work: Path, tmp_path: Path, command: str, when: str
) -> None:
    edit(work)
    git(work, "add", "README.md")
    before, committing, arguments = work_tree(work), tool(work, "commit"), {"paths": ["docs"]}
    foretold = (await committing.preview(arguments, ())).changes
    killed_at(command, when, work, "commit", "docs", tmp_path)
    found = await committing.verify(Intent(arguments, KEY, foretold))
    moved = (command, when) in (("update-ref", "after"), ("update-index", "after"))
    assert isinstance(found, Verified if moved else Absent)
    receipt = await committing.apply(arguments, KEY, foretold)
    assert git(work, "log", "--format=%s", "-n2").splitlines() == ["Update docs", "Second"]
    assert git(work, "status", "--porcelain") == "M  README.md"
    assert isinstance(await committing.undo(receipt), Undone)
    assert work_tree(work) == before


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_push_that_was_killed_is_found_or_done_once(work: Path, host: Host, tmp_path: Path, when: str) -> None:
    made, before = commit(work, "Ours", README="ours"), refs(host.bare)
    pushing = tool(work, "push")
    foretold = (await pushing.preview({}, ())).changes
    killed_at("push", when, work, "push", "", tmp_path)
    found = await pushing.verify(Intent({}, KEY, foretold))
    assert isinstance(found, Absent if when == "before" else Verified)
    receipt = await pushing.apply({}, KEY, foretold)
    assert refs(host.bare)["refs/heads/main"] == made
    assert isinstance(await pushing.undo(receipt), Undone)
    assert refs(host.bare) == before


async def test_a_hanging_git_is_ended_with_its_children(work: Path, tmp_path: Path, monkeypatch: Any) -> None:
    (tmp_path / "bin").mkdir()
    child = tmp_path / "child"
    script(tmp_path / "bin", f"sleep 3000 &\necho $! > {child}.new; mv {child}.new {child}\nwait")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{ENVIRONMENT['PATH']}")
    for patience in (1, 8, 64):  # on a slow machine it may be ended before it has begun
        with pytest.raises(Transient, match=f"within {patience} s"):
            await tool(work, "status", timeout=patience).apply({}, KEY, ())
        if child.exists():
            break
    until_dead(int(child.read_text()))
