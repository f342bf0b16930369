"""A repository on this machine: where its parts are, what its refs say, who commits there, and whether work can begin."""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from doer.connectors.tools.git import refs as ref_files
from doer.connectors.tools.git.bench import Bench, bench_for
from doer.connectors.tools.git.program import Program, Ran, asking_for_settings, environment
from doer.domain.errors import Permanent

_AT_WORK = {
    "MERGE_HEAD": "a merge",
    "CHERRY_PICK_HEAD": "a cherry-pick",
    "REVERT_HEAD": "a revert",
    "rebase-merge": "a rebase",
    "rebase-apply": "a rebase",
    "BISECT_LOG": "a bisection",
}


@dataclass(frozen=True, slots=True)
class Person:
    """Who authors and commits."""

    name: str
    email: str

    def __str__(self) -> str:
        """As git shows it: Ada Lovelace <ada@acme.example>."""
        return f"{self.name} <{self.email}>"


@dataclass(frozen=True, slots=True)
class Repository:
    """One repository with a work tree, opened for one verb."""

    program: Program
    top: Path
    directory: Path
    """The git directory of this work tree: HEAD, the index."""
    common: Path
    """The git directory that linked work trees share: objects, refs, configuration."""
    form: str
    """Hash of object names: sha1 or sha256."""
    manners: tuple[tuple[str, str], ...] = ()
    sparse: bool = False
    """Whether only a part of the files is checked out."""

    @property
    def index(self) -> Path:
        """The index that the person uses."""
        return self.directory / "index"

    def bench(self, *, scratch: bool) -> AbstractContextManager[Bench]:
        """Give a bench on it; `scratch`: new objects are thrown away, and nothing of the repository is written."""
        return bench_for(self.program, self.top, self.common, form=self.form, manners=self.manners, scratch=scratch)

    def refs(self, *arguments: str, person: Person | None = None, accept: Sequence[int] = (0,)) -> Ran:
        """Run one of git's commands that read or move refs and touch no content, in the repository itself."""
        who = person or Person("doer", "doer@localhost")
        named = {"GIT_COMMITTER_NAME": who.name, "GIT_COMMITTER_EMAIL": who.email}
        where = {"GIT_DIR": str(self.directory), "GIT_WORK_TREE": str(self.top), **named}
        return self.program.run(*arguments, cwd=self.top, environment=environment(where), accept=accept)

    # --- what the refs say

    def head(self) -> str | None:
        """Return the full name of the branch that HEAD is on, also where it has no commit yet; None: detached."""
        with suppress(ref_files.Odd):
            return ref_files.branch_of(self.directory)
        told = self.refs("symbolic-ref", "-q", "HEAD", accept=(0, 1))
        return told.text if told.code == 0 else None

    def current(self) -> str:
        """Return the full name of the branch that HEAD is on. Raises Permanent when it is on none."""
        if (head := self.head()) is None or not head.startswith("refs/heads/"):
            raise Permanent("HEAD is on no branch (detached): switch to a branch first, with git switch BRANCH")
        return head

    def target(self, ref: str) -> str | None:
        """Return the object that a ref points to, or None where there is no such ref; HEAD is the commit in use."""
        with suppress(ref_files.Odd):
            known = ref if ref != "HEAD" else ref_files.branch_of(self.directory) or ""
            return ref_files.target(self.common, known)
        told = self.refs("rev-parse", "--verify", "-q", "--end-of-options", ref, accept=(0, 1, 128))
        return told.lines[-1] if told.code == 0 and told.lines else None

    def commit_at(self, said: str) -> str:
        """Return the commit that a branch, a tag or a commit's id names. Raises Permanent when nothing is called so."""
        if not re.fullmatch(r"[\w./-]{1,200}", said) or said.startswith("-"):
            raise Permanent(f"{said!r:.80} names no branch, tag or commit")
        for folder in ref_files.SHARED:
            if self.target(f"{folder}{said}") and (found := self.target(f"{folder}{said}^{{commit}}")) is not None:
                return found
        if (found := self.target(f"{said}^{{commit}}")) is not None:
            return found
        raise Permanent(f"{said!r:.80} names no branch, tag or commit of this repository")

    def all_refs(self, *prefixes: str) -> dict[str, str]:
        """Return every ref, or those below the prefixes, with the object that it points to."""
        with suppress(ref_files.Odd):
            if prefixes and all(each in ref_files.SHARED for each in prefixes):
                found = [ref_files.below(self.common, each) for each in prefixes]
                return {name: known for each in found for name, known in each.items()}
        told = self.refs("for-each-ref", "--format=%(objectname) %(refname)", "--", *prefixes)
        return {name: target for target, _, name in (line.partition(" ") for line in told.lines)}

    def notes(self, ref: str) -> list[str]:
        """Return what was noted at each move of a ref, newest first: its reflog, as git-reflog(1) keeps it."""
        # git itself shows the reflogs of commits only, not those of annotated tags; a line ends in a tab and the note.
        place = self.common / "logs" / ref
        if place.is_symlink() or not place.is_file():
            return []
        return [line.partition("\t")[2] for line in reversed(place.read_text("utf-8", "replace").splitlines())]

    def move(self, ref: str, new: str | None, old: str | None, note: str, person: Person | None = None) -> None:
        """Move a ref in one step with the comparison, noting why (git-update-ref(1)); None: it is not there.

        Raises Permanent when it is not at `old` any more, and then nothing was moved.
        """
        nothing = "0" * (64 if self.form == "sha256" else 40)
        if new is None:
            self.refs("update-ref", "-m", note, "-d", ref, old or "", person=person)
        else:
            self.refs("update-ref", "--create-reflog", "-m", note, ref, new, old or nothing, person=person)

    # --- whether work can begin

    def quiet(self) -> None:
        """Raise Permanent when a merge or the like is going on, or when the index is of a kind that is not handled."""
        for name, what in _AT_WORK.items():
            if (self.directory / name).exists():
                raise Permanent(f"{what} is going on in {self.top.name}: finish or abort it first")
        if self.index.is_symlink():
            raise Permanent("the index of the repository is a link; links are not followed")
        if any(self.directory.glob("sharedindex.*")):
            raise Permanent("a split index is not handled: git update-index --no-split-index first")
        if self.sparse:
            raise Permanent("a sparse checkout is not handled: commit by hand, or git sparse-checkout disable")

    def person(self, author: str | None) -> Person:
        """Return who commits: the connection's author, else git's user. Raises Permanent when nobody is named."""
        if author is not None:
            return parse_person(author)
        name, email = self.setting("user.name"), self.setting("user.email")
        if not name or not email:
            raise Permanent(
                'nobody is named as author: set author = "Name <mail>" in the connection, or git config user.name and '
                "user.email"
            )
        return parse_person(f"{name} <{email}>")

    def setting(self, name: str) -> str | None:
        """Return one setting as the person's own git would see it; nothing is run by reading it."""
        where = {**asking_for_settings(), "GIT_DIR": str(self.directory)}
        told = self.program.run("config", "--get", name, cwd=self.top, environment=where, accept=(0, 1))
        return told.text if told.code == 0 else None

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the repository against other doers; people's own git is kept apart by git's locks."""
        place = records_folder(self.common) / "lock"
        try:  # never through a link: the repository may have brought one
            lock = os.open(place, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        except OSError as refused:
            raise Permanent(f"{place} cannot be opened: {refused.strerror}; nothing was changed") from refused
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)


def records_folder(common: Path) -> Path:
    """Return the folder in a git directory where doer keeps what it needs to tell its own work; made if needed."""
    kept = common / "doer"
    if kept.is_symlink():
        raise Permanent(f"{kept} is a link; links are not followed")
    try:
        kept.mkdir(exist_ok=True)
    except OSError as refused:
        raise Permanent(f"{kept} cannot be written: {refused.strerror}; nothing was changed") from refused
    return kept


def parse_person(text: str) -> Person:
    """Read `Name <mail>`. Raises Permanent for what git would not store as it stands."""
    found = re.fullmatch(r"\s*([^<>\n\0]*[^<>\n\0\s])\s*<([^<>\s\0]+)>\s*", text)
    if found is None:
        raise Permanent(f"{text!r:.80} is no author: write it as Name <mail@example.com>")
    return Person(found[1], found[2])
