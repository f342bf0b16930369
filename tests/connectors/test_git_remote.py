"""Pushing and cloning with real git over HTTP: what is moved, refused, lost and found, and where the token never is."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.connectors.git_case import KEY, contents, do, script, tool
from tests.connectors.git_server import (
    ENVIRONMENT,
    TOKEN,
    USER,
    Host,
    clone_of,
    commit,
    git,
    refs,
)

from doer.connectors.tools.git import git_tools
from doer.domain.action import Intent, Receipt
from doer.domain.errors import CredentialRefused, OutcomeUnknown, Permanent, Transient, UsageError
from doer.domain.outcome import Absent, Conflict, Refuted, Undone, Unknown, Verified
from doer.domain.ports import Tool
from doer.domain.value import JsonObject, Key

# --- push -------------------------------------------------------------------------------------------------------------


async def test_a_push_names_its_echoes_and_its_commits(work: Path) -> None:
    commit(work, "Third", README="3")
    preview = await tool(work, "push").preview({"branch": "main"}, ())
    assert preview.changes[0].echoes == ("others can fetch it from origin", "automation of origin may start")
    assert "Third" in preview.note
    assert "keeps it" in preview.note


async def test_after_the_undo_of_a_push_the_clone_knows_that_the_remote_is_back(work: Path) -> None:
    before = refs(work)
    commit(work, "Third", README="3")
    pushing = tool(work, "push")
    _, receipt = await do(pushing, {})
    assert refs(work)["refs/remotes/origin/main"] == git(work, "rev-parse", "main")
    await pushing.undo(receipt)
    assert refs(work)["refs/remotes/origin/main"] == before["refs/remotes/origin/main"]


async def test_only_branches_that_the_connection_allows_are_pushed(work: Path, host: Host) -> None:
    commit(work, "Third", README="3")
    git(work, "tag", "v1")
    before = refs(host.bare)
    for settings, name, arguments in (
        ({"push": ()}, "push", {}),
        ({"push": ("feature/*",)}, "push", {"branch": "main"}),
        ({"push": ("*in",)}, "push_tag", {"tag": "v1"}),
    ):
        with pytest.raises(Permanent, match="may not push"):
            await tool(work, name, **settings).preview(arguments, ())
    assert refs(host.bare) == before


async def test_diverged_histories_are_never_overwritten(work: Path, host: Host, tmp_path: Path) -> None:
    other = clone_of(host.bare, tmp_path / "other")
    theirs = commit(other, "Theirs", README="theirs")
    git(other, "push", "-q", "origin", "main")
    commit(work, "Ours", README="ours")
    with pytest.raises(Permanent, match="diverged"):
        await tool(work, "push").preview({}, ())
    assert refs(host.bare)["refs/heads/main"] == theirs
    git(work, "reset", "-q", "--hard", "HEAD~1")
    with pytest.raises(Permanent, match="ahead"):
        await tool(work, "push").preview({}, ())


async def test_a_push_that_comes_second_moves_nothing(work: Path, host: Host, tmp_path: Path) -> None:
    commit(work, "Ours", README="ours")
    pushing = tool(work, "push")
    foretold = (await pushing.preview({}, ())).changes
    other = clone_of(host.bare, tmp_path / "other")
    theirs = commit(other, "Theirs", README="theirs")
    git(other, "push", "-q", "origin", "main")
    with pytest.raises(Permanent, match="moved since"):
        await pushing.apply({}, KEY, foretold)
    assert refs(host.bare)["refs/heads/main"] == theirs


async def test_a_push_that_somebody_built_on_is_verified_and_not_taken_back(
    work: Path, host: Host, tmp_path: Path
) -> None:
    commit(work, "Ours", README="ours")
    pushing = tool(work, "push")
    intent, receipt = await do(pushing, {})
    other = clone_of(host.bare, tmp_path / "other")
    theirs = commit(other, "Theirs", README="theirs")
    git(other, "push", "-q", "origin", "main")
    assert isinstance(await pushing.verify(intent, receipt), Verified)
    assert isinstance(await pushing.undo(receipt), Conflict)
    assert refs(host.bare)["refs/heads/main"] == theirs


async def test_a_remote_that_refuses_says_why_and_nothing_is_left(work: Path, host: Host) -> None:
    hook = host.bare / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho main is protected >&2\nexit 1\n")
    hook.chmod(0o755)
    commit(work, "Ours", README="ours")
    before = refs(host.bare)
    with pytest.raises(Permanent, match="main is protected"):
        await do(tool(work, "push"), {})
    assert refs(host.bare) == before
    assert list((work / ".git" / "doer").glob("push-*")) == []


async def test_a_remote_that_forbids_moving_back_is_a_conflict(work: Path, host: Host) -> None:
    git(host.bare, "config", "receive.denyNonFastForwards", "true")
    commit(work, "Ours", README="ours")
    pushing = tool(work, "push")
    _, receipt = await do(pushing, {})
    after = refs(host.bare)
    assert isinstance(reversal := await pushing.undo(receipt), Conflict)
    assert "non-fast-forward" in reversal.reason
    assert refs(host.bare) == after


async def test_a_push_whose_answer_was_lost_is_found_and_one_that_hung_is_tried_again(work: Path, host: Host) -> None:
    commit(work, "Ours", README="ours")
    pushing, hasty = tool(work, "push"), tool(work, "push", timeout=4)
    foretold = (await pushing.preview({}, ())).changes
    host.fault = "hang"
    with pytest.raises(OutcomeUnknown, match="within 4 s"):
        await hasty.apply({}, KEY, foretold)
    assert isinstance(await pushing.verify(Intent({}, KEY, foretold)), Absent)
    host.fault = "cut"
    with pytest.raises(OutcomeUnknown):
        await pushing.apply({}, KEY, foretold)
    assert isinstance(await pushing.verify(Intent({}, KEY, foretold)), Verified)
    await pushing.apply({}, KEY, foretold)
    assert refs(host.bare)["refs/heads/main"] == git(work, "rev-parse", "main")


async def test_a_push_that_left_a_copy_elsewhere_is_refuted(work: Path, host: Host) -> None:
    commit(work, "Ours", README="ours")
    host.fault = "double"
    pushing = tool(work, "push")
    intent, receipt = await do(pushing, {})
    assert isinstance(found := await pushing.verify(intent, receipt), Refuted)
    assert "refs/heads/elsewhere" in found.reason


@pytest.mark.parametrize("fault", ["stale", "drop"])
async def test_a_push_that_was_accepted_and_is_not_shown_is_neither_there_nor_taken_back(
    work: Path, host: Host, fault: str
) -> None:
    commit(work, "Ours", README="ours")
    pushing = tool(work, "push")
    host.fault = fault
    intent, receipt = await do(pushing, {})
    assert isinstance(await pushing.verify(intent, receipt), Unknown)
    reversal = await pushing.undo(receipt)
    assert isinstance(reversal, Conflict), "a remote that shows an old ref may be showing what it was"
    assert "never showed it" in reversal.reason


async def test_a_push_that_is_shown_late_is_verified_and_taken_back(work: Path, host: Host) -> None:
    before = refs(host.bare)
    commit(work, "Ours", README="ours")
    pushing = tool(work, "push")
    host.fault = "stale"
    intent, receipt = await do(pushing, {})
    host.shown = None
    assert isinstance(found := await pushing.verify(intent, receipt), Verified)
    assert isinstance(await pushing.undo(found.receipt), Undone)
    assert refs(host.bare) == before


async def test_a_push_that_was_seen_and_that_somebody_moved_back_is_refuted(work: Path, host: Host) -> None:
    before = refs(host.bare)["refs/heads/main"]
    commit(work, "Ours", README="ours")
    pushing = tool(work, "push")
    intent, receipt = await do(pushing, {})
    assert isinstance(found := await pushing.verify(intent, receipt), Verified)
    git(host.bare, "update-ref", "refs/heads/main", before)
    assert isinstance(await pushing.verify(intent, found.receipt), Refuted)
    assert isinstance(await pushing.undo(found.receipt), Undone)


async def test_a_second_try_that_is_refused_does_not_say_that_the_first_did_nothing(work: Path, host: Host) -> None:
    commit(work, "Ours", README="ours")
    pushing = tool(work, "push")
    foretold = (await pushing.preview({}, ())).changes
    host.fault = "cut stale"
    with pytest.raises(OutcomeUnknown):
        await pushing.apply({}, KEY, foretold)
    with pytest.raises(OutcomeUnknown, match="asked for before"):
        await pushing.apply({}, KEY, foretold)
    assert refs(host.bare)["refs/heads/main"] == git(work, "rev-parse", "main")


async def test_a_push_over_file_works_too(host: Host, tmp_path: Path) -> None:
    place = clone_of(host.bare, tmp_path / "local")
    made = commit(place, "Ours", README="ours")
    _, receipt = await do(tool(place, "push", password=None), {})
    assert refs(host.bare)["refs/heads/main"] == made
    assert isinstance(await tool(place, "push", password=None).undo(receipt), Undone)


# --- credentials ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("settings", [{"password": lambda: "wrong-canary"}, {"password": None}])
async def test_a_refused_credential_is_said_and_not_shown(work: Path, settings: dict[str, Any]) -> None:
    commit(work, "Ours", README="ours")
    with pytest.raises(CredentialRefused) as refused:
        await tool(work, "push", **settings).preview({}, ())
    seen = repr(refused.value) + repr(refused.value.__cause__)
    assert "canary" not in seen
    assert base64.b64encode(f"{USER}:wrong-canary".encode()).decode() not in seen


async def test_the_token_is_in_no_argument_no_file_and_no_receipt(
    work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin").mkdir()
    script(tmp_path / "bin", f'printf "%s\\n" "$@" >> {tmp_path}/arguments\nexec /usr/bin/git "$@"')
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{ENVIRONMENT['PATH']}")
    commit(work, "Ours", README="ours")
    _, receipt = await do(tool(work, "push"), {})
    secrets = (TOKEN, base64.b64encode(f"{USER}:{TOKEN}".encode()).decode())
    kept = contents(work)
    assert (tmp_path / "arguments").read_text().count("push") > 0
    for secret in secrets:
        assert secret not in (tmp_path / "arguments").read_text()
        assert secret not in repr(receipt)
        assert not any(secret.encode() in each for each in kept)


@pytest.mark.parametrize(
    "url", ["ext::sh -c id", "ext::id", "https://sam:word@example.invalid/x", "--upload-pack=id", "fd::7", "ftp://x/y"]
)
def test_an_address_that_runs_a_program_or_holds_a_secret_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(UsageError):
        git_tools("code", tmp_path, url=url)


async def test_a_remote_that_is_not_reached_or_forbids_or_is_empty_is_told_apart(work: Path, host: Host) -> None:
    commit(work, "Ours", README="ours")
    with pytest.raises(Transient, match="nothing was sent"):
        await tool(work, "push", url="http://127.0.0.1:9/x.git").preview({}, ())
    with pytest.raises(Permanent, match="no repository at that address"):
        await tool(work, "push", url=f"file://{work}/nowhere").preview({}, ())
    host.fault = "busy"
    with pytest.raises(Transient):
        await tool(work, "push").preview({}, ())
    pushing = tool(work, "push")
    foretold = (await pushing.preview({}, ())).changes
    host.fault = "refuse"
    with pytest.raises(Permanent, match="may not do that"):
        await pushing.apply({}, KEY, foretold)


# --- clone ------------------------------------------------------------------------------------------------------------


async def test_a_clone_is_the_remote_s_and_holds_no_secret(host: Host, tmp_path: Path) -> None:
    place = tmp_path / "cloned"
    cloning = tool(place, "clone", url=host.url)
    _, receipt = await do(cloning, {})
    assert git(place, "rev-parse", "HEAD") == refs(host.bare)["refs/heads/main"]
    assert git(place, "status", "--porcelain") == ""
    assert git(place, "remote", "get-url", "origin") == host.url
    assert not any(TOKEN.encode() in each for each in contents(place))
    assert isinstance(await cloning.undo(receipt), Undone)
    assert not place.exists()


@pytest.mark.parametrize("work_done", ["ignored file", "commit", "branch", "setting", "hook", "reset", "stash"])
async def test_a_clone_in_which_somebody_worked_is_not_removed(host: Host, tmp_path: Path, work_done: str) -> None:
    place = tmp_path / "cloned"
    cloning = tool(place, "clone", url=host.url)
    _, receipt = await do(cloning, {})
    match work_done:
        case "ignored file":
            (place / ".git" / "info").mkdir(exist_ok=True)
            (place / ".git" / "info" / "exclude").write_text("*.log\n")
            (place / "x.log").write_text("x")
        case "commit":
            commit(place, "Mine", x="x")
        case "branch":
            git(place, "branch", "mine")
        case "setting":
            git(place, "config", "alias.x", "y")
        case "hook":
            (place / ".git" / "hooks").mkdir(exist_ok=True)
            (place / ".git" / "hooks" / "pre-commit").write_text("x")
        case "reset":
            commit(place, "Lost but in the reflog", x="x")
            git(place, "reset", "-q", "--hard", "HEAD~1")
        case _:
            (place / "README.md").write_text("mine")
            git(place, "stash", "-q")
    assert isinstance(await cloning.undo(receipt), Conflict)
    assert place.exists()


async def test_a_whole_piece_of_work_is_taken_back_to_nothing(host: Host, tmp_path: Path) -> None:
    place, before = tmp_path / "cloned", refs(host.bare)
    done: list[tuple[Tool, Receipt]] = []
    steps: Sequence[tuple[str, JsonObject]] = (
        ("clone", {}),
        ("create_branch", {"branch": "feature/x"}),
        ("commit", {"paths": ["docs"]}),
        ("tag", {"tag": "v1"}),
        ("push", {}),
        ("push_tag", {"tag": "v1"}),
    )
    for number, (name, arguments) in enumerate(steps):
        using = tool(place, name, url=host.url)
        if name == "commit":
            (place / "docs" / "a.md").write_text("new\n")
        intent, receipt = await do(using, arguments, Key(f"step-{number}"))
        assert isinstance(await using.verify(intent, receipt), Verified)
        done.append((using, receipt))
    assert refs(host.bare) != before
    for using, receipt in reversed(done[1:]):
        assert isinstance(await using.undo(receipt), Undone)
    git(place, "checkout", "-q", "--", "docs")
    assert isinstance(await done[0][0].undo(done[0][1]), Undone)
    assert (refs(host.bare), place.exists()) == (before, False)
