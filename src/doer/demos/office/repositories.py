"""Looks at git repositories by git itself, and at nothing of doer's: their refs, commits and files, as places and records."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from doer.demos.office.seeing import Record


def git(place: Path, *arguments: str) -> str:
    """Run git without anybody's settings and return what it printed. Raises RuntimeError when it fails."""
    environment = {
        "PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_AUTHOR_NAME": "Jo Park", "GIT_AUTHOR_EMAIL": "jo@acme.example", "GIT_COMMITTER_NAME": "Jo Park",
        "GIT_COMMITTER_EMAIL": "jo@acme.example", "GIT_AUTHOR_DATE": "2026-11-02T09:00:00+0100",
        "GIT_COMMITTER_DATE": "2026-11-02T09:00:00+0100", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C",
    }  # fmt: skip
    ran = subprocess.run(["git", *arguments], cwd=place, env=environment, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise RuntimeError(f"git {' '.join(arguments)} in {place}: {ran.stderr}")
    return ran.stdout.strip("\n")


def bare(name: str, place: Path, known: dict[str, Record] | None = None) -> Iterator[tuple[str, Record]]:
    """The branches and tags of a repository, each with its commits and files.

    `known` keeps what was read of a commit, for the same commit elsewhere: its id says all that is in it.
    """
    commits = {} if known is None else known
    listed = git(place, "for-each-ref", "--format=%(refname) %(objectname) %(*objectname)", "refs/heads", "refs/tags")
    for line in listed.splitlines():
        ref, commit, *peeled = line.split()
        commit = peeled[0] if peeled else commit
        if commit not in commits:
            commits[commit] = _commit(place, commit)
        yield f"{name}/{ref.removeprefix('refs/')}", dict(commits[commit])


def clone(name: str, place: Path, known: dict[str, Record] | None = None) -> Iterator[tuple[str, Record]]:
    """A clone: its refs, the branch it is on, and what is not committed; nothing where there is none."""
    if not (place / ".git").exists():
        return
    yield from bare(name, place, known)
    head = git(place, "symbolic-ref", "-q", "HEAD").removeprefix("refs/heads/")
    status = git(place, "status", "--porcelain", "--untracked-files=all").splitlines()
    yield f"{name}/state", {"branch": head, "uncommitted": sorted(line[3:] for line in status)}


def _commit(place: Path, commit: str) -> Record:
    author, message, changed = git(place, "log", "-1", "--name-only", "--format=%an <%ae>%x00%B%x00", commit).split(
        "\0"
    )
    tree = git(place, "ls-tree", "-r", "--format=%(path)%x09%(objectname)", commit).splitlines()
    return {
        "commits": int(git(place, "rev-list", "--count", commit)),
        "message": message.strip(),
        "author": author,
        "changed": sorted(changed.split()),
        "files": {line.partition("\t")[0]: line.partition("\t")[2][:12] for line in tree},
    }
