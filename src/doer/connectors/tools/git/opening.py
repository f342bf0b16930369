"""Opening a repository: where its parts are and what its settings say of content, without a process where it is a plain one.

Each verb opens it anew. A plain one is a folder of ours with a `.git` folder of ours in it, whose settings name nothing
that would make it another kind; what these say is asked of git once for the same bytes. All else git is asked itself:
who owns it, linked work trees, other formats (git-rev-parse(1), gitrepository-layout(5)).
"""

from __future__ import annotations

import os
import re
import stat
from functools import lru_cache
from pathlib import Path

from doer.connectors.tools.git import refs as ref_files
from doer.connectors.tools.git.program import Program, environment
from doer.connectors.tools.git.repository import Repository
from doer.domain.errors import Permanent, ToolError

_MANNERS = (
    "autocrlf",
    "eol",
    "safecrlf",
    "filemode",
    "symlinks",
    "ignorecase",
    "precomposeunicode",
    "bigfilethreshold",
)
"""Settings `core.*` that decide how content is stored, and run nothing."""

_ASKED = rf"^(core\.({'|'.join(_MANNERS)}|sparsecheckout)|extensions\.partialclone|remote\..*\.promisor)$"
_KIND = r"^(core\.(repositoryformatversion|bare|worktree)|extensions\..*)$"
_PLAIN = {"core.repositoryformatversion\n0", "core.bare\nfalse"}
_MORE = re.compile(rb"include|worktreeconfig", re.IGNORECASE)
"""In settings that are not all in that file."""


def open_repository(program: Program, place: Path, user: int | None = None) -> Repository:
    """Open the repository at `place`; what does not belong to `user` (default: who runs this) git is asked about itself.

    Raises Permanent when it is none, is bare, belongs to somebody else, or its top is somewhere else.
    """
    if not place.is_dir():
        raise Permanent(f"{place} is not there: clone it first, or name another folder")
    program.check()
    written = _written(place / ".git" / "config")
    if written is not None and _is_plain(program, place, written, os.geteuid() if user is None else user):
        form, directory, top = "sha1", place.resolve() / ".git", place.resolve()
        common = directory
    else:
        form, directory, common, top = _asked(program, place)
        written = _written(common / "config")
    if top.resolve() != place.resolve():
        raise Permanent(f"{place} is not the top of a repository, {top} is: name that one in the connection")
    if (common / "reftable").exists():
        raise Permanent(f"{place} keeps its refs as a reftable, which is not handled: use a clone with files")
    told = _manners(program, place, directory, written)
    plain = tuple((each, value) for each, value in told if each != "core.sparsecheckout")
    sparse = ("core.sparsecheckout", "true") in told
    return Repository(program, place.resolve(), directory, common, form, plain, sparse)


def _asked(program: Program, place: Path) -> tuple[str, Path, Path, Path]:
    asked = (
        "--show-object-format",
        "--absolute-git-dir",
        "--path-format=absolute",
        "--git-common-dir",
        "--show-toplevel",
    )
    form, directory, common, top = program.run("rev-parse", *asked, cwd=place, environment=environment()).lines
    return form, Path(directory), Path(common), Path(top)


def _is_plain(program: Program, place: Path, written: bytes, user: int) -> bool:
    """Whether git would find just this: the folder and its parts are there, and ours, as safe.directory wants it."""
    home = place / ".git"
    try:
        parts = [place.stat(), home.lstat(), (home / "objects").lstat(), (home / "refs").lstat()]
        ours = all(stat.S_ISDIR(each.st_mode) and each.st_uid == user for each in parts)
        if not ours or (home / "commondir").exists() or _MORE.search(written):
            return False
        ref_files.branch_of(home)
        told = {each for each in _settings(written, _KIND, program.timeout).split("\0") if each}
    except (OSError, ref_files.Odd, ToolError):
        return False
    return "core.repositoryformatversion\n0" in told and told <= _PLAIN


def _written(config: Path) -> bytes | None:
    try:
        return config.read_bytes()
    except OSError:
        return None


def _manners(program: Program, place: Path, directory: Path, written: bytes | None) -> tuple[tuple[str, str], ...]:
    """Return the repository's own settings that decide content. Raises Permanent for a partial clone."""
    if written is None or _MORE.search(written):
        where = environment({"GIT_DIR": str(directory)})
        asked = ("config", "-z", "--includes", "--get-regexp", _ASKED)
        told = program.run(*asked, cwd=place, environment=where, accept=(0, 1)).text
    else:
        told = _settings(written, _ASKED, program.timeout)
    pairs = [(name.lower(), value) for name, _, value in (each.partition("\n") for each in told.split("\0") if each)]
    if any(not name.startswith("core.") for name, _ in pairs):
        raise Permanent("a partial clone is not handled, since reading it asks its remote: make a full clone")
    return tuple((name, value) for name, value in pairs if re.fullmatch(r"\w+", value))


@lru_cache(maxsize=32)
def _settings(written: bytes, asked: str, timeout: float) -> str:
    """Return what a file of settings says: each verb asks, and the file hardly ever changes."""
    words = ("config", "-z", "--file", "-", "--get-regexp", asked)
    return Program(timeout).run(*words, cwd=Path("/"), environment=environment(), stdin=written, accept=(0, 1)).text
