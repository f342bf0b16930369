"""Reading a repository: what changed, the latest commits, the branches and tags, and one path's difference."""

from __future__ import annotations

from collections.abc import Mapping

from doer.connectors.tools.git.bench import Bench
from doer.connectors.tools.git.deed import Link
from doer.connectors.tools.git.names import path_of, ref_name
from doer.connectors.tools.git.repository import Repository
from doer.connectors.tools.git.tree import empty_tree
from doer.domain.errors import Permanent
from doer.domain.value import Json, JsonObject

_MOST_FILES = 1000
_MOST_TEXT = 200_000
_WORDS = {"A": "added", "D": "deleted", "M": "changed", "R": "renamed", "C": "copied", "T": "changed in kind"}


def status(link: Link, _: JsonObject) -> Json:
    """Return the branch, how far it is from the remote's as last seen, and each file that differs."""
    repository = link.open()
    head = repository.head()
    with repository.bench(scratch=True) as bench:
        changed, untracked = _differing(repository, bench)
        ahead, behind = _distance(link, repository, bench, head)
    listed: list[Json] = [{"path": path, "change": what} for path, what in sorted(changed.items())[:_MOST_FILES]]
    return {
        "branch": (head or "").removeprefix("refs/heads/") or None,
        "commit": repository.target("HEAD"),
        "changed": listed,
        "untracked": [*sorted(untracked)[:_MOST_FILES]],
        "clean": not changed and not untracked,
        "ahead": ahead,
        "behind": behind,
    }


def _differing(repository: Repository, bench: Bench) -> tuple[dict[str, str], list[str]]:
    """Return files that git knows and that differ from the last commit, staged or not, and those it does not know."""
    copy = bench.place / "looked-at"
    if repository.index.is_file():
        copy.write_bytes(repository.index.read_bytes())
        bench.git("update-index", "-q", "--unmerged", "--refresh", index=copy, accept=(0, 1))
    changed: dict[str, str] = {}
    commit = repository.target("HEAD")
    plain = ("--no-ext-diff", "--no-textconv", "--no-renames", "--ignore-submodules", "--name-status", "-z")
    told = bench.git("diff-files", *plain, index=copy).text
    base = commit or empty_tree(bench)
    staged = bench.git("diff-index", "--cached", *plain, base, index=copy).text
    for text in (told, staged):
        parts = text.split("\0")
        for letter, path in zip(parts[0::2], parts[1::2], strict=False):
            changed.setdefault(_shown(path), "in conflict" if letter == "U" else _WORDS.get(letter, "changed"))
    new = bench.git("ls-files", "-z", "--others", "--exclude-standard", index=copy).text.split("\0")
    return changed, [_shown(path) for path in new if path]


def _distance(link: Link, repository: Repository, bench: Bench, head: str | None) -> tuple[int | None, int | None]:
    there = f"refs/remotes/{link.remote}/{(head or '').removeprefix('refs/heads/')}"
    ours, theirs = repository.target(head) if head else None, repository.target(there)
    if ours is None or theirs is None:
        return None, None
    left, _, right = bench.git("rev-list", "--count", "--left-right", f"{ours}...{theirs}").text.partition("\t")
    return int(left), int(right)


def log(link: Link, arguments: JsonObject) -> Json:
    """Return the latest commits of a branch, newest first."""
    repository = link.open()
    limit = arguments.get("limit", 20)
    if not isinstance(limit, int) or not 1 <= limit <= 1000:
        raise Permanent(f"limit is {limit!r:.20}: expected 1 to 1000")
    start = repository.commit_at(ref_name(arguments, "branch")) if "branch" in arguments else repository.target("HEAD")
    if start is None:
        return {"commits": [], "count": 0}
    shape = "%H%x00%an%x00%ae%x00%cI%x00%s"
    with repository.bench(scratch=True) as bench:
        told = bench.git("log", "--no-show-signature", f"--format={shape}", f"-n{limit}", start, "--")
    names = ("commit", "author", "email", "date", "subject")
    commits: list[Json] = [dict(zip(names, _shown(line).split("\0"), strict=False)) for line in told.lines]
    return {"commits": commits, "count": len(commits)}


def branches(link: Link, _: JsonObject) -> Json:
    """Return branches and tags with what they point to, and which branch is in use."""
    repository = link.open()
    found = repository.all_refs("refs/heads/", "refs/remotes/", "refs/tags/")
    return {
        "current": (repository.head() or "").removeprefix("refs/heads/") or None,
        "branches": _listed(found, "refs/heads/"),
        "remote_branches": _listed(found, "refs/remotes/"),
        "tags": _listed(found, "refs/tags/"),
    }


def _listed(found: Mapping[str, str], folder: str) -> list[Json]:
    return [
        {"name": name.removeprefix(folder), "commit": target}
        for name, target in found.items()
        if name.startswith(folder)
    ]


def diff(link: Link, arguments: JsonObject) -> Json:
    """Return the difference between files on disk and the last commit, as a patch of at most 200,000 characters."""
    repository = link.open()
    paths = (path_of(arguments, "path"),) if "path" in arguments else (".",)
    with repository.bench(scratch=True) as bench:
        base = repository.target("HEAD") or empty_tree(bench)
        copy = bench.place / "looked-at"
        bench.git("read-tree", base, index=copy)
        bench.git("add", "-A", "-N", "--", *paths, index=copy)
        told = bench.git("diff", "--no-ext-diff", "--no-textconv", "--no-color", base, "--", *paths, index=copy).text
    return {"patch": _shown(told[:_MOST_TEXT]), "complete": len(told) <= _MOST_TEXT}


def _shown(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
