"""A git repository: status, log, branches and differences; clone, commit, branch, tag and push, each taken back by exact ref."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from doer.connectors.tools.git import manifests, reads
from doer.connectors.tools.git.cloning import Clone
from doer.connectors.tools.git.committing import Commit
from doer.connectors.tools.git.deed import GitTool, Link, Reading
from doer.connectors.tools.git.names import check_address, check_remote
from doer.connectors.tools.git.pointing import Point
from doer.connectors.tools.git.program import Program
from doer.connectors.tools.git.pushing import Push
from doer.connectors.tools.git.repository import parse_person
from doer.domain.errors import Permanent, UsageError
from doer.domain.ports import Credential, Tool

__all__ = ["git_tools"]

_RUNS_OF_ONE_VERB = 4


def git_tools(  # noqa: PLR0913 - a connection's settings, all by name
    name: str,
    repository: Path,
    *,
    url: str | None = None,
    remote: str = "origin",
    author: str | None = None,
    push: Sequence[str] = (),
    username: str | None = None,
    password: Credential | None = None,
    timeout: float = 60.0,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Sequence[Tool]:
    """Return the tools of one git connection; nothing is asked of git or the remote yet.

    `repository` is the folder at the top of the work tree; it need not be there before `clone`. `url` is the remote's
    address (https, http, ssh, file, or a path), else that of `remote` in the repository's settings. `author` is
    `Name <mail>`, else git's user. `push` are patterns of the branches that may be pushed (`main`, `feature/*`), and of
    tags (`tags/v*`); `*` is any text, also with `/`. `password` (a token) goes to http and https addresses only.
    `timeout` in seconds for each run of git. Raises UsageError for settings that cannot be used.
    """
    try:
        if url is not None:
            check_address(url)
        if author is not None:
            parse_person(author)
        check_remote(remote)
    except Permanent as wrong:
        raise UsageError(f"connection {name}: {wrong}") from wrong
    link = Link(name, repository, Program(timeout), url, remote, author, tuple(push), username, password, now)
    most = timeout * _RUNS_OF_ONE_VERB
    return (
        GitTool(manifests.status(name, most), Reading(link, reads.status)),
        GitTool(manifests.log(name, most), Reading(link, reads.log)),
        GitTool(manifests.branches(name, most), Reading(link, reads.branches)),
        GitTool(manifests.diff(name, most), Reading(link, reads.diff)),
        GitTool(manifests.clone(name, most), Clone(link)),
        GitTool(manifests.commit(name, most), Commit(link)),
        GitTool(manifests.create_branch(name, most), Point(link, "branch")),
        GitTool(manifests.tag(name, most), Point(link, "tag")),
        GitTool(manifests.push_branch(name, most), Push(link)),
        GitTool(manifests.push_tag(name, most), Push(link)),
    )
