"""Plain sentences reach the git tools, and what they do to a real remote is taken back by one undo."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.connectors.git_case import NOW, SAM, edit
from tests.connectors.git_server import TOKEN, USER, Host, commit, git, refs, work_tree

from doer import ApprovalRequest, Doer
from doer.connectors.tools.git import git_tools
from doer.domain.plan import Plan
from doer.domain.template import Literal


@pytest.fixture
def work(work: Path) -> Path:
    git(work, "branch", "feature/login")
    edit(work)
    return work


def doer_on(work: Path) -> Doer:
    tools = git_tools(
        "code", work, author=SAM, push=("*",), username=USER, password=lambda: TOKEN, timeout=20, now=lambda: NOW
    )
    return Doer(tools=tools)


@pytest.mark.parametrize(
    ("sentence", "steps"),
    [
        ("commit everything in docs and push", [("commit", {"paths": ["docs"]}), ("push", {})]),
        ("commit README.md with message 'Fix typo'", [("commit", {"paths": ["README.md"], "message": "Fix typo"})]),
        (
            "commit README.md and docs/a.md with message 'Two files'",
            [("commit", {"paths": ["README.md", "docs/a.md"], "message": "Two files"})],
        ),
        ("commit all changes", [("commit", {})]),
        ("create a branch feature/search", [("create_branch", {"branch": "feature/search"})]),
        ("push main", [("push", {"branch": "main"})]),
        ("push the branch feature/login", [("push", {"branch": "feature/login"})]),
        ("what changed in the repository?", [("status", {})]),
        ("what changed in docs/a.md?", [("diff", {"path": "docs/a.md"})]),
        ("show the last 5 commits", [("log", {"limit": 5})]),
        ("list the branches", [("branches", {})]),
    ],
)
async def test_a_plain_sentence_reaches_the_tool(
    work: Path, sentence: str, steps: list[tuple[str, dict[str, object]]]
) -> None:
    commit(work, "Third", other="3")
    plan = await doer_on(work).plan(sentence)
    assert isinstance(plan, Plan), plan
    seen = [(step.tool.removeprefix("code."), step.arguments) for step in plan.steps]
    assert [name for name, _ in seen] == [name for name, _ in steps]
    for (_, arguments), (_, wished) in zip(seen, steps, strict=True):
        assert {name: each.value for name, each in arguments.items() if isinstance(each, Literal)} == wished


async def test_a_commit_and_its_push_are_done_verified_and_taken_back(work: Path, host: Host) -> None:
    before, remote = work_tree(work), refs(host.bare)
    app = doer_on(work)
    asked: list[ApprovalRequest] = []

    def agree(request: ApprovalRequest) -> bool:
        asked.append(request)
        return True

    run = await app.do("commit everything in docs and push", approve=agree)
    assert len(asked) == 1
    assert run.status == "done"
    assert [step.state for step in run.steps] == ["verified", "verified"]
    assert refs(host.bare)["refs/heads/main"] == git(work, "rev-parse", "main") != remote["refs/heads/main"]
    undone = await app.undo(run.id, approve=lambda _: True)
    assert undone.status == "undone"
    assert (work_tree(work), refs(host.bare)) == (before, remote)
