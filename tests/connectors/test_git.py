"""The git tools with real git: what they commit, name, read and refuse, and what they leave alone."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.connectors.git_case import KEY, NOW, SAM, do, edit, script, tool
from tests.connectors.git_server import (
    Host,
    clone_of,
    commit,
    git,
    refs,
    work_tree,
)

from doer.domain.action import Change, Receipt
from doer.domain.errors import Permanent, Transient, UsageError
from doer.domain.outcome import Conflict, Undone, Verified
from doer.domain.value import JsonObject, Key


async def read(work: Path, name: str, **arguments: Any) -> Any:
    return (await tool(work, name).apply(arguments, KEY, ())).result


# --- commit -----------------------------------------------------------------------------------------------------------


async def test_a_commit_takes_all_of_a_folder_and_nothing_else_that_is_staged(work: Path) -> None:
    edit(work)
    git(work, "add", "README.md")
    _, receipt = await do(tool(work, "commit"), {"paths": ["docs"], "message": "Change the docs"})
    shown = git(work, "show", "--name-status", "--format=%an <%ae>|%s|%ct", "HEAD").splitlines()
    assert shown[0] == f"{SAM}|Change the docs|{int(NOW.timestamp())}"
    assert sorted(shown[2:]) == ["A\tdocs/new.md", "D\tdocs/b.md", "M\tdocs/a.md"]
    assert git(work, "status", "--porcelain") == "M  README.md"
    assert isinstance(receipt.result, dict)
    assert receipt.result["commit"] == git(work, "rev-parse", "main")


async def test_a_preview_names_each_file_and_writes_nothing_into_the_repository(work: Path) -> None:
    edit(work)
    before = sorted(path for path in (work / ".git").rglob("*"))
    preview = await tool(work, "commit").preview({"paths": ["docs"]}, ())
    change = preview.changes[0]
    assert isinstance(change.after, dict)
    assert change.after["files"] == {"docs/a.md": "changed", "docs/b.md": "deleted", "docs/new.md": "added"}
    assert change.after["message"] == "Update docs"
    assert sorted(path for path in (work / ".git").rglob("*")) == before


async def test_the_first_commit_of_a_repository_can_be_taken_back(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "main", "fresh")
    fresh = tmp_path / "fresh"
    (fresh / "a.txt").write_text("a")
    before = work_tree(fresh)
    committing = tool(fresh, "commit")
    intent, receipt = await do(committing, {})
    assert git(fresh, "log", "--format=%s") == "Update files"
    assert isinstance(await committing.verify(intent), Verified)
    assert isinstance(await committing.undo(receipt), Undone)
    assert work_tree(fresh) == before


async def test_what_was_staged_before_is_staged_again_after_undo(work: Path) -> None:
    (work / "docs" / "a.md").write_text("staged\n")
    git(work, "add", "docs/a.md")
    (work / "docs" / "a.md").write_text("then edited\n")
    before = work_tree(work)
    committing = tool(work, "commit")
    _, receipt = await do(committing, {"paths": ["docs/a.md"], "message": "m"})
    assert git(work, "show", "HEAD:docs/a.md") == "then edited"
    assert isinstance(await committing.undo(receipt), Undone)
    assert work_tree(work) == before


async def test_the_same_action_makes_the_same_commit_id(work: Path, host: Host, tmp_path: Path) -> None:
    other = clone_of(host.bare, tmp_path / "other")
    for place in (work, other):
        edit(place)  # later than NOW, which is then the date
    _, one = await do(tool(work, "commit"), {"paths": ["docs"], "message": "m"})
    _, two = await do(tool(other, "commit"), {"paths": ["docs"], "message": "m"})
    assert one.result == two.result


async def test_files_that_change_after_the_preview_are_not_committed(work: Path) -> None:
    edit(work)
    committing = tool(work, "commit")
    foretold = (await committing.preview({"paths": ["docs"]}, ())).changes
    (work / "docs" / "a.md").write_text("changed again\n")
    before = work_tree(work)
    with pytest.raises(Permanent, match="changed since the preview"):
        await committing.apply({"paths": ["docs"]}, KEY, foretold)
    assert work_tree(work) == before


async def test_two_planned_commits_and_a_tag_are_foretold_by_the_ids_that_they_will_have(work: Path) -> None:
    edit(work)
    committing = tool(work, "commit")
    first = (await committing.preview({"paths": ["docs"]}, ())).changes
    second = (await committing.preview({}, first)).changes
    tagged = (await tool(work, "tag").preview({"tag": "v1"}, (*first, *second))).changes[0]
    assert isinstance(first[0].after, dict)
    assert isinstance(second[0].after, dict)
    assert second[0].before == {"commit": first[0].after["commit"]}
    assert second[0].after["files"] == {"README.md": "changed"}
    assert tagged.after == {"commit": second[0].after["commit"]}
    with pytest.raises(Permanent, match="nothing to commit"):
        await committing.preview({"paths": ["docs/a.md"]}, first)
    await committing.apply({"paths": ["docs"]}, KEY, first)
    again = (await committing.preview({}, ())).changes
    assert (again[0].before, again[0].after) == (second[0].before, second[0].after)
    await committing.apply({}, Key("other"), again)
    assert git(work, "rev-parse", "main") == second[0].after["commit"]


async def test_the_date_is_that_of_the_newest_file_between_the_parent_s_and_now(work: Path) -> None:
    edit(work)
    for second, expected in ((1_750_000_000, 1_750_000_000), (1_600_000_000, 1_700_000_000)):
        for name in ("docs/a.md", "docs/new.md", "docs"):
            os.utime(work / name, (second, second))
        receipt = (await do(tool(work, "commit"), {"paths": ["docs"]}))[1]
        assert git(work, "log", "-1", "--format=%at %ct") == f"{expected} {expected}"
        await tool(work, "commit").undo(receipt)


async def test_a_commit_by_somebody_else_in_between_is_kept(work: Path) -> None:
    edit(work)
    committing = tool(work, "commit")
    foretold = (await committing.preview({"paths": ["docs"]}, ())).changes
    theirs = commit(work, "Theirs", other="x")
    with pytest.raises(Permanent, match="changed since the preview"):
        await committing.apply({"paths": ["docs"]}, KEY, foretold)
    assert git(work, "rev-parse", "main") == theirs


async def test_a_commit_that_somebody_built_on_is_verified_and_not_taken_back(work: Path) -> None:
    edit(work)
    committing = tool(work, "commit")
    intent, receipt = await do(committing, {"paths": ["docs"]})
    theirs = commit(work, "Theirs", other="x")
    found = await committing.verify(intent, receipt)
    assert isinstance(found, Verified)
    assert "on top" in found.evidence
    assert isinstance(await committing.undo(receipt), Conflict)
    assert git(work, "rev-parse", "main") == theirs


async def test_a_pushed_commit_is_taken_back_only_after_its_push(work: Path, host: Host) -> None:
    edit(work)
    before, remote = work_tree(work), refs(host.bare)
    committing, pushing = tool(work, "commit"), tool(work, "push")
    _, committed = await do(committing, {"paths": ["docs"]})
    _, pushed = await do(pushing, {})
    assert isinstance(conflict := await committing.undo(committed), Conflict)
    assert "pushed" in conflict.reason
    assert isinstance(await pushing.undo(pushed), Undone)
    assert isinstance(await committing.undo(committed), Undone)
    assert (work_tree(work), refs(host.bare)) == (before, remote)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"paths": ["README.md"]}, "nothing to commit"),
        ({"paths": ["nowhere.md"]}, "no such file"),
        ({"paths": ["../outside"]}, "upwards"),
        ({"paths": ["/etc/passwd"]}, "not inside"),
        ({"paths": [".git/config"]}, "out of reach"),
        ({"paths": [".doer"]}, "out of reach"),
        ({"paths": ["link/secret.txt"]}, "links are not followed"),
        ({"paths": ["ignored.log"]}, "gitignore"),
        ({"paths": ["nested"]}, "repository of its own"),
        ({"paths": ["docs"], "message": " "}, "message"),
    ],
)
async def test_what_cannot_be_committed_is_refused_and_changes_nothing(
    work: Path, tmp_path: Path, arguments: JsonObject, told: str
) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.txt").write_text("secret")
    (work / "link").symlink_to(tmp_path / "outside")
    (work / ".git" / "info").mkdir(exist_ok=True)
    (work / ".git" / "info" / "exclude").write_text("*.log\n")
    (work / "ignored.log").write_text("x")
    (work / ".doer").mkdir()
    (work / ".doer" / "journal").write_text("x")
    git(work, "init", "-q", "nested")
    commit(work / "nested", "Inner", a="a")
    before = work_tree(work)
    with pytest.raises(Permanent, match=told):
        await tool(work, "commit").preview(arguments, ())
    assert work_tree(work) == before


async def test_everything_leaves_out_what_belongs_to_doer(work: Path) -> None:
    (work / ".doer").mkdir()
    (work / ".doer" / "journal").write_text("x")
    (work / "doer.toml").write_text("")
    await do(tool(work, "commit"), {})
    assert git(work, "show", "--name-only", "--format=") == "doer.toml"


async def test_a_path_that_looks_like_an_option_or_a_pattern_is_a_path(work: Path) -> None:
    (work / "--all").write_text("x")
    (work / "*.md").write_text("star")
    (work / "README.md").write_text("changed")
    await do(tool(work, "commit"), {"paths": ["--all", "*.md"]})
    assert sorted(git(work, "show", "--name-only", "--format=").splitlines()) == ["*.md", "--all"]


async def test_line_endings_are_kept_as_the_repository_says_and_links_as_links(work: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    (work / ".gitattributes").write_text("*.txt text\n")
    (work / "windows.txt").write_bytes(b"one\r\ntwo\r\n")
    (work / "link").symlink_to(tmp_path / "secret.txt")
    await do(tool(work, "commit"), {})
    assert git(work, "cat-file", "-s", "HEAD:windows.txt") == str(len("one\ntwo\n"))
    assert git(work, "ls-tree", "HEAD", "link").startswith("120000")
    assert git(work, "show", "HEAD:link") == str(tmp_path / "secret.txt")


@pytest.mark.parametrize("kind", ["linked work tree", "sha256"])
async def test_a_linked_work_tree_and_longer_hashes_work_too(work: Path, tmp_path: Path, kind: str) -> None:
    place = tmp_path / "other"
    if kind == "sha256":
        git(tmp_path, "init", "-q", "-b", "side", "--object-format=sha256", "other")
        commit(place, "First", docs__a="a\n", docs__b="b\n")
    else:
        git(work, "worktree", "add", "-q", "-b", "side", str(place))
    edit(place)
    before = (refs(place), git(place, "ls-files", "-s"), git(place, "status", "--porcelain"))
    committing = tool(place, "commit")
    intent, receipt = await do(committing, {"paths": ["docs"]})
    assert git(place, "log", "-1", "--format=%s", "side") == "Update docs"
    assert isinstance(await committing.verify(intent), Verified)
    assert isinstance(await committing.undo(receipt), Undone)
    assert (refs(place), git(place, "ls-files", "-s"), git(place, "status", "--porcelain")) == before


# --- when work cannot begin -------------------------------------------------------------------------------------------


async def test_a_detached_head_a_merge_and_a_missing_author_are_said_plainly(work: Path) -> None:
    edit(work)
    committing = tool(work, "commit")
    (work / ".git" / "MERGE_HEAD").write_text(git(work, "rev-parse", "HEAD"))
    with pytest.raises(Permanent, match="a merge is going on"):
        await committing.preview({}, ())
    (work / ".git" / "MERGE_HEAD").unlink()
    with pytest.raises(UsageError, match="no author"):
        tool(work, "commit", author="Sam")
    git(work, "sparse-checkout", "set", "docs")
    with pytest.raises(Permanent, match="sparse"):
        await committing.preview({}, ())
    git(work, "sparse-checkout", "disable")
    git(work, "checkout", "-q", "--detach")
    with pytest.raises(Permanent, match="detached"):
        await committing.preview({}, ())


async def test_nobody_named_as_author_is_an_error_and_the_repository_s_own_user_counts(
    work: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    edit(work)
    with pytest.raises(Permanent, match=r"git config user\.name"):
        await tool(work, "commit", author=None).preview({}, ())
    git(work, "config", "user.name", "Jo")
    git(work, "config", "user.email", "jo@acme.example")
    await do(tool(work, "commit", author=None), {})
    assert git(work, "log", "-1", "--format=%an <%ae>") == "Jo <jo@acme.example>"


async def test_a_folder_that_is_no_repository_or_only_part_of_one_is_refused(work: Path, tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    for place, told in (
        (tmp_path / "plain", "not a git repository"),
        (tmp_path / "absent", "not there"),
        (work / "docs", "not the top"),
        (tmp_path / "remote.git", "bare"),
    ):
        with pytest.raises(Permanent, match=told):
            await tool(place, "status").apply({}, KEY, ())


async def test_a_missing_git_names_the_package_and_an_old_one_its_version(
    work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    with pytest.raises(Permanent, match="apt install git"):
        await tool(work, "status").apply({}, KEY, ())
    script(tmp_path / "bin", "echo git version 2.20.1")
    with pytest.raises(Permanent, match="too old"):
        await tool(work, "status").apply({}, KEY, ())


async def test_another_git_at_work_is_waited_for(work: Path) -> None:
    edit(work)
    committing = tool(work, "commit")
    foretold = (await committing.preview({}, ())).changes
    (work / ".git" / "index.lock").write_text("")
    with pytest.raises(Transient, match="another git"):
        await committing.apply({}, KEY, foretold)
    (work / ".git" / "index.lock").unlink()
    await committing.apply({}, KEY, foretold)


# --- branch and tag ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["-d", "a..b", "a b", "x.lock", "@", "HEAD", "a/", "refs/heads/", "é\u202eb", "a~1"])
async def test_what_cannot_name_a_branch_is_refused(work: Path, name: str) -> None:
    with pytest.raises(Permanent):
        await tool(work, "create_branch").preview({"branch": name}, ())
    assert git(work, "check-ref-format", "--branch", name, check=False) in ("", name)


async def test_a_branch_made_anew_by_somebody_else_is_not_removed_by_undo(work: Path) -> None:
    branching = tool(work, "create_branch")
    _, receipt = await do(branching, {"branch": "x"})
    git(work, "branch", "-D", "x")
    git(work, "branch", "x")
    assert isinstance(await branching.undo(receipt), Conflict)
    assert "refs/heads/x" in refs(work)


async def test_a_branch_in_use_is_not_removed_by_undo(work: Path) -> None:
    branching = tool(work, "create_branch")
    _, receipt = await do(branching, {"branch": "x"})
    git(work, "checkout", "-q", "x")
    assert isinstance(await branching.undo(receipt), Conflict)


async def test_a_push_after_a_planned_commit_is_foretold_by_the_id_that_it_will_have(work: Path) -> None:
    edit(work)
    planned = (await tool(work, "commit").preview({"paths": ["docs"]}, ())).changes
    pushed = (await tool(work, "push").preview({}, planned)).changes[0]
    _, receipt = await do(tool(work, "commit"), {"paths": ["docs"]})
    assert isinstance(receipt.result, dict)
    assert pushed.after == {"commit": receipt.result["commit"]}


# --- reads ------------------------------------------------------------------------------------------------------------


async def test_status_log_branches_and_diff_tell_what_is_there(work: Path) -> None:
    commit(work, "Third", README="three\n")
    git(work, "tag", "v1")
    edit(work)
    git(work, "add", "README.md")
    status = await read(work, "status")
    assert (status["branch"], status["ahead"], status["behind"], status["clean"]) == ("main", 1, 0, False)
    assert [(each["path"], each["change"]) for each in status["changed"]] == [
        ("README.md", "changed"),
        ("docs/a.md", "changed"),
        ("docs/b.md", "deleted"),
    ]
    assert status["untracked"] == ["docs/new.md"]
    log = await read(work, "log", limit=2)
    assert [each["subject"] for each in log["commits"]] == ["Third", "Second"]
    listed = await read(work, "branches")
    assert (listed["current"], [each["name"] for each in listed["tags"]]) == ("main", ["v1"])
    assert "+changed" in (await read(work, "diff", path="docs/a.md"))["patch"]
    assert "elsewhere" not in (await read(work, "diff", path="docs/a.md"))["patch"]


async def test_a_receipt_of_another_tool_is_refused(work: Path) -> None:
    for name in ("commit", "create_branch", "push", "clone"):
        with pytest.raises(Permanent, match="not one of this tool"):
            await tool(work, name).undo(Receipt({}, {}, {"something": "else"}))


async def test_a_foretold_version_that_is_none_is_refused(work: Path) -> None:
    edit(work)
    foretold: Sequence[Change] = (await tool(work, "commit").preview({}, ())).changes
    with pytest.raises(Permanent, match="preview it again"):
        await tool(work, "commit").apply({}, KEY, [replace(each, version=None) for each in foretold])
